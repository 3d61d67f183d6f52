//! Metadata in SQLite and in the native engine, with the same seeded data: writing one by one and at once, reading,
//! loading a whole index, opening; sizes are printed.

#[path = "../bench/harness.rs"]
mod harness;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkGroup, Criterion, criterion_group, measurement::WallTime};

use magellan::index::{IndexOptions, index};
use magellan::model::{ContentHash, FileMetrics, Role, Span};
use magellan::store::{
    self, Backend, Change, Chunk, ChunkPattern, Execution, ExecutionOutcome, NamePattern, Store, SymbolKey, Target,
};
use magellan::walk::{WalkOptions, walk};
use magellan::{ChunkStore, ExecutionLog, MetricsOps};
use tempfile::TempDir;

const BATCH: usize = 1000;
/// Single durable records of one iteration; few, since each waits for the disk.
const SINGLE: usize = 50;

/// A number that looks random and is the same in every run.
fn seeded(number: usize) -> u64 {
    (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23)
}

fn chunk(number: usize) -> Chunk {
    let text = format!("fn name_{number}() {{ work({}); }}\n", seeded(number)).repeat(1 + seeded(number) as usize % 8);
    let span = Span::new(number as u32 * 400, number as u32 * 400 + text.len() as u32);
    let hash = ContentHash::of(text.as_bytes());
    let path = format!("src/file_{}.rs", number / 10);
    Chunk { path, span, symbol: Some(format!("name_{number}")), kind: "function".into(), text: text.into(), hash }
}

fn execution(number: usize) -> Execution {
    Execution {
        id: format!("{:08x}-0000-7000-8000-{:012x}", number, seeded(number) >> 16),
        version: "0.1.0".into(),
        command: "index".into(),
        arguments: vec!["--full".into()],
        root: "project".into(),
        started_ms: 1_700_000_000_000 + number as u64,
        duration_ms: Some(seeded(number) % 10_000),
        outcome: ExecutionOutcome::Success,
        error: None,
        files: seeded(number) % 1000,
        symbols: 1,
        occurrences: 2,
        links: 3,
    }
}

/// Computes the metrics of a small source of its own.
fn metrics(number: usize) -> (String, FileMetrics) {
    let source = format!("// {}\nfn name(x: u32) -> u32 {{ if x > {number} {{ 1 }} else {{ 2 }} }}\n", seeded(number));
    let computed = MetricsOps::compute("rust", source.as_bytes()).expect("Rust is known");
    (format!("src/file_{number}.rs"), computed)
}

/// A new database on disk; it goes with the folder.
fn create(backend: Backend) -> (TempDir, Arc<dyn Store>) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let store = store::open_writer(&folder.path().join("db"), "bench", Some(backend)).expect("a new database");
    store.load(&mut std::iter::empty()).expect("an empty database");
    (folder, Arc::from(store))
}

fn writes(criterion: &mut Criterion) {
    let mut group = group(criterion, "metadata_bench_write");
    for (backend, word) in Backend::WORDS {
        let chunks = |count| (0..count).map(chunk).collect::<Vec<_>>();
        write(
            &mut group,
            backend,
            &format!("chunks_50_single/{word}"),
            || chunks(SINGLE),
            |store, chunks| {
                let view = ChunkStore::new(store);
                chunks.into_iter().for_each(|chunk| view.put(chunk).expect("written"));
            },
        );
        write(
            &mut group,
            backend,
            &format!("chunks_batch_1000/{word}"),
            || chunks(BATCH),
            |store, chunks| {
                ChunkStore::new(store).put_many(chunks).expect("written");
            },
        );
        let executions = |count| (0..count).map(execution).collect::<Vec<_>>();
        write(
            &mut group,
            backend,
            &format!("executions_50_single/{word}"),
            || executions(SINGLE),
            |store, records| {
                let view = ExecutionLog::new(store);
                records.into_iter().for_each(|record| view.put(record).expect("written"));
            },
        );
        write(
            &mut group,
            backend,
            &format!("executions_batch_1000/{word}"),
            || executions(BATCH),
            |store, records| {
                ExecutionLog::new(store).put_many(records).expect("written");
            },
        );
        let computed = |count| (0..count).map(metrics).collect::<Vec<_>>();
        write(
            &mut group,
            backend,
            &format!("metrics_50_single/{word}"),
            || computed(SINGLE),
            |store, rows| {
                let view = MetricsOps::new(store);
                rows.into_iter().for_each(|(path, metrics)| view.put_file(&path, metrics).expect("written"));
            },
        );
        write(
            &mut group,
            backend,
            &format!("metrics_batch_1000/{word}"),
            || computed(BATCH),
            |store, rows| {
                MetricsOps::new(store).put_files(rows).expect("written");
            },
        );
        write(
            &mut group,
            backend,
            &format!("metrics_compute_batch_1000/{word}"),
            || (),
            |store, ()| {
                MetricsOps::new(store).put_files((0..BATCH).map(metrics)).expect("written");
            },
        );
    }
    group.finish();
}

fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(800));
    group
}

/// Measures `work` on what `make` makes, each time in a new database.
fn write<D>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    backend: Backend,
    name: &str,
    make: impl Fn() -> D,
    work: impl Fn(Arc<dyn Store>, D),
) {
    group.bench_function(name, |bencher| {
        bencher.iter_batched_ref(
            || (create(backend), Some(make())),
            |((_, store), data)| work(store.clone(), data.take().expect("made for this run")),
            BatchSize::PerIteration,
        );
    });
}

fn reads(criterion: &mut Criterion) {
    let source = store::memory(Backend::NativeV2).expect("memory");
    let tree = walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &WalkOptions::default()).expect("a tree");
    index(&IndexOptions::default(), &tree, &*source, &(), &AtomicBool::new(false)).expect("indexed");
    let bytes: u64 = tree.files.iter().map(|found| found.stamp.size).sum();
    let mut group = group(criterion, "metadata_bench_read");
    for (backend, word) in Backend::WORDS {
        group.bench_function(format!("bulk_load/{word}"), |bencher| {
            bencher.iter_batched_ref(
                || (create(backend), changes(&*source)),
                |((_, store), changes)| store.load(&mut changes.drain(..)).expect("loaded"),
                BatchSize::PerIteration,
            );
        });
        let (folder, store) = create(backend);
        store.load(&mut changes(&*source).into_iter()).expect("loaded");
        println!("metadata_bench size/{word}: {} bytes for {bytes} bytes of source", size(folder.path()));
        ChunkStore::new(store.clone()).put_many((0..BATCH).map(chunk)).expect("written");
        let snapshot = store.snapshot().expect("readable");
        let [usual, called] = called(&*snapshot);
        group.bench_function(format!("point/{word}"), |bencher| {
            let pattern = ChunkPattern::Span(chunk(500).path, chunk(500).span);
            bencher.iter(|| black_box(snapshot.chunks(&pattern).expect("readable")));
        });
        for (name, pattern) in
            [("prefix", NamePattern::Prefix("put_".into())), ("symbol_lookup", NamePattern::Exact("Builder".into()))]
        {
            group.bench_function(format!("{name}/{word}"), |bencher| {
                bencher.iter(|| black_box(snapshot.find(&pattern).expect("readable")));
            });
        }
        for (name, key) in [("callers", usual), ("callers_most", called)] {
            group.bench_function(format!("{name}/{word}"), |bencher| {
                bencher.iter(|| black_box(snapshot.uses(key).expect("readable")));
            });
        }
        let path = folder.path().join("db");
        group.bench_function(format!("open_query_close/{word}"), |bencher| {
            bencher.iter(|| {
                let opened = store::open(&path).expect("it is there");
                black_box(opened.snapshot().expect("readable").uses(usual).expect("readable"));
            });
        });
    }
    group.finish();
}

/// All that a database holds.
fn changes(source: &dyn Store) -> Vec<Change> {
    let snapshot = source.snapshot().expect("readable");
    store::copy(&*snapshot, &mut |_, _| {}).expect("copied").collect()
}

/// The definition with the median number of resolved calls, of those that have some, and the one with the most.
fn called(snapshot: &dyn store::Snapshot) -> [SymbolKey; 2] {
    let mut counts = std::collections::BTreeMap::new();
    for file in snapshot.files().expect("readable") {
        for row in snapshot.occurrences(file.id).expect("readable") {
            if let (Role::Call, Target::Resolved(to, _)) = (row.role, row.target) {
                *counts.entry(to).or_insert(0) += 1;
            }
        }
    }
    let mut counts: Vec<(usize, SymbolKey)> = counts.into_iter().map(|(key, count)| (count, key)).collect();
    counts.sort_unstable();
    [counts[counts.len() / 2].1, counts[counts.len() - 1].1]
}

/// Bytes of all files in a folder and below.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { size(&path) } else { path.metadata().map_or(0, |data| data.len()) }).sum()
}

criterion_group!(benches, writes, reads);

fn main() {
    harness::main(benches);
}
