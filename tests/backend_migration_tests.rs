//! Migration between the engines: everything there and back again, record by record; and whatever goes wrong on the
//! way, the original is live and untouched.

#![cfg(feature = "native-v2")]
#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod content;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use heed::types::Bytes;
use magellan::index::{IndexOptions, index};
use magellan::migrate_backend_cmd::{Backend, Fate, MigrationOptions, MigrationReport, Stage, run_migrate_backend};
use magellan::model::{ContentHash, Span};
use magellan::store::{self, Change, Chunk, ChunkPattern, Execution, ExecutionOutcome, Store, StoreError};
use magellan::walk::{WalkOptions, walk};
use magellan::{ChunkStore, ExecutionLog, MetricsOps, NativeGraphBackend};
use tempfile::TempDir;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use content::{Metadata, assert_same, content, content_of};

const ENGINES: [Backend; 2] = [Backend::Sqlite, Backend::NativeV2];

fn other(backend: Backend) -> Backend {
    if backend == Backend::Sqlite { Backend::NativeV2 } else { Backend::Sqlite }
}

/// A file for each language that is not the one of this package.
const SOURCES: &[(&str, &str)] = &[
    ("a.py", "import os\nclass A(object):\n    def f(self, x):\n        return os.g(x) if x else self.f(1)\n"),
    ("a.c", "#include <stdio.h>\nstatic int g(int x) { return x; }\nint f(int x) { while (x--) g(x); return h(x); }\n"),
    (
        "a.cpp",
        "struct S { virtual int f() { return g(); } int g(); };\nstruct T : S { int f() override { return 1; } };\n",
    ),
    ("A.java", "class A extends B implements C { int f(int x) { switch (x) { case 1: return g(); } return 0; } }\n"),
    ("a.js", "import { b } from './b.js';\nexport class A { f() { try { b(); } catch (e) { this.f(); } } }\n"),
    ("b.js", "export function b() { for (const x of []) b(x); }\n"),
    ("a.ts", "interface I { f(): void }\nexport class A implements I { f(): void { this.f(); } }\n"),
    ("a.go", "package p\n\ntype A struct{}\n\nfunc (a A) F() { defer a.F(); \u{e4}\u{1f980}() }\n"),
    ("broken.rs", "fn broken( { \u{1f980}\r\n"),
    ("empty.py", ""),
];

/// Real source, this package's store among it, with files that are skipped.
fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in SOURCES {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/native");
    fs::create_dir_all(folder.path().join("src/native")).unwrap();
    for entry in fs::read_dir(own).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join("src/native").join(entry.file_name())).unwrap();
    }
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"forest\"\n").unwrap();
    fs::write(folder.path().join("big.py"), "x = 1\n".repeat(2_000)).unwrap();
    folder
}

fn index_into(store: &dyn Store, root: &Path) {
    let options = WalkOptions { max_file_bytes: Some(11_999), ..WalkOptions::default() };
    let tree = walk(root, &options).unwrap();
    let options = IndexOptions { threads: 2, root: root.display().to_string(), ..IndexOptions::default() };
    index(&options, &tree, store, &(), &AtomicBool::new(false)).unwrap();
}

/// The same, with something in the cache: a file was there and is gone.
fn index_twice(store: &dyn Store, root: &Path) {
    let gone = root.join("gone.py");
    fs::write(&gone, "def gone():\n    return 1\n").unwrap();
    index_into(store, root);
    fs::remove_file(&gone).unwrap();
    index_into(store, root);
}

fn apply(store: &dyn Store, changes: impl IntoIterator<Item = Change>) {
    store.apply(&mut changes.into_iter()).unwrap();
}

fn chunk(path: &str, start: u32, symbol: Option<&str>, text: &[u8]) -> Chunk {
    Chunk {
        path: path.into(),
        span: Span::new(start, start + text.len() as u32),
        symbol: symbol.map(Into::into),
        kind: "function".into(),
        text: text.to_vec(),
        hash: ContentHash::of(text),
    }
}

fn put(chunks: &[Chunk]) -> Vec<Change> {
    chunks.iter().map(|chunk| Change::Chunk(Box::new(chunk.clone()))).collect()
}

