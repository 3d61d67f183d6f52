//! Damage and kills with the native engine: the answers of before or of after, or a refusal; never a wrong answer.
//!
//! LMDB maps its file and believes its own pages, so a damaged page can end the process that reads it. Whatever reads
//! damage here is a process of its own.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use magellan::index::{IndexOptions, index};
use magellan::store::{self, Backend};
use magellan::walk::{WalkOptions, walk};
use tempfile::TempDir;

use crate::cli::{command, magellan, stderr, stdout};
use crate::index::Dice;

const SIGBUS: i32 = 7;
const SIGSEGV: i32 = 11;

/// A tree of files that call each other, with a native database of it.
struct Indexed {
    folder: TempDir,
    dice: Dice,
}

impl Indexed {
    fn new(seed: u64, modules: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"forest\"\n").unwrap();
        let lines: Vec<String> = (0..modules).map(|module| format!("mod m{module};\n")).collect();
        fs::write(folder.path().join("src/lib.rs"), lines.concat()).unwrap();
        let mut tree = Self { folder, dice: Dice(seed) };
        (0..modules).for_each(|module| tree.rewrite(module, modules));
        tree.make();
        tree
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn database(&self) -> PathBuf {
        self.root().join(".magellan")
    }

    fn live(&self) -> PathBuf {
        let name = fs::read_to_string(self.database().join("CURRENT")).unwrap();
        self.database().join(name.trim_end())
    }

    fn rewrite(&mut self, module: u64, modules: u64) {
        let functions: Vec<String> = (0..8)
            .map(|function| {
                let (other, number) = (self.dice.roll(modules), self.dice.roll(1000));
                format!("pub fn f{function}(x: u32) -> u32 {{\n    crate::m{other}::f{function}(x + {number})\n}}\n\n")
            })
            .collect();
        fs::write(self.root().join(format!("src/m{module}.rs")), functions.concat()).unwrap();
    }

    /// Indexes into a new native database.
    fn make(&self) {
        let store = store::open_writer(&self.database(), "index", Some(Backend::NativeV2)).unwrap();
        index_into(self.root(), &*store);
    }

    /// The fingerprint of a fresh index, made in memory.
    fn fresh(&self) -> String {
        let store = store::memory(Backend::Sqlite).unwrap();
        index_into(self.root(), &*store);
        store::fingerprint(&*store.snapshot().unwrap()).unwrap().to_string()
    }
}

fn index_into(root: &Path, store: &dyn store::Store) {
    let tree = walk(root, &WalkOptions::default()).unwrap();
    let options = IndexOptions { threads: 2, root: root.display().to_string(), ..IndexOptions::default() };
    index(&options, &tree, store, &(), &std::sync::atomic::AtomicBool::new(false)).unwrap();
}

/// What a process of its own says of a database.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Answer(String),
    Refused(String),
    Died(i32),
}

/// Asks for the fingerprint: it reads nearly every record.
fn ask(folder: &Path, database: &Path) -> Said {
    let output = magellan(folder, &["fingerprint", "--quiet", "--db", database.to_str().unwrap()]);
    match (output.status.code(), output.status.signal()) {
        (Some(0), _) => Said::Answer(stdout(&output)),
        (Some(3), _) => {
            let message = stderr(&output);
            assert!(message.contains("hint: "), "{message}");
            Said::Refused(message)
        }
        (_, Some(signal @ (SIGBUS | SIGSEGV))) => Said::Died(signal),
        (code, signal) => panic!("{code:?} {signal:?}: {}{}", stdout(&output), stderr(&output)),
    }
}

#[test]
fn a_file_cut_short_is_refused_or_answers_right() {
    let tree = Indexed::new(0x5eed_0001, 40);
    let whole = fs::read(tree.live()).unwrap();
    let copies = tempfile::tempdir().unwrap();
    let file = copies.path().join("cut.lmdb");
    fs::write(&file, &whole).unwrap();
    let right = ask(copies.path(), &file);
    assert!(matches!(right, Said::Answer(_)), "{right:?}");
    let mut dice = Dice(0x5eed_0002);
    let mut lengths = vec![0, 1, 16, 20, 151, 152, 4095, 4096, 8191, 8192, whole.len() - 4096, whole.len() - 1];
    lengths.extend((0..30).map(|_| dice.roll(whole.len() as u64) as usize));
    for length in lengths {
        fs::write(&file, &whole[..length]).unwrap();
        let said = ask(copies.path(), &file);
        assert!(said == right || matches!(said, Said::Refused(_)), "{length} of {}: {said:?}", whole.len());
        assert_eq!(fs::read(&file).unwrap(), whole[..length], "nothing is written to it");
    }
}

