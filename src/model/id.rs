//! Derived identities: content hashes and symbol ids.

use std::fmt;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{FileFacts, Symbol, SymbolId, SymbolKind};

/// BLAKE3 of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A symbol's id: 128 bits, shown as 32 hex digits.
///
/// Derived from path, kind, scope path inside the file and an ordinal among equals, so it survives edits
/// elsewhere, re-indexing and a checkout in another place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SymbolHash(pub [u8; 16]);

impl fmt::Display for SymbolHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SymbolHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The ids of all symbols of a file, in symbol order. A child's id is derived from its parent's, so the
/// whole scope path counts.
pub fn symbol_hashes(path: &str, facts: &FileFacts) -> Vec<SymbolHash> {
    let root = first_16(blake3::hash(path.as_bytes()));
    let mut ids: Vec<SymbolHash> = Vec::with_capacity(facts.symbols.len());
    let mut ordinals: FxHashMap<[u8; 16], u32> = FxHashMap::default();
    for symbol in &facts.symbols {
        let parent = symbol.parent.map_or(root, |parent| ids[parent.0 as usize].0);
        let equal = hash_parts(&parent, facts, symbol, None);
        let ordinal = ordinals.entry(equal).or_default();
        let id = if *ordinal == 0 { equal } else { hash_parts(&parent, facts, symbol, Some(*ordinal)) };
        *ordinal += 1;
        ids.push(SymbolHash(id));
    }
    ids
}

fn hash_parts(parent: &[u8; 16], facts: &FileFacts, symbol: &Symbol, ordinal: Option<u32>) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(parent).update(symbol.kind.word().as_bytes()).update(&[0]);
    hasher.update(facts.name(symbol.name).as_bytes()).update(&[0]);
    if let Some(qualifier) = symbol.qualifier {
        hasher.update(facts.name(qualifier).as_bytes());
    }
    if let Some(ordinal) = ordinal {
        hasher.update(&[0]).update(&ordinal.to_be_bytes());
    }
    first_16(hasher.finalize())
}

fn first_16(hash: blake3::Hash) -> [u8; 16] {
    hash.as_bytes()[..16].try_into().expect("a BLAKE3 hash has 32 bytes")
}

/// The names of a symbol's parents and its own, joined: `Type::method`. An `impl` block stands as the type it is
/// for, an out-of-line member after the class it belongs to.
pub fn scope_path(facts: &FileFacts, id: SymbolId, separator: &str) -> String {
    let mut parts = Vec::new();
    let mut next = Some(id);
    while let Some(id) = next {
        let symbol = facts.symbol(id);
        match (symbol.kind, symbol.qualifier) {
            (SymbolKind::ExternBlock, _) => {}
            (SymbolKind::Impl, Some(qualifier)) => parts.push(facts.name(qualifier)),
            (_, Some(qualifier)) => parts.extend([facts.name(symbol.name), facts.name(qualifier)]),
            (_, None) => parts.push(facts.name(symbol.name)),
        }
        next = symbol.parent;
    }
    parts.reverse();
    parts.join(separator)
}
