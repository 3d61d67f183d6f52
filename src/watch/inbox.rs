//! Where events wait for the next update. Bounded, however many there are.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::coalesce::Coalescer;

/// With more paths than this, every folder is in doubt.
const PATHS_MAX: usize = 4_096;

/// With more files than this written at a time, none is worth looking at before the update.
const TOUCHED_MAX: usize = 16;

/// Takes events from the thread of a [`Source`](super::Source).
#[derive(Debug)]
pub struct Inbox {
    waiting: Mutex<Waiting>,
    bell: Condvar,
}

#[derive(Debug)]
struct Waiting {
    coalescer: Coalescer,
    doubts: Doubts,
    touched: Touched,
    failure: Option<String>,
}

/// What was written since the last update, as far as it is few files.
#[derive(Debug, Default)]
struct Touched {
    paths: BTreeSet<PathBuf>,
    are_many: bool,
}

impl Touched {
    fn add(&mut self, path: PathBuf) {
        self.paths.insert(path);
        self.are_many |= self.paths.len() > TOUCHED_MAX;
        if self.are_many {
            self.paths.clear();
        }
    }
}

/// Folders whose watches may be gone or lead elsewhere: those at these paths and below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Doubts {
    /// These.
    At(BTreeSet<PathBuf>),
    /// All of them: events were lost.
    Everywhere,
}

impl Doubts {
    pub(super) fn none() -> Self {
        Self::At(BTreeSet::new())
    }

    fn add(&mut self, path: PathBuf) {
        if let Self::At(paths) = self {
            paths.insert(path);
            if paths.len() > PATHS_MAX {
                *self = Self::Everywhere;
            }
        }
    }
}

/// What has come in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mail {
    /// Nothing that is due.
    Nothing,
    /// An update will be due; until then these files can be made ready for it.
    Lull(BTreeSet<PathBuf>),
    /// It is time for an update.
    Update(Doubts),
    /// No more events will come.
    Failure(String),
}

impl Inbox {
    /// An empty one.
    pub(super) fn new(coalescer: Coalescer) -> Self {
        let waiting = Waiting { coalescer, doubts: Doubts::none(), touched: Touched::default(), failure: None };
        Self { waiting: Mutex::new(waiting), bell: Condvar::new() }
    }

    /// Something in a watched folder changed.
    pub fn changed(&self) {
        self.locked().coalescer.event(Instant::now());
        self.bell.notify_one();
    }

    /// The file at this path was written.
    pub fn written(&self, path: PathBuf) {
        self.locked().touched.add(path);
        self.changed();
    }

    /// What is at this path came, went or got another name.
    pub fn moved(&self, path: PathBuf) {
        let mut waiting = self.locked();
        waiting.touched.add(path.clone());
        waiting.doubts.add(path);
        drop(waiting);
        self.changed();
    }

    /// Events were lost: anything may have changed.
    pub fn lost(&self) {
        self.locked().doubts = Doubts::Everywhere;
        self.changed();
    }

    /// No more events will come.
    pub fn failed(&self, why: String) {
        self.locked().failure = Some(why);
        self.bell.notify_one();
    }

    /// Waits for mail, no longer than until `latest`.
    pub(super) fn wait(&self, latest: Instant) -> Mail {
        let mut waiting = self.locked();
        loop {
            let now = Instant::now();
            if let Some(failure) = waiting.failure.take() {
                return Mail::Failure(failure);
            }
            if waiting.coalescer.take(now) {
                waiting.touched = Touched::default();
                return Mail::Update(std::mem::replace(&mut waiting.doubts, Doubts::none()));
            }
            let lull = waiting.coalescer.lull().filter(|_| !waiting.touched.paths.is_empty());
            if lull.is_some_and(|lull| lull <= now) {
                return Mail::Lull(std::mem::take(&mut waiting.touched.paths));
            }
            if now >= latest {
                return Mail::Nothing;
            }
            let due = lull.or(waiting.coalescer.due());
            let until = due.map_or(latest, |due| due.min(latest));
            waiting = match self.bell.wait_timeout(waiting, until - now) {
                Ok((waiting, _)) => waiting,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    fn locked(&self) -> MutexGuard<'_, Waiting> {
        // What waits stays whole even where a thread broke down.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn inbox() -> Inbox {
        Inbox::new(Coalescer::new(Duration::ZERO, Duration::ZERO))
    }

    #[test]
    fn events_come_out_as_one_update() {
        let inbox = inbox();
        assert_eq!(inbox.wait(Instant::now()), Mail::Nothing);
        inbox.changed();
        inbox.moved("/a".into());
        inbox.moved("/b".into());
        let doubts = Doubts::At(["/a".into(), "/b".into()].into());
        assert_eq!(inbox.wait(Instant::now()), Mail::Update(doubts));
        assert_eq!(inbox.wait(Instant::now()), Mail::Nothing);
    }

    #[test]
    fn more_paths_than_can_be_kept_are_all_paths() {
        let inbox = inbox();
        for number in 0..=PATHS_MAX {
            inbox.moved(format!("/{number}").into());
        }
        inbox.moved("/late".into());
        assert_eq!(inbox.wait(Instant::now()), Mail::Update(Doubts::Everywhere));
        inbox.lost();
        assert_eq!(inbox.wait(Instant::now()), Mail::Update(Doubts::Everywhere));
    }

    #[test]
    fn a_failure_is_told_once_and_first() {
        let inbox = inbox();
        inbox.changed();
        inbox.failed("gone".into());
        assert_eq!(inbox.wait(Instant::now()), Mail::Failure("gone".into()));
        assert_eq!(inbox.wait(Instant::now()), Mail::Update(Doubts::none()));
    }

    /// Of a delay that no pause of the machine is as long as.
    fn unhurried() -> Coalescer {
        Coalescer::new(Duration::from_secs(2), Duration::from_secs(20))
    }

    #[test]
    fn a_lull_gives_what_was_written_once_and_the_update_comes_all_the_same() {
        let inbox = Inbox::new(unhurried());
        let later = || Instant::now() + Duration::from_secs(20);
        inbox.written("/a.rs".into());
        inbox.written("/a.rs".into());
        inbox.written("/b.rs".into());
        assert_eq!(inbox.wait(later()), Mail::Lull(["/a.rs".into(), "/b.rs".into()].into()));
        inbox.written("/a.rs".into());
        assert_eq!(inbox.wait(later()), Mail::Lull(["/a.rs".into()].into()));
        assert_eq!(inbox.wait(later()), Mail::Update(Doubts::none()));
        assert_eq!(inbox.wait(Instant::now()), Mail::Nothing);
    }

    #[test]
    fn of_many_files_none_is_looked_at_before_the_update() {
        let inbox = Inbox::new(unhurried());
        for number in 0..=TOUCHED_MAX {
            inbox.written(format!("/{number}").into());
        }
        inbox.written("/late".into());
        assert_eq!(inbox.wait(Instant::now() + Duration::from_secs(20)), Mail::Update(Doubts::none()));
        inbox.written("/next".into());
        assert_eq!(inbox.wait(Instant::now() + Duration::from_secs(20)), Mail::Lull(["/next".into()].into()));
    }
}
