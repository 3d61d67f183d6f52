//! Facts that a process keeps from one run to the next, so that it need not load and decode them each time.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::model::{ContentHash, FileFacts};

use super::plan::Planned;
use super::relink::Input;

/// What all files said in the last run, without their occurrences.
#[derive(Debug, Default)]
pub struct Kept {
    facts: Mutex<FxHashMap<Key, Arc<FileFacts>>>,
}

/// What extraction depends on: the content and the grammar.
type Key = (ContentHash, &'static str);

impl Kept {
    /// The facts of a file that is as it is stored.
    pub(super) fn find(&self, planned: &Planned<'_>) -> Option<Arc<FileFacts>> {
        let key = (planned.stored.as_ref()?.hash, planned.found.dialect.name);
        self.facts.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned()
    }

    /// Keeps the facts of those `inputs` that are as they are stored, instead of what was kept so far: what was read
    /// just now is loaded once, by the next run.
    pub(super) fn keep(&self, inputs: &[Input<'_, '_>]) {
        let stored = inputs.iter().filter(|input| input.linkable.read.is_none());
        let stored = stored.filter_map(|input| {
            let key = (input.planned.stored.as_ref()?.hash, input.planned.found.dialect.name);
            Some((key, Arc::clone(&input.linkable.facts)))
        });
        *self.facts.lock().unwrap_or_else(PoisonError::into_inner) = stored.collect();
    }
}
