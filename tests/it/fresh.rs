//! How answers tell their age: changes seen by stamps, counted by `--check`, indexed by `--fresh`.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use magellan::index::{IndexOptions, changes};
use magellan::job::refresh::{Refresh, Task, refresh};
use magellan::store;
use magellan::walk::{WalkOptions, walk};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::cli::{command, json as parsed, magellan, stderr, stdout};

#[cfg(feature = "native-v2")]
pub(super) const BACKENDS: &[&str] = &["sqlite", "native-v2"];
#[cfg(not(feature = "native-v2"))]
pub(super) const BACKENDS: &[&str] = &["sqlite"];

/// The other engine, if this build has one.
pub(super) fn other_backend(backend: &str) -> Option<&'static str> {
    BACKENDS.iter().copied().find(|other| *other != backend)
}

/// Three files and a manifest, indexed, old enough for their times to be trusted.
fn indexed(backend: &str) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    fs::create_dir(tree.path().join("src")).unwrap();
    write(tree.path(), "Cargo.toml", "[package]\nname = \"little\"\n");
    write(tree.path(), "src/lib.rs", "mod other;\nmod third;\npub fn one() -> i32 {\n    other::two()\n}\n");
    write(tree.path(), "src/other.rs", "pub fn two() -> i32 {\n    2\n}\n");
    write(tree.path(), "src/third.rs", "pub fn three() {}\n");
    for path in ["src/lib.rs", "src/other.rs", "src/third.rs"] {
        touch(tree.path(), path, 100);
    }
    let output = magellan(tree.path(), &["index", "--quiet", "--backend", backend]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    tree
}

fn write(folder: &Path, path: &str, text: &str) {
    fs::write(folder.join(path), text).unwrap();
}

/// Sets the time of a file back.
fn touch(folder: &Path, path: &str, seconds_ago: u64) {
    let file = fs::File::options().append(true).open(folder.join(path)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds_ago)).unwrap();
}

/// What an answer under `--json` says of its age.
fn freshness(folder: &Path, arguments: &[&str]) -> Value {
    let output = command(folder, arguments).arg("--json").output().unwrap();
    let mut value = parsed(&output);
    assert!(value["data"].is_object(), "{value}");
    value["freshness"].take()
}

/// Changed in all, modified, removed and new files, and whether manifests changed.
fn counts(freshness: &Value) -> Value {
    let keys = ["changed_files", "modified_files", "removed_files", "new_files", "manifests_changed"];
    keys.iter().map(|key| freshness[key].clone()).collect()
}

#[test]
fn every_answer_says_how_old_it_is() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let fresh = freshness(tree.path(), &["find", "two"]);
        assert_eq!(counts(&fresh), json!([0, 0, 0, null, null]), "{fresh}");
        assert_eq!((&fresh["known_by"], &fresh["changed_sources"]), (&"stamps".into(), &Value::Array(Vec::new())));
        assert!(fresh["indexed_at_ms"].is_u64() && fresh["indexed_ms_ago"].is_u64(), "{fresh}");
        let told = stderr(&magellan(tree.path(), &["find", "two"]));
        assert!(told.starts_with("as of ") && told.ends_with(" ago, no file changed since\n"), "{told}");
        assert_eq!(stderr(&magellan(tree.path(), &["find", "two", "--quiet"])), "");
    }
}

#[test]
fn an_answer_names_its_own_files_that_changed() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        write(tree.path(), "src/other.rs", "pub fn two() -> i32 {\n    22\n}\n");
        fs::remove_file(tree.path().join("src/third.rs")).unwrap();
        let fresh = freshness(tree.path(), &["show", "two"]);
        assert_eq!(counts(&fresh), json!([2, 1, 1, null, null]), "{fresh}");
        assert_eq!(fresh["changed_sources"], json!(["src/other.rs"]));
        assert_eq!(freshness(tree.path(), &["show", "three"])["changed_sources"], json!(["src/third.rs"]));
        assert_eq!(freshness(tree.path(), &["show", "one"])["changed_sources"], json!([]));
        let output = magellan(tree.path(), &["get-file", "src/other.rs", "--text"]);
        assert_eq!(stdout(&output), "pub fn two() -> i32 {\n    2\n}\n", "the text is that of the index");
        let told = stderr(&output);
        assert!(told.contains("2 files changed since (1 gone); `magellan index`"), "{told}");
        assert!(told.contains("changed since, and shown as indexed: src/other.rs\n"), "{told}");
    }
}

