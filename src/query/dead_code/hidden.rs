//! What the graph does not show of a file: what frameworks call, which lives with its file, and uses of a name that lead
//! to what its value is.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::model::{Binding, BindingTarget, FileFacts, Role, ScopeKind, Span, Symbol, SymbolId, SymbolKind};
use crate::query::entry_points::decorated;
use crate::query::texts::each_part;
use crate::query::{Ground, Result};
use crate::store::{FileRow, NamePattern, Part, SymbolKey, unpack_facts};

use super::life::{Life, Node};
use super::wakes::{Wakes, has_linkage};
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
        Some(Hidden::of(&unpack_facts(&packed)?, &dead.collect::<Vec<_>>()))
    })?;
    let mut hidden = Vec::new();
    for (file, found) in files.iter().zip(found) {
        let node = |symbol: SymbolId| life.node(SymbolKey { file: file.id, symbol });
        let mut told_of = Vec::new();
        let mut wake = |node: Option<Node>, by: Node| {
            hidden.extend(node.map(|node| (node, woken_by(by))));
        };
        if found.is_decorated {
            for node in decorated(ground, file, true)?.into_iter().filter_map(|(key, _)| life.node(key)) {
                wake(Some(node), life.top_of(file.id));
                told_of.push(node);
            }
        }
        found.unbound.into_iter().for_each(|symbol| wake(node(symbol), life.top_of(file.id)));
        for (symbol, by) in found.values {
            wake(node(symbol), by.and_then(node).unwrap_or_else(|| life.top_of(file.id)));
        }
        for (symbol, alias) in found.named {
            hidden.extend(node(symbol).zip(node(alias)).map(|(node, alias)| (node, woken_by(alias))));
        }
        for (symbol, name) in found.typed.into_iter().filter(|_| has_linkage(file)) {
            let named = ground.snapshot.find(&NamePattern::Exact(name))?;
            if named.iter().any(|row| row.kind == SymbolKind::Constructor) {
                hidden.extend(node(symbol).map(|node| (node, woken_by(life.top_of(file.id)))));
            }
        }
        // Whoever is told of a type may call what it has.
        let members = told_of.into_iter().flat_map(|node| life.children(node));
        hidden.extend(members.map(|member| (member, Wakes { outside_base: true, ..Wakes::default() })));
    }
    Ok(hidden)
}

fn woken_by(node: Node) -> Wakes {
    Wakes { by: vec![node], ..Wakes::default() }
}

/// The hidden uses of one file, as its facts tell.
struct Hidden {
    is_decorated: bool,
    /// Dead functions in expressions: their names are known to nobody but themselves.
    unbound: Vec<SymbolId>,
    /// Names of values, each with what stands around a use of it.
    values: Vec<(SymbolId, Option<SymbolId>)>,
    /// Dead variables outside of callables with the types that they are declared with, whose constructors may run as soon
    /// as the program does.
    typed: Vec<(SymbolId, String)>,
    /// Dead types, each with a name that is given to it where it is defined.
    named: Vec<(SymbolId, SymbolId)>,
}

impl Hidden {
    fn of(facts: &FileFacts, dead: &[SymbolId]) -> Self {
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
            unbound: dead.iter().copied().filter(|symbol| is_unbound(facts, *symbol)).collect(),
            typed: typed(facts, dead),
            named: named(facts, dead),
            values: uses.collect(),
        }
    }
}

/// Variables outside of callables among the dead, each with the names of types before its own.
fn typed(facts: &FileFacts, dead: &[SymbolId]) -> Vec<(SymbolId, String)> {
    let mut found = Vec::new();
    for &id in dead {
        let Some(symbol) = facts.symbols.get(id.0 as usize).filter(|symbol| symbol.kind == SymbolKind::Variable) else {
            continue;
        };
        let is_before = |span: Span| symbol.span.start <= span.start && span.end <= symbol.name_span.start;
        let types = facts.occurrences.iter().filter(|site| site.role == Role::Type && is_before(site.span));
        found.extend(types.map(|site| (id, facts.name(site.name).to_owned())));
    }
    found
}

/// The types among the dead that are defined in an alias, each with that.
fn named(facts: &FileFacts, dead: &[SymbolId]) -> Vec<(SymbolId, SymbolId)> {
    let aliases = || (0..).zip(&facts.symbols).filter(|(_, symbol)| symbol.kind == SymbolKind::TypeAlias);
    let mut found = Vec::new();
    for &id in dead {
        let Some(own) = facts.symbols.get(id.0 as usize).filter(|symbol| symbol.kind.is_type()) else { continue };
        let is_around = |alias: &Symbol| {
            alias.span.start <= own.span.start && own.span.end <= alias.span.end && alias.span != own.span
        };
        found.extend(aliases().filter(|(_, alias)| is_around(alias)).map(|(alias, _)| (id, SymbolId(alias))));
    }
    found
}

/// A function or class in an expression: its name is known to nobody but itself.
fn is_unbound(facts: &FileFacts, id: SymbolId) -> bool {
    let own = BindingTarget::Symbol(id);
    let is_file = |binding: &Binding| facts.scopes[binding.scope.0 as usize].kind == ScopeKind::File;
    let symbol = facts.symbols.get(id.0 as usize);
    let can_be_value = |kind: SymbolKind| kind == SymbolKind::Function || kind == SymbolKind::Class;
    symbol.is_some_and(|symbol| symbol.parent.is_none() && can_be_value(symbol.kind))
        && !facts.bindings.iter().any(|binding| binding.target == own && is_file(binding))
}

/// A name for a value that a use may be followed through.
fn is_value(symbol: &Symbol) -> bool {
    matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Constant) && symbol.parent.is_none()
}
