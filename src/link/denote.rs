//! What expressions denote as paths and members, and which of several definitions of one name a use of it means.

use crate::model::{Expr, ExprId, ExprList, Marks, Reason, Rule, Space, Symbol, SymbolKind};

use super::den::{Den, Syms, Ty};
use super::lookup::Resolver;
use super::trace::Found;
use super::world::{Container, Name, Sym};

impl Resolver<'_, '_> {
    /// What an expression of a file denotes, as a path or member.
    pub(super) fn denote(&mut self, file: u32, expr: ExprId) -> Den {
        self.denote_on(file, expr).0
    }

    /// The same with the value whose member it is, if it is that: who needs both would else ask twice for it, and
    /// twice for what that is a member of.
    pub(super) fn denote_on(&mut self, file: u32, expr: ExprId) -> (Den, Option<Ty>) {
        let found = self.denote_untold(file, expr);
        self.tell(|| Found::Denotes(file, expr, found.0.clone()));
        found
    }

    fn denote_untold(&mut self, file: u32, expr: ExprId) -> (Den, Option<Ty>) {
        let data = &self.world.files[file as usize];
        match data.facts.expr(expr) {
            Expr::Member { base, name } => self.denote_member(file, base, data.name(name)),
            Expr::Apply { base, .. } => self.denote_on(file, base),
            _ => (self.denote_plain(file, expr), None),
        }
    }

    fn denote_plain(&mut self, file: u32, expr: ExprId) -> Den {
        let data = &self.world.files[file as usize];
        match data.facts.expr(expr) {
            Expr::Name { name, scope, at, space } => self.lookup(file, name, scope, at, space),
            Expr::Symbol(symbol) => {
                let symbol = data.sym(symbol);
                let symbol = self.self_type(symbol).unwrap_or(symbol);
                self.denote_symbols(Syms::from_slice(&[symbol]), Rule::LexicalScope)
            }
            Expr::Import(import) => self.import(file, import),
            Expr::Super(symbol) => self.denote_super(data.sym(symbol)),
            Expr::Ref { base }
            | Expr::Deref { base }
            | Expr::Const { base }
            | Expr::Temporary { base }
            | Expr::Reference { base } => self.denote(file, base),
            _ => Den::Unknown(Reason::Computed),
        }
    }

    /// What a type expression denotes.
    pub(super) fn denote_type(&mut self, file: u32, expr: ExprId) -> Den {
        match self.denote(file, expr) {
            Den::Symbols(symbols, rule) => {
                let types: Syms = symbols.iter().copied().filter(|&symbol| self.world.kind(symbol).is_type()).collect();
                let chosen = if types.is_empty() { symbols } else { self.definitions_first(types) };
                match self.joined(file, &chosen) {
                    Some(definitions) => Den::Symbols(definitions, Rule::Linkage),
                    None => Den::Symbols(chosen, rule),
                }
            }
            other => other,
        }
    }

    /// The base types of the class around `super`.
    pub(super) fn denote_super(&mut self, symbol: Sym) -> Den {
        let Some(class) = self.self_type(symbol) else { return Den::Unknown(Reason::ReceiverType) };
        let supers = self.bases.supers(class);
        match (supers.is_empty(), self.bases.outside(class)) {
            (false, _) => Den::Symbols(Syms::from_slice(&supers[..1]), Rule::Inherited),
            (true, Some(base)) => Den::External(base.into(), Rule::Inherited),
            (true, None) => Den::Unknown(Reason::ReceiverType),
        }
    }

    fn denote_member(&mut self, file: u32, base: ExprId, name: Name) -> (Den, Option<Ty>) {
        let data = &self.world.files[file as usize];
        let separator = data.rules.separator;
        let den = match data.facts.expr(base) {
            Expr::Super(symbol) => return (self.super_member(data.sym(symbol), name), None),
            Expr::Instance(symbol) => return (self.own_instance_member(data.sym(symbol), name), None),
            Expr::Const { base } => return self.denote_member(file, base, name),
            Expr::Name { .. } | Expr::Symbol(_) | Expr::Import(_) => (self.denote(file, base), None),
            Expr::Member { .. } | Expr::Apply { .. } => self.denote_on(file, base),
            Expr::Union { items } => return (self.member_of_any(file, items, name), None),
            _ => {
                let ty = self.value(file, base);
                return (self.value_member(&ty, name), Some(ty));
            }
        };
        match den {
            (den @ (Den::Module(..) | Den::Unknown(Reason::BrokenImport)), receiver)
                if !matches!(receiver, Some(Ty::Tuple(_))) =>
            {
                (self.member_of(den, name, separator), None)
            }
            (den @ Den::External(..), None) => (self.member_of(den, name, separator), None),
            (Den::Symbols(symbols, rule), _) if self.has_type(&symbols) => {
                (self.member_of(Den::Symbols(symbols, rule), name, separator), None)
            }
            (Den::TypeParameter { file, binding }, _) => {
                let ty = self.parameter(file, binding);
                (self.value_member(&ty, name), Some(ty))
            }
            (den, receiver) => {
                let ty = match data.facts.expr(base) {
                    Expr::Member { .. } => self.value_on(file, base, &den, receiver),
                    _ => self.value(file, base),
                };
                self.tell(|| Found::Is(file, base, ty.clone()));
                (self.value_member(&ty, name), Some(ty))
            }
        }
    }

    fn has_type(&self, symbols: &[Sym]) -> bool {
        symbols.iter().any(|&symbol| self.world.kind(symbol).is_type())
    }

