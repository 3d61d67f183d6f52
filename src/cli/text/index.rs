//! The summary of an index run.

use std::collections::BTreeMap;

use crate::cli::page::{Page, Style, count, duration, grouped, size};
use crate::job::index::Reply;

use super::status::tally;

/// Skipped files are listed up to this number unless all are asked for.
const SKIPPED_MAX: usize = 5;

/// Writes the summary; `verbose` adds times and every skipped file.
pub(in crate::cli) fn summary(reply: &Reply, verbose: bool, page: &mut Page) {
    let files = &reply.report.files;
    page.put(Style::Good, "indexed").say(format!(" {} of {}", count(files.total, "file"), size(reply.bytes)));
    page.say(format!(" in {}", duration(reply.total_ms)));
    if reply.report.bytes_read > 0 && reply.total_ms > 0 {
        page.say(format!(" ({}/s)", size(reply.report.bytes_read.saturating_mul(1000) / reply.total_ms)));
    }
    page.end();
    changes(reply, page);
    page.say("symbols     ").say(grouped(reply.symbols)).end();
    page.say("call sites  ").say(grouped(reply.call_sites)).say(": ");
    tally(&reply.calls, page);
    page.end();
    if verbose {
        times(reply, page);
    }
    skipped(reply, verbose, page);
    if reply.report.totals.files_with_errors > 0 {
        page.put(Style::Warn, count(reply.report.totals.files_with_errors, "file"));
        page.say(" with parse errors: see `magellan files --errors`").end();
    }
}

fn changes(reply: &Reply, page: &mut Page) {
    let files = &reply.report.files;
    let parts = [
        ("added", files.added),
        ("changed", files.changed),
        ("removed", files.removed),
        ("unchanged", files.unchanged),
        ("relinked", files.relinked),
        ("reused", files.reused),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(word, number)| format!("{word} {}", grouped(*number)))
        .collect();
    page.say("files       ").say(told.join(", ")).end();
}

fn times(reply: &Reply, page: &mut Page) {
    let times = &reply.report.milliseconds;
    page.put(
        Style::Dim,
        format!(
            "time        walk {} ms, extract {} ms, link {} ms, write {} ms",
            reply.walk_ms, times.extract, times.link, times.write
        ),
    );
    page.end();
    page.put(Style::Dim, format!("database    {}", reply.database)).end();
}

fn skipped(reply: &Reply, verbose: bool, page: &mut Page) {
    let skipped = &reply.report.skipped;
    if skipped.is_empty() {
        return;
    }
    let mut reasons = BTreeMap::new();
    for file in skipped {
        *reasons.entry(file.reason.word()).or_insert(0) += 1;
    }
    let reasons: Vec<String> = reasons.into_iter().map(|(reason, number)| format!("{reason} {number}")).collect();
    page.put(Style::Warn, "skipped")
        .say(format!("     {}: {}", grouped(skipped.len() as u64), reasons.join(", ")))
        .end();
    let shown = if verbose { skipped.len() } else { SKIPPED_MAX };
    for file in skipped.iter().take(shown) {
        page.say("  ").put(Style::Place, &file.path).say(format!("  {}: {}", file.reason.word(), file.detail)).end();
    }
    if skipped.len() > shown {
        page.put(Style::Dim, format!("  ... {} more; see `magellan status`", skipped.len() - shown)).end();
    }
}
