//! Control flow and complexity: a callable in, its graph as lines out; and what must hold for every graph.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use magellan::extract::{Extraction, Extractor};
use magellan::lang;
use magellan::model::{Block, Function, LineIndex, Marks};

/// The graphs and complexities of all callables in `source`, as text: for each block its index, kind, place, code and
/// edges.
fn flow(extension: &str, source: &str) -> String {
    let source = source.trim_start_matches('\n');
    let (language, dialect) = lang::by_extension(extension).unwrap();
    let extraction = Extractor::new().extract(language, dialect, source.as_bytes());
    let lines = LineIndex::new(source.as_bytes());
    let mut text = String::new();
    for function in &extraction.functions {
        let symbol = extraction.facts.symbol(function.symbol);
        let complexity = function.complexity;
        writeln!(
            text,
            "{}: cyclomatic {} cognitive {} nesting {}",
            extraction.facts.name(symbol.name),
            complexity.cyclomatic,
            complexity.cognitive,
            complexity.nesting
        )
        .unwrap();
        for (index, block) in function.cfg.blocks.iter().enumerate() {
            text.push_str(&block_line(function, index, block, source, &lines));
        }
        assert_eq!(function.cfg.faults(), Vec::<String>::new(), "in\n{text}");
    }
    text
}

fn block_line(function: &Function, index: usize, block: &Block, source: &str, lines: &LineIndex) -> String {
    let at = lines.position(block.span.start);
    let code = String::from_utf8_lossy(block.span.slice(source.as_bytes()));
    let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut line = format!("  {index} {}", block.kind.word());
    if !block.span.is_empty() {
        write!(line, " {}:{} `{code}`", at.line, at.column).unwrap();
    }
    for edge in function.cfg.edges_from(index as u32) {
        write!(line, " -{}-> {}", edge.kind.word(), edge.to).unwrap();
    }
    if !block.reachable {
        line.push_str(" (unreachable)");
    }
    line + "\n"
}

/// Checks every example in `tests/it/flow/LANGUAGE.txt`: a title after `===`, source, `---`, and the graphs. With
/// `UPDATE_FIXTURES=1` in the environment the graphs are written anew instead.
pub(crate) fn check(language: &str, extension: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/flow/{language}.txt"));
    let text = fs::read_to_string(&path).unwrap();
    let mut found = String::new();
    for example in text.split("=== ").skip(1) {
        let (title, rest) = example.split_once('\n').unwrap();
        let (source, _) = rest.split_once("---\n").unwrap_or((rest, ""));
        write!(found, "=== {title}\n{source}---\n{}\n", flow(extension, source)).unwrap();
    }
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&path, found).unwrap();
        return;
    }
    let difference = text.lines().zip(found.lines()).position(|(old, new)| old != new);
    if let Some(line) = difference {
        let around = |text: &str| text.lines().skip(line.saturating_sub(8)).take(16).collect::<Vec<_>>().join("\n");
        panic!("{}:{}\nexpected:\n{}\nfound:\n{}", path.display(), line + 1, around(&text), around(&found));
    }
    assert_eq!(text.len(), found.len(), "{} has other lines at its end", path.display());
}

#[test]
fn rust_graphs() {
    check("rust", "rs");
}

#[test]
fn python_graphs() {
    check("python", "py");
}

#[test]
fn every_callable_of_this_package_has_a_sound_graph() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["src", "tests", "benches", "examples"].map(|name| package.join(name)).to_vec();
    let mut extractor = Extractor::new();
    let (language, dialect) = lang::by_extension("rs").unwrap();
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let extraction = extractor.extract(language, dialect, &fs::read(&path).unwrap());
                sound(&extraction, &path.display().to_string());
                assert_eq!(extraction.functions.len(), callables(&extraction), "{}", path.display());
                count += extraction.functions.len();
            }
        }
    }
    assert!(count > 1000, "only {count} callables were found");
}

/// How many callables have a body.
pub(crate) fn callables(extraction: &Extraction) -> usize {
    let symbols = extraction.facts.symbols.iter().filter(|symbol| symbol.kind.is_callable());
    symbols.filter(|symbol| !symbol.marks.has(Marks::ABSTRACT) && !symbol.marks.has(Marks::DECLARATION)).count()
}

/// Asserts that all graphs keep what the model says of them.
#[track_caller]
pub(crate) fn sound(extraction: &Extraction, place: &str) {
    for function in &extraction.functions {
        let name = extraction.facts.name(extraction.facts.symbol(function.symbol).name);
        assert_eq!(function.cfg.faults(), Vec::<String>::new(), "in {name} of {place}");
        assert!(function.complexity.cyclomatic > 0, "in {name} of {place}");
    }
    let is_in_order = extraction.functions.is_sorted_by_key(|function| function.symbol);
    assert!(is_in_order, "the functions of {place} are not in symbol order");
}

#[test]
fn deep_nesting_is_walked() {
    let deep = |before: &str, inner: &str, after: &str| {
        let count = 100_000;
        format!("fn f() {{ {}{inner}{} }}", before.repeat(count), after.repeat(count))
    };
    let (language, dialect) = lang::by_extension("rs").unwrap();
    for source in [
        deep("(", "1", ")"),
        deep("{", "1", "}"),
        deep("if 1 {", "2", "}"),
        deep("if 1 { 2 } else ", "{}", ""),
        deep("1 && (", "2", ")"),
        deep("!", "1", ""),
        deep("1 || ", "2", ""),
        deep("loop {", "break", "}"),
        deep("match 1 { _ if 2 => ", "3", "}"),
        deep("x(", "1?", ")?"),
    ] {
        let extraction = Extractor::new().extract(language, dialect, source.as_bytes());
        sound(&extraction, &source[..30]);
        assert_eq!(extraction.functions.len(), 1, "{}", &source[..30]);
    }
}

/// Repeats `before` and `after` around `inner` very often, inside a callable; the graph must be sound.
pub(crate) fn deep(extension: &str, start: &str, (before, inner, after): (&str, &str, &str), end: &str) {
    let count = 20_000;
    let (language, dialect) = lang::by_extension(extension).unwrap();
    let source = format!("{start}{}{inner}{}{end}", before.repeat(count), after.repeat(count));
    let extraction = Extractor::new().extract(language, dialect, source.as_bytes());
    let place = &source[..start.len() + before.len()];
    sound(&extraction, place);
    assert!(!extraction.functions.is_empty(), "{place}");
}
