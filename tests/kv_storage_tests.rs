//! Metadata in the native engine: many threads, many processes, and the whole life of a file.
#![cfg(feature = "native-v2")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use magellan::index::{IndexOptions, index};
use magellan::model::{ContentHash, EdgeKind, FileMetrics, Span};
use magellan::store::{Change, Chunk, ChunkPattern, ExecutionOutcome, Store, Written};
use magellan::walk::{WalkOptions, walk};
use magellan::{ChunkStore, ExecutionLog, MetricsOps, NativeGraphBackend, kv};

const THREADS: usize = 10;
const RECORDS: usize = 100;
/// Chunks that the continuous writer replaces in one batch: a reader must see them all of one round.
const ROUND_CHUNKS: u32 = 20;
const DATABASE_VARIABLE: &str = "MAGELLAN_TEST_DATABASE";

fn chunk(path: &str, start: u32, text: String) -> Chunk {
    let hash = ContentHash::of(text.as_bytes());
    let symbol = Some(format!("symbol_{start}"));
    Chunk {
        path: path.into(),
        span: Span::new(start, start + 1),
        symbol,
        kind: "function".into(),
        text: text.into(),
        hash,
    }
}

fn create(path: &Path) -> Arc<NativeGraphBackend> {
    Arc::new(NativeGraphBackend::create(path, "test").expect("a new database"))
}

#[test]
fn types_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<NativeGraphBackend>();
    shared::<ChunkStore>();
    shared::<ExecutionLog>();
    shared::<MetricsOps>();
}

#[test]
fn test_concurrent_kv_access() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("db.lmdb");
    let store = create(&path);
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let store: Arc<dyn Store> = store.clone();
            thread::spawn(move || write_records(store, thread))
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic").expect("every write is accepted");
    }
    check_records(store);
    check_records(Arc::new(NativeGraphBackend::open(&path).expect("it is there")));
}

fn write_records(store: Arc<dyn Store>, thread: usize) -> magellan::store::Result<()> {
    let (chunks, log) = (ChunkStore::new(store.clone()), ExecutionLog::new(store.clone()));
    let metrics = MetricsOps::new(store);
    for number in 0..RECORDS {
        chunks.put(chunk(&format!("{thread}.rs"), number as u32, format!("text {thread} {number}")))?;
        log.start(&format!("{thread} {number}"), vec![], "root")?;
        let symbols = (thread * RECORDS + number) as u32;
        metrics.put_file(&format!("{thread}/{number}.rs"), FileMetrics { symbols, ..FileMetrics::default() })?;
    }
    Ok(())
}

fn check_records(store: Arc<NativeGraphBackend>) {
    let chunks = ChunkStore::new(store.clone());
    assert_eq!(chunks.count().expect("readable"), THREADS * RECORDS);
    let metrics = MetricsOps::new(store.clone());
    for thread in 0..THREADS {
        let of_thread = chunks.by_file(&format!("{thread}.rs")).expect("readable");
        assert_eq!(of_thread.len(), RECORDS);
        for (number, chunk) in of_thread.iter().enumerate() {
            assert_eq!(chunk.text, format!("text {thread} {number}").into_bytes());
            let stored = metrics.file(&format!("{thread}/{number}.rs")).expect("readable").expect("stored");
            assert_eq!(stored.symbols as usize, thread * RECORDS + number);
        }
    }
    assert_eq!(metrics.hotspots(usize::MAX).expect("readable").len(), THREADS * RECORDS);
    let mut commands: Vec<_> = kv::executions(&store, usize::MAX).expect("readable");
    commands.sort_by(|a, b| a.command.cmp(&b.command));
    commands.dedup_by(|a, b| a.command == b.command || a.id == b.id);
    assert_eq!(commands.len(), THREADS * RECORDS);
}

fn round(number: u64) -> impl Iterator<Item = Chunk> {
    (0..ROUND_CHUNKS).map(move |start| chunk("round.rs", start, number.to_string()))
}

/// Reads until `done`; gives how many reads there were. Every read must be of one round, none before the last.
fn read_rounds(store: &dyn Store, done: &dyn Fn() -> bool) -> usize {
    let (mut reads, mut last) = (0, 0);
    while !done() {
        let snapshot = store.snapshot().expect("readers are never refused");
        let pattern = ChunkPattern::Path("round.rs".into());
        let chunks = snapshot.chunks(&pattern).expect("readable");
        assert_eq!(chunks.len(), ROUND_CHUNKS as usize);
        assert!(chunks.iter().all(|chunk| chunk.text == chunks[0].text), "a torn read");
        let number: u64 = String::from_utf8_lossy(&chunks[0].text).parse().expect("a number");
        assert!(number >= last, "time went back");
        last = number;
        reads += 1;
    }
    reads
}

/// What `test_kv_write_read_contention` runs in other processes; nothing without the variable that it sets.
#[test]
fn reader_in_another_process() {
    let Some(path) = std::env::var_os(DATABASE_VARIABLE) else { return };
    let store = NativeGraphBackend::open(Path::new(&path)).expect("it is there");
    let end = Instant::now() + Duration::from_secs(1);
    assert!(read_rounds(&store, &|| Instant::now() >= end) > 0);
}

