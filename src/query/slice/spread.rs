//! Spreads a slice from its criterion, nearest first: over data and control inside a callable, over calls between them.
//!
//! Calls and returns are matched as in the two-phase slicing of Horwitz, Reps and Binkley ("Interprocedural Slicing Using
//! Dependence Graphs", 1990): who has gone up to callers may go down into callees, who has gone down does not go up again,
//! since the step of the call holds its arguments and its value already. Which call a callee was entered by is forgotten.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::graph::{Access, Walked};
use crate::model::{Marks, Parameter, Role, Span, SymbolKind};
use crate::query::within::Narrowed;
use crate::query::{Ground, Result};
use crate::store::{FileId, OccurrenceRow, SymbolKey, SymbolRow, Target};

use super::body::{Body, Call};
use super::tree::Tree;
use super::{Direction, Reason, Why};

/// A callable that is in the slice, or was looked at.
pub(super) struct Member {
    pub(super) row: SymbolRow,
    pub(super) tree: Rc<Tree>,
    pub(super) body: Body,
}

/// A step of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub(super) member: u32,
    pub(super) step: u32,
}

/// Whether callers may still be gone to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Phase {
    Up,
    Down,
}

/// What is to be looked at next: nearest first, and in an order that depends on nothing but the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Task {
    crossed: u32,
    distance: u32,
    phase: Phase,
    spot: Spot,
    /// The part of the step that matters; all if none.
    focus: Option<Span>,
}

/// How a step came into the slice.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) distance: u32,
    pub(super) crossed: u32,
    pub(super) why: Why,
}

/// What the slice does not follow.
#[derive(Default)]
pub(super) struct Loose {
    /// Places of calls that are not settled.
    pub(super) unresolved: BTreeSet<(String, u32)>,
    /// Places of calls that may be calls of a member.
    pub(super) callers: BTreeSet<(String, u32)>,
    /// Places of calls whose other end is further away than asked for.
    pub(super) beyond: BTreeSet<(String, u32)>,
    /// Places of calls that leave the tree or lead to what has no body.
    pub(super) external: BTreeSet<(String, u32)>,
    /// Callables within steps, by place.
    pub(super) closures: BTreeSet<(String, u32)>,
    /// What the slice shares with the rest of the program.
    pub(super) outer: BTreeSet<String>,
}

/// The slice so far.
pub(super) struct Spread<'g> {
    ground: &'g Ground<'g>,
    direction: Direction,
    depth: u32,
    /// Which callables may be gone to.
    followed: Narrowed,
    pub(super) members: Vec<Member>,
    pub(super) entries: BTreeMap<Spot, Entry>,
    pub(super) loose: Loose,
    trees: FxHashMap<FileId, Rc<Tree>>,
    known: FxHashMap<SymbolKey, Option<u32>>,
    tasks: BinaryHeap<Reverse<Task>>,
    queued: FxHashSet<(Spot, Phase, Option<Span>)>,
    walked: FxHashMap<(u32, Phase), Walked>,
    decided: FxHashSet<(u32, Phase, u32)>,
    /// By member and branch, the blocks it decides that end in a jump.
    away: FxHashMap<(u32, u32), Vec<u32>>,
    done: FxHashSet<(Spot, Phase)>,
}

impl<'g> Spread<'g> {
    pub(super) fn new(ground: &'g Ground<'g>, direction: Direction, depth: u32, followed: Narrowed) -> Self {
        Self {
            ground,
            direction,
            depth,
            followed,
            members: Vec::new(),
            entries: BTreeMap::new(),
            loose: Loose::default(),
            trees: FxHashMap::default(),
            known: FxHashMap::default(),
            tasks: BinaryHeap::new(),
            queued: FxHashSet::default(),
            walked: FxHashMap::default(),
            decided: FxHashSet::default(),
            away: FxHashMap::default(),
            done: FxHashSet::default(),
        }
    }

