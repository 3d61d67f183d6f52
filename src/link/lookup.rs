//! Finding what a plain name or an import means: scopes outwards, then the module, wildcard imports, linkage,
//! roots of paths, and the language's own names.
//!
//! Results are remembered with what they cost. A result that met itself on the way (import cycles, recursive
//! types) is not remembered, and every question starts with the same fuel, so that no answer depends on what was
//! asked before: linking gives the same on any number of threads.

use std::hash::Hash;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::model::{
    Binding, BindingTarget, ExprId, ImportId, ImportShape, Marks, NameId, Reason, Rule, ScopeId, ScopeKind, Space,
    SymbolKind,
};

use super::asked::AskedBases;
use super::bases::Bases;
use super::den::{Den, Syms, Ty};
use super::generics::Declared;
use super::member::{NAMESAKES_MAX, TypeMember};
use super::module::prefer;
use super::reads::Reads;
use super::recursion::{Assumption, Slot};
use super::shape::Shape;
use super::signatures::Signatures;
use super::trace::{Found, Trace};
use super::world::{Container, Module, Name, Sym, World};

/// Steps one question may take before its answer is `unknown (limit)`.
const FUEL: u32 = 4_000;

/// Questions of one file that may take too much before the others get less.
const EXHAUSTED_MAX: u32 = 64;

/// Steps a question may take after that.
const FUEL_LEAST: u32 = 250;

/// Classes and namespaces looked at around one that a member is defined outside of.
const AROUND_MAX: usize = 32;

/// Answers questions about one family; one for each thread.
pub(super) struct Resolver<'w, 'a> {
    pub(super) world: &'w World<'a>,
    pub(super) bases: AskedBases<'w, 'a>,
    pub(super) reads: &'w Reads,
    pub(super) types: Memo<Sym, Ty>,
    pub(super) returns: Memo<Sym, Ty>,
    pub(super) values: Memo<(u32, ExprId), Ty>,
    pub(super) written: Memo<(u32, ExprId), Ty>,
    pub(super) shapes: Memo<(u32, ExprId), Shape>,
    pub(super) imports: Memo<(u32, ImportId), Den>,
    outer: Memo<(u32, ScopeId, Name, Space), Den>,
    pub(super) members: Memo<(Module, Name), Den>,
    /// Members of types and their base types, where that depends on nothing but declarations.
    pub(super) type_members: FxHashMap<TypeMember, (Den, u32)>,
    /// The members that override one, where that has been asked: they depend on nothing else.
    pub(super) overridden: FxHashMap<Sym, (Overriders, u32)>,
    /// The files whose includes were asked for.
    pub(super) included: Memo<u32, ()>,
    /// What is assumed of the variables whose values are being looked for.
    pub(super) assumed: FxHashMap<Slot, Assumption>,
    /// The type parameters of definitions, as far as they were asked for.
    pub(super) parameters: FxHashMap<Sym, Rc<[Declared]>>,
    /// The language's signatures, once they were asked for.
    pub(super) signatures: Option<Rc<Signatures>>,
    /// What is found, while it is to be told.
    pub(super) trace: Option<Trace>,
    fuel: u32,
    /// Questions of the current file that took too many steps.
    exhausted: u32,
    cycles: u32,
}

/// A name to be looked up.
struct Query {
    file: u32,
    name: NameId,
    at: u32,
    space: Space,
    with_globs: bool,
    /// What a base outside the tree may have. It counts only if nothing in the tree is meant: most bare names in a
    /// class with such a base are no members of it.
    inherited: Option<Den>,
}

/// The members that override one; none if they are too many to list.
type Overriders = Option<Rc<[Sym]>>;

/// Remembered answers.
pub(super) type Memo<K, V> = FxHashMap<K, Entry<V>>;

pub(super) enum Entry<V> {
    /// Being looked for, under so many assumptions.
    Busy { assumptions: usize },
    /// An answer with what it cost and the node of what it rests on.
    Done { value: V, cost: u32, reads: u32 },
    /// Costs more than one question may take, and that rests on this node.
    TooDear { reads: u32 },
}