#[test]
fn a_check_finds_what_stamps_do_not_tell_and_a_touched_file_is_no_change() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        touch(tree.path(), "src/other.rs", 50);
        assert_eq!(freshness(tree.path(), &["files"])["changed_files"], 1, "by stamps it may be one");
        let checked = freshness(tree.path(), &["files", "--check"]);
        assert_eq!(checked["known_by"], "content");
        assert_eq!(counts(&checked), json!([0, 0, 0, 0, false]), "{checked}");
        assert_eq!(freshness(tree.path(), &["show", "two"])["changed_sources"], json!([]));
        write(tree.path(), "src/new.rs", "fn four() {}\n");
        write(tree.path(), "src/binary.rs", "fn \0() {}\n");
        write(tree.path(), "Cargo.toml", "[package]\nname = \"big\"\n");
        write(tree.path(), "src/lib.rs", "mod other;\n");
        fs::remove_file(tree.path().join("src/third.rs")).unwrap();
        let checked = freshness(tree.path(), &["files", "--check"]);
        assert_eq!(counts(&checked), json!([3, 1, 1, 1, true]), "{checked}");
        let told = stderr(&magellan(tree.path(), &["files", "--check"]));
        assert!(told.contains("3 files changed since (1 new, 1 gone), other manifests; `magellan index`"), "{told}");
        let text = stdout(&magellan(tree.path(), &["status", "--check"]));
        assert!(text.contains("3 files changed since (1 new, 1 gone), other manifests\n"), "{text}");
        let report = parsed(&magellan(tree.path(), &["index", "--json", "--quiet"]))["data"]["report"]["files"].take();
        assert_eq!([&report["added"], &report["changed"], &report["removed"]], [1, 1, 1], "as `index` then does");
        let checked = freshness(tree.path(), &["files", "--check"]);
        assert_eq!(counts(&checked), json!([0, 0, 0, 0, false]), "{checked}");
    }
}

/// A file whose time is not before that of the run can be written again without its stamp showing it.
#[test]
fn a_change_behind_an_equal_stamp_is_found_by_a_check() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let path = tree.path().join("src/third.rs");
        let soon = SystemTime::now() + Duration::from_secs(1_000);
        let write_soon = |text: &str| {
            fs::write(&path, text).unwrap();
            fs::File::options().append(true).open(&path).unwrap().set_modified(soon).unwrap();
        };
        write_soon("pub fn thr33() {}\n");
        magellan(tree.path(), &["index", "--quiet"]);
        assert_eq!(freshness(tree.path(), &["files", "--check"])["changed_files"], 0);
        write_soon("pub fn three() {}\n");
        assert_eq!(freshness(tree.path(), &["files"])["changed_files"], 0);
        assert_eq!(freshness(tree.path(), &["files", "--check"])["modified_files"], 1);
    }
}

#[test]
fn too_many_files_to_look_at_are_unknown_and_never_none() {
    let tree = tempfile::tempdir().unwrap();
    for number in 0..=magellan::query::STAT_LIMIT {
        write(tree.path(), &format!("f{number}.py"), "");
    }
    magellan(tree.path(), &["index", "--quiet", "--backend", BACKENDS[BACKENDS.len() - 1]]);
    write(tree.path(), "f7.py", "def f():\n    pass\n");
    let fresh = freshness(tree.path(), &["get-file", "f7.py"]);
    assert_eq!(counts(&fresh), json!([null, null, null, null, null]), "{fresh}");
    assert_eq!((&fresh["known_by"], &fresh["changed_sources"]), (&"nothing".into(), &json!(["f7.py"])));
    let told = stderr(&magellan(tree.path(), &["get-file", "f8.py"]));
    assert!(told.contains("changes since then unknown: too many files to look at; `--check` does"), "{told}");
    assert_eq!(freshness(tree.path(), &["get-file", "f7.py", "--check"])["changed_files"], 1);
}

#[test]
fn a_fresh_answer_is_that_of_the_tree() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let runs = || parsed(&magellan(tree.path(), &["log", "--json"]))["data"]["executions"]["total"].clone();
        let before = runs();
        let fresh = freshness(tree.path(), &["find", "two", "--fresh"]);
        assert_eq!(fresh["refresh"], json!({ "outcome": "current" }));
        assert_eq!(runs(), before, "nothing changed, so nothing is written");
        write(tree.path(), "src/other.rs", "// Above.\npub fn two() -> i32 {\n    2\n}\n");
        write(tree.path(), "src/new.rs", "fn four() {}\n");
        let output = magellan(tree.path(), &["find", "two", "--fresh", "--check"]);
        assert!(stdout(&output).starts_with("src/other.rs:2:7"), "{}", stdout(&output));
        let told = stderr(&output);
        assert!(told.starts_with("brought up to date: 2 files in "), "{told}");
        assert!(told.ends_with("no file changed, new or gone since\n"), "{told}");
        fs::remove_file(tree.path().join("src/new.rs")).unwrap();
        let fresh = freshness(tree.path(), &["files", "--fresh"]);
        assert_eq!(fresh["refresh"]["outcome"], "updated");
        assert_eq!((&fresh["refresh"]["files"]["removed"], &fresh["changed_files"]), (&1.into(), &0.into()));
        let fingerprint = |more: &[&str]| stdout(&magellan(tree.path(), &[&["fingerprint"], more].concat()));
        let incremental = fingerprint(&[]);
        magellan(tree.path(), &["index", "--quiet", "--full"]);
        assert_eq!(fingerprint(&[]), incremental);
    }
}