    /// What is stored of a file.
    pub(super) fn tree(&mut self, path: &str) -> Result<Option<Rc<Tree>>> {
        let Some(file) = self.ground.snapshot.file(path)? else { return Ok(None) };
        if let Some(tree) = self.trees.get(&file.id) {
            return Ok(Some(tree.clone()));
        }
        let id = file.id;
        let tree = Rc::new(Tree::read(self.ground, file)?);
        self.trees.insert(id, tree.clone());
        Ok(Some(tree))
    }

    /// The number of a callable; none if it has no body.
    pub(super) fn member(&mut self, key: SymbolKey) -> Result<Option<u32>> {
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let member = self.read_member(key)?;
        let number = member.map(|member| {
            self.members.push(member);
            self.members.len() as u32 - 1
        });
        self.known.insert(key, number);
        Ok(number)
    }

    fn read_member(&mut self, key: SymbolKey) -> Result<Option<Member>> {
        let Some(row) = self.ground.snapshot.symbol(key)? else { return Ok(None) };
        let Some(tree) = self.tree(&row.path)? else { return Ok(None) };
        let number = tree.functions.binary_search_by_key(&key.symbol, |function| function.symbol);
        let body = number.ok().and_then(|number| Body::new(&tree, number));
        Ok(body.map(|body| Member { row, tree, body }))
    }

    /// Adds a step that the slice starts from.
    pub(super) fn start(&mut self, spot: Spot, focus: Option<Span>) {
        let entry = Entry { distance: 0, crossed: 0, why: Why { reason: Reason::Criterion, name: None, from: None } };
        self.entries.entry(spot).or_insert(entry);
        self.queue(Task { crossed: 0, distance: 0, phase: Phase::Up, spot, focus });
    }

    /// Adds the calls of a callable as what the slice starts from.
    pub(super) fn start_at_callers(&mut self, member: u32) -> Result<()> {
        for (spot, call) in self.callers(member)? {
            let callee = self.members[spot.member as usize].body.calls[call as usize].callee;
            self.start(spot, Some(callee));
        }
        Ok(())
    }

    /// Follows everything to its end.
    pub(super) fn run(&mut self) -> Result<()> {
        while let Some(Reverse(task)) = self.tasks.pop() {
            match self.direction {
                Direction::Backward => self.back(task)?,
                Direction::Forward => self.on(task)?,
            }
        }
        Ok(())
    }

    fn queue(&mut self, task: Task) {
        if self.queued.insert((task.spot, task.phase, task.focus)) {
            self.tasks.push(Reverse(task));
        }
    }

    /// Adds a step to the slice, reached from `task`.
    fn add(&mut self, task: &Task, step: u32, focus: Option<Span>, reason: Reason, name: Option<String>) {
        let spot = Spot { member: task.spot.member, step };
        if step != 0 && spot != task.spot {
            self.cross(task, spot, focus, Why { reason, name, from: Some(task.spot) }, task.phase, 0);
        }
    }

    /// Adds a jump that keeps what `task` is about from running. What the jump depends on is in the slice already, but for
    /// the value that a `return` gives, which does not matter.
    fn leave(&mut self, task: &Task, step: u32) {
        let spot = Spot { member: task.spot.member, step };
        let why = Why { reason: Reason::Jump, name: None, from: Some(task.spot) };
        let (distance, crossed) = (task.distance + 1, task.crossed);
        if spot != task.spot {
            self.entries.entry(spot).or_insert(Entry { distance, crossed, why });
        }
    }

    fn cross(&mut self, task: &Task, spot: Spot, focus: Option<Span>, why: Why, phase: Phase, crossed: u32) {
        let (distance, crossed) = (task.distance + 1, task.crossed + crossed);
        self.entries.entry(spot).or_insert(Entry { distance, crossed, why });
        self.queue(Task { crossed, distance, phase, spot, focus });
    }