fn execution(number: u64, started_ms: u64) -> Execution {
    let outcomes = ExecutionOutcome::WORDS;
    let (outcome, _) = outcomes[number as usize % outcomes.len()];
    Execution {
        id: format!("run-{number}"),
        version: "0.1.0".into(),
        command: "index".into(),
        arguments: vec!["--full".into(), format!("\u{1f980} {number}")],
        root: "/somewhere/\u{e9}".into(),
        started_ms,
        duration_ms: (outcome != ExecutionOutcome::Running).then_some(number * 7),
        outcome,
        error: (outcome == ExecutionOutcome::Error).then(|| "no \"luck\"\n".into()),
        files: number,
        symbols: number * 10,
        occurrences: number * 100,
        links: u64::from(u32::MAX) + number,
    }
}

fn fingerprint(database: &Path) -> String {
    let store = store::open(database).unwrap();
    store::fingerprint(&*store.snapshot().unwrap()).unwrap().to_string()
}

fn migrate(database: &Path, options: &MigrationOptions) -> Result<MigrationReport, StoreError> {
    run_migrate_backend(database, options, &mut |_, _, _| ControlFlow::Continue(()))
}

/// A small database with a bit of everything; the folder holds it and nothing else.
fn small(backend: Backend) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let sources = tempfile::tempdir().unwrap();
    for (name, text) in &SOURCES[..6] {
        fs::write(sources.path().join(name), text).unwrap();
    }
    let database = folder.path().join("database");
    fill(&database, backend, sources.path());
    (folder, database)
}

fn fill(database: &Path, backend: Backend, sources: &Path) {
    let store = store::open_writer(database, "test", Some(backend)).unwrap();
    index_twice(&*store, sources);
    apply(&*store, put(&[chunk("a.py", 0, Some("A"), b"import os")]));
    apply(&*store, (0..3).map(|number| Change::Execution(execution(number, 1_000 + number))));
}

/// Names and bytes of the files in a folder that are content: no locks, no shared memory, no bookkeeping of ours.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_content = |path: &PathBuf| {
        let name = path.to_string_lossy().into_owned();
        path.is_file() && !["-shm", "lock", ".gitignore"].iter().any(|end| name.ends_with(end))
    };
    entries.filter(is_content).map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

fn live(database: &Path) -> PathBuf {
    database.join(fs::read_to_string(database.join("CURRENT")).unwrap().trim_end())
}

#[test]
fn test_round_trip_migration_with_metadata() {
    let tree = tree();
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("database");
    let store: Arc<dyn Store> = store::open_writer(&database, "test", Some(Backend::Sqlite)).unwrap().into();
    index_twice(&*store, tree.path());
    let chunks = [chunk("a.py", 0, Some("A"), b"import os"), chunk("not/indexed", 5, None, b"\0\xff")];
    ChunkStore::new(store.clone()).put_many(chunks.clone()).unwrap();
    ExecutionLog::new(store.clone()).put_many((0..5).map(|number| execution(number, number))).unwrap();
    let computed = MetricsOps::compute("python", b"def f(x):\n    return 1 if x else 2\n").unwrap();
    MetricsOps::new(store.clone()).put_file("not/indexed.py", computed).unwrap();
    let metadata = Metadata::of(&*store.snapshot().unwrap());
    drop(store);
    let original = content_of(&database, Backend::Sqlite);
    // Whatever is compared must be there to be compared.
    for group in
        ["uses", "subtypes", "supertypes", "unknown", "ast", "cfg", "metrics", "imports", "skipped", "labels", "cache"]
    {
        let is_there = original[group].iter().any(|line| line.len() > 20);
        assert!(is_there, "no {group} in the test tree");
    }
    metadata.assert_rich();
    let before = fingerprint(&database);
    let there = migrate(&database, &MigrationOptions::to(Backend::NativeV2)).unwrap();
    assert!(there.switched && there.source_kept && !there.already);
    assert_eq!((there.source_fingerprint.as_str(), there.target_fingerprint.as_str()), (&*before, &*before));
    for record in &there.records {
        assert!(record.source == record.target && record.source > 0, "{record:?}");
    }
    assert_same(&original, &content_of(&database, Backend::NativeV2));
    assert_eq!(fingerprint(&database), before);
    metadata.assert_keyed(&NativeGraphBackend::open(&database).unwrap());

    let back = migrate(&database, &MigrationOptions { source: Fate::Remove, ..MigrationOptions::to(Backend::Sqlite) });
    let back = back.unwrap();
    assert!(back.switched && !back.source_kept);
    assert_eq!(back.records, there.records);
    assert_same(&original, &content_of(&database, Backend::Sqlite));
    assert_eq!(fingerprint(&database), before);

    // The database that came back is one to work with: a run ends as one from scratch would.
    let store = store::open_writer(&database, "test", None).unwrap();
    fs::write(tree.path().join("a.c"), "int changed(void) { return 1; }\n").unwrap();
    index_into(&*store, tree.path());
    let fresh = store::memory(Backend::NativeV2).unwrap();
    index_into(&*fresh, tree.path());
    apply(&*fresh, put(&chunks));
    apply(&*fresh, [Change::FileMetrics("not/indexed.py".into(), computed)]);
    let fingerprint = |store: &dyn Store| store::fingerprint(&*store.snapshot().unwrap()).unwrap();
    assert_eq!(fingerprint(&*store), fingerprint(&*fresh));
}

