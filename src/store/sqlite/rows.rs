//! From result rows to records.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{Error, Result, Row};

use crate::model::{
    ContentHash, LineCounts, Marks, Position, Reason, RelationKind, Role, Rule, Span, SymbolHash, SymbolKind,
    Visibility,
};
use crate::store::{
    Execution, ExecutionOutcome, FileId, FileRow, ImportRow, OccurrenceRow, OpenSite, RelationRow, SkipReason, Skipped,
    Stamp, SymbolKey, SymbolRow, Target,
};

use super::schema::{CANDIDATES, EXTERNAL, FILE_OUTCOME, RESOLVED, UNKNOWN};

pub(super) const FILE: &str = "SELECT f.id, f.path, f.language, f.dialect, f.module, f.size, f.modified_ns, f.hash,
 f.links_hash, f.code_lines, f.comment_lines, f.blank_lines, f.symbols, f.occurrences, f.errors, f.separator,
 f.metrics_hash FROM files f";

pub(super) const SYMBOL: &str = "SELECT s.id, s.hash, f.path, f.language, s.kind, n.text, f.module, f.separator,
 s.scope_path, s.parent, s.signature, s.visibility, s.marks, s.start_byte, s.end_byte, s.name_start, s.name_end,
 s.doc_start, s.doc_end, s.line, s.\"column\", s.start_line, s.end_line
 FROM symbols s JOIN names n ON n.id = s.name JOIN files f ON f.id = s.id >> 32";

pub(super) const OCCURRENCE: &str = "SELECT o.id, f.path, o.start_byte, o.end_byte, o.line, o.\"column\", o.role,
 n.text, o.symbol, o.arity, o.outcome, o.rule, o.reason, o.target, e.text, t.path,
 f.language FROM occurrences o JOIN names n ON n.id = o.name JOIN files f ON f.id = o.id >> 32
 LEFT JOIN names e ON e.id = o.external LEFT JOIN files t ON t.id = o.target_file";

pub(super) const RELATION: &str = "SELECT r.id, r.symbol, r.kind, r.outcome, r.rule, r.reason, r.target, r.external,
 t.path FROM relations r JOIN files f ON f.id = r.id >> 32 LEFT JOIN files t ON t.id = r.target_file";

pub(super) const IMPORT: &str = "SELECT i.specifier, i.member, i.bound, i.reexport, i.line, i.\"column\", t.path,
 i.external FROM imports i LEFT JOIN files t ON t.id = i.target";

pub(super) const EXECUTION: &str = "SELECT id, version, command, arguments, root, started_ms, duration_ms, outcome,
 error, files, symbols, occurrences, links FROM executions";

pub(super) fn file(row: &Row<'_>) -> Result<FileRow> {
    let size = unsigned(row, 5)?;
    Ok(FileRow {
        id: FileId(row.get(0)?),
        path: row.get(1)?,
        language: row.get(2)?,
        dialect: row.get(3)?,
        module: row.get(4)?,
        stamp: Stamp { size, modified_ns: row.get::<_, i64>(6)? as u64 },
        size,
        hash: hash(row, 7)?,
        links_hash: hash(row, 8)?,
        lines: LineCounts { code: row.get(9)?, comment: row.get(10)?, blank: row.get(11)? },
        symbols: row.get(12)?,
        occurrences: row.get(13)?,
        errors: row.get(14)?,
        separator: row.get(15)?,
        metrics_hash: hash(row, 16)?,
    })
}

/// A content hash; an empty blob stands for what has not been hashed yet.
pub(super) fn hash(row: &Row<'_>, column: usize) -> Result<ContentHash> {
    let bytes = row.get_ref(column)?.as_blob()?;
    if bytes.is_empty() {
        return Ok(ContentHash([0; 32]));
    }
    let bytes = bytes.try_into().map_err(|_| conversion(column, Type::Blob, "a hash of the wrong length"))?;
    Ok(ContentHash(bytes))
}

