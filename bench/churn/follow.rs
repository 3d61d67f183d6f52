//! Databases that follow the edits of a tree, compared with a fresh one.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use magellan::index::{IndexOptions, index};
use magellan::model::ContentHash;
use magellan::store::{self, Backend, Store};
use magellan::walk::{self, WalkOptions, walk};

/// Differing lines that are told.
const TOLD: usize = 12;

/// How a database that followed differs from a fresh one.
pub(crate) struct Mismatch {
    pub(crate) backend: Backend,
    pub(crate) told: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.backend, self.told)
    }
}

/// Databases on disk, one of each engine, that are brought up to date after each edit.
pub(crate) struct Follower {
    folder: PathBuf,
    stores: Vec<Box<dyn Store>>,
}

impl Follower {
    /// Databases of these engines below `folder`.
    pub(crate) fn new(folder: &Path, backends: &[Backend]) -> Self {
        let stores = backends.iter().map(|backend| open(folder, *backend)).collect();
        Self { folder: folder.to_owned(), stores }
    }

    /// Closes and opens all databases, as another process would.
    pub(crate) fn reopen(&mut self) {
        for store in std::mem::take(&mut self.stores) {
            let backend = store.backend();
            drop(store);
            self.stores.push(open(&self.folder, backend));
        }
    }

    /// Brings all databases up to date and compares them with a fresh one. A tree without source is not indexed. Gives
    /// the number of files that did not change but link otherwise than before.
    pub(crate) fn follow(&self, root: &Path, threads: usize) -> Result<u64, Mismatch> {
        let fresh = store::memory(Backend::Sqlite).expect("a database in memory");
        let indexed = update(root, &*fresh, threads);
        if indexed.map_err(|told| Mismatch { backend: Backend::Sqlite, told })?.is_none() {
            return Ok(0);
        }
        let (expected, mut relinked) = (fingerprint(&*fresh), 0);
        for store in &self.stores {
            let mismatch = |told| Mismatch { backend: store.backend(), told };
            relinked = update(root, &**store, threads).map_err(mismatch)?.unwrap_or_default();
            if fingerprint(&**store) != expected {
                return Err(mismatch(difference(&dump(&**store), &dump(&*fresh))));
            }
        }
        Ok(relinked)
    }

    /// Brings all databases up to date without comparing anything.
    pub(crate) fn update(&self, root: &Path, threads: usize) -> Result<(), Mismatch> {
        self.stores.iter().try_for_each(|store| {
            let indexed = update(root, &**store, threads);
            indexed.map(drop).map_err(|told| Mismatch { backend: store.backend(), told })
        })
    }

    /// Compares what is stored twice in each database.
    pub(crate) fn check(&self) -> Result<(), Mismatch> {
        for store in &self.stores {
            let mut faults = Vec::new();
            let snapshot = match store.snapshot() {
                Ok(snapshot) => snapshot,
                Err(store::StoreError::Missing(_)) => continue,
                Err(error) => return Err(Mismatch { backend: store.backend(), told: error.to_string() }),
            };
            snapshot.check(&mut |fault| faults.push(fault)).expect("the database can be read");
            if !faults.is_empty() {
                return Err(Mismatch { backend: store.backend(), told: faults.join("\n") });
            }
        }
        Ok(())
    }
}

fn open(folder: &Path, backend: Backend) -> Box<dyn Store> {
    let path = folder.join(backend.word());
    store::open_writer(&path, "churn", Some(backend)).expect("the database can be opened")
}

/// The fingerprint of a fresh database of a tree; none if it has no source.
pub(crate) fn fresh_fingerprint(
    root: &Path,
    backend: Backend,
    threads: usize,
) -> Result<Option<ContentHash>, Mismatch> {
    let fresh = store::memory(backend).expect("a database in memory");
    let indexed = update(root, &*fresh, threads).map_err(|told| Mismatch { backend, told })?;
    Ok(indexed.map(|_| fingerprint(&*fresh)))
}

/// Indexes a tree; gives the number of files that did not change but link otherwise than before. None if there is no
/// source.
fn update(root: &Path, store: &dyn Store, threads: usize) -> Result<Option<u64>, String> {
    let tree = match walk(root, &WalkOptions::default()) {
        Ok(tree) => tree,
        Err(walk::WalkError::NoSource { .. }) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let options = IndexOptions { threads, root: "root".into(), ..IndexOptions::default() };
    let run = || index(&options, &tree, store, &(), &AtomicBool::new(false));
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(report)) => Ok(Some(report.files.relinked)),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("indexing panicked".into()),
    }
}

fn fingerprint(store: &dyn Store) -> ContentHash {
    let snapshot = store.snapshot().expect("the database can be read");
    store::fingerprint(&*snapshot).expect("the database can be read")
}

/// Each line of the dump with the file that it is of.
fn dump(store: &dyn Store) -> Vec<(String, String)> {
    let (mut lines, mut file) = (Vec::new(), String::new());
    let snapshot = store.snapshot().expect("the database can be read");
    let mut keep = |line: &str| {
        if let Some(rest) = line.strip_prefix("file\t") {
            file = rest.split('\t').next().unwrap_or_default().to_owned();
        }
        lines.push((file.clone(), line.to_owned()));
    };
    store::dump(&*snapshot, &mut keep).expect("the database can be read");
    lines
}

/// The first lines that only one side has. Ids are told by the names behind them.
fn difference(got: &[(String, String)], expected: &[(String, String)]) -> String {
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for (file, line) in got.iter().chain(expected) {
        let mut values = line.split('\t');
        if let (Some("symbol"), Some(id)) = (values.next(), values.next()) {
            ids.entry(id).or_insert_with(|| format!("{file}#{}", values.nth(2).unwrap_or_default()));
        }
    }
    let mut counts: BTreeMap<&(String, String), i64> = BTreeMap::new();
    got.iter().for_each(|line| *counts.entry(line).or_default() -= 1);
    expected.iter().for_each(|line| *counts.entry(line).or_default() += 1);
    let differing: Vec<_> = counts.iter().filter(|(_, count)| **count != 0).collect();
    let mut told = format!("{} lines differ\n", differing.len());
    for ((file, line), count) in differing.into_iter().take(TOLD) {
        let named: Vec<&str> = line.split('\t').map(|value| ids.get(value).map_or(value, String::as_str)).collect();
        let side = if *count < 0 { "followed" } else { "fresh   " };
        let _ = writeln!(told, "  {side} {file}: {}", named.join(" "));
    }
    told
}
