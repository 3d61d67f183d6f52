//! What every question says of a name that means two things or nothing, of a file that is not indexed, and of one that has
//! changed: the exit code, and a hint that works when pasted into a shell.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use magellan::query::QUESTIONS;
use serde_json::Value;
use tempfile::TempDir;

use super::cli::{command, json, magellan, stderr, stdout};

const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", "[package]\nname = \"little\"\n"),
    (
        "src/lib.rs",
        "pub mod inner;\n\npub trait Shape {\n    fn area(&self) -> u32;\n}\n\npub struct Twin {\n    pub side: u32,\n}\n\n\
         impl Shape for Twin {\n    fn area(&self) -> u32 {\n        low()\n    }\n}\n\npub fn twice() -> u32 {\n    low()\n}\n\n\
         pub fn low() -> u32 {\n    1\n}\n\npub fn user() -> u32 {\n    twice() + inner::twice()\n}\n\n\
         #[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {\n        assert_eq!(super::user(), 2);\n    }\n}\n",
    ),
    (
        "src/inner.rs",
        "pub struct Twin;\n\nimpl crate::Shape for Twin {\n    fn area(&self) -> u32 {\n        2\n    }\n}\n\n\
         pub fn twice() -> u32 {\n    crate::low()\n}\n",
    ),
    ("notes.txt", "no source\n"),
];

