//! The conformance suite: every operation of the store, on every engine, with hand-made facts; and what happens
//! to databases that are missing, foreign, damaged, locked or read-only.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use magellan::model::{
    ContentHash, Definition, Expr, FileFacts, FileLinks, Import, ImportPath, ImportShape, ImportTarget, Marks,
    NamesBuilder, Occurrence, Outcome, Position, Reason, Relation, RelationKind, Role, Rule, Scope, ScopeId, ScopeKind,
    SkipReason, Skipped, Space, Span, Stamp, Symbol, SymbolId, SymbolKind, Visibility, symbol_hashes,
};
use magellan::store::{
    self, Change, Execution, ExecutionOutcome, FileContent, FileId, LinkContent, NamePattern, Packer, Snapshot, Store,
    StoreError, SymbolKey, SymbolPlace, Target, Texts, fingerprint,
};

/// A store and what must live as long.
struct Engine {
    name: &'static str,
    store: Box<dyn Store>,
    _folder: Option<tempfile::TempDir>,
}

/// Every engine, empty.
fn engines() -> Vec<Engine> {
    let folder = tempfile::tempdir().unwrap();
    let on_disk = store::open_writer(&folder.path().join("db"), "test").unwrap();
    on_disk.load(&mut std::iter::empty()).unwrap();
    let loose_folder = tempfile::tempdir().unwrap();
    let loose = store::open_writer(&loose_folder.path().join("loose.db"), "test").unwrap();
    loose.load(&mut std::iter::empty()).unwrap();
    vec![
        Engine { name: "sqlite in memory", store: store::memory().unwrap(), _folder: None },
        Engine { name: "sqlite in a folder", store: on_disk, _folder: Some(folder) },
        Engine { name: "sqlite in a file", store: loose, _folder: Some(loose_folder) },
    ]
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

fn put(id: u32, path: &str, facts: &Arc<FileFacts>) -> Change {
    let text = format!("text of {path}").into_bytes();
    let mut packer = Packer::new().unwrap();
    let (mut scope_paths, mut signatures) = (Texts::default(), Texts::default());
    for symbol in &facts.symbols {
        scope_paths.push(facts.name(symbol.name));
        signatures.push(&format!("fn {}()", facts.name(symbol.name)));
    }
    let place = |index: usize| SymbolPlace {
        position: Position { line: index as u32 + 1, column: 3 },
        start_line: index as u32 + 1,
        end_line: index as u32 + 1,
    };
    Change::Put(Box::new(FileContent {
        id: FileId(id),
        path: path.into(),
        language: "rust",
        dialect: "rust",
        separator: "::",
        stamp: Stamp { size: text.len() as u64, modified_ns: 5 },
        hash: ContentHash::of(&text),
        text_packed: packer.text(&text).unwrap(),
        facts_packed: packer.facts(facts).unwrap(),
        hashes: symbol_hashes(path, facts),
        places: (0..facts.symbols.len()).map(place).collect(),
        scope_paths,
        signatures,
        facts: Arc::clone(facts),
    }))
}

fn link(id: u32, facts: &Arc<FileFacts>, outcomes: Vec<Outcome>) -> Change {
    let position = |index: usize| Position { line: 1, column: index as u32 };
    let relations = vec![Outcome::External("std::fmt::Debug".into(), Rule::Import); facts.relations.len()];
    Change::Link(Box::new(LinkContent {
        id: FileId(id),
        facts: Arc::clone(facts),
        separator: "::",
        positions: (0..outcomes.len()).map(position).collect(),
        import_positions: (0..facts.imports.len()).map(position).collect(),
        links: FileLinks {
            module: "sample".into(),
            outcomes,
            imports: vec![ImportTarget::File(id); facts.imports.len()],
            relations,
        },
        links_hash: ContentHash::of(&id.to_be_bytes()),
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
    store.snapshot().unwrap().dump(&mut |line| lines.push(line.to_owned())).unwrap();
    lines
}

#[test]
fn files_come_back_as_they_went_in() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let files = snapshot.files().unwrap();
        assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["a.rs", "b.rs"]);
        let file = snapshot.file("b.rs").unwrap().unwrap();
        assert_eq!(file, files[1]);
        assert_eq!((file.symbols, file.occurrences, file.module.as_str()), (1, 5, "sample"));
        assert_eq!(snapshot.text(file.id).unwrap(), b"text of b.rs");
        assert_eq!(file.hash, ContentHash::of(b"text of b.rs"));
        assert_eq!(snapshot.facts(FileId(0)).unwrap(), facts(&["alpha", "beta", "gamma"], &[]));
        assert_eq!(snapshot.file("c.rs").unwrap(), None);
    });
}

