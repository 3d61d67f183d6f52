//! Which branches decide whether a node runs: control dependence over post-dominators (Ferrante, Ottenstein and Warren,
//! "The Program Dependence Graph and Its Use in Optimization", 1987).
//!
//! Post-dominators are found by the iteration of Cooper, Harvey and Kennedy ("A Simple, Fast Dominance Algorithm", 2001).
//! The dependences themselves are worked out when asked for: there can be as many as nodes times branches.

use super::Adjacency;

/// Stands for no node.
const NONE: u32 = u32::MAX;

/// The post-dominators of a flow graph, and what depends on what by them.
#[derive(Clone, Debug)]
pub struct Control {
    graph: Adjacency,
    /// The nearest post-dominator of each node; none for the exit and what leads straight to the end of everything.
    parents: Vec<u32>,
    /// Number of each node in a walk over the tree of post-dominators, and one past the last below it.
    entered: Vec<u32>,
    left: Vec<u32>,
    /// The edges whose start has several successors.
    branches: Vec<(u32, u32)>,
}

impl Control {
    /// Of a flow graph that ends at `exit`. Where control can go round for ever, one node of the round is taken to lead to the
    /// exit as well, so that every node has post-dominators.
    pub fn new(graph: Adjacency, exit: u32) -> Self {
        let reversed = graph.reversed();
        let (order, extra) = order(&reversed, exit);
        let parents = parents(&graph, exit, &order, &extra);
        let (entered, left) = intervals(&parents, &order);
        let is_branch = |&(from, _): &(u32, u32)| graph.successors(from).len() > 1 || extra[from as usize];
        let branches = graph.edges().filter(is_branch).collect();
        Self { graph, parents, entered, left, branches }
    }

    /// The nearest node that every way from `node` to the exit goes through.
    pub fn post_dominator(&self, node: u32) -> Option<u32> {
        Some(self.parents[node as usize]).filter(|parent| *parent != NONE)
    }

    /// The branches that decide whether `node` runs, sorted.
    pub fn deciders(&self, node: u32) -> Vec<u32> {
        let decides = |&&(from, to): &&(u32, u32)| {
            let end = self.parents[from as usize];
            self.is_above(node, to) && node != end && (end == NONE || self.is_above(end, node))
        };
        let mut found: Vec<u32> = self.branches.iter().filter(decides).map(|(from, _)| *from).collect();
        found.dedup();
        found
    }

