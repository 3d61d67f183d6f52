//! Readers beside one writer: `index` after edit upon edit, and `watch` that follows them.

use std::path::Path;
use std::time::{Duration, Instant};

use magellan::store;

use crate::Options;
use crate::readers::{Times, start, times};
use crate::scene::{Scene, Table, backends};

const SECONDS: u64 = 10;

pub(crate) fn run(options: &Options, table: &mut Table) {
    let seconds = options.steps.unwrap_or(SECONDS);
    for backend in backends() {
        let mut scene = Scene::new(options);
        let database = scene.aside("db");
        scene.index(&database, &["--backend", backend.word()]);
        let name = commonest_name(&database);
        let alone = times(start(&database, &name, seconds));
        let beside = start(&database, &name, seconds);
        let (clock, mut runs) = (Instant::now(), 0);
        while clock.elapsed() < Duration::from_secs(seconds) {
            scene.edit("call something else");
            scene.index(&database, if runs % 10 == 9 { &["--full"] } else { &[] });
            runs += 1;
        }
        let on = format!("{}, {backend}", scene.told);
        let text = told(&alone, &times(beside), &format!("{runs} runs"));
        table.row("eight readers and `index`", &on, text);
        #[cfg(target_os = "linux")]
        {
            let mut watcher = crate::watch::Watcher::start(&scene, &database);
            watcher.settle(&mut scene, &database);
            let beside = start(&database, &name, seconds);
            let (clock, mut updates) = (Instant::now(), 0);
            while clock.elapsed() < Duration::from_secs(seconds) {
                watcher.save(&mut scene, &database, updates);
                updates += 1;
            }
            let text = told(&alone, &times(beside), &format!("{updates} updates"));
            table.row("eight readers and `watch`", &on, text);
            watcher.stop();
        }
    }
}

fn told(alone: &Times, beside: &Times, writes: &str) -> String {
    format!(
        "p99 {:.1} ms alone ({} answers), {:.1} ms beside {writes} ({} answers), x {:.1}; no error",
        alone.at(0.99),
        alone.count(),
        beside.at(0.99),
        beside.count(),
        beside.at(0.99) / alone.at(0.99)
    )
}

/// The name that has the most definitions.
fn commonest_name(database: &Path) -> String {
    let store = store::open(database).expect("the database opens");
    let snapshot = store.snapshot().expect("the database can be read");
    let mut names = std::collections::BTreeMap::new();
    for file in snapshot.files().expect("the database can be read") {
        for symbol in snapshot.symbols(file.id).expect("the database can be read") {
            *names.entry(symbol.name).or_insert(0) += 1;
        }
    }
    let commonest = names.into_iter().max_by_key(|(_, count)| *count);
    commonest.map(|(name, _)| name).expect("the tree has a definition")
}
