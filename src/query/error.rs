//! Why a question has no reply.

use crate::model::SymbolKind;
use crate::store::{StoreError, SymbolRow};
use crate::walk::{GitError, WalkError};

use super::name::place;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No definition answers to the name.
    #[error("no {} {} {name}", kind.map_or("definition", SymbolKind::word), if is_place(name) { "stands at" } else { "is called" })]
    NoSymbol {
        /// The name as given.
        name: String,
        /// The kind that it should have.
        kind: Option<SymbolKind>,
        /// Names that resemble it.
        similar: Vec<String>,
    },
    /// Several definitions answer to the name.
    #[error("{name} can mean {} definitions", candidates.len())]
    Ambiguous {
        /// The name as given.
        name: String,
        /// All of them.
        candidates: Vec<SymbolRow>,
    },
    /// The index knows no such file.
    #[error("{0} is not an indexed file")]
    NoFile(String),
    /// The path does not lie in the indexed tree.
    #[error("{path} is outside the indexed tree {root}")]
    Outside {
        /// The path as given.
        path: String,
        /// The root of the tree.
        root: String,
    },
    /// The tree that was indexed is not where it was.
    #[error("there is no tree at {root} any more")]
    NoTree {
        /// The root of the tree.
        root: String,
    },
    /// The tree cannot be walked.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// Git does not say what changed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The definition is no callable with a body.
    #[error("{kind} {name} has no body to run")]
    NoBody {
        /// What it is.
        kind: &'static str,
        /// Its qualified name.
        name: String,
    },
    /// The definition is neither a type nor a method of one.
    #[error("{kind} {name} has no hierarchy")]
    NoHierarchy {
        /// What it is.
        kind: &'static str,
        /// Its qualified name.
        name: String,
    },
    /// No statement of a callable stands at a place.
    #[error("no statement of a callable stands at {place}")]
    NoStatement {
        /// The place as given.
        place: String,
        /// The file.
        path: String,
        /// The line of one nearby.
        next: Option<u32>,
    },
    /// The syntax tree of a file is in the words of a grammar that this build does not have.
    #[error("{path} was read with the grammar {grammar:?}, which this build does not know")]
    NoGrammar {
        /// The file.
        path: String,
        /// Name of the grammar.
        grammar: String,
    },
    /// There are no rules for `check`.
    #[error("there are no rules: {0} does not exist")]
    NoRules(String),
    /// The rules of `check`, or its baseline, cannot be used.
    #[error("{0}")]
    Rules(String),
    /// An argument cannot be understood.
    #[error("{0}")]
    Usage(String),
}

/// Whether a name is that of a place.
fn is_place(name: &str) -> bool {
    place(name).is_some()
}

/// Result of a question.
pub type Result<T, E = QueryError> = std::result::Result<T, E>;
