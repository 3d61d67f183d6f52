//! Slices: text in, text out. A line that ends in `HERE` is what is sliced, lines that end in `IN` are the rest of the
//! slice, other lines are not in it. On both engines.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{json, magellan, stderr, stdout};

const ENGINES: &[&str] = if cfg!(feature = "native-v2") { &["sqlite", "native-v2"] } else { &["sqlite"] };

fn tree(name: &str, source: &str, engine: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), source).unwrap();
    let output = magellan(folder.path(), &["index", "--backend", engine]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    folder
}

fn ask(folder: &Path, start: &str, arguments: &[&str]) -> Value {
    let words = [&["slice", start, "--json"], arguments].concat();
    let output = magellan(folder, &words);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}{}", stdout(&output), stderr(&output));
    json(&output)["data"].clone()
}

/// The first lines of all statements.
fn lines(reply: &Value) -> BTreeSet<u64> {
    let parts = reply["functions"]["items"].as_array().unwrap().iter();
    let statements = parts.flat_map(|part| part["statements"].as_array().unwrap());
    statements.map(|statement| statement["start_line"].as_u64().unwrap()).collect()
}

/// Slices at the line marked `HERE` and compares with what is marked.
#[track_caller]
fn slices(name: &str, source: &str, arguments: &[&str]) {
    let numbered = || (1u64..).zip(source.lines());
    let (here, _) = numbered().find(|(_, line)| line.ends_with("HERE")).expect("a line is marked");
    let expected: BTreeSet<u64> =
        numbered().filter(|(_, line)| line.ends_with("IN") || line.ends_with("HERE")).map(|(line, _)| line).collect();
    for engine in ENGINES {
        let folder = tree(name, source, engine);
        let found = lines(&ask(folder.path(), &format!("{name}:{here}"), arguments));
        let show = |mark: &str, lines: BTreeSet<u64>| {
            let text = numbered().filter(|(line, _)| lines.contains(line));
            text.map(|(line, text)| format!("{mark} {line}: {text}\n")).collect::<String>()
        };
        let missing = show("missing", expected.difference(&found).copied().collect());
        let wrong = show("unexpected", found.difference(&expected).copied().collect());
        assert!(missing.is_empty() && wrong.is_empty(), "{engine}\n{missing}{wrong}");
    }
}

const RUST: &str = "\
fn pick(n: i32, unused: i32) -> i32 { // IN
    let mut total = 0; // IN
    let noise = unused + 1;
    for i in 0..n { // IN
        if i % 2 == 0 { // IN
            total += scale(i); // IN
        }
    }
    log(noise);
    let total = if total > 100 { // IN
        100 // IN
    } else {
        total // IN
    };
    {
        let total = 5;
        log(total);
    }
    if noise > 7 { // IN
        return 0; // IN
    }
    log(total); // HERE
    0
}

fn scale(value: i32) -> i32 { // IN
    let value = value * 2; // IN
    {
        let value = 7;
        log(value);
    }
    match value { // IN
        0 => 1, // IN
        n if n > 5 => n, // IN
        _ => 3, // IN
    }
}

fn log(what: i32) {}

fn top() {
    let a = 4; // IN
    let b = 5; // IN
    let c = 6;
    pick(a, b); // IN
    log(c);
}
";

#[test]
fn rust_backward() {
    // The early return makes what it depends on part of the slice.
    let source = RUST.replace("let noise = unused + 1;", "let noise = unused + 1; // IN");
    slices("lib.rs", &source, &[]);
}

#[test]
fn rust_forward() {
    let source = "\
fn first(n: i32) -> i32 {
    let m = n + 1; // HERE
    let other = 3;
    if m > 2 { // IN
        note(other); // IN
    }
    let m = 9;
    note(m);
    third(other)
}

fn second() -> i32 {
    let m = 1; // HERE too
    m
}

fn third(k: i32) -> i32 {
    k
}

fn note(x: i32) {}
";
    slices("lib.rs", source, &["--forward"]);
}

#[test]
fn python_backward() {
    let source = "\
def load(path, strict=False):  # IN
    data = None  # IN
    count = 0
    try:
        with open(path) as fh:  # IN
            data = fh.read()  # IN
    except OSError as e:  # IN
        log(e)
        if strict:  # IN
            raise  # IN
    while count < 3:
        count += 1
    other = [data for data in (1, 2)]
    kept = parse(data, flag=strict)  # HERE
    return other


def parse(text, flag):  # IN
    out = []  # IN
    for line in text.split():  # IN
        if flag and line == 'x':  # IN
            continue  # IN
        seen = line
        out.append(line)  # IN
    return out  # IN


def log(e):
    print(e)
";
    slices("m.py", source, &[]);
}

