//! What control does in Java.
//!
//! Types inside a callable are left out: what runs in them has graphs of its own. Whether a `switch` stands for a value,
//! which decides where `yield` goes and whether some case always matches, is read from what follows it. An assertion
//! is plain code.

use crate::lang::{Closing, Code, Jump, Loop, Shape, Switch, SwitchStyle, Test, Try};
use crate::model::Node;

use super::visit::{Field, Kind};

/// What control does at `node`.
pub(super) fn shape(node: Node<'_>, source: &[u8]) -> Shape {
    match Kind::of(node) {
        Kind::Block | Kind::ConstructorBody | Kind::Synchronized => Shape::Sequence,
        Kind::ClassBody | Kind::StringLiteral => Shape::Leaf,
        Kind::Lambda => Shape::Closure { body: Field::Body.of(node).into() },
        Kind::Parenthesized => Shape::Group(Code::inside(node)),
        Kind::Unary if source.get(node.start() as usize) == Some(&b'!') => Shape::Not(Code::inside(node)),
        Kind::Binary => Shape::binary(Field::Left.of(node), Field::Right.of(node), source),
        Kind::Ternary => Shape::Conditional {
            condition: Field::Condition.of(node).into(),
            then: Field::Consequence.of(node).into(),
            otherwise: Field::Alternative.of(node).into(),
        },
        Kind::Assignment => {
            Shape::assignment(Field::Left.of(node), Field::Right.of(node), |left| Kind::of(left) == Kind::Identifier)
        }
        Kind::VariableDeclarator => Shape::Partly(Field::Value.of(node).into()),
        Kind::If => Shape::If {
            before: Code::NONE,
            condition: Field::Condition.of(node).into(),
            then: Field::Consequence.of(node).into(),
            otherwise: Field::Alternative.of(node).into(),
        },
        Kind::While | Kind::Do | Kind::For | Kind::EnhancedFor => loop_shape(node, source),
        Kind::SwitchExpression => switch(node, source),
        Kind::SwitchGroup | Kind::SwitchRule => case(node, source),
        Kind::Try | Kind::TryWithResources => try_statement(node),
        Kind::CatchClause => handler(node, source),
        Kind::FinallyClause => Shape::Finally(Code::inside(node)),
        Kind::Return => Shape::Jump { how: Jump::Return, label: None, value: Code::inside(node) },
        Kind::Throw => Shape::Jump { how: Jump::Throw, label: None, value: Code::inside(node) },
        Kind::Yield => Shape::Jump { how: Jump::Yield, label: None, value: Code::inside(node) },
        Kind::Break => jump(node, Jump::Break),
        Kind::Continue => jump(node, Jump::Continue),
        Kind::Labeled => match node.children().find(|child| Kind::of(*child) == Kind::Identifier) {
            Some(name) => Shape::Label { name: name.span(), body: Code::after(node, name) },
            None => Shape::Sequence,
        },
        Kind::AnnotatedType
        | Kind::AnnotationType
        | Kind::ArrayType
        | Kind::BlockComment
        | Kind::BooleanType
        | Kind::ClassDeclaration
        | Kind::EnumDeclaration
        | Kind::FloatingPointType
        | Kind::GenericType
        | Kind::IntegralType
        | Kind::InterfaceDeclaration
        | Kind::LineComment
        | Kind::MethodDeclaration
        | Kind::Modifiers
        | Kind::RecordDeclaration
        | Kind::ScopedTypeIdentifier
        | Kind::TypeArguments
        | Kind::TypeIdentifier => Shape::Skip,
        _ => Shape::Plain,
    }
}

fn loop_shape(node: Node<'_>, source: &[u8]) -> Shape {
    let condition = Field::Condition.of(node);
    let (before, test) = match Kind::of(node) {
        Kind::EnhancedFor => (Field::Value.of(node).into(), Test::Each(Field::Name.of(node).into())),
        Kind::Do if !is_true(condition, source) => (Code::NONE, Test::After(condition.into())),
        Kind::For if condition.is_none() => (all(node, Field::Init), Test::Never),
        _ if is_true(condition, source) => (all(node, Field::Init), Test::Never),
        _ => (all(node, Field::Init), Test::Before(condition.into())),
    };
    Shape::Loop(Loop {
        label: None,
        before,
        test,
        update: all(node, Field::Update),
        body: Field::Body.of(node).into(),
        otherwise: Code::NONE,
    })
}

