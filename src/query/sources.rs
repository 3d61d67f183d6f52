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
            Self::Check(reply) => reply.violations.items.iter().for_each(|violation| add(&violation.path)),
            Self::Metrics(_) | Self::Diff(_) | Self::Status(_) | Self::Log(_) | Self::Fingerprint(_) => {}
        }
    }
}

fn path_of(group: &Enclosing) -> &str {
    &group.path
}
