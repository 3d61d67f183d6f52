//! Magellan maps a source tree: definitions, references and call sites, linked and kept in one local database.

pub mod cli;
pub mod export;
pub mod extract;
pub mod graph;
pub mod index;
pub mod job;
pub mod lang;
pub mod link;
pub mod model;
pub mod query;
pub mod store;
pub mod walk;
pub mod watch;

pub use store::{ChunkStore, ExecutionLog, MetricsOps};
#[cfg(feature = "native-v2")]
pub use store::{NativeGraphBackend, kv};

/// Migration between engines, for programs.
pub mod migrate_backend_cmd {
    pub use crate::job::migrate_backend::run_migrate_backend;
    pub use crate::store::{Backend, Fate, MigrationOptions, MigrationReport, RecordCount, Stage, Watch};
}
