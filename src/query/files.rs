//! The indexed files.

use ignore::overrides::OverrideBuilder;
use serde::Serialize;

use crate::store::FileRow;

use super::{Ground, List, QueryError, Result, pattern};

/// Which files.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A file, a folder or a glob as in `.gitignore`; all files if not given
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// Only files in this language
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<String>,
    /// Only files with parse errors
    #[arg(long)]
    pub errors: bool,
}

/// The files found.
#[derive(Debug, Serialize)]
pub struct Reply {
    /// Sorted by path.
    pub files: List<FileRow>,
}

/// Lists files.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let mut files = ground.snapshot.files()?;
    match &args.path {
        Some(glob) if pattern::is_glob(glob) => keep_matching(&mut files, glob)?,
        Some(path) => keep_below(&mut files, &pattern::path(ground, path)?),
        None => {}
    }
    files.retain(|file| {
        (!args.errors || file.errors > 0) && args.language.as_ref().is_none_or(|language| file.language == *language)
    });
    Ok(Reply { files: List::new(files, ground.limit) })
}

fn keep_matching(files: &mut Vec<FileRow>, glob: &str) -> Result<()> {
    let usage = |error: ignore::Error| QueryError::Usage(format!("glob {glob:?}: {error}"));
    let globs = OverrideBuilder::new("").add(glob).map_err(usage)?.build().map_err(usage)?;
    files.retain(|file| globs.matched(&file.path, false).is_whitelist());
    Ok(())
}

fn keep_below(files: &mut Vec<FileRow>, path: &str) {
    let below = |file: &str| file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    files.retain(|file| path.is_empty() || below(&file.path));
}