    /// `<T as Trait>::f`: a member of the type, else of the trait.
    fn member_of_any(&mut self, file: u32, items: ExprList, name: Name) -> Den {
        let mut last = Den::Unknown(Reason::ReceiverType);
        let facts = self.world.files[file as usize].facts;
        for &item in facts.list(items) {
            let ty = self.value(file, item);
            let found = self.value_member(&ty, name);
            if matches!(found, Den::Symbols(..)) {
                return found;
            }
            last = found;
        }
        last
    }

    /// A member of `self` or `this`; where the class does not have it, a subclass that has may be meant.
    fn own_instance_member(&mut self, symbol: Sym, name: Name) -> Den {
        let Some(class) = self.self_type(symbol) else {
            return self.value_member(&Ty::Unknown, name);
        };
        match self.value_member(&Ty::instance(class), name) {
            Den::Symbols(found, Rule::ValueMember) => Den::Symbols(found, Rule::SelfMember),
            found => found,
        }
    }

    fn super_member(&mut self, symbol: Sym, name: Name) -> Den {
        let supers = self.self_type(symbol).map(|class| Syms::from_slice(self.bases.supers(class))).unwrap_or_default();
        for base in supers {
            if let found @ Den::Symbols(..) = self.type_member(base, name, Rule::Inherited) {
                return found.by(Rule::Inherited);
            }
        }
        match self.denote_super(symbol) {
            Den::Symbols(types, _) => {
                let found = self.value_member(&Ty::Class(types[0]), name);
                found.by(Rule::Inherited)
            }
            base @ Den::External(..) => self.member_of(base, name, "."),
            unknown => unknown,
        }
    }

    /// Definitions without the declarations that stand beside them.
    pub(super) fn definitions_first(&self, symbols: Syms) -> Syms {
        let defined: Syms =
            symbols.iter().copied().filter(|&symbol| !self.world.has_mark(symbol, Marks::DECLARATION)).collect();
        if defined.is_empty() { symbols } else { defined }
    }

    /// Of several definitions of one name those that can be called, if there are any.
    pub(super) fn callables_first(&self, symbols: Syms) -> Syms {
        self.preferring(symbols, |kind| kind.is_callable() || kind.is_type())
    }

    /// Of several definitions of one name the variables and fields, if there are any.
    pub(super) fn variables_first(&self, symbols: Syms) -> Syms {
        self.preferring(symbols, |kind| !kind.is_callable() && !kind.is_type())
    }

    /// Of several definitions of one name the accessors that read it, if there are any.
    pub(super) fn getters_first(&self, symbols: Syms) -> Syms {
        self.accessors_first(symbols, 0)
    }

    /// Of several definitions of one name the accessors that write it, if there are any.
    pub(super) fn setters_first(&self, symbols: Syms) -> Syms {
        self.accessors_first(symbols, 1)
    }

    fn accessors_first(&self, symbols: Syms, arity: u16) -> Syms {
        let takes = |symbol: &Symbol| symbol.arity.is_some_and(|declared| declared.max == arity);
        let is_wanted = |symbol: &Symbol| symbol.marks.has(Marks::ACCESSOR) && takes(symbol);
        let wanted: Syms = symbols.iter().copied().filter(|&symbol| is_wanted(self.world.symbol(symbol))).collect();
        if wanted.is_empty() { symbols } else { wanted }
    }

    fn preferring(&self, symbols: Syms, wanted: fn(SymbolKind) -> bool) -> Syms {
        let preferred: Syms = symbols.iter().copied().filter(|&symbol| wanted(self.world.kind(symbol))).collect();
        if preferred.is_empty() { symbols } else { preferred }
    }

    /// The definitions that mere declarations stand for by linkage: free functions, variables and types by name in
    /// their namespace, members in their class. None if something is defined already, or nothing is found.
    pub(super) fn joined(&self, file: u32, symbols: &[Sym]) -> Option<Syms> {
        let world = self.world;
        let is_declaration = |symbol: Sym| world.has_mark(symbol, Marks::DECLARATION);
        let (declared, defined): (Syms, Syms) = symbols.iter().copied().partition(|&symbol| is_declaration(symbol));
        // Of several functions of one name, some may be defined here and others elsewhere.
        let are_functions = symbols.iter().all(|&symbol| world.kind(symbol).is_callable());
        if !world.files[file as usize].rules.linkage || declared.is_empty() || !defined.is_empty() && !are_functions {
            return None;
        }
        let is_type = |symbol: Sym| world.kind(symbol).is_in(Space::Tag);
        let mut definitions = defined;
        for &declaration in &declared {
            let defines = |&symbol: &Sym| {
                // A class may be declared as a struct.
                let is_same_kind =
                    world.kind(symbol) == world.kind(declaration) || is_type(symbol) && is_type(declaration);
                let is_visible =
                    is_type(symbol) || self.is_linked(file, symbol) || world.has_mark(declaration, Marks::STATIC);
                !is_declaration(symbol) && is_same_kind && is_visible
            };
            definitions.extend(self.siblings(declaration).filter(defines));
        }
        definitions.sort_unstable();
        definitions.dedup();
        (!definitions.is_empty()).then_some(definitions)
    }

    /// What is declared by the same name in the same namespace or class, the symbol itself included.
    pub(super) fn siblings(&self, symbol: Sym) -> impl Iterator<Item = Sym> + '_ {
        let world = self.world;
        let name = world.name_of(symbol);
        let home = &world.files[world.file_of(symbol) as usize];
        let parent = self.bases.owner(symbol).or_else(|| world.parent(symbol));
        let container = match parent.map(|parent| (parent, world.module_of_symbol(parent))) {
            None => Container::Module(home.module),
            Some((_, Some(module))) => Container::Module(module),
            Some((class, None)) => Container::Symbol(class),
        };
        let declared = self.declared_symbols(container, name);
        let attached = parent.map_or(&[][..], |parent| self.bases.attached(parent, name)).iter().copied();
        declared.chain(attached)
    }
}
