//! Reaching definitions on demand: from a use backwards to the definitions it can see, from a definition forwards to the
//! uses that can see it. A walk that is shared by many questions visits each block once for each variable, so that all
//! of a slice together is linear; sets of all definitions at all blocks would not be.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Adjacency;

/// Marks a block that was left somewhere in the middle, among those walked.
const LEFT_EARLY: u32 = 1 << 31;

/// What an event does with its variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reads it.
    Use,
    /// Gives it a value; what it was before is gone.
    Define,
    /// May change it, or a part of it.
    Change,
}

/// Something that happens to a variable in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The variable.
    pub variable: u32,
    /// What happens.
    pub access: Access,
}

/// A place among the events: block, and number of the event in it.
pub type Moment = (u32, u32);

/// The blocks that a walk has been through, with the variable it was about.
pub type Walked = FxHashSet<(u32, u32)>;

/// The events of a flow graph.
#[derive(Clone, Debug)]
pub struct Reaching {
    graph: Adjacency,
    reversed: Adjacency,
    /// Edges that may be taken anywhere in their first block.
    early: FxHashSet<(u32, u32)>,
    events: Vec<Vec<Event>>,
    /// The events of each block and variable, in order.
    places: FxHashMap<(u32, u32), Vec<u32>>,
}

impl Reaching {
    /// Of a flow graph with the events of each block in the order they happen. The edges of `early` may be taken anywhere in
    /// the block that they leave, as exceptions do; there must be fewer than 2³¹ blocks.
    pub fn new(graph: Adjacency, early: FxHashSet<(u32, u32)>, events: Vec<Vec<Event>>) -> Self {
        let mut places: FxHashMap<(u32, u32), Vec<u32>> = FxHashMap::default();
        for (block, events) in (0..).zip(&events) {
            for (index, event) in (0..).zip(events) {
                places.entry((block, event.variable)).or_default().push(index);
            }
        }
        Self { reversed: graph.reversed(), graph, early, events, places }
    }

    /// The definitions and changes of `variable` that can be seen right before a moment, as far as `walked` has not been
    /// there. Second: whether a way from the start (block 0) leads here without a definition, as far as that is new.
    pub fn seen_from(&self, moment: Moment, variable: u32, walked: &mut Walked) -> (Vec<Moment>, bool) {
        let mut found = Vec::new();
        let mut from_start = false;
        let mut open = vec![moment];
        while let Some((block, before)) = open.pop() {
            let is_early = block & LEFT_EARLY != 0;
            let block = block & !LEFT_EARLY;
            if self.back_through(block, before, variable, is_early, &mut found) {
                continue;
            }
            from_start |= block == 0;
            let marked = |from: &u32| if self.early.contains(&(*from, block)) { *from | LEFT_EARLY } else { *from };
            let blocks = self.reversed.successors(block).iter().map(marked);
            open.extend(blocks.filter(|block| walked.insert((*block, variable))).map(|block| (block, u32::MAX)));
        }
        found.sort_unstable();
        found.dedup();
        (found, from_start)
    }

