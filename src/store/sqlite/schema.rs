//! Tables, indexes and views; documented for people in `docs/schema.md`.
//!
//! Foreign keys are declared for readers and for `PRAGMA foreign_key_check`, which the tests run; the writer
//! does not pay for their enforcement row by row, because it replaces whole files and links always change in
//! the same transaction as what they point to.

use rusqlite::{Connection, params};

use crate::model::{Marks, Reason, RelationKind, Role, Rule, SkipReason, SymbolKind, Visibility};
use crate::store::ExecutionOutcome;

/// `MGLN`: tells our files from other SQLite databases.
pub(super) const APPLICATION_ID: u32 = 0x4d47_4c4e;
/// Version of everything below; to be raised with every change that older or newer programs would misread.
pub(in crate::store) const FORMAT: u32 = 1;

/// Outcome numbers, as in table `outcomes`.
pub(super) const RESOLVED: u8 = 0;
pub(super) const CANDIDATES: u8 = 1;
pub(super) const EXTERNAL: u8 = 2;
pub(super) const UNKNOWN: u8 = 3;
/// A module that is a file. Never the outcome of a call.
pub(super) const FILE_OUTCOME: u8 = 4;
const OUTCOMES: [&str; 5] = ["resolved", "candidates", "external", "unknown", "file"];

