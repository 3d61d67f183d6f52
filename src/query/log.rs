//! The runs that wrote the database.

use schemars::JsonSchema;
use serde::Serialize;

use crate::store::{Execution, ExecutionOutcome};

use super::{Ground, List, Result};

/// Which runs.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Only runs that ended so: running, success, partial, error, interrupted
    #[arg(long, value_name = "OUTCOME", value_parser = outcome)]
    pub outcome: Option<ExecutionOutcome>,
}

/// The runs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// Newest first.
    pub executions: List<Execution>,
}

/// More records than any project has.
const RUNS_MAX: usize = 1_000_000;

/// Lists runs.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let mut executions = ground.snapshot.executions(RUNS_MAX)?;
    executions.retain(|run| args.outcome.is_none_or(|outcome| run.outcome == outcome));
    Ok(Reply { executions: List::new(executions, ground.limit) })
}

/// Parses an outcome; the error lists them all.
fn outcome(word: &str) -> Result<ExecutionOutcome, String> {
    let words = || ExecutionOutcome::WORDS.map(|(_, word)| word).join(", ");
    let row = ExecutionOutcome::WORDS.iter().find(|row| row.1 == word);
    row.map(|row| row.0).ok_or_else(|| format!("outcomes are {}", words()))
}
