//! What a newcomer might ask next, with names from the tree itself.

use rustc_hash::FxHashMap;

use crate::model::{Marks, SymbolKind};
use crate::store::{FileRow, Snapshot, SymbolKey, SymbolRow, Target};

use super::{Ground, QueryError, Result, SymbolName};

/// A question worth asking.
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// What to type.
    pub command: String,
    /// Why it is worth asking.
    pub why: String,
}

/// How many files are looked at: those that use the most names. A bound, so that huge trees do not wait.
const FILES_MAX: usize = 40;

/// So many digits of an id are its own.
pub(super) const ID_DIGITS: usize = 12;

/// A newcomer reads no more than this.
const SUGGESTIONS_MAX: usize = 3;

/// A few questions: the most called function, the one that calls most, the richest file.
pub fn suggest(ground: &Ground<'_>) -> Result<Vec<Suggestion>> {
    let mut files = ground.snapshot.files()?;
    files.sort_by(|a, b| (b.occurrences, &a.path).cmp(&(a.occurrences, &b.path)));
    let counts = Counts::of(ground.snapshot, &files[..files.len().min(FILES_MAX)])?;
    let mut suggestions = Vec::new();
    if let Some((symbol, count)) = counts.most(ground, &counts.called)? {
        let why = format!("it is called from at least {}", some(count, "place"));
        suggestions
            .push(Suggestion { command: format!("magellan callers {}", quoted(&handle(ground, &symbol)?)), why });
    }
    if let Some((symbol, count)) = counts.most(ground, &counts.calling)? {
        let why = format!("it holds {}", some(count, "call"));
        suggestions
            .push(Suggestion { command: format!("magellan callees {}", quoted(&handle(ground, &symbol)?)), why });
    }
    if let Some(file) = files.iter().max_by(|a, b| (a.symbols, &b.path).cmp(&(b.symbols, &a.path))) {
        let why = format!("it defines {}", some(file.symbols, "symbol"));
        suggestions.push(Suggestion { command: format!("magellan outline {}", quoted(&file.path)), why });
    }
    if suggestions.len() < SUGGESTIONS_MAX {
        let why = "how far the answers can be trusted".to_owned();
        suggestions.push(Suggestion { command: "magellan status".to_owned(), why });
    }
    Ok(suggestions)
}

fn some(number: u32, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[derive(Default)]
struct Counts {
    called: FxHashMap<SymbolKey, u32>,
    calling: FxHashMap<SymbolKey, u32>,
}

impl Counts {
    fn of(snapshot: &dyn Snapshot, files: &[FileRow]) -> Result<Self> {
        let mut counts = Self::default();
        for file in files {
            for row in snapshot.occurrences(file.id)?.into_iter().filter(|row| row.role.is_call()) {
                if let Target::Resolved(key, _) = row.target {
                    *counts.called.entry(key).or_default() += 1;
                }
                if let Some(key) = row.symbol {
                    *counts.calling.entry(key).or_default() += 1;
                }
            }
        }
        Ok(counts)
    }

    /// The function with the highest count, the first in the tree among equals. Tests say little about a project
    /// and are passed over.
    fn most(&self, ground: &Ground<'_>, counts: &FxHashMap<SymbolKey, u32>) -> Result<Option<(SymbolRow, u32)>> {
        let mut ranked: Vec<(SymbolKey, u32)> = counts.iter().map(|(&key, &count)| (key, count)).collect();
        ranked.sort_by_key(|&(key, count)| (std::cmp::Reverse(count), key));
        for (key, count) in ranked.into_iter().take(100) {
            if let Some(symbol) = ground.snapshot.symbol(key)?.filter(is_worth_naming) {
                return Ok(Some((symbol, count)));
            }
        }
        Ok(None)
    }
}

fn is_worth_naming(symbol: &SymbolRow) -> bool {
    symbol.kind.is_callable()
        && !matches!(symbol.kind, SymbolKind::Closure | SymbolKind::Initializer)
        && !symbol.marks.has(Marks::TEST)
}

/// The shortest way to name exactly this symbol; a place is shown as seen from the root.
pub(super) fn handle(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<String> {
    let place = format!("{}:{}", ground.root.join(&symbol.path).display(), symbol.position.line);
    let shown = format!("{}:{}", symbol.path, symbol.position.line);
    for (name, shown) in
        [(&symbol.name, &symbol.name), (&symbol.qualified_name, &symbol.qualified_name), (&place, &shown)]
    {
        match (SymbolName { symbol: name.clone(), kind: None }).one(ground) {
            Ok(found) if found.key == symbol.key => return Ok(shown.clone()),
            Err(QueryError::Store(error)) => return Err(error.into()),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(symbol.id.to_string()[..ID_DIGITS].to_owned())
}

/// As a shell takes it.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./:#,@".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
