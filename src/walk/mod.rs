//! What is on disk: source files, manifests, and what had to be left out. The only module that reads source.
//!
//! Git-aware and parallel, but the result is sorted and does not depend on threads or directory order. It uses
//! the tables of [`lang`](crate::lang) to tell what a file is; it knows nothing of facts, links or databases.

mod classify;
mod config;
mod git;
mod header;
mod paths;
mod read;
mod rules;

pub use git::{ChangedFile, GitError, Since, changed_lines};
pub use paths::{Relative, normalise, real_path};
pub use read::{content, read, read_up_to, stamp};
pub use rules::distant_rules;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use ignore::overrides::Override;
use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::lang::{Dialect, Language, Manifest};
use crate::model::{SkipReason, Skipped, Stamp};

use classify::Kind;
use config::Config;
use header::Neighbours;

/// Everything found under a root; all lists are sorted by path.
pub struct Tree {
    /// Source files of known languages.
    pub files: Vec<Found>,
    /// Source files that cannot be indexed, and folders that cannot be entered.
    pub skipped: Vec<Skipped>,
    /// Manifests and configuration that say how modules are named.
    pub manifests: Vec<Manifest>,
    /// Every folder that is not ignored, the root first, where it can be opened.
    pub folders: Vec<PathBuf>,
}

/// A source file of a known language.
pub struct Found {
    /// Path relative to the root, `/`-separated; each odd byte shown as `\xHH`.
    pub path: String,
    /// Where it can be opened.
    pub absolute: PathBuf,
    /// Its language.
    pub language: &'static Language,
    /// The grammar it is for.
    pub dialect: &'static Dialect,
    /// Size and modification time.
    pub stamp: Stamp,
}

/// How to walk.
#[derive(Clone, Copy, Debug, Default)]
pub struct WalkOptions {
    /// Number of threads; 0 chooses by the machine.
    pub threads: usize,
    /// Files over this size are skipped; overrides the configuration.
    pub max_file_bytes: Option<u64>,
    /// Accept `/` and the home folder as a root.
    pub force: bool,
    /// Setting it stops the walk.
    pub cancel: Option<&'static AtomicBool>,
}

/// Why a tree cannot be walked at all.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    /// The root does not exist.
    #[error("{0} does not exist")]
    Missing(PathBuf),
    /// The root is a file or something else.
    #[error("{0} is not a folder")]
    NotAFolder(PathBuf),
    /// The root cannot be entered.
    #[error("{path} cannot be read: {message}")]
    Unreadable {
        /// The root.
        path: PathBuf,
        /// The system's own words.
        message: String,
    },
    /// The root is the whole disk or the whole home folder.
    #[error("{0} is more than a project")]
    TooBroad(PathBuf),
    /// Nothing under the root can be indexed.
    #[error("{path} holds no source file of a known language ({skipped} skipped)")]
    NoSource {
        /// The root.
        path: PathBuf,
        /// How many files of known languages were skipped.
        skipped: usize,
    },
    /// The walk was cancelled.
    #[error("interrupted")]
    Interrupted,
    /// The project's configuration cannot be used.
    #[error("{path}:{line}: {message}")]
    Config {
        /// The configuration file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// Files over this size are skipped unless configured otherwise: 8 MiB.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// Finds everything under `root`.
pub fn walk(root: &Path, options: &WalkOptions) -> Result<Tree, WalkError> {
    let tree = survey(root, options)?;
    match tree.files.is_empty() {
        true => Err(WalkError::NoSource { path: root.to_owned(), skipped: tree.skipped.len() }),
        false => Ok(tree),
    }
}

/// The same for a tree that may hold no source file at present.
pub fn survey(root: &Path, options: &WalkOptions) -> Result<Tree, WalkError> {
    let root = check_root(root, options.force)?;
    let config = Config::load(&root)?;
    let visit = Visit {
        root: &root,
        max_file_bytes: options.max_file_bytes.or(config.max_file_bytes).unwrap_or(MAX_FILE_BYTES),
        sightings: Mutex::default(),
    };
    let cancelled = || options.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed));
    walker(&root, options.threads, config.globs).run(|| {
        Box::new(|entry| {
            visit.entry(entry);
            if cancelled() { WalkState::Quit } else { WalkState::Continue }
        })
    });
    if cancelled() {
        return Err(WalkError::Interrupted);
    }
    Ok(settle(visit.sightings.into_inner().expect("no visitor panics while it holds the lock")))
}

fn check_root(root: &Path, force: bool) -> Result<PathBuf, WalkError> {
    let found = root.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => WalkError::Missing(root.to_owned()),
        _ => WalkError::Unreadable { path: root.to_owned(), message: error.to_string() },
    })?;
    if !found.is_dir() {
        return Err(WalkError::NotAFolder(root.to_owned()));
    }
    if let Err(error) = std::fs::read_dir(&found) {
        return Err(WalkError::Unreadable { path: found, message: error.to_string() });
    }
    let home = std::env::home_dir().and_then(|home| home.canonicalize().ok());
    if !force && (found.parent().is_none() || home.as_deref() == Some(&found)) {
        return Err(WalkError::TooBroad(found));
    }
    Ok(found)
}

