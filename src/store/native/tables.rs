//! What the tables hold, read entry by entry.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::model::{FileFacts, Occurrence, Position};
use crate::store::{FileEdges, FileId, Part, Result, StoreError, unpack, unpack_facts};

use super::kv::{Direction, KvRead, Table};
use super::records::{FileRecord, StoredRelation, StoredTarget};
use super::sites::{Meaning, Site};
use super::symbols::{self, StoredSymbol};
use super::{keys, targets, value};

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
    Targets,
    Imports,
    Relations,
    /// What they rest on.
    Record,
}

/// Indexes that have numbers of rows.
pub(super) const NUMBER_INDEXES: [Table; 3] = [Table::Names, Table::Ids, Table::Subtypes];
/// Indexes that have whole sites.
pub(super) const SITE_INDEXES: [Table; 2] = [Table::Unknown, Table::Uses];

/// All that is about the tree: everything but the log.
pub(super) const OF_THE_TREE: [Table; 18] = [
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
    Table::Cache,
    Table::CacheParts,
    Table::Edges,
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

/// The key and value of a bookkeeping value.
pub(super) fn meta(key: &[u8], value: &[u8]) -> Result<(String, String)> {
    let pair = ungroup(Table::Meta, key, value)?;
    postcard::from_bytes(&pair).map_err(|_| damaged(Table::Meta, key))
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

/// The facts of a file.
fn facts(kv: &dyn KvRead, file: FileId) -> Result<FileFacts> {
    let packed = long(kv, Table::Content, file, Content::Facts as u8)?;
    unpack_facts(&packed).ok_or_else(|| damaged(Table::Content, &keys::section(file, Content::Facts as u8)))
}

/// An occurrence with what stands elsewhere.
pub(super) struct FullOccurrence<'f> {
    /// Its number in the file.
    pub(super) index: u32,
    pub(super) name: &'f str,
    pub(super) fact: &'f Occurrence,
    pub(super) position: Position,
    pub(super) target: StoredTarget,
}

/// Hands all occurrences of a file to `visit`; none if it is not linked yet.
pub(super) fn occurrences(
    kv: &dyn KvRead,
    file: FileId,
    visit: &mut dyn FnMut(FullOccurrence<'_>) -> Result<()>,
) -> Result<()> {
    let groups = target_groups(kv, file)?;
    if groups.is_empty() {
        return Ok(());
    }
    let facts = facts(kv, file)?;
    let mut rest = &facts.occurrences[..];
    for (number, group) in (0..).zip(groups) {
        let damaged = || damaged(Table::Links, &keys::piece(file, Links::Targets as u8, number));
        let (own, after) = rest.split_at(rest.len().min(targets::GROUP_ROWS));
        rest = after;
        let positions = targets::positions(&group, own).ok_or_else(damaged)?;
        let mut rows = Vec::with_capacity(own.len());
        targets::decode(&group, file, &mut |_| true, &mut |_, target| rows.push(target)).ok_or_else(damaged)?;
        if rows.len() != own.len() {
            return Err(damaged());
        }
        let first = u32::from(number) * targets::GROUP_ROWS as u32;
        for (index, ((fact, position), target)) in (first..).zip(own.iter().zip(positions).zip(rows)) {
            visit(FullOccurrence { index, name: facts.name(fact.name), fact, position, target })?;
        }
    }
    if rest.is_empty() { Ok(()) } else { Err(damaged(Table::Links, &keys::section(file, Links::Targets as u8))) }
}

/// The groups of targets of a file.
fn target_groups(kv: &dyn KvRead, file: FileId) -> Result<Vec<Vec<u8>>> {
    let mut groups = Vec::new();
    kv.scan(Table::Links, &keys::section(file, Links::Targets as u8), Direction::Forward, &mut |key, value| {
        if key != keys::piece(file, Links::Targets as u8, groups.len() as u16) {
            return Err(damaged(Table::Links, key));
        }
        groups.push(ungroup(Table::Links, key, value)?);
        Ok(true)
    })?;
    Ok(groups)
}

/// The targets of the occurrences of a file with these numbers, ascending.
pub(super) fn targets_at(kv: &dyn KvRead, file: FileId, numbers: &[u32]) -> Result<Vec<StoredTarget>> {
    let mut found = Vec::with_capacity(numbers.len());
    let group_of = |number: u32| number / targets::GROUP_ROWS as u32;
    for wanted in numbers.chunk_by(|a, b| group_of(*a) == group_of(*b)) {
        let number = group_of(wanted[0]);
        let key = keys::piece(file, Links::Targets as u8, number as u16);
        let value = kv.get(Table::Links, &key)?.ok_or_else(|| damaged(Table::Links, &key))?;
        let group = ungroup(Table::Links, &key, &value)?;
        let first = number * targets::GROUP_ROWS as u32;
        let mut is_wanted = |index: usize| wanted.binary_search(&(first + index as u32)).is_ok();
        let decoded = targets::decode(&group, file, &mut is_wanted, &mut |_, target| found.push(target));
        decoded.ok_or_else(|| damaged(Table::Links, &key))?;
    }
    if found.len() != numbers.len() {
        return Err(damaged(Table::Links, &keys::section(file, Links::Targets as u8)));
    }
    Ok(found)
}

/// The relations of a file.
pub(super) fn relations(kv: &dyn KvRead, file: FileId, promise: Promise) -> Result<Vec<StoredRelation>> {
    section(kv, file, Links::Relations, promise)
}

/// Hands what files bring to the graph to `visit`; none for those that are not linked.
pub(super) fn edges(kv: &dyn KvRead, only: Option<FileId>, visit: &mut dyn FnMut(FileEdges)) -> Result<()> {
    let prefix = only.map(keys::file);
    let prefix = prefix.as_ref().map_or(&[][..], |file| &file[..]);
    kv.scan(Table::Edges, prefix, Direction::Forward, &mut |key, stored| {
        let packed = keys::last_file(key).zip(value::content(Table::Edges, key, stored));
        let edges = packed.and_then(|(file, packed)| FileEdges::decode(file, packed));
        visit(edges.ok_or_else(|| damaged(Table::Edges, key))?);
        Ok(true)
    })
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

/// Whether an index has sites, not numbers.
pub(super) fn has_sites(table: Table) -> bool {
    SITE_INDEXES.contains(&table)
}

/// An entry of an index: under this head it has rows of a file.
pub(super) type Head = (Table, Vec<u8>);

/// What the indexes must say of a file, by head; numbers ascending, sites in source order.
#[derive(Default)]
pub(super) struct IndexRows {
    pub(super) numbers: BTreeMap<Head, Vec<u32>>,
    pub(super) sites: BTreeMap<Head, Vec<Site>>,
}

impl IndexRows {
    /// All heads.
    pub(super) fn heads(&self) -> impl Iterator<Item = &Head> {
        self.numbers.keys().chain(self.sites.keys())
    }
}

/// What the indexes must say of a file's definitions.
pub(super) fn symbol_rows(kv: &dyn KvRead, file: FileId, record: &FileRecord, rows: &mut IndexRows) -> Result<()> {
    for (index, row) in (0..).zip(symbols(kv, file, record)?) {
        for name in symbols::found_by(&row.name, &row.scope_path) {
            let named = symbols::with_container(index, &row.scope_path, &row.name);
            add(&mut rows.numbers, Table::Names, keys::text_entries(name), named);
        }
        add(&mut rows.numbers, Table::Ids, keys::id(row.hash).to_vec(), index);
    }
    Ok(())
}

/// What the indexes must say of a file's links.
pub(super) fn link_rows(kv: &dyn KvRead, file: FileId, rows: &mut IndexRows) -> Result<()> {
    occurrences(kv, file, &mut |row| {
        let Some(meaning) = Meaning::of_stored(row.index, &row.target) else { return Ok(()) };
        let site = Site::new(Arc::from(row.name), row.fact, row.position, meaning);
        if let Meaning::Unknown(_) = meaning {
            add(&mut rows.sites, Table::Unknown, keys::text_entries(row.name), site);
            return Ok(());
        }
        let mut keys = row.target.definitions().to_vec();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            add(&mut rows.sites, Table::Uses, keys::symbol(key).to_vec(), site.clone());
        }
        Ok(())
    })?;
    for (index, relation) in (0..).zip(relations(kv, file, Promise::None)?) {
        for key in relation.target.definitions() {
            add(&mut rows.numbers, Table::Subtypes, keys::symbol(*key).to_vec(), index);
        }
    }
    rows.numbers.values_mut().for_each(Vec::dedup);
    Ok(())
}

fn add<R>(heads: &mut BTreeMap<Head, Vec<R>>, table: Table, head: Vec<u8>, row: R) {
    heads.entry((table, head)).or_default().push(row);
}
