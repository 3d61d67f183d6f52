//! Writes definitions, references and call edges of a folder as JSON lines, for scoring against a compiler:
//! `cargo run --release --example linked FOLDER OUT`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use magellan::extract::Extractor;
use magellan::lang::{self, Manifest};
use magellan::link::{LinkFile, link};
use magellan::model::{Definition, FileLinks, LineIndex, Outcome, Role, SymbolId, SymbolKind, Tally};

fn walk(root: &Path, folder: &Path, out: &mut Vec<String>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(root, &path, out)?;
        } else {
            out.push(path.strip_prefix(root).expect("inside").to_string_lossy().into_owned());
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let root = std::env::args().nth(1).ok_or("usage: linked FOLDER OUT")?;
    let out = std::env::args().nth(2).ok_or("usage: linked FOLDER OUT")?;
    let mut paths = Vec::new();
    walk(Path::new(&root), Path::new(&root), &mut paths)?;
    paths.sort();
    let mut manifests = Vec::new();
    let mut files = Vec::new();
    let mut extractor = Extractor::new();
    let cpp = paths.iter().any(|path| path.ends_with(".cc") || path.ends_with(".cpp"));
    for path in &paths {
        let bytes = fs::read(Path::new(&root).join(path))?;
        let extension = path.rsplit('.').next().unwrap_or_default();
        let found = if extension == "h" {
            lang::by_dialect(if cpp { "cpp" } else { "c" })
        } else {
            lang::by_extension(extension)
        };
        match found {
            Some((language, dialect)) => {
                let (facts, _) = extractor.extract(language, dialect, &bytes);
                files.push((path.clone(), language, facts, LineIndex::new(&bytes)));
            }
            None => manifests.push(Manifest { path: path.clone(), text: String::from_utf8_lossy(&bytes).into_owned() }),
        }
    }
    let inputs: Vec<LinkFile<'_>> =
        files.iter().map(|(path, language, facts, _)| LinkFile { path, language, facts }).collect();
    let links = Mutex::new(vec![FileLinks::default(); inputs.len()]);
    let start = std::time::Instant::now();
    let cancel = AtomicBool::new(false);
    link(&inputs, &manifests, 2, &cancel, &|index, file| links.lock().expect("no panic")[index] = file);
    eprintln!("linked in {:?}", start.elapsed());
    let links = links.into_inner()?;
    let mut writer = std::io::BufWriter::new(fs::File::create(out)?);
    let at = |file: usize, offset: u32| files[file].3.position(offset);
    let callable = |file: usize, symbol: Option<SymbolId>| {
        let mut next = symbol;
        while let Some(id) = next {
            let symbol = files[file].2.symbol(id);
            if symbol.kind.is_callable() && symbol.kind != SymbolKind::Initializer {
                return Some(id);
            }
            next = symbol.parent;
        }
        None
    };
    let place = |definition: Definition| {
        let file = definition.file as usize;
        let symbol = files[file].2.symbol(definition.symbol);
        let position = at(file, symbol.name_span.start);
        (files[file].0.clone(), position, files[file].2.name(symbol.name).to_owned())
    };
    let mut tally = Tally::default();
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (file, (path, _, facts, _)) in files.iter().enumerate() {
        for symbol in &facts.symbols {
            if matches!(
                symbol.kind,
                SymbolKind::Impl | SymbolKind::ExternBlock | SymbolKind::Package | SymbolKind::Closure
            ) {
                continue;
            }
            let position = at(file, symbol.name_span.start);
            let (start, end) = (at(file, symbol.span.start), at(file, symbol.span.end));
            writeln!(
                writer,
                "{}",
                serde_json::json!({"t": "def", "file": path, "line": position.line, "col": position.column,
                "name": facts.name(symbol.name), "kind": symbol.kind.word(), "start_line": start.line, "end_line": end.line})
            )?;
        }
        for (occurrence, outcome) in facts.occurrences.iter().zip(&links[file].outcomes) {
            let position = at(file, occurrence.span.start);
            if occurrence.role == Role::Call {
                tally.count(outcome);
                if let Outcome::Unknown(reason) = outcome {
                    *reasons.entry(reason.word()).or_default() += 1;
                }
            }
            let (targets, word): (Vec<Definition>, &str) = match outcome {
                Outcome::Resolved(definition, _) => (vec![*definition], "resolved"),
                Outcome::Candidates(definitions, _) => (definitions.to_vec(), "candidate"),
                _ => continue,
            };
            for target in targets {
                let (def_file, def_position, name) = place(target);
                writeln!(
                    writer,
                    "{}",
                    serde_json::json!({"t": "ref", "file": path, "line": position.line, "col": position.column,
                    "name": facts.name(occurrence.name), "def_file": def_file, "def_line": def_position.line, "def_col": def_position.column, "def_name": name})
                )?;
                if occurrence.role == Role::Call {
                    let caller = callable(file, occurrence.symbol);
                    let (line, caller_name) = match caller {
                        Some(id) => {
                            let symbol = facts.symbol(id);
                            (at(file, symbol.name_span.start).line, facts.name(symbol.name))
                        }
                        None => (0, "<module>"),
                    };
                    writeln!(
                        writer,
                        "{}",
                        serde_json::json!({"t": "call", "caller_file": path, "caller_line": line, "caller_name": caller_name,
                        "call_line": position.line, "call_col": position.column, "callee_file": def_file, "callee_line": def_position.line,
                        "callee_name": name, "outcome": word})
                    )?;
                }
            }
        }
    }
    eprintln!("{tally:?} {reasons:?}");
    Ok(())
}
