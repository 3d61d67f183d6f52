//! Python.

mod bind;
mod builtin;
mod decorators;
mod expr;
mod flow;
mod imports;
mod modules;
mod names;
mod narrow;
mod parameters;
mod pattern;
mod quoted;
mod ty;
mod variables;
mod visit;

use super::{Dialect, Language, LinkRules, Outside, Overloads};

/// The dialect of stubs, files that declare what is defined elsewhere.
const STUB: &str = "python-stub";

pub(super) static PYTHON: Language = Language {
    name: "python",
    dialects: &[
        Dialect {
            name: "python",
            grammar: || tree_sitter_python::LANGUAGE.into(),
            extensions: &["py", "pyw"],
            file_names: &["SConstruct", "SConscript", "wscript"],
            interpreters: &["python", "pypy"],
        },
        Dialect {
            name: STUB,
            grammar: || tree_sitter_python::LANGUAGE.into(),
            extensions: &["pyi"],
            file_names: &[],
            interpreters: &[],
        },
    ],
    kinds: visit::Kind::NAMES,
    fields: visit::Field::NAMES,
    comments: &["comment"],
    mask: None,
    visit: visit::visit,
    flow: Some(flow::shape),
    variables: &variables::VARIABLES,
    link: LinkRules {
        family: "python",
        separator: ".",
        open_classes: false,
        call_constructs: true,
        explicit_exports: false,
        shared_modules: false,
        closed_modules: false,
        open_imports: true,
        implicit_bases: false,
        default_types: true,
        overloads: Overloads::ByNumber,
        structural_interfaces: false,
        wrappers: &[],
        signatures: &[],
        pointee: "",
        item: "",
        linkage: false,
        dynamic_dispatch: true,
        constructors: &["__init__", "__new__"],
        builtins: names::BUILTINS,
        builtin_package: "builtins",
        outside: Outside {
            protected: false,
            quiet: QUIET,
            duck_types: true,
            declaring: &[".pyi"],
            hooks: HOOKS,
            telling: &[
                ("#:", ""),
                ("#", "alias"),
                ("#", "backward"),
                ("#", "compat"),
                ("#", "deprecat"),
                ("#", "import "),
                ("#", "legacy"),
                ("#", "old nam"),
            ],
            named_tests: true,
            ..Outside::NOTHING
        },
        modules: |project| Box::new(modules::Modules::new(project)),
    },
};

/// What Python asks for by name; and what linters are told by its name that nothing reads it: strings that stand there
/// for translators, say.
const HOOKS: &[&str] = &["DUMMY*", "_*_", "_DUMMY*", "_dummy*", "dummy*", "ignored_*", "unused_*"];

/// Decorators that change or describe what they stand before; sorted.
const QUIET: &[&str] = &[
    "abstractmethod",
    "asynccontextmanager",
    "cache",
    "cached_property",
    "classmethod",
    "contextmanager",
    "coroutine",
    "dataclass",
    "deleter",
    "deprecated",
    "final",
    "getter",
    "lru_cache",
    "overload",
    "override",
    "property",
    "runtime_checkable",
    "setter",
    "singledispatch",
    "staticmethod",
    "total_ordering",
    "unique",
    "wraps",
];
