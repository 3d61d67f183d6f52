//! Makes a failure small: fewer states, fewer files, fewer lines.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use magellan::store::Backend;

use super::follow::{Follower, Mismatch};
use super::tree::{Disk, Files};

/// The fewest and smallest of `states`, as far as they are found in time, after which a database that followed them is
/// not that of the last; with how it then differs. None if following them anew does not fail.
pub(crate) fn shrink(states: &[Files], backend: Backend, time: Duration) -> Option<(Vec<Files>, Mismatch)> {
    let end = Instant::now() + time;
    let mut start = states.len().saturating_sub(2);
    while failure(&states[start..], backend).is_none() {
        if start == 0 {
            return None;
        }
        start = start.saturating_sub(states.len() - start);
    }
    let mut states = states[start..].to_vec();
    let keep = |states: &mut Vec<Files>, smaller: Vec<Files>| {
        if Instant::now() < end && failure(&smaller, backend).is_some() {
            *states = smaller;
        }
    };
    for index in (0..states.len() - 1).rev() {
        if states.len() > 2 {
            let mut smaller = states.clone();
            smaller.remove(index);
            keep(&mut states, smaller);
        }
    }
    for gone in halves(&paths(&states)) {
        let without = |state: &Files| {
            let kept = state.iter().filter(|(path, _)| !gone.contains(path));
            kept.map(|(path, text)| (path.clone(), text.clone())).collect()
        };
        let smaller = states.iter().map(without).collect();
        keep(&mut states, smaller);
    }
    for path in paths(&states) {
        for gone in halves(&lines(&states, &path)) {
            let mut smaller = states.clone();
            smaller.iter_mut().for_each(|state| remove_lines(state, &path, &gone));
            keep(&mut states, smaller);
        }
    }
    let mismatch = failure(&states, backend)?;
    Some((states, mismatch))
}

/// How a new database differs from a fresh one after it followed all states.
fn failure(states: &[Files], backend: Backend) -> Option<Mismatch> {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let root = folder.path().join("tree");
    std::fs::create_dir(&root).expect("a folder can be made");
    let mut disk = Disk::new(&root, Files::new());
    let follower = Follower::new(folder.path(), &[backend]);
    let (last, earlier) = states.split_last()?;
    for state in earlier {
        disk.hold(state);
        if let Err(mismatch) = follower.update(&root, 1) {
            return Some(mismatch);
        }
    }
    disk.hold(last);
    follower.follow(&root, 1).and_then(|_| follower.check()).err()
}

/// Parts of a list that may be left out: first the halves, then their halves, at last each by itself.
fn halves<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let sizes = std::iter::successors(Some(list.len().div_ceil(2)), |&size| (size > 1).then(|| size.div_ceil(2)));
    sizes.filter(|&size| size > 0).flat_map(|size| list.chunks(size).map(<[T]>::to_vec)).collect()
}

fn paths(states: &[Files]) -> Vec<String> {
    let paths: BTreeSet<String> = states.iter().flat_map(|state| state.keys().cloned()).collect();
    paths.into_iter().collect()
}

/// All different lines that a file has in any state, in order.
fn lines(states: &[Files], path: &str) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for text in states.iter().filter_map(|state| state.get(path)) {
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            if !lines.iter().any(|known| known == line) {
                lines.push(line.to_vec());
            }
        }
    }
    lines
}

fn remove_lines(state: &mut Files, path: &str, gone: &[Vec<u8>]) {
    if let Some(text) = state.get_mut(path) {
        let lines = text.split_inclusive(|&byte| byte == b'\n');
        *text = lines.filter(|line| !gone.iter().any(|other| other == line)).collect::<Vec<_>>().concat().into();
    }
}
