//! Random batches into every engine, fresh and after a migration there and back: every question has the answer of the
//! plain [`Model`].

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use magellan::model::{
    Diagnostic, Expr, ExprId, FileFacts, Import, ImportPath, ImportShape, ImportTarget, Marks, NameId, Outcome, Reason,
    Relation, RelationKind, Role, Rule, ScopeId, SkipReason, Skipped, Space, Span, Stamp, SymbolId, SymbolKind,
    Visibility, scope_path,
};
use magellan::store::{
    self, Backend, CacheEntry, Change, ChunkPattern, Execution, ExecutionOutcome, FileId, Label, NamePattern, OpenSite,
    Snapshot, Store, StoreError, Target, Texts,
};

use super::aside::{ODD_TEXTS, chunk, file_metrics, metrics};
use super::model::Model;
use super::{ENGINES, cache_entry, execution, facts, key, link, put, text_of, to};
use crate::index::Dice;

const NAMES: [&str; 9] = ["alpha", "beta", "al", "Alpha", "a_b", "main", "operator()", "z\u{d7ff}", "\u{1f980}"];
const PATHS: [&str; 9] = ["a", "a.rs", "a.rs:1", "b.rs", "dir/c.rs", "dir", "odd \u{1f980}", "z z", "not indexed"];
const MODULES: [&str; 4] = ["", "sample", "a::b", "m"];
const LANGUAGES: [(&str, &str, &str); 3] = [("rust", "rust", "::"), ("typescript", "tsx", "."), ("go", "go", ".")];
const KEYS: [&str; 3] = ["root", "manifests", "k"];
const CACHE_NUMBERS: [u64; 5] = [0, 1, 255, 256, i64::MAX as u64];
const FILES: u64 = 6;
const SYMBOLS: u64 = 4;

/// Makes batches, knowing which files there are.
struct Generator {
    dice: Dice,
    /// For each number the file that has it: its path, facts and separator.
    files: [Option<(&'static str, Arc<FileFacts>, &'static str)>; FILES as usize],
}

impl Generator {
    fn new(seed: u64) -> Self {
        Self { dice: Dice(seed), files: Default::default() }
    }

