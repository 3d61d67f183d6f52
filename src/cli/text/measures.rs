//! Metrics, their distribution, and rankings by them.

use crate::cli::page::{Page, Style, count, grouped};
use crate::model::{FileMetrics, LineCounts, SymbolMetrics};
use crate::query::hotspots;
use crate::query::metrics::{Reply, Spread, Totals};

use super::{field, rest, sites};

pub(super) fn metrics(reply: &Reply, page: &mut Page) {
    match reply {
        Reply::Symbol { symbol, metrics } => {
            sites::symbol(symbol, page);
            symbol_metrics(metrics, page);
            page.end();
        }
        Reply::File { path, metrics, distribution } => {
            page.put(Style::Place, path).end();
            match metrics {
                Some(metrics) => {
                    lines(metrics.lines, page);
                    field("metrics", page);
                    file_metrics(metrics, page);
                }
                None => {
                    page.put(Style::Warn, "its metrics were not computed");
                }
            }
            page.end();
            table(distribution, page);
        }
        Reply::Files { totals, distribution } => {
            sums(totals, page);
            table(distribution, page);
        }
    }
}

/// On one line.
pub(super) fn symbol_metrics(metrics: &SymbolMetrics, page: &mut Page) {
    page.say(format!("cyclomatic {}, cognitive {}", metrics.cyclomatic, metrics.cognitive));
    page.say(format!(", nesting {}, lines {}", metrics.nesting, metrics.lines));
    page.say(format!(", parameters {}", metrics.parameters));
    page.say(format!(", fan-in {}, fan-out {}", metrics.fan_in, metrics.fan_out));
}

/// On one line.
pub(super) fn file_metrics(metrics: &FileMetrics, page: &mut Page) {
    page.say(format!("{}, ", count(u64::from(metrics.symbols), "symbol")));
    page.say(count(u64::from(metrics.functions), "function"));
    page.say(format!(", cyclomatic {} (most {})", metrics.cyclomatic_total, metrics.cyclomatic_max));
    page.say(format!(", cognitive {} (most {})", metrics.cognitive_total, metrics.cognitive_max));
    page.say(format!(", fan-in {}, fan-out {}", metrics.fan_in, metrics.fan_out));
}

/// On a line of their own.
pub(super) fn lines(lines: LineCounts, page: &mut Page) {
    field("lines", page);
    let [code, comment, blank] = [lines.code, lines.comment, lines.blank].map(|number| grouped(u64::from(number)));
    page.say(format!("code {code}, comment {comment}, blank {blank}")).end();
}

fn sums(totals: &Totals, page: &mut Page) {
    field("files", page);
    page.say(grouped(totals.files));
    if totals.unmeasured_files > 0 {
        page.say(", ").put(Style::Warn, format!("{} of them not measured", grouped(totals.unmeasured_files)));
    }
    page.end();
    lines(totals.lines, page);
    field("symbols", page);
    page.say(format!("{}, {}", grouped(totals.symbols), count(totals.functions, "function"))).end();
    field("cyclomatic", page);
    page.say(format!("{} (most {})", grouped(totals.cyclomatic_total), totals.cyclomatic_max)).end();
    field("cognitive", page);
    page.say(format!("{} (most {})", grouped(totals.cognitive_total), totals.cognitive_max)).end();
}

/// A row for each measure.
fn table(distribution: &[Spread], page: &mut Page) {
    let Some(first) = distribution.first() else { return };
    page.put(Style::Dim, format!("per function, over {}", count(first.count as u64, "function"))).end();
    page.put(Style::Dim, format!("  {:<10}  {:>7}  {:>7}  {:>7}  {:>7}", "", "median", "90%", "99%", "most")).end();
    for row in distribution {
        page.say("  ").put(Style::Name, format!("{:<10}", row.measure.replace('_', "-")));
        page.say(format!("  {:>7}  {:>7}  {:>7}  {:>7}", row.median, row.p90, row.p99, row.max)).end();
    }
}

pub(super) fn hotspots(reply: &hotspots::Reply, page: &mut Page) {
    for (index, hotspot) in reply.hotspots.items.iter().enumerate() {
        page.put(Style::Dim, format!("{:>4}  ", index + 1)).put(Style::Warn, format!("{:>6}", hotspot.score)).say("  ");
        sites::brief(&hotspot.symbol, page);
        page.end();
        page.say("              ");
        symbol_metrics(&hotspot.metrics, page);
        page.end();
    }
    page.conclude();
    rest(&reply.hotspots, page);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Position, SymbolId};
    use crate::query::hotspots::{By, Hotspot};
    use crate::query::{Brief, List};

    #[test]
    fn sums_and_percentiles_stand_in_columns() {
        let spread = Spread { measure: "fan_in", count: 1_200, total: 9_000, median: 3, p90: 20, p99: 120, max: 1_000 };
        let totals = Totals { files: 2, unmeasured_files: 1, functions: 1_200, ..Totals::default() };
        let mut page = Page::default();
        metrics(&Reply::Files { totals, distribution: vec![spread] }, &mut page);
        let expected = "\
files      2, 1 of them not measured
lines      code 0, comment 0, blank 0
symbols    0, 1,200 functions
cyclomatic 0 (most 0)
cognitive  0 (most 0)
per function, over 1,200 functions
               median      90%      99%     most
  fan-in            3       20      120     1000
";
        assert_eq!(page.text(), expected);
    }

    #[test]
    fn a_ranking_shows_place_score_and_metrics() {
        let symbol = Brief {
            id: "00".into(),
            kind: "function",
            qualified_name: "k::\u{1b}f".into(),
            path: "a.x".into(),
            position: Position { line: 3, column: 4 },
        };
        let metrics = SymbolMetrics {
            symbol: SymbolId(0),
            lines: 9,
            parameters: 2,
            cyclomatic: 5,
            cognitive: 7,
            nesting: 3,
            fan_in: 4,
            fan_out: 1,
        };
        let list = List { total: 3, items: vec![Hotspot { symbol, score: 36, metrics }] };
        let mut page = Page::default();
        hotspots(&hotspots::Reply { by: By::Score, hotspots: list }, &mut page);
        let expected = "   1      36  function k::\\u{1b}f  a.x:3:4
              cyclomatic 5, cognitive 7, nesting 3, lines 9, parameters 2, fan-in 4, fan-out 1
... 2 more of 3; `--limit 0` shows all
";
        assert_eq!(page.text(), expected);
    }
}
