//! Edits at random for as long as wanted: after each, the database that followed is that of a fresh index.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::Options;
use crate::churn::tree::{show, states};
use crate::churn::{Files, Follower, TREES, shrink};
use crate::scene::{Scene, Table, backends};

/// Edits of all trees together.
const STEPS: u64 = 10_000;
/// After how many edits what is stored twice is compared as well.
const CHECKED: u64 = 50;
/// After how many edits a line says how far it is.
const TOLD: u64 = 250;
/// States that are kept to make a failure small.
const KEPT: usize = 64;
const SHRINK_TIME: Duration = Duration::from_secs(60);

/// What came of the edits of one tree.
#[derive(Default)]
struct Outcome {
    steps: u64,
    compared: u64,
    failures: Vec<String>,
}

pub(crate) fn run(options: &Options, table: &mut Table) {
    let steps = options.steps.unwrap_or(STEPS);
    if options.tree.is_some() {
        let scene = Scene::new(options);
        let told = scene.told.clone();
        tell(&follow(scene, steps, options.every), &told, table);
        return;
    }
    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(tree) = TREES.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (files, spare) = tree.files();
            let scene = Scene::of(files, spare, options.seed, tree.name.to_owned());
            let outcome = follow(scene, steps.div_ceil(TREES.len() as u64), 1);
            outcomes.lock().expect("nothing panics while it is held").push((tree.name, outcome));
        }
    };
    std::thread::scope(|scope| {
        (0..std::thread::available_parallelism().map_or(1, usize::from)).for_each(|_| drop(scope.spawn(work)));
    });
    let mut outcomes = outcomes.into_inner().expect("nothing panics while it is held");
    outcomes.sort_by_key(|(name, _)| *name);
    outcomes.iter().for_each(|(name, outcome)| tell(outcome, name, table));
}

/// Compares after each of the states that a file tells.
pub(crate) fn replay(file: &str) {
    let text = std::fs::read_to_string(file).expect("the file can be read");
    let states = states(&text);
    let mut scene = Scene::of(states[0].clone(), Vec::new(), 1, file.to_owned());
    let follower = begin(&scene, 0);
    for (number, state) in states.iter().enumerate() {
        scene.disk.hold(state);
        match follower.follow(scene.root(), 1).and_then(|_| follower.check()) {
            Ok(()) => println!("state {number}: as a fresh index"),
            Err(mismatch) => println!("state {number}: {mismatch}"),
        }
    }
}

fn tell(outcome: &Outcome, on: &str, table: &mut Table) {
    let Outcome { steps, compared, failures } = outcome;
    table.failed |= !failures.is_empty();
    table.row("random edits", on, format!("{steps} steps, {compared} compared, **{} differ**", failures.len()));
    failures.iter().for_each(|failure| eprintln!("{failure}"));
}

/// Makes so many steps and compares after every so many of them. After a failure it goes on with new databases.
fn follow(mut scene: Scene, steps: u64, every: u64) -> Outcome {
    let mut outcome = Outcome::default();
    let mut states = vec![scene.editor.files().clone()];
    let mut follower = Some(begin(&scene, 0));
    for step in 1..=steps {
        if step % TOLD == 0 {
            eprintln!("{}: {step} steps, {} differ", scene.told, outcome.failures.len());
        }
        let told = scene.step();
        states.push(scene.editor.files().clone());
        states.drain(..states.len().saturating_sub(KEPT));
        let open = follower.get_or_insert_with(|| begin(&scene, step));
        let threads = 1 + step as usize % 3;
        outcome.steps += 1;
        let mut result = if step % every == 0 {
            outcome.compared += 1;
            open.follow(scene.root(), threads).map(drop)
        } else {
            open.update(scene.root(), threads)
        };
        if step % CHECKED.next_multiple_of(every) == 0 {
            result = result.and_then(|()| open.check());
            open.reopen();
        }
        if let Err(mismatch) = result {
            let small = smallest(&states, mismatch.backend);
            outcome.failures.push(format!("{}, step {step} ({told}): {mismatch}\n{small}", scene.told));
            states.drain(..states.len() - 1);
            follower = None;
        }
    }
    outcome
}

fn begin(scene: &Scene, step: u64) -> Follower {
    let follower = Follower::new(&scene.aside(&format!("from-{step}")), &backends());
    let first = follower.update(scene.root(), 2);
    first.unwrap_or_else(|mismatch| panic!("{}, first index: {mismatch}", scene.told));
    follower
}

fn smallest(states: &[Files], backend: magellan::store::Backend) -> String {
    match shrink(states, backend, SHRINK_TIME) {
        Some((states, mismatch)) => format!("the same with less: {mismatch}\n{}", show(&states)),
        None => "the last states alone do not show it".into(),
    }
}
