//! Arguments that several questions share: paths, globs, symbols or files, kinds and roles.

use ignore::overrides::{Override, OverrideBuilder};

use crate::lang;
use crate::model::{Role, SymbolKind};
use crate::store::{FileRow, SymbolRow};
use crate::walk::{Relative, normalise};

use super::{Ground, QueryError, Result, SymbolName};

/// Which paths of the tree are meant.
pub(crate) enum Paths {
    /// Every one.
    All,
    /// A file, or everything in a folder.
    Below(String),
    /// Those that match, as in `.gitignore`.
    Glob(Box<Override>),
}

impl Paths {
    /// Reads a path or a glob; none means all.
    pub(crate) fn of(ground: &Ground<'_>, given: Option<&str>) -> Result<Self> {
        match given {
            None => Ok(Self::All),
            Some(glob) if is_glob(glob) => {
                let usage = |error: ignore::Error| QueryError::Usage(format!("glob {glob:?}: {error}"));
                let globs = OverrideBuilder::new("").add(glob).map_err(usage)?.build().map_err(usage)?;
                Ok(Self::Glob(Box::new(globs)))
            }
            Some(given) => path(ground, given).map(Self::Below),
        }
    }

    /// Whether a path is among them.
    pub(crate) fn has(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::Below(folder) => {
                folder.is_empty()
                    || path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            Self::Glob(globs) => globs.matched(path, false).is_whitelist(),
        }
    }

    /// The indexed files among them, sorted by path.
    pub(crate) fn files(&self, ground: &Ground<'_>) -> Result<Vec<FileRow>> {
        if let Self::Below(path) = self
            && let Some(file) = ground.snapshot.file(path)?
        {
            return Ok(vec![file]);
        }
        let mut files = ground.snapshot.files()?;
        files.retain(|file| self.has(&file.path));
        Ok(files)
    }
}

/// Reads a path or a glob; one that no indexed file fits is an error.
pub(super) fn known(ground: &Ground<'_>, given: Option<&str>) -> Result<Paths> {
    let paths = Paths::of(ground, given)?;
    match given {
        Some(given) if paths.files(ground)?.is_empty() => Err(QueryError::NoFile(given.to_owned())),
        _ => Ok(paths),
    }
}

/// The indexed files that a path or a glob means; none is an error.
pub(super) fn some_files(ground: &Ground<'_>, given: Option<&str>) -> Result<Vec<FileRow>> {
    known(ground, given)?.files(ground)
}

/// What an argument that may be a path or a symbol turns out to be.
pub(super) enum Subject {
    /// Paths of the tree, at least one of which is known.
    Paths(Paths),
    /// A definition.
    Symbol(Box<SymbolRow>),
}

impl Subject {
    /// Paths that `is_known` has something for come first, then symbols. What is neither is told as what it
    /// looks like.
    pub(super) fn of(
        ground: &Ground<'_>,
        given: Option<&str>,
        is_known: impl FnOnce(&Paths) -> Result<bool>,
    ) -> Result<Self> {
        let paths = Paths::of(ground, given);
        let Some(given) = given else { return paths.map(Self::Paths) };
        if let Ok(paths) = paths {
            if is_glob(given) || is_known(&paths)? {
                return Ok(Self::Paths(paths));
            }
            let named = SymbolName { symbol: given.to_owned(), kind: None }.one(ground);
            return match named {
                Err(QueryError::NoSymbol { similar, .. })
                    if given.contains('/') || similar.is_empty() && is_source_name(given) =>
                {
                    Err(QueryError::NoFile(given.to_owned()))
                }
                other => other.map(|symbol| Self::Symbol(Box::new(symbol))),
            };
        }
        // From outside of the tree no path leads into it, but symbols can be named.
        let named = SymbolName { symbol: given.to_owned(), kind: None }.one(ground);
        match named {
            Err(QueryError::NoSymbol { .. }) => paths.map(Self::Paths),
            other => other.map(|symbol| Self::Symbol(Box::new(symbol))),
        }
    }
}

/// Whether source files are called so.
fn is_source_name(text: &str) -> bool {
    let extension = text.rsplit_once('.').and_then(|(_, extension)| lang::by_extension(extension));
    extension.is_some() || lang::by_file_name(text).is_some()
}

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
pub(crate) fn kind(word: &str) -> Result<SymbolKind, String> {
    let words = || SymbolKind::WORDS.map(|(_, word)| word).join(", ");
    SymbolKind::from_word(word).ok_or_else(|| format!("kinds are {}", words()))
}

/// Parses the name of a language; the error lists them all.
pub(super) fn language(word: &str) -> Result<String, String> {
    let names = || lang::LANGUAGES.iter().map(|language| language.name).collect::<Vec<_>>().join(", ");
    lang::by_name(word).map(|language| language.name.to_owned()).ok_or_else(|| format!("languages are {}", names()))
}

/// Parses a role; the error lists them all.
pub(super) fn role(word: &str) -> Result<Role, String> {
    let words = || Role::WORDS.map(|(_, word)| word).join(", ");
    Role::WORDS.iter().find(|row| row.1 == word).map(|row| row.0).ok_or_else(|| format!("roles are {}", words()))
}
