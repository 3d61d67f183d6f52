//! How old the index is and which indexed files have changed since.

use serde::Serialize;

use crate::store::{ExecutionOutcome, FileRow};
use crate::walk;

use super::{Ground, Result};

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
    /// Looks at the database and the disk.
    pub fn of(ground: &Ground<'_>) -> Result<Self> {
        let files = ground.snapshot.files()?;
        let runs = ground.snapshot.executions(RECENT_RUNS)?;
        let good = runs.iter().find(|run| matches!(run.outcome, ExecutionOutcome::Success | ExecutionOutcome::Partial));
        let indexed_at_ms = good.map(|run| run.started_ms + run.duration_ms.unwrap_or(0));
        Ok(Self {
            indexed_at_ms,
            indexed_ms_ago: indexed_at_ms.map(|then| ground.now_ms.saturating_sub(then)),
            changed_files: (files.len() <= STAT_LIMIT).then(|| changed(ground, &files)),
        })
    }
}

fn changed(ground: &Ground<'_>, files: &[FileRow]) -> u64 {
    let differs = |file: &&FileRow| walk::stamp(ground.root, &file.path) != Some(file.stamp);
    files.iter().filter(differs).count() as u64
}
