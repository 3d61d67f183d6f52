//! Rust.

mod expr;
mod ty;
mod visit;

use super::{Dialect, Language, LinkRules, ModuleMap, ModulePath, ModuleTarget, Project};

pub(super) static RUST: Language = Language {
    name: "rust",
    dialects: &[Dialect {
        name: "rust",
        grammar: || tree_sitter_rust::LANGUAGE.into(),
        extensions: &["rs"],
        file_names: &[],
        interpreters: &["rust-script"],
    }],
    kinds: visit::Kind::NAMES,
    fields: visit::Field::NAMES,
    comments: &["line_comment", "block_comment"],
    mask: None,
    visit: visit::visit,
    link: LinkRules {
        family: "rust",
        separator: "::",
        open_classes: false,
        call_constructs: true,
        explicit_exports: false,
        shared_modules: true,
        linkage: false,
        dynamic_dispatch: true,
        constructors: &[],
        builtins: &[],
        builtin_package: "std",
        modules: |_| Box::new(Modules),
    },
};

struct Modules;

impl ModuleMap for Modules {
    fn module(&self, _: usize) -> ModulePath {
        ModulePath::default()
    }
    fn import(&self, _: usize, _: &str) -> ModuleTarget {
        ModuleTarget::Missing
    }
}
