//! Brings a database of an older format up to date, step by step, after a copy of it was put aside.
//!
//! Each step knows one engine and two neighbouring formats and does its work in one transaction, so that whoever is
//! killed leaves a database of one format or the other.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::backend::{self, Backend};
use super::place::{Place, parent, refused, sync_folder, with_suffix};
use super::{Result, Stop, StoreError, go_on};

/// From one format to the next.
struct Step {
    backend: Backend,
    from: u32,
    run: fn(&Path) -> Result<()>,
}

/// Every step there is. Format 1 is the first of both engines.
const STEPS: &[Step] = &[];

/// What an upgrade did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UpgradeReport {
    /// The engine.
    pub backend: &'static str,
    /// The file.
    pub file: String,
    /// The format it had.
    pub from: u32,
    /// The format it has now.
    pub to: u32,
    /// Where the copy from before is; none if nothing was to be done.
    pub backup: Option<String>,
}

/// Upgrades the database at `path` in place. Other writers are kept out meanwhile and told `command`. Asks before each
/// step whether to stop: what is done until then stays, and the next upgrade goes on from there.
pub fn upgrade(path: &Path, command: &str, stop: Stop<'_>) -> Result<UpgradeReport> {
    upgrade_by(STEPS, path, command, stop)
}

fn upgrade_by(steps: &[Step], path: &Path, command: &str, stop: Stop<'_>) -> Result<UpgradeReport> {
    go_on(stop)?;
    let place = Place::of(path);
    place.live()?;
    let _lock = place.lock(command)?;
    let live = place.live()?;
    let backend = backend::of_file(&live);
    let (from, to) = (backend::format_of(&live, backend)?, backend::format(backend));
    let mut report =
        UpgradeReport { backend: backend.word(), file: live.display().to_string(), from, to, backup: None };
    if from == to {
        return Ok(report);
    }
    let way = way(steps, backend, from, to).ok_or_else(|| StoreError::Foreign {
        path: live.display().to_string(),
        found: format!("a Magellan index of format {from}"),
        expected: format!("a Magellan index of format {to}"),
    })?;
    report.backup = Some(put_aside(&live, from)?.display().to_string());
    for step in way {
        go_on(stop)?;
        (step.run)(&live)?;
    }
    match backend::format_of(&live, backend)? {
        format if format == to => Ok(report),
        format => Err(StoreError::Damaged {
            path: live.display().to_string(),
            what: format!("its format is {format} after an upgrade to {to}"),
        }),
    }
}

/// The steps that lead from one format to the other.
fn way(steps: &[Step], backend: Backend, from: u32, to: u32) -> Option<Vec<&Step>> {
    let find = |format| steps.iter().find(|step| step.backend == backend && step.from == format);
    (from < to).then(|| (from..to).map(find).collect())?
}

