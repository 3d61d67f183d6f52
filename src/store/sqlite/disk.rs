//! Opening, checking and filling database files.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::schema::{APPLICATION_ID, FORMAT, INDEXES};
use super::write::{Stop, put_execution, write};
use super::{Change, Result, StoreError, schema};
use crate::store::Execution;
use crate::store::place::{make, refused, with_suffix};

/// How long to wait for another process to let go of a lock.
const BUSY: Duration = Duration::from_secs(5);
/// Statements kept ready in each connection; more than there are different ones.
const STATEMENTS_MAX: usize = 96;

/// For filling a new file: no journal, no sync, no other process. If it fails the file is thrown away.
const LOADING: &str = "
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -65536;
PRAGMA foreign_keys = OFF;
";

const WRITING: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16384;
PRAGMA foreign_keys = OFF;
";

/// A question reads a few hundred pages once: mapped, that needs no system call for each. No generation is ever
/// cut short while it is open.
const READING: &str = "
PRAGMA query_only = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -16384;
PRAGMA mmap_size = 2147418112;
";

/// Looks at a file's header without opening it as a database: is it ours, of this format, and whole?
pub(super) fn check(path: &Path) -> Result<()> {
    let header = read_header(path)?;
    let foreign = |found: String| Err(foreign(path, found));
    if header.is_empty() {
        return foreign("an empty file".into());
    }
    if header.len() < 100 || !header.starts_with(b"SQLite format 3\0") {
        return foreign("not an SQLite database".into());
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if number(68) != APPLICATION_ID {
        return foreign("an SQLite database of another program".into());
    }
    if number(60) != FORMAT {
        return foreign(of_format(number(60)));
    }
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65536,
        size => u64::from(size),
    };
    check_length(path, page * u64::from(number(28)))
}

/// What the header says can be overruled by pages that wait in the log.
fn check_format(path: &Path, connection: &Connection) -> Result<()> {
    let asked = connection.pragma_query_value(None, "user_version", |row| row.get(0));
    match asked.map_err(|error| super::engine_error(path, error))? {
        FORMAT => Ok(()),
        format => Err(foreign(path, of_format(format))),
    }
}

/// The format of a file that may be older or newer than this build.
pub(in crate::store) fn format_of(path: &Path) -> Result<u32> {
    let told = |error| super::engine_error(path, error);
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(told)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(told)?;
    let application: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(told)?;
    if application != APPLICATION_ID {
        return Err(foreign(path, "an SQLite database of another program".into()));
    }
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(told)
}

/// Makes a file say that it is of another format.
#[cfg(test)]
pub(in crate::store) fn set_format(path: &Path, format: u32) -> Result<()> {
    let set = || {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "user_version", format)?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    };
    set().map_err(|error| super::engine_error(path, error))
}

fn foreign(path: &Path, found: String) -> StoreError {
    StoreError::Foreign { path: path.display().to_string(), found, expected: of_format(FORMAT) }
}

fn of_format(format: u32) -> String {
    format!("a Magellan index of format {format}")
}

fn read_header(path: &Path) -> Result<Vec<u8>> {
    let mut header = Vec::with_capacity(100);
    let read = File::open(path).and_then(|file| file.take(100).read_to_end(&mut header));
    match read {
        Ok(_) => Ok(header),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::Missing(path.display().to_string())),
        Err(error) => Err(refused(path, &error)),
    }
}

/// The header promises a length. While pages wait in the log, the file may lawfully be shorter.
fn check_length(path: &Path, promised: u64) -> Result<()> {
    let length = fs::metadata(path).map_err(|error| refused(path, &error))?.len();
    let log = fs::metadata(with_suffix(path, "-wal")).map_or(0, |log| log.len());
    if length >= promised || log > 0 {
        return Ok(());
    }
    let what = format!("it is cut off: {length} bytes of {promised}");
    Err(StoreError::Damaged { path: path.display().to_string(), what })
}

/// A new file, ready to be filled.
pub(super) fn create(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.execute_batch(LOADING)?;
    connection.execute_batch("BEGIN")?;
    schema::create(&connection)?;
    Ok(connection)
}

/// Fills a file made by [`create`] and makes its indexes.
pub(super) fn fill(
    connection: &Connection,
    executions: &[Execution],
    changes: &mut dyn Iterator<Item = Change>,
) -> Result<(), Stop> {
    for execution in executions {
        put_execution(connection, execution)?;
    }
    write(connection, true, changes)?;
    connection.execute_batch(INDEXES)?;
    connection.execute_batch("COMMIT; PRAGMA journal_mode = WAL;")?;
    Ok(())
}

