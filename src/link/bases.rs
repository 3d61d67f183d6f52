//! Which definitions are members of a type although they stand elsewhere, and which types a type builds on.
//!
//! Computed once for each family before files are linked: first the attachments (`impl` blocks, receivers,
//! out-of-line members), then base types, which may be named through attached members.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;
use xxhash_rust::xxh3::xxh3_64;

use crate::model::{ExprId, Marks, Reason, RelationKind, SymbolId, SymbolKind};

use super::den::{Den, Syms, Ty};
use super::lookup::Resolver;
use super::queue::Queue;
use super::reads::{self, Reads};
use super::world::{File, Name, Sym, World};

/// Attached members and base types of one family.
#[derive(Default)]
pub(super) struct Bases {
    /// The type an `impl` block or an attached member belongs to.
    owners: FxHashMap<Sym, Sym>,
    attached: FxHashMap<(Sym, Name), Syms>,
    /// What stands somewhere to implement a base type.
    blocks: FxHashSet<Sym>,
    /// Those that stand there to implement a base type: found after the type's own.
    implementing: FxHashMap<(Sym, Name), Syms>,
    extended: FxHashSet<Sym>,
    /// Members attached to types outside the tree or to type parameters, by name.
    extensions: FxHashMap<Name, Extensions>,
    /// What each `impl` block and attached member is written to belong to.
    targets: FxHashMap<Sym, ExprId>,
    /// The base types of each type as written, each with the definition that says so.
    relations: FxHashMap<Sym, Vec<(Sym, ExprId)>>,
    supers: FxHashMap<Sym, Syms>,
    subs: FxHashMap<Sym, Syms>,
    outside: FxHashMap<Sym, SmallVec<[Box<str>; 1]>>,
    /// Types with a base that could not be found.
    open: FxHashSet<Sym>,
    /// Where interfaces are structural: what implements each of their methods.
    implementations: FxHashMap<Sym, Option<Syms>>,
}

/// Members of one name attached to what is no definition of the tree.
#[derive(Default)]
struct Extensions {
    /// To a type parameter, which stands for any type.
    to_any: Syms,
    /// To outside types, by the last segment of their name.
    to: FxHashMap<Box<str>, Syms>,
}

impl Bases {
    /// Resolves what files say of each other's types with `threads` threads.
    pub(super) fn new(world: &World<'_>, threads: usize) -> Self {
        let mut bases = Self { blocks: implementing(world), ..Self::default() };
        let found = collect(world, &bases, threads, |kind| kind == RelationKind::MemberOf);
        for (symbol, expr, target) in found {
            bases.targets.insert(symbol, expr);
            bases.attach(world, symbol, &target);
        }
        let found = collect(world, &bases, threads, |kind| kind != RelationKind::MemberOf);
        let mut known = FxHashSet::default();
        for (symbol, expr, target) in found {
            let class = bases.owners.get(&symbol).copied().unwrap_or(symbol);
            bases.relations.entry(class).or_default().push((symbol, expr));
            bases.relate(class, target, &mut known);
        }
        if world.files.iter().any(|file| file.rules.structural_interfaces) {
            bases.implementations = super::structural::implementations(world, &bases);
        }
        bases
    }

    fn attach(&mut self, world: &World<'_>, symbol: Sym, target: &Target) {
        let members: Vec<Sym> =
            if world.kind(symbol) == SymbolKind::Impl { children(world, symbol) } else { vec![symbol] };
        let class = match target {
            Target::Symbols(types) => {
                if let Some(owner) = types.iter().copied().find(|&owner| owner != symbol) {
                    self.attach_to(world, symbol, owner, &members);
                }
                return;
            }
            Target::Outside(name) => Some(last_segment(name)),
            Target::TypeParameter => None,
            Target::Unknown => return,
        };
        for member in members.into_iter().filter(|&member| world.has_mark(member, Marks::RECEIVER)) {
            let extensions = self.extensions.entry(world.name_of(member)).or_default();
            let list = match class {
                Some(class) => extensions.to.entry(class.into()).or_default(),
                None => &mut extensions.to_any,
            };
            list.push(member);
        }
    }

