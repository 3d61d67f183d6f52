//! Compares the tree on disk with what is stored of it, by content.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use crate::index::manifests_changed;
use crate::model::{ContentHash, List, SkipReason};
use crate::store::{self, Snapshot};
use crate::walk::{Found, WalkError, WalkOptions, read, walk};

use super::{JobError, Scene};

/// The word that does it.
pub const NAME: &str = "verify";

/// How to walk; the same as for `index`.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Skip files over this size, as given to `magellan index`
    #[arg(long, value_name = "BYTES")]
    pub max_file_bytes: Option<u64>,
    /// Accept `/` and the home folder as a root
    #[arg(long)]
    pub force: bool,
}

/// How the tree and the index differ.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The root of the tree.
    pub root: String,
    /// Number of files with the content that was indexed.
    pub same: u64,
    /// Files with other content, or that can no longer be indexed.
    pub changed: List<String>,
    /// Files that are not in the index.
    pub new: List<String>,
    /// Files of the index that are not in the tree.
    pub missing: List<String>,
    /// Whether manifests (`Cargo.toml`, `go.mod`, `tsconfig.json` ...) are others than those that were indexed: what
    /// names mean can have changed with them.
    pub manifests_changed: bool,
}

impl Reply {
    /// Whether there is no difference.
    pub fn is_same(&self) -> bool {
        !self.manifests_changed && [&self.changed, &self.new, &self.missing].iter().all(|list| list.total == 0)
    }
}

/// Reads every file and manifest of the tree and compares.
pub fn run(scene: &Scene<'_>, args: &Args) -> Result<Reply, JobError> {
    let store = store::open(scene.database)?;
    let snapshot = store.snapshot()?;
    let root = root(scene, &*snapshot)?;
    let options =
        WalkOptions { threads: 0, max_file_bytes: args.max_file_bytes, force: args.force, cancel: Some(scene.cancel) };
    let (found, skipped, manifests_changed) = match walk(&root, &options) {
        Ok(tree) => (tree.files, tree.skipped, manifests_changed(&tree.manifests, &*snapshot)?),
        // Then every file of the index is missing.
        Err(WalkError::NoSource { .. }) => Default::default(),
        Err(WalkError::Interrupted) => return Err(JobError::Interrupted),
        Err(error) => return Err(error.into()),
    };
    let stored = snapshot.files()?.into_iter().map(|file| (file.path, file.hash)).collect();
    let mut comparison = Comparison { stored, manifests_changed, ..Comparison::default() };
    for file in &found {
        scene.go_on()?;
        comparison.file(file);
    }
    for file in skipped {
        comparison.skipped(file.path, file.reason);
    }
    Ok(comparison.reply(root.display().to_string(), scene.limit))
}

/// Where the tree is: around its database, else where the last run found it.
fn root(scene: &Scene<'_>, snapshot: &dyn Snapshot) -> Result<PathBuf, JobError> {
    Ok(match (scene.root, snapshot.executions(1)?.pop()) {
        (Some(root), _) => root.to_owned(),
        (None, Some(run)) => PathBuf::from(run.root),
        (None, None) => scene.folder.to_owned(),
    })
}

#[derive(Default)]
struct Comparison {
    /// What has not been met on disk yet.
    stored: BTreeMap<String, ContentHash>,
    same: u64,
    changed: Vec<String>,
    new: Vec<String>,
    manifests_changed: bool,
}

impl Comparison {
    fn file(&mut self, file: &Found) {
        match read(file) {
            Err((reason, _)) => self.skipped(file.path.clone(), reason),
            Ok(bytes) => match self.stored.remove(&file.path) {
                None => self.new.push(file.path.clone()),
                Some(hash) if hash == ContentHash::of(&bytes) => self.same += 1,
                Some(_) => self.changed.push(file.path.clone()),
            },
        }
    }

    /// A file that cannot be indexed now is a difference only if it could be before.
    fn skipped(&mut self, path: String, reason: SkipReason) {
        if reason != SkipReason::Vanished && self.stored.remove(&path).is_some() {
            self.changed.push(path);
        }
    }

    fn reply(mut self, root: String, limit: usize) -> Reply {
        self.changed.sort();
        Reply {
            root,
            same: self.same,
            changed: List::new(self.changed, limit),
            new: List::new(self.new, limit),
            missing: List::new(self.stored.into_keys().collect(), limit),
            manifests_changed: self.manifests_changed,
        }
    }
}
