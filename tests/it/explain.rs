//! `explain` and `--why`: what stands at a place, what it means, and the steps that led there.

use std::fs;

use tempfile::TempDir;

use super::cli::{magellan, stderr, stdout};

/// A tree of files, `//- path` before each, indexed.
fn indexed(sources: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in sources.split("//- ").skip(1) {
        let (path, text) = file.split_once('\n').unwrap();
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let output = magellan(folder.path(), &["index"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder
}

fn asked(folder: &TempDir, arguments: &[&str]) -> String {
    let output = magellan(folder.path(), arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    stdout(&output)
}

const RUST: &str = "\
//- Cargo.toml
[package]
name = \"app\"
//- src/lib.rs
mod b;
use b::make;
struct Holder { inner: b::Thing }
impl Holder {
    fn go(&self) {
        self.inner.run();
        make().run();
        outside.run();
    }
}
//- src/b.rs
pub struct Thing;
impl Thing { pub fn run(&self) {} }
pub fn make() -> Thing { Thing }
";

#[test]
fn the_steps_lead_from_what_is_written_to_what_is_meant() {
    let folder = indexed(RUST);
    assert_eq!(
        asked(&folder, &["explain", "src/lib.rs:6:19"]),
        "\
src/lib.rs:6  self.inner.run();
inside method app::Holder::go  src/lib.rs:5:7
src/lib.rs:6:19  run  call  resolved [value_member]
    -> method app::b::Thing::run  src/b.rs:2:20
      src/lib.rs  self.inner denotes field inner [self_member]  src/lib.rs:3:16
      src/lib.rs:3:23  b denotes module app::b [lexical_scope]
      src/lib.rs:3:23  b::Thing denotes struct Thing [module_path]  src/b.rs:1:11
      src/lib.rs:3:23  b::Thing describes Thing  src/b.rs:1:11
      src/lib.rs:3:16  inner holds Thing  src/b.rs:1:11
      src/lib.rs  self.inner is Thing  src/b.rs:1:11
      src/lib.rs  self.inner.run denotes method run [value_member]  src/b.rs:2:20
"
    );
    let why = asked(&folder, &["callers", "Thing::run", "--why"]);
    assert!(why.contains("make returns Thing"), "{why}");
    assert!(!asked(&folder, &["callers", "Thing::run"]).contains("returns Thing"));
}

#[test]
fn a_guess_by_name_is_called_a_guess() {
    let folder = indexed(RUST);
    let text = asked(&folder, &["explain", "src/lib.rs:8"]);
    assert!(text.contains("run  call  unknown"), "{text}");
    assert!(text.contains("    1 guess by name:\n      method app::b::Thing::run  src/b.rs:2:20\n"), "{text}");
}

#[test]
fn definitions_and_empty_places_are_told() {
    let folder = indexed(RUST);
    let text = asked(&folder, &["explain", "src/b.rs:3"]);
    assert!(text.contains("defines function app::b::make  src/b.rs:3:7\n"), "{text}");
    let nothing = magellan(folder.path(), &["explain", "src/lib.rs:9"]);
    assert!(stdout(&nothing).contains("nothing is defined or used there"));
    assert_eq!(nothing.status.code(), Some(1));
    for (place, what) in [("src/lib.rs:99", "has only 10 lines"), ("src/lib.rs", "is no place")] {
        let output = magellan(folder.path(), &["explain", place]);
        assert_eq!(output.status.code(), Some(2), "{place}");
        assert!(stderr(&output).contains(what), "{}", stderr(&output));
    }
}

#[test]
fn a_tree_that_changed_since_has_outcomes_but_no_steps() {
    let folder = indexed(RUST);
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"renamed\"\n").unwrap();
    fs::remove_dir_all(folder.path().join("src")).unwrap();
    let text = asked(&folder, &["explain", "src/lib.rs:7:8"]);
    assert!(text.contains("make  call  resolved"), "{text}");
    assert!(!text.contains("module renamed"), "{text}");
}

#[test]
fn callers_are_not_complete_while_a_call_of_the_overridden_method_may_run_it() {
    let folder = indexed(
        "\
//- Cargo.toml
[package]
name = \"app\"
//- src/lib.rs
pub trait Value { fn width() -> usize; }
pub struct A;
impl Value for A { fn width() -> usize { 1 } }
fn of<V: Value>() -> usize { V::width() }
",
    );
    let text = stdout(&magellan(folder.path(), &["callers", "src/lib.rs:3:22"]));
    assert!(text.contains("at least 0 call sites"), "{text}");
    assert!(text.contains("1 unresolved site could mean it"), "{text}");
}

/// Only 64 base types were looked at, each question in an order of its own.
#[test]
fn call_of_a_method_that_is_overridden_far_below_may_run_that() {
    let mut sources =
        "//- Chain.java\nclass C0 { void run() {} }\nclass C1 extends C0 { void go() { super.run(); } }\n".to_owned();
    sources.extend((2..70).map(|at| format!("class C{at} extends C{} {{}}\n", at - 1)));
    sources += "class C70 extends C69 { void run() {} public static void main(String[] all) { new C70(); } }\n";
    let folder = indexed(&sources);
    let text = stdout(&magellan(folder.path(), &["callers", "C70.run"]));
    assert!(text.contains("1 unresolved site could mean it"), "{text}");
    let text = stdout(&magellan(folder.path(), &["dead-code", "--no-exports", "--doubtful"]));
    assert!(text.contains("method C70.run  unused, 1 line  doubtful: 1 unresolved site"), "{text}");
}
