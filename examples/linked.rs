//! Writes definitions, references and call edges of a folder as JSON lines, to be compared with what a compiler
//! says: `cargo run --release --example linked FOLDER OUT`. Prints the call sites by outcome.
//!
//! Calls of a value that was followed to what it holds (`make = Thing; make()`, `cls()`) are rows of a kind of their
//! own, `value-call`: compilers do not tell where they lead, so they are not to be judged against them.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use magellan::extract::Extractor;
use magellan::lang::Language;
use magellan::link::{LinkFile, link};
use magellan::model::{
    Definition, Expr, FileFacts, FileLinks, LineIndex, Marks, Occurrence, Outcome, Position, Relation, RelationKind,
    Role, Rule, SymbolId, SymbolKind, Tally,
};
use magellan::walk::{self, WalkOptions};
use serde_json::{Value, json};

const USAGE: &str = "usage: linked FOLDER OUT";

struct File {
    path: String,
    language: &'static Language,
    facts: FileFacts,
    lines: LineIndex,
    links: FileLinks,
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
        let (path, lines, links) = (found.path.clone(), LineIndex::new(&bytes), FileLinks::default());
        files.push(File { path, language: found.language, facts, lines, links });
    }
    let inputs: Vec<LinkFile<'_>> =
        files.iter().map(|file| LinkFile { path: &file.path, language: file.language, facts: &file.facts }).collect();
    let links = Mutex::new(vec![FileLinks::default(); inputs.len()]);
    link(&inputs, &tree.manifests, 2, &AtomicBool::new(false), &|index, file| {
        links.lock().expect("linking does not panic")[index] = file;
    });
    let mut writer = BufWriter::new(fs::File::create(out)?);
    let mut calls = Tally::default();
    for (file, links) in files.iter_mut().zip(links.into_inner()?) {
        file.links = links;
    }
    for file in &files {
        definitions(file, &mut writer)?;
        for (occurrence, outcome) in file.facts.occurrences.iter().zip(&file.links.outcomes) {
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
        // Where linkage joins declarations to definitions, only the latter count.
        let is_joined = file.language.link.linkage && symbol.marks.has(Marks::DECLARATION);
        if no_definition.contains(&symbol.kind) || is_joined {
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
    let (targets, word, rule): (&[Definition], &str, Rule) = match outcome {
        Outcome::Resolved(definition, rule) => (std::slice::from_ref(definition), "resolved", *rule),
        Outcome::Candidates(definitions, rule) => (definitions, "candidate", *rule),
        _ => return Ok(()),
    };
    for target in targets {
        let home = &files[target.file as usize];
        writeln!(out, "{}", reference(files, file, occurrence, *target))?;
        // A macro is expanded, not called.
        let is_macro = home.facts.symbol(target.symbol).kind == SymbolKind::Macro;
        if occurrence.role == Role::Call && !is_macro {
            let mut row = call(file, occurrence, home, target.symbol);
            row["outcome"] = word.into();
            if rule == Rule::FunctionValue {
                row["t"] = "value-call".into();
            }
            writeln!(out, "{row}")?;
        }
    }
    Ok(())
}

/// The class that a call names, where what it runs is a constructor of another name or of the class's own name.
fn constructed(files: &[File], file: &File, occurrence: &Occurrence, target: Definition) -> Option<Definition> {
    let home = &files[target.file as usize];
    let symbol = home.facts.symbol(target.symbol);
    let name = home.facts.name(symbol.name);
    let is_special = home.language.link.constructors.contains(&name);
    let names_it = is_special && file.facts.name(occurrence.name) == name;
    let is_constructor = symbol.kind == SymbolKind::Constructor || is_special && symbol.kind == SymbolKind::Method;
    let is_chained = matches!(file.facts.expr(occurrence.expr), Expr::Super(_) | Expr::Instance(_));
    if !is_constructor || names_it || is_chained || occurrence.role != Role::Call {
        return None;
    }
    let is_owner = |relation: &Relation| relation.symbol == target.symbol && relation.kind == RelationKind::MemberOf;
    match home.facts.relations.iter().position(is_owner).map(|index| &home.links.relations[index]) {
        Some(Outcome::Resolved(class, _)) => Some(*class),
        _ => symbol.parent.map(|class| Definition { file: target.file, symbol: class }),
    }
}

fn reference(files: &[File], file: &File, occurrence: &Occurrence, target: Definition) -> Value {
    let at = file.lines.position(occurrence.span.start);
    let target = constructed(files, file, occurrence, target).unwrap_or(target);
    let home = &files[target.file as usize];
    let (definition, name) = home.place(target.symbol);
    json!({
        "t": "ref", "file": file.path, "line": at.line, "col": at.column, "name": file.facts.name(occurrence.name),
        "def_file": home.path, "def_line": definition.line, "def_col": definition.column, "def_name": name,
    })
}

fn call(file: &File, occurrence: &Occurrence, home: &File, target: SymbolId) -> Value {
    let at = file.lines.position(occurrence.span.start);
    let (definition, name) = home.place(target);
    let caller = file.caller(occurrence).map(|id| file.place(id));
    let (caller_line, caller_name) = caller.map_or((0, "<module>"), |(position, name)| (position.line, name));
    json!({
        "t": "call", "caller_file": file.path, "caller_line": caller_line, "caller_name": caller_name,
        "call_line": at.line, "call_col": at.column, "callee_file": home.path, "callee_line": definition.line,
        "callee_name": name,
    })
}
