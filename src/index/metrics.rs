//! Metrics of files and callables: what a file says by itself, and who calls whom once everything is linked.

use std::sync::{Mutex, PoisonError};

use crate::model::{
    ContentHash, FileFacts, FileLinks, FileMetrics, Function, LineIndex, Outcome, Role, SymbolId, SymbolMetrics,
};
use crate::store::MetricsContent;

/// Stands for the code of a file outside of all definitions.
const TOP_LEVEL: u32 = u32::MAX;

/// What a file says by itself; what comes from calls is filled in by [`Calls`].
pub(super) fn of_file(facts: &FileFacts, functions: &[Function], lines: &LineIndex) -> MetricsContent {
    let line_of = |byte: u32| lines.position(byte).line;
    let symbols: Vec<SymbolMetrics> = functions
        .iter()
        .map(|function| {
            let span = facts.symbol(function.symbol).span;
            SymbolMetrics {
                symbol: function.symbol,
                lines: line_of(span.end.saturating_sub(1).max(span.start)) - line_of(span.start) + 1,
                parameters: facts.parameters_of(function.symbol).len() as u32,
                cyclomatic: function.complexity.cyclomatic,
                cognitive: function.complexity.cognitive,
                nesting: function.complexity.nesting,
                fan_in: 0,
                fan_out: 0,
            }
        })
        .collect();
    let file = FileMetrics {
        symbols: facts.symbols.len() as u32,
        functions: symbols.len() as u32,
        lines: facts.lines,
        fan_in: 0,
        fan_out: 0,
        cyclomatic_total: symbols.iter().map(|row| row.cyclomatic).sum(),
        cyclomatic_max: symbols.iter().map(|row| row.cyclomatic).max().unwrap_or(0),
        cognitive_total: symbols.iter().map(|row| row.cognitive).sum(),
        cognitive_max: symbols.iter().map(|row| row.cognitive).max().unwrap_or(0),
    };
    MetricsContent { file, symbols, hash: ContentHash::default() }
}

/// A definition, or the top level of a file, by the file's number in the link run.
type Place = (u32, u32);

/// Collects resolved calls while files are linked, in any order.
#[derive(Default)]
pub(super) struct Calls {
    /// What is called, and from where.
    pairs: Mutex<Vec<(Place, Place)>>,
}

impl Calls {
    /// Takes the calls of one file, its links still numbered as in the link run.
    pub(super) fn add(&self, file: u32, facts: &FileFacts, links: &FileLinks) {
        let mut pairs: Vec<(Place, Place)> = Vec::new();
        for (occurrence, outcome) in facts.occurrences.iter().zip(&links.outcomes) {
            if let (Role::Call, Outcome::Resolved(to, _)) = (occurrence.role, outcome) {
                let from = occurrence.symbol.map_or(TOP_LEVEL, |symbol| symbol.0);
                pairs.push(((to.file, to.symbol.0), (file, from)));
            }
        }
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner).append(&mut pairs);
    }

    /// Counts what was collected for `files` files.
    pub(super) fn count(self, files: usize) -> Vec<FileCalls> {
        let mut pairs = self.pairs.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut counts: Vec<FileCalls> = (0..files).map(|_| FileCalls::default()).collect();
        pairs.retain(|(called, caller)| called != caller);
        pairs.sort_unstable();
        pairs.dedup();
        for callers in pairs.chunk_by(|a, b| a.0 == b.0) {
            let (file, symbol) = callers[0].0;
            counts[file as usize].symbols.push((symbol, callers.len() as u32, 0));
        }
        let mut between: Vec<(u32, u32)> = pairs.iter().map(|(called, caller)| (called.0, caller.0)).collect();
        between.retain(|(called, caller)| called != caller);
        between.sort_unstable();
        between.dedup();
        for (called, caller) in between {
            counts[called as usize].fan_in += 1;
            counts[caller as usize].fan_out += 1;
        }
        pairs.sort_unstable_by_key(|(called, caller)| (*caller, *called));
        for called in pairs.chunk_by(|a, b| a.1 == b.1) {
            let (file, symbol) = called[0].1;
            if symbol != TOP_LEVEL {
                counts[file as usize].symbols.push((symbol, 0, called.len() as u32));
            }
        }
        counts.iter_mut().for_each(FileCalls::join);
        counts
    }
}

/// Who calls whom, as far as one file is concerned.
#[derive(Default)]
pub(super) struct FileCalls {
    /// Fan-in and fan-out of its definitions, sorted; those without any are left out.
    symbols: Vec<(u32, u32, u32)>,
    fan_in: u32,
    fan_out: u32,
}

impl FileCalls {
    /// Joins the two rows that a definition may have by now.
    fn join(&mut self) {
        self.symbols.sort_unstable_by_key(|(symbol, ..)| *symbol);
        self.symbols.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                *kept = (kept.0, kept.1 + next.1, kept.2 + next.2);
            }
            same
        });
    }

    /// Hash of all counts: metrics of a file that did not change are written again only if it differs.
    pub(super) fn hash(&self) -> ContentHash {
        let mut bytes = Vec::with_capacity(self.symbols.len() * 12 + 8);
        let totals = [self.fan_in, self.fan_out].into_iter();
        let numbers = self.symbols.iter().flat_map(|&(symbol, fan_in, fan_out)| [symbol, fan_in, fan_out]);
        totals.chain(numbers).for_each(|number| bytes.extend(number.to_le_bytes()));
        ContentHash::of(&bytes)
    }

    /// Fills in the counts.
    pub(super) fn fill(&self, content: &mut MetricsContent) {
        (content.file.fan_in, content.file.fan_out) = (self.fan_in, self.fan_out);
        for row in &mut content.symbols {
            (row.fan_in, row.fan_out) = self.of(row.symbol);
        }
        content.hash = self.hash();
    }

    fn of(&self, symbol: SymbolId) -> (u32, u32) {
        let found = self.symbols.binary_search_by_key(&symbol.0, |(symbol, ..)| *symbol);
        found.map_or((0, 0), |index| (self.symbols[index].1, self.symbols[index].2))
    }
}
