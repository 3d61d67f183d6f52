//! The graph algorithms against petgraph's, and against trying everything, on random graphs.

use std::collections::BTreeSet;

use magellan::graph::{Adjacency, FAR, PathLimits, components, condense, layers, paths, reach, reached_by_each};
use petgraph::algo::{all_simple_paths, dijkstra, is_cyclic_directed, tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use crate::index::Dice;

/// Graphs from sparse to dense, with loops, repeated edges and lonely nodes.
fn random_graphs() -> impl Iterator<Item = (u64, usize, Vec<(u32, u32)>)> {
    (1..=400).map(|seed| {
        let mut dice = Dice(seed * 7919);
        let mut roll = |sides: u64| (dice.roll(1 << 40) >> 7) % sides;
        let nodes = 1 + roll(40) as usize;
        let edges = roll(nodes as u64 * (1 + seed % 4));
        let edges = (0..edges).map(|_| (roll(nodes as u64) as u32, roll(nodes as u64) as u32));
        (seed, nodes, edges.collect())
    })
}

fn twin(nodes: usize, edges: &[(u32, u32)]) -> DiGraph<(), ()> {
    let mut graph = DiGraph::new();
    for _ in 0..nodes {
        graph.add_node(());
    }
    for &(from, to) in edges {
        graph.update_edge(NodeIndex::new(from as usize), NodeIndex::new(to as usize), ());
    }
    graph
}

#[test]
fn components_are_those_of_petgraph_and_their_graph_has_no_circles() {
    for (seed, nodes, edges) in random_graphs() {
        let graph = Adjacency::new(nodes, &edges);
        let found = components(&graph);
        let own: BTreeSet<Vec<u32>> = (0..found.count() as u32).map(|number| found.members(number).to_vec()).collect();
        let expected: BTreeSet<Vec<u32>> = tarjan_scc(&twin(nodes, &edges))
            .into_iter()
            .map(|members| members.into_iter().map(|node| node.index() as u32).collect::<BTreeSet<_>>())
            .map(|members| members.into_iter().collect())
            .collect();
        assert_eq!(own, expected, "seed {seed}");
        let between = condense(&graph, &found);
        assert!(between.edges().all(|(from, to)| from > to), "seed {seed}");
        let expected: BTreeSet<(u32, u32)> = graph
            .edges()
            .map(|(from, to)| (found.of[from as usize], found.of[to as usize]))
            .filter(|(from, to)| from != to)
            .collect();
        assert_eq!(between.edges().collect::<BTreeSet<_>>(), expected, "seed {seed}");
    }
}

#[test]
fn distances_are_those_of_petgraph_and_ways_lead_there() {
    for (seed, nodes, edges) in random_graphs() {
        let graph = Adjacency::new(nodes, &edges);
        let source = (seed % nodes as u64) as u32;
        let expected = dijkstra(&twin(nodes, &edges), NodeIndex::new(source as usize), None, |_| 1u32);
        for depth in [0, 1, 3, u32::MAX] {
            let found = reach(&graph, &[source], depth);
            for node in 0..nodes as u32 {
                let distance = expected.get(&NodeIndex::new(node as usize)).copied().filter(|steps| *steps <= depth);
                assert_eq!(found.distance[node as usize], distance.unwrap_or(FAR), "seed {seed}, node {node}");
                let way = found.way_to(node);
                assert_eq!(way.len(), distance.map_or(0, |steps| steps as usize + 1), "seed {seed}, node {node}");
                assert!(way.windows(2).all(|pair| graph.successors(pair[0]).contains(&pair[1])), "seed {seed}");
            }
            let order: BTreeSet<(u32, u32)> =
                found.order.iter().map(|&node| (found.distance[node as usize], node)).collect();
            assert!(order.into_iter().map(|(_, node)| node).eq(found.order.iter().copied()), "seed {seed}");
        }
    }
}

#[test]
fn the_reversed_graph_leads_back() {
    for (seed, nodes, edges) in random_graphs() {
        let graph = Adjacency::new(nodes, &edges);
        let expected: BTreeSet<(u32, u32)> = edges.iter().copied().collect();
        assert!(graph.edges().eq(expected.iter().copied()), "seed {seed}");
        let back: BTreeSet<(u32, u32)> = graph.reversed().edges().map(|(to, from)| (from, to)).collect();
        assert_eq!(back, expected, "seed {seed}");
    }
}

#[test]
fn layers_are_the_longest_ways_down_where_there_is_no_circle() {
    for (seed, nodes, edges) in random_graphs() {
        let graph = Adjacency::new(nodes, &edges);
        let twin = twin(nodes, &edges);
        let found = layers(&graph);
        assert_eq!(found.iter().all(Option::is_some), !is_cyclic_directed(&twin), "seed {seed}");
        let Ok(order) = toposort(&twin, None) else { continue };
        let mut expected = vec![0; nodes];
        for node in order.into_iter().rev() {
            let below = twin.neighbors(node).map(|next| expected[next.index()] + 1);
            expected[node.index()] = below.max().unwrap_or(0);
        }
        assert_eq!(found, expected.into_iter().map(Some).collect::<Vec<_>>(), "seed {seed}");
    }
}

#[test]
fn paths_are_those_of_petgraph_the_shortest_first() {
    let mut compared = 0;
    for (seed, nodes, edges) in random_graphs().filter(|(_, nodes, _)| (2..14).contains(nodes)) {
        let graph = Adjacency::new(nodes, &edges);
        let (from, to) = (0, nodes as u32 - 1);
        let limits = PathLimits { length: u32::MAX, count: usize::MAX, steps: 2_000_000 };
        let found = paths(&graph, &[from], &[to], limits);
        if !found.is_complete {
            continue;
        }
        let [start, end] = [from, to].map(|node| NodeIndex::new(node as usize));
        let twin = twin(nodes, &edges);
        let every = all_simple_paths::<Vec<_>, _, std::hash::RandomState>(&twin, start, end, 0, None);
        let mut expected: Vec<Vec<u32>> =
            every.map(|path| path.into_iter().map(|node| node.index() as u32).collect()).collect();
        expected.sort_by_key(|path| (path.len(), path.clone()));
        assert_eq!(found.paths, expected, "seed {seed}");
        compared += 1;
        let first = PathLimits { count: 2, ..limits };
        let short = paths(&graph, &[from], &[to], first);
        assert_eq!(short.paths, expected[..expected.len().min(2)], "seed {seed}");
        assert_eq!(short.is_complete, expected.len() <= 2, "seed {seed}");
    }
    assert!(compared > 50, "{compared} graphs are small enough");
}

#[test]
fn from_several_sources_the_nearest_counts() {
    for (seed, nodes, edges) in random_graphs() {
        let graph = Adjacency::new(nodes, &edges);
        let twin = twin(nodes, &edges);
        let sources: Vec<u32> = (0..nodes as u32).filter(|node| (u64::from(*node) + seed) % 5 == 0).collect();
        let mut expected = vec![FAR; nodes];
        for &source in &sources {
            for (node, steps) in dijkstra(&twin, NodeIndex::new(source as usize), None, |_| 1u32) {
                expected[node.index()] = expected[node.index()].min(steps);
            }
        }
        let found = reach(&graph, &sources, u32::MAX);
        assert_eq!(found.distance, expected, "seed {seed}");
        for node in found.order.iter().copied().filter(|&node| found.distance[node as usize] > 0) {
            let before = (0..nodes as u32).find(|&before| {
                found.has(before)
                    && found.distance[before as usize] + 1 == found.distance[node as usize]
                    && graph.successors(before).contains(&node)
            });
            assert_eq!(Some(found.before[node as usize]), before, "seed {seed}: the least of several");
        }
    }
}

#[test]
fn reaching_from_many_at_once_counts_what_reaching_from_each_does() {
    let mut dice = Dice(4711);
    let mut roll = |sides: u64| (dice.roll(1 << 40) >> 7) % sides;
    let nodes = 300;
    let edges: Vec<(u32, u32)> = (0..500).map(|_| (roll(nodes) as u32, roll(nodes) as u32)).collect();
    let large = (0, nodes as usize, edges);
    // The large one has more nodes than are followed at once.
    for (seed, nodes, edges) in random_graphs().chain([large]) {
        let graph = Adjacency::new(nodes, &edges);
        let sources: Vec<u32> = (0..nodes as u32).rev().collect();
        for depth in [0, 1, 4, u32::MAX] {
            let found = reached_by_each(&graph, &sources, depth, |_, node| node % 3 != 0);
            let expected = sources.iter().map(|&source| {
                let order = reach(&graph, &[source], depth).order;
                order.into_iter().filter(|&node| node != source && node % 3 != 0).count()
            });
            assert_eq!(found, expected.collect::<Vec<_>>(), "seed {seed}, depth {depth}");
        }
    }
}

#[test]
fn paths_between_sets_are_those_of_petgraph_that_pass_no_other_end() {
    let mut compared = 0;
    for (seed, nodes, edges) in random_graphs().filter(|(_, nodes, _)| (3..12).contains(nodes)) {
        let graph = Adjacency::new(nodes, &edges);
        let twin = twin(nodes, &edges);
        let of = |rest: u64| (0..nodes as u32).filter(move |node| u64::from(*node) % 4 == rest).collect::<Vec<_>>();
        let (sources, targets) = (of(seed % 4), of((seed / 4) % 4));
        for length in [0, 2, u32::MAX] {
            let found = paths(&graph, &sources, &targets, PathLimits { length, count: usize::MAX, steps: 2_000_000 });
            if !found.is_complete {
                continue;
            }
            let mut expected = Vec::new();
            for &from in &sources {
                if targets.contains(&from) {
                    expected.push(vec![from]);
                    continue;
                }
                for &to in targets.iter().filter(|to| !sources.contains(to)) {
                    let [start, end] = [from, to].map(|node| NodeIndex::new(node as usize));
                    let every = all_simple_paths::<Vec<_>, _, std::hash::RandomState>(&twin, start, end, 0, None);
                    expected
                        .extend(every.map(|path| path.into_iter().map(|node| node.index() as u32).collect::<Vec<_>>()));
                }
            }
            let is_end = |node: &u32| sources.contains(node) || targets.contains(node);
            expected.retain(|path| {
                path.len() as u64 - 1 <= u64::from(length) && !path.iter().skip(1).rev().skip(1).any(is_end)
            });
            expected.sort_by_key(|path| (path.len(), path.clone()));
            assert_eq!(found.paths, expected, "seed {seed}, length {length}, {sources:?} to {targets:?}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} searches came to their end");
}
