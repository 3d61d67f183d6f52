//! Prints the facts of one file, to look at while writing a language: `cargo run --example facts FILE`.

use std::error::Error;
use std::path::Path;

use magellan::extract::Extractor;
use magellan::lang;
use magellan::model::{LineIndex, Span, scope_path};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: facts FILE")?;
    let extension = Path::new(&path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let (language, dialect) = lang::by_extension(extension).ok_or("no language for this extension")?;
    let source = std::fs::read(&path)?;
    let facts = Extractor::new().extract(language, dialect, &source).facts;
    let lines = LineIndex::new(&source);
    let at = |span: Span| {
        let position = lines.position(span.start);
        format!("{}:{}", position.line, position.column)
    };
    for (index, symbol) in facts.symbols.iter().enumerate() {
        let id = magellan::model::SymbolId(index as u32);
        println!(
            "symbol {:>4} {:<12} {:<40} {} {} {:?} parent {:?} arity {:?}",
            at(symbol.name_span),
            symbol.kind.word(),
            scope_path(&facts, id, language.link.separator),
            symbol.visibility.word(),
            symbol.marks.words().join(","),
            symbol.ty.map(|ty| facts.expr(ty)),
            symbol.parent.map(|parent| parent.0),
            symbol.arity.map(|arity| (arity.min, arity.max)),
        );
    }
    for import in &facts.imports {
        println!("import {:>6} {:?}", at(import.span), import);
    }
    for export in &facts.exports {
        println!("export {} {:?}", facts.name(export.name), facts.expr(export.value));
    }
    for relation in &facts.relations {
        println!("relation {:?} {:?}", relation, facts.expr(relation.target));
    }
    for occurrence in &facts.occurrences {
        println!(
            "{:<9} {:>6} {:<20} in {:?} args {:?} {:?}",
            occurrence.role.word(),
            at(occurrence.span),
            facts.name(occurrence.name),
            occurrence.symbol.map(|symbol| scope_path(&facts, symbol, language.link.separator)),
            occurrence.arity,
            facts.expr(occurrence.expr),
        );
    }
    for diagnostic in &facts.diagnostics {
        println!("diagnostic {} {}", at(diagnostic.span), diagnostic.message);
    }
    println!("{:?}", facts.lines);
    Ok(())
}
