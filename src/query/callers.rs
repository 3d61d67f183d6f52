//! Who calls a symbol. The reply says whether it names everyone, and why not if it does not.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Role, SkipReason, SymbolKind};
use crate::store::{OccurrenceRow, SymbolRow};

use super::site::{Meaning, group};
use super::why::why;
use super::{Enclosing, Ground, List, Result, SymbolName, Unresolved};

/// Which symbol, and how much to tell.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The symbol that is called.
    #[command(flatten)]
    pub name: SymbolName,
    /// List the unresolved sites that could mean it
    #[arg(long)]
    pub unresolved: bool,
    /// Tell for each site the steps that led to its outcome
    #[arg(long)]
    pub why: bool,
}

/// The call sites of a symbol.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol.
    pub symbol: SymbolRow,
    /// Whether no other site can call it.
    pub complete: bool,
    /// Number of call sites.
    pub sites: usize,
    /// The call sites by the definition they stand in; as many groups as the limit allows.
    pub callers: List<Enclosing>,
    /// Unresolved sites that could mean it, by name and number of arguments.
    pub unresolved: Unresolved,
    /// Places where it is taken as a value; what is done with the value there is not followed.
    pub taken_as_value: usize,
    /// Source files that could not be looked at.
    pub unseen_files: usize,
}

/// Finds the callers.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let symbol = args.name.one(ground)?;
    let found = Found::of(ground, &symbol)?;
    Ok(Reply {
        complete: found.is_complete(),
        sites: found.calls.len(),
        callers: grouped(ground, &found.calls, args.why)?,
        unresolved: Unresolved::new(&found.possible, if args.unresolved { ground.limit } else { 0 }),
        taken_as_value: found.taken_as_value,
        unseen_files: found.unseen_files,
        symbol,
    })
}

/// Who calls a symbol, before it is grouped and cut.
pub(super) struct Found {
    pub(super) calls: Vec<OccurrenceRow>,
    /// Number of uses that are no calls.
    pub(super) other_uses: usize,
    pub(super) possible: Vec<OccurrenceRow>,
    taken_as_value: usize,
    unseen_files: usize,
}

impl Found {
    pub(super) fn of(ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Self> {
        let snapshot = ground.snapshot;
        let meaning = Meaning::of(snapshot, symbol)?;
        let uses = meaning.uses(snapshot, |_| true)?;
        let (calls, others): (Vec<_>, Vec<_>) = uses.into_iter().partition(|row| is_run(symbol, row.role));
        let possible = meaning.possible(snapshot, |role| is_run(symbol, role))?;
        let reads = others.iter().filter(|row| row.role == Role::Read).count();
        let taken_as_value = if symbol.kind.is_callable() { reads } else { 0 };
        Ok(Self { calls, other_uses: others.len(), possible, taken_as_value, unseen_files: unseen(ground)? })
    }

    /// Whether no other site can call it.
    pub(super) fn is_complete(&self) -> bool {
        self.possible.is_empty() && self.taken_as_value == 0 && self.unseen_files == 0
    }
}

/// The groups that the limit allows, each whole.
pub(super) fn grouped(ground: &Ground<'_>, uses: &[OccurrenceRow], is_why_asked: bool) -> Result<List<Enclosing>> {
    let steps = if is_why_asked { why(ground, uses)? } else { Vec::new() };
    Ok(List::new(group(ground.snapshot, uses, steps)?, ground.limit))
}

/// Files of known languages that were left out and may hold calls; a binary one holds none.
pub(super) fn unseen(ground: &Ground<'_>) -> Result<usize> {
    let skipped = ground.snapshot.skipped()?;
    Ok(skipped.iter().filter(|file| !matches!(file.reason, SkipReason::Binary | SkipReason::Vanished)).count())
}

/// Whether a use of this role runs the symbol. Decorating with a function calls it; using a macro expands it.
fn is_run(symbol: &SymbolRow, role: Role) -> bool {
    role.is_call() || role == Role::Decorator || (role == Role::Macro && symbol.kind == SymbolKind::Macro)
}
