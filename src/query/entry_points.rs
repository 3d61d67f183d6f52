//! Where a tree is entered from outside: programs, tests, what libraries offer, what frameworks and other languages
//! call.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{Marks, Role, SymbolKind};
use crate::store::{FileRow, SymbolKey, SymbolRow, Target};

use super::offered::{Facade, ProgramModules, Reason, is_shown, marked, outside, visible};
use super::within::{Within, test_code};
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

/// Finds them.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let narrowed = args.within.read(ground)?;
    let files = ground.snapshot.files()?;
    let programs = ProgramModules::of(ground.snapshot, &files)?;
    let mut found: Vec<(usize, SymbolRow, Option<String>)> = Vec::new();
    for file in &files {
        if !narrowed.has_file(&file.path) {
            continue;
        }
        let symbols = ground.snapshot.symbols(file.id)?;
        let tests = test_code(file.id, &file.path, &symbols);
        for (index, reason, by) in entries(ground, file, &symbols, &tests, !programs.has(file))? {
            let row = &symbols[index];
            let is_wanted = args.kind.is_none_or(|kind| row.kind == kind) && narrowed.has(&row.path, tests[index]);
            let order = REASONS.iter().position(|known| *known == reason).unwrap_or(REASONS.len());
            if is_wanted && args.reason.is_none_or(|wanted| wanted == reason) {
                found.push((order, row.clone(), by));
            }
        }
    }
    // Files come by path and definitions by position; a stable sort keeps that.
    found.sort_by_key(|(order, ..)| *order);
    let count = |order: usize| found.iter().filter(|(other, ..)| *other == order).count();
    let reasons = REASONS.iter().enumerate().map(|(order, reason)| (*reason, count(order))).collect();
    let total = found.len();
    let entry = |(order, row, by): (usize, SymbolRow, Option<String>)| Entry {
        definition: Brief::from(&row),
        reason: REASONS[order],
        by,
    };
    let items = found.into_iter().take(ground.limit).map(entry).collect();
    Ok(Reply { reasons, entries: List { total, items } })
}

/// Of a file, each with its reason. Of what can be used along with something around it, only that is told.
fn entries(
    ground: &Ground<'_>,
    file: &FileRow,
    symbols: &[SymbolRow],
    tests: &[bool],
    is_library: bool,
) -> Result<Vec<(usize, &'static str, Option<String>)>> {
    let facades: Vec<Facade> = symbols.iter().map(Facade::from).collect();
    let visible = visible(file, &facades);
    let offers = is_library && is_shown(file);
    let decorated = decorated(ground, file, symbols, false)?;
    let mut found = Vec::new();
    for (index, symbol) in symbols.iter().enumerate() {
        let is_outermost = symbol
            .parent
            .is_none_or(|parent| symbols.get(parent.symbol.0 as usize).is_some_and(|parent| parent.kind.is_module()));
        let is_named = !matches!(symbol.kind, SymbolKind::Impl | SymbolKind::ExternBlock | SymbolKind::Closure);
        let is_export = offers && visible[index] && is_outermost && !tests[index] && !symbol.kind.is_module();
        if let Some(reason) = marked(symbol.marks) {
            found.push((index, reason.word(), None));
        } else if let Some((_, by)) = decorated.iter().find(|(key, _)| *key == symbol.key) {
            found.push((index, FRAMEWORK, Some(by.clone())));
        } else if is_named && is_export {
            found.push((index, Reason::Export.word(), None));
        }
    }
    Ok(found)
}

/// Callables and types that something decorates that may have them called, with what that is: something outside of the
/// tree, or with `by_all` anything.
pub(super) fn decorated(
    ground: &Ground<'_>,
    file: &FileRow,
    symbols: &[SymbolRow],
    by_all: bool,
) -> Result<Vec<(SymbolKey, String)>> {
    let mut found = Vec::new();
    for row in ground.snapshot.occurrences(file.id)? {
        let name = match &row.target {
            _ if row.role != Role::Decorator => continue,
            Target::External(name, _) => name,
            _ if by_all => &row.name,
            _ => continue,
        };
        if is_quiet(&file.language, name) {
            continue;
        }
        // The definition that begins with it: its span includes decorators.
        let owner = symbols
            .iter()
            .find(|symbol| symbol.span.contains(row.span.start) && row.span.end <= symbol.name_span.start);
        if let Some(owner) = owner.filter(|owner| is_run(owner)) {
            found.push((owner.key, name.clone()));
        }
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
