//! What to say when there is no answer: a code for programs, a message, and what to type next.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use crate::index::IndexError;
use crate::job::JobError;
use crate::query::check::SECTIONS;
use crate::query::{Brief, List, QueryError, quoted};
use crate::store::StoreError;
use crate::walk::WalkError;
use crate::watch::WatchError;

use super::exit::Exit;

/// A command that came to nothing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Failure {
    /// One word for programs.
    pub(super) code: &'static str,
    /// What happened.
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: String,
    /// The exit code, as its number in JSON.
    #[serde(serialize_with = "exit_number")]
    #[schemars(with = "u8")]
    pub(super) exit: Exit,
    /// The definitions that an ambiguous name can mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) candidates: Option<List<Brief>>,
}

impl Failure {
    /// With at most `limit` candidates listed.
    pub(super) fn limited(&self, limit: usize) -> Self {
        let mut limited = self.clone();
        if let Some(candidates) = &mut limited.candidates {
            candidates.items.truncate(limit);
        }
        limited
    }

    /// A failure with a hint.
    pub(super) fn new(exit: Exit, code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into(), exit, candidates: None }
    }
}

impl Failure {
    /// No database is near.
    pub(super) fn no_database(folder: &Path) -> Self {
        Self::new(
            Exit::Database,
            "no_database",
            format!("there is no index in {} or any folder above it", folder.display()),
            "run `magellan index` in the root of your project, or name a database with `--db PATH`",
        )
    }

    /// The tree of a database that lies elsewhere is gone.
    fn no_tree(message: String) -> Self {
        let hint = "the index itself answers without `--check` and `--fresh`; \
                    `magellan index PATH --db DATABASE` ties a database to another tree";
        Self::new(Exit::Usage, "no_tree", message, hint)
    }

    /// Stopped by the user.
    fn interrupted() -> Self {
        let hint = "the index is as it was before; `magellan index` starts again";
        Self::new(Exit::Interrupted, "interrupted", "interrupted", hint)
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Walk(error) => error.into(),
            JobError::Interrupted => {
                let hint = "the database is as it was before; the same command starts again";
                Self::new(Exit::Interrupted, "interrupted", "interrupted", hint)
            }
            JobError::Usage(message) => {
                Self::new(Exit::Usage, "usage", message, "`magellan help` lists commands and options")
            }
            JobError::Index(IndexError::Interrupted) => Self::interrupted(),
            JobError::Index(IndexError::Store(error)) | JobError::Store(error) => error.into(),
        }
    }
}

impl From<WatchError> for Failure {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Walk(error) => error.into(),
            WatchError::Index(IndexError::Interrupted) | WatchError::Store(StoreError::Aborted(_)) => {
                Self::interrupted()
            }
            WatchError::Index(IndexError::Store(error)) | WatchError::Store(error) => error.into(),
        }
    }
}

/// A name without what globs are made of; all of it if nothing is left.
fn words(name: &str) -> String {
    let words: Vec<&str> = name.split(['*', '?', '[', ']', '{', '}', ',']).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { name.to_owned() } else { words.join(" ") }
}

