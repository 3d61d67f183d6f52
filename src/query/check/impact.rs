//! How much a change can break, against what a rule allows.

use schemars::JsonSchema;
use serde::Serialize;

use crate::query::impact::{Change, Impact};
use crate::query::network::{Filter, Namer, Network, Picture, Scope};
use crate::query::{Ground, Result};

use super::rules::MaxImpact;
use super::{RELATED_MAX, Related, Violation};

/// How much a change can break.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Told {
    /// What the change is since: a revision, or none for what is staged.
    pub since: Option<String>,
    /// How many definitions and top levels of files change.
    pub changed: usize,
    /// How many may break, as `impact` lists them.
    pub definitions: usize,
    /// How many files these are in.
    pub files: usize,
    /// Changed files that are not in the index: gone, new or of no known language.
    pub not_indexed: Vec<String>,
    /// Whether nothing else can break, as far as names lead.
    pub complete: bool,
}

/// Measures the change; what is more than the rule allows is told with the definitions that cause the most.
pub(super) fn check(
    ground: &Ground<'_>,
    network: &Network,
    rule: &MaxImpact,
    change: &Change,
) -> Result<(Told, Vec<Violation>)> {
    let scope =
        Scope { depth: rule.depth, kind: None, file: None, no_tests: rule.no_tests, picture: Picture::default() };
    let impact = Impact::find(ground, network, &Filter::new(ground, &scope)?, change)?;
    let beyond: Vec<u32> = impact.beyond().collect();
    let mut places: Vec<usize> = beyond.iter().map(|&node| network.place(node)).collect();
    places.sort_unstable();
    places.dedup();
    let told = Told {
        since: change.diff.clone(),
        changed: impact.shown_roots.len(),
        definitions: beyond.len(),
        files: places.len(),
        complete: impact.doubt.is_none() && impact.not_indexed.is_empty(),
        not_indexed: impact.not_indexed.clone(),
    };
    let limits = [(rule.definitions, told.definitions, "definition"), (rule.files, told.files, "file")];
    let broken = limits.into_iter().filter_map(|(max, found, what)| Some((max?, found as u64, what)));
    let broken: Vec<_> = broken.filter(|(max, found, _)| found > max).collect();
    if broken.is_empty() {
        return Ok((told, Vec::new()));
    }
    let worst = worst(Namer { ground, network }, &impact, rule.depth.unwrap_or(u32::MAX))?;
    // Without a change nothing breaks.
    let Some(first) = worst.first() else { return Ok((told, Vec::new())) };
    let violation = |(max, found, what): (u64, u64, &str)| {
        let message = format!("the change can break {found} {what}s, at most {max} allowed");
        let violation = Violation::new(&first.path, first.position, &rule.name, &format!("{what}s"), message);
        Violation { value: found, related: worst.clone(), ..violation }
    };
    Ok((told, broken.into_iter().map(violation).collect()))
}

/// The changed definitions on which the most rests by themselves.
fn worst(namer: Namer<'_>, impact: &Impact, depth: u32) -> Result<Vec<Related>> {
    let mut counts = impact.alone(namer.network, depth);
    counts.sort_by_key(|&(node, count)| (std::cmp::Reverse(count), node));
    counts.truncate(RELATED_MAX);
    let mut related = Vec::with_capacity(counts.len());
    for (node, count) in counts {
        let place = namer.place(node)?;
        let (noun, verb) = if count == 1 { ("definition", "depends") } else { ("definitions", "depend") };
        let message = format!("{} {} changed: {count} {noun} {verb} on it", place.kind, place.qualified_name);
        related.push(Related { path: place.path, position: place.position, message });
    }
    Ok(related)
}
