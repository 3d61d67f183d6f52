//! A whole database as the changes that make it anew in another one, of whatever engine.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::{ContentHash, Definition, FileFacts, FileLinks, ImportTarget, Outcome, SymbolHash};

use super::{
    Change, ChunkPattern, FileContent, FileRow, ImportRow, LinkContent, MetricsContent, Part, Result, Snapshot,
    StoreError, SymbolKey, SymbolPlace, SymbolRow, Target, Texts, damaged, unpack_facts,
};

/// The number of no file: stands for one that was removed while links still lead to it.
const GONE: u32 = u32::MAX;
const NO_HASH: ContentHash = ContentHash([0; 32]);

/// Everything in `from` as changes for [`Store::load`](super::Store::load). Files keep their numbers; they come in
/// ascending order first with all their facts, then with all their links, then with all their metrics; what
/// belongs to no file comes last. What cannot be read ends the stream with [`Change::Abort`].
///
/// `progress` is told how many steps are done and of how many; each file is a step with its facts and one with its
/// links.
pub fn copy<'s>(
    from: &'s dyn Snapshot,
    progress: &'s mut dyn FnMut(u64, u64),
) -> Result<impl Iterator<Item = Change> + 's> {
    let mut files = from.files()?;
    files.sort_unstable_by_key(|file| file.id);
    let numbers = files.iter().map(|file| (file.path.clone(), file.id.0)).collect();
    let count = files.len();
    let steps = (0..count).map(Step::Put).chain((0..count).map(Step::Link)).chain((0..count).map(Step::Metrics));
    let cached = from.cache()?.into_iter().map(|row| Step::Cache(row.number));
    let steps = steps.chain([Step::Apart, Step::Bookkeeping]).chain(cached);
    Ok(Copier { from, progress, files, numbers, steps: Some(steps), done: 0, ready: VecDeque::new() })
}

/// What is read at once.
enum Step {
    /// A file, by its place in the list of files.
    Put(usize),
    /// Its links.
    Link(usize),
    /// Its metrics.
    Metrics(usize),
    /// Metrics and chunks that are kept by path.
    Apart,
    /// Skipped files, bookkeeping values, execution records.
    Bookkeeping,
    /// What the cache has under a number.
    Cache(u64),
}

struct Copier<'s, S> {
    from: &'s dyn Snapshot,
    progress: &'s mut dyn FnMut(u64, u64),
    /// In the order of their numbers.
    files: Vec<FileRow>,
    /// Number of the file at a path.
    numbers: FxHashMap<String, u32>,
    /// None after an error.
    steps: Option<S>,
    done: u64,
    /// Changes that are read and not handed on yet.
    ready: VecDeque<Change>,
}

impl<S: Iterator<Item = Step>> Iterator for Copier<'_, S> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        while self.ready.is_empty() {
            let step = self.steps.as_mut()?.next()?;
            if let Err(error) = self.take(&step) {
                self.steps = None;
                self.ready.clear();
                self.ready.push_back(Change::Abort(error.to_string()));
            }
        }
        self.ready.pop_front()
    }
}

impl<S> Copier<'_, S> {
    fn take(&mut self, step: &Step) -> Result<()> {
        match *step {
            Step::Put(index) => {
                let content = put(self.from, &self.files[index])?;
                self.ready.push_back(Change::Put(Box::new(content)));
                self.advance();
            }
            Step::Link(index) => {
                let content = self.link(&self.files[index])?;
                self.ready.extend(content.map(|content| Change::Link(Box::new(content))));
                self.advance();
            }
            Step::Metrics(index) => {
                let change = metrics(self.from, &self.files[index])?;
                self.ready.extend(change);
            }
            Step::Apart => self.apart()?,
            Step::Bookkeeping => self.bookkeeping()?,
            Step::Cache(number) => {
                let entry = self.from.cached(number)?;
                self.ready.extend(entry.map(|entry| Change::Cache(Box::new(entry))));
            }
        }
        Ok(())
    }

    fn advance(&mut self) {
        self.done += 1;
        (self.progress)(self.done, 2 * self.files.len() as u64);
    }

    /// The links of a file; none if it was never linked.
    fn link(&self, row: &FileRow) -> Result<Option<LinkContent>> {
        let occurrences = self.from.occurrences(row.id)?;
        let imports = self.from.imports(row.id)?;
        let relations = self.from.relations_in(row.id)?;
        let has_rows = !(occurrences.is_empty() && imports.is_empty() && relations.is_empty());
        if row.links_hash == NO_HASH && !has_rows && row.module.is_empty() {
            return Ok(None);
        }
        let facts = facts(self.from, row)?;
        let counts = [occurrences.len(), imports.len(), relations.len()];
        if counts != [facts.occurrences.len(), facts.imports.len(), facts.relations.len()] {
            return Err(contradiction(row, "its links do not belong to its facts"));
        }
        Ok(Some(LinkContent {
            id: row.id,
            facts: Arc::new(facts),
            separator: row.separator.clone().into(),
            positions: occurrences.iter().map(|occurrence| occurrence.position).collect(),
            import_positions: imports.iter().map(|import| import.position).collect(),
            links: FileLinks {
                module: row.module.clone(),
                outcomes: occurrences.into_iter().map(|occurrence| self.outcome(occurrence.target)).collect(),
                imports: imports.into_iter().map(|import| self.import(import)).collect(),
                relations: relations.into_iter().map(|relation| self.outcome(relation.target)).collect(),
            },
            links_hash: row.links_hash,
            record: self.from.link_record(row.id)?,
        }))
    }

    fn outcome(&self, target: Target) -> Outcome {
        match target {
            Target::Resolved(key, rule) => Outcome::Resolved(definition(key), rule),
            Target::Candidates(keys, rule) => Outcome::Candidates(keys.into_iter().map(definition).collect(), rule),
            Target::File(path, rule) => Outcome::File(self.number(&path), rule),
            Target::External(name, rule) => Outcome::External(name.into(), rule),
            Target::Unknown(reason) => Outcome::Unknown(reason),
        }
    }

    fn import(&self, import: ImportRow) -> ImportTarget {
        match (import.file, import.external) {
            (Some(path), _) => ImportTarget::File(self.number(&path)),
            (None, Some(name)) => ImportTarget::External(name.into()),
            (None, None) => ImportTarget::Unknown,
        }
    }

    fn number(&self, path: &str) -> u32 {
        self.numbers.get(path).copied().unwrap_or(GONE)
    }

    fn apart(&mut self) -> Result<()> {
        for (path, metrics) in self.from.all_file_metrics()? {
            if !self.numbers.contains_key(&path) {
                self.ready.push_back(Change::FileMetrics(path, metrics));
            }
        }
        let chunks = self.from.chunks(&ChunkPattern::All)?;
        self.ready.extend(chunks.into_iter().map(|chunk| Change::Chunk(Box::new(chunk))));
        Ok(())
    }

    fn bookkeeping(&mut self) -> Result<()> {
        self.ready.push_back(Change::Skipped(self.from.skipped()?));
        self.ready.extend(self.from.metas()?.into_iter().map(|(key, value)| Change::Meta(key, value)));
        let executions = self.from.executions(usize::MAX)?;
        self.ready.extend(executions.into_iter().rev().map(Change::Execution));
        Ok(())
    }
}

