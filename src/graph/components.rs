//! Strongly connected components after Tarjan, with a stack of its own, and the graph between them.

use super::Adjacency;

const NONE: u32 = u32::MAX;

/// Which nodes lead to each other in circles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components {
    /// The component of each node. An edge between components leads from a greater number to a smaller one.
    pub of: Vec<u32>,
    /// Nodes by component, each ascending.
    members: Vec<u32>,
    starts: Vec<u32>,
}

impl Components {
    fn new(of: Vec<u32>, count: u32) -> Self {
        let mut starts = vec![0u32; count as usize + 1];
        of.iter().for_each(|&component| starts[component as usize + 1] += 1);
        for component in 0..count as usize {
            starts[component + 1] += starts[component];
        }
        let (mut next, mut members) = (starts.clone(), vec![0; of.len()]);
        for (node, &component) in of.iter().enumerate() {
            members[next[component as usize] as usize] = node as u32;
            next[component as usize] += 1;
        }
        Self { of, members, starts }
    }

    /// How many components there are.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The nodes of a component, ascending.
    pub fn members(&self, component: u32) -> &[u32] {
        &self.members[self.starts[component as usize] as usize..self.starts[component as usize + 1] as usize]
    }
}

/// The strongly connected components, those that lead nowhere first.
pub fn components(graph: &Adjacency) -> Components {
    let mut search = Search {
        graph,
        index: vec![NONE; graph.nodes()],
        low: vec![0; graph.nodes()],
        of: vec![NONE; graph.nodes()],
        open: Vec::new(),
        found: 0,
        visited: 0,
    };
    for root in 0..graph.nodes() as u32 {
        if search.index[root as usize] == NONE {
            search.from(root);
        }
    }
    Components::new(search.of, search.found)
}

struct Search<'g> {
    graph: &'g Adjacency,
    /// When each node was visited.
    index: Vec<u32>,
    /// The earliest visited node that each is known to lead back to.
    low: Vec<u32>,
    of: Vec<u32>,
    /// Visited nodes whose component is not complete.
    open: Vec<u32>,
    found: u32,
    visited: u32,
}

impl Search<'_> {
    fn from(&mut self, root: u32) {
        // A node with its next edge.
        let mut path = vec![(root, self.enter(root))];
        while let Some((node, edge)) = path.last_mut() {
            let (node, at) = (*node, *edge);
            if at < self.graph.bounds(node).1 {
                *edge += 1;
                let next = self.graph.target(at);
                if self.index[next as usize] == NONE {
                    path.push((next, self.enter(next)));
                } else if self.of[next as usize] == NONE {
                    self.low[node as usize] = self.low[node as usize].min(self.index[next as usize]);
                }
            } else {
                path.pop();
                self.leave(node);
                if let Some((parent, _)) = path.last() {
                    self.low[*parent as usize] = self.low[*parent as usize].min(self.low[node as usize]);
                }
            }
        }
    }

    /// Gives the first edge.
    fn enter(&mut self, node: u32) -> u32 {
        self.index[node as usize] = self.visited;
        self.low[node as usize] = self.visited;
        self.visited += 1;
        self.open.push(node);
        self.graph.bounds(node).0
    }

    fn leave(&mut self, node: u32) {
        if self.low[node as usize] != self.index[node as usize] {
            return;
        }
        while let Some(member) = self.open.pop() {
            self.of[member as usize] = self.found;
            if member == node {
                break;
            }
        }
        self.found += 1;
    }
}

/// The graph between components; no component leads to itself.
pub fn condense(graph: &Adjacency, components: &Components) -> Adjacency {
    let of = |node: u32| components.of[node as usize];
    let between = graph.edges().map(|(from, to)| (of(from), of(to))).filter(|(from, to)| from != to);
    Adjacency::new(components.count(), &between.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_one_component_and_come_in_order() {
        let graph = Adjacency::new(6, &[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (5, 5), (0, 5)]);
        let found = components(&graph);
        assert_eq!(found.count(), 3);
        assert_eq!(found.members(found.of[1]), [0, 1, 2]);
        assert_eq!(found.members(found.of[4]), [3, 4]);
        assert_eq!(found.members(found.of[5]), [5]);
        let between = condense(&graph, &found);
        assert!(between.edges().all(|(from, to)| from > to));
        assert_eq!(between.edge_count(), 2);
    }

    #[test]
    fn a_long_circle_is_no_matter() {
        let edges: Vec<(u32, u32)> = (0..300_000).map(|node| (node, (node + 1) % 300_000)).collect();
        assert_eq!(components(&Adjacency::new(300_000, &edges)).count(), 1);
        assert_eq!(components(&Adjacency::new(300_000, &edges[1..])).count(), 300_000);
    }
}
