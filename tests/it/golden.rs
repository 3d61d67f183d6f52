//! Every question in every form it can be answered in, over one tree with hostile names, compared with the files in
//! `tests/golden`. `UPDATE_FIXTURES=1 cargo test --test it golden` writes them anew; read the difference before it is
//! committed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use magellan::query::QUESTIONS;
use serde_json::Value;
use tempfile::TempDir;

use super::cli::{command, magellan, stderr};
use super::network::FILES;

/// One example of each question. Whoever adds a question adds a row.
const ASKED: &[&[&str]] = &[
    &["callers", "ping", "--unresolved", "--why"],
    &["callees", "start"],
    &["refs", "Square"],
    &["explain", "src/lib.rs:8"],
    &["find", "*"],
    &["show", "even"],
    &["outline", "src/shape.rs"],
    &["files"],
    &["get", "Square"],
    &["get-file", "py/two.py"],
    &["chunks", "src/draw.rs"],
    &["chunk-by-span", "src/draw.rs", "0", "26"],
    &["chunk-by-symbol", "draw"],
    &["ast", "src/draw.rs", "--depth", "3"],
    &["find-ast", "call_expression"],
    &["cfg", "down"],
    &["metrics"],
    &["hotspots"],
    &["label"],
    &["reachable", "start"],
    &["paths", "starts", "line"],
    &["cycles"],
    &["condense", "--imports"],
    &["impact", "Shape"],
    &["affected-tests", "even"],
    &["diff"],
    &["search", "draw"],
    &["context", "draw"],
    &["slice", "odd"],
    &["hierarchy", "Shape"],
    &["entry-points"],
    &["collisions", "--by", "name"],
    &["dead-code", "--doubtful"],
    &["deps"],
    &["map"],
    &["check"],
    &["status"],
    &["log"],
    &["fingerprint"],
];

/// Forms that few questions have, with the end of the file's name.
const RARE: &[(&[&str], &str)] = &[
    (&["cfg", "down", "--format", "dot"], "dot"),
    (&["check", "--format", "sarif"], "sarif"),
    (&["get-file", "py/two.py", "--text"], "bytes"),
    (&["find", "*", "--max-bytes", "300"], "cut.txt"),
    (&["find", "*", "--max-bytes", "1500", "--json"], "cut.json"),
    (&["find", "*", "--max-bytes", "1500", "--jsonl"], "cut.jsonl"),
];

/// Quotes, line ends, escape sequences, marks that turn the direction of what follows, what DOT, Mermaid and XML read.
const HOSTILE: &str = "const o = {\n  'x\"y\\n\u{1b}[31m': function () { return o; },\n  \"\u{202e}<b>&amp;'\": () => helper(),\n  \
    '`];\\\\ evil': function () { helper(); },\n};\nfunction \u{202e}helper() {}\nfunction helper() { helper(); }\n";
const HOSTILE_PATH: &str = "odd\u{1b}[31m/\"a\u{202e}b\"\n];.js";

fn tree() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    FILES.iter().for_each(|(path, text)| put(path, text));
    put("magellan.toml", "[[limit]]\nmeasure = \"cyclomatic\"\nmax = 1\n");
    put(HOSTILE_PATH, HOSTILE);
    let output = magellan(folder.path(), &["index"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // What is said of changes is part of the answers.
    let changed = folder.path().join("py/one.py");
    fs::write(&changed, format!("{}\n\ndef added():\n    ping(1)\n", fs::read_to_string(&changed).unwrap())).unwrap();
    folder
}

/// The forms, the end of the name of the file of each, and what the help of a question says that has it.
const FORMS: &[(&[&str], &str, &str)] = &[
    (&[], "txt", ""),
    (&["--output", "pretty"], "json", ""),
    (&["--jsonl"], "jsonl", "--jsonl"),
    (&["--dot"], "dot", "--dot"),
    (&["--mermaid"], "mmd", "--mermaid"),
];

/// All forms of all questions: the name of the file and what is printed.
fn printed(tree: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut ask = |arguments: &[&str], form: &[&str], end: &str| {
        let output = command(tree, arguments).args(form).args(["--limit", "6"]).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?} {form:?}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        files.insert(format!("{}.{end}", arguments[0]), normalised(arguments[0], end, tree, &text));
    };
    for arguments in ASKED {
        let help = String::from_utf8(magellan(tree, &[arguments[0], "--help"]).stdout).unwrap();
        for (form, end, offer) in FORMS {
            // It takes the options of other graphs, and says that there is nothing to draw.
            let is_refused = arguments[0] == "affected-tests" && ["dot", "mmd"].contains(end);
            if help.contains(offer) && !is_refused {
                ask(arguments, form, end);
            }
        }
    }
    RARE.iter().for_each(|(arguments, end)| ask(arguments, &[], end));
    files
}

