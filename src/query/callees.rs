//! What a symbol calls. Every call site inside it is named with its outcome, also those that lead outside the
//! tree or could not be settled.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{SymbolKind, Tally};
use crate::store::{OccurrenceRow, SymbolKey, SymbolRow, Target};

use super::why::why;
use super::{Brief, Ground, List, Result, Site, SymbolName};

/// Which symbol.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The symbol whose calls are listed.
    #[command(flatten)]
    pub name: SymbolName,
    /// Tell for each site the steps that led to its outcome
    #[arg(long)]
    pub why: bool,
}

/// The call sites inside a symbol.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol.
    pub symbol: SymbolRow,
    /// Whether the targets of every call site are known.
    pub complete: bool,
    /// The call sites by outcome.
    pub calls: Tally,
    /// The call sites in source order, closures included, other functions defined inside not. For types and
    /// modules: those of everything inside.
    pub sites: List<Callee>,
}

/// A call site or other use and what it can reach.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Callee {
    /// The call site.
    #[serde(flatten)]
    pub site: Site,
    /// The definitions it can reach.
    pub targets: Vec<Brief>,
}

/// Finds the callees.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let symbol = args.name.one(ground)?;
    let sites = sites(ground, &symbol)?;
    let calls = tally(&sites);
    let total = sites.len();
    let shown = &sites[..total.min(ground.limit)];
    let mut items = shown.iter().map(|row| callee(ground, row)).collect::<Result<Vec<_>>>()?;
    if args.why {
        for (item, steps) in items.iter_mut().zip(why(ground, shown)?) {
            item.site.why = steps;
        }
    }
    Ok(Reply { complete: calls.unknown == 0, calls, sites: List { total, items }, symbol })
}

/// The call sites inside a symbol.
pub(super) fn sites(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Vec<OccurrenceRow>> {
    let inside = inside(ground, symbol)?;
    let mut sites = ground.snapshot.occurrences(symbol.key.file)?;
    sites.retain(|row| row.role.is_call() && row.symbol.is_some_and(|key| inside.contains(&key)));
    Ok(sites)
}

/// The symbol and what counts as its own inside. A parent comes before its children.
fn inside(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<BTreeSet<SymbolKey>> {
    let mut inside = BTreeSet::from([symbol.key]);
    for row in ground.snapshot.symbols(symbol.key.file)? {
        let own = !symbol.kind.is_callable() || !row.kind.is_callable() || row.kind == SymbolKind::Closure;
        if own && row.parent.is_some_and(|parent| inside.contains(&parent)) {
            inside.insert(row.key);
        }
    }
    Ok(inside)
}

/// Counts sites by outcome.
pub(super) fn tally<'a>(sites: impl IntoIterator<Item = &'a OccurrenceRow>) -> Tally {
    let mut tally = Tally::default();
    for row in sites {
        match row.target {
            Target::Resolved(..) | Target::File(..) => tally.resolved += 1,
            Target::Candidates(..) => tally.candidates += 1,
            Target::External(..) => tally.external += 1,
            Target::Unknown(_) => tally.unknown += 1,
        }
    }
    tally
}

/// A call site with the definitions it can reach.
pub(super) fn callee(ground: &Ground<'_>, row: &OccurrenceRow) -> Result<Callee> {
    let keys = match &row.target {
        Target::Resolved(key, _) => std::slice::from_ref(key),
        Target::Candidates(keys, _) => keys,
        Target::File(..) | Target::External(..) | Target::Unknown(_) => &[],
    };
    let mut targets = Vec::new();
    for &key in keys {
        targets.extend(ground.snapshot.symbol(key)?.as_ref().map(Brief::from));
    }
    Ok(Callee { site: Site::from(row), targets })
}
