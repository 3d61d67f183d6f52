//! What a slice starts from: the statements of a line, what stands at a column, or a whole callable.

use std::rc::Rc;

use crate::model::Span;
use crate::query::{Brief, Ground, QueryError, Result, SymbolName, name, pattern};
use crate::store::{SymbolKey, SymbolRow};

use super::spread::{Spot, Spread};
use super::tree::Tree;
use super::{Args, Criterion, Direction};

/// Starts the slice where the arguments say, and gives what that is.
pub(super) fn start(ground: &Ground<'_>, args: &Args, spread: &mut Spread<'_>) -> Result<Criterion> {
    match name::place(&args.start) {
        Some((path, line, column)) => at(ground, args, spread, (path, line, column)),
        None => of_symbol(ground, args, spread),
    }
}

fn of_symbol(ground: &Ground<'_>, args: &Args, spread: &mut Spread<'_>) -> Result<Criterion> {
    let row = SymbolName { symbol: args.start.clone(), kind: args.kind }.one(ground)?;
    let Some(member) = spread.member(row.key)? else {
        return Err(QueryError::NoBody { kind: row.kind.word(), name: row.qualified_name });
    };
    let criterion = Criterion::Symbol { symbol: Brief::from(&row) };
    if args.direction() == Direction::Forward {
        spread.start_at_callers(member)?;
        return Ok(criterion);
    }
    let body = &spread.members[member as usize].body;
    let placed = (1..body.names.steps.len() as u32).filter(|step| body.is_placed(*step));
    let all: Vec<u32> = placed.collect();
    let returned = spread.returns(member);
    for step in if returned.is_empty() { all } else { returned } {
        spread.start(Spot { member, step }, None);
    }
    Ok(criterion)
}

fn at(
    ground: &Ground<'_>,
    args: &Args,
    spread: &mut Spread<'_>,
    (path, line, column): (&str, u32, Option<u32>),
) -> Result<Criterion> {
    let path = pattern::file(ground, path)?.path;
    let Some(tree) = spread.tree(&path)? else { return Err(QueryError::NoFile(path)) };
    let count = tree.lines.line_count(tree.text.len() as u32);
    let beyond = || QueryError::Usage(format!("{path} has only {count} lines"));
    let start = tree.lines.line_start(line).filter(|_| line <= count).ok_or_else(beyond)?;
    let end = tree.lines.line_start(line + 1).unwrap_or(tree.text.len() as u32);
    let wanted = match column {
        Some(column) => {
            let at = start.saturating_add(column);
            Span::new(at, at.saturating_add(1))
        }
        None => trimmed(&tree, Span::new(start, end)),
    };
    let mut is_found = false;
    let is_of_kind = |row: &SymbolRow| args.kind.is_none_or(|kind| row.kind == kind);
    for member in around(spread, &tree, wanted)? {
        if !is_of_kind(&spread.members[member as usize].row) {
            continue;
        }
        is_found = start_within(spread, member, wanted, column.is_some());
        if is_found {
            break;
        }
    }
    if !is_found {
        let next = next_line(spread, &tree, line)?;
        let place = column.map_or(format!("{path}:{line}"), |column| format!("{path}:{line}:{column}"));
        return Err(QueryError::NoStatement { place, path, next });
    }
    let text = String::from_utf8_lossy(&tree.text[start as usize..end as usize]).trim_end().to_owned();
    Ok(Criterion::Place { path, line, column, text })
}

/// A range without white space at its ends.
fn trimmed(tree: &Tree, span: Span) -> Span {
    let text = span.slice(&tree.text);
    let start = span.start + (text.len() - text.trim_ascii_start().len()) as u32;
    Span::new(start, (start + text.trim_ascii().len() as u32).max(start))
}

/// The callables around a range or in it, innermost first.
fn around(spread: &mut Spread<'_>, tree: &Rc<Tree>, wanted: Span) -> Result<Vec<u32>> {
    let mut keys: Vec<(u32, SymbolKey)> = Vec::new();
    for function in &tree.functions {
        let Some(symbol) = tree.facts.symbols.get(function.symbol.0 as usize) else { continue };
        if symbol.span.start < wanted.end && wanted.start < symbol.span.end {
            keys.push((symbol.span.len(), SymbolKey { file: tree.row.id, symbol: function.symbol }));
        }
    }
    keys.sort_unstable();
    let mut found = Vec::new();
    for (_, key) in keys {
        found.extend(spread.member(key)?);
    }
    Ok(found)
}

/// Starts at the steps of a callable that stand in a range; at the innermost one, and the variable there, if the range is
/// only a place.
fn start_within(spread: &mut Spread<'_>, member: u32, wanted: Span, is_place: bool) -> bool {
    let known = &spread.members[member as usize];
    let (body, tree) = (&known.body, &known.tree);
    let is_there = |span: Span| span.start < wanted.end && wanted.start < span.end;
    let placed = (1..body.names.steps.len() as u32).filter(|step| body.is_placed(*step));
    let mut steps: Vec<(u32, u32)> = placed
        .map(|step| (body.span_of(tree, step), step))
        .filter(|(span, _)| is_there(*span))
        .map(|(span, step)| (span.len(), step))
        .collect();
    steps.sort_unstable();
    if is_place {
        steps.truncate(1);
    }
    let leaf = |step: u32| {
        let own = body.names.mentions.iter().filter(|mention| mention.step == step);
        own.map(|mention| tree.span(mention.leaf)).find(|span| is_place && is_there(*span))
    };
    let starts: Vec<(u32, Option<Span>)> = steps.iter().map(|(_, step)| (*step, leaf(*step))).collect();
    for (step, focus) in &starts {
        spread.start(Spot { member, step: *step }, *focus);
    }
    !starts.is_empty()
}

/// The first line after one that has a statement of a callable; else the last one before.
fn next_line(spread: &mut Spread<'_>, tree: &Rc<Tree>, line: u32) -> Result<Option<u32>> {
    let mut lines = Vec::new();
    for function in &tree.functions {
        let key = SymbolKey { file: tree.row.id, symbol: function.symbol };
        let Some(member) = spread.member(key)? else { continue };
        let body = &spread.members[member as usize].body;
        let placed = (1..body.names.steps.len() as u32).filter(|step| body.is_placed(*step));
        lines.extend(placed.map(|step| tree.lines.position(body.span_of(tree, step).start).line));
    }
    let after = lines.iter().copied().filter(|other| *other > line).min();
    Ok(after.or_else(|| lines.iter().copied().max()))
}
