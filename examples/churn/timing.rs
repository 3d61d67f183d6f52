//! How long `index` takes after an edit of one file, compared with a full run: whole processes.

use std::time::Duration;

use crate::Options;
use crate::scene::{Scene, Table, backends, median, milliseconds};

const FULL_RUNS: usize = 3;
const UNCHANGED_RUNS: usize = 10;
const EDITS: u64 = 20;
/// What is edited, from what concerns one file only to what may concern all.
const KINDS: &[&str] = &["insert lines on top", "call something else", "change parameters", "rename a definition"];

pub(crate) fn run(options: &Options, table: &mut Table) {
    let edits = options.steps.unwrap_or(EDITS);
    for backend in backends() {
        let mut scene = Scene::new(options);
        let on = format!("{}, {backend}", scene.told);
        let database = scene.aside("db");
        scene.index(&database, &["--backend", backend.word()]);
        let full = median((0..FULL_RUNS).map(|_| scene.index(&database, &["--full"])).collect());
        table.row("full run", &on, format!("{:.0} ms", milliseconds(full)));
        let unchanged = median((0..UNCHANGED_RUNS).map(|_| scene.index(&database, &[])).collect());
        table.row("nothing changed", &on, told(unchanged, full));
        for kind in KINDS {
            let mut times: Vec<Duration> = Vec::new();
            for _ in 0..edits {
                scene.edit(kind);
                times.push(scene.index(&database, &[]));
            }
            let longest = times.iter().max().copied().unwrap_or_default();
            let text = format!("{}; longest {:.0} ms", told(median(times), full), milliseconds(longest));
            table.row(&format!("one file edited: {kind}"), &on, text);
        }
    }
}

fn told(time: Duration, full: Duration) -> String {
    format!("{:.0} ms, {:.3} x a full run", milliseconds(time), time.as_secs_f64() / full.as_secs_f64())
}
