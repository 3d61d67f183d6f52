//! Which of several callables of one name a call means: by the number of arguments, and in languages that choose by
//! type, by what is known of the arguments' types.
//!
//! Only what is certain narrows the choice: a type that cannot be passed, or types that fit exactly.

use crate::model::{ExprList, SymbolKind};

use super::den::{Syms, Ty};
use super::lookup::Resolver;
use super::world::Sym;

/// Most base types searched for overloads of one call.
const TYPES_MAX: usize = 256;

/// What a call passes.
#[derive(Clone, Copy, Default)]
pub(super) struct Site {
    /// Number of arguments, if countable.
    pub(super) arity: Option<u16>,
    /// The arguments, with the file they stand in.
    pub(super) args: Option<(u32, ExprList)>,
    /// Whether the member is named through `super`, which no subtype can override.
    pub(super) is_super: bool,
}

/// How an argument suits a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Never,
    Perhaps,
    Exactly,
}

impl Resolver<'_, '_> {
    /// Those of several callables of one name that a call can mean; all of them if none seems to fit.
    pub(super) fn overloads(&mut self, symbols: Syms, site: Site) -> Syms {
        let chooses_by_type = symbols.first().is_some_and(|&symbol| self.chooses_by_type(symbol));
        let symbols = if chooses_by_type { self.with_inherited(symbols) } else { symbols };
        if symbols.len() < 2 {
            return symbols;
        }
        let fitting: Syms = symbols.iter().copied().filter(|&symbol| self.takes(symbol, site)).collect();
        match fitting.len() {
            0 => symbols,
            1 => fitting,
            _ if chooses_by_type => self.by_type(fitting, site),
            _ => fitting,
        }
    }

    fn takes(&self, symbol: Sym, site: Site) -> bool {
        self.world.symbol(symbol).arity.is_none_or(|declared| declared.accepts(site.arity))
    }

    fn chooses_by_type(&self, symbol: Sym) -> bool {
        self.world.files[self.world.file_of(symbol) as usize].rules.overloads && self.world.kind(symbol).is_callable()
    }

    /// Adds methods of the same name from base types that none of those found overrides.
    fn with_inherited(&mut self, mut symbols: Syms) -> Syms {
        let first = symbols[0];
        let name = self.world.name_of(first);
        let Some(owner) = self.owner_type(first).filter(|_| self.world.kind(first) == SymbolKind::Method) else {
            return symbols;
        };
        for class in self.ancestors(owner).into_iter().skip(1) {
            for inherited in self.methods(class, name) {
                let is_hidden = symbols.iter().any(|&nearer| self.overrides(nearer, inherited));
                if !is_hidden {
                    symbols.push(inherited);
                }
            }
        }
        symbols
    }

    /// A type and its base types in the tree, nearest first.
    fn ancestors(&self, class: Sym) -> Vec<Sym> {
        let mut queue = vec![class];
        let mut next = 0;
        while let Some(&class) = queue.get(next).filter(|_| next < TYPES_MAX) {
            for &base in self.bases.supers(class) {
                if !queue.contains(&base) {
                    queue.push(base);
                }
            }
            next += 1;
        }
        queue
    }

    /// Whether `nearer` takes the place of `inherited`: as many parameters, none surely of another type.
    fn overrides(&mut self, nearer: Sym, inherited: Sym) -> bool {
        self.world.symbol(nearer).arity == self.world.symbol(inherited).arity && !self.is_overload(nearer, inherited)
    }

    /// Whether two callables of one name are sure to stand side by side: a parameter has another type in each.
    pub(super) fn is_overload(&mut self, one: Sym, other: Sym) -> bool {
        if !self.chooses_by_type(one) {
            return false;
        }
        let (first, second) = (self.parameter_types(one), self.parameter_types(other));
        first.len() != second.len() || first.iter().zip(&second).any(|(a, b)| differ(a, b))
    }

    fn parameter_types(&mut self, symbol: Sym) -> Vec<Ty> {
        let world = self.world;
        let file = world.file_of(symbol);
        let parameters = world.files[file as usize].facts.parameters_of(world.symbol_id(symbol));
        parameters.iter().map(|parameter| parameter.ty.map_or(Ty::Unknown, |ty| self.written(file, ty))).collect()
    }

