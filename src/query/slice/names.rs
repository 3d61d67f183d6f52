//! One walk over the syntax of a callable: which step each node belongs to, and what is done to which variable where.
//!
//! A step is a statement, or a part of one that runs by itself: a condition, the head of a loop, the pattern of a case.

use rustc_hash::FxHashMap;

use crate::graph::Access;
use crate::lang::{Bind, Bound, Sight, Source};

use super::tree::{Tree, value_field};

/// What stands around a node, as far as it matters to it.
#[derive(Clone, Copy)]
struct State {
    step: u32,
    scope: u32,
    /// Inside a callable within the callable.
    is_nested: bool,
    is_skipped: bool,
    target: Option<Target>,
    /// The call that has the node as what its method is called on.
    receiver: Option<u32>,
    /// What hands the node out to be changed.
    handed: Option<u32>,
}

/// The node is in the target of a construct that binds.
#[derive(Clone, Copy)]
struct Target {
    construct: u32,
    /// The child of the construct.
    child: u32,
    bind: &'static Bind,
    bound: Bound,
    /// Only a part of the variable is meant.
    is_part: bool,
}

/// A step of a callable.
#[derive(Clone, Default)]
pub(super) struct Step {
    /// Its node.
    pub(super) node: u32,
    /// Another node that belongs to it: the value that a loop takes its elements from.
    pub(super) other: Option<u32>,
    /// Where the first step inside it starts, which does not belong to it.
    pub(super) cut: Option<u32>,
    /// Whether it gives the value of the callable.
    pub(super) returns: bool,
    /// The parameter that it declares.
    pub(super) parameter: Option<String>,
    /// How many callables stand in it.
    pub(super) closures: u32,
}

/// Something done to a variable.
#[derive(Clone, Copy)]
pub(super) struct Mention {
    pub(super) leaf: u32,
    pub(super) step: u32,
    pub(super) variable: u32,
    pub(super) access: Access,
    /// The node at whose end it happens; none for what happens right there.
    pub(super) construct: Option<u32>,
    /// Whether that construct has a body, so that it happens at the leaf.
    pub(super) is_at_leaf: bool,
    pub(super) is_parameter: bool,
    /// Whether what is bound is compared with a subject.
    pub(super) has_subject: bool,
}

/// A mention whose variable is not known yet.
struct Draft {
    mention: Mention,
    scope: u32,
    declares: Option<Bound>,
}

/// A variable.
#[derive(Clone)]
pub(super) struct Variable {
    pub(super) name: String,
    /// Whether it is one of what is around the callable.
    pub(super) is_outer: bool,
    scope: u32,
}

struct Scope {
    parent: Option<u32>,
    /// The scope of the callable around.
    callable: u32,
}

/// What is known after the walk.
pub(super) struct Names {
    pub(super) first: u32,
    pub(super) steps: Vec<Step>,
    /// The step of each node, from `first` on.
    pub(super) step_of: Vec<u32>,
    /// Which nodes are in a callable of their own, or say nothing.
    pub(super) is_nested: Vec<bool>,
    pub(super) is_skipped: Vec<bool>,
    pub(super) mentions: Vec<Mention>,
    pub(super) variables: Vec<Variable>,
}

struct Walk<'t> {
    tree: &'t Tree,
    root: u32,
    states: Vec<State>,
    steps: Vec<Step>,
    scopes: Vec<Scope>,
    drafts: Vec<Draft>,
    /// By scope and name: where each is visible from, in order, and which it is.
    declared: FxHashMap<(u32, String), Vec<(u32, u32)>>,
    variables: Vec<Variable>,
    outer: FxHashMap<String, u32>,
}

const SIGNATURE: u32 = 0;

/// Walks the callable at node `root`, whose body is `body`.
pub(super) fn names(tree: &Tree, root: u32, body: u32) -> Names {
    let end = tree.next[root as usize];
    let state = State {
        step: SIGNATURE,
        scope: 0,
        is_nested: false,
        is_skipped: false,
        target: None,
        receiver: None,
        handed: None,
    };
    let mut walk = Walk {
        tree,
        root,
        states: vec![state],
        steps: vec![Step { node: root, ..Step::default() }],
        scopes: vec![Scope { parent: None, callable: 0 }],
        drafts: Vec::new(),
        declared: FxHashMap::default(),
        variables: Vec::new(),
        outer: FxHashMap::default(),
    };
    for node in root + 1..end {
        walk.enter(node, node == body);
    }
    walk.finish()
}

impl<'t> Walk<'t> {
    fn state(&self, node: u32) -> &State {
        &self.states[(node - self.root) as usize]
    }