impl<'w, 'a> Resolver<'w, 'a> {
    pub(super) fn new(world: &'w World<'a>, bases: &'w Bases, reads: &'w Reads) -> Self {
        Self {
            world,
            bases: AskedBases::new(bases, world, reads),
            reads,
            types: Memo::default(),
            returns: Memo::default(),
            values: Memo::default(),
            written: Memo::default(),
            shapes: Memo::default(),
            imports: Memo::default(),
            outer: Memo::default(),
            members: Memo::default(),
            type_members: FxHashMap::default(),
            overridden: FxHashMap::default(),
            included: Memo::default(),
            assumed: FxHashMap::default(),
            parameters: FxHashMap::default(),
            signatures: None,
            trace: None,
            fuel: FUEL,
            exhausted: 0,
            cycles: 0,
        }
    }

    /// Tells what was found, if someone asked.
    pub(super) fn tell(&mut self, found: impl FnOnce() -> Found) {
        if let Some(trace) = &mut self.trace {
            trace.add(found());
        }
    }

    /// Starts the questions of a file, of which so many took too much already.
    pub(super) fn start_file(&mut self, exhausted: u32) {
        self.fuel = FUEL;
        self.exhausted = exhausted;
        self.reads.start_file();
    }

    /// Starts a new question.
    pub(super) fn refuel(&mut self) {
        self.reads.settle();
        self.exhausted = self.exhausted();
        self.fuel = if self.exhausted < EXHAUSTED_MAX { FUEL } else { FUEL_LEAST };
    }

    /// How many questions of the file took too many steps by now.
    pub(super) fn exhausted(&self) -> u32 {
        self.exhausted + u32::from(self.is_exhausted())
    }

    /// Whether the current question took too many steps.
    pub(super) fn is_exhausted(&self) -> bool {
        self.fuel == 0
    }

    /// The remembered answer to `key`, or a computed one; `otherwise` on a cycle or without fuel.
    pub(super) fn cached<K: Copy + Eq + Hash, V: Clone>(
        &mut self,
        memo: fn(&mut Self) -> &mut Memo<K, V>,
        key: K,
        otherwise: V,
        compute: impl FnOnce(&mut Self) -> V,
    ) -> V {
        if self.fuel == 0 {
            return otherwise;
        }
        let assumptions = self.assumed.len();
        match memo(self).get_mut(&key) {
            Some(Entry::Done { value, cost, reads }) => {
                let (value, cost, reads) = (value.clone(), *cost, *reads);
                self.reads.again(reads);
                self.fuel = self.fuel.saturating_sub(cost);
                return value;
            }
            Some(Entry::Busy { assumptions: before }) if *before == assumptions => {
                self.cycles += 1;
                return otherwise;
            }
            // A further assumption has been made since, which ends the circle.
            // What is too dear by itself may be cheaper under an assumption.
            Some(&mut Entry::TooDear { reads }) if assumptions == 0 => {
                self.reads.again(reads);
                self.fuel = 0;
                return otherwise;
            }
            Some(Entry::Busy { .. } | Entry::TooDear { .. }) | None => {}
        }
        let outer = memo(self).insert(key, Entry::Busy { assumptions });
        let (fuel, cycles, mark) = (self.fuel, self.cycles, self.reads.mark());
        self.fuel -= 1;
        let value = stacker::maybe_grow(64 * 1024, 4 * 1024 * 1024, || compute(self));
        if let Some(outer) = outer {
            memo(self).insert(key, outer);
        } else if self.cycles == cycles && self.fuel > 0 {
            let cost = fuel - self.fuel;
            let reads = self.reads.gather(mark);
            memo(self).insert(key, Entry::Done { value: value.clone(), cost, reads });
        } else if fuel == FUEL && self.fuel == 0 && assumptions == 0 {
            // It used up all that any question has, so it will again.
            let reads = self.reads.gather(mark);
            memo(self).insert(key, Entry::TooDear { reads });
        } else {
            memo(self).remove(&key);
        }
        value
    }

    /// One step of what is not remembered, with room on the stack; `otherwise` without fuel.
    pub(super) fn step<V>(&mut self, otherwise: V, compute: impl FnOnce(&mut Self) -> V) -> V {
        match self.fuel.checked_sub(1) {
            Some(left) => {
                self.fuel = left;
                stacker::maybe_grow(64 * 1024, 4 * 1024 * 1024, || compute(self))
            }
            None => otherwise,
        }
    }

