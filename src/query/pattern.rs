//! Arguments that several questions share: paths, globs, kinds and roles.

use crate::model::{Role, SymbolKind};
use crate::store::FileRow;
use crate::walk::{Relative, normalise};

use super::{Ground, QueryError, Result};

/// Whether a text is a glob rather than a name.
pub(super) fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// A path argument in the database's form.
pub(super) fn path(ground: &Ground<'_>, given: &str) -> Result<String> {
    match normalise(ground.root, ground.folder, given) {
        Relative::Inside(path) => Ok(path),
        Relative::Outside => {
            Err(QueryError::Outside { path: given.to_owned(), root: ground.root.display().to_string() })
        }
    }
}

/// The indexed file that a path argument names.
pub(super) fn file(ground: &Ground<'_>, given: &str) -> Result<FileRow> {
    let path = path(ground, given)?;
    ground.snapshot.file(&path)?.ok_or_else(|| QueryError::NoFile(given.to_owned()))
}

/// Parses a kind of definition; the error lists them all.
pub(super) fn kind(word: &str) -> Result<SymbolKind, String> {
    let words = || SymbolKind::WORDS.map(|(_, word)| word).join(", ");
    SymbolKind::from_word(word).ok_or_else(|| format!("kinds are {}", words()))
}

/// Parses a role; the error lists them all.
pub(super) fn role(word: &str) -> Result<Role, String> {
    let words = || Role::WORDS.map(|(_, word)| word).join(", ");
    Role::WORDS.iter().find(|row| row.1 == word).map(|row| row.0).ok_or_else(|| format!("roles are {}", words()))
}
