//! Copies, backups, checks and rebuilt indexes, on every engine.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use magellan::index::{IndexOptions, index};
use magellan::model::{
    ContentHash, Expr, ExprId, FileMetrics, Import, ImportPath, ImportShape, NamesBuilder, Outcome, Reason, Relation,
    RelationKind, Rule, ScopeId, SkipReason, Skipped, Space, Span, SymbolId,
};
use magellan::store::{
    self, CacheEntry, Change, ChunkPattern, Execution, ExecutionOutcome, FileId, Snapshot, Store, StoreError, Target,
    fingerprint,
};
use magellan::walk::{WalkOptions, walk};

use super::aside::{ODD_TEXTS, chunk, file_metrics, metrics};
use super::disk::{live, stored};
use super::{apply, cache_entry, dump, engines, execution, facts, key, link, on_every_engine, put, sample, to};

/// Something of every kind.
fn everything() -> Vec<Change> {
    let mut c = facts(&["delta", "epsilon"], &["alpha", "module", "odd\tname"]);
    let mut names = NamesBuilder::default();
    for name in c.names.iter() {
        names.intern(name);
    }
    let [root, bound] = ["crate", "bound"].map(|name| names.intern(name));
    c.names = names.finish();
    let path = ExprId(c.exprs.len() as u32);
    c.exprs.push(Expr::Name { name: root, scope: ScopeId(0), at: 0, space: Space::Any });
    let import = Import {
        path: ImportPath::Expr(path),
        shape: ImportShape::Whole,
        bound: Some(bound),
        reexport: true,
        scope: ScopeId(0),
        span: Span::new(0, 9),
    };
    c.imports = vec![import, Import { shape: ImportShape::Glob, bound: None, ..import }];
    let kinds = [RelationKind::Implements, RelationKind::Extends, RelationKind::MemberOf];
    c.relations.extend(kinds.map(|kind| Relation { symbol: SymbolId(1), kind, target: path }));
    let c = Arc::new(c);
    let outcomes = vec![
        Outcome::Resolved(to(0, 0), Rule::Import),
        Outcome::File(1, Rule::ModulePath),
        Outcome::Unknown(Reason::Computed),
    ];
    let mut linked = link(5, &c, outcomes);
    let Change::Link(content) = &mut linked else { unreachable!("link gives that") };
    content.links.relations[1] = Outcome::File(0, Rule::Import);
    content.links.relations[2] = Outcome::Candidates([to(0, 2), to(1, 0)].into(), Rule::Import);
    let mut all = sample();
    all.extend([put(5, "dir/c.rs", &c), linked, put(3, "never linked.rs", &c)]);
    all.extend([metrics(0, 10, &[0, 2]), metrics(1, 30, &[]), metrics(5, 50, &[1])]);
    all.push(Change::FileMetrics("not indexed".into(), file_metrics(70)));
    all.push(Change::FileMetrics("never linked.rs".into(), file_metrics(90)));
    let chunk =
        |(index, text): (usize, &&[u8])| Change::Chunk(Box::new(chunk("odd", index as u32, Some("alpha"), text)));
    all.extend(ODD_TEXTS.iter().enumerate().map(chunk));
    all.push(Change::Chunk(Box::new(super::aside::chunk("a.rs", 4, None, b"of an indexed file"))));
    let skipped = ["x.rs", "-", "tab\there"].map(|path| Skipped {
        path: path.into(),
        reason: SkipReason::TooLarge,
        detail: "9 MB".into(),
    });
    all.push(Change::Skipped(skipped.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect()));
    all.extend(["root", "version"].map(|key| Change::Meta(key.into(), format!("the {key}"))));
    all.extend((0..4u64).map(|number| {
        let id = format!("id {number}");
        Change::Execution(Execution {
            duration_ms: Some(number),
            ..execution(&id, number / 2, ExecutionOutcome::Success)
        })
    }));
    all.extend([7, 300].map(|number| Change::Cache(Box::new(cache_entry(number, &number.to_be_bytes(), &c)))));
    all
}

