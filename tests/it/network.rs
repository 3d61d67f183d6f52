//! Questions about the whole graph, through the executable: what they say of a small tree in every form, and of this
//! package compared with what its rows and petgraph say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use magellan::model::{Role, SymbolKind};
use magellan::store::{self, Snapshot, SymbolKey, SymbolRow, Target};
use petgraph::algo::{dijkstra, tarjan_scc};
use petgraph::graphmap::DiGraphMap;
use petgraph::visit::Reversed;
use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{command, json, magellan, stderr, stdout};

pub(super) const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", "[package]\nname = \"little\"\n"),
    (
        "src/lib.rs",
        "pub mod draw;\npub mod shape;\n\nuse shape::{Shape, Square};\n\npub fn start() -> u32 {\n    \
         let all = [1, 2];\n    all.iter().map(|side| draw::draw(&Square { side: *side })).sum()\n}\n\n\
         pub fn even(n: u32) -> bool {\n    n == 0 || odd(n - 1)\n}\n\nfn odd(n: u32) -> bool {\n    n != 0 && even(n - 1)\n}\n\n\
         pub fn down(n: u32) -> u32 {\n    if n == 0 { 0 } else { down(n - 1) }\n}\n\n\
         #[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn starts() {\n        assert_eq!(start(), 5);\n    }\n\n    \
         #[test]\n    fn a_square_has_an_area() {\n        assert_eq!(Square { side: 2 }.area(), 4);\n    }\n\n    \
         #[test]\n    fn parity() {\n        assert!(even(down(9)));\n    }\n}\n",
    ),
    (
        "src/shape.rs",
        "pub trait Shape {\n    fn area(&self) -> u32;\n}\n\npub struct Square {\n    pub side: u32,\n}\n\n\
         impl Shape for Square {\n    fn area(&self) -> u32 {\n        self.side * self.side\n    }\n}\n\n\
         pub struct Dot;\n\nimpl Shape for Dot {\n    fn area(&self) -> u32 {\n        0\n    }\n}\n",
    ),
    (
        "src/draw.rs",
        "use crate::shape::Shape;\n\npub fn draw(shape: &dyn Shape) -> u32 {\n    line(shape.area())\n}\n\n\
         fn line(length: u32) -> u32 {\n    length\n}\n",
    ),
    (
        "py/one.py",
        "from two import pong\n\n\ndef ping(n):\n    return pong(n)\n\n\nclass Base:\n    def run(self):\n        pass\n",
    ),
    (
        "py/two.py",
        "import one\n\n\ndef pong(n):\n    return one.ping(n - 1)\n\n\nclass Derived(one.Base):\n    \
         def run(self):\n        unknown_thing().ping()\n",
    ),
];

/// What is asked of the small tree.
const ASKED: &[&str] = &[
    "reachable start",
    "reachable start --dot",
    "reachable start --mermaid --depth 1",
    "reachable start --certain",
    "reachable Square --reverse --uses --limit 2",
    "reachable draw::line --reverse",
    "reachable draw::line --reverse --no-tests --kind function --file src/draw.rs",
    "reachable draw::line --json",
    "paths starts draw::line",
    "paths start draw::line --dot",
    "paths start Square::area --json",
    "paths line start",
    "cycles",
    "cycles --imports",
    "cycles --imports --mermaid",
    "cycles --file src --json",
    "condense",
    "condense --imports --limit 2",
    "condense --no-tests --file src --dot",
    "condense --imports --json --limit 1",
    "impact Shape",
    "impact Shape::area",
    "impact Shape --depth 1 --mermaid",
    "impact Base::run",
    "impact src/draw.rs",
    "impact down --json",
    "affected-tests draw::line",
    "affected-tests src/shape.rs --json --limit 1",
    "affected-tests py/one.py",
];

fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn index(root: &Path, database: &Path, backend: &str) {
    let arguments = ["index", root.to_str().unwrap(), "--backend", backend, "--db", database.to_str().unwrap()];
    let output = magellan(root, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

fn engines() -> Vec<&'static str> {
    if cfg!(feature = "native-v2") { vec!["sqlite", "native-v2"] } else { vec!["sqlite"] }
}

/// Every question with its answer and exit code.
fn answers(root: &Path, database: &Path) -> String {
    let mut text = String::new();
    for question in ASKED {
        let words: Vec<&str> = question.split(' ').chain(["--quiet"]).collect();
        let output = command(root, &words).arg("--db").arg(database).output().unwrap();
        writeln!(text, "$ magellan {question}").unwrap();
        if question.contains("--json") {
            let mut value = json(&output);
            value.as_object_mut().unwrap().remove("freshness");
            value.sort_all_objects();
            writeln!(text, "{}", serde_json::to_string_pretty(&value).unwrap()).unwrap();
        } else {
            text += &stdout(&output);
            text += &stderr(&output);
        }
        match output.status.code() {
            Some(0) => text.push('\n'),
            code => writeln!(text, "exit code {code:?}\n").unwrap(),
        }
    }
    text
}

#[test]
fn every_question_answers_as_written_down_on_every_engine() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/network.txt");
    for backend in engines() {
        let tree = tree();
        let database = tempfile::tempdir().unwrap();
        index(tree.path(), database.path(), backend);
        let found = answers(tree.path(), database.path());
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(&path, &found).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap();
        let differs = found.lines().zip(expected.lines()).position(|(found, expected)| found != expected);
        assert!(found == expected, "{backend}, from line {:?} on:\n{found}", differs.map(|line| line + 1));
    }
}

pub(super) fn git(root: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").arg("-C").arg(root).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", stderr(&output));
}

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["qualified_name"].as_str().unwrap()).collect()
}

#[test]
fn changed_lines_lead_to_what_depends_on_them() {
    let tree = tree();
    let root = tree.path();
    fs::write(root.join(".gitignore"), ".magellan/\n").unwrap();
    git(root, &["init", "--quiet"]);
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "-m", "first"]);
    let draw = FILES[3].1.replace("    length\n", "    length + 1\n");
    fs::write(root.join("src/draw.rs"), draw).unwrap();
    fs::remove_file(root.join("py/two.py")).unwrap();
    fs::write(root.join("notes.txt"), "not followed by git\n").unwrap();
    index(root, &root.join(".magellan"), "sqlite");
    let ask = |arguments: &[&str]| json(&command(root, arguments).arg("--json").output().unwrap())["data"].clone();
    let changed = ask(&["impact", "--diff"]);
    assert_eq!(names(&changed["roots"]), ["little::draw::line"]);
    assert_eq!(changed["not_indexed"], serde_json::json!(["py/two.py"]));
    assert_eq!(names(&changed["affected"]), ["little::draw::draw", "little::start", "little::tests::starts"]);
    assert_eq!(names(&ask(&["affected-tests", "--diff", "HEAD"])["tests"]), ["little::tests::starts"]);
    assert_eq!(names(&ask(&["impact", "--staged"])["roots"]), [""; 0]);
    git(root, &["add", "src"]);
    assert_eq!(names(&ask(&["impact", "--staged"])["roots"]), ["little::draw::line"]);
    for revision in ["nowhere", "--output=x"] {
        let output = magellan(root, &["impact", &format!("--diff={revision}")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("hint: give a revision"), "{}", stderr(&output));
    }
    assert!(!root.join("x").exists());
    assert_eq!(magellan(root, &["impact"]).status.code(), Some(2));
    assert_eq!(magellan(root, &["impact", "down", "--diff"]).status.code(), Some(2));
}

#[test]
fn a_test_that_changes_is_to_be_run() {
    let tree = tree();
    index(tree.path(), &tree.path().join(".magellan"), "sqlite");
    let output = command(tree.path(), &["affected-tests", "parity", "--json"]).output().unwrap();
    assert_eq!(names(&json(&output)["data"]["tests"]), ["little::tests::parity"]);
}

/// The graph of calls as the rows tell it: from what encloses a site, closures left out, to what it resolves to.
struct Oracle {
    rows: BTreeMap<SymbolKey, SymbolRow>,
    certain: DiGraphMap<SymbolKey, ()>,
    all: DiGraphMap<SymbolKey, ()>,
}

