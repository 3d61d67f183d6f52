//! How an argument suits a parameter, where a library says which types are subtypes of which.

use crate::lang::{Library, TypeKind};
use crate::model::SymbolKind;

use super::bases::last_segment;
use super::den::Ty;
use super::lookup::Resolver;
use super::world::Sym;

/// How an argument suits a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It cannot be passed.
    Never,
    /// Too little is known.
    Perhaps,
    /// As one of any number of arguments without type.
    Variable,
    /// Perhaps, by making an object of it or asking it for another value.
    Constructed,
    /// A pointer as the truth value whether it leads anywhere.
    Judged,
    /// A pointer as one to anything.
    Untyped,
    /// After it was put into an object or taken out of one, or by a conversion.
    Converted,
    /// As a subtype or a wider number.
    Widened,
    /// As something that may be changed, though it will not.
    Qualified,
    /// As it is.
    Exactly,
}

impl Resolver<'_, '_> {
    /// How well a value of type `arg` suits a parameter of type `parameter`.
    pub(super) fn library_fit(&self, library: &Library, parameter: &Ty, arg: &Ty) -> Fit {
        match self.subtype(library, arg, parameter) {
            Some(true) if parameter == arg => return Fit::Exactly,
            Some(true) => return Fit::Widened,
            // Primitive types are always known: what is not takes a number as an object only.
            None if *parameter == Ty::Unknown && primitive(library, arg) => return Fit::Constructed,
            None => return Fit::Perhaps,
            Some(false) => {}
        }
        let converted = match (primitive(library, parameter), primitive(library, arg)) {
            (false, true) => match library_name(library, arg).and_then(|name| library.boxed(name)) {
                Some(class) => library.path(class).map(Ty::outside),
                None => None,
            },
            (true, false) => match library_name(library, arg).and_then(|name| library.unboxed(name)) {
                Some(number) => library.path(number).map(Ty::outside),
                None => None,
            },
            _ => None,
        };
        match converted.map(|converted| self.subtype(library, &converted, parameter)) {
            Some(Some(true)) => Fit::Converted,
            Some(None) => Fit::Perhaps,
            Some(Some(false)) | None => Fit::Never,
        }
    }

    /// Whether every value of type `given` is one of type `wanted` without conversion; none if that is not known.
    pub(super) fn subtype(&self, library: &Library, given: &Ty, wanted: &Ty) -> Option<bool> {
        match (given, wanted) {
            (Ty::Unknown, _) | (_, Ty::Unknown | Ty::Null) => None,
            (_, Ty::All(bounds)) => all(bounds.iter().map(|bound| self.subtype(library, given, bound))),
            (Ty::Union(types), _) => same(types.iter().map(|ty| self.subtype(library, ty, wanted))),
            (Ty::All(bounds), _) => any(bounds.iter().map(|bound| self.subtype(library, bound, wanted))),
            (Ty::Null, _) => Some(!primitive(library, wanted)),
            (Ty::Returns(_) | Ty::Callable(_), _) => self.holds_function(library, wanted),
            (Ty::Outside(path, _), _) if &**path == FUNCTION => self.holds_function(library, wanted),
            (Ty::List(given), Ty::List(wanted)) => match primitive(library, given) || primitive(library, wanted) {
                true => self.is_same(given, wanted),
                false => self.subtype(library, given, wanted),
            },
            (Ty::List(_), Ty::Outside(..)) => {
                library_name(library, wanted).map(|name| library.holds_arrays(name)).or(Some(false))
            }
            (Ty::List(_), Ty::Instance(..)) | (Ty::Outside(..) | Ty::Instance(..), Ty::List(_)) => Some(false),
            (Ty::Outside(..), Ty::Instance(..)) => Some(false),
            (Ty::Outside(given, _), Ty::Outside(wanted, _)) => outside_subtype(library, given, wanted),
            (Ty::Instance(given, _), Ty::Instance(wanted, _)) => self.inherits(*given, *wanted),
            (Ty::Instance(class, _), Ty::Outside(path, _)) => self.inherits_outside(library, *class, path),
            _ => None,
        }
    }

    /// Whether two types of which one is primitive are surely the same, or surely not. What is not known of a
    /// parameter is no primitive type.
    fn is_same(&self, one: &Ty, other: &Ty) -> Option<bool> {
        match (one, other) {
            (_, Ty::Unknown) => Some(false),
            (Ty::Unknown, _) => None,
            _ => Some(one == other),
        }
    }

    fn inherits(&self, class: Sym, base: Sym) -> Option<bool> {
        let ancestors = self.ancestors(class);
        if ancestors.contains(&base) {
            return Some(true);
        }
        let is_open = ancestors.iter().any(|&class| self.bases.is_open(class));
        (!is_open).then_some(false)
    }

    /// Whether a type of the tree is a subtype of one outside: through any of its base types, or by what it is.
    fn inherits_outside(&self, library: &Library, class: Sym, path: &str) -> Option<bool> {
        let implied = match self.world.kind(class) {
            SymbolKind::Enum => "Enum",
            SymbolKind::Record => "Record",
            _ => library.special().top,
        };
        let implied = library.path(implied).and_then(|implied| outside_subtype(library, implied, path));
        if implied == Some(true) {
            return implied;
        }
        let mut known = implied;
        for ancestor in self.ancestors(class) {
            for base in self.bases.outsides(ancestor) {
                match outside_subtype(library, base, path) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => known = None,
                }
            }
            if self.bases.is_open(ancestor) {
                known = None;
            }
        }
        known
    }

    /// Whether a function can be passed: to an interface only.
    fn holds_function(&self, library: &Library, wanted: &Ty) -> Option<bool> {
        match wanted {
            Ty::Instance(class, _) if self.world.kind(*class) != SymbolKind::Interface => Some(false),
            Ty::List(_) => Some(false),
            Ty::Outside(..) => match library.kind(library_name(library, wanted)?) {
                Some(TypeKind::Interface) | None => None,
                Some(_) => Some(false),
            },
            _ => None,
        }
    }
}

/// The name of a function written in place whose result is not known.
const FUNCTION: &str = "function";

/// Whether a type outside the tree is a subtype of another.
fn outside_subtype(library: &Library, given: &str, wanted: &str) -> Option<bool> {
    if given == wanted {
        return Some(true);
    }
    match (library.find(given), library.find(wanted)) {
        (Some(given), Some(wanted)) => library.is_subtype(given, wanted),
        // What the table does not have is no primitive type, and no class is a subtype of one without subclasses.
        (None, Some(wanted)) => library.is_subtype(given, wanted),
        // An import of everything in a package may have made one path of another.
        _ if last_segment(given) == last_segment(wanted) => None,
        (Some(given), None) => library.is_primitive(given).then_some(false),
        (None, None) => None,
    }
}

fn library_name<'l>(library: &'l Library, ty: &Ty) -> Option<&'l str> {
    match ty {
        Ty::Outside(path, _) => library.find(path),
        _ => None,
    }
}

/// Whether a type is known to be primitive.
fn primitive(library: &Library, ty: &Ty) -> bool {
    library_name(library, ty).is_some_and(|name| library.is_primitive(name))
}

/// Whether all hold.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    any(answers.map(|answer| answer.map(|holds| !holds))).map(|fails| !fails)
}

/// Whether any holds.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(false);
    for answer in answers {
        match answer {
            Some(true) => return Some(true),
            Some(false) => {}
            None => known = None,
        }
    }
    known
}

/// What all agree on.
fn same(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let first = answers.next()??;
    answers.all(|answer| answer == Some(first)).then_some(first)
}
