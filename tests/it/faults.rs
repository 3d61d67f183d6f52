//! Bad input, interruption, crashes, full disks: whatever happens, the database is that of before or of after.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use magellan::query::QUESTIONS;
use magellan::store::{self, Backend};
use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{command, json, magellan, stderr, stdout};
use crate::forest::{Forest, fingerprint, indexed};

/// Names, permissions and bytes of everything under a folder.
fn state(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut state = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            state.extend(self::state(&path));
        }
        let mode = path.symlink_metadata().unwrap().permissions().mode();
        // The shared memory through which SQLite's readers and writers see each other is no content.
        let is_content = path.is_file() && !path.to_string_lossy().ends_with("-shm");
        let bytes = if is_content { fs::read(&path).unwrap() } else { Vec::new() };
        state.insert(path, (mode, bytes));
    }
    state
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// A run that has come to the phase whose progress line starts with `phase`, stopped there. What it says further must
/// be read, lest it be told that nobody listens.
fn stopped_at(root: &Path, arguments: &[&str], phase: &str) -> (Child, BufReader<ChildStderr>) {
    let mut command = command(root, arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut talk = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with(phase) {
        line.clear();
        assert_ne!(talk.read_line(&mut line).unwrap(), 0, "it ended before {phase:?}");
    }
    signal(&child, "-STOP");
    (child, talk)
}

#[test]
fn a_kill_at_any_moment_leaves_the_database_of_before_or_of_after() {
    killed_at_any_moment(Backend::Sqlite);
}

#[cfg(feature = "native-v2")]
#[test]
fn a_kill_at_any_moment_leaves_the_native_database_of_before_or_of_after() {
    killed_at_any_moment(Backend::NativeV2);
}

fn killed_at_any_moment(backend: Backend) {
    const ROUNDS: u32 = 24;
    let seed = 0x5eed_2026;
    let mut forest = Forest::new(seed, 296);
    let root = forest.root().to_owned();
    let mut whole_run = indexed(&root, &["--backend", backend.word()]);
    let mut short_run = whole_run / 2;
    let mut before = fingerprint(&root);
    assert_eq!(before, forest.fresh());
    let mut killed = 0;
    for round in 0..ROUNDS {
        let told = format!("{backend}, seed {seed:#x}, round {round}");
        forest.edit();
        let after = forest.fresh();
        let (arguments, length) = match round % 2 {
            0 => (&["index", "--quiet", "--full"][..], &mut whole_run),
            _ => (&["index", "--quiet"][..], &mut short_run),
        };
        // Each kind of run is hit once in every stretch of its length.
        let moment = *length * (round / 2 * 100 + forest.dice.roll(100) as u32) / (ROUNDS.div_ceil(2) * 100);
        match run_for(moment, command(&root, arguments)) {
            (None, _) => killed += 1,
            (Some(code), took) => {
                assert_eq!(code, 0, "{told}");
                *length = took;
            }
        }
        let found = fingerprint(&root);
        assert!(found == before || found == after, "{told}: {found} is neither {before} nor {after}");
        short_run = indexed(&root, &[]);
        assert_eq!(fingerprint(&root), after, "{told}");
        assert_sound(&root.join(".magellan"), backend, &told);
        before = after;
    }
    assert!(killed > ROUNDS / 3, "only {killed} runs were hit");
}

#[test]
fn a_kill_of_gc_at_any_moment_loses_nothing_but_cache() {
    collected_at_any_moment(Backend::Sqlite);
}

#[cfg(feature = "native-v2")]
#[test]
fn a_kill_of_gc_at_any_moment_loses_nothing_but_cache_with_native() {
    collected_at_any_moment(Backend::NativeV2);
}

fn collected_at_any_moment(backend: Backend) {
    const ROUNDS: u32 = 12;
    let seed = 0x5eed_2027;
    let mut forest = Forest::new(seed, 296);
    let root = forest.root().to_owned();
    indexed(&root, &["--backend", backend.word()]);
    let collect = || {
        let mut command = command(&root, &["gc", "--all"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    forest.rewrite_all();
    indexed(&root, &[]);
    let clock = Instant::now();
    assert!(collect().status().unwrap().success());
    let mut length = clock.elapsed();
    let mut killed = 0;
    for round in 0..ROUNDS {
        let told = format!("{backend}, seed {seed:#x}, round {round}");
        forest.rewrite_all();
        indexed(&root, &[]);
        let cached = || store::open(&root.join(".magellan")).unwrap().snapshot().unwrap().cache().unwrap().len();
        let (before, before_cached) = (fingerprint(&root), cached());
        assert!(before_cached > 200, "{told}");
        let moment = length * (round * 100 + forest.dice.roll(100) as u32) / (ROUNDS * 100);
        match run_for(moment, collect()) {
            (None, _) => killed += 1,
            (Some(code), took) => {
                assert_eq!(code, 0, "{told}");
                length = took;
            }
        }
        assert_eq!(fingerprint(&root), before, "{told}");
        assert!([0, before_cached].contains(&cached()), "{told}");
        assert!(collect().status().unwrap().success(), "{told}");
        assert_eq!((fingerprint(&root), cached()), (before, 0), "{told}");
        assert_sound(&root.join(".magellan"), backend, &told);
    }
    assert!(killed > ROUNDS / 3, "only {killed} runs were hit");
}

/// Runs a command and kills it after a while; gives its exit code if it was faster, and how long it ran.
fn run_for(moment: Duration, mut command: Command) -> (Option<i32>, Duration) {
    let clock = Instant::now();
    let mut child = command.spawn().unwrap();
    std::thread::sleep(moment);
    child.kill().unwrap();
    let code = child.wait().unwrap().code();
    (code, clock.elapsed())
}

/// One database of the engine, without a fault, and nothing left over beside it.
fn assert_sound(folder: &Path, backend: Backend, told: &str) {
    let store = store::open(folder).unwrap();
    assert_eq!(store.backend(), backend, "{told}");
    store.snapshot().unwrap().check(&mut |fault| panic!("{told}: {fault}")).unwrap();
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_database =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "db" || extension == "lmdb");
    assert_eq!(names.filter(is_database).count(), 1, "{told}: left over");
}

#[test]
fn a_first_run_that_is_killed_leaves_nothing_to_trip_over() {
    let mut forest = Forest::new(17, 160);
    forest.plant_slow_file();
    for phase in ["reading", "linking", "writing"] {
        let (mut child, _talk) = stopped_at(forest.root(), &["index"], phase);
        child.kill().unwrap();
        child.wait().unwrap();
        // Stopped while writing, it may have come to its end before the signal.
        let status = magellan(forest.root(), &["status"]).status.code();
        assert!(status == Some(3) || phase == "writing" && status == Some(0), "{phase}: {status:?}");
    }
    indexed(forest.root(), &[]);
    assert_eq!(fingerprint(forest.root()), forest.fresh());
}

#[test]
fn an_interrupted_run_ends_with_130_and_the_previous_answers() {
    let mut forest = Forest::new(11, 296);
    let root = forest.root().to_owned();
    forest.plant_slow_file();
    let interrupt = |arguments: &[&str], phase: &str| interrupted(&root, &[&["index"], arguments].concat(), phase);
    interrupt(&[], "reading");
    assert_eq!(magellan(&root, &["status"]).status.code(), Some(3), "a first run leaves nothing");
    indexed(&root, &[]);
    let before = fingerprint(&root);
    let callers = stdout(&magellan(&root, &["callers", "f8", "--quiet"]));
    for (arguments, phase) in
        [(&[][..], "reading"), (&[], "linking"), (&["--full"], "reading"), (&["--full"], "linking")]
    {
        forest.rewrite_all();
        forest.plant_slow_file();
        interrupt(arguments, phase);
        assert_eq!(fingerprint(&root), before);
        assert_eq!(stdout(&magellan(&root, &["callers", "f8", "--quiet"])), callers);
        let log = json(&magellan(&root, &["log", "--json"]));
        assert_eq!(newest(&log)["outcome"], "interrupted", "{log}");
    }
    indexed(&root, &[]);
    assert_eq!(fingerprint(&root), forest.fresh());
}

/// Sends what Ctrl-C sends to a run that has come to this phase.
fn interrupted(root: &Path, arguments: &[&str], phase: &str) {
    let (child, mut talk) = stopped_at(root, arguments, phase);
    signal(&child, "-INT");
    signal(&child, "-CONT");
    let mut rest = String::new();
    while talk.read_line(&mut rest).unwrap() > 0 {}
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{arguments:?} {phase}: {rest}");
    assert!(rest.contains("interrupted") && rest.contains("hint: "), "{rest}");
}

#[cfg(feature = "native-v2")]
#[test]
fn an_interrupted_migration_ends_with_130_and_the_original_live() {
    let mut forest = Forest::new(13, 160);
    forest.plant_slow_file();
    let root = forest.root();
    for (from, to) in [(Backend::Sqlite, Backend::NativeV2), (Backend::NativeV2, Backend::Sqlite)] {
        let _ = fs::remove_dir_all(root.join(".magellan"));
        indexed(root, &["--backend", from.word()]);
        let before = fingerprint(root);
        for phase in ["checking", "copying", "comparing"] {
            interrupted(root, &["migrate-backend", "--to", to.word()], phase);
            assert_eq!(fingerprint(root), before);
            assert_sound(&root.join(".magellan"), from, phase);
        }
    }
}

/// The newest execution record.
fn newest(log: &Value) -> &Value {
    let data = log["data"].as_object().unwrap();
    let list = data.values().find(|value| value["items"].is_array()).unwrap();
    &list["items"][0]
}

#[test]
fn a_second_writer_is_refused_and_the_first_goes_on() {
    let mut forest = Forest::new(5, 160);
    forest.plant_slow_file();
    let root = forest.root();
    let (child, mut talk) = stopped_at(root, &["index"], "reading");
    let second = magellan(root, &["index", "--quiet", "--wait", "0"]);
    assert_eq!(second.status.code(), Some(3));
    let holder = format!("process {} (index)", child.id());
    assert!(stderr(&second).contains(&holder) && stderr(&second).contains("hint: "), "{}", stderr(&second));
    let value = json(&magellan(root, &["index", "--quiet", "--json", "--wait", "0"]));
    assert_eq!(value["error"]["code"], "locked", "{value}");
    signal(&child, "-CONT");
    let mut rest = String::new();
    while talk.read_line(&mut rest).unwrap() > 0 {}
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0), "{rest}");
    assert_eq!(fingerprint(root), forest.fresh());
}

/// For each kind of file: text before, an opening and a closing bracket around a call, a link of a chain, text after.
const DEEP: &[(&str, &str, &str, &str)] = &[
    ("rs", "fn f(a: A) -> A { ", "a.to()", " }\nfn g() {}\n"),
    ("py", "def f(a):\n    return ", "a.to()", "\n\ndef g():\n    pass\n"),
    ("c", "int f(struct A a) { return ", "a.to()", "; }\nvoid g(void) {}\n"),
    ("cpp", "int f(A a) { return ", "a.to()", "; }\nvoid g() {}\n"),
    ("java", "class F { A f(A a) { return ", "a.to()", "; }\nvoid g() {} }\n"),
    ("js", "function f(a) { return ", "a.to()", "; }\nfunction g() {}\n"),
    ("ts", "function f(a: A): A { return ", "a.to()", "; }\nfunction g() {}\n"),
    ("go", "package p\nfunc f(a A) A { return ", "a.to()", " }\nfunc g() {}\n"),
];

const NESTING: usize = 100_000;
const CHAIN: usize = 20_000;

/// A folder with everything at once that a file can do wrong.
fn bad_input() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("good.rs", b"pub fn good() { good(); missing(); }\n");
    for (extension, before, call, after) in DEEP {
        let nested = format!("{before}{}{call}{}{after}", "(".repeat(NESTING), ")".repeat(NESTING));
        write(&format!("nested.{extension}"), nested.as_bytes());
        write(&format!("open.{extension}"), format!("{before}{}", "(".repeat(NESTING)).as_bytes());
        let chain = format!("{before}{call}{}{after}", ".to()".repeat(CHAIN));
        write(&format!("chain.{extension}"), chain.as_bytes());
        write(&format!("empty.{extension}"), b"");
        write(&format!("nul.{extension}"), format!("{before}\0{call}{after}").as_bytes());
        let invalid = [before.as_bytes(), b"\xff\xfe\"\xc3\x28\" ", call.as_bytes(), after.as_bytes()].concat();
        write(&format!("invalid.{extension}"), &invalid);
        let windows = format!("\u{feff}{before}{call}{after}").replace('\n', "\r\n");
        write(&format!("windows.{extension}"), windows.as_bytes());
    }
    write("big.py", "x = f(1)\n".repeat(1_000_000).as_bytes());
    let minified: Vec<String> =
        (0..4_500).map(|n| format!("function a{n}(b){{return c(b)||a{n}(b-1)}}var d=a{n}(1);")).collect();
    write("minified.js", minified.concat().as_bytes());
    write("again.js", "function a(b){return c(b)||a(b-1)}var d=a(1);".repeat(1_000).as_bytes());
    fs::write(folder.path().join(OsStr::from_bytes(b"odd\xff\xfe.rs")), "fn odd() {}\n").unwrap();
    fs::create_dir(folder.path().join("loop")).unwrap();
    symlink("..", folder.path().join("loop/up")).unwrap();
    symlink("self.rs", folder.path().join("self.rs")).unwrap();
    folder
}

