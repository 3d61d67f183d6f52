//! How keys are made: fixed-width big-endian numbers, and texts folded to fit.

use xxhash_rust::xxh3::xxh3_128;

use crate::model::{Span, SymbolHash};
use crate::store::FileId;

/// Longest text that is a key as it is; LMDB's keys have at most 511 bytes, and numbers may follow.
const TEXT_BYTES_MAX: usize = 470;
/// How much of a longer text stands before its hash.
const TEXT_BYTES_KEPT: usize = 440;
/// Ends a text in a key.
const END: u8 = 0;
/// Stands before the hash of a text that is too long. No UTF-8 text has this byte.
const HASHED: u8 = 0xFF;

/// A file number.
pub(super) fn file(file: FileId) -> [u8; 4] {
    file.0.to_be_bytes()
}

/// The file number that a key ends with.
pub(super) fn last_file(key: &[u8]) -> Option<FileId> {
    key.last_chunk().map(|bytes| FileId(u32::from_be_bytes(*bytes)))
}

/// All pieces of a section of a file.
pub(super) fn section(file: FileId, section: u8) -> [u8; 5] {
    let mut key = [0; 5];
    key[..4].copy_from_slice(&file.0.to_be_bytes());
    key[4] = section;
    key
}

/// One piece of a section of a file.
pub(super) fn piece(file: FileId, section: u8, piece: u16) -> [u8; 7] {
    let mut key = [0; 7];
    key[..5].copy_from_slice(&self::section(file, section));
    key[5..].copy_from_slice(&piece.to_be_bytes());
    key
}

/// An entry of the cache, and the start of all its pieces.
pub(super) fn cached(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// All pieces of a section of an entry of the cache.
pub(super) fn cached_section(number: u64, section: u8) -> [u8; 9] {
    let mut key = [0; 9];
    key[..8].copy_from_slice(&cached(number));
    key[8] = section;
    key
}

/// One piece of a section of an entry of the cache.
pub(super) fn cached_piece(number: u64, section: u8, piece: u16) -> [u8; 11] {
    let mut key = [0; 11];
    key[..9].copy_from_slice(&cached_section(number, section));
    key[9..].copy_from_slice(&piece.to_be_bytes());
    key
}

/// All entries of a definition, by its packed key.
pub(super) fn symbol(packed: u64) -> [u8; 8] {
    packed.to_be_bytes()
}

/// The first three hex digits of an id, as an index keeps them.
pub(super) fn id(id: SymbolHash) -> [u8; 2] {
    [id.0[0], id.0[1] & 0xF0]
}

/// A text as a key: itself, or its start and hash where it is long or has a NUL. LMDB knows no empty keys: a NUL
/// stands for the empty text, which no other text is.
pub(super) fn text(text: &str) -> Vec<u8> {
    if text.is_empty() { vec![END] } else { folded(text) }
}

fn folded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    if bytes.len() <= TEXT_BYTES_MAX && !bytes.contains(&END) {
        return bytes.to_vec();
    }
    let mut key: Vec<u8> = bytes.iter().take(TEXT_BYTES_KEPT).map(|&byte| if byte == END { 1 } else { byte }).collect();
    key.push(HASHED);
    key.extend(xxh3_128(bytes).to_be_bytes());
    key
}

/// What the keys of all texts that start with `start` start with.
pub(super) fn text_start(start: &str) -> Vec<u8> {
    let kept = start.as_bytes().iter().take(TEXT_BYTES_KEPT);
    kept.map(|&byte| if byte == END { 1 } else { byte }).collect()
}

/// All entries of a text to which numbers are added; nothing else starts so.
pub(super) fn text_entries(text: &str) -> Vec<u8> {
    let mut key = folded(text);
    key.push(END);
    key
}

/// Whether the text in the entries of a text may be one that `matches`: a folded one always may.
pub(super) fn may_match(entries: &[u8], matches: &dyn Fn(&str) -> bool) -> bool {
    let text = entries.strip_suffix(&[END]).unwrap_or(entries);
    text.contains(&HASHED) || std::str::from_utf8(text).is_ok_and(matches)
}

/// The entry of a path and span.
pub(super) fn chunk(path: &str, span: Span) -> Vec<u8> {
    let mut key = text_entries(path);
    key.extend(span.start.to_be_bytes());
    key.extend(span.end.to_be_bytes());
    key
}

/// The entry of a name for a chunk.
pub(super) fn chunk_name(name: &str, chunk: &[u8]) -> Vec<u8> {
    let mut key = text_entries(name);
    key.extend(xxh3_128(chunk).to_be_bytes());
    key
}

/// The entry of a time for an execution record.
pub(super) fn time(started_ms: u64, id: &str) -> Vec<u8> {
    let mut key = started_ms.to_be_bytes().to_vec();
    key.extend(text(id));
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_fits_and_texts_stay_apart() {
        let long = "x".repeat(5000);
        let longer = format!("{long}y");
        let span = Span::new(0, u32::MAX);
        for text in ["", "a", "a\0b", "é", &long, &longer, &"x".repeat(470), &"x".repeat(471)] {
            let chunk = chunk(text, span);
            let keys = [text_entries(text), chunk.clone(), chunk_name(text, &chunk), time(u64::MAX, text)];
            assert!(keys.iter().all(|key| key.len() <= 508), "{}", text.len());
        }
        assert_ne!(text(&long), text(&longer));
        assert_ne!(text("a\0b"), text("a\u{1}b"));
        assert!(!text_entries("a:b").starts_with(&text_entries("a")));
        assert!(text_entries(&longer).starts_with(&text_start("xxx")));
    }

    #[test]
    fn numbers_sort_as_numbers() {
        assert!(piece(FileId(1), 2, 255) < piece(FileId(1), 2, 256));
        assert!(file(FileId(255)) < file(FileId(256)));
        assert_eq!(last_file(&file(FileId(77))), Some(FileId(77)));
        assert_eq!(last_file(b"abc"), None);
    }
}
