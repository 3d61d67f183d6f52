//! What control does in Python.
//!
//! Comprehensions run as callables of their own and are opaque; their clauses count as decisions. The body of a
//! class inside a function runs where it stands.

use crate::lang::{Closing, Code, Jump, Loop, Shape, Switch, SwitchStyle, Test, Try};
use crate::model::Node;

use super::visit::{Field, Kind};

/// What control does at `node`.
pub(super) fn shape(node: Node<'_>, source: &[u8]) -> Shape {
    match Kind::of(node) {
        Kind::Comment | Kind::Type | Kind::TypeAliasStatement => Shape::Skip,
        Kind::Block | Kind::ElseClause | Kind::ClassDefinition => Shape::Sequence,
        Kind::String if node.children().all(Node::is_leaf) => Shape::Leaf,
        Kind::ListComprehension
        | Kind::SetComprehension
        | Kind::DictionaryComprehension
        | Kind::GeneratorExpression => Shape::Opaque,
        Kind::ForInClause => Shape::Decision,
        Kind::IfClause if !Field::Guard.is(node) => Shape::Decision,
        Kind::FunctionDefinition => Shape::Closure { body: Field::Body.of(node).into() },
        Kind::Lambda if !node.is_leaf() => Shape::Closure { body: Field::Body.of(node).into() },
        Kind::ParenthesizedExpression => Shape::Group(Code::inside(node)),
        Kind::NotOperator => Shape::Not(Code::inside(node)),
        Kind::Assignment | Kind::AugmentedAssignment => {
            Shape::assignment(Field::Left.of(node), Field::Right.of(node), |left| Kind::of(left) == Kind::Identifier)
        }
        Kind::BooleanOperator => Shape::binary(Field::Left.of(node), Field::Right.of(node), source),
        Kind::ConditionalExpression => conditional(node),
        Kind::IfStatement => {
            let then = Field::Consequence.of(node);
            Shape::If {
                before: Code::NONE,
                condition: Field::Condition.of(node).into(),
                then: then.into(),
                otherwise: then.map_or(Code::NONE, |then| Code::after(node, then)),
            }
        }
        Kind::ElifClause => {
            Shape::ElseIf { condition: Field::Condition.of(node).into(), then: Field::Consequence.of(node).into() }
        }
        Kind::WhileStatement => loop_shape(node, Code::NONE, while_test(Field::Condition.of(node), source)),
        Kind::ForStatement => loop_shape(node, Field::Right.of(node).into(), Test::Each(Field::Left.of(node).into())),
        Kind::MatchStatement => match_statement(node),
        Kind::CaseClause => case_clause(node, source),
        Kind::TryStatement => try_statement(node),
        Kind::ExceptClause => handler(node),
        Kind::FinallyClause => Shape::Finally(Code::inside(node)),
        Kind::WithStatement => with_statement(node),
        Kind::ReturnStatement => jump(node, Jump::Return),
        Kind::RaiseStatement => jump(node, Jump::Throw),
        Kind::BreakStatement => jump(node, Jump::Break),
        Kind::ContinueStatement => jump(node, Jump::Continue),
        _ => Shape::Plain,
    }
}

/// `then if condition else otherwise`: the parts have no names in the grammar.
fn conditional(node: Node<'_>) -> Shape {
    let mut parts = node.children().filter(|child| Kind::of(*child) != Kind::Comment);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(then), Some(condition), Some(otherwise)) => {
            Shape::Conditional { condition: Code::of(condition), then: Code::of(then), otherwise: Code::of(otherwise) }
        }
        _ => Shape::Plain,
    }
}

fn loop_shape(node: Node<'_>, before: Code, test: Test) -> Shape {
    let body = Field::Body.of(node);
    Shape::Loop(Loop {
        label: None,
        before,
        test,
        update: Code::NONE,
        body: body.into(),
        otherwise: body.map_or(Code::NONE, |body| Code::after(node, body)),
    })
}

fn while_test(condition: Option<Node<'_>>, source: &[u8]) -> Test {
    match condition {
        Some(condition) if matches!(condition.span().slice(source), b"True" | b"1") => Test::Never,
        condition => Test::Before(condition.into()),
    }
}

fn match_statement(node: Node<'_>) -> Shape {
    let Some(body) = Field::Body.of(node) else { return Shape::Plain };
    let mut subjects = node.children().filter(|child| Field::Subject.is(*child));
    let first = subjects.next();
    let last = subjects.last().or(first);
    Shape::Switch(Switch {
        subject: first.zip(last).map_or(Code::NONE, |(first, last)| Code::from_to(first, last)),
        body: Code::inside(body),
        style: SwitchStyle::Match,
        is_exhaustive: false,
    })
}

fn case_clause(node: Node<'_>, source: &[u8]) -> Shape {
    let mut patterns = node.children().filter(|child| Kind::of(*child) == Kind::CasePattern);
    let test = match (patterns.next(), patterns.last()) {
        (Some(only), None) if takes_all(only, source) => Code::NONE,
        (Some(first), last) => Code::from_to(first, last.unwrap_or(first)),
        (None, _) => Code::NONE,
    };
    let guard = Field::Guard.of(node).map_or(Code::NONE, Code::inside);
    Shape::Case { test, guard, body: Field::Consequence.of(node).into() }
}

/// Whether a pattern is `_` or a name to bind, which always match.
fn takes_all(pattern: Node<'_>, source: &[u8]) -> bool {
    let Some(inner) = pattern.children().next() else { return pattern.span().slice(source) == b"_" };
    Kind::of(inner) == Kind::DottedName && inner.children().count() == 1
}

fn try_statement(node: Node<'_>) -> Shape {
    let Some(body) = Field::Body.of(node) else { return Shape::Plain };
    let rest = Code::after(node, body);
    Shape::Try(Try { resources: Code::NONE, body: Code::of(body), rest, closing: Closing::None })
}

fn handler(node: Node<'_>) -> Shape {
    let mut parts = node.children().filter(|child| Kind::of(*child) != Kind::Comment);
    let (first, last) = (parts.next(), parts.last());
    let (test, body) = match (first, last) {
        (Some(only), None) if Kind::of(only) == Kind::Block => (Code::NONE, Code::of(only)),
        (first, last) => (first.into(), last.into()),
    };
    Shape::Handler { test, body }
}

fn with_statement(node: Node<'_>) -> Shape {
    let Some(body) = Field::Body.of(node) else { return Shape::Plain };
    Shape::Try(Try {
        resources: Code::before(node, body),
        body: Code::of(body),
        rest: Code::NONE,
        closing: Closing::MaySwallow,
    })
}

fn jump(node: Node<'_>, how: Jump) -> Shape {
    Shape::Jump { how, label: None, value: Code::inside(node) }
}
