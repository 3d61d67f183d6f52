//! The SQLite engine: one writer connection, any number of readers, in one file people can open with `sqlite3`.
//!
//! The writer leaves the `-wal` and `-shm` files in place, so that readers, which open read-only, never have to
//! make them; a database without them (a copy, read-only medium) is opened as immutable.

mod aside;
mod cache;
mod disk;
mod names;
mod read;
mod rows;
mod schema;
mod upkeep;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode};

use super::place::{Place, UNUSED_BYTES_MIN, WriterLock, bytes, parent, refused, sync_folder};
use super::{Backend, Change, Result, Snapshot, Store, StoreError};

pub(super) use disk::format_of;
#[cfg(test)]
pub(super) use disk::set_format;
pub(super) use schema::FORMAT;

use disk::Reader;
use read::{Pool, View};
use write::Stop;

/// A database of this engine.
pub(super) struct Sqlite {
    source: Source,
}

enum Source {
    Memory(Mutex<Connection>),
    Disk(Box<Disk>),
}

struct Disk {
    place: Place,
    readers: Pool,
    /// None if opened for reading.
    writer: Option<Mutex<Writer>>,
}

struct Writer {
    /// The live file and the connection to it. Open as soon as there is a file: only then do readers see that
    /// it can change under them.
    connection: Option<(PathBuf, Connection)>,
    _lock: WriterLock,
}

impl Sqlite {
    /// Opens for reading.
    pub(super) fn open(place: Place) -> Result<Self> {
        place.open_live(disk::check)?;
        let disk = Disk { place, readers: Pool::default(), writer: None };
        Ok(Self { source: Source::Disk(Box::new(disk)) })
    }

