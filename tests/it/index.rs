//! The index pipeline on small generated trees: same content whatever the threads and the history.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use magellan::index::{IndexError, IndexOptions, IndexReport, Phase, Progress, index};
use magellan::store::{self, ExecutionOutcome, Store};
use magellan::walk::{WalkOptions, walk};

pub(super) use crate::churn::Dice;

/// A crate of modules that call each other, edited at random.
struct Tree {
    folder: tempfile::TempDir,
    /// Module number to the functions in it.
    modules: BTreeMap<u64, Vec<u64>>,
    dice: Dice,
}

impl Tree {
    fn new(seed: u64, modules: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = Self { folder, modules: BTreeMap::new(), dice: Dice(seed | 1) };
        tree.write("Cargo.toml", "[package]\nname = \"sample\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        for module in 0..modules {
            tree.modules.insert(module, (0..4).collect());
        }
        tree.write_all();
        tree
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn write_all(&mut self) {
        for module in self.modules.keys().copied().collect::<Vec<_>>() {
            self.write_module(module);
        }
        let names: Vec<String> = self.modules.keys().map(|module| format!("pub mod m{module};\n")).collect();
        self.write("src/lib.rs", &names.concat());
    }

    fn write_module(&mut self, module: u64) {
        let mut text = format!(
            "//! Module {module}.\nuse std::fmt;\nuse std::mem::drop as external;\n\npub struct S{module} {{ pub field: u32 }}\n\n"
        );
        let [glob, named, base] = [0; 3].map(|_| self.dice.roll(self.modules.len() as u64 + 1));
        text += &format!("use crate::m{glob}::*;\nuse crate::m{named}::f2 as renamed;\n\n");
        text += &format!("pub trait T{module}: crate::m{base}::T{base} {{ fn act(&self) -> u32 {{ 1 }} }}\n\n");
        text += &format!("impl crate::m{base}::T{base} for S{module} {{ fn act(&self) -> u32 {{ renamed(2) }} }}\n\n");
        text += &format!("pub fn run(all: &[&dyn T{glob}], s: crate::m{named}::S{named}) {{\n");
        text +=
            "    for one in all { one.act(); }\n    s.get(); s.missing(); external(1); f3(0); renamed(s.field);\n}\n\n";
        for function in self.modules[&module].clone() {
            let other = self.dice.roll(self.modules.len() as u64 + 1);
            let callee = self.dice.roll(6);
            text += &format!("/// Function.\npub fn f{function}(x: u32) -> u32 {{\n");
            text += &format!("    crate::m{other}::f{callee}(x) + f{callee}(x)\n}}\n\n");
        }
        text += &format!("impl S{module} {{\n    pub fn get(&self) -> u32 {{ f1(self.field) }}\n}}\n");
        self.write(&format!("src/m{module}.rs"), &text);
    }

    fn edit(&mut self) {
        let modules: Vec<u64> = self.modules.keys().copied().collect();
        let module = modules[self.dice.roll(modules.len() as u64) as usize];
        match self.dice.roll(6) {
            0 => {
                let new = modules.last().unwrap() + 1;
                self.modules.insert(new, vec![1, 2]);
                self.write_module(new);
            }
            1 if modules.len() > 2 => {
                self.modules.remove(&module);
                fs::remove_file(self.root().join(format!("src/m{module}.rs"))).unwrap();
            }
            2 => self.write("Cargo.toml", &format!("[package]\nname = \"sample{module}\"\nversion = \"0.1.0\"\n")),
            3 => {
                // A function on top moves all others.
                self.modules.get_mut(&module).unwrap().insert(0, 40 + self.dice.0 % 100);
                self.write_module(module);
            }
            4 => {
                let new = modules.last().unwrap() + 1;
                let functions = self.modules.remove(&module).unwrap();
                self.modules.insert(new, functions);
                let from = self.root().join(format!("src/m{module}.rs"));
                fs::rename(from, self.root().join(format!("src/m{new}.rs"))).unwrap();
            }
            _ => {
                self.modules.get_mut(&module).unwrap().pop();
                self.write_module(module);
            }
        }
    }
}

fn options(threads: usize) -> IndexOptions {
    IndexOptions { threads, root: "root".into(), ..IndexOptions::default() }
}

fn run(root: &Path, store: &dyn Store, threads: usize) -> IndexReport {
    let tree = walk(root, &WalkOptions::default()).unwrap();
    index(&options(threads), &tree, store, &(), &AtomicBool::new(false)).unwrap()
}

fn dump(store: &dyn Store) -> Vec<String> {
    let mut lines = Vec::new();
    store::dump(&*store.snapshot().unwrap(), &mut |line| lines.push(line.to_owned())).unwrap();
    lines
}

fn fresh_dump(root: &Path, threads: usize) -> Vec<String> {
    let store = store::memory(store::Backend::Sqlite).unwrap();
    run(root, &*store, threads);
    dump(&*store)
}

#[test]
fn any_number_of_threads_gives_the_same_content() {
    let tree = Tree::new(7, 30);
    let expected = fresh_dump(tree.root(), 1);
    for outcome in ["resolved", "candidates", "external", "unknown"] {
        let is_such = |line: &&String| line.starts_with("occurrence\t") && line.split('\t').nth(9) == Some(outcome);
        assert!(expected.iter().find(is_such).is_some(), "no {outcome} in {expected:#?}");
    }
    assert_eq!(fresh_dump(tree.root(), 2), expected);
    assert_eq!(fresh_dump(tree.root(), 8), expected);
    let folder = tempfile::tempdir().unwrap();
    let store = store::open_writer(&folder.path().join("db"), "test", None).unwrap();
    run(tree.root(), &*store, 2);
    assert_eq!(dump(&*store), expected);
}

#[test]
fn the_order_of_files_makes_no_difference() {
    let fixture = Tree::new(11, 30);
    let expected = fresh_dump(fixture.root(), 2);
    let mut dice = Dice(5);
    for _ in 0..3 {
        let mut tree = walk(fixture.root(), &WalkOptions::default()).unwrap();
        for last in (1..tree.files.len()).rev() {
            tree.files.swap(last, dice.roll(last as u64 + 1) as usize);
        }
        tree.manifests.reverse();
        let store = store::memory(store::Backend::Sqlite).unwrap();
        index(&options(2), &tree, &*store, &(), &AtomicBool::new(false)).unwrap();
        assert_eq!(dump(&*store), expected);
    }
}

#[test]
fn edits_one_by_one_end_like_a_fresh_index() {
    for seed in 1..=4 {
        let mut tree = Tree::new(seed * 7919, 6);
        let folder = tempfile::tempdir().unwrap();
        let store = store::open_writer(&folder.path().join("db"), "test", None).unwrap();
        run(tree.root(), &*store, 2);
        for step in 0..12 {
            for _ in 0..=tree.dice.roll(3) {
                tree.edit();
            }
            let report = run(tree.root(), &*store, 2);
            assert_eq!(report.files.total, tree.modules.len() as u64 + 1);
            let (got, expected) = (dump(&*store), fresh_dump(tree.root(), 2));
            let differing = got.iter().zip(&expected).find(|(got, expected)| got != expected);
            assert!(got == expected, "seed {seed} step {step}: {differing:#?}");
        }
        assert_sound(&folder.path().join("db"));
    }
}

/// The database contradicts itself nowhere.
fn assert_sound(folder: &Path) {
    let live = fs::read_to_string(folder.join("CURRENT")).unwrap();
    let connection = rusqlite::Connection::open(folder.join(live.trim())).unwrap();
    let broken: i64 =
        connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0, "rows that refer to nothing");
    let unused = "SELECT count(*) FROM names n WHERE uses <> (SELECT count(*) FROM symbols WHERE name = n.id)
        + (SELECT count(*) FROM occurrences WHERE name = n.id)
        + (SELECT count(*) FROM occurrences WHERE external = n.id)";
    let wrong: i64 = connection.query_row(unused, [], |row| row.get(0)).unwrap();
    assert_eq!(wrong, 0, "names with wrong counts");
}

