//! Links all files and sends on those links that are new or differ from what is stored.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHashMap;

use crate::lang::{self, Manifest};
use crate::link::{Changed, Earlier, LinkFile, Linked, link};
use crate::model::{ContentHash, Definition, FileFacts, FileLinks, ImportTarget, LineIndex, Outcome};
use crate::store::{Change, FileId, FileRow, LinkContent, MetricsContent, Part, Snapshot, StoreError, unpack_facts};

use super::extract::{Linkable, Positions, Read};
use super::feed::{Feed, InOrder};
use super::metrics::Calls;
use super::plan::Planned;
use super::{IndexError, Progress};

/// A file to be linked.
pub(super) struct Input<'p, 't> {
    pub(super) planned: &'p Planned<'t>,
    pub(super) linkable: Linkable,
}

/// How many links were sent.
#[derive(Clone, Copy, Default)]
pub(super) struct Relinked {
    /// Files that were linked.
    pub(super) linked: u64,
    /// Files that were not extracted but got new links.
    pub(super) files: u64,
    /// Links of all sorts.
    pub(super) links: u64,
}

/// What linking goes by besides the files.
pub(super) struct Run<'r, 's> {
    pub(super) manifests: &'r [Manifest],
    /// Those the stored links were made with; none if all files are to be linked, whatever they asked.
    pub(super) manifests_before: Option<&'r [Manifest]>,
    pub(super) threads: usize,
    /// What is stored; none if everything is new.
    pub(super) before: Option<&'r Mutex<Box<dyn Snapshot + 's>>>,
    /// Stored files that are not indexed any more.
    pub(super) gone: &'r [&'r FileRow],
}

/// Links those of `inputs`, sorted by path, whose links can be others now.
pub(super) fn relink(
    inputs: &[Input<'_, '_>],
    run: &Run<'_, '_>,
    feed: &Feed<'_>,
    progress: &dyn Progress,
) -> Result<Relinked, IndexError> {
    let files: Vec<LinkFile<'_>> = inputs.iter().map(Input::link_file).collect();
    let past = match run.before.zip(run.manifests_before) {
        Some((before, manifests)) => Some(Past::load(inputs, run.gone, manifests, before)?),
        None => None,
    };
    let changed = past.as_ref().map(|past| past.changed(inputs)).unwrap_or_default();
    let mut relinker = Relinker {
        inputs,
        path_hashes: inputs.iter().map(|input| path_hash(&input.planned.found.path)).collect(),
        before: run.before,
        past: past.as_ref(),
        feed,
        order: InOrder::new(feed),
        calls: Calls::default(),
        linked: AtomicU64::new(0),
        files: AtomicU64::new(0),
        links: AtomicU64::new(0),
        failed: AtomicBool::new(false),
        failure: Mutex::new(None),
    };
    let whole = |index: usize| relinker.kept(|this| this.whole(index));
    let earlier = past.as_ref().map(|past| Earlier {
        manifests: past.manifests,
        changed: &changed,
        records: &past.records,
        whole: &whole,
    });
    link(&files, run.manifests, earlier.as_ref(), run.threads, feed.cancel(), &|index, linked| {
        relinker.done(index, linked);
        relinker.linked.fetch_add(1, Ordering::Relaxed);
        progress.advance(1);
    });
    feed.check()?;
    progress.advance((inputs.len() as u64).saturating_sub(relinker.linked.load(Ordering::Relaxed)));
    let calls = std::mem::take(&mut relinker.calls);
    relinker.send_metrics(calls, run.gone, feed)?;
    relinker.finish()
}

/// What the last run left of the files: of those that changed their facts then, and what the links of all rest on.
struct Past<'r> {
    manifests: &'r [Manifest],
    gone: Vec<(&'r FileRow, Arc<FileFacts>)>,
    /// Facts of the inputs that changed, by index.
    replaced: Vec<(usize, Arc<FileFacts>)>,
    records: Vec<Option<Vec<u8>>>,
    /// The facts with occurrences of inputs that were not read, once they were needed.
    whole: Vec<OnceLock<Arc<FileFacts>>>,
}

