//! The native engine: ordered tables of bytes in one LMDB file, or in memory. Every key and value is drawn in
//! `docs/native-format.md`.

pub mod api;
mod cache;
mod check;
mod index;
mod keys;
mod kv;
mod lmdb;
mod memory;
mod read;
mod records;
mod sites;
mod symbols;
mod tables;
mod targets;
mod value;
mod write;

pub use kv::Table;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::place::{self, Place, WriterLock};
use super::{Backend, Change, Execution, Result, Snapshot, Store, StoreError};

use kv::{KvRead, KvWrite};
use lmdb::Lmdb;
use memory::Memory;
use read::View;
use write::Writer;

/// Version of the layout; to be raised with every change that older or newer programs would misread.
pub(super) const FORMAT: u32 = 1;
/// The key of the only entry of its table.
const FORMAT_KEY: &[u8] = b"format";
const MEMORY: &str = "database in memory";

/// A database of the native engine. Share it between threads in an [`Arc`]: reads run side by side and never wait
/// for a write; writes take turns.
pub struct NativeGraphBackend {
    source: Source,
}

enum Source {
    Memory(Memory),
    Disk(Box<Disk>),
}

struct Disk {
    place: Place,
    /// The live file as last seen, kept open.
    live: Mutex<Option<(PathBuf, Arc<Lmdb>)>>,
    /// Held while open for writing.
    writer: Option<Mutex<WriterLock>>,
}

