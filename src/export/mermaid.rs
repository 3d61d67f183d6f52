//! Graphs as a Mermaid flowchart, for Markdown.

use super::escape;
use super::graph::{Drawing, Edge, Graph, Node};

/// The format.
pub(super) struct Mermaid;

impl Drawing for Mermaid {
    fn begin(&mut self, graph: Graph) -> String {
        format!("%% {}\nflowchart LR\n", graph.word())
    }

    fn node(&mut self, node: &Node) -> String {
        let mut line = format!("  {}[", node.id);
        escape::mermaid(&node.label, &mut line);
        line.push_str("]\n");
        line
    }

    fn edge(&mut self, edge: &Edge) -> String {
        let arrow = if edge.kind == "candidate" { "-.->" } else { "-->" };
        format!("  {} {arrow} {}\n", edge.from, edge.to)
    }

    fn end(&mut self) -> String {
        String::new()
    }
}
