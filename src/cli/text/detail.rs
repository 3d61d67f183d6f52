//! One symbol or one file with all that is known about it.

use crate::cli::page::{Page, Style, count, grouped, size};
use crate::query::get::{self, Related};
use crate::query::{List, get_file};
use crate::store::SymbolRow;

use super::measures::{file_metrics, lines, symbol_metrics};
use super::status::tally;
use super::{field, lists, rest, rest_of, sites};

pub(super) fn get(reply: &get::Reply, page: &mut Page) {
    heading(&reply.symbol, page);
    for line in reply.doc.iter().flat_map(|doc| doc.lines()) {
        page.say("  ").put(Style::Dim, line.trim()).end();
    }
    if let Some(parent) = &reply.parent {
        field("in", page);
        sites::brief(parent, page);
        page.end();
    }
    if let Some(metrics) = &reply.metrics {
        field("metrics", page);
        symbol_metrics(metrics, page);
        page.end();
    }
    calls(reply, page);
    for related in &reply.relations.items {
        relation(related.kind, related, page);
    }
    rest_of(&reply.relations, "relation", page);
    for related in &reply.related.items {
        relation(passive(related.kind), related, page);
    }
    rest_of(&reply.related, "relation", page);
    members(&reply.members, page);
}

fn heading(symbol: &SymbolRow, page: &mut Page) {
    page.put(Style::Dim, symbol.kind.word()).say(" ").put(Style::Name, &symbol.qualified_name);
    lists::marks(symbol, page);
    page.say("  ").put(Style::Place, lists::place(symbol)).say("  ").put(Style::Dim, symbol.id.to_string()).end();
    if !symbol.signature.is_empty() {
        page.say("  ").say(&symbol.signature).end();
    }
    field("source", page);
    page.say(format!("{}, lines {}-{}", symbol.language, symbol.start_line, symbol.end_line));
    page.say(format!(", bytes {}..{}, {}", symbol.span.start, symbol.span.end, symbol.visibility.word())).end();
}

fn calls(reply: &get::Reply, page: &mut Page) {
    let callers = &reply.callers;
    field("callers", page);
    let sites = count(callers.sites as u64, "call site");
    if callers.complete {
        page.put(Style::Good, sites).say(": complete");
    } else {
        page.put(Style::Warn, format!("at least {sites}"));
    }
    if callers.unresolved > 0 {
        page.say(format!("; {} could mean it", count(callers.unresolved as u64, "unresolved site")));
    }
    page.end();
    field("callees", page);
    page.say(count(reply.callees.sites as u64, "call site"));
    if reply.callees.sites > 0 {
        page.say(": ");
        tally(&reply.callees.calls, page);
    }
    page.end();
    if reply.other_uses > 0 {
        field("other uses", page);
        page.say(grouped(reply.other_uses as u64)).end();
    }
}

/// The relation as seen from the other end.
fn passive(kind: &str) -> &str {
    match kind {
        "extends" => "extended by",
        "implements" => "implemented by",
        "embeds" => "embedded in",
        other => other,
    }
}

fn relation(word: &str, related: &Related, page: &mut Page) {
    page.put(Style::Dim, format!("{word:<10} "));
    if let Some(name) = &related.external {
        page.say(name).say(" ").put(Style::Dim, "(external)");
    }
    if let Some(reason) = related.reason {
        page.put(Style::Bad, "unknown").say(" ").put(Style::Dim, format!("[{reason}]"));
    }
    for (index, definition) in related.definitions.iter().enumerate() {
        page.say(if index > 0 { " or " } else { "" });
        sites::brief(definition, page);
    }
    page.end();
}

fn members(list: &List<get::Member>, page: &mut Page) {
    if list.total > 0 {
        field("members", page);
        page.say(grouped(list.total as u64)).end();
    }
    for member in &list.items {
        page.say("  ");
        sites::place(&member.brief.path, member.brief.position, page);
        page.say("  ").put(Style::Dim, member.brief.kind).say(" ");
        match member.signature.is_empty() {
            true => page.put(Style::Name, &member.brief.qualified_name).end(),
            false => page.say(&member.signature).end(),
        }
    }
    rest(list, page);
}

pub(super) fn get_file(reply: &get_file::Reply, page: &mut Page) {
    let file = &reply.file;
    page.put(Style::Place, &file.path).say("  ").put(Style::Dim, &file.language);
    page.say(format!("  {}", size(file.size)));
    if !file.module.is_empty() {
        page.say("  ").put(Style::Name, &file.module);
    }
    page.end();
    field("hash", page);
    page.put(Style::Dim, file.hash.to_string()).end();
    lines(file.lines, page);
    field("metrics", page);
    match &reply.metrics {
        Some(metrics) => file_metrics(metrics, page),
        None => {
            page.put(Style::Warn, "not computed");
        }
    }
    page.end();
    field("symbols", page);
    let kinds: Vec<String> = reply.kinds.iter().map(|(kind, number)| format!("{kind} {number}")).collect();
    page.say(grouped(u64::from(file.symbols))).say(if kinds.is_empty() { "" } else { ": " }).say(kinds.join(", "));
    page.end();
    field("call sites", page);
    page.say(grouped(reply.call_sites)).say(": ");
    tally(&reply.calls, page);
    page.end();
    imports(reply, page);
    for diagnostic in &reply.diagnostics.items {
        page.put(Style::Warn, "parse error").say("  ");
        sites::place(&file.path, diagnostic.position, page);
        page.say("  ").say(&diagnostic.message).end();
    }
    rest(&reply.diagnostics, page);
}

fn imports(reply: &get_file::Reply, page: &mut Page) {
    if reply.imports.total > 0 {
        field("imports", page);
        page.say(grouped(reply.imports.total as u64)).end();
    }
    for import in &reply.imports.items {
        page.put(Style::Place, format!("{:>6}", import.position.line)).say("  ").put(Style::Name, &import.specifier);
        if let Some(member) = &import.member {
            page.say(" ").say(member);
        }
        let named = import.member.as_ref().unwrap_or(&import.specifier);
        if let Some(bound) = import.bound.as_ref().filter(|bound| *bound != named) {
            page.say(" as ").say(bound);
        }
        match (&import.file, &import.external) {
            (Some(file), _) => page.say("  -> ").put(Style::Place, file),
            (None, Some(package)) => page.say("  -> ").put(Style::Dim, package),
            (None, None) => page.say("  ").put(Style::Bad, "unknown"),
        };
        page.end();
    }
    rest(&reply.imports, page);
}
