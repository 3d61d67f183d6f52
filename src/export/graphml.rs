//! Graphs in GraphML: XML whose keys are declared first.

use super::escape;
use super::graph::{Drawing, Edge, Graph, Node};

/// The format.
pub(super) struct GraphMl;

const KEYS: &[(&str, &str, &str)] = &[
    ("label", "node", "string"),
    ("kind", "node", "string"),
    ("path", "node", "string"),
    ("line", "node", "int"),
    ("relation", "edge", "string"),
    ("count", "edge", "int"),
];

impl Drawing for GraphMl {
    fn begin(&mut self, graph: Graph) -> String {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
        );
        for (name, of, form) in KEYS {
            text.push_str(&format!("  <key id=\"{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{form}\"/>\n"));
        }
        text.push_str(&format!("  <graph id=\"{}\" edgedefault=\"directed\">\n", graph.word()));
        text
    }

    fn node(&mut self, node: &Node) -> String {
        let mut text = format!("    <node id=\"{}\">", node.id);
        data("label", &node.label, &mut text);
        data("kind", node.kind, &mut text);
        data("path", &node.path, &mut text);
        if let Some(line) = node.line {
            data("line", &line.to_string(), &mut text);
        }
        text.push_str("</node>\n");
        text
    }

    fn edge(&mut self, edge: &Edge) -> String {
        let mut text = format!("    <edge source=\"{}\" target=\"{}\">", edge.from, edge.to);
        data("relation", edge.kind, &mut text);
        data("count", &edge.count.to_string(), &mut text);
        text.push_str("</edge>\n");
        text
    }

    fn end(&mut self) -> String {
        "  </graph>\n</graphml>\n".into()
    }
}

fn data(key: &str, value: &str, out: &mut String) {
    out.push_str(&format!("<data key=\"{key}\">"));
    escape::xml(value, out);
    out.push_str("</data>");
}
