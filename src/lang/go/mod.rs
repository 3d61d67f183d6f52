//! Go.

mod expr;
mod flow;
mod group;
mod modules;
mod stmt;
mod ty;
mod variables;
mod visit;

use super::{Dialect, Language, LinkRules, Outside, Overloads, Programs};

pub(super) static GO: Language = Language {
    name: "go",
    dialects: &[Dialect {
        name: "go",
        grammar: || tree_sitter_go::LANGUAGE.into(),
        extensions: &["go"],
        file_names: &[],
        interpreters: &[],
    }],
    kinds: visit::Kind::NAMES,
    fields: visit::Field::NAMES,
    comments: &["comment"],
    mask: None,
    visit: visit::visit,
    flow: Some(flow::shape),
    variables: &variables::VARIABLES,
    link: LinkRules {
        family: "go",
        separator: ".",
        open_classes: false,
        // A conversion `T(x)` gives a `T`.
        call_constructs: true,
        explicit_exports: false,
        shared_modules: true,
        closed_modules: false,
        open_imports: false,
        implicit_bases: false,
        default_types: false,
        wrappers: &[],
        signatures: &[],
        pointee: "",
        item: "",
        linkage: false,
        dynamic_dispatch: true,
        structural_interfaces: true,
        overloads: Overloads::ByNumber,
        constructors: &[],
        builtins: BUILTINS,
        builtin_package: "builtin",
        outside: Outside {
            programs: Programs::Module,
            hooks: &["_", "init", "main"],
            early_values: true,
            ..Outside::NOTHING
        },
        modules: modules::modules,
    },
};

/// The universe block, and `chan`, by which facts name channel types; sorted.
const BUILTINS: &[&str] = &[
    "any",
    "append",
    "bool",
    "byte",
    "cap",
    "chan",
    "clear",
    "close",
    "comparable",
    "complex",
    "complex128",
    "complex64",
    "copy",
    "delete",
    "error",
    "false",
    "float32",
    "float64",
    "imag",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "iota",
    "len",
    "make",
    "max",
    "min",
    "new",
    "nil",
    "panic",
    "print",
    "println",
    "real",
    "recover",
    "rune",
    "string",
    "true",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
];
