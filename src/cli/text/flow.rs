//! Control-flow graphs, as lines or for Graphviz.

use crate::cli::page::{Page, Style};
use crate::cli::sanitise;
use crate::query::cfg::{Block, Edge, Format, Reply};

use super::{rest_of, sites};

pub(super) fn cfg(reply: &Reply, page: &mut Page) {
    match reply.format {
        Format::Text => lines(reply, page),
        Format::Dot => dot(reply, page),
    }
}

fn lines(reply: &Reply, page: &mut Page) {
    sites::symbol(&reply.symbol, page);
    let complexity = reply.complexity;
    page.say(format!("cyclomatic {}, cognitive {}", complexity.cyclomatic, complexity.cognitive));
    page.say(format!(", nesting {}", complexity.nesting)).end();
    for block in &reply.blocks.items {
        line(block, &reply.edges.items, page);
    }
    page.conclude();
    rest_of(&reply.blocks, "block", page);
    rest_of(&reply.edges, "edge", page);
}

fn line(block: &Block, edges: &[Edge], page: &mut Page) {
    page.put(Style::Name, format!("{:>4}", block.index)).say("  ").put(Style::Dim, format!("{:<11}", block.kind));
    page.put(Style::Place, format!("  {:<9}", place(block)));
    page.put(Style::Dim, format!("  {:<11}", block.terminator));
    // Edges are sorted, so those of a block stand together.
    let first = edges.partition_point(|edge| edge.from < block.index);
    for (nth, edge) in edges[first..].iter().take_while(|edge| edge.from == block.index).enumerate() {
        page.say(if nth == 0 { "  -> " } else { ", " }).say(edge.to.to_string());
        page.put(Style::Dim, format!(" {}", edge.kind));
    }
    if !block.reachable {
        page.say("  ").put(Style::Warn, "unreachable");
    }
    page.end();
    if !block.text.is_empty() {
        page.say("        ").say(&block.text).put(Style::Dim, if block.text_is_exact { "" } else { " ..." }).end();
    }
}

/// `12` or `12-14`; nothing where no source stands for the block.
fn place(block: &Block) -> String {
    match block {
        _ if block.span.is_empty() => String::new(),
        Block { start_line, end_line, .. } if start_line == end_line => format!("{start_line}"),
        Block { start_line, end_line, .. } => format!("{start_line}-{end_line}"),
    }
}

/// The language of Graphviz: <https://graphviz.org/doc/info/lang.html>. Every name is quoted.
fn dot(reply: &Reply, page: &mut Page) {
    page.say(format!("digraph {} {{", quoted(&[&reply.symbol.qualified_name]))).end();
    page.say("  node [shape=box, fontname=\"monospace\"];").end();
    for block in &reply.blocks.items {
        let heading = format!("{} {} {}", block.index, block.kind, place(block));
        let style = if block.reachable { "" } else { ", style=dashed" };
        page.say(format!("  b{} [label={}{style}];", block.index, quoted(&[heading.trim_end(), &block.text]))).end();
    }
    for edge in &reply.edges.items {
        page.say(format!("  b{} -> b{} [label={}];", edge.from, edge.to, quoted(&[edge.kind]))).end();
    }
    page.say("}").end();
}

/// Lines of text as one quoted string, left-aligned if there are several. In labels a backslash starts an escape,
/// in any string a quote ends it.
fn quoted(lines: &[&str]) -> String {
    let escaped = |line: &&&str| sanitise::for_terminal(line).replace('\\', "\\\\").replace('"', "\\\"");
    let shown: Vec<String> = lines.iter().filter(|line| !line.is_empty()).map(|line| escaped(&line)).collect();
    match &shown[..] {
        [one] => format!("\"{one}\""),
        many => format!("\"{}\"", many.iter().map(|line| format!("{line}\\l")).collect::<String>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Complexity, Marks, Position, Span, SymbolHash, SymbolId, SymbolKind, Visibility};
    use crate::query::List;
    use crate::store::{FileId, SymbolKey, SymbolRow};

    fn symbol(qualified_name: &str) -> SymbolRow {
        SymbolRow {
            key: SymbolKey { file: FileId(0), symbol: SymbolId(0) },
            id: SymbolHash([0; 16]),
            path: "a.x".into(),
            language: "x".into(),
            kind: SymbolKind::Function,
            name: qualified_name.into(),
            qualified_name: qualified_name.into(),
            parent: None,
            signature: String::new(),
            visibility: Visibility::Public,
            marks: Marks::default(),
            span: Span::new(0, 9),
            name_span: Span::new(0, 1),
            doc: None,
            position: Position { line: 1, column: 0 },
            start_line: 1,
            end_line: 2,
        }
    }

    fn block(index: u32, kind: &'static str, terminator: &'static str, text: &str) -> Block {
        let span = Span::new(0, text.len() as u32);
        let (reachable, text) = (index < 3, text.to_owned());
        Block { index, kind, span, start_line: 1, end_line: 2, terminator, reachable, text, text_is_exact: true }
    }

    fn shown(name: &str, text: &str, format: Format) -> String {
        let blocks = vec![
            block(0, "entry", "fallthrough", ""),
            block(1, "exit", "end", ""),
            block(2, "body", "return", text),
            block(3, "body", "fallthrough", "dead()"),
        ];
        let edge = |from, to, kind| Edge { from, to, kind };
        let edges = vec![edge(0, 2, "fallthrough"), edge(2, 1, "exceptional"), edge(2, 1, "return")];
        let complexity = Complexity { cyclomatic: 2, cognitive: 1, nesting: 0 };
        let (blocks, edges) = (List::new(blocks, 4), List::new(edges, 2));
        let mut page = Page::default();
        cfg(&Reply { symbol: symbol(name), complexity, blocks, edges, format }, &mut page);
        page.text().to_owned()
    }

    #[test]
    fn each_block_says_where_control_goes_on() {
        let expected = "\
function f  a.x:1:0
cyclomatic 2, cognitive 1, nesting 0
   0  entry                   fallthrough  -> 2 fallthrough
   1  exit                    end
   2  body         1-2        return       -> 1 exceptional
        g()
   3  body         1-2        fallthrough  unreachable
        dead()
... 1 more edge of 3; `--limit 0` shows all
";
        assert_eq!(shown("f", "g()", Format::Text), expected);
    }

    #[test]
    fn a_graph_is_drawn_with_every_name_quoted() {
        let expected = r#"digraph "operator\"\"_x\\" {
  node [shape=box, fontname="monospace"];
  b0 [label="0 entry"];
  b1 [label="1 exit"];
  b2 [label="2 body 1-2\ls = \"\\\\\"];x[\"\l"];
  b3 [label="3 body 1-2\ldead()\l", style=dashed];
  b0 -> b2 [label="fallthrough"];
  b2 -> b1 [label="exceptional"];
}
"#;
        assert_eq!(shown("operator\"\"_x\\", "s = \"\\\\\"];x[\"", Format::Dot), expected);
    }

    #[test]
    fn whatever_stands_in_source_stays_inside_its_quotes() {
        assert_eq!(quoted(&["a"]), r#""a""#);
        assert_eq!(quoted(&["1 body", r#"f("x\n")"#]), r#""1 body\lf(\"x\\n\")\l""#);
        assert_eq!(quoted(&[r#"\"];x[label="\"#]), r#""\\\"];x[label=\"\\""#);
        assert_eq!(quoted(&["a\u{1b}\n\u{202e}"]), r#""a\\u{1b}\\u{a}\\u{202e}""#);
        assert_eq!(quoted(&[""]), r#""""#);
    }
}
