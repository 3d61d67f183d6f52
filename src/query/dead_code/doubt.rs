//! What could use a definition that nothing is known to use: its name in a text.

use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memmem;
use rustc_hash::FxHashMap;

use crate::index::stored_manifests;
use crate::lang::{self, GrammarNames};
use crate::model::{FileFacts, Span, SyntaxNode, decode_ast};
use crate::query::offered::outside;
use crate::query::texts::{each_part_wanted, each_text};
use crate::query::{Ground, Result};
use crate::store::{FileRow, Part, unpack};

/// What is looked for in all files.
pub(super) struct Wanted<'w> {
    /// The names.
    pub(super) names: &'w [&'w str],
    /// Whether each use is to be counted; else one is enough.
    pub(super) is_all: bool,
}

/// Where else the names stand.
pub(super) struct Mentions<T> {
    /// For each name, in code where nothing was looked up, in strings and in macros: places in which it may be used, or
    /// some of them if one is enough.
    pub(super) unread: Vec<usize>,
    /// Of each file, what else was looked for; of none if there is no name.
    pub(super) besides: Vec<T>,
    /// Of each file, where a name or a part of it begins that was looked up, with the name.
    files: Vec<(FileRow, Vec<Hit>)>,
}

/// The first byte of a name or part of it in a text, and which name that is.
type Hit = (u32, usize);

/// What of a name stands in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Part,
    Whole,
    /// All of it, in a line that says before it that something is imported.
    Imported,
}

impl<T: Send> Mentions<T> {
    /// Looks for the names in all files, and at each text for something else while it is at hand, given the file's place.
    pub(super) fn of(
        ground: &Ground<'_>,
        files: &[FileRow],
        wanted: &Wanted<'_>,
        look: impl Fn(usize, &[u8]) -> T + Sync,
    ) -> Result<Self> {
        let Wanted { names, is_all } = *wanted;
        let mut found = Self { unread: vec![0; names.len()], besides: Vec::new(), files: Vec::new() };
        if names.is_empty() {
            return Ok(found);
        }
        let words = Words::new(names);
        let looked =
            each_text(ground.snapshot, files, |at, text| (words.hits(text, importing(&files[at])), look(at, text)))?;
        let (hits, besides): (Vec<_>, Vec<_>) = looked.into_iter().unzip();
        found.besides = besides;
        for manifest in stored_manifests(ground.snapshot)?.unwrap_or_default() {
            let hits = words.hits(manifest.text.as_bytes(), &[]);
            hits.iter().filter(|(_, extent)| *extent != Extent::Part).for_each(|((_, at), _)| found.unread[*at] += 1);
        }
        let (files, hits): (Vec<FileRow>, Vec<Vec<(Hit, Extent)>>) =
            files.iter().cloned().zip(hits).filter(|(_, hits)| !hits.is_empty()).unzip();
        // Where one doubt is enough, most names need not be looked for in all files.
        let is_found: Vec<AtomicBool> = names.iter().map(|_| AtomicBool::new(false)).collect();
        let is_open = |((_, name), _): &&(Hit, Extent)| is_all || !is_found[*name].load(Ordering::Relaxed);
        let is_wanted = |at: usize| hits[at].iter().any(|hit| is_open(&hit));
        let parts = [Part::Facts, Part::Ast];
        let looked_up = each_part_wanted(ground.snapshot, &files, parts, is_wanted, |at, [facts, ast]| {
            let hits: Vec<(Hit, Extent)> = hits[at].iter().filter(is_open).copied().collect();
            let sorted_out = sorted_out(&files[at], &hits, &facts, &ast)?;
            sorted_out.0.iter().for_each(|name| is_found[*name].store(true, Ordering::Relaxed));
            Some(sorted_out)
        })?;
        for (at, (unread, looked_up)) in looked_up {
            unread.into_iter().for_each(|at| found.unread[at] += 1);
            if !looked_up.is_empty() {
                found.files.push((files[at].clone(), looked_up));
            }
        }
        Ok(found)
    }

