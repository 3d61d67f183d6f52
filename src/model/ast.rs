//! A syntax tree as one flat array: what extraction walks and what the database keeps.
//!
//! Nodes stand in preorder. All named nodes are kept, and those unnamed tokens (keywords, operators) that
//! the language's table asks for.

use rustc_hash::FxHashMap;

use super::Span;
use super::varint::{Reader, put, put_column, put_delta};

/// One node of an [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AstNode {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// Index one past the node's last descendant.
    pub next: u32,
    /// The grammar's own kind number.
    pub grammar_kind: u16,
    /// Index into the language's table of kinds plus one; 0 if it is not in the table.
    pub kind: u8,
    /// Index into the language's table of fields plus one; 0 if it has none of them.
    pub field: u8,
}

/// A flat syntax tree; node 0 is the root.
#[derive(Clone, Debug, Default)]
pub struct Ast {
    /// The nodes in preorder.
    pub nodes: Vec<AstNode>,
    /// For each node the grammar's own field number, 0 for none, or [`UNNAMED`](Self::UNNAMED).
    pub fields: Vec<u8>,
}

/// A named node of a syntax tree as it comes back from storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxNode {
    /// The grammar's own kind number.
    pub kind: u16,
    /// The grammar's own number of the field it fills in its parent; 0 for none.
    pub field: u8,
    /// Byte range.
    pub span: Span,
    /// Index of its parent among the named nodes; none for the root.
    pub parent: Option<u32>,
}

/// A node whose end is not known yet, while a tree is written or read.
struct Open {
    /// Its index among the named nodes.
    index: u32,
    /// Where its descendants end in the flat tree; not known while reading.
    next: u32,
    /// Where its last named child ended; its own start before the first.
    last_end: u32,
}

impl Ast {
    /// Stands in `fields` for a token that is not a named node.
    pub const UNNAMED: u8 = u8::MAX;

    /// Encodes the named nodes for storage, in preorder and column by column: kind and field as a number in a table
    /// of the file; how many levels to go up from the node before (0: its first child); bytes between where the last
    /// sibling ended, or the parent starts, and the start; length of a leaf, or bytes after the last child.
    pub fn encode(&self) -> Vec<u8> {
        let mut columns = AstColumns::default();
        let mut open: Vec<Open> = Vec::new();
        let mut before = 0;
        for (position, (node, &field)) in (0u32..).zip(self.nodes.iter().zip(&self.fields)) {
            if field == Self::UNNAMED {
                continue;
            }
            while open.last().is_some_and(|parent| parent.next <= position) {
                columns.close(&mut open, &self.nodes);
            }
            columns.enter(node, field, open.last().map_or(0, |parent| parent.last_end));
            put(&mut columns.levels, before - open.len() as u32);
            let index = columns.positions.len() as u32;
            columns.positions.push(position);
            open.push(Open { index, next: node.next, last_end: node.start });
            before = open.len() as u32;
        }
        while !open.is_empty() {
            columns.close(&mut open, &self.nodes);
        }
        columns.finish()
    }

    /// The root, if anything was parsed.
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.nodes.is_empty()).then_some(Node { ast: self, index: 0 })
    }

    /// The node at a position in preorder, which must be one of the tree's.
    pub fn node(&self, index: u32) -> Node<'_> {
        debug_assert!((index as usize) < self.nodes.len(), "an index into another tree");
        Node { ast: self, index }
    }
}

/// The columns of an encoded tree while it is written.
#[derive(Default)]
struct AstColumns {
    table: FxHashMap<(u16, u8), u32>,
    entries: Vec<u8>,
    kinds: Vec<u8>,
    levels: Vec<u8>,
    gaps: Vec<u8>,
    /// Position in the flat tree of each named node.
    positions: Vec<u32>,
    /// For each named node what the last column says; filled when it is closed.
    lengths: Vec<u32>,
}

impl AstColumns {
    fn enter(&mut self, node: &AstNode, field: u8, base: u32) {
        let next = self.table.len() as u32;
        let kind = *self.table.entry((node.grammar_kind, field)).or_insert_with(|| {
            put(&mut self.entries, u32::from(node.grammar_kind));
            self.entries.push(field);
            next
        });
        put(&mut self.kinds, kind);
        put_delta(&mut self.gaps, base, node.start);
        self.lengths.push(0);
    }

    fn close(&mut self, open: &mut Vec<Open>, nodes: &[AstNode]) {
        let Some(closed) = open.pop() else { return };
        let end = nodes[self.positions[closed.index as usize] as usize].end;
        self.lengths[closed.index as usize] = end.wrapping_sub(closed.last_end);
        if let Some(parent) = open.last_mut() {
            parent.last_end = end;
        }
    }

    fn finish(self) -> Vec<u8> {
        let mut lengths = Vec::with_capacity(self.lengths.len() + 16);
        self.lengths.iter().for_each(|&length| put_delta(&mut lengths, 0, length));
        let mut out = vec![AST_FORMAT];
        for column in [&self.entries, &self.kinds, &self.levels, &self.gaps, &lengths] {
            put_column(&mut out, column);
        }
        out
    }
}

const AST_FORMAT: u8 = 1;

