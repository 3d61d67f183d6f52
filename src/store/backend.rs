//! The engines, and telling which one a database is of.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

#[cfg(feature = "native-v2")]
use super::native;
use super::place::Place;
use super::{Result, Store, StoreError, sqlite};

/// Bytes of a file that tell its engine.
const HEAD_BYTES: u64 = 32;
/// LMDB's magic number; it stands after the header of the first page.
const LMDB_MAGIC: [u8; 4] = 0xBEEF_C0DE_u32.to_le_bytes();
const LMDB_MAGIC_AT: usize = 16;

/// A storage engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backend {
    /// One SQLite file that any SQL tool can open.
    Sqlite,
    /// The native key-value engine: smaller and faster.
    NativeV2,
}

impl Backend {
    /// Every engine with the word used for it.
    pub const WORDS: [(Self, &'static str); 2] = [(Self::Sqlite, "sqlite"), (Self::NativeV2, "native-v2")];

    /// The word shown for this engine.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }

    /// Extension of its database files.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Sqlite => "db",
            Self::NativeV2 => "lmdb",
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::WORDS.iter().find(|(_, known)| *known == word);
        known
            .map(|(backend, _)| *backend)
            .ok_or_else(|| format!("there is no backend {word}; sqlite and native-v2 are"))
    }
}

/// Opens an existing database for reading.
pub(super) fn open(path: &Path) -> Result<Box<dyn Store>> {
    let place = Place::of(path);
    place.open_live(|live| open_place(place.clone(), of_file(live)))
}

/// Opens a database of this engine for reading.
pub(super) fn open_place(place: Place, backend: Backend) -> Result<Box<dyn Store>> {
    match backend {
        Backend::Sqlite => Ok(Box::new(sqlite::Sqlite::open(place)?)),
        #[cfg(feature = "native-v2")]
        Backend::NativeV2 => Ok(Box::new(native::NativeGraphBackend::open_place(place)?)),
        #[cfg(not(feature = "native-v2"))]
        Backend::NativeV2 => Err(no_engine(&place)),
    }
}

/// Opens a database for writing; there need not be one yet.
pub(super) fn open_writer(path: &Path, command: &str, wanted: Option<Backend>) -> Result<Box<dyn Store>> {
    let place = Place::of(path);
    let found = match place.live() {
        Ok(live) => Some(of_file(&live)),
        Err(StoreError::Missing(_)) => None,
        Err(error) => return Err(error),
    };
    if let (Some(found), Some(wanted)) = (found, wanted)
        && found != wanted
    {
        return Err(StoreError::OtherBackend { path: place.path().display().to_string(), found, wanted });
    }
    let backend = found.or(wanted).unwrap_or_else(|| of_name(path));
    open_place_writer(place, backend, command)
}

/// Opens a database of this engine for writing; there need not be one yet.
pub(super) fn open_place_writer(place: Place, backend: Backend, command: &str) -> Result<Box<dyn Store>> {
    match backend {
        Backend::Sqlite => Ok(Box::new(sqlite::Sqlite::open_writer(place, command)?)),
        #[cfg(feature = "native-v2")]
        Backend::NativeV2 => Ok(Box::new(native::NativeGraphBackend::open_place_writer(place, command)?)),
        #[cfg(not(feature = "native-v2"))]
        Backend::NativeV2 => Err(no_engine(&place)),
    }
}

/// The format that this build reads and writes.
pub(super) fn format(backend: Backend) -> u32 {
    match backend {
        Backend::Sqlite => sqlite::FORMAT,
        #[cfg(feature = "native-v2")]
        Backend::NativeV2 => native::FORMAT,
        #[cfg(not(feature = "native-v2"))]
        Backend::NativeV2 => 0,
    }
}

/// The format of an existing file, whatever it is.
pub(super) fn format_of(path: &Path, backend: Backend) -> Result<u32> {
    match backend {
        Backend::Sqlite => sqlite::format_of(path),
        #[cfg(feature = "native-v2")]
        Backend::NativeV2 => native::format_of(path),
        #[cfg(not(feature = "native-v2"))]
        Backend::NativeV2 => Err(no_engine(&Place::Loose(path.to_owned()))),
    }
}

/// Makes a file say that it is of another format.
#[cfg(test)]
pub(super) fn set_format(path: &Path, backend: Backend, format: u32) -> Result<()> {
    match backend {
        Backend::Sqlite => sqlite::set_format(path, format),
        #[cfg(feature = "native-v2")]
        Backend::NativeV2 => native::set_format(path, format),
        #[cfg(not(feature = "native-v2"))]
        Backend::NativeV2 => Err(no_engine(&Place::Loose(path.to_owned()))),
    }
}

/// An empty database in memory.
pub(super) fn memory(backend: Backend) -> Result<Box<dyn Store>> {
    match backend {
        Backend::Sqlite => Ok(Box::new(sqlite::Sqlite::memory()?)),
        #[cfg(feature = "native-v2")]
        Backend::NativeV2 => Ok(Box::new(native::NativeGraphBackend::in_memory())),
        #[cfg(not(feature = "native-v2"))]
        Backend::NativeV2 => {
            Err(StoreError::NoEngine { path: "a database in memory".into(), backend: Backend::NativeV2.word() })
        }
    }
}

#[cfg(not(feature = "native-v2"))]
fn no_engine(place: &Place) -> StoreError {
    StoreError::NoEngine { path: place.path().display().to_string(), backend: Backend::NativeV2.word() }
}

/// The engine of an existing file. What is not plainly native is left to SQLite to accept or refuse.
pub(super) fn of_file(path: &Path) -> Backend {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    let is_native = read.is_ok() && head.get(LMDB_MAGIC_AT..LMDB_MAGIC_AT + 4) == Some(&LMDB_MAGIC);
    if is_native { Backend::NativeV2 } else { Backend::Sqlite }
}

/// The engine that the name of a file to be made asks for.
fn of_name(path: &Path) -> Backend {
    let native = path.extension().is_some_and(|extension| extension == Backend::NativeV2.extension());
    if native { Backend::NativeV2 } else { Backend::Sqlite }
}
