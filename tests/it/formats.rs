//! What every question prints as JSON and JSON lines fits its schema, and never more bytes than are wanted.

use std::path::Path;

use jsonschema::{Draft, Retrieve, Uri, Validator};
use magellan::job::DEEDS;
use magellan::query::QUESTIONS;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::cli::{command, json as parsed, magellan, stderr, stdout};
use super::questions::{ASKED, tree};

/// A schema of the documentation.
fn documented(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Reads what a schema refers to beside it.
struct Beside;

impl Retrieve for Beside {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Ok(documented(uri.as_str().rsplit('/').next().unwrap()))
    }
}

fn schema(file: &str) -> Validator {
    let options = jsonschema::options().with_draft(Draft::Draft202012).with_retriever(Beside);
    options.with_base_uri(format!("file:///schemas/{file}")).build(&documented(file)).unwrap()
}

fn check(validator: &Validator, value: &Value, what: &str) {
    let faults: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{what} does not fit its schema:\n{}\n{value:#}", faults.join("\n"));
}

fn ask(tree: &TempDir, arguments: &[&str], more: &[&str]) -> std::process::Output {
    command(tree.path(), arguments).args(more).output().unwrap()
}

/// The lines of `--jsonl`.
fn lines(text: &str) -> Vec<Value> {
    assert!(text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The object that lines were made from.
fn joined(lines: &[Value]) -> Value {
    let mut whole = lines[0].clone();
    for line in &lines[1..] {
        let path = format!("/data/{}", line["list"].as_str().unwrap().replace('.', "/"));
        let list = whole.pointer_mut(&path).unwrap();
        match list.get_mut("items") {
            Some(items) => items.as_array_mut().unwrap().push(line["item"].clone()),
            None => list["items"] = json!([line["item"]]),
        }
    }
    whole
}

/// Lists by their items only, however the totals are told, and without ages.
fn compared(mut value: Value) -> String {
    fn plain(value: &mut Value) {
        if let Value::Object(fields) = value
            && fields.contains_key("total")
            && fields.keys().all(|key| key == "total" || key == "items")
        {
            *value = fields.get("items").cloned().unwrap_or(json!([]));
        }
        match value {
            Value::Object(fields) => fields.values_mut().for_each(plain),
            Value::Array(items) => items.iter_mut().for_each(plain),
            _ => {}
        }
    }
    value["freshness"] = Value::Null;
    value["data"]["freshness"] = Value::Null;
    plain(&mut value);
    value.to_string()
}

#[test]
fn every_answer_fits_its_schema_and_lines_say_the_same() {
    let tree = tree();
    for arguments in ASKED {
        let what = arguments.join(" ");
        let whole = parsed(&ask(&tree, arguments, &["--json", "--limit", "7"]));
        check(&schema(&format!("{}.json", arguments[0])), &whole, &what);
        let output = ask(&tree, arguments, &["--jsonl", "--limit", "7"]);
        assert_eq!(stderr(&output), "", "{what}");
        let lines = lines(&stdout(&output));
        let validator = schema(&format!("{}.jsonl.json", arguments[0]));
        lines.iter().for_each(|line| check(&validator, line, &format!("{what} --jsonl")));
        assert_eq!(compared(joined(&lines)), compared(whole), "{what}");
    }
}

#[test]
fn schemas_refuse_what_they_do_not_describe() {
    let tree = tree();
    for (arguments, pointer) in [(&["callers", "limit"], "/data"), (&["find", "*"], "/data/symbols/items/0")] {
        let mut value = parsed(&ask(&tree, arguments, &["--json"]));
        value.pointer_mut(pointer).unwrap()["more"] = json!(1);
        assert!(!schema(&format!("{}.json", arguments[0])).is_valid(&value), "{value}");
    }
}

#[test]
fn deeds_and_failures_fit_their_schemas() {
    let tree = tree();
    let deeds: &[&[&str]] = &[
        &["verify"],
        &["doctor"],
        &["backup", "copy.db"],
        &["gc"],
        &["migrate"],
        &["migrate-backend", "--to", "sqlite", "--dry-run"],
        &["index"],
        &["watch", "--once"],
        &["export", "--format", "dot", "--output", "graph.dot"],
    ];
    for deed in DEEDS {
        assert!(deeds.iter().any(|arguments| arguments[0] == deed.name), "{} is not done", deed.name);
    }
    for arguments in deeds {
        let value = parsed(&ask(&tree, arguments, &["--json", "--quiet"]));
        let name = if value["error"].is_null() { arguments[0] } else { "error" };
        check(&schema(&format!("{name}.json")), &value, arguments[0]);
        assert_eq!(value["schema"]["name"], name, "{value}");
    }
    let failures: [&[&str]; 5] =
        [&["get", "area"], &["get", "nothing"], &["files", "../x"], &["find"], &["find", "a", "--max-bytes", "3"]];
    for arguments in failures {
        let value = parsed(&ask(&tree, arguments, &["--json"]));
        check(&schema("error.json"), &value, &arguments.join(" "));
    }
}

/// A schema of the documentation with all that it refers to in it.
fn bundled(file: &str) -> Value {
    const THERE: &str = "common.json#/$defs/";
    let common = documented("common.json")["$defs"].clone();
    let mut text = documented(file).to_string();
    let mut defs = documented(file)["$defs"].as_object().cloned().unwrap_or_default();
    let own: Vec<String> = defs.keys().cloned().collect();
    let mut open = text.clone();
    loop {
        let after = [THERE, "\"#/$defs/"].into_iter().flat_map(|prefix| open.split(prefix).skip(1));
        let names = after.map(|rest| rest.split('"').next().unwrap().to_owned());
        let next: Vec<String> = names.filter(|name| !defs.contains_key(name)).collect();
        if next.is_empty() {
            break;
        }
        open = next.iter().map(|name| common[name].to_string()).collect();
        defs.extend(next.into_iter().map(|name| (name.clone(), common[&name].clone())));
    }
    text = text.replace(THERE, "#/$defs/");
    let mut whole: Value = serde_json::from_str(&text).unwrap();
    let more = defs.into_iter().filter(|(name, _)| !own.contains(name));
    let more: Vec<(String, Value)> = more.collect();
    if !more.is_empty() && whole["$defs"].is_null() {
        whole["$defs"] = json!({});
    }
    more.into_iter().for_each(|(name, value)| whole["$defs"][name] = value);
    whole
}

#[test]
fn a_schema_is_printed_with_all_that_the_documented_one_refers_to() {
    let folder = tempfile::tempdir().unwrap();
    let names = stdout(&magellan(folder.path(), &["schema"]));
    for name in names.lines() {
        let printed = parsed(&magellan(folder.path(), &["schema", name]));
        assert_eq!(printed, bundled(&format!("{name}.json")), "{name}");
        assert!(jsonschema::draft202012::new(&printed).is_ok(), "{name} needs nothing else");
    }
    let printed = parsed(&magellan(folder.path(), &["schema", "find", "--jsonl"]));
    assert_eq!(printed, bundled("find.jsonl.json"));
    let unknown = magellan(folder.path(), &["schema", "finding"]);
    assert_eq!(unknown.status.code(), Some(2));
}

/// Questions whose text ends with what it is about: nothing is left to say of it.
const LISTS_ONLY: &[&str] = &[
    "explain",
    "find",
    "show",
    "outline",
    "files",
    "get",
    "get-file",
    "chunks",
    "chunk-by-span",
    "chunk-by-symbol",
    "ast",
    "find-ast",
    "cfg",
    "metrics",
    "hotspots",
    "label",
    "diff",
    "search",
    "hierarchy",
    "collisions",
    "status",
    "log",
    "fingerprint",
];

/// The bound that a failure says is enough.
fn enough(failure: &str) -> usize {
    let at = failure.find("`--max-bytes ").unwrap_or_else(|| panic!("{failure}")) + "`--max-bytes ".len();
    failure[at..].split('`').next().unwrap().parse().unwrap()
}

#[test]
fn no_answer_is_longer_than_wanted_and_what_is_left_off_is_told() {
    let tree = tree();
    let firsts = QUESTIONS.iter().filter_map(|row| ASKED.iter().find(|arguments| arguments[0] == row.name));
    for arguments in firsts {
        for form in [&["--json"][..], &["--jsonl"], &["--output", "pretty"], &[]] {
            let what = format!("{} {form:?}", arguments.join(" "));
            let whole = ask(&tree, arguments, form).stdout.len();
            for max in [0, whole / 3, whole.saturating_sub(1)] {
                let bound = max.to_string();
                let output = ask(&tree, arguments, &[form, &["--max-bytes", &bound]].concat());
                if output.status.code() == Some(2) {
                    let told = if form.is_empty() { stderr(&output) } else { stdout(&output) };
                    let enough = enough(&told).to_string();
                    let again = ask(&tree, arguments, &[form, &["--max-bytes", &enough]].concat());
                    assert_ne!(again.status.code(), Some(2), "{what}: {told}");
                    assert!(again.stdout.len() <= enough.parse().unwrap(), "{what}: {enough}");
                    continue;
                }
                assert!(output.stdout.len() <= max, "{what}: {max}, {}", stdout(&output));
                if max < whole && !form.is_empty() {
                    cut(arguments[0], form, &stdout(&output));
                } else if max < whole && max > 0 {
                    let text = stdout(&output);
                    assert!(text.lines().any(|line| line.contains("more line")), "{what}: {text}");
                    let whole = stdout(&ask(&tree, arguments, form));
                    let is_concluded = !LISTS_ONLY.contains(&arguments[0]);
                    assert!(!is_concluded || text.lines().last() == whole.lines().last(), "{what}: {text}");
                }
            }
        }
    }
}

/// Looks at an answer that was cut.
fn cut(name: &str, form: &[&str], text: &str) {
    let first: Value = if form == ["--jsonl"] {
        let lines = lines(text);
        let validator = schema(&format!("{name}.jsonl.json"));
        lines.iter().for_each(|line| check(&validator, line, name));
        lines[0].clone()
    } else {
        let whole: Value = serde_json::from_str(text).unwrap();
        check(&schema(&format!("{name}.json")), &whole, name);
        whole
    };
    if first["truncated"].is_null() {
        // Ages make the same answer some bytes shorter or longer.
        return;
    }
    assert_eq!((&first["truncated"], &first["complete"]), (&json!(true), &json!(false)), "{name}");
    for list in first["left_off"].as_array().unwrap() {
        assert!(list["shown"].as_u64() < list["total"].as_u64(), "{name}: {list}");
        let path = format!("/data/{}", list["list"].as_str().unwrap().replace('.', "/"));
        let place = first.pointer(&path).unwrap();
        let total = place.get("total").unwrap_or(&list["total"]);
        assert_eq!(total, &list["total"], "{name}");
    }
}

#[test]
fn a_bound_of_candidates_and_of_drawings() {
    let tree = tree();
    let output = ask(&tree, &["get", "area"], &["--json", "--max-bytes", "400"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(output.stdout.len() <= 400, "{}", stdout(&output));
    let failure = parsed(&output);
    assert_eq!(failure["error"]["candidates"]["total"], 2);
    let drawing = ask(&tree, &["reachable", "Square::area", "--dot"], &["--max-bytes", "40"]);
    assert_eq!((drawing.status.code(), stdout(&drawing)), (Some(2), String::new()));
    assert!(stderr(&drawing).contains("cannot be cut"), "{}", stderr(&drawing));
    let exact = ask(&tree, &["get-file", "load.py", "--text"], &["--max-bytes", "100"]);
    assert_eq!((exact.status.code(), stdout(&exact)), (Some(2), String::new()));
}
