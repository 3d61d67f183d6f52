//! The pipeline: plan, extract with many threads, link, one writer; all at the same time as far as they can be.
//!
//! Facts of files that did not change are taken from the database; links are made anew from all facts and
//! written where they differ, so an incremental run ends with the content a fresh one would have.

mod changes;
mod extract;
mod feed;
mod kept;
mod metrics;
mod plan;
mod rehearsal;
mod relink;
mod reuse;
mod run;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Skipped;
use crate::store::{Change, Execution, ExecutionOutcome, Store, StoreError, Totals};
use crate::walk::Tree;

pub use changes::{TreeChanges, changes};
pub use kept::Kept;
pub(crate) use plan::{ROOT, VERSION, is_racy, manifests_changed, stored_manifests};
pub use rehearsal::{Rehearsal, rehearse};
use run::{Written, run};

/// How to index.
#[derive(Clone, Debug, Default)]
pub struct IndexOptions {
    /// Number of threads that extract and link; 0 chooses by the machine.
    pub threads: usize,
    /// Start anew instead of from what is stored.
    pub full: bool,
    /// How many bytes the cache may have; if not given, [`cache_bytes_max`](crate::store::cache_bytes_max) says.
    pub cache_bytes_max: Option<u64>,
    /// The root as shown in execution records.
    pub root: String,
    /// Arguments as shown in execution records.
    pub arguments: Vec<String>,
    /// Where a process that runs again and again keeps what would be loaded each time.
    pub kept: Option<Arc<Kept>>,
}

/// What an index run is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading and extracting; counted in bytes.
    Extract,
    /// Linking; counted in files.
    Link,
    /// Writing what is not written yet; not counted.
    Write,
}

/// Hears how a run goes on, from any thread.
pub trait Progress: Sync {
    /// A phase begins, with this much to do.
    fn phase(&self, phase: Phase, total: u64);
    /// So much more of it is done.
    fn advance(&self, amount: u64);
}

impl Progress for () {
    fn phase(&self, _: Phase, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// Why there is no new index. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The run was cancelled.
    #[error("interrupted")]
    Interrupted,
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an index run did.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct IndexReport {
    /// Files by what became of them.
    pub files: FileCounts,
    /// Bytes that were read.
    pub bytes_read: u64,
    /// Files that were left out, sorted by path.
    pub skipped: Vec<Skipped>,
    /// Content of the database now.
    pub totals: Totals,
    /// Where the time went.
    pub milliseconds: PhaseTimes,
}

/// Files by what became of them in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileCounts {
    /// In the database now.
    pub total: u64,
    /// New ones.
    pub added: u64,
    /// With other content than before.
    pub changed: u64,
    /// Of the new and changed ones, those of a content that was extracted before and is not again.
    pub reused: u64,
    /// Gone.
    pub removed: u64,
    /// As before.
    pub unchanged: u64,
    /// Those whose links were made anew: the changed ones, and those that had asked for something that changed.
    pub linked: u64,
    /// Of the unchanged ones, those whose links differ because of other files.
    pub relinked: u64,
}

/// Milliseconds of wall time; a later phase counts only what the earlier left to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PhaseTimes {
    /// Reading and extracting, with the writing that overlaps.
    pub extract: u64,
    /// Linking, with the writing that overlaps.
    pub link: u64,
    /// Writing what was left.
    pub write: u64,
    /// From start to end.
    pub total: u64,
}

/// Brings `store` up to date with `tree`. Setting `cancel` stops the run within a fraction of a second and
/// leaves the database as it was, with an `interrupted` execution record.
pub fn index(
    options: &IndexOptions,
    tree: &Tree,
    store: &dyn Store,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<IndexReport, IndexError> {
    let clock = Instant::now();
    let started_ms = milliseconds(since_1970());
    let mut execution = Execution::begin("index", options.arguments.clone(), &options.root, started_ms);
    if exists(store)? {
        record(store, &execution)?;
    }
    let result = run(options, tree, store, progress, cancel);
    execution.duration_ms = Some(milliseconds(clock.elapsed()));
    match &result {
        Ok((report, written)) => end(&mut execution, report, *written),
        Err(IndexError::Interrupted) => execution.outcome = ExecutionOutcome::Interrupted,
        Err(IndexError::Store(error)) => {
            execution.outcome = ExecutionOutcome::Error;
            execution.error = Some(error.to_string());
        }
    }
    match (result, exists(store).unwrap_or(false)) {
        (Ok((mut report, _)), _) => {
            record(store, &execution)?;
            report.totals = store.snapshot()?.totals()?;
            report.milliseconds.total = milliseconds(clock.elapsed());
            Ok(report)
        }
        (Err(error), true) => {
            // The first error is the one to tell; that the record cannot be written either adds nothing.
            let _ = record(store, &execution);
            Err(error)
        }
        (Err(error), false) => Err(error),
    }
}

fn exists(store: &dyn Store) -> Result<bool, StoreError> {
    match store.snapshot() {
        Ok(_) => Ok(true),
        Err(StoreError::Missing(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn record(store: &dyn Store, execution: &Execution) -> Result<(), StoreError> {
    store.apply(&mut std::iter::once(Change::Execution(execution.clone())))
}

fn end(execution: &mut Execution, report: &IndexReport, written: Written) {
    let failed = report.skipped.iter().any(|file| file.reason.is_failure());
    execution.outcome = if failed { ExecutionOutcome::Partial } else { ExecutionOutcome::Success };
    execution.files = written.files;
    execution.symbols = written.symbols;
    execution.occurrences = written.occurrences;
    execution.links = written.links;
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
