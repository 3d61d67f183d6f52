//! The options that questions about the graph share: which question takes which, why not, and what they do.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::cli::{command, json, magellan, stderr};

const TREE: &[(&str, &str)] = &[
    ("Cargo.toml", "[package]\nname = \"little\"\n"),
    (
        "src/lib.rs",
        "pub mod deep;\n\npub trait Shape {\n    fn area(&self) -> u32;\n}\n\npub struct Square;\n\nimpl Shape for Square {\n    \
         fn area(&self) -> u32 {\n        deep::low(1)\n    }\n}\n\npub struct Dot;\n\nimpl Shape for Dot {\n    \
         fn area(&self) -> u32 {\n        0\n    }\n}\n\npub fn high() -> u32 {\n    Square.area() + mid() + mid_two()\n}\n\n\
         fn mid() -> u32 {\n    deep::low(2)\n}\n\nfn mid_two() -> u32 {\n    deep::low(3)\n}\n\nfn dead_one() {}\n\nfn dead_two() {}\n\n\
         pub fn even(n: u32) -> bool {\n    n == 0 || odd(n - 1)\n}\n\nfn odd(n: u32) -> bool {\n    n != 0 && even(n - 1)\n}\n",
    ),
    (
        "src/deep.rs",
        "pub fn low(n: u32) -> u32 {\n    if n == 0 { 0 } else { other(n - 1) }\n}\n\npub fn other(n: u32) -> u32 {\n    low(n)\n}\n\n\
         pub fn high() {\n    crate::high();\n}\n",
    ),
    (
        "tests/all.rs",
        "#[test]\nfn one() {\n    little::high();\n    helper();\n}\n\n#[test]\nfn two() {\n    little::high();\n}\n\n\
         fn helper() {\n    again();\n}\n\nfn again() {\n    helper();\n}\n",
    ),
];

/// A question, its list, the options it takes, and those it does not, each with the reason.
struct Row {
    words: &'static [&'static str],
    list: &'static [&'static str],
    takes: &'static [&'static str],
    not: &'static [(&'static str, &'static str)],
}

const NO_DISTANCE: (&str, &str) = ("--depth", "nothing in the answer is nearer or farther");

/// `--json` and `--limit` are options of every command.
const ROWS: &[Row] = &[
    Row {
        words: &["reachable", "little::high"],
        list: &["reached"],
        takes: &["--depth", "--kind", "--file", "--no-tests"],
        not: &[],
    },
    Row {
        words: &["impact", "low"],
        list: &["affected"],
        takes: &["--depth", "--kind", "--file", "--no-tests"],
        not: &[],
    },
    Row {
        words: &["affected-tests", "low"],
        list: &["tests"],
        takes: &["--depth", "--kind", "--file"],
        not: &[("--no-tests", "nothing but tests is listed")],
    },
    Row { words: &["cycles"], list: &["cycles"], takes: &["--depth", "--kind", "--file", "--no-tests"], not: &[] },
    Row { words: &["condense"], list: &["groups"], takes: &["--depth", "--kind", "--file", "--no-tests"], not: &[] },
    Row {
        words: &["paths", "little::high", "low"],
        list: &["paths"],
        takes: &["--depth", "--kind", "--file", "--no-tests"],
        not: &[],
    },
    Row { words: &["dead-code"], list: &["dead"], takes: &["--kind", "--file", "--no-tests"], not: &[NO_DISTANCE] },
    Row {
        words: &["deps", "src/deep.rs", "--by", "files"],
        list: &["units"],
        takes: &["--depth", "--file", "--no-tests"],
        not: &[("--kind", "it is about files and modules, not about definitions")],
    },
    Row {
        words: &["hierarchy", "Shape"],
        list: &["down"],
        takes: &["--depth", "--kind", "--file", "--no-tests"],
        not: &[],
    },
    Row {
        words: &["entry-points"],
        list: &["entries"],
        takes: &["--kind", "--file", "--no-tests"],
        not: &[NO_DISTANCE],
    },
    Row {
        words: &["map"],
        list: &["largest"],
        takes: &["--file", "--no-tests"],
        not: &[NO_DISTANCE, ("--kind", "it is about modules, not about definitions")],
    },
    Row {
        words: &["collisions", "--by", "name"],
        list: &["collisions"],
        takes: &["--kind", "--file", "--no-tests"],
        not: &[NO_DISTANCE],
    },
    Row {
        words: &["search", "high"],
        list: &["hits"],
        takes: &["--kind", "--file", "--no-tests"],
        not: &[NO_DISTANCE],
    },
    Row {
        words: &["slice", "low", "--forward"],
        list: &["functions"],
        takes: &["--depth", "--kind", "--file", "--no-tests"],
        not: &[],
    },
    Row {
        words: &["context", "little::high"],
        list: &["left_out"],
        takes: &["--kind", "--file", "--no-tests"],
        not: &[("--depth", "it tells what is one step away; --tokens says how much of it")],
    },
];

fn tree(backend: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in TREE {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    assert_eq!(magellan(folder.path(), &["index", "--backend", backend]).status.code(), Some(0));
    folder
}

fn ask(folder: &Path, words: &[&str], more: &[&str]) -> (i32, Value) {
    let output = command(folder, words).args(more).arg("--json").output().unwrap();
    let mut reply = json(&output);
    reply.as_object_mut().unwrap().remove("freshness");
    (output.status.code().unwrap(), reply)
}

/// Everything in an answer that has a path.
fn places<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| places(item, found)),
        Value::Object(map) => {
            if map.contains_key("path") && map.contains_key("kind") {
                found.push(value);
            }
            map.values().for_each(|value| places(value, found));
        }
        _ => {}
    }
}