    /// Opens for writing; what is there must be ours, but there need not be anything.
    pub(super) fn open_writer(place: Place, command: &str) -> Result<Self> {
        match place.live() {
            Ok(live) => disk::check(&live)?,
            Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        let lock = place.lock(command)?;
        place.sweep()?;
        let mut writer = Writer { connection: None, _lock: lock };
        match writer.live(&place) {
            Ok(_) | Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        let writer = Some(Mutex::new(writer));
        Ok(Self { source: Source::Disk(Box::new(Disk { place, readers: Pool::default(), writer })) })
    }

    /// An empty database in memory.
    pub(super) fn memory() -> Result<Self> {
        let failed = |error| engine_error(Path::new(MEMORY), error);
        let connection = Connection::open_in_memory().map_err(failed)?;
        disk::set_up_memory(&connection).map_err(failed)?;
        Ok(Self { source: Source::Memory(Mutex::new(connection)) })
    }
}

const MEMORY: &str = "database in memory";

impl Store for Sqlite {
    fn backend(&self) -> Backend {
        Backend::Sqlite
    }

    fn apply(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        match &self.source {
            Source::Memory(connection) => {
                let connection = locked(connection);
                transact(&connection, false, changes).map_err(|stop| stopped(Path::new(MEMORY), stop)).map(drop)
            }
            Source::Disk(disk) => disk.apply(changes),
        }
    }

    fn load(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        match &self.source {
            Source::Memory(_) => self.apply(&mut std::iter::once(Change::Clear).chain(changes)),
            Source::Disk(disk) => disk.load(changes),
        }
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>> {
        match &self.source {
            Source::Memory(connection) => {
                let copy =
                    disk::copy_of(&locked(connection)).map_err(|error| engine_error(Path::new(MEMORY), error))?;
                Ok(Box::new(View::begin(copy, PathBuf::from(MEMORY), None)?))
            }
            Source::Disk(disk) => Ok(Box::new(disk.snapshot()?)),
        }
    }

    fn backup(&self, path: &Path) -> Result<()> {
        match &self.source {
            Source::Memory(connection) => disk::back_up(&locked(connection), path),
            Source::Disk(disk) => disk.snapshot()?.back_up(path),
        }
    }

    fn rebuild_indexes(&self) -> Result<()> {
        match &self.source {
            Source::Memory(connection) => {
                upkeep::rebuild(&locked(connection)).map_err(|error| engine_error(Path::new(MEMORY), error))
            }
            Source::Disk(disk) => disk.rebuild_indexes(),
        }
    }

    fn compact(&self) -> Result<(u64, u64)> {
        match &self.source {
            Source::Memory(_) => Ok((0, 0)),
            Source::Disk(disk) => disk.compact(),
        }
    }
}

impl Disk {
    fn writer(&self) -> Result<MutexGuard<'_, Writer>> {
        self.writer.as_ref().map(locked).ok_or_else(|| StoreError::Engine {
            path: self.place.path().display().to_string(),
            message: "opened for reading only".into(),
        })
    }

    fn apply(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        let mut writer = self.writer()?;
        let (path, connection) = writer.live(&self.place)?;
        let content = transact(connection, false, changes).map_err(|stop| stopped(path, stop))?;
        if content {
            // Syncs the log and the database: from here on the change survives a power cut. A record of a run
            // that changed nothing is not worth that.
            disk::checkpoint(connection).map_err(|error| engine_error(path, error))?;
        }
        Ok(())
    }

    fn rebuild_indexes(&self) -> Result<()> {
        let mut writer = self.writer()?;
        let (path, connection) = writer.live(&self.place)?;
        let rebuilt = upkeep::rebuild(connection).and_then(|()| disk::checkpoint(connection));
        rebuilt.map_err(|error| engine_error(path, error))
    }

    /// Builds the next generation aside and switches to it. A loose file that exists is changed in place, since
    /// it may have readers.
    fn load(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        if matches!(&self.place, Place::Loose(file) if file.exists()) {
            return self.apply(&mut std::iter::once(Change::Clear).chain(changes));
        }
        let mut writer = self.writer()?;
        let executions = match self.snapshot() {
            Ok(view) => view.executions(usize::MAX)?,
            Err(StoreError::Missing(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        self.replace(&mut writer, &mut |next| {
            let connection = disk::create(next).map_err(|error| engine_error(next, error))?;
            disk::fill(&connection, &executions, changes).map_err(|stop| stopped(next, stop))?;
            connection.close().map_err(|(_, error)| engine_error(next, error))
        })
    }

    /// Copies what is used to the next generation, if enough is not, and switches to it.
    fn compact(&self) -> Result<(u64, u64)> {
        let mut writer = self.writer()?;
        let (path, connection) = writer.live(&self.place)?;
        let (path, before) = (path.to_owned(), bytes(path));
        let log = before.saturating_sub(path.metadata().map_or(before, |metadata| metadata.len()));
        let unused = disk::unused_bytes(connection).map_err(|error| engine_error(&path, error))?;
        if matches!(self.place, Place::Loose(_)) || unused + log < UNUSED_BYTES_MIN {
            return Ok((before, before));
        }
        self.replace(&mut writer, &mut |next| disk::copy_used(&path, next).map_err(|error| engine_error(next, error)))?;
        Ok((before, bytes(&self.place.live()?)))
    }

    /// Makes the next generation by `fill` and switches to it.
    fn replace(&self, writer: &mut Writer, fill: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
        let next = self.place.next(Backend::Sqlite);
        disk::discard(&next);
        let built = fill(&next).and_then(|()| self.finish(&next));
        if built.is_err() && !self.place.is_live(&next) {
            disk::discard(&next);
        }
        built?;
        writer.live(&self.place)?;
        self.place.sweep()
    }

    /// Makes a file that is filled and closed the live one.
    fn finish(&self, next: &Path) -> Result<()> {
        let sync = || std::fs::File::open(next)?.sync_all();
        sync().and_then(|()| sync_folder(parent(next))).map_err(|error| refused(next, &error))?;
        match &self.place {
            // Leaves empty `-wal` and `-shm` files behind for the readers; for a loose file the writer does that
            // under its final name.
            Place::Folder(_) => drop(disk::open_writer(next)?),
            // It was not there when loading began, so a log of that name belongs to a file somebody deleted.
            Place::Loose(file) => disk::discard(file),
        }
        self.place.switch(next)
    }

    fn snapshot(&self) -> Result<View<'_>> {
        self.place.open_live(|path| {
            let Reader { connection, reusable } = self.readers.take(path)?;
            View::begin(connection, path.to_owned(), reusable.then_some(&self.readers))
        })
    }
}

impl Writer {
    fn live(&mut self, place: &Place) -> Result<(&Path, &Connection)> {
        let path = place.live()?;
        if self.connection.as_ref().is_none_or(|(open, _)| *open != path) {
            disk::check(&path)?;
            let connection = disk::open_writer(&path)?;
            self.connection = Some((path, connection));
        }
        let (path, connection) = self.connection.as_ref().expect("set above where it was none");
        Ok((path, connection))
    }
}

/// Applies `changes` in one transaction; gives whether anything but execution records was written.
fn transact(connection: &Connection, fresh: bool, changes: &mut dyn Iterator<Item = Change>) -> Result<bool, Stop> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let result = write::write(connection, fresh, changes).and_then(|content| {
        connection.execute_batch("COMMIT")?;
        Ok(content)
    });
    if result.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    result
}

/// A panic while the lock was held left a transaction that SQLite rolls back; the connection itself is sound.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn stopped(path: &Path, stop: Stop) -> StoreError {
    match stop {
        Stop::Aborted(why) => StoreError::Aborted(why),
        Stop::Refused(error) => engine_error(path, error),
    }
}

/// What SQLite says, in our terms.
fn engine_error(path: &Path, error: rusqlite::Error) -> StoreError {
    let path = path.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, what: error.to_string() },
        Some(ErrorCode::NotADatabase) => {
            let expected = format!("a Magellan index of format {}", schema::FORMAT);
            StoreError::Foreign { path, found: "not an SQLite database".into(), expected }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Locked { path, holder: "another process".into() }
        }
        _ => match error {
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => StoreError::Damaged { path, what: error.to_string() },
            error => StoreError::Engine { path, message: error.to_string() },
        },
    }
}
