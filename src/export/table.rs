//! The tables of an export: which there are, their columns, and their rows file by file.
//!
//! The one place that says so: CSV, JSON, JSON lines and Parquet are these rows in different clothes.

use crate::model::Role;
use crate::store::{FileRow, OccurrenceRow, SymbolKey, SymbolRow, Target};

use super::Result;
use super::source::{Source, keys};

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Table {
    /// One row for each file
    Files,
    /// One row for each definition
    Symbols,
    /// One row for each call site and definition it can reach; one for a site that reaches none
    Calls,
    /// The same for every other use of a name
    References,
    /// One row for each import
    Imports,
    /// One row for each relation between types and definition it can mean
    Relations,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text.
    Text,
    /// A number, never negative.
    Number,
    /// True or false.
    Truth,
}

impl Form {
    /// The word shown for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Truth => "true or false",
        }
    }
}

/// A column of a table.
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub form: Form,
    /// What it says.
    pub about: &'static str,
}

const fn text(name: &'static str, about: &'static str) -> Column {
    Column { name, form: Form::Text, about }
}

const fn number(name: &'static str, about: &'static str) -> Column {
    Column { name, form: Form::Number, about }
}

const FILES: &[Column] = &[
    text("path", "path relative to the root"),
    text("language", "language"),
    text("module", "module, package or crate path; empty where the language has none"),
    number("size_bytes", "size"),
    text("hash", "BLAKE3 of the content, in hex"),
    number("code_lines", "lines with code"),
    number("comment_lines", "lines with comments only"),
    number("blank_lines", "empty lines"),
    number("symbols", "number of definitions"),
    number("occurrences", "number of uses of names"),
    number("parse_errors", "number of parse errors"),
];

const SYMBOLS: &[Column] = &[
    text("id", "the definition's id, in hex"),
    text("path", "file"),
    text("language", "language"),
    text("kind", "function, method, class and so on"),
    text("name", "simple name"),
    text("qualified_name", "name with those of what it stands in"),
    text("parent_id", "id of the definition it stands in"),
    text("signature", "signature on one line"),
    text("visibility", "public, package, protected or private"),
    text("marks", "test, async, static and so on, divided by spaces"),
    number("line", "line of the name, from 1"),
    number("column", "column of the name in bytes, from 0"),
    number("start_line", "first line of the definition"),
    number("end_line", "last line of the definition"),
    number("start_byte", "first byte of the definition, from 0"),
    number("end_byte", "one past its last byte"),
    number("name_start_byte", "first byte of the name"),
    number("name_end_byte", "one past its last byte"),
    number("parameters", "parameters, the receiver left out; this and the following for callables with a body"),
    number("cyclomatic", "cyclomatic complexity"),
    number("cognitive", "cognitive complexity"),
    number("nesting", "depth of nested control structures"),
    number("fan_in", "definitions that call it"),
    number("fan_out", "definitions that it calls"),
];

const USES: &[Column] = &[
    text("path", "file"),
    text("language", "language"),
    number("line", "line of the name, from 1"),
    number("column", "column of the name in bytes, from 0"),
    number("start_byte", "first byte of the name, from 0"),
    number("end_byte", "one past its last byte"),
    text("role", "call, read, write, type, import, inherit, macro or decorator"),
    text("name", "the name as written"),
    number("arguments", "number of arguments of a call, where it can be counted"),
    text("in_id", "id of the definition it stands in; empty at the top level of a file"),
    text("in_name", "qualified name of that"),
    text("outcome", "resolved, candidates, file (a module), external or unknown"),
    text("rule", "the rule of the language that settled it"),
    text("reason", "why it is unknown"),
    text("external", "the name outside the tree, or the path of the file that is meant as a module"),
    number("reaches", "how many definitions it can reach; so many rows it has"),
    text("to_id", "id of the definition it reaches"),
    text("to_name", "qualified name of that"),
    text("to_path", "file of that"),
];

