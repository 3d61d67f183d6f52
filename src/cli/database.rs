//! Which database is meant: the one named, else the nearest one from the current folder upwards.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::index::ROOT;
use crate::query::{Freshness, Ground};
use crate::store::{self, Snapshot, Store, StoreError};

use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;

/// Name of the folder at a project's root that holds its database.
pub(super) const FOLDER: &str = ".magellan";

/// An open database.
pub(super) struct Database {
    /// The database.
    pub(super) store: Box<dyn Store>,
    /// Where it is.
    pub(super) path: PathBuf,
    folder: PathBuf,
}

impl Database {
    /// Opens the database that `options` mean.
    pub(super) fn open(options: &Options) -> Result<Self, Failure> {
        let folder = current_folder()?;
        if let Some(path) = &options.db {
            return Self::at(&folder.join(path));
        }
        match nearest(&folder)? {
            Some(path) => Self::at(&path),
            None => Err(Failure::no_database(&folder)),
        }
    }

    /// Opens the database at `path`.
    pub(super) fn at(path: &Path) -> Result<Self, Failure> {
        Ok(Self { store: store::open(path)?, path: path.to_owned(), folder: current_folder()? })
    }

    /// The root of the indexed tree: the folder around `.magellan`, so that a tree can be moved, else where the
    /// last run found it.
    pub(super) fn root(&self, snapshot: &dyn Snapshot) -> Result<PathBuf, Failure> {
        let around = self.path.ancestors().take(2).find(|path| path.ends_with(FOLDER)).and_then(Path::parent);
        let root = match around {
            Some(root) => root.to_owned(),
            None => match snapshot.meta(ROOT)? {
                Some(root) => PathBuf::from(root),
                None => self.folder.clone(),
            },
        };
        Ok(root.canonicalize().unwrap_or(root))
    }

    /// What questions stand on. How fresh it is is looked up, or, to `check`, found out by a walk.
    pub(super) fn ground<'a>(
        &'a self,
        snapshot: &'a dyn Snapshot,
        root: &'a Path,
        options: &Options,
        check: bool,
    ) -> Result<Ground<'a>, Failure> {
        let look = if check { Freshness::checked } else { Freshness::of };
        Ok(Ground {
            snapshot,
            root,
            folder: &self.folder,
            database: &self.path,
            backend: self.store.backend().word(),
            limit: options.limit(),
            freshness: look(snapshot, root, now_ms())?,
        })
    }
}

/// The folder the user stands in.
pub(super) fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| {
        let message = format!("the current folder cannot be used: {error}");
        Failure::new(Exit::Usage, "current_folder", message, "change to a folder that exists")
    })
}

/// The nearest database in `folder` or above. A `.magellan` that holds only configuration is passed over.
pub(super) fn nearest(folder: &Path) -> Result<Option<PathBuf>, Failure> {
    for ancestor in folder.ancestors() {
        let path = ancestor.join(FOLDER);
        if !path.is_dir() {
            continue;
        }
        match store::open(&path) {
            Ok(_) => return Ok(Some(path)),
            Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_millis() as u64)
}