impl NativeGraphBackend {
    /// Opens an existing database, a folder or the file itself, for reading.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_place(Place::of(path))
    }

    /// Opens a database for reading and writing, and makes it if there is none. Other writers are kept out and
    /// told `command`.
    pub fn create(path: &Path, command: &str) -> Result<Self> {
        let backend = Self::open_place_writer(Place::of(path), command)?;
        match backend.snapshot() {
            Ok(_) => {}
            Err(StoreError::Missing(_)) => backend.load(&mut std::iter::empty())?,
            Err(error) => return Err(error),
        }
        Ok(backend)
    }

    /// An empty database in memory.
    pub fn in_memory() -> Self {
        Self { source: Source::Memory(Memory::default()) }
    }

    pub(super) fn open_place(place: Place) -> Result<Self> {
        let disk = Disk { place, live: Mutex::new(None), writer: None };
        disk.file()?;
        Ok(Self { source: Source::Disk(Box::new(disk)) })
    }

    pub(super) fn open_place_writer(place: Place, command: &str) -> Result<Self> {
        match place.live() {
            Ok(live) => lmdb::check(&live)?,
            Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        let lock = place.lock(command)?;
        place.sweep()?;
        let disk = Disk { place, live: Mutex::new(None), writer: Some(Mutex::new(lock)) };
        match disk.file() {
            Ok(_) | Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(Self { source: Source::Disk(Box::new(disk)) })
    }

    /// Where it is, for messages.
    fn path(&self) -> PathBuf {
        match &self.source {
            Source::Memory(_) => PathBuf::from(MEMORY),
            Source::Disk(disk) => disk.place.path().to_owned(),
        }
    }

    /// Reads one consistent state.
    fn reading(&self) -> Result<(Box<dyn KvRead + Send>, PathBuf)> {
        match &self.source {
            Source::Memory(memory) => Ok((Box::new(memory.read()), PathBuf::from(MEMORY))),
            Source::Disk(disk) => disk.reading(),
        }
    }

    /// Runs `work` in a transaction, all or nothing.
    fn writing(&self, work: &mut dyn FnMut(&mut dyn KvWrite) -> Result<()>) -> Result<()> {
        let done = match &self.source {
            Source::Memory(memory) => memory.write(work),
            Source::Disk(disk) => disk.locked()?.1.write(work),
        };
        done.map_err(|error| match error {
            StoreError::Damaged { path, what } if path.is_empty() => {
                StoreError::Damaged { path: self.path().display().to_string(), what }
            }
            other => other,
        })
    }
}

impl Store for NativeGraphBackend {
    fn backend(&self) -> Backend {
        Backend::NativeV2
    }

    fn apply(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        self.writing(&mut |kv| Writer::new(kv, false)?.write(changes))
    }

    fn load(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        match &self.source {
            Source::Memory(_) => self.apply(&mut std::iter::once(Change::Clear).chain(changes)),
            Source::Disk(disk) => disk.load(changes),
        }
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>> {
        let (kv, path) = self.reading()?;
        Ok(Box::new(View::new(kv, path)))
    }

    fn backup(&self, path: &Path) -> Result<()> {
        place::make(path, |unfinished| {
            discard(unfinished);
            match &self.source {
                Source::Memory(memory) => {
                    let tables = memory.read();
                    lmdb::load(unfinished, &mut |kv| {
                        put_format(kv)?;
                        tables.copy_to(kv)
                    })?;
                    discard_lock(unfinished);
                }
                Source::Disk(disk) => disk.file()?.copy(unfinished)?,
            }
            Ok(())
        })
    }

    fn rebuild_indexes(&self) -> Result<()> {
        self.writing(&mut |kv| check::rebuild(kv))
    }

    fn compact(&self) -> Result<(u64, u64)> {
        match &self.source {
            Source::Memory(_) => Ok((0, 0)),
            Source::Disk(disk) => disk.compact(),
        }
    }
}

impl Disk {
    /// The live file, open; opened anew when another became live.
    fn file(&self) -> Result<Arc<Lmdb>> {
        self.place.open_live(|path| {
            let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((known, file)) = &*live
                && *known == path
            {
                return Ok(Arc::clone(file));
            }
            *live = None;
            let file = Lmdb::open(path, self.writer.is_some())?;
            check_format(&file, path)?;
            if file.is_lasting() {
                *live = Some((path.to_owned(), Arc::clone(&file)));
            }
            Ok(file)
        })
    }

    fn reading(&self) -> Result<(Box<dyn KvRead + Send>, PathBuf)> {
        let file = self.file()?;
        Ok((Box::new(file.read()?), self.place.path().to_owned()))
    }

    /// The right to write, and the live file.
    fn locked(&self) -> Result<(MutexGuard<'_, WriterLock>, Arc<Lmdb>)> {
        let writer = self.writer.as_ref().ok_or_else(|| StoreError::Engine {
            path: self.place.path().display().to_string(),
            message: "opened for reading only".into(),
        })?;
        let guard = writer.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((guard, self.file()?))
    }

    /// Builds the next generation aside and switches to it. A loose file that exists is changed in place, since it
    /// may have readers.
    fn load(&self, changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
        if matches!(&self.place, Place::Loose(file) if file.exists()) {
            let mut cleared = std::iter::once(Change::Clear).chain(changes);
            return self.locked()?.1.write(&mut |kv| Writer::new(kv, false)?.write(&mut cleared));
        }
        let writer = self.writer.as_ref().ok_or_else(|| StoreError::Engine {
            path: self.place.path().display().to_string(),
            message: "opened for reading only".into(),
        })?;
        let _guard = writer.lock().unwrap_or_else(PoisonError::into_inner);
        let executions = match self.file() {
            Ok(file) => View::new(Box::new(file.read()?), self.place.path().to_owned()).executions(usize::MAX)?,
            Err(StoreError::Missing(_)) => Vec::new(),
            Err(error) => return Err(error),
        };
        self.replace(&mut |next| lmdb::load(next, &mut |kv| fill(kv, &executions, changes)))
    }

    /// Copies what is used to the next generation, if enough is not, and switches to it.
    fn compact(&self) -> Result<(u64, u64)> {
        let (_guard, file) = self.locked()?;
        let before = place::bytes(&self.place.live()?);
        if matches!(self.place, Place::Loose(_)) || file.unused_bytes()? < place::UNUSED_BYTES_MIN {
            return Ok((before, before));
        }
        self.replace(&mut |next| file.copy(next))?;
        Ok((before, place::bytes(&self.place.live()?)))
    }

    /// Makes the next generation by `fill` and switches to it.
    fn replace(&self, fill: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
        let next = self.place.next(Backend::NativeV2);
        discard(&next);
        let built = fill(&next).and_then(|()| self.switch(&next));
        if built.is_err() && !self.place.is_live(&next) {
            discard(&next);
        }
        built?;
        self.file()?;
        self.place.sweep()
    }

    fn switch(&self, next: &Path) -> Result<()> {
        if let Place::Loose(file) = &self.place {
            // It was not there when loading began, so a lock file of that name belongs to a file somebody deleted.
            discard(file);
            fs::rename(lock_of(next), lock_of(file)).map_err(|error| place::refused(file, &error))?;
        }
        self.place.switch(next)
    }
}

fn fill(kv: &mut dyn KvWrite, executions: &[Execution], changes: &mut dyn Iterator<Item = Change>) -> Result<()> {
    put_format(kv)?;
    for execution in executions {
        write::put_execution(kv, execution)?;
    }
    Writer::new(kv, true)?.write(changes)
}

fn put_format(kv: &mut dyn KvWrite) -> Result<()> {
    kv.put(Table::Format, FORMAT_KEY, &value::record(Table::Format, FORMAT_KEY, &FORMAT))
}

/// The format of a file that may be older or newer than this build.
pub(super) fn format_of(path: &Path) -> Result<u32> {
    let file = Lmdb::open(path, false)?;
    stored_format(&file)?.ok_or_else(|| StoreError::Foreign {
        path: path.display().to_string(),
        found: "an LMDB database of another program".into(),
        expected: "a Magellan index".into(),
    })
}

/// Makes a file say that it is of another format.
#[cfg(test)]
pub(super) fn set_format(path: &Path, format: u32) -> Result<()> {
    let value = value::record(Table::Format, FORMAT_KEY, &format);
    Lmdb::open(path, true)?.write(&mut |kv| kv.put(Table::Format, FORMAT_KEY, &value))
}

fn stored_format(file: &Arc<Lmdb>) -> Result<Option<u32>> {
    let reading = file.read()?;
    let stored = reading.get(Table::Format, FORMAT_KEY)?;
    Ok(stored.and_then(|stored| value::read(Table::Format, FORMAT_KEY, &stored)))
}

fn check_format(file: &Arc<Lmdb>, path: &Path) -> Result<()> {
    let found = stored_format(file)?;
    if found == Some(FORMAT) {
        return Ok(());
    }
    let of_format = |format: u32| format!("a native-v2 index of format {format}");
    Err(StoreError::Foreign {
        path: path.display().to_string(),
        found: found.map_or("an LMDB database of another program".into(), of_format),
        expected: of_format(FORMAT),
    })
}

/// Deletes an unfinished file with what belongs to it.
fn discard(path: &Path) {
    // What cannot be deleted is not the live file, and the next writer tries again.
    let _ = fs::remove_file(path);
    discard_lock(path);
}

fn discard_lock(path: &Path) {
    // Where there is none, nothing is to be done.
    let _ = fs::remove_file(lock_of(path));
}

/// The lock file of a database file.
fn lock_of(path: &Path) -> PathBuf {
    place::with_suffix(path, "-lock")
}
