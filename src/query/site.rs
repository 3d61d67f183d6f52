//! Uses of symbols as replies show them, and which unsettled ones could mean a symbol.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::lang;
use crate::model::{Arity, Marks, Position, Reason, RelationKind, Role, Rule, SymbolKind};
use crate::store::{FileId, NamePattern, OccurrenceRow, Snapshot, SymbolKey, SymbolRow, Target};

use super::queue::Queue;
use super::{Result, Step};

/// A definition in one line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Brief {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: &'static str,
    /// Its qualified name.
    pub qualified_name: String,
    /// File path.
    pub path: String,
    /// Position of the name.
    #[serde(flatten)]
    pub position: Position,
}

impl From<&SymbolRow> for Brief {
    fn from(row: &SymbolRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind.word(),
            qualified_name: row.qualified_name.clone(),
            path: row.path.clone(),
            position: row.position,
        }
    }
}

/// One use of a name, with what it was found to mean and by which evidence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Site {
    /// File path.
    pub path: String,
    /// Position of the name.
    #[serde(flatten)]
    pub position: Position,
    /// How the name is used.
    pub role: &'static str,
    /// The name as written.
    pub name: String,
    /// `resolved`, `candidates`, `external` or `unknown`.
    pub outcome: &'static str,
    /// The rule that settled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'static str>,
    /// Why it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The name outside the tree, or the path of the file that is meant as a module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// How many definitions it can reach.
    pub reaches: usize,
    /// The steps that led to the outcome, if they were asked for; the last rest on the first. None if the tree has
    /// changed so that it would be linked otherwise now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<Step>,
}

impl From<&OccurrenceRow> for Site {
    fn from(row: &OccurrenceRow) -> Self {
        let (outcome, rule, reason, external, reaches) = match &row.target {
            Target::Resolved(_, rule) => ("resolved", Some(rule.word()), None, None, 1),
            Target::Candidates(keys, rule) => ("candidates", Some(rule.word()), None, None, keys.len()),
            Target::File(path, rule) => ("file", Some(rule.word()), None, Some(path.clone()), 0),
            Target::External(name, rule) => ("external", Some(rule.word()), None, Some(name.clone()), 0),
            Target::Unknown(reason) => ("unknown", None, Some(reason.word()), None, 0),
        };
        Self {
            path: row.path.clone(),
            position: row.position,
            role: row.role.word(),
            name: row.name.clone(),
            outcome,
            rule,
            reason,
            external,
            reaches,
            why: Vec::new(),
        }
    }
}

/// Sites that stand in one definition, or at the top level of one file.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Enclosing {
    /// The definition; none at top level.
    pub symbol: Option<Brief>,
    /// The file.
    pub path: String,
    /// The sites in source order.
    pub sites: Vec<Site>,
}

/// Groups uses, sorted by path and position, by the definition they stand in. `why` has the steps of each use, or is
/// empty.
pub(super) fn group(snapshot: &dyn Snapshot, uses: &[OccurrenceRow], why: Vec<Vec<Step>>) -> Result<Vec<Enclosing>> {
    let mut why = why.into_iter();
    let mut groups: Vec<Enclosing> = Vec::new();
    let mut places: BTreeMap<(FileId, Option<SymbolKey>), usize> = BTreeMap::new();
    for row in uses {
        let place = (row.file, row.symbol);
        let index = match places.get(&place) {
            Some(&index) => index,
            None => {
                let symbol = row.symbol.map(|key| snapshot.symbol(key)).transpose()?.flatten();
                groups.push(Enclosing {
                    symbol: symbol.as_ref().map(Brief::from),
                    path: row.path.clone(),
                    sites: Vec::new(),
                });
                places.insert(place, groups.len() - 1);
                groups.len() - 1
            }
        };
        groups[index].sites.push(Site { why: why.next().unwrap_or_default(), ..Site::from(row) });
    }
    Ok(groups)
}

/// A symbol together with what a program means by the same name: declarations of the same thing, the constructors
/// of a type, and the types that inherit a constructor.
pub(super) struct Meaning {
    /// All of them, the symbol itself first.
    pub(super) symbols: Vec<SymbolRow>,
    family: &'static str,
}

impl Meaning {
    /// Everything that is meant by naming `symbol`.
    pub(super) fn of(snapshot: &dyn Snapshot, symbol: &SymbolRow) -> Result<Self> {
        Self::among(snapshot, symbol, &snapshot.find(&NamePattern::beside(symbol))?)
    }

    /// The same, other definitions of the qualified name being among `namesakes`.
    pub(super) fn among(snapshot: &dyn Snapshot, symbol: &SymbolRow, namesakes: &[SymbolRow]) -> Result<Self> {
        let symbols = meant(snapshot, symbol, namesakes)?;
        Ok(Self { family: family(&symbol.language), symbols })
    }

