//! The table of languages itself, and what must hold across them.

use std::collections::{BTreeMap, BTreeSet};

use magellan::lang::LANGUAGES;
use magellan::model::{Role, symbol_hashes};

use crate::corpus::{linked, links};

/// One small project in every language, all with the same names.
const POLYGLOT: &str = "
//- a/main.rs
fn main() { shared(); other.shared(); }
//- b/main.py
shared()
other.shared()
//- c/main.c
int main(void) { shared(); return 0; }
//- d/main.cpp
int run() { other.shared(); return shared(); }
//- e/Main.java
class Main { void run() { shared(); other.shared(); } }
//- f/main.js
shared(); other.shared();
//- g/main.ts
shared(); other.shared();
//- h/main.go
package main
func main() { shared(); other.shared() }
//- definitions/shared.EXTENSION
";

/// Each language's own way to define `shared`, with the family that may see it.
const DEFINITIONS: &[(&str, &str, &str)] = &[
    ("rs", "rust", "pub fn shared() {}"),
    ("py", "python", "def shared(): pass"),
    ("c", "c", "void shared(void) {}"),
    ("java", "java", "class Other { void shared() {} }"),
    ("js", "javascript", "export function shared() {}"),
    ("go", "go", "package other\nfunc shared() {}"),
];

#[test]
fn every_name_in_the_tables_exists_in_a_grammar() {
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let grammars: Vec<tree_sitter::Language> =
            language.dialects.iter().map(|dialect| (dialect.grammar)()).collect();
        // Languages of one family may share a visitor, and so its tables.
        let family = LANGUAGES.iter().filter(|other| other.link.family == language.link.family);
        let all: Vec<tree_sitter::Language> =
            family.flat_map(|other| other.dialects.iter().map(|dialect| (dialect.grammar)())).collect();
        let has_kind = |kind: &str| {
            all.iter().any(|grammar| {
                (0..grammar.node_kind_count() as u16).any(|id| grammar.node_kind_for_id(id) == Some(kind))
            })
        };
        wrong.extend(
            language
                .kinds
                .iter()
                .chain(language.comments)
                .filter(|kind| !has_kind(kind))
                .map(|kind| (language.name, *kind)),
        );
        let has_field = |field: &str| all.iter().any(|grammar| grammar.field_id_for_name(field).is_some());
        wrong.extend(language.fields.iter().filter(|field| !has_field(field)).map(|field| (language.name, *field)));
        assert!(!grammars.is_empty(), "{}", language.name);
        assert!(language.kinds.len() < 255, "{} has too many kinds for one byte", language.name);
    }
    assert_eq!(wrong, []);
}

#[test]
fn tables_have_no_duplicates_and_are_sorted() {
    let names: Vec<&str> = LANGUAGES.iter().map(|language| language.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    let mut taken = BTreeSet::new();
    for dialect in LANGUAGES.iter().flat_map(|language| language.dialects) {
        let keys = dialect.extensions.iter().chain(dialect.file_names).chain(dialect.interpreters);
        for key in keys.chain([&dialect.name]) {
            let kind = if dialect.interpreters.contains(key) { "interpreter" } else { "name" };
            let is_own_name =
                *key == dialect.name && (dialect.extensions.contains(key) || dialect.interpreters.contains(key));
            assert!(taken.insert((kind, *key)) || is_own_name, "{key} stands twice");
        }
    }
    for language in LANGUAGES {
        for table in [language.kinds, language.fields] {
            assert_eq!(table.iter().collect::<BTreeSet<_>>().len(), table.len(), "{}", language.name);
        }
        let builtins = language.link.builtins;
        assert!(builtins.is_sorted(), "{}: {:?}", language.name, builtins.windows(2).find(|pair| pair[0] > pair[1]));
    }
}

#[test]
fn eight_languages_are_known() {
    let names: Vec<&str> = LANGUAGES.iter().map(|language| language.name).collect();
    assert_eq!(names, ["c", "cpp", "go", "java", "javascript", "python", "rust", "typescript"]);
}

/// An edge from one language to another because the names match is never right.
#[test]
fn names_never_link_across_languages() {
    for (extension, family, definition) in DEFINITIONS {
        let fixture = POLYGLOT.replace("EXTENSION", extension) + definition;
        let linked = linked(&fixture, 1);
        for (file, source) in linked.sources.iter().enumerate() {
            let own = linked.languages[file].link.family;
            for definition in linked.targets(file) {
                let target = linked.languages[definition.file as usize].link.family;
                assert_eq!(own, target, "{} links into {}", source.path, linked.name(definition));
            }
        }
        assert!(linked.languages.iter().any(|language| language.link.family == *family));
    }
}

#[test]
fn every_language_finds_calls() {
    let linked = linked(POLYGLOT.split("//- definitions").next().unwrap(), 1);
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    for (file, facts) in linked.facts.iter().enumerate() {
        let found = facts.occurrences.iter().filter(|occurrence| occurrence.role == Role::Call).count();
        *calls.entry(linked.languages[file].name).or_default() += found;
    }
    assert!(calls.len() == LANGUAGES.len() && calls.values().all(|found| *found > 0), "{calls:?}");
}

#[test]
fn symbol_ids_are_unique_over_real_code() {
    let mut seen = BTreeMap::new();
    let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut extractor = magellan::extract::Extractor::new();
    let (language, dialect) = magellan::lang::by_extension("rs").unwrap();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let shown = path.to_string_lossy().into_owned();
            let facts = extractor.extract(language, dialect, &std::fs::read(&path).unwrap()).facts;
            for (index, id) in symbol_hashes(&shown, &facts).into_iter().enumerate() {
                let before = seen.insert(id, (shown.clone(), index));
                assert_eq!(before, None, "{shown} {index}");
            }
        }
    }
    assert!(seen.len() > 1000);
}

#[test]
fn an_id_survives_edits_elsewhere_and_tells_equal_names_apart() {
    let before = "struct A; struct B;\nimpl A { fn new() {} }\nimpl B { fn new() {} }\nfn last() {}\n";
    let after = "// a line more\nfn added() {}\nstruct A; struct B;\nimpl A { fn new() { 1; } }\nimpl B { fn new() {} }\nfn last() {}\n";
    let ids = |text: &str| {
        let linked = linked(&format!("//- a.rs\n{text}"), 1);
        let facts = &linked.facts[0];
        let ids = symbol_hashes("a.rs", facts);
        let names = facts.symbols.iter().map(|symbol| facts.name(symbol.name).to_owned());
        names.zip(ids).collect::<Vec<_>>()
    };
    let (before, after) = (ids(before), ids(after));
    assert_eq!(before.iter().map(|(_, id)| id).collect::<BTreeSet<_>>().len(), before.len());
    assert!(before.iter().all(|row| after.contains(row)), "{before:?} {after:?}");
}

/// The decision which definition is meant must not depend on other files being looked at first.
#[test]
fn import_cycles_and_recursive_types_end() {
    links(
        "
//- Cargo.toml
[package]
name = \"app\"
//- src/lib.rs
pub mod a;
pub mod b;
pub use a::*;
pub use b::*;
fn start() { deep(); nowhere(); }
//           ^^^^ call resolved src/b.rs#deep
//                   ^^^^^^^ call unknown not_in_scope
type Loop = Loop;
fn round(x: Loop) { x.spin() }
//                    ^^^^ call external
//- src/a.rs
pub use crate::b::*;
pub use crate::*;
//- src/b.rs
pub use crate::a::*;
pub fn deep() { start() }
//              ^^^^^ call resolved src/lib.rs#start
",
    );
}
