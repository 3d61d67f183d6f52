//! Questions about dead code, hierarchies, entry points, collisions, dependencies, searching and reading: what they answer
//! over one small tree, in every format, from every engine.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::cli::{command, json, magellan, stderr, stdout};

/// A file for each language that matters here; `//-` starts one.
const TREE: &str = include_str!("facets/tree.txt");

/// What is asked, in the order of the expected answers.
const ASKED: &[&[&str]] = &[
    &["dead-code"],
    &["dead-code", "--doubtful", "--limit", "3"],
    &["dead-code", "--no-exports", "--file", "py", "--kind", "function"],
    &["dead-code", "--entry", "lonely", "--file", "src"],
    &["hierarchy", "Shape"],
    &["hierarchy", "Square::area"],
    &["hierarchy", "Base", "--down", "--depth", "1"],
    &["hierarchy", "Speaker"],
    &["entry-points"],
    &["entry-points", "--reason", "export", "--no-tests", "--kind", "struct"],
    &["collisions"],
    &["collisions", "--by", "name", "--limit", "2"],
    &["search", "square", "side"],
    &["search", "sqaure", "--in", "names"],
    &["search", "area", "--in", "docs", "--no-tests"],
    &["context", "Square::grow", "--tokens", "400"],
    &["context", "Square::grow", "--tokens", "12"],
    &["deps"],
    &["deps", "--by", "files", "--file", "py", "--imports"],
    &["deps", "--by", "folders", "--dot"],
    &["deps", "py/app.py", "--by", "files", "--mermaid"],
    &["map", "--top", "3"],
];

fn tree(backend: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in TREE.split("//- ").filter(|file| !file.is_empty()) {
        let (path, text) = file.split_once('\n').unwrap();
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    index(folder.path(), backend);
    folder
}

fn index(folder: &Path, backend: &str) {
    let output = magellan(folder, &["index", "--backend", backend]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

fn backends() -> Vec<&'static str> {
    if cfg!(feature = "native-v2") { vec!["sqlite", "native-v2"] } else { vec!["sqlite"] }
}

/// Every answer as text with its exit code, then as JSON without what tells of the run.
fn answers(folder: &Path) -> (String, String) {
    let (mut texts, mut values) = (String::new(), String::new());
    for arguments in ASKED {
        let output = command(folder, arguments).arg("--quiet").output().unwrap();
        let code = output.status.code().unwrap();
        write!(texts, "$ magellan {}  # {code}\n{}", arguments.join(" "), stdout(&output)).unwrap();
        let mut value = json(&command(folder, arguments).arg("--json").output().unwrap());
        value.as_object_mut().unwrap().remove("freshness");
        value.sort_all_objects();
        writeln!(
            values,
            "$ magellan {} --json\n{}",
            arguments.join(" "),
            serde_json::to_string_pretty(&value).unwrap()
        )
        .unwrap();
    }
    (texts, values)
}

/// With `UPDATE_FIXTURES=1` in the environment the file is written anew instead.
fn check(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/facets").join(name);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(path).unwrap();
    for (expected, found) in expected.split("$ ").zip(found.split("$ ")) {
        assert_eq!(expected, found);
    }
    assert_eq!(expected.len(), found.len());
}

#[test]
fn every_answer_is_as_expected_from_every_engine() {
    for backend in backends() {
        let (texts, values) = answers(tree(backend).path());
        check("text.txt", &texts);
        check("json.txt", &values);
    }
}

#[test]
fn what_only_something_unsettled_could_use_is_told_apart() {
    let tree = tree("sqlite");
    let certain = json(&magellan(tree.path(), &["dead-code", "--json"]));
    assert_eq!(certain["complete"], false, "there are doubtful ones");
    let items = certain["data"]["dead"]["items"].as_array().unwrap();
    assert!(items.iter().all(|dead| dead["certainty"] == "certain" && dead["doubts"].is_null()));
    let all = json(&magellan(tree.path(), &["dead-code", "--doubtful", "--json"]));
    let all = all["data"]["dead"]["items"].as_array().unwrap();
    let doubtful: Vec<_> = all.iter().filter(|dead| dead["certainty"] == "doubtful").collect();
    assert_eq!(all.len() - items.len(), doubtful.len());
    assert_eq!(certain["data"]["doubtful"], doubtful.len());
    assert!(doubtful.iter().all(|dead| !dead["doubts"].as_array().unwrap().is_empty()));
}

#[test]
fn wrong_usage_and_nothing_found_have_their_exit_codes() {
    let tree = tree("sqlite");
    let code = |arguments: &[&str]| magellan(tree.path(), arguments).status.code().unwrap();
    assert_eq!(code(&["hierarchy", "limit"]), 1, "a function has none");
    assert_eq!(code(&["hierarchy", "no_such_name"]), 1);
    assert_eq!(code(&["search", "..."]), 2, "no word");
    assert_eq!(code(&["search", "qqqqqqqqqqqqqqq"]), 1);
    assert_eq!(code(&["entry-points", "--reason", "nonsense"]), 2);
    assert_eq!(code(&["dead-code", "--entry", "no_such_name"]), 1);
    assert_eq!(code(&["deps", "no/such/folder"]), 1);
    assert_eq!(code(&["deps", "--imports", "--calls"]), 2);
    assert_eq!(code(&["context", "Square::grow", "--tokens", "0"]), 0);
}

#[test]
fn context_stays_within_its_budget_and_tells_nothing_twice() {
    let tree = tree("sqlite");
    for budget in [0_u64, 5, 12, 40, 80, 160, 10_000] {
        let reply =
            json(&magellan(tree.path(), &["context", "Square::grow", "--tokens", &budget.to_string(), "--json"]));
        let data = &reply["data"];
        assert!(data["tokens"].as_u64().unwrap() <= budget, "{data}");
        let pieces = data["pieces"].as_array().unwrap();
        let spent: u64 = pieces.iter().map(|piece| piece["tokens"].as_u64().unwrap()).sum();
        assert_eq!(spent, data["tokens"].as_u64().unwrap());
        let mut ids: Vec<_> = pieces.iter().map(|piece| piece["id"].as_str().unwrap()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), pieces.len(), "a definition comes once");
    }
}

/// Names that could end a line, a string, a label or the direction of text.
#[cfg(unix)]
#[test]
fn hostile_names_are_safe_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir(root.join("a\"];\n\u{202e}\u{1b}[31m b")).unwrap();
    let path = root.join("a\"];\n\u{202e}\u{1b}[31m b").join("x`<b>&\\.js");
    let text = "class A { ['say \"\\u202e'] () {} }\nclass B extends A { 'q\u{1b}\u{202e}\"' () { this['x'](); } }\nfunction \
        dead() {}\n// \u{202e} words\nfunction used() {}\nused();\n";
    fs::write(path, text).unwrap();
    fs::write(root.join("y.js"), "import './a';\nfunction used() {}\nused();\n").unwrap();
    index(root, "sqlite");
    let asked: &[&[&str]] = &[
        &["dead-code", "--doubtful"],
        &["hierarchy", "B"],
        &["entry-points"],
        &["collisions", "--by", "name"],
        &["search", "words"],
        &["search", "used"],
        &["context", "B"],
        &["deps"],
        &["deps", "--by", "files", "--dot"],
        &["deps", "--by", "folders", "--mermaid"],
        &["map"],
    ];
    for arguments in asked {
        for format in ["--color=never", "--json"] {
            let output = command(root, arguments).args([format, "--quiet"]).output().unwrap();
            assert!(matches!(output.status.code(), Some(0 | 1)), "{arguments:?}: {}", stderr(&output));
            let shown = stdout(&output);
            let is_safe = |character: char| {
                character == '\n' || !(character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character))
            };
            assert!(shown.chars().all(is_safe), "{arguments:?} {format}: {shown:?}");
            if format == "--json" {
                serde_json::from_str::<serde_json::Value>(&shown).unwrap();
            }
        }
    }
    let dot = stdout(&magellan(root, &["deps", "--by", "files", "--dot", "--quiet"]));
    assert!(dot.lines().all(|line| line.matches('"').count() - line.matches("\\\"").count() != 1), "{dot}");
}