    /// Whether a step was not looked at in this phase before.
    fn is_first(&mut self, task: &Task) -> bool {
        let is_first = self.done.insert((task.spot, task.phase));
        let member = &self.members[task.spot.member as usize];
        let step = &member.body.names.steps[task.spot.step as usize];
        if is_first && step.closures > 0 {
            self.loose.closures.insert((member.row.path.clone(), member.tree.span(step.node).start));
        }
        is_first
    }

    // Backward

    fn back(&mut self, task: Task) -> Result<()> {
        self.is_first(&task);
        self.back_over_data(&task)?;
        self.back_over_control(&task);
        let parts = self.members[task.spot.member as usize].body.parts_of[task.spot.step as usize].clone();
        for part in parts.into_iter().filter(|_| task.focus.is_none()) {
            self.add(&task, part, None, Reason::Value, None);
        }
        for call in self.calls(&task) {
            self.enter_callees(&task, call, &mut |spread, member| {
                let name = spread.members[member as usize].row.name.clone();
                let returns = spread.returns(member);
                for step in returns {
                    let why = Why { reason: Reason::Returned, name: Some(name.clone()), from: Some(task.spot) };
                    spread.cross(&task, Spot { member, step }, None, why, Phase::Down, 1);
                }
            })?;
        }
        if task.phase == Phase::Up {
            self.back_to_arguments(&task)?;
        }
        Ok(())
    }

    fn back_over_data(&mut self, task: &Task) -> Result<()> {
        let member = &self.members[task.spot.member as usize];
        let (body, tree) = (&member.body, &member.tree);
        let walked = self.walked.entry((task.spot.member, task.phase)).or_default();
        let (mut found, mut outer) = (Vec::new(), Vec::new());
        for origin in &body.events_of[task.spot.step as usize] {
            let mention = &body.names.mentions[origin.mention as usize];
            let is_meant = task.focus.is_none_or(|focus| focus.contains(tree.span(mention.leaf).start));
            if mention.access != Access::Use || !is_meant {
                continue;
            }
            let variable = &body.names.variables[mention.variable as usize];
            let (moments, from_start) = body.reaching.seen_from(origin.moment, mention.variable, walked);
            if from_start && variable.is_outer {
                outer.push((tree.span(mention.leaf), variable.name.clone()));
            }
            let steps = moments.iter().filter_map(|moment| body.mention_at.get(moment));
            found.extend(steps.map(|number| (body.names.mentions[*number as usize].step, variable.name.clone())));
        }
        for (step, name) in found {
            self.add(task, step, None, Reason::Data, Some(name));
        }
        for (leaf, name) in outer {
            if self.is_shared(task.spot.member, leaf, &name)? {
                self.loose.outer.insert(name);
            }
        }
        Ok(())
    }

    /// Whether a name that no variable of a callable has is a variable of something around it, as far as is known.
    fn is_shared(&self, member: u32, leaf: Span, name: &str) -> Result<bool> {
        let tree = &self.members[member as usize].tree;
        let start = tree.occurrences.partition_point(|row| row.span.start < leaf.start);
        let row = tree.occurrences.get(start).filter(|row| row.span.start == leaf.start && name != "this");
        let Some(row) = row else { return Ok(true) };
        Ok(match &row.target {
            _ if matches!(row.role, Role::Call | Role::Type | Role::Macro | Role::Import) => false,
            Target::File(..) | Target::External(..) => false,
            Target::Candidates(..) | Target::Unknown(_) => true,
            Target::Resolved(key, _) => {
                self.ground.snapshot.symbol(*key)?.is_none_or(|symbol| is_variable(symbol.kind))
            }
        })
    }

