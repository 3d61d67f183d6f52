//! `check`: what breaks the rules, what a baseline forgives, and SARIF.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::cli::{json, magellan, stderr, stdout};

const RULES: &str = "[[limit]]\nmeasure = \"cyclomatic\"\nmax = 2\nexcept = [\"old/**\"]\n\n[[limit]]\nmeasure = \"file_lines\"\nmax = 9\n\n\
    [[forbid]]\nname = \"core-stands-alone\"\nfrom = [\"core\"]\nto = [\"shell/**\"]\nreason = \"core knows no shell\"\n\n[[cycles]]\n";

fn tree(backend: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put("magellan.toml", RULES);
    put("core/__init__.py", "");
    put("shell/__init__.py", "");
    put("core/a.py", "from shell.b import run\n\n\ndef go(x):\n    if x and x > 1:\n        run()\n");
    put("shell/b.py", "from core.a import go\n\n\ndef run():\n    go(1)\n");
    put("old/c.py", "def f(x):\n    if x and x > 1 and x > 2:\n        pass\n");
    let output = magellan(folder.path(), &["index", "--backend", backend]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder
}

fn found(reply: &Value) -> Vec<(String, String, u64)> {
    let items = reply["data"]["violations"]["items"].as_array().unwrap();
    let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    items.iter().map(|item| (text(item, "rule"), text(item, "path"), item["line"].as_u64().unwrap())).collect()
}

#[test]
fn what_breaks_a_rule_is_found_where_it_stands() {
    let backends = if cfg!(feature = "native-v2") { vec!["sqlite", "native-v2"] } else { vec!["sqlite"] };
    for backend in backends {
        let tree = tree(backend);
        let output = magellan(tree.path(), &["check", "--json"]);
        assert_eq!(output.status.code(), Some(1));
        let row = |rule: &str, path: &str, line| (rule.to_owned(), path.to_owned(), line);
        let wanted = [
            row("core-stands-alone", "core/a.py", 1),
            row("import-cycle", "core/a.py", 1),
            row("max-cyclomatic", "core/a.py", 4),
        ];
        assert_eq!(found(&json(&output)), wanted, "{backend}");
        assert!(stdout(&magellan(tree.path(), &["check"])).contains("core knows no shell"));
    }
}

#[test]
fn a_baseline_forgives_what_is_there_but_nothing_new_or_worse() {
    let tree = tree("sqlite");
    assert_eq!(magellan(tree.path(), &["check", "--write-baseline", "known.json"]).status.code(), Some(0));
    let known = ["check", "--json", "--baseline", "known.json"];
    assert_eq!(magellan(tree.path(), &known).status.code(), Some(0));
    let path = tree.path().join("core/a.py");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("# a comment above\n{text}")).unwrap();
    magellan(tree.path(), &["index"]);
    assert_eq!(magellan(tree.path(), &known).status.code(), Some(0), "only lines have changed");
    fs::write(&path, text.replace("x > 1:", "x > 1 and x > 2:")).unwrap();
    magellan(tree.path(), &["index"]);
    let worse = magellan(tree.path(), &known);
    assert_eq!(worse.status.code(), Some(1));
    assert_eq!(found(&json(&worse)), [("max-cyclomatic".into(), "core/a.py".into(), 4)]);
    let reply = json(&worse);
    assert_eq!((&reply["data"]["known"], &reply["data"]["gone"]), (&2.into(), &1.into()));
}

#[test]
fn sarif_has_the_rules_and_a_place_for_each_violation() {
    let tree = tree("sqlite");
    let output = magellan(tree.path(), &["check", "--format", "sarif"]);
    assert_eq!(output.status.code(), Some(1));
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 4);
    for result in run["results"].as_array().unwrap() {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "core/a.py");
    }
}

#[test]
fn rules_that_cannot_be_meant_are_refused_with_their_line() {
    let tree = tree("sqlite");
    for (rules, wanted) in [
        ("[[limit]]\nmeasure = \"cyclomatic\"\nmost = 3\n", "magellan.toml:3: unknown field `most`"),
        ("[[limit]]\nmeasure = \"beauty\"\nmax = 3\n", "magellan.toml:2: unknown variant `beauty`"),
        ("", "has no rule"),
    ] {
        fs::write(tree.path().join("magellan.toml"), rules).unwrap();
        let output = magellan(tree.path(), &["check"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(wanted), "{}", stderr(&output));
    }
    fs::write(tree.path().join("magellan.toml"), "[[cycles]]\npaths = [\"nowhere/**\"]\n").unwrap();
    let idle = json(&magellan(tree.path(), &["check", "--json"]));
    assert_eq!(idle["data"]["idle_rules"][0], "import-cycle");
}