    fn roll(&mut self, sides: u64) -> u32 {
        // The low bits of small seeds are not random yet.
        (self.dice.roll(1 << 40) >> 7) as u32 % sides as u32
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.roll(values.len() as u64) as usize]
    }

    /// Up to eight changes; rarely one that takes it all back.
    fn batch(&mut self) -> Vec<Change> {
        let before = self.files.clone();
        let mut batch: Vec<Change> = (0..=self.roll(8)).flat_map(|_| self.changes()).collect();
        if self.roll(10) == 0 {
            let at = self.roll(batch.len() as u64 + 1) as usize;
            batch.insert(at, Change::Abort("enough".into()));
            self.files = before;
        }
        batch
    }

    /// Changes for an empty database.
    fn load(&mut self) -> Vec<Change> {
        let before = std::mem::take(&mut self.files);
        let batch = self.batch();
        if batch.iter().any(|change| matches!(change, Change::Abort(_))) {
            self.files = before;
        }
        batch
    }

    fn changes(&mut self) -> Vec<Change> {
        let number = self.roll(FILES);
        match self.roll(28) {
            0..=5 => self.put(number),
            6..=8 => self.link(number),
            9 => {
                self.files[number as usize] = None;
                vec![Change::Remove(FileId(number))]
            }
            10..=12 => self.metrics(number),
            13 => vec![Change::FileMetrics(self.one_of(&PATHS).into(), file_metrics(self.dice.roll(900) as u32))],
            14..=16 => vec![self.chunk()],
            17 => vec![Change::RemoveChunks(self.one_of(&PATHS).into())],
            18 => vec![Change::Touch(FileId(number), self.stamp())],
            19 => vec![self.skipped()],
            20 => vec![Change::Meta(self.one_of(&KEYS).into(), self.roll(1000).to_string())],
            21..=22 => vec![Change::Execution(self.execution())],
            23..=25 => vec![self.cache_entry()],
            26 => vec![Change::Evict(self.cache_number())],
            _ if self.roll(4) == 0 => {
                self.files = Default::default();
                vec![Change::Clear]
            }
            _ => Vec::new(),
        }
    }

    fn stamp(&mut self) -> Stamp {
        Stamp { size: self.dice.roll(1 << 40), modified_ns: self.dice.roll(u64::MAX) }
    }

    fn put(&mut self, number: u32) -> Vec<Change> {
        let path = self.one_of(&PATHS[..PATHS.len() - 1]);
        let is_other = |(at, file): (usize, &Option<(&str, _, _)>)| {
            at != number as usize && file.as_ref().is_some_and(|file| file.0 == path)
        };
        if self.files.iter().enumerate().any(is_other) {
            return Vec::new();
        }
        let facts = Arc::new(self.facts());
        let (language, dialect, separator) = self.one_of(&LANGUAGES);
        let mut change = put(number, path, &facts);
        let Change::Put(content) = &mut change else { unreachable!("put gives that") };
        (content.language, content.dialect, content.separator) = (language.into(), dialect.into(), separator.into());
        content.stamp = self.stamp();
        content.scope_paths = Texts::default();
        for index in 0..facts.symbols.len() as u32 {
            content.scope_paths.push(&scope_path(&facts, SymbolId(index), separator));
        }
        self.files[number as usize] = Some((path, facts, separator));
        let mut changes = vec![change];
        if self.roll(3) > 0 {
            changes.extend(self.link(number));
        }
        changes
    }

    fn facts(&mut self) -> FileFacts {
        let symbols: Vec<&str> = (0..self.roll(SYMBOLS + 1)).map(|_| self.one_of(&NAMES)).collect();
        let calls: Vec<&str> = (0..self.roll(6)).map(|_| self.one_of(&NAMES)).collect();
        let mut facts = facts(&symbols, &calls);
        for symbol in &mut facts.symbols {
            symbol.kind = self.one_of(&SymbolKind::WORDS).0;
            symbol.visibility = self.one_of(&Visibility::WORDS).0;
            symbol.marks = Marks(self.roll(1 << 14));
        }
        for occurrence in &mut facts.occurrences {
            occurrence.role = if self.roll(2) == 0 { Role::Call } else { self.one_of(&Role::WORDS).0 };
            occurrence.arity = (self.roll(2) == 0).then_some(self.roll(9) as u16);
        }
        if !facts.names.is_empty() {
            let names = facts.names.len() as u64;
            let target = ExprId(facts.exprs.len() as u32);
            let name = NameId(self.roll(names));
            facts.exprs.push(Expr::Name { name, scope: ScopeId(0), at: 0, space: Space::Any });
            facts.imports = (0..self.roll(3)).map(|_| self.import(names)).collect();
            let related = facts.symbols.len() as u64;
            facts.relations = (0..self.roll(3).min(related as u32))
                .map(|_| (SymbolId(self.roll(related)), self.one_of(&RelationKind::WORDS).0))
                .map(|(symbol, kind)| Relation { symbol, kind, target })
                .collect();
        }
        if self.roll(4) == 0 {
            facts.diagnostics.push(Diagnostic { span: Span::new(0, 1), message: "odd".into() });
        }
        facts.lines.blank = self.roll(9);
        facts
    }

    fn import(&mut self, names: u64) -> Import {
        let [specifier, member, bound] = [(); 3].map(|()| NameId(self.roll(names)));
        Import {
            path: ImportPath::Specifier(specifier),
            shape: self.one_of(&[ImportShape::Whole, ImportShape::Glob, ImportShape::Member(member)]),
            bound: (self.roll(2) == 0).then_some(bound),
            reexport: self.roll(2) == 0,
            scope: ScopeId(0),
            span: Span::new(0, 9),
        }
    }

    fn link(&mut self, number: u32) -> Vec<Change> {
        let Some((_, facts, separator)) = self.files[number as usize].clone() else { return Vec::new() };
        let outcomes = facts.occurrences.iter().map(|occurrence| self.outcome(occurrence.role.is_call())).collect();
        let mut change = link(number, &facts, outcomes);
        let Change::Link(content) = &mut change else { unreachable!("link gives that") };
        content.separator = separator.into();
        content.links.module = self.one_of(&MODULES).into();
        content.links.relations = facts.relations.iter().map(|_| self.outcome(false)).collect();
        content.links.imports = facts.imports.iter().map(|_| self.import_target()).collect();
        content.links_hash.0[0] = self.roll(256) as u8;
        content.record = vec![self.roll(256) as u8; self.roll(3) as usize * 4_000];
        vec![change]
    }

    /// To files and definitions that may be there or not.
    fn outcome(&mut self, is_call: bool) -> Outcome {
        let rule = self.one_of(&Rule::WORDS).0;
        let mut definition = || to(self.roll(FILES), self.roll(SYMBOLS));
        let mut some = [(); 3].map(|()| definition());
        some.sort_unstable();
        match self.roll(5) {
            0 => Outcome::Resolved(some[0], rule),
            1 => {
                let mut all = some.to_vec();
                all.dedup();
                Outcome::Candidates(all.into(), rule)
            }
            2 => Outcome::External(self.one_of(&NAMES).into(), rule),
            3 if !is_call => Outcome::File(self.roll(FILES), rule),
            _ => Outcome::Unknown(self.one_of(&Reason::WORDS).0),
        }
    }

    fn import_target(&mut self) -> ImportTarget {
        match self.roll(3) {
            0 => ImportTarget::File(self.roll(FILES)),
            1 => ImportTarget::External(self.one_of(&NAMES).into()),
            _ => ImportTarget::Unknown,
        }
    }

    fn metrics(&mut self, number: u32) -> Vec<Change> {
        let Some((_, facts, _)) = &self.files[number as usize] else { return Vec::new() };
        let count = facts.symbols.len() as u32;
        let symbols: Vec<u32> = (0..count).filter(|_| self.roll(2) == 0).collect();
        vec![metrics(number, self.roll(500), &symbols)]
    }

    fn chunk(&mut self) -> Change {
        let symbol = (self.roll(3) > 0).then(|| self.one_of(&NAMES));
        let (path, start, text) = (self.one_of(&PATHS), self.roll(3), self.one_of(&ODD_TEXTS));
        Change::Chunk(Box::new(chunk(path, start, symbol, text)))
    }

    fn skipped(&mut self) -> Change {
        let paths: Vec<&str> = PATHS.into_iter().filter(|_| self.roll(4) == 0).collect();
        let skipped = paths.into_iter().map(|path| Skipped {
            path: path.into(),
            reason: self.one_of(&SkipReason::WORDS).0,
            detail: self.roll(100).to_string(),
        });
        Change::Skipped(skipped.collect())
    }

    /// Few, so that entries are replaced, and some large.
    fn cache_number(&mut self) -> u64 {
        self.one_of(&CACHE_NUMBERS)
    }

    fn cache_entry(&mut self) -> Change {
        let facts = self.facts();
        let mut entry = cache_entry(self.cache_number(), &[self.roll(256) as u8], &facts);
        entry.dialect = self.one_of(&LANGUAGES).1.into();
        Change::Cache(Box::new(entry))
    }

    fn execution(&mut self) -> Execution {
        let id = format!("id {}", self.roll(6));
        let outcome = self.one_of(&ExecutionOutcome::WORDS).0;
        let duration_ms = (self.roll(2) == 0).then(|| self.dice.roll(1 << 40));
        Execution { duration_ms, ..execution(&id, u64::from(self.roll(4)), outcome) }
    }
}

