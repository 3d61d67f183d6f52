//! Facts that a process keeps from one run to the next, so that it need not load and decode them each time, and those
//! that it extracts before a run asks for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::model::{ContentHash, FileFacts};

use crate::store::{Snapshot, unpack_declared_facts};
use crate::walk::{self, Found, Tree};

use super::IndexError;
use super::extract::Worker;
use super::plan::{Plan, Planned};
use super::relink::Input;
use super::reuse::Known;
use super::run::{self, stored_facts};

/// Files that are loaded between two looks at whether to stop.
const FILES_AT_ONCE: usize = 512;

/// What all files of a family of languages said when one of it was linked last, without their occurrences.
#[derive(Debug, Default)]
pub struct Kept {
    families: Mutex<FxHashMap<&'static str, FxHashMap<Key, Arc<FileFacts>>>>,
    ahead: Mutex<Ahead>,
}

/// What was made of contents that the next run will probably find.
#[derive(Debug, Default)]
struct Ahead {
    made: FxHashMap<Key, Known>,
    /// Of source, all that was read since the last run.
    bytes: u64,
}

/// More bytes of source than this are not extracted ahead of a run: it would have to wait.
const AHEAD_BYTES_MAX: u64 = 1024 * 1024;

/// What extraction depends on: the content and the grammar.
type Key = (ContentHash, &'static str);

impl Kept {
    /// Loads what is stored of `tree` with `threads` threads (0 chooses by the machine), so that the first edit need not
    /// wait for that. Setting `cancel` stops it with what there is by then.
    pub fn load(
        &self,
        tree: &Tree,
        stored: &dyn Snapshot,
        threads: usize,
        cancel: &AtomicBool,
    ) -> Result<(), IndexError> {
        let plan = Plan::incremental(tree, stored)?;
        let is_missing = |planned: &&Planned<'_>| planned.stored.is_some() && self.find(planned).is_none();
        let files: Vec<&Planned<'_>> = plan.files.iter().filter(is_missing).collect();
        for files in files.chunks(FILES_AT_ONCE) {
            if cancel.load(Ordering::Relaxed) {
                return Ok(());
            }
            let all = stored_facts(stored, files, run::threads(threads), unpack_declared_facts)?;
            let mut families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
            for (planned, facts) in files.iter().zip(all) {
                let family = families.entry(planned.found.language.link.family).or_default();
                family.extend(key_of(planned).map(|key| (key, facts)));
            }
        }
        Ok(())
    }

    /// Extracts files ahead of the run that will probably find them as they are now, as far as they are not large. A run
    /// takes what was made of the very bytes that it reads, so nothing but time depends on this.
    pub fn extract_ahead<'f>(&self, files: impl Iterator<Item = &'f Found>) {
        let mut worker = Worker::new();
        for found in files {
            let left = AHEAD_BYTES_MAX.saturating_sub(self.ahead().bytes);
            let Ok(text) = walk::read_up_to(found, left) else { continue };
            self.ahead().bytes += text.len() as u64;
            let key = (ContentHash::of(&text), found.dialect.name);
            let is_known = self.has(found, &key) || self.ahead().made.contains_key(&key);
            // Why a file cannot be extracted is told by the run.
            if !is_known && let Ok(made) = worker.make(found, &text) {
                self.ahead().made.insert(key, made);
            }
        }
    }

    /// Forgets what was extracted ahead and not asked for.
    pub fn forget_ahead(&self) {
        *self.ahead() = Ahead::default();
    }

    /// What was made of a content ahead.
    pub(super) fn take_ahead(&self, key: Key) -> Option<Known> {
        self.ahead().made.remove(&key)
    }

    fn ahead(&self) -> MutexGuard<'_, Ahead> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, found: &Found, key: &Key) -> bool {
        let families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        families.get(found.language.link.family).is_some_and(|facts| facts.contains_key(key))
    }

    /// The facts of a file that is as it is stored.
    pub(super) fn find(&self, planned: &Planned<'_>) -> Option<Arc<FileFacts>> {
        let key = key_of(planned)?;
        let families = self.families.lock().unwrap_or_else(PoisonError::into_inner);
        families.get(planned.found.language.link.family)?.get(&key).cloned()
    }

    /// Keeps the facts of those `inputs`, all that their families have, that are as they are stored. What was read just
    /// now is loaded by the next run.
    pub(super) fn keep(&self, inputs: &[Input<'_, '_>]) {
        let mut families: FxHashMap<&'static str, FxHashMap<Key, Arc<FileFacts>>> = FxHashMap::default();
        for input in inputs {
            let family = families.entry(input.planned.found.language.link.family).or_default();
            if let Some(key) = key_of(input.planned).filter(|_| input.linkable.read.is_none()) {
                family.insert(key, Arc::clone(&input.linkable.facts));
            }
        }
        self.families.lock().unwrap_or_else(PoisonError::into_inner).extend(families);
    }
}

