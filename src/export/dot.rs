//! Graphs in the DOT language of Graphviz: every id and label quoted.

use super::escape;
use super::graph::{Drawing, Edge, Graph, Node};

/// The format.
pub(super) struct Dot;

impl Drawing for Dot {
    fn begin(&mut self, graph: Graph) -> String {
        format!("digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=box];\n", graph.word())
    }

    fn node(&mut self, node: &Node) -> String {
        let mut line = format!("  \"{}\" [label=", node.id);
        escape::dot(&node.label, &mut line);
        line.push_str(", tooltip=");
        let place = node.line.map_or(node.path.clone(), |line| format!("{}:{line}", node.path));
        escape::dot(&format!("{} {place}", node.kind), &mut line);
        line.push_str("];\n");
        line
    }

    fn edge(&mut self, edge: &Edge) -> String {
        let style = if edge.kind == "candidate" { ", style=dashed" } else { "" };
        format!("  \"{}\" -> \"{}\" [class=\"{}\", weight={}{style}];\n", edge.from, edge.to, edge.kind, edge.count)
    }

    fn end(&mut self) -> String {
        "}\n".into()
    }
}
