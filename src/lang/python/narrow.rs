//! What tests say about the types of local names: `isinstance(x, T)` in a condition or an `assert`.
//!
//! Where a test holds, a block scope of its own declares the name with the narrower type. That scope must not take
//! what belongs to the function, so nothing is narrowed where the name is bound again or anything is defined.

use crate::model::{Children, Expr, ExprId, NameId, Node, ScopeKind, Space};

use super::visit::{Field, Kind, Visitor, is_trivia};

/// Types that say less of their values than what is known of them already: not what they hold.
const CONTAINERS: &[&str] = &[
    "Collection",
    "Iterable",
    "Iterator",
    "List",
    "Mapping",
    "MutableMapping",
    "MutableSequence",
    "Sequence",
    "Set",
    "dict",
    "frozenset",
    "list",
    "object",
    "set",
    "tuple",
];

impl<'s> Visitor<'_, 's> {
    /// Visits what runs only where `condition` holds: `body`.
    pub(super) fn where_true<R>(
        &mut self,
        condition: Node<'_>,
        body: Node<'_>,
        visit: impl FnOnce(&mut Visitor<'_, 's>) -> R,
    ) -> R {
        let narrowed = if self.is_in_function() { self.narrowed_names(condition, body.children()) } else { Vec::new() };
        self.where_narrowed(narrowed, visit)
    }

    /// Visits the statements of a block; those after an `assert`, or an `if not ...` that leaves, where that holds.
    pub(super) fn statements_of(&mut self, mut list: Children<'_>) {
        while let Some(child) = list.next() {
            self.statement(child);
            if !matches!(Kind::of(child), Kind::AssertStatement | Kind::IfStatement) || !self.is_in_function() {
                continue;
            }
            let Some(condition) = ensured(child) else { continue };
            let narrowed = self.narrowed_names(condition, list.clone());
            if !narrowed.is_empty() {
                return self.where_narrowed(narrowed, |visitor| visitor.deeper(|visitor| visitor.statements_of(list)));
            }
        }
    }

    fn is_in_function(&self) -> bool {
        self.b.scope_kind(self.binding_scope()) == ScopeKind::Function
    }

    fn where_narrowed<R>(
        &mut self,
        narrowed: Vec<(NameId, ExprId)>,
        visit: impl FnOnce(&mut Visitor<'_, 's>) -> R,
    ) -> R {
        if narrowed.is_empty() {
            return visit(self);
        }
        self.in_scope(ScopeKind::Block, |visitor| {
            for (name, value) in narrowed {
                visitor.b.local(name, 0, None, Some(value));
            }
            visit(visitor)
        })
    }

    /// The local names that `condition` says the types of, as long as `body` leaves them alone.
    fn narrowed_names(&mut self, condition: Node<'_>, body: Children<'_>) -> Vec<(NameId, ExprId)> {
        let mut narrowed = Vec::new();
        let mut pending = vec![condition];
        while let Some(node) = pending.pop() {
            match Kind::of(node) {
                Kind::ParenthesizedExpression => pending.extend(node.children().filter(|child| !is_trivia(*child))),
                Kind::BooleanOperator if self.is_conjunction(node) => pending.extend(node.children()),
                Kind::Call => narrowed.extend(self.tested(node, body.clone())),
                _ => {}
            }
        }
        narrowed
    }

    /// Whether a boolean operator is `and`.
    pub(super) fn is_conjunction(&self, node: Node<'_>) -> bool {
        let mut operands = node.children().filter(|child| !is_trivia(*child));
        let (Some(left), Some(right)) = (operands.next(), operands.next()) else { return false };
        let gap = &self.b.source()[left.end() as usize..right.start().max(left.end()) as usize];
        gap.split(|byte| !byte.is_ascii_alphabetic()).any(|word| word == b"and")
    }

    /// Name and narrower value of `isinstance(name, T)`.
    fn tested(&mut self, call: Node<'_>, body: Children<'_>) -> Option<(NameId, ExprId)> {
        let function = Field::Function.of(call).filter(|function| self.b.is(*function, "isinstance"))?;
        let mut arguments = Field::Arguments.of(call)?.children().filter(|child| !is_trivia(*child));
        let (name, ty) = (arguments.next()?, arguments.next()?);
        if Kind::of(function) != Kind::Identifier || Kind::of(name) != Kind::Identifier {
            return None;
        }
        let id = self.b.name(name);
        let is_local = self.state.locals.contains_key(&(self.binding_scope(), id)) && self.receiver_class(id).is_none();
        if !is_local || !self.leaves_alone(name, body) {
            return None;
        }
        Some((id, self.tested_value(ty)?))
    }

    /// A value of the type or of one of the types that are tested for.
    fn tested_value(&mut self, ty: Node<'_>) -> Option<ExprId> {
        let types: Vec<Node<'_>> = match Kind::of(ty) {
            Kind::Tuple => ty.children().filter(|child| !is_trivia(*child)).collect(),
            _ => vec![ty],
        };
        let mut values = Vec::new();
        for ty in types {
            let last = Field::AttributeName.of(ty).unwrap_or(ty);
            if CONTAINERS.binary_search(&&*self.b.text(last)).is_ok() {
                return None;
            }
            let ty = self.path(ty)?;
            values.push(self.b.expr(Expr::Typed { ty }));
        }
        (!values.is_empty()).then(|| self.b.union(&values))
    }

    /// A dotted name, without recording its uses.
    fn path(&mut self, node: Node<'_>) -> Option<ExprId> {
        let mut names = Vec::new();
        let mut head = node;
        while Kind::of(head) == Kind::Attribute {
            names.push(Field::AttributeName.of(head)?);
            head = Field::Object.of(head)?;
        }
        if Kind::of(head) != Kind::Identifier {
            return None;
        }
        let head = self.b.name_expr(head, Space::Any);
        Some(names.into_iter().rev().fold(head, |base, name| self.member(base, name)))
    }

    /// Whether nothing in `body` binds the name again, or defines or imports anything.
    fn leaves_alone(&self, name: Node<'_>, body: Children<'_>) -> bool {
        let mut pending: Vec<Node<'_>> = body.collect();
        while let Some(node) = pending.pop() {
            let target = match Kind::of(node) {
                Kind::FunctionDefinition
                | Kind::ClassDefinition
                | Kind::ImportStatement
                | Kind::ImportFromStatement
                | Kind::GlobalStatement
                | Kind::NonlocalStatement
                | Kind::DeleteStatement
                | Kind::MatchStatement => return false,
                Kind::Assignment | Kind::AugmentedAssignment | Kind::ForStatement => Field::Left.of(node),
                Kind::NamedExpression => Field::Name.of(node),
                Kind::AsPatternTarget => Some(node),
                _ => None,
            };
            if target.is_some_and(|target| self.binds(target, name)) {
                return false;
            }
            pending.extend(node.children());
        }
        true
    }

    /// Whether the target of an assignment binds a name of this text.
    fn binds(&self, target: Node<'_>, name: Node<'_>) -> bool {
        let mut pending = vec![target];
        while let Some(node) = pending.pop() {
            match Kind::of(node) {
                Kind::Identifier if self.b.text(node) == self.b.text(name) => return true,
                Kind::Attribute | Kind::Subscript => {}
                _ => pending.extend(node.children()),
            }
        }
        false
    }
}

/// What holds after a statement: what is asserted, or what is not so where a branch leaves the block.
fn ensured(statement: Node<'_>) -> Option<Node<'_>> {
    let mut parts = statement.children().filter(|child| !is_trivia(*child));
    if Kind::of(statement) == Kind::AssertStatement {
        return parts.next();
    }
    let condition = Field::Condition.of(statement).filter(|condition| Kind::of(*condition) == Kind::NotOperator)?;
    let has_other_branches = parts.any(|part| matches!(Kind::of(part), Kind::ElifClause | Kind::ElseClause));
    let last = Field::Consequence.of(statement)?.children().filter(|child| !is_trivia(*child)).last()?;
    let leaves = matches!(
        Kind::of(last),
        Kind::ReturnStatement | Kind::RaiseStatement | Kind::ContinueStatement | Kind::BreakStatement
    );
    condition.children().next().filter(|_| leaves && !has_other_branches)
}

#[cfg(test)]
mod tests {
    use super::CONTAINERS;

    #[test]
    fn containers_are_sorted() {
        assert!(CONTAINERS.is_sorted());
    }
}
