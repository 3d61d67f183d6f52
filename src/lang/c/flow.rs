//! What control does in C and C++.
//!
//! Branches of `#if` are a choice in the graph, as one of them is compiled, but do not count. Macros are the calls
//! they look like. Operands that are not evaluated (`sizeof`) have no flow. Not drawn: that handlers around a whole
//! constructor throw again at their end, where `__leave` and a `goto` with a computed target lead.

use crate::lang::{Closing, Code, Jump, Loop, Shape, Switch, SwitchStyle, Test, Try};
use crate::model::Node;

use super::function::STATEMENT_WORDS;
use super::ty::outline;
use super::visit::{Field, Kind};

/// What control does at `node`.
pub(super) fn shape(node: Node<'_>, source: &[u8]) -> Shape {
    if Field::Type.is(node) {
        return Shape::Skip;
    }
    match Kind::of(node) {
        Kind::CompoundStatement | Kind::AttributedStatement | Kind::FieldInitializerList | Kind::PreprocElse => {
            Shape::Sequence
        }
        Kind::ExpressionStatement if node.is_leaf() => Shape::Skip,
        Kind::PreprocIf | Kind::PreprocIfdef | Kind::PreprocElif | Kind::PreprocElifdef => directive(node),
        Kind::FunctionDefinition => function_definition(node, source),
        Kind::LambdaExpression => Shape::Closure { body: Field::Body.of(node).into() },
        Kind::IfStatement => if_statement(node),
        Kind::ConditionalExpression => Shape::Conditional {
            condition: Field::Condition.of(node).into(),
            then: Field::Consequence.of(node).into(),
            otherwise: Field::Alternative.of(node).into(),
        },
        Kind::WhileStatement | Kind::DoStatement | Kind::ForStatement | Kind::ForRangeLoop => {
            Shape::Loop(loop_shape(node, source))
        }
        Kind::SwitchStatement => Shape::Switch(Switch {
            subject: Field::Condition.of(node).map_or(Code::NONE, Code::inside),
            body: Field::Body.of(node).into(),
            style: SwitchStyle::FallsThrough,
            is_exhaustive: false,
        }),
        Kind::CaseStatement => match Field::Value.of(node) {
            Some(value) => Shape::Case { test: Code::of(value), guard: Code::NONE, body: Code::after(node, value) },
            None => Shape::Case { test: Code::NONE, guard: Code::NONE, body: Code::inside(node) },
        },
        Kind::TryStatement | Kind::SehTryStatement => try_statement(node),
        Kind::CatchClause => catch_clause(node),
        Kind::SehExceptClause => {
            Shape::Handler { test: Field::Filter.of(node).into(), body: Field::Body.of(node).into() }
        }
        Kind::SehFinallyClause => Shape::Finally(Code::inside(node)),
        Kind::ReturnStatement | Kind::CoReturnStatement => jump(node, Jump::Return),
        Kind::ThrowStatement => jump(node, Jump::Throw),
        Kind::BreakStatement => jump(node, Jump::Break),
        Kind::ContinueStatement => jump(node, Jump::Continue),
        Kind::GotoStatement => {
            let label = Field::Label.of(node).map(Node::span);
            Shape::Jump { how: Jump::Goto, label, value: Code::NONE }
        }
        Kind::LabeledStatement => match Field::Label.of(node) {
            Some(label) => Shape::Label { name: label.span(), body: Code::after(node, label) },
            None => Shape::Sequence,
        },
        Kind::ParenthesizedExpression | Kind::ConditionClause => Shape::Group(Code::inside(node)),
        Kind::UnaryExpression if is_negation(node, source) => Shape::Not(Code::inside(node)),
        Kind::BinaryExpression => Shape::binary(Field::Left.of(node), Field::Right.of(node), source),
        Kind::InitDeclarator => match Field::Value.of(node) {
            Some(value) => Shape::Partly(Code::of(value)),
            None => Shape::Plain,
        },
        Kind::AssignmentExpression => {
            Shape::assignment(Field::Left.of(node), Field::Right.of(node), |left| Kind::of(left) == Kind::Identifier)
        }
        Kind::AlignofExpression
        | Kind::CharLiteral
        | Kind::Decltype
        | Kind::NumberLiteral
        | Kind::OffsetofExpression
        | Kind::QualifiedIdentifier
        | Kind::RawStringLiteral
        | Kind::RequiresExpression
        | Kind::SizeofExpression
        | Kind::StringLiteral
        | Kind::TemplateFunction => Shape::Leaf,
        Kind::AliasDeclaration
        | Kind::AttributeDeclaration
        | Kind::AttributeSpecifier
        | Kind::ClassSpecifier
        | Kind::Comment
        | Kind::ConceptDefinition
        | Kind::EnumSpecifier
        | Kind::LambdaCaptures
        | Kind::LinkageSpecification
        | Kind::MsDeclspec
        | Kind::NamespaceAlias
        | Kind::NamespaceDefinition
        | Kind::PreprocCall
        | Kind::PreprocDef
        | Kind::PreprocFunctionDef
        | Kind::PreprocInclude
        | Kind::StaticAssert
        | Kind::StorageClass
        | Kind::StructSpecifier
        | Kind::TemplateArgumentList
        | Kind::TemplateDeclaration
        | Kind::TypeDefinition
        | Kind::TypeDescriptor
        | Kind::TypeQualifier
        | Kind::UnionSpecifier
        | Kind::UsingDeclaration => Shape::Skip,
        _ => Shape::Plain,
    }
}

