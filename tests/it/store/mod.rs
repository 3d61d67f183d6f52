//! The conformance suite: every operation of the store, on every engine, with hand-made facts; and what happens
//! to databases that are missing, foreign, damaged, locked or read-only.

mod aside;
mod disk;
mod model;
mod random;
mod records;
mod upkeep;

use std::path::Path;
use std::sync::Arc;

use magellan::model::{
    Ast, AstNode, Block, BlockKind, Cfg, Complexity, ContentHash, Definition, Edge, EdgeKind, Expr, FileFacts,
    FileLinks, Function, ImportTarget, LineIndex, Marks, NamesBuilder, Occurrence, Outcome, Reason, Role, Rule, Scope,
    ScopeId, ScopeKind, Space, Span, Stamp, Symbol, SymbolId, SymbolKind, Terminator, Visibility, scope_path,
    symbol_hashes,
};
use magellan::store::{
    self, Backend, CacheEntry, Change, Execution, ExecutionOutcome, FileContent, FileId, LinkContent, Packer, Store,
    SymbolKey, SymbolPlace, Texts,
};

/// A store and what must live as long.
struct Engine {
    name: &'static str,
    store: Box<dyn Store>,
    folder: tempfile::TempDir,
}

/// A name, and how to make a new, empty database with its files, if any, in the folder.
type Make = (&'static str, fn(&Path) -> Box<dyn Store>);

const ENGINES: &[Make] = &[
    ("sqlite in memory", |_| store::memory(Backend::Sqlite).unwrap()),
    ("sqlite in a folder", |folder| loaded(&folder.join("db"), Backend::Sqlite)),
    ("sqlite in a file", |folder| loaded(&folder.join("loose.db"), Backend::Sqlite)),
    #[cfg(feature = "native-v2")]
    ("native-v2 in memory", |_| store::memory(Backend::NativeV2).unwrap()),
    #[cfg(feature = "native-v2")]
    ("native-v2 in a folder", |folder| loaded(&folder.join("db"), Backend::NativeV2)),
    #[cfg(feature = "native-v2")]
    ("native-v2 in a file", |folder| loaded(&folder.join("loose.lmdb"), Backend::NativeV2)),
];

fn loaded(path: &Path, backend: Backend) -> Box<dyn Store> {
    let store = store::open_writer(path, "test", Some(backend)).unwrap();
    store.load(&mut std::iter::empty()).unwrap();
    store
}

/// Every engine, empty.
fn engines() -> Vec<Engine> {
    let engine = |&(name, make): &Make| {
        let folder = tempfile::tempdir().unwrap();
        Engine { name, store: make(folder.path()), folder }
    };
    ENGINES.iter().map(engine).collect()
}

fn on_every_engine(check: impl Fn(&dyn Store)) {
    for engine in engines() {
        eprintln!("engine: {}", engine.name);
        check(&*engine.store);
    }
}

/// A file with functions one to a line; each name in `calls` is called from the first function.
fn facts(functions: &[&str], calls: &[&str]) -> FileFacts {
    let mut names = NamesBuilder::default();
    let mut facts = FileFacts::default();
    facts.scopes.push(Scope { kind: ScopeKind::File, parent: None, symbol: None, bindings: 0 });
    for (line, function) in functions.iter().enumerate() {
        let start = line as u32 * 100;
        facts.symbols.push(Symbol {
            kind: SymbolKind::Function,
            name: names.intern(function),
            parent: (line > 1).then_some(SymbolId(1)),
            qualifier: None,
            span: Span::new(start, start + 90),
            name_span: Span::new(start + 3, start + 3 + function.len() as u32),
            signature: Span::new(start, start + 20),
            doc: (line == 1).then_some(Span::new(start, start + 2)),
            visibility: Visibility::Private,
            marks: Marks::TEST.with(Marks::ASYNC),
            scope: None,
            ty: None,
            arity: None,
        });
    }
    for (index, call) in calls.iter().enumerate() {
        let (name, start) = (names.intern(call), 20 + index as u32 * 10);
        facts.exprs.push(Expr::Name { name, scope: ScopeId(0), at: start, space: Space::Value });
        facts.occurrences.push(Occurrence {
            role: Role::Call,
            name,
            span: Span::new(start, start + 4),
            expr: magellan::model::ExprId(index as u32),
            symbol: (!functions.is_empty()).then_some(SymbolId(0)),
            arity: Some(index as u16),
        });
    }
    facts.lines.code = functions.len() as u32;
    facts.names = names.finish();
    facts
}

/// A text in which every definition of `facts` stands on a line of its own.
fn text_of(path: &str, facts: &FileFacts) -> Vec<u8> {
    let line = |index: usize| match facts.symbols.get(index) {
        Some(symbol) => format!("{:<99}\n", format!("fn {}() {{}} // of {path}", facts.name(symbol.name))),
        None => format!("{:<99}\n", format!("// {path}")),
    };
    (0..facts.symbols.len().max(1)).flat_map(|index| line(index).into_bytes()).collect()
}

/// A syntax tree of a root and a node for each definition.
fn ast(facts: &FileFacts) -> Ast {
    let count = facts.symbols.len() as u32;
    let node = |start, end, next, grammar_kind| AstNode { start, end, next, grammar_kind, kind: 0, field: 0 };
    let mut nodes = vec![node(0, 100 * count, count + 1, 300)];
    nodes.extend(
        (0u32..).zip(&facts.symbols).map(|(index, symbol)| node(symbol.span.start, symbol.span.end, index + 2, 7)),
    );
    Ast { fields: vec![0; nodes.len()], nodes }
}

/// A straight line of control for each definition.
fn functions(facts: &FileFacts) -> Vec<Function> {
    let block = |kind, span, terminator| Block { kind, span, terminator, reachable: true };
    let function = |(index, symbol): (u32, &Symbol)| Function {
        symbol: SymbolId(index),
        complexity: Complexity { cyclomatic: 1, cognitive: 0, nesting: 0 },
        cfg: Cfg {
            blocks: vec![
                block(BlockKind::Entry, symbol.span, Terminator::Fallthrough),
                block(BlockKind::Exit, Span::default(), Terminator::End),
            ],
            edges: vec![Edge { from: 0, to: 1, kind: EdgeKind::Fallthrough }],
        },
    };
    (0u32..).zip(&facts.symbols).map(function).collect()
}

fn put(id: u32, path: &str, facts: &Arc<FileFacts>) -> Change {
    let text = text_of(path, facts);
    let lines = LineIndex::new(&text);
    let mut packer = Packer::new().unwrap();
    let (mut scope_paths, mut signatures) = (Texts::default(), Texts::default());
    for (index, symbol) in (0u32..).zip(&facts.symbols) {
        scope_paths.push(&scope_path(facts, SymbolId(index), "::"));
        signatures.push(&format!("fn {}()", facts.name(symbol.name)));
    }
    let place = |symbol: &Symbol| SymbolPlace {
        position: lines.position(symbol.name_span.start),
        start_line: lines.position(symbol.span.start).line,
        end_line: lines.position(symbol.span.end).line,
    };
    Change::Put(Box::new(FileContent {
        id: FileId(id),
        path: path.into(),
        language: "rust".into(),
        dialect: "rust".into(),
        separator: "::".into(),
        stamp: Stamp { size: text.len() as u64, modified_ns: 5 },
        hash: ContentHash::of(&text),
        text_packed: packer.text(&text).unwrap(),
        facts_packed: packer.facts(facts).unwrap(),
        ast_packed: packer.ast(&ast(facts)).unwrap(),
        functions_packed: packer.functions(&functions(facts)).unwrap(),
        hashes: symbol_hashes(path, facts),
        places: facts.symbols.iter().map(place).collect(),
        scope_paths,
        signatures,
        facts: Arc::clone(facts),
    }))
}

/// What was made of a text that is `content`.
fn cache_entry(number: u64, content: &[u8], facts: &FileFacts) -> CacheEntry {
    let mut packer = Packer::new().unwrap();
    CacheEntry {
        number,
        hash: ContentHash::of(content),
        dialect: "rust".into(),
        facts_packed: packer.facts(facts).unwrap(),
        ast_packed: packer.ast(&ast(facts)).unwrap(),
        functions_packed: packer.functions(&functions(facts)).unwrap(),
    }
}

fn link(id: u32, facts: &Arc<FileFacts>, outcomes: Vec<Outcome>) -> Change {
    let lines = LineIndex::new(&text_of("", facts));
    let relations = vec![Outcome::External("std::fmt::Debug".into(), Rule::Import); facts.relations.len()];
    Change::Link(Box::new(LinkContent {
        id: FileId(id),
        facts: Arc::clone(facts),
        separator: "::".into(),
        positions: facts.occurrences.iter().map(|occurrence| lines.position(occurrence.span.start)).collect(),
        import_positions: facts.imports.iter().map(|import| lines.position(import.span.start)).collect(),
        links: FileLinks {
            module: "sample".into(),
            outcomes,
            imports: vec![ImportTarget::File(id); facts.imports.len()],
            relations,
        },
        links_hash: ContentHash::of(&id.to_be_bytes()),
        record: id.to_le_bytes().to_vec(),
    }))
}

fn to(file: u32, symbol: u32) -> Definition {
    Definition { file, symbol: SymbolId(symbol) }
}

fn key(file: u32, symbol: u32) -> SymbolKey {
    SymbolKey { file: FileId(file), symbol: SymbolId(symbol) }
}

/// Two files: `b.rs` calls into `a.rs` in every way there is.
fn sample() -> Vec<Change> {
    let a = Arc::new(facts(&["alpha", "beta", "gamma"], &[]));
    let b = Arc::new(facts(&["main"], &["alpha", "beta", "print", "gone", "gone"]));
    let outcomes = vec![
        Outcome::Resolved(to(0, 0), Rule::Import),
        Outcome::Candidates([to(0, 1), to(0, 2)].into(), Rule::Dispatch),
        Outcome::External("std::print".into(), Rule::Builtin),
        Outcome::Unknown(Reason::NotInScope),
        Outcome::Unknown(Reason::ReceiverType),
    ];
    vec![put(0, "a.rs", &a), put(1, "b.rs", &b), link(0, &a, Vec::new()), link(1, &b, outcomes)]
}

fn apply(store: &dyn Store, changes: Vec<Change>) {
    store.apply(&mut changes.into_iter()).unwrap();
}

fn dump(store: &dyn Store) -> Vec<String> {
    let mut lines = Vec::new();
    store::dump(&*store.snapshot().unwrap(), &mut |line| lines.push(line.to_owned())).unwrap();
    lines
}

fn execution(id: &str, started_ms: u64, outcome: ExecutionOutcome) -> Execution {
    Execution {
        id: id.into(),
        version: "1".into(),
        command: "index".into(),
        arguments: vec!["a b".into(), "\"".into()],
        root: "/r".into(),
        started_ms,
        duration_ms: None,
        outcome,
        error: Some("why".into()),
        files: 1,
        symbols: 2,
        occurrences: 3,
        links: 4,
    }
}
