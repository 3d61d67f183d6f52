//! A part of the graph to be drawn.

use std::collections::BTreeMap;

use super::super::Result;
use super::{Namer, Picture, Place};

/// What to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// In which language.
    pub picture: Picture,
    /// The nodes.
    pub shapes: Vec<Shape>,
    /// The edges between them, sorted.
    pub lines: Vec<Line>,
    /// Nodes that are left out by the limit.
    pub hidden: usize,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// What to write in it.
    pub label: String,
    /// What it stands for, in a word.
    pub kind: &'static str,
    /// Whether the answer is about it.
    pub is_root: bool,
}

/// An edge from one place among the shapes to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The first end.
    pub from: usize,
    /// The other end.
    pub to: usize,
    /// Whether it is certain.
    pub is_certain: bool,
}

impl Shape {
    /// Of a definition or file.
    pub(in crate::query) fn of(place: Place, is_root: bool) -> Self {
        Self { label: place.qualified_name, kind: place.kind, is_root }
    }
}

/// Draws the nodes that are shown, with the edges between them. `hidden` others are not shown.
pub(in crate::query) fn draw(
    namer: Namer<'_>,
    (roots, shown): (&[u32], &[u32]),
    edges: impl Iterator<Item = (u32, u32, bool)>,
    hidden: usize,
    picture: Picture,
) -> Result<Option<Drawing>> {
    if !picture.is_wanted() {
        return Ok(None);
    }
    let mut nodes: Vec<u32> = roots.iter().chain(shown).copied().collect();
    nodes.sort_unstable();
    nodes.dedup();
    let mut shapes = Vec::with_capacity(nodes.len());
    for node in &nodes {
        shapes.push(Shape::of(namer.place(*node)?, roots.contains(node)));
    }
    let mut lines: BTreeMap<(usize, usize), bool> = BTreeMap::new();
    for (from, to, is_certain) in edges {
        if let (Ok(from), Ok(to)) = (nodes.binary_search(&from), nodes.binary_search(&to)) {
            *lines.entry((from, to)).or_default() |= is_certain;
        }
    }
    let lines = lines.into_iter().map(|((from, to), is_certain)| Line { from, to, is_certain }).collect();
    Ok(Some(Drawing { picture, shapes, lines, hidden }))
}
