//! How replies look to people: one function for each reply, chosen here.

mod check;
mod chunks;
mod dead_code;
mod deeds;
mod detail;
mod diff;
mod drawing;
mod facets;
mod flow;
mod index;
mod lists;
mod measures;
mod network;
mod overview;
mod sites;
mod slice;
mod status;
mod syntax;

pub(super) use deeds::deed;
pub(super) use drawing::is_drawing;
pub(super) use index::summary;
pub(super) use sites::candidates;

use crate::query::{List, Reply};

use super::page::{Page, Style, count, grouped};

/// Writes a reply.
pub(super) fn write(reply: &Reply, page: &mut Page) {
    match reply {
        Reply::Callers(reply) => sites::callers(reply, page),
        Reply::Callees(reply) => sites::callees(reply, page),
        Reply::Refs(reply) => sites::refs(reply, page),
        Reply::Explain(reply) => sites::explain(reply, page),
        Reply::Find(reply) => lists::find(reply, page),
        Reply::Show(reply) => lists::show(reply, page),
        Reply::Outline(reply) => lists::outline(reply, page),
        Reply::Files(reply) => lists::files(reply, page),
        Reply::Get(reply) => detail::get(reply, page),
        Reply::GetFile(reply) => detail::get_file(reply, page),
        Reply::Chunks(reply) => chunks::chunks(reply, page),
        Reply::ChunkBySpan(reply) => chunks::chunk_by_span(reply, page),
        Reply::ChunkBySymbol(reply) => chunks::chunk_by_symbol(reply, page),
        Reply::Ast(reply) => syntax::ast(reply, page),
        Reply::FindAst(reply) => syntax::find_ast(reply, page),
        Reply::Cfg(reply) => flow::cfg(reply, page),
        Reply::Metrics(reply) => measures::metrics(reply, page),
        Reply::Hotspots(reply) => measures::hotspots(reply, page),
        Reply::Label(reply) => lists::label(reply, page),
        Reply::Reachable(reply) => network::reachable(reply, page),
        Reply::Paths(reply) => network::paths(reply, page),
        Reply::Cycles(reply) => network::cycles(reply, page),
        Reply::Condense(reply) => network::condense(reply, page),
        Reply::Impact(reply) => network::impact(reply, page),
        Reply::AffectedTests(reply) => network::affected_tests(reply, page),
        Reply::Diff(reply) => diff::diff(reply, page),
        Reply::Slice(reply) => slice::slice(reply, page),
        Reply::Search(reply) => facets::search(reply, page),
        Reply::Context(reply) => facets::context(reply, page),
        Reply::Hierarchy(reply) => facets::hierarchy(reply, page),
        Reply::EntryPoints(reply) => facets::entry_points(reply, page),
        Reply::Collisions(reply) => facets::collisions(reply, page),
        Reply::DeadCode(reply) => dead_code::dead_code(reply, page),
        Reply::Deps(reply) => overview::deps(reply, page),
        Reply::Map(reply) => overview::map(reply, page),
        Reply::Check(reply) => check::check(reply, page),
        Reply::Status(reply) => status::status(reply, page),
        Reply::Log(reply) => lists::log(reply, page),
        Reply::Fingerprint(reply) => page.say(&reply.fingerprint).end(),
    }
}

/// Starts a line that is about one thing.
fn field(name: &str, page: &mut Page) {
    page.put(Style::Dim, format!("{name:<11}"));
}

/// Says that text is not quite what stands in the file.
fn lossy(page: &mut Page) {
    page.put(Style::Warn, "bytes that are not UTF-8 are shown as \u{fffd}").end();
}

/// Says how much of a list is not shown where there are several.
fn rest_of<T>(list: &List<T>, noun: &str, page: &mut Page) {
    if !list.is_whole() {
        let hidden = count(list.hidden() as u64, &format!("more {noun}"));
        let total = grouped(list.total as u64);
        page.put(Style::Warn, format!("... {hidden} of {total}; `--limit 0` shows all")).end();
    }
}

/// Says how much of a list is not shown.
fn rest<T>(list: &List<T>, page: &mut Page) {
    rest_in("", list, page);
}

/// The same of a list that is part of something, where its items start.
fn rest_in<T>(indent: &str, list: &List<T>, page: &mut Page) {
    if !list.is_whole() {
        page.say(indent);
        let hidden = grouped(list.hidden() as u64);
        let total = grouped(list.total as u64);
        page.put(Style::Warn, format!("... {hidden} more of {total}; `--limit 0` shows all")).end();
    }
}
