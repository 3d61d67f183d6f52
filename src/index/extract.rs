//! Reads and extracts files with many threads and packs the results for the store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::extract::{Extraction, Extractor};
use crate::lang::Language;
use crate::model::{
    ContentHash, FileFacts, LineIndex, Position, SkipReason, Skipped, SymbolId, scope_path, symbol_hashes,
};
use crate::store::{Change, FileContent, MetricsContent, Packer, StoreError, SymbolPlace, Texts};
use crate::walk::{self, Found};

use super::feed::{Feed, InOrder};
use super::metrics;
use super::plan::{Plan, Planned};
use super::reuse::{Known, Reuse};
use super::{IndexError, Progress};

/// Longest signature kept, in bytes; minified sources have no end.
const SIGNATURE_MAX: usize = 400;

/// What is needed of a file to link it.
pub(super) struct Linkable {
    pub(super) facts: Arc<FileFacts>,
    /// What else is known of a file that was read; none for others.
    pub(super) read: Option<Read>,
}

/// What is known of a file that was read, besides its facts.
pub(super) struct Read {
    pub(super) positions: Positions,
    /// Its metrics, as far as they do not depend on other files.
    pub(super) metrics: MetricsContent,
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
    /// Sent to the store with what was extracted from the same content before.
    Reused(Linkable),
    /// Left out.
    Skipped(Skipped),
}

/// Reads and extracts what `plan` says with `threads` threads; gives each file's number and fate, sorted.
pub(super) fn extract_all(
    plan: &Plan<'_>,
    reuse: &Reuse<'_, '_>,
    threads: usize,
    feed: &Feed<'_>,
    progress: &dyn Progress,
) -> Result<Vec<(usize, Fate)>, IndexError> {
    let order = plan.reading_order();
    let mut ranks = vec![0; plan.files.len()];
    let mut sorted = order.clone();
    sorted.sort_unstable();
    sorted.iter().enumerate().for_each(|(rank, &index)| ranks[index] = rank);
    let in_order = InOrder::new(feed);
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, Fate)>, IndexError> {
        let mut worker = Worker::new();
        let mut fates = Vec::new();
        while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            feed.check()?;
            let planned = &plan.files[index];
            let (fate, change) = worker.process(index, planned, reuse)?;
            in_order.send(ranks[index], change)?;
            fates.push((index, fate));
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
fn in_parallel<T: Send>(threads: usize, work: &(impl Fn() -> T + Sync)) -> Vec<T> {
    std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles
            .into_iter()
            .map(|handle| handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

pub(super) struct Worker {
    extractor: Extractor,
    packer: Option<Packer>,
}

impl Worker {
    pub(super) fn new() -> Self {
        Self { extractor: Extractor::new(), packer: None }
    }

    /// Reads and extracts file number `index`; gives its fate, and what is to be written.
    fn process(
        &mut self,
        index: usize,
        planned: &Planned<'_>,
        reuse: &Reuse<'_, '_>,
    ) -> Result<(Fate, Option<Change>), StoreError> {
        let skip = |(reason, detail)| {
            reuse.note(index, None);
            (Fate::Skipped(Skipped { path: planned.found.path.clone(), reason, detail }), None)
        };
        let text = match walk::read(planned.found) {
            Ok(text) => text,
            Err(why) => return Ok(skip(why)),
        };
        let hash = ContentHash::of(&text);
        if planned.is_stored(hash) {
            let is_new = planned.stored.as_ref().is_some_and(|row| row.stamp != planned.found.stamp);
            return Ok((Fate::Same, is_new.then_some(Change::Touch(planned.id, planned.found.stamp))));
        }
        let known = reuse.find(planned.found, hash)?;
        let fate = if known.is_some() { Fate::Reused } else { Fate::Extracted };
        let known = known.or_else(|| reuse.take_ahead(planned.found, hash));
        let made = known.map_or_else(|| self.make(planned.found, &text), Ok);
        let content = made.and_then(|made| self.content(planned, hash, &text, made));
        let (content, read) = match content {
            Ok(done) => done,
            Err(why) => return Ok(skip(why)),
        };
        reuse.note(index, Some(hash));
        let linkable = Linkable { facts: Arc::clone(&content.facts), read: Some(read) };
        Ok((fate(linkable), Some(Change::Put(Box::new(content)))))
    }

    /// What extraction makes of a text, or why it cannot.
    pub(super) fn make(&mut self, found: &Found, text: &[u8]) -> Result<Known, Failure> {
        let broken = || (SkipReason::Failed, "extraction broke down; please report this file".to_owned());
        let Extraction { facts, ast, functions } = self.extract(found, text).ok_or_else(broken)?;
        let packer = self.packer()?;
        Ok(Known {
            facts_packed: packer.facts(&facts).map_err(unpackable)?,
            ast_packed: packer.ast(&ast).map_err(unpackable)?,
            functions_packed: packer.functions(&functions).map_err(unpackable)?,
            facts,
            functions,
        })
    }

    /// What the file says; none if extraction panicked, which must not take the other files with it.
    fn extract(&mut self, found: &Found, text: &[u8]) -> Option<Extraction> {
        let extract = || self.extractor.extract(found.language, found.dialect, text);
        let extracted = catch_unwind(AssertUnwindSafe(extract));
        match extracted {
            Ok(extraction) => Some(extraction),
            Err(_) => {
                self.extractor = Extractor::new();
                None
            }
        }
    }

    fn packer(&mut self) -> Result<&mut Packer, Failure> {
        if self.packer.is_none() {
            self.packer = Some(Packer::new().map_err(unpackable)?);
        }
        Ok(self.packer.as_mut().expect("set above"))
    }

    /// Adds what depends on the path, or follows from text and facts.
    fn content(
        &mut self,
        planned: &Planned<'_>,
        hash: ContentHash,
        text: &[u8],
        made: Known,
    ) -> Result<(FileContent, Read), Failure> {
        let Known { facts, functions, facts_packed, ast_packed, functions_packed } = made;
        let lines = LineIndex::new(text);
        let positions = Positions::of(&lines, &facts);
        let metrics = metrics::of_file(&facts, &functions, &lines);
        let (facts, found) = (Arc::new(facts), planned.found);
        let content = FileContent {
            id: planned.id,
            path: found.path.clone(),
            language: found.language.name.into(),
            dialect: found.dialect.name.into(),
            separator: found.language.link.separator.into(),
            stamp: found.stamp,
            hash,
            text_packed: self.packer()?.text(text).map_err(unpackable)?,
            facts_packed,
            ast_packed,
            functions_packed,
            hashes: symbol_hashes(&found.path, &facts),
            places: places(&lines, &facts),
            scope_paths: scope_paths(found.language, &facts),
            signatures: signatures(text, &facts),
            facts,
        };
        Ok((content, Read { positions, metrics }))
    }
}

/// Why a file is left out.
type Failure = (SkipReason, String);

fn unpackable(error: std::io::Error) -> Failure {
    (SkipReason::Failed, format!("cannot be compressed: {error}"))
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
