//! What can be reached, and in how many steps.

use super::Adjacency;

/// The distance of what is not reached.
pub const FAR: u32 = u32::MAX;

/// What can be reached from some nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Nodes that are reached, near ones first, those of one distance in order; sources included.
    pub order: Vec<u32>,
    /// Steps to each node, or [`FAR`].
    pub distance: Vec<u32>,
    /// The node before each on a shortest way, the least of several; itself for sources and what is not reached.
    pub before: Vec<u32>,
}

/// Everything that `sources` lead to in at most `depth` steps, by breadth.
pub fn reach(graph: &Adjacency, sources: &[u32], depth: u32) -> Reach {
    let mut distance = vec![FAR; graph.nodes()];
    let mut before: Vec<u32> = (0..graph.nodes() as u32).collect();
    let mut order = sources.to_vec();
    order.sort_unstable();
    order.dedup();
    order.iter().for_each(|&source| distance[source as usize] = 0);
    let mut level = 0..order.len();
    for steps in 1..=depth {
        if level.is_empty() {
            break;
        }
        let end = order.len();
        for index in level {
            let node = order[index];
            for &next in graph.successors(node) {
                if distance[next as usize] == FAR {
                    distance[next as usize] = steps;
                    before[next as usize] = node;
                    order.push(next);
                }
            }
        }
        order[end..].sort_unstable();
        level = end..order.len();
    }
    Reach { order, distance, before }
}

/// How much each of some nodes reaches by itself in at most `depth` steps, of what `counts` says counts for it, itself
/// left out. Many are followed at once, so that this takes far less time than reaching from each.
pub fn reached_by_each(
    graph: &Adjacency,
    sources: &[u32],
    depth: u32,
    counts: impl Fn(u32, u32) -> bool,
) -> Vec<usize> {
    let mut found = Vec::with_capacity(sources.len());
    for some in sources.chunks(u64::BITS as usize) {
        let reached = reached_by_some(graph, some, depth);
        found.extend(some.iter().enumerate().map(|(bit, &source)| {
            let nodes = (0..graph.nodes() as u32).filter(|&node| reached[node as usize] >> bit & 1 == 1);
            nodes.filter(|&node| node != source && counts(source, node)).count()
        }));
    }
    found
}

/// For each node the bits of those of at most 64 sources that reach it.
fn reached_by_some(graph: &Adjacency, sources: &[u32], depth: u32) -> Vec<u64> {
    let mut reached = vec![0u64; graph.nodes()];
    let mut level: Vec<(u32, u64)> = (0..).zip(sources).map(|(bit, &source)| (source, 1 << bit)).collect();
    level.iter().for_each(|&(node, by)| reached[node as usize] |= by);
    // Which of them come to a node in this step.
    let mut coming = vec![0u64; graph.nodes()];
    for _ in 0..depth {
        let mut next = Vec::new();
        for (node, by) in level {
            for &to in graph.successors(node) {
                let new = by & !reached[to as usize];
                if new != 0 && coming[to as usize] == 0 {
                    next.push(to);
                }
                coming[to as usize] |= new;
            }
        }
        if next.is_empty() {
            break;
        }
        level = next.into_iter().map(|node| (node, std::mem::take(&mut coming[node as usize]))).collect();
        level.iter().for_each(|&(node, by)| reached[node as usize] |= by);
    }
    reached
}

impl Reach {
    /// Whether a node is reached.
    pub fn has(&self, node: u32) -> bool {
        self.distance[node as usize] != FAR
    }

    /// A shortest way from a source to a node, both included; empty if it is not reached.
    pub fn way_to(&self, node: u32) -> Vec<u32> {
        if !self.has(node) {
            return Vec::new();
        }
        let mut way = vec![node];
        let mut last = node;
        while self.before[last as usize] != last {
            last = self.before[last as usize];
            way.push(last);
        }
        way.reverse();
        way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_nodes_come_first_and_depth_ends_it() {
        let graph = Adjacency::new(6, &[(0, 3), (3, 1), (1, 0), (0, 2), (2, 1), (4, 5)]);
        let all = reach(&graph, &[0], u32::MAX);
        assert_eq!(all.order, [0, 2, 3, 1]);
        assert_eq!(all.distance, [0, 2, 1, 1, FAR, FAR]);
        assert_eq!(all.way_to(1), [0, 2, 1]);
        assert_eq!(all.way_to(5), [0; 0]);
        assert_eq!(reach(&graph, &[0], 1).order, [0, 2, 3]);
        assert_eq!(reach(&graph, &[4, 0, 4], 0).order, [0, 4]);
        assert_eq!(reach(&graph, &[], 9).order, [0; 0]);
    }

    #[test]
    fn a_long_chain_is_no_matter() {
        let edges: Vec<(u32, u32)> = (0..299_999).map(|node| (node, node + 1)).collect();
        let graph = Adjacency::new(300_000, &edges);
        assert_eq!(reach(&graph, &[0], u32::MAX).way_to(299_999).len(), 300_000);
    }
}
