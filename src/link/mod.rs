//! From the facts of all files to links: which definition every occurrence means, or why that is not known.
//!
//! A pure function of facts, paths and manifests. Knows no language by name: it follows the rules each language
//! states as data in [`LinkRules`](crate::lang::LinkRules). First a frozen `World` of modules, members and base types is
//! built for each family of languages; then every file is linked by itself, in any order, against that.

mod asked;
mod bases;
mod call;
mod convert;
mod den;
mod denote;
mod fit;
mod generics;
mod included;
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
mod reads;
mod recursion;
mod shape;
mod signatures;
mod stale;
mod structural;
mod surface;
mod trace;
mod world;
mod written;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::lang::{Language, Manifest};
use crate::model::{FileFacts, FileLinks};

pub use trace::{Asked, Evidence, Step, explain};

use lookup::Resolver;
use reads::{Reads, Record};
use world::World;

/// A file to be linked.
#[derive(Clone, Copy)]
pub struct LinkFile<'a> {
    /// Path relative to the root.
    pub path: &'a str,
    /// Its language.
    pub language: &'static Language,
    /// Its facts; occurrences may be missing where [`Earlier::whole`] has them.
    pub facts: &'a FileFacts,
}

/// A file that is not what it was when links were made last. A file that moved is one that went and one that came.
#[derive(Clone, Copy)]
pub struct Changed<'a> {
    /// Path relative to the root.
    pub path: &'a str,
    /// Its language and facts then; none if it is new.
    pub before: Option<(&'static Language, &'a FileFacts)>,
    /// Its index among the files now; none if it is gone.
    pub after: Option<usize>,
}

/// What is known from the last time links were made.
#[derive(Clone, Copy)]
pub struct Earlier<'a> {
    /// The manifests then.
    pub manifests: &'a [Manifest],
    /// The files that changed since, each once.
    pub changed: &'a [Changed<'a>],
    /// [`Linked::record`] of each file now, as far as it was linked then.
    pub records: &'a [Option<Vec<u8>>],
    /// The facts of a file with the occurrences; none if they cannot be had, and then the file is left out.
    pub whole: &'a (dyn Fn(usize) -> Option<Arc<FileFacts>> + Sync),
}

/// What linking gives for a file.
pub struct Linked {
    /// Its links.
    pub links: FileLinks,
    /// What the links rest on besides the file itself, for [`Earlier::records`].
    pub record: Vec<u8>,
}

/// Links `files`, which must be sorted by path, with `threads` threads; calls `done` with each file's index and
/// links, from any thread, in any order. `Definition::file` is an index into `files`. The links do not depend on
/// `threads`. Given what is known from `earlier`, links only the files whose links may be others now. Setting `cancel`
/// stops between two files; those not `done` by then are left out.
pub fn link(
    files: &[LinkFile<'_>],
    manifests: &[Manifest],
    earlier: Option<&Earlier<'_>>,
    threads: usize,
    cancel: &AtomicBool,
    done: &(dyn Fn(usize, Linked) + Sync),
) {
    let mut families: Vec<&str> = files.iter().map(|file| file.language.link.family).collect();
    families.sort_unstable();
    families.dedup();
    for family in families {
        let members: Vec<usize> =
            (0..files.len()).filter(|&index| files[index].language.link.family == family).collect();
        let world = World::new(files, &members, manifests, threads);
        let bases = bases::Bases::new(&world, threads);
        let digests = bases.digests(&world);
        let stale = match earlier {
            Some(earlier) => stale::stale(&world, &digests, files, &members, earlier, earlier.manifests != manifests),
            None => (0..members.len()).collect(),
        };
        let next = AtomicUsize::new(0);
        let work = || {
            let reads = Reads::new(world.files.len());
            let mut resolver = Resolver::new(&world, &bases, &reads);
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(&number) = stale.get(index).filter(|_| !cancel.load(Ordering::Relaxed)) else { return };
                let whole = match earlier {
                    Some(earlier) => (earlier.whole)(members[number]),
                    None => None,
                };
                let occurrences = match (&whole, earlier) {
                    (Some(whole), _) => &whole.occurrences,
                    (None, None) => &files[members[number]].facts.occurrences,
                    (None, Some(_)) => continue,
                };
                let links = outcome::link_file(&mut resolver, number as u32, occurrences);
                let record = Record::encode(digests[number], &reads.keys(&world, number as u32));
                done(members[number], Linked { links, record });
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
