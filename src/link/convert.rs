//! Choosing among overloads by conversion, as C++ does: one callable is better than another if it takes no argument
//! by a worse conversion and at least one by a better one. The object of a member call is an argument as well.

use crate::lang::Conversions;
use crate::model::{ExprId, Literal, Marks, ScopeId, SymbolKind};

use super::den::{Syms, Ty};
use super::fit::Fit;
use super::lookup::Resolver;
use super::overload::Site;
use super::shape::{Base, Category, Shape};
use super::world::Sym;

/// How the arguments of a call suit the parameters of one callable.
struct Suit {
    symbol: Sym,
    /// Whether it is made from a template, which comes after what fits as well without.
    is_template: bool,
    fits: Vec<Fit>,
    parameters: Vec<Shape>,
}

impl Suit {
    /// Whether this takes one argument better and surely all others as well.
    fn is_better(&self, other: &Self) -> bool {
        let as_well = |index: usize| {
            let (mine, theirs) = (self.fits[index], other.fits[index]);
            let is_same =
                self.parameters[index] == other.parameters[index] && self.parameters[index].base != Base::Unknown;
            is_better(mine, theirs) || mine == theirs && (mine != Fit::Perhaps || is_same)
        };
        let places = 0..self.fits.len();
        let is_plainer = !self.is_template && other.is_template && !self.fits.contains(&Fit::Perhaps);
        self.fits.len() == other.fits.len()
            && places.clone().all(as_well)
            && (is_plainer || places.into_iter().any(|index| is_better(self.fits[index], other.fits[index])))
    }
}

/// Whether one way to pass an argument is surely better than another. What is not known is no better than anything,
/// and only what fits exactly is no worse than it.
fn is_better(mine: Fit, theirs: Fit) -> bool {
    match (mine, theirs) {
        (Fit::Perhaps, _) => false,
        (_, Fit::Perhaps) => mine == Fit::Exactly,
        _ => mine > theirs,
    }
}

impl Resolver<'_, '_> {
    /// Those of several callables that a call with such arguments can mean; all if none seems to fit.
    pub(super) fn by_conversion(&mut self, conversions: &Conversions, symbols: Syms, site: Site) -> Syms {
        let args: Option<Vec<Shape>> = site.args.map(|(file, args)| {
            let facts = self.world.files[file as usize].facts;
            facts.list(args).iter().map(|&arg| self.value_shape(conversions, file, arg)).collect()
        });
        let object = site.callee.and_then(|(file, callee)| self.object_is_const(conversions, file, callee));
        let mut suits = Vec::new();
        for &symbol in &symbols {
            suits.push(self.conversion_suit(conversions, symbol, object, args.as_deref()));
        }
        suits.retain(|suit| suit.fits.iter().all(|fit| *fit != Fit::Never));
        let is_best = |suit: &&Suit| !suits.iter().any(|other| other.is_better(suit));
        let best: Syms = suits.iter().filter(is_best).map(|suit| suit.symbol).collect();
        if best.is_empty() { symbols } else { best }
    }