/// All rows of all tables but execution records, as text.
fn content(folder: &Path) -> String {
    let live = fs::read_to_string(folder.join("CURRENT")).unwrap();
    let connection = rusqlite::Connection::open(folder.join(live.trim())).unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'executions' ORDER BY name";
    let mut statement = connection.prepare(tables).unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut text = live;
    for name in names {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<_> = (0..columns).map(|column| row.get_ref(column).unwrap()).collect();
            text += &format!("{name} {values:?}\n");
        }
    }
    text
}

fn age(root: &Path) {
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(100);
    for entry in fs::read_dir(root.join("src")).unwrap() {
        let file = fs::File::options().write(true).open(entry.unwrap().path()).unwrap();
        file.set_modified(old).unwrap();
    }
}

#[test]
fn an_unchanged_tree_touches_no_row() {
    let tree = Tree::new(3, 8);
    age(tree.root());
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("db");
    let store = store::open_writer(&database, "test", None).unwrap();
    run(tree.root(), &*store, 2);
    let before = content(&database);
    let report = run(tree.root(), &*store, 2);
    assert_eq!((report.files.unchanged, report.bytes_read), (9, 0));
    assert_eq!(content(&database), before);
    assert_eq!(store.snapshot().unwrap().executions(10).unwrap().len(), 2);
}