    /// Drops what cannot take the arguments; what fits exactly is meant alone.
    fn by_type(&mut self, symbols: Syms, site: Site) -> Syms {
        let Some((file, args)) = site.args else { return symbols };
        let args: Vec<Ty> =
            self.world.files[file as usize].facts.list(args).iter().map(|&arg| self.value(file, arg)).collect();
        let fits: Vec<(Fit, Sym)> = symbols.iter().map(|&symbol| (self.fit_all(symbol, &args), symbol)).collect();
        let best = if fits.iter().any(|(fit, _)| *fit == Fit::Exactly) { Fit::Exactly } else { Fit::Perhaps };
        let fitting: Syms = fits.into_iter().filter(|(fit, _)| *fit >= best).map(|(_, symbol)| symbol).collect();
        if fitting.is_empty() { symbols } else { fitting }
    }

    /// How well the arguments suit the parameters: as badly as the worst of them.
    fn fit_all(&mut self, symbol: Sym, args: &[Ty]) -> Fit {
        let parameters = self.parameter_types(symbol);
        let is_variadic = self.world.symbol(symbol).arity.is_some_and(|arity| arity.max == u16::MAX);
        let fixed = if is_variadic { parameters.len().saturating_sub(1) } else { parameters.len() };
        let pairs = parameters[..fixed].iter().zip(args);
        let mut worst = if is_variadic { Fit::Perhaps } else { Fit::Exactly };
        for (parameter, arg) in pairs {
            worst = worst.min(self.fit(parameter, arg));
        }
        worst
    }

    fn fit(&self, parameter: &Ty, arg: &Ty) -> Fit {
        match (parameter, arg) {
            (Ty::Instance(wanted, _), Ty::Instance(given, _)) if wanted == given => Fit::Exactly,
            (Ty::Instance(wanted, _), Ty::Instance(given, _)) => {
                let ancestors = self.ancestors(*given);
                let is_open = ancestors.iter().any(|&class| self.bases.is_open(class));
                if ancestors.contains(wanted) || is_open { Fit::Perhaps } else { Fit::Never }
            }
            (Ty::Outside(wanted, _), Ty::Outside(given, _)) if wanted == given => Fit::Exactly,
            (Ty::List(wanted), Ty::List(given)) => self.fit(wanted, given),
            // Nothing from outside is of a type of the tree, and no array of a named type.
            (Ty::Instance(..), Ty::Outside(..) | Ty::List(_)) | (Ty::List(_), Ty::Instance(..) | Ty::Outside(..)) => {
                Fit::Never
            }
            _ => Fit::Perhaps,
        }
    }

    /// The name of an overload outside the tree, where no one in it takes this many arguments but a base type from
    /// outside may have one that does.
    pub(super) fn outside_overload(&self, symbols: &[Sym], site: Site) -> Option<Box<str>> {
        let &first = symbols.first()?;
        let is_method = self.chooses_by_type(first) && self.world.kind(first) == SymbolKind::Method;
        if !is_method || symbols.iter().any(|&symbol| self.takes(symbol, site)) {
            return None;
        }
        let owner = self.owner_type(first)?;
        let outside = self.ancestors(owner).into_iter().find_map(|class| self.bases.outside(class))?;
        let separator = self.world.files[self.world.file_of(first) as usize].rules.separator;
        Some(format!("{outside}{separator}{}", self.world.names[self.world.name_of(first).0 as usize]).into())
    }
}

/// Whether two written types are sure not to be the same.
fn differ(one: &Ty, other: &Ty) -> bool {
    match (one, other) {
        (Ty::Instance(a, _), Ty::Instance(b, _)) => a != b,
        (Ty::Outside(a, _), Ty::Outside(b, _)) => a != b,
        (Ty::List(a), Ty::List(b)) => differ(a, b),
        (Ty::List(_) | Ty::Outside(..), Ty::Instance(..)) | (Ty::Instance(..), Ty::List(_) | Ty::Outside(..)) => true,
        (Ty::List(_), Ty::Outside(..)) | (Ty::Outside(..), Ty::List(_)) => true,
        _ => false,
    }
}
