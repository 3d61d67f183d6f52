//! Indexes from a head (a name, a definition) to rows of files. An entry holds the rows of up to 1,024 files with
//! neighbouring numbers, so that a head is not repeated for every file and a hub never becomes one giant value.

use crate::model::varint::{Reader, put};
use crate::store::{FileId, Result};

use super::kv::{Direction, KvRead, KvWrite, Table};
use super::sites::Site;
use super::{tables, value};

/// Files of an entry differ in this many low bits of their numbers.
const FILE_BITS: u32 = 10;
/// Bytes that stand for the other bits at the end of a key.
const BLOCK_BYTES: usize = 3;

/// The rows of one file.
pub(super) type FileRows<R> = (FileId, Vec<R>);

/// What an index says of a file: numbers of its definitions or relations, or sites in it.
pub(super) trait Row: Clone {
    /// Appends the rows of the files of an entry, sorted by file.
    fn encode<'r>(files: impl Iterator<Item = (FileId, &'r [Self])>, out: &mut Vec<u8>)
    where
        Self: 'r;
    /// The rows behind [`encode`](Self::encode), with the low bits of the file numbers; none if they are damaged.
    fn decode(content: &[u8]) -> Option<Vec<(u32, Vec<Self>)>>;
}

impl Row for u32 {
    fn encode<'r>(files: impl Iterator<Item = (FileId, &'r [Self])>, out: &mut Vec<u8>) {
        let mut steps = FileSteps::default();
        for (file, numbers) in files {
            steps.put(out, file);
            // Most files have one row: that is told by one number less.
            match numbers {
                [only] => put(out, only << 1),
                _ => {
                    put(out, (numbers.len() as u32) << 1 | 1);
                    let mut last = 0;
                    for &number in numbers {
                        put(out, number - last);
                        last = number;
                    }
                }
            }
        }
    }

    fn decode(content: &[u8]) -> Option<Vec<(u32, Vec<Self>)>> {
        let mut reader = Reader::new(content);
        let (mut files, mut steps) = (Vec::new(), FileSteps::default());
        while !reader.is_empty() {
            let low = steps.get(&mut reader)?;
            let first = reader.get()?;
            let mut numbers = Vec::new();
            if first & 1 == 0 {
                numbers.push(first >> 1);
            } else {
                let mut last = 0u32;
                for _ in 0..first >> 1 {
                    last = last.checked_add(reader.get()?)?;
                    numbers.push(last);
                }
            }
            files.push((low, numbers));
        }
        Some(files)
    }
}

/// File numbers of an entry as steps from one to the next.
#[derive(Default)]
pub(super) struct FileSteps {
    low: u32,
}

impl FileSteps {
    pub(super) fn put(&mut self, out: &mut Vec<u8>, file: FileId) {
        let low = file.0 & ((1 << FILE_BITS) - 1);
        put(out, low - self.low);
        self.low = low;
    }

    pub(super) fn get(&mut self, reader: &mut Reader<'_>) -> Option<u32> {
        self.low = self.low.checked_add(reader.get()?).filter(|low| *low < 1 << FILE_BITS)?;
        Some(self.low)
    }
}

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
pub(super) fn encode<'r, R: Row + 'r>(
    table: Table,
    key: &[u8],
    rows: impl Iterator<Item = (FileId, &'r [R])>,
) -> Vec<u8> {
    let mut value = value::start();
    R::encode(rows, &mut value);
    value::seal(table, key, &mut value);
    value
}

/// The rows in an entry.
pub(super) fn decode<R: Row>(table: Table, key: &[u8], value: &[u8]) -> Result<Vec<FileRows<R>>> {
    let rows = value::content(table, key, value).and_then(|content| {
        let block = key.last_chunk::<BLOCK_BYTES>()?;
        let high = u32::from_be_bytes([0, block[0], block[1], block[2]]) << FILE_BITS;
        let files = R::decode(content)?.into_iter();
        Some(files.map(|(low, rows)| (FileId(high | low), rows)).collect())
    });
    rows.ok_or_else(|| tables::damaged(table, key))
}

/// All rows of heads that start with `prefix`; `wanted` is asked for each head.
pub(super) fn rows<R: Row>(
    kv: &dyn KvRead,
    table: Table,
    prefix: &[u8],
    wanted: &dyn Fn(&[u8]) -> bool,
) -> Result<Vec<FileRows<R>>> {
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
pub(super) fn rows_of<R: Row>(kv: &dyn KvRead, table: Table, wanted: &[u8]) -> Result<Vec<FileRows<R>>> {
    rows(kv, table, wanted, &|head| head.len() == wanted.len())
}

/// Sets the rows of a file under a head, replacing any earlier ones.
pub(super) fn set<R: Row>(kv: &mut dyn KvWrite, table: Table, head: &[u8], file: FileId, rows: &[R]) -> Result<()> {
    change(kv, table, head, file, Some(rows)).map(drop)
}

/// Removes the rows of a file under a head. Gives whether there were some.
pub(super) fn remove(kv: &mut dyn KvWrite, table: Table, head: &[u8], file: FileId) -> Result<bool> {
    if tables::has_sites(table) {
        change::<Site>(kv, table, head, file, None)
    } else {
        change::<u32>(kv, table, head, file, None)
    }
}

/// Whether there are rows of a file under a head.
pub(super) fn has(kv: &dyn KvRead, table: Table, head: &[u8], file: FileId) -> Result<bool> {
    fn is_in<R: Row>(table: Table, key: &[u8], value: &[u8], file: FileId) -> Result<bool> {
        Ok(decode::<R>(table, key, value)?.iter().any(|(known, _)| *known == file))
    }
    let key = key(head, file);
    match kv.get(table, &key)? {
        Some(value) if tables::has_sites(table) => is_in::<Site>(table, &key, &value, file),
        Some(value) => is_in::<u32>(table, &key, &value, file),
        None => Ok(false),
    }
}

/// Gives whether there were rows before.
fn change<R: Row>(kv: &mut dyn KvWrite, table: Table, head: &[u8], file: FileId, wanted: Option<&[R]>) -> Result<bool> {
    let key = key(head, file);
    let mut rows: Vec<FileRows<R>> = match kv.get(table, &key)? {
        Some(value) => decode(table, &key, &value)?,
        None => Vec::new(),
    };
    let place = rows.binary_search_by_key(&file, |(file, _)| *file);
    match (place, wanted) {
        (Ok(at), None) => drop(rows.remove(at)),
        (Ok(at), Some(wanted)) => rows[at].1 = wanted.to_vec(),
        (Err(_), None) => return Ok(false),
        (Err(at), Some(wanted)) => rows.insert(at, (file, wanted.to_vec())),
    }
    if rows.is_empty() {
        kv.delete(table, &key)?;
    } else {
        kv.put(table, &key, &encode(table, &key, rows.iter().map(|(file, rows)| (*file, &**rows))))?;
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
        assert_eq!(decode::<u32>(Table::Names, &key, &value).expect("whole"), rows);
        assert_eq!(head(&key), b"name\0");
        assert!(decode::<u32>(Table::Ids, &key, &value).is_err());
        assert_eq!(value.len(), 1 + 3 + 5 + 3 + 2 + 1);
    }
}