    /// Uses that mean any of them, sorted, each once.
    pub(super) fn uses(&self, snapshot: &dyn Snapshot, wanted: impl Fn(Role) -> bool) -> Result<Vec<OccurrenceRow>> {
        let mut uses = Vec::new();
        for symbol in &self.symbols {
            uses.extend(snapshot.uses(symbol.key)?);
        }
        uses.retain(|row| wanted(row.role));
        uses.sort_by(|a, b| (&a.path, a.span, a.role).cmp(&(&b.path, b.span, b.role)));
        uses.dedup_by(|a, b| (a.file, a.span, a.role) == (b.file, b.span, b.role));
        Ok(uses)
    }

    /// Unsettled uses that could mean any of them: same name, same family of languages, fitting arguments. Among
    /// them members of what a caller may have passed, known only for where none is passed.
    pub(super) fn possible(
        &self,
        snapshot: &dyn Snapshot,
        wanted: impl Fn(Role) -> bool,
    ) -> Result<Vec<OccurrenceRow>> {
        let mut names: Vec<&str> = self.symbols.iter().map(|symbol| symbol.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut possible = Vec::new();
        for name in names {
            possible.extend(snapshot.unknown(name)?);
            possible.extend(self.fallbacks(snapshot, name)?);
        }
        possible.retain(|row| wanted(row.role) && family(&row.language) == self.family);
        if possible.iter().any(|row| row.role == Role::Call) {
            let arities = arities(snapshot, &self.symbols)?;
            possible.retain(|row| row.role != Role::Call || accepts(&arities, row.arity));
        }
        for base in overridden(snapshot, &self.symbols[0])? {
            let calls = snapshot.uses(base.key)?.into_iter().filter(|row| row.role.is_call() && wanted(row.role));
            // A use that lists candidates lists this one too, or cannot mean it.
            possible.extend(calls.filter(|row| matches!(row.target, Target::Resolved(..))));
        }
        possible.sort_by(|a, b| (&a.path, a.span).cmp(&(&b.path, b.span)));
        possible.dedup_by(|a, b| (a.file, a.span, a.role) == (b.file, b.span, b.role));
        Ok(possible)
    }

    /// Uses by which members of this name elsewhere are meant unless a caller passes something else.
    fn fallbacks(&self, snapshot: &dyn Snapshot, name: &str) -> Result<Vec<OccurrenceRow>> {
        let mut found = Vec::new();
        if !lang::by_name(&self.symbols[0].language).is_some_and(|language| language.link.default_types) {
            return Ok(found);
        }
        for other in snapshot.find(&NamePattern::Exact(name.to_owned()))? {
            let is_meant = self.symbols.iter().any(|symbol| symbol.key == other.key);
            if other.parent.is_none() || is_meant || family(&other.language) != self.family {
                continue;
            }
            let uses = snapshot.uses(other.key)?.into_iter();
            let is_fallback = |row: &OccurrenceRow| match &row.target {
                Target::Candidates(keys, rule) => {
                    *rule == Rule::Fallback && self.symbols.iter().all(|symbol| !keys.contains(&symbol.key))
                }
                _ => false,
            };
            found.extend(uses.filter(is_fallback));
        }
        Ok(found)
    }
}

/// Whether callables with these parameters can be called with so many arguments. A method called through its type gets
/// its receiver as one more.
pub(super) fn accepts(arities: &[(Arity, Marks)], count: Option<u16>) -> bool {
    let fits = |&(arity, marks): &(Arity, Marks)| {
        let without_receiver = count.map(|count| count.saturating_sub(1));
        arity.accepts(count) || (marks.has(Marks::RECEIVER) && arity.accepts(without_receiver))
    };
    arities.is_empty() || arities.iter().any(fits)
}

/// Unsettled sites that stand in the way of completeness.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Unresolved {
    /// How many sites could mean the symbol.
    pub total: usize,
    /// How many of them for each reason, sorted by reason.
    pub reasons: Vec<(&'static str, usize)>,
    /// The sites, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<Site>,
}

impl Unresolved {
    /// Counts `rows` and keeps the first `shown`.
    pub(super) fn new(rows: &[OccurrenceRow], shown: usize) -> Self {
        let mut reasons = BTreeMap::new();
        for row in rows {
            let reason = match &row.target {
                Target::Unknown(reason) => Reason::word(*reason),
                Target::Candidates(_, rule) => rule.word(),
                Target::Resolved(..) | Target::File(..) | Target::External(..) => continue,
            };
            *reasons.entry(reason).or_insert(0) += 1;
        }
        Self {
            total: rows.len(),
            reasons: reasons.into_iter().collect(),
            sites: rows.iter().take(shown).map(Site::from).collect(),
        }
    }
}

/// What naming `symbol` means, itself first. Its declarations and definitions elsewhere are found among `namesakes`.
fn meant(snapshot: &dyn Snapshot, symbol: &SymbolRow, namesakes: &[SymbolRow]) -> Result<Vec<SymbolRow>> {
    let twins = namesakes.iter().filter(|twin| twin.key != symbol.key && is_twin(symbol, twin));
    let mut symbols: Vec<SymbolRow> = std::iter::once(symbol).chain(twins).cloned().collect();
    if symbol.kind.is_type() {
        symbols.extend(constructors(snapshot, symbol)?);
    }
    symbols.extend(inheriting(snapshot, symbol)?);
    Ok(symbols)
}

/// Whether one of the two only declares what the other defines, or both declare the same.
fn is_twin(symbol: &SymbolRow, other: &SymbolRow) -> bool {
    let declares = symbol.marks.has(Marks::DECLARATION) || other.marks.has(Marks::DECLARATION);
    let same_sort = symbol.kind == other.kind || (symbol.kind.is_callable() && other.kind.is_callable());
    // Internal linkage: a static function of another file is another function; `static` of a member says nothing of that.
    let is_file_local =
        |row: &SymbolRow| row.marks.has(Marks::STATIC) && !matches!(row.kind, SymbolKind::Method | SymbolKind::Field);
    let apart = symbol.path != other.path && (is_file_local(symbol) || is_file_local(other));
    declares
        && same_sort
        && !apart
        && symbol.qualified_name == other.qualified_name
        && family(&symbol.language) == family(&other.language)
}

/// The constructors written inside a type, and those written outside of it under its qualified name.
fn constructors(snapshot: &dyn Snapshot, class: &SymbolRow) -> Result<Vec<SymbolRow>> {
    let names = lang::by_name(&class.language).map_or(&[][..], |language| language.link.constructors);
    let mut found = snapshot.symbols(class.key.file)?;
    found.retain(|symbol| {
        symbol.parent == Some(class.key)
            && (symbol.kind == SymbolKind::Constructor || names.contains(&symbol.name.as_str()))
    });
    let same_name = NamePattern::Within(class.name.clone(), class.name.clone());
    for symbol in snapshot.find(&same_name)? {
        let inside = symbol.qualified_name.strip_prefix(&class.qualified_name).is_some_and(|rest| {
            rest.strip_suffix(&symbol.name).is_some_and(|separator| matches!(separator, "::" | "."))
        });
        if symbol.kind == SymbolKind::Constructor && inside && found.iter().all(|known| known.key != symbol.key) {
            found.push(symbol);
        }
    }
    Ok(found)
}

/// The types that a constructor makes besides its own: subtypes that have none, where constructors are inherited.
fn inheriting(snapshot: &dyn Snapshot, constructor: &SymbolRow) -> Result<Vec<SymbolRow>> {
    let names = lang::by_name(&constructor.language).map_or(&[][..], |language| language.link.constructors);
    let mut classes: Vec<SymbolRow> = Vec::new();
    let mut next = constructor.parent.filter(|_| names.contains(&constructor.name.as_str()));
    let mut visited = 0;
    while let Some(class) = next {
        for relation in snapshot.relations(class, false)? {
            let Some(subtype) = snapshot.symbol(relation.from)? else { continue };
            let is_new = classes.iter().all(|known| known.key != subtype.key);
            if is_new && subtype.kind.is_type() && constructors(snapshot, &subtype)?.is_empty() {
                classes.push(subtype);
            }
        }
        next = classes.get(visited).map(|class| class.key);
        visited += 1;
    }
    Ok(classes)
}

/// The methods of base types that a method overrides or implements: a call that names one of them may run it.
fn overridden(snapshot: &dyn Snapshot, symbol: &SymbolRow) -> Result<Vec<SymbolRow>> {
    let is_method = matches!(symbol.kind, SymbolKind::Method | SymbolKind::Destructor);
    let Some(class) = symbol.parent.filter(|_| is_method) else { return Ok(Vec::new()) };
    let mut types = Queue::of([class]);
    while let Some(class) = types.next() {
        for relation in snapshot.relations(class, true)? {
            match relation.target {
                Target::Resolved(key, _) if relation.kind != RelationKind::MemberOf => types.add([key]),
                Target::Candidates(keys, _) if relation.kind != RelationKind::MemberOf => types.add(keys),
                _ => {}
            }
        }
    }
    let mut bases = types.all().split_off(1);
    bases.sort_unstable();
    let mut found = Vec::new();
    for bases in bases.chunk_by(|one, other| one.file == other.file) {
        let is_member = |row: &SymbolRow| row.parent.is_some_and(|parent| bases.binary_search(&parent).is_ok());
        let members = snapshot.symbols(bases[0].file)?.into_iter();
        found.extend(members.filter(|row| is_member(row) && row.name == symbol.name));
    }
    Ok(found)
}

fn arities(snapshot: &dyn Snapshot, symbols: &[SymbolRow]) -> Result<Vec<(Arity, Marks)>> {
    let mut arities = Vec::new();
    for symbol in symbols.iter().filter(|symbol| symbol.kind.is_callable()) {
        let facts = snapshot.facts(symbol.key.file)?;
        match facts.symbols.get(symbol.key.symbol.0 as usize).and_then(|fact| fact.arity) {
            Some(arity) => arities.push((arity, symbol.marks)),
            // One that takes who knows what takes anything.
            None => return Ok(Vec::new()),
        }
    }
    Ok(arities)
}

pub(super) fn family(language: &str) -> &'static str {
    lang::by_name(language).map_or("", |language| language.link.family)
}
