//! Tables in an LMDB file.
//!
//! A process opens a file once, whoever asks: the environment is shared through a registry. Readers never
//! write to the file; like every LMDB reader they note in the lock file beside it what they still look at. Where
//! there is no lock file nobody writes, and the file is read without one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use heed::types::Bytes;
use heed::{
    CommitOrAbort, Database, Env, EnvFlags, EnvOpenOptions, Error, MdbError, PutFlags, RoTxn, RwTxn, WithoutTls,
};

use super::kv::{Direction, KvRead, KvWrite, Table, Visit};
use crate::store::place::{parent, refused, sync_folder, with_suffix};
use crate::store::{Result, StoreError};

/// Address space to reserve; the file takes only what it needs.
const MAP_BYTES: usize = 64 << 30;
/// Where address space is scarce, a smaller map is tried, down to this.
const MAP_BYTES_MIN: usize = 1 << 30;
const READERS_MAX: u32 = 512;
/// Pages at the start of a file that say where the rest is.
const HEAD_PAGES: usize = 2;
/// Permissions of new files before the user's mask, those that SQLite gives.
#[cfg(unix)]
const MODE: u32 = 0o644;
/// While a load fills a file nobody sees, it commits whenever this much is waiting, to bound memory.
const LOAD_BATCH_BYTES: usize = 64 << 20;
/// How often and how long to wait until another thread has closed the same file.
const CLOSING_TRIES: u32 = 200;
const CLOSING_WAIT: Duration = Duration::from_millis(5);

/// One for each [`Table`], in their order.
type Tables = Vec<Database<'static, Bytes, Bytes>>;

/// An open file.
pub(super) struct Lmdb {
    env: Env<WithoutTls>,
    tables: Tables,
    path: PathBuf,
    /// Whether others' locks are seen; without, it must not be kept open.
    locked: bool,
}

static OPEN: Mutex<BTreeMap<PathBuf, Weak<Lmdb>>> = Mutex::new(BTreeMap::new());

impl Lmdb {
    /// The file at `path`, opened now or before. Who wants to write makes the lock file where there is none.
    pub(super) fn open(path: &Path, to_write: bool) -> Result<Arc<Self>> {
        check(path)?;
        let path = path.canonicalize().map_err(|error| refused(path, &error))?;
        let mut open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = open.get(&path).and_then(Weak::upgrade) {
            return Ok(known);
        }
        open.retain(|_, known| known.strong_count() > 0);
        let opened = Arc::new(Self::open_new(&path, to_write)?);
        if opened.locked {
            open.insert(path, Arc::downgrade(&opened));
        }
        Ok(opened)
    }

    fn open_new(path: &Path, to_write: bool) -> Result<Self> {
        if to_write {
            create(path)?;
        }
        let base = EnvFlags::NO_SUB_DIR | EnvFlags::NO_META_SYNC;
        let lock = with_suffix(path, "-lock");
        let locked = to_write || lock.exists() && OpenOptions::new().read(true).write(true).open(&lock).is_ok();
        let writable = to_write || locked && OpenOptions::new().read(true).write(true).open(path).is_ok();
        let flags = match (locked, writable) {
            (true, true) => base,
            (true, false) => base | EnvFlags::READ_ONLY,
            (false, _) => base | EnvFlags::READ_ONLY | EnvFlags::NO_LOCK,
        };
        let env = open_env(path, flags)?;
        let rtxn = env.read_txn().map_err(|error| failed(path, error))?;
        let opened = env.open_databases_and_commit(rtxn, |opener, rtxn| {
            let tables = Table::WORDS.map(|(_, name)| opener.open_database::<Bytes, Bytes>(rtxn, Some(name)));
            Ok::<_, Error>(CommitOrAbort::<_, ()>::Commit(tables))
        });
        let mut tables = Vec::with_capacity(Table::WORDS.len());
        for table in opened.map_err(|error| failed(path, error))?.unwrap_commit() {
            tables.push(table.map_err(|error| failed(path, error))?.ok_or_else(|| StoreError::Foreign {
                path: path.display().to_string(),
                found: "an LMDB database of another program".into(),
                expected: "a Magellan index".into(),
            })?);
        }
        Ok(Self { env, tables, path: path.to_owned(), locked })
    }