    fn attach_to(&mut self, world: &World<'_>, symbol: Sym, owner: Sym, members: &[Sym]) {
        self.owners.insert(symbol, owner);
        self.extended.insert(owner);
        let tier = if self.blocks.contains(&symbol) { &mut self.implementing } else { &mut self.attached };
        for &member in members {
            push_new(tier.entry((owner, world.name_of(member))).or_default(), member);
        }
    }

    /// Notes a base type; `known` are the pairs of types that have been noted.
    fn relate(&mut self, symbol: Sym, target: Target, known: &mut FxHashSet<(Sym, Sym)>) {
        match target {
            Target::Symbols(types) => {
                for base in types.into_iter().filter(|&base| base != symbol) {
                    if known.insert((symbol, base)) {
                        self.supers.entry(symbol).or_default().push(base);
                        self.subs.entry(base).or_default().push(symbol);
                    }
                }
            }
            Target::Outside(name) => self.outside.entry(symbol).or_default().push(name),
            Target::TypeParameter | Target::Unknown => {
                self.open.insert(symbol);
            }
        }
    }

    /// A hash for each file of all that is known of its definitions here, and of the members in it that are attached
    /// to types outside the tree. Does not depend on the run.
    pub(super) fn digests(&self, world: &World<'_>) -> Vec<u64> {
        let mut digests = Digests::new(world);
        for (&symbol, &owner) in &self.owners {
            digests.add(symbol, 1, &[owner], "");
        }
        for (tag, table) in [(2, &self.attached), (3, &self.implementing)] {
            for ((owner, _), members) in table {
                digests.add(*owner, tag, members, "");
            }
        }
        for &symbol in self.blocks.iter().chain(self.targets.keys()) {
            digests.add(symbol, 4, &[], "");
        }
        for (name, extensions) in &self.extensions {
            let to = extensions.to.iter().map(|(class, members)| (&**class, members));
            for (class, members) in to.chain([("", &extensions.to_any)]) {
                for &member in members {
                    digests.add(member, 5, &[], class);
                    digests.add(member, 6, &[], world.names[name.0 as usize]);
                }
            }
        }
        for (&class, relations) in &self.relations {
            let sources: Vec<Sym> = relations.iter().map(|(symbol, _)| *symbol).collect();
            digests.add(class, 7, &sources, "");
        }
        for (tag, table) in [(8, &self.supers), (9, &self.subs)] {
            for (&class, others) in table {
                digests.add(class, tag, others, "");
            }
        }
        for (&class, names) in &self.outside {
            digests.add(class, 10, &[], &names.join("\0"));
        }
        for &class in &self.open {
            digests.add(class, 11, &[], "");
        }
        for (&method, implementations) in &self.implementations {
            let tag = if implementations.is_some() { 12 } else { 13 };
            digests.add(method, tag, implementations.as_deref().unwrap_or_default(), "");
        }
        digests.sums
    }

    /// The type whose member or `impl` this is.
    pub(super) fn owner(&self, symbol: Sym) -> Option<Sym> {
        self.owners.get(&symbol).copied()
    }

    /// The type that an `impl` block or attached member is written to belong to.
    pub(super) fn target(&self, symbol: Sym) -> Option<ExprId> {
        self.targets.get(&symbol).copied()
    }

    /// The base types of a type as written, each with the definition that says so, in path and source order.
    pub(super) fn relations(&self, class: Sym) -> &[(Sym, ExprId)] {
        self.relations.get(&class).map_or(&[], Vec::as_slice)
    }

    /// Members of a type that stand outside its body.
    pub(super) fn attached(&self, owner: Sym, name: Name) -> &[Sym] {
        self.attached.get(&(owner, name)).map_or(&[], |list| list.as_slice())
    }

    /// Whether a type has members that stand outside its body.
    pub(super) fn has_attached(&self, owner: Sym) -> bool {
        self.extended.contains(&owner)
    }

    /// Members of a type that stand outside its body to implement a base type.
    pub(super) fn implementing(&self, owner: Sym, name: Name) -> &[Sym] {
        self.implementing.get(&(owner, name)).map_or(&[], |list| list.as_slice())
    }