#[test]
fn symbols_are_found_by_name_glob_and_id() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let find = |pattern: NamePattern| -> Vec<String> {
            snapshot.find(&pattern).unwrap().into_iter().map(|row| row.qualified_name).collect()
        };
        assert_eq!(find(NamePattern::Exact("beta".into())), ["sample::beta"]);
        assert_eq!(find(NamePattern::Exact("bet".into())), [""; 0]);
        assert_eq!(find(NamePattern::Within("beta".into(), "sample".into())), ["sample::beta"]);
        assert_eq!(find(NamePattern::Within("beta".into(), "other".into())), [""; 0]);
        assert_eq!(find(NamePattern::Glob("*a".into())), ["sample::alpha", "sample::beta", "sample::gamma"]);
        assert_eq!(find(NamePattern::Glob("[ab]*".into())), ["sample::alpha", "sample::beta"]);
        let beta = snapshot.symbol(key(0, 1)).unwrap().unwrap();
        let digits = beta.id.to_string();
        for length in [8, 9, 32] {
            assert_eq!(find(NamePattern::Id(digits[..length].into())), ["sample::beta"]);
        }
        assert_eq!(find(NamePattern::Id(String::new())).len(), 4);
        for wrong in ["xyz", "+a", "é", &"0".repeat(33)] {
            assert_eq!(find(NamePattern::Id(wrong.into())), [""; 0]);
        }
        assert_eq!(snapshot.symbols(FileId(0)).unwrap().len(), 3);
        let gamma = snapshot.symbol(key(0, 2)).unwrap().unwrap();
        assert_eq!((gamma.parent, beta.doc, gamma.doc), (Some(beta.key), Some(Span::new(100, 102)), None));
        assert_eq!((beta.marks, beta.signature.as_str()), (Marks::TEST.with(Marks::ASYNC), "fn beta()"));
        assert_eq!(snapshot.symbol(key(7, 7)).unwrap(), None);
    });
}

#[test]
fn every_outcome_comes_back() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let rows = snapshot.occurrences(FileId(1)).unwrap();
        let targets: Vec<&Target> = rows.iter().map(|row| &row.target).collect();
        assert_eq!(*targets[0], Target::Resolved(key(0, 0), Rule::Import));
        assert_eq!(*targets[1], Target::Candidates(vec![key(0, 1), key(0, 2)], Rule::Dispatch));
        assert_eq!(*targets[2], Target::External("std::print".into(), Rule::Builtin));
        assert_eq!(*targets[3], Target::Unknown(Reason::NotInScope));
        assert_eq!((rows[1].arity, rows[1].symbol, rows[1].role), (Some(1), Some(key(1, 0)), Role::Call));
        assert_eq!(snapshot.uses(key(0, 0)).unwrap(), rows[..1]);
        assert_eq!(snapshot.uses(key(0, 2)).unwrap(), rows[1..2]);
        assert_eq!(snapshot.uses(key(1, 0)).unwrap(), []);
        assert_eq!(snapshot.unknown("gone").unwrap(), rows[3..]);
        assert_eq!(snapshot.unknown("print").unwrap(), []);
        let totals = snapshot.totals().unwrap();
        let calls = totals.languages[0].calls;
        assert_eq!((calls.resolved, calls.candidates, calls.external, calls.unknown), (1, 1, 1, 2));
        assert_eq!(totals.unknown_reasons, [("receiver_type".to_owned(), 1), ("not_in_scope".to_owned(), 1)]);
    });
}

