//! The way from the threads that extract and link to the one that writes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};

use crate::store::Change;

use super::IndexError;

/// Sends changes, until the run is cancelled or the writer has given up.
#[derive(Clone)]
pub(super) struct Feed<'c> {
    changes: SyncSender<Option<Change>>,
    cancel: &'c AtomicBool,
}

impl<'c> Feed<'c> {
    pub(super) fn new(changes: SyncSender<Option<Change>>, cancel: &'c AtomicBool) -> Self {
        Self { changes, cancel }
    }

    /// Set once the run is cancelled.
    pub(super) fn cancel(&self) -> &AtomicBool {
        self.cancel
    }

    /// An error once the run is cancelled.
    pub(super) fn check(&self) -> Result<(), IndexError> {
        if self.cancel.load(Ordering::Relaxed) { Err(IndexError::Interrupted) } else { Ok(()) }
    }

    /// Hands a change to the writer; waits while it is far behind. A writer that has given up tells its own
    /// error, so here that counts as interrupted.
    pub(super) fn send(&self, change: Change) -> Result<(), IndexError> {
        self.check()?;
        self.changes.send(Some(change)).map_err(|_| IndexError::Interrupted)
    }

    /// Tells the writer that all has been sent.
    pub(super) fn end(&self) -> Result<(), IndexError> {
        self.check()?;
        self.changes.send(None).map_err(|_| IndexError::Interrupted)
    }

    /// Tells the writer to keep nothing.
    pub(super) fn abort(&self, why: &str) {
        // A writer that is gone keeps nothing anyway.
        let _ = self.changes.send(Some(Change::Abort(why.into())));
    }
}

/// What the writer takes from a [`Feed`]. Ends in [`Change::Abort`] unless the end was announced, so that a
/// producer that breaks down does not leave half of its changes.
pub(super) struct Changes {
    receiver: Receiver<Option<Change>>,
    ended: bool,
}

impl Changes {
    pub(super) fn new(receiver: Receiver<Option<Change>>) -> Self {
        Self { receiver, ended: false }
    }
}

impl Iterator for Changes {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        if self.ended {
            return None;
        }
        let received = self.receiver.recv();
        self.ended = !matches!(received, Ok(Some(_)));
        received.unwrap_or_else(|_| Some(Change::Abort("the run broke down".into())))
    }
}

/// Passes on in order what comes in any order, so that tables are written from one end to the other.
pub(super) struct InOrder<'f, 'c> {
    feed: &'f Feed<'c>,
    waiting: Mutex<Waiting>,
}

struct Waiting {
    next: usize,
    changes: BTreeMap<usize, Option<Change>>,
}

impl<'f, 'c> InOrder<'f, 'c> {
    pub(super) fn new(feed: &'f Feed<'c>) -> Self {
        Self { feed, waiting: Mutex::new(Waiting { next: 0, changes: BTreeMap::new() }) }
    }

    /// Takes change number `index`, if there is one to be made, and passes on all whose turn it is.
    pub(super) fn send(&self, index: usize, change: Option<Change>) -> Result<(), IndexError> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.changes.insert(index, change);
        while let Some(change) = {
            let next = waiting.next;
            waiting.changes.remove(&next)
        } {
            waiting.next += 1;
            if let Some(change) = change {
                self.feed.send(change)?;
            }
        }
        Ok(())
    }
}
