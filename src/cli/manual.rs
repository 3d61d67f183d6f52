//! What is made from the table of commands: shell completions, man pages, and the manual in `docs/`.

use std::io;
use std::path::{Path, PathBuf};

use clap::builder::StyledStr;
use clap::{Arg, ArgMatches, Args as _, Command, FromArgMatches};
use clap_complete::Shell;
use clap_mangen::Man;

use super::exit::Exit;
use super::failure::Failure;
use super::options::FORM;
use super::output::Output;
use super::subcommand;

const COMPLETIONS: &str = "completions";
const MAN: &str = "man";
/// Writes `docs/manual.md`; of use to those who change commands only.
const MANUAL: &str = "manual";

/// Whether a command is one of these.
pub(super) fn is_one(name: &str) -> bool {
    [COMPLETIONS, MAN, MANUAL].contains(&name)
}

#[derive(clap::Args, Clone, Debug)]
struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

#[derive(clap::Args, Clone, Debug)]
struct ManArgs {
    /// The command; the overview if not given
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
    /// A folder to write all pages to
    #[arg(long, value_name = "FOLDER", conflicts_with = "command")]
    output: Option<PathBuf>,
}

/// The commands.
pub(super) fn commands() -> [Command; 3] {
    let completions = subcommand(
        COMPLETIONS,
        "Completions for a shell",
        &[
            ("magellan completions bash > /etc/bash_completion.d/magellan", "for bash"),
            ("magellan completions zsh > ~/.zfunc/_magellan", "for zsh, with ~/.zfunc in fpath"),
            ("magellan completions fish > ~/.config/fish/completions/magellan.fish", "for fish"),
        ],
        CompletionsArgs::augment_args,
    );
    let man = subcommand(
        MAN,
        "Manual pages",
        &[
            ("magellan man callers | man -l -", "read one"),
            ("magellan man --output /usr/local/share/man/man1", "write all of them"),
        ],
        ManArgs::augment_args,
    );
    let examples = &[("magellan manual > docs/manual.md", "after a command was changed")];
    let manual = subcommand(MANUAL, "The manual as Markdown", examples, |command| command).hide(true);
    [completions, man, manual]
}

/// Prints what is asked for about `program`.
pub(super) fn run(name: &str, matches: &ArgMatches, program: Command, output: &Output) -> Result<Exit, Failure> {
    let usage = |error: String| Failure::new(Exit::Usage, "usage", error, "`magellan help` lists commands and options");
    let mut program = program.disable_help_subcommand(name == MAN);
    program.build();
    match name {
        COMPLETIONS => {
            let args = CompletionsArgs::from_arg_matches(matches).map_err(|error| usage(error.to_string()))?;
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut program, "magellan", &mut script);
            output.print_bytes(&script)?;
        }
        MAN => {
            let args = ManArgs::from_arg_matches(matches).map_err(|error| usage(error.to_string()))?;
            man(&args, program, output)?;
        }
        _ => output.print_bytes(markdown(&program).as_bytes())?,
    }
    Ok(Exit::Done)
}

fn man(args: &ManArgs, program: Command, output: &Output) -> Result<(), Failure> {
    if let Some(folder) = &args.output {
        return pages(program, folder).map_err(|error| {
            let message = format!("{} cannot be written: {error}", folder.display());
            Failure::new(Exit::Partial, "output", message, "name a folder that exists")
        });
    }
    let command = match &args.command {
        None => program,
        Some(name) => {
            let found = program.find_subcommand(name).cloned();
            let unknown = || {
                Failure::new(
                    Exit::Usage,
                    "usage",
                    format!("no command is called {name}"),
                    "`magellan help` lists the commands",
                )
            };
            found.ok_or_else(unknown)?
        }
    };
    let mut page = Vec::new();
    manual_page(command).render(&mut page).map_err(|error| {
        Failure::new(
            Exit::Partial,
            "output",
            format!("the page cannot be made: {error}"),
            "check where the output goes",
        )
    })?;
    output.print_bytes(&page)
}

