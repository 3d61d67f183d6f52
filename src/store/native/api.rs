//! Typed reads of the native engine, and upkeep of the index entries of single files.
//!
//! ```
//! use magellan::{NativeGraphBackend, kv};
//!
//! let backend = NativeGraphBackend::in_memory();
//! assert!(kv::symbols_by_name(&backend, "main")?.is_empty());
//! assert_eq!(kv::count(&backend, kv::Table::Chunks)?, 0);
//! # Ok::<(), magellan::store::StoreError>(())
//! ```

use crate::model::{FileMetrics, Function, SymbolHash, SymbolMetrics, SyntaxNode};
use crate::store::{Chunk, ChunkPattern, Execution, FileId, NamePattern, Result, Snapshot, Store, SymbolRow};

pub use super::kv::Table;

use super::NativeGraphBackend;
use super::kv::{Direction, KvRead};
use super::records::StoredChunk;
use super::{check, index, keys, tables};

/// Makes the index entries of the file at a path anew; gives its number of definitions, 0 if it is not indexed.
pub fn populate_symbol_index(backend: &NativeGraphBackend, path: &str) -> Result<usize> {
    let mut count = 0;
    backend.writing(&mut |kv| {
        count = tables::file_at(&*kv, path)?.map_or(Ok(0), |file| check::populate(kv, file))?;
        Ok(())
    })?;
    Ok(count)
}

/// Removes the index entries of the file at a path, so that its definitions are found no more until
/// [`populate_symbol_index`]; gives how many were removed.
pub fn invalidate_file_index(backend: &NativeGraphBackend, path: &str) -> Result<usize> {
    let mut count = 0;
    backend.writing(&mut |kv| {
        count = tables::file_at(&*kv, path)?.map_or(Ok(0), |file| check::invalidate(kv, file))?;
        Ok(())
    })?;
    Ok(count)
}

/// The definition of this id.
pub fn symbol_by_id(backend: &NativeGraphBackend, id: SymbolHash) -> Result<Option<SymbolRow>> {
    Ok(find(backend, NamePattern::Id(id.to_string()))?.into_iter().next())
}

/// Definitions of exactly this simple name.
pub fn symbols_by_name(backend: &NativeGraphBackend, name: &str) -> Result<Vec<SymbolRow>> {
    find(backend, NamePattern::Exact(name.into()))
}

/// Definitions of exactly this qualified name.
pub fn symbols_by_qualified_name(backend: &NativeGraphBackend, name: &str) -> Result<Vec<SymbolRow>> {
    find(backend, NamePattern::Qualified(name.into()))
}

/// Definitions whose simple name starts so.
pub fn symbols_by_prefix(backend: &NativeGraphBackend, prefix: &str) -> Result<Vec<SymbolRow>> {
    find(backend, NamePattern::Prefix(prefix.into()))
}

/// Definitions whose simple name matches `*`, `?` and `[...]`.
pub fn symbols_by_glob(backend: &NativeGraphBackend, glob: &str) -> Result<Vec<SymbolRow>> {
    find(backend, NamePattern::Glob(glob.into()))
}

fn find(backend: &NativeGraphBackend, pattern: NamePattern) -> Result<Vec<SymbolRow>> {
    backend.snapshot()?.find(&pattern)
}

/// Chunks that stand by themselves.
pub fn chunks(backend: &NativeGraphBackend, pattern: &ChunkPattern) -> Result<Vec<Chunk>> {
    backend.snapshot()?.chunks(pattern)
}

/// The metrics of the file at a path.
pub fn file_metrics(backend: &NativeGraphBackend, path: &str) -> Result<Option<FileMetrics>> {
    backend.snapshot()?.file_metrics(path)
}

/// The metrics of the callables of the file at a path; empty if it is not indexed.
pub fn symbol_metrics(backend: &NativeGraphBackend, path: &str) -> Result<Vec<SymbolMetrics>> {
    of_file(backend, path, |snapshot, file| snapshot.symbol_metrics(file))
}

