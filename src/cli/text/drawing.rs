//! Graphs in languages that draw them: DOT for Graphviz, flowcharts for Mermaid. Names never end what they stand in.

use crate::cli::page::Page;
use crate::cli::sanitise;
use crate::query::{Drawing, Reply, Shape, cfg};

/// Whether the text of a reply is a graph, which cannot be cut like lines of text.
pub(in crate::cli) fn is_drawing(reply: &Reply) -> bool {
    let drawing = match reply {
        Reply::Reachable(reply) => &reply.drawing,
        Reply::Paths(reply) => &reply.drawing,
        Reply::Cycles(reply) => &reply.drawing,
        Reply::Condense(reply) => &reply.drawing,
        Reply::Impact(reply) => &reply.drawing,
        Reply::Deps(reply) => &reply.drawing,
        Reply::Cfg(reply) => return reply.format == cfg::Format::Dot,
        _ => return false,
    };
    drawing.is_some()
}

pub(super) fn draw(drawing: &Drawing, page: &mut Page) {
    if drawing.picture.mermaid { mermaid(drawing, page) } else { dot(drawing, page) }
}

/// <https://graphviz.org/doc/info/lang.html>. Every label is quoted.
fn dot(drawing: &Drawing, page: &mut Page) {
    page.say("digraph magellan {").end();
    page.say("  node [shape=box, fontname=\"monospace\"];").end();
    if drawing.hidden > 0 {
        page.say(format!("  // {} more are left out; `--limit 0` shows all", drawing.hidden)).end();
    }
    for (number, shape) in drawing.shapes.iter().enumerate() {
        let style = if shape.is_root { ", style=bold" } else { "" };
        page.say(format!("  n{number} [label=\"{}\"{style}];", quoted(shape, &[('\\', "\\\\"), ('"', "\\\"")]))).end();
    }
    for line in &drawing.lines {
        let style = if line.is_certain { "" } else { " [style=dashed]" };
        page.say(format!("  n{} -> n{}{style};", line.from, line.to)).end();
    }
    page.say("}").end();
}

/// <https://mermaid.js.org/syntax/flowchart.html>. Characters that mean something in labels are written as entities.
fn mermaid(drawing: &Drawing, page: &mut Page) {
    const ENTITIES: [(char, &str); 8] = [
        ('#', "#35;"),
        ('"', "#quot;"),
        ('<', "#lt;"),
        ('>', "#gt;"),
        ('&', "#amp;"),
        ('`', "#96;"),
        ('\\', "#92;"),
        (';', "#59;"),
    ];
    page.say("flowchart TD").end();
    if drawing.hidden > 0 {
        page.say(format!("  %% {} more are left out; `--limit 0` shows all", drawing.hidden)).end();
    }
    for (number, shape) in drawing.shapes.iter().enumerate() {
        let (open, close) = if shape.is_root { ("([", "])") } else { ("[", "]") };
        page.say(format!("  n{number}{open}\"{}\"{close}", quoted(shape, &ENTITIES))).end();
    }
    for line in &drawing.lines {
        let arrow = if line.is_certain { "-->" } else { "-.->" };
        page.say(format!("  n{} {arrow} n{}", line.from, line.to)).end();
    }
}

fn quoted(shape: &Shape, replaced: &[(char, &str)]) -> String {
    let mut text = String::new();
    for character in sanitise::for_terminal(&format!("{} {}", shape.kind, shape.label)).chars() {
        match replaced.iter().find(|row| row.0 == character) {
            Some((_, instead)) => text.push_str(instead),
            None => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Line, Picture};

    fn shown(picture: Picture) -> String {
        let shape = |label: &str, is_root| Shape { label: label.into(), kind: "function", is_root };
        let shapes = vec![shape("a\"]; evil", true), shape("b<T>\\\n\u{202e}#", false)];
        let lines = vec![Line { from: 0, to: 1, is_certain: true }, Line { from: 1, to: 1, is_certain: false }];
        let mut page = Page::default();
        draw(&Drawing { picture, shapes, lines, hidden: 3 }, &mut page);
        page.text().to_owned()
    }

    #[test]
    fn hostile_names_stay_inside_of_labels() {
        assert_eq!(
            shown(Picture { dot: true, mermaid: false }),
            "digraph magellan {\n  node [shape=box, fontname=\"monospace\"];\n  // 3 more are left out; `--limit 0` shows all\n  \
             n0 [label=\"function a\\\"]; evil\", style=bold];\n  n1 [label=\"function b<T>\\\\\\\\u{a}\\\\u{202e}#\"];\n  \
             n0 -> n1;\n  n1 -> n1 [style=dashed];\n}\n"
        );
        assert_eq!(
            shown(Picture { dot: false, mermaid: true }),
            "flowchart TD\n  %% 3 more are left out; `--limit 0` shows all\n  n0([\"function a#quot;]#59; evil\"])\n  \
             n1[\"function b#lt;T#gt;#92;#92;u{a}#92;u{202e}#35;\"]\n  n0 --> n1\n  n1 -.-> n1\n"
        );
    }
}
