//! Contents that were seen before are not extracted again: what was made of them is taken from another file of the
//! database or from its cache, and goes to the cache when no file has the content any more.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{ContentHash, FileFacts, Function, decode_ast, decode_functions};
use crate::store::{
    CacheEntry, CacheRow, Change, FileId, FileRow, Part, Snapshot, StoreError, cache_bytes_max, counted, over_limit,
    unpack, unpack_facts,
};
use crate::walk::Found;

use super::IndexError;
use super::feed::Feed;
use super::kept::Kept;
use super::plan::{Plan, Planned};

/// What extraction depends on: the content and the grammar.
type Key<'k> = (ContentHash, &'k str);

/// Where something is that was made of a content.
#[derive(Clone, Copy)]
enum Place {
    /// A file that had the content before this run.
    File(FileId),
    /// The cache, under a number.
    Cache(u64),
}

/// What was made of a content, found again.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) facts: FileFacts,
    pub(super) functions: Vec<Function>,
    pub(super) facts_packed: Vec<u8>,
    pub(super) ast_packed: Vec<u8>,
    pub(super) functions_packed: Vec<u8>,
}

/// What the database knew before a run, and what became of the files that were read since.
pub(super) struct Reuse<'r, 's> {
    before: Option<&'r Mutex<Box<dyn Snapshot + 's>>>,
    kept: Option<&'r Kept>,
    places: FxHashMap<(ContentHash, String), Place>,
    cache: Vec<CacheRow>,
    /// New contents of files, by their number in the plan; none for those that are left out.
    read: Mutex<BTreeMap<usize, Option<ContentHash>>>,
}

impl<'r, 's> Reuse<'r, 's> {
    /// What `before` knows, unless nothing is to be done.
    pub(super) fn new(
        plan: &Plan<'_>,
        before: Option<&'r Mutex<Box<dyn Snapshot + 's>>>,
        kept: Option<&'r Kept>,
    ) -> Result<Self, StoreError> {
        let mut reuse = Self { before, kept, places: FxHashMap::default(), cache: Vec::new(), read: Mutex::default() };
        let is_needed = !plan.removed.is_empty() || plan.files.iter().any(|file| file.read);
        if let Some(before) = before.filter(|_| is_needed) {
            reuse.cache = locked(before).cache()?;
            let cached = reuse.cache.iter().map(|row| ((row.hash, row.dialect.clone()), Place::Cache(row.number)));
            let stored = stored(plan).map(|row| ((row.hash, row.dialect.clone()), Place::File(row.id)));
            reuse.places = cached.chain(stored).collect();
        }
        Ok(reuse)
    }

    /// What was made of a content before, if it is known and whole.
    pub(super) fn find(&self, found: &Found, hash: ContentHash) -> Result<Option<Known>, StoreError> {
        let place = self.places.get(&(hash, found.dialect.name.to_owned()));
        let (Some(&place), Some(before)) = (place, self.before) else { return Ok(None) };
        let entry = undamaged(entry_at(&**locked(before), place))?.flatten();
        Ok(entry.and_then(Known::of))
    }

    /// What was made of a content ahead of this run, if that was done.
    pub(super) fn take_ahead(&self, found: &Found, hash: ContentHash) -> Option<Known> {
        self.kept?.take_ahead((hash, found.dialect.name))
    }

    /// Notes what a file that was read has now; none if it is left out.
    pub(super) fn note(&self, index: usize, hash: Option<ContentHash>) {
        locked(&self.read).insert(index, hash);
    }

    /// Brings the cache up to date, once all files were read: what no file has any more goes in, what a file has
    /// goes out, and then the oldest until at most `bytes_max` bytes are left.
    pub(super) fn settle(&self, plan: &Plan<'_>, bytes_max: Option<u64>, feed: &Feed<'_>) -> Result<(), IndexError> {
        let read = locked(&self.read);
        let Some(before) = self.before else { return Ok(()) };
        if read.is_empty() && plan.removed.is_empty() {
            return Ok(());
        }
        let contents = Contents::of(plan, &read);
        let gone = contents.gone(stored(plan));
        let bytes_max = bytes_max.unwrap_or_else(|| cache_bytes_max(contents.source_bytes));
        let left = self.put_aside(before, &gone, bytes_max, feed)?;
        let mut known = contents.live;
        known.extend(gone.iter().map(|row| (row.hash, &*row.dialect)));
        let (doubled, kept): (Vec<_>, Vec<_>) =
            self.cache.iter().cloned().partition(|row| known.contains(&(row.hash, &*row.dialect)));
        let mut evicted = over_limit(&kept, left);
        evicted.extend(doubled.iter().map(|row| row.number));
        evicted.sort_unstable();
        evicted.into_iter().try_for_each(|number| feed.send(Change::Evict(number)))
    }

