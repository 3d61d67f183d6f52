//! Turns changes into rows, inside a transaction that the caller opens and ends.

use rusqlite::{Connection, OptionalExtension, Statement, params};
use rustc_hash::FxHashSet;

use crate::model::{FileFacts, NameId, Occurrence, Outcome, Position, SymbolId};
use crate::store::record::{CallCounts, ImportContent};
use crate::store::{Change, Execution, FileContent, FileEdges, FileId, LinkContent, Part, Skipped, Stamp, SymbolKey};

use super::aside::Aside;
use super::cache;
use super::names::NameTable;
use super::schema::{CANDIDATES, EXTERNAL, FILE_OUTCOME, RESOLVED, UNKNOWN};

/// Why writing stopped.
pub(super) enum Stop {
    /// The stream gave up.
    Aborted(String),
    /// SQLite refused.
    Refused(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Refused(error)
    }
}

/// Writes all `changes`; gives whether anything but execution records was written. `fresh` says that the
/// database is empty, which saves looking for what to replace.
pub(super) fn write(
    connection: &Connection,
    fresh: bool,
    changes: &mut dyn Iterator<Item = Change>,
) -> Result<bool, Stop> {
    let mut writer = Writer::new(connection, fresh)?;
    let mut content = false;
    for change in changes {
        content |= !matches!(change, Change::Execution(_));
        writer.change(change)?;
    }
    writer.names.finish()?;
    Ok(content)
}

/// Adds or replaces one execution record.
pub(super) fn put_execution(connection: &Connection, execution: &Execution) -> rusqlite::Result<()> {
    let arguments = serde_json::to_string(&execution.arguments).expect("strings are always JSON");
    let sql = "INSERT OR REPLACE INTO executions(id, version, command, arguments, root, started_ms, duration_ms,
               outcome, error, files, symbols, occurrences, links) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    connection.prepare_cached(sql)?.execute(params![
        execution.id,
        execution.version,
        execution.command,
        arguments,
        execution.root,
        execution.started_ms as i64,
        execution.duration_ms.map(|duration| duration as i64),
        execution.outcome as u8,
        execution.error,
        execution.files as i64,
        execution.symbols as i64,
        execution.occurrences as i64,
        execution.links as i64,
    ])?;
    Ok(())
}

/// Tables whose rows belong to one file, with the column that says so: the file itself or a packed number with
/// the file in its high half. Ordered so that rows go before what they refer to.
const LINK_TABLES: [(&str, &str); 5] = [
    ("candidates", "occurrence"),
    ("occurrences", "id"),
    ("imports", "id"),
    ("relation_candidates", "relation"),
    ("relations", "id"),
];

/// Tables with one row for a file, or a few.
const FILE_TABLES: [&str; 5] = ["unknown_call_counts", "texts", "facts", "asts", "functions"];

const ALL_TABLES: [&str; 22] = [
    "link_records",
    "edges",
    "candidates",
    "occurrences",
    "imports",
    "relation_candidates",
    "relations",
    "symbols",
    "unknown_call_counts",
    "symbol_metrics",
    "file_metrics",
    "chunks",
    "texts",
    "facts",
    "asts",
    "functions",
    "files",
    "names",
    "skipped",
    "meta",
    "cache_parts",
    "cache",
];

struct Writer<'c> {
    connection: &'c Connection,
    fresh: bool,
    /// In a fresh database, the files put and linked so far: there is nothing else to replace.
    put: FxHashSet<FileId>,
    linked: FxHashSet<FileId>,
    names: NameTable<'c>,
    rows: Rows<'c>,
    aside: Aside<'c>,
    /// Database-wide ids of the current file's names; 0 where not looked up yet.
    local: Vec<i64>,
    local_counts: Vec<i64>,
}

/// The insert statements that run once for every row.
struct Rows<'c> {
    symbol: Statement<'c>,
    occurrence: Statement<'c>,
    candidate: Statement<'c>,
    import: Statement<'c>,
    relation: Statement<'c>,
    relation_candidate: Statement<'c>,
}

