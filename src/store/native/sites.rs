//! Occurrences as the indexes of uses and of unsettled names hold them: whole, so that a question who uses a
//! definition reads one entry and no file.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::model::varint::{Reader, put, put_delta};
use crate::model::{Occurrence, Outcome, Position, Reason, Role, Rule, Span, SymbolId};
use crate::store::packed::packed_if_smaller;
use crate::store::{FileId, unpack};

use super::index::{FileSteps, Row};
use super::records::StoredTarget;

/// Shorter entries are not worth packing.
const PACKED_BYTES_MIN: usize = 200;

/// An occurrence under the head of what it means, or of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) name: Arc<str>,
    pub(super) role: Role,
    pub(super) span: Span,
    pub(super) position: Position,
    pub(super) symbol: Option<SymbolId>,
    pub(super) arity: Option<u16>,
    pub(super) meaning: Meaning,
}

/// What an occurrence means, seen from the head it stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Meaning {
    /// The definition of the head.
    Resolved(Rule),
    /// That or others: the targets of the file's occurrence of this number say which.
    OneOf(u32),
    /// Not settled.
    Unknown(Reason),
}

impl Meaning {
    /// Of the occurrence of number `index`; none if nothing in the tree is meant by it.
    pub(super) fn of(index: u32, outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Resolved(_, rule) => Some(Self::Resolved(*rule)),
            Outcome::Candidates(..) => Some(Self::OneOf(index)),
            Outcome::Unknown(reason) => Some(Self::Unknown(*reason)),
            Outcome::File(..) | Outcome::External(..) => None,
        }
    }

    /// The same from what is stored.
    pub(super) fn of_stored(index: u32, target: &StoredTarget) -> Option<Self> {
        match target {
            StoredTarget::Resolved(_, rule) => Some(Self::Resolved(*rule)),
            StoredTarget::Candidates(..) => Some(Self::OneOf(index)),
            StoredTarget::Unknown(reason) => Some(Self::Unknown(*reason)),
            StoredTarget::File(..) | StoredTarget::External(..) => None,
        }
    }

    fn tag(self) -> (u8, u8) {
        match self {
            Self::Resolved(rule) => (RESOLVED, rule as u8),
            Self::OneOf(_) => (ONE_OF, 0),
            Self::Unknown(reason) => (UNKNOWN, reason as u8),
        }
    }
}

const RESOLVED: u8 = 0;
const ONE_OF: u8 = 1;
const UNKNOWN: u8 = 2;
/// Roles are fewer than this; a shape's first byte is the role and this many times the meaning.
const ROLES_MAX: u8 = 16;

impl Site {
    pub(super) fn new(name: Arc<str>, occurrence: &Occurrence, position: Position, meaning: Meaning) -> Self {
        let Occurrence { role, span, symbol, arity, .. } = *occurrence;
        Self { name, role, span, position, symbol, arity, meaning }
    }

    fn shape(&self) -> Shape {
        let (meaning, evidence) = self.meaning.tag();
        Shape {
            tag: self.role as u8 + ROLES_MAX * meaning,
            evidence,
            arity: self.arity.map_or(0, |arity| u32::from(arity) + 1),
            name: Arc::clone(&self.name),
            length: self.span.len(),
        }
    }
}

/// What many sites of an entry have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Shape {
    tag: u8,
    evidence: u8,
    arity: u32,
    name: Arc<str>,
    length: u32,
}

impl Row for Site {
    fn encode<'r>(files: impl Iterator<Item = (FileId, &'r [Self])>, out: &mut Vec<u8>) {
        let files: Vec<_> = files.collect();
        let mut numbers: FxHashMap<Shape, u32> = FxHashMap::default();
        let mut shapes: Vec<u8> = Vec::new();
        let mut name: Arc<str> = Arc::default();
        let mut shape_of: Vec<u32> = Vec::new();
        for site in files.iter().flat_map(|(_, sites)| *sites) {
            let (shape, next) = (site.shape(), numbers.len() as u32);
            let number = *numbers.entry(shape).or_insert_with_key(|shape| {
                put_shape(&mut shapes, shape, &name);
                name = Arc::clone(&shape.name);
                next
            });
            shape_of.push(number);
        }
        let mut body = Vec::new();
        put(&mut body, numbers.len() as u32);
        body.extend(shapes);
        let is_one = numbers.len() == 1;
        let (mut steps, mut shape_of) = (FileSteps::default(), shape_of.into_iter());
        for (file, sites) in files {
            steps.put(&mut body, file);
            put(&mut body, sites.len() as u32);
            let mut before = (0, 0, 0);
            for (site, shape) in sites.iter().zip(&mut shape_of) {
                if !is_one {
                    put(&mut body, shape);
                }
                before = put_site(&mut body, site, before);
            }
        }
        match (body.len() >= PACKED_BYTES_MIN).then(|| packed_if_smaller(&body)).flatten() {
            Some(packed) => {
                out.push(1);
                out.extend(packed);
            }
            None => {
                out.push(0);
                out.extend(body);
            }
        }
    }

    fn decode(content: &[u8]) -> Option<Vec<(u32, Vec<Self>)>> {
        match content.split_first()? {
            (0, body) => decode_body(body),
            (1, packed) => decode_body(&unpack(packed)?),
            _ => None,
        }
    }
}

