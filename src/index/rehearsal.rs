//! An index run that writes nothing: what it would write of files and links is kept in memory instead, which takes
//! as much as the files that changed and those whose links changed with them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use crate::store::{Backend, Change, FileContent, FileId, LinkContent, Result, Snapshot, Store, StoreError};
use crate::walk::Tree;

use super::{IndexError, IndexOptions, index};

/// What a run would have written.
#[derive(Default)]
pub struct Rehearsal {
    /// Whether nothing of what is stored would stay.
    pub replaces_all: bool,
    /// Files that would go.
    pub removed: BTreeSet<FileId>,
    /// Files that would be put, without their syntax trees and control flow.
    pub files: BTreeMap<FileId, FileContent>,
    /// Links that would be set.
    pub links: BTreeMap<FileId, LinkContent>,
}

/// Indexes `tree` as if into `store`, which stays as it is.
pub fn rehearse(options: &IndexOptions, tree: &Tree, store: &dyn Store) -> Result<Rehearsal, IndexError> {
    let recorder = Recorder { store, rehearsal: Mutex::default() };
    index(options, tree, &recorder, &(), &AtomicBool::new(false))?;
    Ok(recorder.rehearsal.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Reads from a database, and keeps for itself what is written.
struct Recorder<'s> {
    store: &'s dyn Store,
    rehearsal: Mutex<Rehearsal>,
}

impl Store for Recorder<'_> {
    fn backend(&self) -> Backend {
        self.store.backend()
    }

    fn apply(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        let mut rehearsal = self.rehearsal.lock().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            rehearsal.take(change)?;
        }
        Ok(())
    }

    fn load(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        self.apply(&mut std::iter::once(Change::Clear).chain(changes))
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>> {
        self.store.snapshot()
    }

    fn backup(&self, path: &Path) -> Result<()> {
        self.store.backup(path)
    }

    /// Nothing is written, so nothing gets smaller.
    fn compact(&self) -> Result<(u64, u64)> {
        Ok((0, 0))
    }

    /// There is none of its own, and those of the database are not its to write.
    fn rebuild_indexes(&self) -> Result<()> {
        Ok(())
    }
}

impl Rehearsal {
    fn take(&mut self, change: Change) -> Result<()> {
        match change {
            Change::Clear => *self = Self { replaces_all: true, ..Self::default() },
            Change::Remove(id) => {
                self.files.remove(&id);
                self.links.remove(&id);
                self.removed.insert(id);
            }
            Change::Put(mut content) => {
                (content.ast_packed, content.functions_packed) = (Vec::new(), Vec::new());
                self.removed.remove(&content.id);
                self.files.insert(content.id, *content);
            }
            Change::Link(content) => {
                self.links.insert(content.id, *content);
            }
            Change::Abort(why) => return Err(StoreError::Aborted(why)),
            // Neither definitions nor links.
            _ => {}
        }
        Ok(())
    }
}
