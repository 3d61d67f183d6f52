//! Search, context, hierarchy, entry points and collisions.

use crate::cli::page::{Page, Style, count, grouped};
use crate::query::context::{self, Form, Missing};
use crate::query::hierarchy::{self, Relative};
use crate::query::{collisions, entry_points, search};

use super::{rest, sites};

pub(super) fn search(reply: &search::Reply, page: &mut Page) {
    for term in &reply.terms {
        if let Some(wrong) = &term.instead_of {
            page.put(Style::Warn, format!("nothing has the word {wrong}")).say(": searched for ");
            page.put(Style::Name, &term.word).say(" instead").end();
        }
    }
    for hit in &reply.hits.items {
        sites::place(&hit.path, hit.position, page);
        page.say("  ");
        match &hit.symbol {
            Some(symbol) => page.put(Style::Dim, symbol.kind).say(" ").put(Style::Name, &symbol.qualified_name),
            None => page.put(Style::Dim, "top level"),
        };
        page.end();
        page.say("    ").say(&hit.text).end();
    }
    page.conclude();
    rest(&reply.hits, page);
    if reply.files_ranked < reply.files {
        let (ranked, files) = (grouped(reply.files_ranked as u64), count(reply.files as u64, "file"));
        page.put(Style::Warn, format!("only the best {ranked} of {files} were looked at: say more words")).end();
    }
}

/// Definitions that did not fit are named up to this number.
const LEFT_OUT_MAX: usize = 20;

pub(super) fn context(reply: &context::Reply, page: &mut Page) {
    for piece in &reply.pieces {
        page.put(Style::Warn, part(piece.part)).say(" ");
        sites::brief(&piece.definition, page);
        match piece.form {
            Form::Whole => {}
            Form::Cut => {
                page.say("  ").put(Style::Dim, "(its first lines)");
            }
            Form::Signature => {
                page.say("  ").put(Style::Dim, "(signature)");
            }
        }
        page.end();
        for line in piece.text.lines() {
            page.say("    ").say(line).end();
        }
        for line in &piece.lines {
            page.say("    ").put(Style::Dim, format!("{}:", line.number)).say(" ").say(&line.text).end();
        }
    }
    page.conclude();
    left_out(reply, page);
    let used = format!("{} of {} tokens", grouped(reply.tokens), grouped(reply.tokens_max));
    page.put(Style::Good, used);
    if !reply.complete {
        page.say("; ").put(Style::Warn, "some calls in it or of it are not settled: see `callers` and `callees`");
    }
    page.end();
}

fn part(part: context::Part) -> &'static str {
    match part {
        context::Part::Symbol => "symbol",
        context::Part::Around => "inside",
        context::Part::Type => "type",
        context::Part::Callee => "calls",
        context::Part::Caller => "called by",
    }
}

fn left_out(reply: &context::Reply, page: &mut Page) {
    if reply.left_out.total == 0 {
        return;
    }
    page.put(Style::Warn, format!("left out: {}", count(reply.left_out.total as u64, "definition"))).end();
    for left in reply.left_out.items.iter().take(LEFT_OUT_MAX) {
        let missing = match left.missing {
            Missing::All => "all of",
            Missing::Body => "the body of",
            Missing::Rest => "the rest of",
        };
        page.say("  ").say(missing).say(" ").put(Style::Name, &left.definition.qualified_name);
        page.put(Style::Dim, format!("  {}, {} tokens", part(left.part), grouped(left.tokens))).end();
    }
    let hidden = reply.left_out.total.saturating_sub(LEFT_OUT_MAX);
    if hidden > 0 {
        page.say(format!("  ... {} more", grouped(hidden as u64))).end();
    }
}

/// Deeper relatives are not indented further.
const INDENT_MAX: u32 = 20;

pub(super) fn hierarchy(reply: &hierarchy::Reply, page: &mut Page) {
    sites::symbol(&reply.symbol, page);
    for (title, list) in [("above", &reply.up), ("below", &reply.down)] {
        let Some(list) = list else { continue };
        page.put(Style::Dim, if list.total == 0 { format!("nothing {title}") } else { title.to_owned() }).end();
        list.items.iter().for_each(|found| relative(found, page));
        rest(list, page);
    }
    page.conclude();
    if reply.unresolved > 0 {
        let doubts = count(reply.unresolved as u64, "base type");
        page.put(Style::Warn, format!("{doubts} not settled that could belong to it")).end();
    }
    if reply.unseen_files > 0 {
        let files = count(reply.unseen_files as u64, "source file");
        page.put(Style::Warn, format!("{files} could not be indexed: see `magellan status`")).end();
    }
}

fn relative(relative: &Relative, page: &mut Page) {
    page.say("  ".repeat(relative.depth.min(INDENT_MAX) as usize)).put(Style::Dim, relative.relation).say(" ");
    if let Some(definition) = &relative.definition {
        sites::brief(definition, page);
    } else if let Some(name) = &relative.external {
        page.say("external ").put(Style::Name, name);
    } else if let Some(reason) = relative.reason {
        page.put(Style::Bad, format!("unknown [{reason}]"));
    }
    if relative.candidate {
        page.say(" ").put(Style::Warn, "(one of several)");
    }
    if relative.again {
        page.say(" ").put(Style::Dim, "(see above)");
    }
    page.end();
}

pub(super) fn entry_points(reply: &entry_points::Reply, page: &mut Page) {
    for entry in &reply.entries.items {
        page.put(Style::Good, format!("{:<9}", entry.reason)).say(" ");
        sites::brief(&entry.definition, page);
        if let Some(by) = &entry.by {
            page.say("  ").put(Style::Dim, format!("[{by}]"));
        }
        page.end();
    }
    page.conclude();
    rest(&reply.entries, page);
    let counts: Vec<String> = reply
        .reasons
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(reason, number)| format!("{reason} {}", grouped(*number as u64)))
        .collect();
    if !counts.is_empty() {
        page.put(Style::Dim, counts.join(", ")).end();
    }
}

pub(super) fn collisions(reply: &collisions::Reply, page: &mut Page) {
    for collision in &reply.collisions.items {
        page.put(Style::Name, &collision.name).say("  ");
        page.put(Style::Warn, count(collision.count as u64, "definition"));
        page.put(Style::Dim, format!(" in one {}", collision.within)).end();
        for definition in &collision.definitions {
            page.say("  ");
            sites::brief(definition, page);
            page.end();
        }
        let hidden = collision.count - collision.definitions.len();
        if hidden > 0 {
            page.say("  ").put(Style::Warn, format!("... {hidden} more of {}", collision.count)).end();
        }
    }
    page.conclude();
    rest(&reply.collisions, page);
}
