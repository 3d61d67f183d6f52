//! What every part needs: a tree on disk to edit, the executable to run on it, the table to fill.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use magellan::model::ContentHash;
use magellan::store::{self, Backend};
use magellan::walk::{WalkOptions, walk};
use tempfile::TempDir;

use crate::Options;
use crate::churn::{Disk, Editor, Files, Spare};
use crate::corpus;

const CRATES_BYTES: u64 = 20_000_000;

/// Rows of the table that is printed in the end.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<[String; 3]>,
    /// Whether something that must hold does not.
    pub(crate) failed: bool,
}

impl Table {
    /// Adds a row, and shows it at once.
    pub(crate) fn row(&mut self, what: &str, on: &str, measured: String) {
        eprintln!("{what}, {on}: {measured}");
        self.rows.push([what.to_owned(), on.to_owned(), measured]);
    }

    pub(crate) fn print(&self) {
        println!("| what | on | measured |\n|---|---|---|");
        for [what, on, measured] in &self.rows {
            println!("| {what} | {on} | {measured} |");
        }
    }
}

/// A tree on disk with an editor and a place for a database.
pub(crate) struct Scene {
    folder: TempDir,
    pub(crate) editor: Editor,
    pub(crate) disk: Disk,
    /// How the tree is called in the table.
    pub(crate) told: String,
}

impl Scene {
    /// The tree that is asked for, else this package's source, copied.
    pub(crate) fn new(options: &Options) -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let (files, name) = match &options.tree {
            Some(tree) if tree == Path::new("-") => {
                let folder = tempfile::tempdir().expect("a scratch folder");
                corpus::build(folder.path(), CRATES_BYTES);
                (load(folder.path()), "Rust crates".into())
            }
            Some(tree) => (load(tree), tree.file_name().map_or("?".into(), |name| name.to_string_lossy())),
            None => (load(&package), "this package".into()),
        };
        let bytes: usize = files.values().map(|text| text.len()).sum();
        let told = format!("{name}, {} files, {:.1} MB", files.len(), bytes as f64 / 1e6);
        Self::of(files, Vec::new(), options.seed, told)
    }

    /// A tree of these files.
    pub(crate) fn of(files: Files, spare: Spare, seed: u64, told: String) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let root = folder.path().join("tree");
        fs::create_dir(&root).expect("a folder can be made");
        let mut disk = Disk::new(&root, Files::new());
        disk.hold(&files);
        Self { folder, editor: Editor::new(files, spare, seed), disk, told }
    }

    pub(crate) fn root(&self) -> &Path {
        self.disk.root()
    }

    /// Where things beside the tree go.
    pub(crate) fn aside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes an edit, or several, also on disk; says which.
    pub(crate) fn step(&mut self) -> String {
        let told = self.editor.step();
        self.disk.hold(self.editor.files());
        self.editor.take_touched().iter().for_each(|path| self.disk.touch(path));
        told
    }

    /// Makes an edit of this kind, also on disk.
    pub(crate) fn edit(&mut self, kind: &str) {
        self.editor.edit_of(kind);
        self.disk.hold(self.editor.files());
    }

    /// A run of the executable on the tree and a database of it.
    pub(crate) fn command(&self, name: &str, database: &Path) -> Command {
        let mut program = std::env::current_exe().expect("this program");
        // It stands in `examples/` beside the executable.
        program.pop();
        program.set_file_name("magellan");
        let mut command = Command::new(program);
        command.arg(name).arg(self.root()).arg("--db").arg(database).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Runs `index`; gives how long the process took.
    pub(crate) fn index(&self, database: &Path, arguments: &[&str]) -> Duration {
        let clock = Instant::now();
        let status = self.command("index", database).arg("--quiet").args(arguments).status().expect("it starts");
        // 5: some files could not be read as text.
        assert!(matches!(status.code(), Some(0 | 5)), "index ended with {status}");
        clock.elapsed()
    }
}

/// All files of a tree that matter to an index.
pub(crate) fn load(root: &Path) -> Files {
    let tree = walk(root, &WalkOptions::default()).expect("the tree can be walked");
    let paths = tree.files.iter().map(|file| &file.path).chain(tree.manifests.iter().map(|manifest| &manifest.path));
    paths.map(|path| (path.clone(), fs::read(root.join(path)).expect("a file can be read").into())).collect()
}

/// The fingerprint of a database on disk, and how long it took until it was open.
pub(crate) fn stored_fingerprint(database: &Path) -> (ContentHash, Duration) {
    let clock = Instant::now();
    let store = store::open(database).expect("the database opens");
    let snapshot = store.snapshot().expect("the database can be read");
    let opened = clock.elapsed();
    (store::fingerprint(&*snapshot).expect("the database can be read"), opened)
}

/// The engines of this build.
pub(crate) fn backends() -> Vec<Backend> {
    let all = Backend::WORDS.iter().map(|(backend, _)| *backend);
    all.filter(|backend| store::memory(*backend).is_ok()).collect()
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
