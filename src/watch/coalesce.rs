//! Many events, few updates: when it is time to update.

use std::time::{Duration, Instant};

/// A longer time is taken for this one: beyond that the clock of the system may end.
pub(super) const LONGEST: Duration = Duration::from_secs(86_400);

/// After this part of the delay, what was written is worth looking at.
const LULL_PART: u32 = 4;

/// Gathers events until nothing has happened for a while, or something has been happening for too long.
#[derive(Debug)]
pub struct Coalescer {
    delay: Duration,
    max_delay: Duration,
    /// The first and the last event since the last update.
    events: Option<(Instant, Instant)>,
}

impl Coalescer {
    /// Due `delay` after the last event, and at most `max_delay` after the first.
    pub fn new(delay: Duration, max_delay: Duration) -> Self {
        let delay = delay.min(LONGEST);
        Self { delay, max_delay: max_delay.clamp(delay, LONGEST), events: None }
    }

    /// Something happened.
    pub fn event(&mut self, at: Instant) {
        let first = self.events.map_or(at, |(first, _)| first);
        self.events = Some((first, at));
    }

    /// When the next update is due; never if nothing happened.
    pub fn due(&self) -> Option<Instant> {
        self.events.map(|(first, last)| (last + self.delay).min(first + self.max_delay))
    }

    /// When it has been quiet for so long that what changed is probably whole, an update being due later.
    pub(super) fn lull(&self) -> Option<Instant> {
        let lull = self.events.map(|(_, last)| last + self.delay / LULL_PART);
        lull.filter(|lull| self.due().is_some_and(|due| *lull < due))
    }

    /// Whether an update is due; if so, everything starts anew.
    pub fn take(&mut self, now: Instant) -> bool {
        let is_due = self.due().is_some_and(|due| due <= now);
        if is_due {
            self.events = None;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When updates come, in milliseconds, for events at these times.
    fn updates(events: &[u64]) -> Vec<u64> {
        let start = Instant::now();
        let mut coalescer = Coalescer::new(Duration::from_millis(200), Duration::from_millis(2_000));
        let mut updates = Vec::new();
        for now in 0..20_000 {
            let at = start + Duration::from_millis(now);
            if events.contains(&now) {
                coalescer.event(at);
            }
            if coalescer.take(at) {
                updates.push(now);
            }
        }
        assert_eq!(coalescer.due(), None);
        updates
    }

    #[test]
    fn an_update_comes_when_nothing_has_happened_for_a_while() {
        assert!(updates(&[]).is_empty());
        assert_eq!(updates(&[1_000]), [1_200]);
        assert_eq!(updates(&[1_000, 1_100, 1_299]), [1_499]);
        assert_eq!(updates(&[1_000, 1_200, 1_400]), [1_600], "what comes at the last moment puts it off as well");
        assert_eq!(updates(&[1_000, 5_000]), [1_200, 5_200]);
    }

    #[test]
    fn what_never_ends_does_not_hold_updates_up() {
        let storm: Vec<u64> = (1_000..=6_000).step_by(100).collect();
        assert_eq!(updates(&storm), [3_000, 5_100, 6_200]);
    }

    #[test]
    fn the_longest_delay_is_never_shorter_than_the_usual_one() {
        let start = Instant::now();
        let mut coalescer = Coalescer::new(Duration::from_secs(5), Duration::from_secs(2));
        coalescer.event(start);
        assert_eq!(coalescer.due(), Some(start + Duration::from_secs(5)));
        let mut coalescer = Coalescer::new(Duration::MAX, Duration::MAX);
        coalescer.event(start);
        assert_eq!(coalescer.due(), Some(start + LONGEST));
    }
}
