//! Where a database is: a folder with generations and a pointer to the live one, or a loose file.
//!
//! `CURRENT` holds one line, the name of the live file. A new generation is written beside the old and becomes
//! live by an atomic rename of `CURRENT`; nothing is ever renamed over a database file that has readers.
//! A generation that is to outlive its replacement has a marker beside it, `index-<n>.<engine>.kept`.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Backend, Result, StoreError};

const BACKENDS: [Backend; 2] = [Backend::Sqlite, Backend::NativeV2];
const CURRENT: &str = "CURRENT";
const CURRENT_NEXT: &str = "CURRENT.next";
const LOCK: &str = "writer.lock";
const WATCH_LOCK: &str = "watch.lock";
const IGNORE: &str = ".gitignore";
/// How often another generation may become live while one is being opened.
const SWITCHES_MAX: usize = 5;
/// Ends the name of the marker of a generation that is kept although it is not live.
const KEPT: &str = ".kept";
/// What engines put beside a database file.
const COMPANIONS: [&str; 5] = ["-wal", "-shm", "-journal", "-lock", ".lock"];
/// Ends the name of the file that the watcher of a loose database holds locked.
const WATCH: &str = ".watch";
const NEXT: &str = ".next";
const UNFINISHED: &str = ".unfinished";
/// What else may lie in a folder without `CURRENT` that is still taken for ours.
const OWN_NAMES: &[&str] = &[CURRENT_NEXT, LOCK, WATCH_LOCK, IGNORE, "config.toml"];

/// Fewer unused bytes than this are not worth a copy of all others.
pub(super) const UNUSED_BYTES_MIN: u64 = 1 << 16;

/// The place of a database on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A folder with generations.
    Folder(PathBuf),
    /// A database file that stands alone.
    Loose(PathBuf),
}

impl Place {
    /// What `path`, as given by a user, names. A live file inside its folder stands for the folder; what does not
    /// exist yet is a folder unless it ends in an engine's extension.
    pub(super) fn of(path: &Path) -> Self {
        if path.is_dir() {
            return Self::Folder(path.to_owned());
        }
        let is_named = |backend: &Backend| path.extension().is_some_and(|given| given == backend.extension());
        if !path.exists() && !BACKENDS.iter().any(is_named) {
            return Self::Folder(path.to_owned());
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        match live_name(folder) {
            Ok(Some(name)) if path.file_name().is_some_and(|own| own == name.as_str()) => {
                Self::Folder(folder.to_owned())
            }
            _ => Self::Loose(path.to_owned()),
        }
    }

    /// The path shown in messages.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Folder(path) | Self::Loose(path) => path,
        }
    }

    /// The live database file.
    pub(super) fn live(&self) -> Result<PathBuf> {
        let missing = || StoreError::Missing(self.path().display().to_string());
        match self {
            Self::Loose(path) if path.exists() => Ok(path.clone()),
            Self::Loose(_) => Err(missing()),
            Self::Folder(folder) => live_name(folder)?.map(|name| folder.join(name)).ok_or_else(missing),
        }
    }

    /// What `open` makes of the live file. An error counts only if the file is live even then: else it was replaced and
    /// swept away while it was being opened, and the one that is live now is tried.
    pub(super) fn open_live<T>(&self, mut open: impl FnMut(&Path) -> Result<T>) -> Result<T> {
        for _ in 0..SWITCHES_MAX {
            let path = self.live()?;
            match open(&path) {
                Err(StoreError::Missing(_)) => {}
                Err(_) if !self.is_live(&path) => {}
                done => return done,
            }
        }
        Err(StoreError::Missing(self.live()?.display().to_string()))
    }

    /// Takes the writer's lock, making the folder if needed.
    pub(super) fn lock(&self, command: &str) -> Result<WriterLock> {
        self.prepare()?;
        let path = match self {
            Self::Folder(folder) => folder.join(LOCK),
            Self::Loose(file) => with_suffix(file, ".lock"),
        };
        WriterLock::take(&path, command)
    }

    /// The file that a watcher holds locked as long as it runs.
    pub(super) fn watch_lock(&self) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(WATCH_LOCK),
            Self::Loose(file) => with_suffix(file, WATCH),
        }
    }

    /// Makes the folder if this is one.
    pub(super) fn prepare(&self) -> Result<()> {
        match self {
            Self::Folder(folder) => prepare(folder),
            Self::Loose(_) => Ok(()),
        }
    }

    /// A name for the next generation; nothing of it exists yet. A loose file gets a neighbour.
    pub(super) fn next(&self, backend: Backend) -> PathBuf {
        match self {
            Self::Loose(file) => with_suffix(file, NEXT),
            Self::Folder(folder) => {
                let live = live_name(folder).ok().flatten();
                let mut generation = live.as_deref().and_then(generation_of).unwrap_or(0) + 1;
                let path =
                    |generation, backend: Backend| folder.join(format!("index-{generation}.{}", backend.extension()));
                while BACKENDS.iter().any(|&backend| path(generation, backend).exists()) {
                    generation += 1;
                }
                path(generation, backend)
            }
        }
    }

    /// Makes `next`, complete and synced, the live database.
    pub(super) fn switch(&self, next: &Path) -> Result<()> {
        match self {
            Self::Loose(file) => fs::rename(next, file).and_then(|()| sync_folder(parent(file))),
            Self::Folder(folder) => point_to(folder, next),
        }
        .map_err(|error| refused(self.path(), &error))
    }

    /// Whether `next` is live: a switch can fail after the fact, when its last sync does.
    pub(super) fn is_live(&self, next: &Path) -> bool {
        self.live().is_ok_and(|live| live == next)
    }

    /// Keeps the live generation after another becomes live. To be said before that: whoever is killed between the
    /// two leaves a spare marker, not a database that the next writer sweeps away.
    pub(super) fn keep_live(&self) -> Result<()> {
        let marker = with_suffix(&self.live()?, KEPT);
        fs::write(&marker, "left by a migration: delete this file with its database when they are not needed\n")
            .map_err(|error| refused(&marker, &error))
    }

    /// Deletes generations that are neither live nor kept: left over by a run that was killed, or just replaced.
    /// Readers that still have one open keep it where the system allows that; elsewhere it goes next time.
    pub(super) fn sweep(&self) -> Result<()> {
        let Self::Folder(folder) = self else { return Ok(()) };
        let mut spared: Vec<String> = live_name(folder)?.into_iter().collect();
        let entries = fs::read_dir(folder).map_err(|error| refused(folder, &error))?.flatten();
        let names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        for kept in names.iter().filter_map(|name| name.strip_suffix(KEPT)) {
            if spared.first().is_some_and(|live| live == kept) {
                // It was never replaced. A marker that stays does no harm.
                let _ = fs::remove_file(folder.join(format!("{kept}{KEPT}")));
            } else {
                spared.push(kept.to_owned());
            }
        }
        for name in &names {
            if generation_of(name).is_some() && !spared.iter().any(|spared| name.starts_with(spared)) {
                // A file that cannot be deleted now (open elsewhere) is left to the next writer.
                let _ = fs::remove_file(folder.join(name));
            }
        }
        Ok(())
    }
}