    /// How often each of the `wanted` names stands for something outside of the tree, or up to `enough` of that.
    pub(super) fn external(&self, ground: &Ground<'_>, wanted: &[bool], enough: usize) -> Result<Vec<usize>> {
        let mut counts = vec![0; wanted.len()];
        for (file, hits) in &self.files {
            let is_open = |counts: &[usize], at: usize| wanted[at] && counts[at] < enough;
            if !hits.iter().any(|(_, at)| is_open(&counts, *at)) {
                continue;
            }
            let starts = ground.snapshot.external_starts(file.id)?;
            for &(start, at) in hits {
                counts[at] += usize::from(is_open(&counts, at) && starts.binary_search(&start).is_ok());
            }
        }
        Ok(counts)
    }
}

/// Of what was found in a file, the names that may be used where they stand without having been looked up, and what was
/// looked up. None if what is kept of the file is damaged.
fn sorted_out(file: &FileRow, hits: &[(Hit, Extent)], facts: &[u8], ast: &[u8]) -> Option<(Vec<usize>, Vec<Hit>)> {
    let facts = FileFacts::decode_sites(&unpack(facts)?)?;
    let mut starts: Vec<u32> = facts.occurrences.iter().map(|site| site.span.start).collect();
    starts.sort_unstable();
    let mut defined: Vec<u32> = facts.symbols.iter().map(|symbol| symbol.name_span.start).collect();
    defined.sort_unstable();
    let (mut looked_up, mut loose) = (Vec::new(), Vec::new());
    for &((start, at), extent) in hits {
        if starts.binary_search(&start).is_ok() {
            looked_up.push((start, at));
        } else if defined.binary_search(&start).is_err() {
            loose.push(((start, at), extent));
        }
    }
    if loose.is_empty() {
        return Some((Vec::new(), looked_up));
    }
    let parts = Parts::of(file, &decode_ast(&unpack(ast)?)?);
    loose.retain(|((start, _), extent)| parts.can_use(*start, *extent));
    Some((loose.into_iter().map(|((_, at), _)| at).collect(), looked_up))
}

/// The names, and parts of them, to be found in texts.
struct Words<'n> {
    names: &'n [&'n str],
    fragments: FxHashMap<&'n [u8], Vec<usize>>,
    /// For each first byte, the lengths that a word of interest can have, those over 63 as one.
    lengths: [u64; 256],
}

impl<'n> Words<'n> {
    fn new(names: &'n [&'n str]) -> Self {
        let fragments = fragments(names);
        let mut lengths = [0; 256];
        for word in fragments.keys().filter(|word| !word.is_empty()) {
            lengths[usize::from(word[0])] |= 1 << word.len().min(63);
        }
        Self { names, fragments, lengths }
    }

    /// All of them in a text of a language in which `importing` stands before what is imported.
    fn hits(&self, text: &[u8], importing: &[&str]) -> Vec<(Hit, Extent)> {
        let mut found = Vec::new();
        each_name(text, |start, word| {
            if self.lengths[usize::from(word[0])] & (1 << word.len().min(63)) == 0 {
                return;
            }
            for &at in self.fragments.get(word).into_iter().flatten() {
                let from = start as usize;
                let is_whole = text.get(from..from + self.names[at].len()) == Some(self.names[at].as_bytes());
                let extent = match is_whole {
                    true if is_imported(&text[..from], importing) => Extent::Imported,
                    true => Extent::Whole,
                    false => Extent::Part,
                };
                found.push(((start, at), extent));
            }
        });
        found
    }
}

