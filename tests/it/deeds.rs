//! The deeds through the executable, on both engines: text, JSON, exit codes, refusals.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::process::Output;
use std::sync::atomic::AtomicBool;

use magellan::job::{DEEDS, JobError, Scene};
use magellan::model::{ContentHash, Span};
use magellan::store::{self, Change, Chunk, StoreError};
use serde_json::Value;
use tempfile::TempDir;

use super::cli::{json, magellan, stderr, stdout};

#[cfg(feature = "native-v2")]
const BACKENDS: &[&str] = &["sqlite", "native-v2"];
#[cfg(not(feature = "native-v2"))]
const BACKENDS: &[&str] = &["sqlite"];

/// A little tree, indexed with this engine.
fn indexed(backend: &str) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    fs::create_dir(tree.path().join("src")).unwrap();
    fs::write(tree.path().join("src/lib.rs"), "mod other;\npub fn one() -> i32 {\n    other::two()\n}\n").unwrap();
    fs::write(tree.path().join("src/other.rs"), "pub fn two() -> i32 {\n    2\n}\n").unwrap();
    succeeds(tree.path(), &["index", "--quiet", "--backend", backend]);
    tree
}

fn succeeds(folder: &Path, arguments: &[&str]) -> Output {
    let output = magellan(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    output
}

/// The data of the reply under `--json`.
fn data(folder: &Path, arguments: &[&str], exit: i32) -> Value {
    let output = magellan(folder, &[arguments, &["--json", "--quiet"]].concat());
    let mut value = json(&output);
    assert_eq!(output.status.code(), Some(exit), "{value}");
    if value.get("error").is_some() {
        return value["error"].take();
    }
    assert_eq!(value["schema"]["name"], arguments[0]);
    assert_eq!(value["schema"]["version"], 1);
    assert!(value["complete"].is_boolean());
    value["data"].take()
}

fn fingerprint(folder: &Path, more: &[&str]) -> String {
    stdout(&succeeds(folder, &[&["fingerprint"], more].concat())).trim().to_owned()
}

#[test]
fn index_makes_the_backend_asked_for_and_refuses_another() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        assert_eq!(data(tree.path(), &["doctor"], 0)["backend"], *backend);
        succeeds(tree.path(), &["index", "--quiet"]);
        let other = if *backend == "sqlite" { "native-v2" } else { "sqlite" };
        let error = data(tree.path(), &["index", "--backend", other], 3);
        assert_eq!(error["code"], "other_backend");
        assert!(error["hint"].as_str().unwrap().contains(&format!("magellan migrate-backend --to {other}")), "{error}");
        assert_eq!(magellan(tree.path(), &["index", "--backend", "no-such"]).status.code(), Some(2));
    }
}

#[cfg(not(feature = "native-v2"))]
#[test]
fn a_build_without_the_engine_says_so() {
    let tree = indexed("sqlite");
    let database = tree.path().join("new.lmdb");
    for arguments in [
        &["index", "--backend", "native-v2", "--db", database.to_str().unwrap()][..],
        &["migrate-backend", "--to", "native-v2"],
    ] {
        assert_eq!(data(tree.path(), arguments, 3)["code"], "no_engine");
    }
}

#[test]
fn verify_tells_every_difference() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        assert_eq!(stdout(&succeeds(tree.path(), &["verify"])), "same: 2 files as indexed\n");
        // A new time is no difference.
        let text = fs::read(tree.path().join("src/lib.rs")).unwrap();
        fs::write(tree.path().join("src/lib.rs"), text).unwrap();
        assert_eq!(data(&tree.path().join("src"), &["verify"], 0)["same"], 2);
        fs::write(tree.path().join("Cargo.toml"), "[package]\nname = \"named\"\n").unwrap();
        let reply = data(tree.path(), &["verify"], 1);
        assert_eq!((&reply["same"], &reply["manifests_changed"]), (&2.into(), &true.into()), "{reply}");
        let text = stdout(&magellan(tree.path(), &["verify"]));
        assert_eq!(text, "different: 2 files as indexed, other manifests\n");
        succeeds(tree.path(), &["index", "--quiet"]);
        assert_eq!(data(tree.path(), &["verify"], 0)["manifests_changed"], false);
        fs::write(tree.path().join("src/lib.rs"), "pub fn three() {}\n").unwrap();
        fs::write(tree.path().join("src/new.rs"), "pub fn four() {}\n").unwrap();
        fs::remove_file(tree.path().join("src/other.rs")).unwrap();
        let reply = data(tree.path(), &["verify"], 1);
        assert_eq!(reply["same"], 0);
        for (list, path) in [("changed", "src/lib.rs"), ("new", "src/new.rs"), ("missing", "src/other.rs")] {
            assert_eq!((&reply[list]["total"], &reply[list]["items"][0]), (&1.into(), &path.into()), "{reply}");
        }
        let text = stdout(&magellan(tree.path(), &["verify"]));
        assert!(text.starts_with("different: 0 files as indexed, 1 changed, 1 new, 1 missing\n"), "{text}");
        assert!(text.contains("\nchanged  src/lib.rs\n"), "{text}");
        fs::remove_dir_all(tree.path().join("src")).unwrap();
        assert_eq!(data(tree.path(), &["verify"], 1)["missing"]["total"], 2, "nothing is left to walk");
    }
}

