//! Everything that a database says, to be compared with what it says elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use magellan::model::{ContentHash, FileMetrics, Function, SymbolMetrics, SyntaxNode};
use magellan::store::{
    self, Backend, Chunk, ChunkPattern, Execution, FileRow, Label, NamePattern, Part, Snapshot, SymbolRow,
};
use magellan::{NativeGraphBackend, kv};

/// Everything a snapshot can tell, line by line; by group, so that a difference is named.
pub(crate) fn content(snapshot: &dyn Snapshot) -> BTreeMap<&'static str, Vec<String>> {
    let mut content: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut add = |group, line| content.entry(group).or_default().push(line);
    store::dump(snapshot, &mut |line| add("dump", line.to_owned())).unwrap();
    for file in snapshot.files().unwrap() {
        let id = file.id;
        for (part, word) in Part::WORDS {
            add("packed", format!("{} {word} {:?}", file.path, snapshot.packed(id, part).unwrap()));
        }
        assert_eq!(ContentHash::of(&snapshot.text(id).unwrap()), file.hash);
        add("files", format!("{file:?} {:?}", snapshot.file(&file.path).unwrap()));
        add("facts", format!("{:?}", snapshot.facts(id).unwrap()));
        add("ast", format!("{:?}", snapshot.ast(id).unwrap()));
        add("cfg", format!("{:?}", snapshot.functions(id).unwrap()));
        add("metrics", format!("{:?}", snapshot.symbol_metrics(id).unwrap()));
        add("metrics", format!("{:?}", snapshot.file_metrics(&file.path).unwrap()));
        add("imports", format!("{:?}", snapshot.imports(id).unwrap()));
        add("relations", format!("{:?}", snapshot.relations_in(id).unwrap()));
        add("occurrences", format!("{:?}", snapshot.occurrences(id).unwrap()));
        for symbol in snapshot.symbols(id).unwrap() {
            add("symbols", format!("{symbol:?} {:?}", snapshot.symbol(symbol.key).unwrap()));
            add("uses", format!("{:?}", snapshot.uses(symbol.key).unwrap()));
            add("subtypes", format!("{:?}", snapshot.relations(symbol.key, false).unwrap()));
            add("supertypes", format!("{:?}", snapshot.relations(symbol.key, true).unwrap()));
            add("names", format!("{:?}", snapshot.find(&NamePattern::Exact(symbol.name.clone())).unwrap()));
            add("qualified", format!("{:?}", snapshot.find(&NamePattern::Qualified(symbol.qualified_name)).unwrap()));
            add("ids", format!("{:?}", snapshot.find(&NamePattern::Id(symbol.id.to_string())).unwrap()));
            add("unknown", format!("{:?}", snapshot.unknown(&symbol.name).unwrap()));
        }
    }
    for pattern in ["*", "f*", "[a-m]*", "?"] {
        add("globs", format!("{:?}", snapshot.find(&NamePattern::Glob(pattern.into())).unwrap()));
    }
    add("prefixes", format!("{:?}", snapshot.find(&NamePattern::Prefix("re".into())).unwrap()));
    for label in Label::all() {
        add("labels", format!("{} {:?}", label.word(), snapshot.labelled(label).unwrap()));
    }
    let mut stamps = snapshot.stamps().unwrap();
    stamps.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    add("stamps", format!("{stamps:?}"));
    add("metas", format!("{:?}", snapshot.metas().unwrap()));
    add("skipped", format!("{:?}", snapshot.skipped().unwrap()));
    add("all metrics", format!("{:?}", snapshot.all_file_metrics().unwrap()));
    add("chunks", format!("{:?}", snapshot.chunks(&ChunkPattern::All).unwrap()));
    add("log", format!("{:?}", snapshot.executions(usize::MAX).unwrap()));
    for row in snapshot.cache().unwrap() {
        add("cache", format!("{row:?} {:?}", snapshot.cached(row.number).unwrap()));
    }
    add("totals", format!("{:?}", snapshot.totals().unwrap()));
    content
}

/// What a database says, opened anew; sound by its own account.
pub(crate) fn content_of(database: &Path, backend: Backend) -> BTreeMap<&'static str, Vec<String>> {
    let store = store::open(database).unwrap();
    assert_eq!(store.backend(), backend);
    let snapshot = store.snapshot().unwrap();
    snapshot.check(&mut |fault| panic!("{backend}: {fault}")).unwrap();
    content(&*snapshot)
}

/// Where a line parts from another, and a little around.
fn parting(line: &str, other: &str) -> String {
    let at = line.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let near = &line.as_bytes()[at.saturating_sub(200)..line.len().min(at + 200)];
    String::from_utf8_lossy(near).into_owned()
}