#[test]
fn bad_input_never_stops_a_run_and_every_call_site_is_accounted_for() {
    let tree = bad_input();
    let mut fingerprints = Vec::new();
    for threads in ["1", "2", "2"] {
        let output = magellan(tree.path(), &["index", "--quiet", "--threads", threads]);
        assert!(matches!(output.status.code(), Some(0 | 5)), "{:?}: {}", output.status, stderr(&output));
        assert_eq!(stderr(&output), "");
        fingerprints.push(fingerprint(tree.path()));
        if threads == "1" {
            assert_counted(tree.path());
            fs::rename(tree.path().join(".magellan"), tree.path().join(".magellan-1")).unwrap();
        }
    }
    assert_eq!(fingerprints, vec![fingerprints[0].clone(); 3]);
}

/// Candidates are stored one by one: thousands of uses of thousands of equal names once made 59 MB of 54 KB.
#[test]
fn a_name_defined_a_thousand_times_does_not_make_the_database_quadratic() {
    let tree = tempfile::tempdir().unwrap();
    fs::write(tree.path().join("a.js"), "function a(b){return a(b-1)}".repeat(1_000)).unwrap();
    indexed(tree.path(), &[]);
    let value = json(&magellan(tree.path(), &["status", "--json"]));
    assert_eq!(value["data"]["calls"]["unknown"], 1_000, "{value}");
    assert!(value["data"]["database"]["bytes"].as_u64().unwrap() < 2_000_000, "{value}");
}