#[test]
fn doctor_finds_a_sound_database_sound() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let before = fingerprint(tree.path(), &[]);
        let text = stdout(&succeeds(tree.path(), &["doctor"]));
        assert!(text.starts_with("sound: ") && text.contains(&before), "{text}");
        let reply = data(tree.path(), &["doctor", "--fix"], 0);
        assert_eq!((&reply["rebuilt"], &reply["faults"]["total"]), (&false.into(), &0.into()));
        assert_eq!(reply["fingerprint"], before);
    }
}

#[test]
fn doctor_puts_right_what_is_derived_and_nothing_else() {
    let tree = indexed("sqlite");
    let before = fingerprint(tree.path(), &[]);
    let file = tree.path().join(".magellan/index-1.db");
    let damage = |statement: &str| rusqlite::Connection::open(&file).unwrap().execute(statement, []).unwrap();
    damage("UPDATE names SET uses = uses + 1");
    assert!(data(tree.path(), &["doctor"], 1)["faults"]["total"].as_u64().unwrap() > 0);
    assert!(stdout(&magellan(tree.path(), &["doctor"])).contains("magellan doctor --fix"));
    let reply = data(tree.path(), &["doctor", "--fix"], 0);
    assert_eq!((&reply["rebuilt"], &reply["fingerprint"]), (&true.into(), &before.into()));
    assert!(reply["fixed"].as_u64().unwrap() > 0);
    data(tree.path(), &["doctor"], 0);
}

/// A tree with a content in its cache, and how many bytes that has.
fn with_cache(backend: &str) -> (TempDir, u64) {
    let tree = indexed(backend);
    let edit = |text: &str| {
        fs::write(tree.path().join("src/other.rs"), text).unwrap();
        succeeds(tree.path(), &["index", "--quiet"]);
    };
    let long: String = (0..3_000).map(|number| format!("pub fn f{number}() {{ f{}() }}\n", number * 7)).collect();
    edit(&long);
    edit("pub fn two() -> i32 {\n    3\n}\n");
    let status = data(tree.path(), &["status"], 0);
    assert_eq!(status["cache"]["entries"], 2);
    let bytes = status["cache"]["bytes"].as_u64().unwrap();
    assert!(stdout(&succeeds(tree.path(), &["status"])).contains("\ncache      2 contents of gone files, "));
    (tree, bytes)
}

#[test]
fn gc_prunes_the_cache_and_gives_space_back() {
    for backend in BACKENDS {
        let (tree, bytes) = with_cache(backend);
        let before = fingerprint(tree.path(), &[]);
        let reply = data(tree.path(), &["gc"], 0);
        assert_eq!((&reply["kept"]["entries"], &reply["kept"]["bytes"]), (&2.into(), &bytes.into()));
        assert_eq!((&reply["dropped"]["entries"], &reply["backend"]), (&0.into(), &(*backend).into()));
        let reply = data(tree.path(), &["gc", "--max-size", &(bytes - 1).to_string()], 0);
        assert_eq!((&reply["kept"]["entries"], &reply["dropped"]["entries"]), (&1.into(), &1.into()), "{reply}");
        let reply = data(tree.path(), &["gc", "--all"], 0);
        assert_eq!((&reply["kept"]["entries"], &reply["dropped"]["entries"]), (&0.into(), &1.into()));
        let [bytes_before, bytes_after] = ["bytes_before", "bytes_after"].map(|field| reply[field].as_u64().unwrap());
        assert!(bytes_after < bytes_before, "{reply}");
        let text = stdout(&succeeds(tree.path(), &["gc", "--all"]));
        assert!(
            text.starts_with("freed 0 B of ")
                && text.ends_with("\nkept        0 contents, 0 B\ndropped     0 contents, 0 B\n"),
            "{text}"
        );
        assert_eq!(fingerprint(tree.path(), &[]), before);
        data(tree.path(), &["doctor"], 0);
        assert_eq!(data(tree.path(), &["gc", "--all", "--max-size", "1"], 2)["code"], "usage");
    }
}

