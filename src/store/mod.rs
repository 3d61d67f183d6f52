//! Where facts and links rest. One trait, any engine; nothing outside this module opens a database.
//!
//! Writes are file-grained and atomic ([`Store::apply`]); reads are record-grained on a [`Snapshot`] that
//! never changes while it lives. [`dump()`] streams all content in one defined order: two databases
//! with the same content dump alike, whatever engine, thread count or history made them.

mod backend;
mod cache;
mod check;
mod copy;
mod dump;
mod edges;
mod glob;
mod migrate;
#[cfg(feature = "native-v2")]
mod native;
mod open_site;
mod packed;
mod patience;
mod place;
mod record;
mod sqlite;
mod tally;
mod upgrade;
mod views;
mod watcher;

pub use backend::Backend;
pub use cache::{CacheEntry, CacheRow, cache_bytes_max, counted, over_limit, unreadable};
pub use copy::copy;
pub use edges::{Edge, FileEdges, RelationEdge, Vertex};
pub(crate) use glob::Glob;
pub use migrate::{Fate, MigrationOptions, MigrationReport, RecordCount, Stage, Watch, migrate};
#[cfg(feature = "native-v2")]
pub use native::{NativeGraphBackend, Table, api as kv};
pub use open_site::OpenSite;
pub use packed::{Packer, unpack, unpack_all_facts, unpack_declared_facts, unpack_facts};
pub use patience::{Patience, open_writer_within};
pub use record::{
    Change, Chunk, ChunkPattern, Execution, ExecutionOutcome, FileContent, FileId, FileRow, ImportRow, Label,
    LanguageTotals, LinkContent, MetricsContent, NamePattern, OccurrenceRow, Part, RelationRow, SymbolKey, SymbolPlace,
    SymbolRow, Target, Texts, Totals, Written,
};
pub use upgrade::{UpgradeReport, upgrade};
pub use views::{ChunkStore, ExecutionLog, MetricsOps};
pub use watcher::{Watcher, WatcherLock, watcher};

pub use crate::model::{SkipReason, Skipped, Stamp};

use std::path::Path;

use place::Place;

use crate::model::{self, ContentHash, FileFacts, FileMetrics, Function, Role, SymbolMetrics, SyntaxNode};

/// What can go wrong with a database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no database at this place.
    #[error("no database at {0}")]
    Missing(String),
    /// The file is not a Magellan database, or one of another format version.
    #[error("{path} is not a database this version can read: {found}, expected {expected}")]
    Foreign {
        /// The file.
        path: String,
        /// What it seems to be.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A database of an engine that this build does not have.
    #[error("{path} is a {backend} database, and this build has no {backend} engine")]
    NoEngine {
        /// The database.
        path: String,
        /// Name of the engine.
        backend: &'static str,
    },
    /// A database of another engine than the one asked for.
    #[error("{path} is a {found} database, not {wanted}")]
    OtherBackend {
        /// The database.
        path: String,
        /// What it is.
        found: Backend,
        /// What was asked for.
        wanted: Backend,
    },
    /// Something is there already, and it is not overwritten.
    #[error("there is something at {0} already")]
    Occupied(String),
    /// A copy does not say what the original says; the original is untouched.
    #[error("the copy of {path} is not the same: {what}")]
    NotSame {
        /// The original.
        path: String,
        /// The first difference.
        what: String,
    },
    /// The content contradicts itself.
    #[error("{path} is damaged: {what}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// Another process is writing.
    #[error("{path} is being written by {holder}")]
    Locked {
        /// The database.
        path: String,
        /// Process id and command of the writer, as far as known.
        holder: String,
    },
    /// Another process keeps the database fresh already.
    #[error("{path} is being watched by {holder}")]
    Watched {
        /// The database.
        path: String,
        /// Process id and age of the watcher, as far as known.
        holder: String,
    },
    /// The stream of changes said [`Change::Abort`]; nothing of it was kept.
    #[error("given up: {0}")]
    Aborted(String),
    /// The engine or the operating system refused.
    #[error("{path}: {message}")]
    Engine {
        /// The database.
        path: String,
        /// The engine's own words.
        message: String,
    },
}

/// Result of a store operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Asked again and again while something long is done: whether to stop with [`StoreError::Aborted`].
pub type Stop<'s> = &'s dyn Fn() -> bool;

/// The error of what was asked to stop.
const STOPPED: &str = "interrupted";

fn go_on(stop: Stop<'_>) -> Result<()> {
    if stop() { Err(StoreError::Aborted(STOPPED.into())) } else { Ok(()) }
}

/// An open database.
pub trait Store: Send + Sync {
    /// The engine.
    fn backend(&self) -> Backend;