/// The tally of `status` is what is stored, and nothing was left out silently.
fn assert_counted(root: &Path) {
    let value = json(&magellan(root, &["status", "--json"]));
    let tally = value["data"]["calls"].as_object().unwrap();
    let sum: u64 = tally.values().map(|count| count.as_u64().unwrap()).sum();
    let store = store::open(&root.join(".magellan")).unwrap();
    let snapshot = store.snapshot().unwrap();
    let mut calls = 0;
    for file in snapshot.files().unwrap() {
        let of_file = snapshot.occurrences(file.id).unwrap().iter().filter(|row| row.role.is_call()).count() as u64;
        if file.path.starts_with("chain.") {
            assert_eq!(of_file, CHAIN as u64 + 1, "{}", file.path);
        }
        if file.path.starts_with("nested.") {
            assert_eq!(of_file, 1, "{}", file.path);
        }
        calls += of_file;
    }
    assert_eq!((value["data"]["call_sites"].as_u64(), sum), (Some(calls), calls));
    let skipped: Vec<String> = snapshot.skipped().unwrap().into_iter().map(|file| file.path).collect();
    assert!(skipped.contains(&"big.py".to_owned()), "{skipped:?}");
    for kind in DEEP {
        assert!(skipped.contains(&format!("nul.{}", kind.0)), "{skipped:?}");
    }
}

