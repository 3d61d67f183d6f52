//! Compression of file texts and facts, the same for every engine.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::CParameter;

use crate::model::{Ast, FileFacts, Function, encode_functions};

/// Level for everything: the next two take twice the time for a thirtieth less to store.
const LEVEL: i32 = 3;
/// Nothing that was packed here is larger; a greater size in a frame's header is damage.
const SIZE_MAX: u64 = 1 << 31;

/// Compresses; keeps its tables between files. One for each thread.
pub struct Packer {
    compressor: Compressor<'static>,
}

impl Packer {
    /// A packer, unless memory for its tables is short.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self { compressor: compressor()? })
    }

    /// A file's text, packed.
    pub fn text(&mut self, text: &[u8]) -> std::io::Result<Vec<u8>> {
        self.compressor.compress(text)
    }

    /// A file's facts, packed.
    pub fn facts(&mut self, facts: &FileFacts) -> std::io::Result<Vec<u8>> {
        self.compressor.compress(&facts.encode())
    }

    /// A file's syntax tree, packed.
    pub fn ast(&mut self, ast: &Ast) -> std::io::Result<Vec<u8>> {
        self.compressor.compress(&ast.encode())
    }

    /// The control flow of a file's callables, packed.
    pub fn functions(&mut self, functions: &[Function]) -> std::io::Result<Vec<u8>> {
        self.compressor.compress(&encode_functions(functions))
    }
}

/// Every frame carries a checksum, so that damage is refused and never decoded to something else.
fn compressor() -> std::io::Result<Compressor<'static>> {
    let mut compressor = Compressor::new(LEVEL)?;
    compressor.set_parameter(CParameter::ChecksumFlag(true))?;
    Ok(compressor)
}

/// The facts that [`Packer::facts`] packed; none if the bytes are not that.
pub fn unpack_facts(packed: &[u8]) -> Option<FileFacts> {
    FileFacts::decode(&unpack(packed)?)
}

/// The facts behind each of `packed`, in order, unpacked by `threads` threads.
pub fn unpack_all_facts(packed: &[Vec<u8>], threads: usize) -> Vec<Option<FileFacts>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut unpacked = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(packed) = packed.get(index) else { return unpacked };
            unpacked.push((index, unpack_facts(packed)));
        }
    };
    let mut facts: Vec<Option<FileFacts>> = Vec::new();
    facts.resize_with(packed.len(), || None);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let own = work();
        let others = others.into_iter().map(|thread| thread.join().expect("unpacking does not panic"));
        for (index, unpacked) in std::iter::once(own).chain(others).flatten() {
            facts[index] = unpacked;
        }
    });
    facts
}

/// The bytes behind a packed text or packed facts; none if they are damaged.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(packed).ok()??;
    if size > SIZE_MAX {
        return None;
    }
    let bytes = UNPACKER.with_borrow_mut(|unpacker| {
        if unpacker.is_none() {
            *unpacker = Decompressor::new().ok();
        }
        unpacker.as_mut()?.decompress(packed, size as usize).ok()
    })?;
    (bytes.len() as u64 == size).then_some(bytes)
}

/// Bytes packed, for [`unpack`]; none where that does not make them fewer.
pub(super) fn packed_if_smaller(bytes: &[u8]) -> Option<Vec<u8>> {
    let packed = PACKER.with_borrow_mut(|packer| {
        if packer.is_none() {
            *packer = compressor().ok();
        }
        packer.as_mut()?.compress(bytes).ok()
    })?;
    (packed.len() < bytes.len()).then_some(packed)
}

thread_local! {
    /// Making one costs more than packing a group of rows with it.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    /// Making one costs more than unpacking a file with it.
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        let mut packer = Packer::new().expect("memory");
        let text = b"fn main() {}\n".repeat(100);
        let packed = packer.text(&text).expect("packs");
        assert!(packed.len() < text.len() / 4);
        assert_eq!(unpack(&packed), Some(text));
        let facts = FileFacts::default();
        assert_eq!(unpack_facts(&packer.facts(&facts).expect("packs")), Some(facts));
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let packed = Packer::new().expect("memory").text(&b"some text, some text".repeat(9)).expect("packs");
        assert_eq!(unpack(&packed[..packed.len() - 3]), None);
        for bit in 0..packed.len() * 8 {
            let mut flipped = packed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(unpack(&flipped).is_none_or(|text| text == b"some text, some text".repeat(9)), "bit {bit}");
        }
        assert_eq!(unpack(b"no frame"), None);
        assert_eq!(unpack(b""), None);
        assert_eq!(unpack_facts(&packed), None);
    }
}
