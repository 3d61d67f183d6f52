//! Definitions.

use serde::{Deserialize, Serialize};

use super::{ExprId, NameId, ScopeId, Space, Span};

/// A definition of one file, numbered in source order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SymbolId(pub u32);

/// What a definition is. The words are the same in every output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the field's own terms")]
pub enum SymbolKind {
    Package,
    Module,
    Namespace,
    Class,
    Struct,
    Union,
    Enum,
    Interface,
    Trait,
    Record,
    Annotation,
    Concept,
    TypeAlias,
    AssociatedType,
    /// A Rust `impl` block; its items are members of the type it names.
    Impl,
    /// A Rust `extern` block.
    ExternBlock,
    Function,
    Method,
    Constructor,
    Destructor,
    /// A closure, lambda or anonymous function that is bound to no name.
    Closure,
    /// A block run when its class or object is set up (Java, JavaScript).
    Initializer,
    Macro,
    Variable,
    Constant,
    Field,
    Property,
    EnumMember,
}

impl SymbolKind {
    /// Every kind with the word used for it.
    pub const WORDS: [(Self, &'static str); 28] = [
        (Self::Package, "package"),
        (Self::Module, "module"),
        (Self::Namespace, "namespace"),
        (Self::Class, "class"),
        (Self::Struct, "struct"),
        (Self::Union, "union"),
        (Self::Enum, "enum"),
        (Self::Interface, "interface"),
        (Self::Trait, "trait"),
        (Self::Record, "record"),
        (Self::Annotation, "annotation"),
        (Self::Concept, "concept"),
        (Self::TypeAlias, "type_alias"),
        (Self::AssociatedType, "associated_type"),
        (Self::Impl, "impl"),
        (Self::ExternBlock, "extern_block"),
        (Self::Function, "function"),
        (Self::Method, "method"),
        (Self::Constructor, "constructor"),
        (Self::Destructor, "destructor"),
        (Self::Closure, "closure"),
        (Self::Initializer, "initializer"),
        (Self::Macro, "macro"),
        (Self::Variable, "variable"),
        (Self::Constant, "constant"),
        (Self::Field, "field"),
        (Self::Property, "property"),
        (Self::EnumMember, "enum_member"),
    ];

    /// The word shown for this kind.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }

    /// The kind a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|row| row.1 == word).map(|row| row.0)
    }

    /// Functions of every sort: what a call can run.
    pub fn is_callable(self) -> bool {
        matches!(
            self,
            Self::Function | Self::Method | Self::Constructor | Self::Destructor | Self::Closure | Self::Initializer
        )
    }

    /// Types that can have members.
    pub fn is_type(self) -> bool {
        matches!(
            self,
            Self::Class
                | Self::Struct
                | Self::Union
                | Self::Enum
                | Self::Interface
                | Self::Trait
                | Self::Record
                | Self::Annotation
                | Self::Concept
                | Self::TypeAlias
                | Self::AssociatedType
        )
    }

    /// Whether a name of `space` can mean a definition of this kind.
    pub fn is_in(self, space: Space) -> bool {
        match space {
            Space::Any => true,
            Space::Macro => self == Self::Macro,
            Space::Tag => matches!(self, Self::Struct | Self::Union | Self::Enum | Self::Class),
            Space::Type => self.is_type() || self.is_module(),
            Space::Method => matches!(self, Self::Function | Self::Method),
            Space::Root => self.is_module(),
            Space::NonMethod => !self.is_callable() && self != Self::Macro,
            Space::Value => !matches!(
                self,
                Self::Macro
                    | Self::Interface
                    | Self::Trait
                    | Self::Concept
                    | Self::TypeAlias
                    | Self::AssociatedType
                    | Self::Impl
            ),
        }
    }

    /// Modules, namespaces and packages.
    pub fn is_module(self) -> bool {
        matches!(self, Self::Package | Self::Module | Self::Namespace)
    }
}

/// Who may use a definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Visibility {
    /// Everyone, other packages included.
    Public,
    /// The package, crate or module (Rust `pub(crate)`, Java's default, Go's lower case, a C header's absence).
    Package,
    /// The class and its subclasses.
    Protected,
    /// The enclosing scope, class or file only.
    #[default]
    Private,
}

impl Visibility {
    /// Every visibility with the word used for it.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::Public, "public"),
        (Self::Package, "package"),
        (Self::Protected, "protected"),
        (Self::Private, "private"),
    ];

    /// The word shown for this visibility.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// A set of yes-or-no properties of a definition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Marks(pub u32);