/// The same for every run: without times, the size of the database, ids of runs, and where the tree is.
fn normalised(question: &str, end: &str, tree: &Path, text: &str) -> String {
    let place = tree.canonicalize().unwrap().display().to_string();
    let text = text.replace(&place, "TREE");
    if end.ends_with("json") {
        return without_volatile(&text, &serde_json::from_str(&text).unwrap());
    }
    if end.ends_with("jsonl") {
        let line = |line: &str| without_volatile(line, &serde_json::from_str(line).unwrap());
        return text.split_inclusive('\n').map(line).collect();
    }
    match question {
        "status" | "log" | "fingerprint" => text.split_inclusive('\n').map(words).collect(),
        _ => text,
    }
}

/// JSON with something else in the place of values that differ from run to run.
fn without_volatile(text: &str, value: &Value) -> String {
    const TIMES: [&str; 4] = ["indexed_at_ms", "indexed_ms_ago", "started_ms", "duration_ms"];
    let (mut text, mut open) = (text.to_owned(), vec![value]);
    while let Some(value) = open.pop() {
        let Value::Object(fields) = value else {
            open.extend(value.as_array().into_iter().flatten());
            continue;
        };
        for (key, value) in fields {
            let is_volatile = TIMES.contains(&key.as_str())
                || key == "fingerprint"
                || (key == "version" && value.is_string())
                || (key == "id" && value.as_str().is_some_and(is_run))
                || (key == "bytes" && fields.contains_key("backend"));
            if is_volatile {
                for colon in [":", ": "] {
                    text = text.replace(&format!("\"{key}\"{colon}{value}"), &format!("\"{key}\"{colon}VOLATILE"));
                }
            }
            open.push(value);
        }
    }
    text
}

fn is_run(word: &str) -> bool {
    word.len() == 36 && word.bytes().filter(|byte| *byte == b'-').count() == 4
}

/// A line of text with something else in the place of words that differ from run to run.
fn words(line: &str) -> String {
    let bare = |word: &str| word.trim_end().trim_end_matches(',').to_owned();
    let words: Vec<&str> = line.split(' ').collect();
    let is_unit = |word: Option<&&str>| word.is_some_and(|word| ["ms", "s", "KB", "MB"].contains(&bare(word).as_str()));
    let shown = words.iter().enumerate().map(|(index, word)| {
        let is_date = word.len() == 10 && word.matches('-').count() == 2;
        let is_hash = bare(word).len() == 64 && bare(word).bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_clock = word.ends_with('Z') && word.matches(':').count() == 2;
        let is_volatile = is_date || is_hash || is_clock || is_run(&bare(word)) || is_unit(words.get(index + 1));
        let end = &word[word.trim_end().len()..];
        if is_unit(Some(word)) {
            word.replace(&bare(word), "UNIT")
        } else if is_volatile {
            format!("VOLATILE{end}")
        } else {
            (*word).to_owned()
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

const HOW: &str =
    "UPDATE_FIXTURES=1 cargo test --test it golden writes it anew; read the difference before you commit it";

#[test]
fn every_question_answers_as_written_down_in_every_form() {
    for question in QUESTIONS {
        let is_asked = ASKED.iter().any(|arguments| arguments[0] == question.name);
        assert!(is_asked, "{} is not asked: add a row to ASKED in {}", question.name, file!());
    }
    let tree = tree();
    let printed = printed(tree.path());
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        let _ = fs::remove_dir_all(folder());
        fs::create_dir_all(folder()).unwrap();
        printed.iter().for_each(|(name, text)| fs::write(folder().join(name), text).unwrap());
    }
    for (name, text) in &printed {
        let golden = fs::read_to_string(folder().join(name)).unwrap_or_default();
        assert!(&golden == text, "tests/golden/{name} says otherwise: {HOW}\n{text}");
    }
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(printed.contains_key(&name), "nothing prints tests/golden/{name}: {HOW}");
    }
}

/// What could move a cursor, change colours, ring, or turn the direction of what follows.
fn steers(character: char) -> bool {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (character.is_control() && character != '\n' && character != '\t')
}

#[test]
fn hostile_names_are_in_the_answers_and_steer_nothing() {
    let tree = tree();
    let mut named = 0;
    for (name, text) in printed(tree.path()) {
        let steering: Vec<char> = text.chars().filter(|character| steers(*character)).collect();
        assert_eq!(steering, [], "{name}");
        named += usize::from(text.contains("u{1b}[31m") || text.contains("u001b[31m"));
    }
    assert!(named >= 20, "only {named} answers speak of the hostile file");
}
