//! `magellan export`: what is meant, where it goes, and what was written.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use clap::{ArgMatches, FromArgMatches};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

use crate::export::{ExportError, Format, Graph, Table, Task, export};
use crate::model::SymbolKind;
use crate::query::{Ground, Paths, QueryError, parse_kind};

use super::as_of::{self, AsOf};
use super::contract::Contract;
use super::database::{Database, current_folder};
use super::exit::Exit;
use super::failure::Failure;
use super::index::{CANCEL, listen_for_interrupts};
use super::options::Options;
use super::output::{Envelope, Output};
use super::page::{count, size};
use super::sanitise;

pub(super) const NAME: &str = "export";
pub(super) const ABOUT: &str = "Write the map in a format of other tools";
pub(super) const EXAMPLES: &[(&str, &str)] = &[
    ("magellan export --format scip --output index.scip", "a code intelligence index"),
    ("magellan export --format csv --output tables", "a file for each table, in a folder"),
    ("magellan export --format csv --table calls", "one table to stdout"),
    ("magellan export --format dot --file 'src/**' | dot -Tsvg > calls.svg", "who calls whom, drawn by Graphviz"),
    ("magellan export --format tags --output tags", "for vim; etags for Emacs"),
];

/// What to write, and where.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Args {
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// The file to write, whole or not at all; for csv and parquet without --table a folder. If not given, stdout
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Only files at this path, below this folder or matching this glob; may be given several times
    #[arg(long, value_name = "GLOB")]
    file: Vec<String>,
    /// Only definitions of this kind, and uses that lead to one; may be given several times
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    kind: Vec<SymbolKind>,
    /// For csv, parquet, json and jsonl: only this table
    #[arg(long, value_name = "TABLE")]
    table: Option<Table>,
    /// For dot, graphml and mermaid: what to draw
    #[arg(long, value_name = "GRAPH", default_value = "calls")]
    graph: Graph,
    /// For scip and lsif: name of the package that symbols belong to
    #[arg(long, value_name = "NAME", default_value = "")]
    package: String,
    /// For scip and lsif: its version
    #[arg(long, value_name = "VERSION", default_value = "")]
    package_version: String,
    /// For scip and lsif: where the tree is, if not where it was indexed
    #[arg(long, value_name = "URI")]
    project_root: Option<String>,
}

/// What it prints under `--json`.
pub(super) const CONTRACT: Contract = Contract {
    name: NAME,
    version: 1,
    about: ABOUT,
    data: SchemaGenerator::subschema_for::<Written>,
    is_stream: false,
};

/// What was written to files.
#[derive(Serialize, JsonSchema)]
struct Written {
    /// The files, in the order in which they were written.
    files: Vec<WrittenFile>,
}

#[derive(Serialize, JsonSchema)]
struct WrittenFile {
    /// Its path.
    path: String,
    /// Its size.
    bytes: u64,
}

/// Exports.
pub(super) fn run(matches: &ArgMatches, options: &Options, output: &Output) -> Result<Exit, Failure> {
    let args = Args::from_arg_matches(matches).map_err(|error| usage(error.to_string()))?;
    let to_stdout = args.output.is_none();
    if to_stdout && args.format.is_tabular() && args.table.is_none() {
        return Err(usage("a table is one file: choose one with --table, or name a folder with --output"));
    }
    if to_stdout && args.format.is_binary() && io::stdout().is_terminal() {
        return Err(usage("this format is not for a terminal: name a file with --output"));
    }
    let database = Database::open(options)?;
    let snapshot = database.store.snapshot()?;
    let root = database.root(&*snapshot)?;
    let ground = database.ground(&*snapshot, &root, options, false)?;
    listen_for_interrupts()?;
    let written = write_all(&args, &ground)?;
    if let Some(written) = &written {
        tell(written, options, output)?;
    }
    if !options.json {
        let as_of = AsOf { freshness: ground.freshness, changed_sources: Vec::new(), refresh: None };
        let mut page = output.talk();
        as_of::tell(&as_of, &mut page);
        output.note(&page);
    }
    Ok(Exit::Done)
}

fn tell(written: &Written, options: &Options, output: &Output) -> Result<(), Failure> {
    if options.json {
        return output.print_json(&CONTRACT, &Envelope::new(&CONTRACT, written, None, true));
    }
    let mut page = output.talk();
    for file in &written.files {
        page.say(format!("wrote {} ({})", file.path, size(file.bytes))).end();
    }
    page.say(count(written.files.len() as u64, "file")).end();
    output.note(&page);
    Ok(())
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, "usage", message, "`magellan help export` lists the options")
}

