//! One run: producers in their own threads, the writer in this one.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rustc_hash::FxHashSet;

use crate::lang::{self, Manifest};
use crate::model::{FileFacts, Skipped};
use crate::store::{
    Change, FileRow, Part, Snapshot, Store, StoreError, unpack_all_facts, unpack_declared_facts, unpack_facts,
};
use crate::walk::Tree;

use super::extract::{Fate, Linkable, extract_all};
use super::feed::{Changes, Feed};
use super::kept::Kept;
use super::plan::{INDEXED_NS, MANIFEST_TEXTS, MANIFESTS, Plan, Planned, ROOT, VERSION, manifest_texts};
use super::relink::{Input, Relinked, Run, damaged, relink};
use super::reuse::Reuse;
use super::{FileCounts, IndexError, IndexOptions, IndexReport, Phase, PhaseTimes, Progress, milliseconds, since_1970};

/// Changes that may wait for the writer; bounds memory.
const WAITING_MAX: usize = 64;

/// Rows written by a run, for its execution record.
#[derive(Clone, Copy, Default)]
pub(super) struct Written {
    pub(super) files: u64,
    pub(super) symbols: u64,
    pub(super) occurrences: u64,
    pub(super) links: u64,
}

/// Brings `store` up to date, all or nothing.
pub(super) fn run(
    options: &IndexOptions,
    tree: &Tree,
    store: &dyn Store,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<(IndexReport, Written), IndexError> {
    let before = match store.snapshot() {
        Ok(before) => Some(before),
        Err(StoreError::Missing(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let plan = match &before {
        Some(before) if !options.full => Plan::incremental(tree, &**before)?,
        _ => Plan::fresh(tree),
    };
    let fresh = plan.fresh;
    let (sender, receiver) = sync_channel(WAITING_MAX);
    let feed = Feed::new(sender, cancel);
    let threads = threads(options.threads);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let producer = scope.spawn(move || {
            let before = before.filter(|_| !plan.fresh).map(Mutex::new);
            let production = Production { options, tree, plan: &plan, before: before.as_ref(), threads, progress };
            let produced = production.produce(&feed).and_then(|produced| feed.end().map(|()| produced));
            if produced.is_err() {
                feed.abort("interrupted");
            }
            progress.phase(Phase::Write, 0);
            produced
        });
        let written = write(store, fresh, Changes::new(receiver));
        let produced = producer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        conclude(produced, written, started)
    })
}

/// Applies what comes, if anything comes.
fn write(store: &dyn Store, fresh: bool, mut changes: Changes) -> Result<(), StoreError> {
    let Some(first) = changes.next() else { return Ok(()) };
    let mut changes = std::iter::once(first).chain(changes);
    if fresh { store.load(&mut changes) } else { store.apply(&mut changes) }
}

/// The error to tell, or the report. Where both sides failed, one only gave up because of the other.
fn conclude(
    produced: Result<(IndexReport, Written, Instant), IndexError>,
    written: Result<(), StoreError>,
    started: Instant,
) -> Result<(IndexReport, Written), IndexError> {
    match (produced, written) {
        (Err(error), Err(StoreError::Aborted(_)) | Ok(())) => Err(error),
        (_, Err(error)) => Err(error.into()),
        (Ok((mut report, written, produced_at)), Ok(())) => {
            report.milliseconds.write = milliseconds(produced_at.elapsed());
            report.milliseconds.total = milliseconds(started.elapsed());
            Ok((report, written))
        }
    }
}

/// The number of threads to use.
pub(super) fn threads(wanted: usize) -> usize {
    match wanted {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        wanted => wanted,
    }
}

struct Production<'a, 't, 's> {
    options: &'a IndexOptions,
    tree: &'t Tree,
    plan: &'a Plan<'t>,
    before: Option<&'a Mutex<Box<dyn Snapshot + 's>>>,
    threads: usize,
    progress: &'a dyn Progress,
}

impl Production<'_, '_, '_> {
    /// Sends all changes to `feed`.
    fn produce(&self, feed: &Feed<'_>) -> Result<(IndexReport, Written, Instant), IndexError> {
        let start = Instant::now();
        let indexed_ns = since_1970().as_nanos();
        for row in &self.plan.removed {
            feed.send(Change::Remove(row.id))?;
        }
        let reading = self.plan.files.iter().filter(|file| file.read).map(|file| file.found.stamp.size);
        let bytes_read = reading.sum();
        self.progress.phase(Phase::Extract, bytes_read);
        let reuse = Reuse::new(self.plan, self.before, self.options.kept.as_deref())?;
        let fates = extract_all(self.plan, &reuse, self.threads, feed, self.progress)?;
        feed.check()?;
        reuse.settle(self.plan, self.options.cache_bytes_max, feed)?;
        let mut tally = Tally::new(self.plan, &self.tree.skipped, fates);
        self.send_removals(&tally, feed)?;
        let extracted_at = Instant::now();
        let relinked = if tally.is_link_needed(self.plan) { self.link(&mut tally, feed)? } else { Relinked::default() };
        feed.check()?;
        self.send_bookkeeping(&tally, indexed_ns, feed)?;
        let now = Instant::now();
        let times = PhaseTimes {
            extract: milliseconds(extracted_at - start),
            link: milliseconds(now - extracted_at),
            ..PhaseTimes::default()
        };
        let files = FileCounts { linked: relinked.linked, relinked: relinked.files, ..tally.counts };
        let written = Written { links: relinked.links, ..tally.written };
        let report =
            IndexReport { files, bytes_read, skipped: tally.skipped, milliseconds: times, ..IndexReport::default() };
        Ok((report, written, now))
    }

    /// Stored files that can no longer be indexed go.
    fn send_removals(&self, tally: &Tally, feed: &Feed<'_>) -> Result<(), IndexError> {
        for &index in &tally.lost {
            feed.send(Change::Remove(self.plan.files[index].id))?;
        }
        Ok(())
    }

    fn link(&self, tally: &mut Tally, feed: &Feed<'_>) -> Result<Relinked, IndexError> {
        let lost = tally.lost.iter().filter_map(|&index| self.plan.files[index].stored.as_ref());
        let gone: Vec<&FileRow> = self.plan.removed.iter().chain(lost).collect();
        let families = self.families(tally, &gone);
        tally.unchanged.retain(|&index| families.contains(self.plan.files[index].found.language.link.family));
        self.progress.phase(Phase::Link, (tally.unchanged.len() as u64) + tally.counts.added + tally.counts.changed);
        self.load_facts(tally)?;
        let take = |(index, linkable): (usize, Option<Linkable>)| {
            let planned = &self.plan.files[index];
            linkable.map(|linkable| Input { planned, linkable })
        };
        let inputs: Vec<_> = std::mem::take(&mut tally.linkables).into_iter().enumerate().filter_map(take).collect();
        if let Some(kept) = self.kept() {
            kept.keep(&inputs);
        }
        let run = Run {
            manifests: &self.tree.manifests,
            threads: self.threads,
            before: self.before,
            gone: &gone,
            manifests_before: self.manifests_before(),
        };
        relink(&inputs, &run, feed, self.progress)
    }

    /// The families of languages in which something changed: no link leads from one to another.
    fn families(&self, tally: &Tally, gone: &[&FileRow]) -> FxHashSet<&'static str> {
        let files = self.plan.files.iter().enumerate();
        let touched = files.filter(|(index, _)| self.plan.manifests_changed || tally.linkables[*index].is_some());
        let touched: Vec<&Planned<'_>> = touched.map(|(_, planned)| planned).collect();
        let before = touched.iter().filter_map(|planned| planned.stored.as_ref()).chain(gone.iter().copied());
        let before = before.filter_map(|row| lang::by_name(&row.language));
        before
            .chain(touched.iter().map(|planned| planned.found.language))
            .map(|language| language.link.family)
            .collect()
    }

    /// Takes the facts of files that did not change from the database and decodes them with all threads; without
    /// occurrences where not all files are linked.
    fn load_facts(&self, tally: &mut Tally) -> Result<(), IndexError> {
        let Some(before) = self.before else { return Ok(()) };
        let mut missing = Vec::new();
        for &index in &tally.unchanged {
            let kept = self.kept().and_then(|kept| kept.find(&self.plan.files[index]));
            match kept {
                Some(facts) => tally.linkables[index] = Some(Linkable { facts, read: None }),
                None => missing.push(index),
            }
        }
        let unpack = if self.manifests_before().is_none() { unpack_facts } else { unpack_declared_facts };
        let files: Vec<&Planned<'_>> = missing.iter().map(|&index| &self.plan.files[index]).collect();
        let before = before.lock().unwrap_or_else(PoisonError::into_inner);
        for (index, facts) in missing.into_iter().zip(stored_facts(&**before, &files, self.threads, unpack)?) {
            tally.linkables[index] = Some(Linkable { facts, read: None });
        }
        Ok(())
    }

    /// The manifests that stored links were made with; none if that is not known.
    fn manifests_before(&self) -> Option<&[Manifest]> {
        if self.plan.manifests_changed { self.plan.other_manifests.as_deref() } else { Some(&self.tree.manifests) }
    }

    /// What this process keeps, where occurrences are not needed.
    fn kept(&self) -> Option<&Kept> {
        self.options.kept.as_deref().filter(|_| self.manifests_before().is_some())
    }

    /// Sends what is not about single files, as far as it is new.
    fn send_bookkeeping(&self, tally: &Tally, indexed_ns: u128, feed: &Feed<'_>) -> Result<(), IndexError> {
        let (mut skipped, mut root) = (None, None);
        if let Some(before) = self.before {
            let before = before.lock().unwrap_or_else(PoisonError::into_inner);
            (skipped, root) = (Some(before.skipped()?), before.meta(ROOT)?);
        }
        if skipped.unwrap_or_default() != tally.skipped {
            feed.send(Change::Skipped(tally.skipped.clone()))?;
        }
        let meta = |key: &str, value: String| feed.send(Change::Meta(key.into(), value));
        if self.plan.fresh {
            meta(VERSION, env!("CARGO_PKG_VERSION").into())?;
        }
        if self.plan.manifests_changed {
            meta(MANIFESTS, self.plan.manifests.clone())?;
            meta(MANIFEST_TEXTS, manifest_texts(&self.tree.manifests))?;
        }
        if root.as_ref() != Some(&self.options.root) {
            meta(ROOT, self.options.root.clone())?;
        }
        if self.plan.fresh || self.plan.racy || tally.is_link_needed(self.plan) {
            meta(INDEXED_NS, indexed_ns.to_string())?;
        }
        Ok(())
    }
}

