//! What expressions denote and what values are, as far as plain declarations carry.

use std::rc::Rc;

use crate::model::{Binding, BindingTarget, Expr, ExprId, ExprList, Literal, Marks, Reason, Rule, Space, SymbolKind};

use super::den::{Den, Syms, Ty};
use super::generics::Use;
use super::lookup::Resolver;
use super::overload::Site;
use super::recursion::Slot;
use super::trace::Found;
use super::world::{Container, Member, Sym};

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

    /// Definitions without the declarations that stand beside them.
    pub(super) fn definitions_first(&self, symbols: Syms) -> Syms {
        let defined: Syms =
            symbols.iter().copied().filter(|&symbol| !self.world.has_mark(symbol, Marks::DECLARATION)).collect();
        if defined.is_empty() { symbols } else { defined }
    }

    /// Of several definitions of one name those that can be called, if there are any.
    fn callables_first(&self, symbols: Syms) -> Syms {
        self.preferring(symbols, |kind| kind.is_callable() || kind.is_type())
    }

    /// Of several definitions of one name the variables and fields, if there are any.
    fn variables_first(&self, symbols: Syms) -> Syms {
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
        let takes = |symbol: &crate::model::Symbol| symbol.arity.is_some_and(|declared| declared.max == arity);
        let is_wanted = |symbol: &crate::model::Symbol| symbol.marks.has(Marks::ACCESSOR) && takes(symbol);
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
        let declared = world.members(container, name).iter().filter_map(|member| match member {
            Member::Symbol(symbol) => Some(*symbol),
            _ => None,
        });
        let attached = parent.map_or(&[][..], |parent| self.bases.attached(parent, name)).iter().copied();
        declared.chain(attached)
    }

    /// The base types of the class around `super`.
    fn denote_super(&mut self, symbol: Sym) -> Den {
        let Some(class) = self.self_type(symbol) else { return Den::Unknown(Reason::ReceiverType) };
        let supers = self.bases.supers(class);
        match (supers.is_empty(), self.bases.outside(class)) {
            (false, _) => Den::Symbols(Syms::from_slice(&supers[..1]), Rule::Inherited),
            (true, Some(base)) => Den::External(base.into(), Rule::Inherited),
            (true, None) => Den::Unknown(Reason::ReceiverType),
        }
    }

    fn denote_member(&mut self, file: u32, base: ExprId, name: super::world::Name) -> (Den, Option<Ty>) {
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

    /// The value of a member expression that denotes `den`, a member of `receiver`.
    fn value_on(&mut self, file: u32, expr: ExprId, den: &Den, receiver: Option<Ty>) -> Ty {
        let data = &self.world.files[file as usize];
        let Expr::Member { base, name } = data.facts.expr(expr) else { return self.value_of(den) };
        if let Some(Ty::Tuple(items)) = &receiver
            && let Ok(index) = data.facts.name(name).parse::<usize>()
        {
            return items.get(index).cloned().unwrap_or(Ty::Unknown);
        }
        if let Den::External(path, _) = den {
            return self.outside_value(file, expr, path, receiver.is_some());
        }
        let value = self.value_of(den);
        match den {
            Den::Symbols(symbols, _) if value.is_open() => {
                let receiver = receiver.unwrap_or_else(|| self.base_type(file, base));
                self.seen_through(&receiver, symbols[0], &value)
            }
            _ => value,
        }
    }

    fn has_type(&self, symbols: &[Sym]) -> bool {
        symbols.iter().any(|&symbol| self.world.kind(symbol).is_type())
    }

    /// `<T as Trait>::f`: a member of the type, else of the trait.
    fn member_of_any(&mut self, file: u32, items: ExprList, name: super::world::Name) -> Den {
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
    fn own_instance_member(&mut self, symbol: Sym, name: super::world::Name) -> Den {
        let Some(class) = self.self_type(symbol) else {
            return self.value_member(&Ty::Unknown, name);
        };
        match self.value_member(&Ty::instance(class), name) {
            Den::Symbols(found, Rule::ValueMember) => Den::Symbols(found, Rule::SelfMember),
            found => found,
        }
    }

    fn super_member(&mut self, symbol: Sym, name: super::world::Name) -> Den {
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

    /// What a value of an expression is.
    pub(super) fn value(&mut self, file: u32, expr: ExprId) -> Ty {
        let ty = self.cached(
            |this| &mut this.values,
            (file, expr),
            Ty::Unknown,
            |this| this.value_uncached(file, expr).bounded(),
        );
        self.tell(|| Found::Is(file, expr, ty.clone()));
        ty
    }

    fn value_uncached(&mut self, file: u32, expr: ExprId) -> Ty {
        let data = &self.world.files[file as usize];
        match data.facts.expr(expr) {
            Expr::Unknown => Ty::Unknown,
            Expr::Argument => Ty::Argument,
            Expr::Member { .. } => {
                let (den, receiver) = self.denote_on(file, expr);
                self.value_on(file, expr, &den, receiver)
            }
            Expr::Name { .. } | Expr::Import(_) | Expr::Apply { .. } => match self.denote(file, expr) {
                Den::External(path, _) => self.outside_value(file, expr, &path, false),
                den => self.value_of(&den),
            },
            Expr::Symbol(symbol) => self.symbol_value(data.sym(symbol)),
            Expr::Instance(symbol) => self.own_value(data.sym(symbol)),
            Expr::Super(symbol) => match self.denote_super(data.sym(symbol)) {
                Den::Symbols(types, _) => Ty::instance(types[0]),
                Den::External(name, _) => Ty::outside(&name),
                _ => Ty::Unknown,
            },
            Expr::Call { callee, args } => self.call_value(file, callee, args),
            Expr::New { class, .. } => match self.written(file, class) {
                Ty::Null => Ty::Unknown,
                ty => ty,
            },
            Expr::Typed { ty } => self.written(file, ty),
            Expr::Passed { callee, place, index } => self.passed(file, callee, place, index),
            Expr::Literal(literal) => literal_value(literal),
            Expr::Index { base } if data.rules.linkage => {
                let ty = self.value(file, base);
                match (&ty, data.rules.overloads.conversions()) {
                    // What a pointer leads to, not what the operator of its class gives.
                    (Ty::Instance(..), Some(conversions)) if self.is_pointer(conversions, file, base) => ty,
                    _ => self.indexed(ty),
                }
            }
            Expr::Index { base } => {
                let base = self.value(file, base);
                let base = self.container(base);
                element(&base)
            }
            Expr::Element { base } => {
                let base = self.value(file, base);
                let base = self.container(base);
                self.iteration(&base)
            }
            Expr::Key { base } => {
                let base = self.value(file, base);
                self.container(base).first_argument().unwrap_or(Ty::Unknown)
            }
            Expr::Iterate { base, iterator } => {
                let base = self.value(file, base);
                self.iterated(file, &base, iterator)
            }
            Expr::Part { base, index } => match self.value(file, base) {
                Ty::Tuple(items) => items.get(index as usize).cloned().unwrap_or(Ty::Unknown),
                Ty::List(item) => (*item).clone(),
                _ => Ty::Unknown,
            },
            Expr::Await { base } => {
                let base = self.value(file, base);
                awaited(base)
            }
            Expr::Try { base } => {
                let base = self.value(file, base);
                unwrapped(base)
            }
            Expr::Ref { base }
            | Expr::Deref { base }
            | Expr::Const { base }
            | Expr::Temporary { base }
            | Expr::Reference { base } => self.value(file, base),
            Expr::Sum { items } => self.sum(file, items),
            Expr::Tuple { items } => Ty::Tuple(self.values_of(file, items).into()),
            Expr::List { items } => Ty::List(Rc::new(Ty::union(self.values_of(file, items)))),
            Expr::Union { items } => Ty::union(self.values_of(file, items)),
            Expr::Function { result } | Expr::Signature { result, .. } => {
                Ty::Returns(Rc::new(self.value(file, result)))
            }
        }
    }

    /// What a loop gives that takes the keys of maps and calls an iteration method.
    fn iterated(&mut self, file: u32, base: &Ty, iterator: ExprId) -> Ty {
        match base {
            Ty::Instance(..) => element(&self.value(file, iterator)),
            Ty::Outside(_, args) => args.first().cloned().unwrap_or(Ty::Unknown),
            Ty::Union(types) => Ty::union(types.iter().map(|ty| self.iterated(file, ty, iterator)).collect::<Vec<_>>()),
            other => element(other),
        }
    }

    /// The value that `self` or `this` is in a definition.
    pub(super) fn own_value(&mut self, symbol: Sym) -> Ty {
        if self.world.kind(symbol) == SymbolKind::Impl {
            let own = self.own_type(symbol);
            if own != Ty::Unknown {
                return own;
            }
        }
        self.self_type(symbol).map_or(Ty::Unknown, |class| self.own_type(class))
    }

    /// What iterating over a value gives.
    fn iteration(&mut self, ty: &Ty) -> Ty {
        match ty {
            Ty::Instance(..) => self.item(ty).unwrap_or(Ty::Unknown),
            Ty::Parameter(_) | Ty::Outside(..) => match self.iteration_row(ty) {
                Some(Ty::Outside(_, items)) => items.last().cloned().unwrap_or(Ty::Unknown),
                _ => element(ty),
            },
            other => element(other),
        }
    }

    /// What a container is: for a type declared over a list or map, that list or map.
    fn container(&mut self, ty: Ty) -> Ty {
        match ty {
            Ty::Instance(symbol, _) if self.world.kind(symbol) == SymbolKind::TypeAlias => {
                match self.world.symbol(symbol).ty {
                    Some(ty) => self.written(self.world.file_of(symbol), ty),
                    None => Ty::Unknown,
                }
            }
            other => other,
        }
    }

    /// What `[]` gives where it is an operator of classes, and a step along a pointer otherwise.
    fn indexed(&mut self, base: Ty) -> Ty {
        let Ty::Instance(class, _) = &base else { return element(&base) };
        let operator = self.world.find_name("operator[]");
        match operator.map(|operator| self.type_member(*class, operator, Rule::ValueMember)) {
            Some(Den::Symbols(operators, _)) => self.returned(operators[0]),
            _ => base,
        }
    }

    pub(super) fn values_of(&mut self, file: u32, items: ExprList) -> Vec<Ty> {
        let facts = self.world.files[file as usize].facts;
        facts.list(items).iter().map(|&item| self.value(file, item)).collect()
    }

    /// The value of what a name denotes.
    pub(super) fn value_of(&mut self, den: &Den) -> Ty {
        match den {
            Den::Symbols(symbols, rule) => match symbols.as_slice() {
                [only] => self.symbol_value(*only).found_by(*rule),
                several => {
                    let several = self.getters_first(self.variables_first(Syms::from_slice(several)));
                    let several = self.definitions_first(several);
                    let values: Vec<Ty> = several.iter().map(|&symbol| self.symbol_value(symbol)).collect();
                    Ty::union(values).found_by(*rule)
                }
            },
            Den::Module(module, _) => Ty::Module(*module),
            Den::External(name, _) => Ty::outside(name),
            Den::Local { file, start, len } => self.local_value(*file, *start, *len),
            Den::TypeParameter { file, binding } => self.parameter(*file, *binding),
            Den::Unknown(_) => Ty::Unknown,
        }
    }

    fn local_value(&mut self, file: u32, start: u32, len: u32) -> Ty {
        let facts = self.world.files[file as usize].facts;
        let bindings = &facts.bindings[start as usize..(start + len) as usize];
        // A written type holds for every assignment.
        for binding in bindings {
            if let BindingTarget::Local { ty: Some(ty), .. } = binding.target {
                return self.written(file, ty);
            }
        }
        // A name that is a definition as well is settled without assumptions.
        let is_mixed = bindings.iter().any(|binding| matches!(binding.target, BindingTarget::Symbol(_)));
        if is_mixed {
            return self.mixed_value(file, bindings);
        }
        let values: Option<Vec<ExprId>> = bindings
            .iter()
            .map(|binding| match binding.target {
                BindingTarget::Local { init, .. } => init,
                _ => None,
            })
            .collect();
        values.map_or(Ty::Unknown, |values| self.settled(Slot::Local(file, start), file, &values))
    }

    /// The value of a name that is both a definition and assigned to.
    fn mixed_value(&mut self, file: u32, bindings: &[Binding]) -> Ty {
        let mut types = Vec::new();
        for binding in bindings {
            match binding.target {
                BindingTarget::Local { init: Some(init), .. } => types.push(self.value(file, init)),
                BindingTarget::Symbol(symbol) => {
                    types.push(self.symbol_value(self.world.files[file as usize].sym(symbol)));
                }
                _ => return Ty::Unknown,
            }
        }
        Ty::union(types)
    }

    /// The bounds of a type parameter, all that have one.
    pub(super) fn type_parameter(&mut self, file: u32, binding: u32) -> Ty {
        let facts = self.world.files[file as usize].facts;
        let named = facts.bindings[binding as usize];
        let mut bounds = Vec::new();
        for binding in facts.bindings_of(named.scope, named.name) {
            let BindingTarget::TypeParameter { bound: Some(bound), .. } = binding.target else { continue };
            match facts.expr(bound) {
                Expr::Union { items } => {
                    bounds.extend(facts.list(items).iter().map(|&item| self.written(file, item)));
                }
                _ => bounds.push(self.written(file, bound)),
            }
        }
        if bounds.is_empty() { Ty::Unknown } else { Ty::All(bounds.into()) }
    }

    /// All the bounds that an expression lists.
    pub(super) fn all_written(&mut self, file: u32, bounds: ExprId) -> Ty {
        match self.world.files[file as usize].facts.expr(bounds) {
            Expr::Union { items } => Ty::All(self.written_all(file, items).into()),
            _ => self.written(file, bounds),
        }
    }

    /// The value of a definition used as an expression.
    pub(super) fn symbol_value(&mut self, symbol: Sym) -> Ty {
        let ty = self.cached(|this| &mut this.types, symbol, Ty::Unknown, |this| this.symbol_value_uncached(symbol));
        self.tell(|| Found::Holds(symbol, ty.clone()));
        ty
    }

    fn symbol_value_uncached(&mut self, symbol: Sym) -> Ty {
        let world = self.world;
        let data = world.symbol(symbol);
        let file = world.file_of(symbol);
        match data.kind {
            kind if kind.is_type() => Ty::Class(symbol),
            SymbolKind::EnumMember => world.parent(symbol).map_or(Ty::Unknown, |parent| self.own_type(parent)),
            SymbolKind::Impl => self.self_type(symbol).map_or(Ty::Unknown, Ty::Class),
            kind if kind.is_callable() && data.marks.has(Marks::ACCESSOR) => self.returned(symbol),
            kind if kind.is_callable() => Ty::Callable(symbol),
            kind if kind.is_module() => world.module_of_symbol(symbol).map_or(Ty::Unknown, Ty::Module),
            _ => match data.ty {
                Some(ty) => self.written(file, ty),
                None => self.flowing(symbol),
            },
        }
    }

    /// The union of all that is assigned to a variable or returned by a function.
    fn flowing(&mut self, symbol: Sym) -> Ty {
        let world = self.world;
        let file = world.file_of(symbol);
        let facts = world.files[file as usize].facts;
        let id = world.symbol_id(symbol);
        let flows = facts.flows_of(id);
        // A definition's first child, if any, comes right after it.
        let child = facts.symbols.get(id.0 as usize + 1).filter(|child| child.parent == Some(id));
        let is_value = !world.kind(symbol).is_callable();
        if flows.is_empty() {
            let is_object = is_value && (child.is_some() || self.bases.has_attached(symbol));
            return if is_object { Ty::instance(symbol) } else { Ty::Unknown };
        }
        let values: Vec<ExprId> = flows.iter().map(|flow| flow.value).collect();
        let assigned = self.settled(Slot::Symbol(symbol), file, &values);
        if is_value && self.bases.has_attached(symbol) {
            // What was assigned was given more members afterwards.
            return Ty::All([Ty::instance(symbol), assigned].into());
        }
        match child.map(|child| child.kind) {
            Some(SymbolKind::Method | SymbolKind::Field) if is_value => Ty::union([Ty::instance(symbol), assigned]),
            _ => assigned,
        }
    }

    /// What calling a function gives.
    pub(super) fn returned(&mut self, function: Sym) -> Ty {
        let ty = self.cached(
            |this| &mut this.returns,
            function,
            Ty::Unknown,
            |this| {
                let file = this.world.file_of(function);
                match this.world.symbol(function).ty {
                    Some(ty) => this.written(file, ty),
                    None => this.flowing(function),
                }
            },
        );
        self.tell(|| Found::Returns(function, ty.clone()));
        ty
    }

    fn call_value(&mut self, file: u32, callee: ExprId, args: ExprList) -> Ty {
        let (den, receiver) = self.denote_on(file, callee);
        let receiver = receiver.as_ref();
        if let Den::Symbols(symbols, rule) = &den {
            let symbols = self.definitions_first(self.callables_first(symbols.clone()));
            let site = Site {
                arity: Some(args.len as u16),
                args: Some((file, args)),
                callee: Some((file, callee)),
                ..Site::default()
            };
            let symbols = self.overloads(symbols, site);
            let site = Use { file, callee, args };
            let mut results = Vec::new();
            for symbol in symbols {
                let declared = self.called(symbol);
                results.push(self.call_result(symbol, site, receiver, &declared));
            }
            return Ty::union(results).found_by(*rule);
        }
        let site = Use { file, callee, args };
        let value = match den {
            Den::External(path, _) => return self.outside_result(site, receiver, &path),
            Den::Unknown(Reason::Computed) => self.value(file, callee),
            ref den => self.value_of(den),
        };
        match value {
            Ty::Callable(function) => {
                let declared = self.returned(function);
                self.call_result(function, site, None, &declared)
            }
            Ty::Returns(result) | Ty::Function(_, result) => (*result).clone(),
            Ty::Class(class) => Ty::instance(class),
            _ => Ty::Unknown,
        }
    }

    /// The value of calling a definition.
    fn called(&mut self, symbol: Sym) -> Ty {
        match self.world.kind(symbol) {
            kind if kind.is_type() => match self.alias_target(symbol) {
                Ty::Unknown => Ty::instance(symbol),
                Ty::Instance(own, _) if own == symbol => self.own_type(symbol),
                ty => ty,
            },
            SymbolKind::EnumMember => self.symbol_value(symbol),
            SymbolKind::Constructor => self.owner_type(symbol).map_or(Ty::Unknown, |owner| self.own_type(owner)),
            kind if kind.is_callable() => self.returned(symbol),
            _ => match self.symbol_value(symbol) {
                Ty::Callable(function) => self.returned(function),
                Ty::Returns(result) | Ty::Function(_, result) => (*result).clone(),
                Ty::Class(class) => Ty::instance(class),
                _ => Ty::Unknown,
            },
        }
    }

    /// The type an alias stands for, through any number of aliases; the instance of the type itself for others.
    pub(super) fn alias_target(&mut self, symbol: Sym) -> Ty {
        let data = self.world.symbol(symbol);
        let is_alias = matches!(data.kind, SymbolKind::TypeAlias | SymbolKind::AssociatedType);
        match data.ty {
            Some(ty) if is_alias => {
                let file = self.world.file_of(symbol);
                match self.written(file, ty) {
                    // A type of its own over another (`type Celsius float64`) has its own members first.
                    Ty::Instance(target, args) if target != symbol => Ty::Instance(target, args),
                    Ty::Unknown => Ty::Unknown,
                    _ if self.bases.has_attached(symbol) => Ty::instance(symbol),
                    other => other,
                }
            }
            _ => Ty::instance(symbol),
        }
    }
}

pub(super) fn literal_value(literal: Literal) -> Ty {
    Ty::outside(match literal {
        Literal::Null => return Ty::Null,
        Literal::Str => "str",
        Literal::Bytes => "bytes",
        Literal::Int => "int",
        Literal::Float => "float",
        Literal::Bool => "bool",
        Literal::Char => "char",
        Literal::Regex => "regex",
        Literal::List => "list",
        Literal::Map => "map",
        Literal::Set => "set",
        Literal::Range => "range",
        Literal::Function => "function",
    })
}

/// What a container gives by index or iteration.
fn element(container: &Ty) -> Ty {
    match container {
        Ty::List(item) => (**item).clone(),
        Ty::Tuple(items) => Ty::union(items.iter().cloned()),
        Ty::Outside(_, args) => args.last().cloned().unwrap_or(Ty::Unknown),
        Ty::Union(types) => Ty::union(types.iter().map(element)),
        _ => Ty::Unknown,
    }
}

/// What `await` gives. What a promise promises is no promise of the same kind: those are joined.
fn awaited(ty: Ty) -> Ty {
    match (&ty, ty.first_argument()) {
        (Ty::Outside(outer, _), Some(Ty::Outside(inner, args))) if *outer == inner => {
            args.first().cloned().unwrap_or(Ty::Unknown)
        }
        _ => unwrapped(ty),
    }
}

/// What `await` or `?` gives: the first type argument of an outside type, else the value itself.
fn unwrapped(ty: Ty) -> Ty {
    match ty {
        Ty::Outside(..) => ty.first_argument().unwrap_or(Ty::Unknown),
        Ty::Union(types) => Ty::union(types.iter().cloned().map(unwrapped)),
        other => other,
    }
}
