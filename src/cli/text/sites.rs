//! Call sites and other uses.

use crate::cli::page::{Page, Style, count};
use crate::model::Position;
use crate::query::{Brief, Enclosing, List, Site, Step, Unresolved, callees, callers, explain, refs};
use crate::store::SymbolRow;

use super::status::tally;
use super::{rest, rest_in};

pub(super) fn callers(reply: &callers::Reply, page: &mut Page) {
    symbol(&reply.symbol, page);
    groups(&reply.callers, page);
    unresolved_sites(&reply.unresolved, page);
    page.conclude();
    let found = format!("{} in {}", count(reply.sites as u64, "call site"), count(reply.callers.total as u64, "place"));
    if reply.complete {
        return complete(found, "no other call site can mean it", page);
    }
    at_least(&found, &reply.unresolved, reply.unseen_files, page);
    if reply.taken_as_value > 0 {
        page.say("  it is taken as a value in ").say(count(reply.taken_as_value as u64, "place"));
        page.say(" and may be called from there: see `magellan refs --role read`").end();
    }
}

pub(super) fn refs(reply: &refs::Reply, page: &mut Page) {
    symbol(&reply.symbol, page);
    groups(&reply.users, page);
    unresolved_sites(&reply.unresolved, page);
    page.conclude();
    let found = format!("{} in {}", count(reply.uses as u64, "use"), count(reply.users.total as u64, "place"));
    if reply.complete {
        return complete(found, "nothing else can mean it", page);
    }
    at_least(&found, &reply.unresolved, reply.unseen_files, page);
}

fn complete(found: String, certainty: &str, page: &mut Page) {
    page.put(Style::Good, found).say(format!(": complete, {certainty}")).end();
}

fn at_least(found: &str, unresolved: &Unresolved, unseen_files: usize, page: &mut Page) {
    page.put(Style::Warn, format!("at least {found}")).end();
    doubts(unresolved, unseen_files, page);
}

pub(super) fn callees(reply: &callees::Reply, page: &mut Page) {
    symbol(&reply.symbol, page);
    reply.sites.items.iter().for_each(|callee| use_(callee, page));
    page.conclude();
    rest(&reply.sites, page);
    page.say(count(reply.sites.total as u64, "call site")).say(": ");
    tally(&reply.calls, page);
    page.end();
}

pub(super) fn explain(reply: &explain::Reply, page: &mut Page) {
    page.put(Style::Place, format!("{}:{}", reply.path, reply.line)).say("  ").say(reply.text.trim()).end();
    if let Some(inside) = &reply.inside {
        page.say("inside ");
        brief(inside, page);
        page.end();
    }
    for definition in &reply.definitions {
        page.say("defines ");
        brief(definition, page);
        page.end();
    }
    for explained in &reply.uses.items {
        use_(&explained.use_, page);
        if explained.possible.total > 0 {
            page.put(Style::Warn, format!("    {} by name:", count(explained.possible.total as u64, "guess"))).end();
            for guess in &explained.possible.items {
                page.say("      ");
                brief(guess, page);
                page.end();
            }
            rest_in("      ", &explained.possible, page);
        }
    }
    page.conclude();
    rest(&reply.uses, page);
    if reply.uses.total == 0 && reply.definitions.is_empty() {
        page.say("nothing is defined or used there").end();
    }
}

/// A use with what it can reach, and the steps to that if they were asked for.
fn use_(callee: &callees::Callee, page: &mut Page) {
    place(&callee.site.path, callee.site.position, page);
    page.say("  ").put(Style::Name, &callee.site.name).say("  ").put(Style::Dim, callee.site.role).say("  ");
    outcome(&callee.site, page);
    page.end();
    for target in &callee.targets {
        page.say("    -> ");
        brief(target, page);
        page.end();
    }
    callee.site.why.iter().for_each(|step| why(step, page));
}