    fn enter(&mut self, node: u32, is_body: bool) {
        let tree = self.tree;
        let parent = tree.parent(node).unwrap_or(self.root).max(self.root);
        let (role, around, field) = (tree.role(node), tree.role(parent), tree.field(node));
        let mut state = *self.state(parent);
        state.is_skipped |= around.skips(field) || role.is_comment;
        state.target = self.target(node, parent, state.target);
        self.open_scope(parent, &mut state);
        self.place(node, parent, is_body, &mut state);
        let is_base = around.is_base(field);
        let receives = around.is_call() && (is_base || (around.is_callee(field) && role.is_part()));
        state.receiver = if receives { Some(parent) } else { state.receiver.filter(|_| is_base) };
        state.handed = match tree.is_reference(parent, field) {
            true => Some(parent),
            false => state.handed.filter(|_| is_base),
        };
        if role.is_callable && !state.is_nested && !state.is_skipped {
            self.steps[state.step as usize].closures += 1;
            state.is_nested = true;
        }
        if role.is_return && !state.is_nested {
            self.steps[state.step as usize].returns = true;
        }
        self.states.push(state);
        if role.is_name && !state.is_skipped && tree.is_leaf(node) {
            self.mention(node, state);
        }
    }

    /// What the node is the target of.
    fn target(&self, node: u32, parent: u32, outer: Option<Target>) -> Option<Target> {
        let (around, field) = (self.tree.role(parent), self.tree.field(node));
        if around.is_value(field) || around.is_call() {
            return None;
        }
        if around.binds() {
            let bind = around.bind(field)?;
            let bound = outer.map_or(bind.bound, |outer| outer.bound);
            let is_part = outer.is_some_and(|outer| outer.is_part);
            return Some(Target { construct: parent, child: node, bind, bound, is_part });
        }
        let mut target = outer?;
        if around.is_part() {
            target.is_part = true;
            return around.is_base(field).then_some(target);
        }
        Some(target)
    }

    /// The children of what opens a scope are in it.
    fn open_scope(&mut self, parent: u32, state: &mut State) {
        let role = self.tree.role(parent);
        if parent == self.root || !(role.is_scope || role.is_callable) {
            return;
        }
        // Its other children have opened it already, if there are any before.
        let known = self.tree.children(parent).next().map(|first| first - self.root);
        if let Some(first) = known.and_then(|first| self.states.get(first as usize)) {
            state.scope = first.scope;
            return;
        }
        let scope = self.scopes.len() as u32;
        let callable = if role.is_callable { scope } else { self.scopes[state.scope as usize].callable };
        self.scopes.push(Scope { parent: Some(state.scope), callable });
        state.scope = scope;
    }

    /// Which step the node belongs to.
    fn place(&mut self, node: u32, parent: u32, is_body: bool, state: &mut State) {
        if state.is_nested || state.is_skipped {
            return;
        }
        let tree = self.tree;
        let is_parameter = |target: &Target| target.bound == Bound::Parameter;
        let is_new = match state.target {
            Some(target) if is_parameter(&target) => state.step == SIGNATURE && target.child == node,
            _ => is_body || tree.role(parent).is_step,
        };
        if !is_new {
            return;
        }
        if let Some(step) = self.joined(node, parent) {
            self.steps[step as usize].other = Some(node);
            state.step = step;
            return;
        }
        let cut = &mut self.steps[state.step as usize].cut;
        *cut = Some(cut.unwrap_or(u32::MAX).min(tree.span(node).start));
        state.step = self.steps.len() as u32;
        let returns = is_body && !tree.role(node).is_step;
        self.steps.push(Step { node, returns, ..Step::default() });
    }

    /// The step of the target that `node` is the value of, in a statement with a body.
    fn joined(&self, node: u32, parent: u32) -> Option<u32> {
        let tree = self.tree;
        let is_own = |sibling: &u32| {
            let bind = tree.role(parent).bind(tree.field(*sibling));
            bind.is_some_and(|bind| tree.is_field(tree.field(node), value_field(bind)))
        };
        let target = tree.children(parent).take_while(|sibling| *sibling < node).find(is_own)?;
        Some(self.state(target).step)
    }

    fn mention(&mut self, leaf: u32, state: State) {
        let mention = |access, construct| Mention {
            leaf,
            step: state.step,
            variable: u32::MAX,
            access,
            construct,
            is_at_leaf: false,
            is_parameter: false,
            has_subject: false,
        };
        let scope = state.scope;
        let mut draft = |mention, declares| self.drafts.push(Draft { mention, scope, declares });
        let Some(target) = state.target else {
            draft(mention(Access::Use, None), None);
            if let Some(changer) = state.receiver.or(state.handed) {
                draft(mention(Access::Change, Some(changer)), None);
            }
            return;
        };
        if target.is_part {
            draft(mention(Access::Use, None), None);
            return draft(mention(Access::Change, Some(target.construct)), None);
        }
        if target.bound == Bound::Updated {
            draft(mention(Access::Use, None), None);
        }
        let is_declared = !matches!(target.bound, Bound::Assigned | Bound::Updated);
        let mut define = mention(Access::Define, Some(target.construct));
        define.is_at_leaf = self.tree.role(target.construct).is_step;
        define.is_parameter = target.bound == Bound::Parameter;
        define.has_subject = target.bind.value == Source::Subject;
        draft(define, is_declared.then_some(target.bound));
    }