#[test]
fn test_migration_preserves_chunk_content() {
    let texts: [&[u8]; 9] = [
        b"",
        b"plain\n",
        b"windows\r\nline\r\nends\r",
        b"nul \0 in \0\0 it",
        b"\xff\xfe invalid \xc3\x28 \xed\xa0\x80 \xf4\x90\x80\x80",
        "\u{1f980}\u{10ffff}\u{10348} four bytes".as_bytes(),
        "e\u{301}a\u{308}\u{323} combining \u{200d}".as_bytes(),
        b"\xef\xbb\xbfmarked",
        &[0xAB; 100_000],
    ];
    let paths = ["a.rs", "dir/\u{1f980}.py", "e\u{301}.c"];
    let mut chunks = Vec::new();
    for path in paths {
        for (number, text) in texts.iter().enumerate() {
            let symbol = (number % 2 == 0).then_some("\u{e9}\u{301}\u{1f980}");
            chunks.push(chunk(path, number as u32 * 200_000, symbol, text));
        }
    }
    chunks.sort_by(|a, b| (&a.path, a.span).cmp(&(&b.path, b.span)));
    for from in ENGINES {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("database");
        let store = store::open_writer(&database, "test", Some(from)).unwrap();
        store.load(&mut put(&chunks).into_iter()).unwrap();
        drop(store);
        for to in [other(from), from] {
            migrate(&database, &MigrationOptions { source: Fate::Remove, ..MigrationOptions::to(to) }).unwrap();
            let store = store::open(&database).unwrap();
            assert_eq!(store.backend(), to);
            let snapshot = store.snapshot().unwrap();
            assert_eq!(snapshot.chunks(&ChunkPattern::All).unwrap(), chunks);
            for chunk in &chunks {
                let span = ChunkPattern::Span(chunk.path.clone(), chunk.span);
                let found = snapshot.chunks(&span).unwrap();
                assert_eq!(found[0].text, chunk.text);
                assert_eq!(ContentHash::of(&found[0].text), chunk.hash);
            }
            let named = snapshot.chunks(&ChunkPattern::Symbol("\u{e9}\u{301}\u{1f980}".into())).unwrap();
            assert_eq!(named.len(), 15);
        }
    }
}

#[test]
fn test_migration_preserves_execution_history() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("database");
    // Neither written in the order of their times nor of their ids.
    let times = [5_000, 1_000, 9_000, 3_000, 7_000, u64::from(u32::MAX) + 5, 2_000, 8_000, 4_000, 6_000];
    let executions: Vec<Execution> = (0..).zip(times).map(|(number, time)| execution(number, time)).collect();
    let mut newest = executions.clone();
    newest.sort_by_key(|execution| std::cmp::Reverse(execution.started_ms));
    let store = store::open_writer(&database, "test", Some(Backend::Sqlite)).unwrap();
    store.load(&mut executions.into_iter().map(Change::Execution)).unwrap();
    drop(store);
    migrate(&database, &MigrationOptions::to(Backend::NativeV2)).unwrap();
    let store = store::open(&database).unwrap();
    assert_eq!(store.backend(), Backend::NativeV2);
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.executions(5).unwrap(), newest[..5]);
    assert_eq!(snapshot.executions(usize::MAX).unwrap(), newest);
    drop(snapshot);
    drop(store);
    migrate(&database, &MigrationOptions::to(Backend::Sqlite)).unwrap();
    let store = store::open(&database).unwrap();
    assert_eq!(store.backend(), Backend::Sqlite);
    assert_eq!(store.snapshot().unwrap().executions(usize::MAX).unwrap(), newest);
}