/// Writes to files, and tells which, or to stdout.
fn write_all(args: &Args, ground: &Ground<'_>) -> Result<Option<Written>, Failure> {
    let mut chosen = Vec::new();
    for given in &args.file {
        let paths = Paths::of(ground, Some(given))?;
        if paths.files(ground)?.is_empty() {
            return Err(QueryError::NoFile(given.clone()).into());
        }
        chosen.push(paths);
    }
    let has_path = |path: &str| chosen.is_empty() || chosen.iter().any(|paths| paths.has(path));
    let root = args.project_root.clone().unwrap_or_else(|| file_uri(ground.root));
    let task = |table| Task {
        snapshot: ground.snapshot,
        has_path: &has_path,
        kinds: &args.kind,
        table,
        graph: args.graph,
        root: root.trim_end_matches('/'),
        package: (&args.package, &args.package_version),
        is_stopped: &|| CANCEL.load(Ordering::Relaxed),
    };
    let Some(output) = &args.output else {
        return to_stdout(&task(args.table), args.format).map(|()| None);
    };
    let output = current_folder()?.join(output);
    let mut files = Vec::new();
    if args.format.is_tabular() && args.table.is_none() {
        std::fs::create_dir_all(&output).map_err(|error| unwritable(&output, &error))?;
        for table in Table::ALL {
            let path = output.join(format!("{}.{}", table.word(), args.format.extension()));
            files.push(to_file(&task(Some(table)), args.format, &path)?);
        }
    } else {
        files.push(to_file(&task(args.table), args.format, &output)?);
    }
    Ok(Some(Written { files }))
}

fn file_uri(root: &Path) -> String {
    let path = root.to_string_lossy().replace('\\', "/");
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("file://{slash}{}", crate::export::uri(&path))
}

/// Into a file beside it first, which is then renamed: a reader sees the old one or the whole new one.
fn to_file(task: &Task<'_>, format: Format, path: &Path) -> Result<WrittenFile, Failure> {
    let mut name = path.file_name().ok_or_else(|| usage("--output names no file"))?.to_owned();
    name.push(format!(".{}.partial", std::process::id()));
    let partial = path.with_file_name(name);
    let bytes = fill(task, format, &partial).and_then(|bytes| {
        std::fs::rename(&partial, path)?;
        Ok(bytes)
    });
    match bytes {
        Ok(bytes) => Ok(WrittenFile { path: path.display().to_string(), bytes }),
        Err(error) => {
            // It may not have been made at all.
            let _ = std::fs::remove_file(&partial);
            Err(match error {
                ExportError::Write(error) => unwritable(path, &error),
                other => failure(other),
            })
        }
    }
}

fn fill(task: &Task<'_>, format: Format, path: &Path) -> Result<u64, ExportError> {
    let mut out = BufWriter::new(File::create(path)?);
    export(task, format, &mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// A reader that has gone away has had enough: that is success.
fn to_stdout(task: &Task<'_>, format: Format) -> Result<(), Failure> {
    let stdout = io::stdout();
    let is_terminal = stdout.is_terminal();
    let mut out = BufWriter::new(Shown { out: stdout, is_terminal, line: Vec::new() });
    match export(task, format, &mut out).and_then(|()| Ok(out.flush()?)) {
        Err(ExportError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(failure(error)),
        Ok(()) => Ok(()),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{} cannot be written: {error}", path.display());
    Failure::new(Exit::Partial, "output", message, "check the folder, its permissions and the free space on the disk")
}

fn failure(error: ExportError) -> Failure {
    match error {
        ExportError::Store(error) => error.into(),
        ExportError::Write(error) => {
            let message = format!("the export cannot be written: {error}");
            Failure::new(Exit::Partial, "output", message, "check where the output goes")
        }
        ExportError::Interrupted => {
            let hint = "no file was written; the same command starts again";
            Failure::new(Exit::Interrupted, "interrupted", "interrupted", hint)
        }
        ExportError::NoFormat(_) => {
            Failure::new(Exit::Usage, "no_format", error.to_string(), "use a build with the feature parquet")
        }
    }
}

/// stdout; if it is a terminal, without anything that could steer it.
struct Shown<W: Write> {
    out: W,
    is_terminal: bool,
    line: Vec<u8>,
}

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_terminal {
            return self.out.write(bytes);
        }
        self.line.extend_from_slice(bytes);
        while let Some(end) = memchr::memchr(b'\n', &self.line) {
            let line: Vec<u8> = self.line.drain(..=end).collect();
            let text = String::from_utf8_lossy(&line);
            self.out.write_all(sanitise::for_terminal(text.trim_end_matches(['\r', '\n'])).as_bytes())?;
            self.out.write_all(b"\n")?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            let line = std::mem::take(&mut self.line);
            self.out.write_all(sanitise::for_terminal(&String::from_utf8_lossy(&line)).as_bytes())?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_nothing_that_steers_it() {
        let mut shown = Shown { out: Vec::new(), is_terminal: true, line: Vec::new() };
        shown.write_all(b"a\x1b[31m,b\r\nc\xff").unwrap();
        shown.flush().unwrap();
        assert_eq!(String::from_utf8(shown.out).unwrap(), "a\\u{1b}[31m,b\nc\u{fffd}");
    }
}