fn put_shape(out: &mut Vec<u8>, shape: &Shape, before: &Arc<str>) {
    out.push(shape.tag);
    out.push(shape.evidence);
    put(out, shape.arity);
    // 0 stands for the name of the shape before.
    if shape.name == *before {
        put(out, 0);
    } else {
        put(out, shape.name.len() as u32 + 1);
        out.extend_from_slice(shape.name.as_bytes());
    }
    put_delta(out, shape.name.len() as u32, shape.length);
}

fn get_shape(reader: &mut Reader<'_>, before: &Arc<str>) -> Option<Shape> {
    let (tag, evidence, arity) = (reader.byte()?, reader.byte()?, reader.get()?);
    let name = match reader.get()? {
        0 => Arc::clone(before),
        length => std::str::from_utf8(reader.take(length as usize - 1)?).ok()?.into(),
    };
    let length = reader.get_delta(name.len() as u32)?;
    Some(Shape { tag, evidence, arity, name, length })
}

/// Start, line and definition of the site before, from which differences are taken.
type Before = (u32, u32, u32);

fn put_site(out: &mut Vec<u8>, site: &Site, (start, line, symbol): Before) -> Before {
    let own = site.symbol.map_or(0, |symbol| symbol.0 + 1);
    put_delta(out, start, site.span.start);
    put_delta(out, line, site.position.line);
    put(out, site.position.column);
    put_delta(out, symbol, own);
    if let Meaning::OneOf(index) = site.meaning {
        put(out, index);
    }
    (site.span.start, site.position.line, own)
}

fn get_site(reader: &mut Reader<'_>, shape: &Shape, before: Before) -> Option<(Site, Before)> {
    let start = reader.get_delta(before.0)?;
    let line = reader.get_delta(before.1)?;
    let column = reader.get()?;
    let symbol = reader.get_delta(before.2)?;
    let meaning = match shape.tag / ROLES_MAX {
        RESOLVED => Meaning::Resolved(Rule::WORDS.get(usize::from(shape.evidence))?.0),
        ONE_OF => Meaning::OneOf(reader.get()?),
        UNKNOWN => Meaning::Unknown(Reason::WORDS.get(usize::from(shape.evidence))?.0),
        _ => return None,
    };
    let site = Site {
        name: Arc::clone(&shape.name),
        role: Role::WORDS.get(usize::from(shape.tag % ROLES_MAX))?.0,
        span: Span::new(start, start.checked_add(shape.length)?),
        position: Position { line, column },
        symbol: symbol.checked_sub(1).map(SymbolId),
        arity: shape.arity.checked_sub(1).map(u16::try_from).transpose().ok()?,
        meaning,
    };
    Some((site, (start, line, symbol)))
}

fn decode_body(body: &[u8]) -> Option<Vec<(u32, Vec<Site>)>> {
    let mut reader = Reader::new(body);
    let count = reader.get()? as usize;
    let mut shapes: Vec<Shape> = Vec::with_capacity(count.min(reader.len()));
    let mut name: Arc<str> = Arc::default();
    for _ in 0..count {
        let shape = get_shape(&mut reader, &name)?;
        name = Arc::clone(&shape.name);
        shapes.push(shape);
    }
    let (mut files, mut steps) = (Vec::new(), FileSteps::default());
    while !reader.is_empty() {
        let low = steps.get(&mut reader)?;
        let rows = reader.get()? as usize;
        let mut sites = Vec::with_capacity(rows.min(reader.len()));
        let mut before = (0, 0, 0);
        for _ in 0..rows {
            let shape = if shapes.len() == 1 { 0 } else { reader.get()? as usize };
            let (site, next) = get_site(&mut reader, shapes.get(shape)?, before)?;
            before = next;
            sites.push(site);
        }
        files.push((low, sites));
    }
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(start: u32, name: &str, meaning: Meaning) -> Site {
        Site {
            name: name.into(),
            role: Role::Call,
            span: Span::new(start, start + 7),
            position: Position { line: start / 10 + 1, column: start % 10 },
            symbol: (start > 50).then_some(SymbolId(start)),
            arity: (start > 20).then_some(2),
            meaning,
        }
    }

    #[test]
    fn sites_come_back() {
        let known = Meaning::Resolved(Rule::WORDS[1].0);
        let unknown = Meaning::Unknown(Reason::WORDS[2].0);
        for repeated in [1, 40] {
            let sites = vec![
                site(10, "call", known),
                site(30, "renamed", known),
                site(60, "call", Meaning::OneOf(9)),
                site(70, "call", unknown),
            ];
            let files = [(FileId(3), vec![sites; repeated].concat()), (FileId(250), vec![site(5, "call", known)])];
            let mut bytes = Vec::new();
            Site::encode(files.iter().map(|(file, sites)| (*file, &**sites)), &mut bytes);
            assert_eq!(bytes[0], u8::from(repeated > 1));
            let found = Site::decode(&bytes).expect("whole");
            assert_eq!(found.into_iter().map(|(low, sites)| (FileId(low), sites)).collect::<Vec<_>>(), files);
            for end in 0..bytes.len() {
                assert!(Site::decode(&bytes[..end]).is_none_or(|found| found.len() < 2), "cut at {end}");
            }
        }
    }
}