#[test]
fn an_interruption_at_any_step_leaves_the_original_live_and_nothing_else() {
    for from in ENGINES {
        let (_folder, database) = small(from);
        let before = files(&database);
        let content = content_of(&database, from);
        let options = MigrationOptions { source: Fate::Remove, ..MigrationOptions::to(other(from)) };
        let mut stages = Vec::new();
        for step in 0.. {
            let mut calls = 0;
            let result = run_migrate_backend(&database, &options, &mut |stage, _, _| {
                calls += 1;
                if calls <= step {
                    return ControlFlow::Continue(());
                }
                stages.push(stage);
                ControlFlow::Break(())
            });
            if calls <= step {
                assert!(result.unwrap().switched);
                break;
            }
            assert!(matches!(&result, Err(StoreError::Aborted(_))), "{from} {step}: {result:?}");
            assert_eq!(store::open(&database).unwrap().backend(), from, "{step}");
            let now = files(&database);
            assert!(now == before, "{from} {step}: {:?}", now.keys());
        }
        assert_same(&content, &content_of(&database, other(from)));
        for (stage, word) in Stage::WORDS {
            assert!(stages.contains(&stage), "{from}: never stopped while {word}");
        }
    }
}

#[test]
fn a_dry_run_and_one_to_the_same_engine_change_nothing() {
    for from in ENGINES {
        let (_folder, database) = small(from);
        let before = files(&database);
        let dry = migrate(&database, &MigrationOptions { dry_run: true, ..MigrationOptions::to(other(from)) }).unwrap();
        assert!(dry.dry_run && !dry.switched && dry.source_kept && dry.target_bytes > 0);
        assert_eq!(dry.source_fingerprint, dry.target_fingerprint);
        let same = migrate(&database, &MigrationOptions::to(from)).unwrap();
        assert!(same.already && !same.switched && same.source_kept);
        assert!(files(&database) == before);
    }
}

#[test]
fn the_original_is_kept_or_removed_as_asked() {
    for from in ENGINES {
        for (fate, kept) in [(Fate::Keep, true), (Fate::Remove, false)] {
            let (_folder, database) = small(from);
            let original = live(&database);
            let content = content_of(&database, from);
            let options = MigrationOptions { source: fate, ..MigrationOptions::to(other(from)) };
            assert_eq!(migrate(&database, &options).unwrap().source_kept, kept);
            assert_eq!(original.exists(), kept);
            // Neither does the next writer sweep it away.
            drop(store::open_writer(&database, "test", None).unwrap());
            assert_eq!(original.exists(), kept);
            if kept {
                assert_same(&content, &content_of(&original, from));
            }
            assert_same(&content, &content_of(&database, other(from)));
        }
    }
}

#[test]
fn a_loose_file_gets_a_neighbour_of_the_other_engine() {
    for (from, name, neighbour) in [(Backend::Sqlite, "x.db", "x.lmdb"), (Backend::NativeV2, "x.lmdb", "x.db")] {
        for fate in [Fate::Keep, Fate::Remove] {
            let folder = tempfile::tempdir().unwrap();
            let sources = tempfile::tempdir().unwrap();
            fs::write(sources.path().join("a.py"), SOURCES[0].1).unwrap();
            let (database, copy) = (folder.path().join(name), folder.path().join(neighbour));
            fill(&database, from, sources.path());
            let content = content_of(&database, from);
            let options = MigrationOptions { source: fate, ..MigrationOptions::to(other(from)) };
            let report = migrate(&database, &options).unwrap();
            assert_eq!(Path::new(&report.target), copy);
            assert_eq!(database.exists(), fate == Fate::Keep);
            assert_same(&content, &content_of(&copy, other(from)));
            apply(&*store::open_writer(&copy, "test", None).unwrap(), [Change::Meta("key".into(), "value".into())]);
        }
    }
}

#[test]
fn a_target_that_is_there_is_not_overwritten() {
    for from in ENGINES {
        let (folder, database) = small(from);
        let before = files(&database);
        let full = folder.path().join("full");
        fs::write(&full, "precious").unwrap();
        for target in [&full, &database, &live(&database)] {
            let options = MigrationOptions { output: Some(target.clone()), ..MigrationOptions::to(other(from)) };
            let refused = migrate(&database, &options).unwrap_err();
            assert!(matches!(refused, StoreError::Occupied(_)), "{refused}");
        }
        assert_eq!(fs::read(&full).unwrap(), b"precious");
        assert!(files(&database) == before);
        let free = folder.path().join("free");
        let options = MigrationOptions { output: Some(free.clone()), ..MigrationOptions::to(other(from)) };
        assert!(!migrate(&database, &options).unwrap().switched);
        assert_same(&content_of(&database, from), &content_of(&free, other(from)));
        assert!(files(&database) == before, "the original stays live");
    }
}