    /// Members of this name attached to every type, or to outside types of the name `class`.
    pub(super) fn extensions(&self, name: Name, class: &str) -> Syms {
        let Some(extensions) = self.extensions.get(&name) else { return Syms::new() };
        let mut found = extensions.to_any.clone();
        found.extend(extensions.to.get(last_segment(class)).into_iter().flatten().copied());
        found.sort_unstable();
        found
    }

    /// Direct base types in the tree, in source order.
    pub(super) fn supers(&self, symbol: Sym) -> &[Sym] {
        self.supers.get(&symbol).map_or(&[], |list| list.as_slice())
    }

    /// A type and its base types in the tree, nearest first, each once.
    pub(super) fn upward(&self, class: Sym) -> impl Iterator<Item = Sym> {
        let mut queue = Queue::new(class);
        std::iter::from_fn(move || {
            let (_, class) = queue.pop()?;
            self.supers(class).iter().for_each(|&base| queue.push(base));
            Some(class)
        })
    }

    /// Direct subtypes in the tree, in path and source order.
    pub(super) fn subs(&self, symbol: Sym) -> &[Sym] {
        self.subs.get(&symbol).map_or(&[], |list| list.as_slice())
    }

    /// The methods that implement a method of a structural interface, in path and source order; none if they are too
    /// many to list.
    pub(super) fn implementations(&self, method: Sym) -> Option<&[Sym]> {
        self.implementations.get(&method).map_or(Some(&[]), |list| list.as_deref())
    }

    /// The first direct base type outside the tree.
    pub(super) fn outside(&self, symbol: Sym) -> Option<&str> {
        self.outside.get(&symbol).and_then(|names| names.first()).map(AsRef::as_ref)
    }

    /// All direct base types outside the tree.
    pub(super) fn outsides(&self, symbol: Sym) -> impl Iterator<Item = &str> {
        self.outside.get(&symbol).into_iter().flatten().map(AsRef::as_ref)
    }

    /// Whether a direct base type could not be found.
    pub(super) fn is_open(&self, symbol: Sym) -> bool {
        self.open.contains(&symbol)
    }
}

/// Hashes of facts in any order, added up for each file.
struct Digests<'w, 'a> {
    world: &'w World<'a>,
    paths: Vec<u64>,
    sums: Vec<u64>,
    bytes: Vec<u8>,
}

impl<'w, 'a> Digests<'w, 'a> {
    fn new(world: &'w World<'a>) -> Self {
        let paths = world.files.iter().map(|file| reads::hash(file.path)).collect();
        Self { world, paths, sums: vec![0; world.files.len()], bytes: Vec::new() }
    }

    /// Adds a fact about `symbol` to its file.
    fn add(&mut self, symbol: Sym, tag: u8, others: &[Sym], text: &str) {
        self.bytes.clear();
        self.bytes.push(tag);
        for other in [symbol].iter().chain(others) {
            let file = self.world.file_of(*other);
            self.bytes.extend(self.paths[file as usize].to_le_bytes());
            self.bytes.extend(self.world.symbol_id(*other).0.to_le_bytes());
        }
        self.bytes.extend(text.as_bytes());
        let sum = &mut self.sums[self.world.file_of(symbol) as usize];
        *sum = sum.wrapping_add(xxh3_64(&self.bytes));
    }
}

/// What follows the last separator of a path.
pub(super) fn last_segment(path: &str) -> &str {
    path.rsplit([':', '.', '/']).next().unwrap_or(path)
}

