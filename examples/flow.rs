//! Prints the control flow of the callables of one file: `cargo run --example flow FILE`.

use std::error::Error;
use std::path::Path;

use magellan::extract::Extractor;
use magellan::lang;
use magellan::model::{Cfg, LineIndex, scope_path};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: flow FILE")?;
    let extension = Path::new(&path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let (language, dialect) = lang::by_extension(extension).ok_or("no language for this extension")?;
    let source = std::fs::read(&path)?;
    let extraction = Extractor::new().extract(language, dialect, &source);
    let lines = LineIndex::new(&source);
    for function in &extraction.functions {
        let name = scope_path(&extraction.facts, function.symbol, language.link.separator);
        println!("{name}: {:?}", function.complexity);
        print_graph(&function.cfg, &source, &lines);
    }
    Ok(())
}

fn print_graph(cfg: &Cfg, source: &[u8], lines: &LineIndex) {
    for (index, block) in (0u32..).zip(&cfg.blocks) {
        let at = lines.position(block.span.start);
        let code = String::from_utf8_lossy(block.span.slice(source)).split_whitespace().collect::<Vec<_>>().join(" ");
        let edges: Vec<String> =
            cfg.edges_from(index).iter().map(|edge| format!("-{}-> {}", edge.kind.word(), edge.to)).collect();
        let mark = if block.reachable { "" } else { " (unreachable)" };
        println!("  {index} {} {}:{} `{code}` {}{mark}", block.kind.word(), at.line, at.column, edges.join(" "));
    }
    for fault in cfg.faults() {
        println!("  fault: {fault}");
    }
}
