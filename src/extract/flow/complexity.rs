//! Counts cyclomatic and cognitive complexity and the depth of nesting. `docs/metrics.md` has the rules language by language
//! and how they compare with lizard's (`bench/complexity.py`).
//!
//! Cyclomatic: one, plus one for each `if`, conditional expression, loop, case that is not the default, guard, handler,
//! logical operator, and clause of a comprehension. Not for `?`, `else`, `finally`, jumps and calls.
//!
//! Cognitive: after SonarSource's definition, except that recursion is not counted (that needs links) and that
//! callables with a symbol of their own count for themselves alone. Guards count by their operators only.

use smallvec::SmallVec;

use crate::lang::{Code, Jump, Logical, Shape, Test};
use crate::model::{Complexity, Node};

use super::syntax::Syntax;

/// The complexity of a body.
pub(super) fn count(syntax: Syntax<'_>, body: Code) -> Complexity {
    let complexity = Complexity { cyclomatic: 1, cognitive: 0, nesting: 0 };
    let mut counter = Counter { syntax, complexity, open: Vec::new() };
    counter.look_into(body, 0);
    while let Some((code, depth)) = counter.open.pop() {
        counter.scan(code, depth);
    }
    counter.complexity
}

/// Sums need no order, so what is nested waits in a list and nothing recurs.
struct Counter<'a> {
    syntax: Syntax<'a>,
    complexity: Complexity,
    open: Vec<(Code, u32)>,
}

impl Counter<'_> {
    fn look_into(&mut self, code: Code, depth: u32) {
        if !code.is_empty() {
            self.open.push((code, depth));
        }
    }

    fn scan(&mut self, code: Code, depth: u32) {
        let mut index = code.first;
        while index < code.end {
            let node = self.syntax.node(index);
            index = if self.enters(node, depth) { index + 1 } else { node.next() };
        }
    }

    /// Counts a node; says whether its children are at the same depth and to be looked at next.
    fn enters(&mut self, node: Node<'_>, depth: u32) -> bool {
        match self.syntax.shape(node) {
            Shape::Skip | Shape::Leaf => {}
            Shape::Partly(code) | Shape::Tail(code) => self.look_into(code, depth),
            Shape::Either { body, otherwise } => {
                self.look_into(body, depth);
                self.look_into(otherwise, depth);
            }
            Shape::If { before, condition, then, otherwise } => {
                self.if_chain(before, condition, then, otherwise, depth)
            }
            Shape::Conditional { condition, then, otherwise } => {
                self.nest(1, depth);
                self.look_into(condition, depth);
                self.look_into(then, depth + 1);
                self.look_into(otherwise, depth + 1);
            }
            Shape::Loop(shape) => {
                self.nest(1, depth);
                self.look_into(shape.before, depth);
                self.look_into(shape.update, depth);
                if let Test::Before(code) | Test::After(code) = shape.test {
                    self.look_into(code, depth);
                }
                self.look_into(shape.body, depth + 1);
                self.otherwise(shape.otherwise, depth);
            }
            Shape::Switch(shape) => {
                self.nest(0, depth);
                self.look_into(shape.subject, depth);
                self.look_into(shape.body, depth + 1);
            }
            Shape::Handler { body, .. } => {
                self.nest(1, depth);
                self.look_into(body, depth + 1);
            }
            Shape::Logical { operator, operands } => self.logical(operator, operands, depth),
            Shape::Closure { body } => {
                if !self.syntax.bodies.contains(&body.first) {
                    self.look_into(body, depth + 1);
                }
            }
            shape => {
                self.flat(shape);
                return true;
            }
        }
        false
    }

    /// Counts what opens no depth.
    fn flat(&mut self, shape: Shape) {
        match shape {
            Shape::Case { test, guard, .. } => {
                self.complexity.cyclomatic += u32::from(!test.is_empty()) + u32::from(!guard.is_empty());
            }
            Shape::Decision => self.complexity.cyclomatic += 1,
            Shape::Jump { how: Jump::Goto, .. }
            | Shape::Jump { how: Jump::Break | Jump::Continue, label: Some(_), .. } => self.cognitive(1),
            _ => {}
        }
    }

    /// Adds to the cognitive complexity, which nesting a hundred thousand deep drives out of range.
    fn cognitive(&mut self, count: u32) {
        self.complexity.cognitive = self.complexity.cognitive.saturating_add(count);
    }

    /// Counts a control structure that stands in `depth` others.
    fn nest(&mut self, decisions: u32, depth: u32) {
        self.complexity.cyclomatic += decisions;
        self.cognitive(1 + depth);
        self.complexity.nesting = self.complexity.nesting.max(depth + 1);
    }

    fn if_chain(&mut self, before: Code, condition: Code, then: Code, mut otherwise: Code, depth: u32) {
        self.nest(1, depth);
        for code in [before, condition] {
            self.look_into(code, depth);
        }
        self.look_into(then, depth + 1);
        while let Some(next) = self.syntax.else_if(otherwise) {
            self.complexity.cyclomatic += 1;
            self.cognitive(1);
            for code in [next.before, next.condition] {
                self.look_into(code, depth);
            }
            self.look_into(next.then, depth + 1);
            otherwise = next.otherwise;
        }
        self.otherwise(otherwise, depth);
    }

    fn otherwise(&mut self, code: Code, depth: u32) {
        if self.syntax.has_parts(code) {
            self.cognitive(1);
            self.look_into(code, depth + 1);
        }
    }

    /// Counts each operator, and each time that it differs from the one before it in the source.
    fn logical(&mut self, operator: Logical, operands: Code, depth: u32) {
        let mut last = None;
        let mut open: SmallVec<[Step; 16]> = SmallVec::new();
        self.push_operands(operator, operands, &mut open);
        while let Some(step) = open.pop() {
            match step {
                Step::Operator(operator) => {
                    self.complexity.cyclomatic += 1;
                    self.cognitive(u32::from(last != Some(operator)));
                    last = Some(operator);
                }
                Step::Operand(code) => match self.syntax.only(code).map(|(_, shape)| shape) {
                    Some(Shape::Group(inner)) => open.push(Step::Operand(inner)),
                    Some(Shape::Logical { operator, operands }) => self.push_operands(operator, operands, &mut open),
                    _ => self.look_into(code, depth),
                },
            }
        }
    }

    fn push_operands(&self, operator: Logical, operands: Code, open: &mut SmallVec<[Step; 16]>) {
        let operands = self.syntax.operands(operands);
        for (index, operand) in operands.into_iter().enumerate().rev() {
            open.push(Step::Operand(operand));
            if index > 0 {
                open.push(Step::Operator(operator));
            }
        }
    }
}

/// What is left to read of a logical expression.
#[derive(Clone, Copy)]
enum Step {
    Operand(Code),
    Operator(Logical),
}
