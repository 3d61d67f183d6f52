//! How a tree differs from its index: what a run would find to do, told without doing it. Size and time decide
//! where they are as they were; elsewhere the content does, so a file that was only touched is no change.

use std::collections::BTreeMap;

use crate::model::{ContentHash, SkipReason, Skipped};
use crate::store::{FileRow, Snapshot, StoreError};
use crate::walk::{Found, Tree, read};

use super::plan::{INDEXED_NS, VERSION, is_racy, manifests_changed};

/// What a run would find to do. All lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeChanges {
    /// Files that are not in the index.
    pub new: Vec<String>,
    /// Files with other content, or that are read with another grammar now.
    pub changed: Vec<String>,
    /// Files of the index that are gone or cannot be indexed any more.
    pub removed: Vec<String>,
    /// Whether manifests are others than those that were indexed.
    pub manifests: bool,
    /// Whether other files are left out than before.
    pub skipped: bool,
    /// Whether another version of Magellan made the index, so that all of it would be made anew.
    pub other_version: bool,
}

impl TreeChanges {
    /// Whether a run would find nothing to do.
    pub fn is_none(&self) -> bool {
        self.files() == 0 && !self.manifests && !self.skipped && !self.other_version
    }

    /// Number of files that are new, changed or gone.
    pub fn files(&self) -> usize {
        self.new.len() + self.changed.len() + self.removed.len()
    }
}

/// Compares `tree` with what is `indexed` of it. Reads new files, and those whose size or time differ.
pub fn changes(tree: &Tree, indexed: &dyn Snapshot) -> Result<TreeChanges, StoreError> {
    let indexed_ns = indexed.meta(INDEXED_NS)?.and_then(|text| text.parse().ok()).unwrap_or(0);
    let skipped_before = indexed.skipped()?;
    let failed = skipped_before.iter().filter(|file| file.reason == SkipReason::Failed);
    let mut comparison = Comparison {
        stored: indexed.files()?.into_iter().map(|row| (row.path.clone(), row)).collect(),
        failed: failed.map(|file| (file.path.clone(), file.clone())).collect(),
        indexed_ns,
        skipped: tree.skipped.clone(),
        changes: TreeChanges::default(),
    };
    tree.files.iter().for_each(|found| comparison.file(found));
    let mut changes = comparison.changes;
    changes.removed.extend(comparison.stored.into_keys());
    changes.removed.sort();
    comparison.skipped.sort();
    changes.skipped = comparison.skipped != skipped_before;
    changes.manifests = manifests_changed(&tree.manifests, indexed)?;
    changes.other_version = indexed.meta(VERSION)?.as_deref() != Some(env!("CARGO_PKG_VERSION"));
    Ok(changes)
}

struct Comparison {
    /// What has not been met in the tree yet.
    stored: BTreeMap<String, FileRow>,
    /// Files that could be read but not extracted; they are taken to be so still.
    failed: BTreeMap<String, Skipped>,
    indexed_ns: u64,
    skipped: Vec<Skipped>,
    changes: TreeChanges,
}

impl Comparison {
    fn file(&mut self, found: &Found) {
        let row = self.stored.remove(&found.path);
        let same_grammar = row.as_ref().is_some_and(|row| row.dialect == found.dialect.name);
        let same_stamp = row.as_ref().is_some_and(|row| row.stamp == found.stamp);
        if same_grammar && same_stamp && !is_racy(found.stamp, self.indexed_ns) {
            return;
        }
        let path = found.path.clone();
        match (read(found), row) {
            (Ok(_), None) => match self.failed.remove(&path) {
                Some(failed) => self.skipped.push(failed),
                None => self.changes.new.push(path),
            },
            (Ok(bytes), Some(row)) => {
                if !same_grammar || row.hash != ContentHash::of(&bytes) {
                    self.changes.changed.push(path);
                }
            }
            (Err((reason, detail)), row) => {
                self.changes.removed.extend(row.map(|row| row.path));
                self.skipped.push(Skipped { path, reason, detail });
            }
        }
    }
}
