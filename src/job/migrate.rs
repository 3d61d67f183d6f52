//! Upgrades a database of an older format.

use crate::store::{self, UpgradeReport};

use super::{JobError, Scene};

/// The word that does it.
pub const NAME: &str = "migrate";

/// No arguments of its own.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {}

/// Upgrades the database in place.
pub fn run(scene: &Scene<'_>, _: &Args) -> Result<UpgradeReport, JobError> {
    scene.stoppable(store::upgrade(scene.database, NAME, &|| scene.is_stopped()))
}
