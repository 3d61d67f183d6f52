//! How old the index is and what has changed since: as far as sizes and times tell it, or, where that is asked for,
//! exactly.

use std::collections::BTreeSet;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::index::{TreeChanges, changes};
use crate::model::{ContentHash, Stamp};
use crate::store::{ExecutionOutcome, Snapshot};
use crate::walk::{self, Tree, WalkError, WalkOptions, survey};

use super::{Ground, QueryError, Reply, Result};

/// Up to this many files are looked at for changes; more would make every question slow.
pub const STAT_LIMIT: usize = 5_000;

/// Enough records to find the last good run among failed ones.
const RECENT_RUNS: usize = 20;

/// How well the database fits the tree on disk.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct Freshness {
    /// When the last good run ended, in milliseconds since 1970.
    pub indexed_at_ms: Option<u64>,
    /// How long ago that was.
    pub indexed_ms_ago: Option<u64>,
    /// How the changes below were found out.
    pub known_by: KnownBy,
    /// Files known to have changed since, in whatever way; none if there are too many to look at.
    pub changed_files: Option<u64>,
    /// Of these, files that are still there, with other content, or, going by stamps, other size or time.
    pub modified_files: Option<u64>,
    /// Of these, files that are gone, or can no longer be indexed.
    pub removed_files: Option<u64>,
    /// Of these, files that are not in the index; only a walk can tell.
    pub new_files: Option<u64>,
    /// Whether manifests (`Cargo.toml`, `go.mod` ...) changed, so that names can mean something else; only a walk can
    /// tell.
    pub manifests_changed: Option<bool>,
}

/// How it was found out what has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// Not at all: there are too many files to look at.
    #[default]
    Nothing,
    /// By size and time of each indexed file. New files and manifests are not looked for.
    Stamps,
    /// By a walk of the whole tree, and by content wherever size or time differ.
    Content,
}

impl Freshness {
    /// Looks at the database and, for the tree at `root`, at the disk; `now_ms` is the time since 1970.
    pub fn of(snapshot: &dyn Snapshot, root: &Path, now_ms: u64) -> Result<Self> {
        let files = snapshot.stamps()?;
        let age = Self::aged(snapshot, now_ms)?;
        if files.len() > STAT_LIMIT {
            return Ok(age);
        }
        let Changed { modified, removed } = changed(root, &files);
        Ok(Self {
            known_by: KnownBy::Stamps,
            changed_files: Some(modified + removed),
            modified_files: Some(modified),
            removed_files: Some(removed),
            ..age
        })
    }

    /// The same by a walk of the whole tree: exactly what `magellan index` would find to do.
    pub fn checked(snapshot: &dyn Snapshot, root: &Path, now_ms: u64) -> Result<Self> {
        let changes = changes(&tree(root)?, snapshot)?;
        let TreeChanges { new, changed, removed, manifests, .. } = &changes;
        Ok(Self {
            known_by: KnownBy::Content,
            changed_files: Some(changes.files() as u64),
            modified_files: Some(changed.len() as u64),
            removed_files: Some(removed.len() as u64),
            new_files: Some(new.len() as u64),
            manifests_changed: Some(*manifests),
            ..Self::aged(snapshot, now_ms)?
        })
    }

    fn aged(snapshot: &dyn Snapshot, now_ms: u64) -> Result<Self> {
        let runs = snapshot.executions(RECENT_RUNS)?;
        let good = runs.iter().find(|run| matches!(run.outcome, ExecutionOutcome::Success | ExecutionOutcome::Partial));
        let indexed_at_ms = good.map(|run| run.started_ms + run.duration_ms.unwrap_or(0));
        let indexed_ms_ago = indexed_at_ms.map(|then| now_ms.saturating_sub(then));
        Ok(Self { indexed_at_ms, indexed_ms_ago, ..Self::default() })
    }

    /// Whether nothing is known to have changed; a tree that could not be looked at is not current.
    pub fn is_current(&self) -> bool {
        self.changed_files == Some(0) && self.manifests_changed != Some(true)
    }
}

/// The tree at the root of an index, found as `magellan index` finds it. A tree without any source is empty.
pub(super) fn tree(root: &Path) -> Result<Tree> {
    // A root that was indexed once was meant.
    match survey(root, &WalkOptions { force: true, ..WalkOptions::default() }) {
        Ok(tree) => Ok(tree),
        Err(WalkError::Missing(_) | WalkError::NotAFolder(_)) => {
            Err(QueryError::NoTree { root: root.display().to_string() })
        }
        Err(error) => Err(error.into()),
    }
}

/// The files that `reply` rests on and that have other content now, or are gone.
pub fn changed_sources(ground: &Ground<'_>, reply: &Reply) -> Result<Vec<String>> {
    if ground.freshness.changed_files == Some(0) {
        return Ok(Vec::new());
    }
    let paths: BTreeSet<&str> = reply.sources();
    let mut changed = Vec::new();
    for path in paths.into_iter().take(STAT_LIMIT) {
        let Some(row) = ground.snapshot.file(path)? else { continue };
        let same_stamp = walk::stamp(ground.root, path) == Some(row.stamp);
        if !same_stamp && walk::content(ground.root, path).map(|bytes| ContentHash::of(&bytes)) != Some(row.hash) {
            changed.push(path.to_owned());
        }
    }
    Ok(changed)
}

#[derive(Clone, Copy, Default)]
struct Changed {
    modified: u64,
    removed: u64,
}

/// Asking the system for each file is most of what a question costs: two threads halve it.
fn changed(root: &Path, files: &[(String, Stamp)]) -> Changed {
    let count = |files: &[(String, Stamp)]| {
        files.iter().fold(Changed::default(), |Changed { modified, removed }, (path, stamp)| {
            match walk::stamp(root, path) {
                None => Changed { modified, removed: removed + 1 },
                Some(now) => Changed { modified: modified + u64::from(now != *stamp), removed },
            }
        })
    };
    let (first, second) = files.split_at(files.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| count(second));
        let (one, other) = (count(first), other.join().expect("looking at files does not panic"));
        Changed { modified: one.modified + other.modified, removed: one.removed + other.removed }
    })
}