/// A new database in memory.
pub(super) fn set_up_memory(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.execute_batch("PRAGMA foreign_keys = OFF; BEGIN")?;
    schema::create(connection)?;
    connection.execute_batch(INDEXES)?;
    connection.execute_batch("COMMIT")
}

/// A copy of a database in memory: what a reader sees while the original is written.
pub(super) fn copy_of(connection: &Connection) -> rusqlite::Result<Connection> {
    let mut copy = Connection::open_in_memory()?;
    Backup::new(connection, &mut copy)?.run_to_completion(i32::MAX, Duration::ZERO, None)?;
    Ok(copy)
}

/// Copies what `connection` sees to a file that is not there yet. It appears under its name when it is whole; until
/// then an empty file keeps the name, so that nothing is ever overwritten.
pub(super) fn back_up(connection: &Connection, to: &Path) -> Result<()> {
    make(to, |unfinished| {
        fill_backup(connection, unfinished)?;
        // A log of that name belongs to a file somebody deleted.
        discard_logs(to);
        Ok(())
    })
}

fn fill_backup(from: &Connection, to: &Path) -> Result<()> {
    discard(to);
    let copy = || {
        let mut copy = Connection::open(to)?;
        copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
        // In one step: no writer can come between.
        Backup::new(from, &mut copy)?.run_to_completion(i32::MAX, Duration::ZERO, None)?;
        copy.close().map_err(|(_, error)| error)
    };
    copy().map_err(|error| super::engine_error(to, error))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(|error| refused(to, &error))
}

/// Bytes of pages that nothing uses.
pub(super) fn unused_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok((number("freelist_count")? * number("page_size")?).unsigned_abs())
}

/// Copies what is used of a database that nobody else may write to a new file.
pub(super) fn copy_used(from: &Path, to: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let source = Connection::open_with_flags(uri(from), flags)?;
    source.busy_timeout(BUSY)?;
    source.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    source.execute("VACUUM INTO ?", [uri(to)])?;
    let copy = Connection::open(to)?;
    copy.execute_batch("PRAGMA journal_mode = WAL")?;
    copy.close().map_err(|(_, error)| error)
}

/// Opens for writing, next to readers.
pub(super) fn open_writer(path: &Path) -> Result<Connection> {
    let connection = connect_writer(path).map_err(|error| super::engine_error(path, error))?;
    check_format(path, &connection)?;
    Ok(connection)
}

fn connect_writer(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection)?;
    connection.execute_batch(WRITING)?;
    connection.query_row("SELECT count(*) FROM meta", [], |_| Ok(()))?;
    Ok(connection)
}

fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // A plan does not hang on the values: else a statement is planned anew with nearly every value that is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// A connection for reading.
pub(super) struct Reader {
    pub(super) connection: Connection,
    /// Whether it sees what is written after it was opened.
    pub(super) reusable: bool,
}

/// Opens for reading, changing nothing on disk.
pub(super) fn open_reader(path: &Path) -> Result<Reader> {
    check(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let log = fs::metadata(with_suffix(path, "-wal")).map_or(0, |log| log.len());
    let immutable = log == 0 && !with_suffix(path, "-shm").exists();
    let opened = if immutable {
        Connection::open_with_flags(immutable_uri(path), flags | OpenFlags::SQLITE_OPEN_URI)
    } else {
        Connection::open_with_flags(path, flags)
    };
    let set_up = |connection: Connection| {
        set_up(&connection)?;
        connection.execute_batch(READING)?;
        Ok(connection)
    };
    let connection = opened.and_then(set_up).map_err(|error| super::engine_error(path, error))?;
    check_format(path, &connection)?;
    Ok(Reader { connection, reusable: !immutable })
}

/// The path as a URI that tells SQLite that nobody changes the file.
fn immutable_uri(path: &Path) -> String {
    uri(path) + "?immutable=1"
}

/// The path as a URI, which can say any bytes.
fn uri(path: &Path) -> String {
    let mut uri = String::from(if cfg!(windows) { "file:///" } else { "file:" });
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => uri.push('/'),
            b'/' | b'.' | b'-' | b'_' | b':' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri
}

/// Moves what is in the log to the database, as far as readers allow, and syncs both.
pub(super) fn checkpoint(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

/// Deletes an unfinished file with what belongs to it.
pub(super) fn discard(path: &Path) {
    // What cannot be deleted is not the live file, and the next writer tries again.
    let _ = fs::remove_file(path);
    discard_logs(path);
}

fn discard_logs(path: &Path) {
    for suffix in ["-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(with_suffix(path, suffix));
    }
}
