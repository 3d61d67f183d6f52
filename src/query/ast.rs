//! The syntax tree of a file: every named node with the grammar's own words. A flat list in preorder, so that no
//! depth of nesting in the source can become a depth of recursion in whoever reads the reply.

use schemars::JsonSchema;
use serde::Serialize;

use crate::lang::{self, GrammarNames};
use crate::model::{LineIndex, Position, Span, SyntaxNode};
use crate::store::FileRow;

use super::{Ground, List, QueryError, Result, pattern, piece};

/// Which file, and which part of its tree.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The file, relative to the current folder
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Only the smallest node that holds a place, or a whole line, and what is below it
    #[arg(long, value_name = "LINE[:COLUMN]", value_parser = place, conflicts_with = "span")]
    pub at: Option<Place>,
    /// Only the smallest node that holds a range of bytes, and what is below it
    #[arg(long, value_name = "START..END", value_parser = span)]
    pub span: Option<Span>,
    /// Only so many levels below the first node
    #[arg(long, value_name = "N")]
    pub depth: Option<u32>,
}

/// A line, or a place on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// 1-based.
    pub line: u32,
    /// 0-based, in bytes.
    pub column: Option<u32>,
}

/// A syntax tree, or a part of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The file.
    pub file: FileRow,
    /// The nodes around the first one, outermost first.
    pub around: Vec<Node>,
    /// The nodes in preorder.
    pub nodes: List<Node>,
}

/// A named node.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Node {
    /// Its number in the tree of the file, in preorder.
    pub id: u32,
    /// The number of the node around it; none for the root.
    pub parent: Option<u32>,
    /// How many levels below the root.
    pub depth: u32,
    /// The grammar's word for it.
    pub kind: String,
    /// The field it fills in its parent.
    pub field: Option<String>,
    /// Byte range.
    pub span: Span,
    /// Where it starts.
    #[serde(flatten)]
    pub position: Position,
    /// One past its last byte.
    pub end: Position,
    /// The source of a node with nothing below it, where that is short, on one line and UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Longer text of a leaf is left out.
const TEXT_BYTES_MAX: usize = 80;

/// Reads the tree.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let file = pattern::file(ground, &args.path)?;
    let names = names(&file)?;
    let nodes = ground.snapshot.ast(file.id)?;
    let content = ground.snapshot.text(file.id)?;
    let tree = Tree { depths: depths(&nodes), index: LineIndex::new(&content), nodes, names, content, file: &file };
    let wanted = wanted(args, &tree)?;
    let top = wanted.map_or(0, |span| tree.smallest(span));
    let mut around = Vec::new();
    let mut next = tree.nodes.get(top).and_then(|node| node.parent);
    while let Some(id) = next {
        around.push(tree.node(id as usize)?);
        next = tree.nodes[id as usize].parent;
    }
    around.reverse();
    let mut list = List::default();
    for id in tree.below(top) {
        if args.depth.is_none_or(|depth| tree.depths[id] - tree.depths[top] <= depth) {
            if list.total < ground.limit {
                list.items.push(tree.node(id)?);
            }
            list.total += 1;
        }
    }
    Ok(Reply { around, nodes: list, file })
}

/// The words of the grammar a file was read with.
pub(super) fn names(file: &FileRow) -> Result<GrammarNames> {
    match lang::by_dialect(&file.dialect) {
        Some((_, dialect)) => Ok(dialect.names()),
        None => Err(no_grammar(file)),
    }
}

/// The grammar of a file is not that of this build.
pub(super) fn no_grammar(file: &FileRow) -> QueryError {
    QueryError::NoGrammar { path: file.path.clone(), grammar: file.dialect.clone() }
}

/// A tree with what is needed to show its nodes.
struct Tree<'a> {
    file: &'a FileRow,
    names: GrammarNames,
    nodes: Vec<SyntaxNode>,
    depths: Vec<u32>,
    content: Vec<u8>,
    index: LineIndex,
}

