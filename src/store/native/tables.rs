//! What the tables hold, read entry by entry.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::store::{FileId, Part, Result, StoreError, unpack};

use super::kv::{Direction, KvRead, Table};
use super::occurrences::{self, StoredOccurrence};
use super::records::{FileRecord, StoredRelation, StoredTarget};
use super::symbols::{self, StoredSymbol};
use super::{keys, value};

/// Sections of [`Table::Content`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Content {
    Text,
    Facts,
    Ast,
    Functions,
    Symbols,
}

impl Content {
    pub(super) fn part(part: Part) -> Self {
        match part {
            Part::Text => Self::Text,
            Part::Facts => Self::Facts,
            Part::Ast => Self::Ast,
            Part::Functions => Self::Functions,
        }
    }
}

/// Sections of [`Table::Links`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Links {
    Occurrences,
    Imports,
    Relations,
}

/// Indexes over files' own entries: they can be made again from those.
pub(super) const INDEXES: [Table; 5] = [Table::Names, Table::Unknown, Table::Ids, Table::Uses, Table::Subtypes];

/// All that is about the tree: everything but the log.
pub(super) const OF_THE_TREE: [Table; 15] = [
    Table::Meta,
    Table::Files,
    Table::Paths,
    Table::Content,
    Table::Links,
    Table::Metrics,
    Table::FileMetrics,
    Table::Names,
    Table::Unknown,
    Table::Ids,
    Table::Uses,
    Table::Subtypes,
    Table::Chunks,
    Table::ChunkNames,
    Table::Skipped,
];

/// The record in a value.
pub(super) fn read<'v, T: Deserialize<'v>>(table: Table, key: &[u8], value: &'v [u8]) -> Result<T> {
    value::read(table, key, value).ok_or_else(|| damaged(table, key))
}

/// The error for an entry that cannot be what was written. Who knows the path adds it.
pub(super) fn damaged(table: Table, key: &[u8]) -> StoreError {
    let key: String = key.iter().flat_map(|&byte| std::ascii::escape_default(byte)).map(char::from).collect();
    StoreError::Damaged { path: String::new(), what: format!("the entry {key} of table {} is not valid", table.word()) }
}

/// The record of a file.
pub(super) fn file(kv: &dyn KvRead, file: FileId) -> Result<Option<FileRecord>> {
    let key = keys::file(file);
    kv.get(Table::Files, &key)?.map(|value| read(Table::Files, &key, &value)).transpose()
}

/// The number of the file at a path.
pub(super) fn file_at(kv: &dyn KvRead, path: &str) -> Result<Option<FileId>> {
    let key = keys::text(path);
    kv.get(Table::Paths, &key)?.map(|value| read(Table::Paths, &key, &value).map(FileId)).transpose()
}

/// A long value, its pieces joined.
pub(super) fn long(kv: &dyn KvRead, table: Table, file: FileId, section: u8) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    kv.scan(table, &keys::section(file, section), Direction::Forward, &mut |_, piece| {
        whole.extend_from_slice(piece);
        Ok(true)
    })?;
    Ok(whole)
}

/// The rows of a group.
fn ungroup(table: Table, key: &[u8], value: &[u8]) -> Result<Vec<u8>> {
    let rows = match value::content(table, key, value).and_then(<[u8]>::split_first) {
        Some((0, rows)) => Some(rows.to_vec()),
        Some((1, packed)) => unpack(packed),
        _ => None,
    };
    rows.ok_or_else(|| damaged(table, key))
}

/// A group of a file's definitions.
pub(super) fn symbol_group(
    kv: &dyn KvRead,
    file: FileId,
    record: &FileRecord,
    number: u16,
) -> Result<Vec<StoredSymbol>> {
    let key = keys::piece(file, Content::Symbols as u8, number);
    let first = usize::from(number) * symbols::GROUP_ROWS;
    let rows = (record.symbols as usize).saturating_sub(first).min(symbols::GROUP_ROWS);
    if rows == 0 {
        return Ok(Vec::new());
    }
    let value = kv.get(Table::Content, &key)?.ok_or_else(|| damaged(Table::Content, &key))?;
    symbols::decode(&ungroup(Table::Content, &key, &value)?, first as u32, rows, &record.path)
        .ok_or_else(|| damaged(Table::Content, &key))
}

/// All definitions of a file.
pub(super) fn symbols(kv: &dyn KvRead, file: FileId, record: &FileRecord) -> Result<Vec<StoredSymbol>> {
    let groups = (record.symbols as usize).div_ceil(symbols::GROUP_ROWS);
    let mut all = Vec::with_capacity(record.symbols as usize);
    for number in 0..groups {
        all.extend(symbol_group(kv, file, record, number as u16)?);
    }
    Ok(all)
}

