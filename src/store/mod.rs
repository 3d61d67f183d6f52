//! Where facts and links rest. One trait, any engine; nothing outside this module opens a database.
//!
//! Writes are file-grained and atomic ([`Store::apply`]); reads are record-grained on a [`Snapshot`] that
//! never changes while it lives. [`Snapshot::dump`] streams all content in one defined order: two databases
//! with the same content dump alike, whatever engine, thread count or history made them.

mod packed;
mod place;
mod record;
mod sqlite;

pub use packed::{Packer, unpack_facts};
pub use record::{
    Change, Execution, ExecutionOutcome, FileContent, FileId, FileRow, ImportRow, LanguageTotals, LinkContent,
    NamePattern, OccurrenceRow, RelationRow, SymbolKey, SymbolPlace, SymbolRow, Target, Texts, Totals,
};

pub use crate::model::{SkipReason, Skipped, Stamp};

use std::path::Path;

use crate::model::{ContentHash, FileFacts};

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

/// An open database.
pub trait Store: Send + Sync {
    /// The engine's name as given on the command line: `sqlite`.
    fn backend(&self) -> &'static str;

    /// Applies `changes`, all of them or none; durable when this returns. The stream may be fed while it is
    /// applied, so that writing overlaps with extraction.
    fn apply(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()>;

    /// Replaces everything but execution records by what `changes` hold, all or nothing; durable when this
    /// returns. The way to a new database, and faster than [`Change::Clear`] where it can build aside.
    fn load(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()>;

    /// A consistent view of what is applied so far.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>>;
}

/// One consistent view of a database. All lists come sorted: files by path, symbols and occurrences by path
/// and position.
pub trait Snapshot: Send {
    /// A value of the small key-value area for bookkeeping (`root`, `manifests`, ...).
    fn meta(&self, key: &str) -> Result<Option<String>>;
    /// All files.
    fn files(&self) -> Result<Vec<FileRow>>;
    /// Path, size and time of all files, in no particular order: what every question asks to tell whether they
    /// changed.
    fn stamps(&self) -> Result<Vec<(String, Stamp)>>;
    /// The file at a path.
    fn file(&self, path: &str) -> Result<Option<FileRow>>;
    /// The exact bytes of a file as indexed.
    fn text(&self, file: FileId) -> Result<Vec<u8>>;
    /// The facts of a file as [`unpack_facts`] takes them, so that many can be unpacked in parallel.
    fn facts_packed(&self, file: FileId) -> Result<Vec<u8>>;
    /// The facts of a file.
    fn facts(&self, file: FileId) -> Result<FileFacts> {
        unpack_facts(&self.facts_packed(file)?).ok_or_else(|| StoreError::Damaged {
            path: "database".into(),
            what: format!("facts of file {} cannot be decoded", file.0),
        })
    }
    /// The definitions of a file in source order.
    fn symbols(&self, file: FileId) -> Result<Vec<SymbolRow>>;
    /// One definition.
    fn symbol(&self, key: SymbolKey) -> Result<Option<SymbolRow>>;
    /// Definitions by simple name.
    fn find(&self, pattern: &NamePattern) -> Result<Vec<SymbolRow>>;
    /// The occurrences of a file in source order.
    fn occurrences(&self, file: FileId) -> Result<Vec<OccurrenceRow>>;
    /// Occurrences that are resolved to the definition or have it among their candidates.
    fn uses(&self, key: SymbolKey) -> Result<Vec<OccurrenceRow>>;
    /// Occurrences of this name with the outcome unknown.
    fn unknown(&self, name: &str) -> Result<Vec<OccurrenceRow>>;
    /// The imports of a file in source order.
    fn imports(&self, file: FileId) -> Result<Vec<ImportRow>>;
    /// Relations from (`true`) or to (`false`) a definition.
    fn relations(&self, key: SymbolKey, outgoing: bool) -> Result<Vec<RelationRow>>;
    /// The newest execution records, newest first.
    fn executions(&self, limit: usize) -> Result<Vec<Execution>>;
    /// Files that were found but not indexed.
    fn skipped(&self) -> Result<Vec<Skipped>>;
    /// Counts over everything.
    fn totals(&self) -> Result<Totals>;
    /// Streams every record that counts for the fingerprint, as one line of text each, in one total order.
    fn dump(&self, sink: &mut dyn FnMut(&str)) -> Result<()>;
}

/// BLAKE3 over all lines of the dump: equal for databases of equal content.
pub fn fingerprint(snapshot: &dyn Snapshot) -> Result<ContentHash> {
    let mut hasher = blake3::Hasher::new();
    snapshot.dump(&mut |line| {
        hasher.update(line.as_bytes()).update(b"\n");
    })?;
    Ok(ContentHash(*hasher.finalize().as_bytes()))
}

/// Opens an existing database, a folder or the file itself, for reading only: nothing on disk changes, not even
/// a log.
pub fn open(path: &Path) -> Result<Box<dyn Store>> {
    Ok(Box::new(sqlite::Sqlite::open(path)?))
}

/// Opens the database at `path` for writing and keeps other writers out while it is open. `command` tells them
/// who is writing. Where there is no database yet, [`Store::load`] makes one.
pub fn open_writer(path: &Path, command: &str) -> Result<Box<dyn Store>> {
    Ok(Box::new(sqlite::Sqlite::open_writer(path, command)?))
}

/// An empty database in memory.
pub fn memory() -> Result<Box<dyn Store>> {
    Ok(Box::new(sqlite::Sqlite::memory()?))
}
