//! What only this engine can check, and making anew what is derived from the rows.

use rusqlite::{Connection, Result, Row};

use super::schema::INDEXES;

/// How often each name is used, told from the rows that use it.
const USES: &str = "SELECT id, count(*) AS uses FROM (
 SELECT name AS id FROM symbols UNION ALL SELECT name FROM occurrences
 UNION ALL SELECT external FROM occurrences WHERE external IS NOT NULL) GROUP BY id";

/// Number of call sites of file `f` with an outcome.
const CALLS: &str = "SELECT count(*) FROM occurrences o
 WHERE o.id BETWEEN f.id << 32 AND (f.id + 1 << 32) - 1 AND o.role = 0 AND o.outcome";

/// Tells what SQLite finds wrong with pages, indexes and foreign keys, and which counts are wrong.
pub(super) fn check(connection: &Connection, fault: &mut dyn FnMut(String)) -> Result<()> {
    for line in lines(connection, "PRAGMA integrity_check", |row| row.get(0))? {
        if line != "ok" {
            fault(format!("integrity: {line}"));
        }
    }
    let broken = |row: &Row<'_>| {
        let (table, number, parent) =
            (row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, String>(2)?);
        let number = number.map_or_else(String::new, |number| format!(" {number}"));
        Ok(format!("{table}: row{number} refers to a row of {parent} that is not there"))
    };
    lines(connection, "PRAGMA foreign_key_check", broken)?.into_iter().for_each(&mut *fault);
    let known = lines(connection, "SELECT name FROM sqlite_schema WHERE type = 'index'", |row| row.get(0))?;
    for (name, _) in indexes().filter(|(name, _)| !known.iter().any(|known| known == name)) {
        fault(format!("{name}: this index is missing"));
    }
    let sql = format!(
        "SELECT n.id, n.text, n.uses, coalesce(u.uses, 0) FROM names n LEFT JOIN ({USES}) u ON u.id = n.id
         WHERE n.uses IS NOT u.uses ORDER BY n.id"
    );
    let miscounted = |row: &Row<'_>| {
        let (id, text): (i64, String) = (row.get(0)?, row.get(1)?);
        let (counted, real): (i64, i64) = (row.get(2)?, row.get(3)?);
        Ok(format!("names: row {id} ({text}) counts {counted} uses of {real}"))
    };
    lines(connection, &sql, miscounted)?.into_iter().for_each(fault);
    Ok(())
}

fn lines(connection: &Connection, sql: &str, line: impl FnMut(&Row<'_>) -> Result<String>) -> Result<Vec<String>> {
    connection.prepare(sql)?.query_map([], line)?.collect()
}

/// Names and statements of the indexes.
fn indexes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let statements = INDEXES.split(';').map(str::trim).filter(|statement| !statement.is_empty());
    statements.map(|statement| {
        let (_, rest) = statement.split_once("INDEX ").expect("every statement makes an index");
        (rest.split(' ').next().unwrap_or(rest), statement)
    })
}

/// Drops every index and makes it anew, then the counts.
pub(super) fn rebuild(connection: &Connection) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let rebuilt = rebuild_all(connection).and_then(|()| connection.execute_batch("COMMIT"));
    if rebuilt.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    rebuilt
}

fn rebuild_all(connection: &Connection) -> Result<()> {
    for (name, statement) in indexes() {
        connection.execute_batch(&format!("DROP INDEX IF EXISTS {name}; {statement}"))?;
    }
    connection.execute_batch(&format!(
        "CREATE TEMP TABLE real_uses AS {USES};
         CREATE UNIQUE INDEX temp.real_uses_by_id ON real_uses(id);
         DELETE FROM names WHERE id NOT IN (SELECT id FROM real_uses);
         UPDATE names SET uses = u.uses FROM real_uses u WHERE u.id = names.id AND u.uses <> names.uses;
         DROP TABLE real_uses;
         UPDATE files AS f SET
             symbols = (SELECT count(*) FROM symbols s WHERE s.id BETWEEN f.id << 32 AND (f.id + 1 << 32) - 1),
             calls_resolved = ({CALLS} IN (0, 4)), calls_candidates = ({CALLS} = 1),
             calls_external = ({CALLS} = 2), calls_unknown = ({CALLS} = 3);
         UPDATE files AS f SET occurrences =
             (SELECT count(*) FROM occurrences o WHERE o.id BETWEEN f.id << 32 AND (f.id + 1 << 32) - 1)
             WHERE links_hash <> x'';
         DELETE FROM unknown_call_counts;
         INSERT INTO unknown_call_counts(file, reason, calls)
             SELECT file, reason, count(*) FROM occurrences
             WHERE role = 0 AND outcome = 3 GROUP BY file, reason ORDER BY file, reason;"
    ))
}