/// Every named node of the syntax tree of the file at a path, in preorder; empty if it is not indexed.
pub fn ast(backend: &NativeGraphBackend, path: &str) -> Result<Vec<SyntaxNode>> {
    of_file(backend, path, |snapshot, file| snapshot.ast(file))
}

/// The control flow of the callables of the file at a path; empty if it is not indexed.
pub fn cfg_functions(backend: &NativeGraphBackend, path: &str) -> Result<Vec<Function>> {
    of_file(backend, path, |snapshot, file| snapshot.functions(file))
}

fn of_file<T>(
    backend: &NativeGraphBackend,
    path: &str,
    read: impl Fn(&dyn Snapshot, FileId) -> Result<Vec<T>>,
) -> Result<Vec<T>> {
    let snapshot = backend.snapshot()?;
    snapshot.file(path)?.map_or_else(|| Ok(Vec::new()), |file| read(&*snapshot, file.id))
}

/// The newest execution records, newest first.
pub fn executions(backend: &NativeGraphBackend, limit: usize) -> Result<Vec<Execution>> {
    backend.snapshot()?.executions(limit)
}

/// The execution record of an id.
pub fn execution(backend: &NativeGraphBackend, id: &str) -> Result<Option<Execution>> {
    backend.snapshot()?.execution(id)
}

/// How many entries a table has.
pub fn count(backend: &NativeGraphBackend, table: Table) -> Result<usize> {
    let mut entries = 0;
    backend.reading()?.0.scan(table, &[], Direction::Forward, &mut |_, _| {
        entries += 1;
        Ok(true)
    })?;
    Ok(entries)
}

/// Every entry of a table, sorted by key: keys and values as they are stored.
pub fn entries(backend: &NativeGraphBackend, table: Table) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut entries = Vec::new();
    backend.reading()?.0.scan(table, &[], Direction::Forward, &mut |key, value| {
        entries.push((key.to_vec(), value.to_vec()));
        Ok(true)
    })?;
    Ok(entries)
}

/// Every key that says something of the file at a path, in all tables, sorted. Those of indexes may say something of
/// neighbouring files too; they stay when this file goes.
pub fn keys_of_file(backend: &NativeGraphBackend, path: &str) -> Result<Vec<(Table, Vec<u8>)>> {
    let (kv, _) = backend.reading()?;
    let kv: &dyn KvRead = &*kv;
    let mut found = chunk_keys(kv, path)?;
    for table in [Table::Paths, Table::FileMetrics, Table::Skipped] {
        let key = keys::text(path);
        if kv.get(table, &key)?.is_some() {
            found.push((table, key));
        }
    }
    if let Some(file) = tables::file_at(kv, path)? {
        for table in [Table::Files, Table::Content, Table::Links, Table::Metrics, Table::Edges] {
            kv.scan(table, &keys::file(file), Direction::Forward, &mut |key, _| {
                found.push((table, key.to_vec()));
                Ok(true)
            })?;
        }
        found.extend(index_keys(kv, file)?);
    }
    found.sort_unstable();
    Ok(found)
}

fn chunk_keys(kv: &dyn KvRead, path: &str) -> Result<Vec<(Table, Vec<u8>)>> {
    let mut found = Vec::new();
    kv.scan(Table::Chunks, &keys::text_entries(path), Direction::Forward, &mut |key, value| {
        let chunk: StoredChunk<'_> = tables::read(Table::Chunks, key, value)?;
        found.extend(chunk.symbol.map(|name| (Table::ChunkNames, keys::chunk_name(name, key))));
        found.push((Table::Chunks, key.to_vec()));
        Ok(true)
    })?;
    Ok(found)
}

/// The entries of indexes that have rows of the file now, whatever they should have.
fn index_keys(kv: &dyn KvRead, file: FileId) -> Result<Vec<(Table, Vec<u8>)>> {
    let Some(record) = tables::file(kv, file)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for &(table, ref head) in check::file_rows(kv, file, &record)?.heads() {
        if index::has(kv, table, head, file)? {
            found.push((table, index::key(head, file)));
        }
    }
    Ok(found)
}
