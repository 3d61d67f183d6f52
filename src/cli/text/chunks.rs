//! Pieces of source with their text.

use crate::cli::page::{Page, Style};
use crate::query::chunks::{self, Row};
use crate::query::{chunk_by_span, chunk_by_symbol};

use super::{lossy, rest, sites};

pub(super) fn chunks(reply: &chunks::Reply, page: &mut Page) {
    rows(&reply.chunks.items, page);
    page.conclude();
    rest(&reply.chunks, page);
}

pub(super) fn chunk_by_span(reply: &chunk_by_span::Reply, page: &mut Page) {
    if let Some(symbol) = &reply.symbol {
        page.say("in ");
        sites::brief(symbol, page);
        page.end();
    }
    for chunk in reply.chunk.iter().chain(&reply.stored) {
        row(chunk, page);
    }
}

pub(super) fn chunk_by_symbol(reply: &chunk_by_symbol::Reply, page: &mut Page) {
    rows(&reply.chunks.items, page);
    page.conclude();
    rest(&reply.chunks, page);
}

fn rows(rows: &[Row], page: &mut Page) {
    for chunk in rows {
        row(chunk, page);
    }
}

/// A line that says what it is, and the text indented below it.
fn row(chunk: &Row, page: &mut Page) {
    page.put(Style::Place, format!("{}:{}..{}", chunk.path, chunk.span.start, chunk.span.end)).say("  ");
    page.put(Style::Dim, &chunk.kind);
    if let Some(name) = chunk.qualified_name.as_ref().or(chunk.name.as_ref()) {
        page.say(" ").put(Style::Name, name);
    }
    if let (Some(first), Some(last)) = (chunk.start_line, chunk.end_line) {
        page.put(Style::Dim, format!("  lines {first}-{last}"));
    }
    page.put(Style::Dim, format!("  {}", &chunk.hash[..12]));
    if chunk.stored {
        page.say("  ").put(Style::Good, "stored");
    }
    page.end();
    for line in chunk.text.iter().flat_map(|text| text.lines()) {
        page.say("  ").say(line).end();
    }
    if chunk.lossy {
        lossy(page);
    }
}
