//! Ways from some nodes to others, the shortest first, none through a node twice.

use super::{Adjacency, FAR, reach};

/// How far to look.
#[derive(Clone, Copy, Debug)]
pub struct PathLimits {
    /// Longest path, in edges.
    pub length: u32,
    /// Most paths.
    pub count: usize,
    /// Most edges to look at; there can be more ways than there is time for.
    pub steps: usize,
}

/// Ways that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// Nodes from first to last, by length, then by their nodes.
    pub paths: Vec<Vec<u32>>,
    /// Whether these are all within the length asked for.
    pub is_complete: bool,
}

/// Ways from one of `sources` to one of `targets`. A way ends where it first meets a target, and starts at the last source
/// on it.
pub fn paths(graph: &Adjacency, sources: &[u32], targets: &[u32], limits: PathLimits) -> Paths {
    let to_target = reach(&graph.reversed(), targets, limits.length).distance;
    let mut sources: Vec<u32> = sources.to_vec();
    sources.sort_unstable();
    sources.dedup();
    let mut search = Search {
        graph,
        to_target: &to_target,
        is_blocked: vec![false; graph.nodes()],
        is_cut: false,
        steps: limits.steps,
        limits,
        found: Paths { paths: Vec::new(), is_complete: true },
    };
    sources.iter().for_each(|&source| search.is_blocked[source as usize] = true);
    let nearest = sources.iter().map(|&source| to_target[source as usize]).min().unwrap_or(FAR);
    let longest = limits.length.min(graph.nodes() as u32);
    for length in nearest..=longest {
        search.is_cut = false;
        for &source in &sources {
            if !search.of_length(source, length) {
                search.found.is_complete = false;
                return search.found;
            }
        }
        if !search.is_cut {
            break;
        }
    }
    search.found
}

struct Search<'g> {
    graph: &'g Adjacency,
    to_target: &'g [u32],
    /// On the path, or a source.
    is_blocked: Vec<bool>,
    /// Whether something was left out only because it is too long: else there is nothing longer.
    is_cut: bool,
    steps: usize,
    limits: PathLimits,
    found: Paths,
}

impl Search<'_> {
    /// Finds the paths of exactly this length; false once a limit is reached.
    fn of_length(&mut self, source: u32, length: u32) -> bool {
        let nearest = self.to_target[source as usize];
        if nearest > length || (length > 0 && nearest == 0) {
            self.is_cut |= nearest > length && nearest != FAR;
            return true;
        }
        if length == 0 {
            self.is_cut = true;
            return self.keep(&[(source, 0)]);
        }
        let mut path = vec![(source, self.graph.bounds(source).0)];
        while let Some((node, edge)) = path.last_mut() {
            let (node, at) = (*node, *edge);
            if at == self.graph.bounds(node).1 {
                path.pop();
                self.is_blocked[node as usize] = path.is_empty();
                continue;
            }
            *edge += 1;
            let Some(left) = self.steps.checked_sub(1) else { return false };
            self.steps = left;
            let (next, rest) = (self.graph.target(at), length - path.len() as u32);
            let nearest = self.to_target[next as usize];
            if self.is_blocked[next as usize] || nearest > rest {
                self.is_cut |= !self.is_blocked[next as usize] && nearest != FAR;
                continue;
            }
            if rest == 0 {
                path.push((next, 0));
                if !self.keep(&path) {
                    return false;
                }
                path.pop();
            } else if nearest > 0 {
                self.is_blocked[next as usize] = true;
                path.push((next, self.graph.bounds(next).0));
            }
        }
        true
    }

    fn keep(&mut self, path: &[(u32, u32)]) -> bool {
        if self.found.paths.len() == self.limits.count {
            return false;
        }
        self.found.paths.push(path.iter().map(|(node, _)| *node).collect());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: PathLimits = PathLimits { length: u32::MAX, count: usize::MAX, steps: usize::MAX };

    fn diamond() -> Adjacency {
        Adjacency::new(6, &[(0, 1), (0, 2), (1, 3), (2, 3), (3, 0), (3, 4), (1, 2), (1, 5)])
    }

    #[test]
    fn short_paths_come_first_and_none_meets_itself() {
        let found = paths(&diamond(), &[0], &[4], ALL);
        assert_eq!(found.paths, [vec![0, 1, 3, 4], vec![0, 2, 3, 4], vec![0, 1, 2, 3, 4]]);
        assert!(found.is_complete);
        assert_eq!(paths(&diamond(), &[4], &[0], ALL).paths, [[0; 0]; 0]);
        assert_eq!(paths(&diamond(), &[0], &[0], ALL).paths, [[0]]);
        let between = paths(&diamond(), &[0, 1], &[3, 4], ALL).paths;
        assert_eq!(between, [vec![1, 3], vec![0, 2, 3], vec![1, 2, 3]]);
    }

    #[test]
    fn limits_are_told() {
        for limits in [PathLimits { count: 2, ..ALL }, PathLimits { steps: 5, ..ALL }] {
            let found = paths(&diamond(), &[0], &[4], limits);
            assert!(!found.is_complete && found.paths.len() < 3, "{limits:?}");
        }
        let short = paths(&diamond(), &[0], &[4], PathLimits { length: 3, ..ALL });
        assert_eq!((short.paths.len(), short.is_complete), (2, true));
        assert!(paths(&diamond(), &[0], &[4], PathLimits { count: 3, ..ALL }).is_complete);
    }
}
