//! `magellan watch` with real files: whatever happens to a tree, the database becomes that of a fresh index.

mod inside;
mod processes;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use magellan::index::{IndexOptions, index};
use magellan::store::{self, Backend};
use magellan::walk::{WalkOptions, survey, walk};
use serde_json::Value;
use tempfile::TempDir;

use crate::cli::command;

#[cfg(feature = "native-v2")]
const BACKENDS: &[Backend] = &[Backend::Sqlite, Backend::NativeV2];
#[cfg(not(feature = "native-v2"))]
const BACKENDS: &[Backend] = &[Backend::Sqlite];

/// What takes longer will not come any more.
const DEADLINE: Duration = Duration::from_secs(20);

#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let clock = Instant::now();
    while !is_so() {
        assert!(clock.elapsed() < DEADLINE, "{what}: not in time");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A little tree.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        tree.write("src/lib.rs", "mod one;\npub fn start() { one::first(); }\n");
        tree.write("src/one.rs", "pub fn first() { second(); }\nfn second() {}\n");
        tree.write("py/a.py", "from b import f\n\ndef g():\n    f()\n");
        tree.write("py/b.py", "def f():\n    pass\n");
        tree.write("Cargo.toml", "[package]\nname = \"little\"\n");
        tree
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn database(&self) -> PathBuf {
        self.path(".magellan")
    }

    /// The fingerprint of the database; none while there is none.
    fn fingerprint(&self) -> Option<String> {
        let store = store::open(&self.database()).ok()?;
        let snapshot = store.snapshot().ok()?;
        Some(store::fingerprint(&*snapshot).unwrap().to_string())
    }

    /// The fingerprint of a fresh index.
    fn fresh(&self) -> String {
        let store = store::memory(Backend::Sqlite).unwrap();
        let tree = walk(self.root(), &WalkOptions::default()).unwrap();
        let options = IndexOptions { threads: 2, ..IndexOptions::default() };
        index(&options, &tree, &*store, &(), &AtomicBool::new(false)).unwrap();
        store::fingerprint(&*store.snapshot().unwrap()).unwrap().to_string()
    }

    /// Waits until the database says what a fresh index would.
    #[track_caller]
    fn settles(&self, what: &str) {
        let fresh = self.fresh();
        eventually(what, || self.fingerprint().as_ref() == Some(&fresh));
    }
}

/// A running `magellan watch --json`, with everything it has said.
struct Watch {
    child: Child,
    lines: Arc<Mutex<Vec<Value>>>,
}

impl Watch {
    /// Runs, and has caught up.
    fn start(tree: &Tree, arguments: &[&str]) -> Self {
        let watch = Self::spawn(tree, arguments);
        watch.hears("the first update", |event| event["event"] == "updated");
        watch
    }

