//! The source of a symbol as a chunk, and what was stored under its name.

use schemars::JsonSchema;
use serde::Serialize;

use crate::store::{ChunkPattern, SymbolRow};

use super::chunks::{Row, of_chunk, of_symbol, stored_of};
use super::{Ground, List, QueryError, Result, SymbolName};

/// Which symbol.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The symbol whose source is wanted.
    #[command(flatten)]
    pub name: SymbolName,
}

/// The chunks of a symbol.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol; none if only stored chunks know the name.
    pub symbol: Option<SymbolRow>,
    /// Its definition first, then the stored ones by path and position.
    pub chunks: List<Row>,
}

/// Finds the chunks.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let (symbol, stored) = match args.name.one(ground) {
        Ok(symbol) => {
            let stored = stored_of(ground, &symbol)?;
            (Some(symbol), stored)
        }
        Err(QueryError::NoSymbol { name, kind, similar }) => {
            let mut stored = ground.snapshot.chunks(&ChunkPattern::Symbol(name.clone()))?;
            stored.retain(|chunk| args.name.kind.is_none_or(|kind| kind.word() == chunk.kind));
            if stored.is_empty() {
                return Err(QueryError::NoSymbol { name, kind, similar });
            }
            (None, stored)
        }
        Err(error) => return Err(error),
    };
    let mut rows = Vec::new();
    if let Some(symbol) = &symbol {
        rows.push(of_symbol(symbol, &ground.snapshot.text(symbol.key.file)?, true));
    }
    rows.extend(stored.iter().map(|chunk| of_chunk(chunk, None, true)));
    Ok(Reply { symbol, chunks: List::new(rows, ground.limit) })
}
