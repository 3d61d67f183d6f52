//! Walks a tree-sitter tree once and writes it down as a flat array, noting comments and errors on the way.

use tree_sitter::{Tree, TreeCursor};

use crate::lang::Language;
use crate::model::{Ast, AstNode, Diagnostic, Span};

/// Most diagnostics kept for a file; the last one says how many more there are.
const DIAGNOSTICS_MAX: usize = 100;

/// Maps a grammar's kind and field numbers to those of the language's tables.
pub(super) struct Tables {
    kinds: Vec<u8>,
    fields: Vec<u8>,
    comments: Vec<bool>,
}

impl Tables {
    pub(super) fn new(language: &Language, grammar: &tree_sitter::Language) -> Self {
        let names: Vec<&str> =
            (0..grammar.node_kind_count() as u16).map(|id| grammar.node_kind_for_id(id).unwrap_or("")).collect();
        let kinds = names.iter().map(|kind| number(language.kinds, kind)).collect();
        let comments = names.iter().map(|kind| language.comments.contains(kind)).collect();
        let fields = (0..=grammar.field_count() as u16)
            .map(|id| grammar.field_name_for_id(id).map_or(0, |field| number(language.fields, field)))
            .collect();
        Self { kinds, fields, comments }
    }
}

fn number(names: &[&str], name: &str) -> u8 {
    names.iter().position(|known| *known == name).map_or(0, |index| index as u8 + 1)
}

/// A flattened tree.
pub(super) struct Flat {
    pub(super) ast: Ast,
    pub(super) comments: Vec<Span>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

pub(super) struct Flattener<'a> {
    tables: &'a Tables,
    source: &'a [u8],
    flat: Flat,
    open: Vec<u32>,
    errors: usize,
}

impl<'a> Flattener<'a> {
    pub(super) fn new(tables: &'a Tables, source: &'a [u8]) -> Self {
        let nodes = Vec::with_capacity(source.len() / 6);
        let fields = Vec::with_capacity(source.len() / 6);
        let flat = Flat { ast: Ast { nodes, fields }, comments: Vec::new(), diagnostics: Vec::new() };
        Self { tables, source, flat, open: Vec::new(), errors: 0 }
    }

    pub(super) fn flatten(mut self, tree: &Tree) -> Flat {
        let mut cursor = tree.walk();
        loop {
            let kept = self.enter(&cursor);
            if cursor.goto_first_child() {
                self.open.push(kept);
                continue;
            }
            self.close(kept);
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return self.finish();
                }
                let parent = self.open.pop().expect("every parent was entered");
                self.close(parent);
            }
        }
    }

    /// Writes the node down if it is to be kept; gives its index, or `u32::MAX`.
    fn enter(&mut self, cursor: &TreeCursor<'_>) -> u32 {
        let node = cursor.node();
        let grammar_kind = node.kind_id();
        if node.is_error() || node.is_missing() {
            self.diagnose(node);
        }
        let kind = self.tables.kinds.get(grammar_kind as usize).copied().unwrap_or(0);
        let (start, end) = (node.start_byte() as u32, node.end_byte() as u32);
        let is_comment = self.tables.comments.get(grammar_kind as usize) == Some(&true);
        if is_comment {
            self.flat.comments.push(Span::new(start, end));
        }
        if kind == 0 && !node.is_named() {
            return u32::MAX;
        }
        // The parser gives comments the field of the node they stand beside.
        let field_id = cursor.field_id().filter(|_| !is_comment).map_or(0, std::num::NonZero::get);
        let field = self.tables.fields[field_id as usize];
        let kept_field = if node.is_named() { field_id as u8 } else { Ast::UNNAMED };
        let index = self.flat.ast.nodes.len() as u32;
        self.flat.ast.fields.push(kept_field);
        self.flat.ast.nodes.push(AstNode { start, end, next: index + 1, grammar_kind, kind, field });
        index
    }

    fn close(&mut self, index: u32) {
        let next = self.flat.ast.nodes.len() as u32;
        if let Some(node) = self.flat.ast.nodes.get_mut(index as usize) {
            node.next = next;
        }
    }

    fn diagnose(&mut self, node: tree_sitter::Node<'_>) {
        self.errors += 1;
        if self.errors >= DIAGNOSTICS_MAX {
            return;
        }
        let span = Span::new(node.start_byte() as u32, node.end_byte() as u32);
        let message = if node.is_missing() {
            format!("missing {}", node.kind())
        } else {
            format!("unexpected {}", excerpt(span.slice(self.source)))
        };
        self.flat.diagnostics.push(Diagnostic { span, message });
    }

    fn finish(mut self) -> Flat {
        if self.errors >= DIAGNOSTICS_MAX {
            let message = format!("{} more syntax errors", self.errors - self.flat.diagnostics.len());
            let end = self.source.len() as u32;
            self.flat.diagnostics.push(Diagnostic { span: Span::new(end, end), message });
        }
        self.flat
    }
}

/// The first few words of a piece of source, in quotes, on one line.
fn excerpt(source: &[u8]) -> String {
    let text = String::from_utf8_lossy(&source[..source.len().min(60)]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().take(40).collect();
    format!("{short:?}")
}

/// Visits every node of a tree and counts them, reading what any consumer would read of each.
pub(super) fn count_nodes(tree: &Tree) -> usize {
    let mut cursor = tree.walk();
    let (mut nodes, mut sum) = (0, 0usize);
    loop {
        let node = cursor.node();
        nodes += 1;
        sum = sum.wrapping_add(node.kind_id() as usize ^ node.start_byte() ^ node.end_byte());
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                std::hint::black_box(sum);
                return nodes;
            }
        }
    }
}
