//! Choosing among overloads by phases, as Java does (JLS 15.12.2): first those that take the arguments as they are,
//! then with values put into objects or taken out, then with variable arity; of those that do, the one whose
//! parameters are the narrowest. What is not known of an argument never excludes a callable.

use std::rc::Rc;

use crate::lang::Library;
use crate::model::ScopeId;

use super::den::{Syms, Ty};
use super::fit::Fit;
use super::lookup::Resolver;
use super::world::Sym;

/// In which phase a callable takes the arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Strict,
    Loose,
    Variable,
    Never,
}

/// One callable as a candidate for a call.
struct Candidate {
    symbol: Sym,
    /// The type of the parameter each argument goes to.
    parameters: Vec<Ty>,
    fits: Vec<Fit>,
    /// Whether the last parameter takes any number of arguments here.
    is_expanded: bool,
    /// The first phase in which it may take the arguments.
    earliest: Phase,
    /// The first phase in which it surely does.
    surest: Phase,
}

impl Resolver<'_, '_> {
    /// Those of several callables that a call with such arguments can mean; all if none seems to fit.
    pub(super) fn by_phase(&mut self, library: &Library, symbols: Syms, args: Vec<Ty>) -> Syms {
        let args: Vec<Ty> = args.into_iter().map(|ty| self.erased(library, None, ty)).collect();
        let mut candidates: Vec<Candidate> =
            symbols.iter().filter_map(|&symbol| self.candidate(library, symbol, &args)).collect();
        let surest = candidates.iter().map(|candidate| candidate.surest).min().unwrap_or(Phase::Never);
        candidates.retain(|candidate| candidate.earliest <= surest);
        let is_best =
            |candidate: &&Candidate| !candidates.iter().any(|other| self.is_more_specific(library, other, candidate));
        let best: Syms = candidates.iter().filter(is_best).map(|candidate| candidate.symbol).collect();
        if best.is_empty() { symbols } else { best }
    }

    /// How a callable takes the arguments; none if it surely does not.
    fn candidate(&mut self, library: &Library, symbol: Sym, args: &[Ty]) -> Option<Candidate> {
        let parameters = self.erased_parameters(library, symbol);
        let is_variadic = self.world.symbol(symbol).arity.is_some_and(|arity| arity.max == u16::MAX);
        let expanded = match parameters.last() {
            Some(last) if is_variadic => {
                let fixed = parameters.len() - 1;
                let item = match last {
                    Ty::List(item) => (**item).clone(),
                    _ => Ty::Unknown,
                };
                let rest = args.len().saturating_sub(fixed);
                let all = parameters[..fixed].iter().cloned().chain(std::iter::repeat_n(item, rest));
                self.form(library, symbol, all.collect(), args, true)
            }
            _ => None,
        };
        match (self.form(library, symbol, parameters, args, false), expanded) {
            (Some(fixed), Some(expanded)) => Some(Candidate { surest: fixed.surest.min(expanded.surest), ..fixed }),
            (fixed, expanded) => fixed.or(expanded),
        }
    }

    /// The types of the parameters, where a method's own type parameter without bound may be any object.
    fn erased_parameters(&mut self, library: &Library, symbol: Sym) -> Vec<Ty> {
        let own = self.world.symbol(symbol).scope;
        let types = self.parameter_types(symbol);
        types.into_iter().map(|ty| self.erased(library, own, ty)).collect()
    }

    /// A type with what bounds say of it for a type parameter, also for one that an array is of; one without that the
    /// scope `own` declares may be any object.
    fn erased(&mut self, library: &Library, own: Option<ScopeId>, ty: Ty) -> Ty {
        let (mut item, mut depth) = (ty, 0);
        while let Ty::List(inner) = item {
            (item, depth) = ((*inner).clone(), depth + 1);
        }
        let erased = match item {
            Ty::Parameter(parameter) => {
                let is_own = own.is_some_and(|own| own == self.scope_of(parameter.file, parameter.declared));
                match (self.bounds(parameter), library.path(library.special().top)) {
                    (Ty::Unknown, Some(top)) if is_own => Ty::All([Ty::outside(top)].into()),
                    (bounds, _) => bounds,
                }
            }
            known => known,
        };
        (0..depth).fold(erased, |item, _| Ty::List(Rc::new(item)))
    }

    fn form(
        &self,
        library: &Library,
        symbol: Sym,
        parameters: Vec<Ty>,
        args: &[Ty],
        is_expanded: bool,
    ) -> Option<Candidate> {
        if parameters.len() != args.len() {
            return None;
        }
        let fits: Vec<Fit> =
            parameters.iter().zip(args).map(|(parameter, arg)| self.library_fit(library, parameter, arg)).collect();
        let earliest = fits.iter().map(|fit| phase(*fit, true)).max().unwrap_or(Phase::Strict);
        let surest = fits.iter().map(|fit| phase(*fit, false)).max().unwrap_or(Phase::Strict);
        let at_least = if is_expanded { Phase::Variable } else { Phase::Strict };
        let (earliest, surest) = (earliest.max(at_least), surest.max(at_least));
        let candidate = Candidate { symbol, parameters, fits, is_expanded, earliest, surest };
        (earliest != Phase::Never).then_some(candidate)
    }

    /// Whether `one` takes the arguments whenever `other` does, in no later phase, and its parameters are narrower.
    fn is_more_specific(&self, library: &Library, one: &Candidate, other: &Candidate) -> bool {
        let mut is_narrower = false;
        let mut latest = if one.is_expanded { Phase::Variable } else { Phase::Strict };
        for ((mine, theirs), fit) in one.parameters.iter().zip(&other.parameters).zip(&one.fits) {
            let is_same = mine == theirs && *mine != Ty::Unknown;
            if !is_same {
                let narrows = self.subtype(library, mine, theirs) == Some(true);
                if !narrows || *fit <= Fit::Perhaps {
                    return false;
                }
                is_narrower |= self.subtype(library, theirs, mine) == Some(false);
                latest = latest.max(phase(*fit, true));
            }
        }
        is_narrower && latest <= other.earliest
    }
}

/// The phase in which an argument can be passed; for one that is not known the best that may be, or none.
fn phase(fit: Fit, hopeful: bool) -> Phase {
    match fit {
        Fit::Exactly | Fit::Qualified | Fit::Widened => Phase::Strict,
        Fit::Converted | Fit::Untyped | Fit::Judged => Phase::Loose,
        Fit::Constructed if hopeful => Phase::Loose,
        Fit::Perhaps | Fit::Variable if hopeful => Phase::Strict,
        Fit::Perhaps | Fit::Constructed | Fit::Variable | Fit::Never => Phase::Never,
    }
}
