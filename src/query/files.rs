//! The indexed files.

use schemars::JsonSchema;
use serde::Serialize;

use crate::store::FileRow;

use super::{Ground, List, Result, pattern};

/// Which files.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A file, a folder or a glob as in `.gitignore`; all files if not given
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// Only files in this language
    #[arg(long, value_name = "LANGUAGE", value_parser = pattern::language)]
    pub language: Option<String>,
    /// Only files with parse errors
    #[arg(long)]
    pub errors: bool,
}

/// The files found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// Sorted by path.
    pub files: List<FileRow>,
}

/// Lists files.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let mut files = pattern::some_files(ground, args.path.as_deref())?;
    files.retain(|file| {
        (!args.errors || file.errors > 0) && args.language.as_ref().is_none_or(|language| file.language == *language)
    });
    Ok(Reply { files: List::new(files, ground.limit) })
}