#[test]
fn index_tells_what_it_reused_and_keeps_no_more_than_it_is_told() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        fs::rename(tree.path().join("src/other.rs"), tree.path().join("src/another.rs")).unwrap();
        let text = stdout(&succeeds(tree.path(), &["index"]));
        assert!(text.contains("files       added 1, removed 1, unchanged 1, relinked 1, reused 1\n"), "{text}");
        fs::remove_file(tree.path().join("src/another.rs")).unwrap();
        succeeds(tree.path(), &["index", "--max-cache-bytes", "0"]);
        assert_eq!(data(tree.path(), &["status"], 0)["cache"]["entries"], 0);
    }
}

#[test]
fn gc_leaves_the_length_of_a_loose_file_alone() {
    for backend in BACKENDS {
        let (tree, _) = with_cache(backend);
        succeeds(tree.path(), &["backup", "copy.db"]);
        let length = || fs::metadata(tree.path().join("copy.db")).unwrap().len();
        let before = (length(), fingerprint(tree.path(), &[]));
        assert_eq!(data(tree.path(), &["gc", "--all", "--db", "copy.db"], 0)["dropped"]["entries"], 2);
        assert!(length() >= before.0);
        assert_eq!(fingerprint(tree.path(), &["--db", "copy.db"]), before.1);
        data(tree.path(), &["doctor", "--db", "copy.db"], 0);
    }
}

#[test]
fn doctor_drops_what_is_damaged_in_the_cache_and_so_does_index() {
    for statement in ["UPDATE cache SET hash = x'00'", "UPDATE cache_parts SET ast = x'00'", "DELETE FROM cache_parts"]
    {
        for arguments in [&["doctor", "--fix"][..], &["index"]] {
            let (tree, _) = with_cache("sqlite");
            let before = fingerprint(tree.path(), &[]);
            let file = tree.path().join(".magellan/index-1.db");
            rusqlite::Connection::open(&file).unwrap().execute(statement, []).unwrap();
            let faults = data(tree.path(), &["doctor"], 1)["faults"]["items"][0].take();
            assert!(faults.as_str().unwrap().starts_with("cache: entry "), "{faults}");
            if arguments == ["index"] {
                fs::write(tree.path().join("src/other.rs"), "pub fn two() -> i32 {\n    2\n}\n").unwrap();
                let report = data(tree.path(), &["index"], 0)["report"].take();
                assert_eq!((&report["files"]["changed"], &report["files"]["reused"]), (&1.into(), &0.into()));
                assert_eq!(fs::read(tree.path().join("src/other.rs")).unwrap(), b"pub fn two() -> i32 {\n    2\n}\n");
            } else {
                data(tree.path(), arguments, 0);
                assert_eq!(fingerprint(tree.path(), &[]), before);
                assert_eq!(data(tree.path(), &["status"], 0)["cache"]["entries"], 0);
            }
        }
    }
}

#[test]
fn doctor_says_when_records_are_damaged() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let lying = Chunk {
            path: "src/lib.rs".into(),
            span: Span::new(0, 4),
            hash: ContentHash::of(b"other"),
            symbol: None,
            kind: "block".into(),
            text: b"text".to_vec(),
        };
        let writer = store::open_writer(&tree.path().join(".magellan"), "a test", None).unwrap();
        writer.apply(&mut [Change::Chunk(Box::new(lying))].into_iter()).unwrap();
        drop(writer);
        for arguments in [&["doctor"][..], &["doctor", "--fix"]] {
            let reply = data(tree.path(), arguments, 1);
            assert!(reply["faults"]["items"][0].as_str().unwrap().starts_with("chunks: "), "{reply}");
            assert_eq!((&reply["rebuilt"], &reply["fixed"]), (&(arguments.len() == 2).into(), &0.into()));
            assert!(reply["fingerprint"].is_null());
        }
        let text = stdout(&magellan(tree.path(), &["doctor", "--fix"]));
        assert!(text.contains("1 fault\n") && text.contains("magellan index --full"), "{text}");
        #[cfg(feature = "native-v2")]
        for to in ["sqlite", "native-v2"].iter().filter(|to| *to != backend) {
            assert_eq!(data(tree.path(), &["migrate-backend", "--to", to], 3)["code"], "damaged_database");
        }
    }
}

