//! Everything known about one file, and its exact bytes if they are asked for.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{FileMetrics, LineIndex, Position, Span, Tally};
use crate::store::{FileRow, ImportRow};

use super::{Ground, List, Result, callees, pattern, piece};

/// Which file.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The file, relative to the current folder
    #[arg(value_name = "PATH")]
    pub path: String,
    /// Give the file's exact bytes as indexed; with --json as text among the rest
    #[arg(long)]
    pub text: bool,
}

/// What is known about a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The file.
    pub file: FileRow,
    /// Its metrics; none if they were not computed.
    pub metrics: Option<FileMetrics>,
    /// Number of definitions of each kind, most first.
    pub kinds: Vec<(&'static str, usize)>,
    /// Call sites, in all.
    pub call_sites: u64,
    /// Call sites by outcome.
    pub calls: Tally,
    /// Its imports in source order.
    pub imports: List<ImportRow>,
    /// What could not be parsed.
    pub diagnostics: List<Diagnostic>,
    /// Its content, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether bytes of the text that are not UTF-8 were replaced.
    pub lossy: bool,
    /// The content before it was made text, if that was asked for.
    #[serde(skip)]
    pub bytes: Option<Vec<u8>>,
}

/// Something wrong with the source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Diagnostic {
    /// Where it starts.
    #[serde(flatten)]
    pub position: Position,
    /// Byte range.
    pub span: Span,
    /// What, in a few words.
    pub message: String,
}

/// Gathers all of it.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let snapshot = ground.snapshot;
    let file = pattern::file(ground, &args.path)?;
    let content = snapshot.text(file.id)?;
    let occurrences = snapshot.occurrences(file.id)?;
    let calls = callees::tally(occurrences.iter().filter(|row| row.role.is_call()));
    let (text, lossy) = if args.text { piece::decoded(&content) } else { (String::new(), false) };
    Ok(Reply {
        metrics: snapshot.file_metrics(&file.path)?,
        kinds: kinds(ground, &file)?,
        call_sites: calls.total(),
        calls,
        imports: List::new(snapshot.imports(file.id)?, ground.limit),
        diagnostics: List::new(diagnostics(ground, &file, &content)?, ground.limit),
        text: args.text.then_some(text),
        lossy,
        bytes: args.text.then_some(content),
        file,
    })
}

fn kinds(ground: &Ground<'_>, file: &FileRow) -> Result<Vec<(&'static str, usize)>> {
    let mut counts = BTreeMap::new();
    for symbol in ground.snapshot.symbols(file.id)? {
        *counts.entry(symbol.kind).or_insert(0) += 1;
    }
    let mut kinds: Vec<_> = counts.into_iter().map(|(kind, count)| (kind.word(), count)).collect();
    kinds.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    Ok(kinds)
}

fn diagnostics(ground: &Ground<'_>, file: &FileRow, content: &[u8]) -> Result<Vec<Diagnostic>> {
    let index = LineIndex::new(content);
    let facts = ground.snapshot.facts(file.id)?;
    let diagnostic = |found: crate::model::Diagnostic| Diagnostic {
        position: index.position(found.span.start),
        span: found.span,
        message: found.message,
    };
    Ok(facts.diagnostics.into_iter().map(diagnostic).collect())
}
