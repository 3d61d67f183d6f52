//! What a walk saw, as far as it decides whether there is anything to update. No file is read for it.

use std::collections::BTreeSet;

use crate::index::is_racy;
use crate::lang::Manifest;
use crate::model::{ContentHash, Skipped, Stamp};
use crate::walk::{Found, Tree};

/// Times further ahead of the clock than this were set by hand: such a file is not one that is just being written.
const AHEAD_NS: u64 = 2_000_000_000;

/// Sizes and times of all files, and what else a walk tells.
pub(super) struct Picture {
    files: BTreeSet<File>,
    manifests: BTreeSet<(String, ContentHash)>,
    skipped: BTreeSet<Skipped>,
    /// Whether some file was written so shortly before that a later change need not show.
    racy: bool,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct File {
    path: String,
    dialect: &'static str,
    size: u64,
    modified_ns: u64,
}

impl Picture {
    /// What a walk saw that started at `at_ns` since 1970.
    pub(super) fn of(tree: &Tree, at_ns: u64) -> Self {
        let is_racy = |stamp: Stamp| is_racy(stamp, at_ns) && stamp.modified_ns <= at_ns.saturating_add(AHEAD_NS);
        let file = |found: &Found| File {
            path: found.path.clone(),
            dialect: found.dialect.name,
            size: found.stamp.size,
            modified_ns: found.stamp.modified_ns,
        };
        let manifest = |found: &Manifest| (found.path.clone(), ContentHash::of(found.text.as_bytes()));
        Self {
            files: tree.files.iter().map(file).collect(),
            manifests: tree.manifests.iter().map(manifest).collect(),
            skipped: tree.skipped.iter().cloned().collect(),
            racy: tree.files.iter().any(|file| is_racy(file.stamp)),
        }
    }

    /// Whether two walks saw the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.files == other.files && self.manifests == other.manifests && self.skipped == other.skipped
    }

    /// Whether a picture that is the same proves that nothing has changed.
    pub(super) fn is_settled(&self) -> bool {
        !self.racy
    }

    /// The files and manifests that are other than in an earlier picture, new or gone; sorted.
    pub(super) fn differences(&self, before: &Self) -> Vec<String> {
        let files = self.files.symmetric_difference(&before.files).map(|file| &file.path);
        let manifests = self.manifests.symmetric_difference(&before.manifests).map(|(path, _)| path);
        let skipped = self.skipped.symmetric_difference(&before.skipped).map(|file| &file.path);
        let paths: BTreeSet<&String> = files.chain(manifests).chain(skipped).collect();
        paths.into_iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::walk::{WalkOptions, survey};

    const LATER_NS: u64 = u64::MAX / 2;

    #[test]
    fn what_differs_between_two_walks_is_told_by_path() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let picture = || {
            let tree = survey(folder.path(), &WalkOptions::default()).expect("it can be walked");
            Picture::of(&tree, LATER_NS)
        };
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("it can be written");
        write("same.rs", "");
        write("changed.rs", "");
        write("gone.rs", "");
        write("notes.txt", "");
        let before = picture();
        assert!(before.is_settled() && before.is_same(&picture()));
        write("changed.rs", "fn longer() {}");
        write("new.rs", "");
        write("notes.txt", "of no interest");
        write("Cargo.toml", "");
        std::fs::remove_file(folder.path().join("gone.rs")).expect("it is there");
        let after = picture();
        assert!(!after.is_same(&before));
        assert_eq!(after.differences(&before), ["Cargo.toml", "changed.rs", "gone.rs", "new.rs"]);
    }

    #[test]
    fn a_file_that_was_just_written_may_change_unseen() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        std::fs::write(folder.path().join("a.rs"), "").expect("it can be written");
        let tree = survey(folder.path(), &WalkOptions::default()).expect("it can be walked");
        let written_ns = tree.files[0].stamp.modified_ns;
        assert!(!Picture::of(&tree, written_ns).is_settled());
        assert!(Picture::of(&tree, written_ns + 3 * AHEAD_NS).is_settled());
        assert!(Picture::of(&tree, written_ns - 3 * AHEAD_NS).is_settled(), "it was dated ahead");
    }
}
