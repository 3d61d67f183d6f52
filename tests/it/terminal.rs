//! What a person at a terminal meets: what help offers works, tables are aligned, and what is asked for wrongly is told.

use std::fs;

use magellan::query::QUESTIONS;
use tempfile::TempDir;

use super::cli::{magellan, stderr, stdout};
use super::network::git;
use super::questions::{ASKED, tree};

/// The tree of the questions, in git and with a baseline.
fn tree_in_git() -> TempDir {
    let tree = tree();
    let rules = tree.path().join("magellan.toml");
    let text = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, text + "\n[impact]\nmax_files = 99\n").unwrap();
    git(tree.path(), &["init", "-q"]);
    git(tree.path(), &["add", "-A"]);
    git(tree.path(), &["commit", "-q", "-m", "all"]);
    assert_eq!(magellan(tree.path(), &["check", "--write-baseline", "known.json"]).status.code(), Some(0));
    tree
}

/// The options that help lists for a command as its own: each with what it wants.
fn offered(help: &str) -> Vec<(String, Option<String>)> {
    let own = help.split("Common options:").next().unwrap();
    let listed = own.lines().filter(|line| line.trim_start().starts_with("--"));
    let option = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap().to_owned();
        (name, words.next().filter(|word| word.contains('<')).map(str::to_owned))
    };
    listed.map(option).collect()
}

/// Something that an option takes.
fn value(option: &str, help: &str) -> String {
    let fixed = [
        ("--kind", "method"),
        ("--file", "src"),
        ("--entry", "limit"),
        ("--at", "1"),
        ("--span", "0..9"),
        ("--rules", "magellan.toml"),
        ("--baseline", "known.json"),
        ("--write-baseline", "known.json"),
        ("--text", "l*"),
        ("--field", "name"),
        ("--language", "rust"),
        ("--role", "call"),
        ("--reason", "main"),
        ("--outcome", "success"),
    ];
    if let Some((_, value)) = fixed.iter().find(|(name, _)| *name == option) {
        return (*value).to_owned();
    }
    let after = &help[help.find(&format!(" {option} ")).unwrap()..];
    let own = after.split("\n\n      -").next().unwrap();
    let listed = own.lines().find_map(|line| line.trim().strip_prefix("- ")?.split(':').next());
    let inline = own.split_once("[possible values: ").and_then(|(_, rest)| rest.split([',', ']']).next());
    listed.or(inline).unwrap_or("1").to_owned()
}

#[test]
fn what_help_offers_is_accepted() {
    let tree = tree_in_git();
    for question in QUESTIONS {
        let help = stdout(&magellan(tree.path(), &["help", question.name]));
        let base = ASKED.iter().find(|arguments| arguments[0] == question.name).unwrap();
        for (option, wants) in offered(&help) {
            // How far to go needs a start; what git says stands in the place of a name.
            let base = if *base == ["deps"] && option == "--depth" { &["deps", "src/lib.rs"] } else { *base };
            let base = if ["--diff", "--staged"].contains(&option.as_str()) { &base[..1] } else { base };
            if base.contains(&option.as_str()) {
                continue;
            }
            let mut words = [base, &[option.as_str()]].concat();
            let value = wants.filter(|wants| wants.starts_with('<')).map(|_| value(&option, &help));
            words.extend(value.as_deref());
            let output = magellan(tree.path(), &words);
            assert!(matches!(output.status.code(), Some(0 | 1)), "{words:?}: {}", stderr(&output));
        }
    }
}

