//! What could bring a definition to life although nothing is known to use it: something it overrides, something that
//! is declared elsewhere, sites that are not settled, its name in a text.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang::{self, GrammarNames};
use crate::model::{Marks, RelationKind, Span, SymbolKind, Visibility};
use crate::query::hierarchy::{known, owners};
use crate::query::offered::{is_header, outside};
use crate::query::site::{Meaning, meant};
use crate::query::texts::each_text;
use crate::query::{Ground, Result};
use crate::store::{FileId, FileRow, Glob, NamePattern, OccurrenceRow, RelationRow, SymbolKey, SymbolRow, Target};

use super::life::{Life, Node};

/// What would bring a definition to life.
#[derive(Default)]
pub(super) struct Wakes {
    /// It lives if any of these does.
    pub(super) by: Vec<Node>,
    /// It is shown to others under its declaration.
    pub(super) is_offered: bool,
    /// Its type is built on something outside of the tree or not known, which may call it.
    pub(super) outside_base: bool,
}

/// Looks for it, and remembers what it read.
pub(super) struct Search<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) life: &'a Life,
    relations: FxHashMap<FileId, Vec<RelationRow>>,
    hooks: FxHashMap<String, Vec<Glob>>,
    /// All definitions of a name: some names have thousands, and each of those is looked at.
    namesakes: FxHashMap<String, Rc<[SymbolRow]>>,
    owners: FxHashMap<SymbolKey, Rc<[SymbolKey]>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, life: &'a Life) -> Self {
        let (namesakes, owners) = (FxHashMap::default(), FxHashMap::default());
        Self { ground, life, relations: FxHashMap::default(), hooks: FxHashMap::default(), namesakes, owners }
    }

    fn namesakes(&mut self, name: &str) -> Result<Rc<[SymbolRow]>> {
        if let Some(known) = self.namesakes.get(name) {
            return Ok(Rc::clone(known));
        }
        let found: Rc<[SymbolRow]> = self.ground.snapshot.find(&NamePattern::Exact(name.to_owned()))?.into();
        self.namesakes.insert(name.to_owned(), Rc::clone(&found));
        Ok(found)
    }

    fn owners(&mut self, method: &SymbolRow) -> Result<Rc<[SymbolKey]>> {
        if let Some(known) = self.owners.get(&method.key) {
            return Ok(Rc::clone(known));
        }
        let found: Rc<[SymbolKey]> = owners(self.ground, method)?.iter().map(|owner| owner.key).collect();
        self.owners.insert(method.key, Rc::clone(&found));
        Ok(found)
    }

    /// What would bring `row` to life.
    pub(super) fn wakes(&mut self, row: &SymbolRow) -> Result<Wakes> {
        let mut wakes = Wakes::default();
        let parent = row.parent.map(|parent| self.ground.snapshot.symbol(parent)).transpose()?.flatten();
        if row.name.starts_with('<') || self.is_hook(row) {
            wakes.by.push(self.around(row));
        }
        // What is said of something elsewhere is said for others.
        if parent.as_ref().is_some_and(|parent| parent.kind.is_module() && parent.marks.has(Marks::DECLARATION)) {
            wakes.by.push(self.life.top_of(row.key.file));
        }
        if parent.is_none() && row.kind == SymbolKind::Method {
            self.of_value(row, &mut wakes)?;
        }
        self.twins(row, &mut wakes)?;
        if matches!(row.kind, SymbolKind::Method | SymbolKind::Property | SymbolKind::Function) {
            self.overridden(row, parent.as_ref(), &mut wakes)?;
        }
        wakes.by.sort_unstable();
        wakes.by.dedup();
        Ok(wakes)
    }

    /// The node whose life is that of a part nobody names.
    fn around(&self, row: &SymbolRow) -> Node {
        let parent = row.parent.and_then(|parent| self.life.node(parent));
        // At the top level, what the language calls is called.
        parent.unwrap_or_else(|| self.life.top_of(row.key.file))
    }

    fn is_hook(&mut self, row: &SymbolRow) -> bool {
        let hooks = self.hooks.entry(row.language.clone()).or_insert_with(|| {
            outside(&row.language).map_or(&[][..], |outside| outside.hooks).iter().map(|glob| Glob::new(glob)).collect()
        });
        hooks.iter().any(|hook| hook.matches(&row.name))
    }

    /// A method that was given to an object lives with that object, which can be handed on.
    fn of_value(&self, row: &SymbolRow, wakes: &mut Wakes) -> Result<()> {
        let owners = owners(self.ground, row)?;
        if owners.is_empty() {
            wakes.by.push(self.life.top_of(row.key.file));
        }
        let values = owners.iter().filter(|owner| !owner.kind.is_type() && owner.kind != SymbolKind::Impl);
        wakes.by.extend(values.filter_map(|owner| self.life.node(owner.key)));
        Ok(())
    }

    /// What declares it elsewhere.
    fn twins(&mut self, row: &SymbolRow, wakes: &mut Wakes) -> Result<()> {
        let namesakes = self.namesakes(&row.name)?;
        // Of definitions under one name, a condition picks one: what uses any of them may use each.
        for twin in namesakes.iter().filter(|twin| twin.qualified_name == row.qualified_name) {
            wakes.by.extend(self.life.node(twin.key).filter(|_| twin.key != row.key));
        }
        for twin in meant(self.ground.snapshot, row, &namesakes)?.iter().skip(1) {
            wakes.by.extend(self.life.node(twin.key));
            let in_header = outside(&twin.language)
                .is_some_and(|outside| !outside.headers.is_empty() && is_header(outside, &twin.path));
            wakes.is_offered |= in_header && twin.visibility == Visibility::Public;
        }
        Ok(())
    }

    /// Members of base types that a call may name instead, and bases that nothing is known of.
    fn overridden(&mut self, row: &SymbolRow, parent: Option<&SymbolRow>, wakes: &mut Wakes) -> Result<()> {
        let mut types: Vec<SymbolKey> = match parent {
            Some(parent) if parent.kind == SymbolKind::Impl || parent.kind.is_type() => vec![parent.key],
            _ => self.owners(row)?.to_vec(),
        };
        if types.is_empty() {
            return Ok(());
        }
        self.structural(row, wakes)?;
        let is_block = parent.is_some_and(|parent| parent.kind == SymbolKind::Impl);
        let mut next = 0;
        while let Some(&class) = types.get(next) {
            next += 1;
            for relation in self.relations(class)? {
                match (&relation.target, relation.kind) {
                    (_, RelationKind::MemberOf) => {}
                    (Target::External(..) | Target::File(..), _) if is_block => {
                        wakes.by.extend(self.life.node(class));
                    }
                    (Target::External(..) | Target::File(..) | Target::Unknown(_), _) => wakes.outside_base = true,
                    (target, _) => {
                        for base in known(target).into_iter().filter(|base| !types.contains(base)).collect::<Vec<_>>() {
                            types.push(base);
                        }
                    }
                }
            }
        }
        let bases: FxHashSet<SymbolKey> = types.into_iter().skip(1).collect();
        if !bases.is_empty() {
            for other in self.namesakes(&row.name)?.iter() {
                let is_member = other.parent.is_some_and(|parent| bases.contains(&parent))
                    || self.owners(other)?.iter().any(|owner| bases.contains(owner));
                wakes.by.extend(self.life.node(other.key).filter(|_| is_member && other.key != row.key));
            }
        }
        Ok(())
    }

    /// Where having a method is implementing it: the methods of that name of any interface, and interfaces outside.
    fn structural(&mut self, row: &SymbolRow, wakes: &mut Wakes) -> Result<()> {
        let is_structural =
            |language: &str| lang::by_name(language).is_some_and(|language| language.link.structural_interfaces);
        if !is_structural(&row.language) {
            return Ok(());
        }
        wakes.outside_base |= row.visibility == Visibility::Public;
        for other in self.namesakes(&row.name)?.iter() {
            if other.marks.has(Marks::ABSTRACT) && other.language == row.language {
                wakes.by.extend(self.life.node(other.key));
            }
        }
        Ok(())
    }

    fn relations(&mut self, class: SymbolKey) -> Result<Vec<RelationRow>> {
        if !self.relations.contains_key(&class.file) {
            let rows = self.ground.snapshot.relations_in(class.file)?;
            self.relations.insert(class.file, rows);
        }
        let rows = self.relations.get(&class.file).map_or(&[][..], |rows| rows);
        Ok(rows.iter().filter(|row| row.from == class).cloned().collect())
    }
}

