//! Writes definitions, references and call edges of a folder as JSON lines, to be compared with what a compiler
//! says: `cargo run --release --example linked FOLDER OUT`. Prints the call sites by outcome.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use magellan::extract::Extractor;
use magellan::link::{LinkFile, link};
use magellan::model::{
    Definition, FileFacts, FileLinks, LineIndex, Marks, Occurrence, Outcome, Position, RelationKind, Role, SymbolId,
    SymbolKind, Tally,
};
use magellan::walk::{self, WalkOptions};
use serde_json::{Value, json};

const USAGE: &str = "usage: linked FOLDER OUT";

struct File {
    path: String,
    facts: FileFacts,
    lines: LineIndex,
    /// What each relation leads to, once linked.
    relations: Vec<Outcome>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (root, out) = (arguments.next().ok_or(USAGE)?, arguments.next().ok_or(USAGE)?);
    let tree = walk::walk(Path::new(&root), &WalkOptions::default())?;
    let mut extractor = Extractor::new();
    let mut files = Vec::new();
    for found in &tree.files {
        let bytes = walk::read(found).map_err(|(reason, detail)| format!("{}: {reason:?} {detail}", found.path))?;
        let facts = extractor.extract(found.language, found.dialect, &bytes).facts;
        files.push(File { path: found.path.clone(), facts, lines: LineIndex::new(&bytes), relations: Vec::new() });
    }
    let inputs: Vec<LinkFile<'_>> = files
        .iter()
        .zip(&tree.files)
        .map(|(file, found)| LinkFile { path: &file.path, language: found.language, facts: &file.facts })
        .collect();
    let links = Mutex::new(vec![FileLinks::default(); inputs.len()]);
    link(&inputs, &tree.manifests, 2, &AtomicBool::new(false), &|index, file| {
        links.lock().expect("linking does not panic")[index] = file;
    });
    let mut writer = BufWriter::new(fs::File::create(out)?);
    let mut calls = Tally::default();
    drop(inputs);
    let mut links = links.into_inner()?;
    for (file, links) in files.iter_mut().zip(&mut links) {
        file.relations = std::mem::take(&mut links.relations);
    }
    for (file, links) in files.iter().zip(&links) {
        definitions(file, &mut writer)?;
        for (occurrence, outcome) in file.facts.occurrences.iter().zip(&links.outcomes) {
            if occurrence.role == Role::Call {
                calls.count(outcome);
            }
            uses(&files, file, occurrence, outcome, &mut writer)?;
        }
    }
    println!("{calls:?}");
    Ok(())
}

impl File {
    fn place(&self, id: SymbolId) -> (Position, &str) {
        let symbol = self.facts.symbol(id);
        (self.lines.position(symbol.name_span.start), self.facts.name(symbol.name))
    }

    /// The callable around an occurrence; none for code outside any.
    fn caller(&self, occurrence: &Occurrence) -> Option<SymbolId> {
        let mut next = occurrence.symbol;
        while let Some(id) = next {
            let symbol = self.facts.symbol(id);
            if symbol.kind.is_callable() && symbol.kind != SymbolKind::Initializer {
                return Some(id);
            }
            next = symbol.parent;
        }
        None
    }
}

fn definitions(file: &File, out: &mut impl Write) -> std::io::Result<()> {
    let no_definition = [SymbolKind::Impl, SymbolKind::ExternBlock, SymbolKind::Package, SymbolKind::Closure];
    for (id, symbol) in (0u32..).map(SymbolId).zip(&file.facts.symbols) {
        if no_definition.contains(&symbol.kind) || symbol.marks.has(Marks::DECLARATION) {
            continue;
        }
        let (position, name) = file.place(id);
        let line = |offset| file.lines.position(offset).line;
        let row = json!({
            "t": "def", "file": file.path, "line": position.line, "col": position.column, "name": name,
            "kind": symbol.kind.word(), "start_line": line(symbol.span.start), "end_line": line(symbol.span.end),
        });
        writeln!(out, "{row}")?;
    }
    Ok(())
}

