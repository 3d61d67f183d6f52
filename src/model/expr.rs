//! The part of expressions and types that linking needs, the same shape for every language.
//!
//! Expressions form an arena per file; an expression refers only to earlier ones, so the arena is acyclic.

use serde::{Deserialize, Serialize};

use super::{ImportId, NameId, ScopeId, SymbolId};

/// An expression of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExprId(pub u32);

/// A run of [`ExprId`]s in `FileFacts::lists`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExprList {
    /// Index of the first element.
    pub start: u32,
    /// Number of elements.
    pub len: u32,
}

/// Which of a language's name spaces a plain name is looked up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Space {
    /// Any definition.
    Any,
    /// Types, modules and type parameters (where the language keeps them apart).
    Type,
    /// Values: functions, variables, constructors.
    Value,
    /// Macros only.
    Macro,
    /// C and C++ `struct`/`union`/`enum` tags.
    Tag,
    /// Methods only, where variables and types of the same name are no obstacle (Java).
    Method,
    /// Variables, types and packages, but no methods (Java).
    NonMethod,
    /// The first segment of an absolute path, which no scope declares (Java imports).
    Root,
}

/// What a literal is, as far as its methods differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Literal {
    Str,
    Bytes,
    Int,
    Float,
    Bool,
    Char,
    Null,
    Regex,
    List,
    Map,
    Set,
    Range,
    Function,
}

/// An expression or a type expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant's line explains its fields")]
pub enum Expr {
    /// Nothing is known about it.
    Unknown,
    /// A plain name, looked up from `scope` outwards as seen at byte `at`.
    Name { name: NameId, scope: ScopeId, at: u32, space: Space },
    /// `base.name`, `base::name`, `base->name`: a member of a value, type or module.
    Member { base: ExprId, name: NameId },
    /// The value a call gives back.
    Call { callee: ExprId, args: ExprList },
    /// The value made by constructing `class`.
    New { class: ExprId, args: ExprList },
    /// A definition of this file itself: `Self`, a closure, a class expression.
    Symbol(SymbolId),
    /// A value of the type that a definition of this file is: `self`, `this`.
    Instance(SymbolId),
    /// The same value seen as its base types: `super`.
    Super(SymbolId),
    /// What an import of this file brings in.
    Import(ImportId),
    /// A literal.
    Literal(Literal),
    /// A generic type with arguments: `Vec<T>`, `List[str]`.
    Apply { base: ExprId, args: ExprList },
    /// A value of a written type: a cast, an annotation, a typed literal.
    Typed { ty: ExprId },
    /// `base[index]`.
    Index { base: ExprId },
    /// What iterating over `base` gives.
    Element { base: ExprId },
    /// Component `index` (0-based) of a tuple or destructured array.
    Part { base: ExprId, index: u16 },
    /// `await base`.
    Await { base: ExprId },
    /// `base?` in Rust: the success value.
    Try { base: ExprId },
    /// `*base`, or the type pointed to.
    Deref { base: ExprId },
    /// `&base`, or a reference or pointer type.
    Ref { base: ExprId },
    /// A tuple or tuple type.
    Tuple { items: ExprList },
    /// An array, slice or list with these elements, or of this element type.
    List { items: ExprList },
    /// One of several: conditional expression, union type, `a || b`.
    Union { items: ExprList },
    /// A function type or value that returns `result`.
    Function { result: ExprId },
    /// A function type with the types of its parameters.
    Signature { parameters: ExprList, result: ExprId },
    /// What `callee` hands to parameter `index` of the function that it is given as argument `place`.
    Passed { callee: ExprId, place: u16, index: u16 },
    /// The keys that iterating over `base` gives: of a map its keys, of a channel or sequence its elements.
    Key { base: ExprId },
    /// What a loop over `base` gives in Python: of a map its keys, of a value of a type of the tree what iterating
    /// over `iterator`, the call of its iteration method, gives.
    Iterate { base: ExprId, iterator: ExprId },
    /// What adding, multiplying or otherwise reckoning with these gives.
    Sum { items: ExprList },
    /// A type whose values cannot be changed: `const T`.
    Const { base: ExprId },
    /// A reference that takes temporary values only: `T&&`.
    Temporary { base: ExprId },
    /// A reference to what has another name: `T&` in C++, where [`Expr::Ref`] is a pointer.
    Reference { base: ExprId },
    /// What a caller passes for a parameter of no written type that has a default value.
    Argument,
}
