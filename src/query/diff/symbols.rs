//! Which definitions differ, and in what.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::model::{Position, SymbolHash, SymbolKind};
use crate::query::{Brief, List};

use super::Symbols;
use super::definitions::Definition;

/// A definition that is on one side only.
#[derive(Debug, Serialize)]
pub struct Defined {
    /// The definition.
    #[serde(flatten)]
    pub symbol: Brief,
    /// Its signature on one line.
    pub signature: String,
}

/// A definition that is on both sides and not the same.
#[derive(Debug, Serialize)]
pub struct Redefined {
    /// The definition after.
    #[serde(flatten)]
    pub symbol: Brief,
    /// Its signature after, on one line.
    pub signature: String,
    /// What is different: `signature`, `body`, `documentation`, `qualified_name`.
    pub changed: Vec<&'static str>,
    /// The definition before.
    pub before: Brief,
    /// Its signature before.
    pub signature_before: String,
}

/// Definitions that differ.
#[derive(Default)]
pub(super) struct Found {
    pub(super) added: Vec<Definition>,
    pub(super) removed: Vec<Definition>,
    changed: Vec<(Definition, Definition)>,
    moved: Vec<(Definition, Definition)>,
}

/// Where a definition is and what it is, to tell whether it is asked for.
pub(super) struct Subject<'d> {
    pub(super) path: &'d str,
    pub(super) kind: SymbolKind,
}

/// Compares all definitions of the files that differ.
pub(super) fn compare(before: Vec<Definition>, after: Vec<Definition>) -> Found {
    let mut old: FxHashMap<SymbolHash, Definition> =
        before.into_iter().map(|definition| (definition.row.id, definition)).collect();
    let mut found = Found::default();
    for definition in after {
        match old.remove(&definition.row.id) {
            None => found.added.push(definition),
            Some(before) if differences(&before, &definition, true).is_empty() => {}
            Some(before) => found.changed.push((before, definition)),
        }
    }
    found.removed = old.into_values().collect();
    found.added.sort_by(by_key);
    found.removed.sort_by(by_key);
    found
}

/// By file, parents before what is in them.
fn by_key(one: &Definition, other: &Definition) -> std::cmp::Ordering {
    (&one.row.path, one.row.key).cmp(&(&other.row.path, other.row.key))
}

/// In what two definitions differ. What is in another file may have another qualified name for that reason alone.
fn differences(before: &Definition, after: &Definition, with_name: bool) -> Vec<&'static str> {
    let parts = [
        ("signature", before.content.signature != after.content.signature),
        ("body", before.content.body != after.content.body),
        ("documentation", before.content.doc != after.content.doc),
        ("qualified_name", with_name && before.row.qualified_name != after.row.qualified_name),
    ];
    parts.iter().filter(|(_, differs)| *differs).map(|(part, _)| *part).collect()
}

impl Found {
    /// The same with those that were moved told as such; `pairs` has their places among the removed and the added.
    pub(super) fn moved(mut self, pairs: &BTreeMap<usize, usize>) -> Self {
        let targets: BTreeSet<usize> = pairs.values().copied().collect();
        let mut new: BTreeMap<usize, Definition> = BTreeMap::new();
        let mut added = Vec::new();
        for (index, definition) in std::mem::take(&mut self.added).into_iter().enumerate() {
            if targets.contains(&index) {
                new.insert(index, definition);
            } else {
                added.push(definition);
            }
        }
        let mut removed = Vec::new();
        for (index, definition) in std::mem::take(&mut self.removed).into_iter().enumerate() {
            match pairs.get(&index).and_then(|target| new.remove(target)) {
                Some(after) => self.moved.push((definition, after)),
                None => removed.push(definition),
            }
        }
        Self { added, removed, ..self }
    }

    /// What is asked for of it.
    pub(super) fn reply(self, is_wanted: &dyn Fn(Subject<'_>) -> bool, limit: usize) -> Symbols {
        let wanted =
            |definition: &Definition| is_wanted(Subject { path: &definition.row.path, kind: definition.row.kind });
        let single = |definitions: Vec<Definition>| {
            let shown = definitions.into_iter().filter(&wanted).map(|definition| Defined {
                symbol: Brief::from(&definition.row),
                signature: definition.row.signature,
            });
            sorted(shown.collect(), |defined: &Defined| place(&defined.symbol), limit)
        };
        let double = |pairs: Vec<(Definition, Definition)>, with_name: bool| {
            let shown = pairs.into_iter().filter(|(before, after)| wanted(before) || wanted(after));
            let shown = shown.map(|(before, after)| Redefined {
                symbol: Brief::from(&after.row),
                changed: differences(&before, &after, with_name),
                signature: after.row.signature,
                before: Brief::from(&before.row),
                signature_before: before.row.signature,
            });
            sorted(shown.collect(), |redefined: &Redefined| place(&redefined.symbol), limit)
        };
        Symbols {
            added: single(self.added),
            removed: single(self.removed),
            changed: double(self.changed, true),
            moved: double(self.moved, false),
        }
    }
}

fn sorted<T>(mut items: Vec<T>, place: impl Fn(&T) -> (String, Position, String), limit: usize) -> List<T> {
    items.sort_by_cached_key(place);
    List::new(items, limit)
}

fn place(symbol: &Brief) -> (String, Position, String) {
    (symbol.path.clone(), symbol.position, symbol.id.clone())
}
