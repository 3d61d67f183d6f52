//! The definitions of a file. A flat list with depths rather than a nested one, so that no depth of nesting in
//! the source can become a depth of recursion in whoever reads the reply.

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::SymbolKind;
use crate::store::{FileRow, SymbolKey, SymbolRow};

use super::{Ground, List, Result, pattern};

/// Which file.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The file, relative to the current folder
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Show closures too
    #[arg(long)]
    pub closures: bool,
}

/// What a file defines.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The file.
    pub file: FileRow,
    /// Its definitions in source order, parents before children.
    pub symbols: List<Entry>,
}

/// A definition and where it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// Number of definitions around it.
    pub depth: u32,
    /// Id of the definition directly around it.
    pub parent: Option<String>,
    /// The definition.
    #[serde(flatten)]
    pub symbol: SymbolRow,
}

/// Lists the definitions.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let file = pattern::file(ground, &args.file)?;
    let mut depths: FxHashMap<SymbolKey, (u32, String)> = FxHashMap::default();
    let mut entries = Vec::new();
    for symbol in ground.snapshot.symbols(file.id)? {
        if symbol.kind == SymbolKind::Closure && !args.closures {
            continue;
        }
        let around = symbol.parent.and_then(|parent| depths.get(&parent));
        let depth = around.map_or(0, |(depth, _)| depth + 1);
        let parent = around.map(|(_, id)| id.clone());
        depths.insert(symbol.key, (depth, symbol.id.to_string()));
        entries.push(Entry { depth, parent, symbol });
    }
    Ok(Reply { file, symbols: List::new(entries, ground.limit) })
}