/// Unsettled sites that could mean a definition, those inside of it left out.
pub(super) fn unresolved(ground: &Ground<'_>, row: &SymbolRow) -> Result<usize> {
    let meaning = Meaning::of(ground.snapshot, row)?;
    let is_inside = |site: &OccurrenceRow| {
        site.file == row.key.file && row.span.start <= site.span.start && site.span.end <= row.span.end
    };
    let possible = meaning.possible(ground.snapshot, |_| true)?;
    Ok(possible.iter().filter(|site| !is_inside(site)).count())
}

/// Where else a name stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mentions {
    /// In code where nothing was looked up, in strings and in macros: places in which it may be used.
    pub(super) unread: usize,
    /// As the name of something outside of the tree.
    pub(super) external: usize,
}

/// Where else the sorted names stand.
pub(super) fn mentions(ground: &Ground<'_>, files: &[FileRow], names: &[&str]) -> Result<Vec<Mentions>> {
    let wanted = fragments(names);
    let found = each_text(ground.snapshot, files, |text| {
        let mut found: Vec<(u32, usize)> = Vec::new();
        each_name(text, |start, name| {
            found.extend(wanted.get(name).into_iter().flatten().map(|&at| (start, at)));
        });
        found
    })?;
    let mut counts = vec![Mentions::default(); names.len()];
    for (file, mut found) in files.iter().zip(found).filter(|(_, found)| !found.is_empty()) {
        let mut settled: FxHashMap<u32, bool> = FxHashMap::default();
        settled.extend(ground.snapshot.symbols(file.id)?.iter().map(|row| (row.name_span.start, false)));
        let sites = ground.snapshot.occurrences(file.id)?;
        settled.extend(sites.iter().map(|row| (row.span.start, matches!(row.target, Target::External(..)))));
        found.retain(|(start, at)| {
            let is_external = settled.get(start).copied();
            counts[*at].external += usize::from(is_external == Some(true));
            is_external.is_none()
        });
        if found.is_empty() {
            continue;
        }
        let parts = Parts::of(ground, file)?;
        let text = ground.snapshot.text(file.id)?;
        for (start, at) in found {
            let (from, end) = (start as usize, start as usize + names[at].len());
            let is_whole = text.get(from..end) == Some(names[at].as_bytes());
            counts[at].unread += usize::from(parts.can_use(start, is_whole));
        }
    }
    Ok(counts)
}

