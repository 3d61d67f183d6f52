//! Dependencies in layers, and the tree on one screen.

use crate::cli::page::{Page, Style, count, grouped};
use crate::cli::table::{Table, counted, left, right};
use crate::query::deps;
use crate::query::map::{Module, Reply};

use super::status::tally;
use super::{drawing, field, rest_of, sites};

pub(super) fn deps(reply: &deps::Reply, page: &mut Page) {
    if let Some(drawn) = &reply.drawing {
        return drawing::draw(drawn, page);
    }
    let mut layer = None;
    for unit in &reply.units.items {
        if layer != Some(unit.layer) {
            layer = Some(unit.layer);
            page.put(Style::Dim, format!("layer {}", unit.layer)).end();
        }
        page.say("  ").put(Style::Name, &unit.name);
        page.put(Style::Dim, format!("  {}, uses {}, used by {}", files(unit.files), unit.uses, unit.used_by));
        if let Some(cycle) = unit.cycle {
            page.say("  ").put(Style::Warn, format!("circle {cycle}"));
        }
        page.end();
        for edge in reply.dependencies.items.iter().filter(|edge| edge.from == unit.name) {
            dependency(edge, page);
        }
    }
    page.conclude();
    rest_of(&reply.units, reply.by.noun(), page);
    rest_of(&reply.dependencies, "dependency", page);
    let found = format!("{}, {} in circles", dependencies(reply.dependencies.total), reply.cycles);
    page.put(Style::Good, found);
    if reply.unresolved > 0 {
        page.say("; ").put(Style::Warn, format!("{} not settled may be more", count(reply.unresolved, "call site")));
    }
    page.end();
}

fn files(number: usize) -> String {
    count(number as u64, "file")
}

fn dependencies(number: usize) -> String {
    count(number as u64, "dependency")
}

fn dependency(edge: &deps::Dependency, page: &mut Page) {
    page.say("    -> ").say(&edge.to).say("  ");
    let mut parts = Vec::new();
    if edge.imports > 0 {
        parts.push(count(u64::from(edge.imports), "import"));
    }
    if edge.calls > 0 {
        parts.push(count(u64::from(edge.calls), "call"));
    }
    if edge.candidates > 0 {
        parts.push(count(u64::from(edge.candidates), "possible call"));
    }
    page.put(Style::Dim, parts.join(", "));
    if edge.in_cycle {
        page.say("  ").put(Style::Warn, "in a circle");
    }
    page.end();
}

pub(super) fn map(reply: &Reply, page: &mut Page) {
    let mut languages = Table::default();
    for row in &reply.languages {
        languages.row([
            left(Style::Name, &row.language),
            counted(Style::Plain, row.files, "file"),
            right(Style::Plain, format!("{} of code", count(row.code, "line"))),
            counted(Style::Plain, row.symbols, "symbol"),
        ]);
    }
    titled("languages", &languages, page);
    modules("largest", &reply.largest.items, page);
    modules("central", &reply.central.items, page);
    field("layers", page);
    page.say(grouped(u64::from(reply.layers))).end();
    for (index, main) in reply.mains.items.iter().enumerate() {
        field(if index == 0 { "starts" } else { "" }, page);
        sites::brief(main, page);
        page.end();
    }
    more(reply.mains.hidden(), page);
    field("tests", page);
    page.say(grouped(reply.tests as u64)).end();
    for (index, spot) in reply.hotspots.items.iter().enumerate() {
        field(if index == 0 { "hot spots" } else { "" }, page);
        page.put(Style::Warn, format!("{:>5} ", spot.score));
        sites::brief(&spot.symbol, page);
        page.end();
    }
    circles(reply, page);
    page.conclude();
    trust(reply, page);
}

fn modules(title: &str, modules: &[Module], page: &mut Page) {
    let mut table = Table::default();
    for module in modules {
        table.row([
            left(Style::Name, &module.name),
            right(Style::Dim, format!("{} of code", count(module.code, "line"))),
            counted(Style::Dim, module.files as u64, "file"),
            right(Style::Dim, format!("used by {}", module.used_by)),
            right(Style::Dim, format!("layer {}", module.layer)),
        ]);
    }
    titled(title, &table, page);
}

/// Rows under what they are about.
fn titled(title: &str, table: &Table, page: &mut Page) {
    table.write(page, |index, page| field(if index == 0 { title } else { "" }, page));
}

fn more(hidden: usize, page: &mut Page) {
    if hidden > 0 {
        field("", page);
        page.put(Style::Dim, format!("... {} more: see `--top`", grouped(hidden as u64))).end();
    }
}

fn circles(reply: &Reply, page: &mut Page) {
    field("circles", page);
    page.say(format!("{} of modules, {} of callables", reply.cycles.total, reply.recursions)).end();
    for cycle in &reply.cycles.items {
        field("", page);
        page.put(Style::Warn, count(cycle.count as u64, "module")).say(": ").say(cycle.members.join(", "));
        if cycle.members.len() < cycle.count {
            page.say(", ...");
        }
        page.end();
    }
}

fn trust(reply: &Reply, page: &mut Page) {
    field("calls", page);
    page.say(count(reply.calls.total(), "call site")).say(": ");
    tally(&reply.calls, page);
    page.end();
    if reply.files_with_errors > 0 || reply.skipped > 0 {
        field("", page);
        let errors = count(reply.files_with_errors, "file");
        let skipped = count(reply.skipped as u64, "file");
        page.put(Style::Warn, format!("{errors} with parse errors, {skipped} left out: see `magellan status`")).end();
    }
}
