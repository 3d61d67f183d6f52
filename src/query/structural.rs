//! Interfaces that are implemented by having their methods, where a language has such: which types of the tree
//! implement which, by the names of methods and their numbers of parameters.

use std::collections::hash_map::Entry;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang;
use crate::model::{Arity, Marks, RelationKind, SymbolKind};
use crate::store::{FileId, NamePattern, SymbolKey, SymbolRow};

use super::hierarchy::{known, owners};
use super::{Ground, Result};

/// Finds them, and remembers how many parameters the callables of a file take.
#[derive(Default)]
pub(super) struct Structural {
    arities: FxHashMap<FileId, Vec<Option<Arity>>>,
}

impl Structural {
    /// The types that have every method of an interface.
    pub(super) fn types(&mut self, ground: &Ground<'_>, interface: &SymbolRow) -> Result<Vec<SymbolRow>> {
        let mut found: Option<Vec<SymbolRow>> = None;
        for method in methods(ground, interface)? {
            let wanted = self.arity(ground, &method)?;
            let mut having = Vec::new();
            for other in ground.snapshot.find(&NamePattern::Exact(method.name.clone()))? {
                let is_one = other.kind == SymbolKind::Method && !other.marks.has(Marks::ABSTRACT);
                if is_one && other.language == interface.language && self.arity(ground, &other)? == wanted {
                    having.extend(owners(ground, &other)?);
                }
            }
            let keys: FxHashSet<SymbolKey> = having.iter().map(|row| row.key).collect();
            match &mut found {
                None => found = Some(having),
                Some(found) => found.retain(|row| keys.contains(&row.key)),
            }
        }
        let mut found = found.unwrap_or_default();
        found.sort_by_key(|row| row.key);
        found.dedup_by_key(|row| row.key);
        Ok(found)
    }

    /// The interfaces of the tree that a type has every method of.
    pub(super) fn interfaces(&mut self, ground: &Ground<'_>, row: &SymbolRow) -> Result<Vec<SymbolRow>> {
        let (mut asked, mut found) = (FxHashSet::default(), Vec::new());
        if !is_structural(row) || row.kind == SymbolKind::Interface {
            return Ok(found);
        }
        for block in ground.snapshot.relations(row.key, false)? {
            let is_member = block.kind == RelationKind::MemberOf;
            let Some(method) = ground.snapshot.symbol(block.from)?.filter(|_| is_member) else { continue };
            for other in ground.snapshot.find(&NamePattern::Exact(method.name.clone()))? {
                let parent = other.parent.filter(|_| other.marks.has(Marks::ABSTRACT));
                let Some(parent) = parent.filter(|parent| asked.insert(*parent)) else { continue };
                if let Some(interface) = ground.snapshot.symbol(parent)?
                    && self.types(ground, &interface)?.iter().any(|known| known.key == row.key)
                {
                    found.push(interface);
                }
            }
        }
        Ok(found)
    }

    fn arity(&mut self, ground: &Ground<'_>, symbol: &SymbolRow) -> Result<Option<Arity>> {
        let file = symbol.key.file;
        if let Entry::Vacant(place) = self.arities.entry(file) {
            let facts = ground.snapshot.facts(file)?;
            place.insert(facts.symbols.iter().map(|fact| fact.arity).collect());
        }
        let arities = self.arities.get(&file);
        Ok(arities.and_then(|arities| arities.get(symbol.key.symbol.0 as usize).copied()).flatten())
    }
}

fn is_structural(row: &SymbolRow) -> bool {
    lang::by_name(&row.language).is_some_and(|language| language.link.structural_interfaces)
}

/// The methods of an interface, those of interfaces in it included. Empty for what is no such interface.
fn methods(ground: &Ground<'_>, interface: &SymbolRow) -> Result<Vec<SymbolRow>> {
    if !is_structural(interface) || interface.kind != SymbolKind::Interface {
        return Ok(Vec::new());
    }
    let (mut methods, mut interfaces, mut next) = (Vec::new(), vec![interface.key], 0);
    while let Some(&key) = interfaces.get(next) {
        next += 1;
        let symbols = ground.snapshot.symbols(key.file)?.into_iter();
        methods.extend(symbols.filter(|row| row.parent == Some(key) && row.marks.has(Marks::ABSTRACT)));
        for relation in ground.snapshot.relations(key, true)? {
            let embedded = known(&relation.target);
            // An interface with something from outside in it has methods that cannot be looked at.
            if embedded.is_empty() && relation.kind != RelationKind::MemberOf {
                return Ok(Vec::new());
            }
            let new: Vec<_> = embedded.into_iter().filter(|key| !interfaces.contains(key)).collect();
            interfaces.extend(new);
        }
    }
    Ok(methods)
}
