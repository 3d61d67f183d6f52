//! What a tree that is edited again and again does to its database: content, time, memory, crashes, readers. Prints one
//! Markdown table; `bench/churn/run.sh` builds what it needs and runs it.
//!
//! `churn [PART ...] [--tree FOLDER] [--steps N] [--every N] [--seed N]`; the parts are `edits`, `timing`, `watch`, `kill`
//! and `readers`, without any it is all of them. Without a tree, it is the source of this package that is edited;
//! with `-`, Rust crates that cargo already has.
//! `churn --replay FILE` compares after each state of a tree that a failure has told.

#[path = "../../bench/churn/mod.rs"]
mod churn;
#[path = "../../bench/corpus.rs"]
mod corpus;
#[path = "../../bench/readers.rs"]
mod readers;

mod busy;
mod edits;
mod kill;
mod scene;
mod timing;
#[cfg(target_os = "linux")]
mod watch;

use std::path::PathBuf;

use scene::Table;

/// What the arguments say.
struct Options {
    /// The tree to edit.
    tree: Option<PathBuf>,
    /// How many edits, kills or the like, if not as many as the part is made for.
    steps: Option<u64>,
    /// After how many edits of a tree that was given to compare.
    every: u64,
    seed: u64,
}

/// A part of the run.
struct Part {
    name: &'static str,
    run: fn(&Options, &mut Table),
}

const PARTS: &[Part] = &[
    Part { name: "edits", run: edits::run },
    Part { name: "timing", run: timing::run },
    #[cfg(target_os = "linux")]
    Part { name: "watch", run: watch::run },
    Part { name: "kill", run: kill::run },
    Part { name: "readers", run: busy::run },
];

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if readers::is_reader(&arguments) {
        return;
    }
    let mut take = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.remove(at);
        (at < arguments.len()).then(|| arguments.remove(at))
    };
    if let Some(file) = take("--replay") {
        return edits::replay(&file);
    }
    let number = |text: String| text.parse::<u64>().expect("a number");
    let options = Options {
        tree: take("--tree").map(PathBuf::from),
        steps: take("--steps").map(number),
        every: take("--every").map_or(10, number),
        seed: take("--seed").map_or(1, number),
    };
    let is_part = |name: &String| PARTS.iter().any(|part| part.name == *name);
    assert!(arguments.iter().all(is_part), "parts are {:?}", PARTS.iter().map(|part| part.name).collect::<Vec<_>>());
    let mut table = Table::default();
    for part in PARTS.iter().filter(|part| arguments.is_empty() || arguments.iter().any(|name| name == part.name)) {
        (part.run)(&options, &mut table);
    }
    table.print();
    assert!(!table.failed, "something above is wrong");
}
