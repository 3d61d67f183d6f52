//! The summaries of deeds.

use crate::cli::page::{Page, Style, count, duration, grouped, size};
use crate::job::{Reply, backup, doctor, gc, verify};
use crate::query::List;
use crate::store::{MigrationReport, UpgradeReport};

use super::rest;

/// Writes the summary of a deed.
pub(in crate::cli) fn deed(reply: &Reply, page: &mut Page) {
    match reply {
        Reply::Verify(reply) => verify(reply, page),
        Reply::Doctor(reply) => doctor(reply, page),
        Reply::Backup(reply) => backup(reply, page),
        Reply::Gc(reply) => gc(reply, page),
        Reply::Migrate(reply) => upgrade(reply, page),
        Reply::MigrateBackend(reply) => migration(reply, page),
    }
}

fn verify(reply: &verify::Reply, page: &mut Page) {
    let (style, word) = if reply.is_same() { (Style::Good, "same") } else { (Style::Warn, "different") };
    page.put(style, word).say(format!(": {} as indexed", count(reply.same, "file")));
    let lists = [("changed", &reply.changed), ("new", &reply.new), ("missing", &reply.missing)];
    for (word, list) in lists.iter().filter(|(_, list)| list.total > 0) {
        page.say(format!(", {} {word}", grouped(list.total as u64)));
    }
    if reply.manifests_changed {
        page.say(", other manifests");
    }
    page.end();
    for (word, list) in lists {
        for path in &list.items {
            page.say(format!("{word:<8} ")).put(Style::Place, path).end();
        }
        rest(list, page);
    }
}

fn doctor(reply: &doctor::Reply, page: &mut Page) {
    if reply.rebuilt {
        page.say(format!("indexes made anew: {} put right", count(reply.fixed as u64, "fault"))).end();
    }
    match &reply.fingerprint {
        Some(fingerprint) => {
            page.put(Style::Good, "sound").say(format!(": {} ({})", reply.database, reply.backend)).end();
            page.say("fingerprint ").say(fingerprint).end();
        }
        None => faults(&reply.faults, reply.rebuilt, page),
    }
}

fn faults(faults: &List<String>, rebuilt: bool, page: &mut Page) {
    page.put(Style::Bad, count(faults.total as u64, "fault")).end();
    for fault in &faults.items {
        page.say("  ").say(fault).end();
    }
    rest(faults, page);
    let next = match rebuilt {
        true => "records are damaged: make them anew with `magellan index --full`",
        false => "`magellan doctor --fix` makes the indexes anew",
    };
    page.say(next).end();
}

fn backup(reply: &backup::Reply, page: &mut Page) {
    page.put(Style::Good, "copied").say(format!(" {} to ", reply.source)).put(Style::Place, &reply.target);
    page.say(format!(" ({}, {})", reply.backend, size(reply.bytes))).end();
    page.say("fingerprint ").say(&reply.fingerprint).end();
}

fn gc(reply: &gc::Reply, page: &mut Page) {
    let freed = reply.bytes_before.saturating_sub(reply.bytes_after);
    page.put(Style::Good, "freed").say(format!(" {} of {}", size(freed), size(reply.bytes_before))).end();
    let shown = |amount: &gc::Amount| format!("{}, {}", count(amount.entries, "content"), size(amount.bytes));
    page.say(format!("kept        {}", shown(&reply.kept))).end();
    page.say(format!("dropped     {}", shown(&reply.dropped))).end();
}

fn upgrade(reply: &UpgradeReport, page: &mut Page) {
    match &reply.backup {
        None => page.say(format!("nothing to do: {} is of the current format {}", reply.file, reply.to)),
        Some(backup) => page
            .put(Style::Good, "upgraded")
            .say(format!(" {} from format {} to {}; copy from before: {backup}", reply.file, reply.from, reply.to)),
    };
    page.end();
}

fn migration(reply: &MigrationReport, page: &mut Page) {
    if reply.already {
        page.say(format!("nothing to do: {} is a {} database", reply.source, reply.to)).end();
        return;
    }
    let word = if reply.dry_run { "could be migrated" } else { "migrated" };
    page.put(Style::Good, word).say(format!(" from {} to {}", reply.from, reply.to));
    page.say(format!(" in {}", duration((reply.seconds * 1e3) as u64))).end();
    for records in &reply.records {
        page.say(format!("  {:<18} {:>12}", records.kind, grouped(records.target))).end();
    }
    page.say("size        ").say(format!("{}, was {}", size(reply.target_bytes), size(reply.source_bytes))).end();
    page.say("fingerprint ").say(&reply.target_fingerprint).say(" on both sides").end();
    if reply.dry_run {
        page.say("dry run: nothing was changed").end();
        return;
    }
    let live = if reply.switched { " (live)" } else { "" };
    page.say("copy        ").put(Style::Place, &reply.target).say(live).end();
    let kept = if reply.source_kept { "kept" } else { "removed" };
    page.say("original    ").put(Style::Place, &reply.source).say(format!(" {kept}")).end();
}