impl Oracle {
    fn new(snapshot: &dyn Snapshot) -> Self {
        let mut oracle = Self { rows: BTreeMap::new(), certain: DiGraphMap::new(), all: DiGraphMap::new() };
        let files = snapshot.files().unwrap();
        for file in &files {
            oracle.rows.extend(snapshot.symbols(file.id).unwrap().into_iter().map(|row| (row.key, row)));
        }
        for row in files.iter().flat_map(|file| snapshot.occurrences(file.id).unwrap()) {
            let Some(from) = row.symbol.and_then(|key| oracle.owner(key)) else { continue };
            let (targets, is_certain) = match row.target {
                Target::Resolved(key, _) => (vec![key], true),
                Target::Candidates(keys, _) => (keys, false),
                _ => continue,
            };
            if !matches!(row.role, Role::Call | Role::Decorator | Role::Macro) {
                continue;
            }
            for target in targets {
                let Some(to) = oracle.owner(target) else { continue };
                if to != target && to == from {
                    continue;
                }
                oracle.all.add_edge(from, to, ());
                if is_certain {
                    oracle.certain.add_edge(from, to, ());
                }
            }
        }
        oracle
    }

    /// The callable that a closure or something local stands in; else the thing itself. None for the top level.
    fn owner(&self, key: SymbolKey) -> Option<SymbolKey> {
        let row = &self.rows[&key];
        let around = row.parent.and_then(|parent| self.owner(parent));
        let in_callable = around.is_some_and(|around| self.rows[&around].kind.is_callable());
        match row.kind {
            SymbolKind::Closure => around,
            kind if !kind.is_callable() && in_callable => around,
            _ => Some(key),
        }
    }

    fn ids<'k>(&self, keys: impl IntoIterator<Item = &'k SymbolKey>) -> BTreeSet<String> {
        keys.into_iter().map(|key| self.rows[key].id.to_string()).collect()
    }
}

fn ids(items: &Value) -> BTreeSet<String> {
    let found = items["items"].as_array().unwrap().iter().filter_map(|item| item["id"].as_str());
    found.map(str::to_owned).collect()
}

#[test]
fn on_this_package_the_answers_are_those_of_petgraph_over_the_rows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for backend in engines() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("database");
        index(&root, &database, backend);
        let store = store::open(&database).unwrap();
        let oracle = Oracle::new(&*store.snapshot().unwrap());
        let ask = |words: &[&str]| {
            let output =
                command(&root, words).args(["--json", "--limit", "0", "--db"]).arg(&database).output().unwrap();
            json(&output)["data"].clone()
        };
        for (words, graph) in [(&["cycles"][..], &oracle.certain), (&["cycles", "--candidates"], &oracle.all)] {
            let data = ask(words);
            let groups: BTreeSet<_> =
                data["cycles"]["items"].as_array().unwrap().iter().map(|cycle| ids(&cycle["members"])).collect();
            let expected = tarjan_scc(graph).into_iter().filter(|members| members.len() > 1);
            assert_eq!(groups, expected.map(|members| oracle.ids(&members)).collect(), "{backend} {words:?}");
            let loops: Vec<SymbolKey> = graph.nodes().filter(|&node| graph.contains_edge(node, node)).collect();
            assert_eq!(ids(&data["self_recursive"]), oracle.ids(&loops), "{backend} {words:?}");
        }
        let wanted = |row: &&SymbolRow| row.kind == SymbolKind::Function && row.key.symbol.0 % 97 == 3;
        let asked: Vec<SymbolRow> = oracle.rows.values().filter(wanted).take(5).cloned().collect();
        assert_eq!(asked.len(), 5);
        for row in asked {
            let id = row.id.to_string();
            let forward = dijkstra(&oracle.all, row.key, None, |_| 1);
            let backward = dijkstra(Reversed(&oracle.all), row.key, None, |_| 1);
            for (words, expected) in
                [(vec!["reachable", id.as_str()], forward), (vec!["reachable", id.as_str(), "--reverse"], backward)]
            {
                let data = ask(&words);
                let items = data["reached"]["items"].as_array().unwrap();
                let found: BTreeMap<&str, u64> =
                    items.iter().filter_map(|item| Some((item["id"].as_str()?, item["distance"].as_u64()?))).collect();
                let others = expected.iter().filter(|(_, distance)| **distance > 0);
                let expected: BTreeMap<String, u64> =
                    others.map(|(key, distance)| (oracle.rows[key].id.to_string(), *distance)).collect();
                assert!(found.iter().map(|(id, distance)| ((*id).to_owned(), *distance)).eq(expected), "{words:?}");
            }
        }
    }
}