/// What the arguments of a question name, written `@` where the name stands.
enum Takes {
    /// One definition: this name means two, and this one is nearly it.
    Symbol { two: &'static str, near: &'static str },
    /// Any number of definitions: this name is nearly one.
    Found { near: &'static str },
    /// A definition as well, or a file.
    Either,
    /// A file.
    File,
    /// Files: a path that no file is at is a mistake.
    Paths,
    /// Neither.
    Nothing,
}

const FUNCTION: Takes = Takes::Symbol { two: "twice", near: "twise" };
const TYPE: Takes = Takes::Symbol { two: "Twin", near: "Twim" };

/// Every question.
const ASKED: &[(&str, Takes, &[&str])] = &[
    ("callers", FUNCTION, &["@"]),
    ("callees", FUNCTION, &["@"]),
    ("refs", FUNCTION, &["@"]),
    ("explain", Takes::File, &["@:1"]),
    ("find", Takes::Found { near: "twise" }, &["@"]),
    ("show", FUNCTION, &["@"]),
    ("outline", Takes::File, &["@"]),
    ("files", Takes::Paths, &["@"]),
    ("get", FUNCTION, &["@"]),
    ("get-file", Takes::File, &["@"]),
    ("chunks", Takes::Either, &["@"]),
    ("chunk-by-span", Takes::File, &["@", "0", "3"]),
    ("chunk-by-symbol", FUNCTION, &["@"]),
    ("ast", Takes::File, &["@"]),
    ("find-ast", Takes::Paths, &["function_item", "@"]),
    ("cfg", FUNCTION, &["@"]),
    ("metrics", Takes::Either, &["@"]),
    ("hotspots", Takes::Paths, &["@"]),
    ("label", Takes::Nothing, &[]),
    ("reachable", FUNCTION, &["@"]),
    ("paths", FUNCTION, &["user", "@"]),
    ("cycles", Takes::Paths, &["--file", "@"]),
    ("condense", Takes::Paths, &["--file", "@"]),
    ("impact", Takes::Either, &["@"]),
    ("affected-tests", Takes::Either, &["@"]),
    ("diff", Takes::Nothing, &[]),
    ("search", Takes::Paths, &["low", "--file", "@"]),
    ("context", FUNCTION, &["@"]),
    ("slice", FUNCTION, &["@"]),
    ("hierarchy", TYPE, &["@"]),
    ("entry-points", Takes::Paths, &["--file=@"]),
    ("collisions", Takes::Paths, &["--file", "@"]),
    ("dead-code", Takes::Paths, &["--file", "@"]),
    ("deps", Takes::Paths, &["@"]),
    ("map", Takes::Paths, &["--file", "@"]),
    ("check", Takes::Nothing, &[]),
    ("status", Takes::Nothing, &[]),
    ("log", Takes::Nothing, &[]),
    ("fingerprint", Takes::Nothing, &[]),
];

fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in FILES {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    assert_eq!(magellan(folder.path(), &["index"]).status.code(), Some(0));
    folder
}

fn arguments(question: &str, template: &[&str], name: &str) -> Vec<String> {
    let filled = template.iter().map(|argument| argument.replace('@', name));
    std::iter::once(question.to_owned()).chain(filled).collect()
}

fn ask(folder: &Path, arguments: &[String], more: &[&str]) -> Output {
    let words: Vec<&str> = arguments.iter().map(String::as_str).chain(more.iter().copied()).collect();
    command(folder, &words).output().unwrap()
}

/// The failure, which text and JSON tell alike.
fn failure(folder: &Path, arguments: &[String], code: &str, exit: i32) -> Value {
    let shown = ask(folder, arguments, &[]);
    assert_eq!(shown.status.code(), Some(exit), "{arguments:?}: {}{}", stdout(&shown), stderr(&shown));
    let told = ask(folder, arguments, &["--json"]);
    assert_eq!(told.status.code(), Some(exit), "{arguments:?}");
    let error = json(&told)["error"].clone();
    assert_eq!((&error["code"], &error["exit"]), (&code.into(), &exit.into()), "{arguments:?}: {error}");
    for key in ["message", "hint"] {
        let text = error[key].as_str().unwrap().replace(" --json", "");
        assert!(stderr(&shown).contains(&text), "{arguments:?}: {text}: {}", stderr(&shown));
    }
    error
}

/// Runs the first command of a hint as a shell does.
fn paste(folder: &Path, error: &Value) -> Output {
    let hint = error["hint"].as_str().unwrap();
    let typed = hint.split('`').nth(1).unwrap_or_else(|| panic!("no command in {hint}"));
    let here = Path::new(env!("CARGO_BIN_EXE_magellan")).parent().unwrap();
    let path = format!("{}:{}", here.display(), std::env::var("PATH").unwrap());
    Command::new("sh").args(["-c", typed]).current_dir(folder).env("PATH", path).output().unwrap()
}

/// The command asks what was meant; there may be nothing to find.
fn assert_pasted(folder: &Path, error: &Value) {
    let output = paste(folder, error);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{error}: {}{}", stdout(&output), stderr(&output));
    assert!(json(&output)["data"].is_object(), "{error}: {}", stdout(&output));
}

#[test]
fn every_question_of_the_table_is_in_this_one() {
    let asked: Vec<&str> = ASKED.iter().map(|(name, ..)| *name).collect();
    for question in QUESTIONS {
        assert!(asked.contains(&question.name), "{} is not asked", question.name);
    }
}

#[cfg(unix)]
#[test]
fn an_ambiguous_name_lists_what_it_can_mean_and_how_to_say_which() {
    let tree = tree();
    for (question, takes, template) in ASKED {
        let two = match takes {
            Takes::Symbol { two, .. } => two,
            Takes::Either => "twice",
            Takes::Found { .. } | Takes::File | Takes::Paths | Takes::Nothing => continue,
        };
        for folder in [tree.path(), &tree.path().join("src")] {
            let error = failure(folder, &arguments(question, template, two), "ambiguous", 4);
            assert_eq!(error["candidates"]["total"], 2, "{question}");
            let paths: Vec<_> =
                error["candidates"]["items"].as_array().unwrap().iter().map(|row| &row["path"]).collect();
            assert_eq!(paths, ["src/inner.rs", "src/lib.rs"], "{question}");
            assert_pasted(folder, &error);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_nothing_has_leads_to_near_ones() {
    let tree = tree();
    for (question, takes, template) in ASKED {
        let near = match takes {
            Takes::Symbol { near, .. } | Takes::Found { near } => near,
            Takes::Either => "twise",
            Takes::File | Takes::Paths | Takes::Nothing => continue,
        };
        let error = failure(tree.path(), &arguments(question, template, near), "no_such_symbol", 1);
        assert!(error["hint"].as_str().unwrap().contains("similar names: "), "{error}");
        assert_pasted(tree.path(), &error);
        let error = failure(tree.path(), &arguments(question, template, "zzzqqqxxx"), "no_such_symbol", 1);
        let output = paste(tree.path(), &error);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{error}: {}", stderr(&output));
    }
    let entry = ["dead-code", "--entry=usr"].map(str::to_owned);
    assert_eq!(failure(tree.path(), &entry, "no_such_symbol", 1)["exit"], 1);
    let entry = ["dead-code", "--entry=usre"].map(str::to_owned);
    assert_pasted(tree.path(), &failure(tree.path(), &entry, "no_such_symbol", 1));
    let glob = ["find", "zzz*qqq*"].map(str::to_owned);
    let hint = failure(tree.path(), &glob, "no_such_symbol", 1)["hint"].clone();
    assert!(hint.as_str().unwrap().starts_with("`magellan search 'zzz qqq'`"), "{hint}");
    let other_kind = ["callers", "user", "--kind", "struct"].map(str::to_owned);
    let error = failure(tree.path(), &other_kind, "no_such_symbol", 1);
    assert_eq!(error["message"], "no struct is called user");
    assert_pasted(tree.path(), &error);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_not_indexed_leads_to_near_ones() {
    let tree = tree();
    for (question, takes, template) in ASKED {
        if matches!(takes, Takes::Symbol { .. } | Takes::Found { .. } | Takes::Nothing) {
            continue;
        }
        for (folder, near) in [("", "src/libb.rs"), ("", "lib.rs"), ("src", "inne.rs"), ("src", "../inner.rs")] {
            let folder = tree.path().join(folder);
            let error = failure(&folder, &arguments(question, template, near), "no_such_file", 1);
            assert_pasted(&folder, &error);
        }
        let error = failure(tree.path(), &arguments(question, template, "some/notes.txt"), "no_such_file", 1);
        assert!(error["hint"].as_str().unwrap().contains("`magellan index` reads new files"), "{error}");
        failure(tree.path(), &arguments(question, template, "../elsewhere.rs"), "outside", 2);
    }
}

#[test]
fn an_answer_from_a_file_that_has_changed_says_so() {
    let tree = tree();
    let path = tree.path().join("src/lib.rs");
    fs::write(&path, format!("{}\npub fn later() {{}}\n", FILES[1].1)).unwrap();
    for (question, takes, template) in ASKED {
        let name = match takes {
            Takes::Symbol { two: "Twin", .. } => "little::Twin",
            Takes::Symbol { .. } | Takes::Found { .. } | Takes::Either => "little::twice",
            Takes::File | Takes::Paths => "src/lib.rs",
            Takes::Nothing if *question == "check" => continue,
            Takes::Nothing => "",
        };
        let words = arguments(question, template, name);
        let output = ask(tree.path(), &words, &[]);
        let told = format!("{}{}", stdout(&output), stderr(&output));
        assert!(told.contains("1 file changed") || told.contains("changed 1"), "{words:?}: {told}");
        let reply = json(&ask(tree.path(), &words, &["--json"]));
        assert_eq!(reply["freshness"]["changed_files"], 1, "{words:?}");
        let is_about_it = !matches!(takes, Takes::Nothing);
        let sources = reply["freshness"]["changed_sources"].as_array().cloned().unwrap_or_default();
        assert!(!is_about_it || sources.is_empty() || sources == ["src/lib.rs"], "{words:?}: {sources:?}");
        if matches!(takes, Takes::Symbol { .. }) {
            assert_eq!(sources, ["src/lib.rs"], "{words:?}");
        }
    }
    let error = failure(tree.path(), &["show", "later"].map(str::to_owned), "no_such_symbol", 1);
    assert!(error["hint"].as_str().unwrap().contains("1 file changed since: `magellan index`"), "{error}");
    assert_eq!(magellan(tree.path(), &["show", "later", "--fresh"]).status.code(), Some(0));
}
