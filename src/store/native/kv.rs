//! What the native engine needs of a key-value engine: ordered tables of bytes, atomic writes, snapshots.

use std::borrow::Cow;

use crate::store::Result;

/// A table; keys sort by their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Bookkeeping: key to text.
    Meta,
    /// File number to what is known of the file.
    Files,
    /// Path to file number.
    Paths,
    /// File number, section, piece: text, facts, syntax tree, control flow, definitions.
    Content,
    /// File number, section, piece: occurrences, imports, relations.
    Links,
    /// File number to the metrics of its callables.
    Metrics,
    /// Path to the metrics of the file.
    FileMetrics,
    /// Index: simple name, file number to definitions.
    Names,
    /// Index: name, file number to unsettled occurrences.
    Unknown,
    /// Index: first half of a symbol's id, file number to definitions.
    Ids,
    /// Index: definition, file number to occurrences that mean it.
    Uses,
    /// Index: definition, file number to relations that lead to it.
    Subtypes,
    /// Path, span to a chunk that stands by itself.
    Chunks,
    /// Index: symbol name, path and span of a chunk.
    ChunkNames,
    /// Id to execution record.
    Executions,
    /// Index: start and id of execution records.
    ExecutionTimes,
    /// Path to why it was skipped.
    Skipped,
    /// One entry: the version of the layout.
    Format,
    /// Number to what the cache has under it.
    Cache,
    /// Number, section, piece: facts, syntax tree, control flow of what is in the cache.
    CacheParts,
    /// File number, piece: what the file brings to the graph.
    Edges,
}

impl Table {
    /// Every table with its name in the database.
    pub const WORDS: [(Self, &'static str); 21] = [
        (Self::Meta, "meta"),
        (Self::Files, "files"),
        (Self::Paths, "paths"),
        (Self::Content, "content"),
        (Self::Links, "links"),
        (Self::Metrics, "metrics"),
        (Self::FileMetrics, "file_metrics"),
        (Self::Names, "names"),
        (Self::Unknown, "unknown"),
        (Self::Ids, "ids"),
        (Self::Uses, "uses"),
        (Self::Subtypes, "subtypes"),
        (Self::Chunks, "chunks"),
        (Self::ChunkNames, "chunk_names"),
        (Self::Executions, "executions"),
        (Self::ExecutionTimes, "execution_times"),
        (Self::Skipped, "skipped"),
        (Self::Format, "format"),
        (Self::Cache, "cache"),
        (Self::CacheParts, "cache_parts"),
        (Self::Edges, "edges"),
    ];

    /// The name of this table.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// Which way to walk a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

/// Hears entries of a range; false ends the walk.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(&[u8], &[u8]) -> Result<bool>;

/// Reads one consistent state.
pub(crate) trait KvRead {
    /// The value at a key.
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>>;
    /// Visits the entries whose keys start with `prefix`.
    fn scan(&self, table: Table, prefix: &[u8], direction: Direction, visit: Visit<'_>) -> Result<()>;
}

/// Writes, unseen by others until it is all done.
pub(crate) trait KvWrite: KvRead {
    /// Sets the value at a key.
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<()>;
    /// Sets the value at a key that is greater than all in the table; if it is not, the same as [`put`](Self::put).
    fn append(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<()>;
    /// Removes a key.
    fn delete(&mut self, table: Table, key: &[u8]) -> Result<()>;
    /// Removes all keys that start with `prefix`.
    fn delete_prefix(&mut self, table: Table, prefix: &[u8]) -> Result<()>;
    /// Removes everything in a table.
    fn clear(&mut self, table: Table) -> Result<()>;
}
