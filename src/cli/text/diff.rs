//! Differences between two sides: `+` new, `-` gone, `~` changed, `>` moved.

use crate::cli::page::{Page, Style, grouped};
use crate::query::diff::{Defined, Edge, Redefined, RenamedFile, Reply};
use crate::query::{Brief, List};

use super::rest;
use super::sites::brief;

const NEW: (&str, Style) = ("+", Style::Good);
const GONE: (&str, Style) = ("-", Style::Bad);
const CHANGED: (&str, Style) = ("~", Style::Warn);
const MOVED: (&str, Style) = (">", Style::Name);

pub(super) fn diff(reply: &Reply, page: &mut Page) {
    let (before, after) = (&reply.before, &reply.after);
    page.say(format!("from {} ", before.kind)).put(Style::Place, &before.path);
    page.say(format!(" to {} ", after.kind)).put(Style::Place, &after.path).end();
    if reply.equal {
        page.put(Style::Good, "no difference").end();
        return;
    }
    let files = &reply.files;
    heading(
        "files",
        &[
            ("added", files.added.total),
            ("removed", files.removed.total),
            ("changed", files.changed.total),
            ("renamed", files.renamed.total),
        ],
        page,
    );
    list(NEW, &files.added, path, page);
    list(GONE, &files.removed, path, page);
    list(CHANGED, &files.changed, path, page);
    list(MOVED, &files.renamed, renamed, page);
    let symbols = &reply.symbols;
    heading(
        "symbols",
        &[
            ("added", symbols.added.total),
            ("removed", symbols.removed.total),
            ("changed", symbols.changed.total),
            ("moved", symbols.moved.total),
        ],
        page,
    );
    list(NEW, &symbols.added, defined, page);
    list(GONE, &symbols.removed, defined, page);
    list(CHANGED, &symbols.changed, changed, page);
    list(MOVED, &symbols.moved, moved, page);
    let calls = &reply.calls;
    heading(
        "calls",
        &[("added", calls.added.total), ("removed", calls.removed.total), ("changed", calls.changed.total)],
        page,
    );
    list(NEW, &calls.added, edge, page);
    list(GONE, &calls.removed, edge, page);
    list(CHANGED, &calls.changed, edge, page);
}

fn heading(what: &str, counts: &[(&str, usize)], page: &mut Page) {
    let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{} {word}", grouped(*count as u64))).collect();
    page.put(Style::Dim, what).say(": ").say(counts.join(", ")).end();
}

fn list<T>((sign, style): (&str, Style), list: &List<T>, line: impl Fn(&T, &mut Page), page: &mut Page) {
    for item in &list.items {
        page.say("  ").put(style, sign).say(" ");
        line(item, page);
        page.end();
    }
    rest(list, page);
}

fn path(path: &String, page: &mut Page) {
    page.put(Style::Place, path);
}

fn renamed(file: &RenamedFile, page: &mut Page) {
    page.put(Style::Place, &file.from).say(" -> ").put(Style::Place, &file.to);
    if file.changed {
        page.say("  ").put(Style::Warn, "changed");
    }
}

fn defined(defined: &Defined, page: &mut Page) {
    brief(&defined.symbol, page);
}

fn changed(symbol: &Redefined, page: &mut Page) {
    brief(&symbol.symbol, page);
    aspects(symbol, page);
}

fn moved(symbol: &Redefined, page: &mut Page) {
    brief(&symbol.symbol, page);
    page.say(" from ").put(Style::Place, &symbol.before.path);
    aspects(symbol, page);
}

fn aspects(symbol: &Redefined, page: &mut Page) {
    if !symbol.changed.is_empty() {
        page.say("  ").put(Style::Warn, symbol.changed.join(", ").replace('_', " "));
    }
}

fn edge(edge: &Edge, page: &mut Page) {
    end(edge.caller.as_ref(), &edge.path, page);
    page.say(" -> ");
    match (&edge.callee, &edge.name) {
        (Some(callee), _) => end(Some(callee), &callee.path, page),
        (None, name) => {
            page.put(Style::Name, name.as_deref().unwrap_or_default());
        }
    }
    if edge.outcome != "resolved" {
        page.say("  ").put(Style::Dim, edge.outcome);
    }
    match (edge.before, edge.after) {
        (0, 1) | (1, 0) => {}
        (0, sites) | (sites, 0) => {
            page.say(format!("  {} times", grouped(sites as u64)));
        }
        (before, after) => {
            page.say(format!("  {} times, was {}", grouped(after as u64), grouped(before as u64)));
        }
    }
}

fn end(symbol: Option<&Brief>, path: &str, page: &mut Page) {
    match symbol {
        Some(symbol) => page.put(Style::Name, &symbol.qualified_name).say(" ").put(Style::Dim, path),
        None => page.say("top level of ").put(Style::Place, path),
    };
}
