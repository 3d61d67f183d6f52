//! Numbers about a callable, a file, or all files together, and how they are distributed over callables.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{FileMetrics, LineCounts, SymbolMetrics};
use crate::store::SymbolRow;

use super::pattern::{Paths, Subject};
use super::{Ground, QueryError, Result};

/// Of what.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A callable, a file, a folder or a glob as in `.gitignore`; the whole tree if not given
    #[arg(value_name = "SYMBOL|PATH")]
    pub of: Option<String>,
}

/// The numbers.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Reply {
    /// Of one callable.
    Symbol {
        /// The callable.
        symbol: Box<SymbolRow>,
        /// Its metrics.
        metrics: SymbolMetrics,
    },
    /// Of one file.
    File {
        /// Its path.
        path: String,
        /// Its metrics; none if they were not computed.
        metrics: Option<FileMetrics>,
        /// How the metrics of its callables are distributed.
        distribution: Vec<Spread>,
    },
    /// Of many files.
    Files {
        /// Sums over the files.
        totals: Totals,
        /// How the metrics of their callables are distributed.
        distribution: Vec<Spread>,
    },
}

/// Sums and maxima over files.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Totals {
    /// Files.
    pub files: u64,
    /// Files of which the metrics were not computed.
    pub unmeasured_files: u64,
    /// Definitions.
    pub symbols: u64,
    /// Callables that have a body.
    pub functions: u64,
    /// Lines by what stands on them.
    pub lines: LineCounts,
    /// Sum of the cyclomatic complexities.
    pub cyclomatic_total: u64,
    /// Greatest cyclomatic complexity.
    pub cyclomatic_max: u32,
    /// Sum of the cognitive complexities.
    pub cognitive_total: u64,
    /// Greatest cognitive complexity.
    pub cognitive_max: u32,
}

/// How one measure is distributed over callables. A percentile is the smallest value that so many per cent of them
/// do not exceed.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Spread {
    /// The measure.
    pub measure: &'static str,
    /// How many callables were measured.
    pub count: usize,
    /// Sum over all.
    pub total: u64,
    /// 50th percentile.
    pub median: u32,
    /// 90th percentile.
    pub p90: u32,
    /// 99th percentile.
    pub p99: u32,
    /// Greatest.
    pub max: u32,
}

/// A number of a callable.
pub(super) type Measure = (&'static str, fn(&SymbolMetrics) -> u32);

/// What is measured of a callable, in the order shown.
pub(super) const MEASURES: [Measure; 7] = [
    ("lines", |metrics| metrics.lines),
    ("parameters", |metrics| metrics.parameters),
    ("cyclomatic", |metrics| metrics.cyclomatic),
    ("cognitive", |metrics| metrics.cognitive),
    ("nesting", |metrics| metrics.nesting),
    ("fan_in", |metrics| metrics.fan_in),
    ("fan_out", |metrics| metrics.fan_out),
];

/// Reads and adds up.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let subject = Subject::of(ground, args.of.as_deref(), |paths| {
        Ok(!paths.files(ground)?.is_empty() || alone(ground, paths)?.is_some())
    })?;
    match subject {
        Subject::Symbol(symbol) => of_symbol(ground, symbol),
        Subject::Paths(paths) => match alone(ground, &paths)? {
            Some(path) => of_file(ground, path),
            None => of_files(ground, &paths),
        },
    }
}

/// The one file that is meant, indexed or only measured.
fn alone(ground: &Ground<'_>, paths: &Paths) -> Result<Option<String>> {
    let Paths::Below(path) = paths else { return Ok(None) };
    let is_file = ground.snapshot.file(path)?.is_some() || ground.snapshot.file_metrics(path)?.is_some();
    Ok(is_file.then(|| path.clone()))
}

fn of_symbol(ground: &Ground<'_>, symbol: Box<SymbolRow>) -> Result<Reply> {
    let all = ground.snapshot.symbol_metrics(symbol.key.file)?;
    match all.into_iter().find(|metrics| metrics.symbol == symbol.key.symbol) {
        Some(metrics) => Ok(Reply::Symbol { symbol, metrics }),
        None => Err(QueryError::NoBody { kind: symbol.kind.word(), name: symbol.qualified_name }),
    }
}

fn of_file(ground: &Ground<'_>, path: String) -> Result<Reply> {
    let metrics = ground.snapshot.file_metrics(&path)?;
    let callables = match ground.snapshot.file(&path)? {
        Some(file) => ground.snapshot.symbol_metrics(file.id)?,
        None => Vec::new(),
    };
    Ok(Reply::File { path, metrics, distribution: distribution(&callables) })
}

fn of_files(ground: &Ground<'_>, paths: &Paths) -> Result<Reply> {
    let mut totals = Totals::default();
    let mut callables = Vec::new();
    let measured = ground.snapshot.all_file_metrics()?;
    for file in paths.files(ground)? {
        totals.files += 1;
        match measured.binary_search_by(|(path, _)| path.cmp(&file.path)) {
            Ok(index) => totals.add(&measured[index].1),
            Err(_) => totals.unmeasured_files += 1,
        }
        callables.extend(ground.snapshot.symbol_metrics(file.id)?);
    }
    Ok(Reply::Files { totals, distribution: distribution(&callables) })
}

impl Totals {
    fn add(&mut self, file: &FileMetrics) {
        self.symbols += u64::from(file.symbols);
        self.functions += u64::from(file.functions);
        self.lines.code += file.lines.code;
        self.lines.comment += file.lines.comment;
        self.lines.blank += file.lines.blank;
        self.cyclomatic_total += u64::from(file.cyclomatic_total);
        self.cyclomatic_max = self.cyclomatic_max.max(file.cyclomatic_max);
        self.cognitive_total += u64::from(file.cognitive_total);
        self.cognitive_max = self.cognitive_max.max(file.cognitive_max);
    }
}

/// Empty if there is no callable.
fn distribution(callables: &[SymbolMetrics]) -> Vec<Spread> {
    if callables.is_empty() {
        return Vec::new();
    }
    MEASURES.iter().map(|(measure, value)| spread(measure, callables.iter().map(value).collect())).collect()
}

fn spread(measure: &'static str, mut values: Vec<u32>) -> Spread {
    values.sort_unstable();
    let count = values.len();
    let percentile = |percent: usize| values[(count * percent).div_ceil(100).max(1) - 1];
    Spread {
        measure,
        count,
        total: values.iter().map(|&value| u64::from(value)).sum(),
        median: percentile(50),
        p90: percentile(90),
        p99: percentile(99),
        max: percentile(100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occur() {
        let spread = spread("lines", (1..=200).rev().collect());
        assert_eq!((spread.median, spread.p90, spread.p99, spread.max), (100, 180, 198, 200));
        assert_eq!((spread.count, spread.total), (200, 20_100));
        let one = super::spread("lines", vec![7]);
        assert_eq!((one.median, one.p90, one.p99, one.max), (7, 7, 7, 7));
    }
}
