//! Measures indexing against its floor: walk, parse and a full cursor walk over the same files with the same
//! grammars and threads. `cargo run --release --example floor -- [PATH] [THREADS] [RUNS] [BACKEND]`; without a path it
//! takes Rust crates that cargo already has.

#[path = "../bench/corpus.rs"]
mod corpus;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use magellan::extract::Extractor;
use magellan::index::{IndexOptions, IndexReport, index};
use magellan::store::{self, Backend};
use magellan::walk::{self, Tree, WalkOptions, walk};

const CORPUS_BYTES: u64 = 15_000_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().filter(|path| path != "-").map(PathBuf::from);
    let mut number = |default| arguments.next().map_or(default, |text| text.parse().expect("a number"));
    let (threads, runs) = (number(2), number(5));
    let backend = arguments.next().map_or(Backend::Sqlite, |word| word.parse().expect("sqlite or native-v2"));
    let scratch = tempfile::tempdir().expect("a scratch folder");
    let root = path.unwrap_or_else(|| {
        corpus::build(scratch.path(), CORPUS_BYTES);
        scratch.path().to_owned()
    });
    report(&root, threads, runs, backend);
}

fn report(root: &Path, threads: usize, runs: usize, backend: Backend) {
    let tree = find(root, threads);
    let bytes: u64 = tree.files.iter().map(|file| file.stamp.size).sum();
    println!("{backend}: {} files, {:.1} MB, {threads} threads, best of {runs}", tree.files.len(), bytes as f64 / 1e6);
    let mut best = Best::default();
    for _ in 0..runs {
        let (floor_wall, nodes) = timed(|| floor(root, threads));
        let folder = tempfile::tempdir().expect("a scratch folder");
        let database = folder.path().join("db");
        let (full, detail) = timed(|| run(root, &database, threads, backend));
        let (again, _) = timed(|| run(root, &database, threads, backend));
        best.keep(floor_wall, nodes, full, detail, again, size_of(&database));
    }
    best.print(bytes);
}

#[derive(Default)]
struct Best {
    floor: Option<(Duration, usize)>,
    full: Option<(Duration, IndexReport)>,
    again: Option<Duration>,
    size: u64,
}

impl Best {
    fn keep(&mut self, floor: Duration, nodes: usize, full: Duration, report: IndexReport, again: Duration, size: u64) {
        if self.floor.is_none_or(|(best, _)| floor < best) {
            self.floor = Some((floor, nodes));
        }
        if self.full.as_ref().is_none_or(|(best, _)| full < *best) {
            self.full = Some((full, report));
        }
        self.again = Some(self.again.map_or(again, |best| best.min(again)));
        self.size = size;
    }

    fn print(&self, bytes: u64) {
        let (Some((floor, nodes)), Some((full, report)), Some(again)) = (&self.floor, &self.full, self.again) else {
            return println!("no run was asked for");
        };
        let (symbols, occurrences) = report
            .totals
            .languages
            .iter()
            .fold((0, 0), |(symbols, occurrences), row| (symbols + row.symbols, occurrences + row.occurrences));
        let times = report.milliseconds;
        println!("floor   {:7.1} ms   {nodes} nodes", floor.as_secs_f64() * 1e3);
        println!(
            "index   {:7.1} ms   extract {} link {} write {} ms; {symbols} symbols, {occurrences} occurrences",
            full.as_secs_f64() * 1e3,
            times.extract,
            times.link,
            times.write
        );
        println!(
            "again   {:7.1} ms   {:.3} x index",
            again.as_secs_f64() * 1e3,
            again.as_secs_f64() / full.as_secs_f64()
        );
        println!("database {:.1} MB, {:.2} x source", self.size as f64 / 1e6, self.size as f64 / bytes as f64);
        println!("index / floor = {:.2}", full.as_secs_f64() / floor.as_secs_f64());
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

fn find(root: &Path, threads: usize) -> Tree {
    walk(root, &WalkOptions { threads, ..WalkOptions::default() }).expect("the tree can be walked")
}

/// The least anyone must do: find, read, parse and look at every node. Gives the number of nodes.
fn floor(root: &Path, threads: usize) -> usize {
    let tree = find(root, threads);
    let mut order: Vec<usize> = (0..tree.files.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(tree.files[index].stamp.size));
    let (next, nodes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut extractor = Extractor::new();
                while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = &tree.files[index];
                    if let Ok(text) = walk::read(found) {
                        let count = extractor.floor(found.language, found.dialect, &text);
                        nodes.fetch_add(count, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    nodes.into_inner()
}

fn run(root: &Path, database: &Path, threads: usize, backend: Backend) -> IndexReport {
    let tree = find(root, threads);
    let store = store::open_writer(database, "floor", Some(backend)).expect("the database can be made");
    let options = IndexOptions { threads, root: root.display().to_string(), ..IndexOptions::default() };
    index(&options, &tree, &*store, &(), &AtomicBool::new(false)).expect("the tree can be indexed")
}

fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}
