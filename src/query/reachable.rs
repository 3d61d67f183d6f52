//! Everything that a symbol leads to by calls, or that leads to it, by distance.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{Adjacency, FAR, reach};
use crate::store::SymbolRow;

use super::network::{
    Doubt, Drawing, Filter, Follow, Namer, Network, Place, Scope, doubt_backward, doubt_forward, draw,
};
use super::site::Meaning;
use super::{Ground, List, Result, SymbolName};

/// From where, which way and how far.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Name, `Type::method`, `pkg.mod.f`, `path:line[:column]`, `path#name` or the first digits of an id
    #[arg(value_name = "SYMBOL")]
    pub symbol: String,
    /// What leads to the symbol instead of what it leads to
    #[arg(long)]
    pub reverse: bool,
    /// Which uses lead on.
    #[command(flatten)]
    pub follow: Follow,
    /// What to list.
    #[command(flatten)]
    pub scope: Scope,
}

/// What is reached.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol.
    pub symbol: SymbolRow,
    /// Whether what leads to it is told.
    pub reverse: bool,
    /// Whether nothing else can be reached, within the depth and the uses asked for.
    pub complete: bool,
    /// How many definitions and top levels are reached at each distance from 1 on, whatever is listed.
    pub by_distance: Vec<usize>,
    /// What is reached, near ones first, then by path and position.
    pub reached: List<Reached>,
    /// What stands between this and completeness.
    pub doubt: Doubt,
    /// What to draw, if that is wanted.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
}

/// Something that is reached.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Reached {
    /// What it is.
    #[serde(flatten)]
    pub place: Place,
    /// Steps on the shortest way.
    pub distance: u32,
    /// Whether there is a way without candidates.
    pub certain: bool,
}

/// Finds what is reached.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let symbol = SymbolName { symbol: args.symbol.clone(), kind: None }.one(ground)?;
    let network = Network::read(ground)?;
    let filter = Filter::new(ground, &args.scope)?;
    let roots = roots(ground, &network, &symbol)?;
    let directed = |graph: Adjacency| if args.reverse { graph.reversed() } else { graph };
    let graph = directed(network.graph(&filter, |edge| args.follow.has(edge)));
    let found = reach(&graph, &roots, filter.depth);
    let certain = directed(network.graph(&filter, |edge| edge.is_certain && args.follow.has(edge)));
    let certain = reach(&certain, &roots, u32::MAX);
    let beyond: Vec<u32> = found.order.iter().copied().filter(|&node| found.distance[node as usize] > 0).collect();
    let listed: Vec<u32> = beyond.iter().copied().filter(|&node| filter.lists(&network, node)).collect();
    let shown = &listed[..listed.len().min(ground.limit)];
    let namer = Namer { ground, network: &network };
    let mut items = Vec::with_capacity(shown.len());
    for &node in shown {
        let distance = found.distance[node as usize];
        items.push(Reached { place: namer.place(node)?, distance, certain: certain.has(node) });
    }
    let edges = network.uses.iter().filter(|edge| args.follow.has(edge));
    let edges = edges.map(|edge| (edge.from, edge.to, edge.is_certain));
    let drawing = draw(namer, (&roots, shown), edges, listed.len() - shown.len(), args.scope.picture)?;
    let doubt = match args.reverse {
        true => doubt_backward(ground, &network, &found.order)?,
        false => doubt_forward(ground, &network, |node| found.distance[node as usize] != FAR)?,
    };
    Ok(Reply {
        reverse: args.reverse,
        complete: doubt.is_none(),
        by_distance: by_distance(beyond.iter().map(|&node| found.distance[node as usize])),
        reached: List { total: listed.len(), items },
        doubt,
        drawing,
        symbol,
    })
}

/// The nodes that a symbol stands for: itself, its declarations and constructors; for types and modules what is inside.
pub(super) fn roots(ground: &Ground<'_>, network: &Network, symbol: &SymbolRow) -> Result<Vec<u32>> {
    let meant = Meaning::of(ground.snapshot, symbol)?.symbols;
    let nodes = meant.iter().filter_map(|row| network.node(row.key)).collect();
    let mut nodes = network.with_inside(nodes);
    nodes.iter_mut().for_each(|node| *node = network.owner_of(*node));
    nodes.sort_unstable();
    nodes.dedup();
    Ok(nodes)
}

/// How many there are of each distance from 1 on.
pub(super) fn by_distance(distances: impl Iterator<Item = u32>) -> Vec<usize> {
    let mut counts = Vec::new();
    for distance in distances {
        let index = (distance as usize).saturating_sub(1);
        counts.resize(counts.len().max(index + 1), 0);
        counts[index] += 1;
    }
    counts
}