    /// Puts what was made of `gone` into the cache, the last of them first, as far as there is room; gives the bytes
    /// that are left for what is older.
    fn put_aside(
        &self,
        before: &Mutex<Box<dyn Snapshot + 's>>,
        gone: &[&FileRow],
        bytes_max: u64,
        feed: &Feed<'_>,
    ) -> Result<u64, IndexError> {
        let next = self.cache.last().map_or(0, |row| row.number.saturating_add(1));
        let mut left = bytes_max;
        for (index, row) in gone.iter().enumerate().rev() {
            let Some(entry) = undamaged(entry_at(&**locked(before), Place::File(row.id)))?.flatten() else { continue };
            let Some(rest) = left.checked_sub(counted(entry.bytes())) else { return Ok(0) };
            left = rest;
            let number = next.saturating_add(index as u64);
            let entry = CacheEntry { number, hash: row.hash, dialect: row.dialect.clone().into(), ..entry };
            feed.send(Change::Cache(Box::new(entry)))?;
        }
        Ok(left)
    }
}

impl Known {
    /// All of it decoded, so that nothing damaged is taken.
    fn of(entry: CacheEntry) -> Option<Self> {
        let CacheEntry { facts_packed, ast_packed, functions_packed, .. } = entry;
        decode_ast(&unpack(&ast_packed)?)?;
        let facts = unpack_facts(&facts_packed)?;
        let functions = decode_functions(&unpack(&functions_packed)?)?;
        let belongs = |function: &Function| facts.symbols.get(function.symbol.0 as usize).is_some();
        functions.iter().all(belongs).then_some(Self { facts, functions, facts_packed, ast_packed, functions_packed })
    }
}

/// What the tree holds after a run.
struct Contents<'p> {
    live: FxHashSet<Key<'p>>,
    source_bytes: u64,
}

impl<'p> Contents<'p> {
    fn of(plan: &'p Plan<'_>, read: &BTreeMap<usize, Option<ContentHash>>) -> Self {
        let mut contents = Self { live: FxHashSet::default(), source_bytes: 0 };
        for (index, file) in plan.files.iter().enumerate() {
            if let Some(hash) = hash_now(file, read.get(&index)) {
                contents.live.insert((hash, file.found.dialect.name));
                contents.source_bytes += file.found.stamp.size;
            }
        }
        contents
    }

    /// Of `rows`, one for each content that no file has any more, by path.
    fn gone(&self, rows: impl Iterator<Item = &'p FileRow>) -> Vec<&'p FileRow> {
        let mut seen = FxHashSet::default();
        let mut gone: Vec<&FileRow> = rows.filter(|row| !self.live.contains(&(row.hash, &*row.dialect))).collect();
        gone.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        gone.retain(|row| seen.insert((row.hash, &*row.dialect)));
        gone
    }
}

/// The content of a file after a run, given what was noted of it.
fn hash_now(file: &Planned<'_>, noted: Option<&Option<ContentHash>>) -> Option<ContentHash> {
    match noted {
        Some(noted) => *noted,
        None => file.stored.as_ref().map(|row| row.hash),
    }
}

/// All files that were stored before a run.
fn stored<'p>(plan: &'p Plan<'_>) -> impl Iterator<Item = &'p FileRow> {
    plan.files.iter().filter_map(|file| file.stored.as_ref()).chain(&plan.removed)
}

fn entry_at(before: &dyn Snapshot, place: Place) -> Result<Option<CacheEntry>, StoreError> {
    let file = match place {
        Place::File(file) => file,
        Place::Cache(number) => return before.cached(number),
    };
    Ok(Some(CacheEntry {
        number: 0,
        hash: ContentHash::default(),
        dialect: "".into(),
        facts_packed: before.packed(file, Part::Facts)?,
        ast_packed: before.packed(file, Part::Ast)?,
        functions_packed: before.packed(file, Part::Functions)?,
    }))
}

/// What is damaged is as good as unknown: extraction makes it anew.
fn undamaged<T>(result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Damaged { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
