//! Progress on stderr: a bar on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::index::{Phase, Progress};

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
