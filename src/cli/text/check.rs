//! How broken rules look to people.

use crate::query::check::Reply;

use super::super::page::{Page, Style, count};
use super::rest;

pub(super) fn check(reply: &Reply, page: &mut Page) {
    for violation in &reply.violations.items {
        page.put(Style::Place, format!("{}:{}", violation.path, violation.line)).say("  ");
        page.put(Style::Bad, &violation.rule).say("  ").say(&violation.message).end();
    }
    rest(&reply.violations, page);
    for rule in &reply.idle_rules {
        page.put(Style::Warn, "note").say(format!(": no file is subject to rule {rule}; check its paths")).end();
    }
    let (style, word) = if reply.violations.total == 0 { (Style::Good, "kept") } else { (Style::Bad, "broken") };
    page.put(style, word).say(format!(": {}", count(reply.rules as u64, "rule")));
    page.say(format!(", {}", count(reply.violations.total as u64, "violation")));
    if reply.known + reply.gone > 0 {
        page.say(format!(", {} known, {} of the baseline gone", reply.known, reply.gone));
    }
    page.end();
}
