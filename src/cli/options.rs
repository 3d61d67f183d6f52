//! Options that every command takes.

use std::path::PathBuf;

use clap::{ArgMatches, FromArgMatches, ValueEnum};

/// Options of every command.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Common options")]
pub(super) struct Options {
    /// Print one JSON object instead of text
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Print JSON lines: the answer without its lists, then each of their items
    #[arg(long = "jsonl", global = true, conflicts_with = "json")]
    pub(super) lines: bool,
    /// The most bytes that an answer may take.
    #[arg(skip)]
    pub(super) max_bytes: Option<usize>,
    /// Whether JSON is indented although no terminal shows it.
    #[arg(skip)]
    pub(super) pretty: bool,
    /// Show at most this many items of a list; 0 shows all
    #[arg(long, global = true, value_name = "N", default_value_t = 200)]
    limit: usize,
    /// The database: its folder or its file; found from the current folder upwards if not given
    #[arg(long, global = true, value_name = "PATH")]
    pub(super) db: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Say nothing but the answer and errors
    #[arg(long, short, global = true)]
    pub(super) quiet: bool,
    /// Say more: where the database is, every skipped file, time spent
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(super) verbose: bool,
}

/// Options of every question, on top of those.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Common options")]
pub(super) struct Currency {
    /// Walk the whole tree and count every changed, new and removed file, by content
    #[arg(long)]
    pub(super) check: bool,
    /// Index what changed before answering; if another process keeps writing, answer without after some seconds
    #[arg(long)]
    pub(super) fresh: bool,
}

const MAX_BYTES: &str = "max_bytes";

/// How long the answer to a question may be.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Common options")]
pub(super) struct Bound {
    /// Print at most this many bytes: lists are cut at whole items, text at whole lines, and the answer says so
    #[arg(id = MAX_BYTES, long = "max-bytes", value_name = "N")]
    max_bytes: Option<usize>,
}

/// The id of [`Shape`]'s argument, which is not that of the files that other commands write.
pub(super) const FORM: &str = "form";

/// `--output` of every command that does not write a file: the name that existing scripts use.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Common options")]
pub(super) struct Shape {
    /// How to print the answer, as --json does or not
    #[arg(id = FORM, long = "output", value_name = "FORM")]
    form: Option<Form>,
}

/// How to print an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// Text
    Human,
    /// One JSON object, as --json
    Json,
    /// The same, indented
    Pretty,
    /// JSON lines, as --jsonl
    Jsonl,
}

impl Currency {
    /// Takes the options out of what clap found.
    pub(super) fn parse(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Self::from_arg_matches(matches)
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On terminals, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Options {
    /// Takes the options out of what clap found.
    pub(super) fn parse(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut options = Self::from_arg_matches(matches)?;
        let form = matches.try_get_one::<Form>(FORM).ok().flatten();
        options.lines |= form == Some(&Form::Jsonl);
        options.json |= options.lines || form.is_some_and(|form| *form != Form::Human);
        options.max_bytes = matches.try_get_one::<usize>(MAX_BYTES).ok().flatten().copied();
        options.pretty = form == Some(&Form::Pretty);
        Ok(options)
    }

    /// How many items a list may hold.
    pub(super) fn limit(&self) -> usize {
        if self.limit == 0 { usize::MAX } else { self.limit }
    }

    /// Whether a stream that is or is not a terminal gets colours.
    pub(super) fn paints(&self, terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }
}
