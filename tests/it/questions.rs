//! Every question of the table through the executable, over one small tree in several languages.

use std::fs;
use std::path::Path;

use magellan::query::QUESTIONS;
use serde_json::Value;
use tempfile::TempDir;

use super::cli::{command, json, magellan, stderr, stdout};

const RUST: &str = "//! A crate.\n\n/// Anything with an area.\npub trait Shape {\n    fn area(&self) -> u32;\n}\n\n\
    /// A \u{1d54f} square.\npub struct Square {\n    side: u32,\n}\n\nimpl Square {\n    pub fn new(side: u32) -> Self {\n        \
    Self { side }\n    }\n}\n\nimpl Shape for Square {\n    fn area(&self) -> u32 {\n        if self.side > 0 && limit() {\n            \
    return self.side * self.side;\n        }\n        0\n    }\n}\n\nfn limit() -> bool {\n    true\n}\n";
const PYTHON: &str = "import os\nfrom os import path as p\n\n\ndef load(name):\n    try:\n        return open(name)\n    \
    except OSError:\n        return None\n";
const BROKEN: &[u8] = b"function f() { return '\xff'; }\n) class (;\n";

pub(super) fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"little\"\n").unwrap();
    fs::write(folder.path().join("src/lib.rs"), RUST).unwrap();
    fs::write(folder.path().join("load.py"), PYTHON).unwrap();
    fs::write(folder.path().join("broken.js"), BROKEN).unwrap();
    fs::write(folder.path().join("magellan.toml"), "[[limit]]\nmeasure = \"cyclomatic\"\nmax = 1\n").unwrap();
    let output = magellan(folder.path(), &["index"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder
}

/// Arguments for each question, at least once. What a question answers without finding anything counts too.
pub(super) const ASKED: &[&[&str]] = &[
    &["callers", "limit"],
    &["callees", "Square"],
    &["refs", "Square"],
    &["callers", "limit", "--why"],
    &["callees", "Square::area", "--why"],
    &["refs", "Square", "--why"],
    &["explain", "src/lib.rs:20"],
    &["explain", "load.py:7:15"],
    &["find", "*"],
    &["show", "Square::new"],
    &["outline", "src/lib.rs"],
    &["files"],
    &["get", "Square"],
    &["get", "Shape"],
    &["get", "load"],
    &["get-file", "src/lib.rs"],
    &["get-file", "load.py", "--text"],
    &["get-file", "broken.js", "--text"],
    &["chunks"],
    &["chunks", "*.py", "--no-text"],
    &["chunks", "Square", "--kind", "field"],
    &["chunk-by-span", "broken.js", "0", "30"],
    &["chunk-by-symbol", "Square"],
    &["ast", "src/lib.rs"],
    &["ast", "load.py", "--at", "6:4", "--depth", "2"],
    &["ast", "broken.js"],
    &["find-ast", "ERROR"],
    &["find-ast", "identifier", "--text", "l*"],
    &["cfg", "Square::area"],
    &["cfg", "load"],
    &["metrics"],
    &["metrics", "src/lib.rs"],
    &["metrics", "load"],
    &["hotspots"],
    &["hotspots", "src", "--by", "fan-in"],
    &["label"],
    &["label", "method", "rust"],
    &["reachable", "Square::area"],
    &["reachable", "limit", "--reverse"],
    &["paths", "Square::area", "limit"],
    &["cycles"],
    &["cycles", "--imports"],
    &["condense"],
    &["impact", "Shape"],
    &["impact", "src/lib.rs"],
    &["affected-tests", "limit"],
    &["diff"],
    &["slice", "src/lib.rs:21"],
    &["slice", "limit", "--forward"],
    &["search", "square"],
    &["context", "Square::area"],
    &["hierarchy", "Shape"],
    &["entry-points"],
    &["collisions"],
    &["dead-code", "--doubtful"],
    &["deps"],
    &["map"],
    &["check"],
    &["status"],
    &["log"],
    &["fingerprint"],
];

/// Each question with what `--json` says about the content of a database: two databases of the same tree give the
/// same, whatever engine made them. What tells of the run, the clock or the place is left out.
fn every_question(folder: &Path, db: &Path) -> Vec<(String, String)> {
    let ask = |arguments: &&[&str]| {
        let output = command(folder, arguments).args(["--json", "--limit", "0", "--db"]).arg(db).output().unwrap();
        let mut value = json(&output);
        if let Some(whole) = value.as_object_mut() {
            whole.remove("freshness");
        }
        match (arguments[0], value["data"].as_object_mut()) {
            ("status", Some(data)) => ["database", "freshness", "last_run"].iter().for_each(|key| {
                data.remove(*key);
            }),
            ("diff", Some(data)) => ["before", "after"].iter().for_each(|key| {
                data.remove(*key);
            }),
            ("log", Some(data)) => data.clear(),
            _ => {}
        }
        (arguments.join(" "), value.to_string())
    };
    ASKED.iter().map(ask).collect()
}

#[test]
fn every_question_of_the_table_is_asked_and_gives_the_same_answer_again() {
    for question in QUESTIONS {
        assert!(ASKED.iter().any(|arguments| arguments[0] == question.name), "{} is not asked", question.name);
    }
    let (first, second) = (tree(), tree());
    let answers = every_question(first.path(), &first.path().join(".magellan"));
    assert_eq!(
        answers,
        every_question(second.path(), &second.path().join(".magellan"))
            .iter()
            .map(|(question, answer)| {
                let [here, there] =
                    [&first, &second].map(|tree| tree.path().canonicalize().unwrap().display().to_string());
                (question.clone(), answer.replace(&there, &here))
            })
            .collect::<Vec<_>>()
    );
    for (question, answer) in &answers {
        let value: Value = serde_json::from_str(answer).unwrap();
        let name = question.split(' ').next().unwrap();
        let is_answer = value["schema"]["name"] == name && value["data"].is_object();
        assert!(is_answer, "{question}: {answer}");
    }
}

fn ask(tree: &TempDir, arguments: &[&str]) -> Value {
    let output = command(tree.path(), arguments).arg("--json").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stdout(&output));
    json(&output)["data"].clone()
}

