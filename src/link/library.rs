//! What members of types outside the tree give by a language's [`Library`]: `text.length()` is an `int`.

use std::rc::Rc;

use crate::lang::{Given, Library};
use crate::model::{Expr, ExprId, ExprList, SymbolKind};

use super::bases::last_segment;
use super::den::Ty;
use super::lookup::Resolver;
use super::world::Sym;

impl Resolver<'_, '_> {
    /// The value of a name or member that leads outside: a type seen as such, a field, or nothing known.
    pub(super) fn library_value(&mut self, library: &Library, file: u32, expr: ExprId, path: &str) -> Ty {
        if library.find(path).is_some() {
            return Ty::outside(path);
        }
        if let Some(field) = self.library_member(library, file, expr, ExprList::default(), path) {
            return field;
        }
        // By convention, types are written in mixed case and all else begins small or is written in capitals.
        let last = last_segment(path);
        let is_type = last.starts_with(char::is_uppercase) && (last.len() == 1 || last.contains(char::is_lowercase));
        if is_type { Ty::outside(path) } else { Ty::Unknown }
    }

    /// What the member that `path` ends in gives, of the type it belongs to.
    pub(super) fn library_member(
        &mut self,
        library: &Library,
        file: u32,
        member: ExprId,
        args: ExprList,
        path: &str,
    ) -> Option<Ty> {
        let name = last_segment(path);
        let receiver = match self.world.files[file as usize].facts.expr(member) {
            Expr::Member { base, .. } => self.value(file, base),
            _ => Ty::Unknown,
        };
        if let Ty::List(_) = receiver {
            return match name {
                "length" => library_type(library, library.special().sum),
                "clone" => Some(receiver),
                _ => self.given(library, library.member(library.special().top, name)?, &receiver, file, args),
            };
        }
        let owner = match &receiver {
            Ty::Outside(path, _) => library.find(path),
            _ => None,
        };
        let owner = owner.or_else(|| library.find(path.rsplit_once('.')?.0));
        let given = match (owner, &receiver) {
            (Some(owner), _) => library.member(owner, name)?,
            (None, Ty::Instance(class, _)) => self.implied_member(library, *class, name)?,
            (None, _) => return None,
        };
        self.given(library, given, &receiver, file, args)
    }

    /// A member that every type of the tree has, or every enumeration.
    fn implied_member<'l>(&self, library: &'l Library, class: Sym, name: &str) -> Option<&'l Given> {
        let owner = if self.world.kind(class) == SymbolKind::Enum { "Enum" } else { library.special().top };
        library.member(owner, name)
    }

    /// The type the table states, for one receiver and its arguments.
    fn given(&mut self, library: &Library, given: &Given, receiver: &Ty, file: u32, args: ExprList) -> Option<Ty> {
        Some(match given {
            Given::Named(name, arguments) => {
                let arguments: Vec<Ty> = arguments
                    .iter()
                    .map(|argument| self.given(library, argument, receiver, file, args).unwrap_or(Ty::Unknown))
                    .collect();
                Ty::Outside(Rc::from(library.path(name)?), arguments.into())
            }
            Given::Array(item) => Ty::List(Rc::new(self.given(library, item, receiver, file, args)?)),
            Given::TypeArgument(index) => match receiver {
                Ty::Outside(_, arguments) => arguments.get(*index)?.clone(),
                _ => return None,
            },
            Given::Receiver => match receiver {
                Ty::Unknown => return None,
                known => known.clone(),
            },
            Given::Passed => {
                let first = *self.world.files[file as usize].facts.list(args).first()?;
                match self.value(file, first) {
                    Ty::Null | Ty::Returns(_) | Ty::Callable(_) => return None,
                    passed => passed,
                }
            }
            Given::Described => {
                let first = *self.world.files[file as usize].facts.list(args).first()?;
                self.value(file, first).first_argument()?
            }
            Given::Arithmetic => {
                let mut operands = self.values_of(file, args);
                operands.extend(library_type(library, library.special().sum));
                reckoned(library, &operands)
            }
        })
    }

    /// What an operator of arithmetic gives.
    pub(super) fn sum(&mut self, file: u32, items: ExprList) -> Ty {
        match self.world.files[file as usize].rules.overloads.library() {
            Some(library) => {
                let operands = self.values_of(file, items);
                reckoned(library, &operands)
            }
            None => Ty::Unknown,
        }
    }
}

/// A value of a type of the library.
fn library_type(library: &Library, name: &str) -> Option<Ty> {
    library.path(name).map(Ty::outside)
}

/// The type of an arithmetic expression: a text if one operand is, else the widest of the numbers.
fn reckoned(library: &Library, operands: &[Ty]) -> Ty {
    let special = library.special();
    let mut widest: Option<&str> = None;
    let mut is_known = true;
    for operand in operands {
        let name = match operand {
            Ty::Outside(path, _) => library.find(path),
            _ => None,
        };
        match name {
            Some(name) if name == special.text => return library_type(library, name).unwrap_or(Ty::Unknown),
            Some(name) => match library.unboxed(name).or(library.is_primitive(name).then_some(name)) {
                Some(number) => widest = Some(widest.map_or(number, |known| wider(library, known, number))),
                None => is_known = false,
            },
            None => is_known = false,
        }
    }
    widest.filter(|_| is_known).and_then(|name| library_type(library, name)).unwrap_or(Ty::Unknown)
}

/// The wider of two primitive types; of a truth value and a number, which only `|` and its like reckon with, the
/// truth value.
fn wider<'n>(library: &Library, one: &'n str, other: &'n str) -> &'n str {
    let truth = library.special().truth;
    if one == truth || other == truth {
        return if one == truth { one } else { other };
    }
    if library.is_subtype(one, other) == Some(true) { other } else { one }
}