/// Compares every answer of a snapshot with that of the model.
struct Comparison<'c> {
    snapshot: &'c dyn Snapshot,
    model: &'c Model,
    /// Seed, step and engine.
    told: &'c str,
}

impl Comparison<'_> {
    fn same<T: PartialEq + Debug>(&self, question: impl Debug, answer: store::Result<T>, expected: T) {
        assert_eq!(answer.unwrap(), expected, "{question:?}, {}", self.told);
    }

    fn all(&self) {
        self.files();
        self.symbols();
        self.links();
        self.apart();
        self.check();
    }

    fn files(&self) {
        let Self { snapshot, model, .. } = *self;
        self.same("files", snapshot.files(), model.files());
        let stamps = snapshot.stamps().map(|mut stamps| {
            stamps.sort_by(|a, b| a.0.cmp(&b.0));
            stamps
        });
        self.same("stamps", stamps, model.stamps());
        PATHS.iter().for_each(|path| self.same(path, snapshot.file(path), model.file(path)));
        for file in model.ids() {
            let facts = model.facts(file);
            let path = model.files().into_iter().find(|row| row.id == file).unwrap().path;
            self.same("text", snapshot.text(file), text_of(&path, facts));
            self.same("facts", snapshot.facts(file), facts.clone());
            self.same("ast", snapshot.ast(file), model.ast(file));
            self.same("functions", snapshot.functions(file), model.functions(file));
            self.same("record", snapshot.link_record(file), model.link_record(file));
        }
        self.same("totals", snapshot.totals(), model.totals());
    }

    fn symbols(&self) {
        let Self { snapshot, model, .. } = *self;
        for file in (0..FILES as u32).map(FileId) {
            self.same(file, snapshot.symbols(file), model.find(|row| row.key.file == file));
            for key in (0..=SYMBOLS as u32).map(|symbol| key(file.0, symbol)) {
                self.same(key, snapshot.symbol(key), model.find(|row| row.key == key).pop());
            }
        }
        for label in Label::all() {
            self.same(label, snapshot.labelled(label), model.labelled(label));
        }
        for pattern in self.patterns() {
            let expected = model.find(|row| is_match(&pattern, row));
            self.same(&pattern, snapshot.find(&pattern), expected);
        }
    }

    fn patterns(&self) -> Vec<NamePattern> {
        let mut patterns: Vec<NamePattern> = GLOBS.iter().map(|(glob, _)| NamePattern::Glob((*glob).into())).collect();
        for name in NAMES.into_iter().chain(["", "a", "alp", "none", "\u{10ffff}"]) {
            patterns.extend([NamePattern::Exact(name.into()), NamePattern::Prefix(name.into())]);
            patterns.push(NamePattern::Within(name.into(), "sample".into()));
            patterns.push(NamePattern::Qualified(name.into()));
        }
        for row in self.model.find(|_| true) {
            let digits = row.id.to_string();
            patterns.extend([1, 4, 32].map(|length| NamePattern::Id(digits[..length].into())));
            patterns.push(NamePattern::Qualified(row.qualified_name));
        }
        patterns
    }

    fn links(&self) {
        let Self { snapshot, model, .. } = *self;
        for file in (0..FILES as u32).map(FileId) {
            self.same(file, snapshot.occurrences(file), model.occurrences(|row, _| row.file == file));
            for (role, word) in Role::WORDS {
                let of_role = model.occurrences(|row, _| row.file == file && row.role == role);
                self.same((file, word), snapshot.occurrences_of(file, role), of_role);
            }
            let mut externals = model.occurrences(|row, _| row.file == file);
            externals.retain(|row| matches!(row.target, Target::External(..)));
            let starts: Vec<u32> = externals.iter().map(|row| row.span.start).collect();
            self.same(file, snapshot.external_starts(file), starts);
            self.same(file, snapshot.relations_in(file), model.relations(|row, _| row.from.file == file));
            for key in (0..SYMBOLS as u32).map(|symbol| key(file.0, symbol)) {
                self.same(key, snapshot.uses(key), model.uses(key));
                self.same(key, snapshot.relations(key, true), model.relations(|row, _| row.from == key));
                self.same(key, snapshot.relations(key, false), model.relations(|_, to| to.contains(&key)));
            }
        }
        model.ids().iter().for_each(|file| self.same(file, snapshot.imports(*file), model.imports(*file)));
        NAMES.iter().for_each(|name| self.same(name, snapshot.unknown(name), model.unknown(name)));
        for name in NAMES {
            let sorted = |mut sites: Vec<OpenSite>| {
                sites.sort_by_key(|site| (site.file, site.span, site.role));
                sites
            };
            let expected = model.unknown(name).iter().map(OpenSite::from).collect();
            self.same(name, snapshot.open_sites(name).map(sorted), sorted(expected));
        }
        self.edges();
    }

    fn edges(&self) {
        let read = |only| {
            let mut all = Vec::new();
            self.snapshot.edges(only, &mut |edges| all.push(edges)).map(|()| all)
        };
        let expected = self.model.edges();
        self.same("edges", read(None), expected.clone());
        for file in (0..FILES as u32).map(FileId) {
            let own = expected.iter().filter(|edges| edges.file == file).cloned();
            self.same(file, read(Some(file)), own.collect());
        }
    }

    fn apart(&self) {
        let Self { snapshot, model, .. } = *self;
        self.same("metas", snapshot.metas(), model.metas.clone().into_iter().collect());
        KEYS.iter().for_each(|key| self.same(key, snapshot.meta(key), model.metas.get(*key).cloned()));
        self.same("skipped", snapshot.skipped(), model.skipped());
        self.same("all file metrics", snapshot.all_file_metrics(), model.all_file_metrics());
        for path in PATHS {
            let of_path = model.all_file_metrics().into_iter().find(|(of, _)| of == path);
            self.same(path, snapshot.file_metrics(path), of_path.map(|(_, metrics)| metrics));
            let chunks = model.chunks(|chunk| chunk.path == path);
            for chunk in &chunks {
                let pattern = ChunkPattern::Span(path.into(), chunk.span);
                self.same(&pattern, snapshot.chunks(&pattern), vec![chunk.clone()]);
            }
            self.same(path, snapshot.chunks(&ChunkPattern::Path(path.into())), chunks);
        }
        self.same("all chunks", snapshot.chunks(&ChunkPattern::All), model.chunks(|_| true));
        for name in NAMES {
            let chunks = model.chunks(|chunk| chunk.symbol.as_deref() == Some(name));
            self.same(name, snapshot.chunks(&ChunkPattern::Symbol(name.into())), chunks);
        }
        for file in model.ids() {
            self.same(file, snapshot.symbol_metrics(file), model.metrics(file).symbols.clone());
        }
        self.same("cache", snapshot.cache(), model.cache.values().map(CacheEntry::row).collect());
        for number in CACHE_NUMBERS {
            self.same(number, snapshot.cached(number), model.cache.get(&number).cloned());
        }
        let executions = model.executions();
        for limit in [0, 1, 3, usize::MAX] {
            let newest = executions.iter().take(limit).cloned().collect();
            self.same(limit, snapshot.executions(limit), newest);
        }
        for id in (0..6).map(|number| format!("id {number}")) {
            let expected = executions.iter().find(|execution| execution.id == id).cloned();
            self.same(&id, snapshot.execution(&id), expected);
        }
    }

    /// The only faults there can be are links to what is gone. SQLite tells them a second time, as rows that refer to
    /// none, and those of imports too.
    fn check(&self) {
        let (mut leads_nowhere, mut refers_to_none) = (false, false);
        let mut fault = |fault: String| {
            assert!(fault.ends_with("that is not there"), "{fault}, {}", self.told);
            let is_rows = fault.contains("refers to a row");
            *if is_rows { &mut refers_to_none } else { &mut leads_nowhere } = true;
        };
        self.snapshot.check(&mut fault).unwrap();
        assert_eq!(leads_nowhere, self.model.is_dangling(), "{}", self.told);
        assert!(!refers_to_none || leads_nowhere || self.model.is_import_dangling(), "{}", self.told);
    }
}

