//! What a type is built on and what is built on it; for a method, what it overrides and what overrides it.

use rustc_hash::FxHashSet;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{RelationKind, Role, SymbolKind};
use crate::store::{NamePattern, RelationRow, SymbolKey, SymbolRow, Target};

use super::callers::unseen;
use super::structural::Structural;
use super::within::{Narrowed, Within};
use super::{Brief, Ground, List, QueryError, Question, Reply as AnyReply, Result, SymbolName};

/// The row of the table.
pub const QUESTION: Question = Question {
    name: "hierarchy",
    version: 1,
    about: "Base types and subtypes, or what a method overrides and what overrides it",
    examples: &[
        ("magellan hierarchy Shape", "what Shape is built on, and what is built on it"),
        ("magellan hierarchy Shape::area --down", "what overrides a method"),
        ("magellan hierarchy Shape --depth 1", "only the nearest"),
    ],
    schema: schemars::SchemaGenerator::subschema_for::<Reply>,
    arguments: <Args as clap::Args>::augment_args,
    ask: |ground, matches| run(ground, &super::parse(matches)?).map(|reply| AnyReply::Hierarchy(Box::new(reply))),
};

/// Which symbol, and how far.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The type or method.
    #[command(flatten)]
    pub name: SymbolName,
    /// Only upwards: what it is built on
    #[arg(long, conflicts_with = "down")]
    pub up: bool,
    /// Only downwards: what is built on it
    #[arg(long)]
    pub down: bool,
    /// Follow at most this many steps
    #[arg(long, value_name = "STEPS")]
    pub depth: Option<u32>,
    /// Which relatives to list.
    #[command(flatten)]
    pub within: Within,
}

/// Both sides of a symbol.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reply {
    /// The symbol.
    pub symbol: SymbolRow,
    /// What it is built on, each before what that is built on. None if not asked for.
    pub up: Option<List<Relative>>,
    /// What is built on it, likewise. None if not asked for.
    pub down: Option<List<Relative>>,
    /// Whether nothing else can belong to it.
    pub complete: bool,
    /// Base types that could not be settled, here or elsewhere by the name of the symbol.
    pub unresolved: usize,
    /// Source files that could not be looked at.
    pub unseen_files: usize,
}

impl Reply {
    /// Whether it has anything above or below.
    pub fn is_found(&self) -> bool {
        [&self.up, &self.down].iter().any(|list| list.as_ref().is_some_and(|list| list.total > 0))
    }
}

/// A type or method above or below.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Relative {
    /// Number of steps to the symbol.
    pub depth: u32,
    /// `extends`, `implements`, `embeds` or `overrides`, from the lower to the upper one.
    pub relation: &'static str,
    /// Whether it stands in the list before: what belongs to it is told there.
    pub again: bool,
    /// Whether it is one of several it can be.
    pub candidate: bool,
    /// The definition, if it is in the tree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<Brief>,
    /// The name, if it is outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
    /// Why it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// Climbs both ways.
