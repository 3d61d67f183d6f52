//! Which files, folders or modules depend on which, by imports and by calls, in layers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{Adjacency, FAR, reach};

use super::network::{Network, Picture};
use super::pattern::Paths;
use super::units::{By, Units, Weight, layered};
use super::within::Within;
use super::{Drawing, Ground, Line, List, QueryError, Question, Reply as AnyReply, Result, Shape};

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "deps",
    version: 1,
    about: "Which modules, folders or files depend on which, by imports and calls, in layers",
    examples: &[
        ("magellan deps", "modules, the highest layer first, each with what it uses"),
        ("magellan deps src/store --by files", "files of a folder, what they use and what uses them"),
        ("magellan deps src/store --by files --depth 3", "and what these use, and so on"),
        ("magellan deps --by folders --no-tests --dot | dot -Tsvg > deps.svg", "drawn by Graphviz"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(AnyReply::Deps),
};

/// Of what, and by what.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Only what has files there, what it depends on and what depends on it: a file, a folder or a glob
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// How many steps from there to follow either way; 1 if not given
    #[arg(long, value_name = "STEPS", requires = "path")]
    pub depth: Option<u32>,
    /// What depends on each other
    #[arg(long, value_name = "WHAT", default_value = "modules")]
    pub by: By,
    /// Only dependencies by imports
    #[arg(long, conflicts_with = "calls")]
    pub imports: bool,
    /// Only dependencies by calls
    #[arg(long)]
    pub calls: bool,
    /// Which files to look at.
    #[command(flatten)]
    pub within: Within,
    /// How to draw it.
    #[command(flatten)]
    pub picture: Picture,
}

/// The graph.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What depends on each other.
    pub by: By,
    /// The highest layer first, then by name.
    pub units: List<Unit>,
    /// By both names.
    pub dependencies: List<Dependency>,
    /// How many circles there are.
    pub cycles: usize,
    /// Call sites that are not settled and may be further dependencies.
    pub unresolved: u64,
    /// What to draw, if that is wanted.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
}

/// A module, folder or file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Unit {
    /// Its name or path.
    pub name: String,
    /// Number of its files.
    pub files: usize,
    /// 0 for those that depend on nothing, else one more than the highest it depends on; one for all of a circle.
    pub layer: u32,
    /// Which circle it is in, counted from 1.
    pub cycle: Option<u32>,
    /// How many others it depends on.
    pub uses: usize,
    /// How many others depend on it.
    pub used_by: usize,
}

/// One depends on another.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Dependency {
    /// This one.
    pub from: String,
    /// On that.
    pub to: String,
    /// Files that import files of it.
    pub imports: u32,
    /// Call sites that are settled.
    pub calls: u32,
    /// Call sites that may mean it.
    pub candidates: u32,
    /// Whether both are in one circle.
    pub in_cycle: bool,
}