#[test]
fn a_new_time_without_new_content_is_only_noted() {
    let tree = Tree::new(3, 4);
    let store = store::memory(store::Backend::Sqlite).unwrap();
    run(tree.root(), &*store, 2);
    let before = dump(&*store);
    age(tree.root());
    let report = run(tree.root(), &*store, 2);
    assert_eq!((report.files.unchanged, report.files.changed), (5, 0));
    assert_eq!(dump(&*store), before);
    assert_eq!(run(tree.root(), &*store, 2).bytes_read, 0);
}

#[test]
fn a_change_within_the_clock_tick_is_seen() {
    let tree = Tree::new(3, 2);
    let store = store::memory(store::Backend::Sqlite).unwrap();
    tree.write("src/m0.rs", "fn aaaa() {}\n");
    let file = tree.root().join("src/m0.rs");
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    run(tree.root(), &*store, 1);
    tree.write("src/m0.rs", "fn bbbb() {}\n");
    fs::File::options().write(true).open(&file).unwrap().set_modified(time).unwrap();
    assert_eq!(run(tree.root(), &*store, 1).files.changed, 1);
}

#[test]
fn every_call_site_is_counted_once() {
    let tree = Tree::new(11, 10);
    let store = store::memory(store::Backend::Sqlite).unwrap();
    let report = run(tree.root(), &*store, 2);
    let snapshot = store.snapshot().unwrap();
    let mut calls = 0;
    for file in snapshot.files().unwrap() {
        calls += snapshot.occurrences(file.id).unwrap().iter().filter(|row| row.role.is_call()).count() as u64;
    }
    assert!(calls > 0);
    assert_eq!(report.totals.languages.iter().map(|language| language.calls.total()).sum::<u64>(), calls);
}

/// Cancels when so much is done.
struct CancelAt<'c> {
    cancel: &'c AtomicBool,
    phase: Phase,
    left: AtomicU64,
    active: AtomicBool,
}

impl Progress for CancelAt<'_> {
    fn phase(&self, phase: Phase, _: u64) {
        self.active.store(phase == self.phase, Ordering::SeqCst);
    }

    fn advance(&self, _: u64) {
        if self.active.load(Ordering::SeqCst) && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.cancel.store(true, Ordering::SeqCst);
        }
    }
}