    /// How the object and the arguments of a call suit a callable.
    fn conversion_suit(
        &mut self,
        conversions: &Conversions,
        symbol: Sym,
        object: Option<bool>,
        args: Option<&[Shape]>,
    ) -> Suit {
        let is_const = self.world.has_mark(symbol, Marks::CONST);
        // Two members are alike in what they need of their object if both are `const` or neither is.
        let receiver = Shape { base: Base::Null, is_const: Some(is_const), ..Shape::UNKNOWN };
        let fits = vec![self.object_fit(symbol, object)];
        let mut suit = Suit { symbol, is_template: false, fits, parameters: vec![receiver] };
        let Some(args) = args else { return suit };
        let parameters = self.parameter_shapes(conversions, symbol);
        suit.is_template = parameters.iter().any(|parameter| matches!(parameter.base, Base::Parameter(..)));
        let mut deduced = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            // What a variable number of parameters takes is taken last.
            let (fit, parameter) = match parameters.get(index) {
                Some(parameter) => {
                    let fit = match parameter.base {
                        Base::Parameter(..) => deduction_fit(parameter, arg, &mut deduced),
                        _ => self.conversion_fit(conversions, parameter, arg),
                    };
                    (fit, parameter.clone())
                }
                None => (Fit::Variable, Shape::UNKNOWN),
            };
            suit.fits.push(fit);
            suit.parameters.push(parameter);
        }
        suit
    }

    pub(super) fn parameter_shapes(&mut self, conversions: &Conversions, symbol: Sym) -> Vec<Shape> {
        let file = self.world.file_of(symbol);
        let types: Vec<Option<ExprId>> = self.world.files[file as usize]
            .facts
            .parameters_of(self.world.symbol_id(symbol))
            .iter()
            .map(|parameter| parameter.ty)
            .collect();
        let own = self.own_template(symbol);
        let mut shapes = Vec::new();
        for ty in types {
            let shape = ty.map_or(Shape::UNKNOWN, |ty| self.type_shape(conversions, file, ty));
            shapes.push(match shape.base {
                Base::Parameter(file, binding) if own != Some(self.scope_of(file, binding)) => {
                    Shape { base: Base::Unknown, ..shape }
                }
                _ => shape,
            });
        }
        shapes
    }

    /// The scope of a function template's own parameters, which arguments decide; those of its class are settled.
    fn own_template(&self, symbol: Sym) -> Option<ScopeId> {
        let facts = self.world.files[self.world.file_of(symbol) as usize].facts;
        let data = self.world.symbol(symbol);
        let scope = data.scope.filter(|_| data.qualifier.is_none())?;
        facts.scopes[scope.0 as usize].parent
    }

    pub(super) fn scope_of(&self, file: u32, binding: u32) -> ScopeId {
        self.world.files[file as usize].facts.bindings[binding as usize].scope
    }

    /// A member function that may change its object needs one that may be changed, and is the better one for it.
    fn object_fit(&self, symbol: Sym, object: Option<bool>) -> Fit {
        if !self.world.has_mark(symbol, Marks::RECEIVER) {
            return Fit::Exactly;
        }
        match (self.world.has_mark(symbol, Marks::CONST), object) {
            (_, None) => Fit::Perhaps,
            (false, Some(true)) => Fit::Never,
            (true, Some(false)) => Fit::Qualified,
            (true, Some(true)) | (false, Some(false)) => Fit::Exactly,
        }
    }

    fn conversion_fit(&mut self, conversions: &Conversions, parameter: &Shape, arg: &Shape) -> Fit {
        match (&parameter.base, &arg.base) {
            (Base::Unknown | Base::Parameter(..), _) | (_, Base::Unknown | Base::Parameter(..)) => Fit::Perhaps,
            (_, Base::Null) if parameter.pointers > 0 => Fit::Converted,
            (Base::Number(_) | Base::Null, Base::Null) => Fit::Perhaps,
            (Base::Other(_), Base::Null) => Fit::Constructed,
            _ if parameter.pointers != arg.pointers => self.unlike_pointers(conversions, parameter, arg),
            _ if parameter.pointers > 0 => self.like_pointers(conversions, parameter, arg),
            (wanted, given) if wanted.may_be(given) => qualified(parameter, arg),
            _ => {
                let fit = self.plain_fit(conversions, &parameter.base, &arg.base);
                // What is converted is a temporary, which no reference takes that may change it.
                let is_class = matches!((&parameter.base, &arg.base), (Base::Other(_), Base::Other(_)));
                let changes = parameter.category == Category::Place && parameter.is_const == Some(false);
                if changes && !is_class && fit != Fit::Perhaps { Fit::Never } else { fit }
            }
        }
    }

    /// Of a pointer and a value, or pointers of different depth.
    fn unlike_pointers(&mut self, conversions: &Conversions, parameter: &Shape, arg: &Shape) -> Fit {
        match (&parameter.base, &arg.base) {
            (Base::Number(name), _) if parameter.pointers == 0 => {
                if *name == conversions.truth {
                    Fit::Judged
                } else {
                    Fit::Never
                }
            }
            (Base::Number(name), _) if arg.pointers > 0 && parameter.pointers == 1 && *name == conversions.anything => {
                Fit::Untyped
            }
            (Base::Other(ty), _) if parameter.pointers == 0 => self.construction_fit(ty),
            _ if arg.pointers > 0 => Fit::Never,
            (_, Base::Number(_)) => {
                if arg.is_literal {
                    Fit::Perhaps
                } else {
                    Fit::Never
                }
            }
            _ => Fit::Constructed,
        }
    }

    /// A class can be made of what one of its constructors takes.
    fn construction_fit(&mut self, wanted: &Ty) -> Fit {
        match wanted {
            Ty::Instance(class, _) if self.world.kind(*class) == SymbolKind::Enum => Fit::Never,
            Ty::Instance(class, _) if !self.has_conversion_from(*class) => Fit::Never,
            _ => Fit::Constructed,
        }
    }

    fn like_pointers(&mut self, conversions: &Conversions, parameter: &Shape, arg: &Shape) -> Fit {
        let is_simple = parameter.pointers == 1;
        match (parameter.is_const, arg.is_const) {
            (Some(false), Some(true)) if is_simple => return Fit::Never,
            (Some(false), None) => return Fit::Perhaps,
            _ => {}
        }
        if parameter.base.may_be(&arg.base) {
            let is_same = parameter.is_const == arg.is_const;
            return if is_same { Fit::Exactly } else { Fit::Qualified };
        }
        match (&parameter.base, &arg.base) {
            (Base::Number(name), _) if *name == conversions.anything && is_simple => Fit::Untyped,
            (Base::Number(wanted), Base::Number(given)) => different_numbers(conversions, wanted, given, Fit::Never),
            (Base::Other(Ty::Instance(wanted, _)), Base::Other(Ty::Instance(given, _))) => {
                let ancestors = self.ancestors(*given);
                let is_open = ancestors.iter().any(|&class| self.bases.is_open(class));
                match ancestors.contains(wanted) {
                    true => Fit::Converted,
                    false if is_open => Fit::Perhaps,
                    false => Fit::Never,
                }
            }
            (Base::Other(Ty::Instance(..)), Base::Number(_)) | (Base::Number(_), Base::Other(Ty::Instance(..))) => {
                Fit::Never
            }
            _ => Fit::Perhaps,
        }
    }

    /// Of two values of different types.
    fn plain_fit(&mut self, conversions: &Conversions, wanted: &Base, given: &Base) -> Fit {
        match (wanted, given) {
            (Base::Number(wanted), Base::Number(given)) => {
                let promoted = (conversions.number)(given).is_some_and(|number| number.promoted == *wanted);
                let otherwise = if promoted { Fit::Widened } else { Fit::Converted };
                different_numbers(conversions, wanted, given, otherwise)
            }
            (Base::Number(wanted), Base::Other(Ty::Instance(class, _))) => {
                match self.world.kind(*class) == SymbolKind::Enum {
                    true if (conversions.literal)(Literal::Int) == Some(wanted) => Fit::Widened,
                    true => Fit::Converted,
                    false => Fit::Constructed,
                }
            }
            (Base::Other(Ty::Instance(wanted, _)), Base::Other(Ty::Instance(given, _))) => {
                let is_base = self.ancestors(*given).contains(wanted);
                if is_base { Fit::Converted } else { self.construction_fit(&Ty::instance(*wanted)) }
            }
            (Base::Other(ty @ Ty::Instance(..)), _) => self.construction_fit(ty),
            (Base::Other(Ty::Outside(..)), Base::Other(Ty::Outside(..))) => Fit::Perhaps,
            (Base::Other(Ty::Outside(..)), _) | (Base::Number(_), Base::Other(Ty::Outside(..))) => Fit::Constructed,
            _ => Fit::Perhaps,
        }
    }
}