#[test]
fn a_deed_that_is_stopped_leaves_all_as_it_was() {
    static CANCEL: AtomicBool = AtomicBool::new(true);
    let tree = indexed("sqlite");
    let before = fingerprint(tree.path(), &[]);
    let files = || fs::read_dir(tree.path()).unwrap().count();
    let files_before = files();
    let database = tree.path().join(".magellan");
    let scene = Scene {
        database: &database,
        root: Some(tree.path()),
        folder: tree.path(),
        limit: 9,
        progress: &|_, _, _| {},
        cancel: &CANCEL,
    };
    for arguments in [
        &["verify"][..],
        &["doctor"],
        &["doctor", "--fix"],
        &["backup", "copy.db"],
        &["gc", "--all"],
        &["migrate"],
        #[cfg(feature = "native-v2")]
        &["migrate-backend", "--to", "native-v2"],
    ] {
        let deed = DEEDS.iter().find(|deed| deed.name == arguments[0]).unwrap();
        let matches = (deed.arguments)(clap::Command::new(deed.name)).get_matches_from(arguments);
        assert!(matches!((deed.run)(&scene, &matches), Err(JobError::Interrupted)), "{arguments:?}");
    }
    assert_eq!(files(), files_before);
    assert_eq!(data(tree.path(), &["doctor"], 0)["backend"], "sqlite");
    assert_eq!(fingerprint(tree.path(), &[]), before);
}

/// Stopped at the first question, the second ... until one is through: a stop never comes too early to be heard, and
/// what is read is not disturbed by it.
#[test]
fn checks_and_fingerprints_ask_often_whether_to_stop() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let store = store::open(&tree.path().join(".magellan")).unwrap();
        let snapshot = store.snapshot().unwrap();
        let questions = |run: &dyn Fn(store::Stop<'_>) -> store::Result<()>| {
            let stopped = |after: u32| {
                let asked = Cell::new(0);
                let result = run(&|| asked.replace(asked.get() + 1) >= after);
                assert!(matches!(result, Ok(()) | Err(StoreError::Aborted(_))), "{result:?}");
                result.is_err()
            };
            (0..).take_while(|after| stopped(*after)).count()
        };
        let of_check = questions(&|stop| snapshot.check_until(stop, &mut |fault| panic!("{fault}")));
        let of_fingerprint = questions(&|stop| store::fingerprint_until(&*snapshot, stop).map(drop));
        assert!(of_check >= 2 && of_fingerprint >= 2, "{backend}: {of_check} {of_fingerprint}");
    }
}

#[test]
fn what_cannot_be_a_database_is_refused() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let copy = tree.path().join("copy.db");
        succeeds(tree.path(), &["backup", "copy.db"]);
        let bytes = fs::read(&copy).unwrap();
        fs::write(&copy, &bytes[..bytes.len() / 3]).unwrap();
        for arguments in [&["doctor"][..], &["doctor", "--fix"]] {
            let error = data(tree.path(), &[arguments, &["--db", "copy.db"]].concat(), 3);
            assert_eq!(error["code"], "damaged_database", "{error}");
        }
    }
    let empty = tempfile::tempdir().unwrap();
    for arguments in [&["verify"][..], &["doctor", "--fix"], &["backup", "x"], &["migrate"]] {
        assert_eq!(data(empty.path(), arguments, 3)["code"], "no_database");
        assert_eq!(data(empty.path(), &[arguments, &["--db", "none"]].concat(), 3)["code"], "no_database");
    }
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0, "a deed that fails leaves nothing behind");
}