    /// Whether it can be kept open for later: what others write meanwhile will be seen, and does no harm.
    pub(super) fn is_lasting(&self) -> bool {
        self.locked
    }

    /// A view of the state now.
    pub(super) fn read(self: &Arc<Self>) -> Result<Reading> {
        let txn = self.env.clone().static_read_txn().map_err(|error| failed(&self.path, error))?;
        Ok(Reading { txn, file: Arc::clone(self) })
    }

    /// Runs `work` in a transaction, all or nothing, on disk when this returns.
    pub(super) fn write(&self, work: &mut dyn FnMut(&mut dyn KvWrite) -> Result<()>) -> Result<()> {
        self.env.clear_stale_readers().map_err(|error| failed(&self.path, error))?;
        let mut writing = Writing::begin(self, usize::MAX)?;
        work(&mut writing)?;
        writing.commit()?;
        self.extend()
    }

    /// Makes the file as long as its own head says: pages at the end that were taken and given back in one
    /// transaction are not written, and a file that looks cut off is refused.
    fn extend(&self) -> Result<()> {
        let file = OpenOptions::new().write(true).open(&self.path);
        let page_bytes = u64::from(self.env.unnamed_database_stat().page_size);
        let promised = (self.env.info().last_page_number as u64 + 1) * page_bytes;
        let extended = file.and_then(|file| {
            let length = file.metadata()?.len();
            if length < promised { file.set_len(promised) } else { Ok(()) }
        });
        extended.map_err(|error| refused(&self.path, &error))
    }

    /// Bytes of pages that nothing uses.
    pub(super) fn unused_bytes(&self) -> Result<u64> {
        let told = |error| failed(&self.path, error);
        let txn = self.env.read_txn().map_err(told)?;
        let mut stats = vec![self.env.unnamed_database_stat()];
        for table in &self.tables {
            stats.push(table.stat(&txn).map_err(told)?);
        }
        let page_bytes = stats[0].page_size as usize;
        let pages = stats.iter().map(|stat| stat.branch_pages + stat.leaf_pages + stat.overflow_pages);
        let used = (pages.sum::<usize>() + HEAD_PAGES) * page_bytes;
        let all = (self.env.info().last_page_number + 1) * page_bytes;
        Ok(all.saturating_sub(used) as u64)
    }

    /// Writes a consistent copy to a new file.
    pub(super) fn copy(&self, to: &Path) -> Result<()> {
        let file = self.env.copy_to_path(to, heed::CompactionOption::Enabled).map_err(|error| failed(to, error))?;
        file.sync_all().and_then(|()| sync_folder(parent(to))).map_err(|error| refused(to, &error))
    }
}

/// Makes a file and its lock where they are missing, so that others may read them as far as the user lets them read
/// new files; LMDB would make them for their owner alone.
fn create(path: &Path) -> Result<()> {
    for file in [path, &with_suffix(path, "-lock")] {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, MODE);
        options.open(file).map_err(|error| refused(file, &error))?;
    }
    Ok(())
}

