//! Numbers as bytes: LEB128, seven bits a byte, low bits first; signed numbers folded so that small ones stay short.

/// Appends `value`.
#[inline]
pub(crate) fn put(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends the difference `to - from`, which may be negative.
#[inline]
pub(crate) fn put_delta(out: &mut Vec<u8>, from: u32, to: u32) {
    let delta = to.wrapping_sub(from) as i32;
    put(out, ((delta << 1) ^ (delta >> 31)) as u32);
}

/// Reads numbers from the front of a slice.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The next number; none at the end or if it does not fit.
    #[inline]
    pub(crate) fn get(&mut self) -> Option<u32> {
        let mut value = 0u64;
        for shift in (0..35).step_by(7) {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(value).ok();
            }
        }
        None
    }

    /// The number that [`put_delta`] wrote after `from`.
    #[inline]
    pub(crate) fn get_delta(&mut self, from: u32) -> Option<u32> {
        let folded = self.get()?;
        let delta = (folded >> 1) as i32 ^ -((folded & 1) as i32);
        Some(from.wrapping_add(delta as u32))
    }

    /// The next byte.
    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(byte)
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    /// A column that [`put_column`] wrote.
    pub(crate) fn column(&mut self) -> Option<Reader<'a>> {
        let length = self.get()? as usize;
        self.take(length).map(Reader::new)
    }

    /// What is not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Bytes left: no more numbers than that can follow.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// Appends a run of bytes with its length before it.
pub(crate) fn put_column(out: &mut Vec<u8>, column: &[u8]) {
    put(out, column.len() as u32);
    out.extend_from_slice(column);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 127, 128, 300, 1 << 21, u32::MAX - 1, u32::MAX];
        let mut bytes = Vec::new();
        for &number in &numbers {
            put(&mut bytes, number);
            put_delta(&mut bytes, 1000, number);
        }
        let mut reader = Reader::new(&bytes);
        for &number in &numbers {
            assert_eq!(reader.get(), Some(number));
            assert_eq!(reader.get_delta(1000), Some(number));
        }
        assert!(reader.is_empty() && reader.get().is_none());
    }

    #[test]
    fn what_is_no_number_is_none() {
        assert_eq!(Reader::new(&[0x80]).get(), None);
        assert_eq!(Reader::new(&[0xff; 9]).get(), None);
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x7f]).get(), None);
    }
}
