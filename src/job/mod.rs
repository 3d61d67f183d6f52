//! The deeds: what changes, checks or copies a database. Typed arguments in, typed replies out; a deed never formats.
//!
//! [`DEEDS`] is their registry; only `index` stands by itself, since it needs no database yet.

pub mod backup;
pub mod doctor;
pub mod gc;
pub mod index;
pub mod migrate;
pub mod migrate_backend;
pub mod refresh;
pub mod verify;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{ArgMatches, Args as _, Command, FromArgMatches};
use schemars::JsonSchema;
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;

use crate::index::IndexError;
use crate::store::{self, MigrationReport, Stage, Store, StoreError, UpgradeReport};
use crate::walk::WalkError;

/// Why a deed was not done.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The tree cannot be walked.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The index cannot be made.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Stopped from outside; the database is good.
    #[error("interrupted")]
    Interrupted,
    /// An argument cannot be understood.
    #[error("{0}")]
    Usage(String),
}

/// What every deed stands on.
pub struct Scene<'a> {
    /// The database, which exists.
    pub database: &'a Path,
    /// The root of the tree, where the place of the database tells it.
    pub root: Option<&'a Path>,
    /// The folder that paths in arguments are relative to, absolute.
    pub folder: &'a Path,
    /// How many items a list of the reply may hold.
    pub limit: usize,
    /// Hears how much is done of how much.
    pub progress: &'a dyn Fn(Stage, u64, u64),
    /// Setting it stops the deed.
    pub cancel: &'static AtomicBool,
}

impl Scene<'_> {
    /// Whether the deed is to stop.
    fn is_stopped(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    fn go_on(&self) -> Result<(), JobError> {
        if self.is_stopped() { Err(JobError::Interrupted) } else { Ok(()) }
    }

    fn fingerprint(&self, store: &dyn Store) -> Result<String, JobError> {
        let found = store::fingerprint_until(&*store.snapshot()?, &|| self.is_stopped());
        self.stoppable(found).map(|hash| hash.to_string())
    }

    /// The result of what was given [`is_stopped`](Self::is_stopped) to ask.
    fn stoppable<T>(&self, result: Result<T, StoreError>) -> Result<T, JobError> {
        result.map_err(|error| match error {
            StoreError::Aborted(_) if self.is_stopped() => JobError::Interrupted,
            error => error.into(),
        })
    }
}

/// A deed of the table.
pub struct Deed {
    /// The word that does it.
    pub name: &'static str,
    /// Version of the reply's JSON form; rises when a field changes its meaning or goes.
    pub version: u32,
    /// Help in one line.
    pub about: &'static str,
    /// Invocations worth copying, with what they do.
    pub examples: &'static [(&'static str, &'static str)],
    /// The shape of the reply: `SchemaGenerator::subschema_for` its type.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Adds the deed's arguments to a command.
    pub arguments: fn(Command) -> Command,
    /// Does it.
    pub run: fn(&Scene<'_>, &ArgMatches) -> Result<Reply, JobError>,
}

/// Every deed on a database that exists, in the order help lists them.
pub static DEEDS: &[Deed] = &[
    Deed {
        name: verify::NAME,
        version: 1,
        about: "Compare the tree on disk with the index, by content",
        examples: &[("magellan verify", "exit code 1 when any file or manifest is changed, new or missing")],
        schema: SchemaGenerator::subschema_for::<verify::Reply>,
        arguments: verify::Args::augment_args,
        run: |scene, matches| verify::run(scene, &parse(matches)?).map(Reply::Verify),
    },
    Deed {
        name: doctor::NAME,
        version: 1,
        about: "Check the database against itself",
        examples: &[
            ("magellan doctor", "exit code 1 when there are faults"),
            ("magellan doctor --fix", "make every index anew from the records, then check again"),
        ],
        schema: SchemaGenerator::subschema_for::<doctor::Reply>,
        arguments: doctor::Args::augment_args,
        run: |scene, matches| doctor::run(scene, &parse(matches)?).map(Reply::Doctor),
    },
    Deed {
        name: backup::NAME,
        version: 1,
        about: "Copy the database, also while it is written",
        examples: &[("magellan backup ../before.db", "a consistent copy in one file")],
        schema: SchemaGenerator::subschema_for::<backup::Reply>,
        arguments: backup::Args::augment_args,
        run: |scene, matches| backup::run(scene, &parse(matches)?).map(Reply::Backup),
    },
    Deed {
        name: gc::NAME,
        version: 1,
        about: "Prune what is kept of contents that are gone, and give unused space back",
        examples: &[
            ("magellan gc", "down to the usual limit"),
            ("magellan gc --max-size 1000000", "drop the oldest until a megabyte is left"),
            ("magellan gc --all", "drop everything that the tree does not need"),
        ],
        schema: SchemaGenerator::subschema_for::<gc::Reply>,
        arguments: gc::Args::augment_args,
        run: |scene, matches| gc::run(scene, &parse(matches)?).map(Reply::Gc),
    },
    Deed {
        name: migrate::NAME,
        version: 1,
        about: "Upgrade a database of an older format in place; a copy is kept",
        examples: &[("magellan migrate", "does nothing to a database of the current format")],
        schema: SchemaGenerator::subschema_for::<UpgradeReport>,
        arguments: migrate::Args::augment_args,
        run: |scene, matches| migrate::run(scene, &parse(matches)?).map(Reply::Migrate),
    },
    Deed {
        name: migrate_backend::NAME,
        version: 1,
        about: "Move the database to another engine, nothing lost",
        examples: &[
            ("magellan migrate-backend --to native-v2", "the original is kept beside it"),
            ("magellan migrate-backend --to sqlite --dry-run", "copy and compare, change nothing"),
            ("magellan migrate-backend --to sqlite --output map.db", "into another file; the original stays live"),
        ],
        schema: SchemaGenerator::subschema_for::<MigrationReport>,
        arguments: migrate_backend::Args::augment_args,
        run: |scene, matches| migrate_backend::run(scene, parse(matches)?).map(Reply::MigrateBackend),
    },
];

fn parse<A: FromArgMatches>(matches: &ArgMatches) -> Result<A, JobError> {
    A::from_arg_matches(matches).map_err(|error| JobError::Usage(error.to_string()))
}

/// The reply of any deed.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is the reply of the deed of that name")]
pub enum Reply {
    Verify(verify::Reply),
    Doctor(doctor::Reply),
    Backup(backup::Reply),
    Gc(gc::Reply),
    Migrate(UpgradeReport),
    MigrateBackend(MigrationReport),
}

impl Reply {
    /// Whether nothing is amiss.
    pub fn is_good(&self) -> bool {
        match self {
            Self::Verify(reply) => reply.is_same(),
            Self::Doctor(reply) => reply.faults.total == 0,
            Self::Backup(_) | Self::Gc(_) | Self::Migrate(_) | Self::MigrateBackend(_) => true,
        }
    }

    /// Whether the reply names everything there is to know.
    pub fn is_complete(&self) -> bool {
        match self {
            Self::Verify(reply) => [&reply.changed, &reply.new, &reply.missing].iter().all(|list| list.is_whole()),
            Self::Doctor(reply) => reply.faults.is_whole(),
            Self::Backup(_) | Self::Gc(_) | Self::Migrate(_) | Self::MigrateBackend(_) => true,
        }
    }
}