const TABLES: &str = "
CREATE TABLE kinds(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE visibilities(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE marks(bit INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE roles(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE outcomes(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE rules(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE reasons(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE relation_kinds(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE skip_reasons(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;
CREATE TABLE execution_outcomes(id INTEGER PRIMARY KEY, word TEXT NOT NULL) STRICT;

CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE executions(
    id TEXT PRIMARY KEY, version TEXT NOT NULL, command TEXT NOT NULL, arguments TEXT NOT NULL,
    root TEXT NOT NULL, started_ms INTEGER NOT NULL, duration_ms INTEGER,
    outcome INTEGER NOT NULL REFERENCES execution_outcomes(id), error TEXT,
    files INTEGER NOT NULL, symbols INTEGER NOT NULL, occurrences INTEGER NOT NULL, links INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE skipped(
    path TEXT PRIMARY KEY, reason INTEGER NOT NULL REFERENCES skip_reasons(id), detail TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE cache(
    number INTEGER PRIMARY KEY, hash BLOB NOT NULL, dialect TEXT NOT NULL, bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE cache_parts(
    number INTEGER PRIMARY KEY REFERENCES cache(number),
    facts BLOB NOT NULL, ast BLOB NOT NULL, functions BLOB NOT NULL
) STRICT;

CREATE TABLE names(id INTEGER PRIMARY KEY, text TEXT NOT NULL, uses INTEGER NOT NULL) STRICT;
CREATE TABLE files(
    id INTEGER PRIMARY KEY, path TEXT NOT NULL, language TEXT NOT NULL, dialect TEXT NOT NULL,
    separator TEXT NOT NULL, module TEXT NOT NULL,
    size INTEGER NOT NULL, modified_ns INTEGER NOT NULL, hash BLOB NOT NULL,
    links_hash BLOB NOT NULL, metrics_hash BLOB NOT NULL,
    code_lines INTEGER NOT NULL, comment_lines INTEGER NOT NULL, blank_lines INTEGER NOT NULL,
    symbols INTEGER NOT NULL, occurrences INTEGER NOT NULL, errors INTEGER NOT NULL,
    calls_resolved INTEGER NOT NULL, calls_candidates INTEGER NOT NULL,
    calls_external INTEGER NOT NULL, calls_unknown INTEGER NOT NULL
) STRICT;
CREATE TABLE unknown_call_counts(
    file INTEGER NOT NULL REFERENCES files(id), reason INTEGER NOT NULL REFERENCES reasons(id),
    calls INTEGER NOT NULL, PRIMARY KEY(file, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE texts(file INTEGER PRIMARY KEY REFERENCES files(id), packed BLOB NOT NULL) STRICT;
CREATE TABLE facts(file INTEGER PRIMARY KEY REFERENCES files(id), packed BLOB NOT NULL) STRICT;
CREATE TABLE asts(file INTEGER PRIMARY KEY REFERENCES files(id), packed BLOB NOT NULL) STRICT;
CREATE TABLE functions(file INTEGER PRIMARY KEY REFERENCES files(id), packed BLOB NOT NULL) STRICT;
CREATE TABLE link_records(file INTEGER PRIMARY KEY REFERENCES files(id), record BLOB NOT NULL) STRICT;
CREATE TABLE edges(file INTEGER PRIMARY KEY REFERENCES files(id), packed BLOB NOT NULL) STRICT;
CREATE TABLE chunks(
    path TEXT NOT NULL, start_byte INTEGER NOT NULL, end_byte INTEGER NOT NULL,
    symbol TEXT, kind TEXT NOT NULL, hash BLOB NOT NULL, packed BLOB NOT NULL,
    PRIMARY KEY(path, start_byte, end_byte)
) STRICT;
CREATE TABLE file_metrics(
    path TEXT PRIMARY KEY, symbols INTEGER NOT NULL, functions INTEGER NOT NULL,
    code_lines INTEGER NOT NULL, comment_lines INTEGER NOT NULL, blank_lines INTEGER NOT NULL,
    fan_in INTEGER NOT NULL, fan_out INTEGER NOT NULL,
    cyclomatic_total INTEGER NOT NULL, cyclomatic_max INTEGER NOT NULL,
    cognitive_total INTEGER NOT NULL, cognitive_max INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE symbols(
    id INTEGER PRIMARY KEY, hash BLOB NOT NULL, name INTEGER NOT NULL REFERENCES names(id),
    kind INTEGER NOT NULL REFERENCES kinds(id), parent INTEGER REFERENCES symbols(id),
    scope_path TEXT NOT NULL, signature TEXT NOT NULL,
    visibility INTEGER NOT NULL REFERENCES visibilities(id), marks INTEGER NOT NULL,
    start_byte INTEGER NOT NULL, end_byte INTEGER NOT NULL,
    name_start INTEGER NOT NULL, name_end INTEGER NOT NULL, doc_start INTEGER, doc_end INTEGER,
    line INTEGER NOT NULL, \"column\" INTEGER NOT NULL, start_line INTEGER NOT NULL, end_line INTEGER NOT NULL,
    file INTEGER AS (id >> 32) VIRTUAL REFERENCES files(id)
) STRICT;
CREATE TABLE symbol_metrics(
    symbol INTEGER PRIMARY KEY REFERENCES symbols(id), lines INTEGER NOT NULL, parameters INTEGER NOT NULL,
    cyclomatic INTEGER NOT NULL, cognitive INTEGER NOT NULL, nesting INTEGER NOT NULL,
    fan_in INTEGER NOT NULL, fan_out INTEGER NOT NULL
) STRICT;
CREATE TABLE occurrences(
    id INTEGER PRIMARY KEY, name INTEGER NOT NULL REFERENCES names(id),
    role INTEGER NOT NULL REFERENCES roles(id),
    start_byte INTEGER NOT NULL, end_byte INTEGER NOT NULL, line INTEGER NOT NULL, \"column\" INTEGER NOT NULL,
    symbol INTEGER REFERENCES symbols(id), arity INTEGER,
    outcome INTEGER NOT NULL REFERENCES outcomes(id),
    rule INTEGER REFERENCES rules(id), reason INTEGER REFERENCES reasons(id),
    target INTEGER REFERENCES symbols(id), target_file INTEGER REFERENCES files(id),
    external INTEGER REFERENCES names(id),
    file INTEGER AS (id >> 32) VIRTUAL REFERENCES files(id)
) STRICT;
CREATE TABLE candidates(
    occurrence INTEGER NOT NULL REFERENCES occurrences(id), target INTEGER NOT NULL REFERENCES symbols(id),
    PRIMARY KEY(occurrence, target)
) STRICT, WITHOUT ROWID;
CREATE TABLE imports(
    id INTEGER PRIMARY KEY, specifier TEXT NOT NULL, member TEXT, bound TEXT, reexport INTEGER NOT NULL,
    line INTEGER NOT NULL, \"column\" INTEGER NOT NULL,
    target INTEGER REFERENCES files(id), external TEXT,
    file INTEGER AS (id >> 32) VIRTUAL REFERENCES files(id)
) STRICT;
CREATE TABLE relations(
    id INTEGER PRIMARY KEY, symbol INTEGER NOT NULL REFERENCES symbols(id),
    kind INTEGER NOT NULL REFERENCES relation_kinds(id),
    outcome INTEGER NOT NULL REFERENCES outcomes(id),
    rule INTEGER REFERENCES rules(id), reason INTEGER REFERENCES reasons(id),
    target INTEGER REFERENCES symbols(id), target_file INTEGER REFERENCES files(id), external TEXT,
    file INTEGER AS (id >> 32) VIRTUAL REFERENCES files(id)
) STRICT;
CREATE TABLE relation_candidates(
    relation INTEGER NOT NULL REFERENCES relations(id), target INTEGER NOT NULL REFERENCES symbols(id),
    PRIMARY KEY(relation, target)
) STRICT, WITHOUT ROWID;
";

/// Made after a full load, when sorting once is cheaper than keeping order all the time.
pub(super) const INDEXES: &str = "
CREATE UNIQUE INDEX names_by_text ON names(text);
CREATE UNIQUE INDEX files_by_path ON files(path);
CREATE INDEX symbols_by_hash ON symbols(hash);
CREATE INDEX symbols_by_name ON symbols(name);
CREATE INDEX symbols_by_label ON symbols(kind, visibility, marks);
CREATE INDEX chunks_by_symbol ON chunks(symbol) WHERE symbol IS NOT NULL;
CREATE INDEX occurrences_by_target ON occurrences(target) WHERE target IS NOT NULL;
CREATE INDEX occurrences_unknown ON occurrences(name) WHERE outcome = 3;
CREATE INDEX candidates_by_target ON candidates(target, occurrence);
CREATE INDEX relations_by_symbol ON relations(symbol);
CREATE INDEX relations_by_target ON relations(target) WHERE target IS NOT NULL;
CREATE INDEX relation_candidates_by_target ON relation_candidates(target, relation);
CREATE INDEX executions_by_start ON executions(started_ms);
";

const VIEWS: &str = "
CREATE VIEW definitions AS
SELECT s.id AS id, lower(hex(s.hash)) AS hash, k.word AS kind, n.text AS name,
       CASE f.module WHEN '' THEN s.scope_path ELSE f.module || f.separator || s.scope_path END AS qualified_name,
       f.path AS path, s.line AS line, s.\"column\" AS \"column\", s.start_line AS start_line, s.end_line AS end_line,
       s.signature AS signature, v.word AS visibility, s.parent AS parent, s.file AS file,
       (SELECT group_concat(word, ' ') FROM marks WHERE s.marks & bit) AS marks
FROM symbols s JOIN names n ON n.id = s.name JOIN files f ON f.id = s.file
JOIN kinds k ON k.id = s.kind JOIN visibilities v ON v.id = s.visibility;

CREATE VIEW labels AS
SELECT s.id AS symbol, k.word AS label FROM symbols s JOIN kinds k ON k.id = s.kind
UNION ALL SELECT s.id, v.word FROM symbols s JOIN visibilities v ON v.id = s.visibility
UNION ALL SELECT s.id, m.word FROM symbols s JOIN marks m ON s.marks & m.bit;

CREATE VIEW hotspots AS
SELECT m.symbol AS symbol, d.kind AS kind, d.qualified_name AS qualified_name, d.path AS path, d.line AS line,
       m.lines AS lines, m.cyclomatic AS cyclomatic, m.cognitive AS cognitive, m.nesting AS nesting,
       m.fan_in AS fan_in, m.fan_out AS fan_out, m.cyclomatic * m.lines AS weight
FROM symbol_metrics m JOIN definitions d ON d.id = m.symbol;

CREATE VIEW calls AS
SELECT o.id AS id, f.path AS path, o.line AS line, o.\"column\" AS \"column\", n.text AS name, o.arity AS arity,
       o.symbol AS caller, w.word AS outcome, coalesce(u.word, r.word) AS evidence,
       o.target AS target, e.text AS external, o.file AS file
FROM occurrences o JOIN files f ON f.id = o.file JOIN names n ON n.id = o.name
JOIN outcomes w ON w.id = o.outcome LEFT JOIN rules u ON u.id = o.rule LEFT JOIN reasons r ON r.id = o.reason
LEFT JOIN names e ON e.id = o.external
WHERE o.role = 0;

CREATE VIEW callers AS
SELECT t.id AS callee, tn.text AS callee_name, s.id AS caller, sn.text AS caller_name,
       f.path AS path, o.line AS line, o.\"column\" AS \"column\", 1 AS certain
FROM occurrences o JOIN symbols t ON t.id = o.target JOIN names tn ON tn.id = t.name
JOIN files f ON f.id = o.file
LEFT JOIN symbols s ON s.id = o.symbol LEFT JOIN names sn ON sn.id = s.name
WHERE o.role = 0 AND o.target IS NOT NULL
UNION ALL
SELECT t.id, tn.text, s.id, sn.text, f.path, o.line, o.\"column\", 0
FROM candidates c JOIN symbols t ON t.id = c.target JOIN names tn ON tn.id = t.name
JOIN occurrences o ON o.id = c.occurrence JOIN files f ON f.id = o.file
LEFT JOIN symbols s ON s.id = o.symbol LEFT JOIN names sn ON sn.id = s.name
WHERE o.role = 0;

CREATE VIEW unknown_calls AS
SELECT o.id AS id, f.path AS path, o.line AS line, o.\"column\" AS \"column\", n.text AS name, o.arity AS arity,
       r.word AS reason, o.symbol AS caller
FROM occurrences o JOIN files f ON f.id = o.file JOIN names n ON n.id = o.name JOIN reasons r ON r.id = o.reason
WHERE o.role = 0 AND o.outcome = 3;
";

/// Makes tables, words and views in an empty database.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)?;
    connection.execute_batch(VIEWS)?;
    connection.execute_batch(&dead_functions())?;
    fill_words(connection)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "user_version", FORMAT)
}

/// Callables nobody is known to use and nothing outside the tree is meant to: no mark for tests, entry points,
/// exports or foreign callers, not public, and not the implementation of something that may be called through it.
fn dead_functions() -> String {
    let used_from_outside = Marks::TEST
        .with(Marks::ENTRY_POINT)
        .with(Marks::EXPORTED)
        .with(Marks::FOREIGN)
        .with(Marks::DECLARATION)
        .with(Marks::ABSTRACT);
    let kinds: Vec<String> = [SymbolKind::Function, SymbolKind::Method].map(|kind| (kind as u8).to_string()).to_vec();
    format!(
        "CREATE VIEW dead_functions AS
SELECT d.* FROM definitions d JOIN symbols s ON s.id = d.id
WHERE s.kind IN ({kinds}) AND s.marks & {marks} = 0 AND s.visibility <> {public}
AND NOT EXISTS (SELECT 1 FROM occurrences o WHERE o.target = s.id AND o.symbol IS NOT s.id)
AND NOT EXISTS (SELECT 1 FROM candidates c WHERE c.target = s.id);",
        kinds = kinds.join(", "),
        marks = used_from_outside.0,
        public = Visibility::Public as u8,
    )
}

fn fill_words(connection: &Connection) -> rusqlite::Result<()> {
    fill(connection, "kinds", SymbolKind::WORDS.map(|(_, word)| word))?;
    fill(connection, "visibilities", Visibility::WORDS.map(|(_, word)| word))?;
    fill(connection, "roles", Role::WORDS.map(|(_, word)| word))?;
    fill(connection, "outcomes", OUTCOMES)?;
    fill(connection, "rules", Rule::WORDS.map(|(_, word)| word))?;
    fill(connection, "reasons", Reason::WORDS.map(|(_, word)| word))?;
    fill(connection, "relation_kinds", RelationKind::WORDS.map(|(_, word)| word))?;
    fill(connection, "skip_reasons", SkipReason::WORDS.map(|(_, word)| word))?;
    fill(connection, "execution_outcomes", ExecutionOutcome::WORDS.map(|(_, word)| word))?;
    for (mark, word) in Marks::WORDS {
        connection.execute("INSERT INTO marks(bit, word) VALUES(?, ?)", params![mark.0, word])?;
    }
    Ok(())
}

fn fill<const N: usize>(connection: &Connection, table: &str, words: [&str; N]) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("INSERT INTO {table}(id, word) VALUES(?, ?)"))?;
    for (number, word) in words.iter().enumerate() {
        statement.execute(params![number as i64, word])?;
    }
    Ok(())
}
