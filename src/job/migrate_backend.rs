//! Moves a database to the other engine.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::store::{Backend, Fate, MigrationOptions, MigrationReport, StoreError, Watch, migrate};

use super::{JobError, Scene};

/// The word that does it.
pub const NAME: &str = "migrate-backend";

/// Where to, and what becomes of the original.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The engine to move to: sqlite or native-v2
    #[arg(long, value_name = "BACKEND")]
    pub to: Backend,
    /// Copy and compare, then throw the copy away
    #[arg(long)]
    pub dry_run: bool,
    /// Keep the original beside the copy, as is done anyway
    #[arg(long, conflicts_with = "remove_source")]
    pub keep_source: bool,
    /// Delete the original once the copy is proven and live
    #[arg(long)]
    pub remove_source: bool,
    /// Put the copy into this file; the original stays live
    #[arg(long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

/// Migrates as the arguments say.
pub fn run(scene: &Scene<'_>, args: Args) -> Result<MigrationReport, JobError> {
    let options = MigrationOptions {
        to: args.to,
        output: args.output.map(|path| scene.folder.join(path)),
        source: if args.remove_source { Fate::Remove } else { Fate::Keep },
        dry_run: args.dry_run,
    };
    let mut watch = |stage, done, total| {
        (scene.progress)(stage, done, total);
        match scene.is_stopped() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    };
    scene.stoppable(run_migrate_backend(scene.database, &options, &mut watch))
}

/// Migrates the database at `database`, a folder or a file: copies every record to the other engine, compares both
/// sides, and only then makes the copy live. `watch` hears how it goes on and can stop it; then, and on every error,
/// the original is live and untouched.
pub fn run_migrate_backend(
    database: &Path,
    options: &MigrationOptions,
    watch: Watch<'_>,
) -> Result<MigrationReport, StoreError> {
    migrate(database, NAME, options, watch)
}