/// What a copy must keep beyond the dump.
fn beside_the_dump(snapshot: &dyn Snapshot) -> impl PartialEq + std::fmt::Debug + use<> {
    let files = snapshot.files().unwrap();
    let relations: Vec<_> = files.iter().map(|file| snapshot.relations_in(file.id).unwrap()).collect();
    let chunks = snapshot.chunks(&ChunkPattern::All).unwrap();
    let lists = (snapshot.metas().unwrap(), snapshot.skipped().unwrap(), snapshot.executions(usize::MAX).unwrap());
    let cache = snapshot.cache().unwrap();
    let cached: Vec<_> = cache.iter().map(|row| snapshot.cached(row.number).unwrap().unwrap()).collect();
    assert!(cache.iter().eq(&cached.iter().map(CacheEntry::row).collect::<Vec<_>>()));
    (files, relations, chunks, lists, cached, snapshot.totals().unwrap())
}

fn copied(from: &dyn Store, target: &dyn Store) {
    let snapshot = from.snapshot().unwrap();
    let (mut steps, mut of) = (Vec::new(), 0);
    let mut progress = |done, all| {
        steps.push(done);
        of = all;
    };
    let mut changes = store::copy(&*snapshot, &mut progress).unwrap();
    target.load(&mut changes).unwrap();
    drop(changes);
    assert_eq!(steps, (1..=of).collect::<Vec<_>>());
    assert_eq!(of, 2 * snapshot.files().unwrap().len() as u64);
    let copy = target.snapshot().unwrap();
    assert_eq!(dump(target), dump(from));
    assert_eq!(fingerprint(&*copy).unwrap(), fingerprint(&*snapshot).unwrap());
    assert_eq!(beside_the_dump(&*copy), beside_the_dump(&*snapshot));
}

fn faults(store: &dyn Store) -> Vec<String> {
    let mut faults = Vec::new();
    store.snapshot().unwrap().check(&mut |fault| faults.push(fault)).unwrap();
    faults
}

#[test]
fn every_engine_copies_to_every_engine() {
    for from in engines() {
        apply(&*from.store, everything());
        assert_eq!(faults(&*from.store), [""; 0], "{}", from.name);
        for target in engines() {
            eprintln!("{} to {}", from.name, target.name);
            copied(&*from.store, &*target.store);
            assert_eq!(faults(&*target.store), [""; 0], "{}", target.name);
        }
    }
}

/// Hand-made facts are tame; these are those of real source.
#[test]
fn real_source_has_no_faults_and_survives_a_copy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let tree = walk(&root, &WalkOptions::default()).unwrap();
    on_every_engine(|store| {
        index(&IndexOptions { threads: 2, ..IndexOptions::default() }, &tree, store, &(), &AtomicBool::new(false))
            .unwrap();
        assert_eq!(faults(store), [""; 0]);
        copied(store, &*engines().remove(0).store);
    });
}

#[test]
fn every_engine_dumps_the_same() {
    let dumps: Vec<_> = engines()
        .iter()
        .map(|engine| {
            apply(&*engine.store, everything());
            dump(&*engine.store)
        })
        .collect();
    assert!(dumps.windows(2).all(|pair| pair[0] == pair[1]));
    let nouns: Vec<&str> = dumps[0].iter().filter_map(|line| line.split('\t').next()).collect();
    for noun in ["skipped", "chunk", "file_metrics", "file", "symbol", "symbol_metrics", "import", "occurrence"] {
        assert!(nouns.contains(&noun), "{noun}");
    }
    for noun in ["relation", "text", "facts", "ast", "functions"] {
        assert!(nouns.contains(&noun), "{noun}");
    }
    assert!(dumps[0].iter().any(|line| line.starts_with("skipped\t\\-\t")));
    assert!(dumps[0].iter().any(|line| line.contains("\ttab\\there\t")));
}

