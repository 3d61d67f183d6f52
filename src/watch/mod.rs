//! Keeps a database fresh: file events (or looking again and again) in, updates of the database out.
//!
//! Events only say *that* something changed. Each update walks the tree and indexes what is there, so what comes out
//! is what a fresh index would hold, whichever events were lost, doubled or late. Nothing here prints.

mod coalesce;
mod folders;
mod inbox;
mod picture;
mod pulse;
mod session;
mod source;
mod update;

pub use coalesce::Coalescer;
pub use inbox::Inbox;
pub use source::{Opener, Refusal, Source, native};
pub use update::{Cause, Report, once};

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::index::{IndexError, Progress};
use crate::store::{Backend, StoreError};
use crate::walk::WalkError;

/// What to watch, and how.
pub struct Options<'a> {
    /// The root of the tree.
    pub root: &'a Path,
    /// The database.
    pub database: &'a Path,
    /// The engine of a database that is not there yet.
    pub backend: Option<Backend>,
    /// Number of threads; 0 chooses by the machine.
    pub threads: usize,
    /// Files over this size are skipped.
    pub max_file_bytes: Option<u64>,
    /// Accept `/` and the home folder as a root.
    pub force: bool,
    /// How long nothing must have happened before an update.
    pub delay: Duration,
    /// After this long there is an update although something still happens.
    pub max_delay: Duration,
    /// Look this often instead of waiting for events.
    pub poll: Option<Duration>,
    /// How long to wait for another writer.
    pub wait: Duration,
    /// The arguments as typed, for execution records.
    pub arguments: Vec<String>,
    /// Hears how the first update goes on.
    pub progress: &'a dyn Progress,
    /// Setting it stops everything within a fraction of a second.
    pub cancel: &'static AtomicBool,
}

/// What happens while watching.
#[derive(Debug)]
pub enum Event<'e> {
    /// From here on, no change is missed.
    Started {
        /// How many folders there are to watch.
        folders: usize,
        /// How often they are looked at; none if the system tells of changes.
        poll: Option<Duration>,
    },
    /// The system does not tell of changes any more, so the tree is looked at again and again.
    Polling {
        /// Why.
        why: &'e str,
        /// How often.
        period: Duration,
    },
    /// Another process writes at present; it is waited for.
    Waiting {
        /// Which one.
        holder: &'e str,
    },
    /// The database was brought up to date.
    Updated(Report),
    /// The database could not be brought up to date; that is tried again.
    Failed(WatchError),
}

/// Hears what happens, and says whether to go on.
pub type Tell<'a> = &'a dyn Fn(Event<'_>) -> ControlFlow<()>;

/// Why the database is not up to date.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The tree cannot be walked.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The index cannot be made.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl WatchError {
    /// Whether it was the user who stopped it.
    pub fn is_interruption(&self) -> bool {
        matches!(
            self,
            Self::Walk(WalkError::Interrupted)
                | Self::Index(IndexError::Interrupted)
                | Self::Store(StoreError::Aborted(_))
        )
    }
}

/// Watches until stopped from outside. An error means that watching could not begin, or must not go on because
/// somebody else watches this database.
pub fn watch(options: &Options<'_>, open: Opener<'_>, tell: Tell<'_>) -> Result<(), WatchError> {
    session::run(options, open, tell)
}
