//! What the links of a file rest on besides the file itself: every question about other files that was asked for
//! them, those without an answer included.
//!
//! Answers are remembered across files, so what an answer rests on is remembered with it: a node for each answer,
//! with the questions and the other answers it was made from. A file's questions are all that can be reached from
//! its own answers.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::xxh3_64;

use super::world::{Module, Name, Sym, World};

/// A question about other files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Read {
    /// What a file shows of itself: all of its facts but the values that flow into definitions.
    File(u32),
    /// What flows into a definition.
    Flow(Sym),
    /// Base types, subtypes and attached members of the definitions of a file.
    Bases(u32),
    /// The members of this name that are attached to types outside the tree.
    Extensions(Name),
    /// The definitions that a module declares under a name, and the module inside it of that name.
    Member(Module, Name),
    /// Which files and inline modules a module consists of.
    Parts(Module),
    /// Whether a module consists of more than one part.
    Several(Module),
    /// Whether there is a module whose key has this hash.
    Exists(u64),
    /// Whether nothing but modules stands in a module.
    Container(Module),
    /// Whether some definition has this name.
    Defined(Name),
    /// Whether the text of this hash is a name of the family; asked for names that are not.
    Known(u64),
}

/// A question as it is stored: a hash of 24 bits of what it asks for that does not depend on the run. Two questions of
/// one key only make a file be linked again for nothing.
pub(super) type Key = u32;

/// An answer that rests on nothing but the file it was asked for.
pub(super) const NOTHING: u32 = 0;

/// The questions asked by one resolver.
pub(super) struct Reads {
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    /// What the answer being made rests on so far: numbers of nodes.
    trail: Vec<u32>,
    nodes: Vec<Node>,
    /// What inner nodes rest on.
    edges: Vec<u32>,
    ids: FxHashMap<Read, u32>,
    /// The node of [`Read::File`] and [`Read::Bases`] by file.
    files: Vec<[u32; 2]>,
    /// The number of the file, counted from 1, that each node was reached for last.
    reached: Vec<u32>,
    file: u32,
    /// Leaves reached for the current file.
    found: Vec<u32>,
    queue: Vec<u32>,
}

#[derive(Clone, Copy)]
enum Node {
    /// A question, and its key once that was asked for.
    Leaf(Read, Option<Key>),
    Inner {
        start: u32,
        len: u32,
    },
}

impl Reads {
    pub(super) fn new(files: usize) -> Self {
        let nothing = Node::Inner { start: 0, len: 0 };
        let inner = Inner { nodes: vec![nothing], files: vec![[NOTHING; 2]; files], ..Inner::default() };
        Self { inner: RefCell::new(inner) }
    }

    /// Notes that a question was asked.
    pub(super) fn note(&self, read: Read) {
        let inner = &mut *self.inner.borrow_mut();
        let id = match read {
            Read::File(file) => inner.files[file as usize][0],
            Read::Bases(file) => inner.files[file as usize][1],
            other => inner.ids.get(&other).copied().unwrap_or(NOTHING),
        };
        let id = if id == NOTHING { inner.leaf(read) } else { id };
        inner.push(id);
    }

    /// Notes that an answer was used again.
    pub(super) fn again(&self, node: u32) {
        if node != NOTHING {
            self.inner.borrow_mut().push(node);
        }
    }

    /// Where an answer begins.
    pub(super) fn mark(&self) -> usize {
        self.inner.borrow().trail.len()
    }

    /// The node of an answer that began at `mark`.
    pub(super) fn gather(&self, mark: usize) -> u32 {
        self.inner.borrow_mut().gather(mark)
    }

    /// Starts the questions of another file.
    pub(super) fn start_file(&self) {
        let inner = &mut *self.inner.borrow_mut();
        inner.trail.clear();
        inner.found.clear();
        inner.file += 1;
    }

    /// Adds up what was asked since the last time.
    pub(super) fn settle(&self) {
        self.inner.borrow_mut().settle();
    }