/// A little indexed tree.
fn little() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.rs"), "pub fn one() { two(); }\nfn two() {}\n").unwrap();
    indexed(folder.path(), &[]);
    folder
}

fn live(database: &Path) -> PathBuf {
    database.join(fs::read_to_string(database.join("CURRENT")).unwrap().trim())
}

fn halve(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
}

#[test]
fn a_wrong_database_is_named_and_nothing_is_touched() {
    let tree = little();
    let database = tree.path().join(".magellan");
    let wrong = tempfile::tempdir().unwrap();
    let at = |name: &str| wrong.path().join(name);
    fs::create_dir(at("folder")).unwrap();
    fs::write(at("folder/letter.txt"), "dear").unwrap();
    fs::write(at("text.db"), "dear ".repeat(500)).unwrap();
    fs::copy(live(&database), at("half.db")).unwrap();
    halve(&at("half.db"));
    for name in ["cut", "newer", "newer-in-log"] {
        fs::create_dir(at(name)).unwrap();
        for entry in fs::read_dir(&database).unwrap().map(|entry| entry.unwrap()) {
            fs::copy(entry.path(), at(name).join(entry.file_name())).unwrap();
        }
    }
    halve(&live(&at("cut")));
    let bump = |folder: &str, before: &str| {
        let newer = rusqlite::Connection::open(live(&at(folder))).unwrap();
        newer.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
        newer.execute_batch(&format!("{before} PRAGMA user_version = 77")).unwrap();
    };
    bump("newer", "PRAGMA journal_mode = DELETE;");
    bump("newer-in-log", "");
    let before = state(wrong.path());
    for name in ["folder", "text.db", "half.db", "cut", "newer", "newer-in-log"] {
        let path = at(name);
        for command in ["status", "index", "fingerprint"] {
            let output = magellan(tree.path(), &[command, "--quiet", "--db", path.to_str().unwrap()]);
            let text = stderr(&output);
            assert_eq!(output.status.code(), Some(3), "{command} {name}: {text}{}", stdout(&output));
            assert!(text.contains(path.to_str().unwrap()) && text.contains("hint: "), "{command} {name}: {text}");
        }
    }
    assert!(state(wrong.path()) == before, "{:?} were {:?}", state(wrong.path()).keys(), before.keys());
}