fn uses(
    files: &[File],
    file: &File,
    occurrence: &Occurrence,
    outcome: &Outcome,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let (targets, word): (&[Definition], &str) = match outcome {
        Outcome::Resolved(definition, _) => (std::slice::from_ref(definition), "resolved"),
        Outcome::Candidates(definitions, _) => (definitions, "candidate"),
        Outcome::File(module, _) => {
            return writeln!(out, "{}", module_reference(file, occurrence, &files[*module as usize]));
        }
        _ => return Ok(()),
    };
    for target in targets {
        let home = &files[target.file as usize];
        if let Some((home, named)) = named(files, file, occurrence, *target) {
            writeln!(out, "{}", reference(file, occurrence, home, named))?;
        }
        if occurrence.role == Role::Call {
            writeln!(out, "{}", call(file, occurrence, home, target.symbol, word))?;
        }
    }
    Ok(())
}

/// What the name at an occurrence stands for: a constructor is called by the name of its class. None where no name
/// stands there (`this(...)`, `super(...)`).
fn named<'f>(
    files: &'f [File],
    file: &File,
    occurrence: &Occurrence,
    target: Definition,
) -> Option<(&'f File, SymbolId)> {
    let home = &files[target.file as usize];
    let symbol = home.facts.symbol(target.symbol);
    let written = file.facts.name(occurrence.name);
    let is_class = |class: SymbolId| home.facts.symbol(class).kind.is_type() && home.place(class).1 == written;
    // `Class()` runs `__init__` in Python.
    let constructs = symbol.kind == SymbolKind::Constructor
        || home.place(target.symbol).1 != written && symbol.parent.is_some_and(is_class);
    if !constructs || occurrence.role != Role::Call {
        return Some((home, target.symbol));
    }
    let attached = (home.facts.relations.iter().zip(&home.relations))
        .find(|(relation, _)| relation.symbol == target.symbol && relation.kind == RelationKind::MemberOf);
    let (home, class) = match attached {
        Some((_, Outcome::Resolved(class, _))) => (&files[class.file as usize], class.symbol),
        _ => (home, symbol.parent?),
    };
    (home.place(class).1 == written).then_some((home, class))
}

fn reference(file: &File, occurrence: &Occurrence, home: &File, target: SymbolId) -> Value {
    let at = file.lines.position(occurrence.span.start);
    let (definition, name) = home.place(target);
    json!({
        "t": "ref", "file": file.path, "line": at.line, "col": at.column, "name": file.facts.name(occurrence.name),
        "def_file": home.path, "def_line": definition.line, "def_col": definition.column, "def_name": name,
    })
}

/// A file that is a module is defined by its first byte.
fn module_reference(file: &File, occurrence: &Occurrence, module: &File) -> Value {
    let at = file.lines.position(occurrence.span.start);
    let name = file.facts.name(occurrence.name);
    json!({
        "t": "ref", "file": file.path, "line": at.line, "col": at.column, "name": name,
        "def_file": module.path, "def_line": 1, "def_col": 0, "def_name": name,
    })
}

fn call(file: &File, occurrence: &Occurrence, home: &File, target: SymbolId, outcome: &str) -> Value {
    let at = file.lines.position(occurrence.span.start);
    let (definition, name) = home.place(target);
    let caller = file.caller(occurrence).map(|id| file.place(id));
    let (caller_line, caller_name) = caller.map_or((0, "<module>"), |(position, name)| (position.line, name));
    json!({
        "t": "call", "caller_file": file.path, "caller_line": caller_line, "caller_name": caller_name,
        "call_line": at.line, "call_col": at.column, "callee_file": home.path, "callee_line": definition.line,
        "callee_name": name, "outcome": outcome,
    })
}