    /// Applies `changes`, all of them or none; durable when this returns. The stream may be fed while it is
    /// applied, so that writing overlaps with extraction.
    fn apply(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()>;

    /// Replaces everything but execution records by what `changes` hold, all or nothing; durable when this
    /// returns. The way to a new database, and faster than [`Change::Clear`] where it can build aside.
    fn load(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()>;

    /// A consistent view of what is applied so far.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>>;

    /// Writes a consistent copy of the live database to `path`, a file that does not exist yet; others may write
    /// meanwhile.
    fn backup(&self, path: &Path) -> Result<()>;

    /// Makes every index anew from the primary records. Nothing else changes.
    fn rebuild_indexes(&self) -> Result<()>;

    /// Gives space that nothing uses back to the file system, where there is enough of it to be worth a copy of the
    /// rest; gives the bytes on disk before and after. A folder gets a next generation. A loose file is never cut
    /// short, since it may have readers: later changes use the space up.
    fn compact(&self) -> Result<(u64, u64)>;
}

/// One consistent view of a database. All lists come sorted: files by path, symbols and occurrences by path
/// and position.
pub trait Snapshot: Send {
    /// A value of the small key-value area for bookkeeping (`root`, `manifests`, ...).
    fn meta(&self, key: &str) -> Result<Option<String>>;
    /// All bookkeeping values, sorted by key.
    fn metas(&self) -> Result<Vec<(String, String)>>;
    /// All files.
    fn files(&self) -> Result<Vec<FileRow>>;
    /// Path, size and time of all files, in no particular order: what every question asks to tell whether they
    /// changed.
    fn stamps(&self) -> Result<Vec<(String, Stamp)>>;
    /// The file at a path.
    fn file(&self, path: &str) -> Result<Option<FileRow>>;
    /// A part of a file, packed, so that many can be unpacked in parallel.
    fn packed(&self, file: FileId, part: Part) -> Result<Vec<u8>>;
    /// What the links of a file rest on, as the linker wrote it; empty if that is not known.
    fn link_record(&self, file: FileId) -> Result<Vec<u8>>;
    /// The definitions of a file in source order.
    fn symbols(&self, file: FileId) -> Result<Vec<SymbolRow>>;
    /// One definition.
    fn symbol(&self, key: SymbolKey) -> Result<Option<SymbolRow>>;
    /// Definitions by name or id.
    fn find(&self, pattern: &NamePattern) -> Result<Vec<SymbolRow>>;
    /// Definitions that have the label.
    fn labelled(&self, label: Label) -> Result<Vec<SymbolRow>>;
    /// The occurrences of a file in source order.
    fn occurrences(&self, file: FileId) -> Result<Vec<OccurrenceRow>>;
    /// The occurrences of a file that have the role, in source order.
    fn occurrences_of(&self, file: FileId, role: Role) -> Result<Vec<OccurrenceRow>> {
        let mut rows = self.occurrences(file)?;
        rows.retain(|row| row.role == role);
        Ok(rows)
    }
    /// Where the occurrences of a file begin that mean something outside of the tree, in source order.
    fn external_starts(&self, file: FileId) -> Result<Vec<u32>> {
        let is_external = |row: &OccurrenceRow| matches!(row.target, Target::External(..));
        let rows = self.occurrences(file)?.into_iter().filter(is_external);
        Ok(rows.map(|row| row.span.start).collect())
    }
    /// Occurrences that are resolved to the definition or have it among their candidates.
    fn uses(&self, key: SymbolKey) -> Result<Vec<OccurrenceRow>>;
    /// Occurrences of this name with the outcome unknown.
    fn unknown(&self, name: &str) -> Result<Vec<OccurrenceRow>>;
    /// The same in short, in no particular order.
    fn open_sites(&self, name: &str) -> Result<Vec<OpenSite>> {
        Ok(self.unknown(name)?.iter().map(OpenSite::from).collect())
    }
    /// The imports of a file in source order.
    fn imports(&self, file: FileId) -> Result<Vec<ImportRow>>;
    /// Relations from (`true`) or to (`false`) a definition.
    fn relations(&self, key: SymbolKey, outgoing: bool) -> Result<Vec<RelationRow>>;
    /// All relations of the definitions of a file in source order.
    fn relations_in(&self, file: FileId) -> Result<Vec<RelationRow>>;
    /// What each linked file brings to the graph, handed over by file number; of one file if that is given.
    fn edges(&self, only: Option<FileId>, visit: &mut dyn FnMut(FileEdges)) -> Result<()>;
    /// The metrics of the file at a path.
    fn file_metrics(&self, path: &str) -> Result<Option<FileMetrics>>;
    /// The metrics of all files, sorted by path.
    fn all_file_metrics(&self) -> Result<Vec<(String, FileMetrics)>>;
    /// The metrics of the callables of a file that have a body, in symbol order.
    fn symbol_metrics(&self, file: FileId) -> Result<Vec<SymbolMetrics>>;
    /// Chunks that were put in by themselves, sorted by path and span.
    fn chunks(&self, pattern: &ChunkPattern) -> Result<Vec<Chunk>>;
    /// The newest execution records, newest first.
    fn executions(&self, limit: usize) -> Result<Vec<Execution>>;
    /// Files that were found but not indexed.
    fn skipped(&self) -> Result<Vec<Skipped>>;
    /// What is in the cache, oldest first.
    fn cache(&self) -> Result<Vec<CacheRow>>;
    /// What is in the cache under a number; none if that is damaged or there is none.
    fn cached(&self, number: u64) -> Result<Option<CacheEntry>>;
    /// Counts over everything.
    fn totals(&self) -> Result<Totals>;
    /// Compares every index with the primary records and checks what the engine itself can check; tells each
    /// fault in a line. Asks after each file whether to stop.
    fn check_until(&self, stop: Stop<'_>, fault: &mut dyn FnMut(String)) -> Result<()>;

    /// The same, to the end.
    fn check(&self, fault: &mut dyn FnMut(String)) -> Result<()> {
        self.check_until(&|| false, fault)
    }
    /// The execution record of an id. Engines find it without reading the others.
    fn execution(&self, id: &str) -> Result<Option<Execution>> {
        Ok(self.executions(usize::MAX)?.into_iter().find(|execution| execution.id == id))
    }
    /// The exact bytes of a file as indexed.
    fn text(&self, file: FileId) -> Result<Vec<u8>> {
        unpack(&self.packed(file, Part::Text)?).ok_or_else(|| damaged(file, Part::Text))
    }
    /// The facts of a file.
    fn facts(&self, file: FileId) -> Result<FileFacts> {
        unpack_facts(&self.packed(file, Part::Facts)?).ok_or_else(|| damaged(file, Part::Facts))
    }
    /// Every named node of a file's syntax tree, in preorder.
    fn ast(&self, file: FileId) -> Result<Vec<SyntaxNode>> {
        let decoded = unpack(&self.packed(file, Part::Ast)?).and_then(|bytes| model::decode_ast(&bytes));
        decoded.ok_or_else(|| damaged(file, Part::Ast))
    }
    /// The control flow of a file's callables that have a body, in symbol order.
    fn functions(&self, file: FileId) -> Result<Vec<Function>> {
        let decoded = unpack(&self.packed(file, Part::Functions)?).and_then(|bytes| model::decode_functions(&bytes));
        decoded.ok_or_else(|| damaged(file, Part::Functions))
    }
}

fn damaged(file: FileId, part: Part) -> StoreError {
    let what = format!("the {} of file {} cannot be unpacked", part.word(), file.0);
    StoreError::Damaged { path: "database".into(), what }
}

/// Streams every record that counts for the fingerprint, as one line of text each, in one total order: skipped
/// files, then file by path with all that is its own, by position. No internal numbers, no times.
pub fn dump(snapshot: &dyn Snapshot, sink: &mut dyn FnMut(&str)) -> Result<()> {
    dump::dump(snapshot, &|| false, sink)
}

const HASHED_BYTES: usize = 1 << 17;

/// BLAKE3 over all lines of the dump: equal for databases of equal content.
pub fn fingerprint(snapshot: &dyn Snapshot) -> Result<ContentHash> {
    fingerprint_until(snapshot, &|| false)
}

/// The same, asking after each file whether to stop.
pub fn fingerprint_until(snapshot: &dyn Snapshot, stop: Stop<'_>) -> Result<ContentHash> {
    let mut hasher = blake3::Hasher::new();
    // Many lines at once are hashed several times as fast as each by itself.
    let mut lines = Vec::with_capacity(2 * HASHED_BYTES);
    dump::dump(snapshot, stop, &mut |line| {
        lines.extend_from_slice(line.as_bytes());
        lines.push(b'\n');
        if lines.len() >= HASHED_BYTES {
            hasher.update(&lines);
            lines.clear();
        }
    })?;
    hasher.update(&lines);
    Ok(ContentHash(*hasher.finalize().as_bytes()))
}

/// Opens an existing database, a folder or the file itself, for reading only: nothing on disk changes, not even
/// a log. The engine is told from the data.
pub fn open(path: &Path) -> Result<Box<dyn Store>> {
    backend::open(path)
}

/// Opens the database at `path` for writing and keeps other writers out while it is open. `command` tells them
/// who is writing. Where there is no database yet, [`Store::load`] makes one, of the `wanted` engine, else SQLite;
/// one that is there must be of the `wanted` engine if one is wanted.
pub fn open_writer(path: &Path, command: &str, wanted: Option<Backend>) -> Result<Box<dyn Store>> {
    backend::open_writer(path, command, wanted)
}

/// Whether there is a database at `path`, of any engine and format, whole or not.
pub fn exists(path: &Path) -> Result<bool> {
    match Place::of(path).live() {
        Ok(_) => Ok(true),
        Err(StoreError::Missing(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether `path` is the database at `database`, lies in its folder, or is a file beside it that belongs to it. Both are
/// compared as they are written.
pub fn is_own(database: &Path, path: &Path) -> bool {
    place::is_own(database, path)
}

/// An empty database in memory.
pub fn memory(backend: Backend) -> Result<Box<dyn Store>> {
    backend::memory(backend)
}
