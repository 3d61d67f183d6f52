//! The cache: a table of what there is, and one of the parts, so that listing reads no parts.

use serde::{Deserialize, Serialize};

use crate::model::ContentHash;
use crate::store::{CacheEntry, CacheRow, Result};

use super::kv::{Direction, KvRead, KvWrite, Table};
use super::tables::Content;
use super::{keys, value};

/// What there is under a number.
#[derive(Debug, Serialize, Deserialize)]
struct StoredRow {
    hash: [u8; 32],
    dialect: String,
    bytes: u64,
}

/// Puts an entry in the place of one of its number.
pub(super) fn put(kv: &mut dyn KvWrite, entry: &CacheEntry) -> Result<()> {
    evict(kv, entry.number)?;
    let key = keys::cached(entry.number);
    let row = StoredRow { hash: entry.hash.0, dialect: entry.dialect.to_string(), bytes: entry.bytes() };
    kv.put(Table::Cache, &key, &value::record(Table::Cache, &key, &row))?;
    let sections = [
        (Content::Facts, &entry.facts_packed),
        (Content::Ast, &entry.ast_packed),
        (Content::Functions, &entry.functions_packed),
    ];
    for (section, packed) in sections {
        for (number, piece) in (0..).zip(value::pieces(packed)) {
            kv.put(Table::CacheParts, &keys::cached_piece(entry.number, section as u8, number), piece)?;
        }
    }
    Ok(())
}

/// Drops an entry.
pub(super) fn evict(kv: &mut dyn KvWrite, number: u64) -> Result<()> {
    kv.delete_prefix(Table::CacheParts, &keys::cached(number))?;
    kv.delete(Table::Cache, &keys::cached(number))
}

/// All entries without their parts, oldest first.
pub(super) fn list(kv: &dyn KvRead) -> Result<Vec<CacheRow>> {
    let mut rows = Vec::new();
    kv.scan(Table::Cache, &[], Direction::Forward, &mut |key, stored| {
        rows.extend(key.try_into().ok().map(u64::from_be_bytes).map(|number| row(number, key, stored)));
        Ok(true)
    })?;
    Ok(rows)
}

fn row(number: u64, key: &[u8], stored: &[u8]) -> CacheRow {
    match value::read::<StoredRow>(Table::Cache, key, stored) {
        Some(StoredRow { hash, dialect, bytes }) => CacheRow { number, hash: ContentHash(hash), dialect, bytes },
        None => CacheRow { number, ..CacheRow::default() },
    }
}

/// One entry.
pub(super) fn get(kv: &dyn KvRead, number: u64) -> Result<Option<CacheEntry>> {
    let key = keys::cached(number);
    let Some(stored) = kv.get(Table::Cache, &key)? else { return Ok(None) };
    let Some(StoredRow { hash, dialect, .. }) = value::read(Table::Cache, &key, &stored) else { return Ok(None) };
    Ok(Some(CacheEntry {
        number,
        hash: ContentHash(hash),
        dialect: dialect.into(),
        facts_packed: part(kv, number, Content::Facts)?,
        ast_packed: part(kv, number, Content::Ast)?,
        functions_packed: part(kv, number, Content::Functions)?,
    }))
}

fn part(kv: &dyn KvRead, number: u64, section: Content) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    kv.scan(Table::CacheParts, &keys::cached_section(number, section as u8), Direction::Forward, &mut |_, piece| {
        whole.extend_from_slice(piece);
        Ok(true)
    })?;
    Ok(whole)
}