/// Writes the overview and a page for each command.
fn pages(program: Command, folder: &Path) -> io::Result<()> {
    let commands: Vec<Command> = program.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    for command in std::iter::once(program).chain(commands) {
        let page = manual_page(command);
        page.generate_to(folder)?;
    }
    Ok(())
}

/// The page of a command, which says what made it.
fn manual_page(command: Command) -> Man {
    Man::new(command).source(concat!("magellan ", env!("CARGO_PKG_VERSION"))).manual("Magellan")
}

const HEAD: &str = "# Manual

Made from the table of commands by `magellan manual`; a test compares them. `magellan help COMMAND` says the same.
";

/// The manual: every command, then what all of them take.
fn markdown(program: &Command) -> String {
    let mut text = String::from(HEAD);
    let commands: Vec<&Command> = program.get_subcommands().filter(|command| !command.is_hide_set()).collect();
    for command in commands.iter().filter(|command| command.get_name() != "help") {
        text.push_str(&format!("\n## {}\n\n", command.get_name()));
        text.push_str(&format!("{}.\n", plain(command.get_about())));
        let aliases: Vec<&str> = command.get_visible_aliases().collect();
        if !aliases.is_empty() {
            text.push_str(&format!("\nAlso called `{}`.\n", aliases.join("`, `")));
        }
        let usage = (*command).clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        text.push_str(&format!("\n```text\n{usage}\n\n{}\n```\n\n", plain(command.get_after_help())));
        // What all commands take is told once.
        let own = command.get_arguments().filter(|argument| !argument.is_global_set() && argument.get_id() != FORM);
        arguments(own, &mut text);
    }
    text.push_str("\n## Options of every command\n\n");
    arguments(program.get_arguments(), &mut text);
    let form = program.find_subcommand(crate::job::index::NAME).into_iter().flat_map(Command::get_arguments);
    arguments(form.filter(|argument| argument.get_id() == FORM), &mut text);
    text.push_str("\nWhere `--output` names a file or a folder, it does not choose a form.\n");
    text
}

fn plain(text: Option<&StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default().trim_end().to_owned()
}

fn arguments<'a>(arguments: impl Iterator<Item = &'a Arg>, text: &mut String) {
    let shown = arguments
        .filter(|argument| !argument.is_hide_set() && !["help", "version"].contains(&argument.get_id().as_str()));
    for argument in shown {
        let help = plain(argument.get_help());
        text.push_str(&format!("- `{}`: {help}", shape(argument)));
        let values: Vec<String> = if argument.get_action().takes_values() {
            let possible = argument.get_possible_values();
            let shown = possible.iter().filter(|value| !value.is_hide_set());
            shown.map(|value| format!("`{}`", value.get_name())).collect()
        } else {
            Vec::new()
        };
        if !values.is_empty() {
            text.push_str(&format!("; one of {}", values.join(", ")));
        }
        let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if argument.get_action().takes_values() && defaults.iter().any(|value| !value.is_empty()) {
            text.push_str(&format!("; `{}` if not given", defaults.join(" ")));
        }
        text.push('\n');
    }
}

/// `-q, --quiet`, `--limit <N>`, `[PATH]`.
fn shape(argument: &Arg) -> String {
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let value = argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    match (names.is_empty(), value) {
        (true, value) => value.unwrap_or_else(|| argument.get_id().to_string()),
        (false, Some(value)) if argument.get_action().takes_values() => format!("{} {value}", names.join(", ")),
        (false, _) => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_manual_is_that_of_the_commands() {
        let mut program = super::super::command();
        program.build();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/manual.md");
        let made = super::markdown(&program);
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        assert!(
            std::fs::read_to_string(path).unwrap() == made,
            "docs/manual.md is old: UPDATE_FIXTURES=1 cargo test manual"
        );
    }
}