    fn back_over_control(&mut self, task: &Task) {
        let Member { tree, body, .. } = &self.members[task.spot.member as usize];
        let (mut found, mut deciders) = (Vec::new(), Vec::new());
        for block in &body.blocks_of[task.spot.step as usize] {
            if self.decided.insert((task.spot.member, task.phase, *block)) {
                deciders.extend(body.control.deciders(*block));
            }
        }
        let mut jumps = Vec::new();
        for decider in deciders {
            found.extend(deciding(body, decider));
            let away = self.away.entry((task.spot.member, decider)).or_insert_with(|| {
                let decided = body.control.decided(decider);
                decided.into_iter().filter(|block| body.jumps[*block as usize]).collect()
            });
            // What only comes after a step keeps it from nothing, unless there is another round.
            let last = |block: &u32| body.steps_in[*block as usize].last().copied();
            let start = |step: u32| tree.span(body.names.steps[step as usize].node).start;
            let (own, own_block) = (start(task.spot.step), body.blocks_of[task.spot.step as usize].first());
            let is_round = last(&decider).is_some_and(|step| start(step) >= own);
            let away = away.iter().filter(|block| own_block.is_none_or(|own| !body.control.is_above(**block, *own)));
            jumps.extend(away.filter_map(last).filter(|step| is_round || start(*step) < own));
        }
        for step in found {
            self.add(task, step, None, Reason::Control, None);
        }
        for step in jumps {
            self.leave(task, step);
        }
    }

    /// From a parameter to what callers pass.
    fn back_to_arguments(&mut self, task: &Task) -> Result<()> {
        let Some(parameter) = self.step(task.spot).parameter.clone() else { return Ok(()) };
        for (spot, number) in self.callers_within(task)? {
            let call = &self.members[spot.member as usize].body.calls[number as usize];
            let focus = self.passed(task.spot.member, call, &parameter);
            let why = Why { reason: Reason::Passed, name: Some(parameter.clone()), from: Some(task.spot) };
            self.cross(task, spot, focus, why, Phase::Up, 1);
        }
        Ok(())
    }

    // Forward

    fn on(&mut self, task: Task) -> Result<()> {
        if self.is_first(&task) {
            self.on_over_data(&task);
            self.on_over_control(&task);
            let wholes = self.members[task.spot.member as usize].body.wholes_of[task.spot.step as usize].clone();
            for whole in wholes {
                self.add(&task, whole, None, Reason::Value, None);
            }
            if task.phase == Phase::Up && self.step(task.spot).returns {
                self.on_to_callers(&task)?;
            }
        }
        let focus = self.entries.get(&task.spot).map(|entry| entry.why.reason);
        if task.focus.is_some() || focus == Some(Reason::Criterion) {
            self.on_into_parameters(&task)?;
        }
        Ok(())
    }

    fn on_over_data(&mut self, task: &Task) {
        let body = &self.members[task.spot.member as usize].body;
        let tree = &self.members[task.spot.member as usize].tree;
        let walked = self.walked.entry((task.spot.member, task.phase)).or_default();
        let mut found = Vec::new();
        for origin in &body.events_of[task.spot.step as usize] {
            let mention = &body.names.mentions[origin.mention as usize];
            if mention.access == Access::Use {
                continue;
            }
            let variable = &body.names.variables[mention.variable as usize];
            if variable.is_outer {
                self.loose.outer.insert(variable.name.clone());
            }
            for moment in body.reaching.seeing(origin.moment, mention.variable, walked) {
                let Some(number) = body.mention_at.get(&moment) else { continue };
                let user = &body.names.mentions[*number as usize];
                found.push((user.step, tree.span(user.leaf), variable.name.clone()));
            }
        }
        for (step, leaf, name) in found {
            self.add(task, step, Some(leaf), Reason::Data, Some(name));
        }
    }

    fn on_over_control(&mut self, task: &Task) {
        let body = &self.members[task.spot.member as usize].body;
        let mut found = Vec::new();
        for block in &body.blocks_of[task.spot.step as usize] {
            let decides = deciding(body, *block).contains(&task.spot.step);
            if decides && self.decided.insert((task.spot.member, task.phase, *block)) {
                let blocks = body.control.decided(*block);
                found.extend(blocks.iter().flat_map(|block| body.steps_in[*block as usize].iter().copied()));
            }
        }
        for step in found {
            self.add(task, step, None, Reason::Control, None);
        }
    }

