//! Definitions as stored: in groups, each by itself, every number as the difference from the row before.

use xxhash_rust::xxh3::xxh3_64;

use crate::model::varint::{Reader, put, put_delta};
use crate::model::{Marks, Position, Span, SymbolHash, SymbolId, SymbolKind, Visibility, root_hash, symbol_hash};
use crate::store::FileContent;
use crate::store::record::{container_word, last_word, simple_names};

/// Definitions in a group.
pub(super) const GROUP_ROWS: usize = 32;

/// A definition as it stands in a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredSymbol {
    pub(super) hash: SymbolHash,
    pub(super) kind: SymbolKind,
    pub(super) visibility: Visibility,
    pub(super) marks: Marks,
    pub(super) name: String,
    pub(super) scope_path: String,
    pub(super) signature: String,
    pub(super) parent: Option<u32>,
    pub(super) span: Span,
    pub(super) name_span: Span,
    pub(super) doc: Option<Span>,
    pub(super) position: Position,
    pub(super) start_line: u32,
    pub(super) end_line: u32,
}

/// What differences are taken from: the row before.
#[derive(Default)]
struct Before {
    start: u32,
    start_line: u32,
    parent: u32,
    scope_path: String,
}

/// Definitions `first..` of a file as a group, at most [`GROUP_ROWS`]. Ids are not kept: they follow from those of
/// the parents, of which the ones outside the group come first. `ordinals` says how
/// many equal definitions come before each.
pub(super) fn encode(content: &FileContent, first: usize, ordinals: &[u32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(GROUP_ROWS * 64);
    let mut before = Before::default();
    let end = (first + GROUP_ROWS).min(content.facts.symbols.len());
    let mut outside: Vec<SymbolId> = Vec::new();
    for parent in content.facts.symbols[first..end].iter().filter_map(|symbol| symbol.parent) {
        if (parent.0 as usize) < first && !outside.contains(&parent) {
            outside.push(parent);
        }
    }
    put(&mut out, outside.len() as u32);
    for parent in outside {
        put(&mut out, parent.0);
        out.extend_from_slice(&content.hashes[parent.0 as usize].0);
    }
    for (index, &ordinal) in ordinals.iter().enumerate().take(end).skip(first) {
        encode_row(content, index, &mut before, &mut out);
        put(&mut out, ordinal);
        match content.facts.symbols[index].qualifier {
            None => out.push(0),
            Some(qualifier) => {
                out.push(1);
                put_text(&mut out, content.facts.name(qualifier));
            }
        }
    }
    out
}

fn encode_row(content: &FileContent, index: usize, before: &mut Before, out: &mut Vec<u8>) {
    let symbol = &content.facts.symbols[index];
    let place = content.places[index];
    out.push(symbol.kind as u8);
    out.push(symbol.visibility as u8);
    put(out, symbol.marks.0);
    let parent = symbol.parent.map_or(0, |parent| parent.0 + 1);
    put_delta(out, before.parent, parent);
    put_delta(out, before.start, symbol.span.start);
    put_delta(out, symbol.span.start, symbol.span.end);
    put_delta(out, symbol.span.start, symbol.name_span.start);
    put_delta(out, symbol.name_span.start, symbol.name_span.end);
    match symbol.doc {
        None => out.push(0),
        Some(doc) => {
            out.push(1);
            put_delta(out, symbol.span.start, doc.start);
            put_delta(out, doc.start, doc.end);
        }
    }
    put_delta(out, before.start_line, place.start_line);
    put_delta(out, place.start_line, place.end_line);
    put_delta(out, place.start_line, place.position.line);
    put(out, place.position.column);
    let scope_path = content.scope_paths.get(index);
    put_changed(out, &before.scope_path, scope_path);
    let name = content.facts.name(symbol.name);
    if scope_path.ends_with(name) {
        put(out, name.len() as u32 + 1);
    } else {
        put(out, 0);
        put_text(out, name);
    }
    put_text(out, content.signatures.get(index));
    before.parent = parent;
    before.start = symbol.span.start;
    before.start_line = place.start_line;
    before.scope_path.clear();
    before.scope_path.push_str(scope_path);
}

/// The rows of the group from `first` on of the file at `path`; none if it is damaged.
pub(super) fn decode(bytes: &[u8], first: u32, rows: usize, path: &str) -> Option<Vec<StoredSymbol>> {
    let mut reader = Reader::new(bytes);
    let mut outside = Vec::new();
    for _ in 0..reader.get()? {
        outside.push((reader.get()?, SymbolHash(reader.take(16)?.try_into().ok()?)));
    }
    let root = root_hash(path);
    let mut before = Before::default();
    let mut symbols: Vec<StoredSymbol> = Vec::with_capacity(rows);
    for _ in 0..rows {
        let mut row = decode_row(&mut reader, &mut before)?;
        let ordinal = reader.get()?;
        let qualifier = if reader.byte()? == 0 { None } else { Some(text(&mut reader)?) };
        let parent = match row.parent {
            None => root,
            Some(parent) if parent >= first => symbols.get((parent - first) as usize)?.hash,
            Some(parent) => outside.iter().find(|(known, _)| *known == parent)?.1,
        };
        row.hash = symbol_hash(parent, row.kind, &row.name, qualifier, ordinal);
        symbols.push(row);
    }
    reader.is_empty().then_some(symbols)
}

/// A row without its id.
fn decode_row(reader: &mut Reader<'_>, before: &mut Before) -> Option<StoredSymbol> {
    let kind = SymbolKind::WORDS.get(usize::from(reader.byte()?))?.0;
    let visibility = Visibility::WORDS.get(usize::from(reader.byte()?))?.0;
    let marks = Marks(reader.get()?);
    let parent = reader.get_delta(before.parent)?;
    let start = reader.get_delta(before.start)?;
    let span = Span::new(start, reader.get_delta(start)?);
    let name_start = reader.get_delta(start)?;
    let name_span = Span::new(name_start, reader.get_delta(name_start)?);
    let doc = match reader.byte()? {
        0 => None,
        _ => {
            let doc_start = reader.get_delta(start)?;
            Some(Span::new(doc_start, reader.get_delta(doc_start)?))
        }
    };
    let start_line = reader.get_delta(before.start_line)?;
    let end_line = reader.get_delta(start_line)?;
    let position = Position { line: reader.get_delta(start_line)?, column: reader.get()? };
    let scope_path = changed(reader, &before.scope_path)?;
    let name = match reader.get()? {
        0 => text(reader)?.to_owned(),
        length => scope_path.get(scope_path.len().checked_sub(length as usize - 1)?..)?.to_owned(),
    };
    let signature = text(reader)?.to_owned();
    *before = Before { start, start_line, parent, scope_path: scope_path.clone() };
    let parent = parent.checked_sub(1);
    Some(StoredSymbol {
        hash: SymbolHash([0; 16]),
        kind,
        visibility,
        marks,
        name,
        scope_path,
        signature,
        parent,
        span,
        name_span,
        doc,
        position,
        start_line,
        end_line,
    })
}

/// What a definition is found by: its simple name, and where its qualified name ends otherwise (a block stands for
/// another name), the last part of that.
pub(super) fn found_by<'n>(name: &'n str, scope_path: &'n str) -> impl Iterator<Item = &'n str> {
    let last = if scope_path.ends_with(name) { None } else { simple_names(scope_path).last() };
    std::iter::once(name).chain(last.filter(|last| *last != name))
}

/// Bits of a row of the index of names that stand for the definition around.
const CONTAINER_BITS: u32 = 8;

/// A row of the index of names: the number of a definition, and a hash of the word before its name in its scope
/// path, so that most others of the same name need not be read; 0 if nothing stands before it there.
pub(super) fn with_container(number: u32, scope_path: &str, name: &str) -> u32 {
    number << CONTAINER_BITS | container_word(scope_path, name).map_or(0, container_hash)
}

/// The number in such a row, unless something else than `wanted` stands around the definition.
pub(super) fn within(row: u32, wanted: Option<&str>) -> Option<u32> {
    let around = row & ((1 << CONTAINER_BITS) - 1);
    let may_be = wanted.is_none_or(|wanted| around == 0 || around == container_hash(last_word(wanted)));
    may_be.then_some(row >> CONTAINER_BITS)
}

fn container_hash(word: &str) -> u32 {
    (xxh3_64(word.as_bytes()) % ((1 << CONTAINER_BITS) - 1)) as u32 + 1
}

/// Appends a text with its length before it.
fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u32);
    out.extend_from_slice(text.as_bytes());
}

fn text<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let length = reader.get()? as usize;
    std::str::from_utf8(reader.take(length)?).ok()
}

/// Appends how many bytes a text shares with the one before, and the rest of it.
fn put_changed(out: &mut Vec<u8>, before: &str, text: &str) {
    let mut shared = before.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
    while !text.is_char_boundary(shared) {
        shared -= 1;
    }
    put(out, shared as u32);
    put_text(out, &text[shared..]);
}

fn changed(reader: &mut Reader<'_>, before: &str) -> Option<String> {
    let shared = reader.get()? as usize;
    Some([before.get(..shared)?, text(reader)?].concat())
}