/// Resolves the targets of all relations of the wanted kinds, in path and source order.
fn collect(
    world: &World<'_>,
    bases: &Bases,
    threads: usize,
    wanted: fn(RelationKind) -> bool,
) -> Vec<(Sym, ExprId, Target)> {
    let part = world.files.len().div_ceil(threads.max(1)).max(1);
    let resolve = |first: usize, files: &[File<'_>]| {
        let reads = Reads::new(world.files.len());
        let mut resolver = Resolver::new(world, bases, &reads);
        let mut found = Vec::new();
        for (number, file) in (first as u32..).zip(files) {
            resolver.start_file(0);
            for relation in file.facts.relations.iter().filter(|relation| wanted(relation.kind)) {
                resolver.refuel();
                let target = match resolver.denote_type(number, relation.target) {
                    Den::Symbols(symbols, rule) if relation.kind == RelationKind::MemberOf => {
                        Den::Symbols(symbols.into_iter().map(|symbol| resolver.behind_name(symbol)).collect(), rule)
                    }
                    Den::TypeParameter { file, binding }
                        if delegates(&mut resolver, number, relation.symbol, (file, binding)) =>
                    {
                        Den::Unknown(Reason::ReceiverType)
                    }
                    other if relation.kind == RelationKind::MemberOf => other,
                    other => resolver.built_on(other),
                };
                let target = Target::of(target);
                found.push((file.sym(relation.symbol), relation.target, target));
            }
        }
        found
    };
    std::thread::scope(|scope| {
        let mut parts = world.files.chunks(part).enumerate().map(|(index, files)| (index * part, files));
        let first = parts.next();
        let others: Vec<_> = parts.map(|(start, files)| scope.spawn(move || resolve(start, files))).collect();
        let mut found = first.map(|(start, files)| resolve(start, files)).unwrap_or_default();
        for part in others {
            found.extend(part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        found
    })
}

/// Whether an `impl` block stands there for what implements its trait already: `impl<I: Walk> Walk for &mut I`. No type
/// that has no members of the trait gets any from it.
fn delegates(resolver: &mut Resolver<'_, '_>, number: u32, symbol: SymbolId, parameter: (u32, u32)) -> bool {
    let relations = &resolver.world.files[number as usize].facts.relations;
    let implemented =
        relations.iter().filter(|relation| relation.symbol == symbol && relation.kind == RelationKind::Implements);
    let traits: Vec<Den> = implemented.map(|relation| resolver.denote_type(number, relation.target)).collect();
    let Ty::All(bounds) = resolver.type_parameter(parameter.0, parameter.1) else { return false };
    bounds.iter().any(|bound| {
        traits.iter().any(|den| match (bound, den) {
            (Ty::Instance(bound, _), Den::Symbols(symbols, _)) => symbols.contains(bound),
            (Ty::Outside(bound, _), Den::External(name, _)) => bound == name,
            _ => false,
        })
    })
}

/// What a relation leads to, as far as it counts; goes from thread to thread.
enum Target {
    Symbols(Syms),
    Outside(Box<str>),
    TypeParameter,
    Unknown,
}

impl Target {
    fn of(den: Den) -> Self {
        match den {
            Den::Symbols(symbols, _) => Self::Symbols(symbols),
            Den::External(name, _) => Self::Outside(name.as_ref().into()),
            Den::TypeParameter { .. } => Self::TypeParameter,
            _ => Self::Unknown,
        }
    }
}

/// The definitions that stand somewhere to implement a base type.
fn implementing(world: &World<'_>) -> FxHashSet<Sym> {
    let all = world.files.iter().flat_map(|file| file.facts.relations.iter().map(move |relation| (file, relation)));
    let implementing = all.filter(|(_, relation)| relation.kind == RelationKind::Implements);
    implementing.map(|(file, relation)| file.sym(relation.symbol)).collect()
}

/// The definitions that stand directly in `parent`.
fn children(world: &World<'_>, parent: Sym) -> Vec<Sym> {
    let file = &world.files[world.file_of(parent) as usize];
    let id = world.symbol_id(parent);
    let end = file.facts.symbol(id).span.end;
    (id.0 + 1..)
        .map(SymbolId)
        .take_while(|child| file.facts.symbols.get(child.0 as usize).is_some_and(|symbol| symbol.span.start < end))
        .filter(|child| file.facts.symbol(*child).parent == Some(id))
        .map(|child| file.sym(child))
        .collect()
}

fn push_new(list: &mut Syms, symbol: Sym) {
    if !list.contains(&symbol) {
        list.push(symbol);
    }
}
