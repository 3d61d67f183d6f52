//! `watch` over thousands of edits: memory, open files and watched folders, and how soon an edit is in the database.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use magellan::model::ContentHash;
use magellan::store;

use crate::Options;
use crate::churn::follow::fresh_fingerprint;
use crate::scene::{Scene, Table, backends, milliseconds, stored_fingerprint};

const EDITS: u64 = 5_000;
/// Edits of one file each, every one waited for.
const SINGLE_EDITS: u64 = 100;
/// What `watch` waits after the last event.
const DELAY: Duration = Duration::from_millis(200);
/// Edits saved one right after the other, as a tool that formats a tree does; the last one is waited for.
const BURST: u64 = 10;
const SAMPLES: u64 = 10;
/// An edit that is not in the database by then never comes to be.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(1);
/// Kinds of edits that change one file and its content.
const KINDS: &[&str] =
    &["call something else", "insert lines on top", "rename a definition", "delete a line", "mend a file"];

pub(crate) fn run(options: &Options, table: &mut Table) {
    for backend in backends() {
        let mut scene = Scene::new(options);
        let on = format!("{}, {backend}", scene.told);
        let database = scene.aside("db");
        scene.index(&database, &["--backend", backend.word()]);
        let mut watcher = Watcher::start(&scene, &database);
        watcher.settle(&mut scene, &database);
        let single = (0..SINGLE_EDITS).map(|edit| watcher.save(&mut scene, &database, edit));
        let single = single.map(|time| time.saturating_sub(DELAY)).collect();
        table.row("`watch`: from save to queryable beyond its delay, one file", &on, told(single));
        let mut usage = vec![watcher.usage()];
        let mut times = Vec::new();
        let edits = options.steps.unwrap_or(EDITS).next_multiple_of(BURST);
        for burst in 0..edits / BURST {
            for edit in 1..BURST {
                scene.edit(KINDS[(burst + edit) as usize % KINDS.len()]);
            }
            times.push(watcher.settle(&mut scene, &database).saturating_sub(DELAY));
            if (burst + 1) % (edits / BURST / SAMPLES).max(1) == 0 {
                usage.push(watcher.usage());
            }
        }
        let stopped = watcher.stop();
        let is_same =
            fresh_fingerprint(scene.root(), backend, 2).ok().flatten() == Some(stored_fingerprint(&database).0);
        table.failed |= !is_same;
        table.row("`watch`: from save to queryable beyond its delay, the last of ten", &on, told(times));
        let memory: Vec<String> = usage.iter().map(|usage| format!("{:.0}", usage.kilobytes as f64 / 1e3)).collect();
        table.row("`watch`: MB over the edits", &on, format!("{edits} edits: {}", memory.join(", ")));
        let most = |count: fn(&Usage) -> usize| usage.iter().map(count).max().unwrap_or_default();
        let counts = format!("at most {} and {}", most(|usage| usage.files), most(|usage| usage.watches));
        table.row("`watch`: open files and watched folders", &on, counts);
        let end = if is_same { "the fresh one" } else { "**not the fresh one**" };
        table.row("`watch`: the end", &on, format!("stopped in {:.0} ms, content is {end}", milliseconds(stopped)));
    }
}

fn told(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let [middle, most, longest] = [times.len() / 2, times.len() * 95 / 100, times.len() - 1].map(|at| times[at]);
    let [middle, most, longest] = [middle, most, longest].map(milliseconds);
    format!("median {middle:.0} ms, p95 {most:.0} ms, longest {longest:.0} ms")
}

/// What a process takes.
struct Usage {
    kilobytes: u64,
    files: usize,
    watches: usize,
}

pub(crate) struct Watcher {
    child: Child,
    edits: u64,
}

impl Watcher {
    pub(crate) fn start(scene: &Scene, database: &Path) -> Self {
        let mut command = scene.command("watch", database);
        let mut child = command.args(["--json", "--quiet"]).stdout(Stdio::piped()).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        // It must not wait for somebody to read what it says.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, edits: 0 }
    }

    /// Saves a file of its own and waits until the database has it, and with it all that was saved before.
    pub(crate) fn settle(&mut self, scene: &mut Scene, database: &Path) -> Duration {
        self.edits += 1;
        let text = format!("def settled_{}():\n    return settled_{}()\n", self.edits, self.edits / 2);
        let path = "settled.py";
        fs::write(scene.root().join(path), &text).expect("a file can be written");
        self.wait(database, path, text.as_bytes())
    }

    /// Saves an edit of one file of the tree and waits until the database has it.
    pub(crate) fn save(&mut self, scene: &mut Scene, database: &Path, edit: u64) -> Duration {
        let before = scene.editor.files().clone();
        for kind in KINDS.iter().cycle().skip(edit as usize % KINDS.len()).take(KINDS.len()) {
            scene.edit(kind);
            let changed = scene.editor.files().iter().find(|(path, text)| before.get(*path) != Some(text));
            if let Some((path, text)) = changed {
                return self.wait(database, path, text);
            }
        }
        unreachable!("some kind of edit can always be made")
    }

    /// Waits until the database has a file with this text.
    fn wait(&mut self, database: &Path, path: &str, text: &[u8]) -> Duration {
        let (clock, wanted) = (Instant::now(), ContentHash::of(text));
        while stored_hash(database, path) != Some(wanted) {
            assert!(self.child.try_wait().is_ok_and(|ended| ended.is_none()), "`watch` ended by itself");
            assert!(clock.elapsed() < PATIENCE, "{path} is not in the database as it is after {PATIENCE:?}");
            std::thread::sleep(POLL);
        }
        clock.elapsed()
    }

    fn usage(&self) -> Usage {
        let process = Path::new("/proc").join(self.child.id().to_string());
        let status = fs::read_to_string(process.join("status")).expect("the process runs");
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it has memory");
        let number = resident.split_whitespace().next().and_then(|text| text.parse().ok());
        let descriptors = fs::read_dir(process.join("fdinfo")).expect("the process runs").flatten();
        let infos: Vec<String> = descriptors.filter_map(|entry| fs::read_to_string(entry.path()).ok()).collect();
        let is_watch = |line: &&str| line.starts_with("inotify wd:");
        let watches = infos.iter().map(|info| info.lines().filter(is_watch).count()).sum();
        Usage { kilobytes: number.expect("a number"), files: infos.len(), watches }
    }

    /// Asks it to stop; gives how long it took.
    pub(crate) fn stop(mut self) -> Duration {
        let clock = Instant::now();
        let status = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "it runs no more");
        self.child.wait().expect("it ends");
        clock.elapsed()
    }
}

fn stored_hash(database: &Path, path: &str) -> Option<ContentHash> {
    let store = store::open(database).ok()?;
    let row = store.snapshot().ok()?.file(path).ok()??;
    Some(row.hash)
}
