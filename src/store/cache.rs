//! The cache: what extraction made of contents that no file has any more, under their hash, so that a content that
//! comes back is not extracted again. It says nothing about the tree: no dump, fingerprint or total shows it.

use std::borrow::Cow;

use crate::model::{ContentHash, decode_ast, decode_functions};

use super::{Result, Snapshot, Stop, go_on, unpack, unpack_facts};

/// The cache may be this large, however small the tree is.
const BYTES_MAX: u64 = 64 << 20;
/// What is smaller counts as this much against the limit: a run that changes something lists the whole cache.
const COUNTED_BYTES_MIN: u64 = 4 << 10;

/// What is known of a content in the cache without reading what was made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CacheRow {
    /// Contents that were put aside later have greater numbers; below 2⁶³.
    pub number: u64,
    /// Hash of the content.
    pub hash: ContentHash,
    /// The grammar it was read with; empty if the row is damaged, which makes it fit no content.
    pub dialect: String,
    /// Bytes of all that was made of it.
    pub bytes: u64,
}

/// What extraction made of a content, packed like the parts of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// Its number, as in [`CacheRow`].
    pub number: u64,
    /// Hash of the content.
    pub hash: ContentHash,
    /// The grammar it was read with.
    pub dialect: Cow<'static, str>,
    /// As in [`FileContent`](super::FileContent).
    pub facts_packed: Vec<u8>,
    /// As in [`FileContent`](super::FileContent).
    pub ast_packed: Vec<u8>,
    /// As in [`FileContent`](super::FileContent).
    pub functions_packed: Vec<u8>,
}

impl CacheEntry {
    /// Its bytes, as the cache counts them.
    pub fn bytes(&self) -> u64 {
        (self.facts_packed.len() + self.ast_packed.len() + self.functions_packed.len()) as u64
    }

    /// The row that lists it.
    pub fn row(&self) -> CacheRow {
        let Self { number, hash, dialect, .. } = self;
        CacheRow { number: *number, hash: *hash, dialect: dialect.to_string(), bytes: self.bytes() }
    }

    fn is_readable(&self) -> bool {
        unpack_facts(&self.facts_packed).is_some()
            && unpack(&self.ast_packed).is_some_and(|bytes| decode_ast(&bytes).is_some())
            && unpack(&self.functions_packed).is_some_and(|bytes| decode_functions(&bytes).is_some())
    }
}

/// How many bytes the cache of a tree may have, if nobody says otherwise: 64 MiB, or as many as its source has.
pub fn cache_bytes_max(source_bytes: u64) -> u64 {
    BYTES_MAX.max(source_bytes)
}

/// What an entry of so many bytes counts for against the limit.
pub fn counted(bytes: u64) -> u64 {
    bytes.max(COUNTED_BYTES_MIN)
}

/// The numbers of the oldest of `rows`, which ascend, that must go for the rest to have at most `bytes_max` bytes;
/// damaged ones go in any case.
pub fn over_limit(rows: &[CacheRow], bytes_max: u64) -> Vec<u64> {
    let mut bytes = 0u64;
    let mut over: Vec<u64> = Vec::new();
    for row in rows.iter().rev() {
        bytes = bytes.saturating_add(counted(row.bytes));
        if bytes > bytes_max || row.dialect.is_empty() {
            over.push(row.number);
        }
    }
    over.reverse();
    over
}

/// The numbers of what is in the cache and cannot be read; asks before each whether to stop.
pub fn unreadable(snapshot: &dyn Snapshot, stop: Stop<'_>) -> Result<Vec<u64>> {
    let mut found = Vec::new();
    for row in snapshot.cache()? {
        go_on(stop)?;
        if !snapshot.cached(row.number)?.is_some_and(|entry| entry.row() == row && entry.is_readable()) {
            found.push(row.number);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u64, bytes: u64) -> CacheRow {
        CacheRow { number, bytes, dialect: "any".into(), ..CacheRow::default() }
    }

    #[test]
    fn the_oldest_go_first_until_the_rest_fits() {
        let rows = [row(1, 10_000), row(4, 20_000), row(7, 30_000)];
        assert_eq!(over_limit(&rows, 60_000), [0; 0]);
        assert_eq!(over_limit(&rows, 59_999), [1]);
        assert_eq!(over_limit(&rows, 50_000), [1]);
        assert_eq!(over_limit(&rows, 49_999), [1, 4]);
        assert_eq!(over_limit(&rows, 29_999), [1, 4, 7]);
        assert_eq!(over_limit(&rows, 0), [1, 4, 7]);
    }

    #[test]
    fn many_small_ones_are_bounded_too() {
        let rows: Vec<CacheRow> = (0..10).map(|number| row(number, 1)).collect();
        assert_eq!(over_limit(&rows, 8 * COUNTED_BYTES_MIN), [0, 1]);
    }

    #[test]
    fn a_damaged_row_goes_in_any_case() {
        let rows = [row(1, 10), CacheRow { number: 2, ..CacheRow::default() }, row(3, 5)];
        assert_eq!(over_limit(&rows, BYTES_MAX), [2]);
    }
}
