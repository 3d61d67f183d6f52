//! Overloads that several files declare. Where files are included (C++), a name means all that its scope has in any of
//! them, not what is found first.

use crate::lang::Conversions;
use crate::model::{ScopeId, ScopeKind};

use super::den::{Den, Syms};
use super::lookup::Resolver;
use super::shape::{Base, Category, Shape};
use super::world::{Container, Name, Sym};

impl Resolver<'_, '_> {
    /// What a scope makes of a name, with the overloads that included files declare in the same namespace.
    pub(super) fn with_included(&mut self, file: u32, scope: ScopeId, name: Name, found: Den) -> Den {
        let world = self.world;
        let data = &world.files[file as usize];
        let is_namespace = matches!(data.facts.scopes[scope.0 as usize].kind, ScopeKind::File | ScopeKind::Module);
        let (Den::Symbols(first, rule), Some(conversions), true) =
            (&found, data.rules.overloads.conversions(), is_namespace)
        else {
            return found;
        };
        if !first.iter().all(|&symbol| world.kind(symbol).is_callable()) {
            return found;
        }
        let namespace = Container::Module(world.module_around(file, scope));
        let is_another = |symbol: &Sym| world.kind(*symbol).is_callable() && !first.contains(symbol);
        let others: Syms = self.declared_symbols(namespace, name).filter(is_another).collect();
        let mut symbols = first.clone();
        for other in others {
            if self.includes(file, world.file_of(other))
                && symbols.iter().all(|&symbol| self.is_declared_apart(conversions, symbol, other))
            {
                symbols.push(other);
            }
        }
        self.denote_symbols(symbols, *rule)
    }

    /// Whether two functions of one name in one namespace are sure to be two: their parameters differ.
    fn is_declared_apart(&mut self, conversions: &Conversions, one: Sym, other: Sym) -> bool {
        let most = |symbol: Sym| self.world.symbol(symbol).arity.map(|arity| arity.max);
        if most(one) != most(other) {
            return true;
        }
        let (one, other) = (self.parameter_shapes(conversions, one), self.parameter_shapes(conversions, other));
        one.iter().zip(&other).any(|(one, other)| differ(one, other))
    }
}

/// Whether two types of parameters are sure not to be the same.
fn differ(one: &Shape, other: &Shape) -> bool {
    match (&one.base, &other.base) {
        (Base::Unknown, _) | (_, Base::Unknown) => return false,
        // Each declaration of a template names its parameters anew.
        (Base::Parameter(..), Base::Parameter(..)) => {}
        (one, other) if !one.may_be(other) => return true,
        _ => {}
    }
    // Whether a parameter itself is constant is the callable's own affair.
    let is_behind = one.pointers > 0 || one.category != Category::Value;
    one.pointers != other.pointers
        || one.category != other.category
        || is_behind && one.is_const.zip(other.is_const).is_some_and(|(one, other)| one != other)
}