#[test]
fn every_question_about_the_graph_takes_the_options_that_make_sense_for_it() {
    let tree = tree("sqlite");
    for Row { words, takes, not, .. } in ROWS {
        for option in ["--depth", "--kind", "--file", "--no-tests"] {
            let value: &[&str] = match option {
                "--depth" => &["--depth", "2"],
                "--kind" => &["--kind", if words[0] == "hierarchy" { "trait" } else { "function" }],
                "--file" => &["--file", "src"],
                _ => &["--no-tests"],
            };
            let (code, reply) = ask(tree.path(), words, value);
            if takes.contains(&option) {
                assert!(matches!(code, 0 | 1), "{words:?} {option}: {reply}");
                assert!(reply["data"].is_object() && reply["complete"].is_boolean(), "{words:?} {option}");
            } else {
                assert!(not.iter().any(|(other, _)| *other == option), "{words:?} {option} has no reason");
                assert_eq!(code, 2, "{words:?} {option}");
            }
        }
    }
}

#[test]
fn lists_are_cut_with_their_totals_and_come_in_the_same_order_from_every_engine() {
    let backends = if cfg!(feature = "native-v2") { vec!["sqlite", "native-v2"] } else { vec!["sqlite"] };
    let trees: Vec<TempDir> = backends.iter().map(|backend| tree(backend)).collect();
    for Row { words, list, .. } in ROWS {
        // Without room for anything related, all of that is left out.
        let more: &[&str] = if words[0] == "context" { &["--tokens", "20"] } else { &[] };
        let words = [*words, more].concat();
        let all = ask(trees[0].path(), &words, &["--limit", "0"]);
        for tree in &trees {
            assert_eq!(ask(tree.path(), &words, &["--limit", "0"]), all, "{words:?}");
        }
        let (_, cut) = ask(trees[0].path(), &words, &["--limit", "1"]);
        for name in *list {
            let (all, cut) = (&all.1["data"][name], &cut["data"][name]);
            if words[0] == "paths" {
                assert!(all.as_array().unwrap().len() > 1 && cut.as_array().unwrap().len() == 1, "{words:?}");
                continue;
            }
            assert!(all["total"].as_u64().unwrap() > 1, "{words:?} {name}: {all}");
            assert_eq!((&cut["total"], cut["items"].as_array().unwrap().len()), (&all["total"], 1), "{words:?}");
            assert_eq!(cut["items"].as_array().unwrap()[0]["qualified_name"], all["items"][0]["qualified_name"]);
        }
        // All that `map` leaves out is on its screen by number.
        assert!(cut["complete"] == false || words[0] == "map", "{words:?}: what is cut is not complete");
    }
}

#[test]
fn what_is_listed_is_of_the_file_and_kind_and_no_test() {
    let tree = tree("sqlite");
    for Row { words, list, takes, .. } in ROWS {
        // What leads through somewhere stays whole, so only lists are looked at, of groups what is in any of them.
        let is_whole = ["cycles", "condense", "paths", "map", "deps"].contains(&words[0]);
        for (option, value) in [("--file", "src/lib.rs"), ("--kind", "function"), ("--no-tests", "")] {
            if !takes.contains(&option)
                || is_whole
                || (option == "--kind" && ["hierarchy", "context", "slice"].contains(&words[0]))
            {
                continue;
            }
            let given = [option, value];
            let (_, reply) = ask(tree.path(), words, if value.is_empty() { &given[..1] } else { &given });
            for name in *list {
                let mut found = Vec::new();
                places(&reply["data"][name], &mut found);
                let is_kept = |place: &&Value| match option {
                    "--file" => place["path"] == "src/lib.rs",
                    "--kind" => place["kind"] == "function",
                    _ => !place["path"].as_str().unwrap().starts_with("tests/"),
                };
                assert!(found.iter().all(is_kept), "{words:?} {option}: {found:?}");
            }
        }
    }
}

#[test]
fn deps_of_a_path_reach_as_far_as_is_asked_for() {
    let tree = tempfile::tempdir().unwrap();
    for (path, text) in [("a.py", "import b\n"), ("b.py", "import c\n"), ("c.py", "import d\n"), ("d.py", "x = 1\n")] {
        fs::write(tree.path().join(path), text).unwrap();
    }
    let output = magellan(tree.path(), &["index"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let names = |more: &[&str]| {
        let (_, reply) = ask(tree.path(), &["deps", "a.py", "--by", "files"], more);
        let items = reply["data"]["units"]["items"].as_array().unwrap().clone();
        items.iter().map(|unit| unit["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["a.py", "b.py"]);
    assert_eq!(names(&["--depth", "0"]), ["a.py"]);
    assert_eq!(names(&["--depth", "2"]), ["a.py", "b.py", "c.py"]);
    assert_eq!(names(&["--depth", "9"]), ["a.py", "b.py", "c.py", "d.py"]);
    assert_eq!(ask(tree.path(), &["deps", "--depth", "2"], &[]).0, 2, "without a path nothing is near");
}
