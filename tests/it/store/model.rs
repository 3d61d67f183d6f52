//! What a store is, in ordered maps: no engine, no index, nothing packed. Every question is answered by looking at
//! everything. Engines are compared with it, never with each other.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use magellan::model::{
    Definition, FileFacts, FileMetrics, Function, ImportShape, ImportTarget, LineCounts, Outcome, Reason, Role, Span,
    SymbolId, SyntaxNode, Tally, decode_ast,
};
use magellan::store::{
    CacheEntry, Change, Chunk, Edge, Execution, FileContent, FileEdges, FileId, FileRow, ImportRow, Label,
    LanguageTotals, LinkContent, MetricsContent, OccurrenceRow, RelationEdge, RelationRow, Skipped, Stamp, SymbolKey,
    SymbolRow, Target, Totals, Vertex,
};

use super::{ast, functions};

/// Everything that was applied and not taken back.
#[derive(Clone, Default)]
pub(super) struct Model {
    files: BTreeMap<u32, File>,
    file_metrics: BTreeMap<String, FileMetrics>,
    chunks: BTreeMap<(String, Span), Chunk>,
    executions: BTreeMap<String, Execution>,
    skipped: BTreeMap<String, Skipped>,
    pub(super) metas: BTreeMap<String, String>,
    pub(super) cache: BTreeMap<u64, CacheEntry>,
}

#[derive(Clone)]
struct File {
    row: FileRow,
    facts: FileFacts,
    /// As they are while nothing is linked: without a module.
    symbols: Vec<SymbolRow>,
    links: Option<Links>,
    metrics: MetricsContent,
}

#[derive(Clone)]
struct Links {
    occurrences: Vec<(OccurrenceRow, Outcome)>,
    imports: Vec<(ImportRow, ImportTarget)>,
    relations: Vec<(RelationRow, Outcome)>,
    record: Vec<u8>,
}

fn key_of(to: &Definition) -> SymbolKey {
    SymbolKey { file: FileId(to.file), symbol: to.symbol }
}

/// The definitions that an outcome names.
fn definitions(outcome: &Outcome) -> Vec<SymbolKey> {
    match outcome {
        Outcome::Resolved(to, _) => vec![key_of(to)],
        Outcome::Candidates(all, _) => all.iter().map(key_of).collect(),
        Outcome::File(..) | Outcome::External(..) | Outcome::Unknown(_) => Vec::new(),
    }
}

impl Model {
    /// What a whole batch does, unless it is given up.
    pub(super) fn apply(&mut self, batch: &[Change]) {
        if !batch.iter().any(|change| matches!(change, Change::Abort(_))) {
            batch.iter().for_each(|change| self.change(change));
        }
    }

    /// What a whole load does: only execution records outlive it.
    pub(super) fn load(&mut self, batch: &[Change]) {
        if !batch.iter().any(|change| matches!(change, Change::Abort(_))) {
            self.change(&Change::Clear);
            self.apply(batch);
        }
    }