/// Hands the wanted occurrences of one group of a file to `visit`, with their numbers.
pub(super) fn occurrence_group(
    kv: &dyn KvRead,
    file: FileId,
    number: u16,
    wanted: &mut dyn FnMut(u32) -> bool,
    visit: &mut dyn FnMut(u32, StoredOccurrence),
) -> Result<()> {
    let key = keys::piece(file, Links::Occurrences as u8, number);
    let value = kv.get(Table::Links, &key)?.ok_or_else(|| damaged(Table::Links, &key))?;
    visit_group(&key, &value, file, number, wanted, visit)
}

fn visit_group(
    key: &[u8],
    value: &[u8],
    file: FileId,
    number: u16,
    wanted: &mut dyn FnMut(u32) -> bool,
    visit: &mut dyn FnMut(u32, StoredOccurrence),
) -> Result<()> {
    let first = u32::from(number) * occurrences::GROUP_ROWS as u32;
    let rows = ungroup(Table::Links, key, value)?;
    let decoded = occurrences::decode(&rows, file, &mut |index| wanted(first + index as u32), &mut |index, row| {
        visit(first + index as u32, row);
    });
    decoded.ok_or_else(|| damaged(Table::Links, key))
}

/// Hands all occurrences of a file to `visit`, with their numbers.
pub(super) fn occurrences(kv: &dyn KvRead, file: FileId, visit: &mut dyn FnMut(u32, StoredOccurrence)) -> Result<()> {
    let prefix = keys::section(file, Links::Occurrences as u8);
    let mut number = 0;
    kv.scan(Table::Links, &prefix, Direction::Forward, &mut |key, value| {
        if key != keys::piece(file, Links::Occurrences as u8, number) {
            return Err(damaged(Table::Links, key));
        }
        visit_group(key, value, file, number, &mut |_| true, visit)?;
        number += 1;
        Ok(true)
    })
}

/// The relations of a file.
pub(super) fn relations(kv: &dyn KvRead, file: FileId, promise: Promise) -> Result<Vec<StoredRelation>> {
    section(kv, file, Links::Relations, promise)
}

/// Whether there must be an entry, so that one hidden by a damaged key is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// The file's record says that it was written.
    Kept,
    /// Nobody says so.
    None,
}

/// The rows of a section that is one record.
pub(super) fn section<T: for<'v> Deserialize<'v>>(
    kv: &dyn KvRead,
    file: FileId,
    section: Links,
    promise: Promise,
) -> Result<Vec<T>> {
    let key = keys::section(file, section as u8);
    let whole = long(kv, Table::Links, file, section as u8)?;
    match (whole.is_empty(), promise) {
        (true, Promise::None) => Ok(Vec::new()),
        (true, Promise::Kept) => Err(damaged(Table::Links, &key)),
        (false, _) => read(Table::Links, &key, &whole),
    }
}

/// An entry of an index: under this head it has rows of a file.
pub(super) type Head = (Table, Vec<u8>);

/// What the indexes must say of a file's definitions: by head, the rows, ascending.
pub(super) fn symbol_rows(kv: &dyn KvRead, file: FileId, record: &FileRecord) -> Result<BTreeMap<Head, Vec<u32>>> {
    let mut heads = BTreeMap::new();
    for (index, row) in (0..).zip(symbols(kv, file, record)?) {
        for name in symbols::found_by(&row.name, &row.scope_path) {
            add(&mut heads, Table::Names, keys::text_entries(name), index);
        }
        add(&mut heads, Table::Ids, keys::id(row.hash).to_vec(), index);
    }
    Ok(heads)
}

/// What the indexes must say of a file's links: by head, the rows, ascending.
pub(super) fn link_rows(kv: &dyn KvRead, file: FileId) -> Result<BTreeMap<Head, Vec<u32>>> {
    let mut heads = BTreeMap::new();
    occurrences(kv, file, &mut |index, row| {
        if matches!(row.target, StoredTarget::Unknown(_)) {
            add(&mut heads, Table::Unknown, keys::text_entries(&row.name), index);
        }
        for key in row.target.definitions() {
            add(&mut heads, Table::Uses, keys::symbol(*key).to_vec(), index);
        }
    })?;
    for (index, relation) in (0..).zip(relations(kv, file, Promise::None)?) {
        for key in relation.target.definitions() {
            add(&mut heads, Table::Subtypes, keys::symbol(*key).to_vec(), index);
        }
    }
    Ok(heads)
}

fn add(heads: &mut BTreeMap<Head, Vec<u32>>, table: Table, head: Vec<u8>, row: u32) {
    let rows = heads.entry((table, head)).or_default();
    if rows.last() != Some(&row) {
        rows.push(row);
    }
}
