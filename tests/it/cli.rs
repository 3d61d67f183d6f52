//! The executable itself: wiring, exit codes, streams. What answers say is tested elsewhere.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use magellan::query::QUESTIONS;
use serde_json::Value;
use tempfile::TempDir;

const SOURCE: &str = "pub struct Point { pub x: i32 }\n\nimpl Point {\n    pub fn new() -> Self {\n        Self { x: zero() }\n    }\n}\n\nfn zero() -> i32 {\n    0\n}\n\nmod inner {\n    pub fn twice() {}\n}\n\npub fn twice() {}\n";

/// A little tree, not indexed.
fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/lib.rs"), SOURCE).unwrap();
    fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"little\"\n").unwrap();
    folder
}

fn indexed() -> TempDir {
    let tree = tree();
    let output = magellan(tree.path(), &["index"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    tree
}

pub(super) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_magellan"));
    command.current_dir(folder).args(arguments).env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

pub(super) fn magellan(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

pub(super) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub(super) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub(super) fn json(output: &Output) -> Value {
    assert_eq!(stderr(output), "", "under --json failures are data");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stdout(output)))
}

/// Name, size and time of everything in a folder.
fn listing(folder: &Path) -> Vec<(String, u64, std::time::SystemTime)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut listing: Vec<_> = entries
        .map(|entry| {
            let metadata = entry.metadata().unwrap();
            (entry.file_name().to_string_lossy().into_owned(), metadata.len(), metadata.modified().unwrap())
        })
        .collect();
    listing.sort();
    listing
}

#[test]
fn indexing_tells_what_was_done_and_what_to_ask_next() {
    let tree = tree();
    let first = magellan(tree.path(), &["index"]);
    assert_eq!(first.status.code(), Some(0));
    let text = stdout(&first);
    for wanted in
        ["indexed 1 file", "added 1", "symbols", "call sites", "resolved", "ask next", "magellan outline src/lib.rs"]
    {
        assert!(text.contains(wanted), "{wanted}: {text}");
    }
    let again = magellan(&tree.path().join("src"), &["index"]);
    assert!(stdout(&again).contains("unchanged 1"), "the nearest index is brought up to date: {}", stdout(&again));
    assert!(!tree.path().join("src/.magellan").exists());
    assert_eq!(stdout(&magellan(tree.path(), &["index", "--quiet", "--full"])), "");
    let reply = magellan(tree.path(), &["index", "--json", "--quiet"]);
    assert_eq!(json(&reply)["data"]["report"]["files"]["unchanged"], 1);
}

#[test]
fn answers_do_not_depend_on_where_one_stands() {
    let tree = indexed();
    let absolute = tree.path().join("src/lib.rs");
    let from_root = magellan(tree.path(), &["outline", "src/lib.rs"]);
    assert_eq!(from_root.status.code(), Some(0));
    for path in ["lib.rs", "./lib.rs", "../src/lib.rs", absolute.to_str().unwrap()] {
        assert_eq!(stdout(&magellan(&tree.path().join("src"), &["outline", path])), stdout(&from_root), "{path}");
    }
    let database = tree.path().join(".magellan");
    let elsewhere = tempfile::tempdir().unwrap();
    let found = magellan(elsewhere.path(), &["find", "zero", "--db", database.to_str().unwrap()]);
    assert!(stdout(&found).starts_with("src/lib.rs:9:3  function"), "{}", stdout(&found));
}

