//! Links all files and sends on those links that are new or differ from what is stored.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::lang::Manifest;
use crate::link::{LinkFile, link};
use crate::model::{ContentHash, Definition, FileLinks, ImportTarget, LineIndex, Outcome};
use crate::store::{Change, LinkContent, MetricsContent, Snapshot, StoreError};

use super::extract::{Linkable, Positions, Read};
use super::feed::{Feed, InOrder};
use super::metrics::{Calls, FileCalls};
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
    /// Files that were not extracted but got new links.
    pub(super) files: u64,
    /// Links of all sorts.
    pub(super) links: u64,
}

/// Links `inputs`, sorted by path. `before` has the texts of files that were not read.
pub(super) fn relink<'s>(
    inputs: &[Input<'_, '_>],
    manifests: &[Manifest],
    threads: usize,
    before: Option<&Mutex<Box<dyn Snapshot + 's>>>,
    feed: &Feed<'_>,
    progress: &dyn Progress,
) -> Result<Relinked, IndexError> {
    let files: Vec<LinkFile<'_>> = inputs.iter().map(Input::link_file).collect();
    let mut relinker = Relinker {
        inputs,
        path_hashes: inputs.iter().map(|input| path_hash(&input.planned.found.path)).collect(),
        before,
        order: InOrder::new(feed),
        calls: Calls::default(),
        files: AtomicU64::new(0),
        links: AtomicU64::new(0),
        failed: AtomicBool::new(false),
        failure: Mutex::new(None),
    };
    link(&files, manifests, threads, feed.cancel(), &|index, links| {
        relinker.done(index, links);
        progress.advance(1);
    });
    feed.check()?;
    let calls = std::mem::take(&mut relinker.calls).count(inputs.len());
    relinker.send_metrics(&calls, feed)?;
    relinker.finish()
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
    order: InOrder<'a, 'a>,
    calls: Calls,
    files: AtomicU64,
    links: AtomicU64,
    failed: AtomicBool,
    failure: Mutex<Option<IndexError>>,
}

impl Relinker<'_, '_, '_, '_> {
    fn done(&self, index: usize, links: FileLinks) {
        if self.failed.load(Ordering::Relaxed) {
            return;
        }
        self.calls.add(index as u32, &self.inputs[index].linkable.facts, &links);
        let sent = self.change(index, links).and_then(|change| self.order.send(index, change));
        if let Err(error) = sent {
            self.failed.store(true, Ordering::Relaxed);
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// The change to be made, if there is one.
    fn change(&self, index: usize, mut links: FileLinks) -> Result<Option<Change>, IndexError> {
        let input = &self.inputs[index];
        let links_hash = self.hash(&links);
        let stored = input.planned.stored.as_ref();
        if input.linkable.read.is_none() {
            if stored.is_some_and(|row| row.links_hash == links_hash) {
                return Ok(None);
            }
            self.files.fetch_add(1, Ordering::Relaxed);
        }
        self.links.fetch_add((links.outcomes.len() + links.relations.len()) as u64, Ordering::Relaxed);
        self.renumber(&mut links);
        let positions = self.positions(input)?;
        let found = input.planned.found;
        Ok(Some(Change::Link(Box::new(LinkContent {
            id: input.planned.id,
            facts: Arc::clone(&input.linkable.facts),
            separator: found.language.link.separator.into(),
            positions: positions.occurrences,
            import_positions: positions.imports,
            links,
            links_hash,
        }))))
    }

    fn positions(&self, input: &Input<'_, '_>) -> Result<Positions, IndexError> {
        let facts = &input.linkable.facts;
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
    fn send_metrics(&self, calls: &[FileCalls], feed: &Feed<'_>) -> Result<(), IndexError> {
        for (input, calls) in self.inputs.iter().zip(calls) {
            let stored = input.planned.stored.as_ref();
            let mut content = match &input.linkable.read {
                Some(read) => read.metrics.clone(),
                None if stored.is_some_and(|row| row.metrics_hash == calls.hash()) => continue,
                None => self.stored_metrics(input)?,
            };
            calls.fill(&mut content);
            feed.send(Change::Metrics(input.planned.id, Box::new(content)))?;
        }
        Ok(())
    }

    fn stored_metrics(&self, input: &Input<'_, '_>) -> Result<MetricsContent, IndexError> {
        let before = self.before.expect("a file that was not read is stored");
        let before = before.lock().unwrap_or_else(PoisonError::into_inner);
        let file = before.file_metrics(&input.planned.found.path)?.unwrap_or_default();
        Ok(MetricsContent { file, symbols: before.symbol_metrics(input.planned.id)?, ..MetricsContent::default() })
    }

    fn finish(self) -> Result<Relinked, IndexError> {
        match self.failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(Relinked { files: self.files.into_inner(), links: self.links.into_inner() }),
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