/// A template's parameter becomes whatever the argument is, but the same everywhere. `deduced` says what they have
/// become so far.
fn deduction_fit(parameter: &Shape, arg: &Shape, deduced: &mut Vec<(Base, Shape)>) -> Fit {
    if matches!(arg.base, Base::Unknown | Base::Null | Base::Parameter(..)) {
        return Fit::Perhaps;
    }
    let Some(pointers) = arg.pointers.checked_sub(parameter.pointers) else { return Fit::Never };
    // By value, only what pointers lead to stays constant.
    let is_const = if pointers > 0 { arg.is_const } else { Some(false) };
    let made = Shape { base: arg.base.clone(), pointers, is_const, ..Shape::UNKNOWN };
    match deduced.iter().find(|(base, _)| *base == parameter.base) {
        Some((_, known)) if *known == made => {}
        Some((_, known)) if known.is_const.is_none() || made.is_const.is_none() => return Fit::Perhaps,
        Some(_) => return Fit::Never,
        None => deduced.push((parameter.base.clone(), made)),
    }
    match (parameter.category, parameter.is_const, arg.is_const) {
        (Category::Place, Some(true), Some(false)) => Fit::Qualified,
        (Category::Place, _, None) => Fit::Perhaps,
        _ => Fit::Exactly,
    }
}

/// Two numbers of different names: nothing is known if one is another's name on some machines.
fn different_numbers(conversions: &Conversions, wanted: &str, given: &str, otherwise: Fit) -> Fit {
    let number = |name| (conversions.number)(name);
    match (number(wanted), number(given)) {
        (Some(wanted), Some(given)) if wanted.varies != given.varies && wanted.rank > 3 && given.rank > 3 => {
            let is_like = wanted.rank % 2 == given.rank % 2 && wanted.rank < 8 && given.rank < 8;
            if is_like { Fit::Perhaps } else { otherwise }
        }
        _ => otherwise,
    }
}

/// Of a value and a parameter of the same type: what may be changed, and what is a temporary.
fn qualified(parameter: &Shape, arg: &Shape) -> Fit {
    match (parameter.category, parameter.is_const, arg.is_const, arg.category) {
        (Category::Value, ..) => Fit::Exactly,
        (Category::Temporary, .., Category::Place) => Fit::Never,
        (Category::Temporary, _, _, Category::Value) => Fit::Perhaps,
        (Category::Temporary, .., Category::Temporary) => Fit::Exactly,
        (Category::Place, Some(true), _, Category::Temporary) => Fit::Qualified,
        (Category::Place, Some(true), Some(true), _) => Fit::Exactly,
        (Category::Place, Some(true), Some(false), _) => Fit::Qualified,
        (Category::Place, Some(true), None, _) => Fit::Qualified,
        (Category::Place, Some(false), Some(true), _) | (Category::Place, Some(false), _, Category::Temporary) => {
            Fit::Never
        }
        (Category::Place, Some(false), Some(false), Category::Place) => Fit::Exactly,
        (Category::Place, ..) => Fit::Perhaps,
    }
}
