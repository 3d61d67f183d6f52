//! `diff`: two trees in, the differences as text out; from the index to the tree, between databases, across engines.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use magellan::store::{self, Change};
use serde_json::Value;
use tempfile::TempDir;

use super::cli::{command, json, magellan, stderr, stdout};
use super::corpus::files;
use super::fresh::{BACKENDS, other_backend};
use super::index::Dice;

/// Makes the folder hold exactly the files of a fixture.
fn write(folder: &Path, fixture: &str) {
    let sources = files(fixture);
    let wanted: BTreeSet<&str> = sources.iter().map(|source| &*source.path).collect();
    for entry in ignore::WalkBuilder::new(folder).build().flatten().filter(|entry| entry.path().is_file()) {
        let path = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        if !wanted.contains(&*path) && !path.ends_with(".db") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    for source in &sources {
        let path = folder.join(&source.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if fs::read_to_string(&path).ok().as_ref() != Some(&source.text) {
            fs::write(path, &source.text).unwrap();
        }
    }
}

fn indexed(fixture: &str, backend: &str) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    write(tree.path(), fixture);
    succeeds(tree.path(), &["index", "--quiet", "--backend", backend]);
    tree
}

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = magellan(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    stdout(&output)
}

/// The answer without its first line, which says what is compared.
fn differences(folder: &Path, arguments: &[&str]) -> String {
    let text = succeeds(folder, &[&["diff", "--limit", "0"], arguments].concat());
    text.split_once('\n').unwrap().1.to_owned()
}

fn check(before: &str, after: &str, expected: &str) {
    for backend in BACKENDS {
        let tree = indexed(before, backend);
        let folder = tree.path();
        assert_eq!(differences(folder, &[]), "no difference\n");
        succeeds(folder, &["backup", "before.db", "--quiet"]);
        write(folder, after);
        let found = differences(folder, &[]);
        assert_eq!(found.trim(), expected.trim(), "{backend}, from the index to the tree:\n{found}");
        succeeds(folder, &["index", "--quiet"]);
        assert_eq!(differences(folder, &[]), "no difference\n");
        assert_eq!(differences(folder, &["before.db"]), found, "{backend}, from the database before to that after");
        pretend_other_version(&folder.join("before.db"));
        assert_eq!(differences(folder, &["before.db"]), found, "{backend}, with every file looked into");
        same_on_the_other_engine(folder, backend, &found);
    }
}

/// Then no file is taken to be the same without looking into it.
fn pretend_other_version(database: &Path) {
    let store = store::open_writer(database, "a test", None).unwrap();
    store.apply(&mut std::iter::once(Change::Meta("version".into(), "0".into()))).unwrap();
}

fn same_on_the_other_engine(folder: &Path, backend: &str, found: &str) {
    let Some(other) = other_backend(backend) else { return };
    succeeds(folder, &["index", "--quiet", "--db", "other.db", "--backend", other]);
    assert_eq!(differences(folder, &["other.db"]), "no difference\n");
    assert_eq!(differences(folder, &["before.db", "--db", "other.db"]), found, "{backend} to {other}");
}

const SHAPES: &str = "
//- Cargo.toml
[package]
name = \"little\"
//- src/lib.rs
mod shape;

/// Runs.
pub fn run(s: &shape::Square) -> u32 {
    helper(2);
    s.area() + s.area()
}

fn helper(x: u32) -> u32 {
    x.max(1)
}
//- src/shape.rs
pub struct Square {
    pub side: u32,
}

impl Square {
    pub fn area(&self) -> u32 {
        self.side * self.side
    }
}
";

#[test]
fn a_line_inserted_above_changes_the_file_and_nothing_in_it() {
    let after = SHAPES.replace("mod shape;", "// Shapes.\n\n\nmod shape;").replace("pub struct", "\n\npub struct");
    check(
        SHAPES,
        &after,
        "files: 0 added, 0 removed, 2 changed, 0 renamed\n  ~ src/lib.rs\n  ~ src/shape.rs\n\
        symbols: 0 added, 0 removed, 0 changed, 0 moved\ncalls: 0 added, 0 removed, 0 changed",
    );
}

#[test]
fn definitions_are_told_by_what_is_different_in_them() {
    let after = SHAPES
        .replace("fn helper(x: u32) -> u32", "fn helper(x: u32, y: u32) -> u32")
        .replace("helper(2)", "helper(2, 3)")
        .replace("/// Runs.", "/// Runs it.")
        .replace("self.side * self.side", "self.side.pow(2)");
    check(
        SHAPES,
        &after,
        "
files: 0 added, 0 removed, 2 changed, 0 renamed
  ~ src/lib.rs
  ~ src/shape.rs
symbols: 0 added, 0 removed, 3 changed, 0 moved
  ~ function little::run  src/lib.rs:4:7  body, documentation
  ~ function little::helper  src/lib.rs:9:3  signature
  ~ method little::shape::Square::area  src/shape.rs:6:11  body
calls: 1 added, 0 removed, 0 changed
  + little::shape::Square::area src/shape.rs -> std::u32::pow  external
",
    );
}

#[test]
fn new_and_gone_definitions_come_with_their_calls() {
    let after = SHAPES
        .replace("    helper(2);\n", "    helper(2);\n    helper(3);\n")
        .replace("s.area() + s.area()", "s.border()")
        .replace("pub fn area", "pub fn border");
    check(
        SHAPES,
        &after,
        "
files: 0 added, 0 removed, 2 changed, 0 renamed
  ~ src/lib.rs
  ~ src/shape.rs
symbols: 1 added, 1 removed, 1 changed, 0 moved
  + method little::shape::Square::border  src/shape.rs:6:11
  - method little::shape::Square::area  src/shape.rs:6:11
  ~ function little::run  src/lib.rs:4:7  body
calls: 1 added, 1 removed, 1 changed
  + little::run src/lib.rs -> little::shape::Square::border src/shape.rs
  - little::run src/lib.rs -> little::shape::Square::area src/shape.rs  2 times
  ~ little::run src/lib.rs -> little::helper src/lib.rs  2 times, was 1
",
    );
}

#[test]
fn a_renamed_file_takes_its_definitions_and_calls_along() {
    let before = "
//- a.py
def one():
    return two()


def two():
    return 2
//- b.py
from a import one

one()
";
    let after = "
//- c.py
def one():
    return two()


def two():
    return 3
//- b.py
from c import one

one()
";
    check(
        before,
        after,
        "
files: 0 added, 0 removed, 1 changed, 1 renamed
  ~ b.py
  > a.py -> c.py  changed
symbols: 0 added, 0 removed, 0 changed, 2 moved
  > function c.one  c.py:1:4 from a.py
  > function c.two  c.py:5:4 from a.py  body
calls: 0 added, 0 removed, 0 changed
",
    );
}

#[test]
fn a_class_that_goes_to_another_file_takes_its_members_along() {
    let before = "
//- a.py
class Tree:
    def grow(self):
        return water()

    def fall(self):
        return 1


def water():
    return 0
//- b.py
import a

a.Tree().grow()
";
    let after = "
//- a.py
def water():
    return 0
//- b.py
import a
from a import water


class Tree:
    def grow(self):
        return water()

    def fall(self):
        return 2


Tree().grow()
";
    check(
        before,
        after,
        "
files: 0 added, 0 removed, 2 changed, 0 renamed
  ~ a.py
  ~ b.py
symbols: 0 added, 0 removed, 0 changed, 3 moved
  > class b.Tree  b.py:5:6 from a.py
  > method b.Tree.grow  b.py:6:8 from a.py
  > method b.Tree.fall  b.py:9:8 from a.py  body
calls: 0 added, 0 removed, 0 changed
",
    );
}

#[test]
fn callers_in_files_that_stay_as_they_are_lose_and_gain_their_calls() {
    let after = SHAPES.replace("pub fn area", "pub fn surface");
    check(
        SHAPES,
        &after,
        "
files: 0 added, 0 removed, 1 changed, 0 renamed
  ~ src/shape.rs
symbols: 1 added, 1 removed, 0 changed, 0 moved
  + method little::shape::Square::surface  src/shape.rs:6:11
  - method little::shape::Square::area  src/shape.rs:6:11
calls: 1 added, 1 removed, 0 changed
  + little::run src/lib.rs -> area  external  2 times
  - little::run src/lib.rs -> little::shape::Square::area src/shape.rs  2 times
",
    );
}

/// The links of `b.py` say "definition 0 of a.py" before and after.
#[test]
fn a_callee_of_another_id_under_the_same_number_is_another_callee() {
    let before = "//- a.py\nclass One:\n    def act(self):\n        return 1\n\n\nName = One\n//- b.py\nfrom a import Name\n\n\ndef f():\n    return Name().act()\n";
    let after = before.replace("One", "Two");
    check(
        before,
        &after,
        "
files: 0 added, 0 removed, 1 changed, 0 renamed
  ~ a.py
symbols: 2 added, 2 removed, 1 changed, 0 moved
  + class a.Two  a.py:1:6
  + method a.Two.act  a.py:2:8
  - class a.One  a.py:1:6
  - method a.One.act  a.py:2:8
  ~ variable a.Name  a.py:6:0  body
calls: 2 added, 2 removed, 0 changed
  + b.f b.py -> a.Two a.py
  + b.f b.py -> a.Two.act a.py
  - b.f b.py -> a.One a.py
  - b.f b.py -> a.One.act a.py
",
    );
}

/// The ids of overloads count those above; what is called `add` with two parameters stays what it is all the same.
#[test]
fn an_overload_above_makes_no_others_of_those_below() {
    let before = "
//- Sum.java
class Sum {
    int add(int a, int b) { return a + b; }
    int add(int a, int b, int c) { return add(add(a, b), c); }
}
//- Use.java
class Use {
    int use(Sum sum) { return sum.add(1, 2); }
}
";
    let after = before.replace("class Sum {", "class Sum {\n    int add(int a) { return add(a, 1); }");
    check(
        before,
        &after,
        "
files: 0 added, 0 removed, 1 changed, 0 renamed
  ~ Sum.java
symbols: 1 added, 0 removed, 0 changed, 0 moved
  + method Sum.add  Sum.java:2:8
calls: 1 added, 0 removed, 0 changed
  + Sum.add Sum.java -> Sum.add Sum.java
",
    );
    let fewer = before.replace("    int add(int a, int b) { return a + b; }\n", "");
    check(
        before,
        &fewer,
        "
files: 0 added, 0 removed, 1 changed, 0 renamed
  ~ Sum.java
symbols: 0 added, 1 removed, 0 changed, 0 moved
  - method Sum.add  Sum.java:2:8
calls: 2 added, 2 removed, 0 changed
  + Sum.add Sum.java -> Sum.add Sum.java  2 times
  + Use.use Use.java -> Sum.add Sum.java
  - Sum.add Sum.java -> Sum.add Sum.java  2 times
  - Use.use Use.java -> Sum.add Sum.java
",
    );
}

#[test]
fn a_new_member_is_no_change_of_its_type_and_a_closure_is_part_of_its_function() {
    let before = "
//- a.rs
/// Sizes.
enum Size {
    Small,
}

struct Box {
    a: u8,
}

fn run() {
    let f = |x: u8| one(x);
    f(1);
}

fn one(x: u8) {}
fn two(x: u8) {}
";
    let after = before
        .replace("    Small,\n", "    Small,\n\n    Large,\n")
        .replace("    a: u8,", "    /// The first.\n    a: u8,\n    b: u8,")
        .replace("one(x)", "two(x)");
    check(
        before,
        &after,
        "
files: 0 added, 0 removed, 1 changed, 0 renamed
  ~ a.rs
symbols: 2 added, 0 removed, 2 changed, 0 moved
  + enum_member a::Size::Large  a.rs:5:4
  + field a::Box::b  a.rs:11:4
  ~ field a::Box::a  a.rs:10:4  documentation
  ~ function a::run  a.rs:14:3  body
calls: 1 added, 1 removed, 0 changed
  + a::run a.rs -> a::two a.rs
  - a::run a.rs -> a::one a.rs
",
    );
}

#[test]
fn another_manifest_gives_other_qualified_names() {
    let after = SHAPES.replace("\"little\"", "\"big\"");
    check(
        SHAPES,
        &after,
        "
files: 0 added, 0 removed, 0 changed, 0 renamed
symbols: 0 added, 0 removed, 7 changed, 0 moved
  ~ module big::shape  src/lib.rs:1:4  qualified name
  ~ function big::run  src/lib.rs:4:7  qualified name
  ~ function big::helper  src/lib.rs:9:3  qualified name
  ~ struct big::shape::Square  src/shape.rs:1:11  qualified name
  ~ field big::shape::Square::side  src/shape.rs:2:8  qualified name
  ~ impl big::shape::Square  src/shape.rs:5:5  qualified name
  ~ method big::shape::Square::area  src/shape.rs:6:11  qualified name
calls: 0 added, 0 removed, 0 changed
",
    );
}

#[test]
fn a_tree_without_source_has_lost_everything() {
    for backend in BACKENDS {
        let tree = indexed("//- a.py\ndef f():\n    print(1)\n", backend);
        write(tree.path(), "//- README\nnothing\n");
        let expected = "
files: 0 added, 1 removed, 0 changed, 0 renamed
  - a.py
symbols: 0 added, 1 removed, 0 changed, 0 moved
  - function a.f  a.py:1:4
calls: 0 added, 1 removed, 0 changed
  - a.f a.py -> builtins.print  external
";
        assert_eq!(differences(tree.path(), &[]).trim(), expected.trim());
    }
}

/// The fixture after some lines were deleted, doubled or swapped and some files renamed.
fn edited(fixture: &str, dice: &mut Dice) -> String {
    let mut sources: Vec<(String, Vec<String>)> = files(fixture)
        .into_iter()
        .map(|source| (source.path, source.text.lines().map(str::to_owned).collect()))
        .collect();
    for _ in 0..=dice.roll(4) {
        let chosen = dice.roll(sources.len() as u64) as usize;
        let (path, lines) = &mut sources[chosen];
        let line = dice.roll(lines.len().max(1) as u64) as usize;
        match dice.roll(5) {
            0 if !path.ends_with(".toml") => *path = format!("{}{path}", dice.roll(3)).replace("0src/", "src/x"),
            1 if !lines.is_empty() => drop(lines.remove(line)),
            2 if !lines.is_empty() => lines.insert(line, lines[line].clone()),
            3 if !lines.is_empty() => lines.swap(0, line),
            _ => lines.insert(0, "// Above.".into()),
        }
    }
    sources.sort();
    sources.dedup_by(|one, other| one.0 == other.0);
    let text = |(path, lines): &(String, Vec<String>)| format!("//- {path}\n{}\n", lines.join("\n"));
    sources.iter().map(text).collect()
}

/// The three ways to compare agree after any edits: an index run rehearsed, one done, and no file left out.
#[test]
fn random_edits_are_told_alike_in_every_way() {
    for backend in BACKENDS {
        let mut dice = Dice(7);
        let tree = indexed(LANGUAGES, backend);
        let folder = tree.path();
        let mut fixture = LANGUAGES.to_owned();
        for step in 0..15 {
            let before = format!("before{step}.db");
            succeeds(folder, &["backup", &before, "--quiet"]);
            fixture = edited(&fixture, &mut dice);
            write(folder, &fixture);
            let rehearsed = differences(folder, &[]);
            succeeds(folder, &["index", "--quiet"]);
            assert_eq!(differences(folder, &[]), "no difference\n");
            assert_eq!(differences(folder, &[&before]), rehearsed, "{backend}, step {step}: {fixture}");
            pretend_other_version(&folder.join(&before));
            assert_eq!(differences(folder, &[&before]), rehearsed, "{backend}, step {step}: {fixture}");
        }
    }
}

const LANGUAGES: &str = "
//- Cargo.toml
[package]
name = \"little\"
//- src/lib.rs
mod shape;
use shape::Square as Form;
pub fn run(s: &shape::Square) -> u32 {
    let twice = |x: u32| helper(x) + helper(x);
    twice(2) + s.area() + Form::new().area()
}
fn helper(x: u32) -> u32 { x.max(1) }
//- src/shape.rs
pub struct Square { pub side: u32 }
impl Square {
    pub fn new() -> Self { Self { side: unit() } }
    pub fn area(&self) -> u32 { self.side * self.side }
}
fn unit() -> u32 { 1 }
//- tool/base.py
class Base:
    def run(self):
        return self.step()
    def step(self):
        return 1
Name = Base
//- tool/more.py
from tool.base import Base, Name
class More(Base):
    def step(self):
        return Name().run()
More().run()
//- web/app.js
import { go } from './lib.js';
export class App { start() { return go(() => this.stop()); } stop() {} }
new App().start();
//- web/lib.js
export function go(f) { return f(); }
//- Main.java
class Main {
    int add(int a) { return add(a, 1); }
    int add(int a, int b) { return a + b; }
    public static void main(String[] args) { new Main().add(2); }
}
";

fn data(folder: &Path, arguments: &[&str], exit: i32) -> Value {
    let output = command(folder, &[&["diff", "--json"], arguments].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(exit), "{}", stdout(&output));
    json(&output)
}

#[test]
fn filters_limits_and_exit_codes() {
    for backend in BACKENDS {
        let tree = indexed(SHAPES, backend);
        let folder = tree.path();
        assert_eq!(data(folder, &["--exit-code"], 0)["data"]["equal"], true);
        write(folder, &SHAPES.replace("helper", "aid").replace("area", "size"));
        let all = data(folder, &[], 0);
        assert_eq!((&all["schema"]["name"], &all["schema"]["version"]), (&"diff".into(), &1.into()));
        assert_eq!((&all["data"]["equal"], &all["complete"]), (&false.into(), &true.into()));
        data(folder, &["--exit-code"], 1);
        data(folder, &["--exit-code", "--file", "src/shape.rs"], 1);
        assert_eq!(data(folder, &["--exit-code", "--file", "docs"], 0)["data"]["equal"], true);
        let methods = data(&folder.join("src"), &["--kind", "method", "--file", "*.rs"], 0);
        assert_eq!(methods["data"]["symbols"]["added"]["total"], 1, "{methods}");
        assert_eq!(methods["data"]["calls"]["added"]["total"], 0, "{methods}");
        let cut = data(folder, &["--limit", "1"], 0);
        assert_eq!(cut["complete"], false);
        let added = &cut["data"]["symbols"]["added"];
        assert_eq!((added["total"].as_u64(), added["items"].as_array().unwrap().len()), (Some(2), 1));
        assert!(stdout(&magellan(folder, &["diff", "--limit", "1"])).contains("1 more of 2"));
        let missing = command(folder, &["diff", "no-such", "--json"]).output().unwrap();
        assert_eq!((missing.status.code(), &json(&missing)["error"]["code"]), (Some(3), &"no_database".into()));
    }
}

#[test]
fn comparing_writes_nothing_and_another_tree_is_named_by_its_root() {
    for backend in BACKENDS {
        let (one, other) = (indexed(SHAPES, backend), indexed(&SHAPES.replace("helper", "aid"), BACKENDS[0]));
        write(one.path(), &SHAPES.replace("area", "size"));
        let runs = || json(&magellan(one.path(), &["log", "--json"]))["data"]["executions"]["total"].clone();
        let fingerprint = || succeeds(one.path(), &["fingerprint"]);
        let before = (runs(), fingerprint());
        assert!(differences(one.path(), &[]).contains("1 added, 1 removed"));
        let found = differences(one.path(), &[other.path().to_str().unwrap()]);
        assert!(found.contains("  + function little::helper  src/lib.rs:9:3"), "{found}");
        assert!(found.contains("  - function little::aid  src/lib.rs:9:3"), "{found}");
        assert_eq!((runs(), fingerprint()), before);
    }
}
