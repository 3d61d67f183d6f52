//! Which definitions differ, and in what.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Position, SymbolHash, SymbolKind};
use crate::query::{Brief, List};
use crate::store::SymbolKey;

use super::Symbols;
use super::definitions::{Definition, Name};

/// A definition that is on one side only.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Defined {
    /// The definition.
    #[serde(flatten)]
    pub symbol: Brief,
    /// Its signature on one line.
    pub signature: String,
}

/// A definition that is on both sides and not the same.
#[derive(Debug, Serialize, JsonSchema)]
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
    /// Keys before and after of what is on both sides, changed or not.
    pub(super) same: FxHashMap<SymbolKey, SymbolKey>,
    /// Ids before and after of what is on both sides under another id.
    pub(super) renumbered: Vec<(SymbolHash, SymbolHash)>,
    changed: Vec<(Definition, Definition)>,
    moved: Vec<(Definition, Definition)>,
}

/// Where a definition is and what it is, to tell whether it is asked for.
pub(super) struct Subject<'d> {
    pub(super) path: &'d str,
    pub(super) kind: SymbolKind,
}

impl Found {
    /// Compares the definitions of a file, given in symbol order, with those at the same path after.
    pub(super) fn compare(&mut self, before: Vec<Definition>, after: Vec<Definition>) {
        let pairs = same(&before, &after);
        let mut after: Vec<Option<Definition>> = after.into_iter().map(Some).collect();
        for (index, before) in before.into_iter().enumerate() {
            match pairs.get(&index).and_then(|&index| after[index].take()) {
                None => self.removed.push(before),
                Some(after) => {
                    self.same.insert(before.row.key, after.row.key);
                    if before.row.id != after.row.id {
                        self.renumbered.push((before.row.id, after.row.id));
                    }
                    if !differences(&before, &after, true).is_empty() {
                        self.changed.push((before, after));
                    }
                }
            }
        }
        self.added.extend(after.into_iter().flatten());
    }
}

/// Which definitions of a file are the same before and after: those of one name in the same owner. Their ids say
/// so as well, but for overloads: an id counts those above it, so one more above would make others of them all.
fn same(before: &[Definition], after: &[Definition]) -> BTreeMap<usize, usize> {
    let mut pairs: BTreeMap<usize, usize> = BTreeMap::new();
    let (old, new) = (Owners::of(before), Owners::of(after));
    // Owners come before what is in them, so theirs are settled level by level.
    let mut owners: Vec<(Option<usize>, Option<usize>)> = vec![(None, None)];
    while let Some((old_owner, new_owner)) = owners.pop() {
        let mut groups: BTreeMap<&Name, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for &index in old.inside(old_owner) {
            groups.entry(&before[index].name).or_default().0.push(index);
        }
        for &index in new.inside(new_owner) {
            groups.entry(&after[index].name).or_default().1.push(index);
        }
        for (_, (mut old, mut new)) in groups {
            let mut pair = |old: usize, new: usize| {
                pairs.insert(old, new);
                owners.push((Some(old), Some(new)));
            };
            let content = |old: usize, new: usize| before[old].content == after[new].content;
            let signature = |old: usize, new: usize| before[old].content.signature == after[new].content.signature;
            take_pairs(&mut old, &mut new, content, &mut pair);
            take_pairs(&mut old, &mut new, signature, &mut pair);
            take_pairs(&mut old, &mut new, |_, _| true, &mut pair);
        }
    }
    pairs
}

/// Pairs each of `old` with the first of `new` that is like it; both keep what is left.
fn take_pairs(
    old: &mut Vec<usize>,
    new: &mut Vec<usize>,
    is_like: impl Fn(usize, usize) -> bool,
    pair: &mut impl FnMut(usize, usize),
) {
    old.retain(|&old| match new.iter().position(|&new| is_like(old, new)) {
        Some(position) => {
            pair(old, new.remove(position));
            false
        }
        None => true,
    });
}

/// What stands in what.
struct Owners {
    inside: FxHashMap<Option<usize>, Vec<usize>>,
}

impl Owners {
    fn of(definitions: &[Definition]) -> Self {
        let places: FxHashMap<SymbolKey, usize> =
            definitions.iter().enumerate().map(|(index, definition)| (definition.row.key, index)).collect();
        let mut inside: FxHashMap<Option<usize>, Vec<usize>> = FxHashMap::default();
        for (index, definition) in definitions.iter().enumerate() {
            let owner = definition.owner.and_then(|owner| places.get(&owner)).copied();
            inside.entry(owner).or_default().push(index);
        }
        Self { inside }
    }

    fn inside(&self, owner: Option<usize>) -> &[usize] {
        self.inside.get(&owner).map_or(&[], Vec::as_slice)
    }
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
