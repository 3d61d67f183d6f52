//! Callables ranked by what makes them hard or dangerous to change.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{SymbolKind, SymbolMetrics};
use crate::store::SymbolKey;

use super::{Brief, Ground, List, Result, pattern};

/// Ranked by what, and which.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A file, a folder or a glob as in `.gitignore`; the whole tree if not given
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// The measure to rank by
    #[arg(long, value_name = "MEASURE", default_value = "score")]
    pub by: By,
    /// Only callables of this kind: function, method, constructor, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
}

/// What callables are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Complexity weighted by use: (cyclomatic + cognitive) x (1 + log2(1 + fan-in), rounded down)
    Score,
    /// Cyclomatic complexity
    Cyclomatic,
    /// Cognitive complexity
    Cognitive,
    /// How many definitions call it
    FanIn,
    /// Lines of the definition
    Lines,
    /// Depth of nested control structures
    Nesting,
}

/// The ranking.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What it is by.
    pub by: By,
    /// Greatest first; equal ones by path and position.
    pub hotspots: List<Hotspot>,
}

/// A callable in a ranking.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Hotspot {
    /// The callable.
    #[serde(flatten)]
    pub symbol: Brief,
    /// Its score, whatever the ranking is by.
    pub score: u64,
    /// Its metrics.
    pub metrics: SymbolMetrics,
}

/// Ranks callables.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let mut ranked = Vec::new();
    for file in pattern::some_files(ground, args.path.as_deref())? {
        let mut measured = ground.snapshot.symbol_metrics(file.id)?;
        if let Some(kind) = args.kind
            && !measured.is_empty()
        {
            let symbols = ground.snapshot.symbols(file.id)?;
            let is_wanted =
                |metrics: &SymbolMetrics| symbols.get(metrics.symbol.0 as usize).is_some_and(|row| row.kind == kind);
            measured.retain(is_wanted);
        }
        ranked.extend(measured.into_iter().map(|metrics| (file.id, metrics)));
    }
    // Files come by path and callables by position; a stable sort keeps that among equals.
    ranked.sort_by_key(|(_, metrics)| Reverse(args.by.value(metrics)));
    let total = ranked.len();
    let mut items = Vec::new();
    for (file, metrics) in ranked.into_iter().take(ground.limit) {
        let row = ground.snapshot.symbol(SymbolKey { file, symbol: metrics.symbol })?;
        items.extend(row.map(|row| Hotspot { symbol: Brief::from(&row), score: score(&metrics), metrics }));
    }
    Ok(Reply { by: args.by, hotspots: List { total, items } })
}

impl By {
    fn value(self, metrics: &SymbolMetrics) -> u64 {
        match self {
            Self::Score => score(metrics),
            Self::Cyclomatic => u64::from(metrics.cyclomatic),
            Self::Cognitive => u64::from(metrics.cognitive),
            Self::FanIn => u64::from(metrics.fan_in),
            Self::Lines => u64::from(metrics.lines),
            Self::Nesting => u64::from(metrics.nesting),
        }
    }
}

/// What is hard to follow is worse where more depends on it; the logarithm keeps small helpers that everyone calls
/// from the top.
fn score(metrics: &SymbolMetrics) -> u64 {
    let complexity = u64::from(metrics.cyclomatic) + u64::from(metrics.cognitive);
    complexity * (1 + u64::from((u64::from(metrics.fan_in) + 1).ilog2()))
}
