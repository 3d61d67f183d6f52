//! How old an answer is: what every answer tells beside itself, to people on stderr, to programs in `freshness`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::job::refresh::Refresh;
use crate::query::{Freshness, KnownBy};

use super::page::{Page, Style, count, duration, grouped};

/// So many changed files are named to people.
const NAMED_MAX: usize = 3;

/// How well an answer fits the tree on disk.
#[derive(Serialize, JsonSchema)]
pub(super) struct AsOf {
    /// Age of the index and changes since.
    #[serde(flatten)]
    pub(super) freshness: Freshness,
    /// Files that the answer speaks of and that have other content now, or are gone.
    pub(super) changed_sources: Vec<String>,
    /// What `--fresh` did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh: Option<Refresh>,
}

impl AsOf {
    /// Whether there is nothing to warn of.
    pub(super) fn is_plain(&self) -> bool {
        self.freshness.is_current() && self.refresh.is_none()
    }
}

/// The whole of it for people, in one line or a few.
pub(super) fn tell(as_of: &AsOf, page: &mut Page) {
    if let Some(refresh) = &as_of.refresh {
        refreshed(refresh, page);
    }
    let freshness = as_of.freshness;
    if freshness.is_current() {
        page.put(Style::Dim, "as of ");
    } else {
        page.put(Style::Warn, "note").say(": as of ");
    }
    age(freshness, page);
    changes(freshness, page);
    if freshness.known_by != KnownBy::Nothing && !freshness.is_current() {
        page.say("; `magellan index` brings it up to date, as does `--fresh`");
    }
    page.end();
    sources(&as_of.changed_sources, page);
}

fn refreshed(refresh: &Refresh, page: &mut Page) {
    match refresh {
        Refresh::Current => {}
        Refresh::Updated { files, milliseconds } => {
            let changed = files.added + files.changed + files.removed;
            page.put(Style::Good, "brought up to date").say(format!(": {}", count(changed, "file")));
            page.say(format!(" in {}", duration(*milliseconds))).end();
        }
        Refresh::Stale { files, holder } => {
            page.put(Style::Warn, "warning").say(": not brought up to date, since ").say(holder);
            page.say(format!(" is writing; {} changed since", count(*files as u64, "file"))).end();
        }
    }
}

/// How long ago the index was made.
pub(super) fn age(freshness: Freshness, page: &mut Page) {
    match freshness.indexed_ms_ago {
        Some(ago) => page.say(format!("{} ago", duration(ago))),
        None => page.say("no complete run"),
    };
}

/// What has changed since, after a comma.
pub(super) fn changes(freshness: Freshness, page: &mut Page) {
    page.say(", ");
    match (freshness.changed_files, freshness.known_by) {
        (None, _) => {
            page.put(Style::Warn, "changes since then unknown").say(": too many files to look at; `--check` does")
        }
        (Some(0), KnownBy::Content) => page.put(Style::Good, "no file changed, new or gone since"),
        (Some(0), _) => page.put(Style::Good, "no file changed since"),
        (Some(changed), _) => page.put(Style::Warn, format!("{} changed since", count(changed, "file"))),
    };
    let parts = [("new", freshness.new_files), ("gone", freshness.removed_files)];
    let told: Vec<String> = parts
        .iter()
        .filter_map(|(word, number)| {
            number.filter(|number| *number > 0).map(|number| format!("{} {word}", grouped(number)))
        })
        .collect();
    if !told.is_empty() {
        page.say(format!(" ({})", told.join(", ")));
    }
    if freshness.manifests_changed == Some(true) {
        page.say(", ").put(Style::Warn, "other manifests");
    }
}

/// Names the files that the answer itself speaks of.
fn sources(changed: &[String], page: &mut Page) {
    if changed.is_empty() {
        return;
    }
    page.put(Style::Warn, "note").say(": changed since, and shown as indexed: ");
    let (named, hidden) = changed.split_at(changed.len().min(NAMED_MAX));
    for (index, path) in named.iter().enumerate() {
        page.say(if index > 0 { ", " } else { "" }).put(Style::Place, path);
    }
    if !hidden.is_empty() {
        page.say(format!(" and {}", count(hidden.len() as u64, "other file")));
    }
    page.end();
}
