//! Jumps, the constructs they leave, and switches.

use crate::lang::{Code, Jump, Shape, Switch, SwitchStyle};
use crate::model::{BlockKind, EdgeKind, Node, Span};

use super::graph::{Ending, Label};
use super::walk::Walker;

/// A construct that jumps leave or go on with.
pub(super) enum Frame {
    Loop {
        name: Option<Span>,
        after: Label,
        next_round: Label,
    },
    Switch {
        name: Option<Span>,
        after: Label,
        switch: OpenSwitch,
    },
    /// A statement with a name.
    Named {
        name: Span,
        after: Label,
    },
    /// Code that runs whenever control leaves what is walked.
    Cleanup {
        entry: Label,
        ways: Vec<Way>,
    },
}

/// A way by which control came to clean-up code, and goes on after it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) kind: EdgeKind,
    pub(super) to: Label,
    /// How many frames are around the target.
    pub(super) depth: usize,
}

/// A switch whose cases are being walked.
#[derive(Clone, Copy)]
pub(super) struct OpenSwitch {
    style: SwitchStyle,
    /// What decides among the cases to come.
    dispatch: Dispatch,
    default: Option<Label>,
    /// Where an explicit jump into the next case goes.
    next_case: Option<Label>,
}

#[derive(Clone, Copy)]
enum Dispatch {
    /// A block that has got cases already, or a subject.
    Block(u32),
    /// Where control is when no case so far was taken, and nothing tests for others yet.
    At(Label),
}

