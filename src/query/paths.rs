//! How one symbol leads to another: the ways between them, the shortest first.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{PathLimits, Paths, paths, reach};
use crate::store::SymbolRow;

use super::network::{Doubt, Drawing, Filter, Follow, Namer, Network, Place, Scope, doubt_backward, draw};
use super::reachable::roots;
use super::{Ground, Result, SymbolName};

/// Between what, and which ways.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Where the ways start
    #[arg(value_name = "FROM")]
    pub from: String,
    /// Where they end; ways have at most 12 steps unless `--depth` gives another number
    #[arg(value_name = "TO")]
    pub to: String,
    /// Which uses lead on.
    #[command(flatten)]
    pub follow: Follow,
    /// What the ways may pass through; the longest way has 12 steps if no other depth is given.
    #[command(flatten)]
    pub scope: Scope,
}

/// Ways from one symbol to another.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// Where they start.
    pub from: SymbolRow,
    /// Where they end.
    pub to: SymbolRow,
    /// Whether there are no other ways of the length and uses asked for.
    pub complete: bool,
    /// How many steps a way may have.
    pub depth: u32,
    /// The ways, the shortest first; none passes anything twice.
    pub paths: Vec<Path>,
    /// Whether there are more of the length asked for.
    pub more: bool,
    /// What stands between this and completeness.
    pub doubt: Doubt,
    /// What to draw, if that is wanted.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
}

/// One way.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Path {
    /// Whether no step is a candidate.
    pub certain: bool,
    /// From the first to the last.
    pub steps: Vec<Place>,
}

const LENGTH: u32 = 12;
/// Edges to look at: some tenths of a second.
const STEPS_MAX: usize = 4_000_000;

/// Finds the ways.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let [from, to] = [&args.from, &args.to].map(|name| SymbolName { symbol: name.clone(), kind: None }.one(ground));
    let (from, to) = (from?, to?);
    let network = Network::read(ground)?;
    let filter = Filter::new(ground, &args.scope)?;
    let (starts, ends) = (roots(ground, &network, &from)?, roots(ground, &network, &to)?);
    let is_end = |node: u32| starts.binary_search(&node).is_ok() || ends.binary_search(&node).is_ok();
    let may_pass = |node: u32| is_end(node) || filter.lists(&network, node);
    let wanted = |edge: &_| args.follow.has(edge);
    let graph = network.graph(&filter, |edge| wanted(edge) && may_pass(edge.from) && may_pass(edge.to));
    let limits = PathLimits { length: args.scope.depth.unwrap_or(LENGTH), count: ground.limit, steps: STEPS_MAX };
    let Paths { paths: found, is_complete } = paths(&graph, &starts, &ends, limits);
    let certain = network.graph(&filter, |edge| edge.is_certain && wanted(edge));
    let is_certain = |pair: &[u32]| certain.successors(pair[0]).binary_search(&pair[1]).is_ok();
    let namer = Namer { ground, network: &network };
    let mut shown = Vec::with_capacity(found.len());
    for path in &found {
        shown.push(Path { certain: path.windows(2).all(is_certain), steps: namer.places(path)? });
    }
    // What could lead to anything on the way there could lead there.
    let on_the_way = reach(&graph.reversed(), &ends, limits.length).order;
    let doubt = doubt_backward(ground, &network, &on_the_way)?;
    Ok(Reply {
        complete: doubt.is_none(),
        depth: limits.length,
        paths: shown,
        more: !is_complete,
        drawing: draw_paths(namer, &found, &is_certain, args)?,
        doubt,
        from,
        to,
    })
}

fn draw_paths(
    namer: Namer<'_>,
    found: &[Vec<u32>],
    is_certain: &dyn Fn(&[u32]) -> bool,
    args: &Args,
) -> Result<Option<Drawing>> {
    let steps = found.iter().flat_map(|path| path.windows(2));
    let edges = steps.map(|pair| (pair[0], pair[1], is_certain(pair)));
    let mut ends: Vec<u32> =
        found.iter().flat_map(|path| path.first().into_iter().chain(path.last())).copied().collect();
    ends.sort_unstable();
    ends.dedup();
    draw(namer, (&ends, &found.concat()), edges, 0, args.scope.picture)
}
