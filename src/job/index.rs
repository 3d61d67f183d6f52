//! Brings a database up to date with its tree.

use std::path::PathBuf;

/// The word that does it.
pub const NAME: &str = "index";
/// Help in one line.
pub const ABOUT: &str = "Map a source tree, or bring its map up to date";
/// Invocations worth copying, with what they do.
pub const EXAMPLES: &[(&str, &str)] = &[
    ("magellan index", "the tree around the nearest index, else the current folder"),
    ("magellan index ../project", "another tree"),
    ("magellan index --full", "from scratch, whatever has changed"),
];

/// Which tree, and how.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The root of the tree; if not given, that of the nearest index, else the current folder
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// Number of threads; 0 chooses by the machine
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Read and link everything again, whatever has changed
    #[arg(long)]
    pub full: bool,
    /// Skip files over this size
    #[arg(long, value_name = "BYTES")]
    pub max_file_bytes: Option<u64>,
    /// Accept `/` and the home folder as a root
    #[arg(long)]
    pub force: bool,
}
