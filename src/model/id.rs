//! Derived identities: content hashes and symbol ids.

use std::fmt;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{FileFacts, Symbol, SymbolId, SymbolKind};

/// BLAKE3 of a file's bytes; all zeros by default, for what has not been hashed.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    let root = root_hash(path);
    let mut ids: Vec<SymbolHash> = Vec::with_capacity(facts.symbols.len());
    for (symbol, ordinal) in facts.symbols.iter().zip(symbol_ordinals(facts)) {
        let parent = symbol.parent.map_or(root, |parent| ids[parent.0 as usize]);
        let qualifier = symbol.qualifier.map(|qualifier| facts.name(qualifier));
        ids.push(symbol_hash(parent, symbol.kind, facts.name(symbol.name), qualifier, ordinal));
    }
    ids
}

/// For each symbol, how many equal ones come before it: with the same parent, kind, name and qualifier.
pub(crate) fn symbol_ordinals(facts: &FileFacts) -> Vec<u32> {
    let mut counts: FxHashMap<_, u32> = FxHashMap::default();
    let ordinal = |symbol: &Symbol| {
        let count = counts.entry((symbol.parent, symbol.kind, symbol.name, symbol.qualifier)).or_default();
        *count += 1;
        *count - 1
    };
    facts.symbols.iter().map(ordinal).collect()
}

/// What stands for the parent of symbols at the top level of a file.
pub(crate) fn root_hash(path: &str) -> SymbolHash {
    SymbolHash(first_16(blake3::hash(path.as_bytes())))
}

/// The id of a symbol.
pub(crate) fn symbol_hash(
    parent: SymbolHash,
    kind: SymbolKind,
    name: &str,
    qualifier: Option<&str>,
    ordinal: u32,
) -> SymbolHash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&parent.0).update(kind.word().as_bytes()).update(&[0]);
    hasher.update(name.as_bytes()).update(&[0]).update(qualifier.unwrap_or("").as_bytes());
    if ordinal > 0 {
        hasher.update(&[0]).update(&ordinal.to_be_bytes());
    }
    SymbolHash(first_16(hasher.finalize()))
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
            (SymbolKind::Module, Some(_)) => parts.push(facts.name(symbol.name)),
            (_, Some(qualifier)) => parts.extend([facts.name(symbol.name), facts.name(qualifier)]),
            (_, None) => parts.push(facts.name(symbol.name)),
        }
        next = symbol.parent;
    }
    parts.reverse();
    parts.join(separator)
}
