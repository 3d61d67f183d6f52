//! The questions: typed arguments in, typed replies out. A question never writes and never prints.
//!
//! [`QUESTIONS`] is the only registry: the command line is made from it, and whatever else asks questions.

pub mod affected_tests;
pub mod ast;
pub mod callees;
pub mod callers;
pub mod cfg;
pub mod check;
pub mod chunk_by_span;
pub mod chunk_by_symbol;
pub mod chunks;
pub mod collisions;
pub mod condense;
pub mod context;
pub mod cycles;
pub mod dead_code;
pub mod deps;
pub mod diff;
pub mod entry_points;
mod error;
pub mod explain;
pub mod files;
pub mod find;
pub mod find_ast;
pub mod fingerprint;
mod freshness;
pub mod get;
pub mod get_file;
pub mod hierarchy;
pub mod hotspots;
pub mod impact;
mod instead;
pub mod label;
pub mod log;
pub mod map;
pub mod metrics;
mod name;
mod network;
mod offered;
pub mod outline;
mod overrides;
pub mod paths;
mod pattern;
mod piece;
mod queue;
pub mod reachable;
pub mod refs;
pub mod search;
pub mod show;
mod site;
pub mod slice;
mod sources;
pub mod status;
mod structural;
mod suggest;
mod texts;
mod units;
mod why;
mod within;

pub use crate::model::List;
pub use error::{QueryError, Result};
pub use freshness::{Freshness, KnownBy, STAT_LIMIT, changed_sources};
pub use instead::{Instead, instead};
pub(crate) use instead::{file_of_place, is_folder};
pub use name::SymbolName;
pub use network::{By, Doubt, Drawing, Follow, Line, Picture, Place, Scope, Shape};
pub(crate) use pattern::{Paths, kind as parse_kind};
pub use site::{Brief, Enclosing, Site, Unresolved};
pub(crate) use suggest::quoted;
pub use suggest::{Suggestion, suggest};
pub use why::Step;

use std::path::Path;

use clap::{ArgMatches, Args as _, Command, FromArgMatches};
use schemars::{Schema, SchemaGenerator};
use serde::Serialize;

use crate::store::Snapshot;

/// What every question stands on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The content of the database.
    pub snapshot: &'a dyn Snapshot,
    /// The root of the indexed tree, absolute.
    pub root: &'a Path,
    /// The folder that paths in arguments are relative to, absolute.
    pub folder: &'a Path,
    /// The database.
    pub database: &'a Path,
    /// Name of its engine.
    pub backend: &'static str,
    /// How many items a list of the reply may hold.
    pub limit: usize,
    /// How well the database fits the tree on disk.
    pub freshness: Freshness,
}