    /// What a copy forgets: which number a file had that is gone while links still lead to it.
    pub(super) fn copied(&mut self) {
        let known: Vec<u32> = self.files.keys().copied().collect();
        for links in self.files.values_mut().filter_map(|file| file.links.as_mut()) {
            let occurrences = links.occurrences.iter_mut().map(|(_, outcome)| outcome);
            for outcome in occurrences.chain(links.relations.iter_mut().map(|(_, outcome)| outcome)) {
                if let Outcome::File(file, _) = outcome {
                    *file = if known.contains(file) { *file } else { u32::MAX };
                }
            }
            for (_, target) in &mut links.imports {
                if matches!(target, ImportTarget::File(file) if !known.contains(file)) {
                    *target = ImportTarget::Unknown;
                }
            }
        }
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Clear => *self = Self { executions: std::mem::take(&mut self.executions), ..Self::default() },
            Change::Remove(file) => self.remove(*file),
            Change::Put(content) => self.put(content),
            Change::Link(content) => self.link(content),
            Change::Metrics(file, content) => {
                let file = self.files.get_mut(&file.0).unwrap();
                file.row.metrics_hash = content.hash;
                file.metrics = (**content).clone();
                self.file_metrics.insert(file.row.path.clone(), content.file);
            }
            Change::FileMetrics(path, metrics) => drop(self.file_metrics.insert(path.clone(), *metrics)),
            Change::Chunk(chunk) => drop(self.chunks.insert((chunk.path.clone(), chunk.span), (**chunk).clone())),
            Change::RemoveChunks(path) => self.chunks.retain(|_, chunk| chunk.path != *path),
            Change::Touch(file, stamp) => {
                if let Some(file) = self.files.get_mut(&file.0) {
                    (file.row.stamp, file.row.size) = (*stamp, stamp.size);
                }
            }
            Change::Skipped(list) => {
                self.skipped = list.iter().map(|file| (file.path.clone(), file.clone())).collect();
            }
            Change::Meta(key, value) => drop(self.metas.insert(key.clone(), value.clone())),
            Change::Execution(execution) => drop(self.executions.insert(execution.id.clone(), execution.clone())),
            Change::Cache(entry) => drop(self.cache.insert(entry.number, (**entry).clone())),
            Change::Evict(number) => drop(self.cache.remove(number)),
            Change::Abort(_) => unreachable!("such a batch is not applied"),
        }
    }

    fn remove(&mut self, file: FileId) {
        if let Some(file) = self.files.remove(&file.0) {
            self.forget(&file.row.path);
        }
    }

    /// Drops what goes with the file of a path.
    fn forget(&mut self, path: &str) {
        self.file_metrics.remove(path);
        self.chunks.retain(|_, chunk| chunk.path != path);
    }

    fn put(&mut self, content: &FileContent) {
        self.remove(content.id);
        self.forget(&content.path);
        let facts = &*content.facts;
        let count = |count: usize| count as u32;
        let row = FileRow {
            id: content.id,
            path: content.path.clone(),
            language: content.language.to_string(),
            dialect: content.dialect.to_string(),
            separator: content.separator.to_string(),
            module: String::new(),
            stamp: content.stamp,
            size: content.stamp.size,
            hash: content.hash,
            links_hash: Default::default(),
            metrics_hash: Default::default(),
            lines: facts.lines,
            symbols: count(facts.symbols.len()),
            occurrences: count(facts.occurrences.len()),
            errors: count(facts.diagnostics.len()),
        };
        let symbols = (0..facts.symbols.len()).map(|index| symbol(content, index)).collect();
        let file = File { row, facts: facts.clone(), symbols, links: None, metrics: MetricsContent::default() };
        self.files.insert(content.id.0, file);
    }

    fn link(&mut self, content: &LinkContent) {
        let file = self.files.get_mut(&content.id.0).unwrap();
        file.row.module.clone_from(&content.links.module);
        file.row.links_hash = content.links_hash;
        let own = |symbol| SymbolKey { file: content.id, symbol };
        let facts = &*content.facts;
        let occurrences =
            facts.occurrences.iter().zip(&content.positions).map(|(occurrence, position)| OccurrenceRow {
                file: content.id,
                path: file.row.path.clone(),
                language: file.row.language.clone(),
                span: occurrence.span,
                position: *position,
                role: occurrence.role,
                name: facts.name(occurrence.name).into(),
                symbol: occurrence.symbol.map(own),
                arity: occurrence.arity,
                target: Target::Unknown(Reason::Limit),
            });
        let imports = facts.imports.iter().zip(&content.import_positions).map(|(import, position)| ImportRow {
            specifier: facts.import_specifier(import.path, &content.separator),
            member: match import.shape {
                ImportShape::Whole => None,
                ImportShape::Member(name) => Some(facts.name(name).into()),
                ImportShape::Glob | ImportShape::GlobTypes => Some("*".into()),
            },
            bound: import.bound.map(|name| facts.name(name).into()),
            reexport: import.reexport,
            position: *position,
            file: None,
            external: None,
        });
        let relations = facts.relations.iter().map(|relation| RelationRow {
            from: own(relation.symbol),
            kind: relation.kind,
            target: Target::Unknown(Reason::Limit),
        });
        file.links = Some(Links {
            occurrences: occurrences.zip(content.links.outcomes.iter().cloned()).collect(),
            imports: imports.zip(content.links.imports.iter().cloned()).collect(),
            relations: relations.zip(content.links.relations.iter().cloned()).collect(),
            record: content.record.clone(),
        });
    }

    // Questions

    pub(super) fn link_record(&self, file: FileId) -> Vec<u8> {
        let links = self.files.get(&file.0).and_then(|file| file.links.as_ref());
        links.map(|links| links.record.clone()).unwrap_or_default()
    }

    /// Numbers of all files, in the order of their paths.
    pub(super) fn ids(&self) -> Vec<FileId> {
        self.sorted().into_iter().map(|file| file.row.id).collect()
    }

    fn sorted(&self) -> Vec<&File> {
        let mut files: Vec<&File> = self.files.values().collect();
        files.sort_by_key(|file| &file.row.path);
        files
    }

    pub(super) fn files(&self) -> Vec<FileRow> {
        self.sorted().into_iter().map(|file| file.row.clone()).collect()
    }

    pub(super) fn stamps(&self) -> Vec<(String, Stamp)> {
        self.files().into_iter().map(|file| (file.path, file.stamp)).collect()
    }

    pub(super) fn file(&self, path: &str) -> Option<FileRow> {
        self.files().into_iter().find(|file| file.path == path)
    }

    pub(super) fn facts(&self, file: FileId) -> &FileFacts {
        &self.files[&file.0].facts
    }

    pub(super) fn ast(&self, file: FileId) -> Vec<SyntaxNode> {
        decode_ast(&ast(self.facts(file)).encode()).unwrap()
    }

    pub(super) fn functions(&self, file: FileId) -> Vec<Function> {
        functions(self.facts(file))
    }

    /// The definitions of all files that fulfil a condition.
    pub(super) fn find(&self, condition: impl Fn(&SymbolRow) -> bool) -> Vec<SymbolRow> {
        let of = |file: &&File| {
            let File { row, symbols, .. } = file;
            let prefix = if row.module.is_empty() { String::new() } else { row.module.clone() + &row.separator };
            let named = move |symbol: &SymbolRow| SymbolRow {
                qualified_name: prefix.clone() + &symbol.qualified_name,
                ..symbol.clone()
            };
            symbols.iter().map(named).collect::<Vec<_>>()
        };
        self.sorted().iter().flat_map(of).filter(condition).collect()
    }

    pub(super) fn labelled(&self, label: Label) -> Vec<SymbolRow> {
        self.find(|row| label.is_on(row.kind, row.visibility, row.marks))
    }

    /// The occurrences of all files that fulfil a condition.
    pub(super) fn occurrences(&self, condition: impl Fn(&OccurrenceRow, &Outcome) -> bool) -> Vec<OccurrenceRow> {
        let linked = self.sorted().into_iter().filter_map(|file| file.links.as_ref());
        let rows = linked.flat_map(|links| &links.occurrences).filter(|(row, outcome)| condition(row, outcome));
        rows.map(|(row, outcome)| OccurrenceRow { target: self.target(outcome), ..row.clone() }).collect()
    }

    pub(super) fn uses(&self, key: SymbolKey) -> Vec<OccurrenceRow> {
        self.occurrences(|_, outcome| definitions(outcome).contains(&key))
    }

    pub(super) fn unknown(&self, name: &str) -> Vec<OccurrenceRow> {
        self.occurrences(|row, outcome| row.name == name && matches!(outcome, Outcome::Unknown(_)))
    }

    pub(super) fn imports(&self, file: FileId) -> Vec<ImportRow> {
        let links = self.files[&file.0].links.as_ref();
        let rows = links.into_iter().flat_map(|links| &links.imports);
        rows.map(|(row, target)| match target {
            ImportTarget::File(file) => ImportRow { file: self.path(*file), ..row.clone() },
            ImportTarget::External(name) => ImportRow { external: Some(name.to_string()), ..row.clone() },
            ImportTarget::Unknown => row.clone(),
        })
        .collect()
    }

    /// What the linked files bring to the graph, by file number.
    pub(super) fn edges(&self) -> Vec<FileEdges> {
        let linked = self.files.values().filter_map(|file| file.links.as_ref().map(|links| (file, links)));
        linked.map(|(file, links)| edges(file, links)).collect()
    }

    /// The relations of all files that fulfil a condition.
    pub(super) fn relations(&self, condition: impl Fn(&RelationRow, &[SymbolKey]) -> bool) -> Vec<RelationRow> {
        let linked = self.sorted().into_iter().filter_map(|file| file.links.as_ref());
        let rows = linked.flat_map(|links| &links.relations);
        let rows = rows.filter(|(row, outcome)| condition(row, &definitions(outcome)));
        rows.map(|(row, outcome)| RelationRow { target: self.target(outcome), ..row.clone() }).collect()
    }

    fn path(&self, file: u32) -> Option<String> {
        self.files.get(&file).map(|file| file.row.path.clone())
    }

    fn target(&self, outcome: &Outcome) -> Target {
        match outcome {
            Outcome::Resolved(to, rule) => Target::Resolved(key_of(to), *rule),
            Outcome::Candidates(all, rule) => Target::Candidates(all.iter().map(key_of).collect(), *rule),
            Outcome::File(file, rule) => Target::File(self.path(*file).unwrap_or_default(), *rule),
            Outcome::External(name, rule) => Target::External(name.to_string(), *rule),
            Outcome::Unknown(reason) => Target::Unknown(*reason),
        }
    }

    pub(super) fn all_file_metrics(&self) -> Vec<(String, FileMetrics)> {
        self.file_metrics.clone().into_iter().collect()
    }

    pub(super) fn metrics(&self, file: FileId) -> &MetricsContent {
        &self.files[&file.0].metrics
    }

    /// The chunks that fulfil a condition.
    pub(super) fn chunks(&self, condition: impl Fn(&Chunk) -> bool) -> Vec<Chunk> {
        self.chunks.values().filter(|chunk| condition(chunk)).cloned().collect()
    }

    pub(super) fn executions(&self) -> Vec<Execution> {
        let mut all: Vec<Execution> = self.executions.values().cloned().collect();
        all.sort_by_key(|execution| Reverse((execution.started_ms, execution.id.clone())));
        all
    }

    pub(super) fn skipped(&self) -> Vec<Skipped> {
        self.skipped.values().cloned().collect()
    }

    pub(super) fn totals(&self) -> Totals {
        let mut languages: BTreeMap<&str, LanguageTotals> = BTreeMap::new();
        let mut reasons: BTreeMap<Reason, u64> = BTreeMap::new();
        for File { row, links, .. } in self.files.values() {
            let totals = languages.entry(&row.language).or_default();
            totals.language.clone_from(&row.language);
            totals.files += 1;
            totals.bytes += row.size;
            totals.lines = sum(totals.lines, row.lines);
            totals.symbols += u64::from(row.symbols);
            totals.occurrences += u64::from(row.occurrences);
            for (occurrence, outcome) in links.iter().flat_map(|links| &links.occurrences) {
                if occurrence.role == Role::Call {
                    totals.calls = counted(totals.calls, outcome);
                    if let Outcome::Unknown(reason) = outcome {
                        *reasons.entry(*reason).or_default() += 1;
                    }
                }
            }
        }
        let mut unknown_reasons: Vec<_> = reasons.into_iter().collect();
        unknown_reasons.sort_by_key(|(reason, calls)| (Reverse(*calls), *reason));
        Totals {
            languages: languages.into_values().collect(),
            files_with_errors: self.files.values().filter(|file| file.row.errors > 0).count() as u64,
            unknown_reasons: unknown_reasons.into_iter().map(|(reason, calls)| (reason.word().into(), calls)).collect(),
        }
    }

    /// Whether a link leads to a definition or file that is not there.
    pub(super) fn is_dangling(&self) -> bool {
        let is_there = |key: &SymbolKey| {
            self.files.get(&key.file.0).is_some_and(|file| file.symbols.len() > key.symbol.0 as usize)
        };
        let linked = self.files.values().filter_map(|file| file.links.as_ref());
        let mut outcomes = linked.flat_map(|links| {
            let occurrences = links.occurrences.iter().map(|(_, outcome)| outcome);
            occurrences.chain(links.relations.iter().map(|(_, outcome)| outcome))
        });
        outcomes.any(|outcome| match outcome {
            Outcome::File(file, _) => self.path(*file).is_none(),
            outcome => !definitions(outcome).iter().all(is_there),
        })
    }

    /// Whether an import leads to a file that is not there.
    pub(super) fn is_import_dangling(&self) -> bool {
        let linked = self.files.values().filter_map(|file| file.links.as_ref());
        let mut targets = linked.flat_map(|links| links.imports.iter().map(|(_, target)| target));
        targets.any(|target| matches!(target, ImportTarget::File(file) if self.path(*file).is_none()))
    }
}

