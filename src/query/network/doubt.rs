//! What stands between an answer from the graph and completeness.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::Role;

use super::super::callers::unseen;
use super::super::{Ground, Result};
use super::{By, Network};

/// More names than this are not asked for one by one.
const NAMES_MAX: usize = 512;

/// What could lead further than is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Doubt {
    /// Call sites that are not settled and could add to the answer: where what is reached calls something, or by the name of
    /// what is reached. With very many names all of the tree.
    pub unresolved: u64,
    /// Places where a callable is taken as a value; what is done with it there is not followed.
    pub taken_as_value: usize,
    /// Source files that could not be looked at.
    pub unseen_files: usize,
}

impl Doubt {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// Of an answer that goes from callers to callees: what the reached ones call besides.
pub(in crate::query) fn doubt_forward(
    ground: &Ground<'_>,
    network: &Network,
    is_reached: impl Fn(u32) -> bool,
) -> Result<Doubt> {
    let nodes = (0..network.nodes() as u32).filter(|&node| is_reached(node));
    let unresolved = nodes.map(|node| u64::from(network.unknown_calls[node as usize])).sum();
    let taken = taken(network, |from, to| is_reached(from) && !is_reached(to));
    Ok(Doubt { unresolved, taken_as_value: taken, unseen_files: unseen(ground)? })
}

/// Of an answer that goes from callees to callers: what else could call the reached ones.
pub(in crate::query) fn doubt_backward(ground: &Ground<'_>, network: &Network, reached: &[u32]) -> Result<Doubt> {
    let mut is_reached = vec![false; network.nodes()];
    reached.iter().for_each(|&node| is_reached[node as usize] = true);
    let taken = taken(network, |from, to| is_reached[to as usize] && !is_reached[from as usize]);
    Ok(Doubt {
        unresolved: could_mean(ground, network, reached)?,
        taken_as_value: taken,
        unseen_files: unseen(ground)?,
    })
}

/// Of an answer about all calls, or, `by` imports, about all files.
pub(in crate::query) fn doubt_of_all(ground: &Ground<'_>, network: &Network, by: By) -> Result<Doubt> {
    let unseen_files = unseen(ground)?;
    if by == By::Imports {
        return Ok(Doubt { unseen_files, ..Doubt::default() });
    }
    let unresolved = network.unknown_calls.iter().map(|count| u64::from(*count)).sum();
    Ok(Doubt { unresolved, taken_as_value: taken(network, |_, _| true), unseen_files })
}

fn taken(network: &Network, counts: impl Fn(u32, u32) -> bool) -> usize {
    let is_callable = |node: u32| network.vertex(node).is_some_and(|vertex| vertex.kind.is_callable());
    let reads = network.uses.iter().filter(|edge| edge.role == Role::Read && is_callable(edge.to));
    reads.filter(|edge| counts(edge.from, edge.to)).count()
}

/// Unsettled call sites of the names of these nodes.
fn could_mean(ground: &Ground<'_>, network: &Network, nodes: &[u32]) -> Result<u64> {
    if nodes.len() > NAMES_MAX {
        return Ok(network.unknown_calls.iter().map(|count| u64::from(*count)).sum());
    }
    let mut names = BTreeSet::new();
    for key in nodes.iter().filter_map(|node| network.key(*node)) {
        names.extend(ground.snapshot.symbol(key)?.filter(|row| row.kind.is_callable()).map(|row| row.name));
    }
    let mut sites = 0;
    for name in names {
        sites += ground.snapshot.unknown(&name)?.iter().filter(|row| row.role.is_call()).count() as u64;
    }
    Ok(sites)
}