#[test]
fn imports_and_relations_come_back() {
    let mut file = facts(&["alpha", "beta"], &[]);
    let mut names = NamesBuilder::default();
    let ids = ["alpha", "beta", "crate", "util", "u"].map(|name| names.intern(name));
    file.names = names.finish();
    file.exprs.push(Expr::Name { name: ids[2], scope: ScopeId(0), at: 0, space: Space::Any });
    file.exprs.push(Expr::Member { base: magellan::model::ExprId(0), name: ids[3] });
    let import = Import {
        path: ImportPath::Expr(magellan::model::ExprId(1)),
        shape: ImportShape::Whole,
        bound: Some(ids[4]),
        reexport: true,
        scope: ScopeId(0),
        span: Span::new(0, 9),
    };
    let glob = Import { path: ImportPath::Specifier(ids[3]), shape: ImportShape::Glob, bound: None, ..import };
    file.imports = vec![import, glob];
    let target = magellan::model::ExprId(0);
    file.relations.push(Relation { symbol: SymbolId(1), kind: RelationKind::Implements, target });
    let file = Arc::new(file);
    on_every_engine(|store| {
        apply(store, vec![put(4, "a.rs", &file), link(4, &file, Vec::new())]);
        let snapshot = store.snapshot().unwrap();
        let imports = snapshot.imports(FileId(4)).unwrap();
        assert_eq!((imports[0].specifier.as_str(), imports[0].member.as_deref()), ("crate::util", None));
        assert_eq!((imports[0].bound.as_deref(), imports[0].file.as_deref()), (Some("u"), Some("a.rs")));
        assert_eq!((imports[1].specifier.as_str(), imports[1].member.as_deref()), ("util", Some("*")));
        let relations = snapshot.relations(key(4, 1), true).unwrap();
        assert_eq!(relations[0].target, Target::External("std::fmt::Debug".into(), Rule::Import));
        assert_eq!(relations[0].kind, RelationKind::Implements);
        assert_eq!(snapshot.relations(key(4, 0), true).unwrap(), []);
        assert_eq!(snapshot.relations(key(4, 1), false).unwrap(), []);
    });
}

#[test]
fn a_removed_file_leaves_nothing_behind() {
    on_every_engine(|store| {
        let empty = dump(store);
        apply(store, sample());
        apply(store, vec![Change::Remove(FileId(1)), Change::Remove(FileId(0))]);
        assert_eq!(dump(store), empty);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.find(&NamePattern::Glob("*".into())).unwrap(), []);
        assert_eq!(snapshot.uses(key(0, 0)).unwrap(), []);
        assert_eq!(snapshot.unknown("gone").unwrap(), []);
        assert_eq!(snapshot.totals().unwrap(), store::Totals::default());
        assert!(snapshot.text(FileId(0)).is_err());
    });
}

#[test]
fn a_replaced_file_is_as_if_it_had_always_been_so() {
    let new = Arc::new(facts(&["delta"], &["epsilon"]));
    let change =
        || vec![put(1, "b.rs", &new), link(1, &new, vec![Outcome::Candidates([to(0, 0)].into(), Rule::Overload)])];
    on_every_engine(|store| {
        apply(store, sample());
        let first = dump(store);
        apply(store, sample());
        assert_eq!(dump(store), first);
        apply(store, change());
        let replaced = (dump(store), fingerprint(&*store.snapshot().unwrap()).unwrap());
        apply(store, vec![Change::Clear]);
        assert_eq!(dump(store), [""; 0]);
        apply(store, sample());
        apply(store, change());
        assert_eq!((dump(store), fingerprint(&*store.snapshot().unwrap()).unwrap()), replaced);
        assert_eq!(store.snapshot().unwrap().unknown("gone").unwrap(), []);
    });
}

#[test]
fn the_dump_does_not_show_internal_numbers() {
    on_every_engine(|store| {
        apply(store, sample());
        let expected = dump(store);
        let (a, b) = (facts(&["alpha", "beta", "gamma"], &[]), facts(&["main"], &["alpha", "beta", "print", "gone"]));
        let mut b = b;
        b.occurrences.push(Occurrence { span: Span::new(60, 64), arity: Some(4), ..b.occurrences[3] });
        b.exprs.push(Expr::Name { name: b.occurrences[3].name, scope: ScopeId(0), at: 60, space: Space::Value });
        b.occurrences[4].expr = magellan::model::ExprId(4);
        let (a, b) = (Arc::new(a), Arc::new(b));
        let outcomes = vec![
            Outcome::Resolved(to(9, 0), Rule::Import),
            Outcome::Candidates([to(9, 1), to(9, 2)].into(), Rule::Dispatch),
            Outcome::External("std::print".into(), Rule::Builtin),
            Outcome::Unknown(Reason::NotInScope),
            Outcome::Unknown(Reason::ReceiverType),
        ];
        apply(store, vec![Change::Clear]);
        let b_first = vec![put(3, "b.rs", &b), put(9, "a.rs", &a), link(3, &b, outcomes), link(9, &a, Vec::new())];
        apply(store, b_first);
        assert_eq!(dump(store), expected);
    });
}

