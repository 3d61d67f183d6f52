//! Rust.

mod builtins;
mod expr;
mod flow;
mod imports;
mod modules;
mod signatures;
mod ty;
mod visit;

use super::{Dialect, Language, LinkRules, Outside, Overloads, Programs};

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
    flow: Some(flow::shape),
    link: LinkRules {
        family: "rust",
        separator: "::",
        open_classes: false,
        call_constructs: true,
        explicit_exports: false,
        shared_modules: true,
        closed_modules: true,
        open_imports: true,
        implicit_bases: true,
        default_types: false,
        overloads: Overloads::ByNumber,
        wrappers: &[
            "Arc",
            "Box",
            "Cow",
            "ManuallyDrop",
            "MutexGuard",
            "Pin",
            "Rc",
            "Ref",
            "RefMut",
            "RwLockReadGuard",
            "RwLockWriteGuard",
        ],
        signatures: signatures::ROWS,
        pointee: "Target",
        item: "Item",
        linkage: false,
        dynamic_dispatch: true,
        structural_interfaces: false,
        constructors: &[],
        builtins: builtins::NAMES,
        builtin_package: "std",
        outside: Outside { programs: Programs::Tree, protected: true, headers: &[] },
        modules: |project| Box::new(modules::Crates::new(project)),
    },
};