    /// Notes that an answer rests on itself and is not to be remembered.
    pub(super) fn meet_again(&mut self) {
        self.cycles += 1;
    }

    /// What `name`, standing in `scope` of `file` at byte `at`, denotes.
    pub(super) fn lookup(&mut self, file: u32, name: NameId, scope: ScopeId, at: u32, space: Space) -> Den {
        if space == Space::Root {
            return self.outermost(file, scope, name);
        }
        let mut query = Query { file, name, at, space, with_globs: true, inherited: None };
        if self.is_in_import(file, at) {
            // Wildcard imports are resolved without each other's help where that suffices: no needless cycles.
            query.with_globs = false;
            let found = self.search(&mut query, scope, scope);
            if !found.is_unknown() {
                return found;
            }
            query.with_globs = true;
            return self.search(&mut query, scope, scope);
        }
        let data = &self.world.files[file as usize];
        let mut next = scope;
        loop {
            let scope_data = data.facts.scopes[next.0 as usize];
            if matches!(scope_data.kind, ScopeKind::File | ScopeKind::Module) {
                break;
            }
            if let Some(found) = self.in_scope(&mut query, next, scope) {
                return found;
            }
            match scope_data.parent {
                Some(parent) => next = parent,
                None => break,
            }
        }
        // From here on nothing depends on where in the module the name stands.
        query.at = u32::MAX;
        let key = (file, next, data.name(name), space);
        let otherwise = Den::Unknown(Reason::NotInScope);
        let inherited = query.inherited.take();
        let found = self.cached(|this| &mut this.outer, key, otherwise, |this| this.search(&mut query, next, next));
        if found.is_unknown() { inherited.unwrap_or(found) } else { found }
    }

    fn is_in_import(&self, file: u32, at: u32) -> bool {
        let imports = &self.world.files[file as usize].facts.imports;
        let after = imports.partition_point(|import| import.span.start <= at);
        after > 0 && imports[after - 1].span.contains(at)
    }

    /// Searches `scope` and outwards; `start` is where the name stands.
    fn search(&mut self, query: &mut Query, scope: ScopeId, start: ScopeId) -> Den {
        let data = &self.world.files[query.file as usize];
        let mut next = Some(scope);
        while let Some(id) = next {
            if let Some(found) = self.in_scope(query, id, start) {
                return self.with_included(query.file, id, data.name(query.name), found);
            }
            let scope_data = data.facts.scopes[id.0 as usize];
            if scope_data.kind == ScopeKind::Module && data.rules.closed_modules {
                return self.outermost(query.file, id, query.name);
            }
            next = scope_data.parent;
        }
        self.outermost(query.file, start, query.name)
    }

    /// What one scope makes of a name: its declarations, what its class or module adds, its wildcard imports.
    fn in_scope(&mut self, query: &mut Query, id: ScopeId, start: ScopeId) -> Option<Den> {
        let &mut Query { file, name, at, space, with_globs, .. } = query;
        let data = &self.world.files[file as usize];
        let scope_data = data.facts.scopes[id.0 as usize];
        let closed = scope_data.kind == ScopeKind::Class && id != start && !data.rules.open_classes;
        if let Some(found) = self.declared(file, id, name, at, space, closed) {
            return Some(self.in_space(found, space));
        }
        let global = data.name(name);
        if with_globs && scope_data.kind == ScopeKind::Module && data.rules.linkage {
            // What this file brings in comes before what others bring into the same namespace.
            let module = scope_data.symbol.and_then(|symbol| self.world.module_of_symbol(data.sym(symbol)));
            let found = module.map(|module| self.linked_members(file, module, global));
            if found.is_none_or(|found| found.is_empty()) {
                let found = self.globs(file, id, global, at, space);
                if !found.is_unknown() {
                    return Some(found);
                }
            }
        }
        if let Some(symbol) = scope_data.symbol {
            match self.in_container(file, scope_data.kind, data.sym(symbol), global, space) {
                Den::Unknown(_) => {}
                Den::External(name, rule) if scope_data.kind == ScopeKind::Class && rule != Rule::Builtin => {
                    query.inherited.get_or_insert(Den::External(name, rule));
                }
                found => return Some(found),
            }
        }
        // What other files of the module declare comes before wildcard imports; but an included declaration comes
        // before all that linkage could bring.
        if scope_data.kind == ScopeKind::File && data.rules.shared_modules && !data.rules.linkage {
            let found = self.shared(file, data.module, global, space);
            if !found.is_unknown() {
                return Some(found);
            }
        }
        if with_globs {
            let found = self.globs(file, id, global, at, space);
            if !found.is_unknown() {
                return Some(found);
            }
        }
        if scope_data.kind == ScopeKind::File && data.rules.linkage {
            let found = self.shared(file, data.module, global, space);
            return (!found.is_unknown()).then_some(found);
        }
        None
    }

