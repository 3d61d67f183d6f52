//! What is indexed, how far it can be trusted, how fresh it is.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{LineCounts, Skipped, Tally};
use crate::store::{self, Execution, Totals, Watcher};

use super::{Freshness, Ground, List, Result};

/// No arguments of its own.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {}

/// The state of the database.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The root of the indexed tree.
    pub root: String,
    /// The database.
    pub database: Database,
    /// Number of files.
    pub files: u64,
    /// Bytes of source.
    pub bytes: u64,
    /// Lines.
    pub lines: LineCounts,
    /// Number of definitions.
    pub symbols: u64,
    /// Call sites, in all.
    pub call_sites: u64,
    /// Call sites by outcome.
    pub calls: Tally,
    /// What is kept of contents that no file has any more.
    pub cache: Cache,
    /// Counts by language, parse errors, reasons of unknown call sites.
    #[serde(flatten)]
    pub totals: Totals,
    /// Files left out, by reason.
    pub skipped_by_reason: Vec<(&'static str, usize)>,
    /// Files left out.
    pub skipped: List<Skipped>,
    /// How well it fits the tree on disk.
    pub freshness: Freshness,
    /// The newest run.
    pub last_run: Option<Execution>,
    /// The process that keeps it fresh, if there is one.
    pub watcher: Option<Watcher>,
}

/// Where the database is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Database {
    /// Its path.
    pub path: String,
    /// Its engine.
    pub backend: &'static str,
    /// Its size on disk, with everything that belongs to it.
    pub bytes: u64,
}

/// What is kept of contents that no file has any more, for when they come back.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cache {
    /// Number of contents.
    pub entries: u64,
    /// Bytes of what was made of them.
    pub bytes: u64,
}

/// Counts everything.
pub fn run(ground: &Ground<'_>, _: &Args) -> Result<Reply> {
    let totals = ground.snapshot.totals()?;
    let skipped = ground.snapshot.skipped()?;
    let cache = ground.snapshot.cache()?;
    let mut reasons = BTreeMap::new();
    for file in &skipped {
        *reasons.entry(file.reason.word()).or_insert(0) += 1;
    }
    let mut reply = Reply {
        root: ground.root.display().to_string(),
        database: Database {
            path: ground.database.display().to_string(),
            backend: ground.backend,
            bytes: size_bytes(ground.database),
        },
        files: 0,
        bytes: 0,
        lines: LineCounts::default(),
        symbols: 0,
        call_sites: 0,
        calls: Tally::default(),
        cache: Cache { entries: cache.len() as u64, bytes: cache.iter().map(|row| row.bytes).sum() },
        totals,
        skipped_by_reason: reasons.into_iter().collect(),
        skipped: List::new(skipped, ground.limit),
        freshness: ground.freshness,
        last_run: ground.snapshot.executions(1)?.pop(),
        watcher: store::watcher(ground.database),
    };
    add_up(&mut reply);
    Ok(reply)
}

fn add_up(reply: &mut Reply) {
    for language in &reply.totals.languages {
        reply.files += language.files;
        reply.bytes += language.bytes;
        reply.symbols += language.symbols;
        reply.lines.code += language.lines.code;
        reply.lines.comment += language.lines.comment;
        reply.lines.blank += language.lines.blank;
        reply.calls.resolved += language.calls.resolved;
        reply.calls.candidates += language.calls.candidates;
        reply.calls.external += language.calls.external;
        reply.calls.unknown += language.calls.unknown;
    }
    reply.call_sites = reply.calls.total();
}

/// The size of a file, or of all files directly in a folder.
fn size_bytes(path: &Path) -> u64 {
    let of_file = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len());
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| of_file(&entry.path())).sum(),
        Err(_) => of_file(path),
    }
}
