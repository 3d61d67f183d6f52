//! Where a tree is entered from outside: programs, tests, what libraries offer, what frameworks and other languages
//! call.

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Marks, Role, Span, SymbolKind};
use crate::store::{FileId, FileRow, SymbolKey, SymbolRow, Target, Vertex};

use super::offered::{ProgramModules, Reason, is_shown, marked, outside, visible};
use super::within::{Within, is_test_path, test_code};
use super::{Brief, Ground, List, Question, Reply as AnyReply, Result, pattern};

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "entry-points",
    version: 1,
    about: "Where a tree is entered: mains, exports, foreign and framework calls, tests",
    examples: &[
        ("magellan entry-points", "all of them, each with its reason"),
        ("magellan entry-points --reason main", "where programs start"),
        ("magellan entry-points src --no-tests --kind function", "functions of a folder, tests left out"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(AnyReply::EntryPoints),
};

/// Which ones.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Only those with this reason: main, foreign, framework, export or test
    #[arg(long, value_name = "REASON", value_parser = reason)]
    pub reason: Option<&'static str>,
    /// Only definitions of this kind: function, method, class, struct, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// Which definitions to list.
    #[command(flatten)]
    pub within: Within,
}

/// Where the tree is entered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// How many there are for each reason, in the order of the list.
    pub reasons: Vec<(&'static str, usize)>,
    /// By reason, path and position.
    pub entries: List<Entry>,
}

/// A definition that is used from outside.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// The definition.
    #[serde(flatten)]
    pub definition: Brief,
    /// `main`, `foreign` (marked for callers in another language or a framework), `framework` (decorated by something
    /// outside of the tree), `export` or `test`.
    pub reason: &'static str,
    /// What decorates it, where that is the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// All reasons, in the order in which they are listed.
const REASONS: [&str; 5] = ["main", "foreign", FRAMEWORK, "export", "test"];

/// Decorated by something outside of the tree.
const FRAMEWORK: &str = "framework";

fn reason(word: &str) -> Result<&'static str, String> {
    REASONS.into_iter().find(|known| *known == word).ok_or_else(|| format!("reasons are {}", REASONS.join(", ")))
}

/// An entry before it is told: place of its reason among all, place of its file, its number in that, what decorates it.
type Found = (usize, usize, usize, Option<String>);

/// Finds them.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let narrowed = args.within.read(ground)?;
    let files = ground.snapshot.files()?;
    let programs = ProgramModules::of(ground.snapshot, &files)?;
    let places: FxHashMap<FileId, usize> = files.iter().enumerate().map(|(at, file)| (file.id, at)).collect();
    let mut symbols: Vec<Vec<Vertex>> = vec![Vec::new(); files.len()];
    ground.snapshot.edges(None, &mut |edges| {
        if let Some(&at) = places.get(&edges.file) {
            symbols[at] = edges.symbols;
        }
    })?;
    let mut found: Vec<Found> = Vec::new();
    for (at, file) in files.iter().enumerate().filter(|(_, file)| narrowed.has_file(&file.path)) {
        let tests = test_code(is_test_path(&file.path), symbols[at].iter().map(|symbol| (symbol.marks, symbol.parent)));
        for (index, reason, by) in entries(ground, file, &symbols[at], &tests, !programs.has(file))? {
            let is_of_kind = args.kind.is_none_or(|kind| symbols[at][index].kind == kind);
            let order = REASONS.iter().position(|known| *known == reason).unwrap_or(REASONS.len());
            let is_wanted = is_of_kind && narrowed.has(&file.path, tests[index]);
            if is_wanted && args.reason.is_none_or(|wanted| wanted == reason) {
                found.push((order, at, index, by));
            }
        }
    }
    // Files come by path and definitions by position; a stable sort keeps that.
    found.sort_by_key(|(order, ..)| *order);
    let count = |order: usize| found.iter().filter(|(other, ..)| *other == order).count();
    let reasons = REASONS.iter().enumerate().map(|(order, reason)| (*reason, count(order))).collect();
    let total = found.len();
    found.truncate(ground.limit);
    Ok(Reply { reasons, entries: List { total, items: told(ground, &files, found)? } })
}