#[test]
fn exit_codes_are_as_documented() {
    let tree = indexed();
    let empty = tempfile::tempdir().unwrap();
    let code = |folder: &Path, arguments: &[&str]| magellan(folder, arguments).status.code();
    assert_eq!(code(tree.path(), &["show", "zero"]), Some(0));
    assert_eq!(code(tree.path(), &["--help"]), Some(0));
    assert_eq!(code(tree.path(), &["--version"]), Some(0));
    assert_eq!(code(tree.path(), &["find", "nothing_of_this_name"]), Some(1));
    assert_eq!(code(tree.path(), &["show", "nothing_of_this_name"]), Some(1));
    assert_eq!(code(tree.path(), &["outline", "src/missing.rs"]), Some(1));
    assert_eq!(code(tree.path(), &["outline", "../outside.rs"]), Some(2));
    assert_eq!(code(tree.path(), &["no-such-command"]), Some(2));
    assert_eq!(code(tree.path(), &["find", "x", "--kind", "no_such_kind"]), Some(2));
    assert_eq!(code(tree.path(), &[]), Some(2));
    assert_eq!(code(empty.path(), &["index"]), Some(2));
    assert_eq!(code(empty.path(), &["index", "missing"]), Some(2));
    assert_eq!(code(empty.path(), &["status"]), Some(3));
    assert_eq!(code(tree.path(), &["show", "twice"]), Some(4));
    assert_eq!(listing(empty.path()), [], "a command that fails leaves nothing behind");
}

#[test]
fn a_wrong_database_is_refused_and_left_alone() {
    let tree = indexed();
    let file = tree.path().join("src/lib.rs");
    for path in [file.to_str().unwrap(), "missing.db", "missing/folder"] {
        let output = magellan(tree.path(), &["status", "--db", path]);
        assert_eq!(output.status.code(), Some(3), "{path}");
        assert!(stderr(&output).contains("hint: "), "{}", stderr(&output));
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), SOURCE);
    assert!(!tree.path().join("missing.db").exists() && !tree.path().join("missing").exists());
}

#[test]
fn every_question_answers_in_one_json_object() {
    let tree = indexed();
    let questions: &[(&str, &[&str])] = &[
        ("find", &["find", "zero"]),
        ("show", &["show", "zero"]),
        ("outline", &["outline", "src/lib.rs"]),
        ("files", &["files"]),
        ("status", &["status"]),
        ("log", &["log"]),
        ("callers", &["callers", "inner::twice"]),
        ("callees", &["callees", "zero"]),
        ("refs", &["refs", "inner::twice"]),
    ];
    for (name, arguments) in questions {
        let value = json(&command(tree.path(), arguments).arg("--json").output().unwrap());
        assert_eq!(value["schema"]["name"], *name);
        assert_eq!(value["schema"]["version"], 1);
        assert!(value["data"].is_object() && value["complete"].is_boolean(), "{value}");
        assert_eq!(value["freshness"]["changed_files"], 0, "{value}");
        assert!(value["freshness"]["indexed_at_ms"].is_u64());
    }
}

#[test]
fn the_trust_line_adds_up() {
    let tree = indexed();
    let value = json(&magellan(tree.path(), &["status", "--json"]));
    let data = &value["data"];
    let sum: u64 = ["resolved", "candidates", "external", "unknown"]
        .iter()
        .map(|word| data["calls"][word].as_u64().unwrap())
        .sum();
    assert_eq!(data["call_sites"].as_u64(), Some(sum));
    assert_eq!(sum, 1, "the tree has one call: {data}");
}

#[test]
fn failures_under_json_are_json() {
    let tree = indexed();
    let failures: &[(&[&str], &str, i32)] = &[
        (&["show", "twice", "--json"], "ambiguous", 4),
        (&["show", "nothing_of_this_name", "--json"], "no_such_symbol", 1),
        (&["status", "--json", "--db", "missing"], "no_database", 3),
        (&["show", "--json"], "usage", 2),
        (&["no-such-command", "--json"], "usage", 2),
        (&["index", "--json", "missing"], "no_such_folder", 2),
    ];
    for (arguments, code, exit) in failures {
        let output = magellan(tree.path(), arguments);
        assert_eq!(output.status.code(), Some(*exit), "{arguments:?}");
        let value = json(&output);
        assert_eq!(value["error"]["code"], *code, "{value}");
        assert!(value["error"]["message"].is_string() && value["error"]["hint"].is_string(), "{value}");
    }
    let ambiguous = json(&magellan(tree.path(), &["show", "twice", "--json"]));
    assert_eq!(ambiguous["error"]["candidates"]["items"].as_array().unwrap().len(), 2);
}