fn walker(root: &Path, threads: usize, globs: Override) -> ignore::WalkParallel {
    WalkBuilder::new(root)
        .hidden(true)
        .follow_links(false)
        .require_git(false)
        .threads(threads)
        .filter_entry(move |entry| {
            // The globs narrow down what the ignore files leave; given to the walker itself, an `include`
            // would bring ignored files back.
            let folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            entry.depth() == 0 || !globs.matched(entry.path(), folder).is_ignore()
        })
        .build_parallel()
}

/// Something worth keeping, as seen by one visitor.
enum Sighting {
    Source(Found),
    Header { path: String, absolute: PathBuf, stamp: Stamp, cpp: bool },
    Manifest(Manifest),
    Skipped(Skipped),
    Folder(PathBuf),
}

struct Visit<'a> {
    root: &'a Path,
    max_file_bytes: u64,
    sightings: Mutex<Vec<Sighting>>,
}

impl Visit<'_> {
    fn entry(&self, entry: Result<DirEntry, ignore::Error>) {
        let sighting = match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => self.file(&entry),
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {
                Some(Sighting::Folder(entry.into_path()))
            }
            Ok(_) => None,
            Err(error) => self.failure(&error),
        };
        if let Some(sighting) = sighting {
            self.sightings.lock().expect("no visitor panics while it holds the lock").push(sighting);
        }
    }

    fn file(&self, entry: &DirEntry) -> Option<Sighting> {
        let absolute = entry.path();
        let kind = classify::kind(absolute)?;
        let path = paths::shown(absolute.strip_prefix(self.root).unwrap_or(absolute));
        let stamp = match read::stamp_of(absolute) {
            Ok(stamp) => stamp,
            Err((reason, detail)) => return Some(Sighting::Skipped(Skipped { path, reason, detail })),
        };
        if stamp.size > self.max_file_bytes {
            let detail = format!("{} bytes, limit {}", stamp.size, self.max_file_bytes);
            return Some(Sighting::Skipped(Skipped { path, reason: SkipReason::TooLarge, detail }));
        }
        Some(sighting(kind, path, absolute, stamp))
    }

    /// A folder that cannot be listed hides files: it is told. Faulty lines of ignore files are not.
    fn failure(&self, error: &ignore::Error) -> Option<Sighting> {
        let path = error_path(error)?;
        let reason = match error.io_error()?.kind() {
            std::io::ErrorKind::NotFound => SkipReason::Vanished,
            _ => SkipReason::Unreadable,
        };
        let path = paths::shown(path.strip_prefix(self.root).unwrap_or(path));
        Some(Sighting::Skipped(Skipped { path, reason, detail: error.io_error()?.to_string() }))
    }
}

fn sighting(kind: Kind, path: String, absolute: &Path, stamp: Stamp) -> Sighting {
    let absolute = absolute.to_owned();
    match kind {
        Kind::Source(language, dialect) => Sighting::Source(Found { path, absolute, language, dialect, stamp }),
        Kind::Header => {
            let cpp = header::speaks_cpp(&read::prefix(&absolute, header::PREFIX_BYTES));
            Sighting::Header { path, absolute, stamp, cpp }
        }
        Kind::Manifest => match std::fs::read(&absolute) {
            Ok(bytes) => Sighting::Manifest(Manifest { path, text: String::from_utf8_lossy(&bytes).into_owned() }),
            Err(error) => {
                let (reason, detail) = read::failure(&error);
                Sighting::Skipped(Skipped { path, reason, detail })
            }
        },
    }
}

fn error_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}

/// Sorts what was seen and decides the headers, which takes all their neighbours.
fn settle(sightings: Vec<Sighting>) -> Tree {
    let mut tree = Tree { files: Vec::new(), skipped: Vec::new(), manifests: Vec::new(), folders: Vec::new() };
    let mut headers = Vec::new();
    for sighting in sightings {
        match sighting {
            Sighting::Source(found) => tree.files.push(found),
            Sighting::Header { path, absolute, stamp, cpp } => headers.push((path, absolute, stamp, cpp)),
            Sighting::Manifest(manifest) => tree.manifests.push(manifest),
            Sighting::Skipped(skipped) => tree.skipped.push(skipped),
            Sighting::Folder(folder) => tree.folders.push(folder),
        }
    }
    let neighbours = Neighbours::of(&tree.files);
    for (path, absolute, stamp, cpp) in headers {
        if let Some((language, dialect)) = neighbours.decide(&path, cpp) {
            tree.files.push(Found { path, absolute, language, dialect, stamp });
        }
    }
    tree.files.sort_by(|a, b| a.path.cmp(&b.path));
    tree.folders.sort();
    tree.skipped.sort();
    tree.manifests.sort_by(|a, b| a.path.cmp(&b.path));
    tree
}
