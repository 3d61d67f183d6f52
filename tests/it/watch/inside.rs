//! Watching as a library: sources that refuse, break or lose events.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use magellan::walk::{WalkOptions, survey};
use magellan::watch::{self, Event, Inbox, Refusal, Source};

use super::{Tree, eventually};

#[test]
fn a_root_that_was_deleted_is_watched_again_when_it_is_back() {
    let around = tempfile::tempdir().unwrap();
    let root = around.path().join("project");
    let write = |name: &str, text: &str| {
        fs::create_dir_all(&root).unwrap();
        fs::write(root.join(name), text).unwrap();
    };
    write("a.rs", "fn one() {}\n");
    let stop: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
    let log = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| listen(&root, stop, &log, &|inbox| watch::native(inbox, &root.join(".magellan")), None));
        heard(&log, "updated 1");
        fs::remove_dir_all(&root).unwrap();
        heard(&log, "failed");
        write("b.rs", "fn two() {}\n");
        write("c.rs", "fn three() {}\n");
        heard(&log, "updated 2");
        write("d.rs", "fn four() {}\n");
        heard(&log, "updated 3");
        stop.store(true, Ordering::Relaxed);
    });
}

/// Watches in this process; writes down what happens.
fn listen(
    root: &Path,
    stop: &'static AtomicBool,
    log: &Mutex<Vec<String>>,
    open: watch::Opener<'_>,
    poll: Option<Duration>,
) {
    tell_each(root, stop, open, poll, &|line| log.lock().unwrap().push(line));
}

/// Watches in this process; gives what happens, in words, while the watch waits.
fn tell_each(
    root: &Path,
    stop: &'static AtomicBool,
    open: watch::Opener<'_>,
    poll: Option<Duration>,
    each: &dyn Fn(String),
) {
    let options = watch::Options {
        root,
        database: &root.join(".magellan"),
        backend: None,
        threads: 2,
        max_file_bytes: None,
        force: false,
        delay: Duration::from_millis(300),
        max_delay: Duration::from_secs(2),
        poll,
        wait: Duration::ZERO,
        arguments: Vec::new(),
        progress: &(),
        cancel: stop,
    };
    let tell = |event: Event<'_>| {
        each(match event {
            Event::Started { folders, .. } => format!("started {folders}"),
            Event::Polling { why, .. } => format!("polling: {why}"),
            Event::Waiting { holder } => format!("waiting: {holder}"),
            Event::Updated(report) => format!("updated {}", report.index.files.total),
            Event::Failed(error) => format!("failed: {error}"),
        });
        std::ops::ControlFlow::Continue(())
    };
    watch::watch(&options, open, &tell).unwrap();
}

#[test]
fn a_database_that_is_deleted_after_the_first_update_is_made_anew() {
    let tree = Tree::new();
    let stop: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
    let log = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let open = |inbox| watch::native(inbox, &tree.root().join(".magellan"));
            tell_each(tree.root(), stop, &open, None, &|line| {
                let is_first = !log.lock().unwrap().iter().any(|line: &String| line.starts_with("updated"));
                if is_first && line.starts_with("updated") {
                    fs::remove_dir_all(tree.root().join(".magellan")).unwrap();
                }
                log.lock().unwrap().push(line);
            });
        });
        eventually("two updates", || log.lock().unwrap().iter().filter(|line| line.starts_with("updated")).count() > 1);
        stop.store(true, Ordering::Relaxed);
    });
    tree.settles("made anew");
}

#[track_caller]
fn heard(log: &Mutex<Vec<String>>, wanted: &str) {
    eventually(wanted, || log.lock().unwrap().iter().any(|line| line.starts_with(wanted)));
}

