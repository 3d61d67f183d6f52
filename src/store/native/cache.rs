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

#[cfg(test)]
mod tests {
    use super::super::memory::Tables;
    use super::*;

    fn entry(number: u64) -> CacheEntry {
        CacheEntry {
            number,
            hash: ContentHash::of(b"text"),
            dialect: "any".into(),
            facts_packed: vec![1; 40_000],
            ast_packed: vec![2; 491],
            functions_packed: Vec::new(),
        }
    }

    #[test]
    fn a_damaged_row_is_listed_without_content_and_can_be_dropped() {
        let mut kv = Tables::default();
        [3, 4].into_iter().for_each(|number| put(&mut kv, &entry(number)).expect("is kept"));
        kv.put(Table::Cache, &keys::cached(3), b"damaged").expect("is kept");
        let listed = list(&kv).expect("is read");
        assert_eq!(listed, [CacheRow { number: 3, ..CacheRow::default() }, entry(4).row()]);
        assert_eq!((get(&kv, 3).expect("is read"), get(&kv, 4).expect("is read")), (None, Some(entry(4))));
        evict(&mut kv, 3).expect("is dropped");
        evict(&mut kv, 4).expect("is dropped");
        let mut left = 0;
        for table in [Table::Cache, Table::CacheParts] {
            kv.scan(table, &[], Direction::Forward, &mut |_, _| {
                left += 1;
                Ok(true)
            })
            .expect("is read");
        }
        assert_eq!(left, 0);
    }
}