    fn spawn(tree: &Tree, arguments: &[&str]) -> Self {
        let soon: &[&str] = if arguments.contains(&"--delay") { &[] } else { &["--delay", "50"] };
        let mut command = command(tree.root(), &[&["watch", "--json", "--quiet"], soon, arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (stream, sink) = (BufReader::new(child.stdout.take().unwrap()), Arc::clone(&lines));
        std::thread::spawn(move || {
            for line in stream.lines() {
                let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
                assert_eq!((&line["schema"]["name"], &line["schema"]["version"]), (&"watch".into(), &1.into()));
                sink.lock().unwrap().push(line["data"].clone());
            }
        });
        Self { child, lines }
    }

    fn said(&self) -> Vec<Value> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits for such an event and gives it.
    #[track_caller]
    fn hears(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.hears_after(0, what, is_it)
    }

    /// The same among what is said after the first events.
    #[track_caller]
    fn hears_after(&self, first: usize, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut found = None;
        eventually(what, || {
            found = self.said().into_iter().skip(first).find(|event| is_it(event));
            found.is_some()
        });
        found.unwrap()
    }

    fn updates(&self) -> usize {
        self.said().iter().filter(|event| event["event"] == "updated").count()
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Stops it; gives its exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.ends()
    }

    fn ends(&mut self) -> Option<i32> {
        let mut status = None;
        eventually("the end", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().code()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same on every engine.
fn watched(story: impl Fn(&Tree, &Watch)) {
    for backend in BACKENDS {
        let tree = Tree::new();
        let watch = Watch::start(&tree, &["--backend", backend.word()]);
        assert_eq!(store::open(&tree.database()).unwrap().backend(), *backend);
        tree.settles("the first update");
        story(&tree, &watch);
        assert!(watch.said().iter().all(|event| event["event"] != "error"), "{:#?}", watch.said());
        assert_eq!(watch.stop("-TERM"), Some(0));
    }
}

#[test]
fn files_that_come_change_get_other_names_and_go_are_followed() {
    watched(|tree, watch| {
        tree.write("src/two.rs", "pub fn third() {}\n");
        tree.settles("a new file");
        tree.write("src/one.rs", "pub fn first() { crate::two::third(); }\n");
        tree.settles("a changed file");
        let event = watch.hears("its path", |event| event["paths"]["items"][0] == "src/one.rs");
        assert_eq!((&event["cause"], &event["files"]["changed"]), (&"events".into(), &1.into()));
        tree.rename("src/two.rs", "src/three.rs");
        tree.settles("another name");
        // What editors do: the new text goes aside, then takes the place of the old.
        for round in 0..3 {
            tree.write("src/one.rs~", &format!("pub fn first() {{ crate::three::third({round}); }}\n"));
            tree.rename("src/one.rs~", "src/one.rs");
            tree.settles("saved by rename");
        }
        fs::remove_file(tree.path("src/three.rs")).unwrap();
        tree.settles("a file that is gone");
        tree.write("Cargo.toml", "[package]\nname = \"other\"\n");
        watch.hears("the manifest", |event| event["paths"]["items"][0] == "Cargo.toml");
    });
}

#[test]
fn folders_that_come_move_in_and_out_and_go_are_followed_with_what_is_in_them() {
    watched(|tree, _| {
        let elsewhere = tempfile::tempdir().unwrap();
        let outside = elsewhere.path().join("part");
        tree.write("src/deep/er/a.rs", "pub fn deep() {}\n");
        tree.settles("new folders");
        tree.write("src/deep/er/b.rs", "pub fn deeper() {}\n");
        tree.settles("a file in a new folder");
        tree.rename("src/deep", "src/moved");
        tree.settles("a folder of another name");
        tree.write("src/moved/er/b.rs", "pub fn deepest() {}\n");
        tree.settles("a file in a folder of another name");
        fs::rename(tree.path("src/moved"), &outside).unwrap();
        tree.settles("a folder that moved out");
        fs::write(outside.join("er/b.rs"), "pub fn outside() {}\n").unwrap();
        fs::rename(&outside, tree.path("py/moved")).unwrap();
        tree.settles("a folder that moved in");
        tree.write("py/moved/er/c.rs", "pub fn inside() {}\n");
        tree.settles("a file in a folder that moved in");
        fs::remove_dir_all(tree.path("py/moved")).unwrap();
        tree.write("py/moved/er/c.rs", "pub fn again() {}\n");
        tree.settles("a folder that was made anew at once");
        tree.write("py/moved/er/c.rs", "pub fn again_and_again() {}\n");
        tree.settles("a file in a folder that was made anew");
        tree.rename("py/moved/er", "py/spare");
        tree.rename("src", "py/moved/er");
        tree.rename("py/spare", "src");
        tree.settles("two folders that changed places");
        tree.write("src/c.rs", "pub fn swapped() {}\n");
        tree.settles("a file in one of them");
        tree.write("py/moved/er/one.rs", "pub fn swapped_too() {}\n");
        tree.settles("a file in the other");
        fs::remove_dir_all(tree.path("src")).unwrap();
        tree.settles("a folder that is gone");
    });
}

#[test]
fn what_is_ignored_is_not_followed_until_the_rules_change() {
    watched(|tree, watch| {
        tree.write(".gitignore", "out/\n");
        tree.write("out/generated.rs", "pub fn generated() {}\n");
        tree.write("src/seen.rs", "pub fn seen() {}\n");
        tree.settles("a file beside an ignored folder");
        tree.write("out/generated.rs", "pub fn generated_again() {}\n");
        tree.write(".hidden/a.rs", "pub fn hidden() {}\n");
        tree.write("src/.seen.rs.swp", "pub fn scratch() {}\n");
        let before = watch.said().len();
        tree.write("src/seen.rs", "pub fn seen_again() {}\n");
        let next = watch.hears_after(before, "an update", |event| event["event"] == "updated");
        assert_eq!(next["paths"]["items"], serde_json::json!(["src/seen.rs"]));
        tree.write(".gitignore", "py/\n");
        tree.settles("an ignore file");
        tree.write("out/generated.rs", "pub fn followed() {}\n");
        tree.settles("a folder that is not ignored any more");
        tree.write("src/.gitignore", "seen.rs\n");
        tree.settles("a nested ignore file");
        fs::remove_file(tree.path(".gitignore")).unwrap();
        tree.settles("an ignore file that is gone");
        tree.write(".magellan/config.toml", "exclude = [\"py\"]\n");
        tree.settles("the configuration");
    });
}

#[test]
fn a_thousand_files_at_once_are_few_updates() {
    for backend in BACKENDS {
        let tree = Tree::new();
        let patient = ["--delay", "1000", "--max-delay", "60000", "--backend", backend.word()];
        let watch = Watch::start(&tree, &patient);
        for number in 0..1_000 {
            tree.write(&format!("src/d{}/f{number}.rs", number % 10), &format!("pub fn f{number}() {{}}\n"));
        }
        tree.settles("a thousand files");
        assert!(watch.updates() < 20, "{}", watch.updates());
        for number in 0..10 {
            fs::remove_dir_all(tree.path(&format!("src/d{number}"))).unwrap();
        }
        tree.settles("a thousand files that are gone");
        assert!(watch.updates() < 40, "{}", watch.updates());
    }
}

#[test]
fn without_events_the_tree_is_looked_at_again_and_again() {
    for backend in BACKENDS {
        let tree = Tree::new();
        let watch = Watch::start(&tree, &["--poll", "0.1", "--backend", backend.word()]);
        let started = watch.hears("the start", |event| event["event"] == "started");
        assert_eq!(started["poll_ms"], 100);
        tree.write("src/new/two.rs", "pub fn third() {}\n");
        tree.settles("a new file");
        tree.write("src/one.rs", "pub fn first() {}\n");
        tree.settles("a changed file");
        tree.rename("src/new", "src/other");
        tree.settles("a folder of another name");
        let event = watch.hears("what changed", |event| event["paths"]["total"] == 2);
        assert_eq!((&event["cause"], &event["files"]["removed"]), (&"poll".into(), &1.into()));
        assert_eq!(watch.stop("-INT"), Some(0));
    }
}

#[test]
fn errors_are_told_once_and_end_with_their_cause() {
    for backend in BACKENDS {
        let tree = Tree::new();
        let watch = Watch::start(&tree, &["--backend", backend.word()]);
        tree.write(".magellan/config.toml", "no such key = 1\n");
        watch.hears("the configuration", |event| event["code"] == "bad_config");
        fs::remove_file(tree.path(".magellan/config.toml")).unwrap();
        tree.write("src/one.rs", "pub fn first() {}\n");
        tree.settles("a configuration that was put right");
        let aside = tempfile::tempdir().unwrap();
        for folder in ["src", "py"] {
            fs::rename(tree.path(folder), aside.path().join(folder)).unwrap();
        }
        watch.hears("no source", |event| event["code"] == "no_source");
        for folder in ["src", "py"] {
            fs::rename(aside.path().join(folder), tree.path(folder)).unwrap();
        }
        tree.write("src/one.rs", "pub fn first() { again(); }\n");
        tree.settles("source that is back");
        tree.write("src/one.rs", "pub fn first() { and_again(); }\n");
        tree.settles("folders that are back are watched");
        let errors = watch.said().iter().filter(|event| event["event"] == "error").count();
        assert_eq!(errors, 2, "{:#?}", watch.said());
    }
}

#[test]
fn a_database_inside_the_tree_is_no_part_of_it() {
    for database in ["map.db", "made/map"] {
        let tree = Tree::new();
        let watch = Watch::start(&tree, &["--db", database]);
        for round in 0..3 {
            tree.write("src/one.rs", &format!("pub fn first() {{ {round}; }}\n"));
            watch.hears("an edit", |event| event["files"]["changed"] == 1);
        }
        let fresh = tree.fresh();
        let fingerprint =
            |store: Box<dyn store::Store>| store::fingerprint(&*store.snapshot().unwrap()).unwrap().to_string();
        eventually("the last edit", || fingerprint(store::open(&tree.path(database)).unwrap()) == fresh);
        #[cfg(target_os = "linux")]
        assert!(resources(watch.child.id()).0 <= 4, "the root, src, py, made");
        assert_eq!(watch.stop("-TERM"), Some(0));
    }
}

/// The watches of a process, and the files it has open.
#[cfg(target_os = "linux")]
fn resources(process: u32) -> (usize, usize) {
    let entries = fs::read_dir(format!("/proc/{process}/fdinfo")).unwrap().map(|entry| entry.unwrap().path());
    let infos: Vec<String> = entries.filter_map(|path| fs::read_to_string(path).ok()).collect();
    let watches = infos.iter().flat_map(|info| info.lines()).filter(|line| line.starts_with("inotify wd:"));
    (watches.count(), infos.len())
}

#[cfg(target_os = "linux")]
#[test]
fn there_is_one_watch_for_each_folder_that_is_not_ignored_and_nothing_leaks() {
    watched(|tree, watch| {
        let process = watch.child.id();
        let folders = || survey(tree.root(), &WalkOptions::default()).unwrap().folders.len();
        let is_one_each = || resources(process).0 == folders();
        tree.write(".gitignore", "target\n");
        fs::create_dir_all(tree.path(".git/objects/aa")).unwrap();
        (0..20).for_each(|number| tree.write(&format!("target/d{number}/x.rs"), "fn x() {}\n"));
        (0..20).for_each(|number| tree.write(&format!("many/d{number}/x.rs"), "fn x() {}\n"));
        tree.settles("folders");
        eventually("one watch each", is_one_each);
        assert_eq!(folders(), 24, "the root, src, py, many and what is in it");
        let (_, open) = resources(process);
        for round in 0..20 {
            tree.write("src/one.rs", &format!("pub fn first() {{ {round}; }}\n"));
            tree.rename(&format!("many/d{round}"), &format!("many/e{round}"));
            tree.settles("an edit");
        }
        eventually("one watch each after renames", is_one_each);
        fs::remove_dir_all(tree.path("many")).unwrap();
        tree.settles("folders that are gone");
        eventually("one watch each after removals", is_one_each);
        assert_eq!(folders(), 3);
        eventually("no file left open", || resources(process).1 <= open);
    });
}