/// The children that fill a field, which stand side by side.
fn all(node: Node<'_>, field: Field) -> Code {
    let mut children = node.children().filter(|child| field.is(*child));
    let first = children.next();
    let last = children.last().or(first);
    first.zip(last).map_or(Code::NONE, |(first, last)| Code::from_to(first, last))
}

/// Whether a condition, in parentheses or not, is `true`.
fn is_true(condition: Option<Node<'_>>, source: &[u8]) -> bool {
    let text = condition.map_or(&b""[..], |condition| condition.span().slice(source));
    let text = text.strip_prefix(b"(").and_then(|text| text.strip_suffix(b")")).unwrap_or(text);
    text.trim_ascii() == b"true"
}

fn switch(node: Node<'_>, source: &[u8]) -> Shape {
    let body = Field::Body.of(node);
    let has_rules = body.is_some_and(|body| body.children().any(|child| Kind::of(child) == Kind::SwitchRule));
    let is_value = is_value(node, source);
    Shape::Switch(Switch {
        subject: Field::Condition.of(node).map_or(Code::NONE, Code::inside),
        body: body.map_or(Code::NONE, Code::inside),
        style: match (is_value, has_rules) {
            (true, true) => SwitchStyle::Match,
            (true, false) => SwitchStyle::Yields,
            (false, true) => SwitchStyle::Breakable,
            (false, false) => SwitchStyle::FallsThrough,
        },
        is_exhaustive: is_value || body.is_some_and(has_patterns),
    })
}

/// Whether a `switch` stands for a value: what follows it then is what no statement starts with.
fn is_value(switch: Node<'_>, source: &[u8]) -> bool {
    let rest = source.get(switch.end() as usize..).unwrap_or_default().trim_ascii_start();
    matches!(rest.first(), Some(b';' | b')' | b',' | b'.' | b':' | b']' | b'?'))
}

/// Whether some case is for a pattern or `null`, so that the cases must cover every value.
fn has_patterns(body: Node<'_>) -> bool {
    let labels = body.children().flat_map(Node::children).filter(|child| Kind::of(*child) == Kind::SwitchLabel);
    let mut tests = labels.flat_map(Node::children);
    tests.any(|test| matches!(Kind::of(test), Kind::Pattern | Kind::RecordPattern | Kind::NullLiteral))
}

fn case(node: Node<'_>, source: &[u8]) -> Shape {
    let mut labels = node.children().filter(|child| Kind::of(*child) == Kind::SwitchLabel);
    let Some(first) = labels.next() else { return Shape::Sequence };
    let last = labels.last().unwrap_or(first);
    let guard = last.children().find(|child| Kind::of(*child) == Kind::Guard);
    let test = match guard {
        _ if is_default(first, source) || is_default(last, source) => Code::NONE,
        _ if first.index() != last.index() => Code::from_to(first, last),
        Some(guard) => Code::before(last, guard),
        None => Code::inside(last),
    };
    Shape::Case { test, guard: guard.map_or(Code::NONE, Code::inside), body: Code::after(node, last) }
}

/// Whether a label is `default` or `case null, default`.
fn is_default(label: Node<'_>, source: &[u8]) -> bool {
    match label.children().last() {
        Some(last) => Kind::of(last) == Kind::Identifier && last.span().slice(source) == b"default",
        None => label.span().slice(source).starts_with(b"default"),
    }
}

fn try_statement(node: Node<'_>) -> Shape {
    let Some(body) = Field::Body.of(node) else { return Shape::Sequence };
    let resources = Field::Resources.of(node);
    Shape::Try(Try {
        resources: resources.map_or(Code::NONE, Code::inside),
        body: Code::of(body),
        rest: Code::after(node, body),
        closing: if resources.is_some() { Closing::Passes } else { Closing::None },
    })
}

/// `catch`; one for `Throwable` takes everything.
fn handler(node: Node<'_>, source: &[u8]) -> Shape {
    let parameter = node.children().find(|child| Kind::of(*child) == Kind::CatchParameter);
    let types = parameter
        .and_then(|parameter| parameter.children().find(|child| Kind::of(*child) == Kind::CatchType))
        .map_or(&b""[..], |types| types.span().slice(source));
    let takes_all = matches!(types, b"Throwable" | b"java.lang.Throwable");
    let test = parameter.filter(|_| !takes_all);
    Shape::Handler { test: test.into(), body: Field::Body.of(node).into() }
}

fn jump(node: Node<'_>, how: Jump) -> Shape {
    let label = node.children().find(|child| Kind::of(*child) == Kind::Identifier);
    Shape::Jump { how, label: label.map(Node::span), value: Code::NONE }
}
