//! C++: its own grammar under the visitor and rules of [`c`](super::c).

use super::c;
use super::{Dialect, Language, LinkRules, Overloads};

pub(super) static CPP: Language = Language {
    name: "cpp",
    dialects: &[Dialect {
        name: "cpp",
        grammar: || tree_sitter_cpp::LANGUAGE.into(),
        extensions: &["c++", "cc", "cpp", "cppm", "cxx", "h++", "hh", "hpp", "hxx", "inl", "ipp", "ixx", "tcc"],
        file_names: &[],
        interpreters: &[],
    }],
    kinds: c::KINDS,
    fields: c::FIELDS,
    comments: &["comment"],
    mask: Some(c::MASK),
    visit: c::visit,
    flow: Some(c::FLOW),
    variables: &c::VARIABLES,
    link: LinkRules { overloads: Overloads::ByConversion(&c::CONVERSIONS), ..c::LINK },
};
