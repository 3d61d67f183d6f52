//! Callables and files that are more than a rule allows.

use crate::model::{FileMetrics, SymbolMetrics};
use crate::query::{Ground, Result};
use crate::store::{FileRow, SymbolKey};

use super::rules::{Limit, Measure, Rules};
use super::{START, Violation};

/// Finds them.
pub(super) fn check(ground: &Ground<'_>, rules: &Rules) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    if rules.limits.is_empty() {
        return Ok(violations);
    }
    for file in ground.snapshot.files()? {
        let limits: Vec<&Limit> = rules.limits.iter().filter(|limit| limit.area.has(&file.path)).collect();
        if limits.iter().any(|limit| of_file(limit.measure, &FileMetrics::default()).is_some()) {
            let metrics = ground.snapshot.file_metrics(&file.path)?.unwrap_or_default();
            violations.extend(limits.iter().filter_map(|limit| file_over(limit, &file, &metrics)));
        }
        for metrics in ground.snapshot.symbol_metrics(file.id)? {
            for limit in &limits {
                let value = of_callable(limit.measure, &metrics);
                if let Some(value) = value.filter(|value| *value > limit.max) {
                    violations.extend(callable_over(ground, limit, &file, &metrics, value)?);
                }
            }
        }
    }
    Ok(violations)
}

fn of_callable(measure: Measure, metrics: &SymbolMetrics) -> Option<u64> {
    let value = match measure {
        Measure::Cyclomatic => metrics.cyclomatic,
        Measure::Cognitive => metrics.cognitive,
        Measure::Nesting => metrics.nesting,
        Measure::Parameters => metrics.parameters,
        Measure::Lines => metrics.lines,
        Measure::FanIn => metrics.fan_in,
        Measure::FanOut => metrics.fan_out,
        Measure::FileLines | Measure::FileFanIn | Measure::FileFanOut | Measure::FileCyclomatic => return None,
    };
    Some(value.into())
}

fn of_file(measure: Measure, metrics: &FileMetrics) -> Option<u64> {
    let lines = metrics.lines;
    match measure {
        Measure::FileLines => Some(u64::from(lines.code) + u64::from(lines.comment) + u64::from(lines.blank)),
        Measure::FileFanIn => Some(metrics.fan_in.into()),
        Measure::FileFanOut => Some(metrics.fan_out.into()),
        Measure::FileCyclomatic => Some(metrics.cyclomatic_total.into()),
        Measure::Cyclomatic
        | Measure::Cognitive
        | Measure::Nesting
        | Measure::Parameters
        | Measure::Lines
        | Measure::FanIn
        | Measure::FanOut => None,
    }
}

fn file_over(limit: &Limit, file: &FileRow, metrics: &FileMetrics) -> Option<Violation> {
    let value = of_file(limit.measure, metrics).filter(|value| *value > limit.max)?;
    let message = over(&file.path, limit, value);
    Some(Violation { value, ..Violation::new(&file.path, START, &limit.name, &file.path, message) })
}

fn callable_over(
    ground: &Ground<'_>,
    limit: &Limit,
    file: &FileRow,
    metrics: &SymbolMetrics,
    value: u64,
) -> Result<Option<Violation>> {
    let symbol = ground.snapshot.symbol(SymbolKey { file: file.id, symbol: metrics.symbol })?;
    Ok(symbol.map(|symbol| {
        let (name, message) = (&symbol.qualified_name, over(&symbol.qualified_name, limit, value));
        let violation = Violation::new(&symbol.path, symbol.position, &limit.name, name, message);
        Violation { end_line: symbol.end_line, value, ..violation }
    }))
}

fn over(subject: &str, limit: &Limit, value: u64) -> String {
    let measure = limit.measure.word().trim_start_matches("file_").replace('_', "-");
    format!("{subject}: {measure} {value}, at most {} allowed", limit.max)
}
