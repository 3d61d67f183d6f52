//! The tests that reach what changes: those to run.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::SymbolKind;

use super::impact::{Affected, Change, Impact, is_test_callable};
use super::network::{Doubt, Filter, Namer, Network, Picture, Place, Scope};
use super::{Ground, List, Result, pattern};

/// Of what, and how far.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// What changes.
    #[command(flatten)]
    pub change: Change,
    /// Follow at most this many steps
    #[arg(long, value_name = "STEPS")]
    pub depth: Option<u32>,
    /// List only tests of this kind: function, method, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// List only tests in a file, a folder or a glob as in `.gitignore`
    #[arg(long, value_name = "PATH")]
    pub file: Option<String>,
}

impl Args {
    /// Without tests nothing would be left, and `impact` draws.
    fn scope(&self) -> Scope {
        let Self { depth, kind, file, .. } = self;
        Scope { depth: *depth, kind: *kind, file: file.clone(), no_tests: false, picture: Picture::default() }
    }
}

/// The tests.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What changes: definitions and top levels of files.
    pub roots: List<Place>,
    /// Changed files that are not in the index: gone, new or of no known language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_indexed: Vec<String>,
    /// Whether no other test can reach it, as far as names lead.
    pub complete: bool,
    /// The tests, near ones first, then by path and position.
    pub tests: List<Affected>,
    /// Files of the tests, sorted, however many tests are shown.
    pub files: Vec<String>,
    /// What stands between this and completeness.
    pub doubt: Doubt,
}

/// Finds the tests.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let network = Network::read(ground)?;
    let filter = Filter::new(ground, &args.scope())?;
    let impact = Impact::find(ground, &network, &filter, &args.change)?;
    let is_listed = |node: &u32| is_test_callable(&network, *node) && filter.lists(&network, *node);
    // A test that changes is itself to run.
    let tests: Vec<u32> = impact.all().filter(is_listed).collect();
    let namer = Namer { ground, network: &network };
    let mut files: Vec<String> = tests.iter().map(|&node| network.file(node).path.clone()).collect();
    files.sort_unstable();
    files.dedup();
    let roots = &impact.shown_roots;
    Ok(Reply {
        roots: List { total: roots.len(), items: namer.places(&roots[..roots.len().min(ground.limit)])? },
        complete: impact.doubt.is_none() && impact.not_indexed.is_empty(),
        tests: impact.list(namer, &tests)?,
        files,
        doubt: impact.doubt,
        not_indexed: impact.not_indexed,
    })
}
