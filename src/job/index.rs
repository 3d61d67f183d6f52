//! Brings a database up to date with its tree.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;

use crate::index::{IndexOptions, IndexReport, Progress, index};
use crate::model::Tally;
use crate::store::{self, Backend, Patience, StoreError};
use crate::walk::{WalkOptions, walk};

use super::JobError;

/// The word that does it.
pub const NAME: &str = "index";
/// Help in one line.
pub const ABOUT: &str = "Map a source tree, or bring its map up to date";
/// Invocations worth copying, with what they do.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("magellan index", "the tree around the nearest index, else the current folder"),
    ("magellan index ../project", "another tree"),
    ("magellan index --full", "from scratch, whatever has changed"),
    ("magellan index --backend native-v2", "into the native engine: smaller and faster"),
];

/// Which tree, and how.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The root of the tree; if not given, that of the nearest index, else the current folder
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Number of threads; 0 chooses by the machine
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Read and link everything again, whatever has changed
    #[arg(long)]
    pub full: bool,
    /// The engine of a new database: sqlite or native-v2; one that exists must be of it
    #[arg(long, value_name = "BACKEND")]
    pub backend: Option<Backend>,
    /// Skip files over this size
    #[arg(long, value_name = "BYTES")]
    pub max_file_bytes: Option<u64>,
    /// Keep at most this much of what was extracted from contents that are gone, for when they come back; if not
    /// given, 64 MiB or as much as the source has
    #[arg(long, value_name = "BYTES")]
    pub max_cache_bytes: Option<u64>,
    /// Accept `/` and the home folder as a root
    #[arg(long)]
    pub force: bool,
    /// While another process writes, wait for it up to this long
    #[arg(long, value_name = "SECONDS", default_value_t = WAIT_S)]
    pub wait: u64,
}

/// How long a writer waits for another one unless told otherwise, in seconds.
pub const WAIT_S: u64 = 10;

/// What the arguments have been found to mean, and who is told about it.
pub struct Task<'a> {
    /// The root of the tree.
    pub root: &'a Path,
    /// The database.
    pub database: &'a Path,
    /// The arguments as typed, for the execution record.
    pub arguments: Vec<String>,
    /// Hears how it goes on.
    pub progress: &'a dyn Progress,
    /// Is told which process is waited for.
    pub waiting: &'a dyn Fn(&str),
    /// Setting it stops the run.
    pub cancel: &'static AtomicBool,
}

/// What was done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The root of the tree.
    pub root: String,
    /// The database.
    pub database: String,
    /// Number of definitions.
    pub symbols: u64,
    /// Bytes of source.
    pub bytes: u64,
    /// Call sites, in all.
    pub call_sites: u64,
    /// Call sites by outcome.
    pub calls: Tally,
    /// Milliseconds spent finding files.
    pub walk_ms: u64,
    /// Milliseconds in all.
    pub total_ms: u64,
    /// What the pipeline did.
    pub report: IndexReport,
}

impl Reply {
    /// Whether some files failed that should have been indexed.
    pub fn is_partial(&self) -> bool {
        self.report.skipped.iter().any(|file| file.reason.is_failure())
    }
}

/// Walks the tree and indexes it.
pub fn run(args: &Args, task: Task<'_>) -> Result<Reply, JobError> {
    let clock = Instant::now();
    let elapsed_ms = || clock.elapsed().as_millis() as u64;
    let walk_options = WalkOptions {
        threads: args.threads,
        max_file_bytes: args.max_file_bytes,
        force: args.force,
        cancel: Some(task.cancel),
    };
    let tree = walk(task.root, &walk_options)?;
    let walk_ms = elapsed_ms();
    let patience = Patience { wait: Duration::from_secs(args.wait), told: task.waiting, cancel: task.cancel };
    let store = match store::open_writer_within(task.database, NAME, args.backend, &patience) {
        Err(StoreError::Aborted(_)) => return Err(JobError::Interrupted),
        other => other?,
    };
    let options = IndexOptions {
        threads: args.threads,
        full: args.full,
        cache_bytes_max: args.max_cache_bytes,
        root: task.root.display().to_string(),
        arguments: task.arguments,
        kept: None,
    };
    let report = index(&options, &tree, &*store, task.progress, task.cancel)?;
    let mut reply = Reply {
        root: options.root,
        database: task.database.display().to_string(),
        symbols: 0,
        bytes: 0,
        call_sites: 0,
        calls: Tally::default(),
        walk_ms,
        total_ms: elapsed_ms(),
        report,
    };
    for language in &reply.report.totals.languages {
        reply.symbols += language.symbols;
        reply.bytes += language.bytes;
        reply.calls.resolved += language.calls.resolved;
        reply.calls.candidates += language.calls.candidates;
        reply.calls.external += language.calls.external;
        reply.calls.unknown += language.calls.unknown;
    }
    reply.call_sites = reply.calls.total();
    Ok(reply)
}
