//! What a file is, by its name and, where the name says nothing, by its first line.

use std::path::Path;

use crate::lang::{self, Dialect, Language};

use super::{header, read};

/// A kind of file that matters.
pub(super) enum Kind {
    Source(&'static Language, &'static Dialect),
    /// A C or C++ header; which of them is decided when the whole tree is known.
    Header,
    Manifest,
}

/// Manifests and configuration files that languages' module rules ask for.
const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "entry_points.txt",
    "go.mod",
    "go.work",
    "jsconfig.json",
    "package.json",
    "pyproject.toml",
    "setup.cfg",
];

/// A `#!` line longer than this is none.
const FIRST_LINE_BYTES: usize = 256;

/// The kind of the file at `path`; none if it does not matter.
pub(super) fn kind(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_string_lossy();
    if is_manifest(&name) {
        return Some(Kind::Manifest);
    }
    if let Some((language, dialect)) = lang::by_file_name(&name) {
        return Some(Kind::Source(language, dialect));
    }
    let (language, dialect) = match name.rsplit_once('.') {
        Some((_, extension)) if header::EXTENSIONS.contains(&extension) => return Some(Kind::Header),
        Some((_, extension)) => by_extension(extension)?,
        None => lang::by_interpreter(&first_line(path)?)?,
    };
    Some(Kind::Source(language, dialect))
}

/// `tsconfig.json` and the `tsconfig.base.json` it may extend.
fn is_manifest(name: &str) -> bool {
    MANIFESTS.contains(&name) || (name.starts_with("tsconfig") && name.ends_with(".json"))
}

/// Upper case counts where it has a meaning of its own (`.C` is C++), else as lower case (`.PY`).
fn by_extension(extension: &str) -> Option<(&'static Language, &'static Dialect)> {
    lang::by_extension(extension).or_else(|| lang::by_extension(&extension.to_ascii_lowercase()))
}

fn first_line(path: &Path) -> Option<String> {
    let prefix = read::prefix(path, FIRST_LINE_BYTES);
    let line = prefix.split(|&byte| byte == b'\n').next()?;
    line.starts_with(b"#!").then(|| String::from_utf8_lossy(line).trim_end().to_owned())
}