pub fn run(ground: &Ground<'_>, args: &Args) -> Result<Reply> {
    let symbol = args.name.one(ground)?;
    let is_method = matches!(symbol.kind, SymbolKind::Method | SymbolKind::Destructor | SymbolKind::Property);
    let types = if is_method { owners(ground, &symbol)? } else { vec![symbol.clone()] };
    if types.is_empty() || !(is_method || symbol.kind.is_type()) {
        return Err(QueryError::NoHierarchy { kind: symbol.kind.word(), name: symbol.qualified_name });
    }
    let mut climb = Climb {
        ground,
        method: is_method.then_some(&symbol),
        depth_max: args.depth.unwrap_or(u32::MAX),
        narrowed: args.within.read(ground)?,
        unresolved: 0,
        structural: Structural::default(),
    };
    let up = if args.down { None } else { Some(climb.all(&types, Way::Up)?) };
    let down = if args.up { None } else { Some(climb.all(&types, Way::Down)?) };
    let unresolved = climb.unresolved;
    let unseen_files = unseen(ground)?;
    let whole = [&up, &down].iter().all(|list| list.as_ref().is_none_or(|list| list.is_whole()));
    Ok(Reply { complete: unresolved == 0 && unseen_files == 0 && whole, up, down, unresolved, unseen_files, symbol })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// One step: the relation, and where it leads.
struct Step {
    relation: &'static str,
    candidate: bool,
    end: End,
}

enum End {
    /// A type, and the block that holds what it has by this relation, if that is another definition.
    Type(Box<SymbolRow>, SymbolKey),
    External(String),
    Unknown(&'static str),
}

struct Climb<'a> {
    ground: &'a Ground<'a>,
    method: Option<&'a SymbolRow>,
    depth_max: u32,
    narrowed: Narrowed,
    unresolved: usize,
    structural: Structural,
}

impl Climb<'_> {
    /// In preorder, each type entered once, siblings by what they are.
    fn all(&mut self, types: &[SymbolRow], way: Way) -> Result<List<Relative>> {
        let mut seen: FxHashSet<SymbolKey> = types.iter().map(|row| row.key).collect();
        let mut found = Vec::new();
        let mut open: Vec<(u32, Step)> = Vec::new();
        for row in if self.depth_max > 0 { types } else { &[] } {
            open.extend(self.steps(row, way)?.into_iter().map(|step| (1, step)));
        }
        open.reverse();
        while let Some((depth, step)) = open.pop() {
            let is_new = match &step.end {
                End::Type(row, _) => seen.insert(row.key),
                End::External(_) | End::Unknown(_) => false,
            };
            if is_new
                && depth < self.depth_max
                && let End::Type(row, _) = &step.end
            {
                let next = self.steps(row, way)?;
                open.extend(next.into_iter().rev().map(|step| (depth + 1, step)));
            }
            self.tell(depth, step, is_new, way, &mut found)?;
        }
        Ok(List::new(found, self.ground.limit))
    }

    /// A step as the reply has it; for a method, the methods of that type that it overrides or is overridden by.
    fn tell(&self, depth: u32, step: Step, is_new: bool, way: Way, found: &mut Vec<Relative>) -> Result<()> {
        let Step { relation, candidate, end } = step;
        let plain =
            Relative { depth, relation, again: false, candidate, definition: None, external: None, reason: None };
        match (end, self.method) {
            (End::Type(row, _), None) if self.narrowed.has_row(self.ground, &row)? => {
                found.push(Relative { again: !is_new, definition: Some(Brief::from(&*row)), ..plain });
            }
            (End::Type(row, holder), Some(method)) if is_new => {
                for member in members(self.ground, &row, holder, way, &method.name)? {
                    if self.narrowed.has_row(self.ground, &member)? {
                        let definition = Some(Brief::from(&member));
                        found.push(Relative { relation: "overrides", definition, ..plain_of(&plain) });
                    }
                }
            }
            (End::External(name), None) => found.push(Relative { external: Some(name), ..plain }),
            (End::Unknown(reason), None) => found.push(Relative { reason: Some(reason), ..plain }),
            (End::Type(..) | End::External(_) | End::Unknown(_), _) => {}
        }
        Ok(())
    }

    fn steps(&mut self, row: &SymbolRow, way: Way) -> Result<Vec<Step>> {
        let mut steps = match way {
            Way::Up => self.up(row)?,
            Way::Down => self.down(row)?,
        };
        steps.sort_by(|a, b| order(a).cmp(&order(b)));
        steps.dedup_by(|a, b| order(a) == order(b) && !matches!(a.end, End::Unknown(_)));
        Ok(steps)
    }

    /// The relations of a type and of its blocks.
    fn up(&mut self, row: &SymbolRow) -> Result<Vec<Step>> {
        let mut relations = self.ground.snapshot.relations(row.key, true)?;
        for block in self.ground.snapshot.relations(row.key, false)? {
            if block.kind == RelationKind::MemberOf {
                relations.extend(self.ground.snapshot.relations(block.from, true)?);
            }
        }
        relations.retain(|relation| relation.kind != RelationKind::MemberOf);
        let mut steps = Vec::new();
        for relation in &relations {
            self.ends(relation, &mut steps)?;
        }
        for implemented in self.structural.interfaces(self.ground, row)? {
            let holder = implemented.key;
            steps.push(Step {
                relation: "implements",
                candidate: false,
                end: End::Type(Box::new(implemented), holder),
            });
        }
        Ok(steps)
    }

    fn ends(&mut self, relation: &RelationRow, steps: &mut Vec<Step>) -> Result<()> {
        let word = relation.kind.word();
        let (keys, candidate) = match &relation.target {
            Target::Resolved(key, _) => (vec![*key], false),
            Target::Candidates(keys, _) => (keys.clone(), true),
            Target::File(name, _) | Target::External(name, _) => {
                steps.push(Step { relation: word, candidate: false, end: End::External(name.clone()) });
                return Ok(());
            }
            Target::Unknown(reason) => {
                self.unresolved += 1;
                steps.push(Step { relation: word, candidate: false, end: End::Unknown(reason.word()) });
                return Ok(());
            }
        };
        for key in keys {
            if let Some(row) = self.ground.snapshot.symbol(key)? {
                steps.push(Step { relation: word, candidate, end: End::Type(Box::new(row), key) });
            }
        }
        Ok(())
    }

    /// What has a relation to a type: other types, or blocks of them.
    fn down(&mut self, row: &SymbolRow) -> Result<Vec<Step>> {
        let snapshot = self.ground.snapshot;
        let mut steps = Vec::new();
        for relation in snapshot.relations(row.key, false)? {
            if relation.kind == RelationKind::MemberOf {
                continue;
            }
            let candidate = matches!(relation.target, Target::Candidates(..));
            let Some(from) = snapshot.symbol(relation.from)? else { continue };
            for end in self.types_of(from)? {
                steps.push(Step { relation: relation.kind.word(), candidate, end });
            }
        }
        for implementing in self.structural.types(self.ground, row)? {
            let holder = implementing.key;
            let end = End::Type(Box::new(implementing), holder);
            steps.push(Step { relation: "implements", candidate: false, end });
        }
        let doubts = snapshot.unknown(&row.name)?;
        self.unresolved += doubts.iter().filter(|site| site.role == Role::Inherit).count();
        Ok(steps)
    }

    /// The types that a block is of; the block itself if they are outside of the tree.
    fn types_of(&self, from: SymbolRow) -> Result<Vec<End>> {
        let holder = from.key;
        if from.kind != SymbolKind::Impl {
            return Ok(vec![End::Type(Box::new(from), holder)]);
        }
        let mut types = Vec::new();
        for relation in self.ground.snapshot.relations(from.key, true)? {
            if relation.kind == RelationKind::MemberOf {
                for key in known(&relation.target) {
                    types.extend(self.ground.snapshot.symbol(key)?.map(|row| End::Type(Box::new(row), holder)));
                }
            }
        }
        if types.is_empty() {
            types.push(End::Type(Box::new(from), holder));
        }
        Ok(types)
    }
}