#[test]
fn python_forward_into_callees_and_back_to_callers() {
    let source = "\
def base(seed):
    first = seed + 1  # HERE
    second = seed + 2
    note(second)
    keep(first)  # IN
    return first  # IN


def keep(thing):  # IN
    copy = thing  # IN
    return 0


def note(thing):
    print(thing)


def user():
    got = base(1)  # IN
    rest = 5
    print(rest)
    print(got)  # IN
";
    slices("m.py", source, &["--forward"]);
}

#[test]
fn c_backward() {
    let source = "\
static int scale(int by, int unused) { // IN
    int twice = by * 2; // IN
    unused++;
    return twice; // IN
}

int sum(int n, int *out, int flag) { // IN
    int total = 0, i; // IN
    int noise = flag;
    for (i = 0; i < n; i++) { // IN
        switch (i) { // IN
        case 1:
            total = scale(i, flag); // IN
            break;
        default:
            noise--;
        }
        { int total = 3; noise += total; }
    }
    do { noise--; } while (noise > 0);
    *out = total; // HERE
    return noise;
}
";
    slices("a.c", source, &[]);
}

#[test]
fn cpp_backward() {
    let source = "\
int fill(std::vector<int> &into, int what) { // IN
    int doubled = what * 2; // IN
    return doubled; // IN
}

int use(int n) { // IN
    std::vector<int> values; // IN
    int other = 4;
    for (auto x : source(n)) { // IN
        values.push_back(x); // IN
        other += x;
    }
    auto [a, b] = pair(n); // IN
    try {
        a = fill(values, n); // IN
    } catch (const E &e) { // IN
        other = 2;
    }
    if (int z = b; z > 1) {
        other = z;
    }
    return a; // HERE
}
";
    slices("a.cpp", source, &[]);
}

#[test]
fn java_backward() {
    let source = "\
class A {
    int field;

    int pick(final int n, String... rest) { // IN
        int x = n, y = 2; // IN
        for (String s : rest) { // IN
            if (s.isEmpty()) { // IN
                continue; // IN
            }
            x += scale(s); // IN
            y++;
        }
        int w = switch (x) { // IN
            case 1 -> 2; // IN
            default -> { yield x; } // IN
        };
        try {
            y = w;
        } catch (RuntimeException e) {
            throw e;
        } finally {
            y = 0; // IN
        }
        return w; // HERE
    }

    int scale(String text) { // IN
        int length = text.length(); // IN
        int unused = 3;
        return length; // IN
    }
}
";
    slices("A.java", source, &[]);
}

const SCRIPT: &str = "\
function pick(a, { b, c: d = 1 }, rest) { // IN
    let x = a; // IN
    const unused = d;
    for (const [i, j] of rest) { // IN
        if (i > 2) { // IN
            break; // IN
        }
        x += scale(i); // IN
    }
    {
        let x = 5;
        log(x);
    }
    [x, unused2] = [b, x]; // IN
    const f = (m) => m + unused;
    return x; // HERE
}

function scale(n) { // IN
    const out = []; // IN
    out.push(n); // IN
    return out; // IN
}

function log(x) {}
";

#[test]
fn javascript_backward() {
    slices("a.js", SCRIPT, &[]);
}

#[test]
fn typescript_backward() {
    let source = SCRIPT.replace("(a, {", "(a: number, {").replace("scale(n)", "scale(n: number): number[]");
    let source = source.replace("let x = a;", "let x: number = a;");
    slices("a.ts", &source, &[]);
}

#[test]
fn go_backward() {
    let source = "\
package p

func pick(n int, rest ...int) (sum int, err error) { // IN
    x, y := n, 1 // IN
    for i, v := range rest { // IN
        if i == 2 { // IN
            continue // IN
        }
        x += v // IN
    }
    y++
    if e := check(x); e != nil { // IN
        return 0, e // IN
    }
    if y := x; y > 2 {
        note(y)
    }
    sum = x // IN
    return // HERE
}

func check(k int) error { // IN
    j := k // IN
    m := 3
    note(m)
    return wrap(j) // IN
}

func wrap(j int) error { // IN
    return nil // IN
}

func note(int) {}
";
    let source = source.replace("func wrap(j int) error { // IN", "func wrap(j int) error {");
    slices("a.go", &source, &[]);
}

