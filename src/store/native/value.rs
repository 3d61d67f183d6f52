//! How values are made: a version byte, the content, a short checksum over key and content. Damage in a value
//! is told instead of believed; damage in a page may be beyond that, and `doctor` looks for it.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::kv::Table;

/// Version of the values' form.
const VERSION: u8 = 1;
/// Longest piece of a long value: small, so that little of a page of 4,096 bytes stays empty.
const PIECE_BYTES_MAX: usize = 490;
/// Longer pieces fill pages of their own, whole but for LMDB's header of 16 bytes.
const RUN_BYTES: usize = 4 * 4096 - 16;

/// Ends `value`, which [`start`] began.
pub(super) fn seal(table: Table, key: &[u8], value: &mut Vec<u8>) {
    let sum = checksum(table, key, value);
    value.extend(sum);
}

/// The start of a value.
pub(super) fn start() -> Vec<u8> {
    vec![VERSION]
}

/// The content of a sealed value; none if it is damaged.
pub(super) fn content<'v>(table: Table, key: &[u8], value: &'v [u8]) -> Option<&'v [u8]> {
    let (content, sum) = value.split_last_chunk::<2>()?;
    let (&version, rest) = content.split_first()?;
    (version == VERSION && checksum(table, key, content) == *sum).then_some(rest)
}

fn checksum(table: Table, key: &[u8], content: &[u8]) -> [u8; 2] {
    let seed = xxh3_64_with_seed(key, table as u64);
    let sum = xxh3_64_with_seed(content, seed);
    ((sum ^ (sum >> 32)) as u16).to_be_bytes()
}

/// A record as a sealed value.
pub(super) fn record<T: Serialize>(table: Table, key: &[u8], record: &T) -> Vec<u8> {
    let mut value = postcard::to_extend(record, start()).expect("a Vec grows as needed");
    seal(table, key, &mut value);
    value
}

/// The record in a sealed value; none if it is damaged.
pub(super) fn read<'v, T: Deserialize<'v>>(table: Table, key: &[u8], value: &'v [u8]) -> Option<T> {
    postcard::from_bytes(content(table, key, value)?).ok()
}

/// A long value in pieces: whole runs of pages as far as it fills some, the rest small enough for pages with others.
pub(super) fn pieces(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let runs = value.len() / RUN_BYTES * RUN_BYTES;
    value[..runs].chunks(RUN_BYTES).chain(value[runs..].chunks(PIECE_BYTES_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_damage_is_noticed() {
        let key = b"key";
        let value = record(Table::Meta, key, &("text", 300));
        assert_eq!(read::<(&str, i32)>(Table::Meta, key, &value), Some(("text", 300)));
        assert_eq!(content(Table::Ids, key, &value), None);
        assert_eq!(content(Table::Meta, b"kex", &value), None);
        assert_eq!(content(Table::Meta, key, &value[..3]), None);
        for bit in 0..value.len() * 8 {
            let mut flipped = value.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(content(Table::Meta, key, &flipped), None, "bit {bit}");
        }
    }

    #[test]
    fn pieces_make_the_whole() {
        for length in [0, 1, 490, 491, RUN_BYTES, 3 * RUN_BYTES + 1500] {
            let whole: Vec<u8> = (0..length).map(|index| index as u8).collect();
            assert_eq!(pieces(&whole).collect::<Vec<_>>().concat(), whole);
        }
    }
}
