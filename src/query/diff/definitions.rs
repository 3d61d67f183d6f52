//! The definitions of one file with what tells whether they changed: hashes of signature, body and documentation.
//!
//! The body of a definition is what stands in it and is no definition of its own, so that a changed method is no
//! change of its class. Closures have no name to be known by: they count as part of what they stand in.

use crate::model::{ContentHash, FileFacts, Span, Symbol, SymbolHash, SymbolId, SymbolKind, symbol_hashes};
use crate::query::Result;
use crate::store::{SymbolKey, SymbolRow};

use super::side::{FileState, Side};

/// A definition with what tells whether it changed.
pub(super) struct Definition {
    pub(super) row: SymbolRow,
    /// The definition it stands in, closures passed over.
    pub(super) owner: Option<SymbolKey>,
    /// Equal for overloads of one owner.
    pub(super) name: Name,
    /// Its id but for the path of its file: equal after the file or the definition was moved.
    pub(super) tail: SymbolHash,
    /// None where the files have the same content anyway.
    pub(super) content: Content,
}

/// What overloads have in common: kind, name and qualifier.
pub(super) type Name = (SymbolKind, String, Option<String>);

/// Hashes of the parts of a definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Content {
    pub(super) signature: ContentHash,
    pub(super) body: ContentHash,
    pub(super) doc: ContentHash,
}

/// The definitions of a file, closures left out, in symbol order. Without `content` only names are looked at.
pub(super) fn definitions(side: &Side<'_>, file: &FileState, content: bool) -> Result<Vec<Definition>> {
    let rows = side.symbols(file.id)?;
    let facts = side.facts(file.id)?;
    let tails = symbol_hashes("", &facts);
    let contents = match content {
        true => contents(&facts, &side.text(file.id)?),
        false => vec![Content::default(); rows.len()],
    };
    let mut definitions = Vec::with_capacity(rows.len());
    for (((row, symbol), tail), content) in rows.into_iter().zip(&facts.symbols).zip(tails).zip(contents) {
        if symbol.kind != SymbolKind::Closure {
            let owner = owner(&facts, symbol.parent).map(|symbol| SymbolKey { file: file.id, symbol });
            let qualifier = symbol.qualifier.map(|name| facts.name(name).to_owned());
            let name = (symbol.kind, row.name.clone(), qualifier);
            definitions.push(Definition { row, owner, name, tail, content });
        }
    }
    Ok(definitions)
}

fn contents(facts: &FileFacts, text: &[u8]) -> Vec<Content> {
    let parts = parts(facts);
    let content = |(index, symbol): (usize, &Symbol)| {
        let mut apart = parts[index].clone();
        apart.push(symbol.signature);
        apart.extend(symbol.doc);
        Content {
            signature: words(text, symbol.signature),
            body: body(text, symbol, apart),
            doc: symbol.doc.map_or_else(ContentHash::default, |doc| words(text, doc)),
        }
    };
    facts.symbols.iter().enumerate().map(content).collect()
}

/// For each symbol, the spans of the definitions right inside it, with their documentation.
fn parts(facts: &FileFacts) -> Vec<Vec<Span>> {
    let mut parts = vec![Vec::new(); facts.symbols.len()];
    for symbol in facts.symbols.iter().filter(|symbol| symbol.kind != SymbolKind::Closure) {
        if let Some(owner) = owner(facts, symbol.parent) {
            let spans: &mut Vec<Span> = &mut parts[owner.0 as usize];
            spans.push(symbol.span);
            spans.extend(symbol.doc);
        }
    }
    parts
}

/// `symbol`, or what is around it if it is a closure.
fn owner(facts: &FileFacts, symbol: Option<SymbolId>) -> Option<SymbolId> {
    let mut next = symbol;
    while let Some(id) = next.filter(|&id| facts.symbol(id).kind == SymbolKind::Closure) {
        next = facts.symbol(id).parent;
    }
    next
}

/// The text of a definition without the spans that are apart. Space around these does not count; in what only
/// holds other definitions no space counts, nor do the commas between them.
fn body(text: &[u8], symbol: &Symbol, mut apart: Vec<Span>) -> ContentHash {
    apart.sort_unstable_by_key(|span| (span.start, span.end));
    let mut hasher = blake3::Hasher::new();
    let holds_others = is_container(symbol.kind);
    let mut piece = |start: u32, end: u32| {
        let piece = slice(text, Span::new(start, end.max(start))).trim_ascii();
        if holds_others {
            for word in split(piece).filter(|word| !matches!(*word, b"," | b";")) {
                hasher.update(word).update(b" ");
            }
        } else if !piece.is_empty() {
            hasher.update(piece).update(b"\n");
        }
    };
    let mut at = symbol.span.start;
    for span in apart.into_iter().filter(|span| span.start < symbol.span.end && span.end > symbol.span.start) {
        if span.start > at {
            piece(at, span.start);
        }
        at = at.max(span.end);
    }
    piece(at, symbol.span.end);
    ContentHash(*hasher.finalize().as_bytes())
}

fn is_container(kind: SymbolKind) -> bool {
    let is_scope = matches!(
        kind,
        SymbolKind::Package | SymbolKind::Module | SymbolKind::Namespace | SymbolKind::Impl | SymbolKind::ExternBlock
    );
    is_scope || kind.is_type()
}

/// Hash of the words of a piece of text: how they are spaced and broken into lines does not count.
fn words(text: &[u8], span: Span) -> ContentHash {
    let mut hasher = blake3::Hasher::new();
    for word in split(slice(text, span)) {
        hasher.update(word).update(b" ");
    }
    ContentHash(*hasher.finalize().as_bytes())
}

fn split(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

fn slice(text: &[u8], span: Span) -> &[u8] {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}
