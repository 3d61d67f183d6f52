//! Times trees that are made to be hard at some size and at twice that: linear is a ratio of 2.
//! `cargo run --release --example pathological -- [SIZE] [PART OF A NAME] [THREADS]`.

#[path = "../bench/pathological.rs"]
mod pathological;

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use magellan::index::{IndexOptions, IndexReport, index};
use magellan::store::{self, Backend};
use magellan::walk::{WalkOptions, walk};

use pathological::{TREES, Tree};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let size = arguments.next().map_or(10_000, |text| text.parse().expect("a size"));
    let part = arguments.next().unwrap_or_default();
    let threads = arguments.next().map_or(2, |text| text.parse().expect("a number of threads"));
    println!("{:40} {:>7} {:>9} {:>9} {:>6}   extract/link/write ms", "", "MB", "N", "2N", "ratio");
    for tree in TREES.iter().filter(|tree| tree.name.contains(&part)) {
        compare(tree, size, threads);
    }
}

fn compare(tree: &Tree, size: usize, threads: usize) {
    let (once, _, _) = run(tree, size, threads);
    let (twice, report, bytes) = run(tree, 2 * size, threads);
    let times = report.milliseconds;
    println!(
        "{:40} {:7.2} {:6.0} ms {:6.0} ms {:6.2}   {}/{}/{}",
        tree.name,
        bytes as f64 / 1e6,
        once.as_secs_f64() * 1e3,
        twice.as_secs_f64() * 1e3,
        twice.as_secs_f64() / once.as_secs_f64(),
        times.extract,
        times.link,
        times.write
    );
}

/// Indexes a tree of this size; gives the time, the report and the bytes of source.
fn run(tree: &Tree, size: usize, threads: usize) -> (Duration, IndexReport, usize) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let files = (tree.files)(size);
    let root = folder.path().join("tree");
    files.iter().for_each(|(path, text)| write(&root.join(path), text));
    let found = walk(&root, &WalkOptions { threads, ..WalkOptions::default() }).expect("the tree can be walked");
    assert_eq!(found.files.len(), files.len(), "{}: some files were not found", tree.name);
    let store = store::open_writer(&folder.path().join("db"), "pathological", Some(Backend::Sqlite))
        .expect("the database can be made");
    let options = IndexOptions { threads, root: "tree".to_owned(), ..IndexOptions::default() };
    let start = Instant::now();
    let report = index(&options, &found, &*store, &(), &AtomicBool::new(false)).expect("the tree can be indexed");
    (start.elapsed(), report, files.iter().map(|(_, text)| text.len()).sum())
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}
