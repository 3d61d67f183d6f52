//! JavaScript with JSX. Visitor and modules serve TypeScript as well, whose grammars extend this one.

mod assign;
mod builtins;
mod classes;
mod expr;
mod flow;
mod functions;
mod imports;
mod jsdoc;
mod kinds;
mod modules;
mod objects;
mod patterns;
mod resolution;
mod signatures;
mod ty;
mod variables;
mod visit;

use super::{Dialect, Language, LinkRules, Outside, Overloads};

pub(super) static JAVASCRIPT: Language = Language {
    name: "javascript",
    dialects: &[Dialect {
        name: "javascript",
        grammar: || tree_sitter_javascript::LANGUAGE.into(),
        extensions: &["js", "jsx", "mjs", "cjs"],
        file_names: &["Jakefile"],
        interpreters: &["node", "nodejs", "deno", "bun"],
    }],
    kinds: KINDS,
    fields: FIELDS,
    comments: COMMENTS,
    mask: None,
    visit: visit::visit,
    flow: Some(flow::shape),
    variables: &VARIABLES,
    // Anything can be added to an object at run time.
    link: link_rules(false),
};

/// Node kinds of the shared visitor.
pub(super) const KINDS: &[&str] = kinds::Kind::NAMES;
/// Fields of the shared visitor.
pub(super) const FIELDS: &[&str] = kinds::Field::NAMES;
pub(super) const COMMENTS: &[&str] = &["comment", "html_comment", "hash_bang_line"];
pub(super) use flow::shape as flow;
pub(super) use variables::VARIABLES;
pub(super) use visit::visit;

/// The lookup rules of either language.
pub(super) const fn link_rules(implicit_bases: bool) -> LinkRules {
    LinkRules {
        family: "javascript",
        separator: ".",
        open_classes: false,
        call_constructs: false,
        explicit_exports: true,
        shared_modules: false,
        closed_modules: false,
        open_imports: false,
        implicit_bases,
        default_types: false,
        overloads: Overloads::ByNumber,
        structural_interfaces: false,
        wrappers: &[],
        signatures: signatures::ROWS,
        pointee: "",
        item: "",
        linkage: false,
        dynamic_dispatch: true,
        constructors: &["constructor"],
        builtins: builtins::BUILTINS,
        builtin_package: "",
        outside: Outside {
            duck_types: true,
            declaring: &[".d.ts", ".d.mts", ".d.cts"],
            hooks: &["[[]*", "constructor", "then", "toJSON", "toString", "valueOf"],
            ..Outside::NOTHING
        },
        modules: |project| Box::new(modules::Modules::new(project)),
    }
}
