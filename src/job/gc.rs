//! Prunes the cache and gives unused space back to the file system.

use schemars::JsonSchema;
use serde::Serialize;

use crate::store::{self, CacheRow, Change, cache_bytes_max, over_limit};

use super::{JobError, Scene};

/// The word that does it.
pub const NAME: &str = "gc";

/// How much may stay.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Keep at most this much in the cache, dropping what was put there first; if not given, 64 MiB or as much as the
    /// source has
    #[arg(long, value_name = "BYTES")]
    pub max_size: Option<u64>,
    /// Drop all that is in the cache
    #[arg(long, conflicts_with = "max_size")]
    pub all: bool,
}

/// What was freed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The database.
    pub database: String,
    /// Its engine.
    pub backend: &'static str,
    /// What the cache has now.
    pub kept: Amount,
    /// What was dropped from it.
    pub dropped: Amount,
    /// Bytes of the database on disk before.
    pub bytes_before: u64,
    /// And now: what is not used went back to the file system, as far as it was worth it.
    pub bytes_after: u64,
}

/// Contents in the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Amount {
    /// Their number.
    pub entries: u64,
    /// Bytes of what was made of them.
    pub bytes: u64,
}

impl Amount {
    fn of<'r>(rows: impl Iterator<Item = &'r CacheRow>) -> Self {
        rows.fold(Self::default(), |sum, row| Self {
            entries: sum.entries + 1,
            bytes: sum.bytes.saturating_add(row.bytes),
        })
    }
}

/// Drops what is too much, in one change, then makes the file as small as what is left. The second is done in one go: a
/// stop waits for it.
pub fn run(scene: &Scene<'_>, args: &Args) -> Result<Reply, JobError> {
    let store = store::open_writer(scene.database, NAME, None)?;
    let snapshot = store.snapshot()?;
    let rows = snapshot.cache()?;
    let bytes_max = match (args.all, args.max_size) {
        (true, _) => 0,
        (false, Some(bytes)) => bytes,
        (false, None) => cache_bytes_max(snapshot.files()?.iter().map(|file| file.size).sum()),
    };
    drop(snapshot);
    let dropped = if args.all { rows.iter().map(|row| row.number).collect() } else { over_limit(&rows, bytes_max) };
    scene.go_on()?;
    if !dropped.is_empty() {
        store.apply(&mut dropped.iter().copied().map(Change::Evict))?;
    }
    scene.go_on()?;
    let (bytes_before, bytes_after) = store.compact()?;
    let is_dropped = |row: &&CacheRow| dropped.binary_search(&row.number).is_ok();
    Ok(Reply {
        database: scene.database.display().to_string(),
        backend: store.backend().word(),
        kept: Amount::of(rows.iter().filter(|row| !is_dropped(row))),
        dropped: Amount::of(rows.iter().filter(is_dropped)),
        bytes_before,
        bytes_after,
    })
}
