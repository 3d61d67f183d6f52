//! What leads back to itself: files by imports, callables by settled calls.

use std::collections::BTreeMap;

use crate::graph::{Adjacency, components};
use crate::model::Position;
use crate::query::cycles::shortest;
use crate::query::network::{Namer, Network, Place, is_call};
use crate::query::{Ground, Result};
use crate::store::FileRow;

use super::rules::{Area, Circle, Cycles, Rules};
use super::{RELATED_MAX, Related, START, Violation};

/// Finds it. The network is there if any rule is about calls.
pub(super) fn check(ground: &Ground<'_>, rules: &Rules, network: Option<&Network>) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for rule in &rules.cycles {
        match (rule.by, network) {
            (Circle::Calls, Some(network)) => violations.extend(calls(Namer { ground, network }, rule)?),
            (Circle::SelfCalls, Some(network)) => violations.extend(self_calls(Namer { ground, network }, rule)?),
            (Circle::Imports, _) | (_, None) => violations.extend(imports(ground, rule)?),
        }
    }
    Ok(violations)
}

/// One for each group of files of which every one leads to every other by imports.
fn imports(ground: &Ground<'_>, rule: &Cycles) -> Result<Vec<Violation>> {
    let files = ground.snapshot.files()?;
    let nodes: Vec<&FileRow> = files.iter().filter(|file| rule.area.has(&file.path)).collect();
    let numbers: BTreeMap<&str, u32> = (0..).zip(&nodes).map(|(number, file)| (file.path.as_str(), number)).collect();
    let mut places: BTreeMap<(u32, u32), Position> = BTreeMap::new();
    for (from, file) in (0..).zip(&nodes) {
        for import in ground.snapshot.imports(file.id)? {
            let to = import.file.and_then(|path| numbers.get(path.as_str()).copied()).filter(|to| *to != from);
            if let Some(to) = to {
                places.entry((from, to)).or_insert(import.position);
            }
        }
    }
    let edges: Vec<(u32, u32)> = places.keys().copied().collect();
    let graph = Adjacency::new(nodes.len(), &edges);
    let path = |node: u32| nodes[node as usize].path.clone();
    let violation = |group: &[u32]| {
        let steps = shortest(&graph, group);
        let related: Vec<Related> = steps
            .windows(2)
            .take(RELATED_MAX)
            .map(|step| {
                let position = places.get(&(step[0], step[1])).copied().unwrap_or(START);
                Related { path: path(step[0]), position, message: format!("imports {}", path(step[1])) }
            })
            .collect();
        let members: Vec<String> = group.iter().map(|&node| path(node)).collect();
        let message = format!("{} files import each other in circles: {}", members.len(), some(&members));
        let position = related.first().map_or(START, |first| first.position);
        let violation = Violation::new(&members[0], position, &rule.name, &members[0], message);
        Violation { value: members.len() as u64, members, related, ..violation }
    };
    Ok(groups(&graph).iter().map(|group| violation(group)).collect())
}

/// One for each group of callables of which every one leads to every other by calls.
fn calls(namer: Namer<'_>, rule: &Cycles) -> Result<Vec<Violation>> {
    let graph = graph(namer.network, &rule.area);
    let mut violations = Vec::new();
    for group in groups(&graph) {
        let places = namer.places(&group)?;
        let circle = namer.places(&shortest(&graph, &group))?;
        let steps = circle.windows(2).take(RELATED_MAX);
        let related = steps.map(|step| Related {
            path: step[0].path.clone(),
            position: step[0].position,
            message: format!("{} calls {}", step[0].qualified_name, step[1].qualified_name),
        });
        let related = related.collect();
        let names: Vec<String> = places.iter().map(|place| place.qualified_name.clone()).collect();
        let message = format!("{} callables call each other in circles: {}", names.len(), some(&names));
        let mut members: Vec<String> = places.iter().map(member).collect();
        members.sort();
        let first = &places[0];
        let violation = Violation::new(&first.path, first.position, &rule.name, &first.qualified_name, message);
        violations.push(Violation { value: members.len() as u64, members, related, ..violation });
    }
    Ok(violations)
}

/// One for each callable that calls itself.
fn self_calls(namer: Namer<'_>, rule: &Cycles) -> Result<Vec<Violation>> {
    let graph = graph(namer.network, &rule.area);
    let nodes = (0..graph.nodes() as u32).filter(|node| graph.successors(*node).binary_search(node).is_ok());
    let places = namer.places(&nodes.collect::<Vec<_>>())?;
    let violation = |place: &Place| {
        let message = format!("{} calls itself", place.qualified_name);
        Violation::new(&place.path, place.position, &rule.name, &place.qualified_name, message)
    };
    Ok(places.iter().map(violation).collect())
}

/// Settled calls inside an area.
fn graph(network: &Network, area: &Area) -> Adjacency {
    let is_in: Vec<bool> = network.files.iter().map(|file| area.has(&file.path)).collect();
    let has = |node: u32| is_in[network.place(node)];
    let calls = network.uses.iter().filter(|edge| is_call(edge.role) && edge.is_certain);
    let inside = calls.filter(|edge| has(edge.from) && has(edge.to)).map(|edge| (edge.from, edge.to));
    Adjacency::new(network.nodes(), &inside.collect::<Vec<_>>())
}

/// What all leads to each other.
fn groups(graph: &Adjacency) -> Vec<Vec<u32>> {
    let found = components(graph);
    let groups = (0..found.count() as u32).map(|component| found.members(component)).filter(|group| group.len() > 1);
    groups.map(<[u32]>::to_vec).collect()
}

fn member(place: &Place) -> String {
    format!("{}#{}", place.path, place.qualified_name)
}

/// The first of some names.
fn some(names: &[String]) -> String {
    let shown = names[..names.len().min(RELATED_MAX)].join(", ");
    if names.len() > RELATED_MAX { format!("{shown} and {} more", names.len() - RELATED_MAX) } else { shown }
}
