//! Measures whether readers wait for a writer: eight processes ask who uses a definition, each time from opening the
//! database to closing it, first alone, then while one process commits without pause.
//! `cargo run --release --example readers -- [BACKEND] [SECONDS]`

#[path = "../bench/readers.rs"]
mod readers;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use magellan::index::{IndexOptions, index};
use magellan::model::{ContentHash, Span};
use magellan::store::{self, Backend, Chunk, Store};
use magellan::walk::{WalkOptions, walk};

use readers::Times;

/// `new` is the commonest name of this package.
const NAME: &str = "new";
/// Chunks of a batch; every so many batches a changed file is indexed too.
const BATCH: u32 = 20;
const BATCHES_BETWEEN_EDITS: u32 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if readers::is_reader(&arguments) {
        return;
    }
    let backends: Vec<Backend> = match arguments.first() {
        Some(word) => vec![word.parse().expect("sqlite or native-v2")],
        None => Backend::WORDS.map(|(backend, _)| backend).into(),
    };
    let seconds = arguments.get(1).map_or(5, |text| text.parse().expect("a number"));
    for backend in backends {
        measure(backend, seconds);
    }
}

fn measure(backend: Backend, seconds: u64) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (tree, database) = (folder.path().join("tree"), folder.path().join("db"));
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &tree);
    let writer = store::open_writer(&database, "readers", Some(backend)).expect("a new database");
    update(&tree, &*writer);
    let alone = readers::times(readers::start(&database, NAME, seconds));
    report(backend, "alone", &alone);
    let beside = readers::start(&database, NAME, seconds);
    let commits = write(&tree, &*writer, Duration::from_secs(seconds));
    report(backend, &format!("beside {commits} commits"), &readers::times(beside));
}

fn report(backend: Backend, what: &str, times: &Times) {
    println!(
        "{:9} {what:24} {} answers: median {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        backend.to_string(),
        times.count(),
        times.at(0.5),
        times.at(0.99),
        times.at(1.0)
    );
}

/// Commits without pause; gives how often.
fn write(tree: &Path, store: &dyn Store, time: Duration) -> u32 {
    let (start, mut commits) = (Instant::now(), 0);
    while start.elapsed() < time {
        store
            .apply(&mut (0..BATCH).map(|number| store::Change::Chunk(Box::new(chunk(commits, number)))))
            .expect("written");
        commits += 1;
        if commits % BATCHES_BETWEEN_EDITS == 0 {
            let text = format!("fn edited_{commits}() {{}}\n");
            std::fs::write(tree.join("edited.rs"), text).expect("a file");
            update(tree, store);
            commits += 1;
        }
    }
    commits
}

fn chunk(round: u32, number: u32) -> Chunk {
    let text = format!("fn chunk_{number}() {{ work({round}) }}\n").into_bytes();
    let span = Span::new(number * 100, number * 100 + text.len() as u32);
    let hash = ContentHash::of(&text);
    Chunk { path: "aside.rs".into(), span, symbol: None, kind: "function".into(), text, hash }
}

fn update(tree: &Path, store: &dyn Store) {
    let found = walk(tree, &WalkOptions::default()).expect("the tree can be walked");
    index(&IndexOptions { threads: 1, ..IndexOptions::default() }, &found, store, &(), &AtomicBool::new(false))
        .expect("indexed");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path: PathBuf = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}
