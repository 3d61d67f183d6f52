//! What the graph does not show of a file: what frameworks call, which lives with its file, and uses of a name that lead
//! to what its value is.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::model::{Binding, BindingTarget, FileFacts, Role, ScopeKind, Symbol, SymbolId, SymbolKind};
use crate::query::entry_points::decorated;
use crate::query::texts::each_part;
use crate::query::{Ground, Result};
use crate::store::{FileRow, Part, SymbolKey, unpack_facts};

use super::life::{Life, Node};
use super::wakes::Wakes;
use super::{Asleep, Told};

/// What wakes up in files with something dead in them that were not looked at before.
pub(super) fn hidden_uses(
    ground: &Ground<'_>,
    life: &Life,
    told: &[Told],
    looked_at: &mut BTreeSet<usize>,
) -> Result<Asleep> {
    let by_file: Vec<(usize, &[Told])> = told
        .chunk_by(|one, other| life.file_of(one.node) == life.file_of(other.node))
        .filter_map(|dead| Some((life.file_of(dead[0].node)?, dead)))
        .filter(|(at, _)| looked_at.insert(*at))
        .collect();
    let files: Vec<FileRow> = by_file.iter().map(|(at, _)| life.files[*at].clone()).collect();
    let found = each_part(ground.snapshot, &files, [Part::Facts], |place, [packed]| {
        let dead = by_file[place].1.iter().filter_map(|dead| life.key(dead.node)).map(|key| key.symbol);
        Some(Hidden::of(&unpack_facts(&packed)?, dead))
    })?;
    let mut hidden = Vec::new();
    for (file, found) in files.iter().zip(found) {
        let node = |symbol: SymbolId| life.node(SymbolKey { file: file.id, symbol });
        let mut wake = |node: Option<Node>, by: Node| {
            hidden.extend(node.map(|node| (node, Wakes { by: vec![by], ..Wakes::default() })));
        };
        if found.is_decorated {
            for (key, _) in decorated(ground, file, true)? {
                wake(life.node(key), life.top_of(file.id));
            }
        }
        found.unbound.into_iter().for_each(|symbol| wake(node(symbol), life.top_of(file.id)));
        for (symbol, by) in found.values {
            wake(node(symbol), by.and_then(node).unwrap_or_else(|| life.top_of(file.id)));
        }
    }
    Ok(hidden)
}

/// The hidden uses of one file, as its facts tell.
struct Hidden {
    is_decorated: bool,
    /// Dead functions in expressions: their names are known to nobody but themselves.
    unbound: Vec<SymbolId>,
    /// Names of values, each with what stands around a use of it.
    values: Vec<(SymbolId, Option<SymbolId>)>,
}

impl Hidden {
    fn of(facts: &FileFacts, dead: impl Iterator<Item = SymbolId>) -> Self {
        let mut values: FxHashMap<&str, (SymbolId, &Symbol)> = FxHashMap::default();
        for (index, symbol) in (0..).zip(&facts.symbols).filter(|(_, symbol)| is_value(symbol)) {
            values.insert(facts.name(symbol.name), (SymbolId(index), symbol));
        }
        let sites = facts.occurrences.iter().filter(|site| site.role != Role::Write);
        let uses = sites.filter_map(|site| {
            let (id, symbol) = values.get(facts.name(site.name))?;
            let is_outside = symbol.span.end <= site.span.start || site.span.end <= symbol.span.start;
            is_outside.then_some((*id, site.symbol))
        });
        Self {
            is_decorated: facts.occurrences.iter().any(|site| site.role == Role::Decorator),
            unbound: dead.filter(|symbol| is_unbound(facts, *symbol)).collect(),
            values: uses.collect(),
        }
    }
}

/// A function in an expression: its name is known to nobody but itself.
fn is_unbound(facts: &FileFacts, id: SymbolId) -> bool {
    let own = BindingTarget::Symbol(id);
    let is_file = |binding: &Binding| facts.scopes[binding.scope.0 as usize].kind == ScopeKind::File;
    let symbol = facts.symbols.get(id.0 as usize);
    symbol.is_some_and(|symbol| symbol.parent.is_none() && symbol.kind == SymbolKind::Function)
        && !facts.bindings.iter().any(|binding| binding.target == own && is_file(binding))
}

/// A name for a value that a use may be followed through.
fn is_value(symbol: &Symbol) -> bool {
    matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Constant) && symbol.parent.is_none()
}