#[test]
fn flipped_bytes_never_give_a_wrong_answer() {
    const TRIES: usize = 160;
    let seed = 0x5eed_0003;
    let tree = Indexed::new(seed, 40);
    let whole = fs::read(tree.live()).unwrap();
    let copies = tempfile::tempdir().unwrap();
    let file = copies.path().join("flipped.lmdb");
    fs::write(&file, &whole).unwrap();
    let right = ask(copies.path(), &file);
    assert!(matches!(right, Said::Answer(_)), "{right:?}");
    let mut dice = Dice(seed);
    let (mut same, mut refused, mut died) = (0, 0, 0);
    for _ in 0..TRIES {
        let (at, bit) = (dice.roll(whole.len() as u64) as usize, dice.roll(8));
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << bit;
        fs::write(&file, &flipped).unwrap();
        match ask(copies.path(), &file) {
            Said::Answer(_) if ask(copies.path(), &file) == right => same += 1,
            Said::Refused(_) => refused += 1,
            Said::Died(_) => died += 1,
            wrong => panic!("seed {seed:#x}, byte {at}, bit {bit}: {wrong:?} is not {right:?}"),
        }
    }
    println!("of {TRIES} flipped bits {same} did no harm, {refused} were told, {died} ended the reader");
    assert!(refused > 0 && died * 20 <= TRIES, "{same} {refused} {died}");
}

#[test]
fn a_kill_at_any_moment_leaves_the_native_database_of_before_or_of_after() {
    const ROUNDS: u32 = 12;
    const MODULES: u64 = 120;
    let seed = 0x5eed_0004;
    let mut tree = Indexed::new(seed, MODULES);
    let root = tree.root().to_owned();
    let database = tree.database();
    let Said::Answer(mut before) = ask(&root, &database) else { panic!("no answer") };
    let mut length = std::time::Duration::from_millis(400);
    let mut killed = 0;
    for round in 0..ROUNDS {
        let told = format!("seed {seed:#x}, round {round}");
        for _ in 0..10 {
            let module = tree.dice.roll(MODULES);
            tree.rewrite(module, MODULES);
        }
        let after = tree.fresh();
        let arguments = if round % 2 == 0 { &["index", "--quiet", "--full"][..] } else { &["index", "--quiet"] };
        let moment = length * (round * 100 + tree.dice.roll(100) as u32) / (ROUNDS * 100);
        let clock = Instant::now();
        let mut child = command(&root, arguments).spawn().unwrap();
        std::thread::sleep(moment);
        child.kill().unwrap();
        match child.wait().unwrap().code() {
            None => killed += 1,
            Some(code) => {
                assert_eq!(code, 0, "{told}");
                length = clock.elapsed();
            }
        }
        let Said::Answer(found) = ask(&root, &database) else { panic!("{told}: no answer") };
        assert!(found == before || found.contains(&after), "{told}: {found} is neither {before} nor {after}");
        let output = magellan(&root, &["index", "--quiet"]);
        assert_eq!(output.status.code(), Some(0), "{told}: {}", stderr(&output));
        let Said::Answer(found) = ask(&root, &database) else { panic!("{told}: no answer") };
        assert!(found.contains(&after), "{told}");
        let store = store::open(&database).unwrap();
        assert_eq!(store.backend(), Backend::NativeV2, "{told}");
        store.snapshot().unwrap().check(&mut |fault| panic!("{told}: {fault}")).unwrap();
        let names = fs::read_dir(&database).unwrap().map(|entry| entry.unwrap().file_name());
        let databases = names.filter(|name| name.to_string_lossy().ends_with(".lmdb")).count();
        assert_eq!(databases, 1, "{told}: left over");
        before = found;
    }
    assert!(killed > ROUNDS / 3, "only {killed} runs were hit");
}