/// A question of the table.
pub struct Question {
    /// The word that asks it.
    pub name: &'static str,
    /// Version of the reply's JSON form; rises when a field changes its meaning or goes.
    pub version: u32,
    /// Help in one line.
    pub about: &'static str,
    /// Invocations worth copying, with what they do.
    pub examples: &'static [(&'static str, &'static str)],
    /// The shape of the reply: `SchemaGenerator::subschema_for` its type.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
    /// Adds the question's arguments to a command.
    pub arguments: fn(Command) -> Command,
    /// Asks it.
    pub ask: fn(&Ground<'_>, &ArgMatches) -> Result<Reply>,
}

/// Every question, in the order help lists them.
pub static QUESTIONS: &[Question] = &[
    Question {
        name: "callers",
        version: 1,
        about: "Who calls a symbol, and whether that is everyone",
        examples: &[
            ("magellan callers parse", "every call site of the function called parse"),
            ("magellan callers Parser::next --unresolved", "and the sites that could mean it"),
            ("magellan callers src/lib.rs:42", "of the definition at a line"),
        ],
        schema: SchemaGenerator::subschema_for::<callers::Reply>,
        arguments: callers::Args::augment_args,
        ask: |ground, matches| callers::run(ground, &parse(matches)?).map(Reply::Callers),
    },
    Question {
        name: "callees",
        version: 1,
        about: "What a symbol calls, and what could not be settled",
        examples: &[
            ("magellan callees main", "every call site inside main with its outcome"),
            ("magellan callees Parser", "every call site inside a type"),
        ],
        schema: SchemaGenerator::subschema_for::<callees::Reply>,
        arguments: callees::Args::augment_args,
        ask: |ground, matches| callees::run(ground, &parse(matches)?).map(Reply::Callees),
    },
    Question {
        name: "refs",
        version: 1,
        about: "Every use of a symbol: calls, reads, writes, types, imports",
        examples: &[
            ("magellan refs Config", "every use of Config"),
            ("magellan refs Config --role type", "only where it is used as a type"),
        ],
        schema: SchemaGenerator::subschema_for::<refs::Reply>,
        arguments: refs::Args::augment_args,
        ask: |ground, matches| refs::run(ground, &parse(matches)?).map(Reply::Refs),
    },
    Question {
        name: "explain",
        version: 1,
        about: "What stands at a place, what it means, and why",
        examples: &[
            ("magellan explain src/main.rs:42", "every use on a line, with its outcome and the steps to it"),
            ("magellan explain src/main.rs:42:8", "only what stands at a column"),
        ],
        schema: SchemaGenerator::subschema_for::<explain::Reply>,
        arguments: explain::Args::augment_args,
        ask: |ground, matches| explain::run(ground, &parse(matches)?).map(|reply| Reply::Explain(Box::new(reply))),
    },
    Question {
        name: "find",
        version: 1,
        about: "Definitions by name or glob",
        examples: &[
            ("magellan find parse", "every definition called parse"),
            ("magellan find 'parse_*' --kind function", "functions by glob"),
            ("magellan find Parser::next", "by qualified name"),
        ],
        schema: SchemaGenerator::subschema_for::<find::Reply>,
        arguments: find::Args::augment_args,
        ask: |ground, matches| find::run(ground, &parse(matches)?).map(Reply::Find),
    },
    Question {
        name: "show",
        version: 1,
        about: "The source of a symbol",
        examples: &[
            ("magellan show Parser::next", "its definition"),
            ("magellan show parse --context 5", "with five lines before and after"),
        ],
        schema: SchemaGenerator::subschema_for::<show::Reply>,
        arguments: show::Args::augment_args,
        ask: |ground, matches| show::run(ground, &parse(matches)?).map(|reply| Reply::Show(Box::new(reply))),
    },
    Question {
        name: "outline",
        version: 1,
        about: "The definitions of a file, nested",
        examples: &[("magellan outline src/main.rs", "what the file defines")],
        schema: SchemaGenerator::subschema_for::<outline::Reply>,
        arguments: outline::Args::augment_args,
        ask: |ground, matches| outline::run(ground, &parse(matches)?).map(Reply::Outline),
    },
    Question {
        name: "files",
        version: 1,
        about: "The indexed files",
        examples: &[
            ("magellan files", "all of them"),
            ("magellan files src", "those below a folder"),
            ("magellan files '**/*_test.go'", "by glob"),
        ],
        schema: SchemaGenerator::subschema_for::<files::Reply>,
        arguments: files::Args::augment_args,
        ask: |ground, matches| files::run(ground, &parse(matches)?).map(Reply::Files),
    },
    Question {
        name: "get",
        version: 1,
        about: "Everything known about one symbol, in short",
        examples: &[
            ("magellan get Parser::next", "signature, documentation, metrics, callers, callees, relations, members"),
            ("magellan get Parser --json", "the same for programs"),
        ],
        schema: SchemaGenerator::subschema_for::<get::Reply>,
        arguments: get::Args::augment_args,
        ask: |ground, matches| get::run(ground, &parse(matches)?).map(|reply| Reply::Get(Box::new(reply))),
    },
    Question {
        name: "get-file",
        version: 1,
        about: "Everything known about one file, or its exact bytes",
        examples: &[
            ("magellan get-file src/main.rs", "metrics, kinds of definitions, imports, parse errors"),
            ("magellan get-file src/main.rs --text", "the file as it was indexed, byte for byte"),
        ],
        schema: SchemaGenerator::subschema_for::<get_file::Reply>,
        arguments: get_file::Args::augment_args,
        ask: |ground, matches| get_file::run(ground, &parse(matches)?).map(|reply| Reply::GetFile(Box::new(reply))),
    },
    Question {
        name: "chunks",
        version: 1,
        about: "Pieces of source with their hashes: definitions and stored chunks",
        examples: &[
            ("magellan chunks src/main.rs", "every definition of a file with its source"),
            ("magellan chunks 'src/**' --kind function --no-text", "only where they are, and their hashes"),
            ("magellan chunks Parser", "a symbol and what is inside it"),
        ],
        schema: SchemaGenerator::subschema_for::<chunks::Reply>,
        arguments: chunks::Args::augment_args,
        ask: |ground, matches| chunks::run(ground, &parse(matches)?).map(Reply::Chunks),
    },
    Question {
        name: "chunk-by-span",
        version: 1,
        about: "The exact bytes of a range of a file",
        examples: &[("magellan chunk-by-span src/main.rs 0 120", "its first 120 bytes")],
        schema: SchemaGenerator::subschema_for::<chunk_by_span::Reply>,
        arguments: chunk_by_span::Args::augment_args,
        ask: |ground, matches| {
            chunk_by_span::run(ground, &parse(matches)?).map(|reply| Reply::ChunkBySpan(Box::new(reply)))
        },
    },
    Question {
        name: "chunk-by-symbol",
        version: 1,
        about: "The source of a symbol with its hash, and chunks stored under its name",
        examples: &[("magellan chunk-by-symbol Parser::next", "its definition as one chunk")],
        schema: SchemaGenerator::subschema_for::<chunk_by_symbol::Reply>,
        arguments: chunk_by_symbol::Args::augment_args,
        ask: |ground, matches| {
            chunk_by_symbol::run(ground, &parse(matches)?).map(|reply| Reply::ChunkBySymbol(Box::new(reply)))
        },
    },
    Question {
        name: "ast",
        version: 1,
        about: "The syntax tree of a file",
        examples: &[
            ("magellan ast src/main.rs --depth 2", "its first two levels"),
            ("magellan ast src/main.rs --at 42", "the node that holds a line"),
            ("magellan ast src/main.rs --at 42:8", "the smallest node at a place"),
            ("magellan ast src/main.rs --span 100..140", "the smallest node that holds a range of bytes"),
        ],
        schema: SchemaGenerator::subschema_for::<ast::Reply>,
        arguments: ast::Args::augment_args,
        ask: |ground, matches| ast::run(ground, &parse(matches)?).map(|reply| Reply::Ast(Box::new(reply))),
    },
    Question {
        name: "find-ast",
        version: 1,
        about: "All nodes of a kind in the syntax trees",
        examples: &[
            ("magellan find-ast try_statement src", "every one below a folder"),
            ("magellan find-ast identifier --field name --text 'get_*'", "by field and source"),
            ("magellan find-ast ERROR", "what the parser had to skip"),
        ],
        schema: SchemaGenerator::subschema_for::<find_ast::Reply>,
        arguments: find_ast::Args::augment_args,
        ask: |ground, matches| find_ast::run(ground, &parse(matches)?).map(Reply::FindAst),
    },
    Question {
        name: "cfg",
        version: 1,
        about: "The control flow of a callable: blocks and edges",
        examples: &[
            ("magellan cfg Parser::next", "its blocks, each with where control goes on"),
            ("magellan cfg Parser::next --format dot | dot -Tsvg > next.svg", "drawn by Graphviz"),
        ],
        schema: SchemaGenerator::subschema_for::<cfg::Reply>,
        arguments: cfg::Args::augment_args,
        ask: |ground, matches| cfg::run(ground, &parse(matches)?).map(|reply| Reply::Cfg(Box::new(reply))),
    },
    Question {
        name: "metrics",
        version: 1,
        about: "Sizes and complexities of a symbol, a file or the whole tree",
        examples: &[
            ("magellan metrics", "of the whole tree, with their distribution over callables"),
            ("magellan metrics src/main.rs", "of a file"),
            ("magellan metrics Parser::next", "of a callable"),
        ],
        schema: SchemaGenerator::subschema_for::<metrics::Reply>,
        arguments: metrics::Args::augment_args,
        ask: |ground, matches| metrics::run(ground, &parse(matches)?).map(Reply::Metrics),
    },
    Question {
        name: "hotspots",
        version: 1,
        about: "The callables that are hardest or most dangerous to change",
        examples: &[
            ("magellan hotspots --limit 20", "by complexity weighted with use"),
            ("magellan hotspots src --by cognitive --kind method", "methods below a folder by cognitive complexity"),
        ],
        schema: SchemaGenerator::subschema_for::<hotspots::Reply>,
        arguments: hotspots::Args::augment_args,
        ask: |ground, matches| hotspots::run(ground, &parse(matches)?).map(Reply::Hotspots),
    },
    Question {
        name: "label",
        version: 1,
        about: "Labels in use, or the symbols that have some",
        examples: &[
            ("magellan label", "every label and how many symbols have it"),
            ("magellan label function public async", "symbols that have all three"),
        ],
        schema: SchemaGenerator::subschema_for::<label::Reply>,
        arguments: label::Args::augment_args,
        ask: |ground, matches| label::run(ground, &parse(matches)?).map(Reply::Label),
    },
    Question {
        name: "reachable",
        version: 1,
        about: "Everything a symbol leads to by calls, or that leads to it",
        examples: &[
            ("magellan reachable main", "all that can run below main, by distance"),
            ("magellan reachable parse --reverse --no-tests", "all that can end up in parse, tests left out"),
            ("magellan reachable parse --depth 2 --dot | dot -Tsvg > parse.svg", "drawn by Graphviz"),
        ],
        schema: SchemaGenerator::subschema_for::<reachable::Reply>,
        arguments: reachable::Args::augment_args,
        ask: |ground, matches| reachable::run(ground, &parse(matches)?).map(|reply| Reply::Reachable(Box::new(reply))),
    },
    Question {
        name: "paths",
        version: 1,
        about: "How one symbol leads to another by calls, the shortest ways first",
        examples: &[
            ("magellan paths main parse --limit 5", "the five shortest ways"),
            ("magellan paths main Config --uses", "also over reads, types and imports"),
        ],
        schema: SchemaGenerator::subschema_for::<paths::Reply>,
        arguments: paths::Args::augment_args,
        ask: |ground, matches| paths::run(ground, &parse(matches)?).map(|reply| Reply::Paths(Box::new(reply))),
    },
    Question {
        name: "cycles",
        version: 1,
        about: "Callables that call each other in circles, or files that import each other",
        examples: &[
            ("magellan cycles", "recursion: mutual, and by itself"),
            ("magellan cycles --imports --mermaid", "files that import each other, drawn"),
            ("magellan cycles --depth 2", "only groups with a circle of at most two steps"),
        ],
        schema: SchemaGenerator::subschema_for::<cycles::Reply>,
        arguments: cycles::Args::augment_args,
        ask: |ground, matches| cycles::run(ground, &parse(matches)?).map(Reply::Cycles),
    },
    Question {
        name: "condense",
        version: 1,
        about: "The graph in layers, circles taken together",
        examples: &[
            ("magellan condense --imports", "files, those that nothing imports first"),
            ("magellan condense --no-tests --file src", "callables below a folder"),
            ("magellan condense --imports --depth 0", "files that import no other"),
        ],
        schema: SchemaGenerator::subschema_for::<condense::Reply>,
        arguments: condense::Args::augment_args,
        ask: |ground, matches| condense::run(ground, &parse(matches)?).map(Reply::Condense),
    },
    Question {
        name: "impact",
        version: 1,
        about: "What may break if something changes, and which tests reach it",
        examples: &[
            ("magellan impact Parser::next", "what depends on a symbol, by distance"),
            ("magellan impact src/parser.rs --depth 1", "what depends on a file at once"),
            ("magellan impact --diff main", "on what git says has changed since a revision"),
        ],
        schema: SchemaGenerator::subschema_for::<impact::Reply>,
        arguments: impact::Args::augment_args,
        ask: |ground, matches| impact::run(ground, &parse(matches)?).map(|reply| Reply::Impact(Box::new(reply))),
    },
    Question {
        name: "affected-tests",
        version: 1,
        about: "The tests that reach what changes",
        examples: &[
            ("magellan affected-tests --diff", "of what is not committed yet"),
            ("magellan affected-tests Parser::next --json", "of a symbol, for programs"),
        ],
        schema: SchemaGenerator::subschema_for::<affected_tests::Reply>,
        arguments: affected_tests::Args::augment_args,
        ask: |ground, matches| {
            affected_tests::run(ground, &parse(matches)?).map(|reply| Reply::AffectedTests(Box::new(reply)))
        },
    },
    Question {
        name: "diff",
        version: 1,
        about: "What changed between the index and the tree, or another database and this one",
        examples: &[
            ("magellan diff", "what changed in the tree since it was indexed: files, definitions, calls"),
            ("magellan diff before.db", "what changed from a database, say a backup, to this one"),
            ("magellan diff --exit-code --file 'src/**' --kind function", "exit code 1 if functions there changed"),
        ],
        schema: SchemaGenerator::subschema_for::<diff::Reply>,
        arguments: diff::Args::augment_args,
        ask: |ground, matches| diff::run(ground, &parse(matches)?).map(|reply| Reply::Diff(Box::new(reply))),
    },
    slice::QUESTION,
    search::QUESTION,
    context::QUESTION,
    hierarchy::QUESTION,
    entry_points::QUESTION,
    collisions::QUESTION,
    dead_code::QUESTION,
    deps::QUESTION,
    map::QUESTION,
    check::QUESTION,
    Question {
        name: "status",
        version: 1,
        about: "What is indexed, how far it can be trusted and how fresh it is",
        examples: &[("magellan status", "counts, outcomes of call sites, skipped and changed files")],
        schema: SchemaGenerator::subschema_for::<status::Reply>,
        arguments: status::Args::augment_args,
        ask: |ground, matches| status::run(ground, &parse(matches)?).map(|reply| Reply::Status(Box::new(reply))),
    },
    Question {
        name: "log",
        version: 1,
        about: "The runs that wrote the database",
        examples: &[
            ("magellan log --limit 5", "the newest five"),
            ("magellan log --outcome error", "those that failed"),
        ],
        schema: SchemaGenerator::subschema_for::<log::Reply>,
        arguments: log::Args::augment_args,
        ask: |ground, matches| log::run(ground, &parse(matches)?).map(Reply::Log),
    },
    Question {
        name: "fingerprint",
        version: 1,
        about: "One hash over all content, equal wherever the content is",
        examples: &[("magellan fingerprint", "to compare with that of another database")],
        schema: SchemaGenerator::subschema_for::<fingerprint::Reply>,
        arguments: fingerprint::Args::augment_args,
        ask: |ground, matches| fingerprint::run(ground, &parse(matches)?).map(Reply::Fingerprint),
    },
];

fn parse<A: FromArgMatches>(matches: &ArgMatches) -> Result<A> {
    A::from_arg_matches(matches).map_err(|error| QueryError::Usage(error.to_string()))
}

/// The reply to any question.
#[derive(Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "each is the reply of the question of that name")]
pub enum Reply {
    Callers(callers::Reply),
    Callees(callees::Reply),
    Refs(refs::Reply),
    Explain(Box<explain::Reply>),
    Find(find::Reply),
    Show(Box<show::Reply>),
    Outline(outline::Reply),
    Files(files::Reply),
    Get(Box<get::Reply>),
    GetFile(Box<get_file::Reply>),
    Chunks(chunks::Reply),
    ChunkBySpan(Box<chunk_by_span::Reply>),
    ChunkBySymbol(Box<chunk_by_symbol::Reply>),
    Ast(Box<ast::Reply>),
    FindAst(find_ast::Reply),
    Cfg(Box<cfg::Reply>),
    Metrics(metrics::Reply),
    Hotspots(hotspots::Reply),
    Label(label::Reply),
    Reachable(Box<reachable::Reply>),
    Paths(Box<paths::Reply>),
    Cycles(cycles::Reply),
    Condense(condense::Reply),
    Impact(Box<impact::Reply>),
    AffectedTests(Box<affected_tests::Reply>),
    Diff(Box<diff::Reply>),
    Slice(Box<slice::Reply>),
    Search(search::Reply),
    Context(Box<context::Reply>),
    Hierarchy(Box<hierarchy::Reply>),
    EntryPoints(entry_points::Reply),
    Collisions(collisions::Reply),
    DeadCode(dead_code::Reply),
    Deps(deps::Reply),
    Map(Box<map::Reply>),
    Check(Box<check::Reply>),
    Status(Box<status::Reply>),
    Log(log::Reply),
    Fingerprint(fingerprint::Reply),
}

impl Reply {
    /// Whether the reply names everything there is to know.
    pub fn is_complete(&self) -> bool {
        match self {
            Self::Callers(reply) => reply.complete && reply.callers.is_whole(),
            Self::Callees(reply) => reply.complete && reply.sites.is_whole(),
            Self::Refs(reply) => reply.complete && reply.users.is_whole(),
            Self::Explain(reply) => reply.uses.is_whole(),
            Self::Find(reply) => reply.symbols.is_whole(),
            Self::Show(reply) => reply.lines.is_whole(),
            Self::Outline(reply) => reply.symbols.is_whole(),
            Self::Files(reply) => reply.files.is_whole(),
            Self::Get(reply) => reply.is_complete(),
            Self::GetFile(reply) => reply.imports.is_whole() && reply.diagnostics.is_whole(),
            Self::Chunks(reply) => reply.chunks.is_whole(),
            Self::ChunkBySymbol(reply) => reply.chunks.is_whole(),
            Self::Ast(reply) => reply.nodes.is_whole(),
            Self::FindAst(reply) => reply.nodes.is_whole(),
            Self::Cfg(reply) => reply.blocks.is_whole() && reply.edges.is_whole(),
            Self::Hotspots(reply) => reply.hotspots.is_whole(),
            Self::Label(reply) => reply.is_whole(),
            Self::Reachable(reply) => reply.complete && reply.reached.is_whole(),
            Self::Paths(reply) => reply.complete && !reply.more,
            Self::Cycles(reply) => reply.complete && reply.is_whole(),
            Self::Condense(reply) => reply.complete && reply.groups.is_whole(),
            Self::Impact(reply) => reply.complete && reply.affected.is_whole() && reply.roots.is_whole(),
            Self::AffectedTests(reply) => reply.complete && reply.tests.is_whole() && reply.roots.is_whole(),
            Self::Diff(reply) => reply.is_whole(),
            Self::Slice(reply) => reply.complete && reply.hidden == 0,
            Self::Search(reply) => reply.complete && reply.hits.is_whole(),
            Self::Context(reply) => reply.left_out.total == 0 && reply.complete,
            Self::Hierarchy(reply) => reply.complete,
            Self::EntryPoints(reply) => reply.entries.is_whole(),
            Self::Collisions(reply) => reply.is_whole(),
            Self::DeadCode(reply) => reply.is_complete(),
            Self::Deps(reply) => reply.unresolved == 0 && reply.units.is_whole() && reply.dependencies.is_whole(),
            Self::Map(reply) => reply.calls.unknown == 0,
            Self::Check(reply) => reply.is_complete(),
            Self::ChunkBySpan(_) | Self::Metrics(_) => true,
            Self::Status(_) | Self::Fingerprint(_) => true,
            Self::Log(reply) => reply.executions.is_whole(),
        }
    }

