//! Walks a body in the order it runs and draws its graph: plain code, conditions, branches and loops.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::lang::{Code, Logical, Loop, Shape, Test};
use crate::model::{BlockKind, Cfg, EdgeKind, Node, Span};

use super::graph::{Ending, Graph, Label};
use super::jumps::Frame;
use super::syntax::Syntax;

/// The graph of a body.
pub(super) fn draw(syntax: Syntax<'_>, body: Node<'_>) -> Cfg {
    let mut walker = Walker {
        syntax,
        graph: Graph::new(body.span()),
        frames: Vec::new(),
        targets: FxHashMap::default(),
        defers: false,
    };
    walker.scan(Code::of(body));
    if walker.defers {
        walker.deferred(body.end());
    }
    walker.graph.finish()
}

pub(super) struct Walker<'a> {
    pub(super) syntax: Syntax<'a>,
    pub(super) graph: Graph,
    /// The constructs around that jumps care for, innermost last.
    pub(super) frames: Vec<Frame>,
    /// Where `goto` leads.
    pub(super) targets: FxHashMap<&'a [u8], Label>,
    /// Whether a call is deferred to the end.
    pub(super) defers: bool,
}

/// The plain node being walked that no other plain node holds, as far as it is not in the graph yet.
#[derive(Default)]
struct Run {
    span: Span,
    /// Whether code inside it has been passed.
    has_leaf: bool,
}