/// The facts of files that are as they are stored, decoded with `threads` threads.
pub(super) fn stored_facts(
    stored: &dyn Snapshot,
    files: &[&Planned<'_>],
    threads: usize,
    unpack: fn(&[u8]) -> Option<FileFacts>,
) -> Result<Vec<Arc<FileFacts>>, IndexError> {
    let packed = files.iter().map(|planned| stored.packed(planned.id, Part::Facts));
    let packed = packed.collect::<Result<Vec<_>, StoreError>>()?;
    let all = files.iter().zip(unpack_all_facts(&packed, threads, unpack));
    all.map(|(planned, facts)| Ok(Arc::new(facts.ok_or_else(|| damaged(&planned.found.path))?))).collect()
}

/// What became of the files.
struct Tally {
    counts: FileCounts,
    written: Written,
    skipped: Vec<Skipped>,
    /// Facts by file number, as far as they are at hand.
    linkables: Vec<Option<Linkable>>,
    /// Numbers of files whose facts are those in the database.
    unchanged: Vec<usize>,
    /// Numbers of files that are stored but could not be read now.
    lost: Vec<usize>,
}

impl Tally {
    fn new(plan: &Plan<'_>, skipped: &[Skipped], fates: Vec<(usize, Fate)>) -> Self {
        let mut tally = Self {
            counts: FileCounts { removed: plan.removed.len() as u64, ..FileCounts::default() },
            written: Written::default(),
            skipped: skipped.to_vec(),
            linkables: plan.files.iter().map(|_| None).collect(),
            unchanged: (0..plan.files.len()).filter(|&index| !plan.files[index].read).collect(),
            lost: Vec::new(),
        };
        for (index, fate) in fates {
            let is_stored = plan.files[index].stored.is_some();
            match fate {
                Fate::Same => tally.unchanged.push(index),
                Fate::Extracted(linkable) => tally.extracted(index, is_stored, linkable),
                Fate::Reused(linkable) => {
                    tally.counts.reused += 1;
                    tally.extracted(index, is_stored, linkable);
                }
                Fate::Skipped(skipped) => {
                    tally.skipped.push(skipped);
                    if is_stored {
                        tally.lost.push(index);
                        tally.counts.removed += 1;
                    }
                }
            }
        }
        tally.skipped.sort();
        tally.counts.unchanged = tally.unchanged.len() as u64;
        tally.counts.total = tally.counts.unchanged + tally.counts.added + tally.counts.changed;
        tally
    }

    fn extracted(&mut self, index: usize, is_stored: bool, linkable: Linkable) {
        *(if is_stored { &mut self.counts.changed } else { &mut self.counts.added }) += 1;
        self.written.files += 1;
        self.written.symbols += linkable.facts.symbols.len() as u64;
        self.written.occurrences += linkable.facts.occurrences.len() as u64;
        self.linkables[index] = Some(linkable);
    }

    /// Whether anything changed that links depend on.
    fn is_link_needed(&self, plan: &Plan<'_>) -> bool {
        self.counts.added + self.counts.changed + self.counts.removed > 0 || plan.manifests_changed
    }
}