/// What was reported as dead of real packages and is alive, file by file, with what is dead beside it.
const ALIVE: &[(&str, &str)] = &[
    ("check.h", "struct Check { Check(); };\nstruct Plain { int value; };\n"),
    (
        "check.cpp",
        "#include \"check.h\"\nnamespace {\n    Check registered;\n    Plain forgotten;\n}\nint main() { return 0; }\n",
    ),
    (
        "late.c",
        "int early(void) { int late(int); return late(1); }\nstatic int late(int a) { return a; }\nstatic int gone(int a) { return a; }\n",
    ),
    (
        "own.rs",
        "use std::pin::Pin;\nstruct Own;\nimpl Own {\n    fn next(self: Pin<&mut Self>, at: u8) {}\n    fn gone(self: Box<Self>) {}\n}\n\
         pub fn run(own: impl Fn() -> u8) { let made: Option<Own> = None; other!(made).next(1); }\n",
    ),
    ("index.d.ts", "export namespace Rule {\n    type Fixer = string;\n}\n"),
    ("named.c", "typedef struct tag {\n    int value;\n} NAMED;\nNAMED given(void) { NAMED made; return made; }\n"),
    (
        "mock.ts",
        "function check(value: unknown) {}\ncheck(class Mock {});\nexport function offered() {}\nfunction gone() {}\n",
    ),
    (
        "body.py",
        "from zope import implementer\n@implementer(object)\nclass _Body:\n    def pause(self): pass\n\n\n\
         class _Other:\n    def halt(self): pass\n\n\nprint(_Body(), _Other())\n",
    ),
];

#[test]
fn what_runs_without_being_called_by_its_name_is_not_certainly_dead() {
    for backend in backends() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in ALIVE {
            fs::write(folder.path().join(path), text).unwrap();
        }
        index(folder.path(), backend);
        let reply = json(&magellan(folder.path(), &["dead-code", "--json"]));
        let items = reply["data"]["dead"]["items"].as_array().unwrap();
        let names: Vec<&str> = items.iter().map(|dead| dead["qualified_name"].as_str().unwrap()).collect();
        let last = |name: &&str| name.rsplit([':', '.']).next().unwrap_or_default().to_owned();
        let names: Vec<String> = names.iter().map(last).collect();
        assert_eq!(names, ["forgotten", "gone", "gone", "gone"], "{backend}");
    }
}
