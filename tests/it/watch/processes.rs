//! A watcher among other processes: signals, locks, readers, other writers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use magellan::store;
#[cfg(feature = "native-v2")]
use magellan::store::Backend;
use serde_json::Value;

use super::{BACKENDS, Tree, Watch, eventually, watched};
use crate::cli::{command, json, magellan, stderr, stdout};

#[test]
fn once_catches_up_and_ends() {
    for backend in BACKENDS {
        let tree = Tree::new();
        let once = ["watch", "--once", "--json", "--quiet", "--backend", backend.word()];
        let output = magellan(tree.root(), &once);
        let reply = json(&output);
        assert_eq!((output.status.code(), &reply["data"]["files"]["added"]), (Some(0), &4.into()), "{reply}");
        tree.write("src/one.rs", "pub fn first() {}\n");
        let text = stdout(&magellan(tree.root(), &["watch", "--once"]));
        assert!(text.starts_with("updated in ") && text.contains("4 files, changed 1\n"), "{text}");
        assert_eq!(tree.fingerprint(), Some(tree.fresh()));
        let text = stdout(&magellan(tree.root(), &["watch", "--once"]));
        assert!(text.contains("4 files, nothing to change"), "{text}");
        let _running = Watch::start(&tree, &[]);
        assert_eq!(magellan(tree.root(), &["watch", "--once"]).status.code(), Some(0));
    }
}

