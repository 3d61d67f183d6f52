//! Databases on disk: missing, foreign, damaged, locked, read-only, switched.

use std::fs;
use std::path::{Path, PathBuf};

use magellan::store::{self, Change, ChunkPattern, ExecutionOutcome, NamePattern, Snapshot, StoreError};

use super::aside::{chunk, metrics};
use super::{apply, dump, execution, key, sample};

pub(super) fn live(folder: &Path) -> PathBuf {
    folder.join(fs::read_to_string(folder.join("CURRENT")).unwrap().trim())
}

/// A folder with the sample in it.
pub(super) fn stored() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join(".magellan");
    store::open_writer(&database, "test", None).unwrap().load(&mut sample().into_iter()).unwrap();
    (folder, database)
}

fn error_of(path: &Path) -> StoreError {
    store::open(path).and_then(|store| store.snapshot().map(drop)).expect_err("this cannot be opened")
}

/// Every file under a folder with its content.
fn state(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // The shared memory of locks is no content.
        .filter(|path| !path.to_string_lossy().ends_with("-shm"))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_missing_database_is_not_created_by_looking() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["nothing", "nothing.db", ""] {
        let error = error_of(&folder.path().join(name));
        assert!(matches!(error, StoreError::Missing(_)), "{error}");
    }
    assert_eq!(state(folder.path()), []);
}

#[test]
fn reading_changes_nothing_on_disk() {
    let (_folder, database) = stored();
    let before = state(&database);
    for path in [database.clone(), live(&database)] {
        let store = store::open(&path).unwrap();
        assert_eq!(dump(&*store).len(), 19);
        assert!(store.apply(&mut std::iter::empty()).is_err());
        assert!(store.load(&mut std::iter::empty()).is_err());
    }
    assert_eq!(state(&database), before);
    let names: Vec<_> = before.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, [".gitignore", "CURRENT", "index-1.db", "index-1.db-wal", "writer.lock"]);
}

/// Whoever deletes a database file may leave its log behind; read together with a new file it looked like damage.
#[test]
fn a_log_left_behind_by_a_deleted_file_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loose.db");
    for values in [2000, 0] {
        let store = store::open_writer(&path, "test", None).unwrap();
        let filling = (0..values).map(|value| Change::Meta(format!("key {value}"), "value ".repeat(50)));
        store.load(&mut filling.chain(sample())).unwrap();
        let expected = dump(&*store);
        // A record alone is not moved out of the log at once.
        apply(&*store, vec![Change::Execution(execution("id", 1, ExecutionOutcome::Success))]);
        drop(store);
        assert_eq!(dump(&*store::open(&path).unwrap()), expected);
        fs::remove_file(&path).unwrap();
        assert!(fs::read_dir(folder.path()).unwrap().count() > 1, "a log is left behind");
    }
}