impl<'r> Past<'r> {
    fn load<'s>(
        inputs: &[Input<'_, '_>],
        gone: &[&'r FileRow],
        manifests: &'r [Manifest],
        before: &Mutex<Box<dyn Snapshot + 's>>,
    ) -> Result<Self, IndexError> {
        let before = before.lock().unwrap_or_else(PoisonError::into_inner);
        let facts = |row: &FileRow| before.facts(row.id).map(Arc::new);
        let gone: Result<_, StoreError> = gone.iter().map(|row| Ok((*row, facts(row)?))).collect();
        let replaced = inputs.iter().enumerate().filter(|(_, input)| input.linkable.read.is_some());
        let replaced = replaced.filter_map(|(index, input)| Some((index, input.planned.stored.as_ref()?)));
        let replaced: Result<_, StoreError> = replaced.map(|(index, row)| Ok((index, facts(row)?))).collect();
        let record =
            |input: &Input<'_, '_>| input.planned.stored.as_ref().map(|row| before.link_record(row.id)).transpose();
        let records: Result<_, StoreError> = inputs.iter().map(record).collect();
        let whole = inputs.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { manifests, gone: gone?, replaced: replaced?, records: records?, whole })
    }

    fn changed<'a>(&'a self, inputs: &'a [Input<'_, '_>]) -> Vec<Changed<'a>> {
        // A language that this build does not know links with none that it does.
        let before = |row: &FileRow, facts: &'a Arc<FileFacts>| Some((lang::by_name(&row.language)?, &**facts));
        let gone =
            self.gone.iter().map(|(row, facts)| Changed { path: &row.path, before: before(row, facts), after: None });
        let mut replaced = self.replaced.iter().peekable();
        let read = inputs.iter().enumerate().filter(|(_, input)| input.linkable.read.is_some());
        let read = read.map(|(index, input)| {
            let facts = replaced.next_if(|(replaced, _)| *replaced == index).map(|(_, facts)| facts);
            let stored = input.planned.stored.as_ref().zip(facts);
            Changed {
                path: &input.planned.found.path,
                before: stored.and_then(|(row, facts)| before(row, facts)),
                after: Some(index),
            }
        });
        gone.chain(read).collect()
    }
}

impl Input<'_, '_> {
    fn link_file(&self) -> LinkFile<'_> {
        let found = self.planned.found;
        LinkFile { path: &found.path, language: found.language, facts: &self.linkable.facts }
    }
}

struct Relinker<'a, 'p, 't, 's> {
    inputs: &'a [Input<'p, 't>],
    path_hashes: Vec<[u8; 8]>,
    before: Option<&'a Mutex<Box<dyn Snapshot + 's>>>,
    /// None if all files are linked.
    past: Option<&'a Past<'a>>,
    feed: &'a Feed<'a>,
    /// For a run that links all files.
    order: InOrder<'a, 'a>,
    calls: Calls,
    linked: AtomicU64,
    files: AtomicU64,
    links: AtomicU64,
    failed: AtomicBool,
    failure: Mutex<Option<IndexError>>,
}

impl Relinker<'_, '_, '_, '_> {
    fn done(&self, index: usize, linked: Linked) {
        if !self.failed.load(Ordering::Relaxed) {
            self.kept(|this| this.take(index, linked));
        }
    }

    fn take(&self, index: usize, linked: Linked) -> Result<(), IndexError> {
        let input = &self.inputs[index];
        let facts = self.whole(index)?;
        self.calls.add(index as u32, &facts, &linked.links);
        if let Some(row) = input.planned.stored.as_ref().filter(|_| self.past.is_some()) {
            self.stored_calls(row.id, &self.calls)?;
        }
        let change = self.change(index, facts, linked)?;
        match (self.past, change) {
            (None, change) => self.order.send(index, change),
            (Some(_), Some(change)) => self.feed.send(change),
            (Some(_), None) => Ok(()),
        }
    }

    /// The value, or none after keeping the first error for the end.
    fn kept<T>(&self, result: impl FnOnce(&Self) -> Result<T, IndexError>) -> Option<T> {
        match result(self) {
            Ok(value) => Some(value),
            Err(error) => {
                self.failed.store(true, Ordering::Relaxed);
                self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                None
            }
        }
    }

