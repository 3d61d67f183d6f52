//! Every index against the records it is made from, and every entry against its checksum.

use std::collections::BTreeMap;

use crate::store::{Execution, FileId, Result, StoreError};

use super::index::{self, FileRows, Row};
use super::kv::{Direction, KvRead, KvWrite, Table};
use super::records::{FileRecord, StoredChunk, StoredMetrics};
use super::sites::Site;
use super::tables::IndexRows;
use super::{keys, tables, value};

/// Tables that can be made again from others.
const DERIVED: [Table; 8] = [
    Table::Paths,
    Table::Names,
    Table::Unknown,
    Table::Ids,
    Table::Uses,
    Table::Subtypes,
    Table::ChunkNames,
    Table::ExecutionTimes,
];

/// What derived tables must hold.
#[derive(Default)]
struct Expected {
    /// Numbers by entry of an index.
    numbers: BTreeMap<(Table, Vec<u8>), Vec<FileRows<u32>>>,
    /// Sites by entry of an index.
    sites: BTreeMap<(Table, Vec<u8>), Vec<FileRows<Site>>>,
    /// Other entries, as they must be.
    values: BTreeMap<(Table, Vec<u8>), Vec<u8>>,
}

impl Expected {
    /// All entries, sorted by table and key.
    fn entries(self) -> BTreeMap<(Table, Vec<u8>), Vec<u8>> {
        let mut entries = self.values;
        encode(self.numbers, &mut entries);
        encode(self.sites, &mut entries);
        entries
    }
}

fn encode<R: Row>(
    rows: BTreeMap<(Table, Vec<u8>), Vec<FileRows<R>>>,
    entries: &mut BTreeMap<(Table, Vec<u8>), Vec<u8>>,
) {
    for ((table, key), rows) in rows {
        let value = index::encode(table, &key, rows.iter().map(|(file, rows)| (*file, &**rows)));
        entries.insert((table, key), value);
    }
}

/// Tells every fault that rows do not show.
pub(super) fn check(kv: &dyn KvRead, fault: &mut dyn FnMut(String)) -> Result<()> {
    check_records(kv, fault)?;
    let expected = tolerant(expected(kv, fault), fault)?.unwrap_or_default();
    compare(kv, &expected.entries(), fault)
}

/// Makes all derived tables anew.
pub(super) fn rebuild(kv: &mut dyn KvWrite) -> Result<()> {
    let mut first = None;
    let expected = expected(kv, &mut |fault| {
        first.get_or_insert(fault);
    })?;
    if let Some(what) = first {
        return Err(StoreError::Damaged { path: String::new(), what });
    }
    DERIVED.iter().try_for_each(|&table| kv.clear(table))?;
    for ((table, key), value) in &expected.entries() {
        kv.append(*table, key, value)?;
    }
    Ok(())
}

/// Makes the entries of one file in the indexes anew; gives its number of definitions.
pub(super) fn populate(kv: &mut dyn KvWrite, file: FileId) -> Result<usize> {
    let Some(record) = tables::file(&*kv, file)? else { return Ok(0) };
    let IndexRows { numbers, sites } = file_rows(&*kv, file, &record)?;
    numbers.iter().try_for_each(|((table, head), rows)| index::set(kv, *table, head, file, rows))?;
    sites.iter().try_for_each(|((table, head), rows)| index::set(kv, *table, head, file, rows))?;
    Ok(record.symbols as usize)
}

/// Removes the entries of one file from the indexes; gives their number.
pub(super) fn invalidate(kv: &mut dyn KvWrite, file: FileId) -> Result<usize> {
    let Some(record) = tables::file(&*kv, file)? else { return Ok(0) };
    let mut removed = 0;
    for (table, head) in file_rows(&*kv, file, &record)?.heads() {
        removed += usize::from(index::remove(kv, *table, head, file)?);
    }
    Ok(removed)
}

/// What the indexes must say of a file, by head.
pub(super) fn file_rows(kv: &dyn KvRead, file: FileId, record: &FileRecord) -> Result<IndexRows> {
    let mut rows = IndexRows::default();
    tables::symbol_rows(kv, file, record, &mut rows)?;
    tables::link_rows(kv, file, &mut rows)?;
    Ok(rows)
}

