//! The deeds: what changes a database. Typed arguments in, typed replies out; a deed never formats.

pub mod index;

use crate::index::IndexError;
use crate::store::StoreError;
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
}