    fn finish(mut self) -> Names {
        let drafts = std::mem::take(&mut self.drafts);
        for draft in &drafts {
            if let Some(bound) = draft.declares {
                self.declare(draft, bound);
            }
        }
        self.declared.values_mut().for_each(|places| places.sort_unstable());
        let mut mentions = Vec::with_capacity(drafts.len());
        for draft in drafts {
            mentions.extend(self.settle(draft));
        }
        Names {
            first: self.root,
            step_of: self.states.iter().map(|state| state.step).collect(),
            is_nested: self.states.iter().map(|state| state.is_nested).collect(),
            is_skipped: self.states.iter().map(|state| state.is_skipped).collect(),
            steps: self.steps,
            mentions,
            variables: self.variables,
        }
    }

    fn name(&self, leaf: u32) -> String {
        String::from_utf8_lossy(self.tree.span(leaf).slice(&self.tree.text)).into_owned()
    }

    fn declare(&mut self, draft: &Draft, bound: Bound) {
        let (leaf, name) = (draft.mention.leaf, self.name(draft.mention.leaf));
        let is_constant = self.tree.variables.upper_is_constant && name.starts_with(|first: char| first.is_uppercase());
        if is_constant && bound != Bound::Parameter {
            return;
        }
        let scope = match bound {
            Bound::OfCallable | Bound::Outer => self.scopes[draft.scope as usize].callable,
            _ => draft.scope,
        };
        let from = self.visible_from(&draft.mention, leaf);
        let known = self.declared.get(&(scope, name.clone()));
        if bound != Bound::New && known.is_some_and(|known| !known.is_empty()) {
            return;
        }
        let variable = match bound {
            Bound::Outer => self.outer(&name),
            _ => self.variable(name.clone(), scope, false),
        };
        if draft.mention.is_parameter && scope == 0 {
            self.steps[draft.mention.step as usize].parameter = Some(name.clone());
        }
        self.declared.entry((scope, name)).or_default().push((from, variable));
    }

    fn visible_from(&self, mention: &Mention, leaf: u32) -> u32 {
        let tree = self.tree;
        match mention.construct {
            _ if tree.variables.sight == Sight::Everywhere || mention.is_parameter => 0,
            Some(construct) if !mention.is_at_leaf => tree.span(construct).end,
            _ => {
                let step = &self.steps[mention.step as usize];
                step.other.map_or(tree.span(leaf).end, |other| tree.span(other).end)
            }
        }
    }

    fn variable(&mut self, name: String, scope: u32, is_outer: bool) -> u32 {
        self.variables.push(Variable { name, is_outer, scope });
        self.variables.len() as u32 - 1
    }

    fn outer(&mut self, name: &str) -> u32 {
        if let Some(known) = self.outer.get(name) {
            return *known;
        }
        let variable = self.variable(name.to_owned(), 0, true);
        self.outer.insert(name.to_owned(), variable);
        variable
    }

    /// A mention with its variable. What is only seen inside of a callable within says nothing here, and neither does
    /// what is called on something that is no variable of the callable.
    fn settle(&mut self, draft: Draft) -> Option<Mention> {
        let Draft { mut mention, scope, declares } = draft;
        let (name, tree) = (self.name(mention.leaf), self.tree);
        let at = match (declares, mention.construct) {
            (Some(_), Some(_)) => self.visible_from(&mention, mention.leaf),
            _ => tree.span(mention.leaf).start,
        };
        let found = self.lookup(&name, scope, at);
        mention.variable = found.unwrap_or_else(|| self.outer(&name));
        let variable = &self.variables[mention.variable as usize];
        let is_nested = self.state(mention.leaf).is_nested;
        let is_inner = !variable.is_outer && self.scopes[variable.scope as usize].callable != 0;
        let is_by_call = self.state(mention.leaf).target.is_none();
        if is_inner || (mention.access == Access::Change && variable.is_outer && is_by_call && name != "this") {
            return None;
        }
        if is_nested {
            // When it runs is not known: after that, the variable may have another value.
            mention.is_parameter = false;
            if mention.access == Access::Define {
                mention.access = Access::Change;
            }
        }
        Some(mention)
    }

    fn lookup(&self, name: &str, scope: u32, at: u32) -> Option<u32> {
        let mut next = Some(scope);
        while let Some(scope) = next {
            if let Some(places) = self.declared.get(&(scope, name.to_owned())) {
                let count = places.partition_point(|(from, _)| *from <= at);
                if count > 0 {
                    return Some(places[count - 1].1);
                }
            }
            next = self.scopes[scope as usize].parent;
        }
        None
    }
}
