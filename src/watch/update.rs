//! One update: what a walk found goes into the database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

use crate::index::{IndexOptions, IndexReport, Kept, Progress, index};
use crate::store::{self, Patience};
use crate::walk::{Tree, WalkError, WalkOptions, survey};

use super::{Options, WatchError};

/// Who is said to write.
const COMMAND: &str = "watch";

/// Why there was an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The first one: what changed while nobody watched.
    Start,
    /// Something happened.
    Events,
    /// Looking again showed a difference.
    Poll,
    /// What is ignored is decided otherwise outside of the watched folders.
    Rules,
    /// The database was gone.
    Database,
    /// The update before failed.
    Retry,
}

/// What an update did.
#[derive(Clone, Debug)]
pub struct Report {
    /// Why it was made.
    pub cause: Cause,
    /// Files and manifests that are other than at the update before, new or gone; empty for the first one.
    pub paths: Vec<String>,
    /// From looking at the tree to the end.
    pub took: Duration,
    /// What the pipeline did.
    pub index: IndexReport,
}

impl Report {
    /// Whether some files failed that should have been indexed.
    pub fn is_partial(&self) -> bool {
        self.index.skipped.iter().any(|file| file.reason.is_failure())
    }

    /// Whether the database says something else than before.
    pub(super) fn is_change(&self) -> bool {
        let files = &self.index.files;
        files.added + files.changed + files.removed + files.relinked > 0
    }
}

/// Brings the database up to date once, whoever watches.
pub fn once(options: &Options<'_>, waiting: &dyn Fn(&str)) -> Result<Report, WatchError> {
    let clock = Instant::now();
    let tree = survey(options.root, &walk_options(options))?;
    let cause = Cause::Start;
    let index = update(options, &tree, cause, None, waiting)?;
    Ok(Report { cause, paths: Vec::new(), took: clock.elapsed(), index })
}

pub(super) fn walk_options(options: &Options<'_>) -> WalkOptions {
    WalkOptions {
        threads: options.threads,
        max_file_bytes: options.max_file_bytes,
        force: options.force,
        cancel: Some(options.cancel),
    }
}

/// Brings the database up to date with `tree`. The writer's lock is held from here to the end, no longer.
pub(super) fn update(
    options: &Options<'_>,
    tree: &Tree,
    cause: Cause,
    kept: Option<Arc<Kept>>,
    waiting: &dyn Fn(&str),
) -> Result<IndexReport, WatchError> {
    if tree.files.is_empty() {
        return Err(WalkError::NoSource { path: options.root.to_owned(), skipped: tree.skipped.len() }.into());
    }
    let is_first = cause == Cause::Start;
    // Whoever moves the database to another engine later is followed.
    let wanted = if is_first || !store::exists(options.database)? { options.backend } else { None };
    let progress: &dyn Progress = if is_first { options.progress } else { &() };
    let patience = Patience { wait: options.wait, told: waiting, cancel: options.cancel };
    let store = store::open_writer_within(options.database, COMMAND, wanted, &patience)?;
    let index_options = IndexOptions {
        threads: options.threads,
        full: false,
        cache_bytes_max: None,
        kept,
        root: options.root.display().to_string(),
        arguments: options.arguments.clone(),
    };
    Ok(index(&index_options, tree, &*store, progress, options.cancel)?)
}
