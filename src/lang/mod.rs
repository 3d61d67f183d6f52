//! What is known about each language, one folder each, listed once in [`LANGUAGES`].
//!
//! A language is data first: names and extensions, the node kinds and fields of its grammar, lookup rules as
//! flags. Code is used where data cannot say it: the visitor that turns a syntax tree into facts, and how
//! files and imports map to modules. Nothing here knows the linker, the store or other languages' folders.

mod builder;
mod c;
mod cpp;
mod flow;
mod go;
mod java;
mod javascript;
mod library;
mod paths;
mod python;
mod rules;
mod rust;
mod typescript;
mod variables;
mod visitor;

pub use builder::{Builder, Definition};
pub use flow::{Classify, Closing, Code, Jump, Logical, Loop, Shape, Switch, SwitchStyle, Test, Try};
pub use library::{Given, Library, Special, TypeKind};
pub use rules::{
    Conversions, FileView, LinkRules, Manifest, ModuleMap, ModulePath, ModuleTarget, Number, Outside, Overloads,
    Programs, Project,
};
pub use variables::{Bind, Bound, Sight, Source, Tail, Variables};
pub(crate) use visitor::StatefulVisitor;

use crate::model::Node;

/// A grammar of a language and the files it is for.
pub struct Dialect {
    /// Name, unique over all languages.
    pub name: &'static str,
    /// The parser's tables.
    pub grammar: fn() -> tree_sitter::Language,
    /// File name extensions without the dot.
    pub extensions: &'static [&'static str],
    /// Whole file names.
    pub file_names: &'static [&'static str],
    /// Interpreters named after `#!`, without path and version.
    pub interpreters: &'static [&'static str],
}

impl Dialect {
    /// Loads the names behind the numbers of the grammar.
    pub fn names(&self) -> GrammarNames {
        GrammarNames((self.grammar)())
    }
}

/// The words of a grammar for the kinds and fields of its nodes.
pub struct GrammarNames(tree_sitter::Language);

impl GrammarNames {
    /// The word for a kind of node.
    pub fn kind(&self, number: u16) -> Option<&str> {
        self.0.node_kind_for_id(number)
    }

    /// The word for a field.
    pub fn field(&self, number: u8) -> Option<&str> {
        self.0.field_name_for_id(u16::from(number))
    }

    /// The kinds of named nodes that the grammar has under this word, `ERROR` among them; there may be several.
    pub fn kinds_of(&self, word: &str) -> Vec<u16> {
        self.named_kinds().filter(|(_, known)| *known == word).map(|(number, _)| number).collect()
    }

    /// Every kind of named node with its word.
    pub fn named_kinds(&self) -> impl Iterator<Item = (u16, &str)> {
        let regular = (0..u16::try_from(self.0.node_kind_count()).unwrap_or(u16::MAX))
            .filter(|&number| self.0.node_kind_is_named(number) && self.0.node_kind_is_visible(number));
        regular.chain([ERROR_KIND]).filter_map(|number| Some((number, self.kind(number)?)))
    }

    /// The number of the field of this name.
    pub fn field_of(&self, word: &str) -> Option<u8> {
        self.0.field_id_for_name(word).and_then(|id| u8::try_from(id.get()).ok())
    }
}

/// The kind that every grammar gives to what it cannot read.
const ERROR_KIND: u16 = u16::MAX;

/// Makes a copy of a source in which what the grammar cannot read is blank; none if there is nothing to blank.
pub type Mask = fn(&[u8]) -> Option<Vec<u8>>;

/// Everything the rest of Magellan needs to know about a language.
pub struct Language {
    /// Name, unique, lower case.
    pub name: &'static str,
    /// Its grammars; the first is the usual one.
    pub dialects: &'static [Dialect],
    /// Node kinds the visitor distinguishes; a node's kind number is its index here plus one.
    pub kinds: &'static [&'static str],
    /// Fields the visitor distinguishes; numbered likewise.
    pub fields: &'static [&'static str],
    /// Node kinds that are comments.
    pub comments: &'static [&'static str],
    /// Blanks what the grammar cannot read although compilers do, byte for byte: the parser sees the result, all
    /// else the source. None where the language or the file needs none.
    pub mask: Option<Mask>,
    /// Turns the syntax tree of one file into facts.
    pub visit: fn(&mut Builder<'_>, Node<'_>),
    /// What control does at each node of a callable's body; none where that is not known yet.
    pub flow: Option<Classify>,
    /// Where local variables get and give their values.
    pub variables: &'static Variables,
    /// How names of this language find their definitions across files.
    pub link: LinkRules,
}

/// Every language, in the order of their names.
pub static LANGUAGES: &[&Language] = &[
    &c::C,
    &cpp::CPP,
    &go::GO,
    &java::JAVA,
    &javascript::JAVASCRIPT,
    &python::PYTHON,
    &rust::RUST,
    &typescript::TYPESCRIPT,
];

/// The language and dialect for a file extension.
pub fn by_extension(extension: &str) -> Option<(&'static Language, &'static Dialect)> {
    find(|dialect| dialect.extensions.contains(&extension))
}

/// The language and dialect for a whole file name.
pub fn by_file_name(name: &str) -> Option<(&'static Language, &'static Dialect)> {
    find(|dialect| dialect.file_names.contains(&name))
}

/// The language and dialect for the interpreter named in a `#!` line, `python` for `/usr/bin/env python3.11`.
pub fn by_interpreter(first_line: &str) -> Option<(&'static Language, &'static Dialect)> {
    let mut words = first_line.strip_prefix("#!")?.split_whitespace();
    let mut program = base_name(words.next()?);
    if program == "env" {
        program = base_name(words.find(|word| !word.starts_with('-') && !word.contains('='))?);
    }
    let program = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    find(|dialect| dialect.interpreters.contains(&program))
}

/// The language of this name.
pub fn by_name(name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().copied().find(|language| language.name == name)
}

/// The dialect of this name, with its language.
pub fn by_dialect(name: &str) -> Option<(&'static Language, &'static Dialect)> {
    find(|dialect| dialect.name == name)
}

fn find(wanted: impl Fn(&Dialect) -> bool) -> Option<(&'static Language, &'static Dialect)> {
    LANGUAGES.iter().find_map(|language| {
        language.dialects.iter().find(|dialect| wanted(dialect)).map(|dialect| (*language, dialect))
    })
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Declares the table of node kinds of a language as an enum that its visitor matches on. `Other` stands for
/// everything not in the table.
macro_rules! grammar_kinds {
    ($($variant:ident = $text:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind { Other, $($variant),* }

        impl Kind {
            pub(super) const NAMES: &'static [&'static str] = &[$($text),*];
            const ALL: &'static [Self] = &[Self::Other, $(Self::$variant),*];

            pub(super) fn of(node: $crate::model::Node<'_>) -> Self {
                Self::ALL[node.kind_number() as usize]
            }
        }
    };
}
pub(crate) use grammar_kinds;

/// Declares the table of fields of a language as an enum.
macro_rules! grammar_fields {
    ($($variant:ident = $text:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Field { $($variant),* }

        impl Field {
            pub(super) const NAMES: &'static [&'static str] = &[$($text),*];

            /// The first child of `node` that fills this field.
            pub(super) fn of(self, node: $crate::model::Node<'_>) -> Option<$crate::model::Node<'_>> {
                node.children().find(|child| self.is(*child))
            }

            /// Whether `node` fills this field in its parent.
            pub(super) fn is(self, node: $crate::model::Node<'_>) -> bool {
                node.field_number() == self as u8 + 1
            }
        }
    };
}
pub(crate) use grammar_fields;
