//! Checks a database against itself, and makes anew what is derived.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::List;
use crate::store::{self, Change, Store, unreadable};

use super::{JobError, Scene};

/// The word that does it.
pub const NAME: &str = "doctor";

/// Whether to repair.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Make every index anew from the records and drop what is damaged in the cache; the records themselves are never
    /// changed
    #[arg(long)]
    pub fix: bool,
}

/// What was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The database.
    pub database: String,
    /// Its engine.
    pub backend: &'static str,
    /// Whether its indexes were made anew.
    pub rebuilt: bool,
    /// How many faults that put right.
    pub fixed: usize,
    /// The faults that remain.
    pub faults: List<String>,
    /// Fingerprint of the content; none while there are faults.
    pub fingerprint: Option<String>,
}

/// Checks; with `--fix` repairs what it found and checks again. Making indexes anew is one change to the database: a
/// stop waits for it. What is damaged in the cache is dropped: it can be extracted again.
pub fn run(scene: &Scene<'_>, args: &Args) -> Result<Reply, JobError> {
    let store = match args.fix {
        true => store::open_writer(scene.database, NAME, None)?,
        false => store::open(scene.database)?,
    };
    let mut faults = faults(scene, &*store)?;
    let found = faults.len();
    let rebuilt = args.fix && found > 0;
    if rebuilt {
        let bad = scene.stoppable(unreadable(&*store.snapshot()?, &|| scene.is_stopped()))?;
        scene.go_on()?;
        if !bad.is_empty() {
            store.apply(&mut bad.into_iter().map(Change::Evict))?;
        }
        store.rebuild_indexes()?;
        faults = self::faults(scene, &*store)?;
    }
    let fingerprint = match faults.is_empty() {
        true => Some(scene.fingerprint(&*store)?),
        false => None,
    };
    Ok(Reply {
        database: scene.database.display().to_string(),
        backend: store.backend().word(),
        rebuilt,
        fixed: found.saturating_sub(faults.len()),
        faults: List::new(faults, scene.limit),
        fingerprint,
    })
}

fn faults(scene: &Scene<'_>, store: &dyn Store) -> Result<Vec<String>, JobError> {
    let mut faults = Vec::new();
    let checked = store.snapshot()?.check_until(&|| scene.is_stopped(), &mut |fault| faults.push(fault));
    scene.stoppable(checked).map(|()| faults)
}