impl Tree<'_> {
    /// The node with this number.
    fn node(&self, id: usize) -> Result<Node> {
        let SyntaxNode { kind, field, span, parent } = self.nodes[id];
        let is_leaf = self.nodes.get(id + 1).is_none_or(|next| next.parent != Some(id as u32));
        let (text, is_exact) = piece::first_line(span.slice(&self.content), TEXT_BYTES_MAX);
        Ok(Node {
            id: id as u32,
            parent,
            depth: self.depths[id],
            kind: self.names.kind(kind).ok_or_else(|| no_grammar(self.file))?.to_owned(),
            field: self.names.field(field).map(str::to_owned),
            span,
            position: self.index.position(span.start),
            end: self.index.position(span.end),
            text: (is_leaf && is_exact).then_some(text),
        })
    }

    /// The last, and so innermost, node that holds all of `span`; the root if none does.
    fn smallest(&self, span: Span) -> usize {
        let holds = |node: &SyntaxNode| node.span.start <= span.start && span.end <= node.span.end;
        self.nodes.iter().rposition(holds).unwrap_or(0)
    }

    /// The numbers of a node and all below it.
    fn below(&self, top: usize) -> impl Iterator<Item = usize> {
        let is_below = move |id: &usize| *id == top || self.depths[*id] > self.depths[top];
        (top..self.nodes.len()).take_while(is_below)
    }
}

/// A parent comes before its children.
fn depths(nodes: &[SyntaxNode]) -> Vec<u32> {
    let mut depths: Vec<u32> = Vec::with_capacity(nodes.len());
    for node in nodes {
        let around = node.parent.and_then(|parent| depths.get(parent as usize));
        depths.push(around.map_or(0, |depth| depth + 1));
    }
    depths
}

/// The bytes that the first node must hold.
fn wanted(args: &Args, tree: &Tree<'_>) -> Result<Option<Span>> {
    let size = tree.content.len() as u32;
    if let Some(span) = args.span {
        return match span.end <= size {
            true => Ok(Some(span)),
            false => Err(outside(tree, format!("bytes {}..{}", span.start, span.end), format!("{size} bytes"))),
        };
    }
    let Some(place) = args.at else { return Ok(None) };
    let count = tree.index.line_count(size);
    let Some(start) = tree.index.line_start(place.line).filter(|_| place.line <= count) else {
        return Err(outside(tree, format!("line {}", place.line), format!("{count} lines")));
    };
    let end = tree.index.line_start(place.line + 1).unwrap_or(size);
    let line = Span::new(start, end);
    match place.column {
        None => Ok(Some(trimmed(line, &tree.content))),
        Some(column) if column < line.len() => Ok(Some(Span::new(start + column, start + column + 1))),
        Some(column) => {
            let what = format!("column {column} of line {}", place.line);
            Err(outside(tree, what, format!("{} bytes there", line.len())))
        }
    }
}

fn outside(tree: &Tree<'_>, what: String, size: String) -> QueryError {
    QueryError::Usage(format!("{what} is not in {}, which has {size}", tree.file.path))
}

/// A line without the white space around it.
fn trimmed(line: Span, content: &[u8]) -> Span {
    let bytes = line.slice(content);
    let before = bytes.len() - bytes.trim_ascii_start().len();
    let start = line.start + before as u32;
    Span::new(start, start + bytes.trim_ascii().len() as u32)
}

fn place(text: &str) -> Result<Place, String> {
    let (line, column) = match text.split_once(':') {
        Some((line, column)) => (line, Some(column)),
        None => (text, None),
    };
    let wrong = || "a place is LINE or LINE:COLUMN, lines from 1, columns from 0".to_owned();
    let line = line.parse().ok().filter(|&line| line > 0).ok_or_else(wrong)?;
    let column = column.map(|column| column.parse().map_err(|_| wrong())).transpose()?;
    Ok(Place { line, column })
}

fn span(text: &str) -> Result<Span, String> {
    let parts = text.split_once("..").and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
    match parts {
        Some((start, end)) if start <= end => Ok(Span { start, end }),
        _ => Err("a range is START..END in bytes, the start not behind the end".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_ranges_are_read_strictly() {
        assert_eq!(place("3"), Ok(Place { line: 3, column: None }));
        assert_eq!(place("3:0"), Ok(Place { line: 3, column: Some(0) }));
        assert_eq!(span("1..4"), Ok(Span::new(1, 4)));
        for wrong in ["0", "", "3:", ":3", "3:x", "-1", "99999999999"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
        for wrong in ["4..1", "1", "1..", "..", "1...4", "-1..2"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }
}
