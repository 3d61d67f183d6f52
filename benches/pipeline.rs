//! The stages of indexing, timed apart on one thread, over Rust crates that cargo already has.

#[path = "../bench/corpus.rs"]
mod corpus;

#[path = "../bench/harness.rs"]
mod harness;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use criterion::{BatchSize, Criterion, Throughput, criterion_group};

use magellan::extract::Extractor;
use magellan::index::{IndexOptions, index};
use magellan::link::{LinkFile, link};
use magellan::model::FileFacts;
use magellan::store::{self, Change, Store};
use magellan::walk::{self, Tree, WalkOptions, walk};

const CORPUS_BYTES: u64 = 4_000_000;

fn stages(criterion: &mut Criterion) {
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let bytes = corpus::build(scratch.path(), CORPUS_BYTES);
    let tree = find(scratch.path());
    let texts: Vec<Vec<u8>> = tree.files.iter().map(|found| walk::read(found).expect("a file just written")).collect();
    let facts = extract(&tree, &texts);
    let mut group = criterion.benchmark_group("pipeline");
    group.throughput(Throughput::Bytes(bytes)).sample_size(10);
    group.bench_function("walk", |bencher| bencher.iter(|| find(scratch.path()).files.len()));
    group.bench_function("read", |bencher| {
        bencher.iter(|| tree.files.iter().map(|found| walk::read(found).map_or(0, |text| text.len())).sum::<usize>());
    });
    group.bench_function("parse", |bencher| bencher.iter(|| parse(&tree, &texts)));
    group.bench_function("extract", |bencher| bencher.iter(|| extract(&tree, &texts).len()));
    group.bench_function("link", |bencher| bencher.iter(|| link_all(&tree, &facts)));
    group.bench_function("write", |bencher| {
        bencher.iter_batched(|| changes(&tree), write, BatchSize::PerIteration);
    });
    group.finish();
}

fn find(root: &Path) -> Tree {
    walk(root, &WalkOptions { threads: 1, ..WalkOptions::default() }).expect("the corpus can be walked")
}

fn parse(tree: &Tree, texts: &[Vec<u8>]) -> usize {
    let mut extractor = Extractor::new();
    let files = tree.files.iter().zip(texts);
    files.map(|(found, text)| extractor.floor(found.language, found.dialect, text)).sum()
}

fn extract(tree: &Tree, texts: &[Vec<u8>]) -> Vec<FileFacts> {
    let mut extractor = Extractor::new();
    let files = tree.files.iter().zip(texts);
    files.map(|(found, text)| extractor.extract(found.language, found.dialect, text).facts).collect()
}

fn link_all(tree: &Tree, facts: &[FileFacts]) {
    let files = tree.files.iter().zip(facts);
    let files: Vec<_> =
        files.map(|(found, facts)| LinkFile { path: &found.path, language: found.language, facts }).collect();
    link(&files, &tree.manifests, None, 1, &AtomicBool::new(false), &|_, links| {
        std::hint::black_box(links);
    });
}

/// Takes the changes of an index run instead of writing them.
#[derive(Default)]
struct Recorder(Mutex<Vec<Change>>);

impl Store for Recorder {
    fn backend(&self) -> store::Backend {
        store::Backend::Sqlite
    }

    fn apply(&self, _: &mut dyn Iterator<Item = Change>) -> store::Result<()> {
        Ok(())
    }

    fn load(&self, changes: &mut dyn Iterator<Item = Change>) -> store::Result<()> {
        self.0.lock().expect("one thread").extend(changes);
        Ok(())
    }

    fn snapshot(&self) -> store::Result<Box<dyn store::Snapshot + '_>> {
        Err(store::StoreError::Missing("recorder".into()))
    }

    fn backup(&self, _: &Path) -> store::Result<()> {
        Err(store::StoreError::Missing("recorder".into()))
    }

    fn rebuild_indexes(&self) -> store::Result<()> {
        Err(store::StoreError::Missing("recorder".into()))
    }

    fn compact(&self) -> store::Result<(u64, u64)> {
        Err(store::StoreError::Missing("recorder".into()))
    }
}

fn changes(tree: &Tree) -> Vec<Change> {
    let recorder = Recorder::default();
    let options = IndexOptions { threads: 1, ..IndexOptions::default() };
    // The run ends in an error, because a recorder has no snapshot to take totals from; all was sent by then.
    let _ = index(&options, tree, &recorder, &(), &AtomicBool::new(false));
    recorder.0.into_inner().expect("no one panicked")
}

fn write(changes: Vec<Change>) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let store = store::open_writer(&folder.path().join("db"), "bench", None).expect("the database can be made");
    store.load(&mut changes.into_iter()).expect("the database can be written");
}

criterion_group!(benches, stages);

fn main() {
    harness::main(benches);
}