#[test]
fn a_backup_says_the_same_even_under_a_writer_and_overwrites_nothing() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let database = tree.path().join(".magellan");
        let writer = store::open_writer(&database, "a test", None).unwrap();
        let reply = data(tree.path(), &["backup", "copy.db"], 0);
        assert_eq!(reply["backend"], *backend);
        let before = fingerprint(tree.path(), &[]);
        assert_eq!(reply["fingerprint"], before);
        assert_eq!(fingerprint(tree.path(), &["--db", "copy.db"]), before);
        assert!(stdout(&succeeds(tree.path(), &["backup", "again.db"])).contains("again.db"));
        assert_eq!(data(tree.path(), &["backup", "copy.db"], 2)["code"], "occupied");
        drop(writer);
    }
}

#[test]
fn deeds_that_write_wait_for_no_writer() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        let writer = store::open_writer(&tree.path().join(".magellan"), "a test", None).unwrap();
        for arguments in [&["doctor", "--fix"][..], &["migrate"], &["migrate-backend", "--to", "sqlite"]] {
            let error = data(tree.path(), arguments, 3);
            assert_eq!(error["code"], "locked", "{error}");
            assert!(error["message"].as_str().unwrap().contains("a test"), "{error}");
        }
        succeeds(tree.path(), &["doctor"]);
        succeeds(tree.path(), &["verify"]);
        drop(writer);
    }
}

#[test]
fn a_current_format_needs_no_upgrade() {
    for backend in BACKENDS {
        let tree = indexed(backend);
        assert!(stdout(&succeeds(tree.path(), &["migrate"])).starts_with("nothing to do: "));
        let reply = data(tree.path(), &["migrate"], 0);
        assert_eq!((&reply["from"], &reply["backup"]), (&reply["to"], &Value::Null));
    }
}

#[cfg(feature = "native-v2")]
#[test]
fn migration_there_and_back_loses_nothing() {
    for (from, to) in [("sqlite", "native-v2"), ("native-v2", "sqlite")] {
        let tree = indexed(from);
        let before = fingerprint(tree.path(), &[]);
        let names = || fs::read_dir(tree.path().join(".magellan")).unwrap().count();
        let files = names();
        let text = stdout(&succeeds(tree.path(), &["migrate-backend", "--to", to, "--dry-run"]));
        assert!(text.contains("dry run: nothing was changed"), "{text}");
        assert!(names() <= files + 1, "at most the lock is new");
        assert_eq!(data(tree.path(), &["doctor"], 0)["backend"], from);
        let reply = data(tree.path(), &["migrate-backend", "--to", to, "--keep-source"], 0);
        assert_eq!((&reply["switched"], &reply["source_kept"]), (&true.into(), &true.into()));
        assert_eq!(
            (&reply["source_fingerprint"], &reply["target_fingerprint"]),
            (&before.clone().into(), &before.clone().into())
        );
        let sound = data(tree.path(), &["doctor"], 0);
        assert_eq!((&sound["backend"], &sound["fingerprint"]), (&to.into(), &before.clone().into()));
        assert_eq!(data(tree.path(), &["migrate-backend", "--to", to], 0)["already"], true);
        let back = succeeds(tree.path(), &["migrate-backend", "--to", from, "--remove-source"]);
        assert!(stdout(&back).contains("removed"), "{}", stdout(&back));
        assert!(stderr(&back).contains("copying\ncomparing\nswitching\n"), "{}", stderr(&back));
        assert_eq!(fingerprint(tree.path(), &[]), before);
        succeeds(tree.path(), &["index", "--quiet"]);
    }
}

#[cfg(feature = "native-v2")]
#[test]
fn a_migration_elsewhere_leaves_the_original_live() {
    let tree = indexed("sqlite");
    let reply = data(tree.path(), &["migrate-backend", "--to", "native-v2", "--output", "map.lmdb"], 0);
    assert_eq!((&reply["switched"], &reply["source_kept"]), (&false.into(), &true.into()));
    assert_eq!(fingerprint(tree.path(), &["--db", "map.lmdb"]), fingerprint(tree.path(), &[]));
    assert_eq!(data(tree.path(), &["doctor"], 0)["backend"], "sqlite");
    let again = data(tree.path(), &["migrate-backend", "--to", "native-v2", "--output", "map.lmdb"], 2);
    assert_eq!(again["code"], "occupied");
    let both = magellan(tree.path(), &["migrate-backend", "--to", "sqlite", "--keep-source", "--remove-source"]);
    assert_eq!(both.status.code(), Some(2));
}