#[test]
fn an_interrupted_run_leaves_the_database_as_it_was() {
    let mut tree = Tree::new(5, 8);
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("db");
    let store = store::open_writer(&database, "test", None).unwrap();
    run(tree.root(), &*store, 2);
    let before = content(&database);
    for full in [false, true] {
        for phase in [Phase::Extract, Phase::Link] {
            tree.edit();
            tree.modules.keys().copied().collect::<Vec<_>>().into_iter().for_each(|module| tree.write_module(module));
            let cancel = AtomicBool::new(false);
            let progress = CancelAt { cancel: &cancel, phase, left: AtomicU64::new(2), active: AtomicBool::new(false) };
            let found = walk(tree.root(), &WalkOptions::default()).unwrap();
            let options = IndexOptions { full, ..options(2) };
            let result = index(&options, &found, &*store, &progress, &cancel);
            assert!(matches!(result, Err(IndexError::Interrupted)), "{result:?}");
            assert_eq!(content(&database), before);
            let last = store.snapshot().unwrap().executions(1).unwrap().remove(0);
            assert_eq!(last.outcome, ExecutionOutcome::Interrupted);
        }
    }
    run(tree.root(), &*store, 2);
    assert_eq!(dump(&*store), fresh_dump(tree.root(), 2));
}

#[test]
fn an_interrupted_first_run_leaves_no_database() {
    let tree = Tree::new(5, 4);
    let folder = tempfile::tempdir().unwrap();
    let store = store::open_writer(&folder.path().join("db"), "test", None).unwrap();
    let found = walk(tree.root(), &WalkOptions::default()).unwrap();
    let result = index(&options(2), &found, &*store, &(), &AtomicBool::new(true));
    assert!(matches!(result, Err(IndexError::Interrupted)), "{result:?}");
    assert!(matches!(store.snapshot().err(), Some(store::StoreError::Missing(_))));
    assert!(
        !fs::read_dir(folder.path().join("db"))
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().to_string_lossy().starts_with("index-") })
    );
}

#[test]
fn a_file_that_vanished_is_skipped_and_its_old_rows_go() {
    let tree = Tree::new(5, 4);
    let store = store::memory(store::Backend::Sqlite).unwrap();
    run(tree.root(), &*store, 2);
    tree.write("src/m1.rs", "fn changed() {}");
    let found = walk(tree.root(), &WalkOptions::default()).unwrap();
    fs::remove_file(tree.root().join("src/m1.rs")).unwrap();
    let report = index(&options(2), &found, &*store, &(), &AtomicBool::new(false)).unwrap();
    assert_eq!((report.skipped.len(), report.files.removed), (1, 1));
    let snapshot = store.snapshot().unwrap();
    assert_eq!(snapshot.file("src/m1.rs").unwrap(), None);
    assert_eq!(snapshot.skipped().unwrap(), report.skipped);
}

#[test]
fn a_run_leaves_an_execution_record() {
    let tree = Tree::new(5, 4);
    let store = store::memory(store::Backend::Sqlite).unwrap();
    let report = run(tree.root(), &*store, 2);
    let last = store.snapshot().unwrap().executions(1).unwrap().remove(0);
    assert_eq!(last.outcome, ExecutionOutcome::Success);
    assert_eq!((last.files, last.root.as_str()), (report.files.total, "root"));
    assert_eq!(last.symbols, report.totals.languages.iter().map(|language| language.symbols).sum::<u64>());
}

/// A tree of a few files, indexed once with each engine; each edit is indexed and tells how many files were linked.
struct Followed {
    folder: tempfile::TempDir,
    stores: Vec<Box<dyn Store>>,
}

