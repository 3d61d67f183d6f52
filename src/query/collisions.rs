//! Names that mean several definitions: the same qualified name, or the same simple name anywhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::lang;
use crate::model::{Marks, SymbolKind};
use crate::store::{FileRow, SymbolRow};

use super::within::{Within, test_rows};
use super::{Brief, Ground, List, Question, Reply as AnyReply, Result, pattern};

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "collisions",
    version: 1,
    about: "Names that are defined more than once",
    examples: &[
        ("magellan collisions", "qualified names with several definitions"),
        ("magellan collisions --by name --kind function", "functions that share a simple name, most first"),
        ("magellan collisions --overloads", "and callables that differ in their parameters"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(AnyReply::Collisions),
};

/// Which names.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Which names are compared
    #[arg(long, value_name = "WHAT", default_value = "qualified-name")]
    pub by: By,
    /// Only definitions of this kind: function, method, class, struct, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// Count callables of one name that differ in their signatures too, where a language allows that
    #[arg(long)]
    pub overloads: bool,
    /// Which definitions to look at.
    #[command(flatten)]
    pub within: Within,
}

/// Which names are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Module, scope and name
    QualifiedName,
    /// The name alone, wherever it stands
    Name,
}

/// The names found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What was compared.
    pub by: By,
    /// By qualified name in order of names; by name those with the most definitions first.
    pub collisions: List<Collision>,
    /// Definitions that share their names, in all.
    pub definitions: usize,
}

impl Reply {
    /// Whether every name and every definition of it is listed.
    pub fn is_whole(&self) -> bool {
        let is_listed = |collision: &Collision| collision.count == collision.definitions.len();
        self.collisions.is_whole() && self.collisions.items.iter().all(is_listed)
    }
}

/// A name and what it means.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Collision {
    /// The name.
    pub name: String,
    /// `scope` where all stand in one scope of one file, `module` where they come from several, `tree` for simple
    /// names.
    pub within: &'static str,
    /// How many there are.
    pub count: usize,
    /// They, by path and position; as many as the limit allows.
    pub definitions: Vec<Brief>,
}

/// What must be equal: family of languages, name, scope as far as the name does not tell it, sort of name, and the
/// parameters where those make another definition of it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    family: &'static str,
    scope: String,
    sort: &'static str,
    signature: String,
}

/// Groups all definitions by name.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let narrowed = args.within.read(ground)?;
    let mut groups: BTreeMap<Key, Vec<SymbolRow>> = BTreeMap::new();
    for file in ground.snapshot.files()? {
        if !narrowed.has_file(&file.path) {
            continue;
        }
        let symbols = ground.snapshot.symbols(file.id)?;
        let tests = test_rows(&file.path, &symbols);
        for (row, is_test) in symbols.iter().zip(tests) {
            if is_named(row) && narrowed.has(&row.path, is_test) && args.kind.is_none_or(|kind| row.kind == kind) {
                groups.entry(key(&file, &symbols, row, args)).or_default().push(row.clone());
            }
        }
    }
    groups.retain(|_, rows| rows.len() > 1 && !rows.iter().all(|row| row.marks.has(Marks::ACCESSOR)));
    let definitions = groups.values().map(Vec::len).sum();
    let mut groups: Vec<_> = groups.into_iter().collect();
    if args.by == By::Name {
        // Names come sorted; a stable sort keeps that among equals.
        groups.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    }
    let total = groups.len();
    let items = groups.into_iter().take(ground.limit).map(|(key, rows)| collision(key, &rows, args.by, ground.limit));
    Ok(Reply { by: args.by, collisions: List { total, items: items.collect() }, definitions })
}

/// What only declares, opens again or has no name of its own cannot collide.
fn is_named(row: &SymbolRow) -> bool {
    let is_open = row.kind.is_module() || matches!(row.kind, SymbolKind::Impl | SymbolKind::ExternBlock);
    let is_nameless = row.name.starts_with('<') || matches!(row.kind, SymbolKind::Closure | SymbolKind::Initializer);
    !is_open && !is_nameless && !row.marks.has(Marks::DECLARATION) && row.name != "_"
}

fn key(file: &FileRow, symbols: &[SymbolRow], row: &SymbolRow, args: &Args) -> Key {
    let language = lang::by_name(&row.language);
    let parent = row.parent.and_then(|parent| symbols.get(parent.symbol.0 as usize));
    let mut scope = String::new();
    if args.by == By::QualifiedName {
        // What one block of a type has by another interface is another thing.
        if let Some(block) = parent.filter(|parent| parent.kind == SymbolKind::Impl) {
            scope.clone_from(&block.signature);
        }
        // Where files are no modules, what a file keeps to itself and what stands in a callable is its own.
        let is_local = row.marks.has(Marks::STATIC) && row.parent.is_none() && file.module.is_empty();
        if is_local || parent.is_some_and(|parent| parent.kind.is_callable()) {
            scope.push_str(&row.path);
        }
    }
    let is_overloadable = language.is_some_and(|language| language.link.overloads.by_type());
    let differs = row.kind.is_callable() && is_overloadable && !args.overloads && args.by == By::QualifiedName;
    Key {
        name: if args.by == By::Name { row.name.clone() } else { row.qualified_name.clone() },
        family: language.map_or("", |language| language.link.family),
        scope,
        sort: sort(row.kind),
        signature: if differs { row.signature.clone() } else { String::new() },
    }
}

/// Names of different sorts do not meet.
fn sort(kind: SymbolKind) -> &'static str {
    match kind {
        SymbolKind::Macro => "macro",
        kind if kind.is_type() => "type",
        _ => "value",
    }
}

fn collision(key: Key, rows: &[SymbolRow], by: By, limit: usize) -> Collision {
    let is_one_file = rows.iter().all(|row| row.path == rows[0].path);
    let within = match by {
        By::Name => "tree",
        By::QualifiedName if is_one_file => "scope",
        By::QualifiedName => "module",
    };
    Collision {
        name: key.name,
        within,
        count: rows.len(),
        definitions: rows.iter().take(limit).map(Brief::from).collect(),
    }
}
