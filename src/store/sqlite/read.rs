//! Questions to one consistent view.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::{Connection, OptionalExtension, Params, Row, ToSql, params};

use crate::model::{FileMetrics, LineCounts, Reason, Role, SymbolKind, SymbolMetrics, Tally};
use crate::store::record::{is_within, last_word, simple_names};
use crate::store::{
    CacheEntry, CacheRow, Chunk, ChunkPattern, Execution, FileEdges, FileId, FileRow, ImportRow, Label, LanguageTotals,
    NamePattern, OccurrenceRow, OpenSite, Part, RelationRow, Result, Skipped, Snapshot, Stamp, Stop, StoreError,
    SymbolKey, SymbolRow, Totals, check, glob,
};

use super::disk::{self, Reader};
use super::rows::{self, Word, key, unsigned};
use super::write::{bounds, table_of};
use super::{aside, cache, engine_error, locked, schema, upkeep};

/// Idle connections to the live file.
#[derive(Default)]
pub(super) struct Pool {
    idle: Mutex<(PathBuf, Vec<Connection>)>,
}

impl Pool {
    /// A connection to `path`; those to an earlier generation are closed.
    pub(super) fn take(&self, path: &Path) -> Result<Reader> {
        let mut idle = locked(&self.idle);
        if idle.0 != path {
            *idle = (path.to_owned(), Vec::new());
        }
        let known = idle.1.pop();
        drop(idle);
        match known {
            Some(connection) => Ok(Reader { connection, reusable: true }),
            None => disk::open_reader(path),
        }
    }

    fn give_back(&self, path: &Path, connection: Connection) {
        let mut idle = locked(&self.idle);
        if idle.0 == path {
            idle.1.push(connection);
        }
    }
}

/// One consistent view: a read transaction.
pub(super) struct View<'p> {
    /// None only while it is dropped.
    connection: Option<Connection>,
    path: PathBuf,
    pool: Option<&'p Pool>,
}

impl<'p> View<'p> {
    /// Starts the transaction and fixes what it sees.
    pub(super) fn begin(connection: Connection, path: PathBuf, pool: Option<&'p Pool>) -> Result<Self> {
        let begun = connection
            .execute_batch("BEGIN")
            .and_then(|()| connection.query_row("SELECT count(*) FROM meta", [], |_| Ok(())));
        begun.map_err(|error| engine_error(&path, error))?;
        Ok(Self { connection: Some(connection), path, pool })
    }

    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("taken only when dropped")
    }

    /// Copies what it sees to a new file.
    pub(super) fn back_up(&self, to: &Path) -> Result<()> {
        disk::back_up(self.connection(), to)
    }

    /// Runs `read`, telling errors in our terms.
    fn ask<T>(&self, read: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        read(self.connection()).map_err(|error| engine_error(&self.path, error))
    }

    fn list<T>(
        &self,
        sql: &str,
        values: impl Params,
        record: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        self.ask(|connection| connection.prepare_cached(sql)?.query_map(values, record)?.collect())
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl Params,
        record: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        self.ask(|connection| connection.prepare_cached(sql)?.query_row(values, record).optional())
    }

    fn damaged(&self, what: String) -> StoreError {
        StoreError::Damaged { path: self.path.display().to_string(), what }
    }

    fn occurrence_list(&self, sql: &str, values: impl Params) -> Result<Vec<OccurrenceRow>> {
        self.ask(|connection| {
            let mut candidates = |id: i64| {
                let sql = "SELECT target FROM candidates WHERE occurrence = ? ORDER BY target";
                connection.prepare_cached(sql)?.query_map([id], |row| row.get(0).map(key))?.collect()
            };
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_map(values, |row| rows::occurrence(row, &mut candidates))?.collect()
        })
    }

    fn relation_list(&self, condition: &str, values: impl Params) -> Result<Vec<RelationRow>> {
        let sql = format!("{} WHERE {condition} ORDER BY f.path, r.id", rows::RELATION);
        self.ask(|connection| {
            let mut candidates = |id: i64| {
                let sql = "SELECT target FROM relation_candidates WHERE relation = ? ORDER BY target";
                connection.prepare_cached(sql)?.query_map([id], |row| row.get(0).map(key))?.collect()
            };
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map(values, |row| rows::relation(row, &mut candidates))?.collect()
        })
    }

    fn symbol_list(&self, condition: &str, values: &[&dyn ToSql]) -> Result<Vec<SymbolRow>> {
        let sql = format!("{} WHERE {condition} ORDER BY f.path, s.id", rows::SYMBOL);
        self.list(&sql, values, rows::symbol)
    }

    /// Definitions whose simple names match, looked for among those that start as they must.
    fn matching(&self, glob: &str) -> Result<Vec<SymbolRow>> {
        let start = glob::literal_start(glob);
        match text_after(start) {
            Some(end) => self.symbol_list("n.text >= ? AND n.text < ? AND n.text GLOB ?", &[&start, &end, &glob]),
            None => self.symbol_list("n.text GLOB ?", &[&glob]),
        }
    }

    /// Definitions with exactly this qualified name. It ends in the simple name, of which only the separator before
    /// it tells where it starts; only blocks that stand for another name have to be looked through.
    fn qualified(&self, name: &str) -> Result<Vec<SymbolRow>> {
        let blocks = format!("s.kind IN ({}, {})", SymbolKind::Impl as u8, SymbolKind::ExternBlock as u8);
        let mut found = self.symbol_list(&format!("{blocks} AND {QUALIFIED} = ?1"), &[&name])?;
        for simple in simple_names(name) {
            let condition = format!("n.text = ?1 AND NOT {blocks} AND {QUALIFIED} = ?2");
            found.extend(self.symbol_list(&condition, &[&simple, &name])?);
        }
        found.sort_by(|a, b| (&a.path, a.key).cmp(&(&b.path, b.key)));
        Ok(found)
    }

    fn languages(&self) -> Result<Vec<LanguageTotals>> {
        let sql = "SELECT language, count(*), sum(size), sum(code_lines), sum(comment_lines), sum(blank_lines),
                   sum(symbols), sum(occurrences), sum(calls_resolved), sum(calls_candidates), sum(calls_external),
                   sum(calls_unknown) FROM files GROUP BY language ORDER BY language";
        self.list(sql, [], |row| {
            Ok(LanguageTotals {
                language: row.get(0)?,
                files: unsigned(row, 1)?,
                bytes: unsigned(row, 2)?,
                lines: LineCounts { code: row.get(3)?, comment: row.get(4)?, blank: row.get(5)? },
                symbols: unsigned(row, 6)?,
                occurrences: unsigned(row, 7)?,
                calls: Tally {
                    resolved: unsigned(row, 8)?,
                    candidates: unsigned(row, 9)?,
                    external: unsigned(row, 10)?,
                    unknown: unsigned(row, 11)?,
                },
            })
        })
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        if let (Some(connection), Some(pool)) = (self.connection.take(), self.pool)
            && connection.execute_batch("COMMIT").is_ok()
        {
            pool.give_back(&self.path, connection);
        }
    }
}