#[test]
fn an_abort_keeps_nothing_wherever_it_comes() {
    on_every_engine(|store| {
        apply(store, sample());
        let before = dump(store);
        let new = Arc::new(facts(&["delta", "main"], &["alpha"]));
        for count in 0..=5 {
            let changes = || {
                vec![
                    Change::Meta("key".into(), "value".into()),
                    put(1, "b.rs", &new),
                    link(1, &new, vec![Outcome::Unknown(Reason::Limit)]),
                    Change::Skipped(vec![Skipped { path: "x".into(), reason: SkipReason::Binary, detail: "".into() }]),
                    Change::Remove(FileId(0)),
                ]
            };
            let aborted = |changes: Vec<Change>| {
                changes.into_iter().take(count).chain(std::iter::once(Change::Abort("enough".into())))
            };
            let result = store.apply(&mut aborted(changes()));
            assert!(matches!(&result, Err(StoreError::Aborted(why)) if why == "enough"), "{result:?}");
            assert!(store.load(&mut aborted(changes())).is_err());
            assert_eq!(dump(store), before);
            assert_eq!(store.snapshot().unwrap().meta("key").unwrap(), None);
        }
        apply(store, vec![Change::Remove(FileId(1))]);
    });
}

#[test]
fn a_snapshot_keeps_its_view_while_others_write() {
    on_every_engine(|store| {
        apply(store, sample());
        let early = store.snapshot().unwrap();
        let before = fingerprint(&*early).unwrap();
        apply(store, vec![Change::Remove(FileId(0)), Change::Remove(FileId(1))]);
        assert_eq!(fingerprint(&*early).unwrap(), before);
        assert_ne!(fingerprint(&*store.snapshot().unwrap()).unwrap(), before);
        store.load(&mut sample().into_iter()).unwrap();
        assert_eq!(fingerprint(&*early).unwrap(), before);
        assert_eq!(fingerprint(&*store.snapshot().unwrap()).unwrap(), before);
        drop(early);
        assert_eq!(fingerprint(&*store.snapshot().unwrap()).unwrap(), before);
    });
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

#[test]
fn execution_records_outlive_everything_and_come_newest_first() {
    on_every_engine(|store| {
        let empty = dump(store);
        let records = [
            execution("b", 1, ExecutionOutcome::Running),
            execution("a", 2, ExecutionOutcome::Error),
            execution("c", 2, ExecutionOutcome::Success),
        ];
        apply(store, records.iter().cloned().map(Change::Execution).collect());
        apply(store, vec![Change::Clear]);
        store.load(&mut std::iter::empty()).unwrap();
        assert_eq!(dump(store), empty);
        let newest = |limit| store.snapshot().unwrap().executions(limit).unwrap();
        assert_eq!(newest(9), [records[2].clone(), records[1].clone(), records[0].clone()]);
        assert_eq!(newest(1), records[2..]);
        apply(store, vec![Change::Execution(execution("b", 1, ExecutionOutcome::Partial))]);
        assert_eq!(newest(9)[2].outcome, ExecutionOutcome::Partial);
    });
}

#[test]
fn bookkeeping_skips_and_stamps_are_kept() {
    on_every_engine(|store| {
        apply(store, sample());
        let skipped = vec![Skipped { path: "x.rs".into(), reason: SkipReason::TooLarge, detail: "9 MB".into() }];
        let stamp = Stamp { size: 3, modified_ns: u64::MAX };
        apply(
            store,
            vec![
                Change::Meta("k".into(), "1".into()),
                Change::Meta("k".into(), "2".into()),
                Change::Skipped(skipped.clone()),
                Change::Touch(FileId(0), stamp),
            ],
        );
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.meta("k").unwrap().as_deref(), Some("2"));
        assert_eq!(snapshot.skipped().unwrap(), skipped);
        assert_eq!(snapshot.file("a.rs").unwrap().unwrap().stamp, stamp);
        apply(store, vec![Change::Skipped(Vec::new())]);
        assert_eq!(store.snapshot().unwrap().skipped().unwrap(), []);
    });
}

// Files on disk

fn live(folder: &Path) -> PathBuf {
    folder.join(fs::read_to_string(folder.join("CURRENT")).unwrap().trim())
}

/// A folder with the sample in it.
fn stored() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join(".magellan");
    store::open_writer(&database, "test").unwrap().load(&mut sample().into_iter()).unwrap();
    (folder, database)
}

