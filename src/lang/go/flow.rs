//! What control does in Go.
//!
//! A call of the builtin `panic` as a statement throws. Which case of a `select` goes on is a choice like that of a
//! `switch`; one without cases, which waits for ever, is taken to go on. Deferred calls run at the end.

use crate::lang::{Code, Jump, Loop, Shape, Switch, SwitchStyle, Test};
use crate::model::Node;

use super::visit::{Field, Kind};

/// What control does at `node`.
pub(super) fn shape(node: Node<'_>, source: &[u8]) -> Shape {
    if Field::Type.is(node) {
        return Shape::Skip;
    }
    match Kind::of(node) {
        Kind::Block | Kind::StatementList => Shape::Sequence,
        Kind::FuncLiteral => Shape::Closure { body: Field::Body.of(node).into() },
        Kind::IfStatement => Shape::If {
            before: Field::Initializer.of(node).into(),
            condition: Field::Condition.of(node).into(),
            then: Field::Consequence.of(node).into(),
            otherwise: Field::Alternative.of(node).into(),
        },
        Kind::ForStatement => loop_shape(node, source),
        Kind::ExpressionSwitch => expression_switch(node),
        Kind::TypeSwitch => switch(head(node, Field::Value.of(node)), node, SwitchStyle::Breakable),
        Kind::SelectStatement => switch(Code::NONE, node, SwitchStyle::Breakable),
        Kind::ExpressionCase => case(node, Field::Value.of(node)),
        Kind::CommunicationCase => case(node, Field::Communication.of(node)),
        Kind::TypeCase => type_case(node),
        Kind::DefaultCase => case(node, None),
        Kind::ReturnStatement => jump(node, Jump::Return),
        Kind::BreakStatement => jump(node, Jump::Break),
        Kind::ContinueStatement => jump(node, Jump::Continue),
        Kind::GotoStatement => jump(node, Jump::Goto),
        Kind::FallthroughStatement => jump(node, Jump::FallThrough),
        Kind::LabeledStatement => match Field::Label.of(node) {
            Some(label) => Shape::Label { name: label.span(), body: Code::after(node, label) },
            None => Shape::Sequence,
        },
        Kind::DeferStatement => Shape::Defer(Code::inside(node)),
        Kind::ExpressionStatement => expression_statement(node, source),
        Kind::ParenthesizedExpression => Shape::Group(Code::inside(node)),
        Kind::ExpressionList => Shape::Group(Code::inside(node)),
        Kind::UnaryExpression if source.get(node.start() as usize) == Some(&b'!') => Shape::Not(Code::inside(node)),
        Kind::BinaryExpression => Shape::binary(Field::Left.of(node), Field::Right.of(node), source),
        Kind::ShortVarDeclaration | Kind::Assignment => {
            Shape::assignment(Field::Left.of(node), Field::Right.of(node), |left| {
                left.children().all(|name| Kind::of(name) == Kind::Identifier)
            })
        }
        Kind::VarSpec => match Field::Value.of(node) {
            Some(value) => Shape::Partly(Code::of(value)),
            None => Shape::Plain,
        },
        Kind::InterpretedString
        | Kind::RawString
        | Kind::RuneLiteral
        | Kind::IntLiteral
        | Kind::FloatLiteral
        | Kind::ImaginaryLiteral => Shape::Leaf,
        Kind::Comment
        | Kind::ConstDeclaration
        | Kind::EmptyStatement
        | Kind::LabelName
        | Kind::TypeArguments
        | Kind::TypeDeclaration => Shape::Skip,
        _ => Shape::Plain,
    }
}

fn loop_shape(node: Node<'_>, source: &[u8]) -> Shape {
    let head = node.children().find(|child| !Field::Body.is(*child) && Kind::of(*child) != Kind::Comment);
    let (mut before, mut update) = (Code::NONE, Code::NONE);
    let test = match head.map(|head| (head, Kind::of(head))) {
        None => Test::Never,
        Some((clause, Kind::ForClause)) => {
            before = Field::Initializer.of(clause).into();
            update = Field::Update.of(clause).into();
            Field::Condition.of(clause).map_or(Test::Never, |condition| before_round(condition, source))
        }
        Some((clause, Kind::RangeClause)) => {
            before = Field::Right.of(clause).into();
            Test::Each(Field::Left.of(clause).into())
        }
        Some((condition, _)) => before_round(condition, source),
    };
    let body = Field::Body.of(node).into();
    Shape::Loop(Loop { label: None, before, test, update, body, otherwise: Code::NONE })
}

fn before_round(condition: Node<'_>, source: &[u8]) -> Test {
    if condition.span().slice(source) == b"true" { Test::Never } else { Test::Before(Code::of(condition)) }
}

/// `switch`, which compares with its subject or, without one, takes the first condition that holds.
fn expression_switch(node: Node<'_>) -> Shape {
    match Field::Value.of(node) {
        Some(value) => switch(head(node, Some(value)), node, SwitchStyle::Breakable),
        None => switch(Field::Initializer.of(node).into(), node, SwitchStyle::Conditions),
    }
}

/// What stands between `switch` and its cases.
fn head(node: Node<'_>, value: Option<Node<'_>>) -> Code {
    value.map_or(Code::NONE, |value| Code { first: node.index() + 1, end: value.next() })
}

fn switch(subject: Code, node: Node<'_>, style: SwitchStyle) -> Shape {
    let is_select = Kind::of(node) == Kind::SelectStatement;
    let is_case = |child: &Node<'_>| {
        matches!(Kind::of(*child), Kind::ExpressionCase | Kind::TypeCase | Kind::CommunicationCase | Kind::DefaultCase)
    };
    let first = node.children().find(is_case);
    let body = first.map_or(Code::NONE, |first| Code { first: first.index(), end: node.next() });
    Shape::Switch(Switch { subject, body, style, is_exhaustive: is_select })
}

/// A case for `test`, or the default.
fn case(node: Node<'_>, test: Option<Node<'_>>) -> Shape {
    let body = test.map_or_else(|| Code::inside(node), |test| Code::after(node, test));
    Shape::Case { test: test.into(), guard: Code::NONE, body }
}

fn type_case(node: Node<'_>) -> Shape {
    let mut types = node.children().filter(|child| Field::Type.is(*child));
    let Some(first) = types.next() else { return case(node, None) };
    let last = types.last().unwrap_or(first);
    Shape::Case { test: Code::from_to(first, last), guard: Code::NONE, body: Code::after(node, last) }
}

fn jump(node: Node<'_>, how: Jump) -> Shape {
    let label = node.children().find(|child| Kind::of(*child) == Kind::LabelName).map(Node::span);
    Shape::Jump { how, label, value: Code::inside(node) }
}

fn expression_statement(node: Node<'_>, source: &[u8]) -> Shape {
    let Some(call) = node.children().next().filter(|child| Kind::of(*child) == Kind::CallExpression) else {
        return Shape::Plain;
    };
    match Field::Function.of(call) {
        Some(function) if function.span().slice(source) == b"panic" => {
            Shape::Jump { how: Jump::Throw, label: None, value: Field::Arguments.of(call).into() }
        }
        _ => Shape::Plain,
    }
}
