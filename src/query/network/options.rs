//! Arguments that questions about the graph share.

use crate::model::SymbolKind;

use super::super::pattern::{self, Paths};
use super::super::{Ground, Result};
use super::{Network, Use, is_call};

/// What to list.
#[derive(clap::Args, Clone, Debug)]
pub struct Scope {
    /// Follow at most this many steps
    #[arg(long, value_name = "STEPS")]
    pub depth: Option<u32>,
    /// List only definitions of this kind: function, method, class, struct, ...
    #[arg(long, value_name = "KIND", value_parser = pattern::kind)]
    pub kind: Option<SymbolKind>,
    /// List only what stands in a file, a folder or a glob as in `.gitignore`
    #[arg(long, value_name = "PATH")]
    pub file: Option<String>,
    /// Leave tests out, and what leads through them
    #[arg(long)]
    pub no_tests: bool,
    /// How to draw it.
    #[command(flatten)]
    pub picture: Picture,
}

/// Whether to draw the answer.
#[derive(clap::Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Draw what is listed in the DOT language, for Graphviz
    #[arg(long, conflicts_with = "mermaid")]
    pub dot: bool,
    /// Draw what is listed as a Mermaid flowchart
    #[arg(long)]
    pub mermaid: bool,
}

impl Picture {
    /// Whether one is wanted.
    pub(in crate::query) fn is_wanted(self) -> bool {
        self.dot || self.mermaid
    }
}

/// What leads from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Callables to callables.
    Calls,
    /// Files to files.
    Imports,
}

/// Which uses lead on.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct Follow {
    /// Follow every use, not only calls: reads, writes, types, imports
    #[arg(long)]
    pub uses: bool,
    /// Follow only calls that can mean one definition, no candidates
    #[arg(long)]
    pub certain: bool,
}

impl Follow {
    /// Whether a use is followed.
    pub(in crate::query) fn has(self, edge: &Use) -> bool {
        (self.uses || is_call(edge.role)) && (edge.is_certain || !self.certain)
    }
}

/// What a scope leaves out.
pub(in crate::query) struct Filter {
    pub(in crate::query) depth: u32,
    pub(in crate::query) no_tests: bool,
    kind: Option<SymbolKind>,
    paths: Paths,
}

impl Filter {
    pub(in crate::query) fn new(ground: &Ground<'_>, scope: &Scope) -> Result<Self> {
        Ok(Self {
            depth: scope.depth.unwrap_or(u32::MAX),
            no_tests: scope.no_tests,
            kind: scope.kind,
            paths: pattern::known(ground, scope.file.as_deref())?,
        })
    }

    /// Whether a node is to be listed.
    pub(in crate::query) fn lists(&self, network: &Network, node: u32) -> bool {
        let is_of_kind = || self.kind.is_none_or(|kind| network.vertex(node).is_some_and(|vertex| vertex.kind == kind));
        let is_wanted = |path: &str| matches!(self.paths, Paths::All) || self.paths.has(path);
        is_of_kind() && is_wanted(&network.file(node).path) && !(self.no_tests && network.is_test(node))
    }
}