#[test]
fn test_kv_write_read_contention() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("db.lmdb");
    let store = create(&path);
    let chunks = ChunkStore::new(store.clone());
    chunks.put_many(round(0)).expect("written");
    let done = AtomicBool::new(false);
    let (mut rounds, mut reads) = (0, 0);
    thread::scope(|scope| {
        let readers: Vec<_> =
            (0..4).map(|_| scope.spawn(|| read_rounds(&*store, &|| done.load(Ordering::Relaxed)))).collect();
        let others: Vec<_> = (0..2).map(|_| spawn_reader(&path)).collect();
        let end = Instant::now() + Duration::from_secs(1);
        while Instant::now() < end {
            rounds += 1;
            chunks.put_many(round(rounds)).expect("written");
        }
        for mut other in others {
            assert!(other.wait().expect("it ran").success(), "a reader in another process failed");
        }
        done.store(true, Ordering::Relaxed);
        reads = readers.into_iter().map(|reader| reader.join().expect("no panic")).sum();
    });
    assert!(rounds > 1 && reads > 1, "{rounds} rounds, {reads} reads");
}

fn spawn_reader(path: &Path) -> std::process::Child {
    let program = std::env::current_exe().expect("this test has a path");
    let mut command = Command::new(program);
    command.args(["--exact", "reader_in_another_process"]).env(DATABASE_VARIABLE, path);
    command.stdout(Stdio::null()).spawn().expect("it can be started")
}

#[test]
fn test_metadata_lifecycle() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let root = folder.path().join("tree");
    std::fs::create_dir(&root).expect("a new folder");
    std::fs::write(root.join("gone.rs"), "pub fn leaving(x: u32) -> u32 { if x > 1 { 2 } else { 3 } }\n")
        .expect("written");
    std::fs::write(root.join("kept.rs"), "pub fn staying() { let _ = unknown_one(); }\n").expect("written");
    let store = create(&folder.path().join("db.lmdb"));
    let tree = walk(&root, &WalkOptions::default()).expect("a tree");
    index(&IndexOptions::default(), &tree, &*store, &(), &AtomicBool::new(false)).expect("indexed");
    ChunkStore::new(store.clone())
        .put_many([chunk("gone.rs", 0, "a".into()), chunk("kept.rs", 0, "b".into())])
        .expect("put");
    let log = ExecutionLog::new(store.clone());
    let run = log.start("watch", vec![], "tree").expect("logged");
    let written = Written { files: 2, symbols: 3, occurrences: 4, links: 5 };
    log.finish(&run.id, ExecutionOutcome::Success, written).expect("logged").expect("it was started");

    assert_eq!(kv::symbols_by_name(&store, "leaving").expect("readable").len(), 1);
    assert_eq!(MetricsOps::new(store.clone()).file("gone.rs").expect("readable").expect("stored").symbols, 1);
    assert!(!kv::ast(&store, "gone.rs").expect("readable").is_empty());
    let functions = kv::cfg_functions(&store, "gone.rs").expect("readable");
    let cfg = &functions.first().expect("it has a function").cfg;
    assert!(cfg.blocks.len() >= 5 && cfg.edges.iter().any(|edge| edge.kind == EdgeKind::True), "{cfg:?}");
    let metrics = kv::symbol_metrics(&store, "gone.rs").expect("readable");
    assert_eq!(metrics, MetricsOps::new(store.clone()).symbols("gone.rs").expect("readable"));
    assert_eq!(metrics.iter().map(|row| (row.parameters, row.cyclomatic)).collect::<Vec<_>>(), [(1, 2)]);
    assert_eq!(kv::chunks(&store, &ChunkPattern::Path("gone.rs".into())).expect("readable").len(), 1);
    let kept = log.get(&run.id).expect("readable").expect("kept");
    assert_eq!((kept.outcome, kept.files, kept.links), (ExecutionOutcome::Success, 2, 5));

    assert!(kv::invalidate_file_index(&store, "gone.rs").expect("removed") > 0);
    assert!(kv::symbols_by_name(&store, "leaving").expect("readable").is_empty());
    assert_eq!(kv::populate_symbol_index(&store, "gone.rs").expect("made anew"), 1);
    store.snapshot().expect("readable").check(&mut |fault| panic!("{fault}")).expect("checked");

    let before = all_keys(&store);
    let (gone, kept) = (keys(&store, "gone.rs"), keys(&store, "kept.rs"));
    let file = store.snapshot().expect("readable").file("gone.rs").expect("readable").expect("indexed");
    store.apply(&mut std::iter::once(Change::Remove(file.id))).expect("removed");
    assert!(keys(&store, "gone.rs").is_empty());
    assert!(kv::ast(&store, "gone.rs").expect("readable").is_empty());
    assert!(kv::cfg_functions(&store, "gone.rs").expect("readable").is_empty());
    assert!(kv::symbol_metrics(&store, "gone.rs").expect("readable").is_empty());
    assert_eq!(kv::file_metrics(&store, "gone.rs").expect("readable"), None);
    assert!(kv::chunks(&store, &ChunkPattern::Path("gone.rs".into())).expect("readable").is_empty());
    assert_eq!(keys(&store, "kept.rs"), kept);
    let after = all_keys(&store);
    let expected: Vec<_> = before.into_iter().filter(|key| !gone.contains(key) || kept.contains(key)).collect();
    assert_eq!(after, expected, "exactly the keys of the file are gone");
    store.snapshot().expect("readable").check(&mut |fault| panic!("{fault}")).expect("checked");
}

fn keys(store: &NativeGraphBackend, path: &str) -> Vec<(kv::Table, Vec<u8>)> {
    kv::keys_of_file(store, path).expect("readable")
}

fn all_keys(store: &NativeGraphBackend) -> Vec<(kv::Table, Vec<u8>)> {
    let of = |table| kv::entries(store, table).expect("readable").into_iter().map(move |(key, _)| (table, key));
    kv::Table::WORDS.iter().flat_map(|(table, _)| of(*table)).collect()
}