fn exit_number<S: serde::Serializer>(exit: &Exit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(*exit as u8)
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        let message = error.to_string();
        match error {
            QueryError::Store(error) => error.into(),
            QueryError::NoSymbol { name, similar, .. } => {
                let hint = match similar.is_empty() {
                    true => format!(
                        "`magellan search {}` looks for words of names, documentation and code",
                        quoted(&words(&name))
                    ),
                    false => format!("similar names: {}", similar.join(", ")),
                };
                Self::new(Exit::Nothing, "no_such_symbol", message, hint)
            }
            QueryError::Ambiguous { candidates, .. } => {
                let hint = "name one by its qualified name, `path:line`, the first digits of its id, or with `--kind`";
                let mut failure = Self::new(Exit::Ambiguous, "ambiguous", message, hint);
                failure.candidates = Some(List::new(candidates.iter().map(Brief::from).collect(), usize::MAX));
                failure
            }
            QueryError::NoFile(_) => Self::new(
                Exit::Nothing,
                "no_such_file",
                message,
                "`magellan files` lists what is indexed, `magellan status` what was skipped; `magellan index` reads new files",
            ),
            QueryError::Outside { .. } => Self::new(
                Exit::Usage,
                "outside",
                message,
                "give a path inside the tree, or another database with `--db`",
            ),
            QueryError::NoBody { .. } => Self::new(
                Exit::Nothing,
                "no_body",
                message,
                "only callables with a body have control flow and metrics; `magellan outline FILE` lists what a file defines",
            ),
            QueryError::NoHierarchy { name, .. } => {
                let hint =
                    format!("only types and methods have one; `magellan refs {}` lists what uses it", quoted(&name));
                Self::new(Exit::Nothing, "no_hierarchy", message, hint)
            }
            QueryError::NoStatement { path, next, .. } => {
                let near = next.map_or(String::new(), |line| format!("; try `magellan slice {path}:{line}`"));
                let hint = format!("slices start at statements in the body of a callable{near}");
                Self::new(Exit::Nothing, "no_statement", message, &hint)
            }
            QueryError::NoGrammar { .. } => Self::new(
                Exit::Database,
                "no_grammar",
                message,
                "use the version of Magellan that made the index, or make it anew with `magellan index`",
            ),
            QueryError::NoTree { .. } => Self::no_tree(message),
            QueryError::Walk(error) => error.into(),
            QueryError::Git(_) => Self::new(
                Exit::Usage,
                "git",
                message,
                "give a revision that git knows in a tree that git follows, or name a symbol or a file",
            ),
            QueryError::NoRules(_) => Self::new(
                Exit::Usage,
                "no_rules",
                message,
                "write some, say `[[limit]]`, `measure = \"cyclomatic\"`, `max = 15` on three lines, or name another file with `--rules`",
            ),
            QueryError::Rules(_) => Self::new(
                Exit::Usage,
                "bad_rules",
                message,
                format!("sections of a rules file are {SECTIONS}; docs/rules.md shows all of them"),
            ),
            QueryError::Usage(_) => {
                Self::new(Exit::Usage, "usage", message, "`magellan help` lists commands and options")
            }
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            StoreError::OtherBackend { wanted, .. } => {
                let hint = format!("move it with `magellan migrate-backend --to {wanted}`");
                return Self::new(Exit::Database, "other_backend", message, hint);
            }
            StoreError::Occupied(_) => {
                return Self::new(Exit::Usage, "occupied", message, "name a file that does not exist yet");
            }
            StoreError::NoEngine { .. } => {
                ("no_engine", "use a build with the feature native-v2: `cargo install --path . --features native-v2`")
            }
            StoreError::NotSame { .. } => ("not_same", "the original is untouched; `magellan doctor` checks it"),
            StoreError::Missing(_) => (
                "no_database",
                "name a Magellan database, its folder or its file; `magellan index --db PATH` makes one there",
            ),
            StoreError::Foreign { .. } => (
                "foreign_database",
                "name a Magellan database with `--db`, or make a new one with `magellan index --db PATH`",
            ),
            StoreError::Damaged { .. } => ("damaged_database", "move it away, then make it anew with `magellan index`"),
            StoreError::Locked { .. } => ("locked", "wait for the other process to end, then try again"),
            StoreError::Watched { .. } => {
                ("watched", "one watcher keeps the database fresh for everybody: stop it first if you want another")
            }
            _ => ("database", "check the path, its permissions and the free space on the disk"),
        };
        Self::new(Exit::Database, code, message, hint)
    }
}

impl From<WalkError> for Failure {
    fn from(error: WalkError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            WalkError::Interrupted => return Self::interrupted(),
            WalkError::Missing(_) | WalkError::NotAFolder(_) => {
                ("no_such_folder", "give the root folder of a project: `magellan index PATH`")
            }
            WalkError::Unreadable { .. } => ("unreadable", "check the permissions of the folder"),
            WalkError::TooBroad(_) => {
                ("too_broad", "give the root folder of a project, or add `--force` if you mean all of it")
            }
            WalkError::NoSource { .. } => (
                "no_source",
                "check the path, the ignore files and `.magellan/config.toml`; `magellan help index` names the languages",
            ),
            WalkError::Config { .. } => {
                ("bad_config", "known keys are `include`, `exclude` (lists of globs) and `max_file_bytes` (a number)")
            }
        };
        Self::new(Exit::Usage, code, message, hint)
    }
}