/// Decodes what [`Ast::encode`] wrote; none if the bytes are not that.
pub fn decode_ast(bytes: &[u8]) -> Option<Vec<SyntaxNode>> {
    let (&format, rest) = bytes.split_first()?;
    let mut reader = Reader::new(rest);
    let mut columns = || reader.column();
    let (mut entries, mut kinds, mut levels, mut gaps, mut lengths) =
        (columns()?, columns()?, columns()?, columns()?, columns()?);
    let mut table = Vec::new();
    while !entries.is_empty() {
        table.push((u16::try_from(entries.get()?).ok()?, entries.byte()?));
    }
    let mut nodes: Vec<SyntaxNode> = Vec::with_capacity(kinds.len());
    let mut lengths_of = Vec::with_capacity(kinds.len());
    let mut open: Vec<Open> = Vec::new();
    while !kinds.is_empty() {
        for _ in 0..levels.get()? {
            close(&mut open, &mut nodes, &lengths_of)?;
        }
        let &(kind, field) = table.get(kinds.get()? as usize)?;
        let parent = open.last().map(|parent| parent.index);
        let start = gaps.get_delta(open.last().map_or(0, |parent| parent.last_end))?;
        lengths_of.push(lengths.get_delta(0)?);
        open.push(Open { index: nodes.len() as u32, next: 0, last_end: start });
        nodes.push(SyntaxNode { kind, field, span: Span::new(start, start), parent });
    }
    while !open.is_empty() {
        close(&mut open, &mut nodes, &lengths_of)?;
    }
    let is_whole = format == AST_FORMAT && reader.is_empty() && levels.is_empty() && lengths.is_empty();
    (is_whole && nodes.iter().all(|node| node.span.start <= node.span.end)).then_some(nodes)
}

fn close(open: &mut Vec<Open>, nodes: &mut [SyntaxNode], lengths: &[u32]) -> Option<()> {
    let closed = open.pop()?;
    let end = closed.last_end.wrapping_add(lengths[closed.index as usize]);
    nodes[closed.index as usize].span.end = end;
    if let Some(parent) = open.last_mut() {
        parent.last_end = end;
    }
    Some(())
}

/// A node together with its tree; cheap to copy.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    ast: &'a Ast,
    index: u32,
}

impl<'a> Node<'a> {
    fn data(self) -> &'a AstNode {
        &self.ast.nodes[self.index as usize]
    }

    /// Position in preorder, unique within the tree.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Position one past the node's last descendant.
    pub fn next(self) -> u32 {
        self.data().next
    }

    /// The node's number in its language's table of kinds, 0 for others.
    pub fn kind_number(self) -> u8 {
        self.data().kind
    }

    /// The number of the field it fills in its parent, 0 for none in the table.
    pub fn field_number(self) -> u8 {
        self.data().field
    }

    /// First byte.
    pub fn start(self) -> u32 {
        self.data().start
    }

    /// One past the last byte.
    pub fn end(self) -> u32 {
        self.data().end
    }

    /// Byte range.
    pub fn span(self) -> Span {
        Span::new(self.start(), self.end())
    }

    /// The children in source order.
    pub fn children(self) -> Children<'a> {
        Children { ast: self.ast, next: self.index + 1, end: self.data().next }
    }

    /// Whether it has no kept child.
    pub fn is_leaf(self) -> bool {
        self.data().next == self.index + 1
    }
}

/// Iterator over the children of a [`Node`].
#[derive(Clone)]
pub struct Children<'a> {
    ast: &'a Ast,
    next: u32,
    end: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { ast: self.ast, index: self.next };
        self.next = node.data().next;
        Some(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(start: u32, end: u32, next: u32, grammar_kind: u16) -> AstNode {
        AstNode { start, end, next, grammar_kind, kind: 0, field: 0 }
    }

    #[test]
    fn named_nodes_come_back() {
        let nodes = vec![
            node(1, 20, 6, 300),
            node(1, 9, 4, 7),
            node(2, 4, 3, 9),
            node(4, 5, 4, 1),
            node(9, 9, 5, 9),
            node(12, 19, 6, 7),
        ];
        let ast = Ast { nodes, fields: vec![0, 3, 0, Ast::UNNAMED, 5, 0] };
        let decoded = decode_ast(&ast.encode()).expect("it was encoded");
        let shown: Vec<_> =
            decoded.iter().map(|node| (node.kind, node.field, node.span.start, node.span.end, node.parent)).collect();
        let expected = [
            (300, 0, 1, 20, None),
            (7, 3, 1, 9, Some(0)),
            (9, 0, 2, 4, Some(1)),
            (9, 5, 9, 9, Some(0)),
            (7, 0, 12, 19, Some(0)),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn cut_and_foreign_bytes_are_refused() {
        let ast = Ast { nodes: vec![node(0, 4, 2, 1), node(1, 3, 2, 2)], fields: vec![0, 0] };
        let bytes = ast.encode();
        assert!((0..bytes.len()).all(|end| decode_ast(&bytes[..end]).is_none()));
        assert!(decode_ast(&[9, 9, 9]).is_none());
        assert_eq!(decode_ast(&Ast::default().encode()), Some(Vec::new()));
    }
}
