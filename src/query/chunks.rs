//! Pieces of source with their hashes: every definition of files or of a symbol, and the chunks that were stored
//! by themselves. [`chunk_by_span`](super::chunk_by_span) and [`chunk_by_symbol`](super::chunk_by_symbol) show the
//! same rows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{ContentHash, LineIndex, Span};
use crate::store::{Chunk, ChunkPattern, FileRow, SymbolKey, SymbolRow};

use super::pattern::{Paths, Subject};
use super::{Ground, List, Result, piece};

/// Whose chunks.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A file, a folder, a glob as in `.gitignore`, or a symbol; the whole tree if not given
    #[arg(value_name = "PATH|SYMBOL")]
    pub of: Option<String>,
    /// Only chunks of this kind: function, class, ... or the word a stored chunk was given
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Leave the text out
    #[arg(long)]
    pub no_text: bool,
}

/// Pieces of source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// Sorted by path and position, outer before inner.
    pub chunks: List<Row>,
}

/// A piece of source.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Row {
    /// File path.
    pub path: String,
    /// Its byte range there.
    pub span: Span,
    /// 1-based first line; none if the file is not indexed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_line: Option<u32>,
    /// 1-based last line; none if the file is not indexed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// What it is, in a word.
    pub kind: String,
    /// Simple name of its symbol, or the one it was stored under.
    pub name: Option<String>,
    /// Qualified name of its symbol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualified_name: Option<String>,
    /// Id of its symbol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether it was stored by itself.
    pub stored: bool,
    /// BLAKE3 of its bytes, 64 hex digits.
    pub hash: String,
    /// Its text, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether bytes of the text that are not UTF-8 were replaced.
    pub lossy: bool,
}

/// Lists chunks.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let subject = Subject::of(ground, args.of.as_deref(), |paths| {
        Ok(!paths.files(ground)?.is_empty() || !stored_in(ground, paths)?.is_empty())
    })?;
    let sources = match subject {
        Subject::Paths(paths) => in_paths(ground, &paths)?,
        Subject::Symbol(symbol) => vec![in_symbol(ground, &symbol)?],
    };
    let wanted = |kind: &str| args.kind.as_ref().is_none_or(|wanted| wanted == kind);
    let mut list = List::default();
    for source in sources {
        let mut parts = source.parts(ground)?;
        parts.retain(|part| wanted(part.kind()));
        list.total += parts.len();
        parts.truncate(ground.limit - list.items.len());
        if !parts.is_empty() {
            list.items.extend(source.rows(ground, parts, !args.no_text)?);
        }
    }
    Ok(Reply { chunks: list })
}

/// A path with chunks.
struct Source {
    file: Option<FileRow>,
    /// The symbol that is asked for; none for all of them.
    only: Option<SymbolKey>,
    stored: Vec<Chunk>,
}

/// A chunk before its text is read.
enum Part {
    Symbol(Box<SymbolRow>),
    Stored(Chunk),
}

impl Part {
    fn kind(&self) -> &str {
        match self {
            Self::Symbol(symbol) => symbol.kind.word(),
            Self::Stored(chunk) => &chunk.kind,
        }
    }

    fn span(&self) -> Span {
        match self {
            Self::Symbol(symbol) => symbol.span,
            Self::Stored(chunk) => chunk.span,
        }
    }
}

fn in_paths(ground: &Ground<'_>, paths: &Paths) -> Result<Vec<Source>> {
    let mut sources = BTreeMap::new();
    for file in paths.files(ground)? {
        let path = file.path.clone();
        sources.insert(path, Source { file: Some(file), only: None, stored: Vec::new() });
    }
    for chunk in stored_in(ground, paths)? {
        let source = sources.entry(chunk.path.clone());
        source.or_insert_with(|| Source { file: None, only: None, stored: Vec::new() }).stored.push(chunk);
    }
    Ok(sources.into_values().collect())
}

fn stored_in(ground: &Ground<'_>, paths: &Paths) -> Result<Vec<Chunk>> {
    if let Paths::Below(path) = paths {
        let of_file = ground.snapshot.chunks(&ChunkPattern::Path(path.clone()))?;
        if !of_file.is_empty() || ground.snapshot.file(path)?.is_some() {
            return Ok(of_file);
        }
    }
    let mut chunks = ground.snapshot.chunks(&ChunkPattern::All)?;
    chunks.retain(|chunk| paths.has(&chunk.path));
    Ok(chunks)
}

