//! The command line: arguments in, text or JSON out, one exit code. The only module that prints.
//!
//! stdout is data, stderr is talk. The questions come from the table in [`crate::query`], the deeds from
//! that in [`crate::job`]; nothing here knows what they mean, only how their replies look.

mod as_of;
mod ask;
mod contract;
mod database;
mod deed;
mod exit;
mod export;
mod failure;
mod fit;
mod hint;
mod index;
mod manual;
mod options;
mod output;
mod page;
mod pieces;
mod progress;
mod sanitise;
mod schema;
mod table;
mod text;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, Command};

use crate::job::{self, DEEDS};
use crate::lang::LANGUAGES;
use crate::query::{QUESTIONS, Question};

use exit::Exit;
use options::{Bound, Currency, Options};
use output::Output;

const BUG_HINT: &str =
    "hint: please report it with the command you ran; the index is as it was before, try `magellan status`";

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        output::write_err(&format!("magellan: a bug of ours: {panic}\n{BUG_HINT}\n"));
    }));
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let exit = std::panic::catch_unwind(|| run(&arguments)).unwrap_or(Exit::Bug);
    ExitCode::from(exit as u8)
}

fn run(arguments: &[OsString]) -> Exit {
    let matches = match command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return output::clap_says(&error, arguments),
    };
    let Some((name, matches)) = matches.subcommand() else { return Exit::Usage };
    let options = match Options::parse(matches) {
        Ok(options) => options,
        Err(error) => return output::clap_says(&error, arguments),
    };
    let output = Output::new(&options);
    let question = QUESTIONS.iter().find(|question| question.name == name);
    let deed = DEEDS.iter().find(|deed| deed.name == name);
    let result = match (question, deed) {
        (Some(question), _) => ask::ask(question, matches, &options, &output),
        (None, Some(deed)) => deed::deed(deed, matches, &options, &output),
        (None, None) if name == watch::NAME => watch::watch(matches, &options, &output),
        (None, None) if manual::is_one(name) => manual::run(name, matches, command(), &output),
        (None, None) if name == schema::NAME => schema::run(matches, &options, &output),
        (None, None) if name == export::NAME => export::run(matches, &options, &output),
        (None, None) => index::index(matches, &options, &output),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => output.failure(&failure.limited(options.limit())),
    }
}

/// The whole command line as clap knows it.
fn command() -> Command {
    let command = Command::new("magellan")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(examples(FIRST_STEPS))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .max_term_width(100)
        .subcommand(index_command())
        .subcommand(subcommand(watch::NAME, watch::ABOUT, watch::EXAMPLES, watch::Args::augment_args))
        .subcommand(subcommand(export::NAME, export::ABOUT, export::EXAMPLES, export::Args::augment_args));
    let command = QUESTIONS.iter().fold(command, |command, question| command.subcommand(question_command(question)));
    let command = DEEDS.iter().fold(command, |command, deed| {
        command.subcommand(subcommand(deed.name, deed.about, deed.examples, deed.arguments))
    });
    let command =
        command.subcommand(subcommand(schema::NAME, schema::ABOUT, schema::EXAMPLES, schema::Args::augment_args));
    let command = manual::commands().into_iter().fold(command, Command::subcommand);
    let command = command.mut_subcommands(aliased);
    // The description of the options' struct is not that of the program.
    Options::augment_args(command).about("Maps a source tree and answers who calls what").long_about(None)
}

/// Other names that commands go by, for scripts that were written for them.
const ALIASES: &[(&str, &str)] = &[("index", "scan"), ("outline", "query")];

/// With what existing scripts rely on: another name, and `--output` where that does not name a file.
fn aliased(command: Command) -> Command {
    let alias = ALIASES.iter().find(|(name, _)| *name == command.get_name());
    let command = match alias {
        Some((_, alias)) => command.visible_alias(alias),
        None => command,
    };
    let has_output = command.get_arguments().any(|argument| argument.get_long() == Some("output"));
    let (about, long) = (command.get_about().cloned(), command.get_long_about().cloned());
    if has_output || manual::is_one(command.get_name()) || command.get_name() == schema::NAME {
        return command;
    }
    let command = options::Shape::augment_args(command);
    let command = if let Some(about) = about { command.about(about) } else { command };
    if let Some(long) = long { command.long_about(long) } else { command.long_about(None) }
}

const FIRST_STEPS: &[(&str, &str)] = &[
    ("magellan index", "map the tree you stand in"),
    ("magellan callers NAME", "who calls NAME, and whether that is everyone"),
    ("magellan find 'parse*'", "definitions by name"),
];

fn index_command() -> Command {
    let command = subcommand(job::index::NAME, job::index::ABOUT, job::index::EXAMPLES, job::index::Args::augment_args);
    let languages: Vec<&str> = LANGUAGES.iter().map(|language| language.name).collect();
    let help = format!("{}\n\nLanguages: {}", examples(job::index::EXAMPLES), languages.join(", "));
    command.after_help(format!("{help}\n\n{CONFIGURATION}"))
}

const CONFIGURATION: &str =
    "What is found: every source file that no .gitignore, .ignore or global ignore file names, hidden files left out.
More in .magellan/config.toml: include = [globs], exclude = [globs], max_file_bytes = number";

fn question_command(question: &Question) -> Command {
    let command = subcommand(question.name, question.about, question.examples, question.arguments);
    Bound::augment_args(Currency::augment_args(command)).about(question.about).long_about(None)
}

fn subcommand(
    name: &'static str,
    about: &'static str,
    examples_of: &'static [(&'static str, &'static str)],
    arguments: fn(Command) -> Command,
) -> Command {
    arguments(Command::new(name)).about(about).long_about(None).after_help(examples(examples_of))
}

fn examples(rows: &[(&str, &str)]) -> String {
    let width = rows.iter().map(|(invocation, _)| invocation.len()).max().unwrap_or(0);
    let lines: Vec<String> = rows.iter().map(|(invocation, what)| format!("  {invocation:width$}  {what}")).collect();
    format!("Examples:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent_and_every_command_has_help_and_examples() {
        let command = super::command();
        command.clone().debug_assert();
        let mut names = Vec::new();
        for command in command.get_subcommands() {
            names.push(command.get_name());
            assert!(command.get_about().is_some(), "{}", command.get_name());
            assert!(command.get_after_help().is_some_and(|help| help.to_string().contains("magellan ")));
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {}", command.get_name(), argument.get_id());
            }
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
