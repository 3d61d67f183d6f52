//! What the graph does not show of a file: what frameworks call, which lives with its file, and uses of a name that lead
//! to what its value is.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::model::{
    Binding, BindingTarget, FileFacts, NameId, Occurrence, Role, ScopeKind, Span, Symbol, SymbolId, SymbolKind,
};
use crate::query::entry_points::decorated;
use crate::query::offered::outside;
use crate::query::queue::Queue;
use crate::query::texts::each_part;
use crate::query::{Ground, Result};
use crate::store::{FileRow, NamePattern, Part, SymbolKey, unpack_facts};

use super::life::{Life, Node};
use super::wakes::{Wakes, has_linkage};
use super::{Asleep, Told, by_file};

/// What wakes up in files with something dead in them that were not looked at before.
pub(super) fn hidden_uses(
    ground: &Ground<'_>,
    life: &Life,
    told: &[Told],
    alive: &[bool],
    looked_at: &mut BTreeSet<usize>,
) -> Result<Asleep> {
    let by_file: Vec<(usize, &[Told])> = by_file(life, told).filter(|(at, _)| looked_at.insert(*at)).collect();
    let files: Vec<FileRow> = by_file.iter().map(|(at, _)| life.files[*at].clone()).collect();
    let found = each_part(ground.snapshot, &files, [Part::Facts], |place, [packed]| {
        let dead = by_file[place].1.iter().filter_map(|dead| life.key(dead.node)).map(|key| key.symbol);
        let file = &files[place];
        let is_dead = |symbol| life.node(SymbolKey { file: file.id, symbol }).is_some_and(|node| !alive[node as usize]);
        Some(Hidden::of(&unpack_facts(&packed)?, file, &dead.collect::<Vec<_>>(), is_dead))
    })?;
    let mut hidden = Vec::new();
    for (file, found) in files.iter().zip(found) {
        let node = |symbol: SymbolId| life.node(SymbolKey { file: file.id, symbol });
        let woken_by = |by: Option<Node>| Wakes { by: vec![by.unwrap_or(life.top_of(file.id))], ..Wakes::default() };
        let woken = found.woken.into_iter();
        hidden.extend(woken.filter_map(|(symbol, by)| Some((node(symbol)?, woken_by(by.and_then(node))))));
        for (symbol, name) in found.typed {
            let named = ground.snapshot.find(&NamePattern::Exact(name))?;
            if makes_by_code(life, named.into_iter().filter_map(|row| life.node(row.key))) {
                hidden.extend(node(symbol).map(|node| (node, woken_by(None))));
            }
        }
        let told_of = if found.is_decorated { decorated(ground, file, true)? } else { Vec::new() };
        let told_of: Vec<Node> = told_of.into_iter().filter_map(|(key, _)| life.node(key)).collect();
        hidden.extend(told_of.iter().map(|node| (*node, woken_by(None))));
        // Whoever is told of a type or module may call what it has.
        let members = told_of.into_iter().flat_map(|node| {
            let is_module = life.is(node, SymbolKind::is_module);
            if is_module { life.whole(node).split_off(1) } else { life.children(node).collect() }
        });
        hidden.extend(members.map(|member| (member, Wakes { outside_base: true, ..Wakes::default() })));
    }
    Ok(hidden)
}

/// Whether making a value of one of these types may run code: their constructors, what their fields begin with, or those
/// of what they are built on and of their fields' types.
fn makes_by_code(life: &Life, types: impl Iterator<Item = Node>) -> bool {
    let is_type = |node: &Node| life.is(*node, SymbolKind::is_type);
    let mut types = Queue::of(types);
    while let Some(found) = types.next() {
        if life.kind(found) == Some(SymbolKind::Constructor) {
            return true;
        }
        let begins_with_code = |member: Node| match life.kind(member) {
            Some(SymbolKind::Constructor) => true,
            Some(SymbolKind::Field) => life.uses(member).iter().any(|used| !is_type(used)),
            _ => false,
        };
        if life.children(found).any(begins_with_code) {
            return true;
        }
        // What a class uses by itself are the types of its fields.
        types.add(life.bases_of(found).chain(life.uses(found).iter().copied()).filter(is_type));
    }
    false
}

/// The hidden uses of one file, as its facts tell.
struct Hidden {
    /// Whether something dead, or what something dead stands in, begins with a decorator.
    is_decorated: bool,
    /// What wakes up with something else, or with the file.
    woken: Vec<(SymbolId, Option<SymbolId>)>,
    /// Dead variables outside of callables with the types that they are declared with, whose constructors may run as soon
    /// as the program does.
    typed: Vec<(SymbolId, String)>,
}

impl Hidden {
    fn of(facts: &FileFacts, file: &FileRow, dead: &[SymbolId], is_dead: impl Fn(SymbolId) -> bool) -> Self {
        let mut woken = used_values(facts);
        woken.extend(unbound(facts, dead).map(|symbol| (symbol, None)));
        woken.extend(made_through(facts, dead));
        woken.extend(named(facts, dead).map(|(class, taker)| (class, Some(taker))));
        let mut hidden = Self { is_decorated: is_decorated(facts, is_dead), woken, typed: Vec::new() };
        if outside(&file.language).is_some_and(|outside| outside.early_values) {
            hidden.woken.extend(started(facts, dead).map(|symbol| (symbol, None)));
        }
        if has_linkage(file) {
            hidden.typed = typed(facts, dead);
        }
        hidden
    }
}

/// Names of values, each with what stands around a use of it.
fn used_values(facts: &FileFacts) -> Vec<(SymbolId, Option<SymbolId>)> {
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
    uses.collect()
}

