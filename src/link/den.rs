//! What names denote and what values are, while linking.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::model::{Reason, Rule};

use super::world::{Module, Name, Sym};

/// A few definitions.
pub(super) type Syms = SmallVec<[Sym; 2]>;

/// What a name or path denotes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Den {
    /// Definitions of the tree: overloads, conditional definitions, or one.
    Symbols(Syms, Rule),
    /// A module of the tree.
    Module(Module, Rule),
    /// Something outside the tree.
    External(Rc<str>, Rule),
    /// Local variables of one name: bindings `start..start + len` of a file.
    Local { file: u32, start: u32, len: u32 },
    /// A type parameter: a binding of a file.
    TypeParameter { file: u32, binding: u32 },
    /// Not found, or not known.
    Unknown(Reason),
}

impl Den {
    /// Whether the search for it may go on elsewhere. What is too much to tell apart ends it.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(reason) if *reason != Reason::Limit)
    }

    /// The same with another rule as evidence.
    pub(super) fn by(self, rule: Rule) -> Self {
        match self {
            Self::Symbols(symbols, _) => Self::Symbols(symbols, rule),
            Self::Module(module, _) => Self::Module(module, rule),
            Self::External(name, _) => Self::External(name, rule),
            other => other,
        }
    }
}

/// The file that what stands for types in a row of signatures is declared in: none.
const NO_FILE: u32 = u32::MAX;

/// A type parameter as a type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parameter {
    /// The file of its declaration.
    pub(super) file: u32,
    /// The binding that declares it.
    pub(super) declared: u32,
    /// The binding through which it is seen, which may say more of it.
    pub(super) seen: u32,
}

impl Parameter {
    /// A letter of a row of signatures.
    pub(super) fn letter(letter: u8) -> Self {
        Self { file: NO_FILE, declared: u32::from(letter), seen: u32::from(letter) }
    }

    /// Whether it is a letter of a row of signatures, which nothing in the tree declares.
    pub(super) fn is_letter(self) -> bool {
        self.file == NO_FILE
    }
}

/// What a value is, as far as its members go.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ty {
    /// Not known.
    Unknown,
    /// `null`, `None`, `nil`: adds nothing to a union.
    Null,
    /// What callers pass: anything. In a union, the others are what the value is unless a caller passes another.
    Argument,
    /// A value of a type of the tree, with type arguments.
    Instance(Sym, Rc<[Ty]>),
    /// A value of a type outside the tree, with type arguments.
    Outside(Rc<str>, Rc<[Ty]>),
    /// A type itself.
    Class(Sym),
    /// A module itself.
    Module(Module),
    /// A function of the tree.
    Callable(Sym),
    /// Some function that returns this.
    Returns(Rc<Ty>),
    /// Some function of these parameters that returns this.
    Function(Rc<[Ty]>, Rc<Ty>),
    /// What a type parameter stands for.
    Parameter(Parameter),
    /// The type that implements a trait, as the trait sees it.
    This(Sym),
    /// The associated type of this name of a type that is not settled.
    Projected(Rc<Ty>, Name),
    /// A tuple.
    Tuple(Rc<[Ty]>),
    /// A list, array or slice of this.
    List(Rc<Ty>),
    /// One of these.
    Union(Rc<[Ty]>),
    /// All of these at once (bounds of a type parameter).
    All(Rc<[Ty]>),
}

impl Ty {
    /// A value of a type of the tree without type arguments.
    pub(super) fn instance(symbol: Sym) -> Self {
        Self::Instance(symbol, Rc::from([]))
    }

    /// A value of a type outside the tree without type arguments.
    pub(super) fn outside(name: &str) -> Self {
        Self::Outside(Rc::from(name), Rc::from([]))
    }

    /// One of several types; nulls and repetitions add nothing, one unknown makes all unknown.
    pub(super) fn union(types: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Self> = Vec::new();
        for ty in types {
            match ty {
                Self::Null => {}
                Self::Unknown => return Self::Unknown,
                Self::Union(inner) => inner.iter().for_each(|ty| push_new(&mut parts, ty.clone())),
                other => push_new(&mut parts, other),
            }
        }
        match parts.len() {
            0 => Self::Null,
            1 => parts.swap_remove(0),
            2..=UNION_MAX => Self::Union(parts.into()),
            _ => Self::Unknown,
        }
    }

