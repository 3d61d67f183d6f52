//! What values are, as far as plain declarations carry.

use std::rc::Rc;

use crate::model::{Binding, BindingTarget, Expr, ExprId, ExprList, Literal, Marks, Reason, Rule, SymbolKind};

use super::den::{Den, Syms, Ty};
use super::lookup::Resolver;
use super::recursion::Slot;
use super::trace::Found;
use super::world::Sym;

impl Resolver<'_, '_> {
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
            Expr::Index { base } => self.index_value(file, base),
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

    /// The value of a member expression that denotes `den`, a member of `receiver`.
    pub(super) fn value_on(&mut self, file: u32, expr: ExprId, den: &Den, receiver: Option<Ty>) -> Ty {
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

    /// What `base[...]` gives.
    fn index_value(&mut self, file: u32, base: ExprId) -> Ty {
        let rules = self.world.files[file as usize].rules;
        let ty = self.value(file, base);
        if !rules.linkage {
            return element(&self.container(ty));
        }
        match (&ty, rules.overloads.conversions()) {
            // What a pointer leads to, not what the operator of its class gives.
            (Ty::Instance(..), Some(conversions)) if self.is_pointer(conversions, file, base) => ty,
            _ => self.indexed(ty),
        }
    }

    /// What `[]` gives where it is an operator of classes, and a step along a pointer otherwise.
    fn indexed(&mut self, base: Ty) -> Ty {
        let Ty::Instance(class, _) = &base else { return element(&base) };
        let operator = self.find_name("operator[]");
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
        let flows = self.flows_into(symbol);
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

    /// The type of the tree that a mere other name of it means; the definition itself for all else, a type of its own
    /// over another one included.
    pub(super) fn behind_name(&mut self, symbol: Sym) -> Sym {
        match self.alias_target(symbol) {
            Ty::Instance(target, _) if !self.world.is_own_type(symbol) => target,
            _ => symbol,
        }
    }

    /// What a type is built on, given what the written name denotes: behind a mere other name what that stands for.
    pub(super) fn built_on(&mut self, den: Den) -> Den {
        let Den::Symbols(symbols, rule) = &den else { return den };
        let &[symbol] = symbols.as_slice() else { return den };
        if self.world.kind(symbol) != SymbolKind::TypeAlias || self.world.is_own_type(symbol) {
            return den;
        }
        match self.alias_target(symbol) {
            Ty::Instance(target, _) => Den::Symbols(Syms::from_slice(&[target]), *rule),
            Ty::Outside(name, _) => Den::External(name, Rule::ExternalMember),
            Ty::Unknown => Den::Unknown(Reason::NotInScope),
            _ => den,
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