/// A condition on names.
type Condition = fn(&str) -> bool;

/// Globs, and what they mean.
const GLOBS: &[(&str, Condition)] = &[
    ("*", |_| true),
    ("", |name| name.is_empty()),
    ("al*", |name| name.starts_with("al")),
    ("*a", |name| name.ends_with('a')),
    ("?", |name| name.chars().count() == 1),
    ("????", |name| name.chars().count() == 4),
    ("[aA]l*", |name| name.starts_with("al") || name.starts_with("Al")),
    ("a_*", |name| name.starts_with("a_")),
];

fn is_match(pattern: &NamePattern, row: &store::SymbolRow) -> bool {
    match pattern {
        NamePattern::Exact(name) => row.name == *name,
        NamePattern::Qualified(name) => row.qualified_name == *name,
        NamePattern::Prefix(prefix) => row.name.starts_with(prefix),
        NamePattern::Within(name, around) => {
            let words = row.qualified_name.strip_suffix(name.as_str()).map(|rest| {
                rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
            });
            row.name == *name && words.and_then(Iterator::last).is_some_and(|word| word == around)
        }
        NamePattern::Glob(glob) => GLOBS.iter().any(|(known, is_match)| known == glob && is_match(&row.name)),
        NamePattern::Id(digits) => row.id.to_string().starts_with(digits),
    }
}

