//! Layers of a graph without circles: what leads nowhere is the lowest.

use super::Adjacency;

/// The layer of each node: one more than the highest it leads to, 0 for those that lead nowhere. Nodes of circles, and
/// those that lead to one, have none.
pub fn layers(graph: &Adjacency) -> Vec<Option<u32>> {
    let reversed = graph.reversed();
    let mut waiting: Vec<usize> = (0..graph.nodes() as u32).map(|node| graph.successors(node).len()).collect();
    let mut layers = vec![None; graph.nodes()];
    let mut ready: Vec<u32> = (0..graph.nodes() as u32).filter(|&node| waiting[node as usize] == 0).collect();
    let mut layer = 0;
    while !ready.is_empty() {
        let mut next = Vec::new();
        for node in ready {
            layers[node as usize] = Some(layer);
            for &user in reversed.successors(node) {
                waiting[user as usize] -= 1;
                if waiting[user as usize] == 0 {
                    next.push(user);
                }
            }
        }
        ready = next;
        layer += 1;
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_above_all_it_leads_to() {
        let graph = Adjacency::new(6, &[(0, 1), (1, 2), (0, 2), (3, 2), (4, 5), (5, 4)]);
        assert_eq!(layers(&graph), [Some(2), Some(1), Some(0), Some(1), None, None]);
    }
}