    /// Those of the found definitions that a name of `space` means. Where structs have a name space of their own
    /// (C), other definitions of the same name hide them.
    fn in_space(&self, den: Den, space: Space) -> Den {
        let Den::Symbols(mut symbols, rule) = den else { return den };
        let kind = |symbol: &Sym| self.world.kind(*symbol);
        symbols.retain(|symbol| kind(symbol).is_in(space));
        let is_tag = |symbol: &Sym| kind(symbol).is_in(Space::Tag);
        let file = symbols.first().map(|&symbol| self.world.file_of(symbol));
        let has_tags = file.is_some_and(|file| self.world.files[file as usize].rules.linkage);
        if has_tags && !symbols.iter().all(is_tag) {
            symbols.retain(|symbol| !is_tag(symbol));
        }
        if symbols.is_empty() { Den::Unknown(Reason::NotInScope) } else { Den::Symbols(symbols, rule) }
    }

    /// What the bindings of one scope make of a name; none if it declares none.
    fn declared(
        &mut self,
        file: u32,
        scope: ScopeId,
        name: NameId,
        at: u32,
        space: Space,
        closed: bool,
    ) -> Option<Den> {
        let facts = self.world.files[file as usize].facts;
        let bindings = facts.visible(scope, name, at, space, closed);
        let first = bindings.first()?;
        let start = facts.position_of(bindings);
        let is_local = |binding: &Binding| matches!(binding.target, BindingTarget::Local { .. });
        match first.target {
            BindingTarget::Outer => return None,
            BindingTarget::Local { .. } => {
                return Some(Den::Local { file, start, len: bindings.len() as u32 });
            }
            // A definition whose name is assigned something else as well.
            BindingTarget::Symbol(_) if bindings.iter().any(is_local) => {
                return Some(Den::Local { file, start, len: bindings.len() as u32 });
            }
            BindingTarget::TypeParameter { .. } => return Some(Den::TypeParameter { file, binding: start }),
            BindingTarget::Symbol(_) | BindingTarget::Import(_) => {}
        }
        let mut symbols = Syms::new();
        let mut other = None;
        for binding in bindings {
            match binding.target {
                BindingTarget::Symbol(symbol) => symbols.push(self.world.files[file as usize].sym(symbol)),
                BindingTarget::Import(import) => {
                    let span = facts.imports[import.0 as usize].span;
                    if span.contains(at) {
                        continue;
                    }
                    match self.import(file, import) {
                        Den::Symbols(found, _) => symbols.extend(self.of_space(found, space)),
                        found => prefer(&mut other, found),
                    }
                }
                _ => {}
            }
        }
        let has_import = !matches!(first.target, BindingTarget::Symbol(_));
        let is_member = facts.scopes[scope.0 as usize].kind == ScopeKind::Class;
        let rule = match has_import {
            true => Rule::Import,
            false if is_member && self.world.files[file as usize].rules.open_classes => Rule::SelfMember,
            false => Rule::LexicalScope,
        };
        match (symbols.is_empty(), other) {
            (false, _) => Some(self.denote_symbols(symbols, rule)),
            (true, other) => other,
        }
    }

    /// Of several definitions that one import brings in, those that the name can mean here.
    fn of_space(&self, symbols: Syms, space: Space) -> Syms {
        let fitting: Syms = symbols.iter().copied().filter(|&symbol| self.world.kind(symbol).is_in(space)).collect();
        if fitting.is_empty() { symbols } else { fitting }
    }

    /// Definitions as what they denote: an inline module or a module declared elsewhere is that module.
    pub(super) fn denote_symbols(&mut self, mut symbols: Syms, rule: Rule) -> Den {
        if let Some(&first) = symbols.first()
            && self.world.kind(first).is_module()
            && let Some(module) = self.module_of(first)
        {
            return Den::Module(module, rule);
        }
        symbols.sort_unstable();
        symbols.dedup();
        if symbols.len() > NAMESAKES_MAX { Den::Unknown(Reason::Limit) } else { Den::Symbols(symbols, rule) }
    }

