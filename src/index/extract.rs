//! Reads and extracts files with many threads and packs the results for the store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::extract::Extractor;
use crate::lang::Language;
use crate::model::{
    ContentHash, FileFacts, LineIndex, Position, SkipReason, Skipped, SymbolId, scope_path, symbol_hashes,
};
use crate::store::{Change, FileContent, Packer, SymbolPlace, Texts};
use crate::walk;

use super::feed::Feed;
use super::plan::{Plan, Planned};
use super::{IndexError, Progress};

/// Longest signature kept, in bytes; minified sources have no end.
const SIGNATURE_MAX: usize = 400;

/// What is needed of a file to link it.
pub(super) struct Linkable {
    pub(super) facts: Arc<FileFacts>,
    /// Positions of occurrences and imports; none for a file that was not read.
    pub(super) positions: Option<Positions>,
}

/// Positions of what links are about.
pub(super) struct Positions {
    pub(super) occurrences: Vec<Position>,
    pub(super) imports: Vec<Position>,
}

/// What became of a file that was to be read.
pub(super) enum Fate {
    /// The content is what is stored.
    Same,
    /// Extracted and sent to the store.
    Extracted(Linkable),
    /// Left out.
    Skipped(Skipped),
}

/// Reads and extracts what `plan` says with `threads` threads; gives each file's number and fate, sorted.
pub(super) fn extract_all(
    plan: &Plan<'_>,
    threads: usize,
    feed: &Feed<'_>,
    progress: &dyn Progress,
) -> Result<Vec<(usize, Fate)>, IndexError> {
    let order = plan.reading_order();
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, Fate)>, IndexError> {
        let mut worker = Worker::new();
        let mut fates = Vec::new();
        while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            feed.check()?;
            let planned = &plan.files[index];
            fates.push((index, worker.process(planned, feed)?));
            progress.advance(planned.found.stamp.size);
        }
        Ok(fates)
    };
    let mut fates = Vec::with_capacity(order.len());
    for part in in_parallel(threads.min(order.len()), &work) {
        fates.extend(part?);
    }
    fates.sort_unstable_by_key(|(index, _)| *index);
    Ok(fates)
}

/// Runs `work` in `threads` threads and gives their results.
pub(super) fn in_parallel<T: Send>(threads: usize, work: &(impl Fn() -> T + Sync)) -> Vec<T> {
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

struct Worker {
    extractor: Extractor,
    packer: Option<Packer>,
}

impl Worker {
    fn new() -> Self {
        Self { extractor: Extractor::new(), packer: None }
    }

    fn process(&mut self, planned: &Planned<'_>, feed: &Feed<'_>) -> Result<Fate, IndexError> {
        let skip = |reason, detail| Ok(Fate::Skipped(Skipped { path: planned.found.path.clone(), reason, detail }));
        let text = match walk::read(planned.found) {
            Ok(text) => text,
            Err((reason, detail)) => return skip(reason, detail),
        };
        let hash = ContentHash::of(&text);
        if planned.is_stored(hash) {
            if planned.stored.as_ref().is_some_and(|row| row.stamp != planned.found.stamp) {
                feed.send(Change::Touch(planned.id, planned.found.stamp))?;
            }
            return Ok(Fate::Same);
        }
        let Some(facts) = self.facts(planned, &text) else {
            return skip(SkipReason::Failed, "extraction broke down; please report this file".into());
        };
        match self.pack(planned, hash, &text, &facts) {
            Ok(content) => feed.send(Change::Put(Box::new(content)))?,
            Err(error) => return skip(SkipReason::Failed, format!("cannot be compressed: {error}")),
        }
        let positions = Some(Positions::of(&LineIndex::new(&text), &facts));
        Ok(Fate::Extracted(Linkable { facts, positions }))
    }

    /// The facts; none if extraction panicked, which must not take the other files with it.
    fn facts(&mut self, planned: &Planned<'_>, text: &[u8]) -> Option<Arc<FileFacts>> {
        let (language, dialect) = (planned.found.language, planned.found.dialect);
        let extracted = catch_unwind(AssertUnwindSafe(|| self.extractor.extract(language, dialect, text).facts));
        match extracted {
            Ok(facts) => Some(Arc::new(facts)),
            Err(_) => {
                self.extractor = Extractor::new();
                None
            }
        }
    }

    fn pack(
        &mut self,
        planned: &Planned<'_>,
        hash: ContentHash,
        text: &[u8],
        facts: &Arc<FileFacts>,
    ) -> std::io::Result<FileContent> {
        if self.packer.is_none() {
            self.packer = Some(Packer::new()?);
        }
        let packer = self.packer.as_mut().expect("set above");
        let found = planned.found;
        Ok(FileContent {
            id: planned.id,
            path: found.path.clone(),
            language: found.language.name,
            dialect: found.dialect.name,
            separator: found.language.link.separator,
            stamp: found.stamp,
            hash,
            text_packed: packer.text(text)?,
            facts_packed: packer.facts(facts)?,
            hashes: symbol_hashes(&found.path, facts),
            places: places(&LineIndex::new(text), facts),
            scope_paths: scope_paths(found.language, facts),
            signatures: signatures(text, facts),
            facts: Arc::clone(facts),
        })
    }
}

impl Positions {
    /// The positions in a file with these lines.
    pub(super) fn of(lines: &LineIndex, facts: &FileFacts) -> Self {
        Self {
            occurrences: facts.occurrences.iter().map(|occurrence| lines.position(occurrence.span.start)).collect(),
            imports: facts.imports.iter().map(|import| lines.position(import.span.start)).collect(),
        }
    }
}

fn places(lines: &LineIndex, facts: &FileFacts) -> Vec<SymbolPlace> {
    let place = |symbol: &crate::model::Symbol| SymbolPlace {
        position: lines.position(symbol.name_span.start),
        start_line: lines.position(symbol.span.start).line,
        end_line: lines.position(symbol.span.end.saturating_sub(1).max(symbol.span.start)).line,
    };
    facts.symbols.iter().map(place).collect()
}

fn scope_paths(language: &Language, facts: &FileFacts) -> Texts {
    let mut paths = Texts::default();
    for index in 0..facts.symbols.len() {
        paths.push(&scope_path(facts, SymbolId(index as u32), language.link.separator));
    }
    paths
}

/// The signatures on one line each, cut where they get too long.
fn signatures(text: &[u8], facts: &FileFacts) -> Texts {
    let mut signatures = Texts::default();
    let mut line = String::new();
    for symbol in &facts.symbols {
        line.clear();
        let source = symbol.signature.slice(text);
        let source = &source[..source.len().min(2 * SIGNATURE_MAX)];
        for word in String::from_utf8_lossy(source).split_whitespace() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if line.len() > SIGNATURE_MAX {
            let end = (0..=SIGNATURE_MAX).rev().find(|&end| line.is_char_boundary(end)).unwrap_or(0);
            line.truncate(end);
            line.push('…');
        }
        signatures.push(&line);
    }
    signatures
}
