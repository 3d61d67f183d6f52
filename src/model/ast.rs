//! A syntax tree as one flat array: what extraction walks and what the database keeps.
//!
//! Nodes stand in preorder. All named nodes are kept, and those unnamed tokens (keywords, operators) that
//! the language's table asks for.

use super::Span;

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
}

impl Ast {
    /// The root, if anything was parsed.
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.nodes.is_empty()).then_some(Node { ast: self, index: 0 })
    }
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
