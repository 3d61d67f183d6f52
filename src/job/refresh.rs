//! Brings a database up to date right before a question is asked of it, and only if the tree has changed.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

use crate::index::{FileCounts, IndexOptions, Progress, changes, index};
use crate::store::{self, StoreError};
use crate::walk::{WalkOptions, walk};

use super::JobError;

/// How long to wait for another process that writes.
pub const WAIT: Duration = Duration::from_secs(5);

/// How often to look whether it has ended, or has done what was to be done.
const POLL: Duration = Duration::from_millis(200);

/// Which tree and database, and who is told.
pub struct Task<'a> {
    /// The root of the tree.
    pub root: &'a Path,
    /// The database, which exists.
    pub database: &'a Path,
    /// The arguments as typed, for the execution record.
    pub arguments: Vec<String>,
    /// How long to wait for another writer.
    pub wait: Duration,
    /// Hears how it goes on.
    pub progress: &'a dyn Progress,
    /// Setting it stops the run.
    pub cancel: &'static AtomicBool,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Refresh {
    /// The index was up to date, or another process made it so; nothing was written.
    Current,
    /// What changed was indexed.
    Updated {
        /// Files by what became of them.
        files: FileCounts,
        /// How long it took.
        milliseconds: u64,
    },
    /// Another process was writing all the time: the index is as it was.
    Stale {
        /// Files that are new, changed or gone.
        files: usize,
        /// Who was writing.
        holder: String,
    },
}

/// Indexes what changed, as `index` would. If nothing did, nothing is written and no lock is taken.
pub fn refresh(task: &Task<'_>) -> Result<Refresh, JobError> {
    let clock = Instant::now();
    // A root that was indexed once was meant.
    let walk_options = WalkOptions { force: true, cancel: Some(task.cancel), ..WalkOptions::default() };
    loop {
        let tree = walk(task.root, &walk_options)?;
        let found = changes(&tree, &*store::open(task.database)?.snapshot()?)?;
        if found.is_none() {
            return Ok(Refresh::Current);
        }
        let store = match store::open_writer(task.database, "index", None) {
            Ok(store) => store,
            Err(StoreError::Locked { holder, .. }) if clock.elapsed() >= task.wait => {
                return Ok(Refresh::Stale { files: found.files(), holder });
            }
            Err(StoreError::Locked { .. }) => {
                sleep(POLL.min(task.wait));
                if task.cancel.load(Ordering::Relaxed) {
                    return Err(JobError::Interrupted);
                }
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let options = IndexOptions {
            root: task.root.display().to_string(),
            arguments: task.arguments.clone(),
            ..IndexOptions::default()
        };
        let report = index(&options, &tree, &*store, task.progress, task.cancel)?;
        let milliseconds = clock.elapsed().as_millis() as u64;
        return Ok(Refresh::Updated { files: report.files, milliseconds });
    }
}