impl<'c> Rows<'c> {
    fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            symbol: connection.prepare(
                "INSERT INTO symbols(id, hash, name, kind, parent, scope_path, signature, visibility, marks,
                 start_byte, end_byte, name_start, name_end, doc_start, doc_end, line, \"column\", start_line, end_line)
                 VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?,
            occurrence: connection.prepare(
                "INSERT INTO occurrences(id, name, role, start_byte, end_byte, line, \"column\", symbol, arity,
                 outcome, rule, reason, target, target_file, external)
                 VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?,
            candidate: connection.prepare("INSERT INTO candidates(occurrence, target) VALUES(?, ?)")?,
            import: connection.prepare(
                "INSERT INTO imports(id, specifier, member, bound, reexport, line, \"column\", target, external)
                 VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?,
            relation: connection.prepare(
                "INSERT INTO relations(id, symbol, kind, outcome, rule, reason, target, target_file, external)
                 VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?,
            relation_candidate: connection.prepare("INSERT INTO relation_candidates(relation, target) VALUES(?, ?)")?,
        })
    }
}

impl<'c> Writer<'c> {
    fn new(connection: &'c Connection, fresh: bool) -> rusqlite::Result<Self> {
        let names = NameTable::new(connection, fresh)?;
        let rows = Rows::new(connection)?;
        let aside = Aside::new(connection, fresh)?;
        let (put, linked) = (FxHashSet::default(), FxHashSet::default());
        Ok(Self { connection, fresh, put, linked, names, rows, aside, local: Vec::new(), local_counts: Vec::new() })
    }

    fn change(&mut self, change: Change) -> Result<(), Stop> {
        match change {
            Change::Clear => self.clear()?,
            Change::Remove(file) => self.remove(file)?,
            Change::Put(content) => self.put(&content)?,
            Change::Link(content) => self.link(&content)?,
            Change::Metrics(file, content) => self.aside.put_metrics(file, &content)?,
            Change::FileMetrics(path, metrics) => self.aside.put_file_metrics(&path, &metrics)?,
            Change::Chunk(chunk) => self.aside.put_chunk(&chunk)?,
            Change::RemoveChunks(path) => self.aside.remove_chunks(&path)?,
            Change::Touch(file, stamp) => self.touch(file, stamp)?,
            Change::Skipped(skipped) => self.skipped(&skipped)?,
            Change::Meta(key, value) => {
                let sql = "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)";
                self.connection.prepare_cached(sql)?.execute([key, value])?;
            }
            Change::Execution(execution) => put_execution(self.connection, &execution)?,
            Change::Cache(entry) => cache::put(self.connection, &entry)?,
            Change::Evict(number) => cache::evict(self.connection, number)?,
            Change::Abort(why) => return Err(Stop::Aborted(why)),
        }
        Ok(())
    }

    fn clear(&mut self) -> rusqlite::Result<()> {
        for table in ALL_TABLES {
            self.connection.execute(&format!("DELETE FROM {table}"), [])?;
        }
        self.names.clear();
        Ok(())
    }

    fn touch(&mut self, file: FileId, stamp: Stamp) -> rusqlite::Result<()> {
        let sql = "UPDATE files SET size = ?, modified_ns = ? WHERE id = ?";
        let values = params![stamp.size as i64, stamp.modified_ns as i64, file.0];
        self.connection.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }

    fn skipped(&mut self, skipped: &[Skipped]) -> rusqlite::Result<()> {
        self.connection.execute("DELETE FROM skipped", [])?;
        let mut insert = self.connection.prepare_cached("INSERT INTO skipped(path, reason, detail) VALUES(?, ?, ?)")?;
        for file in skipped {
            insert.execute(params![file.path, file.reason as u8, file.detail])?;
        }
        Ok(())
    }

    // Files

