//! `match` statements and their patterns.

use crate::model::{Expr, ExprId, Node, Role, Space};

use super::bind::Assigned;
use super::visit::{Field, Kind, Visitor};

impl Visitor<'_, '_> {
    pub(super) fn match_statement(&mut self, node: Node<'_>) {
        let subjects: Vec<ExprId> =
            node.children().filter(|child| Field::Subject.is(*child)).map(|subject| self.expr(subject)).collect();
        let subject = match subjects[..] {
            [only] => Some(only),
            _ => {
                let items = self.b.list(&subjects);
                Some(self.b.expr(Expr::Tuple { items }))
            }
        };
        let clauses = Field::Body.of(node).into_iter().flat_map(|body| body.children());
        for clause in clauses.filter(|child| Kind::of(*child) == Kind::CaseClause) {
            let patterns: Vec<Node<'_>> =
                clause.children().filter(|child| Kind::of(*child) == Kind::CasePattern).collect();
            for (index, pattern) in patterns.iter().enumerate() {
                let value =
                    subject.and_then(|base| if patterns.len() == 1 { Some(base) } else { self.part_of(base, index) });
                self.pattern(*pattern, value);
            }
            for child in clause.children().filter(|child| Field::Guard.is(*child) || Field::Consequence.is(*child)) {
                self.statement(child);
            }
        }
    }

    /// Binds the names of a pattern matched against `value`.
    fn pattern(&mut self, node: Node<'_>, value: Option<ExprId>) {
        self.deeper(|visitor| visitor.pattern_here(node, value));
    }

    fn pattern_here(&mut self, node: Node<'_>, value: Option<ExprId>) {
        match Kind::of(node) {
            Kind::CasePattern | Kind::UnionPattern => {
                for inner in node.children() {
                    self.pattern(inner, value);
                }
            }
            Kind::DottedName => {
                let mut parts = node.children();
                match (parts.next(), parts.next()) {
                    (Some(name), None) => self.capture(name, value),
                    _ => {
                        self.dotted(node, Role::Read);
                    }
                }
            }
            Kind::AsPattern => {
                let mut parts = node.children();
                let Some(inner) = parts.next() else { return };
                let value = self.narrowed(inner).or(value);
                self.pattern(inner, value);
                if let Some(name) = parts.last() {
                    self.capture(name, value);
                }
            }
            Kind::ClassPattern => self.class_pattern(node),
            Kind::ListPattern | Kind::TuplePattern => {
                for (index, inner) in node.children().enumerate() {
                    let part = value.and_then(|base| self.part_of(base, index));
                    self.pattern(inner, part);
                }
            }
            Kind::DictPattern => {
                for inner in node.children() {
                    match Kind::of(inner) {
                        Kind::DottedName => {
                            self.dotted(inner, Role::Read);
                        }
                        _ => self.pattern(inner, None),
                    }
                }
            }
            Kind::SplatPattern => {
                for name in node.children() {
                    self.capture(name, None);
                }
            }
            _ => {
                self.expr(node);
            }
        }
    }

    fn capture(&mut self, name: Node<'_>, value: Option<ExprId>) {
        if Kind::of(name) == Kind::Identifier && !self.b.is(name, "_") {
            self.bind(name, Assigned::value(value));
        }
    }

    /// What a pattern says of the value it matches: `Point(...)` an instance of `Point`.
    fn narrowed(&mut self, pattern: Node<'_>) -> Option<ExprId> {
        let mut node = pattern;
        while Kind::of(node) == Kind::CasePattern {
            node = node.children().next()?;
        }
        let class = node.children().next().filter(|_| Kind::of(node) == Kind::ClassPattern)?;
        let ty = self.dotted_expr(class)?;
        Some(self.b.expr(Expr::Typed { ty }))
    }

    fn class_pattern(&mut self, node: Node<'_>) {
        let mut parts = node.children();
        let class = parts.next().and_then(|class| self.dotted(class, Role::Type));
        let made = class.map(|ty| self.b.expr(Expr::Typed { ty }));
        for part in parts {
            let inner = part.children().next().filter(|_| Kind::of(part) == Kind::CasePattern).unwrap_or(part);
            if Kind::of(inner) != Kind::KeywordPattern {
                self.pattern(inner, None);
                continue;
            }
            let mut keyword = inner.children();
            let Some(name) = keyword.next() else { continue };
            let value = made.map(|base| self.member(base, name));
            if let Some(value) = value {
                self.b.occurrence(Role::Read, value, name);
            }
            for pattern in keyword {
                self.pattern(pattern, value);
            }
        }
    }

    /// A dotted name, its last part used in `role`.
    fn dotted(&mut self, node: Node<'_>, role: Role) -> Option<ExprId> {
        let mut parts = node.children().peekable();
        let first = parts.next()?;
        let mut expr = self.b.name_expr(first, Space::Any);
        let mut last = first;
        for part in parts {
            self.b.occurrence(Role::Read, expr, last);
            expr = self.member(expr, part);
            last = part;
        }
        self.b.occurrence(role, expr, last);
        Some(expr)
    }

    /// The same without recording anything.
    fn dotted_expr(&mut self, node: Node<'_>) -> Option<ExprId> {
        let mut parts = node.children();
        let first = parts.next()?;
        let mut expr = self.b.name_expr(first, Space::Any);
        for part in parts {
            expr = self.member(expr, part);
        }
        Some(expr)
    }
}