const IMPORTS: &[Column] = &[
    text("path", "file"),
    number("line", "line, from 1"),
    number("column", "column in bytes, from 0"),
    text("specifier", "what is imported, as written without quotes"),
    text("member", "the imported member, `*` for all"),
    text("bound", "the name it has here"),
    Column { name: "reexport", form: Form::Truth, about: "whether it is passed on" },
    text("to_path", "file of the tree it leads to"),
    text("external", "package outside the tree it leads to"),
];

const RELATIONS: &[Column] = &[
    text("from_id", "id of the definition that has the relation"),
    text("from_name", "qualified name of that"),
    text("path", "file of that"),
    text("kind", "extends, implements, embeds or member_of"),
    text("outcome", "resolved, candidates, external or unknown"),
    text("external", "the name outside the tree"),
    text("to_id", "id of the definition it relates to"),
    text("to_name", "qualified name of that"),
    text("to_path", "file of that"),
];

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Nothing,
    Text(String),
    Number(u64),
    Truth(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

type Row = Vec<Cell>;

impl Table {
    /// Every table, the order in which they are written.
    pub const ALL: [Self; 6] =
        [Self::Files, Self::Symbols, Self::Calls, Self::References, Self::Imports, Self::Relations];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Symbols => "symbols",
            Self::Calls => "calls",
            Self::References => "references",
            Self::Imports => "imports",
            Self::Relations => "relations",
        }
    }

    /// Its columns, in order.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Files => FILES,
            Self::Symbols => SYMBOLS,
            Self::Calls | Self::References => USES,
            Self::Imports => IMPORTS,
            Self::Relations => RELATIONS,
        }
    }

    /// The rows of a file, in source order.
    pub(super) fn rows(self, source: &Source<'_>, file: &FileRow) -> Result<Vec<Row>> {
        match self {
            Self::Files => Ok(vec![file_row(file)]),
            Self::Symbols => symbols(source, file),
            Self::Calls => uses(source, file, |role| role == Role::Call),
            Self::References => uses(source, file, |role| role != Role::Call),
            Self::Imports => imports(source, file),
            Self::Relations => relations(source, file),
        }
    }
}

fn file_row(file: &FileRow) -> Row {
    vec![
        file.path.as_str().into(),
        file.language.as_str().into(),
        file.module.as_str().into(),
        Cell::Number(file.size),
        Cell::Text(file.hash.to_string()),
        file.lines.code.into(),
        file.lines.comment.into(),
        file.lines.blank.into(),
        file.symbols.into(),
        file.occurrences.into(),
        file.errors.into(),
    ]
}

fn symbols(source: &Source<'_>, file: &FileRow) -> Result<Vec<Row>> {
    let metrics = source.snapshot.symbol_metrics(file.id)?;
    let symbols = source.snapshot.symbols(file.id)?;
    let wanted = symbols.iter().filter(|symbol| source.has_kind(symbol));
    let row = |symbol: &SymbolRow| {
        let parent = symbol.parent.and_then(|key| symbols.get(key.symbol.0 as usize));
        let found = metrics.binary_search_by_key(&symbol.key.symbol, |metrics| metrics.symbol).ok();
        let metrics = found.map(|index| &metrics[index]);
        vec![
            Cell::Text(symbol.id.to_string()),
            symbol.path.as_str().into(),
            symbol.language.as_str().into(),
            symbol.kind.word().into(),
            symbol.name.as_str().into(),
            symbol.qualified_name.as_str().into(),
            parent.map(|parent| Cell::Text(parent.id.to_string())).into(),
            symbol.signature.as_str().into(),
            symbol.visibility.word().into(),
            Cell::Text(symbol.marks.words().join(" ")),
            symbol.position.line.into(),
            symbol.position.column.into(),
            symbol.start_line.into(),
            symbol.end_line.into(),
            symbol.span.start.into(),
            symbol.span.end.into(),
            symbol.name_span.start.into(),
            symbol.name_span.end.into(),
            metrics.map(|metrics| metrics.parameters).into(),
            metrics.map(|metrics| metrics.cyclomatic).into(),
            metrics.map(|metrics| metrics.cognitive).into(),
            metrics.map(|metrics| metrics.nesting).into(),
            metrics.map(|metrics| metrics.fan_in).into(),
            metrics.map(|metrics| metrics.fan_out).into(),
        ]
    };
    Ok(wanted.map(row).collect())
}