/// A branch of `#if`, without the condition, and those after it.
fn directive(node: Node<'_>) -> Shape {
    let condition = node.children().find(|child| Field::Condition.is(*child) || Field::Name.is(*child));
    let alternative = Field::Alternative.of(node);
    let body = Code {
        first: condition.map_or(node.index() + 1, Node::next),
        end: alternative.map_or(node.next(), Node::index),
    };
    Shape::Either { body, otherwise: alternative.into() }
}

/// A constructor with its initialisers, a function inside a function, or a statement that the grammar takes for one,
/// among them `else if` after a branch of `#if`.
fn function_definition(node: Node<'_>, source: &[u8]) -> Shape {
    let mut children = node.children();
    if let Some(list) = children.find(|child| Kind::of(*child) == Kind::FieldInitializerList) {
        return Shape::Tail(Code { first: list.index(), end: node.next() });
    }
    let body = Field::Body.of(node).into();
    let declarator = Field::Declarator.of(node);
    let is_parenthesized = declarator.is_some_and(|inner| Kind::of(inner) == Kind::ParenthesizedDeclarator);
    match declarator.and_then(outline).map(|(name, function)| (name.span().slice(source), function)) {
        Some((b"if", Some(function))) => {
            let condition = Field::Parameters.of(function).into();
            Shape::If { before: Code::NONE, condition, then: body, otherwise: Code::NONE }
        }
        Some((name, Some(_))) if !is_parenthesized && !STATEMENT_WORDS.contains(&name) => Shape::Closure { body },
        _ => Shape::Sequence,
    }
}

fn if_statement(node: Node<'_>) -> Shape {
    let head = Field::Condition.of(node);
    Shape::If {
        before: head.and_then(|head| Field::Initializer.of(head)).into(),
        condition: head.map_or(Code::NONE, condition),
        then: Field::Consequence.of(node).into(),
        otherwise: Field::Alternative.of(node).map_or(Code::NONE, Code::inside),
    }
}

/// What is tested by a condition with parentheses around it and, in C++, perhaps an initialisation before it.
fn condition(head: Node<'_>) -> Code {
    Field::Value.of(head).map_or_else(|| Code::inside(head), Code::of)
}

fn loop_shape(node: Node<'_>, source: &[u8]) -> Loop {
    let (before, test) = match Kind::of(node) {
        Kind::ForStatement => {
            let initializer = Field::Initializer.of(node).into();
            (
                initializer,
                Field::Condition.of(node).map_or(Test::Never, |head| before_round(Code::of(head), head, source)),
            )
        }
        Kind::ForRangeLoop => {
            let right = Field::Right.of(node);
            let first = Field::Initializer.of(node).or(right);
            let before = first.zip(right).map_or(Code::NONE, |(first, last)| Code::from_to(first, last));
            (before, Test::Each(Field::Declarator.of(node).into()))
        }
        kind => {
            let test = match Field::Condition.of(node) {
                Some(head) if kind == Kind::WhileStatement => before_round(condition(head), head, source),
                Some(head) if is_true(head, source) => Test::Never,
                head => Test::After(head.map_or(Code::NONE, condition)),
            };
            (Code::NONE, test)
        }
    };
    Loop {
        label: None,
        before,
        test,
        update: Field::Update.of(node).into(),
        body: Field::Body.of(node).into(),
        otherwise: Code::NONE,
    }
}

/// The test of a loop whose condition is `code`, written in `head`.
fn before_round(code: Code, head: Node<'_>, source: &[u8]) -> Test {
    if is_true(head, source) { Test::Never } else { Test::Before(code) }
}

/// Whether a condition, perhaps in parentheses, is written to hold always.
fn is_true(head: Node<'_>, source: &[u8]) -> bool {
    let text = head.span().slice(source);
    let inner = text.strip_prefix(b"(").and_then(|text| text.strip_suffix(b")")).unwrap_or(text);
    matches!(inner.trim_ascii(), b"1" | b"true")
}

fn try_statement(node: Node<'_>) -> Shape {
    let Some(body) = Field::Body.of(node) else { return Shape::Plain };
    // Before the body of a constructor, its initialisers are watched too.
    let resources = Code::before(node, body);
    Shape::Try(Try { resources, body: Code::of(body), rest: Code::after(node, body), closing: Closing::None })
}

fn catch_clause(node: Node<'_>) -> Shape {
    let what = Field::Parameters.of(node);
    let takes_all = |list: &Node<'_>| list.children().any(|child| Kind::of(child) == Kind::Ellipsis);
    Shape::Handler { test: what.filter(|list| !takes_all(list)).into(), body: Field::Body.of(node).into() }
}

fn jump(node: Node<'_>, how: Jump) -> Shape {
    Shape::Jump { how, label: None, value: Code::inside(node) }
}

/// `!` or, in C++, `not`.
fn is_negation(node: Node<'_>, source: &[u8]) -> bool {
    let text = node.span().slice(source);
    text.starts_with(b"!") || text.starts_with(b"not")
}