fn edges(file: &File, links: &Links) -> FileEdges {
    let mut edges = FileEdges {
        file: file.row.id,
        symbols: Vec::new(),
        uses: Vec::new(),
        relations: Vec::new(),
        imports: Vec::new(),
        unknown_calls: Vec::new(),
    };
    for symbol in &file.facts.symbols {
        let (kind, visibility, marks, parent) = (symbol.kind, symbol.visibility, symbol.marks, symbol.parent);
        edges.symbols.push(Vertex { kind, visibility, marks, parent });
    }
    let mut unknown: BTreeMap<Option<SymbolId>, u32> = BTreeMap::new();
    for (row, outcome) in &links.occurrences {
        let from = row.symbol.map(|key| key.symbol);
        let is_certain = matches!(outcome, Outcome::Resolved(..));
        if let Outcome::Resolved(_, rule) | Outcome::Candidates(_, rule) = outcome {
            let edge = |to| Edge { from, to, role: row.role, rule: *rule, is_certain };
            edges.uses.extend(definitions(outcome).into_iter().map(edge));
        } else if row.role == Role::Call && matches!(outcome, Outcome::Unknown(_)) {
            *unknown.entry(from).or_default() += 1;
        }
    }
    for (row, outcome) in &links.relations {
        let edge = |to| RelationEdge { from: row.from.symbol, kind: row.kind, to };
        edges.relations.extend(definitions(outcome).into_iter().map(edge));
    }
    let imports: BTreeSet<u32> = links
        .imports
        .iter()
        .filter_map(|(_, target)| match target {
            ImportTarget::File(file) => Some(*file),
            _ => None,
        })
        .collect();
    edges.imports.extend(imports.into_iter().map(FileId));
    edges.unknown_calls.extend(unknown);
    edges
}

