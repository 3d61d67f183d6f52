//! Asks a question of the table and shows the reply.

use clap::ArgMatches;

use crate::query::{Freshness, Question, Reply};

use super::database::Database;
use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;
use super::output::{Envelope, Output, Schema};
use super::page::{Style, count, duration};
use super::text;

/// Asks, prints, and gives the exit code.
pub(super) fn ask(
    question: &Question,
    matches: &ArgMatches,
    options: &Options,
    output: &Output,
) -> Result<Exit, Failure> {
    let database = Database::open(options)?;
    let snapshot = database.store.snapshot()?;
    let root = database.root(&*snapshot)?;
    let ground = database.ground(&*snapshot, &root, options)?;
    let reply = (question.ask)(&ground, matches)?;
    let freshness = ground.freshness;
    if options.json {
        let schema = Schema { name: question.name, version: question.version };
        let complete = reply.is_complete();
        output.print_json(&Envelope { schema, data: &reply, freshness: Some(freshness), complete })?;
    } else {
        if options.verbose {
            let mut page = output.talk();
            page.put(Style::Dim, format!("database {} ({})", database.path.display(), database.store.backend())).end();
            output.note(&page);
        }
        match reply.bytes() {
            Some(bytes) => output.print_bytes(bytes)?,
            None => print_text(&reply, output)?,
        }
        tell_changes(freshness, output);
    }
    Ok(if reply.is_found() { Exit::Done } else { Exit::Nothing })
}

fn print_text(reply: &Reply, output: &Output) -> Result<(), Failure> {
    let mut page = output.answer();
    text::write(reply, &mut page);
    output.print(&page)?;
    if page.text().is_empty() {
        let mut page = output.talk();
        page.say("nothing found").end();
        output.note(&page);
    }
    Ok(())
}

/// An answer from an old index may be wrong: say so.
fn tell_changes(freshness: Freshness, output: &Output) {
    let Some(changed @ 1..) = freshness.changed_files else { return };
    let age = freshness.indexed_ms_ago.map_or(String::new(), |age| format!(" {} ago", duration(age)));
    let mut page = output.talk();
    page.put(Style::Warn, "note").say(format!(": {} changed since the index was made{age}", count(changed, "file")));
    page.say("; `magellan index` brings it up to date").end();
    output.note(&page);
}