/// Links to what was removed stay until the file that has them is linked again.
#[test]
fn links_to_nowhere_survive_a_copy() {
    for from in engines() {
        apply(&*from.store, everything());
        apply(&*from.store, vec![Change::Remove(FileId(0)), Change::Remove(FileId(1))]);
        let rows = from.store.snapshot().unwrap().occurrences(FileId(5)).unwrap();
        assert_eq!(rows[0].target, Target::Resolved(key(0, 0), Rule::Import));
        assert_eq!(rows[1].target, Target::File(String::new(), Rule::ModulePath));
        for target in engines() {
            copied(&*from.store, &*target.store);
        }
    }
}

#[test]
fn a_copy_of_something_unreadable_is_given_up() {
    let (_folder, database) = stored();
    let connection = rusqlite::Connection::open(live(&database)).unwrap();
    connection.execute_batch("UPDATE facts SET packed = x'00' WHERE file = 1").unwrap();
    let damaged = store::open(&database).unwrap();
    on_every_engine(|target| {
        apply(target, sample());
        let before = dump(target);
        let snapshot = damaged.snapshot().unwrap();
        let result = target.load(&mut store::copy(&*snapshot, &mut |_, _| {}).unwrap());
        assert!(matches!(&result, Err(StoreError::Aborted(why)) if why.contains("facts")), "{result:?}");
        assert_eq!(dump(target), before);
    });
}

#[test]
fn a_check_tells_what_is_wrong() {
    let check = |change: &dyn Fn(Vec<Change>) -> Vec<Change>, expected: &str| {
        on_every_engine(|store| {
            apply(store, sample());
            assert_eq!(faults(store), [""; 0]);
            apply(store, change(sample()));
            let faults = faults(store);
            let is_told = |fault: &String| expected.split('|').any(|expected| fault.contains(expected));
            assert!(faults.iter().any(is_told), "{expected}: {faults:?}");
        });
    };
    let put_with = |edit: &dyn Fn(&mut store::FileContent)| {
        let mut change = put(0, "a.rs", &Arc::new(facts(&["alpha", "beta", "gamma"], &[])));
        let Change::Put(content) = &mut change else { unreachable!("put gives that") };
        edit(content);
        let links = sample().pop();
        [change].into_iter().chain(links).collect()
    };
    check(&|_| put_with(&|content| content.hash = ContentHash::of(b"other")), "a.rs: its text");
    check(&|_| put_with(&|content| content.text_packed = vec![1, 2]), "a.rs: its text");
    check(&|_| put_with(&|content| content.ast_packed = vec![1, 2]), "a.rs: its syntax tree");
    check(&|_| put_with(&|content| content.functions_packed = vec![1, 2]), "a.rs: its control flow");
    check(&|_| put_with(&|content| content.facts_packed = vec![1, 2]), "a.rs: its facts");
    // The native engine does not keep ids but derives them; there the index is what does not fit.
    check(&|_| put_with(&|content| content.hashes.swap(0, 1)), "a.rs: definition 0|index ids says");
    check(&|_| put_with(&|content| content.places[2].position.line = 77), "a.rs: definition 2");
    check(&|_| vec![Change::Remove(FileId(0))], "b.rs: occurrence 0 (alpha) leads to something that is not there");
    let lying = super::aside::chunk("x", 0, None, b"text");
    let lying = store::Chunk { hash: ContentHash::of(b"other"), ..lying };
    check(&|_| vec![Change::Chunk(Box::new(lying.clone()))], "chunks: the text at x 0..4");
}