/// The lines of the reply, in the order of what was found.
fn told(ground: &Ground<'_>, files: &[FileRow], found: Vec<Found>) -> Result<Vec<Entry>> {
    let mut items = Vec::with_capacity(found.len());
    for of_file in found.chunk_by(|one, other| one.1 == other.1) {
        let symbols = ground.snapshot.symbols(files[of_file[0].1].id)?;
        for (order, _, index, by) in of_file {
            let row = symbols.get(*index);
            let entry = |row| Entry { definition: Brief::from(row), reason: REASONS[*order], by: by.clone() };
            items.extend(row.map(entry));
        }
    }
    Ok(items)
}

/// Of a file, each with its reason. Of what can be used along with something around it, only that is told.
fn entries(
    ground: &Ground<'_>,
    file: &FileRow,
    symbols: &[Vertex],
    tests: &[bool],
    is_library: bool,
) -> Result<Vec<(usize, &'static str, Option<String>)>> {
    let visible = visible(file, symbols);
    let offers = is_library && is_shown(file);
    let decorated = decorated(ground, file, false)?;
    let mut found = Vec::new();
    for (index, symbol) in symbols.iter().enumerate() {
        let is_outermost = symbol
            .parent
            .is_none_or(|parent| symbols.get(parent.0 as usize).is_some_and(|parent| parent.kind.is_module()));
        let is_named = !matches!(symbol.kind, SymbolKind::Impl | SymbolKind::ExternBlock | SymbolKind::Closure);
        let is_export = offers && visible[index] && is_outermost && !tests[index] && !symbol.kind.is_module();
        if let Some(reason) = marked(symbol.marks) {
            found.push((index, reason.word(), None));
        } else if let Some((_, by)) = decorated.iter().find(|(key, _)| key.symbol.0 as usize == index) {
            found.push((index, FRAMEWORK, Some(by.clone())));
        } else if is_named && is_export {
            found.push((index, Reason::Export.word(), None));
        }
    }
    Ok(found)
}

/// Callables and types of a file that something decorates that may have them called, with what that is: something
/// outside of the tree, or with `by_all` anything; then also values, and modules and
/// blocks, whose parts it may have called.
pub(super) fn decorated(ground: &Ground<'_>, file: &FileRow, by_all: bool) -> Result<Vec<(SymbolKey, String)>> {
    let sites = ground.snapshot.occurrences_of(file.id, Role::Decorator)?.into_iter();
    let named = sites.filter_map(|row| match row.target {
        Target::External(name, _) => Some((row.span, name)),
        _ if by_all => Some((row.span, row.name)),
        _ => None,
    });
    let calling: Vec<(Span, String)> = named.filter(|(_, name)| !is_quiet(&file.language, name)).collect();
    if calling.is_empty() {
        return Ok(Vec::new());
    }
    let symbols = ground.snapshot.symbols(file.id)?;
    let mut found = Vec::new();
    for (span, name) in calling {
        // The definition that begins with it: its span includes decorators.
        let owner =
            symbols.iter().find(|symbol| symbol.span.contains(span.start) && span.end <= symbol.name_span.start);
        let is_block = |kind: SymbolKind| kind.is_module() || kind == SymbolKind::Impl;
        let is_value = |kind: SymbolKind| matches!(kind, SymbolKind::Variable | SymbolKind::Constant);
        let is_other = |kind: SymbolKind| is_block(kind) || is_value(kind);
        let is_told = |owner: &&SymbolRow| is_run(owner) || (by_all && is_other(owner.kind));
        found.extend(owner.filter(is_told).map(|owner| (owner.key, name)));
    }
    found.sort();
    found.dedup_by_key(|(key, _)| *key);
    Ok(found)
}

/// Whether a decorator from outside has nobody call what it stands before.
fn is_quiet(language: &str, name: &str) -> bool {
    let last = last_word(name);
    outside(language).is_none_or(|outside| outside.quiet.binary_search(&last).is_ok())
}

fn last_word(name: &str) -> &str {
    name.rsplit(['.', ':', '/']).next().unwrap_or(name)
}

fn is_run(symbol: &SymbolRow) -> bool {
    let can_run = symbol.kind.is_callable() || symbol.kind.is_type() || symbol.kind == SymbolKind::Macro;
    can_run && !symbol.marks.has(Marks::ACCESSOR) && !symbol.marks.has(Marks::STATIC)
}