    /// The uses of `variable` that can see its value from right after a moment, as far as `walked` has not been there.
    pub fn seeing(&self, moment: Moment, variable: u32, walked: &mut Walked) -> Vec<Moment> {
        let mut found = Vec::new();
        let mut open = vec![(moment.0, moment.1 + 1)];
        while let Some((block, start)) = open.pop() {
            let is_over = self.on_through(block, start, variable, &mut found);
            let goes_on = |to: &&u32| !is_over || self.early.contains(&(block, **to));
            let next = self.graph.successors(block).iter().filter(goes_on);
            let blocks = next.filter(|block| walked.insert((**block, variable)));
            open.extend(blocks.map(|block| (*block, 0)));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Collects what is seen from before event `before` of a block, or from somewhere in it; gives whether it is defined
    /// there for sure.
    fn back_through(&self, block: u32, before: u32, variable: u32, is_early: bool, found: &mut Vec<Moment>) -> bool {
        let Some(places) = self.places.get(&(block, variable)) else { return false };
        for &index in places[..places.partition_point(|index| *index < before)].iter().rev() {
            match self.events[block as usize][index as usize].access {
                Access::Use => {}
                Access::Change => found.push((block, index)),
                Access::Define => {
                    found.push((block, index));
                    if !is_early {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Collects what sees a value from event `start` of a block on; gives whether the value ends there.
    fn on_through(&self, block: u32, start: u32, variable: u32, found: &mut Vec<Moment>) -> bool {
        let Some(places) = self.places.get(&(block, variable)) else { return false };
        for &index in &places[places.partition_point(|index| *index < start)..] {
            match self.events[block as usize][index as usize].access {
                Access::Use => found.push((block, index)),
                Access::Change => {}
                Access::Define => return true,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u32) -> u32 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % u64::from(limit)) as u32
        }
    }

    fn random(seed: u64) -> (Adjacency, FxHashSet<(u32, u32)>, Vec<Vec<Event>>) {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let nodes = 1 + random.below(9);
        let edges: Vec<_> = (0..nodes * 2).map(|_| (random.below(nodes), random.below(nodes))).collect();
        let access = [Access::Use, Access::Define, Access::Change];
        let mut event = |_| Event { variable: random.below(2), access: access[random.below(3) as usize] };
        let events = (0..nodes).map(|block| (0..block % 4).map(&mut event).collect()).collect();
        let early = edges.iter().copied().filter(|_| random.below(4) == 0).collect();
        (Adjacency::new(nodes as usize, &edges), early, events)
    }

    /// The textbook's sets: what is defined at the end of each block, until nothing changes.
    fn oracle(reaching: &Reaching, at: Moment, variable: u32) -> Vec<Moment> {
        let Reaching { graph, early, events, .. } = reaching;
        let through = |block: u32, end: usize, mut seen: Vec<Moment>| {
            for (index, event) in
                (0..).zip(&events[block as usize][..end]).filter(|(_, event)| event.variable == variable)
            {
                if event.access == Access::Define {
                    seen.clear();
                }
                if event.access != Access::Use {
                    seen.push((block, index));
                }
            }
            seen.sort_unstable();
            seen.dedup();
            seen
        };
        let reversed = graph.reversed();
        let mut ends: Vec<Vec<Moment>> = vec![Vec::new(); graph.nodes()];
        // What may be seen at the start, given what is seen at all starts and ends.
        let enter = |starts: &[Vec<Moment>], ends: &[Vec<Moment>], block: u32| {
            let mut seen = Vec::new();
            for &before in reversed.successors(block) {
                seen.extend(&ends[before as usize]);
                if early.contains(&(before, block)) {
                    seen.extend(&starts[before as usize]);
                    let own = (0..).zip(&events[before as usize]);
                    let changes = own.filter(|(_, event)| event.variable == variable && event.access != Access::Use);
                    seen.extend(changes.map(|(index, _)| (before, index)));
                }
            }
            seen.sort_unstable();
            seen.dedup();
            seen
        };
        let mut starts = ends.clone();
        loop {
            let blocks = 0..graph.nodes() as u32;
            let new_starts: Vec<_> = blocks.clone().map(|block| enter(&starts, &ends, block)).collect();
            let leave = |block: u32| through(block, events[block as usize].len(), new_starts[block as usize].clone());
            let new_ends: Vec<_> = blocks.map(leave).collect();
            if (&new_starts, &new_ends) == (&starts, &ends) {
                return through(at.0, at.1 as usize, starts[at.0 as usize].clone());
            }
            (starts, ends) = (new_starts, new_ends);
        }
    }

    #[test]
    fn both_ways_agree_with_the_sets_of_the_textbook() {
        for seed in 0..600 {
            let (graph, early, events) = random(seed);
            let reaching = Reaching::new(graph, early, events.clone());
            for (block, own) in (0..).zip(&events) {
                for (index, event) in (0..).zip(own).filter(|(_, event)| event.access == Access::Use) {
                    let expected = oracle(&reaching, (block, index), event.variable);
                    let (found, _) = reaching.seen_from((block, index), event.variable, &mut Walked::default());
                    assert_eq!(found, expected, "seed {seed} at {block}:{index}");
                    let all =
                        (0..).zip(&events).flat_map(|(block, own)| (0..own.len() as u32).map(move |at| (block, at)));
                    let is_seen = |at: &Moment| {
                        let other = events[at.0 as usize][at.1 as usize];
                        other.variable == event.variable
                            && other.access != Access::Use
                            && reaching.seeing(*at, other.variable, &mut Walked::default()).contains(&(block, index))
                    };
                    assert_eq!(all.filter(is_seen).collect::<Vec<_>>(), expected, "seed {seed}");
                }
            }
        }
    }

    #[test]
    fn what_was_walked_is_not_walked_again() {
        let define = Event { variable: 0, access: Access::Define };
        let reaching =
            Reaching::new(Adjacency::new(2, &[(0, 1), (1, 1)]), FxHashSet::default(), vec![vec![define], Vec::new()]);
        let mut walked = Walked::default();
        assert_eq!(reaching.seen_from((1, 0), 0, &mut walked), (vec![(0, 0)], false));
        assert_eq!(reaching.seen_from((1, 0), 0, &mut walked), (vec![], false));
        assert_eq!(reaching.seen_from((1, 0), 7, &mut walked), (vec![], true));
    }
}
