//! Asks a question of the table and shows the reply.

use std::path::Path;

use clap::ArgMatches;

use crate::job::JobError;
use crate::job::refresh::{Refresh, Task, WAIT, refresh};
use crate::query::{QueryError, Question, Reply, changed_sources};
use crate::walk::WalkError;

use super::as_of::{self, AsOf};
use super::contract::Contract;
use super::database::Database;
use super::exit::Exit;
use super::failure::Failure;
use super::index::{CANCEL, listen_for_interrupts};
use super::options::{Currency, Options};
use super::output::{Envelope, Output};
use super::page::Style;
use super::{hint, progress, text};

/// Asks, prints, and gives the exit code.
pub(super) fn ask(
    question: &Question,
    matches: &ArgMatches,
    options: &Options,
    output: &Output,
) -> Result<Exit, Failure> {
    let currency = Currency::parse(matches).map_err(|error| {
        Failure::new(Exit::Usage, "usage", error.to_string(), "`magellan help` lists commands and options")
    })?;
    let refresh = if currency.fresh { Some(bring_up_to_date(options)?) } else { None };
    let database = Database::open(options)?;
    let snapshot = database.store.snapshot()?;
    let root = database.root(&*snapshot)?;
    let ground = database.ground(&*snapshot, &root, options, currency.check)?;
    let reply = (question.ask)(&ground, matches).map_err(|error| hint::failure(error, &ground, question))?;
    if let Some((path, text)) = reply.keep() {
        keep(path, text)?;
    }
    let changed_sources = changed_sources(&ground, &reply)?;
    let as_of = AsOf { freshness: ground.freshness, changed_sources, refresh };
    if options.json {
        let contract = Contract::from(question);
        output.print_json(&contract, &Envelope::new(&contract, &reply, Some(&as_of), reply.is_complete()))?;
    } else {
        if options.verbose {
            let mut page = output.talk();
            page.put(Style::Dim, format!("database {} ({})", database.path.display(), database.store.backend())).end();
            output.note(&page);
        }
        match reply.bytes() {
            Some(bytes) => output.print_exactly(bytes)?,
            None => print_text(&reply, output)?,
        }
        tell_age(&as_of, &reply, output);
    }
    Ok(if reply.is_found() { Exit::Done } else { Exit::Nothing })
}

fn keep(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        let message = format!("{} cannot be written: {error}", path.display());
        Failure::new(Exit::Partial, "output", message, "check the folder and its permissions")
    })
}

/// Indexes what changed. The database is closed again, so that the question opens what is live then.
fn bring_up_to_date(options: &Options) -> Result<Refresh, Failure> {
    let (root, path) = {
        let database = Database::open(options)?;
        let snapshot = database.store.snapshot()?;
        (database.root(&*snapshot)?, database.path.clone())
    };
    listen_for_interrupts()?;
    let progress = progress::of_answer(options);
    let task = Task {
        root: &root,
        database: &path,
        arguments: std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect(),
        wait: WAIT,
        progress: &*progress,
        cancel: &CANCEL,
    };
    refresh(&task).map_err(|error| no_tree(error, &root))
}

fn no_tree(error: JobError, root: &Path) -> Failure {
    match error {
        JobError::Walk(WalkError::Missing(_) | WalkError::NotAFolder(_)) => {
            QueryError::NoTree { root: root.display().to_string() }.into()
        }
        error => error.into(),
    }
}

fn print_text(reply: &Reply, output: &Output) -> Result<(), Failure> {
    let mut page = output.answer();
    text::write(reply, &mut page);
    output.print_text(&page, text::is_drawing(reply))?;
    if page.text().is_empty() {
        let mut page = output.talk();
        page.say("nothing found").end();
        let arguments: Vec<_> = std::env::args_os().skip(1).collect();
        if let Some(command) = hint::wider(&arguments) {
            page.put(Style::Good, "hint").say(format!(": `{command}` asks for more")).end();
        }
        output.note(&page);
    }
    Ok(())
}

/// An answer from an old index may be wrong: say how old it is. The answer of `status` says so itself.
fn tell_age(as_of: &AsOf, reply: &Reply, output: &Output) {
    if as_of.is_plain() && matches!(reply, Reply::Status(_)) {
        return;
    }
    let mut page = output.talk();
    as_of::tell(as_of, &mut page);
    output.note(&page);
}
