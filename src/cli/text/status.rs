//! The state of a database.

use crate::cli::as_of;
use crate::cli::page::{Page, Style, count, duration, grouped, share, size};
use crate::cli::table::{Table, counted, left, right};
use crate::model::Tally;
use crate::query::status::Reply;

use super::field;

/// Skipped files are listed up to this number.
const SKIPPED_MAX: usize = 10;

pub(super) fn status(reply: &Reply, page: &mut Page) {
    field("root", page);
    page.put(Style::Place, &reply.root).end();
    field("database", page);
    let database = &reply.database;
    page.put(Style::Place, &database.path).say(format!("  {}, {}", database.backend, size(database.bytes))).end();
    field("indexed", page);
    age(reply, page);
    if reply.cache.entries > 0 {
        field("cache", page);
        page.say(format!("{} of gone files, {}", count(reply.cache.entries, "content"), size(reply.cache.bytes))).end();
    }
    if let Some(watcher) = &reply.watcher {
        field("watched", page);
        page.say(format!("by process {}, for {}", watcher.process, duration(watcher.running_ms))).end();
    }
    field("files", page);
    page.say(format!("{}, {}", grouped(reply.files), size(reply.bytes)));
    let [code, comment, blank] = [reply.lines.code, reply.lines.comment, reply.lines.blank].map(u64::from).map(grouped);
    page.say(format!(", {}", count(u64::from(total_lines(reply)), "line")));
    page.say(format!(" (code {code}, comment {comment}, blank {blank})")).end();
    field("symbols", page);
    page.say(grouped(reply.symbols)).end();
    field("call sites", page);
    page.say(grouped(reply.call_sites)).say(": ");
    tally(&reply.calls, page);
    page.end();
    languages(reply, page);
    unknown(reply, page);
    problems(reply, page);
}

/// Call sites by outcome, with shares: the line that says how far answers can be trusted.
pub(super) fn tally(calls: &Tally, page: &mut Page) {
    let parts = [
        ("resolved", calls.resolved, Style::Good),
        ("candidates", calls.candidates, Style::Warn),
        ("external", calls.external, Style::Dim),
        ("unknown", calls.unknown, Style::Bad),
    ];
    for (index, (word, number, style)) in parts.into_iter().enumerate() {
        page.say(if index > 0 { ", " } else { "" }).put(style, word).say(format!(" {}", grouped(number)));
        let share = share(number, calls.total());
        if !share.is_empty() {
            page.say(format!(" ({share})"));
        }
    }
}

fn total_lines(reply: &Reply) -> u32 {
    reply.lines.code + reply.lines.comment + reply.lines.blank
}

fn age(reply: &Reply, page: &mut Page) {
    as_of::age(reply.freshness, page);
    as_of::changes(reply.freshness, page);
    page.end();
}

fn languages(reply: &Reply, page: &mut Page) {
    let mut table = Table::default();
    for language in &reply.totals.languages {
        let calls = language.calls.total();
        let share = share(calls - language.calls.unknown, calls);
        let settled = if share.is_empty() { share } else { format!("{share} settled") };
        table.row([
            left(Style::Name, &language.language),
            counted(Style::Plain, language.files, "file"),
            counted(Style::Plain, language.symbols, "symbol"),
            counted(Style::Plain, calls, "call site"),
            right(Style::Plain, settled),
        ]);
    }
    table.write(page, |_, page| {
        page.say("  ");
    });
}

fn unknown(reply: &Reply, page: &mut Page) {
    if reply.totals.unknown_reasons.is_empty() {
        return;
    }
    let reasons: Vec<String> =
        reply.totals.unknown_reasons.iter().map(|(reason, number)| format!("{reason} {}", grouped(*number))).collect();
    field("unknown", page);
    page.say(reasons.join(", ")).end();
}

fn problems(reply: &Reply, page: &mut Page) {
    if reply.totals.files_with_errors > 0 {
        page.put(Style::Warn, count(reply.totals.files_with_errors, "file"));
        page.say(" with parse errors: see `magellan files --errors`").end();
    }
    if reply.skipped.total > 0 {
        let reasons: Vec<String> =
            reply.skipped_by_reason.iter().map(|(reason, number)| format!("{reason} {number}")).collect();
        page.put(Style::Warn, count(reply.skipped.total as u64, "file"));
        page.say(" skipped: ").say(reasons.join(", ")).end();
        for skipped in reply.skipped.items.iter().take(SKIPPED_MAX) {
            page.say("  ").put(Style::Place, &skipped.path);
            page.say(format!("  {}: {}", skipped.reason.word(), skipped.detail)).end();
        }
        if reply.skipped.total > SKIPPED_MAX {
            let hidden = reply.skipped.total - SKIPPED_MAX;
            page.put(Style::Dim, format!("  ... {hidden} more; `magellan status --json` lists them")).end();
        }
    }
}
