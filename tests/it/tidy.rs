//! The shape of the source itself: floors, sizes, and what may stand where.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use magellan::lang::LANGUAGES;

/// Every top-level module and its floor. A module uses lower floors only; neighbours do not know each other.
const FLOORS: &[(&str, u32)] = &[
    ("model", 1),
    ("lang", 2),
    ("walk", 2),
    ("extract", 3),
    ("graph", 3),
    ("link", 4),
    ("store", 4),
    ("index", 5),
    ("export", 5),
    ("query", 6),
    ("job", 6),
    ("watch", 6),
    ("mcp", 7),
    ("web", 7),
    ("cli", 8),
];

/// Neighbours that do know each other, and why.
const NEIGHBOURS: &[(&str, &str, &str)] =
    &[("walk", "lang", "what a file is stands in the languages' tables; they are data and know no disk")];

/// Language names outside `lang/`, and why.
const LANGUAGE_NAMES: &[(&str, &str)] =
    &[("src/walk/header.rs", "whether a `.h` file is C or C++ depends on files around it, which no language sees")];

const LINES_MAX: usize = 700;

/// A source file.
struct Source {
    /// Path relative to the package, `/`-separated.
    path: String,
    text: String,
}

impl Source {
    /// The lines before the tests, comments left out, with their 1-based numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.take_while(|(_, line)| line.trim() != "#[cfg(test)]").filter(|(_, line)| !line.trim().starts_with("//"))
    }

    /// The top-level module it belongs to; none for `lib.rs` and `main.rs`.
    fn module(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let name = inside.split('/').next()?.trim_end_matches(".rs");
        (!matches!(name, "lib" | "main")).then_some(name)
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    let mut folders = vec![package.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let shown = path.strip_prefix(package).unwrap().to_string_lossy().replace('\\', "/");
                sources.push(Source { path: shown, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn check(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

fn floor(module: &str) -> Option<u32> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

/// The modules that a piece of code names after `crate::`, also in `crate::{a, b::c}`.
fn used_modules(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => used.extend(group_heads(group)),
            None => used.extend(head(rest)),
        }
    }
    used
}

fn head(path: &str) -> Option<String> {
    let name: String = path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut heads, mut start) = (0, Vec::new(), true);
    for (index, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => start = true,
            _ if start && !character.is_whitespace() => {
                heads.extend(head(&group[index..]));
                start = false;
            }
            _ => {}
        }
    }
    heads
}

#[test]
fn modules_use_lower_floors_only() {
    let mut faults = Vec::new();
    for source in sources("src") {
        let Some(module) = source.module() else { continue };
        let Some(own) = floor(module) else {
            faults.push(format!("{}: module {module} stands on no floor; add it to FLOORS", source.path));
            continue;
        };
        let code: String = source.code().map(|(_, line)| format!("{line}\n")).collect();
        for used in used_modules(&code) {
            let allowed = used == module
                || floor(&used).is_none_or(|floor| floor < own)
                || NEIGHBOURS.iter().any(|(from, to, _)| *from == module && *to == used);
            if !allowed {
                faults.push(format!("{}: {module} must not use {used}", source.path));
            }
        }
    }
    check(faults);
}

#[test]
fn uses_are_recognised_in_every_form() {
    let used =
        used_modules("use crate::{a::b, c::{d, e}, f};\nlet x = crate::g::h(); pub(crate) fn i() {} mycrate::j;");
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["a", "c", "f", "g"]);
}

#[test]
fn no_file_is_too_long() {
    let folders = ["src", "tests", "benches", "examples"];
    let all = folders.iter().flat_map(|folder| sources(folder));
    let long = all.filter(|source| source.text.lines().count() > LINES_MAX);
    check(long.map(|source| format!("{}: more than {LINES_MAX} lines", source.path)).collect());
}

#[test]
fn every_module_says_what_it_is_for() {
    let silent = sources("src").into_iter().filter(|source| !source.text.starts_with("//!"));
    check(silent.map(|source| format!("{}: does not start with a module comment", source.path)).collect());
}

#[test]
fn language_names_stand_in_their_folders_only() {
    let names: BTreeSet<String> = LANGUAGES
        .iter()
        .flat_map(|language| language.dialects.iter().map(|dialect| dialect.name).chain([language.name]))
        .map(|name| format!("\"{name}\""))
        .collect();
    let mut faults = Vec::new();
    for source in sources("src") {
        if source.path.starts_with("src/lang/") || LANGUAGE_NAMES.iter().any(|(path, _)| *path == source.path) {
            continue;
        }
        for (number, line) in source.code() {
            faults.extend(
                names
                    .iter()
                    .filter(|name| line.contains(*name))
                    .map(|name| format!("{}:{number}: {name} is known outside src/lang", source.path)),
            );
        }
    }
    check(faults);
}

#[test]
fn only_the_command_line_prints() {
    let macros = ["println!", "eprintln!", "print!(", "eprint!(", "dbg!("];
    let mut faults = Vec::new();
    for source in sources("src").iter().filter(|source| !source.path.starts_with("src/cli/")) {
        for (number, line) in source.code().filter(|(_, line)| macros.iter().any(|name| line.contains(name))) {
            faults.push(format!("{}:{number}: {}", source.path, line.trim()));
        }
    }
    check(faults);
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let mut faults = Vec::new();
    for source in sources("src").iter().filter(|source| !is_test_only(&source.path)) {
        for (number, line) in source.code().filter(|(_, line)| line.contains(".unwrap()")) {
            faults.push(format!("{}:{number}: {}", source.path, line.trim()));
        }
    }
    check(faults);
}

fn is_test_only(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// The files that may declare a module's file.
fn parents(path: &str) -> Vec<PathBuf> {
    let path = Path::new(path);
    let folder = if path.ends_with("mod.rs") { path.parent().unwrap() } else { path };
    let around = folder.parent().unwrap();
    if around == Path::new("src") {
        return vec!["src/lib.rs".into(), "src/main.rs".into()];
    }
    vec![around.join("mod.rs"), around.with_extension("rs")]
}

#[test]
fn every_file_is_a_declared_module() {
    let all = sources("src");
    let mut faults = Vec::new();
    for source in all.iter().filter(|source| source.module().is_some()) {
        let path = Path::new(&source.path);
        let stem = if path.ends_with("mod.rs") { path.parent().unwrap() } else { path }.file_stem().unwrap();
        let declaration = format!("mod {};", stem.to_string_lossy());
        let parents = parents(&source.path);
        let declared = all
            .iter()
            .filter(|other| parents.iter().any(|parent| parent == Path::new(&other.path)))
            .flat_map(|other| other.text.lines())
            .any(|line| {
                line.trim()
                    .trim_start_matches("pub ")
                    .trim_start_matches("pub(crate) ")
                    .trim_start_matches("pub(super) ")
                    == declaration
            });
        if !declared {
            faults.push(format!("{}: no parent says `{declaration}`", source.path));
        }
    }
    check(faults);
}