/// What the rows do not show: indexes and counts that this engine keeps beside them.
#[test]
fn a_check_of_sqlite_tells_derived_data_and_a_rebuild_mends_it() {
    let (_folder, database) = stored();
    let writer = store::open_writer(&database, "test", None).unwrap();
    let before = (dump(&*writer), writer.snapshot().unwrap().totals().unwrap());
    let connection = rusqlite::Connection::open(live(&database)).unwrap();
    let check = |damage: &str, expected: &str| {
        connection.execute_batch(damage).unwrap();
        let told = faults(&*writer);
        assert!(told.iter().any(|fault| fault.contains(expected)), "{expected}: {told:?}");
        writer.rebuild_indexes().unwrap();
        assert_eq!(faults(&*writer), [""; 0]);
        assert_eq!((dump(&*writer), writer.snapshot().unwrap().totals().unwrap()), before);
    };
    check("UPDATE names SET uses = uses + 1 WHERE text = 'gone'", "(gone) counts 3 uses of 2");
    check("INSERT INTO names(id, text, uses) VALUES(999, 'left', 1)", "(left) counts 1 uses of 0");
    check("DROP INDEX symbols_by_name", "symbols_by_name: this index is missing");
    check("UPDATE files SET calls_resolved = 7 WHERE id = 1", "totals: those of rust are wrong");
    check("UPDATE files SET symbols = 7 WHERE id = 1", "b.rs: its counts");
    check("DELETE FROM unknown_call_counts", "totals:");
    connection.execute_batch("PRAGMA foreign_keys = OFF; UPDATE occurrences SET target = 99 WHERE target = 0").unwrap();
    let told = faults(&*writer);
    assert!(
        told.iter().any(|fault| fault.starts_with("occurrences: row 4294967296 refers to a row of symbols")),
        "{told:?}"
    );
}

#[test]
fn rebuilding_indexes_changes_nothing() {
    on_every_engine(|store| {
        apply(store, everything());
        let before = (dump(store), beside_the_dump(&*store.snapshot().unwrap()));
        store.rebuild_indexes().unwrap();
        assert!((dump(store), beside_the_dump(&*store.snapshot().unwrap())) == before);
        assert_eq!(faults(store), [""; 0]);
        apply(store, vec![Change::Remove(FileId(5))]);
        store.rebuild_indexes().unwrap();
        assert_eq!(faults(store), [""; 0]);
    });
}

#[test]
fn a_backup_is_a_database_and_overwrites_nothing() {
    for engine in engines() {
        apply(&*engine.store, everything());
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a backup");
        engine.store.backup(&path).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{}", engine.name);
        let copy = store::open(&path).unwrap();
        assert_eq!(copy.backend(), engine.store.backend());
        assert_eq!(dump(&*copy), dump(&*engine.store));
        assert_eq!(beside_the_dump(&*copy.snapshot().unwrap()), beside_the_dump(&*engine.store.snapshot().unwrap()));
        assert_eq!(faults(&*copy), [""; 0]);
        let bytes = fs::read(&path).unwrap();
        assert!(matches!(engine.store.backup(&path), Err(StoreError::Engine { .. })));
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert!(engine.store.backup(&folder.path().join("no/such/folder")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        drop(copy);
        let writer = store::open_writer(&path, "test", None).unwrap();
        apply(&*writer, vec![Change::Remove(FileId(0))]);
        assert_eq!(writer.snapshot().unwrap().file("a.rs").unwrap(), None);
    }
}

#[test]
fn a_backup_beside_a_busy_writer_is_one_state_or_the_other() {
    for engine in engines() {
        let store = &*engine.store;
        apply(store, everything());
        let whole = dump(store);
        let removed = || vec![Change::Remove(FileId(5)), Change::Meta("n".into(), "value ".repeat(5000))];
        apply(store, removed());
        let less = dump(store);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    apply(store, everything());
                    apply(store, removed());
                }
            });
            for number in 0..8 {
                let path = engine.folder.path().join(format!("backup-{number}.copy"));
                let result = store.backup(&path).and_then(|()| store::open(&path));
                done.store(result.is_err() || number == 7, Ordering::Relaxed);
                let copy = result.unwrap();
                assert!([&whole, &less].contains(&&dump(&*copy)), "{}", engine.name);
                assert_eq!(faults(&*copy), [""; 0]);
            }
        });
    }
}

#[test]
fn nothing_at_all_can_be_copied_checked_and_backed_up() {
    on_every_engine(|store| {
        copied(store, &*engines().remove(0).store);
        assert_eq!(faults(store), [""; 0]);
        assert_eq!(store.snapshot().unwrap().all_file_metrics().unwrap(), [] as [(String, FileMetrics); 0]);
        let folder = tempfile::tempdir().unwrap();
        store.backup(&folder.path().join("copy")).unwrap();
        assert_eq!(dump(&*store::open(&folder.path().join("copy")).unwrap()), [""; 0]);
    });
}