fn key_of(planned: &Planned<'_>) -> Option<Key> {
    Some((planned.stored.as_ref()?.hash, planned.found.dialect.name))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::index::{IndexOptions, IndexReport, index};
    use crate::store::{self, Backend, Store};
    use crate::walk::{WalkOptions, walk};

    fn tree(root: &Path) -> Tree {
        walk(root, &WalkOptions::default()).expect("it can be walked")
    }

    fn run(store: &dyn Store, root: &Path, kept: &Arc<Kept>) -> IndexReport {
        let options = IndexOptions { threads: 1, kept: Some(Arc::clone(kept)), ..IndexOptions::default() };
        index(&options, &tree(root), store, &(), &AtomicBool::new(false)).expect("it can be indexed")
    }

    fn fingerprint(store: &dyn Store) -> ContentHash {
        let snapshot = store.snapshot().expect("there is one");
        store::fingerprint(&*snapshot).expect("it is whole")
    }

    /// Ready made files are taken, and what comes out is what comes out without them, whether or not they are still what
    /// was made ready.
    #[test]
    fn what_is_extracted_ahead_changes_nothing_but_time() {
        let has_native = cfg!(feature = "native-v2");
        for backend in [Some(Backend::Sqlite), has_native.then_some(Backend::NativeV2)].into_iter().flatten() {
            let folder = tempfile::tempdir().expect("a scratch folder");
            let root = folder.path();
            let write = |name: &str, text: &str| std::fs::write(root.join(name), text).expect("it can be written");
            let (plain, ready) = (Arc::<Kept>::default(), Arc::<Kept>::default());
            let one = store::memory(backend).expect("it can be made");
            let two = store::memory(backend).expect("it can be made");
            for (made_ready, then) in [
                ("", "fn first() {}\n"),
                ("fn second() { first() }\nfn first() {}\n", "fn second() { first() }\nfn first() {}\n"),
                ("fn third() {}\n", "fn fourth() { main() }\nfn main() {}\n"),
                ("fn (", "fn ("),
            ] {
                write("a.rs", made_ready);
                write("b.rs", "fn other() {}\n");
                ready.extract_ahead(tree(root).files.iter());
                let count = ready.ahead().made.len();
                write("a.rs", then);
                let reports = [run(&*one, root, &plain), run(&*two, root, &ready)];
                assert_eq!(reports[0].files, reports[1].files);
                let is_taken = ready.ahead().made.len() < count;
                assert!(is_taken || made_ready != then, "{then}");
                assert_eq!(fingerprint(&*one), fingerprint(&*two), "{then}");
                ready.forget_ahead();
                assert!(ready.ahead().made.is_empty());
            }
        }
    }

    #[test]
    fn no_more_is_extracted_ahead_than_can_be_waited_for() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let text = "fn one() {}\n".repeat(AHEAD_BYTES_MAX as usize / 30);
        for name in ["a.rs", "b.rs", "c.rs", "d.rs"] {
            std::fs::write(folder.path().join(name), format!("// {name}\n{text}")).expect("it can be written");
        }
        let kept = Kept::default();
        kept.extract_ahead(tree(folder.path()).files.iter());
        assert_eq!(kept.ahead().made.len(), 2);
        assert!(kept.ahead().bytes <= AHEAD_BYTES_MAX);
    }
}
