//! `check`: what breaks the rules, what a baseline forgives, how much a change may break, and SARIF.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::cli::{command, json, magellan, stderr, stdout};
use super::network::git;

const RULES: &str = "[[limit]]\nmeasure = \"cyclomatic\"\nmax = 2\nexcept = [\"old/**\"]\n\n[[limit]]\nmeasure = \"file_lines\"\nmax = 9\n\n\
    [[forbid]]\nname = \"core-stands-alone\"\nfrom = [\"core\"]\nto = [\"shell/**\"]\nreason = \"core knows no shell\"\n\n[[cycles]]\n";

fn put(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn backends() -> Vec<&'static str> {
    if cfg!(feature = "native-v2") { vec!["sqlite", "native-v2"] } else { vec!["sqlite"] }
}

fn indexed(folder: &Path) {
    let output = magellan(folder, &["index"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

fn tree(backend: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| put(folder.path(), path, text);
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
    for backend in backends() {
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
    assert_eq!((&reply["data"]["known"], &reply["data"]["gone"]["total"]), (&2.into(), &1.into()));
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
    for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
        // What GitHub's code scanning asks for.
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().unwrap().contains(' '), "{rule}");
        }
    }
    for result in run["results"].as_array().unwrap() {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "core/a.py");
    }
}

#[test]
fn rules_that_cannot_be_meant_are_refused_with_their_line_and_what_is_allowed() {
    let tree = tree("sqlite");
    for (rules, wanted) in [
        (
            "[[limit]]\nmeasure = \"lines\"\nmax_ = 3\n",
            "magellan.toml:3: [[limit]] has no key \"max_\": did you mean max?",
        ),
        ("[[limit]]\nmeasure = \"lines\"\nbest = 3\n", "allowed are name, measure, max, paths, except"),
        (
            "[[limit]]\nmeasure = \"nestign\"\nmax = 3\n",
            "magellan.toml:2: measure in [[limit]] cannot be \"nestign\": did you mean nesting?",
        ),
        ("\n[[limit]]\nmeasure = \"lines\"\n", "magellan.toml:2: [[limit]] needs max"),
        (
            "[[limit]]\nmeasure = \"lines\"\nmax = -1\n",
            "magellan.toml:3: max in [[limit]] must be a whole number from 0 on",
        ),
        ("[[limit]]\nmeasure = \"lines\"\nmax = \"3\"\n", "must be a whole number from 0 on, not string"),
        ("[[cycles]]\npaths = \"src\"\n", "magellan.toml:2: paths in [[cycles]] must be a list of texts"),
        ("[[cycles]]\npaths = [\"src\", 3]\n", "magellan.toml:2: paths in [[cycles]] must be a list of texts"),
        ("[[cycles]]\npaths = [\"a[\"]\n", "magellan.toml:1: paths: glob \"a[\""),
        ("[[cycles]]\nby = \"call\"\n", "did you mean calls? Allowed are imports, calls, self_calls"),
        ("[[cicles]]\n", "magellan.toml:1: there are no rules called \"cicles\": did you mean cycles?"),
        ("[cycles]\n", "magellan.toml:1: there can be several of these: write [[cycles]]"),
        ("[[impact]]\nmax_files = 3\n", "magellan.toml:1: a table [impact] is wanted"),
        ("[impact]\ndepth = 3\n", "magellan.toml:1: [impact] needs max_definitions or max_files"),
        ("[[forbid]]\nfrom = []\nto = [\"a\"]\n", "[[forbid]] needs from"),
        ("[[dead_code]]\nno_exports = 1\n", "magellan.toml:2: no_exports in [[dead_code]] must be true or false"),
        ("[[dead_code]]\ncertainty = \"sure\"\n", "allowed are certain, doubtful"),
        ("[[dead_code]]\n\nentry = [\"nobody\"]\n", "magellan.toml:3: entry: no definition is called nobody"),
        ("[[limit]]\nmax = 1\nmax = 2\n", "magellan.toml:3: duplicate key"),
        ("[[limit\n", "magellan.toml:1: "),
        ("", "has no rule"),
    ] {
        fs::write(tree.path().join("magellan.toml"), rules).unwrap();
        let output = magellan(tree.path(), &["check"]);
        assert_eq!(output.status.code(), Some(2), "{rules}");
        assert!(stderr(&output).contains(wanted), "{rules}: {}", stderr(&output));
        assert!(stderr(&output).contains("hint: sections of a rules file are [[limit]]"), "{}", stderr(&output));
        let failure = json(&magellan(tree.path(), &["check", "--json"]));
        assert_eq!((&failure["error"]["code"], &failure["error"]["exit"]), (&"bad_rules".into(), &2.into()));
    }
    fs::write(tree.path().join("magellan.toml"), "[[cycles]]\npaths = [\"nowhere/**\"]\n").unwrap();
    let idle = json(&magellan(tree.path(), &["check", "--json"]));
    assert_eq!(idle["data"]["idle_rules"][0], "import-cycle");
    fs::remove_file(tree.path().join("magellan.toml")).unwrap();
    assert_eq!(magellan(tree.path(), &["check"]).status.code(), Some(2));
    fs::write(tree.path().join("known.json"), "{}").unwrap();
    fs::write(tree.path().join("magellan.toml"), RULES).unwrap();
    assert_eq!(magellan(tree.path(), &["check", "--baseline", "known.json"]).status.code(), Some(2));
}