impl Walker<'_> {
    // Jumps

    pub(super) fn jump(&mut self, node: Node<'_>, how: Jump, label: Option<Span>, value: Code) {
        self.scan_within(node.span(), value);
        let exit = self.graph.exit();
        let (kind, to, depth) = match how {
            Jump::Return => (EdgeKind::Return, exit, 0),
            Jump::Throw => (EdgeKind::Throw, self.graph.unwind().unwrap_or(exit), self.frames.len()),
            Jump::Goto => (EdgeKind::Goto, label.map_or(exit, |name| self.target(name)), self.frames.len()),
            Jump::FallThrough => (EdgeKind::Fallthrough, self.next_case().unwrap_or(exit), self.frames.len()),
            Jump::Break | Jump::Continue | Jump::Yield => {
                self.frame_for(how, label).unwrap_or((EdgeKind::Break, exit, 0))
            }
        };
        if self.graph.is_live() {
            let to = self.route(kind, to, depth);
            self.graph.jump(kind, to);
        }
    }

    /// Where a jump out of or around a construct goes, and how many frames are around that; none if it stands where it
    /// must not.
    fn frame_for(&self, how: Jump, label: Option<Span>) -> Option<(EdgeKind, Label, usize)> {
        let source = self.syntax.source;
        let is_named = |name: Option<Span>| match (label, name) {
            (Some(label), Some(name)) => label.slice(source) == name.slice(source),
            (wanted, _) => wanted.is_none(),
        };
        self.frames.iter().enumerate().rev().find_map(|(depth, frame)| match (how, frame) {
            (Jump::Break, Frame::Loop { name, after, .. }) if is_named(*name) => Some((EdgeKind::Break, *after, depth)),
            (Jump::Continue, Frame::Loop { name, next_round, .. }) if is_named(*name) => {
                Some((EdgeKind::Continue, *next_round, depth))
            }
            (Jump::Break, Frame::Switch { name, after, switch }) if is_named(*name) => {
                let takes_break = label.is_some() || !switch.style.yields();
                takes_break.then_some((EdgeKind::Break, *after, depth))
            }
            (Jump::Yield, Frame::Switch { after, switch, .. }) if switch.style.yields() => {
                Some((EdgeKind::Break, *after, depth))
            }
            (Jump::Break, Frame::Named { name, after }) if label.is_some() && is_named(Some(*name)) => {
                Some((EdgeKind::Break, *after, depth))
            }
            _ => None,
        })
    }

    /// Where control must go first on its way to `to`, which has `depth` frames around it: to clean-up code between, or
    /// straight there.
    pub(super) fn route(&mut self, kind: EdgeKind, to: Label, depth: usize) -> Label {
        let inner = self.frames.iter_mut().skip(depth).rev();
        for frame in inner {
            if let Frame::Cleanup { entry, ways } = frame {
                let way = Way { kind, to, depth };
                if !ways.contains(&way) {
                    ways.push(way);
                }
                return *entry;
            }
        }
        to
    }

    /// The place that a `goto` names.
    fn target(&mut self, name: Span) -> Label {
        let graph = &mut self.graph;
        *self.targets.entry(name.slice(self.syntax.source)).or_insert_with(|| graph.label())
    }

    /// A statement with a name.
    pub(super) fn labelled(&mut self, name: Span, body: Code) {
        let target = self.target(name);
        self.graph.bind(target, BlockKind::Body);
        self.graph.expect(target);
        match self.syntax.only(body) {
            Some((node, Shape::Loop(shape))) => self.repeat(node, shape, Some(name)),
            Some((_, Shape::Switch(shape))) => self.switch(shape, Some(name)),
            _ => {
                let after = self.graph.label();
                self.frames.push(Frame::Named { name, after });
                self.scan(body);
                self.frames.pop();
                self.graph.bind(after, BlockKind::Body);
            }
        }
    }

    // Switches

    pub(super) fn switch(&mut self, shape: Switch, name: Option<Span>) {
        let dispatch = match shape.style {
            SwitchStyle::Conditions => {
                self.scan(shape.subject);
                self.subject(Code::NONE)
            }
            _ => self.subject(shape.subject),
        };
        let after = self.graph.label();
        let switch = OpenSwitch { style: shape.style, dispatch, default: None, next_case: None };
        self.frames.push(Frame::Switch { name, after, switch });
        self.scan(shape.body);
        self.graph.jump(EdgeKind::Fallthrough, after);
        if let Some(Frame::Switch { switch, .. }) = self.frames.pop() {
            self.no_case(switch, after, shape.is_exhaustive);
        }
        self.graph.bind(after, BlockKind::Body);
    }

    fn subject(&mut self, subject: Code) -> Dispatch {
        if !subject.is_empty() {
            self.scan(subject);
            let at = self.end_of(subject);
            if let Some(block) = self.graph.close(BlockKind::Condition, at, Ending::Switch) {
                return Dispatch::Block(block);
            }
        }
        let start = self.graph.label();
        self.graph.jump(EdgeKind::Fallthrough, start);
        Dispatch::At(start)
    }

    /// What happens when control has passed all cases.
    fn no_case(&mut self, switch: OpenSwitch, after: Label, is_exhaustive: bool) {
        if let Some(label) = switch.next_case {
            self.graph.bind(label, BlockKind::Body);
            self.graph.jump(EdgeKind::Fallthrough, after);
        }
        let (to, kind) = switch.default.map_or((after, EdgeKind::False), |default| (default, EdgeKind::Case));
        match switch.dispatch {
            Dispatch::Block(block) if switch.default.is_some() || !is_exhaustive => self.graph.edge(block, to, kind),
            Dispatch::Block(_) => {}
            Dispatch::At(label) => {
                self.graph.bind(label, BlockKind::Body);
                self.graph.jump(EdgeKind::Fallthrough, to);
            }
        }
    }

    /// The innermost switch around.
    fn open_switch(&mut self) -> Option<(&mut OpenSwitch, Label)> {
        self.frames.iter_mut().rev().find_map(|frame| match frame {
            Frame::Switch { switch, after, .. } => Some((switch, *after)),
            _ => None,
        })
    }

    fn next_case(&mut self) -> Option<Label> {
        let label = self.graph.label();
        let (switch, _) = self.open_switch()?;
        Some(*switch.next_case.get_or_insert(label))
    }

    pub(super) fn case(&mut self, node: Node<'_>, test: Code, guard: Code, body: Code) {
        let entry = self.graph.label();
        let Some((switch, after)) = self.open_switch() else { return self.scan(body) };
        let (style, dispatch, next_case) = (switch.style, switch.dispatch, switch.next_case.take());
        let (test, guard) = if style == SwitchStyle::Conditions { (guard, test) } else { (test, guard) };
        let is_default = test.is_empty() && guard.is_empty();
        if is_default {
            switch.default = Some(entry);
        }
        // What ran before falls into this body, or is done.
        let fallen = self.graph.label();
        self.graph.jump(EdgeKind::Fallthrough, if style.falls_through() { fallen } else { after });
        if !is_default {
            let dispatch = self.dispatch(dispatch, node, test, guard, entry);
            if let Some((switch, _)) = self.open_switch() {
                switch.dispatch = dispatch;
            }
        }
        self.graph.bind(fallen, BlockKind::Case);
        if let Some(label) = next_case {
            self.graph.bind(label, BlockKind::Case);
        }
        self.graph.bind(entry, BlockKind::Case);
        if is_default {
            self.graph.expect(entry);
        }
        self.scan(body);
    }

    /// Decides for a case that is not the default: on at `entry` if it is taken. Gives what decides about those to come.
    fn dispatch(&mut self, dispatch: Dispatch, node: Node<'_>, test: Code, guard: Code, entry: Label) -> Dispatch {
        let guarded = if guard.is_empty() { entry } else { self.graph.label() };
        let rest = self.graph.label();
        let decider = match dispatch {
            Dispatch::Block(block) => Some(block),
            Dispatch::At(label) => {
                self.graph.bind(label, BlockKind::Condition);
                if test.is_empty() { None } else { self.test(node, test) }
            }
        };
        match decider {
            Some(block) if test.is_empty() => self.graph.edge(block, guarded, EdgeKind::False),
            Some(block) => self.graph.edge(block, guarded, EdgeKind::Case),
            None => self.graph.bind(guarded, BlockKind::Condition),
        }
        if guard.is_empty() {
            return decider.map_or(Dispatch::At(rest), Dispatch::Block);
        }
        if let Some(block) = decider {
            if !test.is_empty() {
                self.graph.edge(block, rest, EdgeKind::False);
            }
            self.graph.bind(guarded, BlockKind::Condition);
        }
        self.condition(guard, entry, rest);
        Dispatch::At(rest)
    }

    /// The block that tests for a case and those after it.
    fn test(&mut self, node: Node<'_>, test: Code) -> Option<u32> {
        self.graph.open(BlockKind::Condition, node.start());
        let start = self.syntax.node(test.first).start();
        self.graph.touch(Span::new(start, self.end_of(test)));
        self.graph.close(BlockKind::Condition, node.start(), Ending::Switch)
    }
}
