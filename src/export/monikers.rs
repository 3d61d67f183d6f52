//! Names of definitions that hold outside of the database: symbols as SCIP writes them.
//!
//! `magellan . package version path/file.rs/Type#method().` A name that a file has several times gets `+1`, `+2` and so on,
//! in source order; so the names of a file are made together.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::model::SymbolKind;
use crate::store::{FileId, SymbolKey, SymbolRow};

use super::Result;
use super::source::Source;

/// So many definitions of whole files are remembered.
const KNOWN_MAX: usize = 1 << 17;

/// The definitions of a file, all of them, and the name of each.
pub(super) struct Named {
    pub(super) rows: Vec<SymbolRow>,
    pub(super) names: Vec<String>,
}

/// The names that were made.
#[derive(Default)]
pub(super) struct Monikers {
    files: RefCell<(usize, FxHashMap<FileId, Rc<Named>>)>,
}

impl Monikers {
    /// The definitions of a file with their names.
    pub(super) fn file(&self, source: &Source<'_>, file: FileId) -> Result<Rc<Named>> {
        if let Some(named) = self.files.borrow().1.get(&file) {
            return Ok(named.clone());
        }
        let rows = source.snapshot.symbols(file)?;
        let named = Rc::new(Named { names: names(source.task.package, &rows), rows });
        let (count, files) = &mut *self.files.borrow_mut();
        if *count > KNOWN_MAX {
            files.clear();
            *count = 0;
        }
        *count += named.rows.len();
        files.insert(file, named.clone());
        Ok(named)
    }

    /// The name of a definition; none if it is gone.
    pub(super) fn name(&self, source: &Source<'_>, key: SymbolKey) -> Result<Option<String>> {
        Ok(self.file(source, key.file)?.names.get(key.symbol.0 as usize).cloned())
    }
}

fn names(package: (&str, &str), rows: &[SymbolRow]) -> Vec<String> {
    let Some(path) = rows.first().map(|row| row.path.as_str()) else { return Vec::new() };
    let mut root = format!("magellan . {} {} ", of_package(package.0), of_package(package.1));
    for part in path.split('/') {
        identifier(part, &mut root);
        root.push('/');
    }
    let mut taken = BTreeSet::new();
    let mut names: Vec<String> = Vec::with_capacity(rows.len());
    // What the names of members begin with.
    let mut inside: Vec<String> = Vec::with_capacity(rows.len());
    for row in rows {
        let around = row.parent.and_then(|key| inside.get(key.symbol.0 as usize)).unwrap_or(&root);
        let mut name = descriptor(around, row, 0);
        let mut ordinal = 0;
        while taken.contains(&name) {
            ordinal += 1;
            name = descriptor(around, row, ordinal);
        }
        taken.insert(name.clone());
        inside.push(match row.kind {
            SymbolKind::Impl => members_of_type(around, row),
            _ => name.clone(),
        });
        names.push(name);
    }
    names
}

/// What stands in an `impl` block belongs to its type.
fn members_of_type(around: &str, row: &SymbolRow) -> String {
    let mut name = around.to_owned();
    let of = |character: char| !character.is_alphanumeric() && character != '_';
    identifier(row.qualified_name.rsplit(of).next().unwrap_or_default(), &mut name);
    name.push('#');
    name
}

fn descriptor(around: &str, row: &SymbolRow, ordinal: usize) -> String {
    let mut name = around.to_owned();
    let mark = if ordinal == 0 { String::new() } else { format!("+{ordinal}") };
    if row.kind.is_callable() {
        identifier(&row.name, &mut name);
        name.push_str(&format!("({mark})."));
        return name;
    }
    identifier(&format!("{}{mark}", row.name), &mut name);
    name.push(match row.kind {
        SymbolKind::Macro => '!',
        SymbolKind::Impl => ':',
        SymbolKind::ExternBlock => '/',
        kind if kind.is_module() => '/',
        kind if kind.is_type() => '#',
        _ => '.',
    });
    name
}

/// A part of a name, quoted with backticks unless it is plain.
fn identifier(text: &str, out: &mut String) {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-$".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        out.push_str(text);
        return;
    }
    let text = if text.is_empty() { "<none>" } else { text };
    out.push('`');
    out.push_str(&text.replace('`', "``"));
    out.push('`');
}

/// A part of the package: a dot if there is none, spaces doubled.
fn of_package(text: &str) -> String {
    if text.is_empty() { ".".into() } else { text.replace(' ', "  ") }
}
