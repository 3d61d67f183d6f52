//! Every use of a symbol.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Role;
use crate::store::SymbolRow;

use super::callers::{grouped, unseen};
use super::site::Meaning;
use super::{Enclosing, Ground, List, Result, SymbolName, Unresolved, pattern};

/// Which symbol, and which uses.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The symbol that is used.
    #[command(flatten)]
    pub name: SymbolName,
    /// Only uses of this role: call, read, write, type, import, inherit, macro, decorator
    #[arg(long, value_name = "ROLE", value_parser = pattern::role)]
    pub role: Option<Role>,
    /// List the unresolved uses that could mean it
    #[arg(long)]
    pub unresolved: bool,
    /// Tell for each use the steps that led to its outcome
    #[arg(long)]
    pub why: bool,
}

/// The uses of a symbol.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol.
    pub symbol: SymbolRow,
    /// Whether there is no other use.
    pub complete: bool,
    /// Number of uses.
    pub uses: usize,
    /// The uses by the definition they stand in; as many groups as the limit allows.
    pub users: List<Enclosing>,
    /// Unresolved uses that could mean it.
    pub unresolved: Unresolved,
    /// Source files that could not be looked at.
    pub unseen_files: usize,
}

/// Finds the uses.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let symbol = args.name.one(ground)?;
    let meaning = Meaning::of(ground.snapshot, &symbol)?;
    let wanted = |role| args.role.is_none_or(|wanted| wanted == role);
    let uses = meaning.uses(ground.snapshot, wanted)?;
    let possible = meaning.possible(ground.snapshot, wanted)?;
    let unseen_files = unseen(ground)?;
    Ok(Reply {
        complete: possible.is_empty() && unseen_files == 0,
        uses: uses.len(),
        users: grouped(ground, &uses, args.why)?,
        unresolved: Unresolved::new(&possible, if args.unresolved { ground.limit } else { 0 }),
        unseen_files,
        symbol,
    })
}
