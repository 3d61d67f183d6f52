//! The exact bytes of a range of a file, as they were indexed or stored.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{ContentHash, LineIndex, Span};
use crate::store::ChunkPattern;

use super::chunks::{Row, of_chunk};
use super::piece::{self, Around};
use super::{Brief, Ground, QueryError, Result, pattern};

/// Which range of which file.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The file, relative to the current folder
    #[arg(value_name = "PATH")]
    pub path: String,
    /// First byte, 0-based
    #[arg(value_name = "START")]
    pub start: u32,
    /// One past the last byte
    #[arg(value_name = "END")]
    pub end: u32,
}

/// A range of bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// Those of the indexed file; none if only a chunk was stored.
    pub chunk: Option<Row>,
    /// The innermost definition that holds the range, or is it.
    pub symbol: Option<Brief>,
    /// The chunk that was stored under exactly this range.
    pub stored: Option<Row>,
}

/// The kind of a range that is no definition.
const RANGE: &str = "range";

/// Cuts out the range.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let path = pattern::path(ground, &args.path)?;
    let span = Span { start: args.start, end: args.end };
    let stored = ground.snapshot.chunks(&ChunkPattern::Span(path.clone(), span))?.pop();
    let Some(file) = ground.snapshot.file(&path)? else {
        let stored = stored.map(|chunk| of_chunk(&chunk, None, true));
        return match stored {
            Some(_) => Ok(Reply { chunk: None, symbol: None, stored }),
            None => Err(QueryError::NoFile(args.path.clone())),
        };
    };
    let content = ground.snapshot.text(file.id)?;
    if span.start > span.end || span.end as usize > content.len() {
        let range = format!("{}..{}", span.start, span.end);
        return Err(QueryError::Usage(format!("{range} is no range of {path}, which has {} bytes", content.len())));
    }
    let index = LineIndex::new(&content);
    let bytes = span.slice(&content);
    let (text, lossy) = piece::decoded(bytes);
    let (start_line, end_line) = piece::lines(&index, span);
    let mut around = Around::new(ground.snapshot.symbols(file.id)?);
    let symbol = around.of(span);
    let exact = symbol.filter(|symbol| symbol.span == span);
    let chunk = Row {
        path,
        span,
        start_line: Some(start_line),
        end_line: Some(end_line),
        kind: exact.map_or(RANGE, |symbol| symbol.kind.word()).to_owned(),
        name: exact.map(|symbol| symbol.name.clone()),
        qualified_name: exact.map(|symbol| symbol.qualified_name.clone()),
        id: exact.map(|symbol| symbol.id.to_string()),
        stored: false,
        hash: ContentHash::of(bytes).to_string(),
        text: Some(text),
        lossy,
    };
    let stored = stored.map(|chunk| of_chunk(&chunk, Some(&index), true));
    Ok(Reply { chunk: Some(chunk), symbol: symbol.map(Brief::from), stored })
}