    fn module_of(&self, symbol: Sym) -> Option<Module> {
        if let Some(module) = self.world.module_of_symbol(symbol) {
            return Some(module);
        }
        let file = &self.world.files[self.world.file_of(symbol) as usize];
        let outer =
            self.world.parent(symbol).and_then(|parent| self.world.module_of_symbol(parent)).unwrap_or(file.module);
        self.submodule(outer, file.rules.separator, self.world.name_of(symbol))
    }

    /// Members that a class body or an inline module makes visible besides those declared in this very scope.
    fn in_container(&mut self, file: u32, kind: ScopeKind, symbol: Sym, name: Name, space: Space) -> Den {
        let rules = self.world.files[file as usize].rules;
        match kind {
            ScopeKind::Class if rules.open_classes => {
                let Some(class) = self.self_type(symbol) else { return Den::Unknown(Reason::NotInScope) };
                let found = self.type_member_in(class, name, space, Rule::SelfMember);
                // Methods that every type has are never those of an enclosing class.
                let builtin = match found {
                    Den::Symbols(..) => Den::Unknown(Reason::NotInScope),
                    _ if space == Space::Method && rules.implicit_bases => self.builtin(file, name),
                    Den::Unknown(_) if class != symbol && rules.linkage => self.around(file, class, name, space),
                    _ => Den::Unknown(Reason::NotInScope),
                };
                if builtin.is_unknown() { found } else { builtin }
            }
            ScopeKind::Module if rules.shared_modules => match self.world.module_of_symbol(symbol) {
                Some(module) => self.shared(file, module, name, space),
                None => Den::Unknown(Reason::NotInScope),
            },
            _ => Den::Unknown(Reason::NotInScope),
        }
    }

    /// What a member that is defined outside of its class sees of the classes and namespaces around that.
    fn around(&mut self, file: u32, class: Sym, name: Name, space: Space) -> Den {
        let world = self.world;
        let mut next = world.parent(class).or_else(|| self.bases.owner(class));
        for _ in 0..AROUND_MAX {
            let Some(around) = next else { break };
            let found = match world.module_of_symbol(around) {
                Some(module) => self.shared(file, module, name, space),
                None => self.type_member_in(around, name, space, Rule::SelfMember),
            };
            if let Den::Symbols(..) | Den::Module(..) = found {
                return self.in_space(found, space);
            }
            next = world.parent(around).or_else(|| self.bases.owner(around));
        }
        Den::Unknown(Reason::NotInScope)
    }

    /// Names that other files of the same module declare.
    fn shared(&mut self, file: u32, module: Module, name: Name, space: Space) -> Den {
        let world = self.world;
        let rules = world.files[file as usize].rules;
        if !rules.linkage && !self.has_several_parts(module) {
            return Den::Unknown(Reason::NotInScope);
        }
        let symbols: Syms = match rules.linkage {
            true => self.linked_members(file, module, name),
            false => self.declared_symbols(Container::Module(module), name).collect(),
        };
        let symbols: Syms = symbols.into_iter().filter(|&symbol| world.kind(symbol).is_in(space)).collect();
        if symbols.is_empty() {
            if module != world.files[file as usize].module {
                let found = self.module_member(module, name);
                return if rules.linkage { self.known_in(file, found) } else { found };
            }
            return Den::Unknown(Reason::NotInScope);
        }
        let rule = if rules.linkage { Rule::Linkage } else { Rule::SameModule };
        let found = self.denote_symbols(symbols, rule);
        self.in_space(found, space)
    }

    /// What is declared in a module under a name and can be meant from `file`.
    fn linked_members(&self, file: u32, module: Module, name: Name) -> Syms {
        let declared = self.declared_symbols(Container::Module(module), name);
        declared.filter(|&symbol| self.is_linked(file, symbol)).collect()
    }