/// Held while writing; other writers are told who holds it.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

/// Closing the file would do, were it not for a process that is born at that moment and has it open until it starts.
impl Drop for WriterLock {
    fn drop(&mut self) {
        // If this fails, closing the file is still to come.
        let _ = self.file.unlock();
    }
}

impl WriterLock {
    /// Locks the file at `path` and writes into it who holds it.
    pub(super) fn take(path: &Path, command: &str) -> Result<Self> {
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = open.map_err(|error| refused(path, &error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.display().to_string();
                let holder = Holder::of(&mut file).map_or("another process".into(), |holder| holder.to_string());
                return Err(StoreError::Locked { path, holder });
            }
            Err(TryLockError::Error(error)) => return Err(refused(path, &error)),
        }
        let line = format!("{} {} {}\n", std::process::id(), now_s(), command);
        let written = file.set_len(0).and_then(|()| file.write_all(line.as_bytes()));
        written.map_err(|error| refused(path, &error))?;
        Ok(Self { file })
    }

    /// Whether the file at `path` is still the one that is locked; it may have been deleted and made anew.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        is_same_file(&self.file, path)
    }
}

/// Who wrote a lock file.
pub(super) struct Holder {
    pub(super) process: u32,
    pub(super) command: String,
    /// In seconds since 1970.
    pub(super) started_s: u64,
}

impl Holder {
    /// What the lock file says; none if that makes no sense.
    pub(super) fn of(file: &mut File) -> Option<Self> {
        let mut line = String::new();
        file.rewind().and_then(|()| file.read_to_string(&mut line)).ok()?;
        let mut words = line.trim_end().splitn(3, ' ');
        let process = words.next()?.parse().ok()?;
        let started_s = words.next()?.parse().ok()?;
        Some(Self { process, command: words.next()?.to_owned(), started_s })
    }

    /// How long it has been holding the lock.
    pub(super) fn age_s(&self) -> u64 {
        now_s().saturating_sub(self.started_s)
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} ({}), started {} s ago", self.process, self.command, self.age_s())
    }
}

#[cfg(unix)]
fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: io::Result<fs::Metadata>| metadata.ok().map(|metadata| (metadata.dev(), metadata.ino()));
    let own = identity(file.metadata());
    own.is_some() && own == identity(path.metadata())
}

/// Elsewhere a file that is open is not deleted.
#[cfg(not(unix))]
fn is_same_file(_: &File, path: &Path) -> bool {
    path.exists()
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |age| age.as_secs())
}

/// The name in `CURRENT`, if there is one.
fn live_name(folder: &Path) -> Result<Option<String>> {
    let path = folder.join(CURRENT);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(refused(&path, &error)),
    };
    let name = text.trim_end();
    if generation_of(name).is_none() {
        let what = format!("it names {name:?}, which is no generation of an index");
        return Err(StoreError::Damaged { path: path.display().to_string(), what });
    }
    Ok(Some(name.to_owned()))
}

