//! How the linker came to what it says of a use: the steps, made again from the stored facts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use schemars::JsonSchema;
use serde::Serialize;

use crate::index::stored_manifests;
use crate::lang;
use crate::link::{self, LinkFile};
use crate::model::{Definition, FileFacts, LineIndex, Outcome, Position};
use crate::store::{FileId, FileRow, OccurrenceRow, Part, SymbolKey, Target, unpack_all_facts, unpack_facts};

use super::{Brief, Ground, QueryError, Result};

/// One thing that was found out on the way to an outcome.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Step {
    /// File path.
    pub path: String,
    /// Where the subject stands; none if it has no name of its own.
    #[serde(flatten)]
    pub position: Option<Position>,
    /// A piece of source in short, or the name of a definition.
    pub subject: String,
    /// What was asked: `denotes`, `imports`, `is`, `describes`, `returns`, `holds`.
    pub asked: &'static str,
    /// What was found.
    pub found: String,
    /// The definitions that were found.
    pub definitions: Vec<Brief>,
}

/// The files of some families of languages, ready to be linked again.
pub(super) struct Linker {
    files: Vec<FileRow>,
    facts: Vec<FileFacts>,
    manifests: Vec<lang::Manifest>,
}

impl Linker {
    /// Loads all files that can have to do with these uses.
    pub(super) fn new(ground: &Ground<'_>, uses: &[OccurrenceRow]) -> Result<Self> {
        let families: Vec<&str> = uses.iter().filter_map(|row| family(&row.language)).collect();
        let mut files = ground.snapshot.files()?;
        files.retain(|file| family(&file.language).is_some_and(|family| families.contains(&family)));
        let packed = files.iter().map(|file| ground.snapshot.packed(file.id, Part::Facts));
        let packed = packed.collect::<std::result::Result<Vec<_>, _>>()?;
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let facts = unpack_all_facts(&packed, threads, unpack_facts).into_iter();
        let facts: Option<Vec<FileFacts>> = facts.collect();
        let facts = facts.ok_or_else(|| QueryError::Usage("facts cannot be unpacked: ask `magellan doctor`".into()))?;
        // What comes out otherwise without them is not told.
        let manifests = stored_manifests(ground.snapshot)?.unwrap_or_default();
        Ok(Self { files, facts, manifests })
    }

    /// The steps for each use, in their order; none where what is linked now is not what is stored.
    pub(super) fn why(&self, ground: &Ground<'_>, uses: &[OccurrenceRow]) -> Result<Vec<Vec<Step>>> {
        let inputs: Vec<LinkFile<'_>> = self.files.iter().zip(&self.facts).filter_map(input).collect();
        let found: Vec<Option<(usize, usize)>> = uses.iter().map(|row| self.occurrence(row)).collect();
        let asked: Vec<(usize, usize)> = found.iter().copied().flatten().collect();
        let mut answers = link::explain(&inputs, &self.manifests, &asked).into_iter();
        let mut lines = Lines::default();
        let mut all = Vec::with_capacity(uses.len());
        for (row, found) in uses.iter().zip(found) {
            let evidence = found.and_then(|_| answers.next());
            let evidence = evidence.filter(|evidence| self.is_as_stored(&evidence.outcome, &row.target));
            let steps = evidence.map(|evidence| evidence.steps).unwrap_or_default();
            all.push(steps.into_iter().map(|step| self.step(ground, step, &mut lines)).collect::<Result<_>>()?);
        }
        Ok(all)
    }

    /// The index of a file and of an occurrence in its facts.
    fn occurrence(&self, row: &OccurrenceRow) -> Option<(usize, usize)> {
        let file = self.files.binary_search_by(|file| file.path.as_str().cmp(&row.path)).ok()?;
        let facts = &self.facts[file];
        let is_it = |fact: &crate::model::Occurrence| {
            fact.span == row.span && fact.role == row.role && facts.name(fact.name) == row.name
        };
        Some((file, facts.occurrences.iter().position(is_it)?))
    }

    fn key(&self, definition: &Definition) -> SymbolKey {
        SymbolKey { file: self.files[definition.file as usize].id, symbol: definition.symbol }
    }

    fn is_as_stored(&self, outcome: &Outcome, target: &Target) -> bool {
        match (outcome, target) {
            (Outcome::Resolved(to, rule), Target::Resolved(key, stored)) => self.key(to) == *key && rule == stored,
            (Outcome::Candidates(all, rule), Target::Candidates(keys, stored)) => {
                let mut all: Vec<SymbolKey> = all.iter().map(|to| self.key(to)).collect();
                all.sort_unstable();
                all == *keys && rule == stored
            }
            (Outcome::File(file, rule), Target::File(path, stored)) => {
                self.files[*file as usize].path == *path && rule == stored
            }
            (Outcome::External(name, rule), Target::External(stored_name, stored)) => {
                **name == **stored_name && rule == stored
            }
            (Outcome::Unknown(reason), Target::Unknown(stored)) => reason == stored,
            _ => false,
        }
    }

    fn step(&self, ground: &Ground<'_>, step: link::Step, lines: &mut Lines) -> Result<Step> {
        let file = &self.files[step.file as usize];
        let mut definitions = Vec::new();
        for definition in &step.definitions {
            definitions.extend(ground.snapshot.symbol(self.key(definition))?.as_ref().map(Brief::from));
        }
        let position = step.at.map(|at| Ok::<_, QueryError>(lines.of(ground, file.id)?.position(at))).transpose()?;
        let (subject, found) = (step.subject, step.found);
        Ok(Step { path: file.path.clone(), position, subject, asked: step.asked.word(), found, definitions })
    }
}

/// The steps for each use, in their order.
pub(super) fn why(ground: &Ground<'_>, uses: &[OccurrenceRow]) -> Result<Vec<Vec<Step>>> {
    Linker::new(ground, uses)?.why(ground, uses)
}

/// Where lines start in the files that were asked for.
#[derive(Default)]
struct Lines {
    known: BTreeMap<FileId, LineIndex>,
}

impl Lines {
    fn of(&mut self, ground: &Ground<'_>, file: FileId) -> Result<&LineIndex> {
        match self.known.entry(file) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(LineIndex::new(&ground.snapshot.text(file)?))),
        }
    }
}

fn family(language: &str) -> Option<&'static str> {
    lang::by_name(language).map(|language| language.link.family)
}

fn input<'a>((file, facts): (&'a FileRow, &'a FileFacts)) -> Option<LinkFile<'a>> {
    lang::by_name(&file.language).map(|language| LinkFile { path: &file.path, language, facts })
}
