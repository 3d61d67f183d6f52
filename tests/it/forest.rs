//! A tree of eight languages that is edited at random, for tests that break something while it is indexed.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use magellan::index::{IndexOptions, index};
use magellan::store;
use magellan::walk::{WalkOptions, walk};
use tempfile::TempDir;

use crate::cli::{json, magellan, stderr, stdout};
use crate::index::Dice;

/// Files of eight languages that call each other, edited at random.
pub(super) struct Forest {
    folder: TempDir,
    pub(super) dice: Dice,
    /// Numbers of the files; a number decides the language.
    files: Vec<u64>,
}

const KINDS: u64 = 8;

impl Forest {
    pub(super) fn new(seed: u64, files: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut forest = Self { folder, dice: Dice(seed), files: (0..files).collect() };
        fs::create_dir(forest.root().join("src")).unwrap();
        fs::write(forest.root().join("Cargo.toml"), "[package]\nname = \"forest\"\n").unwrap();
        fs::write(forest.root().join("go.mod"), "module forest\n").unwrap();
        forest.rewrite_all();
        forest
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A file that takes so long to read and link that a signal arrives in time.
    pub(super) fn plant_slow_file(&mut self) {
        let text = format!("// {}\n{}", self.dice.roll(u64::MAX), "function a(b){return a(b-1)}".repeat(1_000));
        fs::write(self.root().join("src/slow.js"), text).unwrap();
    }

    pub(super) fn rewrite_all(&mut self) {
        for file in self.files.clone() {
            self.rewrite(file);
        }
        let modules: Vec<String> =
            self.files.iter().filter(|file| *file % KINDS == 0).map(|file| format!("mod m{file};\n")).collect();
        fs::write(self.root().join("src/lib.rs"), modules.concat()).unwrap();
    }

    /// The file with new content: it calls another file of its language, or one that is not there.
    fn rewrite(&mut self, file: u64) {
        let other = self.dice.roll(self.files.len() as u64 / KINDS + 2) * KINDS + file % KINDS;
        let number = self.dice.roll(1000);
        let (name, text) = source(file, other, number);
        fs::write(self.root().join("src").join(name), text).unwrap();
    }

    /// Rewrites some files, removes one, adds one.
    pub(super) fn edit(&mut self) {
        for _ in 0..10 {
            let at = self.dice.roll(self.files.len() as u64) as usize;
            self.rewrite(self.files[at]);
        }
        let at = self.dice.roll(self.files.len() as u64) as usize;
        let gone = self.files.remove(at);
        fs::remove_file(self.root().join("src").join(source(gone, 0, 0).0)).unwrap();
        let new = self.files.last().unwrap() + 1;
        self.files.push(new);
        self.rewrite(new);
    }

    /// The fingerprint of a fresh index, made in this process.
    pub(super) fn fresh(&self) -> String {
        let store = store::memory(store::Backend::Sqlite).unwrap();
        let tree = walk(self.root(), &WalkOptions::default()).unwrap();
        let options = IndexOptions { threads: 2, ..IndexOptions::default() };
        index(&options, &tree, &*store, &(), &AtomicBool::new(false)).unwrap();
        store::fingerprint(&*store.snapshot().unwrap()).unwrap().to_string()
    }
}

/// Name and text of a file that calls function `f<other>` of another.
fn source(file: u64, other: u64, number: u64) -> (String, String) {
    let (f, o, n) = (file, other, number);
    let (extension, text) = match file % KINDS {
        0 => ("rs", format!("use crate::m{o}::f{o};\npub fn f{f}(x: i32) -> i32 {{\n    f{o}(x) + {n}\n}}\n")),
        1 => ("py", format!("from m{o} import f{o}\n\ndef f{f}(x):\n    return f{o}(x) + unknown.call({n})\n")),
        2 => ("c", format!("int f{o}(int);\nint f{f}(int x) {{ return f{o}(x) + {n}; }}\n")),
        3 => (
            "cpp",
            format!(
                "int f{o}(int);\nstruct S{f} {{ int get() {{ return f{o}({n}); }} }};\nint f{f}(int x) {{ S{f} s; return s.get() + x; }}\n"
            ),
        ),
        4 => ("java", format!("class m{f} {{ static int f{f}(int x) {{ return m{o}.f{o}(x) + {n}; }} }}\n")),
        5 => (
            "js",
            format!("import {{ f{o} }} from './m{o}.js';\nexport function f{f}(x) {{ return f{o}(x) + {n}; }}\n"),
        ),
        6 => (
            "ts",
            format!(
                "import {{ f{o} }} from './m{o}';\nexport function f{f}(x: number): number {{ return f{o}(x) + {n}; }}\n"
            ),
        ),
        _ => ("go", format!("package forest\n\nfunc f{f}(x int) int {{ return f{o}(x) + {n} }}\n")),
    };
    (format!("m{file}.{extension}"), text)
}

/// Indexes and expects that all goes well.
pub(super) fn indexed(root: &Path, arguments: &[&str]) -> Duration {
    let clock = Instant::now();
    let output = magellan(root, &[&["index", "--quiet"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    clock.elapsed()
}

/// The fingerprint of the database of a tree, asked for by the executable.
pub(super) fn fingerprint(root: &Path) -> String {
    let output = magellan(root, &["fingerprint", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    json(&output)["data"]["fingerprint"].as_str().unwrap().to_owned()
}
