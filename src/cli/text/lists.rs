//! Definitions, source, files and runs.

use crate::cli::page::{Page, Style, count, duration, grouped, size};
use crate::cli::table::{Table, counted, left, right};
use crate::query::{List, files, find, label, log, outline, show};
use crate::store::{ExecutionOutcome, SymbolRow};

use super::{lossy, rest};

pub(super) fn find(reply: &find::Reply, page: &mut Page) {
    symbols(&reply.symbols, page);
}

fn symbols(list: &List<SymbolRow>, page: &mut Page) {
    for symbol in &list.items {
        page.put(Style::Place, place(symbol)).say("  ").put(Style::Dim, symbol.kind.word()).say(" ");
        page.put(Style::Name, &symbol.qualified_name);
        marks(symbol, page);
        page.end();
    }
    page.conclude();
    rest(list, page);
}

pub(super) fn label(reply: &label::Reply, page: &mut Page) {
    if let Some(found) = &reply.symbols {
        symbols(found, page);
    }
    if let Some(labels) = &reply.labels {
        let mut table = Table::default();
        for label in &labels.items {
            let symbols = right(Style::Plain, grouped(label.symbols));
            table.row([left(Style::Dim, label.group), left(Style::Name, &label.label), symbols]);
        }
        table.write(page, |_, _| ());
        rest(labels, page);
    }
}

pub(super) fn show(reply: &show::Reply, page: &mut Page) {
    let symbol = &reply.symbol;
    page.put(Style::Dim, symbol.kind.word()).say(" ").put(Style::Name, &symbol.qualified_name).say("  ");
    page.put(Style::Place, place(symbol)).say("  ").put(Style::Dim, &symbol.id.to_string()[..12]).end();
    let width = reply.lines.items.last().map_or(1, |line| line.number.to_string().len());
    for line in &reply.lines.items {
        let style = if line.context { Style::Dim } else { Style::Plain };
        page.put(Style::Dim, format!("{:>width$}  ", line.number)).put(style, &line.text).end();
    }
    page.conclude();
    rest(&reply.lines, page);
    if reply.lossy {
        lossy(page);
    }
}

/// Deeper nesting than this is not indented further.
const INDENT_MAX: u32 = 20;

pub(super) fn outline(reply: &outline::Reply, page: &mut Page) {
    for entry in &reply.symbols.items {
        let symbol = &entry.symbol;
        page.put(Style::Place, format!("{:>6}", symbol.position.line));
        page.say("  ".repeat(1 + entry.depth.min(INDENT_MAX) as usize));
        page.put(Style::Dim, symbol.kind.word()).say(" ").put(Style::Name, &symbol.name);
        marks(symbol, page);
        page.end();
    }
    page.conclude();
    rest(&reply.symbols, page);
}

pub(super) fn files(reply: &files::Reply, page: &mut Page) {
    let mut table = Table::default();
    for file in &reply.files.items {
        let errors = if file.errors > 0 { count(u64::from(file.errors), "parse error") } else { String::new() };
        table.row([
            left(Style::Place, &file.path),
            left(Style::Dim, &file.language),
            right(Style::Plain, size(file.size)),
            counted(Style::Plain, u64::from(file.symbols), "symbol"),
            left(Style::Warn, errors),
        ]);
    }
    table.write(page, |_, _| ());
    page.conclude();
    rest(&reply.files, page);
}

pub(super) fn log(reply: &log::Reply, page: &mut Page) {
    let mut table = Table::default();
    for run in &reply.executions.items {
        let style = match run.outcome {
            ExecutionOutcome::Success => Style::Good,
            ExecutionOutcome::Running | ExecutionOutcome::Partial => Style::Warn,
            ExecutionOutcome::Error | ExecutionOutcome::Interrupted => Style::Bad,
        };
        let words = [std::slice::from_ref(&run.command), &run.arguments[..]].concat().join(" ");
        let [files, symbols, links] = [(run.files, "file"), (run.symbols, "symbol"), (run.links, "link")]
            .map(|(number, noun)| counted(Style::Dim, number, noun));
        table.row([
            left(Style::Place, utc(run.started_ms)),
            left(style, run.outcome.word()),
            left(Style::Name, words),
            right(Style::Plain, run.duration_ms.map_or("not ended".to_owned(), duration)),
            files,
            symbols,
            links,
            left(Style::Dim, run.id.to_string()),
        ]);
        if let Some(error) = &run.error {
            table.note(Style::Bad, error);
        }
    }
    table.write(page, |_, _| ());
    page.conclude();
    rest(&reply.executions, page);
}

pub(super) fn place(symbol: &SymbolRow) -> String {
    format!("{}:{}:{}", symbol.path, symbol.position.line, symbol.position.column)
}

pub(super) fn marks(symbol: &SymbolRow, page: &mut Page) {
    let words = symbol.marks.words();
    if !words.is_empty() {
        page.say(" ").put(Style::Dim, format!("[{}]", words.join(" ")));
    }
}

/// `2024-05-06 07:08:09Z`. Days to dates after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn utc(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn times_are_shown_as_dates() {
        assert_eq!(utc(0), "1970-01-01 00:00:00Z");
        assert_eq!(utc(951_782_400_000), "2000-02-29 00:00:00Z");
        assert_eq!(utc(1_735_689_599_000), "2024-12-31 23:59:59Z");
    }
}