    fn on_to_callers(&mut self, task: &Task) -> Result<()> {
        let name = self.members[task.spot.member as usize].row.name.clone();
        for (spot, number) in self.callers_within(task)? {
            let callee = self.members[spot.member as usize].body.calls[number as usize].callee;
            let why = Why { reason: Reason::Returned, name: Some(name.clone()), from: Some(task.spot) };
            self.cross(task, spot, Some(callee), why, Phase::Up, 1);
        }
        Ok(())
    }

    /// From an argument that is affected to the parameter that gets it.
    fn on_into_parameters(&mut self, task: &Task) -> Result<()> {
        for number in self.calls(task) {
            self.enter_callees(task, number, &mut |spread, member| {
                let body = &spread.members[member as usize].body;
                let parameters: Vec<(u32, String)> = (0..)
                    .zip(&body.names.steps)
                    .filter_map(|(step, known)| Some((step, known.parameter.clone()?)))
                    .collect();
                for (step, parameter) in parameters {
                    let call = &spread.members[task.spot.member as usize].body.calls[number as usize];
                    let span = spread.passed(member, call, &parameter);
                    let is_hit = |focus: Span| span.is_none_or(|span| span.contains(focus.start));
                    if task.focus.is_none_or(is_hit) {
                        let why = Why { reason: Reason::Passed, name: Some(parameter), from: Some(task.spot) };
                        spread.cross(task, Spot { member, step }, None, why, Phase::Down, 1);
                    }
                }
            })?;
        }
        Ok(())
    }

    // Calls

    fn step(&self, spot: Spot) -> &super::names::Step {
        &self.members[spot.member as usize].body.names.steps[spot.step as usize]
    }

    /// The calls of a step that matter.
    fn calls(&self, task: &Task) -> Vec<u32> {
        let body = &self.members[task.spot.member as usize].body;
        let calls = body.calls_of[task.spot.step as usize].iter().copied();
        let is_meant = |number: &u32| {
            let call = &body.calls[*number as usize];
            let end = call.arguments.last().map_or(call.callee.end, |last| last.span.end.max(call.callee.end));
            task.focus.is_none_or(|focus| match self.direction {
                Direction::Backward => focus.start <= call.callee.start && call.callee.end <= focus.end,
                Direction::Forward => call.callee.start <= focus.start && focus.start < end,
            })
        };
        calls.filter(is_meant).collect()
    }

    /// The steps that give the value of a callable; all of its steps if it gives none.
    pub(super) fn returns(&self, member: u32) -> Vec<u32> {
        let body = &self.members[member as usize].body;
        let is_placed = |step: &u32| body.is_placed(*step);
        let steps = 1..body.names.steps.len() as u32;
        steps.filter(is_placed).filter(|step| body.names.steps[*step as usize].returns).collect()
    }

    /// Does something for each callable with a body that a call may lead to, and notes what it leaves open.
    fn enter_callees(&mut self, task: &Task, number: u32, enter: &mut dyn FnMut(&mut Self, u32)) -> Result<()> {
        let member = &self.members[task.spot.member as usize];
        let call = &member.body.calls[number as usize];
        let row = &member.tree.occurrences[call.occurrence as usize];
        let place = (row.path.clone(), row.span.start);
        let keys = match &row.target {
            Target::Resolved(key, _) => vec![*key],
            Target::Candidates(keys, _) => keys.clone(),
            Target::External(..) | Target::File(..) => {
                self.loose.external.insert(place);
                return Ok(());
            }
            Target::Unknown(_) => {
                self.loose.unresolved.insert(place);
                return Ok(());
            }
        };
        if task.crossed >= self.depth {
            self.loose.beyond.insert(place);
            return Ok(());
        }
        for key in keys {
            match self.member(key)? {
                Some(member) if self.follows(member)? => enter(self, member),
                Some(_) => {}
                None => {
                    self.loose.external.insert(place.clone());
                }
            }
        }
        Ok(())
    }