/// Draws the graph.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let network = Network::read(ground)?;
    let mut units = Units::of(&network, args.by, &args.within.read(ground)?)?;
    units.edges.retain(|_, weight| is_wanted(args, weight));
    let graph = units.graph();
    let (layers, cycles) = layered(&graph);
    let reversed = graph.reversed();
    let near = Near::of(&graph, &reversed, asked(ground, args, &network, &units)?, args.depth.unwrap_or(1));
    let unit = |at: u32| Unit {
        name: units.names[at as usize].clone(),
        files: units.files[at as usize].len(),
        layer: layers[at as usize],
        cycle: cycles[at as usize],
        uses: graph.successors(at).len(),
        used_by: reversed.successors(at).len(),
    };
    let mut order: Vec<u32> = (0..units.names.len() as u32).filter(|at| near.has(*at)).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(layers[at as usize]), at));
    let edges: Vec<(u32, u32, Weight)> = units
        .edges
        .iter()
        .filter(|((from, to), _)| near.leads(*from, *to))
        .map(|(&(from, to), &weight)| (from, to, weight))
        .collect();
    let dependency = |&(from, to, weight): &(u32, u32, Weight)| Dependency {
        from: units.names[from as usize].clone(),
        to: units.names[to as usize].clone(),
        imports: weight.imports,
        calls: weight.calls,
        candidates: weight.candidates,
        in_cycle: cycles[from as usize].is_some() && cycles[from as usize] == cycles[to as usize],
    };
    let drawing = args.picture.is_wanted().then(|| {
        let drawn = &order[..order.len().min(ground.limit)];
        draw(args, &units, drawn, &edges, |at| args.path.is_some() && near.is_asked(at), order.len())
    });
    Ok(Reply {
        by: args.by,
        cycles: cycles.iter().flatten().max().map_or(0, |last| *last as usize),
        unresolved: network.unknown_calls.iter().map(|count| u64::from(*count)).sum(),
        units: List { total: order.len(), items: order.iter().take(ground.limit).map(|&at| unit(at)).collect() },
        dependencies: List { total: edges.len(), items: edges.iter().take(ground.limit).map(dependency).collect() },
        drawing,
    })
}

fn is_wanted(args: &Args, weight: &Weight) -> bool {
    let by_call = weight.calls > 0 || weight.candidates > 0;
    (!args.imports || weight.imports > 0) && (!args.calls || by_call)
}

/// The units that are asked for.
fn asked(ground: &Ground<'_>, args: &Args, network: &Network, units: &Units) -> Result<Vec<u32>> {
    let paths = Paths::of(ground, args.path.as_deref())?;
    let has = |at: &u32| units.files[*at as usize].iter().any(|&place| paths.has(&network.files[place].path));
    let asked: Vec<u32> = (0..units.names.len() as u32).filter(has).collect();
    match &args.path {
        Some(given) if asked.is_empty() => Err(QueryError::NoFile(given.clone())),
        _ => Ok(asked),
    }
}

/// What is asked for, what that depends on, and what depends on it.
struct Near {
    depth: u32,
    /// Steps from what is asked for.
    down: Vec<u32>,
    /// Steps to it.
    up: Vec<u32>,
}

impl Near {
    fn of(graph: &Adjacency, reversed: &Adjacency, asked: Vec<u32>, depth: u32) -> Self {
        Self { depth, down: reach(graph, &asked, depth).distance, up: reach(reversed, &asked, depth).distance }
    }

    fn is_asked(&self, at: u32) -> bool {
        self.down[at as usize] == 0
    }

    fn has(&self, at: u32) -> bool {
        self.down[at as usize].min(self.up[at as usize]) != FAR
    }

    /// Whether a dependency is on a way that is followed.
    fn leads(&self, from: u32, to: u32) -> bool {
        let is_inside = self.is_asked(from) && self.is_asked(to);
        is_inside || self.down[from as usize] < self.depth || self.up[to as usize] < self.depth
    }
}

fn draw(
    args: &Args,
    units: &Units,
    drawn: &[u32],
    edges: &[(u32, u32, Weight)],
    is_root: impl Fn(u32) -> bool,
    total: usize,
) -> Drawing {
    let kind = match args.by {
        By::Modules => "module",
        By::Folders => "folder",
        By::Files => "file",
    };
    let mut nodes = drawn.to_vec();
    nodes.sort_unstable();
    let shape = |&at: &u32| Shape { label: units.names[at as usize].clone(), kind, is_root: is_root(at) };
    let line = |&(from, to, weight): &(u32, u32, Weight)| {
        let (from, to) = (nodes.binary_search(&from).ok()?, nodes.binary_search(&to).ok()?);
        Some(Line { from, to, is_certain: weight.imports > 0 || weight.calls > 0 })
    };
    Drawing {
        picture: args.picture,
        shapes: nodes.iter().map(shape).collect(),
        lines: edges.iter().filter_map(line).collect(),
        hidden: total - drawn.len(),
    }
}