/// The dead definitions of some kinds.
fn of_kind<'f>(
    facts: &'f FileFacts,
    dead: &'f [SymbolId],
    is_kind: impl Fn(SymbolKind) -> bool + 'f,
) -> impl Iterator<Item = (SymbolId, &'f Symbol)> {
    let all = dead.iter().filter_map(|id| Some((*id, facts.symbols.get(id.0 as usize)?)));
    all.filter(move |(_, symbol)| is_kind(symbol.kind))
}

/// Whether a decorator stands before something that is dead or has something dead in it.
fn is_decorated(facts: &FileFacts, is_dead: impl Fn(SymbolId) -> bool) -> bool {
    let all = || (0..).map(SymbolId).zip(&facts.symbols);
    let decorators = facts.occurrences.iter().filter(|site| site.role == Role::Decorator);
    let is_before = |site: &Occurrence, symbol: &Symbol| {
        symbol.span.contains(site.span.start) && site.span.end <= symbol.name_span.start
    };
    let mut owners = decorators.filter_map(|site| all().find(|(_, symbol)| is_before(site, symbol)));
    owners.any(|(owner, _)| is_dead(owner) || all().any(|(id, symbol)| symbol.parent == Some(owner) && is_dead(id)))
}

/// Values outside of callables among the dead with a call in what they start with: they run as soon as the program does.
fn started<'f>(facts: &'f FileFacts, dead: &'f [SymbolId]) -> impl Iterator<Item = SymbolId> + 'f {
    let values = of_kind(facts, dead, |kind| matches!(kind, SymbolKind::Variable | SymbolKind::Constant));
    let made = values.filter(|(_, symbol)| {
        let is_in_value = |span: Span| symbol.name_span.end <= span.start && span.end <= symbol.span.end;
        facts.occurrences.iter().any(|site| site.role == Role::Call && is_in_value(site.span))
    });
    made.map(|(id, _)| id)
}

/// Variables outside of callables among the dead, each with the names of types before its own: used or defined there.
fn typed(facts: &FileFacts, dead: &[SymbolId]) -> Vec<(SymbolId, String)> {
    let mut found = Vec::new();
    for (id, symbol) in of_kind(facts, dead, |kind| kind == SymbolKind::Variable) {
        let is_before = |span: Span| symbol.span.start <= span.start && span.end <= symbol.name_span.start;
        let is_type = |site: &&Occurrence| matches!(site.role, Role::Type | Role::Inherit) && is_before(site.span);
        let types = facts.occurrences.iter().filter(is_type);
        let defined = facts.symbols.iter().filter(|other| other.kind.is_type() && is_before(other.span));
        let names = types.map(|site| site.name).chain(defined.map(|class| class.name));
        found.extend(names.map(|name| (id, facts.name(name).to_owned())));
    }
    found
}

/// The aliases among the dead whose name is called, which leads to what makes the type; each with what stands around.
fn made_through(facts: &FileFacts, dead: &[SymbolId]) -> impl Iterator<Item = (SymbolId, Option<SymbolId>)> {
    let mut aliases: FxHashMap<NameId, Vec<SymbolId>> = FxHashMap::default();
    for (id, symbol) in of_kind(facts, dead, |kind| kind == SymbolKind::TypeAlias) {
        aliases.entry(symbol.name).or_default().push(id);
    }
    let calls = facts.occurrences.iter().filter(|site| site.role == Role::Call);
    calls.flat_map(move |site| {
        let called = aliases.get(&site.name).cloned().unwrap_or_default();
        called.into_iter().map(|alias| (alias, site.symbol))
    })
}

/// The types among the dead that are defined in an alias or right before a variable, each with that.
fn named<'f>(facts: &'f FileFacts, dead: &'f [SymbolId]) -> impl Iterator<Item = (SymbolId, SymbolId)> + 'f {
    let takes = |kind: SymbolKind| matches!(kind, SymbolKind::TypeAlias | SymbolKind::Variable | SymbolKind::Field);
    of_kind(facts, dead, SymbolKind::is_type).flat_map(move |(id, own)| {
        let is_around = |taker: &Symbol| {
            // What stands in the value of a variable is defined by that, not for it.
            let is_before = taker.kind == SymbolKind::TypeAlias || own.span.end <= taker.name_span.start;
            taker.span.start <= own.span.start && own.span.end <= taker.span.end && taker.span != own.span && is_before
        };
        let takers = (0..).map(SymbolId).zip(&facts.symbols).filter(move |(_, symbol)| takes(symbol.kind));
        takers.filter(move |(_, taker)| is_around(taker)).map(move |(taker, _)| (id, taker))
    })
}

/// The functions and classes in expressions among the dead: their names are known to nobody but themselves.
fn unbound<'f>(facts: &'f FileFacts, dead: &'f [SymbolId]) -> impl Iterator<Item = SymbolId> + 'f {
    let is_file = |binding: &Binding| facts.scopes[binding.scope.0 as usize].kind == ScopeKind::File;
    let is_bound = move |id| {
        let own = BindingTarget::Symbol(id);
        facts.bindings.iter().any(|binding| binding.target == own && is_file(binding))
    };
    let can_be_value = |kind: SymbolKind| kind == SymbolKind::Function || kind == SymbolKind::Class;
    let alone = of_kind(facts, dead, can_be_value).filter(|(_, symbol)| symbol.parent.is_none()).map(|(id, _)| id);
    alone.filter(move |id| !is_bound(*id))
}

/// A name for a value that a use may be followed through.
fn is_value(symbol: &Symbol) -> bool {
    matches!(symbol.kind, SymbolKind::Variable | SymbolKind::Constant) && symbol.parent.is_none()
}