    /// The calls of a callable, if they are not too far away; else they are noted.
    fn callers_within(&mut self, task: &Task) -> Result<Vec<(Spot, u32)>> {
        let member = task.spot.member;
        if task.crossed < self.depth {
            return self.callers(member);
        }
        let key = self.members[member as usize].row.key;
        let rows = self.ground.snapshot.uses(key)?.into_iter().filter(|row| row.role == Role::Call);
        self.loose.beyond.extend(rows.map(|row| (row.path, row.span.start)));
        Ok(Vec::new())
    }

    /// Every call of a callable with the step it stands in; what could be one is noted.
    fn callers(&mut self, member: u32) -> Result<Vec<(Spot, u32)>> {
        let row = self.members[member as usize].row.clone();
        let unknown = self.ground.snapshot.unknown(&row.name)?.into_iter();
        let unknown = unknown.filter(|site| site.role == Role::Call && site.language == row.language);
        let unknown = unknown.filter(|site| self.followed.has_file(&site.path));
        self.loose.callers.extend(unknown.map(|site| (site.path, site.span.start)));
        let mut found = Vec::new();
        for site in self.ground.snapshot.uses(row.key)?.into_iter().filter(|site| site.role == Role::Call) {
            match self.call_at(&site)? {
                Some(call) if self.follows(call.0.member)? => found.push(call),
                Some(_) => {}
                None if !self.followed.has_file(&site.path) => {}
                None => {
                    self.loose.beyond.insert((site.path, site.span.start));
                }
            }
        }
        Ok(found)
    }

    /// Whether a callable that a call leads to or comes from is to be looked at.
    fn follows(&self, member: u32) -> Result<bool> {
        self.followed.has_row(self.ground, &self.members[member as usize].row)
    }

    /// The step and number of a call, in the innermost callable with a body around it.
    fn call_at(&mut self, site: &OccurrenceRow) -> Result<Option<(Spot, u32)>> {
        let mut next = site.symbol;
        while let Some(key) = next {
            if let Some(member) = self.member(key)? {
                let known = &self.members[member as usize];
                let has_place = |call: &Call| known.tree.occurrences[call.occurrence as usize].span == site.span;
                let number = known.body.calls.iter().position(has_place);
                return Ok(number.map(|number| {
                    let step = known.body.calls[number].step;
                    (Spot { member, step }, number as u32)
                }));
            }
            next = self.ground.snapshot.symbol(key)?.and_then(|row| row.parent);
        }
        Ok(None)
    }

    /// The part of a call that gives the value of a parameter: an argument, what it is called on, or all of it if that
    /// cannot be told.
    fn passed(&self, member: u32, call: &Call, name: &str) -> Option<Span> {
        let Member { tree, body, row } = &self.members[member as usize];
        if let Some(argument) = call.arguments.iter().find(|argument| argument.name.as_deref() == Some(name)) {
            return Some(argument.span);
        }
        let parameters = tree.facts.parameters_of(body.symbol);
        let is_it = |parameter: &Parameter| parameter.name.is_some_and(|known| tree.facts.name(known) == name);
        if row.marks.has(Marks::RECEIVER) && call.arguments.len() > parameters.len() {
            return None;
        }
        match parameters.iter().position(is_it) {
            Some(place) => {
                call.arguments.get(place).filter(|argument| argument.name.is_none()).map(|argument| argument.span)
            }
            // The receiver.
            None => Some(call.callee),
        }
    }
}

/// The steps that decide where a block goes on.
fn deciding(body: &Body, block: u32) -> Vec<u32> {
    let steps = &body.steps_in[block as usize];
    if body.may_throw[block as usize] { steps.clone() } else { steps.last().copied().into_iter().collect() }
}

/// Whether what is called by a name can change.
fn is_variable(kind: SymbolKind) -> bool {
    let is_fixed = matches!(kind, SymbolKind::Constant | SymbolKind::EnumMember | SymbolKind::Macro);
    !(kind.is_callable() || kind.is_type() || is_fixed)
}