#[test]
fn the_rules_in_the_documentation_are_rules() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, rest) = text.split_once("```toml\n").unwrap();
    let (rules, _) = rest.split_once("```").unwrap();
    let tree = tree("sqlite");
    put(tree.path(), "magellan.toml", rules);
    put(tree.path(), "src/core/a.py", "def serve():\n    handle_it()\n\n\ndef handle_it():\n    pass\n");
    indexed(tree.path());
    let output = magellan(tree.path(), &["check", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let reply = json(&output);
    assert_eq!((&reply["data"]["rules"], &reply["data"]["unchecked_rules"][0]), (&5.into(), &"max-impact".into()));
    assert_eq!(reply["complete"], false, "a rule about changes was not checked");
}

const CIRCLES: &str =
    "def a():\n    b()\n\n\ndef b():\n    c()\n    a()\n\n\ndef c():\n    a()\n\n\ndef me():\n    me()\n";

#[test]
fn circles_of_calls_are_those_of_cycles_and_only_new_ones_count_against_a_baseline() {
    for backend in backends() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        put(root, "magellan.toml", "[[cycles]]\nby = \"calls\"\n\n[[cycles]]\nby = \"self_calls\"\n");
        put(root, "x.py", CIRCLES);
        assert_eq!(magellan(root, &["index", "--backend", backend]).status.code(), Some(0));
        let output = magellan(root, &["check", "--json"]);
        assert_eq!(output.status.code(), Some(1));
        let reply = json(&output);
        let row = |rule: &str, line| (rule.to_owned(), "x.py".to_owned(), line);
        assert_eq!(found(&reply), [row("call-cycle", 1), row("self-recursion", 14)], "{backend}");
        let circle = &reply["data"]["violations"]["items"][0];
        let cycles = json(&magellan(root, &["cycles", "--json"]));
        let names = |list: &Value| -> Vec<String> {
            list.as_array().unwrap().iter().map(|row| row["qualified_name"].as_str().unwrap().to_owned()).collect()
        };
        let members = names(&cycles["data"]["cycles"]["items"][0]["members"]["items"]);
        let members: Vec<String> = members.iter().map(|name| format!("x.py#{name}")).collect();
        assert_eq!(circle["members"], serde_json::json!(members));
        let related: Vec<&str> =
            circle["related"].as_array().unwrap().iter().map(|row| row["message"].as_str().unwrap()).collect();
        assert_eq!(related, ["x.a calls x.b", "x.b calls x.a"]);

        assert_eq!(magellan(root, &["check", "--write-baseline", "known.json"]).status.code(), Some(0));
        let known = ["check", "--json", "--baseline", "known.json"];
        let after = |text: &str| {
            put(root, "x.py", text);
            indexed(root);
            let output = magellan(root, &known);
            (output.status.code().unwrap(), json(&output)["data"].clone())
        };
        let (code, data) = after(&format!("# above\n\n{CIRCLES}"));
        assert_eq!((code, &data["known"]), (0, &2.into()));
        let (code, data) = after(&CIRCLES.replace("    c()\n", ""));
        assert_eq!((code, &data["gone"]["total"]), (0, &0.into()), "what is left of a known circle is known");
        let (code, data) = after(&CIRCLES.replace("def c():\n", "def d():\n    a()\n\n\ndef c():\n    d()\n"));
        assert_eq!((code, &data["violations"]["items"][0]["value"]), (1, &4.into()), "one more is new");
        let (code, data) = after(&CIRCLES.replace("    me()\n", "    pass\n"));
        assert_eq!((code, &data["gone"]["items"][0]["subject"]), (0, &"x.me".into()));
        let told = stdout(&magellan(root, &["check", "--baseline", "known.json"]));
        assert!(told.contains("gone: x.py  self-recursion  x.me") && told.contains("--write-baseline"), "{told}");
    }
}

