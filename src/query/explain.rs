//! What stands at a place: what is defined there and what is used, with the outcome of each use and why it is so.

use schemars::JsonSchema;
use serde::Serialize;

use crate::lang;
use crate::model::{LineIndex, Position, Span};
use crate::store::{NamePattern, OccurrenceRow, Target};

use super::why::why;
use super::{Brief, Ground, List, QueryError, Result, callees, name};

/// Which place.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// `path:line` or `path:line:column`: lines from 1, columns in bytes from 0
    #[arg(value_name = "PLACE")]
    pub place: String,
}

/// What stands at a place.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// File path.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The text of the line, without its end.
    pub text: String,
    /// The innermost definition around the place; none at top level.
    pub inside: Option<Brief>,
    /// What is defined there.
    pub definitions: Vec<Brief>,
    /// The uses there, in source order.
    pub uses: List<Explained>,
}

/// A use with everything that is known of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Explained {
    /// The use, what it was found to mean, and the definitions it can reach.
    #[serde(flatten)]
    pub use_: callees::Callee,
    /// Definitions of the name that an unknown use could mean. A guess by name, never counted as an edge.
    pub possible: List<Brief>,
}

/// Explains the place.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let usage = || QueryError::Usage(format!("{} is no place: write path:line or path:line:column", args.place));
    let (path, line, column) = name::place(&args.place).ok_or_else(usage)?;
    let file = super::pattern::file(ground, path)?;
    let text = ground.snapshot.text(file.id)?;
    let index = LineIndex::new(&text);
    let lines = index.line_count(text.len() as u32);
    let beyond = || QueryError::Usage(format!("{} has only {lines} lines", file.path));
    let start = index.line_start(line).filter(|_| line <= lines).ok_or_else(beyond)?;
    let end = index.line_start(line + 1).unwrap_or(text.len() as u32);
    let is_there = |position: Position, span: Span| match column {
        Some(column) => span.contains(start.saturating_add(column)),
        None => position.line == line,
    };
    let symbols = ground.snapshot.symbols(file.id)?;
    let definitions = symbols.iter().filter(|row| is_there(row.position, row.name_span)).map(Brief::from).collect();
    let place = start + column.unwrap_or(0).min(end - start);
    let inside = symbols.iter().rev().find(|row| row.span.contains(place)).map(Brief::from);
    let mut uses = ground.snapshot.occurrences(file.id)?;
    uses.retain(|row| is_there(row.position, row.span));
    let shown = String::from_utf8_lossy(&text[start as usize..end as usize]);
    Ok(Reply {
        path: file.path,
        line,
        column,
        text: shown.trim_end_matches(['\r', '\n']).to_owned(),
        inside,
        definitions,
        uses: explained(ground, uses)?,
    })
}

fn explained(ground: &Ground<'_>, uses: Vec<OccurrenceRow>) -> Result<List<Explained>> {
    let total = uses.len();
    let shown = &uses[..total.min(ground.limit)];
    let steps = if shown.is_empty() { Vec::new() } else { why(ground, shown)? };
    let mut items = Vec::with_capacity(shown.len());
    for (row, why) in shown.iter().zip(steps) {
        let mut use_ = callees::callee(ground, row)?;
        use_.site.why = why;
        items.push(Explained { use_, possible: possible(ground, row)? });
    }
    Ok(List { total, items })
}

/// What an unknown use could mean by its name and number of arguments.
fn possible(ground: &Ground<'_>, row: &OccurrenceRow) -> Result<List<Brief>> {
    let Target::Unknown(_) = row.target else { return Ok(List::new(Vec::new(), ground.limit)) };
    let family = |language: &str| lang::by_name(language).map(|language| language.link.family);
    let mut found = ground.snapshot.find(&NamePattern::Exact(row.name.clone()))?;
    found.retain(|symbol| family(&symbol.language) == family(&row.language));
    if row.role.is_call() {
        found.retain(|symbol| symbol.kind.is_callable() || symbol.kind.is_type());
    }
    Ok(List::new(found.iter().map(Brief::from).collect(), ground.limit))
}
