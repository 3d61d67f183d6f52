//! Where text goes: answers to stdout, talk to stderr, failures to whichever the reader expects.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::as_of::AsOf;
use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;
use super::page::{Page, Style};
use super::{sanitise, text};

/// The two streams and how to write to them.
pub(super) struct Output {
    json: bool,
    pretty: bool,
    quiet: bool,
    paints_answers: bool,
    paints_talk: bool,
}

/// The one object printed under `--json`.
#[derive(Serialize)]
pub(super) struct Envelope<'a, T> {
    /// What `data` looks like.
    pub(super) schema: Schema,
    /// The reply.
    pub(super) data: &'a T,
    /// How well the index fits the tree on disk.
    pub(super) freshness: Option<&'a AsOf>,
    /// Whether the reply names everything there is to know.
    pub(super) complete: bool,
}

/// Name and version of a JSON form.
#[derive(Serialize)]
pub(super) struct Schema {
    /// The command.
    pub(super) name: &'static str,
    /// Rises when a field changes its meaning or goes.
    pub(super) version: u32,
}

#[derive(Serialize)]
struct ErrorEnvelope<'a> {
    schema: Schema,
    error: &'a Failure,
}

impl Output {
    /// The streams of this process.
    pub(super) fn new(options: &Options) -> Self {
        Self {
            json: options.json,
            pretty: options.pretty,
            quiet: options.quiet,
            paints_answers: options.paints(io::stdout().is_terminal()),
            paints_talk: options.paints(io::stderr().is_terminal()),
        }
    }

    /// A page for answers.
    pub(super) fn answer(&self) -> Page {
        Page::new(self.paints_answers)
    }

    /// A page for talk.
    pub(super) fn talk(&self) -> Page {
        Page::new(self.paints_talk)
    }

    /// Prints an answer. A reader that has gone away has had enough: that is success.
    pub(super) fn print(&self, page: &Page) -> Result<(), Failure> {
        write_out(page.text().as_bytes())
    }

    /// Prints bytes as they are, but to a terminal nothing that could steer it.
    pub(super) fn print_bytes(&self, bytes: &[u8]) -> Result<(), Failure> {
        if !io::stdout().is_terminal() {
            return write_out(bytes);
        }
        let mut page = self.answer();
        for line in String::from_utf8_lossy(bytes).lines() {
            page.say(line).end();
        }
        self.print(&page)
    }

    /// Prints an answer as JSON.
    pub(super) fn print_json(&self, value: &impl Serialize) -> Result<(), Failure> {
        write_out(json(value, self.pretty)?.as_bytes())
    }

    /// Prints one of many answers as JSON on a line of its own; gives whether anybody still reads.
    pub(super) fn print_json_line(&self, value: &impl Serialize) -> Result<bool, Failure> {
        let text = serde_json::to_string(value).map_err(|error| json_failure(&error))?;
        offer(format!("{}\n", sanitise::for_json(&text)).as_bytes())
    }

    /// Prints one of many answers; gives whether anybody still reads.
    pub(super) fn print_line(&self, page: &Page) -> Result<bool, Failure> {
        offer(page.text().as_bytes())
    }

    /// Says something that is not the answer, unless asked to be quiet.
    pub(super) fn note(&self, page: &Page) {
        if !self.quiet {
            write_err(page.text());
        }
    }

    /// Tells a failure and gives its exit code.
    pub(super) fn failure(&self, failure: &Failure) -> Exit {
        if self.json {
            let envelope = ErrorEnvelope { schema: Schema { name: "error", version: 1 }, error: failure };
            if let Err(second) = json(&envelope, self.pretty).and_then(|text| write_out(text.as_bytes())) {
                write_err(&format!("magellan: {}\n", second.message));
            }
            return failure.exit;
        }
        let mut page = self.talk();
        page.put(Style::Bad, "error").say(": ").say(&failure.message).end();
        if let Some(candidates) = &failure.candidates {
            text::candidates(candidates, &mut page);
        }
        page.put(Style::Good, "hint").say(": ").say(&failure.hint).end();
        write_err(page.text());
        failure.exit
    }
}

/// Passes on what clap has to say: help and version are answers, the rest is wrong usage.
pub(super) fn clap_says(error: &clap::Error, arguments: &[OsString]) -> Exit {
    if !error.use_stderr() {
        // A closed pipe is the only thing that can go wrong here, and it is success.
        let _ = error.print();
        return Exit::Done;
    }
    if wants_json(arguments) {
        let text = error.to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let message = lines.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let hint = match lines.next_back() {
            Some(hint) if !hint.is_empty() => hint.to_owned(),
            _ => "`magellan help` lists commands and options".to_owned(),
        };
        let failure = Failure::new(Exit::Usage, "usage", message, hint);
        let envelope = ErrorEnvelope { schema: Schema { name: "error", version: 1 }, error: &failure };
        if let Err(second) = json(&envelope, false).and_then(|text| write_out(text.as_bytes())) {
            write_err(&format!("magellan: {}\n", second.message));
        }
    } else {
        // Without a stderr there is no one to tell.
        let _ = error.print();
    }
    Exit::Usage
}

/// What was asked for, as far as arguments tell that clap could not make sense of.
fn wants_json(arguments: &[OsString]) -> bool {
    let is_json = |word: &OsString| word == "json" || word == "pretty";
    let after = arguments.iter().zip(arguments.iter().skip(1)).any(|(a, b)| a == "--output" && is_json(b));
    let words = ["--json", "--output=json", "--output=pretty"];
    after || arguments.iter().any(|argument| words.iter().any(|word| argument == word))
}

/// Indented for people, on one line for programs.
fn json(value: &impl Serialize, pretty: bool) -> Result<String, Failure> {
    let text = if pretty || io::stdout().is_terminal() {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    let text = text.map_err(|error| json_failure(&error))?;
    Ok(format!("{}\n", sanitise::for_json(&text)))
}

fn json_failure(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::Bug, "json", error.to_string(), "please report this")
}

fn write_out(bytes: &[u8]) -> Result<(), Failure> {
    offer(bytes).map(drop)
}

/// Writes; gives whether anybody reads.
fn offer(bytes: &[u8]) -> Result<bool, Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => {
            let message = format!("the answer cannot be written: {error}");
            Err(Failure::new(Exit::Partial, "output", message, "check where the output goes"))
        }
        Ok(()) => Ok(true),
    }
}

/// There is no one to tell that stderr is closed.
pub(super) fn write_err(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