    /// The keys of all questions asked for `file` about others, sorted.
    pub(super) fn keys(&self, world: &World<'_>, file: u32) -> Vec<Key> {
        let inner = &mut *self.inner.borrow_mut();
        inner.settle();
        let mut keys: Vec<Key> = Vec::with_capacity(inner.found.len());
        for &id in &inner.found {
            let Node::Leaf(read, known) = &mut inner.nodes[id as usize] else { continue };
            let is_own = match *read {
                Read::File(other) => other == file,
                Read::Flow(symbol) => world.file_of(symbol) == file,
                _ => false,
            };
            if !is_own {
                keys.push(*known.get_or_insert_with(|| key(world, *read)));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Inner {
    fn leaf(&mut self, read: Read) -> u32 {
        let id = self.add(Node::Leaf(read, None));
        match read {
            Read::File(file) => self.files[file as usize][0] = id,
            Read::Bases(file) => self.files[file as usize][1] = id,
            other => {
                self.ids.insert(other, id);
            }
        }
        id
    }

    fn add(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    fn push(&mut self, id: u32) {
        if self.trail.last() != Some(&id) {
            self.trail.push(id);
        }
    }

    fn gather(&mut self, mark: usize) -> u32 {
        if self.trail.len() > mark + 1 {
            self.trail[mark..].sort_unstable();
            let mut kept = mark + 1;
            for next in mark + 1..self.trail.len() {
                if self.trail[next] != self.trail[kept - 1] {
                    self.trail[kept] = self.trail[next];
                    kept += 1;
                }
            }
            self.trail.truncate(kept);
        }
        let node = match self.trail[mark..] {
            [] => return NOTHING,
            [only] => return only,
            ref several => {
                let start = self.edges.len() as u32;
                self.edges.extend_from_slice(several);
                Node::Inner { start, len: several.len() as u32 }
            }
        };
        self.trail.truncate(mark);
        let id = self.add(node);
        self.trail.push(id);
        id
    }

    fn settle(&mut self) {
        self.reached.resize(self.nodes.len(), 0);
        self.queue.append(&mut self.trail);
        while let Some(id) = self.queue.pop() {
            if std::mem::replace(&mut self.reached[id as usize], self.file) == self.file {
                continue;
            }
            match self.nodes[id as usize] {
                Node::Leaf(..) => self.found.push(id),
                Node::Inner { start, len } => {
                    self.queue.extend_from_slice(&self.edges[start as usize..(start + len) as usize]);
                }
            }
        }
    }
}

/// The key of a question.
pub(super) fn key(world: &World<'_>, read: Read) -> Key {
    let file = |file: u32| hash(world.files[file as usize].path);
    let module = |module: Module| hash(&world.modules[module.0 as usize].key);
    let name = |name: Name| hash(world.names[name.0 as usize]);
    match read {
        Read::File(number) => file_key(file(number)),
        Read::Flow(symbol) => flow_key(file(world.file_of(symbol)), world.symbol_id(symbol).0),
        Read::Bases(number) => bases_key(file(number)),
        Read::Extensions(of) => extensions_key(name(of)),
        Read::Member(of, member) => member_key(module(of), name(member)),
        Read::Parts(of) => parts_key(module(of)),
        Read::Several(of) => several_key(module(of)),
        Read::Exists(key) => exists_key(key),
        Read::Container(of) => container_key(module(of)),
        Read::Defined(of) => defined_key(name(of)),
        Read::Known(text) => known_key(text),
    }
}

/// The hash of a path, name or key of a module.
pub(super) fn hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

macro_rules! keys {
    ($($name:ident = $tag:literal),* $(,)?) => {
        $(pub(super) fn $name(of: u64) -> Key { mixed($tag, of, 0) })*
    };
}
keys! {
    file_key = 1, bases_key = 2, extensions_key = 3, parts_key = 4, several_key = 5, exists_key = 6,
    container_key = 7, defined_key = 8, known_key = 9,
}

pub(super) fn flow_key(file: u64, symbol: u32) -> Key {
    mixed(10, file, u64::from(symbol))
}

pub(super) fn member_key(module: u64, name: u64) -> Key {
    mixed(11, module, name)
}

fn mixed(tag: u8, one: u64, other: u64) -> Key {
    let mut bytes = [tag; 17];
    bytes[1..9].copy_from_slice(&one.to_le_bytes());
    bytes[9..].copy_from_slice(&other.to_le_bytes());
    (xxh3_64(&bytes) & 0xff_ffff) as Key
}

/// What is kept of a file for the next run: what it asked, and the digest of base types and attached members in it.
pub(super) struct Record<'r> {
    pub(super) digest: u64,
    keys: &'r [u8],
}

const DIGEST_BYTES: usize = 8;
const KEY_BYTES: usize = 3;

impl<'r> Record<'r> {
    pub(super) fn encode(digest: u64, keys: &[Key]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(DIGEST_BYTES + keys.len() * KEY_BYTES);
        bytes.extend(digest.to_le_bytes());
        keys.iter().for_each(|key| bytes.extend(&key.to_le_bytes()[..KEY_BYTES]));
        bytes
    }

    /// None for what no record is.
    pub(super) fn decode(bytes: &'r [u8]) -> Option<Self> {
        let (digest, keys) = bytes.split_first_chunk::<DIGEST_BYTES>()?;
        let is_whole = keys.len().is_multiple_of(KEY_BYTES);
        is_whole.then_some(Self { digest: u64::from_le_bytes(*digest), keys })
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key> + 'r {
        self.keys.chunks_exact(KEY_BYTES).map(|key| u32::from_le_bytes([key[0], key[1], key[2], 0]))
    }
}
