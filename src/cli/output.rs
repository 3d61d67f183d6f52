//! Where text goes: answers to stdout, talk to stderr, failures to whichever the reader expects.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::as_of::AsOf;
use super::contract::{Contract, ERROR};
use super::exit::Exit;
use super::failure::Failure;
use super::options::Options;
use super::page::{Page, Style};
use super::pieces::Pieces;
use super::{fit, sanitise, text};

/// The two streams and how to write to them.
pub(super) struct Output {
    json: bool,
    lines: bool,
    pretty: bool,
    max_bytes: Option<usize>,
    quiet: bool,
    paints_answers: bool,
    paints_talk: bool,
}

/// The one object printed under `--json`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Envelope<'a, T> {
    /// What `data` looks like.
    schema: Schema,
    /// The reply.
    data: &'a T,
    /// How well the index fits the tree on disk.
    freshness: Option<&'a AsOf>,
    /// Whether the reply names everything there is to know.
    complete: bool,
    /// Whether `--max-bytes` cut lists; not there if not.
    #[serde(skip_serializing_if = "is_not")]
    truncated: bool,
    /// The lists that `--max-bytes` cut; not there if none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_off: Vec<LeftOff>,
}

/// A list that was cut.
#[derive(Serialize, JsonSchema)]
struct LeftOff {
    /// The fields of the data that lead to it, with dots between them.
    list: String,
    /// How many of its items are shown.
    shown: usize,
    /// How many there are.
    total: usize,
}

fn is_not(value: &bool) -> bool {
    !value
}

impl<'a, T> Envelope<'a, T> {
    /// An answer that is not cut.
    pub(super) fn new(contract: &Contract, data: &'a T, freshness: Option<&'a AsOf>, complete: bool) -> Self {
        let schema = Schema { name: contract.name, version: contract.version };
        Self { schema, data, freshness, complete, truncated: false, left_off: Vec::new() }
    }
}

/// Name and version of a JSON form.
#[derive(Serialize, JsonSchema)]
struct Schema {
    /// The command.
    name: &'static str,
    /// Rises when a field changes its meaning or goes.
    version: u32,
}

/// The one object printed under `--json` where there is no answer.
#[derive(Serialize, JsonSchema)]
pub(super) struct ErrorEnvelope<'a> {
    /// What this object is.
    schema: Schema,
    /// What went wrong.
    error: &'a Failure,
}

impl<'a> ErrorEnvelope<'a> {
    fn new(error: &'a Failure) -> Self {
        Self { schema: Schema { name: ERROR, version: 1 }, error }
    }
}

impl Output {
    /// The streams of this process.
    pub(super) fn new(options: &Options) -> Self {
        Self {
            json: options.json,
            lines: options.lines,
            pretty: options.pretty,
            max_bytes: options.max_bytes,
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

    /// Prints the text of an answer, no more of it than is wanted. A drawing is of use only as a whole.
    pub(super) fn print_text(&self, page: &Page, is_drawing: bool) -> Result<(), Failure> {
        match self.max_bytes {
            Some(max) if is_drawing => fit::whole(max, page.text().len()).and_then(|()| self.print(page)),
            Some(max) => write_out(fit::lines(max, page.parts())?.as_bytes()),
            None => self.print(page),
        }
    }

    /// Prints the bytes that an answer is about, all of them or none.
    pub(super) fn print_exactly(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.max_bytes.map_or(Ok(()), |max| fit::whole(max, bytes.len()))?;
        self.print_bytes(bytes)
    }

    /// Prints an answer as JSON, in one piece or in lines, no more of it than is wanted.
    pub(super) fn print_json(&self, contract: &Contract, answer: &Envelope<'_, impl Serialize>) -> Result<(), Failure> {
        if !self.lines {
            let text = json(answer, self.pretty)?;
            if self.max_bytes.is_none_or(|max| text.len() <= max) {
                return write_out(text.as_bytes());
            }
        }
        let value = serde_json::to_value(answer).map_err(|error| json_failure(&error))?;
        let pieces = Pieces::of(value, contract.lists());
        let render = |caps: &[usize]| match self.lines {
            true => json_lines(&pieces.lines(caps)),
            false => json(&pieces.object(caps), self.pretty),
        };
        let lengths = pieces.lengths();
        let text = render(&lengths)?;
        match self.max_bytes {
            Some(max) if text.len() > max => write_out(fit::items(max, &lengths, &render)?.as_bytes()),
            _ => write_out(text.as_bytes()),
        }
    }

    /// Prints one of many answers as JSON on a line of its own; gives whether anybody still reads.
    pub(super) fn print_json_line(&self, value: &impl Serialize) -> Result<bool, Failure> {
        offer(json_line(value)?.as_bytes())
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
            if let Err(second) = self.failure_json(failure).and_then(|text| write_out(text.as_bytes())) {
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

    /// A failure is told whatever the bytes; only the candidates become fewer.
    fn failure_json(&self, failure: &Failure) -> Result<String, Failure> {
        let render = |caps: &[usize]| {
            let envelope = failure.limited(caps[0]);
            let envelope = ErrorEnvelope::new(&envelope);
            if self.lines { json_line(&envelope) } else { json(&envelope, self.pretty) }
        };
        let candidates = failure.candidates.as_ref().map_or(0, |list| list.items.len());
        match self.max_bytes {
            None => render(&[candidates]),
            Some(max) => fit::items(max, &[candidates], &render).or_else(|_| render(&[0])),
        }
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
        if let Err(second) = json(&ErrorEnvelope::new(&failure), false).and_then(|text| write_out(text.as_bytes())) {
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
    let is_json = |word: &OsString| word == "json" || word == "pretty" || word == "jsonl";
    let after = arguments.iter().zip(arguments.iter().skip(1)).any(|(a, b)| a == "--output" && is_json(b));
    let words = ["--json", "--jsonl", "--output=json", "--output=pretty", "--output=jsonl"];
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

/// On a line of its own.
fn json_line(value: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string(value).map_err(|error| json_failure(&error))?;
    Ok(format!("{}\n", sanitise::for_json(&text)))
}

fn json_lines(values: &[Value]) -> Result<String, Failure> {
    values.iter().map(json_line).collect()
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
