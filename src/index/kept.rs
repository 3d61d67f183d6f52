//! Facts that a process keeps from one run to the next, so that it need not load and decode them each time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::model::{ContentHash, FileFacts};

use crate::store::{Snapshot, unpack_declared_facts};
use crate::walk::Tree;

use super::IndexError;
use super::plan::{Plan, Planned};
use super::relink::Input;
use super::run::{self, stored_facts};

/// Files that are loaded between two looks at whether to stop.
const FILES_AT_ONCE: usize = 512;

/// What all files of a family of languages said when one of it was linked last, without their occurrences.
#[derive(Debug, Default)]
pub struct Kept {
    families: Mutex<FxHashMap<&'static str, FxHashMap<Key, Arc<FileFacts>>>>,
}

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
