//! What is to be done with each file: size and time are a hint, the content hash is the truth.

use rustc_hash::FxHashMap;

use crate::lang::Manifest;
use crate::model::{ContentHash, Stamp};
use crate::store::{FileId, FileRow, Snapshot, StoreError};
use crate::walk::{Found, Tree};

use super::IndexError;

// Keys of bookkeeping values.

/// The version of Magellan that made the index.
pub(crate) const VERSION: &str = "version";
/// Hash over all manifests.
pub(super) const MANIFESTS: &str = "manifests";
/// The manifests themselves, to tell what a changed one changes: JSON.
pub(super) const MANIFEST_TEXTS: &str = "manifest_texts";
pub(super) const INDEXED_NS: &str = "indexed_ns";
/// Where the indexed tree is.
pub(crate) const ROOT: &str = "root";

/// A file of this size keeps a thread busy for some milliseconds.
const BIG_BYTES: u64 = 100_000;
const SECOND_NS: u64 = 1_000_000_000;

/// What to do with every file of a tree.
pub(super) struct Plan<'t> {
    /// Whether to start from an empty database.
    pub(super) fresh: bool,
    /// The files, sorted by path.
    pub(super) files: Vec<Planned<'t>>,
    /// Stored files that are not in the tree any more.
    pub(super) removed: Vec<FileRow>,
    /// Hash over all manifests.
    pub(super) manifests: String,
    /// Whether that hash is not the stored one.
    pub(super) manifests_changed: bool,
    /// The manifests of before, if they are known and others than now.
    pub(super) other_manifests: Option<Vec<Manifest>>,
    /// Whether some file could have changed after it was indexed without its stamp showing it.
    pub(super) racy: bool,
}

/// A file of the tree with what is known of it.
pub(super) struct Planned<'t> {
    pub(super) found: &'t Found,
    pub(super) id: FileId,
    pub(super) stored: Option<FileRow>,
    /// Whether size and time say that it must be read.
    pub(super) read: bool,
}

impl Planned<'_> {
    /// Whether this content is what is stored.
    pub(super) fn is_stored(&self, hash: ContentHash) -> bool {
        self.stored.as_ref().is_some_and(|row| row.hash == hash && row.dialect == self.found.dialect.name)
    }
}

impl<'t> Plan<'t> {
    /// A plan that starts from an empty database.
    pub(super) fn fresh(tree: &'t Tree) -> Self {
        let plan = |(index, found)| Planned { found, id: FileId(index as u32), stored: None, read: true };
        Self {
            fresh: true,
            files: by_path(tree).into_iter().enumerate().map(plan).collect(),
            removed: Vec::new(),
            manifests: hash_of(&tree.manifests),
            manifests_changed: true,
            other_manifests: None,
            racy: false,
        }
    }

    /// A plan that starts from what is stored; a fresh one if that was made by another version of Magellan.
    pub(super) fn incremental(tree: &'t Tree, before: &dyn Snapshot) -> Result<Self, IndexError> {
        if before.meta(VERSION)?.as_deref() != Some(env!("CARGO_PKG_VERSION")) {
            return Ok(Self::fresh(tree));
        }
        let indexed_ns = before.meta(INDEXED_NS)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        let rows = before.files()?;
        let mut next = rows.iter().map(|row| row.id.0 + 1).max().unwrap_or(0);
        let mut stored: FxHashMap<String, FileRow> = rows.into_iter().map(|row| (row.path.clone(), row)).collect();
        let mut racy = false;
        let mut plan = |found: &'t Found| {
            let row = stored.remove(&found.path);
            let id = row.as_ref().map_or(FileId(next), |row| row.id);
            next += u32::from(row.is_none());
            let is_racy = row.is_some() && is_racy(found.stamp, indexed_ns);
            racy |= is_racy;
            let same = row.as_ref().is_some_and(|row| row.stamp == found.stamp && row.dialect == found.dialect.name);
            Planned { found, id, stored: row, read: !same || is_racy }
        };
        let files = by_path(tree).into_iter().map(&mut plan).collect();
        let mut removed: Vec<FileRow> = stored.into_values().collect();
        removed.sort_unstable_by_key(|row| row.id);
        let manifests = hash_of(&tree.manifests);
        let manifests_changed = manifests_changed(&tree.manifests, before)?;
        Ok(Self {
            fresh: false,
            files,
            removed,
            manifests,
            manifests_changed,
            other_manifests: if manifests_changed { stored_manifests(before)? } else { None },
            racy,
        })
    }

    /// Numbers of the files to be read: big ones first, so that no thread is left with one at the end, then by
    /// path, which is how they are written.
    pub(super) fn reading_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.files.len()).filter(|&index| self.files[index].read).collect();
        order.sort_by_key(|&index| {
            let size = self.files[index].found.stamp.size;
            std::cmp::Reverse(if size < BIG_BYTES { 0 } else { size })
        });
        order
    }
}

/// The files of a tree in the order that linking goes by, however they were found.
fn by_path(tree: &Tree) -> Vec<&Found> {
    let mut files: Vec<&Found> = tree.files.iter().collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// Whether a file was written so shortly before (or after) it was indexed that a later write could have left
/// the same time. Times in whole seconds come from file systems that count in seconds.
pub(crate) fn is_racy(stamp: Stamp, indexed_ns: u64) -> bool {
    let step_ns = if stamp.modified_ns.is_multiple_of(SECOND_NS) { 2 * SECOND_NS } else { SECOND_NS / 20 };
    stamp.modified_ns.saturating_add(step_ns) >= indexed_ns
}

/// Whether the manifests of a tree are others than those it was indexed with.
pub(crate) fn manifests_changed(manifests: &[Manifest], indexed: &dyn Snapshot) -> Result<bool, StoreError> {
    Ok(indexed.meta(MANIFESTS)? != Some(hash_of(manifests)))
}

/// The manifests that stored links were made with; none if they cannot be had.
pub(crate) fn stored_manifests(indexed: &dyn Snapshot) -> Result<Option<Vec<Manifest>>, StoreError> {
    Ok(indexed.meta(MANIFEST_TEXTS)?.and_then(|texts| serde_json::from_str(&texts).ok()))
}

/// Manifests as they are kept.
pub(super) fn manifest_texts(manifests: &[Manifest]) -> String {
    serde_json::to_string(manifests).expect("texts can be written as JSON")
}

fn hash_of(manifests: &[Manifest]) -> String {
    let mut hasher = blake3::Hasher::new();
    for manifest in manifests {
        for part in [&manifest.path, &manifest.text] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}
