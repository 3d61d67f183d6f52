//! Indexes from a head (a name, a definition) to rows of files. An entry holds the rows of up to 256 files with
//! neighbouring numbers, so that a head is not repeated for every file and a hub never becomes one giant value.

use crate::model::varint::{Reader, put};
use crate::store::{FileId, Result};

use super::kv::{Direction, KvRead, KvWrite, Table};
use super::{tables, value};

/// Files of an entry differ in this many low bits of their numbers.
const FILE_BITS: u32 = 8;
/// Bytes that stand for the other bits at the end of a key.
const BLOCK_BYTES: usize = 3;

/// Rows of one file, ascending.
pub(super) type FileRows = (FileId, Vec<u32>);

/// The key of the entry that has a file's rows.
pub(super) fn key(head: &[u8], file: FileId) -> Vec<u8> {
    let mut key = Vec::with_capacity(head.len() + BLOCK_BYTES);
    key.extend_from_slice(head);
    key.extend_from_slice(&(file.0 >> FILE_BITS).to_be_bytes()[1..]);
    key
}

/// Whether two files' rows stand in one entry.
pub(super) fn is_one(a: FileId, b: FileId) -> bool {
    a.0 >> FILE_BITS == b.0 >> FILE_BITS
}

/// The head in a key.
pub(super) fn head(key: &[u8]) -> &[u8] {
    &key[..key.len().saturating_sub(BLOCK_BYTES)]
}

/// An entry for the rows of some files, sorted.
pub(super) fn encode<'r>(table: Table, key: &[u8], rows: impl Iterator<Item = (FileId, &'r [u32])>) -> Vec<u8> {
    let mut value = value::start();
    let mut before = None;
    for (file, ordinals) in rows {
        let low = file.0 & ((1 << FILE_BITS) - 1);
        put(&mut value, before.map_or(low, |before| low - before));
        before = Some(low);
        // Most files have one row: that is told by one number less.
        match ordinals {
            [only] => put(&mut value, only << 1),
            _ => {
                put(&mut value, (ordinals.len() as u32) << 1 | 1);
                let mut last = 0;
                for &ordinal in ordinals {
                    put(&mut value, ordinal - last);
                    last = ordinal;
                }
            }
        }
    }
    value::seal(table, key, &mut value);
    value
}

/// The rows in an entry.
pub(super) fn decode(table: Table, key: &[u8], value: &[u8]) -> Result<Vec<FileRows>> {
    let rows = value::content(table, key, value).and_then(|content| decode_content(key, content));
    rows.ok_or_else(|| tables::damaged(table, key))
}

fn decode_content(key: &[u8], content: &[u8]) -> Option<Vec<FileRows>> {
    let block = key.last_chunk::<BLOCK_BYTES>()?;
    let high = u32::from_be_bytes([0, block[0], block[1], block[2]]) << FILE_BITS;
    let mut reader = Reader::new(content);
    let (mut rows, mut low) = (Vec::new(), 0u32);
    while !reader.is_empty() {
        low = low.checked_add(reader.get()?).filter(|low| *low < 1 << FILE_BITS)?;
        let first = reader.get()?;
        let mut ordinals = Vec::new();
        if first & 1 == 0 {
            ordinals.push(first >> 1);
        } else {
            let mut last = 0u32;
            for _ in 0..first >> 1 {
                last = last.checked_add(reader.get()?)?;
                ordinals.push(last);
            }
        }
        rows.push((FileId(high | low), ordinals));
    }
    Some(rows)
}

/// All rows of heads that start with `prefix`; `wanted` is asked for each head.
pub(super) fn rows(
    kv: &dyn KvRead,
    table: Table,
    prefix: &[u8],
    wanted: &dyn Fn(&[u8]) -> bool,
) -> Result<Vec<FileRows>> {
    let mut found = Vec::new();
    kv.scan(table, prefix, Direction::Forward, &mut |key, value| {
        if wanted(head(key)) {
            found.extend(decode(table, key, value)?);
        }
        Ok(true)
    })?;
    Ok(found)
}

/// All rows of exactly this head.
pub(super) fn rows_of(kv: &dyn KvRead, table: Table, wanted: &[u8]) -> Result<Vec<FileRows>> {
    rows(kv, table, wanted, &|head| head.len() == wanted.len())
}

/// Sets the rows of a file under a head; none removes them. Gives whether there were some before.
pub(super) fn set(kv: &mut dyn KvWrite, table: Table, head: &[u8], file: FileId, ordinals: &[u32]) -> Result<bool> {
    let key = key(head, file);
    let mut rows = match kv.get(table, &key)? {
        Some(value) => decode(table, &key, &value)?,
        None => Vec::new(),
    };
    let place = rows.binary_search_by_key(&file, |(file, _)| *file);
    match (place, ordinals) {
        (Ok(at), []) => drop(rows.remove(at)),
        (Ok(at), _) => rows[at].1 = ordinals.to_vec(),
        (Err(_), []) => return Ok(false),
        (Err(at), _) => rows.insert(at, (file, ordinals.to_vec())),
    }
    if rows.is_empty() {
        kv.delete(table, &key)?;
    } else {
        kv.put(table, &key, &encode(table, &key, rows.iter().map(|(file, ordinals)| (*file, &**ordinals))))?;
    }
    Ok(place.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let rows = [(FileId(0x1200), vec![7]), (FileId(0x1201), vec![0, 1, 900]), (FileId(0x12ff), vec![0])];
        let key = key(b"name\0", FileId(0x1234));
        let value = encode(Table::Names, &key, rows.iter().map(|(file, ordinals)| (*file, &**ordinals)));
        assert_eq!(decode(Table::Names, &key, &value).expect("whole"), rows);
        assert_eq!(head(&key), b"name\0");
        assert!(decode(Table::Ids, &key, &value).is_err());
        assert_eq!(value.len(), 1 + 2 + 5 + 3 + 2 + 1);
    }
}