/// The names, and the parts of them that text can be put together from: `"visit_" + kind`, `` `${kind}Visitor` ``,
/// `kind##_visit`. For each those that have it.
fn fragments<'n>(names: &[&'n str]) -> FxHashMap<&'n [u8], Vec<usize>> {
    let mut found: FxHashMap<&[u8], Vec<usize>> = FxHashMap::default();
    for (at, name) in names.iter().enumerate() {
        let bytes = name.as_bytes();
        found.entry(bytes).or_default().push(at);
        for middle in FRAGMENT_BYTES_MIN..bytes.len() {
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

/// Shorter parts of names say nothing.
const FRAGMENT_BYTES_MIN: usize = 3;

/// Calls `found` with every name as a whole.
fn each_name<'t>(text: &'t [u8], mut found: impl FnMut(u32, &'t [u8])) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let mut at = 0;
    while at < text.len() {
        if !is_part(&text[at]) {
            at += 1;
            continue;
        }
        let length = text[at..].iter().take_while(|byte| is_part(byte)).count();
        found(at as u32, &text[at..at + length]);
        at += length;
    }
}

/// Words of kinds of nodes in which names are not looked up.
const OPAQUE_WORDS: [&str; 6] = ["string", "macro", "token_tree", "preproc", "ERROR", "attribute"];

/// The parts of a file that are no plain code.
struct Parts {
    /// In which names are not looked up.
    opaque: Vec<Span>,
    comments: Vec<Span>,
}

impl Parts {
    fn of(ground: &Ground<'_>, file: &FileRow) -> Result<Self> {
        let mut parts = Self { opaque: Vec::new(), comments: Vec::new() };
        let Some((language, dialect)) = lang::by_dialect(&file.dialect) else { return Ok(parts) };
        let names: GrammarNames = dialect.names();
        for node in ground.snapshot.ast(file.id)? {
            let word = names.kind(node.kind).unwrap_or_default();
            if language.comments.contains(&word) {
                parts.comments.push(node.span);
            } else if OPAQUE_WORDS.iter().any(|part| word.contains(part)) {
                parts.opaque.push(node.span);
            }
        }
        Ok(parts)
    }

    /// Whether what stands at a place can be a use: a name anywhere but in comments, a part of one where text is put
    /// together.
    fn can_use(&self, offset: u32, is_whole: bool) -> bool {
        let is_in = |spans: &[Span]| spans.iter().any(|span| span.contains(offset));
        !is_in(&self.comments) && (is_whole || is_in(&self.opaque))
    }
}
