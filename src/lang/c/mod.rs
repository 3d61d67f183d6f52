//! C, and what C++ shares with it: the visitor, the lookup rules and the map of includes.

mod builtins;
mod call;
mod class;
mod declare;
mod expr;
mod flow;
mod function;
mod mask;
mod modules;
mod namespace;
mod number;
mod replacement;
mod tokens;
mod ty;
mod variables;
mod visit;

pub(super) use number::CONVERSIONS;
pub(super) use variables::VARIABLES;

use super::{Builder, Classify, Dialect, Language, LinkRules, Outside, Overloads};
use crate::model::Node;

pub(super) static C: Language = Language {
    name: "c",
    dialects: &[Dialect {
        name: "c",
        grammar: || tree_sitter_c::LANGUAGE.into(),
        extensions: &["c"],
        file_names: &[],
        interpreters: &["tcc"],
    }],
    kinds: KINDS,
    fields: FIELDS,
    comments: &["comment"],
    mask: Some(mask::mask),
    visit,
    flow: Some(FLOW),
    variables: &VARIABLES,
    link: LINK,
};

/// The node kinds of both grammars.
pub(super) const KINDS: &[&str] = visit::Kind::NAMES;

/// The fields of both grammars.
pub(super) const FIELDS: &[&str] = visit::Field::NAMES;

/// Blanks macros where the grammars cannot read them.
pub(super) const MASK: fn(&[u8]) -> Option<Vec<u8>> = mask::mask;

/// What control does in both languages.
pub(super) const FLOW: Classify = flow::shape;

/// Extensions of files that others include.
const HEADERS: &[&str] = &["h", "hh", "hpp", "hxx", "h++", "inc", "inl", "ipp", "tcc"];

/// The lookup rules of the family.
pub(super) const LINK: LinkRules = LinkRules {
    family: "c",
    separator: "::",
    open_classes: true,
    call_constructs: true,
    explicit_exports: false,
    shared_modules: true,
    closed_modules: false,
    open_imports: false,
    implicit_bases: false,
    default_types: false,
    overloads: Overloads::ByNumber,
    wrappers: &["auto_ptr", "observer_ptr", "optional", "reference_wrapper", "scoped_ptr", "shared_ptr", "unique_ptr"],
    signatures: &[],
    pointee: "",
    item: "",
    linkage: true,
    dynamic_dispatch: true,
    structural_interfaces: false,
    constructors: &[],
    builtins: builtins::BUILTINS,
    builtin_package: "std",
    outside: Outside {
        headers: HEADERS,
        hooks: &["*STATIC_ASSERT*", "*StaticAssert*", "*static_assert*", "LLVMFuzzer*", "_[A-Z_]*", "main"],
        early_values: true,
        ..Outside::NOTHING
    },
    modules: modules::modules,
};

/// Visits a file of either language.
pub(super) fn visit(b: &mut Builder<'_>, root: Node<'_>) {
    visit::visit(b, root);
}

/// Text with every run of white space as one blank.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
