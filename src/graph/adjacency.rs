//! Who leads to whom, in two arrays.

/// The successors of every node, sorted, each once. Nodes are the numbers below [`nodes`](Self::nodes).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjacency {
    /// Where the successors of a node begin; one more at the end.
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Adjacency {
    /// A graph of `nodes` nodes with these edges in any order; edges given twice count once. Both ends of an edge must be
    /// below `nodes`, and there must be fewer than 2³² edges.
    pub fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
        let by_target = counted(nodes, edges.iter().map(|&(from, to)| (to, from)));
        // Filled in the order of targets, the successors of every node come out sorted.
        let ordered = (0..nodes as u32).flat_map(|to| by_target.successors(to).iter().map(move |&from| (from, to)));
        let mut sorted = counted(nodes, ordered);
        sorted.drop_repeated();
        sorted
    }

    /// The same edges the other way round.
    pub fn reversed(&self) -> Self {
        counted(self.nodes(), self.edges().map(|(from, to)| (to, from)))
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many different edges there are.
    pub fn edge_count(&self) -> usize {
        self.targets.len()
    }

    /// What a node leads to, sorted.
    pub fn successors(&self, node: u32) -> &[u32] {
        &self.targets[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// Every edge, sorted.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        (0..self.nodes() as u32).flat_map(|from| self.successors(from).iter().map(move |&to| (from, to)))
    }

    /// Where the edges of a node begin and end among all.
    pub(super) fn bounds(&self, node: u32) -> (u32, u32) {
        (self.starts[node as usize], self.starts[node as usize + 1])
    }

    /// The node that the edge of a number leads to.
    pub(super) fn target(&self, edge: u32) -> u32 {
        self.targets[edge as usize]
    }

    fn drop_repeated(&mut self) {
        let mut kept = 0;
        for node in 0..self.nodes() {
            let (start, end) = (self.starts[node] as usize, self.starts[node + 1] as usize);
            self.starts[node] = kept as u32;
            let own = kept;
            for index in start..end {
                let target = self.targets[index];
                if kept == own || self.targets[kept - 1] != target {
                    self.targets[kept] = target;
                    kept += 1;
                }
            }
        }
        let nodes = self.nodes();
        self.starts[nodes] = kept as u32;
        self.targets.truncate(kept);
    }
}

/// Edges put in order of their first node by counting; those of one node stay in the order given.
fn counted(nodes: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Adjacency {
    let mut starts = vec![0u32; nodes + 1];
    edges.clone().for_each(|(from, _)| starts[from as usize + 1] += 1);
    for node in 0..nodes {
        starts[node + 1] += starts[node];
    }
    let mut targets = vec![0u32; starts[nodes] as usize];
    let mut next = starts.clone();
    for (from, to) in edges {
        let place = &mut next[from as usize];
        targets[*place as usize] = to;
        *place += 1;
    }
    Adjacency { starts, targets }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_come_sorted_and_once() {
        let graph = Adjacency::new(4, &[(2, 1), (0, 3), (2, 0), (0, 3), (0, 1), (2, 2)]);
        assert_eq!(graph.edges().collect::<Vec<_>>(), [(0, 1), (0, 3), (2, 0), (2, 1), (2, 2)]);
        assert_eq!(graph.reversed().edges().collect::<Vec<_>>(), [(0, 2), (1, 0), (1, 2), (2, 2), (3, 0)]);
        assert_eq!(graph.reversed().reversed(), graph);
        assert_eq!((graph.nodes(), graph.edge_count()), (4, 5));
        assert_eq!(Adjacency::new(0, &[]).edges().count(), 0);
    }
}
