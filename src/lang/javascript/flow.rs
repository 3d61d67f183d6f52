//! What control does in JavaScript and TypeScript.
//!
//! `await`, `yield` and optional chaining are plain code; so is `using`, whose clean-up has no place in the syntax. The body
//! of a class inside a function runs where the class stands or where it is constructed, and is opaque.

use crate::lang::{Closing, Code, Jump, Logical, Loop, Shape, Switch, SwitchStyle, Test, Try};
use crate::model::Node;

use super::kinds::{Field, Kind};

/// What control does at `node`.
pub(in crate::lang) fn shape(node: Node<'_>, source: &[u8]) -> Shape {
    match Kind::of(node) {
        Kind::StatementBlock | Kind::ElseClause | Kind::With => Shape::Sequence,
        Kind::Str | Kind::Regex | Kind::JsxText => Shape::Leaf,
        Kind::ClassBody => Shape::Opaque,
        Kind::Arrow
        | Kind::FunctionExpression
        | Kind::GeneratorFunction
        | Kind::MethodDefinition
        | Kind::StaticBlock => Shape::Closure { body: Field::Body.of(node).into() },
        Kind::Parenthesized => Shape::Group(Code::inside(node)),
        Kind::Unary if source.get(node.start() as usize) == Some(&b'!') => Shape::Not(Code::inside(node)),
        Kind::Binary | Kind::Augmented => binary(node, source),
        Kind::Ternary => Shape::Conditional {
            condition: Field::Condition.of(node).into(),
            then: Field::Consequence.of(node).into(),
            otherwise: Field::Alternative.of(node).into(),
        },
        Kind::Assignment => bound(node, Field::Left, Field::Right),
        Kind::VariableDeclarator => bound(node, Field::Name, Field::Value),
        Kind::If => Shape::If {
            before: Code::NONE,
            condition: Field::Condition.of(node).into(),
            then: Field::Consequence.of(node).into(),
            otherwise: Field::Alternative.of(node).map_or(Code::NONE, Code::inside),
        },
        Kind::While | Kind::Do | Kind::For | Kind::ForIn => loop_shape(node, source),
        Kind::Switch => Shape::Switch(Switch {
            subject: Field::Value.of(node).map_or(Code::NONE, Code::inside),
            body: Field::Body.of(node).map_or(Code::NONE, Code::inside),
            style: SwitchStyle::FallsThrough,
            is_exhaustive: false,
        }),
        Kind::SwitchCase | Kind::SwitchDefault => case(node),
        Kind::Try => match Field::Body.of(node) {
            Some(body) => Shape::Try(Try {
                resources: Code::NONE,
                body: Code::of(body),
                rest: Code::after(node, body),
                closing: Closing::None,
            }),
            None => Shape::Sequence,
        },
        Kind::CatchClause => Shape::Handler { test: Code::NONE, body: Field::Body.of(node).into() },
        Kind::FinallyClause => Shape::Finally(Code::inside(node)),
        Kind::Return => Shape::Jump { how: Jump::Return, label: None, value: Code::inside(node) },
        Kind::Throw => Shape::Jump { how: Jump::Throw, label: None, value: Code::inside(node) },
        Kind::Break => jump(node, Jump::Break),
        Kind::Continue => jump(node, Jump::Continue),
        Kind::Labeled => match Field::Label.of(node) {
            Some(name) => Shape::Label { name: name.span(), body: Code::after(node, name) },
            None => Shape::Sequence,
        },
        Kind::Ambient
        | Kind::Comment
        | Kind::EmptyStatement
        | Kind::FunctionDeclaration
        | Kind::FunctionSignature
        | Kind::GeneratorDeclaration
        | Kind::HtmlComment
        | Kind::Interface
        | Kind::TypeAlias
        | Kind::TypeAnnotation
        | Kind::TypeArguments
        | Kind::TypeParameters => Shape::Skip,
        _ => Shape::Plain,
    }
}

/// An operator between two operands; `a ||= b` assigns for some values of `a` only.
fn binary(node: Node<'_>, source: &[u8]) -> Shape {
    match Logical::shape(Field::Left.of(node), Field::Right.of(node), source) {
        Some(logical) => logical,
        None if Kind::of(node) == Kind::Augmented => bound(node, Field::Left, Field::Right),
        None => Shape::Plain,
    }
}

/// A name is bound at the end, so the value comes first.
fn bound(node: Node<'_>, target: Field, value: Field) -> Shape {
    match target.of(node) {
        Some(target) if Kind::of(target) == Kind::Identifier => Shape::Partly(value.of(node).into()),
        _ => Shape::Plain,
    }
}

fn loop_shape(node: Node<'_>, source: &[u8]) -> Shape {
    let is_code = |child: &Node<'_>| Kind::of(*child) != Kind::EmptyStatement;
    let condition = Field::Condition.of(node).filter(is_code);
    let (before, test) = match Kind::of(node) {
        Kind::ForIn => (Field::Right.of(node).into(), Test::Each(Field::Left.of(node).into())),
        Kind::Do if !is_true(condition, source) => (Code::NONE, Test::After(condition.into())),
        Kind::For if condition.is_none() => (Field::Initializer.of(node).into(), Test::Never),
        _ if is_true(condition, source) => (Field::Initializer.of(node).into(), Test::Never),
        _ => (Field::Initializer.of(node).into(), Test::Before(condition.into())),
    };
    Shape::Loop(Loop {
        label: None,
        before,
        test,
        update: Field::Increment.of(node).into(),
        body: Field::Body.of(node).into(),
        otherwise: Code::NONE,
    })
}

/// Whether a condition, in parentheses or not, always holds.
fn is_true(condition: Option<Node<'_>>, source: &[u8]) -> bool {
    let text = condition.map_or(&b""[..], |condition| condition.span().slice(source));
    let text = text.strip_prefix(b"(").and_then(|text| text.strip_suffix(b")")).unwrap_or(text);
    matches!(text.trim_ascii(), b"true" | b"1")
}

fn case(node: Node<'_>) -> Shape {
    match Field::Value.of(node) {
        Some(value) => Shape::Case { test: Code::of(value), guard: Code::NONE, body: Code::after(node, value) },
        None => Shape::Case { test: Code::NONE, guard: Code::NONE, body: Code::inside(node) },
    }
}

fn jump(node: Node<'_>, how: Jump) -> Shape {
    Shape::Jump { how, label: Field::Label.of(node).map(Node::span), value: Code::NONE }
}