/// The words for a target: outcome, rule, reason, name outside.
fn words(target: &Target) -> [Option<&str>; 4] {
    match target {
        Target::Resolved(_, rule) => [Some("resolved"), Some(rule.word()), None, None],
        Target::Candidates(_, rule) => [Some("candidates"), Some(rule.word()), None, None],
        Target::File(path, rule) => [Some("file"), Some(rule.word()), None, Some(path)],
        Target::External(name, rule) => [Some("external"), Some(rule.word()), None, Some(name)],
        Target::Unknown(reason) => [Some("unknown"), None, Some(reason.word()), None],
    }
}

/// Id, qualified name and path of each definition a target reaches; nothing once if it reaches none.
fn reached(source: &Source<'_>, target: &Target) -> Result<Vec<[Cell; 3]>> {
    let definitions = source.definitions(target)?;
    if definitions.is_empty() {
        return Ok(vec![[Cell::Nothing, Cell::Nothing, Cell::Nothing]]);
    }
    let cells = |symbol: &SymbolRow| {
        [Cell::Text(symbol.id.to_string()), symbol.qualified_name.as_str().into(), symbol.path.as_str().into()]
    };
    Ok(definitions.iter().map(|symbol| cells(symbol)).collect())
}

fn named(source: &Source<'_>, key: Option<SymbolKey>) -> Result<[Cell; 2]> {
    let symbol = key.map(|key| source.symbol(key)).transpose()?.flatten();
    Ok(match symbol {
        Some(symbol) => [Cell::Text(symbol.id.to_string()), symbol.qualified_name.as_str().into()],
        None => [Cell::Nothing, Cell::Nothing],
    })
}

fn uses(source: &Source<'_>, file: &FileRow, is_wanted: fn(Role) -> bool) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for site in source.occurrences(file.id)?.iter().filter(|site| is_wanted(site.role)) {
        let start = use_row(source, site)?;
        for to in reached(source, &site.target)? {
            rows.push(start.iter().cloned().chain(to).collect());
        }
    }
    Ok(rows)
}

fn use_row(source: &Source<'_>, site: &OccurrenceRow) -> Result<Row> {
    let mut row = vec![
        site.path.as_str().into(),
        site.language.as_str().into(),
        site.position.line.into(),
        site.position.column.into(),
        site.span.start.into(),
        site.span.end.into(),
        site.role.word().into(),
        site.name.as_str().into(),
        site.arity.map(u32::from).into(),
    ];
    row.extend(named(source, site.symbol)?);
    row.extend(words(&site.target).map(Cell::from));
    row.push(Cell::Number(keys(&site.target).len() as u64));
    Ok(row)
}

fn imports(source: &Source<'_>, file: &FileRow) -> Result<Vec<Row>> {
    let rows = source.snapshot.imports(file.id)?.into_iter().map(|import| {
        vec![
            file.path.as_str().into(),
            import.position.line.into(),
            import.position.column.into(),
            import.specifier.as_str().into(),
            import.member.as_deref().into(),
            import.bound.as_deref().into(),
            Cell::Truth(import.reexport),
            import.file.as_deref().into(),
            import.external.as_deref().into(),
        ]
    });
    Ok(rows.collect())
}

fn relations(source: &Source<'_>, file: &FileRow) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for relation in source.snapshot.relations_in(file.id)? {
        let Some(from) = source.symbol(relation.from)?.filter(|symbol| source.has_kind(symbol)) else { continue };
        let [outcome, _, _, external] = words(&relation.target);
        let start = [
            Cell::Text(from.id.to_string()),
            from.qualified_name.as_str().into(),
            from.path.as_str().into(),
            relation.kind.word().into(),
            outcome.into(),
            external.into(),
        ];
        for to in reached(source, &relation.target)? {
            rows.push(start.iter().cloned().chain(to).collect());
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns_are_unique_and_each_says_what_it_is() {
        for table in Table::ALL {
            let mut names: Vec<_> = table.columns().iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns().len(), "{}", table.word());
            assert!(table.columns().iter().all(|column| !column.about.is_empty()));
        }
    }
}