    /// The exact bytes that the reply is about, where it is to be given as they are.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::GetFile(reply) => reply.bytes.as_deref(),
            Self::Check(reply) => reply.document.as_deref(),
            _ => None,
        }
    }

    /// A file that the question asks to be written, and its text; whoever shows the reply does.
    pub fn keep(&self) -> Option<(&Path, &str)> {
        match self {
            Self::Check(reply) => reply.keep.as_ref().map(|(path, text)| (path.as_path(), text.as_str())),
            _ => None,
        }
    }

    /// Whether anything was found, or what is asked for holds.
    pub fn is_found(&self) -> bool {
        match self {
            Self::Callers(reply) => reply.callers.total > 0,
            Self::Callees(reply) => reply.sites.total > 0,
            Self::Refs(reply) => reply.users.total > 0,
            Self::Explain(reply) => reply.uses.total > 0 || !reply.definitions.is_empty(),
            Self::Find(reply) => reply.symbols.total > 0,
            Self::Outline(reply) => reply.symbols.total > 0,
            Self::Files(reply) => reply.files.total > 0,
            Self::Log(reply) => reply.executions.total > 0,
            Self::Chunks(reply) => reply.chunks.total > 0,
            Self::Ast(reply) => reply.nodes.total > 0,
            Self::FindAst(reply) => reply.nodes.total > 0,
            Self::Hotspots(reply) => reply.hotspots.total > 0,
            Self::Label(reply) => reply.is_found(),
            Self::Reachable(reply) => reply.reached.total > 0,
            Self::Paths(reply) => !reply.paths.is_empty(),
            Self::Cycles(reply) => reply.cycles.total + reply.self_recursive.total > 0,
            Self::Condense(reply) => reply.groups.total > 0,
            Self::Impact(reply) => reply.affected.total > 0,
            Self::AffectedTests(reply) => reply.tests.total > 0,
            Self::Diff(reply) => reply.equal || !reply.exit_code,
            Self::Slice(reply) => reply.statements > 0,
            Self::Search(reply) => reply.hits.total > 0,
            Self::Hierarchy(reply) => reply.is_found(),
            Self::EntryPoints(reply) => reply.entries.total > 0,
            Self::Collisions(reply) => reply.collisions.total > 0,
            Self::DeadCode(reply) => reply.dead.total > 0,
            Self::Deps(reply) => reply.units.total > 0,
            Self::Check(reply) => reply.violations.total == 0,
            Self::Get(_)
            | Self::Context(_)
            | Self::Map(_)
            | Self::GetFile(_)
            | Self::ChunkBySpan(_)
            | Self::ChunkBySymbol(_)
            | Self::Cfg(_)
            | Self::Metrics(_)
            | Self::Show(_)
            | Self::Status(_)
            | Self::Fingerprint(_) => true,
        }
    }
}
