//! A tree on one screen: its languages, its modules by size and by how much rests on them, where it is entered, what is
//! hard to change, where it goes in circles, and how far all that can be trusted.

use std::cmp::Reverse;

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::components;
use crate::model::{Marks, Tally};
use crate::store::Label;

use super::hotspots::{self, By as HotspotsBy, Hotspot};
use super::network::{Network, is_call};
use super::units::{By, Units, centrality, layered};
use super::within::Within;
use super::{Brief, Ground, List, Question, Reply as AnyReply, Result};

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "map",
    version: 1,
    about: "The tree on one screen: languages, modules, entries, hot spots, circles, trust",
    examples: &[
        ("magellan map", "what to know before anything else"),
        ("magellan map --top 20 --by folders --no-tests", "more of it, by folders, tests left out"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(|reply| AnyReply::Map(Box::new(reply))),
};

/// How much of it.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// How many of each list
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub top: usize,
    /// What a module is
    #[arg(long, value_name = "WHAT", default_value = "modules")]
    pub by: By,
    /// Which files to look at.
    #[command(flatten)]
    pub within: Within,
}

/// The overview.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// Most lines of code first.
    pub languages: Vec<Language>,
    /// What a module is.
    pub by: By,
    /// Those with the most lines of code first.
    pub largest: List<Module>,
    /// Those on which most rests first.
    pub central: List<Module>,
    /// Layers of modules, circles taken together.
    pub layers: u32,
    /// Main functions by path and position.
    pub mains: List<Brief>,
    /// Definitions that are marked as tests.
    pub tests: usize,
    /// Callables that are hardest to change.
    pub hotspots: List<Hotspot>,
    /// Modules that depend on each other in circles, the greatest first.
    pub cycles: List<Cycle>,
    /// Groups of callables that call each other in circles, settled calls only.
    pub recursions: usize,
    /// Call sites of the whole tree by outcome.
    pub calls: Tally,
    /// Files with parse errors.
    pub files_with_errors: u64,
    /// Files left out.
    pub skipped: usize,
}

/// A language.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Language {
    /// Its name.
    pub language: String,
    /// Files.
    pub files: u64,
    /// Lines of code.
    pub code: u64,
    /// Definitions.
    pub symbols: u64,
}

/// A module, or what counts as one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Module {
    /// Its name or path.
    pub name: String,
    /// Files.
    pub files: usize,
    /// Lines of code.
    pub code: u64,
    /// Definitions.
    pub symbols: u64,
    /// How many others depend on it.
    pub used_by: usize,
    /// How much rests on it: PageRank over dependencies, in millionths.
    pub centrality: u64,
    /// 0 for those that depend on nothing.
    pub layer: u32,
}

/// Modules that all depend on each other.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cycle {
    /// How many.
    pub count: usize,
    /// Their names; as many as are asked for.
    pub members: Vec<String>,
}

/// Draws it.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let top = args.top.min(ground.limit);
    let narrowed = args.within.read(ground)?;
    let network = Network::read(ground)?;
    let units = Units::of(&network, args.by, &narrowed)?;
    let graph = units.graph();
    let (layers, cycles) = layered(&graph);
    let mut modules = modules(&network, &units, &layers);
    modules.sort_by(|a, b| (b.code, &a.name).cmp(&(a.code, &b.name)));
    let largest = List::new(modules.clone(), top);
    modules.retain(|module| module.used_by > 0);
    modules.sort_by(|a, b| (b.centrality, &a.name).cmp(&(a.centrality, &b.name)));
    let totals = ground.snapshot.totals()?;
    let mut calls = Tally::default();
    for language in &totals.languages {
        calls.resolved += language.calls.resolved;
        calls.candidates += language.calls.candidates;
        calls.external += language.calls.external;
        calls.unknown += language.calls.unknown;
    }
    let mut languages: Vec<Language> = totals
        .languages
        .iter()
        .map(|row| Language {
            language: row.language.clone(),
            files: row.files,
            code: u64::from(row.lines.code),
            symbols: row.symbols,
        })
        .collect();
    languages.sort_by(|a, b| (b.code, &a.language).cmp(&(a.code, &b.language)));
    let mains = ground.snapshot.labelled(Label::Mark(Marks::ENTRY_POINT))?;
    let mains = mains.iter().filter(|row| row.kind.is_callable() && narrowed.has_file(&row.path)).map(Brief::from);
    let tests = ground.snapshot.labelled(Label::Mark(Marks::TEST))?;
    Ok(Reply {
        languages,
        by: args.by,
        largest,
        central: List::new(modules, top),
        layers: layers.iter().max().map_or(0, |highest| highest + 1),
        mains: List::new(mains.collect(), top),
        tests: tests.iter().filter(|row| narrowed.has(&row.path, true)).count(),
        hotspots: hotspots(ground, args, top)?,
        cycles: cycles_of(&units, &cycles, top),
        recursions: recursions(&network),
        calls,
        files_with_errors: totals.files_with_errors,
        skipped: ground.snapshot.skipped()?.len(),
    })
}

fn modules(network: &Network, units: &Units, layers: &[u32]) -> Vec<Module> {
    let graph = units.graph();
    let reversed = graph.reversed();
    let ranks = centrality(&graph);
    let module = |(at, name): (usize, &String)| {
        let files = units.files[at].iter().map(|&place| &network.files[place]);
        Module {
            name: name.clone(),
            files: units.files[at].len(),
            code: files.clone().map(|file| u64::from(file.lines.code)).sum(),
            symbols: files.map(|file| u64::from(file.symbols)).sum(),
            used_by: reversed.successors(at as u32).len(),
            centrality: ranks[at],
            layer: layers[at],
        }
    };
    units.names.iter().enumerate().map(module).collect()
}

fn cycles_of(units: &Units, cycles: &[Option<u32>], top: usize) -> List<Cycle> {
    let count = cycles.iter().flatten().max().copied().unwrap_or_default();
    let mut found = Vec::new();
    for number in 1..=count {
        let members: Vec<usize> = (0..cycles.len()).filter(|&at| cycles[at] == Some(number)).collect();
        let names = members.iter().take(top).map(|&at| units.names[at].clone()).collect();
        found.push(Cycle { count: members.len(), members: names });
    }
    // In order of names; a stable sort keeps that among equals.
    found.sort_by_key(|cycle| Reverse(cycle.count));
    List::new(found, top)
}

/// Groups of more than one callable that call each other in circles.
fn recursions(network: &Network) -> usize {
    let calls = network.uses.iter().filter(|edge| is_call(edge.role) && edge.is_certain);
    let edges: Vec<(u32, u32)> = calls.map(|edge| (edge.from, edge.to)).collect();
    let found = components(&crate::graph::Adjacency::new(network.nodes(), &edges));
    (0..found.count() as u32).filter(|&component| found.members(component).len() > 1).count()
}

fn hotspots(ground: &Ground<'_>, args: &Args, top: usize) -> Result<List<Hotspot>> {
    let ground = Ground { limit: top, ..*ground };
    let path = args.within.file.clone();
    Ok(hotspots::run(&ground, &hotspots::Args { path, by: HotspotsBy::Score, kind: None })?.hotspots)
}
