//! `magellan watch`: options, one line per update as text or JSON, a clean stop.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{ArgMatches, FromArgMatches};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

use crate::index::FileCounts;
use crate::job::index::WAIT_S;
use crate::model::List;
use crate::store::Backend;
use crate::watch::{self, Cause, Event, Options as WatchOptions, Report};

use super::contract::Contract;
use super::exit::Exit;
use super::failure::Failure;
use super::index::{CANCEL, Place, listen_for_interrupts, tell_waiting};
use super::options::Options;
use super::output::{Envelope, Output};
use super::page::{Style, count, duration, grouped};
use super::progress;

pub(super) const NAME: &str = "watch";
pub(super) const ABOUT: &str = "Keep the map of a tree up to date while its files change";
pub(super) const EXAMPLES: &[(&str, &str)] = &[
    ("magellan watch", "until Ctrl-C; a line for each update"),
    ("magellan watch --json", "the same for programs: one JSON object per line"),
    ("magellan watch --once", "bring the map up to date and exit"),
    ("magellan watch --poll 5", "look every 5 seconds, where the system tells of no changes"),
];

/// Paths shown on a line of text.
const PATHS_SHOWN: usize = 3;

/// Which tree, and how to watch it.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Args {
    /// The root of the tree; if not given, that of the nearest index, else the current folder
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// Apply what has changed, then exit
    #[arg(long, conflicts_with = "poll")]
    once: bool,
    /// Update when nothing has happened for this long
    #[arg(long, value_name = "MS", default_value_t = 200)]
    delay: u64,
    /// Update after this long although something still happens
    #[arg(long, value_name = "MS", default_value_t = 2_000)]
    max_delay: u64,
    /// Look at the tree every so often instead of waiting for the system to tell of changes
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2", value_parser = seconds)]
    poll: Option<Duration>,
    /// Number of threads; 0 chooses by the machine
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// The engine of a new database: sqlite or native-v2
    #[arg(long, value_name = "BACKEND")]
    backend: Option<Backend>,
    /// Skip files over this size
    #[arg(long, value_name = "BYTES")]
    max_file_bytes: Option<u64>,
    /// Accept `/` and the home folder as a root
    #[arg(long)]
    force: bool,
    /// While another process writes, wait for it up to this long before an update is put off
    #[arg(long, value_name = "SECONDS", default_value_t = WAIT_S)]
    wait: u64,
}

/// A time that is no less than a hundredth of a second and no more than a day.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match (0.01..=86_400.0).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("give 0.01 to 86400 seconds".into()),
    }
}

/// What it prints under `--json`, event by event.
pub(super) const CONTRACT: Contract = Contract {
    name: NAME,
    version: 1,
    about: ABOUT,
    data: SchemaGenerator::subschema_for::<Line<'_>>,
    is_stream: true,
};

/// One line under `--json`.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Started {
        root: String,
        database: String,
        process: u32,
        folders: usize,
        /// None where the system tells of changes.
        poll_ms: Option<u64>,
    },
    Polling {
        why: &'a str,
        poll_ms: u64,
    },
    Waiting {
        holder: &'a str,
    },
    Updated {
        cause: Cause,
        files: FileCounts,
        /// Files and manifests that changed on disk; empty for the first update.
        paths: List<String>,
        skipped: usize,
        milliseconds: u64,
    },
    Error(&'a Failure),
    Stopped {
        updates: u64,
        running_ms: u64,
    },
}

/// Watches until it is stopped, or updates once.
pub(super) fn watch(matches: &ArgMatches, options: &Options, output: &Output) -> Result<Exit, Failure> {
    let args = Args::from_arg_matches(matches).map_err(|error| {
        Failure::new(Exit::Usage, "usage", error.to_string(), "`magellan help watch` lists the options")
    })?;
    let place = Place::of(args.path.as_deref(), options)?;
    listen_for_interrupts()?;
    let progress = progress::of(options);
    let watch_options = WatchOptions {
        root: &place.root,
        database: &place.database,
        backend: args.backend,
        threads: args.threads,
        max_file_bytes: args.max_file_bytes,
        force: args.force,
        delay: Duration::from_millis(args.delay),
        max_delay: Duration::from_millis(args.max_delay),
        poll: args.poll,
        wait: Duration::from_secs(args.wait),
        arguments: std::env::args_os().skip(2).map(|word| word.to_string_lossy().into_owned()).collect(),
        progress: &*progress,
        cancel: &CANCEL,
    };
    let teller = Teller { place: &place, options, output, updates: Cell::new(0), failure: RefCell::new(None) };
    if args.once {
        let report = watch::once(&watch_options, &|holder| tell_waiting(holder, output))?;
        teller.updated(&report)?;
        return Ok(if report.is_partial() { Exit::Partial } else { Exit::Done });
    }
    let clock = Instant::now();
    let open = |inbox| watch::native(inbox, &place.database);
    watch::watch(&watch_options, &open, &|event| teller.hear(event))?;
    match teller.failure.take() {
        Some(failure) => Err(failure),
        None => teller.stopped(clock.elapsed()).map(|_| Exit::Done),
    }
}