#[test]
fn a_corrupt_original_is_refused_and_left_alone() {
    for from in ENGINES {
        let (_folder, database) = small(from);
        let file = live(&database);
        let whole = fs::read(&file).unwrap();
        let log = PathBuf::from(format!("{}-wal", file.display()));
        assert!(fs::metadata(&log).map_or(0, |log| log.len()) == 0 || fs::remove_file(&log).is_ok());
        // Cut short at some lengths. What is cut in the text of a page is for the flipped bytes below.
        for length in [0, 1, 20, 100, 4096, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
            fs::write(&file, &whole[..length]).unwrap();
            refused(&database, from, &format!("{length} of {} bytes", whole.len()));
        }
        // Bytes that turn others: told by checksums, if not by the engine. A small database is mostly empty pages.
        let (folder, sources) = (tempfile::tempdir().unwrap(), tree());
        let database = folder.path().join("database");
        fill(&database, from, sources.path());
        let file = live(&database);
        let whole = fs::read(&file).unwrap();
        let mut dice = 0x5eed_u64;
        let mut told = 0;
        for _ in 0..24 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut flipped = whole.clone();
            let at = 8192 + (dice >> 33) as usize % (whole.len() - 8192);
            flipped[at] ^= 0x55;
            fs::write(&file, &flipped).unwrap();
            told += u32::from(told_or_the_same(&database, from, at));
        }
        assert!(told > 0, "{from}");
    }
}

/// A migration that fails leaves the original as it is.
fn refused(database: &Path, from: Backend, what: &str) {
    let before = files(database);
    let options = MigrationOptions { source: Fate::Remove, ..MigrationOptions::to(other(from)) };
    let refused = migrate(database, &options);
    assert!(refused.is_err(), "{from}, {what}: {refused:?}");
    assert!(files(database) == before, "{from}, {what}");
}

/// Migrates a database with one wrong byte in another process, which may die of it, as a dry run. Gives whether it was
/// refused; else its copy must say what it says itself.
fn told_or_the_same(database: &Path, from: Backend, at: usize) -> bool {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_dry_run_in_a_process_of_its_own", "--nocapture"])
        .env("MIGRATE", database)
        .env("MIGRATE_TO", other(from).word())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr);
    assert!(child.status.code() != Some(101), "{from}, byte {at}: {text}");
    !text.contains("the same on both sides")
}

/// What another test runs in a process of its own; nothing without the variables that one sets.
#[test]
fn a_dry_run_in_a_process_of_its_own() {
    let Some(database) = std::env::var_os("MIGRATE") else { return };
    let to = std::env::var("MIGRATE_TO").unwrap().parse().unwrap();
    let options = MigrationOptions { dry_run: true, ..MigrationOptions::to(to) };
    match migrate(Path::new(&database), &options) {
        Ok(report) => {
            assert_eq!(report.source_fingerprint, report.target_fingerprint);
            println!("the same on both sides");
        }
        Err(error) => println!("refused: {error}"),
    }
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    for from in ENGINES {
        let (_folder, database) = small(from);
        match from {
            Backend::Sqlite => {
                let file = rusqlite::Connection::open(live(&database)).unwrap();
                file.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 77").unwrap();
            }
            Backend::NativeV2 => set_native_format(&live(&database), 77),
        }
        refused(&database, from, "a newer format");
        let told = migrate(&database, &MigrationOptions::to(other(from))).unwrap_err();
        assert!(matches!(told, StoreError::Foreign { .. }) && told.to_string().contains("77"), "{told}");
    }
}

/// Writes a format as `docs/native-format.md` draws it.
fn set_native_format(file: &Path, format: u8) {
    const FORMAT_TABLE: u64 = 17;
    let seed = xxh3_64_with_seed(b"format", FORMAT_TABLE);
    let mut value = vec![1, format];
    let sum = xxh3_64_with_seed(&value, seed);
    value.extend(((sum ^ (sum >> 32)) as u16).to_be_bytes());
    let mut options = heed::EnvOpenOptions::new();
    options.map_size(1 << 30).max_dbs(18);
    #[expect(unsafe_code, reason = "LMDB maps the file")]
    // SAFETY: nobody else has this file open.
    let env = unsafe { options.flags(heed::EnvFlags::NO_SUB_DIR).open(file) }.unwrap();
    let opened = env.open_databases_and_commit(env.read_txn().unwrap(), |opener, txn| {
        let table = opener.open_database::<Bytes, Bytes>(txn, Some("format"));
        Ok::<_, heed::Error>(heed::CommitOrAbort::<_, ()>::Commit(table))
    });
    let table = opened.unwrap().unwrap_commit().unwrap().unwrap();
    let mut txn = env.write_txn().unwrap();
    assert_eq!(table.get(&txn, b"format").unwrap().map(|value| value[..2].to_vec()), Some(vec![1, 1]));
    table.put(&mut txn, b"format", &value).unwrap();
    txn.commit().unwrap();
}