#[test]
fn every_question_leaves_a_read_only_database_as_it_is() {
    let tree = little();
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("copy");
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(tree.path().join(".magellan")).unwrap().map(|entry| entry.unwrap()) {
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        fs::set_permissions(copy.join(entry.file_name()), fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o555)).unwrap();
    let before = state(copies.path());
    for question in QUESTIONS {
        let argument = match question.name {
            "files" | "status" | "log" | "fingerprint" | "label" | "hotspots" | "metrics" | "diff" | "cycles"
            | "condense" => None,
            "outline" | "ast" | "chunks" | "get-file" => Some("a.rs"),
            "explain" => Some("a.rs:1"),
            "find-ast" => Some("function_item"),
            "chunk-by-span" => Some("a.rs 0 2"),
            "paths" => Some("two two"),
            "slice" => Some("a.rs:1"),
            "map" | "deps" | "dead-code" | "entry-points" | "collisions" => None,
            // The one is about types and methods, the other needs rules.
            "hierarchy" | "check" => continue,
            _ => Some("two"),
        };
        let mut command = command(tree.path(), &[question.name, "--json", "--db", copy.to_str().unwrap()]);
        let output = command.args(argument.iter().flat_map(|words| words.split(' '))).output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {}", question.name, stdout(&output));
        assert!(json(&output)["data"].is_object());
        assert!(state(copies.path()) == before, "{} wrote", question.name);
    }
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A small disk, where one can be had: only the superuser may mount.
struct SmallDisk(TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder.path()).output();
        mount.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg(self.0.path()).status().unwrap();
    }
}

#[test]
fn a_full_disk_leaves_no_half_database() {
    let Some(disk) = SmallDisk::mount() else {
        println!("no disk can be mounted here: nothing tested");
        return;
    };
    let mut forest = Forest::new(3, 48);
    let root = forest.root().to_owned();
    let filler = disk.0.path().join("filler");
    let database = disk.0.path().join("db");
    let run = |arguments: &[&str]| {
        let output = magellan(&root, &[&["index", "--quiet", "--db", database.to_str().unwrap()], arguments].concat());
        (output.status.code(), stderr(&output))
    };
    let leave = |bytes: usize| {
        let _ = fs::remove_file(&filler);
        let free = 1024 * 1024
            - fs::read_dir(&database).map_or(0, |entries| {
                entries.map(|entry| entry.unwrap().metadata().unwrap().len().next_multiple_of(4096) as usize).sum()
            });
        fs::write(&filler, vec![1; free.saturating_sub(bytes)]).unwrap();
    };
    let answer = || {
        let output = magellan(&root, &["fingerprint", "--db", database.to_str().unwrap(), "--quiet"]);
        (output.status.code(), stdout(&output))
    };
    leave(100_000);
    let (code, text) = run(&[]);
    assert!(code == Some(3) && text.contains("hint: "), "{code:?} {text}");
    assert_eq!(answer().0, Some(3), "a first run leaves no database");
    fs::remove_file(&filler).unwrap();
    assert_eq!(run(&[]).0, Some(0));
    let before = answer();
    for arguments in [&[][..], &["--full"]] {
        forest.rewrite_all();
        leave(20_000);
        let (code, text) = run(arguments);
        assert!(code == Some(3) && text.contains("hint: "), "{arguments:?}: {code:?} {text}");
        assert_eq!(answer(), before, "{arguments:?}");
    }
    fs::remove_file(&filler).unwrap();
    assert_eq!(run(&[]).0, Some(0));
    assert_ne!(answer(), before);
}
