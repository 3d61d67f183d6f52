//! What calls give, and what callees hand to the functions they are given: the declared type, with the type parameters
//! that receiver, written type arguments and arguments settle.

use crate::model::{Expr, ExprId, ExprList, Marks, Reason, SymbolKind};

use super::den::{Den, Parameter, Syms, Ty};
use super::generics::Substitution;
use super::lookup::Resolver;
use super::overload::Site;
use super::world::Sym;

/// A call: what is called, what it is given, and the file both stand in.
#[derive(Clone, Copy)]
pub(super) struct Use {
    pub(super) file: u32,
    pub(super) callee: ExprId,
    pub(super) args: ExprList,
}

impl Resolver<'_, '_> {
    /// What a call gives.
    pub(super) fn call_value(&mut self, file: u32, callee: ExprId, args: ExprList) -> Ty {
        let (den, receiver) = self.denote_on(file, callee);
        let receiver = receiver.as_ref();
        let site = Use { file, callee, args };
        if let Den::Symbols(symbols, rule) = &den {
            let symbols = self.definitions_first(self.callables_first(symbols.clone()));
            let symbols = self.overloads(symbols, Site::from(site));
            let mut results = Vec::new();
            for symbol in symbols {
                let declared = self.called(symbol);
                results.push(self.call_result(symbol, site, receiver, &declared));
            }
            return Ty::union(results).found_by(*rule);
        }
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

    /// What calling `symbol` gives here.
    pub(super) fn call_result(&mut self, symbol: Sym, site: Use, receiver: Option<&Ty>, declared: &Ty) -> Ty {
        if !declared.is_open() {
            return declared.clone();
        }
        let substitution = self.call_types(symbol, site, receiver, None);
        self.substitute(declared, &substitution)
    }

    /// What is known of the type parameters of a callable in a call, without looking at the argument `except`.
    pub(super) fn call_types(
        &mut self,
        symbol: Sym,
        site: Use,
        receiver: Option<&Ty>,
        except: Option<u16>,
    ) -> Substitution {
        let mut substitution = Substitution::default();
        let facts = self.world.files[site.file as usize].facts;
        let mut callee = site.callee;
        if let Expr::Apply { base, args } = facts.expr(callee) {
            let written = self.written_all(site.file, args);
            let parameters = self.declared_parameters(symbol);
            for (declared, ty) in parameters.iter().zip(&written) {
                substitution.bind(declared.parameter, ty);
            }
            callee = base;
        }
        let types = self.parameter_types(symbol);
        let shift = self.receiver_arguments(symbol, types.len(), site.args.len as usize);
        if let Expr::Member { base, .. } = facts.expr(callee) {
            let receiver = match (shift, facts.list(site.args).first(), receiver) {
                (1, Some(&first), _) => self.value(site.file, first),
                (_, _, Some(receiver)) => receiver.clone(),
                _ => self.base_type(site.file, base),
            };
            self.bind_receiver(&receiver, symbol, &mut substitution);
        }
        for (place, &argument) in (0u16..).zip(facts.list(site.args)) {
            let Some(ty) = (place as usize).checked_sub(shift).and_then(|index| types.get(index)) else { continue };
            if Some(place) == except || !ty.is_open() || substitution.covers(ty) {
                continue;
            }
            let value = self.value(site.file, argument);
            self.unify(ty, &value, &mut substitution);
            if let Ty::Parameter(parameter) = ty {
                self.unify_bounds(*parameter, &value, &mut substitution);
            }
        }
        substitution
    }

    /// A function given for a parameter that must be a function (`F: Fn(A) -> B`) says what that gives.
    fn unify_bounds(&mut self, parameter: Parameter, value: &Ty, substitution: &mut Substitution) {
        if !matches!(value, Ty::Returns(_) | Ty::Function(..) | Ty::Callable(_)) {
            return;
        }
        if let Ty::All(bounds) = self.bounds(parameter) {
            for bound in bounds.iter().filter(|bound| matches!(bound, Ty::Function(..) | Ty::Returns(_))) {
                self.unify(bound, value, substitution);
            }
        }
    }

    /// How many arguments come before those of the parameters: the receiver of a method called by path.
    fn receiver_arguments(&self, symbol: Sym, parameters: usize, arguments: usize) -> usize {
        let data = self.world.symbol(symbol);
        usize::from(data.marks.has(Marks::RECEIVER) && arguments == parameters + 1)
    }

    /// What `callee` hands to parameter `index` of the function it is given as argument `place`.
    pub(super) fn passed(&mut self, file: u32, callee: ExprId, place: u16, index: u16) -> Ty {
        let args = self.world.files[file as usize].arguments_of(callee).unwrap_or_default();
        let site = Use { file, callee, args };
        let (den, receiver) = self.denote_on(file, callee);
        let receiver = receiver.as_ref();
        let symbols = match den {
            Den::Symbols(symbols, _) => symbols,
            Den::External(name, _) => return self.passed_by_signature(site, receiver, Some(&name), (place, index)),
            _ => return self.passed_by_signature(site, receiver, None, (place, index)),
        };
        for symbol in self.runnable(symbols) {
            let types = self.parameter_types(symbol);
            let shift = self.receiver_arguments(symbol, types.len(), args.len as usize);
            let ty = (place as usize).checked_sub(shift).and_then(|place| types.get(place));
            let Some(ty) = ty.and_then(|ty| self.parameter_of(ty, index)) else { continue };
            if !ty.is_open() {
                return ty;
            }
            let substitution = self.call_types(symbol, site, receiver, Some(place));
            return self.substitute(&ty, &substitution);
        }
        Ty::Unknown
    }

    /// The callables among definitions, with the constructors of types.
    fn runnable(&mut self, symbols: Syms) -> Syms {
        let mut found = Syms::new();
        for symbol in symbols {
            match self.world.kind(symbol) {
                kind if kind.is_type() => found.extend(self.constructors(symbol)),
                kind if kind.is_callable() => found.push(symbol),
                _ => {}
            }
        }
        found
    }

    /// The type of a parameter of a function type, or of what must be one.
    pub(super) fn parameter_of(&mut self, function: &Ty, index: u16) -> Option<Ty> {
        match function {
            Ty::Parameter(parameter) => self.bounds(*parameter).taken(index),
            Ty::Outside(path, args) if self.is_wrapper(path) => args.first()?.taken(index),
            other => other.taken(index),
        }
    }
}