/// Fills a new file that nobody sees yet, without waiting for the disk until the end.
pub(super) fn load(path: &Path, work: &mut dyn FnMut(&mut dyn KvWrite) -> Result<()>) -> Result<()> {
    refuse_network(path)?;
    create(path)?;
    let env = open_env(path, EnvFlags::NO_SUB_DIR | EnvFlags::NO_SYNC)?;
    let wtxn = env.write_txn().map_err(|error| failed(path, error))?;
    let created = env.create_databases_and_commit(wtxn, |opener, wtxn| {
        let tables = Table::WORDS.map(|(_, name)| opener.create_database::<Bytes, Bytes>(wtxn, Some(name)));
        Ok::<_, Error>(CommitOrAbort::<_, ()>::Commit(tables))
    });
    let created = created.map_err(|error| failed(path, error))?.unwrap_commit();
    let tables: Result<Tables, Error> = created.into_iter().collect();
    let tables = tables.map_err(|error| failed(path, error))?;
    let file = Lmdb { env, tables, path: path.to_owned(), locked: true };
    let mut writing = Writing::begin(&file, LOAD_BATCH_BYTES)?;
    work(&mut writing)?;
    writing.commit()?;
    file.env.force_sync().map_err(|error| failed(path, error))?;
    file.extend()?;
    let sync = || File::open(path)?.sync_all();
    sync().and_then(|()| sync_folder(parent(path))).map_err(|error| refused(path, &error))
}

fn open_env(path: &Path, flags: EnvFlags) -> Result<Env<WithoutTls>> {
    if usize::BITS < 64 {
        let message = "native-v2 needs a 64-bit system; use `--backend sqlite`".into();
        return Err(StoreError::Engine { path: path.display().to_string(), message });
    }
    let length = std::fs::metadata(path).map_or(0, |metadata| metadata.len() as usize);
    let mut map_bytes = MAP_BYTES.max((length * 2).next_power_of_two());
    let mut tries = 0;
    loop {
        let mut options = EnvOpenOptions::new().read_txn_without_tls();
        options.map_size(map_bytes).max_dbs(Table::WORDS.len() as u32).max_readers(READERS_MAX);
        #[expect(
            unsafe_code,
            reason = "LMDB maps the file: only Magellan writes it, under a lock, and never cuts it short"
        )]
        // SAFETY: the flags are valid together; a file is only ever changed through LMDB, and a process opens it
        // once (heed refuses the second time).
        let opened = unsafe { options.flags(flags).open(path) };
        match opened {
            Err(Error::EnvAlreadyOpened) if tries < CLOSING_TRIES => {
                tries += 1;
                std::thread::sleep(CLOSING_WAIT);
            }
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::OutOfMemory && map_bytes > MAP_BYTES_MIN => {
                map_bytes /= 4;
            }
            other => return other.map_err(|error| failed(path, error)),
        }
    }
}

/// A read transaction.
pub(super) struct Reading {
    txn: RoTxn<'static, WithoutTls>,
    file: Arc<Lmdb>,
}

impl KvRead for Reading {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>> {
        get(&self.file, &self.txn, table, key)
    }

    fn scan(&self, table: Table, prefix: &[u8], direction: Direction, visit: Visit<'_>) -> Result<()> {
        scan(&self.file, &self.txn, table, prefix, direction, visit)
    }
}

/// A write transaction.
struct Writing<'l> {
    file: &'l Lmdb,
    /// None only while it is renewed.
    txn: Option<RwTxn<'l>>,
    /// Written since the last commit, in bytes, and how much may be.
    waiting: usize,
    waiting_max: usize,
}

impl<'l> Writing<'l> {
    fn begin(file: &'l Lmdb, waiting_max: usize) -> Result<Self> {
        let txn = file.env.write_txn().map_err(|error| failed(&file.path, error))?;
        Ok(Self { file, txn: Some(txn), waiting: 0, waiting_max })
    }

    fn commit(mut self) -> Result<()> {
        self.commit_now()
    }

    fn commit_now(&mut self) -> Result<()> {
        let txn = self.txn.take();
        txn.map_or(Ok(()), RwTxn::commit).map_err(|error| failed(&self.file.path, error))
    }

