//! Naming a symbol, the same everywhere: simple name, qualified name or any suffix of it, `path:line[:column]`,
//! `path#name`, or the start of an id. Several answers are an error that lists them, never a silent choice.

use clap::builder::NonEmptyStringValueParser;

use crate::model::{LineIndex, Marks, SymbolKind};
use crate::store::{FileRow, NamePattern, SymbolRow, Target};

use super::search::slips_between;
use super::{Ground, QueryError, Result, pattern};

/// The argument that names one symbol.
#[derive(clap::Args, Clone, Debug)]
pub struct SymbolName {
    /// Name, `Type::method`, `pkg.mod.f`, `path:line[:column]`, `path#name` or the first digits of an id
    #[arg(value_name = "SYMBOL", value_parser = NonEmptyStringValueParser::new())]
    pub symbol: String,
    /// Only definitions of this kind: function, method, class, struct, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
}

/// The fewest digits that count as the start of an id.
const ID_DIGITS_MIN: usize = 4;

/// How many similar names an error offers.
const SIMILAR_MAX: usize = 5;

impl SymbolName {
    /// The one definition that is meant.
    pub(super) fn one(&self, ground: &Ground<'_>) -> Result<SymbolRow> {
        let mut found = prefer(self.all(ground)?);
        match found.len() {
            0 => Err(QueryError::NoSymbol {
                name: self.symbol.clone(),
                kind: self.kind,
                similar: similar(ground, &self.symbol)?,
            }),
            1 => Ok(found.remove(0)),
            _ => Err(QueryError::Ambiguous { name: self.symbol.clone(), candidates: found }),
        }
    }

    /// Every definition that answers to the name, sorted by path and position.
    pub(super) fn all(&self, ground: &Ground<'_>) -> Result<Vec<SymbolRow>> {
        let mut found = match form(ground, &self.symbol)? {
            Form::At { file, line, column } => at(ground, &file, line, column)?,
            Form::InFile { file, name } => {
                let mut symbols = ground.snapshot.symbols(file.id)?;
                symbols.retain(|symbol| answers(symbol, name));
                symbols
            }
            Form::Name(name) => by_name(ground, name)?,
        };
        found.retain(|symbol| self.kind.is_none_or(|kind| symbol.kind == kind));
        Ok(found)
    }
}