/// Copies a file, with what waits in its log, to a name that no writer sweeps away.
fn put_aside(live: &Path, format: u32) -> Result<PathBuf> {
    let name = live.file_name().unwrap_or_default().to_string_lossy();
    let free = |number: &u32| {
        let again = if *number == 1 { String::new() } else { format!("-{number}") };
        let copy = parent(live).join(format!("format-{format}{again}-{name}"));
        (!copy.exists()).then_some(copy)
    };
    let copy = (1..).find_map(|number| free(&number)).expect("no folder holds four billion files");
    let copied = || {
        fs::copy(live, &copy)?;
        File::open(&copy)?.sync_all()?;
        let log = with_suffix(live, "-wal");
        if log.exists() {
            let copy = with_suffix(&copy, "-wal");
            fs::copy(&log, &copy)?;
            File::open(&copy)?.sync_all()?;
        }
        sync_folder(parent(&copy))
    };
    copied().map_err(|error| refused(&copy, &error))?;
    Ok(copy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{self, Change, fingerprint};

    /// Turns format 0, which never was, into format 1.
    const FAKE: &[Step] = &[
        Step { backend: Backend::Sqlite, from: 0, run: |path| backend::set_format(path, Backend::Sqlite, 1) },
        #[cfg(feature = "native-v2")]
        Step { backend: Backend::NativeV2, from: 0, run: |path| backend::set_format(path, Backend::NativeV2, 1) },
    ];

    fn backends() -> Vec<Backend> {
        Backend::WORDS.iter().map(|(backend, _)| *backend).filter(|backend| store::memory(*backend).is_ok()).collect()
    }

    /// A database with something in it, of the given format; its fingerprint when it was of the current one.
    fn of_format(folder: &Path, backend: Backend, format: u32) -> String {
        let store = store::open_writer(folder, "test", Some(backend)).expect("opens");
        store.load(&mut [Change::Meta("key".into(), "value".into())].into_iter()).expect("loads");
        let before = fingerprint(&*store.snapshot().expect("reads")).expect("reads");
        drop(store);
        let live = Place::of(folder).live().expect("is there");
        backend::set_format(&live, backend, format).expect("is set");
        before.to_string()
    }

    #[test]
    fn an_older_format_is_upgraded_in_place_and_the_copy_from_before_is_kept() {
        for backend in backends() {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("db");
            let before = of_format(&path, backend, 0);
            assert!(matches!(store::open(&path).and_then(|s| s.snapshot().map(drop)), Err(StoreError::Foreign { .. })));
            let report = upgrade_by(FAKE, &path, "test", &|| false).expect("upgrades");
            assert_eq!((report.from, report.to), (0, 1));
            let store = store::open(&path).expect("opens");
            assert_eq!(fingerprint(&*store.snapshot().expect("reads")).expect("reads").to_string(), before);
            let backup = PathBuf::from(report.backup.expect("was made"));
            assert_eq!(backend::format_of(&backup, backend).expect("reads"), 0);
            // A writer sweeps old generations, never the copy.
            drop(store);
            drop(store::open_writer(&path, "test", None).expect("opens"));
            assert!(backup.exists());
        }
    }

    #[test]
    fn the_current_format_is_left_alone_and_a_newer_one_is_refused() {
        for backend in backends() {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("db");
            of_format(&path, backend, 1);
            let report = upgrade(&path, "test", &|| false).expect("nothing to do");
            assert_eq!((report.from, report.to, report.backup), (1, 1, None));
            for format in [0, 77] {
                let live = Place::of(&path).live().expect("is there");
                backend::set_format(&live, backend, format).expect("is set");
                let bytes = fs::read(&live).expect("reads");
                let refused = upgrade(&path, "test", &|| false).expect_err("there is no way");
                assert!(refused.to_string().contains(&format!("format {format}")), "{refused}");
                assert_eq!(fs::read(&live).expect("reads"), bytes);
            }
        }
    }

    #[test]
    fn one_that_is_stopped_leaves_a_format_to_go_on_from() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let before = of_format(&path, Backend::Sqlite, 0);
        for asked_before in 0..2 {
            let asked = std::cell::Cell::new(0);
            let stop = || asked.replace(asked.get() + 1) == asked_before;
            assert!(matches!(upgrade_by(FAKE, &path, "test", &stop), Err(StoreError::Aborted(_))));
            let live = Place::of(&path).live().expect("is there");
            assert_eq!(backend::format_of(&live, Backend::Sqlite).expect("reads"), 0);
        }
        assert_eq!(upgrade_by(FAKE, &path, "test", &|| false).expect("upgrades").to, 1);
        let store = store::open(&path).expect("opens");
        assert_eq!(fingerprint(&*store.snapshot().expect("reads")).expect("reads").to_string(), before);
    }

    #[test]
    fn a_step_that_fails_leaves_the_copy_from_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        of_format(&path, Backend::Sqlite, 0);
        let fails = |path: &Path| Err(StoreError::Missing(path.display().to_string()));
        let steps = [Step { backend: Backend::Sqlite, from: 0, run: fails }];
        for _ in 0..2 {
            assert!(upgrade_by(&steps, &path, "test", &|| false).is_err());
        }
        let names = fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        let copies = names.filter(|name| name.to_string_lossy().starts_with("format-0")).count();
        assert!(copies >= 2, "{copies}");
        assert_eq!(upgrade_by(FAKE, &path, "test", &|| false).expect("upgrades").to, 1);
    }
}