/// Says what happens.
struct Teller<'a> {
    place: &'a Place,
    options: &'a Options,
    output: &'a Output,
    updates: Cell<u64>,
    /// Why nothing more can be said.
    failure: RefCell<Option<Failure>>,
}

impl Teller<'_> {
    fn hear(&self, event: Event<'_>) -> ControlFlow<()> {
        let told = match event {
            Event::Started { folders, poll } => self.started(folders, poll),
            Event::Polling { why, period } => self.polling(why, period),
            Event::Waiting { holder } => self.waiting(holder),
            Event::Updated(report) => self.updated(&report),
            Event::Failed(error) => self.failed(&error.into()),
        };
        match told {
            Ok(true) => ControlFlow::Continue(()),
            // Whoever listened has had enough.
            Ok(false) => ControlFlow::Break(()),
            Err(failure) => {
                *self.failure.borrow_mut() = Some(failure);
                ControlFlow::Break(())
            }
        }
    }

    fn json(&self, line: &Line<'_>, complete: bool) -> Result<bool, Failure> {
        self.output.print_json_line(&Envelope::new(&CONTRACT, line, None, complete))
    }

    fn started(&self, folders: usize, poll: Option<Duration>) -> Result<bool, Failure> {
        let (root, database) = (self.place.root.display().to_string(), self.place.database.display().to_string());
        if self.options.json {
            let poll_ms = poll.map(milliseconds);
            let process = std::process::id();
            return self.json(&Line::Started { root, database, process, folders, poll_ms }, true);
        }
        let mut page = self.output.talk();
        page.put(Style::Good, "watching").say(" ").put(Style::Place, &root);
        page.say(format!(", {}", count(folders as u64, "folder")));
        if let Some(period) = poll {
            page.say(format!(", every {}", duration(milliseconds(period))));
        }
        page.say("; Ctrl-C stops").end();
        self.output.note(&page);
        Ok(true)
    }

    /// Said on stderr in any case: files may now change for a while before anybody notices.
    fn polling(&self, why: &str, period: Duration) -> Result<bool, Failure> {
        let poll_ms = milliseconds(period);
        let mut page = self.output.talk();
        page.put(Style::Warn, "note")
            .say(format!(": no file events: {why}; looking every {}", duration(poll_ms)))
            .end();
        self.output.note(&page);
        if self.options.json { self.json(&Line::Polling { why, poll_ms }, true) } else { Ok(true) }
    }

    fn waiting(&self, holder: &str) -> Result<bool, Failure> {
        if self.options.json {
            return self.json(&Line::Waiting { holder }, true);
        }
        tell_waiting(holder, self.output);
        Ok(true)
    }

    fn updated(&self, report: &Report) -> Result<bool, Failure> {
        self.updates.set(self.updates.get() + 1);
        if self.options.json {
            let line = Line::Updated {
                cause: report.cause,
                files: report.index.files,
                paths: List::new(report.paths.clone(), self.options.limit()),
                skipped: report.index.skipped.len(),
                milliseconds: milliseconds(report.took),
            };
            return self.json(&line, !report.is_partial());
        }
        if self.options.quiet {
            return Ok(true);
        }
        let mut page = self.output.answer();
        page.put(Style::Good, "updated").say(format!(" in {}: ", duration(milliseconds(report.took))));
        page.say(changes(&report.index.files));
        for (index, path) in report.paths.iter().take(PATHS_SHOWN).enumerate() {
            page.say(if index == 0 { "; " } else { ", " }).put(Style::Place, path);
        }
        if report.paths.len() > PATHS_SHOWN {
            page.say(format!(" and {} more", grouped((report.paths.len() - PATHS_SHOWN) as u64)));
        }
        page.end();
        self.output.print_line(&page)
    }

    fn failed(&self, failure: &Failure) -> Result<bool, Failure> {
        if self.options.json {
            return self.json(&Line::Error(failure), false);
        }
        self.output.failure(failure);
        Ok(true)
    }

    fn stopped(&self, running: Duration) -> Result<bool, Failure> {
        let (updates, running_ms) = (self.updates.get(), milliseconds(running));
        if self.options.json {
            return self.json(&Line::Stopped { updates, running_ms }, true);
        }
        let mut page = self.output.talk();
        page.put(Style::Good, "stopped").say(format!(" after {}", duration(running_ms)));
        page.say(format!(", {}", count(updates, "update"))).end();
        self.output.note(&page);
        Ok(true)
    }
}

/// What became of the files: `120 files, changed 1, relinked 2`.
fn changes(files: &FileCounts) -> String {
    let parts =
        [("added", files.added), ("changed", files.changed), ("removed", files.removed), ("relinked", files.relinked)];
    let told = parts.iter().filter(|(_, number)| *number > 0);
    let told: Vec<String> = told.map(|(word, number)| format!("{word} {}", grouped(*number))).collect();
    let told = if told.is_empty() { "nothing to change".to_owned() } else { told.join(", ") };
    format!("{}, {told}", count(files.total, "file"))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
