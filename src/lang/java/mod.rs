//! Java.

mod builtins;
mod expr;
mod flow;
mod library;
mod members;
mod modules;
mod statement;
mod ty;
mod variables;
mod visit;

use super::{Dialect, Language, LinkRules, Outside, Overloads};

pub(super) static JAVA: Language = Language {
    name: "java",
    dialects: &[Dialect {
        name: "java",
        grammar: || tree_sitter_java::LANGUAGE.into(),
        extensions: &["java"],
        file_names: &[],
        interpreters: &["java", "jbang"],
    }],
    kinds: visit::Kind::NAMES,
    fields: visit::Field::NAMES,
    comments: &["line_comment", "block_comment"],
    mask: None,
    visit: visit::visit,
    flow: Some(flow::shape),
    variables: &variables::VARIABLES,
    link: LinkRules {
        family: "java",
        separator: ".",
        open_classes: true,
        call_constructs: false,
        explicit_exports: false,
        shared_modules: true,
        closed_modules: false,
        open_imports: false,
        implicit_bases: true,
        default_types: false,
        overloads: Overloads::ByPhase(library::library),
        structural_interfaces: false,
        wrappers: &[],
        signatures: &[],
        pointee: "",
        item: "",
        linkage: false,
        dynamic_dispatch: true,
        constructors: &[],
        builtins: builtins::NAMES,
        builtin_package: "java.lang",
        outside: Outside {
            quiet: QUIET,
            hooks: &[
                "agentmain",
                "clone",
                "compareTo",
                "equals",
                "finalize",
                "hashCode",
                "premain",
                "readObject*",
                "readResolve",
                "serialPersistentFields",
                "serialVersionUID",
                "toString",
                "writeObject",
                "writeReplace",
            ],
            ..Outside::NOTHING
        },
        modules: |project| Box::new(modules::Packages::new(project)),
    },
};

/// Annotations that are for compilers and readers; sorted.
const QUIET: &[&str] = &[
    "Deprecated",
    "Documented",
    "FunctionalInterface",
    "Generated",
    "Inherited",
    "NonNull",
    "Nonnull",
    "NotNull",
    "Nullable",
    "Override",
    "Retention",
    "SafeVarargs",
    "SuppressWarnings",
    "Target",
];