fn compare(store: &dyn Store, model: &Model, told: &str) {
    Comparison { snapshot: &*store.snapshot().unwrap(), model, told }.all();
}

/// Applies or loads a batch; gives whether it was given up.
fn step(store: &dyn Store, generator: &mut Generator, model: &mut Model) -> bool {
    let is_load = generator.roll(6) == 0;
    let batch = if is_load { generator.load() } else { generator.batch() };
    let is_given_up = batch.iter().any(|change| matches!(change, Change::Abort(_)));
    if is_load {
        model.load(&batch)
    } else {
        model.apply(&batch)
    }
    let mut changes = batch.into_iter();
    let result = if is_load { store.load(&mut changes) } else { store.apply(&mut changes) };
    match result {
        Ok(()) => assert!(!is_given_up),
        Err(StoreError::Aborted(why)) => assert!(is_given_up && why == "enough"),
        Err(error) => panic!("{error}"),
    }
    is_given_up
}

fn backends() -> impl Iterator<Item = Backend> {
    [Backend::Sqlite, Backend::NativeV2].into_iter().filter(|backend| store::memory(*backend).is_ok())
}

fn copy(from: &dyn Store, to: &dyn Store) {
    let snapshot = from.snapshot().unwrap();
    to.load(&mut store::copy(&*snapshot, &mut |_, _| {}).unwrap()).unwrap();
}