#[test]
fn a_symbol_means_what_it_returns_and_its_calls() {
    for engine in ENGINES {
        let folder = tree("lib.rs", RUST, engine);
        let backward = ask(folder.path(), "scale", &["--depth", "0"]);
        assert_eq!(lines(&backward).into_iter().collect::<Vec<_>>(), [26, 27, 32, 33, 34, 35]);
        assert_eq!(backward["complete"], Value::Bool(false), "callers were not looked at");
        let forward = ask(folder.path(), "scale", &["--forward", "--depth", "0"]);
        assert_eq!(lines(&forward).into_iter().collect::<Vec<_>>(), [6, 10, 11, 13, 22]);
    }
}

#[test]
fn a_column_means_the_variable_there() {
    let source = "fn f(a: i32, b: i32) -> i32 {\n    let x = a;\n    let y = b;\n    g(x, y)\n}\nfn g(x: i32, y: i32) -> i32 {\n    x\n}\n";
    let folder = tree("lib.rs", source, "sqlite");
    let at = |place: &str| lines(&ask(folder.path(), place, &["--depth", "0"])).into_iter().collect::<Vec<_>>();
    assert_eq!(at("lib.rs:4:6"), [1, 2, 4]);
    assert_eq!(at("lib.rs:4:9"), [1, 3, 4]);
    assert_eq!(at("lib.rs:4"), [1, 2, 3, 4]);
}

#[test]
fn a_limit_leaves_out_what_is_furthest_away() {
    let folder = tree("lib.rs", RUST, "sqlite");
    let reply = ask(folder.path(), "lib.rs:22", &["--limit", "3"]);
    let shown: usize = reply["functions"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["statements"].as_array().unwrap().len())
        .sum();
    assert_eq!(shown, 3);
    assert_eq!(reply["statements"].as_u64().unwrap(), 3 + reply["hidden"].as_u64().unwrap());
}

#[test]
fn places_without_statements_say_where_there_are_some() {
    let folder = tree("lib.rs", "// nothing\n\nfn f() -> i32 {\n    1\n}\n\nstruct S;\n", "sqlite");
    for (place, code) in [("lib.rs:2", "no_statement"), ("lib.rs:7", "no_statement"), ("lib.rs:2:9", "no_statement")] {
        let output = magellan(folder.path(), &["slice", place]);
        assert_eq!(output.status.code(), Some(1), "{place}");
        assert!(stderr(&output).contains("try `magellan slice lib.rs:4`"), "{}", stderr(&output));
        let output = magellan(folder.path(), &["slice", place, "--json"]);
        assert!(stdout(&output).contains(code), "{}", stdout(&output));
    }
    for (place, hint) in [("lib.rs:99", "has only"), ("other.rs:1", "not an indexed file"), ("S", "has no body")] {
        let output = magellan(folder.path(), &["slice", place]);
        assert_ne!(output.status.code(), Some(0));
        assert!(stderr(&output).contains(hint), "{}", stderr(&output));
    }
}

#[test]
fn hostile_lines_are_shown_harmless() {
    let source = "fn f() -> i32 {\n    let x = g(\"\u{1b}[31m\u{202e}\\n\", '\u{7}');\n    x\n}\n";
    let folder = tree("lib.rs", source, "sqlite");
    let output = magellan(folder.path(), &["slice", "lib.rs:3"]);
    let shown = stdout(&output);
    assert!(shown.contains("let x = g("), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{shown}");
}

#[test]
fn what_is_not_followed_is_said() {
    let source = "def f(g, items):\n    total = LIMIT\n    items.sort(key=lambda item: item.size)\n    return g(items, total)\n\n\nLIMIT = 3\n";
    let folder = tree("m.py", source, "sqlite");
    let reply = ask(folder.path(), "f", &[]);
    assert_eq!(reply["complete"], Value::Bool(false));
    assert_eq!(reply["doubt"]["unresolved_calls"], 1);
    assert_eq!(reply["doubt"]["closures"], 1);
    assert_eq!(reply["doubt"]["shared"]["items"], serde_json::json!(["LIMIT"]));
    assert!(!reply["assumptions"].as_array().unwrap().is_empty());
}

#[test]
fn very_long_and_deep_functions_are_sliced_in_bounded_time() {
    let mut source = String::from("fn f(mut x: i32) -> i32 {\n");
    for _ in 0..1500 {
        source.push_str("    if x > 3 {\n        x = g(x)?;\n    }\n");
    }
    source.push_str(&format!("    {}x{}\n}}\n", "(".repeat(1500), ")".repeat(1500)));
    let folder = tree("lib.rs", &source, "sqlite");
    let reply = ask(folder.path(), "f", &["--limit", "5"]);
    assert!(reply["statements"].as_u64().unwrap() > 3000, "{reply}");
}
