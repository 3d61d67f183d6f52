//! Definitions by name or glob.

use clap::builder::NonEmptyStringValueParser;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::SymbolKind;
use crate::store::SymbolRow;

use super::name::{by_glob, similar};
use super::{Ground, List, QueryError, Result, SymbolName, pattern};

/// Which definitions.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Simple or qualified name, glob (`parse_*`, `Type::get_*`), `path:line`, `path#name` or the first digits of an id
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub name: String,
    /// Only definitions of this kind: function, method, class, struct, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// Only definitions in this language
    #[arg(long, value_name = "LANGUAGE", value_parser = pattern::language)]
    pub language: Option<String>,
}

/// The definitions found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// Sorted by path and position.
    pub symbols: List<SymbolRow>,
}

/// Finds definitions; a name that nothing has is an error that names near ones.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let mut found = if pattern::is_glob(&args.name) {
        by_glob(ground, &args.name)?
    } else {
        SymbolName { symbol: args.name.clone(), kind: None }.all(ground)?
    };
    found.retain(|symbol| args.kind.is_none_or(|kind| symbol.kind == kind));
    if found.is_empty() {
        let similar = similar(ground, &args.name)?;
        return Err(QueryError::NoSymbol { name: args.name.clone(), kind: args.kind, similar });
    }
    found.retain(|symbol| args.language.as_ref().is_none_or(|language| symbol.language == *language));
    Ok(Reply { symbols: List::new(found, ground.limit) })
}