/// A life of an engine in random steps. Half way it moves to the other engine and back into a new database of its own
/// kind, and goes on there. Gives how many batches were given up.
fn live(name: &str, make: fn(&Path) -> Box<dyn Store>, seed: u64, steps: usize) -> usize {
    let folder = || tempfile::tempdir().unwrap();
    let mut folders = vec![folder()];
    let mut store = make(folders[0].path());
    let (mut generator, mut model) = (Generator::new(seed), Model::default());
    let mut given_up = 0;
    for number in 0..steps {
        let told = format!("seed {seed:#x}, step {number}, {name}");
        if number == steps / 2 {
            model.copied();
            for backend in backends() {
                let other = store::memory(backend).unwrap();
                copy(&*store, &*other);
                compare(&*other, &model, &format!("{told}, over to {backend}"));
                folders.push(folder());
                let back = make(folders[folders.len() - 1].path());
                copy(&*other, &*back);
                compare(&*back, &model, &format!("{told}, back from {backend}"));
                store = back;
            }
        }
        let before = (number % 8 == 0).then(|| (store.snapshot().unwrap(), model.clone()));
        given_up += usize::from(step(&*store, &mut generator, &mut model));
        compare(&*store, &model, &told);
        if let Some((snapshot, model)) = before {
            Comparison { snapshot: &*snapshot, model: &model, told: &format!("{told}, the view of before") }.all();
        }
    }
    given_up
}

#[test]
fn random_batches_answer_like_plain_maps() {
    const STEPS: usize = 32;
    let seeds = [0x5eed_1001, 0x5eed_1002];
    for (name, make) in ENGINES {
        let given_up: usize = seeds.iter().map(|seed| live(name, *make, *seed, STEPS)).sum();
        assert!(given_up > 0 && given_up < STEPS, "{name}: {given_up} batches were given up");
    }
}
