//! Text in, text out: small multi-file projects in one string, expectations as caret comments.
//!
//! A file starts with a line `//- path` (or `//- path dialect` where the extension does not say it). Below a
//! source line, a comment with carets states what the token above them means:
//!
//! ```text
//! fn main() { helper(1); }
//! //          ^^^^^^ call resolved src/b.rs#helper lexical_scope
//! ```
//!
//! The words are role, outcome, and then by outcome: definitions as `path#scope path` joined by `, ` and perhaps
//! the rule; an external name; or the reason.

use std::fmt::Write as _;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use magellan::extract::Extractor;
use magellan::lang::{self, Dialect, Language, Manifest};
use magellan::link::{LinkFile, link};
use magellan::model::{Definition, FileFacts, FileLinks, LineIndex, Outcome, SymbolId, scope_path};

/// One file of a fixture.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
    dialect: Option<String>,
}

/// Splits a fixture into its files.
pub(crate) fn files(fixture: &str) -> Vec<Source> {
    let mut files: Vec<Source> = Vec::new();
    for line in fixture.lines() {
        if let Some(head) = line.trim_start().strip_prefix("//- ") {
            let mut words = head.split_whitespace();
            let path = words.next().expect("a path follows //-").to_owned();
            files.push(Source { path, text: String::new(), dialect: words.next().map(str::to_owned) });
        } else if let Some(file) = files.last_mut() {
            file.text.push_str(line);
            file.text.push('\n');
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// A fixture after extraction and linking.
pub(crate) struct Linked {
    pub(crate) sources: Vec<Source>,
    pub(crate) languages: Vec<&'static Language>,
    pub(crate) facts: Vec<FileFacts>,
    pub(crate) links: Vec<FileLinks>,
}

impl Linked {
    /// `path#scope path` of a definition.
    pub(crate) fn name(&self, definition: Definition) -> String {
        let file = definition.file as usize;
        let separator = self.languages[file].link.separator;
        format!("{}#{}", self.sources[file].path, scope_path(&self.facts[file], definition.symbol, separator))
    }

    /// Every definition that an occurrence of a file can mean.
    pub(crate) fn targets(&self, file: usize) -> Vec<Definition> {
        let outcomes = &self.links[file].outcomes;
        let each = outcomes.iter().flat_map(|outcome| match outcome {
            Outcome::Resolved(definition, _) => vec![*definition],
            Outcome::Candidates(definitions, _) => definitions.to_vec(),
            _ => Vec::new(),
        });
        each.collect()
    }

    fn outcome(&self, outcome: &Outcome) -> String {
        match outcome {
            Outcome::Resolved(definition, rule) => format!("resolved {} {}", self.name(*definition), rule.word()),
            Outcome::Candidates(definitions, rule) => {
                let names: Vec<String> = definitions.iter().map(|definition| self.name(*definition)).collect();
                format!("candidates {} {}", names.join(", "), rule.word())
            }
            Outcome::File(file, rule) => format!("file {} {}", self.sources[*file as usize].path, rule.word()),
            Outcome::External(name, _) => format!("external {name}"),
            Outcome::Unknown(reason) => format!("unknown {}", reason.word()),
        }
    }
}

fn dialect_of(source: &Source) -> Option<(&'static Language, &'static Dialect)> {
    if let Some(name) = &source.dialect {
        return lang::by_dialect(name);
    }
    lang::by_extension(source.path.rsplit('.').next()?)
}

/// Extracts and links a fixture with `threads` threads. Files of no known language are manifests.
pub(crate) fn linked(fixture: &str, threads: usize) -> Linked {
    let (sources, manifests): (Vec<Source>, Vec<Source>) =
        files(fixture).into_iter().partition(|source| dialect_of(source).is_some());
    let manifests: Vec<Manifest> =
        manifests.into_iter().map(|source| Manifest { path: source.path, text: source.text }).collect();
    let mut extractor = Extractor::new();
    let mut languages = Vec::new();
    let mut facts = Vec::new();
    for source in &sources {
        let (language, dialect) = dialect_of(source).expect("partitioned by it");
        languages.push(language);
        facts.push(extractor.extract(language, dialect, source.text.as_bytes()).facts);
    }
    let inputs: Vec<LinkFile<'_>> = sources
        .iter()
        .zip(&languages)
        .zip(&facts)
        .map(|((source, language), facts)| LinkFile { path: &source.path, language, facts })
        .collect();
    let links = Mutex::new(vec![FileLinks::default(); inputs.len()]);
    let cancel = AtomicBool::new(false);
    link(&inputs, &manifests, None, threads, &cancel, &|index, file| links.lock().unwrap()[index] = file.links);
    let links = links.into_inner().unwrap();
    Linked { sources, languages, facts, links }
}

/// Checks every caret comment of a fixture, and that each occurrence has exactly one outcome.
#[track_caller]
pub(crate) fn links(fixture: &str) {
    let linked = linked(fixture, 1);
    let mut wrong = String::new();
    let mut checked = 0;
    for (file, source) in linked.sources.iter().enumerate() {
        assert_eq!(linked.facts[file].occurrences.len(), linked.links[file].outcomes.len(), "{}", source.path);
        let lines = LineIndex::new(source.text.as_bytes());
        let mut code_line = 0;
        for (number, line) in (1u32..).zip(source.text.lines()) {
            let Some((column, length, expected)) = expectation(line) else {
                code_line = number;
                continue;
            };
            checked += 1;
            let start = lines.line_start(code_line).expect("a line above the carets") + column;
            let found = outcomes_at(&linked, file, start, start + length);
            let role = expected.split_whitespace().next().unwrap_or_default();
            if !found.iter().any(|actual| matches(actual, &expected)) {
                let same_role: Vec<&String> = found.iter().filter(|actual| actual.starts_with(role)).collect();
                let shown = if same_role.is_empty() { found.iter().collect() } else { same_role };
                let _ = writeln!(
                    wrong,
                    "{}:{code_line}:{column}\n  expected {expected}\n  actual   {shown:?}",
                    source.path
                );
            }
        }
    }
    assert!(checked > 0, "the fixture expects nothing");
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Column and length of the carets and what is expected, if the line is a caret comment.
fn expectation(line: &str) -> Option<(u32, u32, String)> {
    let comment = line.trim_start();
    let body = comment.strip_prefix("//").or_else(|| comment.strip_prefix('#'))?;
    let body = body.trim_start();
    if !body.starts_with('^') {
        return None;
    }
    let length = body.bytes().take_while(|byte| *byte == b'^').count();
    let column = line.len() - body.len();
    Some((column as u32, length as u32, body[length..].trim().to_owned()))
}

fn outcomes_at(linked: &Linked, file: usize, start: u32, end: u32) -> Vec<String> {
    let facts = &linked.facts[file];
    facts
        .occurrences
        .iter()
        .zip(&linked.links[file].outcomes)
        .filter(|(occurrence, _)| occurrence.span.start == start && occurrence.span.end == end)
        .map(|(occurrence, outcome)| format!("{} {}", occurrence.role.word(), linked.outcome(outcome)))
        .collect()
}

/// The rule at the end may be left out, or everything after role and outcome.
fn matches(actual: &str, expected: &str) -> bool {
    let is_bare = !expected.contains('#') && expected.split_whitespace().count() == 2;
    is_bare && actual.starts_with(&format!("{expected} "))
        || actual == expected
        || actual.rsplit_once(' ').is_some_and(|(front, _)| front == expected && actual.contains('#'))
}

/// Checks the nested list of definitions of every file: `kind name [marks]`, two blanks for each level.
#[track_caller]
pub(crate) fn outline(fixture: &str, expected: &str) {
    let linked = linked(fixture, 1);
    let mut actual = String::new();
    for (file, source) in linked.sources.iter().enumerate() {
        if linked.sources.len() > 1 {
            let _ = writeln!(actual, "//- {}", source.path);
        }
        write_outline(&linked.facts[file], &mut actual);
    }
    let expected = dedent(expected);
    assert_eq!(actual.trim_end(), expected.trim(), "\nactual:\n{actual}");
}

fn write_outline(facts: &FileFacts, out: &mut String) {
    for symbol in &facts.symbols {
        let mut depth = 0;
        let mut next = symbol.parent;
        while let Some(SymbolId(parent)) = next {
            depth += 1;
            next = facts.symbols[parent as usize].parent;
        }
        let marks = symbol.marks.words().join(" ");
        let marks = if marks.is_empty() { marks } else { format!(" [{marks}]") };
        let _ = writeln!(out, "{}{} {}{marks}", "  ".repeat(depth), symbol.kind.word(), facts.name(symbol.name));
    }
}

fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let margin = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    lines.iter().map(|line| &line[margin..]).collect::<Vec<_>>().join("\n")
}

/// Extracts truncations and mutations of a sample, and deep nesting made of it; nothing may panic.
pub(crate) fn survives(dialect: &str, sample: &str) {
    let (language, dialect) = lang::by_dialect(dialect).expect("a known dialect");
    let mut extractor = Extractor::new();
    let bytes = sample.as_bytes();
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..200 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let position = (seed % bytes.len().max(1) as u64) as usize;
        let mut mutated = bytes.to_vec();
        match round % 3 {
            0 => mutated.truncate(position),
            1 => mutated[position] = (seed >> 32) as u8,
            _ => {
                mutated.drain(position..(position + 5).min(bytes.len()));
            }
        }
        let extraction = extractor.extract(language, dialect, &mutated);
        crate::flow::sound(&extraction, &String::from_utf8_lossy(&mutated));
    }
    for open in ["(", "[", "{", "a.b(", "if (a) {", "class A { void f() {"] {
        extractor.extract(language, dialect, open.repeat(10_000).as_bytes());
    }
}
