//! Interfaces that are implemented without saying so: by every type that has their methods (Go).
//!
//! Methods are compared by name, number of parameters and of results; types of parameters are not. What is missed
//! that way is nothing: a type listed too many has all the methods a call on the interface could run.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{Expr, Marks, SymbolId, SymbolKind, Visibility};

use super::bases::Bases;
use super::den::Syms;
use super::world::{Name, Sym, World};

/// Most embedded types looked through for the methods of one type.
const TYPES_MAX: usize = 256;

/// The methods of types of one family, by type.
struct Methods<'w, 'a> {
    world: &'w World<'a>,
    bases: &'w Bases,
    own: FxHashMap<Sym, Vec<Sym>>,
}

/// The methods that implement each method of an interface, in path and source order.
pub(super) fn implementations(world: &World<'_>, bases: &Bases) -> FxHashMap<Sym, Syms> {
    let methods = Methods::new(world, bases);
    let mut owners: Vec<Sym> = methods.types();
    owners.sort_unstable();
    let (interfaces, types): (Vec<Sym>, Vec<Sym>) =
        owners.into_iter().partition(|&owner| world.kind(owner) == SymbolKind::Interface);
    let sets: Vec<FxHashMap<Name, Sym>> = types.iter().map(|&class| methods.of(class)).collect();
    let mut having: FxHashMap<Name, Vec<usize>> = FxHashMap::default();
    for (index, set) in sets.iter().enumerate() {
        for &name in set.keys() {
            having.entry(name).or_default().push(index);
        }
    }
    let mut found: FxHashMap<Sym, Syms> = FxHashMap::default();
    for interface in interfaces {
        let wanted = methods.of(interface);
        // The method that the fewest types have; with a fixed choice among equals.
        let rarest = wanted.keys().map(|name| (having.get(name).map_or(0, Vec::len), *name)).min();
        let Some(candidates) = rarest.and_then(|(_, name)| having.get(&name)) else { continue };
        for &index in candidates {
            methods.note(&wanted, &sets[index], &mut found);
        }
    }
    for list in found.values_mut() {
        list.sort_unstable();
        list.dedup();
    }
    found
}

impl<'w, 'a> Methods<'w, 'a> {
    fn new(world: &'w World<'a>, bases: &'w Bases) -> Self {
        let mut own: FxHashMap<Sym, Vec<Sym>> = FxHashMap::default();
        for file in &world.files {
            for (id, symbol) in (0u32..).zip(&file.facts.symbols) {
                if symbol.kind != SymbolKind::Method {
                    continue;
                }
                let method = file.sym(SymbolId(id));
                let owner = bases.owner(method).or_else(|| symbol.parent.map(|parent| file.sym(parent)));
                if let Some(owner) = owner {
                    own.entry(owner).or_default().push(method);
                }
            }
        }
        Self { world, bases, own }
    }

    /// Every type with a method of its own or an embedded one.
    fn types(&self) -> Vec<Sym> {
        let embedding = self.world.files.iter().flat_map(|file| {
            let relations = file.facts.relations.iter().map(|relation| file.sym(relation.symbol));
            relations.filter(|&symbol| self.world.kind(symbol).is_type())
        });
        let types: FxHashSet<Sym> = self.own.keys().copied().chain(embedding).collect();
        types.into_iter().collect()
    }

    /// The methods of a type by name, embedded ones behind its own.
    fn of(&self, class: Sym) -> FxHashMap<Name, Sym> {
        let mut set = FxHashMap::default();
        let mut queue = vec![class];
        let mut next = 0;
        while let Some(&class) = queue.get(next).filter(|_| next < TYPES_MAX) {
            for &method in self.own.get(&class).into_iter().flatten() {
                set.entry(self.world.name_of(method)).or_insert(method);
            }
            for &base in self.bases.supers(class) {
                if !queue.contains(&base) {
                    queue.push(base);
                }
            }
            next += 1;
        }
        set
    }

    /// Notes the methods of `set` as implementations of those `wanted`, if it has them all.
    fn note(&self, wanted: &FxHashMap<Name, Sym>, set: &FxHashMap<Name, Sym>, found: &mut FxHashMap<Sym, Syms>) {
        let pairs: Option<Vec<(Sym, Sym)>> = wanted
            .iter()
            .map(|(name, &method)| Some((method, *set.get(name).filter(|&&own| self.fits(method, own))?)))
            .collect();
        for (method, own) in pairs.into_iter().flatten() {
            if !self.world.has_mark(own, Marks::ABSTRACT) {
                found.entry(method).or_default().push(own);
            }
        }
    }

    /// Whether `own` can implement the interface's `method`, which has the same name.
    fn fits(&self, method: Sym, own: Sym) -> bool {
        let (wanted, given) = (self.world.symbol(method), self.world.symbol(own));
        let is_visible = wanted.visibility == Visibility::Public || self.module(method) == self.module(own);
        is_visible && wanted.arity == given.arity && self.results(method) == self.results(own)
    }

    fn module(&self, symbol: Sym) -> super::world::Module {
        self.world.files[self.world.file_of(symbol) as usize].module
    }

    fn results(&self, method: Sym) -> u32 {
        let facts = self.world.files[self.world.file_of(method) as usize].facts;
        match self.world.symbol(method).ty.map(|ty| facts.expr(ty)) {
            None => 0,
            Some(Expr::Tuple { items }) => items.len,
            Some(_) => 1,
        }
    }
}
