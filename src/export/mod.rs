//! Facts out: all of a database, or some of it, in the formats of other tools.
//!
//! File by file and in one order, so that memory does not grow with the tree and equal content gives equal bytes,
//! whatever the engine. What is written is what is stored; nothing here answers a question.

mod dot;
mod escape;
mod etags;
mod graph;
mod graphml;
mod json;
mod lsif;
mod mermaid;
mod monikers;
#[cfg(feature = "parquet")]
mod parquet;
mod places;
mod records;
mod scip;
mod source;
mod table;
mod tags;

pub use graph::Graph;
pub use table::{Column, Form, Table};

use std::io::{self, Write};

use crate::model::SymbolKind;
use crate::store::{Snapshot, StoreError};

use source::Source;

/// A format that other tools read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object with a list of files, each with its definitions and uses
    Json,
    /// One JSON object per line, each a row of a table
    Jsonl,
    /// Tables as RFC 4180 has them
    Csv,
    /// A code intelligence index for Sourcegraph and others (protobuf)
    Scip,
    /// A Language Server Index Format dump, one vertex or edge per line
    Lsif,
    /// A graph for Graphviz
    Dot,
    /// A graph for yEd, Gephi, networkx and others
    Graphml,
    /// A graph for Markdown
    Mermaid,
    /// Definitions for vim and others, in the extended format of ctags, sorted
    Tags,
    /// Definitions for Emacs
    Etags,
    /// Tables for DuckDB, pandas and others
    Parquet,
}

impl Format {
    /// Whether it holds one table, so that everything is several files.
    pub fn is_tabular(self) -> bool {
        matches!(self, Self::Csv | Self::Parquet)
    }

    /// Whether it is no text.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Scip | Self::Parquet)
    }

    /// How the names of its files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Scip => "scip",
            Self::Lsif => "lsif",
            Self::Dot => "dot",
            Self::Graphml => "graphml",
            Self::Mermaid => "mmd",
            Self::Tags => "tags",
            Self::Etags => "TAGS",
            Self::Parquet => "parquet",
        }
    }
}

/// What to write.
pub struct Task<'a> {
    /// The content.
    pub snapshot: &'a dyn Snapshot,
    /// Which files, by path.
    pub has_path: &'a dyn Fn(&str) -> bool,
    /// Only definitions of these kinds and uses that lead to one; all if there are none.
    pub kinds: &'a [SymbolKind],
    /// The table, in a format that holds one; elsewhere the only one, if any.
    pub table: Option<Table>,
    /// What a graph is drawn of.
    pub graph: Graph,
    /// Where the tree is, as a URI without a final slash.
    pub root: &'a str,
    /// Name and version of the package, as far as told.
    pub package: (&'a str, &'a str),
    /// Whether to stop.
    pub is_stopped: &'a dyn Fn() -> bool,
}

/// Why an export was not finished.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// Stopped from outside.
    #[error("interrupted")]
    Interrupted,
    /// This build does not have the format.
    #[error("this build cannot write {0}")]
    NoFormat(&'static str),
}

/// Result of an export.
pub type Result<T, E = ExportError> = std::result::Result<T, E>;

/// A path as a part of a URI.
pub fn uri(path: &str) -> String {
    let mut out = String::new();
    escape::uri(path, &mut out);
    out
}

/// Writes all of it.
pub fn export(task: &Task<'_>, format: Format, out: &mut (dyn Write + Send)) -> Result<()> {
    let source = Source::new(task)?;
    let table = task.table.unwrap_or(Table::Symbols);
    match format {
        Format::Json => records::json(&source, out),
        Format::Jsonl => records::jsonl(&source, task.table, out),
        Format::Csv => records::csv(&source, table, out),
        Format::Scip => scip::write(&source, out),
        Format::Lsif => lsif::write(&source, out),
        Format::Dot => graph::write(&source, &mut dot::Dot, out),
        Format::Graphml => graph::write(&source, &mut graphml::GraphMl, out),
        Format::Mermaid => graph::write(&source, &mut mermaid::Mermaid, out),
        Format::Tags => tags::write(&source, out),
        Format::Etags => etags::write(&source, out),
        #[cfg(feature = "parquet")]
        Format::Parquet => parquet::write(&source, table, out),
        #[cfg(not(feature = "parquet"))]
        Format::Parquet => Err(ExportError::NoFormat("Parquet")),
    }
}
