//! Metrics of files and callables: what a file says by itself, and who calls whom once everything is linked.

use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::model::{ContentHash, FileFacts, FileLinks, FileMetrics, Function, LineIndex, Outcome, Role, SymbolMetrics};
use crate::store::{FileEdges, FileId, MetricsContent};

/// Stands for the code of a file outside of all definitions.
const TOP_LEVEL: u32 = u32::MAX;
/// Marks the number in the database of a file that is gone.
const GONE: u32 = 1 << 31;

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

/// Collects resolved calls while files are linked, in any order: those that are, and those that were before.
#[derive(Default)]
pub(super) struct Calls {
    found: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    /// What is called, and from where.
    now: Vec<(Place, Place)>,
    /// The same of the files that were linked again or are gone, by their numbers in the database.
    before: Vec<(Place, Place)>,
    /// The files that were linked.
    linked: Vec<u32>,
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
        let found = &mut *self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.now.append(&mut pairs);
        found.linked.push(file);
    }

    /// Takes the calls that a file had before.
    pub(super) fn take_back(&self, edges: &FileEdges) {
        let calls = edges.uses.iter().filter(|edge| edge.role == Role::Call && edge.is_certain);
        let pairs = calls.map(|edge| {
            let from = edge.from.map_or(TOP_LEVEL, |symbol| symbol.0);
            ((edge.to.file.0, edge.to.symbol.0), (edges.file.0, from))
        });
        self.found.lock().unwrap_or_else(PoisonError::into_inner).before.extend(pairs);
    }

    /// Counts what was collected for `files` files: for each file that was linked or is called otherwise than before,
    /// by number. `numbers` are the numbers of files in this run by those in the database.
    pub(super) fn count(self, files: usize, numbers: &FxHashMap<FileId, u32>) -> Vec<(u32, FileCalls)> {
        let Found { now, before, linked } = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut counts: Vec<Option<FileCalls>> = (0..files).map(|_| None).collect();
        for &file in &linked {
            counts[file as usize] = Some(FileCalls { is_linked: true, ..FileCalls::default() });
        }
        let number = |file: u32| numbers.get(&FileId(file)).copied();
        let before = before.into_iter().filter_map(|(called, caller)| {
            // A caller that is gone only needs a number that no other file has.
            let from = number(caller.0).unwrap_or(GONE | caller.0);
            Some(((number(called.0)?, called.1), (from, caller.1)))
        });
        add(&mut counts, before.collect(), -1);
        add(&mut counts, now, 1);
        let counts = (0u32..).zip(counts).filter_map(|(file, counts)| Some((file, counts?)));
        counts.filter(|(_, counts)| counts.is_linked || !counts.is_nothing()).collect()
    }
}

/// Adds calls to the counts, or takes them away.
fn add(counts: &mut [Option<FileCalls>], mut pairs: Vec<(Place, Place)>, sign: i64) {
    pairs.retain(|(called, caller)| called != caller);
    pairs.sort_unstable();
    pairs.dedup();
    for callers in pairs.chunk_by(|a, b| a.0 == b.0) {
        let (file, symbol) = callers[0].0;
        let counts = counts[file as usize].get_or_insert_default();
        let called = if sign < 0 { &mut counts.no_longer } else { &mut counts.called };
        called.insert(symbol, callers.len() as u32);
    }
    let mut between: Vec<(u32, u32)> = pairs.iter().map(|(called, caller)| (called.0, caller.0)).collect();
    between.retain(|(called, caller)| called != caller);
    between.sort_unstable();
    between.dedup();
    for &(called, _) in &between {
        counts[called as usize].get_or_insert_default().fan_in += sign;
    }
    if sign < 0 {
        return;
    }
    for (_, caller) in between {
        counts[caller as usize].get_or_insert_default().fan_out += 1;
    }
    pairs.sort_unstable_by_key(|(called, caller)| (*caller, *called));
    for called in pairs.chunk_by(|a, b| a.1 == b.1) {
        let (file, symbol) = called[0].1;
        if symbol != TOP_LEVEL {
            counts[file as usize].get_or_insert_default().calling.insert(symbol, called.len() as u32);
        }
    }
}

/// Who calls whom, as far as one file is concerned.
#[derive(Default)]
pub(super) struct FileCalls {
    /// Whether the file was linked, so that what it calls is all here.
    is_linked: bool,
    /// How many of the callers looked at call its definitions.
    called: FxHashMap<u32, u32>,
    /// How many of them called its definitions before, by their numbers then.
    no_longer: FxHashMap<u32, u32>,
    /// How many definitions its definitions call.
    calling: FxHashMap<u32, u32>,
    /// How many more files call it.
    fan_in: i64,
    /// How many files it calls.
    fan_out: u32,
}

impl FileCalls {
    fn is_nothing(&self) -> bool {
        self.fan_in == 0 && self.called == self.no_longer
    }

    /// Fills in the counts; `before` has those from before, if there was a before.
    pub(super) fn fill(&self, content: &mut MetricsContent, before: Option<&MetricsContent>) {
        let fan_in = i64::from(before.map_or(0, |before| before.file.fan_in)) + self.fan_in;
        content.file.fan_in = u32::try_from(fan_in).unwrap_or_default();
        if self.is_linked {
            content.file.fan_out = self.fan_out;
        }
        let before = before.map_or(&[][..], |before| &before.symbols);
        for row in &mut content.symbols {
            let count = |counts: &FxHashMap<u32, u32>| counts.get(&row.symbol.0).copied().unwrap_or_default();
            let known = before.binary_search_by_key(&row.symbol, |row| row.symbol).map(|index| before[index].fan_in);
            // Definitions get other numbers only where all their callers are looked at.
            row.fan_in = known.map_or(0, |known| known.saturating_sub(count(&self.no_longer))) + count(&self.called);
            if self.is_linked {
                row.fan_out = count(&self.calling);
            }
        }
        content.hash = hash(content);
    }
}

/// Hash of the numbers that depend on other files.
fn hash(content: &MetricsContent) -> ContentHash {
    let mut bytes = Vec::with_capacity(content.symbols.len() * 12 + 8);
    let totals = [content.file.fan_in, content.file.fan_out].into_iter();
    let rows = content.symbols.iter().flat_map(|row| [row.symbol.0, row.fan_in, row.fan_out]);
    totals.chain(rows).for_each(|number| bytes.extend(number.to_le_bytes()));
    ContentHash::of(&bytes)
}