fn why(step: &Step, page: &mut Page) {
    page.say("      ");
    match step.position {
        Some(position) => place(&step.path, position, page),
        None => {
            page.put(Style::Place, &step.path);
        }
    }
    page.say("  ").put(Style::Name, &step.subject).say(format!(" {} ", step.asked)).say(&step.found);
    for definition in &step.definitions {
        page.say("  ");
        place(&definition.path, definition.position, page);
    }
    page.end();
}

/// What an ambiguous name can mean.
pub(in crate::cli) fn candidates(list: &List<Brief>, page: &mut Page) {
    for candidate in &list.items {
        page.say("  ");
        place(&candidate.path, candidate.position, page);
        page.say("  ").put(Style::Dim, candidate.kind).say(" ").put(Style::Name, &candidate.qualified_name);
        page.say("  ").put(Style::Dim, &candidate.id[..12]).end();
    }
    rest(list, page);
}

/// The definition a reply is about, on a line of its own.
pub(super) fn symbol(row: &SymbolRow, page: &mut Page) {
    brief(&Brief::from(row), page);
    page.end();
}

pub(super) fn brief(brief: &Brief, page: &mut Page) {
    page.put(Style::Dim, brief.kind).say(" ").put(Style::Name, &brief.qualified_name).say("  ");
    place(&brief.path, brief.position, page);
}

pub(super) fn place(path: &str, position: Position, page: &mut Page) {
    page.put(Style::Place, format!("{path}:{}:{}", position.line, position.column));
}

fn groups(list: &List<Enclosing>, page: &mut Page) {
    for group in &list.items {
        match &group.symbol {
            Some(symbol) => {
                page.say("in ").put(Style::Dim, symbol.kind).say(" ").put(Style::Name, &symbol.qualified_name)
            }
            None => page.say("at the top level of ").put(Style::Name, &group.path),
        };
        page.end();
        for site in &group.sites {
            line(site, page);
        }
    }
    rest(list, page);
}

fn line(site: &Site, page: &mut Page) {
    page.say("  ");
    place(&site.path, site.position, page);
    page.say("  ").put(Style::Dim, site.role).say("  ");
    outcome(site, page);
    page.end();
    site.why.iter().for_each(|step| why(step, page));
}

fn outcome(site: &Site, page: &mut Page) {
    let style = match site.outcome {
        "resolved" => Style::Good,
        "candidates" => Style::Warn,
        "external" => Style::Dim,
        _ => Style::Bad,
    };
    page.put(style, site.outcome);
    if site.outcome == "candidates" {
        page.say(format!(" (one of {})", site.reaches));
    }
    if let Some(name) = &site.external {
        page.say(" ").say(name);
    }
    if let Some(why) = site.rule.or(site.reason) {
        page.say(" ").put(Style::Dim, format!("[{why}]"));
    }
}

fn unresolved_sites(unresolved: &Unresolved, page: &mut Page) {
    if unresolved.sites.is_empty() {
        return;
    }
    page.say("unresolved, could mean it").end();
    for site in &unresolved.sites {
        line(site, page);
    }
    let hidden = unresolved.total - unresolved.sites.len();
    if hidden > 0 {
        page.put(Style::Warn, format!("... {hidden} more of {}; `--limit 0` shows all", unresolved.total)).end();
    }
}

fn doubts(unresolved: &Unresolved, unseen_files: usize, page: &mut Page) {
    if unresolved.total > 0 {
        let reasons: Vec<String> =
            unresolved.reasons.iter().map(|(reason, number)| format!("{reason} {number}")).collect();
        page.say("  ").say(count(unresolved.total as u64, "unresolved site")).say(" could mean it by name (");
        page.say(reasons.join(", ")).say(")");
        if unresolved.sites.is_empty() {
            page.say(": list them with `--unresolved`");
        }
        page.end();
    }
    if unseen_files > 0 {
        page.say("  ")
            .say(count(unseen_files as u64, "source file"))
            .say(" could not be indexed: see `magellan status`");
        page.end();
    }
}