    /// The facts of an input with its occurrences.
    fn whole(&self, index: usize) -> Result<Arc<FileFacts>, IndexError> {
        let input = &self.inputs[index];
        let (Some(past), None) = (self.past, &input.linkable.read) else {
            return Ok(Arc::clone(&input.linkable.facts));
        };
        if let Some(facts) = past.whole[index].get() {
            return Ok(Arc::clone(facts));
        }
        let before = self.before.expect("a file that was not read is stored");
        let packed = before.lock().unwrap_or_else(PoisonError::into_inner).packed(input.planned.id, Part::Facts)?;
        let facts = unpack_facts(&packed).ok_or_else(|| damaged(&input.planned.found.path))?;
        Ok(Arc::clone(past.whole[index].get_or_init(|| Arc::new(facts))))
    }

    /// The change to be made, if there is one.
    fn change(&self, index: usize, facts: Arc<FileFacts>, linked: Linked) -> Result<Option<Change>, IndexError> {
        let Linked { mut links, record } = linked;
        let input = &self.inputs[index];
        let links_hash = self.hash(&links);
        let stored = input.planned.stored.as_ref();
        if input.linkable.read.is_none() {
            let is_same = stored.is_some_and(|row| row.links_hash == links_hash);
            let is_known = self.past.is_some_and(|past| past.records[index].as_ref() == Some(&record));
            if is_same && is_known {
                return Ok(None);
            }
            self.files.fetch_add(u64::from(!is_same), Ordering::Relaxed);
        }
        self.links.fetch_add((links.outcomes.len() + links.relations.len()) as u64, Ordering::Relaxed);
        self.renumber(&mut links);
        let positions = self.positions(input, &facts)?;
        let found = input.planned.found;
        Ok(Some(Change::Link(Box::new(LinkContent {
            id: input.planned.id,
            facts,
            separator: found.language.link.separator.into(),
            positions: positions.occurrences,
            import_positions: positions.imports,
            links,
            links_hash,
            record,
        }))))
    }

    fn positions(&self, input: &Input<'_, '_>, facts: &FileFacts) -> Result<Positions, IndexError> {
        if let Some(Read { positions, .. }) = &input.linkable.read {
            return Ok(Positions { occurrences: positions.occurrences.clone(), imports: positions.imports.clone() });
        }
        let before = self.before.expect("a file that was not read is stored");
        let text = before.lock().unwrap_or_else(PoisonError::into_inner).text(input.planned.id)?;
        Ok(Positions::of(&LineIndex::new(&text), facts))
    }

    /// Hash of links that does not depend on the numbers files have in this run or in the database: a file
    /// counts by its path. The number of a symbol in its file does count, since it is what the store keeps.
    fn hash(&self, links: &FileLinks) -> ContentHash {
        let mut bytes = Vec::with_capacity(links.outcomes.len() * 14 + 64);
        text(&mut bytes, &links.module);
        for outcomes in [&links.outcomes, &links.relations] {
            bytes.extend((outcomes.len() as u32).to_le_bytes());
            outcomes.iter().for_each(|outcome| self.hash_outcome(&mut bytes, outcome));
        }
        for import in &links.imports {
            match import {
                ImportTarget::File(file) => {
                    bytes.push(0);
                    bytes.extend(self.path_hashes[*file as usize]);
                }
                ImportTarget::External(name) => {
                    bytes.push(1);
                    text(&mut bytes, name);
                }
                ImportTarget::Unknown => bytes.push(2),
            }
        }
        ContentHash::of(&bytes)
    }

