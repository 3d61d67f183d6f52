//! How broken rules look to people.

use crate::query::check::Reply;

use super::super::page::{Page, Style, count};
use super::{rest, rest_of};

pub(super) fn check(reply: &Reply, page: &mut Page) {
    for violation in &reply.violations.items {
        page.put(Style::Place, format!("{}:{}", violation.path, violation.position.line)).say("  ");
        page.put(Style::Bad, &violation.rule).say("  ").say(&violation.message).end();
        for related in &violation.related {
            let place = format!("{}:{}", related.path, related.position.line);
            page.say("    ").put(Style::Place, place).say("  ").put(Style::Dim, &related.message).end();
        }
    }
    rest(&reply.violations, page);
    for known in &reply.gone.items {
        page.put(Style::Dim, format!("gone: {}  {}  {}", known.path, known.rule, known.subject)).end();
    }
    rest_of(&reply.gone, "gone violation", page);
    for notice in reply.notices() {
        page.put(Style::Warn, "note").say(format!(": {notice}")).end();
    }
    if let Some(impact) = &reply.impact {
        let since = impact.since.as_ref().map_or("staged changes".to_owned(), |since| format!("change since {since}"));
        page.say(format!("{since}: {} changed, ", impact.changed));
        page.say(format!("{} may break", count(impact.definitions as u64, "definition")));
        page.say(format!(" in {}", count(impact.files as u64, "file")));
        let unseen = impact.not_indexed.len();
        if unseen > 0 {
            page.say(format!(", {} not in the index", count(unseen as u64, "changed file")));
        }
        page.end();
    }
    page.conclude();
    let (style, word) = if reply.violations.total == 0 { (Style::Good, "kept") } else { (Style::Bad, "broken") };
    page.put(style, word).say(format!(": {}", count(reply.rules as u64, "rule")));
    page.say(format!(", {}", count(reply.violations.total as u64, "violation")));
    if reply.known + reply.gone.total > 0 {
        page.say(format!(", {} known", reply.known));
    }
    page.end();
}