#[test]
fn a_copied_file_can_be_read_alone_and_leaves_no_trace() {
    let (folder, database) = stored();
    let copies = folder.path().join("a %?#ü copy");
    fs::create_dir(&copies).unwrap();
    let copy = copies.join("copy.db");
    fs::copy(live(&database), &copy).unwrap();
    let before = state(&copies);
    assert_eq!(dump(&*store::open(&copy).unwrap()), dump(&*store::open(&database).unwrap()));
    assert_eq!(state(&copies), before);
    assert_eq!(fs::read_dir(&copies).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_can_be_read_and_not_written() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, database) = stored();
    let expected = dump(&*store::open(&database).unwrap());
    for entry in fs::read_dir(&database).unwrap() {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(&database, fs::Permissions::from_mode(0o555)).unwrap();
    assert_eq!(dump(&*store::open(&database).unwrap()), expected);
    // The superuser may write everywhere.
    if fs::File::create(database.join("probe")).is_err() {
        assert!(matches!(store::open_writer(&database, "test", None).err(), Some(StoreError::Engine { .. })));
    }
    fs::set_permissions(&database, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn foreign_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, found: &str| {
        let path = folder.path().join(name);
        let before = fs::read(&path).unwrap();
        for error in [error_of(&path), store::open_writer(&path, "test", None).err().unwrap()] {
            assert!(matches!(&error, StoreError::Foreign { found: f, .. } if f == found), "{error}");
        }
        assert_eq!(fs::read(&path).unwrap(), before);
    };
    fs::write(folder.path().join("text.db"), "hello ".repeat(100)).unwrap();
    check("text.db", "not an SQLite database");
    fs::write(folder.path().join("empty.db"), "").unwrap();
    check("empty.db", "an empty file");
    rusqlite::Connection::open(folder.path().join("other.db")).unwrap().execute_batch("CREATE TABLE t(x)").unwrap();
    check("other.db", "an SQLite database of another program");
    let (_other, database) = stored();
    fs::copy(live(&database), folder.path().join("newer.db")).unwrap();
    let newer = rusqlite::Connection::open(folder.path().join("newer.db")).unwrap();
    newer.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 77").unwrap();
    drop(newer);
    check("newer.db", "a Magellan index of format 77");
}

#[test]
fn a_folder_of_something_else_is_not_written_to() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "dear").unwrap();
    let error = store::open_writer(folder.path(), "test", None).err().unwrap();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn damage_is_refused_and_nothing_is_deleted() {
    let (_folder, database) = stored();
    let file = live(&database);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let error = error_of(&database);
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let mut flipped = whole.clone();
    for at in (4096..whole.len()).step_by(97) {
        flipped[at] ^= 0x55;
    }
    fs::write(&file, &flipped).unwrap();
    let result = store::open(&database).and_then(|store| store::dump(&*store.snapshot()?, &mut |_| {}));
    assert!(result.is_err());
    assert_eq!(fs::read(&file).unwrap(), flipped);
    fs::write(database.join("CURRENT"), "../../etc/passwd\n").unwrap();
    let error = error_of(&database);
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn flipped_bits_never_panic() {
    let (_folder, database) = stored();
    let file = live(&database);
    let whole = fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(607) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(&file, &flipped).unwrap();
        let Ok(store) = store::open(&database) else { continue };
        let Ok(snapshot) = store.snapshot() else { continue };
        read_everything(&*snapshot);
    }
}

/// Asks every question; answers and errors are equally welcome.
fn read_everything(snapshot: &dyn Snapshot) {
    let _ = store::dump(snapshot, &mut |_| {});
    let _ = snapshot.check(&mut |_| {});
    let _ = (snapshot.chunks(&ChunkPattern::All), snapshot.all_file_metrics(), snapshot.metas());
    let _ = (snapshot.totals(), snapshot.executions(9), snapshot.skipped(), snapshot.unknown("gone"));
    let _ = snapshot.find(&NamePattern::Glob("*".into()));
    for file in snapshot.files().unwrap_or_default() {
        let _ = (snapshot.text(file.id), snapshot.facts(file.id), snapshot.occurrences(file.id));
        let _ = (snapshot.ast(file.id), snapshot.functions(file.id), snapshot.symbol_metrics(file.id));
        let _ = (snapshot.imports(file.id), snapshot.uses(key(file.id.0, 0)));
        let _ = snapshot.relations(key(file.id.0, 0), false);
    }
}

#[test]
fn a_second_writer_is_told_who_holds_the_lock() {
    let (_folder, database) = stored();
    let first = store::open_writer(&database, "index .", None).unwrap();
    let error = store::open_writer(&database, "other", None).err().unwrap();
    let text = error.to_string();
    assert!(text.contains(&format!("process {} (index .)", std::process::id())), "{text}");
    assert!(matches!(error, StoreError::Locked { .. }));
    drop(first);
    store::open_writer(&database, "other", None).unwrap();
}

#[test]
fn a_full_load_switches_generations_and_sweeps_the_old() {
    let (_folder, database) = stored();
    let reader = store::open(&database).unwrap();
    let old = reader.snapshot().unwrap();
    fs::write(database.join("index-9.db"), "left by a run that was killed").unwrap();
    let writer = store::open_writer(&database, "test", None).unwrap();
    assert!(!database.join("index-9.db").exists());
    writer.load(&mut std::iter::empty()).unwrap();
    assert_eq!(live(&database).file_name().unwrap(), "index-2.db");
    assert!(!database.join("index-1.db").exists());
    assert_eq!(old.files().unwrap().len(), 2);
    assert_eq!(reader.snapshot().unwrap().files().unwrap(), []);
    writer.apply(&mut sample().into_iter()).unwrap();
    assert_eq!(reader.snapshot().unwrap().files().unwrap().len(), 2);
}

#[test]
fn the_examples_of_the_schema_page_run() {
    let (_folder, database) = stored();
    let chunk = Change::Chunk(Box::new(chunk("a.rs", 4, Some("alpha"), b"text")));
    apply(&*store::open_writer(&database, "test", None).unwrap(), vec![metrics(0, 10, &[0, 2]), chunk]);
    let connection = rusqlite::Connection::open(live(&database)).unwrap();
    let page = include_str!("../../../docs/schema.md");
    let mut count = 0;
    for block in page.split("```sql\n").skip(1) {
        let sql = block.split("```").next().unwrap();
        let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{error} in {sql}"));
        let mut rows = statement.query([]).unwrap();
        assert!(rows.next().unwrap().is_some(), "no row for {sql}");
        count += 1;
    }
    assert!(count >= 11);
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").unwrap();
    for name in tables.query_map([], |row| row.get::<_, String>(0)).unwrap() {
        let name = name.unwrap();
        assert!(name.starts_with("sqlite_") || page.contains(&format!("`{name}`")), "{name} is not documented");
    }
}

/// Who may read the database of one engine may read that of the other. LMDB makes files for their owner alone.
#[cfg(all(unix, feature = "native-v2"))]
#[test]
fn both_engines_give_the_same_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let modes = [store::Backend::Sqlite, store::Backend::NativeV2].map(|backend| {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("database");
        let store = store::open_writer(&database, "test", Some(backend)).unwrap();
        store.load(&mut sample().into_iter()).unwrap();
        apply(&*store, vec![Change::Meta("key".into(), "value".into())]);
        let copy = folder.path().join("copy");
        store.backup(&copy).unwrap();
        let companions = fs::read_dir(&database).unwrap().map(|entry| entry.unwrap().path());
        let is_of_live = |path: &PathBuf| path.to_string_lossy().contains("index-");
        let mut modes: Vec<u32> = companions.filter(is_of_live).map(|path| mode(&path)).collect();
        modes.dedup();
        (modes, mode(&copy))
    });
    assert_eq!(modes[0], modes[1]);
    assert_eq!(modes[0].0.len(), 1, "{modes:?}");
}
