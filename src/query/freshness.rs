//! How old the index is and which indexed files have changed since.

use std::path::Path;

use serde::Serialize;

use crate::model::Stamp;
use crate::store::{ExecutionOutcome, Snapshot};
use crate::walk;

use super::Result;

/// Up to this many files are looked at for changes; more would make every question slow.
pub const STAT_LIMIT: usize = 5_000;

/// Enough records to find the last good run among failed ones.
const RECENT_RUNS: usize = 20;

/// How well the database fits the tree on disk.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Freshness {
    /// When the last good run ended, in milliseconds since 1970.
    pub indexed_at_ms: Option<u64>,
    /// How long ago that was.
    pub indexed_ms_ago: Option<u64>,
    /// Indexed files whose size or time on disk differ or that are gone; none if there are too many to look at.
    /// New files are not counted.
    pub changed_files: Option<u64>,
}

impl Freshness {
    /// Looks at the database and, for the tree at `root`, at the disk; `now_ms` is the time since 1970.
    pub fn of(snapshot: &dyn Snapshot, root: &Path, now_ms: u64) -> Result<Self> {
        let files = snapshot.stamps()?;
        let runs = snapshot.executions(RECENT_RUNS)?;
        let good = runs.iter().find(|run| matches!(run.outcome, ExecutionOutcome::Success | ExecutionOutcome::Partial));
        let indexed_at_ms = good.map(|run| run.started_ms + run.duration_ms.unwrap_or(0));
        Ok(Self {
            indexed_at_ms,
            indexed_ms_ago: indexed_at_ms.map(|then| now_ms.saturating_sub(then)),
            changed_files: (files.len() <= STAT_LIMIT).then(|| changed(root, &files)),
        })
    }
}

/// Asking the system for each file is most of what a question costs: two threads halve it.
fn changed(root: &Path, files: &[(String, Stamp)]) -> u64 {
    let differs = |(path, stamp): &&(String, Stamp)| walk::stamp(root, path) != Some(*stamp);
    let count = |files: &[(String, Stamp)]| files.iter().filter(differs).count() as u64;
    let (first, second) = files.split_at(files.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| count(second));
        count(first) + other.join().expect("looking at files does not panic")
    })
}
