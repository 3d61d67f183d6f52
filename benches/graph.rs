//! Graph algorithms on one thread, on a random graph of a million nodes and five million edges.

#[path = "../bench/harness.rs"]
mod harness;

use criterion::{Criterion, criterion_group};

use magellan::graph::{Adjacency, components, condense, layers, reach};

/// A hundredth where nothing is measured.
const NODES: u32 = if cfg!(debug_assertions) { 10_000 } else { 1_000_000 };
const EDGES: usize = NODES as usize * 5;

/// Most edges lead near, some far, as calls do: there are circles of every size.
fn edges() -> Vec<(u32, u32)> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) as u32
    };
    (0..EDGES)
        .map(|_| {
            let from = roll() % NODES;
            let to = if roll() % 8 == 0 { roll() % NODES } else { (from + roll() % 1000 + 1) % NODES };
            (from, to)
        })
        .collect()
}

fn algorithms(criterion: &mut Criterion) {
    let edges = edges();
    let graph = Adjacency::new(NODES as usize, &edges);
    let found = components(&graph);
    let between = condense(&graph, &found);
    let mut group = criterion.benchmark_group("graph");
    group.sample_size(10);
    group.bench_function("build", |bencher| bencher.iter(|| Adjacency::new(NODES as usize, &edges).edge_count()));
    group.bench_function("reverse", |bencher| bencher.iter(|| graph.reversed().edge_count()));
    group.bench_function("reach", |bencher| bencher.iter(|| reach(&graph, &[0], u32::MAX).order.len()));
    group.bench_function("components", |bencher| bencher.iter(|| components(&graph).count()));
    group.bench_function("condense", |bencher| bencher.iter(|| condense(&graph, &found).edge_count()));
    group.bench_function("layers", |bencher| bencher.iter(|| layers(&between).len()));
    group.finish();
}

criterion_group!(benches, algorithms);

fn main() {
    harness::main(benches);
}
