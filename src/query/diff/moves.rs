//! Which definitions that are gone are the same as new ones elsewhere: with their file, or by themselves.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::model::{ContentHash, SymbolHash};
use crate::store::SymbolKey;

use super::definitions::{Content, Definition};
use super::side::FileState;

/// A file that is gone and a new one that share this much of their definitions are taken for the same.
const SHARED_PERCENT_MIN: usize = 50;

/// What was moved.
#[derive(Default)]
pub(super) struct Moves {
    /// Paths of files before and after, sorted.
    pub(super) files: BTreeMap<String, String>,
    /// Indexes of definitions that are gone with those of the new ones that they are.
    pub(super) symbols: BTreeMap<usize, usize>,
}

/// Pairs files and definitions that are gone with new ones.
pub(super) fn moves(
    removed_files: &[&FileState],
    added_files: &[&FileState],
    removed: &[Definition],
    added: &[Definition],
) -> Moves {
    let mut moves = Moves::default();
    same_content(removed_files, added_files, &mut moves);
    similar_content(removed_files, added_files, removed, added, &mut moves);
    let mut pairing = Pairing::new(removed, added);
    pairing.with_their_files(&moves.files);
    pairing.by_themselves();
    pairing.with_their_parents();
    moves.symbols = pairing.pairs;
    moves
}

fn same_content(removed: &[&FileState], added: &[&FileState], moves: &mut Moves) {
    let mut by_hash: BTreeMap<(ContentHash, &str), Vec<&str>> = BTreeMap::new();
    for file in added.iter().rev() {
        by_hash.entry((file.hash, &file.language)).or_default().push(&file.path);
    }
    for file in removed {
        let found = by_hash.get_mut(&(file.hash, &*file.language)).and_then(Vec::pop);
        moves.files.extend(found.map(|path| (file.path.clone(), path.to_owned())));
    }
}

/// The pair that shares most goes first; where several share as much, the first by path.
fn similar_content(
    removed_files: &[&FileState],
    added_files: &[&FileState],
    removed: &[Definition],
    added: &[Definition],
    moves: &mut Moves,
) {
    let is_old = |path: &str| position(removed_files, path).is_some() && !moves.files.contains_key(path);
    let is_new = |path: &str| position(added_files, path).is_some() && !moves.files.values().any(|new| new == path);
    let (old, old_sizes) = by_path(removed, is_old);
    let (new, new_sizes) = by_path(added, is_new);
    let mut shared: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (what, old_path) in &old {
        let first = new.partition_point(|entry| entry.0 < *what);
        for (_, new_path) in new[first..].iter().take_while(|entry| entry.0 == *what) {
            *shared.entry((old_path, new_path)).or_default() += 1;
        }
    }
    let share = |((old, new), shared): ((_, _), usize)| {
        let all = old_sizes.get(old).max(new_sizes.get(new)).copied().unwrap_or(1);
        (shared * 100 / all, old, new)
    };
    let mut ranked: Vec<(usize, &str, &str)> = shared.into_iter().map(share).collect();
    ranked.retain(|(percent, ..)| *percent >= SHARED_PERCENT_MIN);
    ranked.sort_unstable_by_key(|&(percent, old, new)| (std::cmp::Reverse(percent), old, new));
    let mut taken = Vec::new();
    for (_, old, new) in ranked {
        if !moves.files.contains_key(old) && !taken.contains(&new) {
            taken.push(new);
            moves.files.insert(old.to_owned(), new.to_owned());
        }
    }
}

fn position(files: &[&FileState], path: &str) -> Option<usize> {
    files.binary_search_by(|file| (*file.path).cmp(path)).ok()
}

type Identity = (SymbolHash, Content);

/// The definitions of certain files as what they are and where, sorted, and how many each file has.
fn by_path(
    definitions: &[Definition],
    is_wanted: impl Fn(&str) -> bool,
) -> (Vec<(Identity, &str)>, FxHashMap<&str, usize>) {
    let mut sizes: FxHashMap<&str, usize> = FxHashMap::default();
    let mut wanted: FxHashMap<&str, bool> = FxHashMap::default();
    let mut found = Vec::new();
    for definition in definitions {
        let path = &*definition.row.path;
        if *wanted.entry(path).or_insert_with(|| is_wanted(path)) {
            *sizes.entry(path).or_default() += 1;
            found.push(((definition.tail, definition.content), path));
        }
    }
    found.sort_unstable();
    (found, sizes)
}

struct Pairing<'d> {
    removed: &'d [Definition],
    added: &'d [Definition],
    /// New definitions by file and by their id without it.
    places: FxHashMap<(&'d str, SymbolHash), usize>,
    pairs: BTreeMap<usize, usize>,
    /// For each new definition, whether it has been paired.
    taken: Vec<bool>,
}

impl<'d> Pairing<'d> {
    fn new(removed: &'d [Definition], added: &'d [Definition]) -> Self {
        let place = |(index, definition): (usize, &'d Definition)| ((&*definition.row.path, definition.tail), index);
        let places = added.iter().enumerate().map(place).collect();
        Self { removed, added, places, pairs: BTreeMap::new(), taken: vec![false; added.len()] }
    }

    fn pair(&mut self, old: usize, new: usize) {
        if !self.taken[new] && !self.pairs.contains_key(&old) {
            self.taken[new] = true;
            self.pairs.insert(old, new);
        }
    }

    fn pair_in(&mut self, old: usize, path: &'d str) {
        if let Some(&new) = self.places.get(&(path, self.removed[old].tail)) {
            self.pair(old, new);
        }
    }

    fn with_their_files(&mut self, files: &BTreeMap<String, String>) {
        let (removed, added) = (self.removed, self.added);
        let paths: FxHashMap<&str, &'d str> = added.iter().map(|new| (&*new.row.path, &*new.row.path)).collect();
        for (old, definition) in removed.iter().enumerate() {
            let path = files.get(&definition.row.path).and_then(|path| paths.get(&**path));
            if let Some(path) = path {
                self.pair_in(old, path);
            }
        }
    }

    /// What has the same name, signature and body as exactly one that is new.
    fn by_themselves(&mut self) {
        let mut same: BTreeMap<Identity, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for (old, definition) in self.removed.iter().enumerate().filter(|(old, _)| !self.pairs.contains_key(old)) {
            same.entry((definition.tail, definition.content)).or_default().0.push(old);
        }
        for (new, definition) in self.added.iter().enumerate().filter(|(new, _)| !self.taken[*new]) {
            if let Some(found) = same.get_mut(&(definition.tail, definition.content)) {
                found.1.push(new);
            }
        }
        for (old, new) in same.into_values() {
            if let ([old], [new]) = (&*old, &*new) {
                self.pair(*old, *new);
            }
        }
    }

    /// Members go where their type goes, also changed ones.
    fn with_their_parents(&mut self) {
        let (removed, added) = (self.removed, self.added);
        let places: FxHashMap<SymbolKey, usize> =
            removed.iter().enumerate().map(|(index, definition)| (definition.row.key, index)).collect();
        // Parents come before what is in them.
        for (old, definition) in removed.iter().enumerate() {
            let parent = definition.owner.and_then(|owner| places.get(&owner));
            if let Some(&new) = parent.and_then(|parent| self.pairs.get(parent)) {
                self.pair_in(old, &added[new].row.path);
            }
        }
    }
}