/// Damage is a fault; anything else is an error.
pub(super) fn tolerant<T>(result: Result<T>, fault: &mut dyn FnMut(String)) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Damaged { what, .. }) => {
            fault(what);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn tell<T>(result: Result<T>, path: &str, fault: &mut dyn FnMut(String)) -> Result<Option<T>> {
    tolerant(result, &mut |what| fault(format!("{path}: {what}")))
}

fn files(kv: &dyn KvRead, fault: &mut dyn FnMut(String)) -> Result<Vec<(FileId, FileRecord)>> {
    let mut files = Vec::new();
    kv.scan(Table::Files, &[], Direction::Forward, &mut |key, value| {
        if let (Some(file), Some(record)) =
            (keys::last_file(key), tolerant(tables::read(Table::Files, key, value), fault)?)
        {
            files.push((file, record));
        }
        Ok(true)
    })?;
    Ok(files)
}

/// Records that belong to no file in particular.
fn check_records(kv: &dyn KvRead, fault: &mut dyn FnMut(String)) -> Result<()> {
    kv.scan(Table::Meta, &[], Direction::Forward, &mut |key, stored| {
        tolerant(tables::meta(key, stored), fault)?;
        Ok(true)
    })?;
    for table in [Table::Skipped, Table::FileMetrics] {
        kv.scan(table, &[], Direction::Forward, &mut |key, stored| {
            let is_sound = value::content(table, key, stored).is_some();
            tolerant(is_sound.then_some(()).ok_or_else(|| tables::damaged(table, key)), fault)?;
            Ok(true)
        })?;
    }
    kv.scan(Table::Metrics, &[], Direction::Forward, &mut |key, stored| {
        tolerant(tables::read::<Vec<StoredMetrics>>(Table::Metrics, key, stored), fault)?;
        Ok(true)
    })?;
    kv.scan(Table::Chunks, &[], Direction::Forward, &mut |key, stored| {
        let chunk: Option<StoredChunk<'_>> = tolerant(tables::read(Table::Chunks, key, stored), fault)?;
        if chunk.is_some_and(|chunk| chunk.row().is_none()) {
            tolerant(Err::<(), _>(tables::damaged(Table::Chunks, key)), fault)?;
        }
        Ok(true)
    })
}

/// What the derived tables must hold.
fn expected(kv: &dyn KvRead, fault: &mut dyn FnMut(String)) -> Result<Expected> {
    let mut expected = Expected::default();
    for (file, record) in files(kv, fault)? {
        tell(expect_file(kv, file, &record, &mut expected), &record.path, fault)?;
    }
    kv.scan(Table::Chunks, &[], Direction::Forward, &mut |key, stored| {
        let chunk: Option<StoredChunk<'_>> = tolerant(tables::read(Table::Chunks, key, stored), fault)?;
        if let Some(name) = chunk.and_then(|chunk| chunk.symbol) {
            let name = keys::chunk_name(name, key);
            let value = value::record(Table::ChunkNames, &name, &key);
            expected.values.insert((Table::ChunkNames, name), value);
        }
        Ok(true)
    })?;
    kv.scan(Table::Executions, &[], Direction::Forward, &mut |key, stored| {
        if let Some(record) = tolerant(tables::read::<Execution>(Table::Executions, key, stored), fault)? {
            let time = keys::time(record.started_ms, &record.id);
            let value = value::record(Table::ExecutionTimes, &time, &record.id);
            expected.values.insert((Table::ExecutionTimes, time), value);
        }
        Ok(true)
    })?;
    Ok(expected)
}

/// Adds what must be held about one file.
fn expect_file(kv: &dyn KvRead, file: FileId, record: &FileRecord, expected: &mut Expected) -> Result<()> {
    let path = keys::text(&record.path);
    let number = value::record(Table::Paths, &path, &file.0);
    expected.values.insert((Table::Paths, path), number);
    let IndexRows { numbers, sites } = file_rows(kv, file, record)?;
    for ((table, head), rows) in numbers {
        expected.numbers.entry((table, index::key(&head, file))).or_default().push((file, rows));
    }
    for ((table, head), rows) in sites {
        expected.sites.entry((table, index::key(&head, file))).or_default().push((file, rows));
    }
    Ok(())
}

fn compare(
    kv: &dyn KvRead,
    expected: &BTreeMap<(Table, Vec<u8>), Vec<u8>>,
    fault: &mut dyn FnMut(String),
) -> Result<()> {
    for table in DERIVED {
        let mut wanted = expected.range((table, Vec::new())..).take_while(|((other, _), _)| *other == table).peekable();
        let name = table.word();
        kv.scan(table, &[], Direction::Forward, &mut |key, stored| {
            while let Some(((_, missing), _)) = wanted.next_if(|((_, wanted), _)| wanted.as_slice() < key) {
                fault(format!("index {name} lacks {}", shown(missing)));
            }
            match wanted.next_if(|((_, wanted), _)| wanted == key) {
                None => fault(format!("index {name} has {} without reason", shown(key))),
                Some((_, value)) if *value != stored => {
                    fault(format!("index {name} says of {} what is not so", shown(key)));
                }
                Some(_) => {}
            }
            Ok(true)
        })?;
        wanted.for_each(|((_, missing), _)| fault(format!("index {name} lacks {}", shown(missing))));
    }
    Ok(())
}

fn shown(key: &[u8]) -> String {
    key.iter().flat_map(|&byte| std::ascii::escape_default(byte)).map(char::from).collect()
}