/// The number in `index-<number>.<anything>`.
fn generation_of(name: &str) -> Option<u64> {
    let (number, extension) = name.strip_prefix("index-")?.split_once('.')?;
    (!extension.contains(['/', '\\'])).then(|| number.parse().ok())?
}

fn point_to(folder: &Path, next: &Path) -> io::Result<()> {
    let name = next.file_name().unwrap_or_default().to_string_lossy();
    let path = folder.join(CURRENT_NEXT);
    let mut file = File::create(&path)?;
    file.write_all(format!("{name}\n").as_bytes())?;
    file.sync_all()?;
    sync_folder(folder)?;
    fs::rename(&path, folder.join(CURRENT))?;
    sync_folder(folder)
}

/// Makes the folder and keeps version control out of it; refuses a folder that is someone else's.
fn prepare(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    if live_name(folder)?.is_none() {
        for entry in fs::read_dir(folder).map_err(|error| refused(folder, &error))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !OWN_NAMES.contains(&name.as_str()) && generation_of(&name).is_none() {
                return Err(StoreError::Foreign {
                    path: folder.display().to_string(),
                    found: format!("a folder with {name:?} in it"),
                    expected: "an empty folder or one with an index".into(),
                });
            }
        }
    }
    let ignore = folder.join(IGNORE);
    if !ignore.exists() {
        fs::write(&ignore, "*\n").map_err(|error| refused(&ignore, &error))?;
    }
    Ok(())
}

/// Makes a new file by `fill`, whole or not at all; an existing one is refused.
pub(super) fn make(to: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    File::create_new(to).map_err(|error| refused(to, &error))?;
    let unfinished = with_suffix(to, UNFINISHED);
    let done = fill(&unfinished).and_then(|()| {
        let renamed = fs::rename(&unfinished, to).and_then(|()| sync_folder(parent(to)));
        renamed.map_err(|error| refused(to, &error))
    });
    if done.is_err() {
        // What cannot be deleted is told by the error that is returned.
        discard(&unfinished);
        let _ = fs::remove_file(to);
    }
    done
}

/// Deletes a database file with what belongs to it.
pub(super) fn discard(path: &Path) {
    // What cannot be deleted is not live, and whoever comes next tries again.
    let _ = fs::remove_file(path);
    for suffix in COMPANIONS {
        let _ = fs::remove_file(with_suffix(path, suffix));
    }
}

/// Whether `path` is the database, lies in its folder, or is a file beside it that belongs to it.
pub(super) fn is_own(database: &Path, path: &Path) -> bool {
    let rest = || {
        let names = path.file_name().zip(database.file_name()).filter(|_| path.parent() == database.parent())?;
        let rest = names.0.to_str()?.strip_prefix(names.1.to_str()?)?;
        Some([NEXT, UNFINISHED].iter().find_map(|middle| rest.strip_prefix(middle)).unwrap_or(rest))
    };
    path.starts_with(database)
        || rest().is_some_and(|rest| rest.is_empty() || rest == WATCH || COMPANIONS.contains(&rest))
}

/// Deletes the lock of a loose file that nobody writes any more.
pub(super) fn unlock(path: &Path) {
    // One that stays says nothing while nobody holds it.
    let _ = fs::remove_file(with_suffix(path, ".lock"));
}

/// Gives a database file that nobody has open another name, with what belongs to it. An empty file may keep the name
/// until then.
pub(super) fn publish(from: &Path, to: &Path) -> Result<()> {
    let renamed = || {
        unlock(from);
        for suffix in COMPANIONS {
            // A log of that name belongs to a file somebody deleted.
            let _ = fs::remove_file(with_suffix(to, suffix));
            match fs::rename(with_suffix(from, suffix), with_suffix(to, suffix)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => other?,
            }
        }
        fs::rename(from, to)?;
        sync_folder(parent(to))
    };
    renamed().map_err(|error| refused(to, &error))
}

/// Bytes of a database file with what waits beside it to be moved in.
pub(super) fn bytes(path: &Path) -> u64 {
    let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    length(path) + length(&with_suffix(path, "-wal"))
}

/// The folder a file stands in.
pub(super) fn parent(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// `path` with `suffix` after its last letter.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes names in a folder durable. Only Unix can and must.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// The operating system said no.
pub(super) fn refused(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Engine { path: path.display().to_string(), message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_to_a_database_is_told_from_what_stands_beside_it() {
        let is_own = |database: &str, path: &str| is_own(Path::new(database), Path::new(path));
        for path in ["/p/map.db", "/p/map.db-wal", "/p/map.db.lock", "/p/map.db.watch", "/p/map.db.next-wal"] {
            assert!(is_own("/p/map.db", path), "{path}");
        }
        for path in ["/p/map.db.rs", "/p/map.d", "/p", "/p/a/map.db", "/p/map.dbs"] {
            assert!(!is_own("/p/map.db", path), "{path}");
        }
        assert!(is_own("/p/map", "/p/map") && is_own("/p/map", "/p/map/CURRENT"));
        assert!(!is_own("/p/map", "/p/map.rs") && !is_own("/p/map", "/p/mapper"));
    }
}
