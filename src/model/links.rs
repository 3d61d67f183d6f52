//! What linking finds out: one outcome for every occurrence, with its evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SymbolId;

/// A definition anywhere in the tree: the file's index in the sorted list of files, and the symbol in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Definition {
    /// Index of the file among the files of one link run.
    pub file: u32,
    /// The symbol in that file.
    pub symbol: SymbolId,
}

/// The rule of the language that settled an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Rule {
    /// A name declared in an enclosing scope of the same file.
    LexicalScope,
    /// A name of the same module or package, declared in another file.
    SameModule,
    /// An import.
    Import,
    /// A wildcard import or include.
    GlobImport,
    /// A path through modules.
    ModulePath,
    /// A member of the type written in the path (`Type::f`, `Class.f`).
    TypeMember,
    /// A member of the enclosing type through `self` or `this`.
    SelfMember,
    /// A member of a value whose type is known.
    ValueMember,
    /// A member found in a base type.
    Inherited,
    /// Implementations that a call on a base type can reach.
    Dispatch,
    /// Overloads that fit the number of arguments.
    Overload,
    /// A declaration joined to its definition by linkage.
    Linkage,
    /// A value of function type that was followed to its definition.
    FunctionValue,
    /// A name of the language itself or its standard prelude.
    Builtin,
    /// A member of something that is outside the tree.
    ExternalMember,
    /// No definition of this name exists in the tree.
    NoSuchName,
    /// A member of what a value is where no caller passes another; always among candidates.
    Fallback,
}

impl Rule {
    /// Every rule with the word used for it.
    pub const WORDS: [(Self, &'static str); 17] = [
        (Self::LexicalScope, "lexical_scope"),
        (Self::SameModule, "same_module"),
        (Self::Import, "import"),
        (Self::GlobImport, "glob_import"),
        (Self::ModulePath, "module_path"),
        (Self::TypeMember, "type_member"),
        (Self::SelfMember, "self_member"),
        (Self::ValueMember, "value_member"),
        (Self::Inherited, "inherited"),
        (Self::Dispatch, "dispatch"),
        (Self::Overload, "overload"),
        (Self::Linkage, "linkage"),
        (Self::FunctionValue, "function_value"),
        (Self::Builtin, "builtin"),
        (Self::ExternalMember, "external_member"),
        (Self::NoSuchName, "no_such_name"),
        (Self::Fallback, "fallback"),
    ];

    /// The word shown for this rule.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// Why an occurrence could not be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Reason {
    /// The type of the receiver is not known.
    ReceiverType,
    /// The type is known, but it has no such member in sight.
    NoSuchMember,
    /// No definition of the name is in scope.
    NotInScope,
    /// A local variable or parameter is called and what it holds is not known.
    FunctionValue,
    /// The callee is computed: `table[i]()`, `f()()`.
    Computed,
    /// The import leads to a file or name that is not in the tree although it should be.
    BrokenImport,
    /// Stands in or near source that does not parse.
    ParseError,
    /// A limit of the linker was reached.
    Limit,
}

impl Reason {
    /// Every reason with the word used for it.
    pub const WORDS: [(Self, &'static str); 8] = [
        (Self::ReceiverType, "receiver_type"),
        (Self::NoSuchMember, "no_such_member"),
        (Self::NotInScope, "not_in_scope"),
        (Self::FunctionValue, "function_value"),
        (Self::Computed, "computed"),
        (Self::BrokenImport, "broken_import"),
        (Self::ParseError, "parse_error"),
        (Self::Limit, "limit"),
    ];

    /// The word shown for this reason.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// What an occurrence means. Exactly one for each occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Exactly one definition in the tree.
    Resolved(Definition, Rule),
    /// The definitions it can reach, sorted, at least one.
    Candidates(Box<[Definition]>, Rule),
    /// A file as a module, by its index among the files of the link run. Never the outcome of a call.
    File(u32, Rule),
    /// It leaves the tree; the name as far as it is known.
    External(Box<str>, Rule),
    /// Not settled.
    Unknown(Reason),
}

/// Where an import leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportTarget {
    /// A file of the tree, by its index among the files of the link run.
    File(u32),
    /// A package or module outside the tree.
    External(Box<str>),
    /// It should be in the tree but is not.
    Unknown,
}

/// The links of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLinks {
    /// The module, package or crate path of the file as people write it; empty where the language has none.
    pub module: String,
    /// One outcome for each occurrence of the file's facts, in the same order.
    pub outcomes: Vec<Outcome>,
    /// One target for each import of the file's facts, in the same order.
    pub imports: Vec<ImportTarget>,
    /// One outcome for each relation of the file's facts, in the same order.
    pub relations: Vec<Outcome>,
}

/// Call sites by outcome; the four add up to all call sites.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tally {
    /// Exactly one definition.
    pub resolved: u64,
    /// Several definitions.
    pub candidates: u64,
    /// Outside the tree.
    pub external: u64,
    /// Not settled.
    pub unknown: u64,
}

impl Tally {
    /// Counts one outcome.
    pub fn count(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Resolved(..) | Outcome::File(..) => self.resolved += 1,
            Outcome::Candidates(..) => self.candidates += 1,
            Outcome::External(..) => self.external += 1,
            Outcome::Unknown(_) => self.unknown += 1,
        }
    }

    /// All call sites.
    pub fn total(&self) -> u64 {
        self.resolved + self.candidates + self.external + self.unknown
    }
}
