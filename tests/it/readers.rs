//! Processes that ask while another one writes: no error, and each answer is that of one state.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use magellan::store::Backend;

use crate::cli::{json, magellan, stderr, stdout};
use crate::forest::{Forest, fingerprint, indexed};

const READERS: usize = 8;
const EDITS: usize = 8;

#[test]
fn readers_beside_a_busy_writer_see_whole_states_and_no_error() {
    readers_beside_a_writer(Backend::Sqlite);
}

#[cfg(feature = "native-v2")]
#[test]
fn readers_beside_a_busy_native_writer_see_whole_states_and_no_error() {
    readers_beside_a_writer(Backend::NativeV2);
}

fn readers_beside_a_writer(backend: Backend) {
    let mut forest = Forest::new(29, 64);
    let root = forest.root().to_owned();
    indexed(&root, &["--backend", backend.word()]);
    let mut states = BTreeSet::from([fingerprint(&root)]);
    let done = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let start = |reader| {
            let (root, done) = (&root, &done);
            scope.spawn(move || read(root, reader, done))
        };
        let readers: Vec<_> = (0..READERS).map(start).collect();
        for edit in 0..EDITS {
            forest.edit();
            // Every third run makes a new generation, which readers must change over to.
            indexed(&root, if edit % 3 == 2 { &["--full"] } else { &[] });
            states.insert(forest.fresh());
        }
        done.store(true, Ordering::SeqCst);
        readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect::<BTreeSet<String>>()
    });
    assert_eq!(fingerprint(&root), forest.fresh());
    assert!(seen.len() > 1, "the readers saw {seen:?} only");
    assert!(seen.is_subset(&states), "{backend}: {:?} were never there", seen.difference(&states));
}

/// Asks until the writer is done; half of the readers give the fingerprints that they got.
fn read(root: &Path, reader: usize, done: &AtomicBool) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    loop {
        let is_last = done.load(Ordering::SeqCst);
        if reader.is_multiple_of(2) {
            seen.insert(fingerprint(root));
        } else {
            let question: &[&str] = [&["callers", "f8", "--json"][..], &["status", "--json"]][reader / 2 % 2];
            let output = magellan(root, question);
            // 1: the function is gone at the moment.
            assert!(matches!(output.status.code(), Some(0 | 1)), "{}{}", stdout(&output), stderr(&output));
            json(&output);
        }
        if is_last {
            return seen;
        }
    }
}
