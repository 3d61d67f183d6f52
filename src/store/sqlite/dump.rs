//! The logical content as lines of text in one total order: skipped files, then file by path with its symbols,
//! imports, occurrences and relations by position. No internal numbers, no times.

use std::fmt::Write as _;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Row};

use crate::store::FileId;
use crate::store::packed::unpack;

use super::write::bounds;

const SKIPPED: &str = "SELECT s.path, r.word FROM skipped s JOIN skip_reasons r ON r.id = s.reason ORDER BY s.path";

const FILES: &str = "SELECT path, language, dialect, module, hash, code_lines, comment_lines, blank_lines,
 errors, id FROM files ORDER BY path";

const SYMBOLS: &str = "SELECT s.hash, k.word, n.text, s.scope_path, p.hash, v.word, s.marks, s.start_byte,
 s.end_byte, s.name_start, s.name_end, s.doc_start, s.doc_end, s.line, s.\"column\", s.start_line, s.end_line,
 s.signature
 FROM symbols s JOIN names n ON n.id = s.name JOIN kinds k ON k.id = s.kind
 JOIN visibilities v ON v.id = s.visibility LEFT JOIN symbols p ON p.id = s.parent
 WHERE s.id BETWEEN ? AND ? ORDER BY s.id";

const IMPORTS: &str = "SELECT i.line, i.\"column\", i.specifier, i.member, i.bound, i.reexport, t.path, i.external
 FROM imports i LEFT JOIN files t ON t.id = i.target WHERE i.id BETWEEN ? AND ? ORDER BY i.id";

const OCCURRENCES: &str = "SELECT o.start_byte, o.end_byte, o.line, o.\"column\", r.word, n.text, s.hash, o.arity,
 w.word, u.word, q.word, t.hash, e.text, o.id
 FROM occurrences o JOIN names n ON n.id = o.name JOIN roles r ON r.id = o.role JOIN outcomes w ON w.id = o.outcome
 LEFT JOIN symbols s ON s.id = o.symbol LEFT JOIN rules u ON u.id = o.rule LEFT JOIN reasons q ON q.id = o.reason
 LEFT JOIN symbols t ON t.id = o.target LEFT JOIN names e ON e.id = o.external
 WHERE o.id BETWEEN ? AND ? ORDER BY o.id";

const CANDIDATES: &str = "SELECT s.hash FROM candidates c LEFT JOIN symbols s ON s.id = c.target
 WHERE c.occurrence = ? ORDER BY s.hash";

const RELATIONS: &str = "SELECT s.hash, k.word, w.word, u.word, q.word, t.hash, r.external, r.id
 FROM relations r LEFT JOIN symbols s ON s.id = r.symbol JOIN relation_kinds k ON k.id = r.kind
 JOIN outcomes w ON w.id = r.outcome LEFT JOIN rules u ON u.id = r.rule LEFT JOIN reasons q ON q.id = r.reason
 LEFT JOIN symbols t ON t.id = r.target WHERE r.id BETWEEN ? AND ? ORDER BY r.id";

const RELATION_CANDIDATES: &str = "SELECT s.hash FROM relation_candidates c LEFT JOIN symbols s ON s.id = c.target
 WHERE c.relation = ? ORDER BY s.hash";

/// Streams all lines.
pub(super) fn dump(connection: &Connection, sink: &mut dyn FnMut(&str)) -> rusqlite::Result<()> {
    let mut line = String::new();
    let mut skipped = connection.prepare_cached(SKIPPED)?;
    let mut rows = skipped.query([])?;
    while let Some(row) = rows.next()? {
        start(&mut line, "skipped", row, 2)?;
        sink(&line);
    }
    let mut files = connection.prepare_cached(FILES)?;
    let mut rows = files.query([])?;
    while let Some(row) = rows.next()? {
        let file = FileId(row.get(9)?);
        start(&mut line, "file", row, 9)?;
        line.push('\t');
        line.push_str(&facts_hash(connection, file)?);
        sink(&line);
        dump_file(connection, file, sink)?;
    }
    Ok(())
}

fn dump_file(connection: &Connection, file: FileId, sink: &mut dyn FnMut(&str)) -> rusqlite::Result<()> {
    dump_rows(connection, ("symbol", SYMBOLS, 18), None, file, sink)?;
    dump_rows(connection, ("import", IMPORTS, 8), None, file, sink)?;
    dump_rows(connection, ("occurrence", OCCURRENCES, 13), Some(CANDIDATES), file, sink)?;
    dump_rows(connection, ("relation", RELATIONS, 7), Some(RELATION_CANDIDATES), file, sink)
}

/// One line for each row of a file's records; where there are candidates, the row's number comes last and the
/// candidates stand at the end of the line.
fn dump_rows(
    connection: &Connection,
    (noun, sql, columns): (&str, &str, usize),
    candidates: Option<&str>,
    file: FileId,
    sink: &mut dyn FnMut(&str),
) -> rusqlite::Result<()> {
    let mut line = String::new();
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(bounds(file))?;
    while let Some(row) = rows.next()? {
        start(&mut line, noun, row, columns)?;
        if let Some(candidates) = candidates {
            let id: i64 = row.get(columns)?;
            let mut statement = connection.prepare_cached(candidates)?;
            let mut rows = statement.query([id])?;
            while let Some(row) = rows.next()? {
                append(&mut line, row.get_ref(0)?)?;
            }
        }
        sink(&line);
    }
    Ok(())
}

fn facts_hash(connection: &Connection, file: FileId) -> rusqlite::Result<String> {
    let mut statement = connection.prepare_cached("SELECT packed FROM facts WHERE file = ?")?;
    let packed: Vec<u8> = statement.query_row([file.0], |row| row.get(0))?;
    let facts = unpack(&packed).ok_or(Error::InvalidColumnType(0, "packed".into(), rusqlite::types::Type::Blob))?;
    Ok(blake3::hash(&facts).to_hex().to_string())
}

fn start(line: &mut String, noun: &str, row: &Row<'_>, columns: usize) -> rusqlite::Result<()> {
    line.clear();
    line.push_str(noun);
    (0..columns).try_for_each(|column| append(line, row.get_ref(column)?))
}

/// Adds a value after a tab; `-` stands for none, a text that would be mistaken for it is escaped.
fn append(line: &mut String, value: ValueRef<'_>) -> rusqlite::Result<()> {
    line.push('\t');
    match value {
        ValueRef::Null => line.push('-'),
        ValueRef::Integer(number) => write!(line, "{number}").expect("a String takes everything"),
        ValueRef::Real(number) => write!(line, "{number}").expect("a String takes everything"),
        ValueRef::Text(text) => append_text(line, std::str::from_utf8(text).map_err(|e| Error::Utf8Error(0, e))?),
        ValueRef::Blob(bytes) => {
            bytes.iter().try_for_each(|byte| write!(line, "{byte:02x}")).expect("a String takes everything");
        }
    }
    Ok(())
}

fn append_text(line: &mut String, text: &str) {
    if text == "-" {
        line.push('\\');
    }
    for character in text.chars() {
        match character {
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\\' => line.push_str("\\\\"),
            other => line.push(other),
        }
    }
}
