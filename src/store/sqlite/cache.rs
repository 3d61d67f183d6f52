//! The cache: a table of what there is, and one of the parts, so that listing reads no parts.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::store::{CacheEntry, CacheRow};

use super::rows::{hash, unsigned};

/// Puts an entry in the place of one of its number.
pub(super) fn put(connection: &Connection, entry: &CacheEntry) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO cache(number, hash, dialect, bytes) VALUES(?, ?, ?, ?)";
    let row = params![entry.number as i64, entry.hash.0, entry.dialect, entry.bytes() as i64];
    connection.prepare_cached(sql)?.execute(row)?;
    let sql = "INSERT OR REPLACE INTO cache_parts(number, facts, ast, functions) VALUES(?, ?, ?, ?)";
    let parts = params![entry.number as i64, entry.facts_packed, entry.ast_packed, entry.functions_packed];
    connection.prepare_cached(sql)?.execute(parts).map(drop)
}

/// Drops an entry.
pub(super) fn evict(connection: &Connection, number: u64) -> Result<()> {
    for table in ["cache_parts", "cache"] {
        connection.prepare_cached(&format!("DELETE FROM {table} WHERE number = ?"))?.execute([number as i64])?;
    }
    Ok(())
}

/// All entries without their parts, oldest first.
pub(super) fn list(connection: &Connection) -> Result<Vec<CacheRow>> {
    let sql = "SELECT number, hash, dialect, bytes FROM cache ORDER BY number";
    let record = |row: &Row<'_>| {
        let number = unsigned(row, 0)?;
        let read = || Ok(CacheRow { number, hash: hash(row, 1)?, dialect: row.get(2)?, bytes: unsigned(row, 3)? });
        Ok(read().unwrap_or_else(|_: rusqlite::Error| CacheRow { number, ..CacheRow::default() }))
    };
    connection.prepare_cached(sql)?.query_map([], record)?.collect()
}

/// One entry.
pub(super) fn get(connection: &Connection, number: u64) -> Result<Option<CacheEntry>> {
    let sql = "SELECT c.hash, c.dialect, p.facts, p.ast, p.functions
               FROM cache c JOIN cache_parts p ON p.number = c.number WHERE c.number = ? AND length(c.hash) = 32";
    let record = |row: &Row<'_>| {
        Ok(CacheEntry {
            number,
            hash: hash(row, 0)?,
            dialect: row.get::<_, String>(1)?.into(),
            facts_packed: row.get(2)?,
            ast_packed: row.get(3)?,
            functions_packed: row.get(4)?,
        })
    };
    connection.prepare_cached(sql)?.query_row([number as i64], record).optional()
}
