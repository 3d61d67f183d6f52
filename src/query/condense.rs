//! The graph with what leads back to itself taken together: no circles are left, so it has layers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{components, condense, layers};

use super::network::{By, Doubt, Drawing, Filter, Line, Namer, Network, Place, Scope, Shape, doubt_of_all};
use super::{Ground, List, Result, cycles};

/// By what, and which.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Files by their imports, instead of callables by their calls
    #[arg(long)]
    pub imports: bool,
    /// Follow also calls that may mean something else
    #[arg(long, conflicts_with = "imports")]
    pub candidates: bool,
    /// What to list; layers that are higher than the depth are left out.
    #[command(flatten)]
    pub scope: Scope,
}

/// The graph without circles.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// What of.
    pub by: By,
    /// Whether nothing else leads from one to another: nothing is unsettled, and no call has candidates that were not
    /// followed.
    pub complete: bool,
    /// How many layers there are.
    pub layers: usize,
    /// How many groups of more than one member.
    pub circles: usize,
    /// How many steps lead from group to group.
    pub edges: usize,
    /// The groups, the highest layer first, then by path and position. What neither leads anywhere nor is led to is not
    /// among them.
    pub groups: List<Group>,
    /// Calls of which only candidates are known, if they were not followed.
    pub not_followed: usize,
    /// What stands between this and completeness.
    pub doubt: Doubt,
    /// What to draw, if that is wanted.
    #[serde(skip)]
    pub drawing: Option<Drawing>,
}

/// What leads to each other, or something by itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Group {
    /// One more than the highest layer it leads to; 0 leads nowhere.
    pub layer: u32,
    /// What is in it, by path and position.
    pub members: List<Place>,
    /// To how many groups it leads.
    pub leads_to: usize,
    /// From how many groups it is led to.
    pub led_from: usize,
}

/// Takes together.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let network = Network::read(ground)?;
    let filter = Filter::new(ground, &args.scope)?;
    let by = cycles::Args { imports: args.imports, candidates: args.candidates, scope: args.scope.clone() };
    let graph = cycles::graph(&network, &filter, &by);
    let found = components(&graph);
    let between = condense(&graph, &found);
    let back = between.reversed();
    let layers: Vec<u32> = layers(&between).into_iter().map(|layer| layer.expect("no circles are left")).collect();
    let is_linked = |group: u32| {
        let ways = between.successors(group).len() + back.successors(group).len();
        ways > 0 || found.members(group).len() > 1
    };
    let is_listed = |group: u32| found.members(group).iter().any(|&member| filter.lists(&network, member));
    let mut groups: Vec<u32> = (0..found.count() as u32).filter(|&group| is_linked(group)).collect();
    let circles = groups.iter().filter(|&&group| found.members(group).len() > 1).count();
    groups.retain(|&group| layers[group as usize] <= filter.depth && is_listed(group));
    groups.sort_by_key(|&group| (std::cmp::Reverse(layers[group as usize]), found.members(group)[0]));
    let shown = &groups[..groups.len().min(ground.limit)];
    let namer = Namer { ground, network: &network };
    let mut items = Vec::with_capacity(shown.len());
    for &group in shown {
        let members = found.members(group);
        let first = namer.places(&members[..members.len().min(ground.limit)])?;
        items.push(Group {
            layer: layers[group as usize],
            members: List { total: members.len(), items: first },
            leads_to: between.successors(group).len(),
            led_from: back.successors(group).len(),
        });
    }
    let drawing = args.scope.picture.is_wanted().then(|| Drawing {
        picture: args.scope.picture,
        shapes: items.iter().map(shape).collect(),
        lines: lines(shown, &between),
        hidden: groups.len() - shown.len(),
    });
    let not_followed = cycles::not_followed(&network, &by);
    let doubt = doubt_of_all(ground, &network, by.by())?;
    Ok(Reply {
        by: by.by(),
        complete: doubt.is_none() && not_followed == 0,
        layers: layers.iter().max().map_or(0, |layer| *layer as usize + 1),
        circles,
        edges: between.edge_count(),
        groups: List { total: groups.len(), items },
        not_followed,
        doubt,
        drawing,
    })
}

fn shape(group: &Group) -> Shape {
    match &group.members.items[..] {
        [one] if group.members.total == 1 => Shape::of(one.clone(), false),
        [first, ..] => {
            let label = format!("{} and {} more", first.qualified_name, group.members.total - 1);
            Shape { label, kind: "circle", is_root: true }
        }
        [] => Shape { label: String::new(), kind: "circle", is_root: true },
    }
}

fn lines(shown: &[u32], between: &crate::graph::Adjacency) -> Vec<Line> {
    let mut places: Vec<(u32, usize)> = shown.iter().enumerate().map(|(place, group)| (*group, place)).collect();
    places.sort_unstable();
    let place = |group: u32| places.binary_search_by_key(&group, |row| row.0).ok().map(|at| places[at].1);
    let mut lines = Vec::new();
    for (from, &group) in shown.iter().enumerate() {
        let targets = between.successors(group).iter().filter_map(|&to| place(to));
        lines.extend(targets.map(|to| Line { from, to, is_certain: true }));
    }
    lines.sort_by_key(|line| (line.from, line.to));
    lines
}
