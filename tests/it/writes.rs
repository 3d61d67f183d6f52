//! The first, the second, the third ... write of a run fails: whichever it is, the database is that of before or of
//! after, and the next run goes on as if nothing had happened.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use magellan::store::{self, Backend};
use tempfile::TempDir;

use crate::cli::stderr;
use crate::forest::{Forest, indexed};

/// System calls that bring something to the disk.
const WRITES: &[&str] =
    &["pwrite64", "pwritev", "write", "writev", "fsync", "fdatasync", "ftruncate", "fallocate", "msync", "?rename"];
/// More than any run here has.
const WRITES_MAX: u32 = 2_000;
/// After so many failures the next run is tried too.
const STRIDE: u32 = 16;

/// How a run is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Breakage {
    /// The n-th of these system calls is refused, the others are not.
    Refusal(&'static str),
    /// No file can grow over n pages.
    Limit,
}

impl Breakage {
    /// The run of an executable with its n-th breakage; a trace is written to `trace`.
    fn command(self, number: u32, trace: &Path) -> Command {
        let mut command = match self {
            Self::Refusal(call) => {
                let mut command = Command::new("strace");
                command.args(["-f", "-qq", "-o"]).arg(trace);
                command.arg("-e").arg(format!("inject={call}:error=ENOSPC:when={number}"));
                command
            }
            Self::Limit => {
                let mut command = Command::new("sh");
                // In units of 512 bytes. Who does not ignore the signal is killed by it.
                let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", 8 * (number - 1));
                command.args(["-c", &script, "sh"]);
                command
            }
        };
        command.arg(env!("CARGO_BIN_EXE_magellan")).stdin(Stdio::null());
        command
    }

    /// Whether this machine has what it takes.
    fn is_possible(self) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let output = self.command(WRITES_MAX, &folder.path().join("trace")).arg("--version").output();
        output.is_ok_and(|output| output.status.success())
    }

    /// Whether a run that ended well was broken nevertheless.
    fn was_met(self, trace: &Path) -> bool {
        self != Self::Limit && fs::read_to_string(trace).unwrap().contains("(INJECTED)")
    }
}

/// The fingerprint of a database that must be whole.
fn fingerprint(folder: &Path, told: &str) -> String {
    let store = store::open(folder).unwrap_or_else(|error| panic!("{told}: {error}"));
    let snapshot = store.snapshot().unwrap();
    snapshot.check(&mut |fault| panic!("{told}: {fault}")).unwrap();
    store::fingerprint(&*snapshot).unwrap().to_string()
}

fn restore(from: &Path, to: &Path) {
    fs::remove_dir_all(to).unwrap();
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// A tree that was edited since it was indexed, and its database as it was then.
struct Edited {
    forest: Forest,
    backend: Backend,
    saved: TempDir,
    before: String,
    after: String,
}

impl Edited {
    fn new(backend: Backend) -> Self {
        let mut forest = Forest::new(0x5eed_0d15, 8);
        indexed(forest.root(), &["--backend", backend.word()]);
        let saved = tempfile::tempdir().unwrap();
        let folder = forest.root().join(".magellan");
        fs::create_dir(saved.path().join("database")).unwrap();
        restore(&folder, &saved.path().join("database"));
        let before = fingerprint(&folder, "before");
        forest.rewrite_all();
        let after = forest.fresh();
        assert_ne!(before, after);
        Self { forest, backend, saved, before, after }
    }

    /// Breaks runs with these arguments until one is through without having met its breakage; gives how many failed.
    fn broken_runs(&self, breakage: Breakage, arguments: &[&str]) -> u32 {
        let (root, trace) = (self.forest.root(), self.saved.path().join("trace"));
        let folder = root.join(".magellan");
        let mut failed = 0;
        for number in 1..WRITES_MAX {
            let told = format!("{} {arguments:?}, {breakage:?} {number}", self.backend);
            restore(&self.saved.path().join("database"), &folder);
            let mut command = breakage.command(number, &trace);
            let output = command.args(["index", "--quiet"]).args(arguments).current_dir(root).output().unwrap();
            let found = fingerprint(&folder, &told);
            if output.status.code() == Some(0) {
                assert_eq!(found, self.after, "{told}: it was said to be done");
                if !breakage.was_met(&trace) {
                    return failed;
                }
                continue;
            }
            failed += 1;
            assert!(output.status.code() == Some(3), "{told}: {} {}", output.status, stderr(&output));
            assert!(found == self.before || found == self.after, "{told}: neither of before nor of after");
            if failed % STRIDE == 1 {
                indexed(root, &[]);
                assert_eq!(fingerprint(&folder, &told), self.after, "{told}: the next run");
            }
        }
        panic!("a run of {WRITES_MAX} writes");
    }
}

fn check(breakages: &[Breakage], backend: Backend) {
    if !breakages.iter().all(|breakage| breakage.is_possible()) {
        println!("no write can be made to fail here: nothing tested");
        return;
    }
    let edited = Edited::new(backend);
    for arguments in [&[][..], &["--full"]] {
        let failed: u32 = breakages.iter().map(|breakage| edited.broken_runs(*breakage, arguments)).sum();
        println!("{backend} {arguments:?}: {failed} runs failed");
        assert!(failed > 5);
    }
}

fn refusals() -> Vec<Breakage> {
    WRITES.iter().map(|call| Breakage::Refusal(call)).collect()
}

#[test]
fn the_nth_write_fails() {
    check(&refusals(), Backend::Sqlite);
}

#[cfg(feature = "native-v2")]
#[test]
fn the_nth_write_fails_with_native() {
    check(&refusals(), Backend::NativeV2);
}

#[test]
fn a_file_cannot_grow_over_the_nth_page() {
    check(&[Breakage::Limit], Backend::Sqlite);
}

#[cfg(feature = "native-v2")]
#[test]
fn a_file_cannot_grow_over_the_nth_page_with_native() {
    check(&[Breakage::Limit], Backend::NativeV2);
}