impl Walker<'_> {
    /// Walks code in source order.
    pub(super) fn scan(&mut self, code: Code) {
        self.scan_within(Span::default(), code);
    }

    /// Walks code that stands in a statement or expression of its own.
    pub(super) fn scan_within(&mut self, whole: Span, code: Code) {
        let mut run = Run { span: whole, has_leaf: false };
        let mut index = code.first;
        while index < code.end {
            let node = self.syntax.node(index);
            let shape = self.syntax.shape(node);
            index = match shape {
                Shape::Plain | Shape::Group(_) | Shape::Not(_) | Shape::Decision => {
                    self.pass(&mut run, node, node.is_leaf());
                    index + 1
                }
                Shape::Leaf | Shape::Opaque | Shape::Closure { .. } => {
                    self.pass(&mut run, node, true);
                    node.next()
                }
                Shape::Partly(code) => {
                    self.pass(&mut run, node, code.is_empty());
                    if code.is_empty() { node.next() } else { code.first }
                }
                Shape::Sequence | Shape::ElseIf { .. } | Shape::Handler { .. } | Shape::Finally(_) => index + 1,
                Shape::Tail(code) if !code.is_empty() => code.first,
                Shape::Skip | Shape::Tail(_) => node.next(),
                Shape::Defer(_) => {
                    self.defers = true;
                    self.pass(&mut run, node, false);
                    index + 1
                }
                shape => {
                    self.interrupt(std::mem::take(&mut run), node, &shape);
                    stacker::maybe_grow(64 * 1024, 4 * 1024 * 1024, || self.construct(node, shape));
                    node.next()
                }
            };
        }
        self.graph.touch(run.span);
    }

    /// Passes a plain node: the next part of the run, or the start of the next one.
    fn pass(&mut self, run: &mut Run, node: Node<'_>, is_leaf: bool) {
        if node.start() >= run.span.end {
            self.graph.touch(run.span);
            *run = Run { span: node.span(), has_leaf: false };
        }
        run.span.end = run.span.end.max(node.end());
        run.has_leaf |= is_leaf;
    }

    /// Puts into the graph what was passed before `node`. A condition gets a block of its own, unless it stands in the
    /// middle of an expression.
    fn interrupt(&mut self, run: Run, node: Node<'_>, shape: &Shape) {
        let is_inside = run.span.end > node.start();
        if !is_inside {
            self.graph.touch(run.span);
        } else if run.has_leaf || matches!(shape, Shape::Propagate(_)) {
            let before = Span::new(run.span.start, node.start());
            self.graph.touch(Span::new(before.start, before.start + self.trimmed(before)));
        }
        let in_order = match shape {
            Shape::Conditional { condition, then, .. } => then.is_empty() || condition.first < then.first,
            Shape::If { .. } | Shape::Switch(_) | Shape::Logical { .. } => true,
            _ => return,
        };
        if !(is_inside && run.has_leaf && in_order) {
            self.graph.cut(BlockKind::Condition);
        }
    }

    /// Length of a piece of source without the white space at its end.
    fn trimmed(&self, span: Span) -> u32 {
        span.slice(self.syntax.source).trim_ascii_end().len() as u32
    }

    fn construct(&mut self, node: Node<'_>, shape: Shape) {
        match shape {
            Shape::If { before, condition, then, otherwise } => self.branch(before, condition, then, otherwise),
            Shape::Conditional { condition, then, otherwise } => self.branch(Code::NONE, condition, then, otherwise),
            Shape::Logical { operator, operands } => self.logical(operator, operands),
            Shape::Either { body, otherwise } => self.either(node, body, otherwise),
            Shape::Loop(shape) => self.repeat(node, shape, shape.label),
            Shape::Switch(shape) => self.switch(shape, None),
            Shape::Case { test, guard, body } => self.case(node, test, guard, body),
            Shape::Try(shape) => self.attempt(node, shape),
            Shape::Propagate(value) => self.propagate(node, value),
            Shape::Jump { how, label, value } => self.jump(node, how, label, value),
            Shape::Label { name, body } => self.labelled(name, body),
            _ => unreachable!("the others are walked by `scan_within`"),
        }
    }

    /// A decision with what depends on it, `else if` included.
    fn branch(&mut self, before: Code, condition: Code, then: Code, otherwise: Code) {
        let after = self.graph.label();
        let (mut before, mut condition, mut then, mut otherwise) = (before, condition, then, otherwise);
        loop {
            let (holds, fails) = (self.graph.label(), self.graph.label());
            self.scan(before);
            self.condition(condition, holds, fails);
            self.graph.bind(holds, BlockKind::Body);
            self.scan(then);
            self.graph.jump(EdgeKind::Fallthrough, after);
            let Some(next) = self.syntax.else_if(otherwise) else {
                self.graph.bind(fails, BlockKind::Body);
                self.scan(otherwise);
                break;
            };
            self.graph.bind(fails, BlockKind::Condition);
            (before, condition, then, otherwise) = (next.before, next.condition, next.then, next.otherwise);
        }
        self.graph.bind(after, BlockKind::Body);
    }

    /// Branches of which one is there when the program runs.
    fn either(&mut self, node: Node<'_>, body: Code, otherwise: Code) {
        let (mut branches, mut rest): (SmallVec<[Code; 4]>, Code) = (SmallVec::from_slice(&[body]), otherwise);
        while let Some((_, Shape::Either { body, otherwise })) = self.syntax.only(rest) {
            branches.push(body);
            rest = otherwise;
        }
        let is_complete = !rest.is_empty();
        branches.extend(is_complete.then_some(rest));
        if !branches.iter().any(|branch| self.syntax.has_parts(*branch)) {
            return;
        }
        let after = self.graph.label();
        let before = self.graph.close(BlockKind::Body, node.start(), Ending::Switch);
        for branch in branches {
            let start = self.graph.label();
            if let Some(block) = before {
                self.graph.edge(block, start, EdgeKind::Case);
            }
            self.graph.bind(start, BlockKind::Body);
            self.scan(branch);
            self.graph.jump(EdgeKind::Fallthrough, after);
        }
        if let Some(block) = before.filter(|_| !is_complete) {
            self.graph.edge(block, after, EdgeKind::False);
        }
        self.graph.bind(after, BlockKind::Body);
    }

    /// Walks a condition: control goes on at `holds` or `fails`.
    pub(super) fn condition(&mut self, code: Code, holds: Label, fails: Label) {
        stacker::maybe_grow(64 * 1024, 4 * 1024 * 1024, || self.condition_here(code, holds, fails));
    }

    fn condition_here(&mut self, mut code: Code, mut holds: Label, mut fails: Label) {
        loop {
            match self.syntax.only(code).map(|(_, shape)| shape) {
                Some(Shape::Group(inner)) => code = inner,
                Some(Shape::Not(inner)) => {
                    code = inner;
                    std::mem::swap(&mut holds, &mut fails);
                }
                Some(Shape::Logical { operator: Logical::And, operands }) => {
                    return self.operands(
                        operands,
                        |walker, operand, next| walker.condition(operand, next, fails),
                        |walker, last| walker.condition(last, holds, fails),
                    );
                }
                Some(Shape::Logical { operator: Logical::Or, operands }) => {
                    return self.operands(
                        operands,
                        |walker, operand, next| walker.condition(operand, holds, next),
                        |walker, last| walker.condition(last, holds, fails),
                    );
                }
                Some(Shape::Conditional { condition, then, otherwise }) => {
                    return self.conditional_condition(condition, [then, otherwise], holds, fails);
                }
                _ => return self.simple_condition(code, holds, fails),
            }
        }
    }

    /// `a ? b : c` as a condition.
    fn conditional_condition(&mut self, condition: Code, values: [Code; 2], holds: Label, fails: Label) {
        let chosen = [self.graph.label(), self.graph.label()];
        self.condition(condition, chosen[0], chosen[1]);
        for (label, value) in chosen.into_iter().zip(values) {
            self.graph.bind(label, BlockKind::Condition);
            self.condition(value, holds, fails);
        }
    }

    fn simple_condition(&mut self, code: Code, holds: Label, fails: Label) {
        self.scan(code);
        let at = self.end_of(code);
        if let Some(block) = self.graph.close(BlockKind::Condition, at, Ending::Plain) {
            self.graph.edge(block, holds, EdgeKind::True);
            self.graph.edge(block, fails, EdgeKind::False);
        }
    }

    /// A logical operator for its value: what follows comes after each of the ways.
    fn logical(&mut self, operator: Logical, operands: Code) {
        let after = self.graph.label();
        self.operands(
            operands,
            |walker, operand, next| match operator {
                Logical::And => walker.condition(operand, next, after),
                Logical::Or | Logical::Coalesce => walker.condition(operand, after, next),
            },
            |walker, last| walker.scan(last),
        );
        self.graph.bind(after, BlockKind::Body);
    }

    /// Walks operands in order; each but the last gets the label of the next one.
    fn operands(
        &mut self,
        operands: Code,
        mut each: impl FnMut(&mut Self, Code, Label),
        last: impl FnOnce(&mut Self, Code),
    ) {
        let operands = self.syntax.operands(operands);
        let Some((final_operand, others)) = operands.split_last() else { return };
        for operand in others {
            let next = self.graph.label();
            each(self, *operand, next);
            self.graph.bind(next, BlockKind::Condition);
        }
        last(self, *final_operand);
    }

    /// A loop, with the name it is called by.
    pub(super) fn repeat(&mut self, node: Node<'_>, shape: Loop, name: Option<Span>) {
        self.scan(shape.before);
        let [header, round, next, done, after] = std::array::from_fn(|_| self.graph.label());
        self.graph.bind(header, BlockKind::LoopHeader);
        self.graph.open(BlockKind::LoopHeader, self.start_of(&shape, node));
        match shape.test {
            Test::Before(condition) => self.condition(condition, round, done),
            Test::Each(element) => self.next_element(node, element, round, done),
            Test::After(_) | Test::Never => {}
        }
        if matches!(shape.test, Test::Before(_) | Test::Each(_)) {
            self.graph.bind(round, BlockKind::Body);
        }
        let next_round = if shape.update.is_empty() && !matches!(shape.test, Test::After(_)) { header } else { next };
        self.frames.push(Frame::Loop { name, after, next_round });
        self.scan(shape.body);
        self.frames.pop();
        if next_round != header {
            self.graph.bind(next, BlockKind::Body);
        }
        self.scan(shape.update);
        match shape.test {
            Test::After(condition) => {
                self.graph.cut(BlockKind::Condition);
                self.condition(condition, header, done);
            }
            _ => self.graph.jump(EdgeKind::LoopBack, header),
        }
        self.graph.bind(done, BlockKind::Body);
        self.scan(shape.otherwise);
        self.graph.bind(after, BlockKind::Body);
    }

    /// The test whether there is another element, which stands where the element is bound.
    fn next_element(&mut self, node: Node<'_>, element: Code, round: Label, done: Label) {
        if !element.is_empty() {
            let start = self.syntax.node(element.first).start();
            self.graph.touch(Span::new(start, self.end_of(element)));
        }
        if let Some(header) = self.graph.close(BlockKind::LoopHeader, node.start(), Ending::Plain) {
            self.graph.edge(header, round, EdgeKind::True);
            self.graph.edge(header, done, EdgeKind::False);
        }
    }

    /// Where the rounds of a loop start.
    fn start_of(&self, shape: &Loop, node: Node<'_>) -> u32 {
        match shape.test {
            Test::Before(code) | Test::Each(code) if !code.is_empty() => self.syntax.node(code.first).start(),
            _ if !shape.body.is_empty() => self.syntax.node(shape.body.first).start(),
            _ => node.start(),
        }
    }

    /// Rust's `?`: on with the value, or out of the callable.
    fn propagate(&mut self, node: Node<'_>, value: Code) {
        self.scan_within(node.span(), value);
        if !self.graph.is_open() && self.graph.is_live() {
            self.graph.touch(Span::new(self.end_of(value), node.end()));
        }
        let next = self.graph.label();
        if let Some(block) = self.graph.close(BlockKind::Body, node.end(), Ending::Plain) {
            self.graph.edge(block, next, EdgeKind::True);
            let exit = self.route(EdgeKind::Return, self.graph.exit(), 0);
            self.graph.edge(block, exit, EdgeKind::Return);
        }
        self.graph.bind(next, BlockKind::Body);
    }

    /// The last byte of code, plus one; 0 for none.
    pub(super) fn end_of(&self, code: Code) -> u32 {
        let mut next = code.first;
        let mut end = 0;
        while next < code.end {
            let node = self.syntax.node(next);
            (end, next) = (node.end(), node.next());
        }
        end
    }
}
