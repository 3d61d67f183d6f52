//! Metrics and chunks: what stands beside facts and links and is kept by path or symbol.

use rusqlite::{Connection, Result, Row, Statement, ToSql, params};

use crate::model::{FileMetrics, LineCounts, Span, SymbolMetrics};
use crate::store::packed::{Packer, unpack};
use crate::store::{Chunk, ChunkPattern, FileId, MetricsContent};

use super::rows::{conversion, hash, key};
use super::write::{delete_range, packed};

const FILE_METRICS: &str = "SELECT symbols, functions, code_lines, comment_lines, blank_lines, fan_in, fan_out,
 cyclomatic_total, cyclomatic_max, cognitive_total, cognitive_max, path FROM file_metrics";

const CHUNKS: &str = "SELECT path, start_byte, end_byte, symbol, kind, hash, packed FROM chunks";

/// Writes metrics and chunks.
pub(super) struct Aside<'c> {
    connection: &'c Connection,
    /// Whether there can be something of a file before it is put.
    filled: bool,
    symbol_metrics: Statement<'c>,
    packer: Option<Packer>,
}

impl<'c> Aside<'c> {
    /// `fresh` says that the database is empty.
    pub(super) fn new(connection: &'c Connection, fresh: bool) -> Result<Self> {
        let symbol_metrics = connection.prepare(
            "INSERT INTO symbol_metrics(symbol, lines, parameters, cyclomatic, cognitive, nesting, fan_in, fan_out)
             VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        )?;
        Ok(Self { connection, filled: !fresh, symbol_metrics, packer: None })
    }

    /// Drops what is kept for a path.
    pub(super) fn remove(&self, path: &str) -> Result<()> {
        if self.filled {
            self.connection.prepare_cached("DELETE FROM file_metrics WHERE path = ?")?.execute([path])?;
            self.remove_chunks(path)?;
        }
        Ok(())
    }

    /// Drops the chunks of a path.
    pub(super) fn remove_chunks(&self, path: &str) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM chunks WHERE path = ?")?.execute([path]).map(drop)
    }

    /// Sets the metrics of an indexed file and its callables.
    pub(super) fn put_metrics(&mut self, file: FileId, content: &MetricsContent) -> Result<()> {
        let sql = "UPDATE files SET metrics_hash = ? WHERE id = ? RETURNING path";
        let mut update = self.connection.prepare_cached(sql)?;
        let path: String = update.query_row(params![content.hash.0, file.0], |row| row.get(0))?;
        drop(update);
        self.put_file_metrics(&path, &content.file)?;
        delete_range(self.connection, "symbol_metrics", "symbol", file)?;
        for metrics in &content.symbols {
            self.symbol_metrics.execute(params![
                packed(file, metrics.symbol.0 as usize),
                metrics.lines,
                metrics.parameters,
                metrics.cyclomatic,
                metrics.cognitive,
                metrics.nesting,
                metrics.fan_in,
                metrics.fan_out,
            ])?;
        }
        Ok(())
    }

    /// Sets the metrics of the file at a path.
    pub(super) fn put_file_metrics(&mut self, path: &str, metrics: &FileMetrics) -> Result<()> {
        self.filled = true;
        let sql = "INSERT OR REPLACE INTO file_metrics(path, symbols, functions, code_lines, comment_lines,
                   blank_lines, fan_in, fan_out, cyclomatic_total, cyclomatic_max, cognitive_total, cognitive_max)
                   VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute(params![
            path,
            metrics.symbols,
            metrics.functions,
            metrics.lines.code,
            metrics.lines.comment,
            metrics.lines.blank,
            metrics.fan_in,
            metrics.fan_out,
            metrics.cyclomatic_total,
            metrics.cyclomatic_max,
            metrics.cognitive_total,
            metrics.cognitive_max,
        ])?;
        Ok(())
    }

    /// Keeps a chunk in the place of one of the same path and span.
    pub(super) fn put_chunk(&mut self, chunk: &Chunk) -> Result<()> {
        self.filled = true;
        let text = self.pack(&chunk.text).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
        let sql = "INSERT OR REPLACE INTO chunks(path, start_byte, end_byte, symbol, kind, hash, packed)
                   VALUES(?, ?, ?, ?, ?, ?, ?)";
        self.connection.prepare_cached(sql)?.execute(params![
            chunk.path,
            chunk.span.start,
            chunk.span.end,
            chunk.symbol,
            chunk.kind,
            chunk.hash.0,
            text,
        ])?;
        Ok(())
    }

    fn pack(&mut self, text: &[u8]) -> std::io::Result<Vec<u8>> {
        if self.packer.is_none() {
            self.packer = Some(Packer::new()?);
        }
        self.packer.as_mut().expect("set above").text(text)
    }
}