impl Marks {
    /// A test function, test class or test module.
    pub const TEST: Self = Self(1);
    /// Declared `async`.
    pub const ASYNC: Self = Self(1 << 1);
    /// Belongs to the class, not to an instance; in C, internal linkage.
    pub const STATIC: Self = Self(1 << 2);
    /// Has no body of its own and waits for implementations (abstract, pure virtual, interface or trait method).
    pub const ABSTRACT: Self = Self(1 << 3);
    /// Marked deprecated in source.
    pub const DEPRECATED: Self = Self(1 << 4);
    /// Where a program starts.
    pub const ENTRY_POINT: Self = Self(1 << 5);
    /// Declares something defined elsewhere (prototype, overload signature, ambient declaration).
    pub const DECLARATION: Self = Self(1 << 6);
    /// Explicitly exported from its module.
    pub const EXPORTED: Self = Self(1 << 7);
    /// Can be overridden at run time where the language makes that a choice (C++ `virtual` or `override`).
    pub const VIRTUAL: Self = Self(1 << 8);
    /// Cannot be overridden.
    pub const FINAL: Self = Self(1 << 9);
    /// Yields values.
    pub const GENERATOR: Self = Self(1 << 10);
    /// Read without a call although it is a function (Python property, JavaScript accessor).
    pub const ACCESSOR: Self = Self(1 << 11);
    /// Has a receiver (`self`, `this`); calls through an instance do not count it as an argument.
    pub const RECEIVER: Self = Self(1 << 12);
    /// Used by something that is no code of the tree: another language, a framework, a build tool, the linker,
    /// or the compiler alone (what is stated at compile time).
    pub const FOREIGN: Self = Self(1 << 13);

    /// Does not change the value it is called on (C++ `const` member function).
    pub const CONST: Self = Self(1 << 14);

    /// Every mark with the word used for it.
    pub const WORDS: [(Self, &'static str); 15] = [
        (Self::TEST, "test"),
        (Self::ASYNC, "async"),
        (Self::STATIC, "static"),
        (Self::ABSTRACT, "abstract"),
        (Self::DEPRECATED, "deprecated"),
        (Self::ENTRY_POINT, "entry_point"),
        (Self::DECLARATION, "declaration"),
        (Self::EXPORTED, "exported"),
        (Self::VIRTUAL, "virtual"),
        (Self::FINAL, "final"),
        (Self::GENERATOR, "generator"),
        (Self::ACCESSOR, "accessor"),
        (Self::RECEIVER, "receiver"),
        (Self::FOREIGN, "foreign"),
        (Self::CONST, "const"),
    ];

    /// Whether every mark of `other` is set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Adds the marks of `other`.
    pub fn add(&mut self, other: Self) {
        self.0 |= other.0;
    }

    /// These marks and those of `other`.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The words of the marks that are set, in a fixed order.
    pub fn words(self) -> Vec<&'static str> {
        Self::WORDS.iter().filter(|(mark, _)| self.has(*mark)).map(|(_, word)| *word).collect()
    }
}

/// How many arguments a callable takes, receiver not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arity {
    /// Arguments that must be given.
    pub min: u16,
    /// Arguments that may be given; `u16::MAX` for any number.
    pub max: u16,
}

impl Arity {
    /// Exactly `count` arguments.
    pub const fn exactly(count: u16) -> Self {
        Self { min: count, max: count }
    }

    /// Whether a call with `count` arguments fits; an unknown count (spread arguments) always does.
    pub fn accepts(self, count: Option<u16>) -> bool {
        count.is_none_or(|count| self.min <= count && count <= self.max)
    }
}

/// One definition of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// Simple name; `<closure>`-like in angle brackets where the source gives none.
    pub name: NameId,
    /// The definition it stands in.
    pub parent: Option<SymbolId>,
    /// Text that tells equal names apart: the type of an `impl`, a receiver, the class of an out-of-line member, where
    /// the file of a module stands if that is written.
    pub qualifier: Option<NameId>,
    /// The whole definition with attributes and decorators.
    pub span: Span,
    /// The name itself.
    pub name_span: Span,
    /// From the first modifier to just before the body.
    pub signature: Span,
    /// The documentation comment or docstring.
    pub doc: Option<Span>,
    /// Who may use it.
    pub visibility: Visibility,
    /// Test, async, static and so on.
    pub marks: Marks,
    /// The scope its body opens.
    pub scope: Option<ScopeId>,
    /// Declared type of a variable or field, declared return type of a callable, aliased type of an alias.
    pub ty: Option<ExprId>,
    /// Parameters of a callable.
    pub arity: Option<Arity>,
}
