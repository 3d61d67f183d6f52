//! Which indexed files an answer rests on, so that it can be told when one of them has changed.

use std::collections::BTreeSet;

use super::{Enclosing, Reply, metrics};

impl Reply {
    /// Paths of the files that the shown part of the answer speaks of; empty for answers about the whole tree.
    pub fn sources(&self) -> BTreeSet<&str> {
        let mut paths = BTreeSet::new();
        self.collect_sources(&mut paths);
        paths
    }

    fn collect_sources<'r>(&'r self, paths: &mut BTreeSet<&'r str>) {
        let mut add = |path: &'r str| {
            paths.insert(path);
        };
        match self {
            Self::Callers(reply) => {
                add(&reply.symbol.path);
                reply.callers.items.iter().for_each(|group| add(path_of(group)));
            }
            Self::Callees(reply) => add(&reply.symbol.path),
            Self::Refs(reply) => {
                add(&reply.symbol.path);
                reply.users.items.iter().for_each(|group| add(path_of(group)));
            }
            Self::Explain(reply) => add(&reply.path),
            Self::Find(reply) => reply.symbols.items.iter().for_each(|symbol| add(&symbol.path)),
            Self::Show(reply) => add(&reply.symbol.path),
            Self::Outline(reply) => add(&reply.file.path),
            Self::Files(reply) => reply.files.items.iter().for_each(|file| add(&file.path)),
            Self::Get(reply) => add(&reply.symbol.path),
            Self::GetFile(reply) => add(&reply.file.path),
            Self::Chunks(reply) => reply.chunks.items.iter().for_each(|chunk| add(&chunk.path)),
            Self::ChunkBySpan(reply) => {
                reply.chunk.iter().chain(&reply.stored).for_each(|chunk| add(&chunk.path));
            }
            Self::ChunkBySymbol(reply) => reply.chunks.items.iter().for_each(|chunk| add(&chunk.path)),
            Self::Ast(reply) => add(&reply.file.path),
            Self::FindAst(reply) => reply.nodes.items.iter().for_each(|node| add(&node.path)),
            Self::Cfg(reply) => add(&reply.symbol.path),
            Self::Metrics(metrics::Reply::Symbol { symbol, .. }) => add(&symbol.path),
            Self::Metrics(metrics::Reply::File { path, .. }) => add(path),
            Self::Hotspots(reply) => reply.hotspots.items.iter().for_each(|spot| add(&spot.symbol.path)),
            Self::Label(reply) => {
                let symbols = reply.symbols.iter().flat_map(|list| &list.items);
                symbols.for_each(|symbol| add(&symbol.path));
            }
            Self::Slice(reply) => reply.functions.items.iter().for_each(|part| add(&part.symbol.path)),
            Self::Search(reply) => reply.hits.items.iter().for_each(|hit| add(&hit.path)),
            Self::Context(reply) => {
                add(&reply.symbol.path);
                reply.pieces.iter().for_each(|piece| add(&piece.definition.path));
            }
            Self::Hierarchy(reply) => {
                add(&reply.symbol.path);
                let relatives = reply.up.iter().chain(&reply.down).flat_map(|list| &list.items);
                relatives.filter_map(|relative| relative.definition.as_ref()).for_each(|found| add(&found.path));
            }
            Self::EntryPoints(reply) => reply.entries.items.iter().for_each(|entry| add(&entry.definition.path)),
            Self::Collisions(reply) => {
                let definitions = reply.collisions.items.iter().flat_map(|collision| &collision.definitions);
                definitions.for_each(|definition| add(&definition.path));
            }
            Self::DeadCode(reply) => reply.dead.items.iter().for_each(|dead| add(&dead.definition.path)),
            Self::Reachable(reply) => {
                add(&reply.symbol.path);
                reply.reached.items.iter().for_each(|reached| add(&reached.place.path));
            }
            Self::Paths(reply) => {
                reply.paths.iter().flat_map(|path| &path.steps).for_each(|place| add(&place.path));
            }
            Self::Cycles(reply) => {
                let members = reply.cycles.items.iter().flat_map(|cycle| &cycle.members.items);
                members.chain(&reply.self_recursive.items).for_each(|place| add(&place.path));
            }
            Self::Condense(reply) => {
                reply.groups.items.iter().flat_map(|group| &group.members.items).for_each(|place| add(&place.path));
            }
            Self::Impact(reply) => {
                reply.roots.items.iter().for_each(|place| add(&place.path));
                reply.affected.items.iter().for_each(|affected| add(&affected.place.path));
            }
            Self::AffectedTests(reply) => {
                reply.roots.items.iter().for_each(|place| add(&place.path));
                reply.tests.items.iter().for_each(|affected| add(&affected.place.path));
            }
            Self::Deps(_) | Self::Map(_) => {}
            Self::Check(reply) => reply.violations.items.iter().for_each(|violation| add(&violation.path)),
            Self::Metrics(_) | Self::Diff(_) | Self::Status(_) | Self::Log(_) | Self::Fingerprint(_) => {}
        }
    }
}

fn path_of(group: &Enclosing) -> &str {
    &group.path
}