    fn txn(&self) -> &RwTxn<'l> {
        self.txn.as_ref().expect("renewed where it is taken")
    }

    fn txn_mut(&mut self) -> &mut RwTxn<'l> {
        self.txn.as_mut().expect("renewed where it is taken")
    }

    fn put_with(&mut self, flags: PutFlags, table: Table, key: &[u8], value: &[u8]) -> Result<(), Error> {
        let database = self.file.tables[table as usize];
        database.put_with_flags(self.txn_mut(), flags, key, value)
    }

    fn written(&mut self, bytes: usize) -> Result<()> {
        self.waiting += bytes;
        if self.waiting > self.waiting_max {
            self.commit_now()?;
            *self = Self::begin(self.file, self.waiting_max)?;
        }
        Ok(())
    }
}

impl KvRead for Writing<'_> {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>> {
        get(self.file, self.txn(), table, key)
    }

    fn scan(&self, table: Table, prefix: &[u8], direction: Direction, visit: Visit<'_>) -> Result<()> {
        scan(self.file, self.txn(), table, prefix, direction, visit)
    }
}

impl KvWrite for Writing<'_> {
    fn put(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<()> {
        self.put_with(PutFlags::empty(), table, key, value).map_err(|error| failed(&self.file.path, error))?;
        self.written(key.len() + value.len())
    }

    fn append(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<()> {
        match self.put_with(PutFlags::APPEND, table, key, value) {
            Err(Error::Mdb(MdbError::KeyExist)) => self.put(table, key, value),
            other => {
                other.map_err(|error| failed(&self.file.path, error))?;
                self.written(key.len() + value.len())
            }
        }
    }

    fn delete(&mut self, table: Table, key: &[u8]) -> Result<()> {
        let database = self.file.tables[table as usize];
        database.delete(self.txn_mut(), key).map(drop).map_err(|error| failed(&self.file.path, error))
    }

    fn delete_prefix(&mut self, table: Table, prefix: &[u8]) -> Result<()> {
        let database = self.file.tables[table as usize];
        let end = after(prefix);
        let range = (lower(prefix), upper(end.as_deref()));
        database.delete_range(self.txn_mut(), &range).map(drop).map_err(|error| failed(&self.file.path, error))
    }

    fn clear(&mut self, table: Table) -> Result<()> {
        let database = self.file.tables[table as usize];
        database.clear(self.txn_mut()).map_err(|error| failed(&self.file.path, error))
    }
}

fn get<'t>(file: &Lmdb, txn: &'t RoTxn<'_, WithoutTls>, table: Table, key: &[u8]) -> Result<Option<Cow<'t, [u8]>>> {
    let value = file.tables[table as usize].get(txn, key).map_err(|error| failed(&file.path, error))?;
    Ok(value.map(Cow::Borrowed))
}

fn scan(
    file: &Lmdb,
    txn: &RoTxn<'_, WithoutTls>,
    table: Table,
    prefix: &[u8],
    direction: Direction,
    visit: Visit<'_>,
) -> Result<()> {
    let database = file.tables[table as usize];
    let end = after(prefix);
    let range = (lower(prefix), upper(end.as_deref()));
    let told = |error| failed(&file.path, error);
    match direction {
        Direction::Forward => visit_all(file, database.range(txn, &range).map_err(told)?, visit),
        Direction::Backward => visit_all(file, database.rev_range(txn, &range).map_err(told)?, visit),
    }
}

fn visit_all<'t>(
    file: &Lmdb,
    entries: impl Iterator<Item = Result<(&'t [u8], &'t [u8]), Error>>,
    visit: Visit<'_>,
) -> Result<()> {
    for entry in entries {
        let (key, value) = entry.map_err(|error| failed(&file.path, error))?;
        if !visit(key, value)? {
            break;
        }
    }
    Ok(())
}

/// The least key that is greater than all that start with `prefix`; none if there is none.
fn after(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte < u8::MAX)?;
    let mut key = prefix[..=last].to_vec();
    key[last] += 1;
    Some(key)
}

/// LMDB has no empty keys, not even to look for.
fn lower(prefix: &[u8]) -> Bound<&[u8]> {
    if prefix.is_empty() { Bound::Unbounded } else { Bound::Included(prefix) }
}