impl Snapshot for View<'_> {
    fn meta(&self, key: &str) -> Result<Option<String>> {
        self.one("SELECT value FROM meta WHERE key = ?", [key], |row| row.get(0))
    }

    fn metas(&self) -> Result<Vec<(String, String)>> {
        self.list("SELECT key, value FROM meta ORDER BY key", [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn files(&self) -> Result<Vec<FileRow>> {
        self.list(&format!("{} ORDER BY f.path", rows::FILE), [], rows::file)
    }

    fn stamps(&self) -> Result<Vec<(String, Stamp)>> {
        self.list("SELECT path, size, modified_ns FROM files", [], |row| {
            let stamp = Stamp { size: unsigned(row, 1)?, modified_ns: row.get::<_, i64>(2)? as u64 };
            Ok((row.get(0)?, stamp))
        })
    }

    fn file(&self, path: &str) -> Result<Option<FileRow>> {
        self.one(&format!("{} WHERE f.path = ?", rows::FILE), [path], rows::file)
    }

    fn packed(&self, file: FileId, part: Part) -> Result<Vec<u8>> {
        let table = table_of(part);
        let packed = self.one(&format!("SELECT packed FROM {table} WHERE file = ?"), [file.0], |row| row.get(0))?;
        packed.ok_or_else(|| self.damaged(format!("file {} is not in {table}", file.0)))
    }

    fn link_record(&self, file: FileId) -> Result<Vec<u8>> {
        let sql = "SELECT record FROM link_records WHERE file = ?";
        Ok(self.one(sql, [file.0], |row| row.get(0))?.unwrap_or_default())
    }

    fn symbols(&self, file: FileId) -> Result<Vec<SymbolRow>> {
        let sql = format!("{} WHERE s.id BETWEEN ? AND ? ORDER BY s.id", rows::SYMBOL);
        self.list(&sql, bounds(file), rows::symbol)
    }

    fn symbol(&self, key: SymbolKey) -> Result<Option<SymbolRow>> {
        self.one(&format!("{} WHERE s.id = ?", rows::SYMBOL), [key.packed() as i64], rows::symbol)
    }

    fn find(&self, pattern: &NamePattern) -> Result<Vec<SymbolRow>> {
        match pattern {
            NamePattern::Exact(name) => self.symbol_list("n.text = ?", &[name]),
            NamePattern::Qualified(name) => self.qualified(name),
            NamePattern::Prefix(prefix) => match text_after(prefix) {
                Some(end) => self.symbol_list("n.text >= ? AND n.text < ?", &[prefix, &end]),
                None => self.symbol_list("n.text >= ?", &[prefix]),
            },
            NamePattern::Within(name, around) => {
                let condition = "n.text = ? AND instr(f.module || f.separator || s.scope_path, ?)";
                let mut found = self.symbol_list(condition, &[name, &last_word(around)])?;
                found.retain(|row| is_within(&row.qualified_name, name, around));
                Ok(found)
            }
            NamePattern::Glob(glob) => self.matching(glob),
            NamePattern::Id(digits) => match hash_range(digits) {
                Some((first, last)) => self.symbol_list("s.hash BETWEEN ? AND ?", &[&first, &last]),
                None => Ok(Vec::new()),
            },
        }
    }

    fn labelled(&self, label: Label) -> Result<Vec<SymbolRow>> {
        let (condition, number) = match label {
            Label::Kind(kind) => ("kind = ?1", kind as u32),
            Label::Mark(marks) => ("marks & ?1 = ?1", marks.0),
            Label::Visibility(visibility) => ("visibility = ?1", visibility as u32),
        };
        self.symbol_list(&format!("s.id IN (SELECT id FROM symbols WHERE {condition})"), &[&number])
    }

    fn occurrences(&self, file: FileId) -> Result<Vec<OccurrenceRow>> {
        let sql = format!("{} WHERE o.id BETWEEN ? AND ? ORDER BY o.id", rows::OCCURRENCE);
        self.occurrence_list(&sql, bounds(file))
    }

    // What stands in a statement need not be planned for anew with every value.
    fn occurrences_of(&self, file: FileId, role: Role) -> Result<Vec<OccurrenceRow>> {
        let condition = format!("o.id BETWEEN ? AND ? AND o.role = {}", role as u8);
        self.occurrence_list(&format!("{} WHERE {condition} ORDER BY o.id", rows::OCCURRENCE), bounds(file))
    }

    fn external_starts(&self, file: FileId) -> Result<Vec<u32>> {
        let condition = format!("id BETWEEN ? AND ? AND outcome = {}", schema::EXTERNAL);
        self.list(&format!("SELECT start_byte FROM occurrences WHERE {condition} ORDER BY id"), bounds(file), |row| {
            row.get(0)
        })
    }

    fn uses(&self, key: SymbolKey) -> Result<Vec<OccurrenceRow>> {
        let sql = format!(
            "{} WHERE o.id IN (SELECT id FROM occurrences WHERE target = ?1
             UNION ALL SELECT occurrence FROM candidates WHERE target = ?1) ORDER BY f.path, o.id",
            rows::OCCURRENCE
        );
        self.occurrence_list(&sql, [key.packed() as i64])
    }

    fn unknown(&self, name: &str) -> Result<Vec<OccurrenceRow>> {
        let sql = format!("{} WHERE n.text = ? AND o.outcome = 3 ORDER BY f.path, o.id", rows::OCCURRENCE);
        self.occurrence_list(&sql, [name])
    }

    fn open_sites(&self, name: &str) -> Result<Vec<OpenSite>> {
        let sql =
            "SELECT o.id, o.start_byte, o.end_byte, o.role, o.arity FROM names n JOIN occurrences o ON o.name = n.id
                   WHERE n.text = ? AND o.outcome = 3";
        self.list(sql, [name], rows::open_site)
    }

    fn imports(&self, file: FileId) -> Result<Vec<ImportRow>> {
        let sql = format!("{} WHERE i.id BETWEEN ? AND ? ORDER BY i.id", rows::IMPORT);
        self.list(&sql, bounds(file), rows::import)
    }

    fn relations(&self, symbol: SymbolKey, outgoing: bool) -> Result<Vec<RelationRow>> {
        let condition = if outgoing {
            "r.symbol = ?1"
        } else {
            "r.id IN (SELECT id FROM relations WHERE target = ?1
             UNION ALL SELECT relation FROM relation_candidates WHERE target = ?1)"
        };
        self.relation_list(condition, [symbol.packed() as i64])
    }

    fn relations_in(&self, file: FileId) -> Result<Vec<RelationRow>> {
        self.relation_list("r.id BETWEEN ? AND ?", bounds(file))
    }

    fn edges(&self, only: Option<FileId>, visit: &mut dyn FnMut(FileEdges)) -> Result<()> {
        let bounds = only.map_or([0, i64::from(u32::MAX)], |file| [i64::from(file.0); 2]);
        let sql = "SELECT file, packed FROM edges WHERE file BETWEEN ? AND ? ORDER BY file";
        let damaged = self.ask(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(bounds)?;
            while let Some(row) = rows.next()? {
                let file = FileId(row.get(0)?);
                match FileEdges::decode(file, row.get_ref(1)?.as_blob()?) {
                    Some(edges) => visit(edges),
                    None => return Ok(Some(file)),
                }
            }
            Ok(None)
        })?;
        match damaged {
            Some(file) => Err(self.damaged(format!("the edges of file {} cannot be unpacked", file.0))),
            None => Ok(()),
        }
    }

    fn file_metrics(&self, path: &str) -> Result<Option<FileMetrics>> {
        let found = self.ask(|connection| aside::file_metrics(connection, Some(path)))?;
        Ok(found.into_iter().next().map(|(_, metrics)| metrics))
    }

    fn all_file_metrics(&self) -> Result<Vec<(String, FileMetrics)>> {
        self.ask(|connection| aside::file_metrics(connection, None))
    }

    fn symbol_metrics(&self, file: FileId) -> Result<Vec<SymbolMetrics>> {
        self.ask(|connection| aside::symbol_metrics(connection, bounds(file)))
    }

    fn chunks(&self, pattern: &ChunkPattern) -> Result<Vec<Chunk>> {
        self.ask(|connection| aside::chunks(connection, pattern))
    }

    fn executions(&self, limit: usize) -> Result<Vec<Execution>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!("{} ORDER BY started_ms DESC, id DESC LIMIT ?", rows::EXECUTION);
        self.list(&sql, params![limit], rows::execution)
    }

    fn execution(&self, id: &str) -> Result<Option<Execution>> {
        self.one(&format!("{} WHERE id = ?", rows::EXECUTION), params![id], rows::execution)
    }

    fn skipped(&self) -> Result<Vec<Skipped>> {
        self.list("SELECT path, reason, detail FROM skipped ORDER BY path", [], rows::skipped)
    }

    fn cache(&self) -> Result<Vec<CacheRow>> {
        self.ask(cache::list)
    }

    fn cached(&self, number: u64) -> Result<Option<CacheEntry>> {
        self.ask(|connection| cache::get(connection, number))
    }

    fn totals(&self) -> Result<Totals> {
        let files_with_errors = self
            .one("SELECT count(*) FROM files WHERE errors > 0", [], |row| unsigned(row, 0))?
            .expect("an aggregate without grouping gives one row");
        let sql = "SELECT reason, sum(calls) FROM unknown_call_counts GROUP BY reason ORDER BY 2 DESC, 1";
        let unknown_reasons = self.list(sql, [], |row| {
            let reason: Reason = row.get::<_, Word<_>>(0)?.0;
            Ok((reason.word().to_owned(), unsigned(row, 1)?))
        })?;
        Ok(Totals { languages: self.languages()?, files_with_errors, unknown_reasons })
    }

    fn check_until(&self, stop: Stop<'_>, fault: &mut dyn FnMut(String)) -> Result<()> {
        self.ask(|connection| upkeep::check(connection, fault))?;
        check::check(self, stop, fault)
    }
}

/// The qualified name of a symbol as an expression.
const QUALIFIED: &str = "CASE f.module WHEN '' THEN s.scope_path ELSE f.module || f.separator || s.scope_path END";

/// The least text that is greater than every text with this prefix, if there is one.
fn text_after(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = if last == '\u{d7ff}' { Some('\u{e000}') } else { char::from_u32(last as u32 + 1) };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// The least and greatest hash that start with these hex digits; none if they are no hex digits or too many.
fn hash_range(digits: &str) -> Option<([u8; 16], [u8; 16])> {
    if digits.len() > 32 || !digits.is_ascii() {
        return None;
    }
    let bound = |filler: &str| {
        let whole = digits.to_owned() + &filler.repeat(32 - digits.len());
        u128::from_str_radix(&whole, 16).ok().filter(|_| !digits.starts_with('+')).map(u128::to_be_bytes)
    };
    Some((bound("0")?, bound("f")?))
}