fn symbol(content: &FileContent, index: usize) -> SymbolRow {
    let (symbol, place) = (&content.facts.symbols[index], &content.places[index]);
    let own = |symbol| SymbolKey { file: content.id, symbol };
    SymbolRow {
        key: own(SymbolId(index as u32)),
        id: content.hashes[index],
        path: content.path.clone(),
        language: content.language.to_string(),
        kind: symbol.kind,
        name: content.facts.name(symbol.name).into(),
        qualified_name: content.scope_paths.get(index).into(),
        parent: symbol.parent.map(own),
        signature: content.signatures.get(index).into(),
        visibility: symbol.visibility,
        marks: symbol.marks,
        span: symbol.span,
        name_span: symbol.name_span,
        doc: symbol.doc,
        position: place.position,
        start_line: place.start_line,
        end_line: place.end_line,
    }
}

fn sum(a: LineCounts, b: LineCounts) -> LineCounts {
    LineCounts { code: a.code + b.code, comment: a.comment + b.comment, blank: a.blank + b.blank }
}

fn counted(mut tally: Tally, outcome: &Outcome) -> Tally {
    match outcome {
        Outcome::Resolved(..) | Outcome::File(..) => tally.resolved += 1,
        Outcome::Candidates(..) => tally.candidates += 1,
        Outcome::External(..) => tally.external += 1,
        Outcome::Unknown(_) => tally.unknown += 1,
    }
    tally
}
