//! Kills a writing `index` at random moments: the database opens at once and is that of before or of after.

use std::time::{Duration, Instant};

use crate::Options;
use crate::churn::Dice;
use crate::churn::follow::fresh_fingerprint;
use crate::scene::{Scene, Table, backends, milliseconds, stored_fingerprint};

/// Kills, half of them with each engine.
const KILLS: u64 = 200;

pub(crate) fn run(options: &Options, table: &mut Table) {
    let backends = backends();
    let kills = options.steps.unwrap_or(KILLS).div_ceil(backends.len() as u64);
    for backend in backends {
        let mut scene = Scene::new(options);
        let on = format!("{}, {backend}", scene.told);
        let database = scene.aside("db");
        let mut whole = scene.index(&database, &["--backend", backend.word()]);
        let mut short = whole / 2;
        let mut dice = Dice(options.seed | 1);
        let (mut hit, mut new, mut wrong, mut slowest) = (0, 0, 0, Duration::ZERO);
        let mut before = stored_fingerprint(&database).0;
        while hit < kills {
            let told = scene.step();
            let Ok(Some(after)) = fresh_fingerprint(scene.root(), backend, 2) else { continue };
            let is_full = hit % 2 == 0;
            let length = if is_full { &mut whole } else { &mut short };
            let mut command = scene.command("index", &database);
            command.args(["--quiet"]).args(is_full.then_some("--full"));
            let moment = length.mul_f64(dice.roll(1000) as f64 / 1000.0);
            let clock = Instant::now();
            let mut child = command.spawn().expect("it starts");
            std::thread::sleep(moment);
            child.kill().expect("it can be killed");
            match child.wait().expect("it ends").code() {
                None => hit += 1,
                Some(_) => *length = clock.elapsed(),
            }
            let (found, opened) = stored_fingerprint(&database);
            slowest = slowest.max(opened);
            new += u64::from(found == after && after != before);
            if found != before && found != after {
                wrong += 1;
                eprintln!("killed after {moment:?} of {told}: neither before nor after");
            }
            short = scene.index(&database, &[]);
            if stored_fingerprint(&database).0 != after {
                wrong += 1;
                eprintln!("after {told}: the next index does not reach the fresh fingerprint");
            }
            before = after;
        }
        table.failed |= wrong > 0;
        let text = format!(
            "{hit} kills, {new} of them or of runs that were faster left the new state; **{wrong} wrong states**; opened \
             in at most {:.1} ms",
            milliseconds(slowest)
        );
        table.row("kill -9 of `index`", &on, text);
    }
}