/// Names the group in which two contents differ.
pub(crate) fn assert_same(before: &BTreeMap<&str, Vec<String>>, after: &BTreeMap<&str, Vec<String>>) {
    assert!(before.keys().eq(after.keys()), "{:?} {:?}", before.keys(), after.keys());
    for (group, lines) in before {
        let other = &after[group];
        assert_eq!(lines.len(), other.len(), "{group}");
        for (line, other) in lines.iter().zip(other) {
            assert!(line == other, "{group}: {} and {}", parting(line, other), parting(other, line));
        }
    }
}

/// What is kept beside the graph.
pub(crate) struct Metadata {
    files: Vec<FileMetadata>,
    chunks: Vec<Chunk>,
    executions: Vec<Execution>,
    file_metrics: Vec<(String, FileMetrics)>,
}

struct FileMetadata {
    row: FileRow,
    symbols: Vec<SymbolRow>,
    metrics: Vec<SymbolMetrics>,
    ast: Vec<SyntaxNode>,
    cfg: Vec<Function>,
}

impl Metadata {
    /// As a snapshot of any engine says.
    pub(crate) fn of(snapshot: &dyn Snapshot) -> Self {
        let of_file = |row: FileRow| FileMetadata {
            symbols: snapshot.symbols(row.id).unwrap(),
            metrics: snapshot.symbol_metrics(row.id).unwrap(),
            ast: snapshot.ast(row.id).unwrap(),
            cfg: snapshot.functions(row.id).unwrap(),
            row,
        };
        Self {
            files: snapshot.files().unwrap().into_iter().map(of_file).collect(),
            chunks: snapshot.chunks(&ChunkPattern::All).unwrap(),
            executions: snapshot.executions(usize::MAX).unwrap(),
            file_metrics: snapshot.all_file_metrics().unwrap(),
        }
    }

    /// There is enough of everything, from every language, that a loss would be seen.
    pub(crate) fn assert_rich(&self) {
        let mut edges = BTreeSet::new();
        for language in ["c", "cpp", "go", "java", "javascript", "python", "rust", "typescript"] {
            let functions =
                || self.files.iter().filter(|file| file.row.language == language).flat_map(|file| &file.cfg);
            assert!(functions().any(|function| function.cfg.blocks.len() > 2), "no control flow in {language}");
            edges.extend(functions().flat_map(|function| &function.cfg.edges).map(|edge| edge.kind.word()));
        }
        for kind in ["true", "false", "case", "loop_back", "return", "exceptional"] {
            assert!(edges.contains(kind), "no edge {kind}: {edges:?}");
        }
        let metrics = || self.files.iter().flat_map(|file| &file.metrics);
        assert!(metrics().any(|row| row.cyclomatic > 5 && row.cognitive > 5 && row.fan_in > 0 && row.fan_out > 0));
        assert!(self.file_metrics.len() > self.files.len() && self.chunks.len() > 1 && self.executions.len() > 1);
    }

    /// Every record, asked for by its key through the key-value interface of the native engine, is this one.
    pub(crate) fn assert_keyed(&self, backend: &NativeGraphBackend) {
        for file in &self.files {
            let path = &file.row.path;
            assert_eq!(kv::ast(backend, path).unwrap(), file.ast, "{path}");
            assert_eq!(kv::cfg_functions(backend, path).unwrap(), file.cfg, "{path}");
            assert_eq!(kv::symbol_metrics(backend, path).unwrap(), file.metrics, "{path}");
            for symbol in &file.symbols {
                assert_eq!(kv::symbol_by_id(backend, symbol.id).unwrap().as_ref(), Some(symbol), "{path}");
                assert!(kv::symbols_by_qualified_name(backend, &symbol.qualified_name).unwrap().contains(symbol));
            }
        }
        for (path, metrics) in &self.file_metrics {
            assert_eq!(kv::file_metrics(backend, path).unwrap().as_ref(), Some(metrics), "{path}");
        }
        for chunk in &self.chunks {
            let key = ChunkPattern::Span(chunk.path.clone(), chunk.span);
            assert_eq!(kv::chunks(backend, &key).unwrap(), std::slice::from_ref(chunk));
        }
        assert_eq!(kv::chunks(backend, &ChunkPattern::All).unwrap(), self.chunks);
        for execution in &self.executions {
            assert_eq!(kv::execution(backend, &execution.id).unwrap().as_ref(), Some(execution));
        }
        assert_eq!(kv::executions(backend, usize::MAX).unwrap(), self.executions);
    }
}
