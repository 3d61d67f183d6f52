//! Interfaces that are implemented without saying so: by every type that has their methods (Go).
//!
//! Methods are compared by name, by what they take and by what they give. Where a type in a signature is not known,
//! it counts as the same: a type too many may be listed, none is missed.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{Expr, ExprId, Marks, SymbolId, SymbolKind, Visibility};

use super::bases::Bases;
use super::den::{Den, Syms, Ty};
use super::lookup::Resolver;
use super::reads::Reads;
use super::world::{Name, Sym, World};

/// Most embedded types looked through for the methods of one type, and most implementations listed for one method.
const TYPES_MAX: usize = 256;

/// The methods of types of one family, by type.
struct Methods<'w, 'a> {
    world: &'w World<'a>,
    bases: &'w Bases,
    own: FxHashMap<Sym, Vec<Sym>>,
}

/// Most types looked at for one interface: those that have the method of it that the fewest types have.
const CANDIDATES_MAX: usize = 4_096;

/// The methods that implement each method of an interface, in path and source order; none if they are too many to
/// list, or to look at.
pub(super) fn implementations(world: &World<'_>, bases: &Bases) -> FxHashMap<Sym, Option<Syms>> {
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
    let reads = Reads::new(world.files.len());
    let mut resolver = Resolver::new(world, bases, &reads);
    let mut found: FxHashMap<Sym, Option<Syms>> = FxHashMap::default();
    for interface in interfaces {
        let wanted = methods.of(interface);
        // The method that the fewest types have; with a fixed choice among equals.
        let rarest = wanted.keys().map(|name| (having.get(name).map_or(0, Vec::len), *name)).min();
        let Some(candidates) = rarest.and_then(|(_, name)| having.get(&name)) else { continue };
        resolver.start_file(0);
        for &index in candidates.iter().take(CANDIDATES_MAX) {
            if wanted.values().all(|method| found.get(method) == Some(&None)) {
                break;
            }
            let pairs = matched(&mut resolver, &wanted, &sets[index]).unwrap_or_default();
            pairs.into_iter().for_each(|(method, own)| note(found.entry(method).or_insert(Some(Syms::new())), own));
        }
        if candidates.len() > CANDIDATES_MAX {
            found.extend(wanted.values().map(|&method| (method, None)));
        }
    }
    found.values_mut().flatten().for_each(|list| list.sort_unstable());
    found
}

/// Adds an implementation to a list unless there are too many.
fn note(list: &mut Option<Syms>, own: Sym) {
    let Some(known) = list else { return };
    if !known.contains(&own) {
        known.push(own);
    }
    if known.len() > TYPES_MAX {
        *list = None;
    }
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
        for class in self.bases.upward(class).take(TYPES_MAX) {
            for &method in self.own.get(&class).into_iter().flatten() {
                set.entry(self.world.name_of(method)).or_insert(method);
            }
        }
        set
    }
}

/// The methods of `set` that implement those `wanted`, if it has them all. Those that are abstract themselves run
/// nothing.
fn matched(
    resolver: &mut Resolver<'_, '_>,
    wanted: &FxHashMap<Name, Sym>,
    set: &FxHashMap<Name, Sym>,
) -> Option<Vec<(Sym, Sym)>> {
    let pairs: Option<Vec<(Sym, Sym)>> = wanted.iter().map(|(name, &method)| Some((method, *set.get(name)?))).collect();
    let pairs = pairs?;
    if !pairs.iter().all(|&(method, own)| fits(resolver, method, own)) {
        return None;
    }
    let world = resolver.world;
    Some(pairs.into_iter().filter(|&(_, own)| !world.has_mark(own, Marks::ABSTRACT)).collect())
}

/// Whether `own` can implement the interface's `method`, which has the same name.
fn fits(resolver: &mut Resolver<'_, '_>, method: Sym, own: Sym) -> bool {
    let world = resolver.world;
    let (wanted, given) = (world.symbol(method), world.symbol(own));
    let file = |symbol| &world.files[world.file_of(symbol) as usize];
    let is_visible = wanted.visibility == Visibility::Public || file(method).module == file(own).module;
    if !is_visible || wanted.arity != given.arity || wanted.ty.is_some() != given.ty.is_some() {
        return false;
    }
    let parameters = |symbol| file(symbol).facts.parameters_of(world.symbol_id(symbol)).iter().map(|it| it.ty);
    let types = parameters(method).chain([wanted.ty]).zip(parameters(own).chain([given.ty]));
    resolver.refuel();
    for types in types {
        if let (Some(wanted), Some(given)) = types
            && !can_be_same(resolver, (world.file_of(method), wanted), (world.file_of(own), given))
        {
            return false;
        }
    }
    true
}

/// Whether two types as written in two files can be the same.
fn can_be_same(resolver: &mut Resolver<'_, '_>, a: (u32, ExprId), b: (u32, ExprId)) -> bool {
    let own = (declared(resolver, a), declared(resolver, b));
    if let (Some(a), Some(b)) = own
        && resolver.world.is_own_type(a)
        && resolver.world.is_own_type(b)
    {
        return a == b;
    }
    let (a, b) = (resolver.written(a.0, a.1), resolver.written(b.0, b.1));
    let is_one_own = [own.0, own.1].into_iter().flatten().any(|symbol| resolver.world.is_own_type(symbol));
    !(differs(&a, &b) || is_one_own && is_definite(&a) && is_definite(&b))
}

/// The declared type that a type expression names, behind pointers and other names for it. Types declared over the
/// same basic type are different ones.
fn declared(resolver: &mut Resolver<'_, '_>, (mut file, mut expr): (u32, ExprId)) -> Option<Sym> {
    let world = resolver.world;
    let mut found = None;
    for _ in 0..TYPES_MAX {
        match world.files[file as usize].facts.expr(expr) {
            Expr::Ref { base } => expr = base,
            Expr::Name { .. } | Expr::Member { .. } => {
                let Den::Symbols(symbols, _) = resolver.denote_type(file, expr) else { break };
                let &[symbol] = symbols.as_slice() else { return None };
                found = Some(symbol);
                let Some(ty) = world.symbol(symbol).ty.filter(|_| world.kind(symbol).is_type()) else { break };
                (file, expr) = (world.file_of(symbol), ty);
            }
            _ => break,
        }
    }
    found
}

/// Whether two written types cannot be the same.
fn differs(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::Instance(a, _), Ty::Instance(b, _)) => a != b,
        (Ty::Outside(a, of_a), Ty::Outside(b, of_b)) => a != b || any_differs(of_a, of_b),
        (Ty::Tuple(a), Ty::Tuple(b)) => a.len() != b.len() || any_differs(a, b),
        (Ty::List(a), Ty::List(b)) | (Ty::Returns(a), Ty::Returns(b)) => differs(a, b),
        (Ty::Function(_, a) | Ty::Returns(a), Ty::Function(_, b) | Ty::Returns(b)) => differs(a, b),
        (a, b) => is_definite(a) && is_definite(b),
    }
}

fn any_differs(a: &[Ty], b: &[Ty]) -> bool {
    a.iter().zip(b).any(|(a, b)| differs(a, b))
}

/// Whether a type is one whose kind is certain.
fn is_definite(ty: &Ty) -> bool {
    matches!(ty, Ty::Instance(..) | Ty::Outside(..) | Ty::Tuple(_) | Ty::List(_) | Ty::Returns(_) | Ty::Function(..))
}