/// The metrics of files by path: of all, or of the one at a path.
pub(super) fn file_metrics(connection: &Connection, path: Option<&str>) -> Result<Vec<(String, FileMetrics)>> {
    let condition = if path.is_some() { "WHERE path = ?" } else { "ORDER BY path" };
    let mut statement = connection.prepare_cached(&format!("{FILE_METRICS} {condition}"))?;
    statement.query_map(rusqlite::params_from_iter(path), |row| Ok((row.get(11)?, file_metrics_of(row)?)))?.collect()
}

fn file_metrics_of(row: &Row<'_>) -> Result<FileMetrics> {
    Ok(FileMetrics {
        symbols: row.get(0)?,
        functions: row.get(1)?,
        lines: LineCounts { code: row.get(2)?, comment: row.get(3)?, blank: row.get(4)? },
        fan_in: row.get(5)?,
        fan_out: row.get(6)?,
        cyclomatic_total: row.get(7)?,
        cyclomatic_max: row.get(8)?,
        cognitive_total: row.get(9)?,
        cognitive_max: row.get(10)?,
    })
}

/// The metrics of the callables of a file.
pub(super) fn symbol_metrics(connection: &Connection, bounds: [i64; 2]) -> Result<Vec<SymbolMetrics>> {
    let sql = "SELECT symbol, lines, parameters, cyclomatic, cognitive, nesting, fan_in, fan_out FROM symbol_metrics
               WHERE symbol BETWEEN ? AND ? ORDER BY symbol";
    let record = |row: &Row<'_>| {
        Ok(SymbolMetrics {
            symbol: key(row.get(0)?).symbol,
            lines: row.get(1)?,
            parameters: row.get(2)?,
            cyclomatic: row.get(3)?,
            cognitive: row.get(4)?,
            nesting: row.get(5)?,
            fan_in: row.get(6)?,
            fan_out: row.get(7)?,
        })
    };
    connection.prepare_cached(sql)?.query_map(bounds, record)?.collect()
}

/// The chunks that `pattern` means.
pub(super) fn chunks(connection: &Connection, pattern: &ChunkPattern) -> Result<Vec<Chunk>> {
    let select = |condition: &str, values: &[&dyn ToSql]| {
        let sql = format!("{CHUNKS} {condition} ORDER BY path, start_byte, end_byte");
        connection.prepare_cached(&sql)?.query_map(values, chunk)?.collect()
    };
    match pattern {
        ChunkPattern::All => select("", &[]),
        ChunkPattern::Path(path) => select("WHERE path = ?", &[path]),
        ChunkPattern::Span(path, span) => {
            select("WHERE path = ? AND start_byte = ? AND end_byte = ?", &[path, &span.start, &span.end])
        }
        ChunkPattern::Symbol(symbol) => select("WHERE symbol = ?", &[symbol]),
    }
}

fn chunk(row: &Row<'_>) -> Result<Chunk> {
    let text = unpack(row.get_ref(6)?.as_blob()?);
    Ok(Chunk {
        path: row.get(0)?,
        span: Span::new(row.get(1)?, row.get(2)?),
        symbol: row.get(3)?,
        kind: row.get(4)?,
        hash: hash(row, 5)?,
        text: text.ok_or_else(|| conversion(6, rusqlite::types::Type::Blob, "a chunk cannot be unpacked"))?,
    })
}