pub(super) fn symbol(row: &Row<'_>) -> Result<SymbolRow> {
    let doc = match (row.get(17)?, row.get(18)?) {
        (Some(start), Some(end)) => Some(Span::new(start, end)),
        _ => None,
    };
    Ok(SymbolRow {
        key: key(row.get(0)?),
        id: SymbolHash(row.get(1)?),
        path: row.get(2)?,
        language: row.get(3)?,
        kind: row.get::<_, Word<_>>(4)?.0,
        name: row.get(5)?,
        qualified_name: qualified(row)?,
        parent: row.get::<_, Option<i64>>(9)?.map(key),
        signature: row.get(10)?,
        visibility: row.get::<_, Word<_>>(11)?.0,
        marks: Marks(row.get(12)?),
        span: Span::new(row.get(13)?, row.get(14)?),
        name_span: Span::new(row.get(15)?, row.get(16)?),
        doc,
        position: Position { line: row.get(19)?, column: row.get(20)? },
        start_line: row.get(21)?,
        end_line: row.get(22)?,
    })
}

fn qualified(row: &Row<'_>) -> Result<String> {
    let [module, separator, path] = [6, 7, 8].map(|column| row.get_ref(column));
    let (module, separator, path) = (module?.as_str()?, separator?.as_str()?, path?.as_str()?);
    Ok(if module.is_empty() { path.to_owned() } else { [module, separator, path].concat() })
}

/// An occurrence; its candidates are looked up with `candidates` where it has some.
pub(super) fn occurrence(
    row: &Row<'_>,
    candidates: &mut dyn FnMut(i64) -> Result<Vec<SymbolKey>>,
) -> Result<OccurrenceRow> {
    let id: i64 = row.get(0)?;
    let file = key(id).file;
    Ok(OccurrenceRow {
        file,
        path: row.get(1)?,
        span: Span::new(row.get(2)?, row.get(3)?),
        position: Position { line: row.get(4)?, column: row.get(5)? },
        role: row.get::<_, Word<_>>(6)?.0,
        name: row.get(7)?,
        symbol: row.get::<_, Option<i64>>(8)?.map(key),
        arity: row.get(9)?,
        target: target(row, 10, &mut || candidates(id))?,
        language: row.get(16)?,
    })
}

pub(super) fn open_site(row: &Row<'_>) -> Result<OpenSite> {
    let span = Span::new(row.get(1)?, row.get(2)?);
    Ok(OpenSite { file: key(row.get(0)?).file, span, role: row.get::<_, Word<_>>(3)?.0, arity: row.get(4)? })
}

/// A relation; its candidates are looked up with `candidates` where it has some.
pub(super) fn relation(
    row: &Row<'_>,
    candidates: &mut dyn FnMut(i64) -> Result<Vec<SymbolKey>>,
) -> Result<RelationRow> {
    let id: i64 = row.get(0)?;
    let target = target(row, 3, &mut || candidates(id))?;
    Ok(RelationRow { from: key(row.get(1)?), kind: row.get::<_, Word<_>>(2)?.0, target })
}

/// An outcome in columns `at..`: outcome, rule, reason, target, external, path.
pub(super) fn target(
    row: &Row<'_>,
    at: usize,
    candidates: &mut dyn FnMut() -> Result<Vec<SymbolKey>>,
) -> Result<Target> {
    let rule = || row.get::<_, Word<Rule>>(at + 1).map(|word| word.0);
    match row.get::<_, u8>(at)? {
        RESOLVED => Ok(Target::Resolved(key(row.get(at + 3)?), rule()?)),
        CANDIDATES => Ok(Target::Candidates(candidates()?, rule()?)),
        EXTERNAL => Ok(Target::External(row.get(at + 4)?, rule()?)),
        FILE_OUTCOME => Ok(Target::File(row.get::<_, Option<_>>(at + 5)?.unwrap_or_default(), rule()?)),
        UNKNOWN => Ok(Target::Unknown(row.get::<_, Word<Reason>>(at + 2)?.0)),
        other => Err(conversion(at, Type::Integer, &format!("there is no outcome {other}"))),
    }
}