#[test]
fn questions_write_nothing() {
    let tree = indexed();
    let database = tree.path().join(".magellan");
    // The shared memory through which SQLite's readers and writers see each other is no content.
    let content = || listing(&database).into_iter().filter(|(name, ..)| !name.ends_with("-shm")).collect::<Vec<_>>();
    let before = content();
    for arguments in [&["status"][..], &["find", "*"], &["callers", "zero"], &["log"], &["outline", "src/lib.rs"]] {
        magellan(tree.path(), arguments);
    }
    assert_eq!(content(), before);
}

#[test]
fn a_changed_file_is_told() {
    let tree = indexed();
    fs::write(tree.path().join("src/lib.rs"), "fn zero() {}\n").unwrap();
    let output = magellan(tree.path(), &["find", "zero"]);
    assert!(stderr(&output).contains("1 file changed since"), "{}", stderr(&output));
    assert!(stdout(&output).contains("src/lib.rs:9:3"), "the answer is that of the index");
    assert_eq!(stderr(&magellan(tree.path(), &["find", "zero", "--quiet"])), "");
    magellan(tree.path(), &["index"]);
    assert!(stdout(&magellan(tree.path(), &["find", "zero"])).contains("src/lib.rs:1:3"));
}

#[test]
fn a_closed_pipe_is_success() {
    let tree = indexed();
    for arguments in [&["status"][..], &["outline", "src/lib.rs", "--json"], &["--help"]] {
        let mut child = command(tree.path(), arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn colours_come_only_when_asked_for() {
    let tree = indexed();
    let paints = |arguments: &[&str]| magellan(tree.path(), arguments).stdout.contains(&0x1b);
    assert!(!paints(&["find", "zero"]));
    assert!(paints(&["find", "zero", "--color", "always"]));
    assert!(!paints(&["find", "zero", "--color", "never"]));
    let forced = command(tree.path(), &["find", "zero", "--color", "always"]).env("NO_COLOR", "1").output().unwrap();
    assert!(forced.stdout.contains(&0x1b), "the option is more explicit than the environment");
}

#[test]
fn a_cut_list_says_so() {
    let tree = indexed();
    let output = magellan(tree.path(), &["find", "*", "--limit", "2"]);
    assert_eq!(stdout(&output).lines().count(), 3);
    assert!(stdout(&output).contains("more of"), "{}", stdout(&output));
    let value = json(&magellan(tree.path(), &["find", "*", "--limit", "2", "--json"]));
    assert_eq!(value["complete"], false);
    assert_eq!(value["data"]["symbols"]["items"].as_array().unwrap().len(), 2);
    assert!(value["data"]["symbols"]["total"].as_u64().unwrap() > 2);
}

#[test]
fn every_command_has_help_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    let help = stdout(&magellan(folder.path(), &["--help"]));
    for name in QUESTIONS.iter().map(|question| question.name).chain(["index"]) {
        assert!(help.contains(&format!("\n  {name} ")), "{name}: {help}");
        let own = magellan(folder.path(), &[name, "--help"]);
        assert_eq!(own.status.code(), Some(0));
        assert!(stdout(&own).contains("Examples:\n  magellan "), "{}", stdout(&own));
    }
}

#[cfg(unix)]
#[test]
fn names_from_the_tree_cannot_steer_the_terminal() {
    let tree = tree();
    fs::write(tree.path().join("src/\u{1b}[31m\u{202e}.rs"), "fn a() {}\n").unwrap();
    magellan(tree.path(), &["index"]);
    let text = magellan(tree.path(), &["files"]);
    assert!(!text.stdout.contains(&0x1b) && !stdout(&text).contains('\u{202e}'), "{}", stdout(&text));
    assert!(stdout(&text).contains("\\u{1b}[31m\\u{202e}.rs"));
    let value = json(&magellan(tree.path(), &["files", "--json"]));
    assert_eq!(value["data"]["files"]["items"][0]["path"], "src/\u{1b}[31m\u{202e}.rs");
}
