//! Random numbers that are the same on every machine.

/// Small numbers from a seed other than 0.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    /// An index into a list of this length; none if it is empty.
    pub(crate) fn index(&mut self, length: usize) -> Option<usize> {
        (length > 0).then(|| (self.roll(1 << 40) >> 7) as usize % length)
    }

    /// One of the list.
    pub(crate) fn pick<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        self.index(list.len()).map(|index| &list[index])
    }
}
