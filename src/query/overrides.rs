//! Which methods stand for a method of a base type. Relations of types are known, names of members are looked up.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::RelationKind;
use crate::store::{FileId, SymbolRow};

use super::network::Network;
use super::{Ground, Result};

/// Looks for methods that override others.
pub(super) struct Overrides<'n> {
    ground: &'n Ground<'n>,
    network: &'n Network,
    /// Types and blocks by what they extend, implement or embed.
    subtypes: FxHashMap<u32, Vec<u32>>,
    /// Blocks by the type they belong to, and types by their blocks.
    blocks: FxHashMap<u32, Vec<u32>>,
    rows: FxHashMap<FileId, Vec<SymbolRow>>,
    looked_at: FxHashSet<u32>,
}

impl<'n> Overrides<'n> {
    pub(super) fn new(ground: &'n Ground<'n>, network: &'n Network) -> Self {
        let mut subtypes: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        let mut blocks: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for &(from, kind, to) in &network.relations {
            let known = if kind == RelationKind::MemberOf { &mut blocks } else { &mut subtypes };
            known.entry(to).or_default().push(from);
        }
        let (rows, looked_at) = (FxHashMap::default(), FxHashSet::default());
        Self { ground, network, subtypes, blocks, rows, looked_at }
    }

    /// The methods among `nodes` that were not asked for before, each with one that overrides it.
    pub(super) fn of_all(&mut self, nodes: &[u32]) -> Result<Vec<(u32, u32)>> {
        let mut found = Vec::new();
        for &node in nodes {
            let is_callable = self.network.vertex(node).is_some_and(|vertex| vertex.kind.is_callable());
            if is_callable && self.looked_at.insert(node) {
                self.of(node, &mut found)?;
            }
        }
        Ok(found)
    }

    fn of(&mut self, method: u32, found: &mut Vec<(u32, u32)>) -> Result<()> {
        let Some(parent) = self.network.parent(method).filter(|parent| self.subtypes.contains_key(parent)) else {
            return Ok(());
        };
        let Some(name) = self.name(method)? else { return Ok(()) };
        for subtype in self.subtypes[&parent].clone() {
            let blocks = self.blocks.get(&subtype).cloned().unwrap_or_default();
            for holder in std::iter::once(subtype).chain(blocks) {
                for member in self.members(holder) {
                    let is_callable = self.network.vertex(member).is_some_and(|vertex| vertex.kind.is_callable());
                    if is_callable && self.name(member)?.as_ref() == Some(&name) {
                        found.push((method, member));
                    }
                }
            }
        }
        Ok(())
    }

    /// What stands in a type or block; or itself, where a member is written outside of its type.
    fn members(&self, holder: u32) -> Vec<u32> {
        let inside: Vec<u32> = self.network.children(holder).collect();
        if inside.is_empty() { vec![holder] } else { inside }
    }

    fn name(&mut self, node: u32) -> Result<Option<String>> {
        let Some(key) = self.network.key(node) else { return Ok(None) };
        if !self.rows.contains_key(&key.file) {
            self.rows.insert(key.file, self.ground.snapshot.symbols(key.file)?);
        }
        Ok(self.rows[&key.file].get(key.symbol.0 as usize).map(|row| row.name.clone()))
    }
}