/// A source that accepts so many folders and no more.
struct Full {
    left: usize,
    given: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Source for Full {
    fn change(&mut self, forget: &[PathBuf], take: &[PathBuf]) -> Result<(), Refusal> {
        let mut given = self.given.lock().unwrap();
        forget.iter().for_each(|path| assert!(given.remove(path)));
        given.extend(take.iter().cloned());
        if given.len() > self.left { Err(Refusal("no more watches".into())) } else { Ok(()) }
    }
}

impl Drop for Full {
    fn drop(&mut self) {
        self.given.lock().unwrap().clear();
    }
}

#[test]
fn where_watches_run_out_or_are_not_to_be_had_it_looks_for_itself() {
    for left in [None, Some(0), Some(3)] {
        let tree = Tree::new();
        let stop: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
        let log = Mutex::new(Vec::new());
        let given = Arc::new(Mutex::new(BTreeSet::new()));
        let inboxes = Mutex::new(Vec::new());
        let open = |inbox: Arc<Inbox>| -> Result<Box<dyn Source>, Refusal> {
            inboxes.lock().unwrap().push(inbox);
            match left {
                None => Err(Refusal("no such thing".into())),
                Some(left) => Ok(Box::new(Full { left, given: Arc::clone(&given) })),
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(|| listen(tree.root(), stop, &log, &open, None));
            heard(&log, "updated 4");
            tree.write("new/a.rs", "fn one() {}\n");
            if left == Some(3) {
                assert_eq!(*log.lock().unwrap(), ["started 3", "updated 4"]);
                inboxes.lock().unwrap()[0].moved(tree.path("new"));
            }
            heard(&log, "polling: no ");
            heard(&log, "updated 5");
            assert!(given.lock().unwrap().is_empty(), "what is not used is given back");
            stop.store(true, Ordering::Relaxed);
        });
        tree.settles("without events");
    }
}

#[test]
fn lost_events_are_made_up_for() {
    let tree = Tree::new();
    let stop: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
    let (log, inboxes) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let given = Arc::new(Mutex::new(BTreeSet::new()));
    let open = |inbox: Arc<Inbox>| -> Result<Box<dyn Source>, Refusal> {
        inboxes.lock().unwrap().push(inbox);
        Ok(Box::new(Full { left: 100, given: Arc::clone(&given) }))
    };
    std::thread::scope(|scope| {
        scope.spawn(|| listen(tree.root(), stop, &log, &open, None));
        heard(&log, "updated 4");
        tree.write("new/a.rs", "fn one() {}\n");
        inboxes.lock().unwrap()[0].lost();
        heard(&log, "updated 5");
        let folders = survey(tree.root(), &WalkOptions::default()).unwrap().folders;
        assert_eq!(*given.lock().unwrap(), folders.into_iter().collect());
        inboxes.lock().unwrap()[0].failed("broken".into());
        heard(&log, "polling: broken");
        tree.write("new/a.rs", "fn one() {}\nfn two() {}\n");
        eventually("an update without events", || {
            log.lock().unwrap().iter().filter(|line| *line == "updated 5").count() == 2
        });
        stop.store(true, Ordering::Relaxed);
    });
    tree.settles("all in all");
}

/// A file is made ready for the update while that waits; one that changes once more is not what was made ready.
#[test]
fn a_file_that_changes_again_before_the_update_is_indexed_as_it_is_then() {
    let tree = Tree::new();
    let stop: &'static AtomicBool = Box::leak(Box::new(AtomicBool::new(false)));
    let (log, inboxes) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let open = |inbox: Arc<Inbox>| -> Result<Box<dyn Source>, Refusal> {
        inboxes.lock().unwrap().push(inbox);
        Ok(Box::new(Full { left: 100, given: Arc::default() }))
    };
    std::thread::scope(|scope| {
        scope.spawn(|| listen(tree.root(), stop, &log, &open, None));
        heard(&log, "updated 4");
        let updates = || log.lock().unwrap().iter().filter(|line| *line == "updated 4").count();
        let path = tree.root().canonicalize().unwrap().join("py/b.py");
        for round in 0..3 {
            let before = updates();
            tree.write("py/b.py", &format!("def f():\n    first_{round}()\n"));
            inboxes.lock().unwrap()[0].written(path.clone());
            // Longer than the lull after which it is looked at, shorter than the delay.
            std::thread::sleep(Duration::from_millis(round * 70));
            tree.write("py/b.py", &format!("def g():\n    pass\n\ndef f():\n    g()\n    second_{round}()\n"));
            inboxes.lock().unwrap()[0].written(path.clone());
            eventually("an update", || updates() > before);
            tree.settles("what was written last");
        }
        stop.store(true, Ordering::Relaxed);
    });
}