#[test]
fn a_signal_stops_it_at_any_time_and_that_is_success() {
    for signal in ["-TERM", "-INT"] {
        let tree = Tree::new();
        tree.write("src/slow.js", &"function a(b){return a(b-1)}".repeat(1_000));
        let mut command = command(tree.root(), &["watch"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut talk = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("linking") {
            assert_ne!(talk.read_line(&mut said).unwrap(), 0, "{said}");
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        while talk.read_line(&mut said).unwrap() > 0 {}
        assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
        assert!(said.contains("watching") && said.contains("stopped after"), "{said}");
        let watch = Watch::start(&tree, &[]);
        tree.settles("a database after an interrupted update");
        let lines = Arc::clone(&watch.lines);
        assert_eq!(watch.stop(signal), Some(0));
        eventually("its last word", || lines.lock().unwrap().last().is_some_and(|last| last["event"] == "stopped"));
        assert_eq!(lines.lock().unwrap().last().unwrap()["updates"], 1);
    }
}

#[test]
fn whoever_reads_no_more_has_seen_enough() {
    let tree = Tree::new();
    let mut command = command(tree.root(), &["watch", "--json", "--quiet", "--delay", "50"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut status = None;
    eventually("the end", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    assert_eq!(status.unwrap().code(), Some(0));
}

#[test]
fn there_is_one_watcher_which_status_names_and_which_hinders_no_index() {
    for backend in BACKENDS {
        let tree = Tree::new();
        let watch = Watch::start(&tree, &["--backend", backend.word()]);
        let second = json(&magellan(tree.root(), &["watch", "--json", "--quiet"]));
        assert_eq!((&second["error"]["code"], &second["error"]["exit"]), (&"watched".into(), &3.into()));
        let holder = format!("process {} (watch)", watch.child.id());
        let second = magellan(tree.root(), &["watch"]);
        assert!(stderr(&second).contains(&holder) && stderr(&second).contains("hint: "), "{}", stderr(&second));
        let watcher = |tree: &Tree| json(&magellan(tree.root(), &["status", "--json"]))["data"]["watcher"].clone();
        assert_eq!(watcher(&tree)["process"], watch.child.id());
        assert!(watcher(&tree)["since_ms"].is_u64() && watcher(&tree)["running_ms"].is_u64());
        let text = stdout(&magellan(tree.root(), &["status"]));
        assert!(text.contains(&format!("watched    by process {}", watch.child.id())), "{text}");
        for arguments in [&["index", "--quiet"][..], &["index", "--quiet", "--full"]] {
            tree.write("src/one.rs", &format!("pub fn first() {{ {}; }}\n", arguments.len()));
            assert_eq!(magellan(tree.root(), arguments).status.code(), Some(0));
            tree.settles("two writers");
        }
        // A crash leaves nothing behind that would keep the next one away.
        watch.stop("-KILL");
        assert_eq!(watcher(&tree), Value::Null);
        tree.write("src/one.rs", "pub fn first() {}\n");
        let _next = Watch::start(&tree, &[]);
        tree.settles("what changed while nobody watched");
    }
}

#[test]
fn a_writer_is_waited_for_and_an_update_that_cannot_wait_longer_is_made_later() {
    for backend in BACKENDS {
        let tree = Tree::new();
        let watch = Watch::start(&tree, &["--wait", "1", "--backend", backend.word()]);
        let writer = store::open_writer(&tree.database(), "a test", None).unwrap();
        tree.write("src/one.rs", "pub fn first() {}\n");
        let waiting = watch.hears("whom it waits for", |event| event["event"] == "waiting");
        assert!(waiting["holder"].as_str().unwrap().contains("(a test)"), "{waiting}");
        let error = watch.hears("that it gave up", |event| event["event"] == "error");
        assert_eq!(error["code"], "locked");
        // Meanwhile an index waits longer.
        let mut command = command(tree.root(), &["index", "--wait", "60"]);
        let mut index = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut talk = BufReader::new(index.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("waiting for process") {
            assert_ne!(talk.read_line(&mut said).unwrap(), 0, "{said}");
        }
        assert!(said.contains("(a test)"), "{said}");
        drop(writer);
        while talk.read_line(&mut said).unwrap() > 0 {}
        assert_eq!(index.wait().unwrap().code(), Some(0), "{said}");
        tree.settles("an update after the writer");
        watch.hears("that it was tried again", |event| event["event"] == "updated" && event["cause"] == "retry");
        let said = watch.said();
        let count = |word: &str| said.iter().filter(|event| event["event"] == word).count();
        assert_eq!((count("waiting"), count("error")), (1, 1), "{said:#?}");
    }
}

#[test]
fn a_database_that_was_deleted_is_made_anew() {
    watched(|tree, watch| {
        fs::remove_dir_all(tree.database()).unwrap();
        watch.hears("a new database", |event| event["cause"] == "database");
        tree.settles("a new database");
        let second = magellan(tree.root(), &["watch", "--quiet"]);
        assert_eq!(second.status.code(), Some(3), "it is watched like the old one");
    });
}

#[cfg(feature = "native-v2")]
#[test]
fn a_database_that_moves_to_the_other_engine_is_followed() {
    for (from, to) in [(Backend::Sqlite, Backend::NativeV2), (Backend::NativeV2, Backend::Sqlite)] {
        let tree = Tree::new();
        assert_eq!(magellan(tree.root(), &["index", "--quiet", "--backend", from.word()]).status.code(), Some(0));
        let other = magellan(tree.root(), &["watch", "--quiet", "--backend", to.word()]);
        assert_eq!(other.status.code(), Some(3));
        assert!(stderr(&other).contains(&format!("is a {from} database, not {to}")), "{}", stderr(&other));
        let _watch = Watch::start(&tree, &["--backend", from.word()]);
        let output = magellan(tree.root(), &["migrate-backend", "--to", to.word()]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        tree.write("src/one.rs", "pub fn first() {}\n");
        tree.settles("an edit after the move");
        assert_eq!(store::open(&tree.database()).unwrap().backend(), to);
    }
}

#[test]
fn a_reader_keeps_its_view_while_the_watcher_writes() {
    watched(|tree, _| {
        let store = store::open(&tree.database()).unwrap();
        let before = store.snapshot().unwrap();
        let fingerprint = |snapshot: &dyn store::Snapshot| store::fingerprint(snapshot).unwrap().to_string();
        let old = fingerprint(&*before);
        for round in 0..5 {
            tree.write("src/one.rs", &format!("pub fn first() {{ {round}; }}\npub fn new{round}() {{}}\n"));
            tree.settles("an edit");
            assert_eq!(fingerprint(&*before), old);
        }
        assert_eq!(fingerprint(&*store.snapshot().unwrap()), tree.fresh());
    });
}
