//! `magellan index`: which tree and database are meant, Ctrl-C, the summary.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{ArgMatches, FromArgMatches};
use schemars::SchemaGenerator;

use crate::job::index::{ABOUT, Args, NAME, Reply, Task, run};
use crate::query;
use crate::store;

use super::contract::Contract;
use super::database::{Database, FOLDER, current_folder, nearest};
use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;
use super::output::{Envelope, Output};
use super::page::{Page, Style};
use super::{progress, text};

/// What it prints under `--json`.
pub(super) const CONTRACT: Contract =
    Contract { name: NAME, version: 1, about: ABOUT, data: SchemaGenerator::subschema_for::<Reply>, is_stream: false };

/// Set by Ctrl-C.
pub(super) static CANCEL: AtomicBool = AtomicBool::new(false);

/// Indexes and tells what was done.
pub(super) fn index(matches: &ArgMatches, options: &Options, output: &Output) -> Result<Exit, Failure> {
    let args = Args::from_arg_matches(matches).map_err(|error| {
        Failure::new(Exit::Usage, "usage", error.to_string(), "`magellan help index` lists the options")
    })?;
    let place = Place::of(args.path.as_deref(), options)?;
    listen_for_interrupts()?;
    let progress = progress::of(options);
    let waiting = |holder: &str| tell_waiting(holder, output);
    let task = Task {
        root: &place.root,
        database: &place.database,
        arguments: std::env::args_os().skip(2).map(|word| word.to_string_lossy().into_owned()).collect(),
        progress: &*progress,
        waiting: &waiting,
        cancel: &CANCEL,
    };
    let reply = run(&args, task)?;
    drop(progress);
    if options.json {
        output.print_json(&CONTRACT, &Envelope::new(&CONTRACT, &reply, None, !reply.is_partial()))?;
    } else if !options.quiet {
        let mut page = output.answer();
        text::summary(&reply, options.verbose, &mut page);
        let is_new = reply.report.files.added == reply.report.files.total;
        if is_new {
            suggestions(&place, options, &mut page)?;
        }
        output.print(&page)?;
    }
    Ok(if reply.is_partial() { Exit::Partial } else { Exit::Done })
}

/// Says which process is waited for.
pub(super) fn tell_waiting(holder: &str, output: &Output) {
    let mut page = output.talk();
    page.put(Style::Warn, "waiting").say(format!(" for {holder}, which writes to the database")).end();
    output.note(&page);
}

/// A tree and its database.
pub(super) struct Place {
    pub(super) root: PathBuf,
    pub(super) database: PathBuf,
}

impl Place {
    /// Without a path, the tree of the database that a question asked here would use, else the current folder.
    pub(super) fn of(path: Option<&Path>, options: &Options) -> Result<Self, Failure> {
        let folder = current_folder()?;
        let root = match (path, &options.db) {
            (Some(path), _) => folder.join(path),
            (None, Some(path)) => match store::open(&folder.join(path)) {
                Ok(_) => known_root(options)?,
                Err(store::StoreError::Missing(_)) => folder.clone(),
                Err(error) => return Err(error.into()),
            },
            (None, None) => match nearest(&folder)? {
                Some(path) => path.parent().unwrap_or(&path).to_owned(),
                None => folder.clone(),
            },
        };
        let root = root.canonicalize().unwrap_or(root);
        let database = options.db.as_ref().map_or_else(|| root.join(FOLDER), |path| folder.join(path));
        Ok(Self { root, database })
    }
}

fn known_root(options: &Options) -> Result<PathBuf, Failure> {
    let database = Database::open(options)?;
    let snapshot = database.store.snapshot()?;
    database.root(&*snapshot)
}

/// The first Ctrl-C asks the run to stop; a second one does not wait for it. Either way nothing is half-written.
pub(super) fn listen_for_interrupts() -> Result<(), Failure> {
    let heard = ctrlc::set_handler(|| {
        if CANCEL.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
    });
    heard.map_err(|error| Failure::new(Exit::Bug, "signals", error.to_string(), "please report this"))
}

fn suggestions(place: &Place, options: &Options, page: &mut Page) -> Result<(), Failure> {
    let database = Database::at(&place.database)?;
    let snapshot = database.store.snapshot()?;
    let found = query::suggest(&database.ground(&*snapshot, &place.root, options, false)?)?;
    if found.is_empty() {
        return Ok(());
    }
    let elsewhere = options.db.as_deref().map_or(String::new(), |path| format!(" --db {}", path.display()));
    page.end();
    page.say("ask next").end();
    for suggestion in found {
        page.say("  ").put(Style::Name, format!("{}{elsewhere}", suggestion.command));
        page.say("  ").put(Style::Dim, format!("# {}", suggestion.why)).end();
    }
    if !inside(&place.root)? {
        page.put(Style::Dim, format!("  (in {})", place.root.display())).end();
    }
    Ok(())
}

/// Whether the user stands in the tree, so that the suggestions work as they are.
fn inside(root: &Path) -> Result<bool, Failure> {
    let folder = current_folder()?;
    Ok(folder.canonicalize().unwrap_or(folder).starts_with(root))
}