    /// Whether something in it depends on what a type parameter stands for.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Parameter(_) | Self::This(_) | Self::Projected(..) => true,
            Self::Function(takes, gives) => gives.is_open() || takes.iter().any(Self::is_open),
            other => other.parts().iter().any(Self::is_open),
        }
    }

    /// The types it is made of; of a function only what it returns.
    fn parts(&self) -> &[Self] {
        match self {
            Self::Instance(_, types) | Self::Outside(_, types) => types,
            Self::Tuple(types) | Self::Union(types) | Self::All(types) => types,
            Self::Returns(ty) | Self::List(ty) | Self::Function(_, ty) | Self::Projected(ty, _) => {
                std::slice::from_ref(ty)
            }
            _ => &[],
        }
    }

    /// The same, or unknown if it is made of too many types: what is built step by step may grow without end.
    pub(super) fn bounded(self) -> Self {
        let mut left = SIZE_MAX;
        if self.fits(&mut left) { self } else { Self::Unknown }
    }

    fn fits(&self, left: &mut u32) -> bool {
        let Some(less) = left.checked_sub(1) else { return false };
        *left = less;
        let takes = match self {
            Self::Function(takes, _) => takes,
            _ => &[][..],
        };
        takes.iter().chain(self.parts()).all(|part| part.fits(left))
    }

    /// What a function takes for a parameter; of several types the first that is a function.
    pub(super) fn taken(&self, index: u16) -> Option<Self> {
        match self {
            Self::Function(takes, _) => takes.get(index as usize).cloned(),
            Self::Union(types) | Self::All(types) => types.iter().find_map(|ty| ty.taken(index)),
            _ => None,
        }
    }

    /// Whether a value of the other type may have the shape of this one.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Instance(a, _), Self::Instance(b, _)) => a == b,
            (Self::Outside(a, _), Self::Outside(b, _)) => a == b,
            (Self::Function(..) | Self::Returns(_), Self::Function(..) | Self::Returns(_) | Self::Callable(_)) => true,
            (Self::List(_), Self::List(_)) => true,
            (Self::Tuple(a), Self::Tuple(b)) => a.len() == b.len(),
            _ => false,
        }
    }

    /// `Self` in a row of signatures: whatever type the row is looked up for.
    pub(super) const ROW_SELF: Self = Self::This(Sym(u32::MAX));

    /// The same with what a row of signatures left open as unknown.
    pub(super) fn without_letters(&self) -> Self {
        let all = |types: &[Self]| -> Rc<[Self]> { types.iter().map(Self::without_letters).collect() };
        match self {
            Self::Parameter(parameter) if parameter.is_letter() => Self::Unknown,
            ty if *ty == Self::ROW_SELF => Self::Unknown,
            ty if !ty.is_open() => ty.clone(),
            Self::Instance(symbol, types) => Self::Instance(*symbol, all(types)),
            Self::Outside(name, types) => Self::Outside(name.clone(), all(types)),
            Self::Tuple(types) => Self::Tuple(all(types)),
            Self::List(item) => Self::List(Rc::new(item.without_letters())),
            Self::Union(types) => Self::union(all(types).iter().cloned()),
            Self::All(types) => Self::All(all(types)),
            Self::Returns(result) => Self::Returns(Rc::new(result.without_letters())),
            Self::Function(takes, result) => Self::Function(all(takes), Rc::new(result.without_letters())),
            other => other.clone(),
        }
    }

    /// The type of what was found by `rule`: found on what a caller may have passed another for, it may be another.
    pub(super) fn found_by(self, rule: Rule) -> Self {
        if rule == Rule::Fallback { Self::union([self, Self::Argument]) } else { self }
    }

    /// The first type argument, if any.
    pub(super) fn first_argument(&self) -> Option<Self> {
        match self {
            Self::Outside(_, args) | Self::Instance(_, args) => args.first().cloned(),
            _ => None,
        }
    }
}

/// Most types one type may be made of.
const SIZE_MAX: u32 = 96;

/// Most alternatives a value may have before it counts as unknown.
const UNION_MAX: usize = 16;

fn push_new(parts: &mut Vec<Ty>, ty: Ty) {
    if !parts.contains(&ty) {
        parts.push(ty);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_leaves_open_is_unknown_and_what_the_tree_leaves_open_stays() {
        let letter = Ty::Parameter(Parameter::letter(b'T'));
        let declared = Ty::Parameter(Parameter { file: 0, declared: 1, seen: 1 });
        let implementing = Ty::This(Sym(0));
        let open = [letter, Ty::ROW_SELF, declared.clone(), implementing.clone()];
        let settled = [Ty::Unknown, Ty::Unknown, declared, implementing];
        assert_eq!(Ty::Tuple(open.into()).without_letters(), Ty::Tuple(settled.into()));
    }
}
