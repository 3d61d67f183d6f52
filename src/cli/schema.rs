//! `magellan schema`: what the JSON of a command looks like, as in `docs/schemas` but with all that it needs in it.

use clap::{ArgMatches, FromArgMatches};

use super::contract::{self, ERROR};
use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;
use super::output::Output;

/// The word that asks for it.
pub(super) const NAME: &str = "schema";
/// Help in one line.
pub(super) const ABOUT: &str = "The JSON Schema of what a command prints";
/// Invocations worth copying, with what they do.
pub(super) const EXAMPLES: &[(&str, &str)] = &[
    ("magellan schema", "the names of all schemas"),
    ("magellan schema callers", "of what `magellan callers --json` prints"),
    ("magellan schema callers --jsonl", "of each line of `magellan callers --jsonl`"),
];

/// Which one.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Args {
    /// The command, or `error` for failures; the names of all if not given
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

/// Prints it.
pub(super) fn run(matches: &ArgMatches, options: &Options, output: &Output) -> Result<Exit, Failure> {
    let args = Args::from_arg_matches(matches).map_err(|error| {
        Failure::new(Exit::Usage, "usage", error.to_string(), "`magellan help schema` lists the options")
    })?;
    let Some(name) = &args.command else {
        let names = contract::all().into_iter().map(|contract| contract.name).chain([ERROR]);
        output.print_bytes(names.map(|name| format!("{name}\n")).collect::<String>().as_bytes())?;
        return Ok(Exit::Done);
    };
    let contract = contract::all().into_iter().find(|contract| contract.name == name);
    let schema = match contract {
        Some(contract) if options.lines => contract.line_schema(),
        Some(contract) => contract.schema(),
        None if name == ERROR => contract::error_schema(),
        None => {
            let message = format!("no schema is called {name}");
            return Err(Failure::new(Exit::Usage, "usage", message, "`magellan schema` names them"));
        }
    };
    let text = format!("{schema:#}\n");
    output.print_bytes(text.as_bytes())?;
    Ok(Exit::Done)
}