/// What a name's text turns out to be.
enum Form<'a> {
    At { file: FileRow, line: u32, column: Option<u32> },
    InFile { file: FileRow, name: &'a str },
    Name(&'a str),
}

fn form<'a>(ground: &Ground<'_>, text: &'a str) -> Result<Form<'a>> {
    if let Some((path, line, column)) = place(text) {
        return Ok(Form::At { file: pattern::file(ground, path)?, line, column });
    }
    match text.rsplit_once('#') {
        // A private member may be written `Class.#name`: what stands before is then no file.
        Some((path, name)) if !path.is_empty() && !name.is_empty() => match pattern::file(ground, path) {
            Ok(file) => Ok(Form::InFile { file, name }),
            Err(error) if path.contains('/') => Err(error),
            Err(_) => Ok(Form::Name(text)),
        },
        _ => Ok(Form::Name(text)),
    }
}

/// Splits `path:line` and `path:line:column`.
pub(super) fn place(text: &str) -> Option<(&str, u32, Option<u32>)> {
    let (head, last) = number_after_colon(text)?;
    let (path, line, column) = match number_after_colon(head) {
        Some((path, line)) => (path, line, Some(last)),
        None => (head, last, None),
    };
    (!path.is_empty() && !path.ends_with(':')).then_some((path, line, column))
}

fn number_after_colon(text: &str) -> Option<(&str, u32)> {
    let (head, digits) = text.rsplit_once(':')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?.map(|number| (head, number))
}

/// The definition whose name stands at a place, else what is used there, else the innermost one around it.
fn at(ground: &Ground<'_>, file: &FileRow, line: u32, column: Option<u32>) -> Result<Vec<SymbolRow>> {
    let symbols = ground.snapshot.symbols(file.id)?;
    let Some(column) = column else {
        let on_line: Vec<_> = symbols.iter().filter(|symbol| symbol.position.line == line).cloned().collect();
        return Ok(if on_line.is_empty() { innermost_at_line(symbols, line) } else { outermost(on_line) });
    };
    let Some(start) = LineIndex::new(&ground.snapshot.text(file.id)?).line_start(line) else {
        return Ok(Vec::new());
    };
    let offset = start.saturating_add(column);
    if let Some(named) = symbols.iter().find(|symbol| symbol.name_span.contains(offset)) {
        return Ok(vec![named.clone()]);
    }
    let used = used_at(ground, file, offset)?;
    if !used.is_empty() {
        return Ok(used);
    }
    Ok(symbols.into_iter().rev().find(|symbol| symbol.span.contains(offset)).into_iter().collect())
}

/// A parent comes before its children, so the last definition around a line is the innermost.
fn innermost_at_line(symbols: Vec<SymbolRow>, line: u32) -> Vec<SymbolRow> {
    symbols.into_iter().rev().find(|symbol| symbol.start_line <= line && line <= symbol.end_line).into_iter().collect()
}

/// Of definitions on one line, those that do not stand inside another one: `fn f(x: T) {}` means `f`.
fn outermost(symbols: Vec<SymbolRow>) -> Vec<SymbolRow> {
    let keys: Vec<_> = symbols.iter().map(|symbol| symbol.key).collect();
    symbols.into_iter().filter(|symbol| symbol.parent.is_none_or(|parent| !keys.contains(&parent))).collect()
}

fn used_at(ground: &Ground<'_>, file: &FileRow, offset: u32) -> Result<Vec<SymbolRow>> {
    let mut keys = Vec::new();
    for occurrence in ground.snapshot.occurrences(file.id)? {
        if occurrence.span.contains(offset) {
            match occurrence.target {
                Target::Resolved(key, _) => keys.push(key),
                Target::Candidates(candidates, _) => keys.extend(candidates),
                Target::File(..) | Target::External(..) | Target::Unknown(_) => {}
            }
        }
    }
    keys.sort();
    keys.dedup();
    let mut symbols = Vec::new();
    for key in keys {
        symbols.extend(ground.snapshot.symbol(key)?);
    }
    Ok(symbols)
}

fn by_name(ground: &Ground<'_>, name: &str) -> Result<Vec<SymbolRow>> {
    let mut found = ground.snapshot.find(&NamePattern::Exact(name.to_owned()))?;
    let wanted = segments(name);
    if let [.., around, last] = wanted[..] {
        let mut more = ground.snapshot.find(&NamePattern::Within(last.to_owned(), around.to_owned()))?;
        more.retain(|symbol| answers(symbol, name));
        found.extend(more);
    }
    if found.is_empty() && is_id(name) {
        found = ground.snapshot.find(&NamePattern::Id(name.to_ascii_lowercase()))?;
    }
    found.sort_by(|a, b| (&a.path, a.span, a.key).cmp(&(&b.path, b.span, b.key)));
    found.dedup_by_key(|symbol| symbol.key);
    Ok(found)
}

/// Definitions by glob. `Type::get_*` wants the parts before the last as they are.
pub(super) fn by_glob(ground: &Ground<'_>, glob: &str) -> Result<Vec<SymbolRow>> {
    let parts = segments(glob);
    let Some((last, around)) = parts.split_last() else { return Ok(Vec::new()) };
    let mut found = ground.snapshot.find(&NamePattern::Glob((*last).to_owned()))?;
    found.retain(|symbol| match segments(&symbol.qualified_name).split_last() {
        Some((_, whole)) => whole.ends_with(around),
        None => around.is_empty(),
    });
    Ok(found)
}

fn is_id(text: &str) -> bool {
    (ID_DIGITS_MIN..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a symbol is called `name` or has a qualified name that ends in it at a separator.
fn answers(symbol: &SymbolRow, name: &str) -> bool {
    symbol.name == name || is_suffix(&segments(name), &segments(&symbol.qualified_name))
}

fn is_suffix(wanted: &[&str], whole: &[&str]) -> bool {
    !wanted.is_empty() && whole.ends_with(wanted)
}

/// The parts of a qualified name of any language; type arguments are left out. What follows `operator` is one
/// part, whatever signs it holds.
fn segments(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let (mut start, mut index, mut depth) = (0, 0, 0_u32);
    while index < bytes.len() {
        if index == start && text[index..].starts_with("operator") {
            break;
        }
        let separator = match bytes[index] {
            b'<' | b'(' | b'[' => {
                depth += 1;
                0
            }
            b'>' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                0
            }
            b'.' | b'/' if depth == 0 => 1,
            b':' if depth == 0 && bytes.get(index + 1) == Some(&b':') => 2,
            _ => 0,
        };
        if separator > 0 {
            parts.push(&text[start..index]);
            start = index + separator;
        }
        index = next_boundary(text, index + separator.max(1));
    }
    parts.push(&text[start..]);
    parts.into_iter().map(without_arguments).filter(|part| !part.is_empty()).collect()
}

fn next_boundary(text: &str, mut index: usize) -> usize {
    while !text.is_char_boundary(index) {
        index += 1;
    }
    index
}

/// `Vec<T>` without `<T>`; `<closure>` and `operator<` stay.
fn without_arguments(part: &str) -> &str {
    match part.find('<') {
        Some(at) if at > 0 && !part.starts_with("operator") => &part[..at],
        _ => part,
    }
}

/// Leaves out what is named only along with something else: blocks of a type, the constructors of a class that
/// is itself among the answers, and declarations of the one definition.
fn prefer(found: Vec<SymbolRow>) -> Vec<SymbolRow> {
    let keys: Vec<_> = found.iter().map(|symbol| symbol.key).collect();
    let beside = |symbol: &SymbolRow| {
        symbol.kind == SymbolKind::Constructor && symbol.parent.is_some_and(|parent| keys.contains(&parent))
    };
    let found = narrow(found, |symbol| !matches!(symbol.kind, SymbolKind::Impl | SymbolKind::ExternBlock));
    let found = narrow(found, |symbol| !beside(symbol));
    let definitions = found.iter().filter(|symbol| !symbol.marks.has(Marks::DECLARATION)).count();
    if definitions == 1 { narrow(found, |symbol| !symbol.marks.has(Marks::DECLARATION)) } else { found }
}

/// Those that are wanted, if any is; else all.
fn narrow(found: Vec<SymbolRow>, wanted: impl Fn(&SymbolRow) -> bool) -> Vec<SymbolRow> {
    if found.iter().any(&wanted) { found.into_iter().filter(|symbol| wanted(symbol)).collect() } else { found }
}

/// Qualified names that may be meant by one that nothing answers to, the nearest first.
pub(super) fn similar(ground: &Ground<'_>, name: &str) -> Result<Vec<String>> {
    let Some(last) = segments(name).last().copied().filter(|last| last.len() > 2 && !pattern::is_glob(last)) else {
        return Ok(Vec::new());
    };
    // The right name in the wrong place is nearer than another name, and found without looking at all names.
    let mut found = ground.snapshot.find(&NamePattern::Exact(last.to_owned()))?;
    if found.is_empty() {
        found = ground.snapshot.find(&NamePattern::Glob(format!("*{last}*")))?;
    }
    if found.is_empty() {
        found = misspelt(ground, last)?;
    }
    let slips = |symbol: &SymbolRow| slips_between(last, &symbol.name).unwrap_or(usize::MAX);
    let mut names: Vec<(usize, usize, String)> =
        found.into_iter().map(|row| (slips(&row), row.qualified_name.len(), row.qualified_name)).collect();
    names.sort();
    names.dedup();
    names.truncate(SIMILAR_MAX);
    Ok(names.into_iter().map(|(.., name)| name).collect())
}

/// What differs from a name by slips of the keyboard, but hardly ever in its first letter.
fn misspelt(ground: &Ground<'_>, name: &str) -> Result<Vec<SymbolRow>> {
    let Some(first) = name.chars().next().filter(|first| first.is_alphanumeric()) else { return Ok(Vec::new()) };
    let either = format!("[{}{}]*", first.to_lowercase(), first.to_uppercase());
    let mut found = ground.snapshot.find(&NamePattern::Glob(either))?;
    found.retain(|symbol| slips_between(name, &symbol.name).is_some());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualified_names_of_every_language_have_parts() {
        assert_eq!(segments("a::B<c::D>::e"), ["a", "B", "e"]);
        assert_eq!(segments("pkg.mod.f"), ["pkg", "mod", "f"]);
        assert_eq!(segments("github.com/x/y.T.m"), ["github", "com", "x", "y", "T", "m"]);
        assert_eq!(segments("ns::V::operator/"), ["ns", "V", "operator/"]);
        assert_eq!(segments("ns::V::operator<"), ["ns", "V", "operator<"]);
        assert_eq!(segments("a::<closure>"), ["a", "<closure>"]);
        assert_eq!(segments("::f"), ["f"]);
        assert_eq!(segments("módulo.é"), ["módulo", "é"]);
        assert!(segments("").is_empty());
    }

    #[test]
    fn a_suffix_ends_at_a_separator() {
        assert!(is_suffix(&segments("B::e"), &segments("a::B::e")));
        assert!(is_suffix(&segments("B.e"), &segments("a::B::e")));
        assert!(!is_suffix(&segments("B::e"), &segments("a::AB::e")));
        assert!(!is_suffix(&segments("a::B"), &segments("a::B::e")));
        assert!(!is_suffix(&segments(""), &segments("a")));
    }

    #[test]
    fn places_are_told_from_names() {
        assert_eq!(place("src/a.rs:3"), Some(("src/a.rs", 3, None)));
        assert_eq!(place("src/a.rs:3:14"), Some(("src/a.rs", 3, Some(14))));
        for name in ["a::b", "a::3", "f", ":3", "src/a.rs:", "a.rs:x", "a.rs:99999999999"] {
            assert_eq!(place(name), None, "{name}");
        }
    }

    #[test]
    fn ids_are_at_least_four_hex_digits() {
        assert!(is_id("00ff") && is_id("DEADbeef"));
        assert!(!is_id("abc") && !is_id("xyzw") && !is_id(&"0".repeat(33)));
    }
}