fn put(from: &dyn Snapshot, row: &FileRow) -> Result<FileContent> {
    let facts_packed = from.packed(row.id, Part::Facts)?;
    let facts = unpack_facts(&facts_packed).ok_or_else(|| damaged(row.id, Part::Facts))?;
    let symbols = from.symbols(row.id)?;
    if symbols.len() != facts.symbols.len() {
        return Err(contradiction(row, "its definitions are not those of its facts"));
    }
    let (mut scope_paths, mut signatures) = (Texts::default(), Texts::default());
    for symbol in &symbols {
        scope_paths.push(scope_path(row, symbol)?);
        signatures.push(&symbol.signature);
    }
    Ok(FileContent {
        id: row.id,
        path: row.path.clone(),
        language: row.language.clone().into(),
        dialect: row.dialect.clone().into(),
        separator: row.separator.clone().into(),
        stamp: row.stamp,
        hash: row.hash,
        text_packed: from.packed(row.id, Part::Text)?,
        facts_packed,
        ast_packed: from.packed(row.id, Part::Ast)?,
        functions_packed: from.packed(row.id, Part::Functions)?,
        facts: Arc::new(facts),
        hashes: symbols.iter().map(|symbol| symbol.id).collect::<Vec<SymbolHash>>(),
        places: symbols.iter().map(place).collect(),
        scope_paths,
        signatures,
    })
}

fn facts(from: &dyn Snapshot, row: &FileRow) -> Result<FileFacts> {
    unpack_facts(&from.packed(row.id, Part::Facts)?).ok_or_else(|| damaged(row.id, Part::Facts))
}

fn place(symbol: &SymbolRow) -> SymbolPlace {
    SymbolPlace { position: symbol.position, start_line: symbol.start_line, end_line: symbol.end_line }
}

/// The qualified name without the module.
fn scope_path<'r>(row: &FileRow, symbol: &'r SymbolRow) -> Result<&'r str> {
    if row.module.is_empty() {
        return Ok(&symbol.qualified_name);
    }
    let inside = symbol.qualified_name.strip_prefix(&row.module).and_then(|rest| rest.strip_prefix(&row.separator));
    inside.ok_or_else(|| contradiction(row, &format!("{} is not in its module", symbol.qualified_name)))
}

/// The change that sets a file's metrics, if it has some.
fn metrics(from: &dyn Snapshot, row: &FileRow) -> Result<Option<Change>> {
    let Some(file) = from.file_metrics(&row.path)? else { return Ok(None) };
    let symbols = from.symbol_metrics(row.id)?;
    if symbols.is_empty() && row.metrics_hash == NO_HASH {
        return Ok(Some(Change::FileMetrics(row.path.clone(), file)));
    }
    Ok(Some(Change::Metrics(row.id, Box::new(MetricsContent { file, symbols, hash: row.metrics_hash }))))
}

fn definition(key: SymbolKey) -> Definition {
    Definition { file: key.file.0, symbol: key.symbol }
}

fn contradiction(row: &FileRow, what: &str) -> StoreError {
    StoreError::Damaged { path: row.path.clone(), what: what.into() }
}