pub(super) fn import(row: &Row<'_>) -> Result<ImportRow> {
    Ok(ImportRow {
        specifier: row.get(0)?,
        member: row.get(1)?,
        bound: row.get(2)?,
        reexport: row.get(3)?,
        position: Position { line: row.get(4)?, column: row.get(5)? },
        file: row.get(6)?,
        external: row.get(7)?,
    })
}

pub(super) fn execution(row: &Row<'_>) -> Result<Execution> {
    let arguments = row.get_ref(3)?.as_str()?;
    Ok(Execution {
        id: row.get(0)?,
        version: row.get(1)?,
        command: row.get(2)?,
        arguments: serde_json::from_str(arguments).map_err(|error| conversion(3, Type::Text, &error.to_string()))?,
        root: row.get(4)?,
        started_ms: unsigned(row, 5)?,
        duration_ms: row.get::<_, Option<i64>>(6)?.map(|duration| duration as u64),
        outcome: row.get::<_, Word<_>>(7)?.0,
        error: row.get(8)?,
        files: unsigned(row, 9)?,
        symbols: unsigned(row, 10)?,
        occurrences: unsigned(row, 11)?,
        links: unsigned(row, 12)?,
    })
}

pub(super) fn skipped(row: &Row<'_>) -> Result<Skipped> {
    Ok(Skipped { path: row.get(0)?, reason: row.get::<_, Word<_>>(1)?.0, detail: row.get(2)? })
}

pub(super) fn key(packed: i64) -> SymbolKey {
    SymbolKey::unpack(packed as u64)
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| Error::IntegralValueOutOfRange(column, value))
}

pub(super) fn conversion(column: usize, kind: Type, what: &str) -> Error {
    Error::FromSqlConversionFailure(column, kind, what.into())
}

/// A value that is stored as its number in a table of words.
pub(super) struct Word<T>(pub(super) T);

/// An enumeration with its table of words.
pub(super) trait Worded: Copy + 'static {
    /// Every value with its word, in the order of their numbers.
    fn words() -> &'static [(Self, &'static str)];
}

impl<T: Worded> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        let index = usize::try_from(number).map_err(|_| FromSqlError::OutOfRange(number))?;
        T::words().get(index).map(|(value, _)| Self(*value)).ok_or(FromSqlError::OutOfRange(number))
    }
}

macro_rules! worded {
    ($($name:ident),*) => {
        $(impl Worded for $name {
            fn words() -> &'static [(Self, &'static str)] {
                &Self::WORDS
            }
        })*
    };
}

worded!(SymbolKind, Visibility, Role, Rule, Reason, RelationKind, SkipReason, ExecutionOutcome);

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers_are_places<T: Worded + PartialEq + std::fmt::Debug>(number: impl Fn(T) -> usize) {
        let numbers: Vec<usize> = T::words().iter().map(|(value, _)| number(*value)).collect();
        assert_eq!(numbers, (0..T::words().len()).collect::<Vec<_>>());
    }

    #[test]
    fn every_word_stands_at_its_number() {
        numbers_are_places::<SymbolKind>(|value| value as usize);
        numbers_are_places::<Visibility>(|value| value as usize);
        numbers_are_places::<Role>(|value| value as usize);
        numbers_are_places::<Rule>(|value| value as usize);
        numbers_are_places::<Reason>(|value| value as usize);
        numbers_are_places::<RelationKind>(|value| value as usize);
        numbers_are_places::<SkipReason>(|value| value as usize);
        numbers_are_places::<ExecutionOutcome>(|value| value as usize);
    }
}