    fn hash_outcome(&self, bytes: &mut Vec<u8>, outcome: &Outcome) {
        let definition = |bytes: &mut Vec<u8>, definition: &Definition| {
            bytes.extend(self.path_hashes[definition.file as usize]);
            bytes.extend(definition.symbol.0.to_le_bytes());
        };
        match outcome {
            Outcome::Resolved(to, rule) => {
                bytes.extend([0, *rule as u8]);
                definition(bytes, to);
            }
            Outcome::Candidates(all, rule) => {
                bytes.extend([1, *rule as u8]);
                bytes.extend((all.len() as u32).to_le_bytes());
                all.iter().for_each(|to| definition(bytes, to));
            }
            Outcome::External(name, rule) => {
                bytes.extend([2, *rule as u8]);
                text(bytes, name);
            }
            Outcome::Unknown(reason) => bytes.extend([3, *reason as u8]),
            Outcome::File(file, rule) => {
                bytes.extend([4, *rule as u8]);
                bytes.extend(self.path_hashes[*file as usize]);
            }
        }
    }

    /// From numbers of the link run to those of the database.
    fn renumber(&self, links: &mut FileLinks) {
        let id = |file: u32| self.inputs[file as usize].planned.id.0;
        for outcome in links.outcomes.iter_mut().chain(&mut links.relations) {
            match outcome {
                Outcome::Resolved(to, _) => to.file = id(to.file),
                Outcome::Candidates(all, _) => {
                    all.iter_mut().for_each(|to| to.file = id(to.file));
                    all.sort_unstable();
                }
                Outcome::File(file, _) => *file = id(*file),
                Outcome::External(..) | Outcome::Unknown(_) => {}
            }
        }
        for import in &mut links.imports {
            if let ImportTarget::File(file) = import {
                *file = id(*file);
            }
        }
    }

    /// Sends the metrics of files that were read, and of those that are called otherwise than before.
    fn send_metrics(&self, calls: Calls, gone: &[&FileRow], feed: &Feed<'_>) -> Result<(), IndexError> {
        let numbers = (0u32..).zip(self.inputs);
        let numbers = numbers.filter_map(|(number, input)| Some((input.planned.stored.as_ref()?.id, number)));
        let numbers: FxHashMap<FileId, u32> = numbers.collect();
        if self.past.is_some() {
            for row in gone {
                self.stored_calls(row.id, &calls)?;
            }
        }
        for (number, counts) in calls.count(self.inputs.len(), &numbers) {
            let input = &self.inputs[number as usize];
            let stored = match &input.planned.stored {
                Some(row) => Some(self.stored_metrics(row)?),
                None => None,
            };
            let mut content = match (&input.linkable.read, &stored) {
                (Some(read), _) => read.metrics.clone(),
                (None, Some(stored)) => stored.clone(),
                (None, None) => continue,
            };
            counts.fill(&mut content, stored.as_ref().filter(|_| self.past.is_some()));
            if input.linkable.read.is_some() || stored.as_ref() != Some(&content) {
                feed.send(Change::Metrics(input.planned.id, Box::new(content)))?;
            }
        }
        Ok(())
    }

    /// Takes the calls that a file had.
    fn stored_calls(&self, file: FileId, calls: &Calls) -> Result<(), IndexError> {
        let before = self.before.expect("a file that was linked before is stored");
        let before = before.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(before.edges(Some(file), &mut |edges| calls.take_back(&edges))?)
    }

    fn stored_metrics(&self, row: &FileRow) -> Result<MetricsContent, IndexError> {
        let before = self.before.expect("a file that was not read is stored");
        let before = before.lock().unwrap_or_else(PoisonError::into_inner);
        let file = before.file_metrics(&row.path)?.unwrap_or_default();
        Ok(MetricsContent { file, symbols: before.symbol_metrics(row.id)?, hash: row.metrics_hash })
    }

    fn finish(self) -> Result<Relinked, IndexError> {
        match self.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(Relinked {
                linked: self.linked.into_inner(),
                files: self.files.into_inner(),
                links: self.links.into_inner(),
            }),
        }
    }
}

fn path_hash(path: &str) -> [u8; 8] {
    let hash = ContentHash::of(path.as_bytes()).0;
    [hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]]
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
}

/// Facts that cannot be decoded.
pub(super) fn damaged(path: &str) -> IndexError {
    let what = format!("the facts of {path} cannot be decoded");
    IndexError::Store(StoreError::Damaged { path: "index".into(), what })
}
