//! Copies a database that may be in use.

use std::fs;
use std::path::PathBuf;

use schemars::JsonSchema;
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
#[derive(Debug, Serialize, JsonSchema)]
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

/// Copies, then reads the copy. The engines copy in one go: a stop that comes meanwhile waits for them, then the copy is
/// deleted again.
pub fn run(scene: &Scene<'_>, args: &Args) -> Result<Reply, JobError> {
    let target = scene.folder.join(&args.path);
    if target.symlink_metadata().is_ok() {
        return Err(StoreError::Occupied(target.display().to_string()).into());
    }
    scene.go_on()?;
    store::open(scene.database)?.backup(&target)?;
    let copy = store::open(&target)?;
    let fingerprint = match scene.fingerprint(&*copy) {
        Err(JobError::Interrupted) => {
            drop(copy);
            fs::remove_file(&target).map_err(|error| StoreError::Engine {
                path: target.display().to_string(),
                message: format!("interrupted, but the copy cannot be deleted: {error}"),
            })?;
            return Err(JobError::Interrupted);
        }
        other => other?,
    };
    Ok(Reply {
        source: scene.database.display().to_string(),
        target: target.display().to_string(),
        backend: copy.backend().word(),
        bytes: target.metadata().map_or(0, |metadata| metadata.len()),
        fingerprint,
    })
}