fn text(tree: &TempDir, arguments: &[&str]) -> String {
    let output = magellan(tree.path(), arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

#[test]
fn a_symbol_is_told_with_its_relations_and_members() {
    let tree = tree();
    let data = ask(&tree, &["get", "Square"]);
    assert_eq!(data["doc"].as_str().unwrap().trim(), "/// A \u{1d54f} square.");
    let members: Vec<_> =
        data["members"]["items"].as_array().unwrap().iter().map(|row| &row["qualified_name"]).collect();
    assert_eq!(members, ["little::Square::side", "little::Square::new", "little::Square::area"]);
    assert_eq!(data["relations"]["items"][0]["kind"], "implements");
    assert_eq!(data["relations"]["items"][0]["definitions"][0]["qualified_name"], "little::Shape");
    let shown = text(&tree, &["get", "Square"]);
    for wanted in
        ["struct little::Square", "A \u{1d54f} square.", "implements trait little::Shape", "pub fn new(side: u32)"]
    {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    assert!(text(&tree, &["get", "Shape"]).contains("implemented by"));
    let called = text(&tree, &["get", "limit"]);
    assert!(called.contains("callers    1 call site: complete"), "{called}");
}

#[test]
fn a_file_is_told_and_given_back_byte_for_byte() {
    let tree = tree();
    let data = ask(&tree, &["get-file", "load.py"]);
    assert_eq!(data["imports"]["items"][1]["specifier"], "os");
    assert_eq!(data["kinds"], serde_json::json!([["function", 1]]));
    assert!(data["text"].is_null());
    let broken = ask(&tree, &["get-file", "broken.js", "--text"]);
    assert_eq!(broken["lossy"], true);
    assert!(broken["diagnostics"]["total"].as_u64().unwrap() > 0, "{broken}");
    assert_eq!(broken["text"].as_str().unwrap(), String::from_utf8_lossy(BROKEN));
    assert_eq!(magellan(tree.path(), &["get-file", "broken.js", "--text"]).stdout, BROKEN);
    let shown = text(&tree, &["get-file", "broken.js"]);
    assert!(shown.contains("parse error") && shown.contains("broken.js:2:"), "{shown}");
    assert!(text(&tree, &["get-file", "load.py"]).contains("os path as p  -> os"));
}

#[test]
fn chunks_name_their_place_and_show_their_text() {
    let tree = tree();
    let shown = text(&tree, &["chunks", "Square::new"]);
    assert!(shown.starts_with("src/lib.rs:") && shown.contains("method little::Square::new  lines 14-16"), "{shown}");
    assert!(shown.contains("\n          Self { side }\n"), "{shown}");
    let chunk = ask(&tree, &["chunk-by-symbol", "Square::new"])["chunks"]["items"][0].clone();
    let [start, end] = ["start", "end"].map(|key| chunk["span"][key].to_string());
    let same = ask(&tree, &["chunk-by-span", "src/lib.rs", &start, &end]);
    for key in ["hash", "text", "kind", "id", "span"] {
        assert_eq!(same["chunk"][key], chunk[key], "{key}");
    }
    let lossy = text(&tree, &["chunk-by-span", "broken.js", "0", "30"]);
    assert!(lossy.contains("return '\u{fffd}'") && lossy.contains("not UTF-8"), "{lossy}");
    let output = magellan(tree.path(), &["chunk-by-span", "load.py", "0", "9999", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(json(&output)["error"]["message"].as_str().unwrap().contains("128 bytes"), "{}", stdout(&output));
    assert_eq!(magellan(tree.path(), &["chunks", "src/missing.rs"]).status.code(), Some(1));
}

#[test]
fn syntax_is_shown_whole_in_part_or_around_a_place() {
    let tree = tree();
    let whole = ask(&tree, &["ast", "load.py"]);
    let nodes = whole["nodes"]["items"].as_array().unwrap();
    assert_eq!((&nodes[0]["kind"], &nodes[0]["parent"], &nodes[0]["id"]), (&"module".into(), &Value::Null, &0.into()));
    for (id, node) in nodes.iter().enumerate() {
        assert_eq!(node["id"], id);
        assert!(node["parent"].as_u64().is_none_or(|parent| parent < id as u64), "parents come first: {node}");
    }
    let name = ask(&tree, &["ast", "load.py", "--at", "5:5"]);
    let found = &name["nodes"]["items"][0];
    assert_eq!(
        (&found["kind"], &found["field"], &found["text"]),
        (&"identifier".into(), &"name".into(), &"load".into())
    );
    assert_eq!((&found["line"], &found["column"], &found["end"]["column"]), (&5.into(), &4.into(), &8.into()));
    let around: Vec<_> = name["around"].as_array().unwrap().iter().map(|node| &node["kind"]).collect();
    assert_eq!(around, ["module", "function_definition"]);
    let line = ask(&tree, &["ast", "load.py", "--at", "6", "--depth", "1"]);
    assert_eq!(line["nodes"]["items"][0]["kind"], "try_statement", "the node that holds the whole line");
    assert_eq!(line["nodes"]["total"], 3, "itself, its block and its handler");
    let range = ask(&tree, &["ast", "load.py", "--span", "0..6"]);
    assert_eq!(range["nodes"]["items"][0]["kind"], "import_statement");
    let shown = text(&tree, &["ast", "load.py", "--at", "5:5"]);
    assert_eq!(shown, "in module > function_definition\n      5:4  name: identifier 41..45  load\n");
    for wrong in [["--at", "99"], ["--at", "5:99"], ["--at", "0"], ["--span", "5..2"], ["--span", "0..9999"]] {
        let output = command(tree.path(), &["ast", "load.py"]).args(wrong).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn nodes_are_found_by_kind_field_and_source() {
    let tree = tree();
    let found = ask(&tree, &["find-ast", "try_statement"]);
    let node = &found["nodes"]["items"][0];
    assert_eq!((&node["path"], &node["line"], &node["text"]), (&"load.py".into(), &6.into(), &"try:".into()));
    assert_eq!((&node["symbol"]["qualified_name"], &node["text_is_exact"]), (&"load.load".into(), &false.into()));
    assert_eq!(ask(&tree, &["find-ast", "identifier", "--field", "name", "--text", "l?a*"])["nodes"]["total"], 1);
    assert_eq!(ask(&tree, &["find-ast", "identifier", "src", "--text", "limit"])["nodes"]["total"], 2);
    assert!(text(&tree, &["find-ast", "ERROR"]).starts_with("broken.js:2:"));
    let none = magellan(tree.path(), &["find-ast", "identifier", "--text", "no such"]);
    assert_eq!((none.status.code(), stdout(&none)), (Some(1), String::new()));
    let wrong = magellan(tree.path(), &["find-ast", "try_stmt"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("try_statement"), "{}", stderr(&wrong));
    assert_eq!(magellan(tree.path(), &["find-ast", "identifier", "--field", "nonsense"]).status.code(), Some(2));
    assert_eq!(magellan(tree.path(), &["find-ast", "identifier", "missing.py"]).status.code(), Some(1));
    let cut = json(&magellan(tree.path(), &["find-ast", "identifier", "--limit", "2", "--json"]));
    assert_eq!((cut["complete"].as_bool(), cut["data"]["nodes"]["items"].as_array().unwrap().len()), (Some(false), 2));
}

#[test]
fn what_has_no_body_has_no_flow_and_no_metrics() {
    let tree = tree();
    for question in ["cfg", "metrics"] {
        let output = magellan(tree.path(), &[question, "Square", "--json"]);
        assert_eq!(output.status.code(), Some(1), "{question}");
        assert_eq!(json(&output)["error"]["code"], "no_body");
    }
    assert_eq!(magellan(tree.path(), &["cfg", "nothing_of_this_name"]).status.code(), Some(1));
    assert_eq!(magellan(tree.path(), &["cfg", "Square", "--format", "png"]).status.code(), Some(2));
    assert_eq!(magellan(tree.path(), &["get", "area"]).status.code(), Some(4), "a declared and a defined one");
}

#[test]
fn labels_and_runs_are_listed() {
    let tree = tree();
    let shown = text(&tree, &["label"]);
    assert!(shown.contains("kind        method") && shown.contains("language    python"), "{shown}");
    assert!(text(&tree, &["label", "struct", "public", "rust"]).starts_with("src/lib.rs:9:11  struct little::Square"));
    let wrong = magellan(tree.path(), &["label", "nonsense"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&tree, &["log", "--outcome", "success"]).contains("index"));
    assert_eq!(magellan(tree.path(), &["log", "--outcome", "error"]).status.code(), Some(1));
    assert_eq!(magellan(tree.path(), &["log", "--outcome", "fine"]).status.code(), Some(2));
}

/// The same content in the other engine: nothing a question says may depend on the engine.
#[cfg(feature = "native-v2")]
#[test]
fn both_engines_answer_every_question_byte_for_byte_alike() {
    use magellan::store::{self, Backend};

    let tree = tree();
    let database = tree.path().join(".magellan");
    let elsewhere = tempfile::tempdir().unwrap();
    let native = elsewhere.path().join("native");
    let from = store::open(&database).unwrap();
    let to = store::open_writer(&native, "test", Some(Backend::NativeV2)).unwrap();
    let snapshot = from.snapshot().unwrap();
    to.load(&mut store::copy(&*snapshot, &mut |_, _| {}).unwrap()).unwrap();
    drop(to);
    assert_eq!(store::open(&native).unwrap().backend(), Backend::NativeV2);
    let expected = every_question(tree.path(), &database);
    for (expected, found) in expected.iter().zip(&every_question(tree.path(), &native)) {
        assert_eq!(expected, found);
    }
}
