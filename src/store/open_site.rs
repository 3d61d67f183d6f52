//! An unsettled occurrence, as far as it decides what it could mean.

use crate::model::{Role, Span};

use super::record::{FileId, OccurrenceRow};

/// An occurrence of which nothing is told but what decides which definitions it could mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenSite {
    /// The file.
    pub file: FileId,
    /// Byte range of the name.
    pub span: Span,
    /// How it is used.
    pub role: Role,
    /// Number of arguments, if a call and countable.
    pub arity: Option<u16>,
}

impl From<&OccurrenceRow> for OpenSite {
    fn from(row: &OccurrenceRow) -> Self {
        Self { file: row.file, span: row.span, role: row.role, arity: row.arity }
    }
}
