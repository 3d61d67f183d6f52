//! Files, folders or modules as units that depend on each other, by imports and by calls.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::graph::{Adjacency, components, condense, layers};

use super::Result;
use super::network::{Network, is_call};
use super::within::Narrowed;

/// What counts as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Modules, packages, crates' modules; where a language has none, folders
    Modules,
    /// Folders
    Folders,
    /// Files
    Files,
}

impl By {
    /// One of them.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Modules => "module",
            Self::Folders => "folder",
            Self::Files => "file",
        }
    }
}

/// Uses of one unit by another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Files of the one that import files of the other.
    pub(super) imports: u32,
    /// Call sites that are settled.
    pub(super) calls: u32,
    /// Call sites of which the other is among the candidates.
    pub(super) candidates: u32,
}

/// The units of a tree, and what leads from each to others.
pub(super) struct Units {
    /// Sorted.
    pub(super) names: Vec<String>,
    /// Places of its files among those of the network.
    pub(super) files: Vec<Vec<usize>>,
    /// Sorted by both ends.
    pub(super) edges: BTreeMap<(u32, u32), Weight>,
}

impl Units {
    /// Puts the files that count together.
    pub(super) fn of(network: &Network, by: By, narrowed: &Narrowed) -> Result<Self> {
        let mut files: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, file) in network.files.iter().enumerate() {
            if narrowed.has_file(&file.path) {
                let folder = || file.path.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned();
                let name = match by {
                    By::Files => file.path.clone(),
                    By::Modules if !file.module.is_empty() => file.module.clone(),
                    By::Modules | By::Folders => folder(),
                };
                files.entry(name).or_default().push(place);
            }
        }
        let mut of_file: Vec<Option<u32>> = vec![None; network.files.len()];
        for (unit, places) in files.values().enumerate() {
            places.iter().for_each(|&place| of_file[place] = Some(unit as u32));
        }
        let (names, files) = files.into_iter().unzip();
        let mut units = Self { names, files, edges: BTreeMap::new() };
        units.add_edges(network, &of_file, narrowed);
        Ok(units)
    }

    fn add_edges(&mut self, network: &Network, of_file: &[Option<u32>], narrowed: &Narrowed) {
        let unit = |node: u32| of_file[network.place(node)];
        let mut add = |from: u32, to: u32, count: fn(&mut Weight)| {
            if let (Some(from), Some(to)) = (unit(from), unit(to))
                && from != to
            {
                count(self.edges.entry((from, to)).or_default());
            }
        };
        for &(from, to) in &network.imports {
            add(from, to, |weight| weight.imports += 1);
        }
        let counts = |node: u32| !narrowed.leaves_out_tests() || !network.is_test(node);
        for edge in network.uses.iter().filter(|edge| is_call(edge.role) && counts(edge.from) && counts(edge.to)) {
            if edge.is_certain {
                add(edge.from, edge.to, |weight| weight.calls += 1);
            } else {
                add(edge.from, edge.to, |weight| weight.candidates += 1);
            }
        }
    }

    /// Who depends on whom for certain: what only may be called makes no circle.
    pub(super) fn graph(&self) -> Adjacency {
        let is_certain = |weight: &Weight| weight.imports > 0 || weight.calls > 0;
        let edges: Vec<(u32, u32)> =
            self.edges.iter().filter(|(_, weight)| is_certain(weight)).map(|(&ends, _)| ends).collect();
        Adjacency::new(self.names.len(), &edges)
    }
}

/// The layer of each node, those that depend on nothing being 0, and which of the circles it is in, counted from 1.
pub(super) fn layered(graph: &Adjacency) -> (Vec<u32>, Vec<Option<u32>>) {
    let found = components(graph);
    let heights = layers(&condense(graph, &found));
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    // Nodes are in order of names, so that circles are counted in that order.
    for &component in &found.of {
        if found.members(component).len() > 1 {
            let next = numbers.len() as u32 + 1;
            numbers.entry(component).or_insert(next);
        }
    }
    let heights = found.of.iter().map(|&component| heights[component as usize].unwrap_or_default());
    let cycles = found.of.iter().map(|component| numbers.get(component).copied());
    (heights.collect(), cycles.collect())
}

/// How long a walk stays that goes from users to what they use: PageRank (Page et al., 1999), damping 0.85, in
/// millionths of the whole.
pub(super) fn centrality(graph: &Adjacency) -> Vec<u64> {
    const ROUNDS: usize = 30;
    const DAMPING: f64 = 0.85;
    let nodes = graph.nodes();
    let mut ranks = vec![1.0 / nodes.max(1) as f64; nodes];
    for _ in 0..ROUNDS {
        let ends: f64 =
            (0..nodes as u32).filter(|&node| graph.successors(node).is_empty()).map(|node| ranks[node as usize]).sum();
        let mut next = vec![(1.0 - DAMPING + DAMPING * ends) / nodes.max(1) as f64; nodes];
        for node in 0..nodes as u32 {
            let targets = graph.successors(node);
            for &target in targets {
                next[target as usize] += DAMPING * ranks[node as usize] / targets.len() as f64;
            }
        }
        ranks = next;
    }
    ranks.into_iter().map(|rank| (rank * 1e6).round() as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_most_is_most_central_and_circles_share_a_layer() {
        let graph = Adjacency::new(5, &[(0, 1), (2, 1), (1, 3), (3, 4), (4, 3)]);
        let ranks = centrality(&graph);
        assert!(ranks[3] > ranks[1] && ranks[1] > ranks[0] && ranks[0] == ranks[2], "{ranks:?}");
        assert!(ranks.iter().sum::<u64>().abs_diff(1_000_000) < 10, "{ranks:?}");
        let (layers, cycles) = layered(&graph);
        assert_eq!(layers, [2, 1, 2, 0, 0]);
        assert_eq!(cycles, [None, None, None, Some(1), Some(1)]);
        assert!(centrality(&Adjacency::new(0, &[])).is_empty());
    }
}