fn upper(end: Option<&[u8]>) -> Bound<&[u8]> {
    end.map_or(Bound::Unbounded, Bound::Excluded)
}

/// What LMDB says, in our terms.
fn failed(path: &Path, error: Error) -> StoreError {
    let path = path.display().to_string();
    match error {
        Error::Mdb(MdbError::Corrupted | MdbError::PageNotFound | MdbError::Invalid | MdbError::Panic) => {
            StoreError::Damaged { path, what: error.to_string() }
        }
        Error::Mdb(MdbError::Incompatible | MdbError::NotFound | MdbError::VersionMismatch) => StoreError::Foreign {
            path,
            found: format!("an LMDB database of another kind ({error})"),
            expected: "a Magellan index".into(),
        },
        error => StoreError::Engine { path, message: error.to_string() },
    }
}

// The head of a file, as LMDB lays it out for 64-bit systems: two meta pages, of which the newer counts.
const MAGIC_AT: usize = 16;
const VERSION_AT: usize = 20;
const PAGE_BYTES_AT: usize = 40;
const LAST_PAGE_AT: usize = 136;
const TRANSACTION_AT: usize = 144;
const HEAD_BYTES: usize = 152;
const MAGIC: u32 = 0xBEEF_C0DE;
const VERSION: u32 = 1;

/// Looks at a file's head without opening it: is it LMDB's, and whole?
pub(super) fn check(path: &Path) -> Result<()> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(StoreError::Missing(path.display().to_string()));
        }
        Err(error) => return Err(refused(path, &error)),
    };
    let length = file.metadata().map_err(|error| refused(path, &error))?.len();
    let mut first = vec![0; HEAD_BYTES];
    let read = file.read_exact(&mut first).and_then(|()| {
        let page_bytes = u64::from(u32_at(&first, PAGE_BYTES_AT));
        let mut second = vec![0; HEAD_BYTES];
        let skipped = page_bytes.saturating_sub(HEAD_BYTES as u64);
        io::copy(&mut (&mut file).take(skipped), &mut io::sink())?;
        file.read_exact(&mut second)?;
        Ok((page_bytes, second))
    });
    let damaged = |what: String| StoreError::Damaged { path: path.display().to_string(), what };
    let (page_bytes, second) = read.map_err(|_| damaged(format!("it is cut off: only {length} bytes")))?;
    let pages = [&first, &second];
    if pages.iter().any(|page| u32_at(page, MAGIC_AT) != MAGIC || u32_at(page, VERSION_AT) & 0xff != VERSION) {
        return Err(damaged("its head is not that of an LMDB file".into()));
    }
    if page_bytes != u64::from(u32_at(&second, PAGE_BYTES_AT)) || !page_bytes.is_power_of_two() {
        return Err(damaged("its head contradicts itself".into()));
    }
    let newest = pages.into_iter().max_by_key(|page| u64_at(page, TRANSACTION_AT)).expect("there are two");
    let promised = u64_at(newest, LAST_PAGE_AT).saturating_add(1).saturating_mul(page_bytes);
    if length < promised {
        return Err(damaged(format!("it is cut off: {length} bytes of {promised}")));
    }
    Ok(())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

/// LMDB's maps and locks do not work across a network.
#[cfg(target_os = "linux")]
fn refuse_network(path: &Path) -> Result<()> {
    /// Magic numbers of file systems, from `statfs(2)`: NFS, SMB, CIFS, SMB2, 9P.
    const NETWORK: [u64; 5] = [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997];
    let Ok(found) = rustix::fs::statfs(parent(path)) else { return Ok(()) };
    if NETWORK.contains(&(found.f_type as u64 & 0xFFFF_FFFF)) {
        let message = "native-v2 cannot live on a network file system; use `--backend sqlite`".into();
        return Err(StoreError::Engine { path: path.display().to_string(), message });
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn refuse_network(_: &Path) -> Result<()> {
    Ok(())
}