/// The definition, those inside of it, and what was stored under its name.
fn in_symbol(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Source> {
    let stored = stored_of(ground, symbol)?.into_iter().filter(|chunk| chunk.path == symbol.path).collect();
    let file = ground.snapshot.file(&symbol.path)?;
    Ok(Source { file, only: Some(symbol.key), stored })
}

/// The chunks that were stored under the name of a symbol: the qualified one anywhere, the simple one in its file.
pub(super) fn stored_of(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Vec<Chunk>> {
    let mut chunks = ground.snapshot.chunks(&ChunkPattern::Symbol(symbol.qualified_name.clone()))?;
    if symbol.name != symbol.qualified_name {
        let simple = ground.snapshot.chunks(&ChunkPattern::Symbol(symbol.name.clone()))?;
        chunks.extend(simple.into_iter().filter(|chunk| chunk.path == symbol.path));
    }
    chunks.sort_by(|a, b| (&a.path, a.span).cmp(&(&b.path, b.span)));
    Ok(chunks)
}

impl Source {
    fn parts(&self, ground: &Ground<'_>) -> Result<Vec<Part>> {
        let mut parts: Vec<Part> = Vec::new();
        if let Some(file) = &self.file {
            let mut inside = BTreeSet::from_iter(self.only);
            for symbol in ground.snapshot.symbols(file.id)? {
                let is_inside = symbol.parent.is_some_and(|parent| inside.contains(&parent));
                if self.only.is_none() || inside.contains(&symbol.key) || is_inside {
                    inside.insert(symbol.key);
                    parts.push(Part::Symbol(Box::new(symbol)));
                }
            }
        }
        parts.extend(self.stored.iter().cloned().map(Part::Stored));
        parts.sort_by_key(|part| (part.span().start, Reverse(part.span().end)));
        Ok(parts)
    }

    fn rows(&self, ground: &Ground<'_>, parts: Vec<Part>, with_text: bool) -> Result<Vec<Row>> {
        let content = self.file.as_ref().map(|file| ground.snapshot.text(file.id)).transpose()?;
        let index = content.as_ref().map(|content| LineIndex::new(content));
        let row = |part: Part| match part {
            Part::Symbol(symbol) => of_symbol(&symbol, content.as_deref().unwrap_or(&[]), with_text),
            Part::Stored(chunk) => of_chunk(&chunk, index.as_ref(), with_text),
        };
        Ok(parts.into_iter().map(row).collect())
    }
}

/// The source of a definition.
pub(super) fn of_symbol(symbol: &SymbolRow, content: &[u8], with_text: bool) -> Row {
    let bytes = symbol.span.slice(content);
    let (text, lossy) = if with_text { piece::decoded(bytes) } else { (String::new(), false) };
    Row {
        path: symbol.path.clone(),
        span: symbol.span,
        start_line: Some(symbol.start_line),
        end_line: Some(symbol.end_line),
        kind: symbol.kind.word().to_owned(),
        name: Some(symbol.name.clone()),
        qualified_name: Some(symbol.qualified_name.clone()),
        id: Some(symbol.id.to_string()),
        stored: false,
        hash: ContentHash::of(bytes).to_string(),
        text: with_text.then_some(text),
        lossy,
    }
}

/// A stored chunk; `index` is that of its file, if it is indexed.
pub(super) fn of_chunk(chunk: &Chunk, index: Option<&LineIndex>, with_text: bool) -> Row {
    let (text, lossy) = if with_text { piece::decoded(&chunk.text) } else { (String::new(), false) };
    let lines = index.map(|index| piece::lines(index, chunk.span));
    Row {
        path: chunk.path.clone(),
        span: chunk.span,
        start_line: lines.map(|(first, _)| first),
        end_line: lines.map(|(_, last)| last),
        kind: chunk.kind.clone(),
        name: chunk.symbol.clone(),
        qualified_name: None,
        id: None,
        stored: true,
        hash: chunk.hash.to_string(),
        text: with_text.then_some(text),
        lossy,
    }
}
