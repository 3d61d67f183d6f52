//! What leads back to itself: callables by calls, or files by imports.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{Adjacency, FAR, components, reach};

use super::network::{By, Doubt, Drawing, Filter, Namer, Network, Place, Scope, doubt_of_all, draw, is_call};
use super::{Ground, List, Result};

/// By what, and which.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Files that import each other, instead of callables that call each other
    #[arg(long)]
    pub imports: bool,
    /// Follow also calls that may mean something else; circles of them may not exist
    #[arg(long, conflicts_with = "imports")]
    pub candidates: bool,
    /// What to list; circles that are longer than the depth are left out.
    #[command(flatten)]
    pub scope: Scope,
}

/// The circles.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What of.
    pub by: By,
    /// Whether candidates were followed.
    pub candidates: bool,
    /// Whether there can be no others: nothing is unsettled, and no call has candidates that were not followed.
    pub complete: bool,
    /// Groups whose members all lead to each other, the greatest first.
    pub cycles: List<Cycle>,
    /// Callables that call themselves, whether they are in a group or not.
    pub self_recursive: List<Place>,
    /// Calls of which only candidates are known, if they were not followed.
    pub not_followed: usize,
    /// What stands between this and completeness.
    pub doubt: Doubt,
    /// What to draw, if that is wanted.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
}

/// What leads to each other.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Cycle {
    /// All of it, by path and position.
    pub members: List<Place>,
    /// A shortest circle in it, from its first member back to that.
    pub shortest: Vec<Place>,
}

impl Reply {
    /// Whether all of it is shown.
    pub(super) fn is_whole(&self) -> bool {
        self.cycles.is_whole()
            && self.self_recursive.is_whole()
            && self.cycles.items.iter().all(|cycle| cycle.members.is_whole())
    }
}

/// Finds the circles.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let network = Network::read(ground)?;
    let filter = Filter::new(ground, &args.scope)?;
    let graph = graph(&network, &filter, args);
    let (loops, groups) = groups(&network, &filter, &graph);
    let namer = Namer { ground, network: &network };
    let mut items = Vec::new();
    let shown = &groups[..groups.len().min(ground.limit)];
    for (members, circle) in shown {
        let listed = &members[..members.len().min(ground.limit)];
        let listed = List { total: members.len(), items: namer.places(listed)? };
        items.push(Cycle { members: listed, shortest: namer.places(circle)? });
    }
    let drawn: Vec<u32> = shown.iter().flat_map(|(members, _)| members).copied().take(ground.limit).collect();
    let all: usize = groups.iter().map(|(members, _)| members.len()).sum();
    let edges = graph.edges().map(|(from, to)| (from, to, true));
    let not_followed = not_followed(&network, args);
    let doubt = doubt_of_all(ground, &network, args.by())?;
    Ok(Reply {
        by: args.by(),
        candidates: args.candidates,
        complete: doubt.is_none() && not_followed == 0,
        drawing: draw(namer, (&[], &drawn), edges, all - drawn.len(), args.scope.picture)?,
        cycles: List { total: groups.len(), items },
        self_recursive: List { total: loops.len(), items: namer.places(&loops[..loops.len().min(ground.limit)])? },
        not_followed,
        doubt,
    })
}

impl Args {
    pub(super) fn by(&self) -> By {
        if self.imports { By::Imports } else { By::Calls }
    }
}

/// Calls that are left out because they have candidates.
pub(super) fn not_followed(network: &Network, args: &Args) -> usize {
    if args.candidates || args.imports {
        return 0;
    }
    network.uses.iter().filter(|edge| is_call(edge.role) && !edge.is_certain).count()
}

/// What leads to what, by what is asked for.
pub(super) fn graph(network: &Network, filter: &Filter, args: &Args) -> Adjacency {
    if args.imports {
        return Adjacency::new(network.nodes(), &network.imports);
    }
    network.graph(filter, |edge| is_call(edge.role) && (edge.is_certain || args.candidates))
}

/// A group with a shortest circle through its first member.
type Group = (Vec<u32>, Vec<u32>);

/// What leads to itself at once, and the groups, those with something to be listed.
fn groups(network: &Network, filter: &Filter, graph: &Adjacency) -> (Vec<u32>, Vec<Group>) {
    let loops = (0..graph.nodes() as u32).filter(|node| graph.successors(*node).binary_search(node).is_ok());
    let loops = loops.filter(|&node| filter.lists(network, node)).collect();
    let found = components(graph);
    let mut groups: Vec<Group> = Vec::new();
    for component in 0..found.count() as u32 {
        let members = found.members(component);
        if members.len() > 1 && members.iter().any(|&member| filter.lists(network, member)) {
            let circle = shortest(graph, members);
            if circle.len() as u64 - 1 <= u64::from(filter.depth) {
                groups.push((members.to_vec(), circle));
            }
        }
    }
    groups.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    (loops, groups)
}

/// A shortest circle through the first of some nodes that all lead to each other.
pub(super) fn shortest(graph: &Adjacency, members: &[u32]) -> Vec<u32> {
    let first = members[0];
    let own = |node: u32| members.binary_search(&node);
    let inside: Vec<(u32, u32)> = (0..)
        .zip(members)
        .flat_map(|(index, &from)| {
            graph.successors(from).iter().filter_map(move |&to| own(to).ok().map(|to| (index, to as u32)))
        })
        .collect();
    let inside = Adjacency::new(members.len(), &inside);
    let found = reach(&inside, &[0], u32::MAX);
    let back = (1..members.len() as u32).filter(|&node| inside.successors(node).first() == Some(&0));
    let last =
        back.filter(|&node| found.distance[node as usize] != FAR).min_by_key(|&node| found.distance[node as usize]);
    let way = last.map(|last| found.way_to(last)).unwrap_or_default();
    way.into_iter().map(|node| members[node as usize]).chain([first]).collect()
}
