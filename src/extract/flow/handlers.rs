//! Exceptions and what runs on the way out: `try`, `with`, `defer`.
//!
//! Any block with code inside a `try` may throw: it has one exceptional edge to where that leads first, which is the
//! first handler, else the clean-up code. A handler is a test with a `false` edge to the next one; what no handler
//! takes goes to the clean-up code and from there outwards.

use crate::lang::{Closing, Code, Shape, Try};
use crate::model::{BlockKind, EdgeKind, Node, Span};

use super::graph::{Ending, Label};
use super::jumps::{Frame, Way};
use super::walk::Walker;

/// The parts after the body of a `try`.
#[derive(Default)]
struct Rest {
    handlers: Vec<(Code, Code)>,
    otherwise: Code,
    finally: Option<Code>,
}

impl Walker<'_> {
    pub(super) fn attempt(&mut self, node: Node<'_>, shape: Try) {
        let rest = self.rest(shape.rest);
        let (after, outer, depth) = (self.graph.label(), self.graph.unwind(), self.frames.len());
        let cleanup = rest.finally.map(|_| self.push_cleanup(outer));
        let unhandled = cleanup.or(outer);
        let first = if rest.handlers.is_empty() { unhandled } else { Some(self.graph.label()) };
        self.graph.set_unwind(first);
        self.watched(node, &shape);
        self.graph.set_unwind(unhandled);
        self.scan(rest.otherwise);
        self.leave(after, depth);
        self.handlers(first, &rest.handlers, unhandled, after, depth);
        self.graph.set_unwind(outer);
        if let Some(code) = rest.finally {
            self.pop_cleanup(code, node.end());
        }
        self.graph.bind(after, BlockKind::Body);
    }

    fn rest(&self, code: Code) -> Rest {
        let mut rest = Rest::default();
        for (node, shape) in self.syntax.parts(code) {
            match shape {
                Shape::Handler { test, body } => rest.handlers.push((test, body)),
                Shape::Finally(code) => rest.finally = Some(code),
                _ => rest.otherwise = Code::of(node),
            }
        }
        rest
    }

    /// The resources, the body, and the closing of the resources.
    fn watched(&mut self, node: Node<'_>, shape: &Try) {
        self.scan(shape.resources);
        if shape.closing == Closing::None {
            return self.scan(shape.body);
        }
        let (after, outer, depth) = (self.graph.label(), self.graph.unwind(), self.frames.len());
        let cleanup = self.push_cleanup(outer);
        self.graph.set_unwind(Some(cleanup));
        self.scan(shape.body);
        if shape.closing == Closing::MaySwallow {
            self.route(EdgeKind::Fallthrough, after, depth);
        }
        self.leave(after, depth);
        self.graph.set_unwind(outer);
        let end = self.end_of(shape.body).max(node.start());
        self.pop_cleanup(Code::NONE, end);
        self.graph.bind(after, BlockKind::Body);
    }

    /// Goes on behind a construct with `depth` frames around it, through clean-up code if there is any.
    fn leave(&mut self, after: Label, depth: usize) {
        if self.graph.is_live() {
            let to = self.route(EdgeKind::Fallthrough, after, depth);
            self.graph.jump(EdgeKind::Fallthrough, to);
        }
    }

    fn handlers(
        &mut self,
        first: Option<Label>,
        handlers: &[(Code, Code)],
        unhandled: Option<Label>,
        after: Label,
        depth: usize,
    ) {
        let Some(mut entry) = first.filter(|_| !handlers.is_empty()) else { return };
        for (index, (test, body)) in handlers.iter().enumerate() {
            self.graph.bind(entry, BlockKind::Handler);
            if !test.is_empty() {
                let is_last = index + 1 == handlers.len();
                let outside = unhandled.unwrap_or(self.graph.exit());
                entry = if is_last { outside } else { self.graph.label() };
                self.handler_test(*test, entry);
            }
            self.scan(*body);
            self.leave(after, depth);
        }
    }

    /// The test whether a handler is for what was thrown; on at `otherwise` if not.
    fn handler_test(&mut self, test: Code, otherwise: Label) {
        let start = self.syntax.node(test.first).start();
        self.graph.open(BlockKind::Handler, start);
        self.graph.touch(Span::new(start, self.end_of(test)));
        let body = self.graph.label();
        if let Some(block) = self.graph.close(BlockKind::Handler, start, Ending::Plain) {
            self.graph.edge(block, body, EdgeKind::True);
            self.graph.edge(block, otherwise, EdgeKind::False);
        }
        self.graph.bind(body, BlockKind::Body);
    }

    /// Opens a construct with clean-up code, through which what is thrown goes on to `outer`; gives where it starts.
    fn push_cleanup(&mut self, outer: Option<Label>) -> Label {
        let entry = self.graph.label();
        let to = outer.unwrap_or(self.graph.exit());
        let thrown = Way { kind: EdgeKind::Throw, to, depth: self.frames.len() };
        self.frames.push(Frame::Cleanup { entry, ways: vec![thrown] });
        entry
    }

    /// Walks clean-up code, which goes on by every way that control came in.
    fn pop_cleanup(&mut self, code: Code, end: u32) {
        let Some(Frame::Cleanup { entry, ways }) = self.frames.pop() else { return };
        self.graph.bind(entry, BlockKind::Cleanup);
        let start = if code.is_empty() { end } else { self.syntax.node(code.first).start() };
        self.graph.open(BlockKind::Cleanup, start);
        self.scan(code);
        let Some(block) = self.graph.close(BlockKind::Cleanup, end, Ending::Resume) else { return };
        for way in ways {
            let to = self.route(way.kind, way.to, way.depth);
            self.graph.edge(block, to, way.kind);
        }
    }

    /// Runs the deferred calls: what was the end of the callable is before them.
    pub(super) fn deferred(&mut self, end: u32) {
        let returned = self.graph.move_exit();
        self.graph.bind(returned, BlockKind::Cleanup);
        self.graph.open(BlockKind::Cleanup, end);
        if let Some(block) = self.graph.close(BlockKind::Cleanup, end, Ending::Resume) {
            self.graph.edge(block, self.graph.exit(), EdgeKind::Return);
        }
    }
}