#[test]
fn a_circle_of_imports_that_loses_a_member_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "magellan.toml", "[[cycles]]\n");
    for (path, text) in [("a.py", "import b\n"), ("b.py", "import c\nimport a\n"), ("c.py", "import a\n")] {
        put(root, path, text);
    }
    indexed(root);
    let reply = json(&magellan(root, &["check", "--json"]));
    assert_eq!(reply["data"]["violations"]["items"][0]["members"], serde_json::json!(["a.py", "b.py", "c.py"]));
    magellan(root, &["check", "--write-baseline", "known.json"]);
    put(root, "b.py", "import a\n");
    indexed(root);
    assert_eq!(magellan(root, &["check", "--baseline", "known.json"]).status.code(), Some(0));
    assert_eq!(magellan(root, &["check"]).status.code(), Some(1));
}

#[test]
fn dead_code_counts_if_it_is_new_and_certain_enough() {
    for backend in backends() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let source = "fn main() {\n    used();\n}\n\nfn used() {}\n\nfn old() {}\n\nfn spoken() {}\n\nmacro_rules! any { ($($x:tt)*) => { $($x)* } }\n\nfn other() {\n    any!(spoken());\n}\n";
        put(root, "Cargo.toml", "[package]\nname = \"little\"\n");
        put(root, "src/main.rs", source);
        put(root, "magellan.toml", "[[dead_code]]\n");
        assert_eq!(magellan(root, &["index", "--backend", backend]).status.code(), Some(0));
        let check = |more: &[&str]| {
            let output = command(root, &["check", "--json"]).args(more).output().unwrap();
            let reply = json(&output);
            let items = reply["data"]["violations"]["items"].as_array().unwrap().clone();
            let subjects = items.iter().map(|item| item["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
            (output.status.code().unwrap(), subjects)
        };
        let certain = check(&[]);
        let told = json(&magellan(root, &["dead-code", "--json"]));
        let dead = told["data"]["dead"]["items"].as_array().unwrap();
        let names: Vec<_> = dead.iter().map(|dead| dead["qualified_name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(certain, (1, names));
        assert!(certain.1.contains(&"little::old".to_owned()));
        put(root, "magellan.toml", "[[dead_code]]\ncertainty = \"doubtful\"\n");
        assert!(check(&[]).1.len() > certain.1.len());
        put(root, "magellan.toml", "[[dead_code]]\nexcept = [\"src\"]\n");
        assert_eq!(check(&[]), (0, vec![]));
        put(root, "magellan.toml", "[[dead_code]]\n");
        let again = fs::read_to_string(root.join("magellan.toml")).unwrap();
        assert_eq!(check(&["--write-baseline", "known.json"]).0, 0);
        let first = fs::read(root.join("known.json")).unwrap();
        put(root, "src/main.rs", &format!("//! A line above.\n\n{source}\nfn fresh() {{}}\n"));
        indexed(root);
        assert_eq!(check(&["--baseline", "known.json"]), (1, vec!["little::fresh".to_owned()]));
        put(root, "src/main.rs", &format!("// Another.\n{}", source.replace("fn old() {}\n", "")));
        indexed(root);
        assert_eq!(check(&["--baseline", "known.json"]), (0, vec![]), "what is gone breaks nothing");
        put(root, "src/main.rs", source);
        indexed(root);
        check(&["--write-baseline", "known.json"]);
        assert_eq!(fs::read(root.join("known.json")).unwrap(), first, "the same tree gives the same file: {again}");
    }
}

#[test]
fn a_change_may_break_no_more_than_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "magellan.toml", "[impact]\nmax_definitions = 2\nmax_files = 1\n");
    put(root, "a.py", "def low():\n    return 1\n\n\ndef mid():\n    return low()\n\n\ndef lone():\n    return 0\n");
    put(root, "b.py", "from a import mid\n\n\ndef high():\n    return mid()\n\n\ndef higher():\n    return high()\n");
    indexed(root);
    let check = |more: &[&str]| command(root, &["check"]).args(more).output().unwrap();
    let outside = check(&["--diff"]);
    assert_eq!(outside.status.code(), Some(2), "there is no repository: {}", stderr(&outside));
    put(root, ".gitignore", ".magellan/\n");
    git(root, &["init", "--quiet"]);
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "-m", "first"]);
    let unsaid = check(&[]);
    assert_eq!(unsaid.status.code(), Some(0));
    assert!(stdout(&unsaid).contains("rule max-impact is not checked"), "{}", stdout(&unsaid));
    assert_eq!(check(&["--diff"]).status.code(), Some(0), "nothing has changed");
    let text = fs::read_to_string(root.join("a.py")).unwrap();
    put(root, "a.py", &text.replace("return 0", "return 7"));
    indexed(root);
    assert_eq!(check(&["--diff"]).status.code(), Some(0), "nothing uses it");
    put(root, "a.py", &text.replace("return 0", "return 7").replace("return 1", "return 2"));
    indexed(root);
    let output = check(&["--diff", "HEAD", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let data = &json(&output)["data"];
    let impact = json(&magellan(root, &["impact", "--diff", "--json"]));
    assert_eq!(data["impact"]["definitions"], impact["data"]["affected"]["total"]);
    assert_eq!((&data["impact"]["changed"], &data["impact"]["files"]), (&2.into(), &2.into()));
    let items = data["violations"]["items"].as_array().unwrap();
    assert_eq!(
        items.iter().map(|item| item["subject"].as_str().unwrap()).collect::<Vec<_>>(),
        ["definitions", "files"]
    );
    let alone = json(&magellan(root, &["impact", "low", "--json"]));
    assert_eq!(alone["data"]["affected"]["total"], 4, "the file that imports it, too");
    let worst: Vec<&str> =
        items[0]["related"].as_array().unwrap().iter().map(|row| row["message"].as_str().unwrap()).collect();
    assert_eq!(
        worst,
        ["function a.low changed: 4 definitions depend on it", "function a.lone changed: 0 definitions depend on it"]
    );
    assert_eq!(check(&["--staged"]).status.code(), Some(0), "nothing is staged");
    git(root, &["add", "a.py"]);
    assert_eq!(check(&["--staged"]).status.code(), Some(1));
    assert_eq!(check(&["--staged", "--write-baseline", "known.json"]).status.code(), Some(1));
    assert_eq!(check(&["--staged", "--baseline", "known.json"]).status.code(), Some(1), "a change is never known");
    put(root, "magellan.toml", "[impact]\nmax_definitions = 2\ndepth = 1\n");
    assert_eq!(check(&["--staged"]).status.code(), Some(0), "only one thing is one step away");

    let unknown = check(&["--diff", "nowhere"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("nowhere"), "{}", stderr(&unknown));
    let no_git = command(root, &["check", "--diff"]).env("PATH", "").output().unwrap();
    assert_eq!(no_git.status.code(), Some(2));
    assert!(stderr(&no_git).contains("git cannot be run"), "{}", stderr(&no_git));
    put(root, "magellan.toml", "[[cycles]]\n");
    let no_rule = check(&["--diff"]);
    assert_eq!(no_rule.status.code(), Some(2));
    assert!(stderr(&no_rule).contains("need [impact]"), "{}", stderr(&no_rule));
}

#[test]
fn sarif_counts_characters_and_names_every_rule_it_speaks_of() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(
        root,
        "magellan.toml",
        "[[cycles]]\nby = \"self_calls\"\n\n[[cycles]]\nby = \"calls\"\n\n[impact]\nmax_files = 3\n",
    );
    put(root, "Cargo.toml", "[package]\nname = \"little\"\n");
    put(root, "src/a b.rs", "pub fn f() {}\n");
    put(
        root,
        "src/lib.rs",
        "/* \u{e9}\u{1d54f} */ pub fn me() {\n    me();\n}\n\npub fn a() { b() }\npub fn b() { a() }\n",
    );
    indexed(root);
    let output = magellan(root, &["check", "--format", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let notes = run["invocations"][0]["toolConfigurationNotifications"].as_array().unwrap();
    assert!(notes[0]["message"]["text"].as_str().unwrap().contains("max-impact is not checked"));
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    for result in results {
        let rule = rules[result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(result["ruleId"], rule);
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        for place in result["locations"].as_array().unwrap().iter().chain(related) {
            let place = &place["physicalLocation"];
            let base = place["artifactLocation"]["uriBaseId"].as_str().unwrap();
            assert!(run["originalUriBaseIds"][base].is_object());
            let region = &place["region"];
            let number = |key: &str| region[key].as_u64().unwrap();
            assert!(number("startLine") >= 1 && number("startColumn") >= 1, "{region}");
            assert!(region["endLine"].is_null() || number("endLine") >= number("startLine"), "{region}");
        }
    }
    // The name is the 17th character, but the 21st byte.
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&1.into(), &17.into()));
    assert_eq!(results[1]["relatedLocations"].as_array().unwrap().len(), 2);
}
