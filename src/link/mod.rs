//! From the facts of all files to links: which definition every occurrence means, or why that is not known.
//!
//! A pure function of facts, paths and manifests. Knows no language by name: it follows the rules each language
//! states as data in [`LinkRules`](crate::lang::LinkRules). First a frozen `World` of modules, members and base types is
//! built for each family of languages; then every file is linked by itself, in any order, against that.

mod bases;
mod call;
mod convert;
mod den;
mod denote;
mod fit;
mod generics;
mod infer;
mod library;
mod lookup;
mod member;
mod module;
mod outcome;
mod outside;
mod overload;
mod phase;
mod queue;
mod recursion;
mod shape;
mod signatures;
mod structural;
mod trace;
mod world;
mod written;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::lang::{Language, Manifest};
use crate::model::{FileFacts, FileLinks};

pub use trace::{Asked, Evidence, Step, explain};

use lookup::Resolver;
use world::World;

/// A file to be linked.
#[derive(Clone, Copy)]
pub struct LinkFile<'a> {
    /// Path relative to the root.
    pub path: &'a str,
    /// Its language.
    pub language: &'static Language,
    /// Its facts.
    pub facts: &'a FileFacts,
}

/// Links `files`, which must be sorted by path, with `threads` threads; calls `done` with each file's index and
/// links, from any thread, in any order. `Definition::file` is an index into `files`. The links do not depend on
/// `threads`. Setting `cancel` stops between two files; those not `done` by then are left out.
pub fn link(
    files: &[LinkFile<'_>],
    manifests: &[Manifest],
    threads: usize,
    cancel: &AtomicBool,
    done: &(dyn Fn(usize, FileLinks) + Sync),
) {
    let mut families: Vec<&str> = files.iter().map(|file| file.language.link.family).collect();
    families.sort_unstable();
    families.dedup();
    for family in families {
        let members: Vec<usize> =
            (0..files.len()).filter(|&index| files[index].language.link.family == family).collect();
        let world = World::new(files, &members, manifests);
        let bases = bases::Bases::new(&world);
        let next = AtomicUsize::new(0);
        let work = || {
            let mut resolver = Resolver::new(&world, &bases);
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(&file) = members.get(index).filter(|_| !cancel.load(Ordering::Relaxed)) else { return };
                done(file, outcome::link_file(&mut resolver, index as u32));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..threads.max(1) {
                scope.spawn(work);
            }
            work();
        });
    }
}
