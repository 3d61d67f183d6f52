//! What control does in Rust.
//!
//! Arguments of macros are tokens, so what stands in them has no flow. The macros that always panic are taken to
//! throw. `async`, `gen` and `try` blocks keep their returns to themselves and are opaque.

use crate::lang::{Code, Jump, Logical, Loop, Shape, Switch, SwitchStyle, Test};
use crate::model::{Node, Span};

use super::visit::{Field, Kind};

/// Macros that do not come back.
pub(super) const DIVERGING: &[&[u8]] = &[b"panic", b"todo", b"unimplemented", b"unreachable"];

/// What control does at `node`.
pub(super) fn shape(node: Node<'_>, source: &[u8]) -> Shape {
    match Kind::of(node) {
        Kind::Block => match node.children().next().filter(|child| Kind::of(*child) == Kind::Label) {
            Some(label) => Shape::Label { name: label.span(), body: Code::after(node, label) },
            None => Shape::Sequence,
        },
        Kind::UnsafeBlock | Kind::ConstBlock | Kind::ElseClause => Shape::Sequence,
        Kind::AsyncBlock | Kind::GenBlock => Shape::Closure { body: Code::inside(node) },
        Kind::TryBlock => Shape::Opaque,
        Kind::ClosureExpression => Shape::Closure { body: Field::Body.of(node).into() },
        Kind::IfExpression => Shape::If {
            before: Code::NONE,
            condition: Field::Condition.of(node).into(),
            then: Field::Consequence.of(node).into(),
            otherwise: Field::Alternative.of(node).map_or(Code::NONE, Code::inside),
        },
        Kind::LetDeclaration => let_declaration(node),
        Kind::LetCondition => Shape::Partly(Field::Value.of(node).into()),
        Kind::MatchExpression => Shape::Switch(Switch {
            subject: Field::Value.of(node).into(),
            body: Field::Body.of(node).map_or(Code::NONE, Code::inside),
            style: SwitchStyle::Match,
            is_exhaustive: true,
        }),
        Kind::MatchArm => match_arm(node, source),
        Kind::WhileExpression | Kind::LoopExpression | Kind::ForExpression => loop_shape(node, source),
        Kind::TryExpression => Shape::Propagate(Code::inside(node)),
        Kind::ReturnExpression => Shape::Jump { how: Jump::Return, label: None, value: Code::inside(node) },
        Kind::BreakExpression => jump(node, Jump::Break),
        Kind::ContinueExpression => jump(node, Jump::Continue),
        Kind::ParenthesizedExpression => Shape::Group(Code::inside(node)),
        Kind::UnaryExpression if source.get(node.start() as usize) == Some(&b'!') => Shape::Not(Code::inside(node)),
        Kind::BinaryExpression => Shape::binary(Field::Left.of(node), Field::Right.of(node), source),
        Kind::LetChain => Shape::Logical { operator: Logical::And, operands: Code::inside(node) },
        Kind::MacroInvocation => macro_invocation(node, source),
        Kind::StringLiteral | Kind::RawStringLiteral | Kind::TokenTree | Kind::ScopedIdentifier => Shape::Leaf,
        Kind::AssociatedType
        | Kind::AttributeItem
        | Kind::BlockComment
        | Kind::ConstItem
        | Kind::EmptyStatement
        | Kind::EnumItem
        | Kind::ExternCrate
        | Kind::ForeignMod
        | Kind::FunctionItem
        | Kind::FunctionSignature
        | Kind::ImplItem
        | Kind::InnerAttribute
        | Kind::Label
        | Kind::LineComment
        | Kind::MacroDefinition
        | Kind::ModItem
        | Kind::StaticItem
        | Kind::StructItem
        | Kind::TraitItem
        | Kind::TypeArguments
        | Kind::TypeItem
        | Kind::UnionItem
        | Kind::UseDeclaration => Shape::Skip,
        _ => Shape::Plain,
    }
}

/// `let`, where the value comes before the pattern; with `else` it is one decision.
fn let_declaration(node: Node<'_>) -> Shape {
    let value = Field::Value.of(node);
    match (Field::Pattern.of(node), value, Field::Alternative.of(node)) {
        (Some(pattern), Some(value), Some(otherwise)) => Shape::Conditional {
            condition: Code::from_to(pattern, value),
            then: Code::NONE,
            otherwise: Code::of(otherwise),
        },
        _ => Shape::Partly(value.into()),
    }
}

fn match_arm(node: Node<'_>, source: &[u8]) -> Shape {
    let pattern = Field::Pattern.of(node);
    let guard = pattern.and_then(|pattern| Field::Condition.of(pattern));
    let tested = pattern.filter(|pattern| !is_wildcard(*pattern, source));
    let test = tested.map_or(Code::NONE, |pattern| {
        let first = pattern.children().find(|child| !Field::Condition.is(*child));
        Code::of(first.unwrap_or(pattern))
    });
    Shape::Case { test, guard: guard.into(), body: Field::Value.of(node).into() }
}

/// Whether a pattern is `_`, with or without a guard.
fn is_wildcard(pattern: Node<'_>, source: &[u8]) -> bool {
    match pattern.span().slice(source) {
        [b'_'] => true,
        [b'_', next, ..] => next.is_ascii_whitespace(),
        _ => false,
    }
}

fn loop_shape(node: Node<'_>, source: &[u8]) -> Shape {
    let label = node.children().next().filter(|child| Kind::of(*child) == Kind::Label);
    let (before, test) = match Kind::of(node) {
        Kind::ForExpression => (Field::Value.of(node).into(), Test::Each(Field::Pattern.of(node).into())),
        Kind::WhileExpression => (Code::NONE, while_test(Field::Condition.of(node), source)),
        _ => (Code::NONE, Test::Never),
    };
    Shape::Loop(Loop {
        label: label.map(Node::span),
        before,
        test,
        update: Code::NONE,
        body: Field::Body.of(node).into(),
        otherwise: Code::NONE,
    })
}

fn while_test(condition: Option<Node<'_>>, source: &[u8]) -> Test {
    match condition {
        Some(condition) if condition.span().slice(source) == b"true" => Test::Never,
        condition => Test::Before(condition.into()),
    }
}

fn jump(node: Node<'_>, how: Jump) -> Shape {
    match node.children().find(|child| Kind::of(*child) == Kind::Label) {
        Some(label) => Shape::Jump { how, label: Some(label.span()), value: Code::after(node, label) },
        None => Shape::Jump { how, label: None, value: Code::inside(node) },
    }
}

fn macro_invocation(node: Node<'_>, source: &[u8]) -> Shape {
    let name = Field::Macro.of(node).map_or(Span::default(), Node::span);
    if DIVERGING.contains(&name.slice(source)) {
        return Shape::Jump { how: Jump::Throw, label: None, value: Code::NONE };
    }
    Shape::Leaf
}