fn error_of(path: &Path) -> StoreError {
    store::open(path).and_then(|store| store.snapshot().map(drop)).expect_err("this cannot be opened")
}

/// Every file under a folder with its content.
fn state(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // The shared memory of locks is no content.
        .filter(|path| !path.to_string_lossy().ends_with("-shm"))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn stamps_are_those_of_the_files() {
    on_every_engine(|store| {
        apply(store, sample());
        let snapshot = store.snapshot().unwrap();
        let mut stamps = snapshot.stamps().unwrap();
        stamps.sort_by(|a, b| a.0.cmp(&b.0));
        let files = snapshot.files().unwrap();
        assert_eq!(stamps, files.into_iter().map(|file| (file.path, file.stamp)).collect::<Vec<_>>());
        assert!(!stamps.is_empty());
    });
}

#[test]
fn a_missing_database_is_not_created_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["nothing", "nothing.db", ""] {
        let error = error_of(&folder.path().join(name));
        assert!(matches!(error, StoreError::Missing(_)), "{error}");
    }
    assert_eq!(state(folder.path()), []);
}

#[test]
fn reading_changes_nothing_on_disk() {
    let (_folder, database) = stored();
    let before = state(&database);
    for path in [database.clone(), live(&database)] {
        let store = store::open(&path).unwrap();
        assert_eq!(dump(&*store).len(), 11);
        assert!(store.apply(&mut std::iter::empty()).is_err());
        assert!(store.load(&mut std::iter::empty()).is_err());
    }
    assert_eq!(state(&database), before);
    let names: Vec<_> = before.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, [".gitignore", "CURRENT", "index-1.db", "index-1.db-wal", "writer.lock"]);
}

/// Whoever deletes a database file may leave its log behind; read together with a new file it looked like damage.
#[test]
fn a_log_left_behind_by_a_deleted_file_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loose.db");
    for values in [2000, 0] {
        let store = store::open_writer(&path, "test").unwrap();
        let filling = (0..values).map(|value| Change::Meta(format!("key {value}"), "value ".repeat(50)));
        store.load(&mut filling.chain(sample())).unwrap();
        let expected = dump(&*store);
        // A record alone is not moved out of the log at once.
        apply(&*store, vec![Change::Execution(execution("id", 1, ExecutionOutcome::Success))]);
        drop(store);
        assert_eq!(dump(&*store::open(&path).unwrap()), expected);
        fs::remove_file(&path).unwrap();
        assert!(fs::read_dir(folder.path()).unwrap().count() > 1, "a log is left behind");
    }
}