/// Arguments that come to nothing: the exit code, and what is said.
const IN_VAIN: &[(&[&str], i32, &str, &str)] = &[
    (
        &["find", "limit", "--kind", "method", "--language", "python"],
        1,
        "no method is called limit",
        "magellan find limit",
    ),
    (&["find", "limit", "--language", "python"], 1, "nothing found", "`magellan find limit` asks for more"),
    (&["find", "limit", "--language", "cobol"], 2, "languages are c, cpp, go", "--help"),
    (
        &["search", "square", "--no-tests", "--kind=constructor"],
        1,
        "nothing found",
        "`magellan search square` asks for more",
    ),
    (&["find", ""], 2, "a value is required for '<NAME>'", "--help"),
    (&["callers", ""], 2, "a value is required for '<SYMBOL>'", "--help"),
    (
        &["show", "src/lib.rs:99"],
        1,
        "no definition stands at src/lib.rs:99",
        "`magellan outline src/lib.rs` lists what stands there",
    ),
    (&["outline", "src"], 1, "src is not an indexed file", "`magellan files src` lists what is indexed in it"),
    (&["explain", "load.py"], 2, "load.py is no place", "`magellan help explain`"),
    (&["find-ast", "no_such_node"], 2, "no grammar", "`magellan help find-ast`"),
    (&["search", ""], 2, "no word to search for", "`magellan help search`"),
    (&["check", "--rules", "none.toml"], 2, "none.toml does not exist", "measure = \"cyclomatic\""),
    (&["impact", "--diff"], 2, "is in no git repository", "name a symbol or a file"),
    (&["diff", "none.db"], 3, "no database at", "`magellan index --db PATH` makes one"),
    (
        &["outline", "magellan.toml"],
        1,
        "magellan.toml is not an indexed file",
        "it is in the tree: `magellan index` reads new files",
    ),
    (&["hierarchy", "load"], 1, "function load.load has no hierarchy", "`magellan refs load.load`"),
    (&["hierarchy", "Shape", "--depth", "0"], 1, "nothing below", ""),
];

#[test]
fn what_comes_to_nothing_says_why_and_what_to_type() {
    let tree = tree();
    for (words, code, said, hint) in IN_VAIN {
        let output = magellan(tree.path(), words);
        let told = format!("{}{}", stdout(&output), stderr(&output));
        assert_eq!(output.status.code(), Some(*code), "{words:?}: {told}");
        assert!(told.contains(said) && told.contains(hint), "{words:?}: {told}");
    }
}

#[test]
fn lists_that_are_cut_say_of_what() {
    let tree = tree();
    let deps = stdout(&magellan(tree.path(), &["deps", "--by", "files", "--limit", "1"]));
    assert!(deps.contains("more files of 3; `--limit 0` shows all"), "{deps}");
    let cfg = stdout(&magellan(tree.path(), &["cfg", "load", "--limit", "1"]));
    assert!(cfg.contains("more blocks of") && cfg.contains("more edges of"), "{cfg}");
    let slice = stdout(&magellan(tree.path(), &["slice", "Square::area", "--limit", "1"]));
    assert!(slice.contains("more statement") && slice.contains("further away"), "{slice}");
}

/// The column in which each row has a word.
fn columns(text: &str, word: &str) -> Vec<usize> {
    let found = |line: &str| line.find(word).map(|at| line[..at].chars().map(width).sum());
    text.lines().filter_map(found).collect()
}

/// Of the characters of this test.
fn width(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36f}' => 0,
        '\u{4e00}'..='\u{9fff}' => 2,
        _ => 1,
    }
}

#[test]
fn tables_line_up_whatever_names_are_made_of() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("a.py", "x = 1\n"), ("漢字.py", "def f():\n    pass\n"), ("e\u{301}e\u{301}.js", "f();\n")]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    assert_eq!(magellan(folder.path(), &["index"]).status.code(), Some(0));
    for (question, word, rows) in [("files", " B ", 3), ("map", " of code", 5), ("status", " call", 2)] {
        let text = stdout(&magellan(folder.path(), &[question]));
        let columns = columns(&text, word);
        assert!(columns.len() >= rows, "{question}: {text}");
        let is_aligned = |columns: &[usize]| columns.windows(2).all(|pair| pair[0] == pair[1]);
        // Of `map` there are two tables here.
        let parts = if question == "map" { vec![&columns[..2], &columns[2..]] } else { vec![&columns[..]] };
        assert!(parts.into_iter().all(is_aligned), "{question}: {text}");
    }
}