static GO_ON: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// What `--fresh` does, with another time to wait.
fn refreshed(tree: &TempDir, wait: Duration) -> Refresh {
    let (root, database) = (tree.path().canonicalize().unwrap(), tree.path().join(".magellan"));
    let arguments = vec!["find".into(), "--fresh".into()];
    refresh(&Task { root: &root, database: &database, arguments, wait, progress: &(), cancel: &GO_ON }).unwrap()
}

#[test]
fn a_busy_writer_is_waited_for_and_then_told() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let database = tree.path().join(".magellan");
        let writer = store::open_writer(&database, "a test", None).unwrap();
        assert_eq!(refreshed(&tree, Duration::ZERO), Refresh::Current, "without a change no lock is needed");
        write(tree.path(), "src/other.rs", "pub fn deux() {}\n");
        match refreshed(&tree, Duration::from_millis(1)) {
            Refresh::Stale { files: 1, holder } => assert!(holder.contains("(a test)"), "{holder}"),
            other => panic!("{other:?}"),
        }
        // The writer itself brings the index up to date while it is waited for.
        let waiting = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| refreshed(&tree, Duration::from_secs(600)));
            let found = walk(tree.path(), &WalkOptions::default()).unwrap();
            magellan::index::index(&IndexOptions::default(), &found, &*writer, &(), &GO_ON).unwrap();
            waiting.join().unwrap()
        });
        assert_eq!(waiting, Refresh::Current);
        write(tree.path(), "src/other.rs", "pub fn trois() {}\n");
        drop(writer);
        match refreshed(&tree, Duration::ZERO) {
            Refresh::Updated { files, .. } => assert_eq!((files.changed, files.total), (1, 3)),
            other => panic!("{other:?}"),
        }
        let found = walk(tree.path(), &WalkOptions::default()).unwrap();
        let store = store::open(&database).unwrap();
        assert!(changes(&found, &*store.snapshot().unwrap()).unwrap().is_none());
    }
}

#[test]
fn a_stale_answer_after_waiting_says_so() {
    let tree = indexed(BACKENDS[BACKENDS.len() - 1]);
    let writer = store::open_writer(&tree.path().join(".magellan"), "a test", None).unwrap();
    write(tree.path(), "src/other.rs", "pub fn deux() {}\n");
    let output = magellan(tree.path(), &["find", "two", "--fresh"]);
    assert!(stdout(&output).starts_with("src/other.rs:1:7"), "{}", stdout(&output));
    let told = stderr(&output);
    assert!(told.contains("warning: not brought up to date, since process "), "{told}");
    assert!(told.contains("(a test)") && told.contains("1 file changed since"), "{told}");
    drop(writer);
}

#[test]
fn a_database_without_its_tree_answers_but_cannot_be_checked() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let elsewhere = tempfile::tempdir().unwrap();
        let copy = elsewhere.path().join("copy.db");
        magellan(tree.path(), &["backup", copy.to_str().unwrap(), "--quiet"]);
        let checked = freshness(elsewhere.path(), &["find", "two", "--db", "copy.db", "--check"]);
        assert_eq!(checked["changed_files"], 0, "the tree is found by its database: {checked}");
        write(tree.path(), "src/other.rs", "pub fn deux() {}\n");
        let fresh = freshness(elsewhere.path(), &["find", "deux", "--db", "copy.db", "--fresh"]);
        assert_eq!(fresh["refresh"]["outcome"], "updated");
        drop(tree);
        let answer = freshness(elsewhere.path(), &["find", "deux", "--db", "copy.db"]);
        assert_eq!((&answer["changed_files"], &answer["removed_files"]), (&3.into(), &3.into()));
        for option in ["--check", "--fresh"] {
            let output = command(elsewhere.path(), &["find", "two", "--db", "copy.db", "--json", option]).output();
            let output = output.unwrap();
            assert_eq!((output.status.code(), &parsed(&output)["error"]["code"]), (Some(2), &"no_tree".into()));
        }
        let empty = tempfile::tempdir().unwrap();
        for option in ["--check", "--fresh"] {
            let output = command(empty.path(), &["find", "two", "--json", option]).output().unwrap();
            assert_eq!((output.status.code(), &parsed(&output)["error"]["code"]), (Some(3), &"no_database".into()));
        }
        assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
    }
}
