//! Program slices: the statements of each callable with why they are there.

use crate::cli::page::{Page, Style, count};
use crate::query::slice::{Because, Criterion, Direction, Doubt, Part, Reason, Reply, Statement};

pub(super) fn slice(reply: &Reply, page: &mut Page) {
    let what = match reply.direction {
        Direction::Backward => "what decides ",
        Direction::Forward => "what depends on ",
    };
    page.put(Style::Dim, what);
    match &reply.criterion {
        Criterion::Symbol { symbol } => page.put(Style::Name, &symbol.qualified_name),
        Criterion::Place { path, line, column, text } => {
            let column = column.map_or(String::new(), |column| format!(":{column}"));
            page.put(Style::Place, format!("{path}:{line}{column}")).say("  ").say(text.trim_start())
        }
    };
    page.end();
    for found in &reply.functions.items {
        part(found, reply.direction, page);
    }
    page.conclude();
    if reply.hidden > 0 {
        let hidden = count(reply.hidden as u64, "more statement");
        page.put(Style::Warn, format!("... {hidden}, further away; `--limit 0` shows all")).end();
    }
    let total = count(reply.statements as u64, "statement");
    page.say(format!("{total} in {}", count(reply.functions.total as u64, "callable")));
    page.say(format!(", at most {} followed in a row", count(u64::from(reply.depth), "call"))).end();
    doubt(reply, page);
}

fn part(part: &Part, direction: Direction, page: &mut Page) {
    let symbol = &part.symbol;
    page.put(Style::Dim, symbol.kind).say(" ").put(Style::Name, &symbol.qualified_name).say("  ");
    page.put(Style::Place, &symbol.path).end();
    for statement in &part.statements {
        line(statement, &symbol.path, direction, page);
    }
}

fn line(statement: &Statement, path: &str, direction: Direction, page: &mut Page) {
    page.put(Style::Place, format!("{:>6}", statement.start_line)).say("  ").say(&statement.text);
    if !statement.text_is_exact {
        page.put(Style::Dim, " ...");
    }
    page.say("  ").put(Style::Dim, because(&statement.because, path, direction)).end();
}

/// Why a statement is there, in words that fit the way the slice goes.
fn because(because: &Because, path: &str, direction: Direction) -> String {
    let place = match (&because.path, because.line) {
        (Some(other), Some(line)) if other == path => format!("line {line}"),
        (Some(other), Some(line)) => format!("{other}:{line}"),
        _ => String::new(),
    };
    let name = because.name.as_deref().unwrap_or_default();
    match (because.reason, direction) {
        (Reason::Criterion, _) => "start".to_owned(),
        (Reason::Data, Direction::Backward) => format!("data: {name}, used at {place}"),
        (Reason::Data, Direction::Forward) => format!("data: {name}, from {place}"),
        (Reason::Control, Direction::Backward) => format!("control: decides whether {place} runs"),
        (Reason::Control, Direction::Forward) => format!("control: {place} decides whether it runs"),
        (Reason::Jump, _) => format!("jump: goes elsewhere before {place}"),
        (Reason::Value, Direction::Backward) => format!("value: of {place}"),
        (Reason::Value, Direction::Forward) => format!("value: from {place}"),
        (Reason::Returned, Direction::Backward) => format!("call: value of {name}, called at {place}"),
        (Reason::Returned, Direction::Forward) => format!("call: of {name}, whose value comes from {place}"),
        (Reason::Passed, Direction::Backward) => format!("call: passes {name} to {place}"),
        (Reason::Passed, Direction::Forward) => format!("call: gets {name} from {place}"),
    }
}

fn doubt(reply: &Reply, page: &mut Page) {
    let Doubt { unresolved_calls, unresolved_callers, calls_beyond, external_calls, closures, shared } = &reply.doubt;
    if reply.complete {
        page.put(Style::Good, "complete").say(", but for aliases and what calls change by the way").end();
    } else {
        page.put(Style::Warn, "at least these").say("; not followed:").end();
    }
    let mut say = |number: usize, noun: &str, what: &str| {
        if number > 0 {
            page.say(format!("  {} {what}", count(number as u64, noun))).end();
        }
    };
    say(*unresolved_calls, "unresolved call", "in the slice");
    say(*unresolved_callers, "unresolved call", "that could be of a callable of the slice");
    say(*calls_beyond, "call", "further away than `--depth`, or in no callable");
    say(*external_calls, "call", "out of the tree or to what has no body: as if made of the arguments alone");
    say(*closures, "statement", "with closures, each taken as one");
    if shared.total > 0 {
        let rest = if shared.is_whole() { "" } else { ", ..." };
        let names =
            format!("  {} from outside: {}{rest}", count(shared.total as u64, "variable"), shared.items.join(", "));
        page.say(names).end();
    }
}