    /// Of what was found in a module those definitions that are not kept to another file, which nothing includes.
    fn known_in(&self, file: u32, found: Den) -> Den {
        let Den::Symbols(symbols, rule) = found else { return found };
        let is_known = |&symbol: &Sym| {
            let home = self.world.file_of(symbol);
            home == file || !self.world.has_mark(symbol, Marks::STATIC) || self.world.is_header(home)
        };
        let known: Syms = symbols.iter().copied().filter(is_known).collect();
        if known.is_empty() { Den::Unknown(Reason::NotInScope) } else { Den::Symbols(known, rule) }
    }

    /// Whether a top-level definition of another file can be meant from `file` by linkage.
    pub(super) fn is_linked(&self, file: u32, symbol: Sym) -> bool {
        let kind = self.world.kind(symbol);
        let is_namespaced = self.world.parent(symbol).is_some();
        let has_linkage = kind.is_callable() || kind == SymbolKind::Variable || kind.is_module() || is_namespaced;
        self.world.file_of(symbol) == file || has_linkage && !self.world.has_mark(symbol, Marks::STATIC)
    }

    /// Wildcard imports of one scope.
    fn globs(&mut self, file: u32, scope: ScopeId, name: Name, at: u32, space: Space) -> Den {
        let world = self.world;
        let data = &world.files[file as usize];
        for &(_, import) in data.globs.iter().filter(|(glob_scope, _)| *glob_scope == scope) {
            if data.facts.imports[import.0 as usize].span.contains(at) {
                continue;
            }
            let base = self.import(file, import);
            match self.member_of(base, name, data.rules.separator) {
                Den::Unknown(_) | Den::External(..) => {}
                Den::Symbols(symbols, _) => {
                    let only_types = data.facts.imports[import.0 as usize].shape == ImportShape::GlobTypes;
                    let seer = world.module_around(file, scope);
                    let is_seen = |symbol: Sym| !data.rules.closed_modules || world.is_seen_from(symbol, seer);
                    let fits = |symbol: &Sym| (!only_types || world.kind(*symbol).is_type()) && is_seen(*symbol);
                    let fitting: Syms = symbols.iter().copied().filter(fits).collect();
                    let fitting = self.in_space(Den::Symbols(fitting, Rule::GlobImport), space);
                    if let Den::Symbols(symbols, rule) = fitting {
                        return self.denote_symbols(symbols, rule);
                    }
                }
                found => return found.by(Rule::GlobImport),
            }
        }
        Den::Unknown(Reason::NotInScope)
    }

    /// A name no scope and no module declares: the root of a path, or one of the language's own names.
    fn outermost(&mut self, file: u32, scope: ScopeId, name: NameId) -> Den {
        let world = self.world;
        let data = &world.files[file as usize];
        let text = data.facts.name(name);
        let module = world.module_around(file, scope);
        let key = &world.modules[module.0 as usize].key;
        if let Some(target) = world.map.root(file as usize, key, text) {
            return self.target(target, Rule::ModulePath);
        }
        match self.builtin(file, data.name(name)) {
            Den::Unknown(_) => self.external_glob(file, data.name(name)),
            found => found,
        }
    }

    /// One of the language's own names.
    fn builtin(&self, file: u32, name: Name) -> Den {
        let rules = self.world.files[file as usize].rules;
        let text = self.world.names[name.0 as usize];
        if rules.builtins.binary_search(&text).is_err() {
            return Den::Unknown(Reason::NotInScope);
        }
        let package = rules.builtin_package;
        let name = if package.is_empty() { text.to_owned() } else { format!("{package}{}{text}", rules.separator) };
        Den::External(name.into(), Rule::Builtin)
    }

    /// A name that nothing in the tree defines, in a file with a wildcard import from outside, comes from there.
    fn external_glob(&mut self, file: u32, name: Name) -> Den {
        let world = self.world;
        let data = &world.files[file as usize];
        let library = data.rules.overloads.library();
        let mut first = None;
        for &(_, import) in &data.globs {
            let base @ Den::External(..) = self.import(file, import) else { continue };
            let found = self.member_of(base, name, data.rules.separator).by(Rule::GlobImport);
            let is_known = match (&found, library) {
                (Den::External(path, _), Some(library)) => library.find(path).is_some(),
                _ => false,
            };
            if is_known {
                return found;
            }
            first = first.or(Some(found));
        }
        first.filter(|_| !self.is_defined(name)).unwrap_or(Den::Unknown(Reason::NotInScope))
    }
}
