//! The source of a definition, as it was indexed.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::LineIndex;
use crate::store::SymbolRow;

use super::{Ground, List, Result, SymbolName};

/// Which symbol, and how much around it.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The symbol to show.
    #[command(flatten)]
    pub name: SymbolName,
    /// Lines to show before and after the definition
    #[arg(long, value_name = "LINES", default_value_t = 0)]
    pub context: u32,
}

/// A definition in source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol.
    pub symbol: SymbolRow,
    /// Its lines, documentation included.
    pub lines: List<Line>,
    /// Whether bytes that are not UTF-8 were replaced.
    pub lossy: bool,
}

/// A line of source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Line {
    /// 1-based.
    pub number: u32,
    /// Whether it only stands around the definition.
    pub context: bool,
    /// Its text without the line end.
    pub text: String,
}

/// Cuts out the source.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let symbol = args.name.one(ground)?;
    let text = ground.snapshot.text(symbol.key.file)?;
    let index = LineIndex::new(&text);
    let start = symbol.doc.map_or(symbol.span.start, |doc| doc.start.min(symbol.span.start));
    let first = index.position(start).line;
    let last = index.position(symbol.span.end.saturating_sub(1).max(start)).line;
    let count = index.line_count(text.len() as u32).max(1);
    let from = first.saturating_sub(args.context).max(1);
    let to = last.saturating_add(args.context).min(count);
    let mut lossy = false;
    let mut lines = Vec::new();
    for number in (from..=to).take(ground.limit) {
        let begin = index.line_start(number).map_or(0, |offset| offset as usize);
        let end = index.line_start(number + 1).map_or(text.len(), |offset| offset as usize);
        let decoded = String::from_utf8_lossy(&text[begin..end]);
        lossy |= matches!(decoded, std::borrow::Cow::Owned(_));
        let line = decoded.trim_end_matches(['\r', '\n']).to_owned();
        lines.push(Line { number, context: number < first || number > last, text: line });
    }
    let total = (to + 1).saturating_sub(from) as usize;
    Ok(Reply { lines: List { total, items: lines }, lossy, symbol })
}
