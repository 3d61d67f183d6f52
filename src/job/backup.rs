//! Copies a database that may be in use.

use std::path::PathBuf;

use serde::Serialize;

use crate::store::{self, StoreError};

use super::{JobError, Scene};

/// The word that does it.
pub const NAME: &str = "backup";

/// Where to.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The file to make; it must not exist yet
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
}

/// The copy.
#[derive(Debug, Serialize)]
pub struct Reply {
    /// The database that was copied.
    pub source: String,
    /// The copy.
    pub target: String,
    /// The engine of both.
    pub backend: &'static str,
    /// Size of the copy.
    pub bytes: u64,
    /// Fingerprint of the copy.
    pub fingerprint: String,
}

/// Copies, then reads the copy.
pub fn run(scene: &Scene<'_>, args: &Args) -> Result<Reply, JobError> {
    let target = scene.folder.join(&args.path);
    if target.symlink_metadata().is_ok() {
        return Err(StoreError::Occupied(target.display().to_string()).into());
    }
    store::open(scene.database)?.backup(&target)?;
    let copy = store::open(&target)?;
    let fingerprint = store::fingerprint(&*copy.snapshot()?)?.to_string();
    Ok(Reply {
        source: scene.database.display().to_string(),
        target: target.display().to_string(),
        backend: copy.backend().word(),
        bytes: target.metadata().map_or(0, |metadata| metadata.len()),
        fingerprint,
    })
}
