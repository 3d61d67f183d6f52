//! Statements of Java that open scopes or declare locals, and `switch`.

use crate::model::{Expr, ExprId, Node, Role, ScopeKind, Space};

use super::visit::{Field, Kind, Visitor, is_trivia};

impl Visitor<'_, '_> {
    /// Visits a statement, or anything that is no expression; gives the value of a `switch` or `yield`.
    pub(super) fn statement(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::SwitchExpression => return self.switch(node),
            Kind::Yield => return self.yielded(node),
            Kind::Block => return self.block(node),
            Kind::LocalVariable => self.local_variables(node),
            Kind::For => self.scoped(node),
            Kind::EnhancedFor => self.enhanced_for(node),
            Kind::TryWithResources => self.try_with_resources(node),
            Kind::CatchClause => self.catch(node),
            Kind::Labeled => self.labeled(node),
            // Labels are no names of the program.
            Kind::Break | Kind::Continue => {}
            _ => {
                if !self.declaration(node, None) {
                    self.items(node);
                }
            }
        }
        self.b.unknown()
    }

    /// A block in a scope of its own; its value is what it yields.
    fn block(&mut self, node: Node<'_>) -> ExprId {
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            visitor.items(node).unwrap_or_else(|| visitor.b.unknown())
        })
    }

    fn yielded(&mut self, node: Node<'_>) -> ExprId {
        let values = self.each(node);
        values.first().copied().unwrap_or_else(|| self.b.unknown())
    }

    /// A statement whose declarations end with it.
    fn scoped(&mut self, node: Node<'_>) {
        self.b.in_scope(ScopeKind::Block, |b| {
            Visitor { b }.each(node);
        });
    }

    fn local_variables(&mut self, node: Node<'_>) {
        self.annotations(node);
        let ty = self.declared(Field::Type.of(node));
        for declarator in node.children().filter(|child| Kind::of(*child) == Kind::VariableDeclarator) {
            self.variable_declarator(declarator, ty);
        }
    }

    fn variable_declarator(&mut self, declarator: Node<'_>, ty: Option<ExprId>) {
        let ty = ty.map(|ty| self.with_dimensions(declarator, ty));
        let init = Field::Value.of(declarator).map(|value| self.expr(value));
        self.declare_local(declarator, ty, init);
    }

    /// Declares the name of `node`, visible from right after it.
    fn declare_local(&mut self, node: Node<'_>, ty: Option<ExprId>, init: Option<ExprId>) {
        let name = Field::Name.of(node).filter(|name| Kind::of(*name) == Kind::Identifier);
        if let Some(name) = name {
            let id = self.b.name(name);
            self.b.local(id, name.end(), ty, init);
        }
    }

    fn enhanced_for(&mut self, node: Node<'_>) {
        let value = Field::Value.of(node).map(|value| self.expr(value));
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            visitor.annotations(node);
            let ty = visitor.declared(Field::Type.of(node));
            let ty = ty.map(|ty| visitor.with_dimensions(node, ty));
            let element = value.map(|base| visitor.b.expr(Expr::Element { base }));
            visitor.declare_local(node, ty, element);
            if let Some(body) = Field::Body.of(node) {
                visitor.expr(body);
            }
        });
    }

    /// The resources are visible in the body, not in the `catch` and `finally` clauses.
    fn try_with_resources(&mut self, node: Node<'_>) {
        let is_inner = |child: Node<'_>| Field::Resources.is(child) || Field::Body.is(child);
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            let resources = Field::Resources.of(node);
            for resource in resources.iter().flat_map(|list| list.children()) {
                visitor.resource(resource);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.expr(body);
            }
        });
        for clause in node.children().filter(|child| !is_inner(*child) && !is_trivia(*child)) {
            self.expr(clause);
        }
    }

    fn resource(&mut self, node: Node<'_>) {
        if Kind::of(node) != Kind::Resource || Field::Name.of(node).is_none() {
            self.each(node);
            return;
        }
        self.annotations(node);
        let ty = self.declared(Field::Type.of(node));
        let init = Field::Value.of(node).map(|value| self.expr(value));
        self.declare_local(node, ty, init);
    }

    fn catch(&mut self, node: Node<'_>) {
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            for part in node.children().filter(|child| Kind::of(*child) == Kind::CatchParameter) {
                visitor.annotations(part);
                let types = part.children().find(|child| Kind::of(*child) == Kind::CatchType);
                let types = types.map(|types| visitor.type_arguments(types)).unwrap_or_default();
                let ty = visitor.b.union(&types);
                visitor.declare_local(part, Some(ty), None);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.items(body);
            }
        });
    }

    fn labeled(&mut self, node: Node<'_>) {
        for statement in node.children().filter(|child| !is_trivia(*child)).skip(1) {
            self.expr(statement);
        }
    }

    // Switch

    fn switch(&mut self, node: Node<'_>) -> ExprId {
        let selector = Field::Condition.of(node).map(|condition| self.expr(condition));
        let selector = selector.unwrap_or_else(|| self.b.unknown());
        let Some(body) = Field::Body.of(node) else { return self.b.unknown() };
        let results = self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            let mut results = Vec::new();
            for part in body.children() {
                match Kind::of(part) {
                    Kind::SwitchGroup => visitor.switch_group(part, selector),
                    Kind::SwitchRule => results.extend(visitor.switch_rule(part, selector)),
                    _ => {
                        visitor.items(part);
                    }
                }
            }
            results
        });
        if results.is_empty() { self.b.unknown() } else { self.b.union(&results) }
    }

    /// `case A: case B: statements`; declarations are visible in later groups too.
    fn switch_group(&mut self, group: Node<'_>, selector: ExprId) {
        for part in group.children().filter(|child| !is_trivia(*child)) {
            if Kind::of(part) == Kind::SwitchLabel {
                self.switch_label(part, selector);
            } else if !self.declaration(part, None) {
                self.expr(part);
            }
        }
    }

    /// `case A, B -> value`.
    fn switch_rule(&mut self, rule: Node<'_>, selector: ExprId) -> Option<ExprId> {
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            let mut result = None;
            for part in rule.children().filter(|child| !is_trivia(*child)) {
                if Kind::of(part) == Kind::SwitchLabel {
                    visitor.switch_label(part, selector);
                } else {
                    result = Some(visitor.expr(part));
                }
            }
            result
        })
    }

    fn switch_label(&mut self, label: Node<'_>, selector: ExprId) {
        for part in label.children().filter(|child| !is_trivia(*child)) {
            match Kind::of(part) {
                Kind::Pattern => self.pattern(part),
                Kind::Identifier => self.case_name(part, selector),
                _ => {
                    self.expr(part);
                }
            }
        }
    }

    /// A plain name after `case` is a constant in scope or, if the selector is an enum, one of its constants.
    fn case_name(&mut self, name: Node<'_>, selector: ExprId) {
        let id = self.b.name(name);
        let constant = self.b.expr(Expr::Member { base: selector, name: id });
        let in_scope = self.b.name_expr(name, Space::NonMethod);
        let either = self.b.union(&[constant, in_scope]);
        self.b.occurrence(Role::Read, either, name);
    }
}
