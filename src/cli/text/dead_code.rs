//! What nothing uses.

use crate::cli::page::{Page, Style, count, grouped};
use crate::query::dead_code::{Certainty, Dead, Doubt, Reply};

use super::{rest, sites};

pub(super) fn dead_code(reply: &Reply, page: &mut Page) {
    reply.dead.items.iter().for_each(|dead| line(dead, page));
    page.conclude();
    rest(&reply.dead, page);
    let found = count(reply.dead.total as u64, "dead definition");
    page.put(Style::Good, found).say(format!(", {}", count(reply.lines, "line")));
    let reasons = reply.reasons.iter().filter(|(_, number)| *number > 0);
    let reasons: Vec<String> =
        reasons.map(|(reason, number)| format!("{reason} {}", grouped(*number as u64))).collect();
    if !reasons.is_empty() {
        page.say(format!(" ({})", reasons.join(", ")));
    }
    page.end();
    let entries = reply.entries.iter().filter(|(_, number)| *number > 0);
    let entries: Vec<String> =
        entries.map(|(reason, number)| format!("{reason} {}", grouped(*number as u64))).collect();
    page.put(Style::Dim, format!("entries: {}", if entries.is_empty() { "none".into() } else { entries.join(", ") }));
    page.end();
    if reply.doubtful > 0 {
        let doubtful = count(reply.doubtful as u64, "more definition");
        page.put(Style::Warn, doubtful)
            .say(" may be dead, but something unsettled could use them: see `--doubtful`")
            .end();
    }
    if reply.unseen_files > 0 {
        let files = count(reply.unseen_files as u64, "source file");
        page.put(Style::Warn, format!("{files} could not be indexed and may use anything: see `magellan status`"))
            .end();
    }
}

fn line(dead: &Dead, page: &mut Page) {
    sites::place(&dead.definition.path, dead.definition.position, page);
    page.say("  ").put(Style::Dim, dead.definition.kind).say(" ").put(Style::Name, &dead.definition.qualified_name);
    page.say("  ").put(Style::Warn, dead.reason.word());
    page.put(Style::Dim, format!(", {}", count(u64::from(dead.lines), "line")));
    if dead.inside > 0 {
        page.put(Style::Dim, format!(", with {} inside", count(dead.inside as u64, "definition")));
    }
    if dead.certainty == Certainty::Doubtful {
        let doubts: Vec<String> = dead.doubts.iter().map(doubt).collect();
        page.say("  ").put(Style::Bad, format!("doubtful: {}", doubts.join(", ")));
    }
    page.end();
}

fn doubt(doubt: &Doubt) -> String {
    match doubt {
        Doubt::UnresolvedSites(number) => count(*number as u64, "unresolved site"),
        Doubt::Mentions(number) => format!("its name {} where names are not looked up", count(*number as u64, "time")),
        Doubt::ParseError => "it stands beside source that does not parse".into(),
        Doubt::Linkage => "whoever links with it may use it".into(),
        Doubt::ExternalSites(number) => {
            format!("its name {} for something outside the tree", count(*number as u64, "time"))
        }
        Doubt::Expansion => "what macros expand to may use it".into(),
        Doubt::UsedByDoubtful => "used by something doubtful".into(),
        Doubt::OutsideBase => "a base type outside the tree".into(),
        Doubt::HandedOn => "whoever is handed its object".into(),
        Doubt::Undeclared => "nothing that could be read declares its file".into(),
        Doubt::TestData => "tests may read its file".into(),
        Doubt::Documented => "a comment before it tells users of it".into(),
    }
}