    fn remove(&mut self, file: FileId) -> rusqlite::Result<()> {
        self.remove_links(file)?;
        self.release_names(file, "SELECT name, count(*) FROM symbols WHERE id BETWEEN ? AND ? GROUP BY 1")?;
        delete_range(self.connection, "symbol_metrics", "symbol", file)?;
        delete_range(self.connection, "symbols", "id", file)?;
        for table in FILE_TABLES {
            let sql = format!("DELETE FROM {table} WHERE file = ?");
            self.connection.prepare_cached(&sql)?.execute([file.0])?;
        }
        let sql = "DELETE FROM files WHERE id = ? RETURNING path";
        let path =
            self.connection.prepare_cached(sql)?.query_row([file.0], |row| row.get::<_, String>(0)).optional()?;
        path.map_or(Ok(()), |path| self.aside.remove(&path))
    }

    fn remove_links(&mut self, file: FileId) -> rusqlite::Result<()> {
        self.release_names(file, "SELECT name, count(*) FROM occurrences WHERE id BETWEEN ? AND ? GROUP BY 1")?;
        self.release_names(
            file,
            "SELECT external, count(*) FROM occurrences WHERE id BETWEEN ? AND ? AND external IS NOT NULL GROUP BY 1",
        )?;
        for (table, column) in LINK_TABLES {
            delete_range(self.connection, table, column, file)?;
        }
        for table in ["unknown_call_counts", "link_records", "edges"] {
            let sql = format!("DELETE FROM {table} WHERE file = ?");
            self.connection.prepare_cached(&sql)?.execute([file.0])?;
        }
        Ok(())
    }

    fn release_names(&mut self, file: FileId, sql: &str) -> rusqlite::Result<()> {
        let mut select = self.connection.prepare_cached(sql)?;
        let mut rows = select.query(bounds(file))?;
        while let Some(row) = rows.next()? {
            self.names.count(row.get(0)?, -row.get::<_, i64>(1)?);
        }
        Ok(())
    }

    fn put(&mut self, content: &FileContent) -> rusqlite::Result<()> {
        if !self.fresh || !self.put.insert(content.id) {
            self.remove(content.id)?;
        }
        self.aside.remove(&content.path)?;
        self.put_file(content)?;
        let parts = [
            (Part::Text, &content.text_packed),
            (Part::Facts, &content.facts_packed),
            (Part::Ast, &content.ast_packed),
            (Part::Functions, &content.functions_packed),
        ];
        for (part, packed) in parts {
            let table = table_of(part);
            let sql = format!("INSERT INTO {table}(file, packed) VALUES(?, ?)");
            self.connection.prepare_cached(&sql)?.execute(params![content.id.0, packed])?;
        }
        self.start_names(&content.facts);
        for index in 0..content.facts.symbols.len() {
            self.put_symbol(content, index)?;
        }
        self.end_names();
        Ok(())
    }

