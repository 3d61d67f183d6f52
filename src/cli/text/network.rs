//! Answers from the graph of the whole tree: lists by distance, ways, circles, layers.

use crate::cli::page::{Page, Style, count};
use crate::query::impact::Affected;
use crate::query::{By, Doubt, Drawing, List, Place, affected_tests, condense, cycles, impact, paths, reachable};

use super::sites::{place, symbol};
use super::{drawing, rest, rest_in, rest_of};

pub(super) fn reachable(reply: &reachable::Reply, page: &mut Page) {
    if is_drawn(reply.drawing.as_ref(), page) {
        return;
    }
    symbol(&reply.symbol, page);
    for reached in &reply.reached.items {
        page.say(format!("{:>4}  ", reached.distance));
        node(&reached.place, page);
        uncertain(reached.certain, page);
        page.end();
    }
    page.conclude();
    rest(&reply.reached, page);
    let total: usize = reply.by_distance.iter().sum();
    let found = match reply.reverse {
        true => format!("{} can lead to it", count(total as u64, "place")),
        false => format!("{} can be reached", count(total as u64, "place")),
    };
    distances(&reply.by_distance, found, page);
    doubt(&reply.doubt, page);
}

pub(super) fn paths(reply: &paths::Reply, page: &mut Page) {
    if is_drawn(reply.drawing.as_ref(), page) {
        return;
    }
    for path in &reply.paths {
        page.put(Style::Good, count(path.steps.len() as u64 - 1, "step"));
        uncertain(path.certain, page);
        page.end();
        for step in &path.steps {
            page.say("  ");
            node(step, page);
            page.end();
        }
    }
    page.conclude();
    let steps = count(u64::from(reply.depth), "step");
    let found = format!("{} of at most {steps}", count(reply.paths.len() as u64, "path"));
    if reply.more {
        page.put(
            Style::Warn,
            format!("{found} shown, there may be more; `--limit` and `--depth` say how many and how long"),
        );
    } else {
        page.say(found);
    }
    page.end();
    doubt(&reply.doubt, page);
}

pub(super) fn cycles(reply: &cycles::Reply, page: &mut Page) {
    if is_drawn(reply.drawing.as_ref(), page) {
        return;
    }
    let (noun, does) = match reply.by {
        By::Calls => ("callable", "calls"),
        By::Imports => ("file", "imports"),
    };
    for cycle in &reply.cycles.items {
        let steps = count(cycle.shortest.len().saturating_sub(1) as u64, "step");
        let found = count(cycle.members.total as u64, noun);
        page.put(Style::Warn, found).say(format!(" lead to each other, in {steps} at the least")).end();
        for member in &cycle.members.items {
            page.say("  ");
            node(member, page);
            page.end();
        }
        rest_in("  ", &cycle.members, page);
        let names: Vec<&str> = cycle.shortest.iter().map(|place| place.qualified_name.as_str()).collect();
        page.say("  ").put(Style::Dim, names.join(" -> ")).end();
    }
    page.conclude();
    rest(&reply.cycles, page);
    if reply.self_recursive.total > 0 {
        page.say(does).say(" itself").end();
        nodes(&reply.self_recursive, page);
    }
    page.say(count(reply.cycles.total as u64, "circle")).say(" of several, ");
    let alone = if reply.self_recursive.total == 1 { " by itself" } else { " by themselves" };
    page.say(count(reply.self_recursive.total as u64, noun)).say(alone).end();
    completeness(reply.not_followed, &reply.doubt, page);
}

pub(super) fn condense(reply: &condense::Reply, page: &mut Page) {
    if is_drawn(reply.drawing.as_ref(), page) {
        return;
    }
    for group in &reply.groups.items {
        page.say(format!("{:>4}  ", group.layer));
        match &group.members.items[..] {
            [one] if group.members.total == 1 => node(one, page),
            _ => {
                page.put(Style::Warn, format!("circle of {}", group.members.total));
            }
        }
        page.put(Style::Dim, format!("  leads to {}, led from {}", group.leads_to, group.led_from)).end();
        if group.members.total > 1 {
            for member in &group.members.items {
                page.say("        ");
                node(member, page);
                page.end();
            }
            rest_in("        ", &group.members, page);
        }
    }
    page.conclude();
    rest(&reply.groups, page);
    let [layers, groups, circles] = [(reply.layers, "layer"), (reply.groups.total, "group"), (reply.circles, "circle")]
        .map(|(number, noun)| count(number as u64, noun));
    page.say(format!("{layers}, {groups}, {circles}, {}", count(reply.edges as u64, "step"))).end();
    completeness(reply.not_followed, &reply.doubt, page);
}

