//! What names denote and what values are, while linking.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::model::{Reason, Rule};

use super::world::{Module, Sym};

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
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown(_))
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

/// Most alternatives a value may have before it counts as unknown.
const UNION_MAX: usize = 16;

fn push_new(parts: &mut Vec<Ty>, ty: Ty) {
    if !parts.contains(&ty) {
        parts.push(ty);
    }
}