    fn put_file(&mut self, content: &FileContent) -> rusqlite::Result<()> {
        let facts = &content.facts;
        let sql = "INSERT INTO files(id, path, language, dialect, separator, module, size, modified_ns, hash,
                   links_hash, metrics_hash, code_lines, comment_lines, blank_lines, symbols, occurrences, errors,
                   calls_resolved, calls_candidates, calls_external, calls_unknown)
                   VALUES(?, ?, ?, ?, ?, '', ?, ?, ?, x'', x'', ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)";
        self.connection.prepare_cached(sql)?.execute(params![
            content.id.0,
            content.path,
            content.language,
            content.dialect,
            content.separator,
            content.stamp.size as i64,
            content.stamp.modified_ns as i64,
            content.hash.0,
            facts.lines.code,
            facts.lines.comment,
            facts.lines.blank,
            facts.symbols.len() as i64,
            facts.occurrences.len() as i64,
            facts.diagnostics.len() as i64,
        ])?;
        Ok(())
    }

    fn put_symbol(&mut self, content: &FileContent, index: usize) -> rusqlite::Result<()> {
        let symbol = &content.facts.symbols[index];
        let place = content.places[index];
        let name = self.name(&content.facts, symbol.name)?;
        let key = |symbol: SymbolId| SymbolKey { file: content.id, symbol }.packed() as i64;
        self.rows.symbol.execute(params![
            key(SymbolId(index as u32)),
            content.hashes[index].0,
            name,
            symbol.kind as u8,
            symbol.parent.map(key),
            content.scope_paths.get(index),
            content.signatures.get(index),
            symbol.visibility as u8,
            symbol.marks.0,
            symbol.span.start,
            symbol.span.end,
            symbol.name_span.start,
            symbol.name_span.end,
            symbol.doc.map(|doc| doc.start),
            symbol.doc.map(|doc| doc.end),
            place.position.line,
            place.position.column,
            place.start_line,
            place.end_line,
        ])?;
        Ok(())
    }

    // Names of one file

    fn start_names(&mut self, facts: &FileFacts) {
        self.local.clear();
        self.local.resize(facts.names.len(), 0);
        self.local_counts.clear();
        self.local_counts.resize(facts.names.len(), 0);
    }

    fn name(&mut self, facts: &FileFacts, name: NameId) -> rusqlite::Result<i64> {
        let index = name.0 as usize;
        if self.local[index] == 0 {
            self.local[index] = self.names.id(facts.name(name))?;
        }
        self.local_counts[index] += 1;
        Ok(self.local[index])
    }

    fn end_names(&mut self) {
        for (&id, &rows) in self.local.iter().zip(&self.local_counts).filter(|(_, rows)| **rows > 0) {
            self.names.count(id, rows);
        }
    }

    // Links

    fn link(&mut self, content: &LinkContent) -> rusqlite::Result<()> {
        if !self.fresh || !self.linked.insert(content.id) {
            self.remove_links(content.id)?;
        }
        let facts = &*content.facts;
        self.start_names(facts);
        for (index, occurrence) in facts.occurrences.iter().enumerate() {
            let outcome = &content.links.outcomes[index];
            let id = packed(content.id, index);
            self.put_occurrence(facts, id, occurrence, content.positions[index], outcome)?;
        }
        self.end_names();
        for (index, import) in ImportContent::all(content).enumerate() {
            self.put_import(packed(content.id, index), &import)?;
        }
        for (index, outcome) in content.links.relations.iter().enumerate() {
            self.put_relation(content, index, outcome)?;
        }
        self.put_link_totals(content)
    }

    fn put_occurrence(
        &mut self,
        facts: &FileFacts,
        id: i64,
        occurrence: &Occurrence,
        position: Position,
        outcome: &Outcome,
    ) -> rusqlite::Result<()> {
        let name = self.name(facts, occurrence.name)?;
        let columns = Columns::of(outcome);
        let external = columns.external.map(|text| self.names.counted(text)).transpose()?;
        let file = id >> 32 << 32;
        self.rows.occurrence.execute(params![
            id,
            name,
            occurrence.role as u8,
            occurrence.span.start,
            occurrence.span.end,
            position.line,
            position.column,
            occurrence.symbol.map(|symbol| file | i64::from(symbol.0)),
            occurrence.arity,
            columns.outcome,
            columns.rule,
            columns.reason,
            columns.target,
            columns.target_file,
            external,
        ])?;
        if let Outcome::Candidates(candidates, _) = outcome {
            for candidate in candidates {
                self.rows.candidate.execute([id, packed(FileId(candidate.file), candidate.symbol.0 as usize)])?;
            }
        }
        Ok(())
    }

    fn put_import(&mut self, id: i64, import: &ImportContent<'_>) -> rusqlite::Result<()> {
        self.rows.import.execute(params![
            id,
            import.specifier,
            import.member,
            import.bound,
            import.reexport,
            import.position.line,
            import.position.column,
            import.file,
            import.external,
        ])?;
        Ok(())
    }

    fn put_relation(&mut self, content: &LinkContent, index: usize, outcome: &Outcome) -> rusqlite::Result<()> {
        let relation = content.facts.relations[index];
        let columns = Columns::of(outcome);
        let id = packed(content.id, index);
        self.rows.relation.execute(params![
            id,
            packed(content.id, relation.symbol.0 as usize),
            relation.kind as u8,
            columns.outcome,
            columns.rule,
            columns.reason,
            columns.target,
            columns.target_file,
            columns.external,
        ])?;
        if let Outcome::Candidates(candidates, _) = outcome {
            for candidate in candidates {
                let target = packed(FileId(candidate.file), candidate.symbol.0 as usize);
                self.rows.relation_candidate.execute([id, target])?;
            }
        }
        Ok(())
    }

    fn put_link_totals(&mut self, content: &LinkContent) -> rusqlite::Result<()> {
        let calls = CallCounts::of(content);
        let sql = "UPDATE files SET module = ?, links_hash = ?, calls_resolved = ?, calls_candidates = ?,
                   calls_external = ?, calls_unknown = ? WHERE id = ?";
        self.connection.prepare_cached(sql)?.execute(params![
            content.links.module,
            content.links_hash.0,
            calls.tally.resolved as i64,
            calls.tally.candidates as i64,
            calls.tally.external as i64,
            calls.tally.unknown as i64,
            content.id.0,
        ])?;
        let sql = "INSERT INTO unknown_call_counts(file, reason, calls) VALUES(?, ?, ?)";
        let mut insert = self.connection.prepare_cached(sql)?;
        for (reason, calls) in calls.reasons {
            insert.execute(params![content.id.0, reason as u8, calls])?;
        }
        let sql = "INSERT INTO edges(file, packed) VALUES(?, ?)";
        let edges = FileEdges::of_links(content).encode();
        self.connection.prepare_cached(sql)?.execute(params![content.id.0, edges])?;
        if !content.record.is_empty() {
            let sql = "INSERT INTO link_records(file, record) VALUES(?, ?)";
            self.connection.prepare_cached(sql)?.execute(params![content.id.0, content.record])?;
        }
        Ok(())
    }
}