pub(super) fn impact(reply: &impact::Reply, page: &mut Page) {
    if is_drawn(reply.drawing.as_ref(), page) {
        return;
    }
    roots(&reply.roots, &reply.not_indexed, page);
    affected(&reply.affected, page);
    page.conclude();
    let total: usize = reply.by_distance.iter().sum();
    distances(&reply.by_distance, format!("{} may break", count(total as u64, "place")), page);
    page.say(count(reply.tests.total as u64, "test")).say(" among them").end();
    doubt(&reply.doubt, page);
}

pub(super) fn affected_tests(reply: &affected_tests::Reply, page: &mut Page) {
    roots(&reply.roots, &reply.not_indexed, page);
    affected(&reply.tests, page);
    page.conclude();
    let tests = count(reply.tests.total as u64, "test");
    page.put(Style::Good, tests).say(" in ").say(count(reply.files.len() as u64, "file")).end();
    doubt(&reply.doubt, page);
}

fn is_drawn(drawing: Option<&Drawing>, page: &mut Page) -> bool {
    drawing.inspect(|drawing| drawing::draw(drawing, page)).is_some()
}

fn roots(roots: &List<Place>, not_indexed: &[String], page: &mut Page) {
    for root in &roots.items {
        page.say("changes ");
        node(root, page);
        page.end();
    }
    rest_of(roots, "change", page);
    for path in not_indexed {
        page.put(Style::Warn, "not indexed ").put(Style::Place, path).end();
    }
}

fn affected(list: &List<Affected>, page: &mut Page) {
    for affected in &list.items {
        page.say(format!("{:>4}  ", affected.distance));
        node(&affected.place, page);
        if !affected.by.is_empty() {
            page.say("  ").put(Style::Dim, format!("{} ", affected.by)).say(&affected.through);
        }
        uncertain(affected.certain, page);
        page.end();
    }
    rest(list, page);
}

fn distances(by_distance: &[usize], found: String, page: &mut Page) {
    page.put(Style::Good, found);
    if by_distance.len() > 1 {
        let counts: Vec<String> = (1..).zip(by_distance).map(|(steps, number)| format!("{steps}: {number}")).collect();
        page.say(format!(" (by steps {})", counts.join(", ")));
    }
    page.end();
}

fn nodes(list: &List<Place>, page: &mut Page) {
    for item in &list.items {
        page.say("  ");
        node(item, page);
        page.end();
    }
    rest(list, page);
}

fn node(item: &Place, page: &mut Page) {
    page.put(Style::Dim, item.kind).say(" ").put(Style::Name, &item.qualified_name);
    if item.id.is_some() {
        page.say("  ");
        place(&item.path, item.position, page);
    }
}

fn uncertain(is_certain: bool, page: &mut Page) {
    if !is_certain {
        page.say("  ").put(Style::Warn, "(over candidates)");
    }
}

/// Of what may leave candidates out.
fn completeness(not_followed: usize, doubts: &Doubt, page: &mut Page) {
    if not_followed > 0 {
        page.put(Style::Warn, count(not_followed as u64, "candidate"))
            .say(" not followed: `--candidates` follows them")
            .end();
    }
    if not_followed == 0 || !doubts.is_none() {
        doubt(doubts, page);
    }
}

fn doubt(doubt: &Doubt, page: &mut Page) {
    if doubt.is_none() {
        page.put(Style::Good, "complete").say(": nothing that is unsettled could add to it").end();
        return;
    }
    page.put(Style::Warn, "not complete").say(":").end();
    if doubt.unresolved > 0 {
        page.say("  ").say(count(doubt.unresolved, "unresolved call site")).say(" could add to it").end();
    }
    if doubt.taken_as_value > 0 {
        let places = count(doubt.taken_as_value as u64, "place");
        page.say("  ").say(places).say(" where a callable is taken as a value and may be called from there").end();
    }
    if doubt.unseen_files > 0 {
        let files = count(doubt.unseen_files as u64, "source file");
        page.say("  ").say(files).say(" could not be indexed: see `magellan status`").end();
    }
}
