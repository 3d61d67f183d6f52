//! Reader processes: eight of them ask who uses a definition, each time from opening the database to closing it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use magellan::store::{self, NamePattern};

const READERS: usize = 8;
/// A reader's pause, so that eight of them leave the processors idle most of the time.
const PAUSE: Duration = Duration::from_millis(25);

/// Is a reader if the arguments of this process say so, as [`start`] gives them; else does nothing and says so.
pub(crate) fn is_reader(arguments: &[String]) -> bool {
    let [role, database, name, seconds] = arguments else { return false };
    if role == "read" {
        read(Path::new(database), name, Duration::from_secs(seconds.parse().expect("a number")));
    }
    role == "read"
}

/// Asks until the time is over, then prints each answer's time in microseconds.
fn read(database: &Path, name: &str, time: Duration) {
    let start = Instant::now();
    let mut times = Vec::new();
    while start.elapsed() < time {
        let asked = Instant::now();
        ask(database, name);
        times.push(asked.elapsed().as_micros().to_string());
        std::thread::sleep(PAUSE);
    }
    println!("{}", times.join("\n"));
}

fn ask(database: &Path, name: &str) {
    let store = store::open(database).expect("a database");
    let snapshot = store.snapshot().expect("a view");
    let found = snapshot.find(&NamePattern::Exact(name.into())).expect("an answer");
    if let Some(definition) = found.first() {
        snapshot.uses(definition.key).expect("an answer");
    }
}

/// Starts all readers.
pub(crate) fn start(database: &Path, name: &str, seconds: u64) -> Vec<Child> {
    let program = std::env::current_exe().expect("this program");
    let reader = || {
        let mut command = Command::new(&program);
        command.arg("read").arg(database).arg(name).arg(seconds.to_string()).stdout(Stdio::piped());
        command.spawn().expect("a reader")
    };
    (0..READERS).map(|_| reader()).collect()
}

/// All readers' times in milliseconds, ascending; none of a reader may fail.
pub(crate) fn times(readers: Vec<Child>) -> Times {
    let mut times = Vec::new();
    for reader in readers {
        let output = reader.wait_with_output().expect("a reader ends");
        assert!(output.status.success(), "a reader failed");
        let text = String::from_utf8(output.stdout).expect("numbers");
        times.extend(text.lines().map(|line| line.parse::<f64>().expect("a number") / 1e3));
    }
    times.sort_by(f64::total_cmp);
    Times(times)
}

/// How long answers took, in milliseconds, ascending.
pub(crate) struct Times(Vec<f64>);

impl Times {
    /// How many there were.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// What this part of them did not exceed.
    pub(crate) fn at(&self, part: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * part) as usize]
    }
}
