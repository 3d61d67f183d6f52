//! Progress on stderr: a bar on a terminal, plain lines elsewhere.

use std::cell::Cell;
use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::index::{Phase, Progress};
use crate::store::Stage;

use super::options::Options;
use super::output;
use super::page::{count, size};

/// The progress that `options` ask for.
pub(super) fn of(options: &Options) -> Box<dyn Progress> {
    match (options.quiet, io::stderr().is_terminal()) {
        (true, _) => Box::new(()),
        (false, true) => Box::new(Bar(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()))),
        (false, false) => Box::new(Lines),
    }
}

/// The same before an answer: only where a bar can be wiped away again.
pub(super) fn of_answer(options: &Options) -> Box<dyn Progress> {
    if options.json || !io::stderr().is_terminal() { Box::new(()) } else { of(options) }
}

/// The same for the stages of a migration.
pub(super) fn of_stages(options: &Options) -> Box<dyn Fn(Stage, u64, u64)> {
    match (options.quiet, io::stderr().is_terminal()) {
        (true, _) => Box::new(|_, _, _| {}),
        (false, true) => {
            let bar = Bar(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()));
            let style = ProgressStyle::with_template("{prefix:>10} [{bar:32}] {pos}/{len}");
            bar.0.set_style(style.expect("the template is well formed").progress_chars("=> "));
            Box::new(move |stage, done, total| {
                // Taken whole, so that the bar is cleared when the closure goes.
                let Bar(bar) = &bar;
                bar.set_prefix(stage.word());
                bar.set_length(total);
                bar.set_position(done);
            })
        }
        (false, false) => {
            let told = Cell::new(None);
            Box::new(move |stage, _, _| {
                if told.replace(Some(stage)) != Some(stage) {
                    output::write_err(&format!("{}\n", stage.word()));
                }
            })
        }
    }
}

struct Bar(ProgressBar);

impl Progress for Bar {
    fn phase(&self, phase: Phase, total: u64) {
        let template = match phase {
            Phase::Extract => "{prefix:>8} [{bar:32}] {bytes}/{total_bytes}  {bytes_per_sec}",
            Phase::Link => "{prefix:>8} [{bar:32}] {pos}/{len} files",
            Phase::Write => "{prefix:>8} ...",
        };
        let style = ProgressStyle::with_template(template).expect("the templates above are well formed");
        self.0.set_style(style.progress_chars("=> "));
        self.0.set_prefix(word(phase));
        self.0.set_length(total);
        self.0.set_position(0);
    }

    fn advance(&self, amount: u64) {
        self.0.inc(amount);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

struct Lines;

impl Progress for Lines {
    fn phase(&self, phase: Phase, total: u64) {
        let amount = match phase {
            Phase::Extract => format!(" {}", size(total)),
            Phase::Link => format!(" {}", count(total, "file")),
            Phase::Write => String::new(),
        };
        output::write_err(&format!("{}{amount}\n", word(phase)));
    }

    fn advance(&self, _: u64) {}
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Extract => "reading",
        Phase::Link => "linking",
        Phase::Write => "writing",
    }
}