/// An outcome as columns.
struct Columns<'a> {
    outcome: u8,
    rule: Option<u8>,
    reason: Option<u8>,
    target: Option<i64>,
    target_file: Option<u32>,
    external: Option<&'a str>,
}

impl<'a> Columns<'a> {
    fn of(outcome: &'a Outcome) -> Self {
        let plain =
            Self { outcome: UNKNOWN, rule: None, reason: None, target: None, target_file: None, external: None };
        match outcome {
            Outcome::Resolved(to, rule) => {
                let target = packed(FileId(to.file), to.symbol.0 as usize);
                Self { outcome: RESOLVED, rule: Some(*rule as u8), target: Some(target), ..plain }
            }
            Outcome::Candidates(_, rule) => Self { outcome: CANDIDATES, rule: Some(*rule as u8), ..plain },
            Outcome::File(file, rule) => {
                Self { outcome: FILE_OUTCOME, rule: Some(*rule as u8), target_file: Some(*file), ..plain }
            }
            Outcome::External(name, rule) => {
                Self { outcome: EXTERNAL, rule: Some(*rule as u8), external: Some(name), ..plain }
            }
            Outcome::Unknown(reason) => Self { reason: Some(*reason as u8), ..plain },
        }
    }
}

/// Number `ordinal` of a file as a primary key.
pub(super) fn packed(file: FileId, ordinal: usize) -> i64 {
    SymbolKey { file, symbol: SymbolId(ordinal as u32) }.packed() as i64
}

/// First and last primary key that a file's rows can have.
pub(super) fn bounds(file: FileId) -> [i64; 2] {
    [packed(file, 0), packed(file, u32::MAX as usize)]
}

/// The table that holds a part of every file.
pub(super) fn table_of(part: Part) -> &'static str {
    match part {
        Part::Text => "texts",
        Part::Facts => "facts",
        Part::Ast => "asts",
        Part::Functions => "functions",
    }
}

pub(super) fn delete_range(connection: &Connection, table: &str, column: &str, file: FileId) -> rusqlite::Result<()> {
    let sql = format!("DELETE FROM {table} WHERE {column} BETWEEN ? AND ?");
    connection.prepare_cached(&sql)?.execute(bounds(file))?;
    Ok(())
}
