//! TypeScript: the grammars. Everything else is shared with JavaScript.

use super::javascript::{COMMENTS, FIELDS, KINDS, VARIABLES, flow, link_rules, visit};
use super::{Dialect, Language};

pub(super) static TYPESCRIPT: Language = Language {
    name: "typescript",
    dialects: &[
        Dialect {
            name: "typescript",
            grammar: || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            extensions: &["ts", "mts", "cts"],
            file_names: &[],
            interpreters: &["ts-node"],
        },
        Dialect {
            name: "tsx",
            grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
            extensions: &["tsx"],
            file_names: &[],
            interpreters: &["tsx"],
        },
    ],
    kinds: KINDS,
    fields: FIELDS,
    comments: COMMENTS,
    mask: None,
    visit,
    flow: Some(flow),
    variables: &VARIABLES,
    // A member that a type does not declare is one that every object has.
    link: link_rules(true),
};