/// The names, and the parts of them that text can be put together from: `"visit_" + kind`, `` `${kind}Visitor` ``,
/// `kind##_visit`. For each those that have it.
fn fragments<'n>(names: &[&'n str]) -> FxHashMap<&'n [u8], Vec<usize>> {
    let mut found: FxHashMap<&[u8], Vec<usize>> = FxHashMap::default();
    for (at, name) in names.iter().enumerate() {
        let bytes = name.as_bytes();
        found.entry(bytes).or_default().push(at);
        for middle in PREFIX_BYTES_MIN..bytes.len() {
            if bytes[middle - 1] == b'_' {
                found.entry(&bytes[..middle]).or_default().push(at);
            }
        }
        for middle in 1..(bytes.len() + 1).saturating_sub(FRAGMENT_BYTES_MIN) {
            let is_start = bytes[middle] == b'_'
                || (bytes[middle].is_ascii_uppercase() && !bytes[middle - 1].is_ascii_uppercase());
            if is_start {
                found.entry(&bytes[middle..]).or_default().push(at);
            }
        }
    }
    found
}

/// Shorter ends of names say nothing.
const FRAGMENT_BYTES_MIN: usize = 3;

/// Generated names begin with a letter that says what they are: `s_##id`.
const PREFIX_BYTES_MIN: usize = 2;

/// Which bytes names are made of.
const PARTS: [bool; 256] = {
    let mut parts = [false; 256];
    let mut byte = 0;
    while byte < parts.len() {
        parts[byte] = (byte as u8).is_ascii_alphanumeric() || byte == b'_' as usize || byte >= 0x80;
        byte += 1;
    }
    parts
};

/// Calls `found` with every name as a whole.
fn each_name<'t>(text: &'t [u8], mut found: impl FnMut(u32, &'t [u8])) {
    let mut start = None;
    for (at, byte) in text.iter().enumerate() {
        match (PARTS[usize::from(*byte)], start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found(from as u32, &text[from..at]);
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    if let Some(from) = start {
        found(from as u32, &text[from..]);
    }
}

/// Words of kinds of nodes in which names are not looked up.
const OPAQUE_WORDS: [&str; 6] = ["string", "macro", "token_tree", "preproc", "ERROR", "attribute"];

/// Adds a span that begins where the last one does or later, so that all stay apart from each other and in order.
fn add(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
        _ => spans.push(span),
    }
}

/// The parts of a file that are no plain code.
struct Parts {
    /// In which names are not looked up.
    opaque: Vec<Span>,
    comments: Vec<Span>,
}

impl Parts {
    fn of(file: &FileRow, nodes: &[SyntaxNode]) -> Self {
        let mut parts = Self { opaque: Vec::new(), comments: Vec::new() };
        let Some((language, dialect)) = lang::by_dialect(&file.dialect) else { return parts };
        let names: GrammarNames = dialect.names();
        // A file has many nodes of few kinds.
        let mut kinds: FxHashMap<u16, Option<bool>> = FxHashMap::default();
        for node in nodes {
            let is_comment = kinds.entry(node.kind).or_insert_with(|| {
                let word = names.kind(node.kind).unwrap_or_default();
                let is_comment = language.comments.contains(&word);
                (is_comment || OPAQUE_WORDS.iter().any(|part| word.contains(part))).then_some(is_comment)
            });
            match is_comment {
                Some(true) => add(&mut parts.comments, node.span),
                Some(false) => add(&mut parts.opaque, node.span),
                None => {}
            }
        }
        parts
    }

    /// Whether what stands at a place can be a use: a name anywhere but in comments, a part of one where text is put
    /// together. A comment can tell users what to import.
    fn can_use(&self, offset: u32, extent: Extent) -> bool {
        let is_in = |spans: &[Span]| {
            let after = spans.partition_point(|span| span.start <= offset);
            after.checked_sub(1).is_some_and(|at| spans[at].contains(offset))
        };
        match extent {
            Extent::Imported => true,
            Extent::Whole => !is_in(&self.comments),
            Extent::Part => !is_in(&self.comments) && is_in(&self.opaque),
        }
    }
}

/// Whether a line says up to its end that something is imported.
fn is_imported(text: &[u8], importing: &[&str]) -> bool {
    let line = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    importing.iter().any(|word| memmem::find(line, word.as_bytes()).is_some())
}

fn importing(file: &FileRow) -> &'static [&'static str] {
    outside(&file.language).map_or(&[], |outside| outside.importing)
}