    /// The nodes of which `branch` decides whether they run, sorted.
    pub fn decided(&self, branch: u32) -> Vec<u32> {
        let start = self.branches.partition_point(|(from, _)| *from < branch);
        let end = self.parents[branch as usize];
        let mut found = Vec::new();
        for (_, to) in self.branches[start..].iter().take_while(|(from, _)| *from == branch) {
            let mut next = *to;
            while next != NONE && next != end {
                found.push(next);
                next = self.parents[next as usize];
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The flow graph.
    pub fn graph(&self) -> &Adjacency {
        &self.graph
    }

    /// Whether every way from `below` to the exit goes through `above`, or they are the same.
    pub fn is_above(&self, above: u32, below: u32) -> bool {
        let entered = self.entered[below as usize];
        self.entered[above as usize] <= entered && entered < self.left[above as usize]
    }
}

/// The nodes in postorder of a walk backwards from the exit, and which of them were taken to lead there too.
fn order(reversed: &Adjacency, exit: u32) -> (Vec<u32>, Vec<bool>) {
    let nodes = reversed.nodes();
    let (mut seen, mut extra) = (vec![false; nodes], vec![false; nodes]);
    let mut order = Vec::with_capacity(nodes);
    // The exit is the root, so it must come out last: what cannot reach it is walked before it in the end.
    let mut reaching = Vec::new();
    walk(reversed, exit, &mut seen, &mut reaching);
    for node in (0..nodes as u32).rev() {
        if !seen[node as usize] {
            extra[node as usize] = true;
            walk(reversed, node, &mut seen, &mut order);
        }
    }
    order.append(&mut reaching);
    (order, extra)
}

fn walk(reversed: &Adjacency, start: u32, seen: &mut [bool], order: &mut Vec<u32>) {
    seen[start as usize] = true;
    let mut stack = vec![(start, 0)];
    while let Some((node, next)) = stack.last_mut() {
        match reversed.successors(*node).get(*next) {
            Some(&before) => {
                *next += 1;
                if !seen[before as usize] {
                    seen[before as usize] = true;
                    stack.push((before, 0));
                }
            }
            None => {
                order.push(*node);
                stack.pop();
            }
        }
    }
}

/// The nearest post-dominator of each node.
fn parents(graph: &Adjacency, exit: u32, order: &[u32], extra: &[bool]) -> Vec<u32> {
    let mut rank = vec![0u32; graph.nodes()];
    (0..).zip(order).for_each(|(place, node)| rank[*node as usize] = place);
    let mut parents = vec![NONE; graph.nodes()];
    parents[exit as usize] = exit;
    loop {
        let mut changed = false;
        for &node in order.iter().rev().filter(|node| **node != exit) {
            let after = graph.successors(node).iter().copied().chain(extra[node as usize].then_some(exit));
            let known = after.filter(|after| parents[*after as usize] != NONE && *after != node);
            let Some(new) = known.reduce(|a, b| meet(&parents, &rank, a, b)) else { continue };
            changed |= std::mem::replace(&mut parents[node as usize], new) != new;
        }
        if !changed {
            break;
        }
    }
    parents[exit as usize] = NONE;
    parents
}

/// The nearest node above both.
fn meet(parents: &[u32], rank: &[u32], mut a: u32, mut b: u32) -> u32 {
    while a != b {
        while rank[a as usize] < rank[b as usize] {
            a = parents[a as usize];
        }
        while rank[b as usize] < rank[a as usize] {
            b = parents[b as usize];
        }
    }
    a
}

/// Numbers for "is above" in constant time: children get parts of their parent's range.
fn intervals(parents: &[u32], order: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut sizes = vec![1u32; parents.len()];
    for &node in order {
        if let Some(size) = parents.get(node as usize).copied().filter(|parent| *parent != NONE) {
            sizes[size as usize] += sizes[node as usize];
        }
    }
    let (mut entered, mut left) = (vec![0; parents.len()], vec![0; parents.len()]);
    // What is left of each node's range for children.
    let mut free = vec![0; parents.len()];
    let mut roots = 0;
    for &node in order.iter().rev() {
        let place = match parents[node as usize] {
            NONE => &mut roots,
            parent => &mut free[parent as usize],
        };
        entered[node as usize] = *place;
        *place += sizes[node as usize];
        left[node as usize] = *place;
        free[node as usize] = entered[node as usize] + 1;
    }
    (entered, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether every way from `from` to the exit goes through `through`, by leaving that out.
    fn is_on_every_way(graph: &Adjacency, exit: u32, from: u32, through: u32) -> bool {
        let mut seen = vec![false; graph.nodes()];
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            if node == through || std::mem::replace(&mut seen[node as usize], true) {
                continue;
            }
            if node == exit {
                return false;
            }
            open.extend(graph.successors(node));
        }
        true
    }

    /// As the paper defines it: some successor of `branch` always leads to `node`, `branch` itself does not.
    fn decides(graph: &Adjacency, exit: u32, branch: u32, node: u32) -> bool {
        let is_sure = |from| is_on_every_way(graph, exit, from, node);
        graph.successors(branch).iter().any(|&after| is_sure(after)) && (branch == node || !is_sure(branch))
    }

    /// A graph whose nodes all reach the exit, 0; pseudo-random.
    fn random(seed: u64, nodes: u32) -> Adjacency {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut next = |below: u32| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % u64::from(below)) as u32
        };
        let mut edges: Vec<(u32, u32)> = (1..nodes).map(|node| (node, next(node))).collect();
        edges.extend((0..next(nodes) + nodes / 2).map(|_| (1 + next(nodes - 1), next(nodes))));
        Adjacency::new(nodes as usize, &edges)
    }

    #[test]
    fn dependences_are_those_of_the_definition() {
        for seed in 0..400 {
            let graph = random(seed, 2 + (seed % 17) as u32);
            let control = Control::new(graph.clone(), 0);
            let nodes = 0..graph.nodes() as u32;
            for node in nodes.clone() {
                let is_decider =
                    |branch: &u32| graph.successors(*branch).len() > 1 && decides(&graph, 0, *branch, node);
                let expected: Vec<u32> = nodes.clone().filter(is_decider).collect();
                assert_eq!(control.deciders(node), expected, "seed {seed}, node {node}: {graph:?}");
                for branch in nodes.clone() {
                    assert_eq!(control.decided(branch).contains(&node), expected.contains(&branch), "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn post_dominators_are_the_dominators_of_the_reversed_graph() {
        for seed in 0..200 {
            let graph = random(seed, 2 + (seed % 40) as u32);
            let mut other = petgraph::graphmap::DiGraphMap::<u32, ()>::new();
            (0..graph.nodes() as u32).for_each(|node| {
                other.add_node(node);
            });
            graph.edges().for_each(|(from, to)| {
                other.add_edge(to, from, ());
            });
            let expected = petgraph::algo::dominators::simple_fast(&other, 0);
            let control = Control::new(graph.clone(), 0);
            for node in 0..graph.nodes() as u32 {
                assert_eq!(control.post_dominator(node), expected.immediate_dominator(node), "seed {seed}: {graph:?}");
            }
        }
    }

    #[test]
    fn loops_without_end_have_post_dominators_too() {
        // 0 -> 2 -> 3 -> 2, and 3 -> 4 -> 3; the exit, 1, is never reached.
        let control = Control::new(Adjacency::new(5, &[(0, 2), (2, 3), (3, 2), (3, 4), (4, 3)]), 1);
        assert!(control.deciders(0).is_empty());
        assert!(control.deciders(2).contains(&3));
        assert!(
            (0..5).all(|node| control.decided(node).iter().all(|decided| control.deciders(*decided).contains(&node)))
        );
    }

    #[test]
    fn a_long_chain_of_early_exits_is_no_problem() {
        let nodes = 20_000u32;
        let next = |node| if node + 1 < nodes { node + 1 } else { 1 };
        let mut edges: Vec<_> = (2..nodes).flat_map(|node| [(node, 1), (node, next(node))]).collect();
        edges.push((0, 2));
        let control = Control::new(Adjacency::new(nodes as usize, &edges), 1);
        assert_eq!((control.deciders(nodes - 1), control.decided(2)), (vec![nodes - 2], vec![3]));
    }
}
