//! Measures whether readers wait for a writer: eight processes ask who uses a definition, each time from opening the
//! database to closing it, first alone, then while one process commits without pause.
//! `cargo run --release --example readers -- [BACKEND] [SECONDS]`

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use magellan::index::{IndexOptions, index};
use magellan::model::{ContentHash, Span};
use magellan::store::{self, Backend, Chunk, NamePattern, Store};
use magellan::walk::{WalkOptions, walk};

const READERS: usize = 8;
/// A reader's pause, so that eight of them leave the processors idle most of the time.
const PAUSE: Duration = Duration::from_millis(25);
/// Chunks of a batch; every so many batches a changed file is indexed too.
const BATCH: u32 = 20;
const BATCHES_BETWEEN_EDITS: u32 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, database, seconds] = &arguments[..]
        && role == "read"
    {
        return read(Path::new(database), Duration::from_secs(seconds.parse().expect("a number")));
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

/// Asks until the time is over, then prints each answer's time in microseconds.
fn read(database: &Path, time: Duration) {
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < time {
        let asked = Instant::now();
        ask(database);
        times.push(asked.elapsed().as_micros().to_string());
        std::thread::sleep(PAUSE);
    }
    println!("{}", times.join("\n"));
}

fn ask(database: &Path) {
    let store = store::open(database).expect("a database");
    let snapshot = store.snapshot().expect("a view");
    let found = snapshot.find(&NamePattern::Exact("new".into())).expect("an answer");
    let key = found.first().expect("there is a `new` in this package").key;
    snapshot.uses(key).expect("an answer");
}

fn measure(backend: Backend, seconds: u64) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (tree, database) = (folder.path().join("tree"), folder.path().join("db"));
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &tree);
    let writer = store::open_writer(&database, "readers", Some(backend)).expect("a new database");
    update(&tree, &*writer);
    let alone = times(start(&database, seconds));
    report(backend, "alone", &alone);
    let readers = start(&database, seconds);
    let commits = write(&tree, &*writer, Duration::from_secs(seconds));
    report(backend, &format!("beside {commits} commits"), &times(readers));
}

fn start(database: &Path, seconds: u64) -> Vec<Child> {
    let program = std::env::current_exe().expect("this program");
    let reader = || {
        let mut command = Command::new(&program);
        command.arg("read").arg(database).arg(seconds.to_string()).stdout(Stdio::piped());
        command.spawn().expect("a reader")
    };
    (0..READERS).map(|_| reader()).collect()
}

/// All readers' times in milliseconds, ascending.
fn times(readers: Vec<Child>) -> Vec<f64> {
    let mut times = Vec::new();
    for reader in readers {
        let output = reader.wait_with_output().expect("a reader ends");
        assert!(output.status.success(), "a reader failed");
        let text = String::from_utf8(output.stdout).expect("numbers");
        times.extend(text.lines().map(|line| line.parse::<f64>().expect("a number") / 1e3));
    }
    times.sort_by(f64::total_cmp);
    times
}

fn report(backend: Backend, what: &str, times: &[f64]) {
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
    println!(
        "{:9} {what:24} {} answers: median {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        backend.to_string(),
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
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