fn plain_of(relative: &Relative) -> Relative {
    Relative { definition: None, external: None, reason: None, ..*relative }
}

/// By relation and name; what is not known comes last.
fn order(step: &Step) -> (&'static str, u8, String, Option<SymbolKey>) {
    match &step.end {
        End::Type(row, _) => (step.relation, 0, row.qualified_name.clone(), Some(row.key)),
        End::External(name) => (step.relation, 1, name.clone(), None),
        End::Unknown(reason) => (step.relation, 2, (*reason).to_owned(), None),
    }
}

pub(super) fn known(target: &Target) -> Vec<SymbolKey> {
    match target {
        Target::Resolved(key, _) => vec![*key],
        Target::Candidates(keys, _) => keys.clone(),
        Target::File(..) | Target::External(..) | Target::Unknown(_) => Vec::new(),
    }
}

/// The types a method is a member of. For one of a block, the type of the block.
pub(super) fn owners(ground: &Ground<'_>, method: &SymbolRow) -> Result<Vec<SymbolRow>> {
    let parent = method.parent.map(|parent| ground.snapshot.symbol(parent)).transpose()?.flatten();
    let holder = match parent {
        Some(parent) if parent.kind.is_type() => return Ok(vec![parent]),
        Some(parent) if parent.kind == SymbolKind::Impl => parent.key,
        _ => method.key,
    };
    let mut owners = Vec::new();
    for relation in ground.snapshot.relations(holder, true)? {
        // A method of a block that implements something overrides what that declares.
        if relation.kind == RelationKind::MemberOf {
            for key in known(&relation.target) {
                owners.extend(ground.snapshot.symbol(key)?);
            }
        }
    }
    Ok(owners)
}

/// The members of a name that a type has: downwards only those of the block by which it is below.
fn members(ground: &Ground<'_>, row: &SymbolRow, holder: SymbolKey, way: Way, name: &str) -> Result<Vec<SymbolRow>> {
    let mut holders = vec![holder];
    if way == Way::Up || holder == row.key {
        holders = vec![row.key];
        let blocks = ground.snapshot.relations(row.key, false)?.into_iter();
        holders.extend(blocks.filter(|block| block.kind == RelationKind::MemberOf).map(|block| block.from));
    }
    let mut found = Vec::new();
    for symbol in ground.snapshot.find(&NamePattern::Exact(name.to_owned()))? {
        let is_inside = symbol.parent.is_some_and(|parent| holders.contains(&parent)) || holders.contains(&symbol.key);
        if is_inside && (symbol.kind.is_callable() || symbol.kind == SymbolKind::Property) {
            found.push(symbol);
        }
    }
    found.sort_by(|a, b| (&a.path, a.span, a.key).cmp(&(&b.path, b.span, b.key)));
    Ok(found)
}