#[test]
fn a_writer_at_work_is_named_and_not_disturbed() {
    for from in ENGINES {
        let (_folder, database) = small(from);
        let before = files(&database);
        let store = store::open_writer(&database, "watching", None).unwrap();
        let refused = migrate(&database, &MigrationOptions::to(other(from))).unwrap_err();
        assert!(matches!(&refused, StoreError::Locked { holder, .. } if holder.contains("watching")), "{refused}");
        apply(&*store, [Change::Meta("key".into(), "value".into())]);
        drop(store);
        assert!(files(&database).keys().eq(before.keys()));
        migrate(&database, &MigrationOptions::to(other(from))).unwrap();
        let store = store::open(&database).unwrap();
        assert_eq!(store.snapshot().unwrap().meta("key").unwrap().as_deref(), Some("value"));
    }
}

#[test]
fn a_writer_that_comes_meanwhile_is_refused_and_readers_go_on() {
    for from in ENGINES {
        let (_folder, database) = small(from);
        let reader = store::open(&database).unwrap();
        let old = reader.snapshot().unwrap();
        let before = content(&*old);
        let mut met = 0;
        let result = run_migrate_backend(&database, &MigrationOptions::to(other(from)), &mut |_, _, _| {
            let writer = store::open_writer(&database, "late", None).map(drop);
            assert!(
                matches!(&writer, Err(StoreError::Locked { holder, .. }) if holder.contains("migrate")),
                "{writer:?}"
            );
            met += 1;
            ControlFlow::Continue(())
        });
        assert!(result.unwrap().switched && met > 5);
        assert_same(&before, &content(&*old));
        assert_same(&before, &content_of(&database, other(from)));
    }
}

/// A small disk, where one can be had: only the superuser may mount.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_original_live() {
    for from in ENGINES {
        let (folder, database) = small(from);
        let content = content_of(&database, from);
        let disk = folder.path().join("disk");
        fs::create_dir(&disk).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"]).arg(&disk).output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            println!("no disk can be mounted here: nothing tested");
            return;
        }
        let tried = std::panic::catch_unwind(|| on_a_full_disk(&database, &disk, from));
        let content_after = std::panic::catch_unwind(|| content_of(&disk.join("database"), other(from)));
        // Another test's child may hold our files for the moment between its birth and its start.
        let unmounted = (0..50).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            Command::new("umount").arg(&disk).output().unwrap().status.success()
        });
        assert!(unmounted);
        tried.unwrap();
        assert_same(&content, &content_after.unwrap());
    }
}

#[cfg(target_os = "linux")]
fn on_a_full_disk(database: &Path, disk: &Path, from: Backend) {
    let moved = disk.join("database");
    fs::create_dir(&moved).unwrap();
    for entry in fs::read_dir(database).unwrap().map(|entry| entry.unwrap()) {
        fs::copy(entry.path(), moved.join(entry.file_name())).unwrap();
    }
    let options = MigrationOptions { source: Fate::Remove, ..MigrationOptions::to(other(from)) };
    let filler = disk.join("filler");
    for left in [0, 20_000, 60_000] {
        // As much as fits, then a little less.
        let full = std::io::copy(&mut std::io::repeat(0), &mut fs::File::create(&filler).unwrap());
        assert!(full.is_err());
        let file = fs::OpenOptions::new().write(true).open(&filler).unwrap();
        file.set_len(file.metadata().unwrap().len().saturating_sub(left)).unwrap();
        let before = files(&moved);
        let refused = migrate(&moved, &options);
        assert!(refused.is_err(), "{from}, {left} bytes left: {refused:?}");
        assert!(files(&moved) == before, "{from}, {left} bytes left");
        assert_eq!(store::open(&moved).unwrap().backend(), from);
        // Not removed: a child of another test may hold it for a moment, and would give its space back later,
        // when the disk is to be full again.
        file.set_len(0).unwrap();
    }
    migrate(&moved, &options).unwrap();
}
