//! The runs that wrote the database.

use serde::Serialize;

use crate::store::Execution;

use super::{Ground, List, Result};

/// No arguments of its own.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {}

/// The runs.
#[derive(Debug, Serialize)]
pub struct Reply {
    /// Newest first.
    pub executions: List<Execution>,
}

/// More records than any project has.
const RUNS_MAX: usize = 1_000_000;

/// Lists runs.
pub fn run(ground: &Ground<'_>, _: &Args) -> Result<Reply> {
    Ok(Reply { executions: List::new(ground.snapshot.executions(RUNS_MAX)?, ground.limit) })
}