#[test]
fn a_copied_file_can_be_read_alone_and_leaves_no_trace() {
    let (folder, database) = stored();
    let copies = folder.path().join("a %?#ü copy");
    fs::create_dir(&copies).unwrap();
    let copy = copies.join("copy.db");
    fs::copy(live(&database), &copy).unwrap();
    let before = state(&copies);
    assert_eq!(dump(&*store::open(&copy).unwrap()), dump(&*store::open(&database).unwrap()));
    assert_eq!(state(&copies), before);
    assert_eq!(fs::read_dir(&copies).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_can_be_read_and_not_written() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, database) = stored();
    let expected = dump(&*store::open(&database).unwrap());
    for entry in fs::read_dir(&database).unwrap() {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(&database, fs::Permissions::from_mode(0o555)).unwrap();
    assert_eq!(dump(&*store::open(&database).unwrap()), expected);
    // The superuser may write everywhere.
    if fs::File::create(database.join("probe")).is_err() {
        assert!(matches!(store::open_writer(&database, "test").err(), Some(StoreError::Engine { .. })));
    }
    fs::set_permissions(&database, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn foreign_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, found: &str| {
        let path = folder.path().join(name);
        let before = fs::read(&path).unwrap();
        for error in [error_of(&path), store::open_writer(&path, "test").err().unwrap()] {
            assert!(matches!(&error, StoreError::Foreign { found: f, .. } if f == found), "{error}");
        }
        assert_eq!(fs::read(&path).unwrap(), before);
    };
    fs::write(folder.path().join("text.db"), "hello ".repeat(100)).unwrap();
    check("text.db", "not an SQLite database");
    fs::write(folder.path().join("empty.db"), "").unwrap();
    check("empty.db", "an empty file");
    rusqlite::Connection::open(folder.path().join("other.db")).unwrap().execute_batch("CREATE TABLE t(x)").unwrap();
    check("other.db", "an SQLite database of another program");
    let (_other, database) = stored();
    fs::copy(live(&database), folder.path().join("newer.db")).unwrap();
    let newer = rusqlite::Connection::open(folder.path().join("newer.db")).unwrap();
    newer.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 77").unwrap();
    drop(newer);
    check("newer.db", "a Magellan index of format 77");
}

#[test]
fn a_folder_of_something_else_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "dear").unwrap();
    let error = store::open_writer(folder.path(), "test").err().unwrap();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn damage_is_refused_and_nothing_is_deleted() {
    let (_folder, database) = stored();
    let file = live(&database);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let error = error_of(&database);
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let mut flipped = whole.clone();
    for at in (4096..whole.len()).step_by(97) {
        flipped[at] ^= 0x55;
    }
    fs::write(&file, &flipped).unwrap();
    let result = store::open(&database).and_then(|store| store.snapshot()?.dump(&mut |_| {}));
    assert!(result.is_err());
    assert_eq!(fs::read(&file).unwrap(), flipped);
    fs::write(database.join("CURRENT"), "../../etc/passwd\n").unwrap();
    let error = error_of(&database);
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn flipped_bits_never_panic() {
    let (_folder, database) = stored();
    let file = live(&database);
    let whole = fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(607) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(&file, &flipped).unwrap();
        let Ok(store) = store::open(&database) else { continue };
        let Ok(snapshot) = store.snapshot() else { continue };
        read_everything(&*snapshot);
    }
}

/// Asks every question; answers and errors are equally welcome.
fn read_everything(snapshot: &dyn Snapshot) {
    let _ = snapshot.dump(&mut |_| {});
    let _ = (snapshot.totals(), snapshot.executions(9), snapshot.skipped(), snapshot.unknown("gone"));
    let _ = snapshot.find(&NamePattern::Glob("*".into()));
    for file in snapshot.files().unwrap_or_default() {
        let _ = (snapshot.text(file.id), snapshot.facts(file.id), snapshot.occurrences(file.id));
        let _ = (snapshot.imports(file.id), snapshot.uses(key(file.id.0, 0)));
        let _ = snapshot.relations(key(file.id.0, 0), false);
    }
}

#[test]
fn a_second_writer_is_told_who_holds_the_lock() {
    let (_folder, database) = stored();
    let first = store::open_writer(&database, "index .").unwrap();
    let error = store::open_writer(&database, "other").err().unwrap();
    let text = error.to_string();
    assert!(text.contains(&format!("process {} (index .)", std::process::id())), "{text}");
    assert!(matches!(error, StoreError::Locked { .. }));
    drop(first);
    store::open_writer(&database, "other").unwrap();
}

#[test]
fn a_full_load_switches_generations_and_sweeps_the_old() {
    let (_folder, database) = stored();
    let reader = store::open(&database).unwrap();
    let old = reader.snapshot().unwrap();
    fs::write(database.join("index-9.db"), "left by a run that was killed").unwrap();
    let writer = store::open_writer(&database, "test").unwrap();
    assert!(!database.join("index-9.db").exists());
    writer.load(&mut std::iter::empty()).unwrap();
    assert_eq!(live(&database).file_name().unwrap(), "index-2.db");
    assert!(!database.join("index-1.db").exists());
    assert_eq!(old.files().unwrap().len(), 2);
    assert_eq!(reader.snapshot().unwrap().files().unwrap(), []);
    writer.apply(&mut sample().into_iter()).unwrap();
    assert_eq!(reader.snapshot().unwrap().files().unwrap().len(), 2);
}

#[test]
fn the_examples_of_the_schema_page_run() {
    let (_folder, database) = stored();
    let connection = rusqlite::Connection::open(live(&database)).unwrap();
    let page = include_str!("../../docs/schema.md");
    let mut count = 0;
    for block in page.split("```sql\n").skip(1) {
        let sql = block.split("```").next().unwrap();
        let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{error} in {sql}"));
        let mut rows = statement.query([]).unwrap();
        assert!(rows.next().unwrap().is_some(), "no row for {sql}");
        count += 1;
    }
    assert!(count >= 5);
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").unwrap();
    for name in tables.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        let name = name.unwrap();
        assert!(name.starts_with("sqlite_") || page.contains(&format!("`{name}`")), "{name} is not documented");
    }
}
