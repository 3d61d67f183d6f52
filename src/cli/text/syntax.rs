//! Syntax trees and their nodes.

use crate::cli::page::{Page, Style, count};
use crate::query::ast::{self, Node};
use crate::query::find_ast;

use super::{rest, sites};

/// Deeper nesting than this is not indented further.
const INDENT_MAX: u32 = 40;

pub(super) fn ast(reply: &ast::Reply, page: &mut Page) {
    let path: Vec<&str> = reply.around.iter().map(|node| node.kind.as_str()).collect();
    if !path.is_empty() {
        page.put(Style::Dim, format!("in {}", path.join(" > "))).end();
    }
    let top = reply.nodes.items.first().map_or(0, |node| node.depth);
    for node in &reply.nodes.items {
        line(node, node.depth.saturating_sub(top), page);
    }
    page.conclude();
    rest(&reply.nodes, page);
}

fn line(node: &Node, depth: u32, page: &mut Page) {
    let place = format!("{}:{}", node.position.line, node.position.column);
    page.put(Style::Place, format!("{place:>9}")).say("  ".repeat(1 + depth.min(INDENT_MAX) as usize));
    if let Some(field) = &node.field {
        page.put(Style::Dim, format!("{field}: "));
    }
    page.put(Style::Name, &node.kind).put(Style::Dim, format!(" {}..{}", node.span.start, node.span.end));
    if let Some(text) = &node.text {
        page.say("  ").say(text);
    }
    page.end();
}

pub(super) fn find_ast(reply: &find_ast::Reply, page: &mut Page) {
    for node in &reply.nodes.items {
        sites::place(&node.path, node.position, page);
        page.say("  ");
        if let Some(field) = &node.field {
            page.put(Style::Dim, format!("{field}: "));
        }
        page.say(&node.text).put(Style::Dim, if node.text_is_exact { "" } else { " ..." });
        if let Some(symbol) = &node.symbol {
            page.put(Style::Dim, format!("  in {} {}", symbol.kind, symbol.qualified_name));
        }
        page.end();
    }
    page.conclude();
    rest(&reply.nodes, page);
    if reply.nodes.total > 0 {
        page.say(count(reply.nodes.total as u64, "node")).end();
    }
}