impl Followed {
    fn new(files: &[(&str, &str)]) -> Self {
        let stores = crate::churn::backends().into_iter().map(|backend| store::memory(backend).unwrap()).collect();
        let followed = Self { folder: tempfile::tempdir().unwrap(), stores };
        files.iter().for_each(|(path, text)| followed.write(path, text));
        let sources = files.iter().filter(|(path, _)| !path.ends_with(".toml")).count();
        followed.is_linked(sources as u64, "all");
        followed
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[track_caller]
    fn edit(&self, path: &str, text: &str, linked: u64) {
        self.write(path, text);
        self.is_linked(linked, &format!("{path}: {text}"));
        for store in &self.stores {
            assert_eq!(dump(&**store), fresh_dump(self.folder.path(), 1));
        }
    }

    #[track_caller]
    fn is_linked(&self, linked: u64, told: &str) {
        for store in &self.stores {
            assert_eq!(run(self.folder.path(), &**store, 2).files.linked, linked, "{told}");
        }
    }
}

#[test]
fn an_edit_links_only_the_files_that_asked_for_what_changed() {
    let tree = Followed::new(&[
        ("things.py", "class One:\n    def act(self): pass\nclass Two:\n    def act(self): pass\n"),
        ("make.py", "from things import *\ndef make():\n    return One()\ndef other(): pass\n"),
        ("user.py", "from make import make\ndef use():\n    make().act()\n"),
        ("caller.py", "from make import other\nother()\n"),
        ("apart.py", "def alone(): pass\nalone()\n"),
    ]);
    // What happens in a body concerns nobody else.
    tree.edit("make.py", "from things import *\ndef make():\n    print(2)\n    return One()\ndef other(): pass\n", 1);
    // What comes out of it does concern those that looked.
    tree.edit("make.py", "from things import *\ndef make():\n    print(2)\n    return Two()\ndef other(): pass\n", 2);
    // A definition at the end moves no other, but the file shows itself otherwise.
    tree.edit(
        "make.py",
        "from things import *\ndef make():\n    print(2)\n    return Two()\ndef other(): pass\ndef more(): pass\n",
        3,
    );
    // Nobody asked for this name.
    tree.edit("apart.py", "def alone(): pass\ndef lonely(): pass\nalone()\n", 1);
    // A comment moves everything and changes nothing.
    tree.edit("things.py", "# new\nclass One:\n    def act(self): pass\nclass Two:\n    def act(self): pass\n", 1);
}

#[test]
fn a_changed_manifest_links_only_the_files_it_is_about() {
    let app = |dependency: &str| {
        format!("[package]\nname = \"app\"\n[dependencies]\n{dependency} = {{ path = \"../lib\" }}\n")
    };
    let tree = Followed::new(&[
        ("lib/Cargo.toml", "[package]\nname = \"lib\"\n"),
        ("lib/src/lib.rs", "pub mod inner;\npub fn f() {}\n"),
        ("lib/src/inner.rs", "pub fn g() { crate::f() }\n"),
        ("app/Cargo.toml", &app("lib")),
        ("app/src/main.rs", "mod user;\nfn main() { user::run() }\n"),
        ("app/src/user.rs", "pub fn run() { lib::f(); }\n"),
        ("app/src/apart.rs", "pub fn alone() {}\n"),
        ("tool.py", "def f(): pass\nf()\n"),
    ]);
    // What is no dependency means nothing; one that is taken back is found again. Who looks at a file whose names mean
    // something else is linked with it.
    tree.edit("app/Cargo.toml", &app("other"), 2);
    tree.edit("app/Cargo.toml", &app("lib"), 2);
    tree.edit("app/Cargo.toml", &format!("{}# only a remark\n", app("lib")), 0);
    // Another name moves all modules of a crate.
    tree.edit("lib/Cargo.toml", "[package]\nname = \"library\"\n", 4);
    // A long manifest comes back from the database as it was.
    tree.edit("app/Cargo.toml", &format!("{}{}", app("lib"), "# remark\n".repeat(5_000)), 0);
    tree.edit("app/Cargo.toml", &app("library"), 2);
}
