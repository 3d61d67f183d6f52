//! What control does at the nodes of a callable's body, said in terms that fit every language.
//!
//! A language has a function of type [`Classify`] in its `flow.rs`. It is asked for the [`Shape`] of each node on the way
//! from the body downwards and answers from that node and its children alone; the engine builds the graph and counts.
//!
//! How to write one:
//! - Nodes that are not in the language's table of kinds are [`Shape::Plain`] without a question; so add the kinds of
//!   statements and of what must not be descended into, and leave out the rest.
//! - Return early for `Plain`: this runs for every node. Allocate nothing, and look at children only where the kind says
//!   that there is a construct. Operators are read from the source ([`Logical::between`]): no token need be kept.
//! - Blocks of statements are [`Shape::Sequence`], so that their braces are not taken for code. Comments, types, nested
//!   items and patterns that bind are [`Shape::Skip`].
//! - Hand over what belongs to a construct as [`Code`]: nodes that stand side by side. `else if` must be the first in
//!   `otherwise` (pass what is inside an `else` clause, not the clause). A condition that is always true makes
//!   [`Test::Never`].
//! - Every callable that stands inside another is a [`Shape::Closure`], or `Skip` if it cannot be anonymous.

use crate::model::{Node, Span};

/// Says what control does at a node, given the source.
pub type Classify = fn(Node<'_>, &[u8]) -> Shape;

/// Nodes that stand side by side, by their positions in preorder; empty where there is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Position of the first node.
    pub first: u32,
    /// One past the last descendant of the last.
    pub end: u32,
}

impl Code {
    /// No code.
    pub const NONE: Self = Self { first: 0, end: 0 };

    /// One node.
    pub fn of(node: Node<'_>) -> Self {
        Self { first: node.index(), end: node.next() }
    }

    /// All children of a node.
    pub fn inside(node: Node<'_>) -> Self {
        Self { first: node.index() + 1, end: node.next() }
    }

    /// The children of `parent` that come after `child`.
    pub fn after(parent: Node<'_>, child: Node<'_>) -> Self {
        Self { first: child.next(), end: parent.next() }
    }

    /// The children of `parent` that come before `child`.
    pub fn before(parent: Node<'_>, child: Node<'_>) -> Self {
        Self { first: parent.index() + 1, end: child.index() }
    }

    /// From one node to a later sibling, both included.
    pub fn from_to(first: Node<'_>, last: Node<'_>) -> Self {
        Self { first: first.index(), end: last.next() }
    }

    /// Whether there is nothing.
    pub fn is_empty(self) -> bool {
        self.first >= self.end
    }
}

impl From<Option<Node<'_>>> for Code {
    fn from(node: Option<Node<'_>>) -> Self {
        node.map_or(Self::NONE, Self::of)
    }
}

/// What control does at a node.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Code without control of its own. What its children do happens in source order.
    Plain,
    /// Like `Plain`, but nothing inside is worth a look.
    Leaf,
    /// Like `Plain`, but only this, which must be the last of its children, is worth a look: the value of an assignment.
    Partly(Code),
    /// Like `Plain`, but the node adds nothing to its children: a block of statements.
    Sequence,
    /// Like `Sequence`, but only this, which must be the last of its children.
    Tail(Code),
    /// One of two, chosen before the program runs: branches of `#if`. A choice in the graph, but no decision to count.
    Either {
        /// What is there in one case.
        body: Code,
        /// What is there in the other; may be an `Either` again.
        otherwise: Code,
    },
    /// Nothing that runs here: comments, types, items, patterns.
    Skip,
    /// Code with control that the graph does not show but that counts for complexity: a comprehension.
    Opaque,
    /// A decision that counts, with no place in the graph: a clause of a comprehension. Its children are looked at.
    Decision,
    /// A callable inside the callable: opaque. One that is a symbol has a graph of its own; others count here.
    Closure {
        /// Its body.
        body: Code,
    },
    /// An expression in parentheses or the like: as a condition, it is what is inside.
    Group(Code),
    /// Negation.
    Not(Code),
    /// `&&`, `||` and their kin, also in chains.
    Logical {
        /// Which one.
        operator: Logical,
        /// Two operands or more.
        operands: Code,
    },
    /// `if` as a statement or with `else if`.
    If {
        /// What runs before the condition and belongs to it: `if x := f(); x > 0`.
        before: Code,
        /// What is tested.
        condition: Code,
        /// What runs if it holds.
        then: Code,
        /// What runs if not; starts with an `If` or `ElseIf` for `else if`.
        otherwise: Code,
    },
    /// `else if` that is a sibling of what is to follow it, like Python's `elif`; only first in `otherwise`.
    ElseIf {
        /// What is tested.
        condition: Code,
        /// What runs if it holds.
        then: Code,
    },
    /// A conditional expression, or anything else with one decision and no `else` of its own to count.
    Conditional {
        /// What is tested; may stand after `then`.
        condition: Code,
        /// What runs if it holds.
        then: Code,
        /// What runs if not.
        otherwise: Code,
    },
    /// A loop.
    Loop(Loop),
    /// `switch`, `match`, `select`.
    Switch(Switch),
    /// A case of the innermost switch around. One without test and guard is the default.
    Case {
        /// The values or pattern it is for, which are not looked into for the graph; none if it takes everything.
        test: Code,
        /// A condition on top, or the whole condition where the switch has no subject.
        guard: Code,
        /// What it runs.
        body: Code,
    },
    /// `try` and `with`.
    Try(Try),
    /// A handler in [`Try::rest`].
    Handler {
        /// What it is for; none if it takes everything.
        test: Code,
        /// What it runs.
        body: Code,
    },
    /// What always runs on the way out, in [`Try::rest`].
    Finally(Code),
    /// A call that runs when the callable is left.
    Defer(Code),
    /// An operator that leaves the callable unless its operand has a value, like Rust's `?`.
    Propagate(Code),
    /// A jump.
    Jump {
        /// Which.
        how: Jump,
        /// The name of the place to go to, or of the loop to leave or go on with.
        label: Option<Span>,
        /// What is evaluated before.
        value: Code,
    },
    /// A statement with a name, which is the target of a `goto` or a loop or block that can be left by it.
    Label {
        /// The name.
        name: Span,
        /// The statement; may be empty.
        body: Code,
    },
}

impl Shape {
    /// An operator between two operands: logical if it is one of those.
    pub fn binary(left: Option<Node<'_>>, right: Option<Node<'_>>, source: &[u8]) -> Self {
        Logical::shape(left, right, source).unwrap_or(Self::Plain)
    }

    /// An assignment. What is a plain name on the left side is bound at the end, so the value comes first.
    pub fn assignment(left: Option<Node<'_>>, right: Option<Node<'_>>, is_name: impl FnOnce(Node<'_>) -> bool) -> Self {
        match (left, right) {
            (Some(left), Some(right)) if is_name(left) => Self::Partly(Code::of(right)),
            _ => Self::Plain,
        }
    }
}

/// Operators that evaluate their right side for some values of their left side only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logical {
    /// The right side for truth.
    And,
    /// The right side for falsehood.
    Or,
    /// The right side for lack of a value.
    Coalesce,
}

impl Logical {
    /// The operator that stands between two nodes, if it is one of these.
    pub fn between(left: Node<'_>, right: Node<'_>, source: &[u8]) -> Option<Self> {
        let text = skip_trivia(Span::new(left.end(), right.start().max(left.end())).slice(source));
        const OPERATORS: [(&[u8], Logical); 5] = [
            (b"&&", Logical::And),
            (b"||", Logical::Or),
            (b"??", Logical::Coalesce),
            (b"and", Logical::And),
            (b"or", Logical::Or),
        ];
        OPERATORS.iter().find(|(operator, _)| text.starts_with(operator)).map(|(_, logical)| *logical)
    }

    /// What an operator with these operands does, if it is one of these.
    pub fn shape(left: Option<Node<'_>>, right: Option<Node<'_>>, source: &[u8]) -> Option<Shape> {
        let (left, right) = (left?, right?);
        let operator = Self::between(left, right, source)?;
        Some(Shape::Logical { operator, operands: Code::from_to(left, right) })
    }
}

/// The rest of `text` after white space and comments of any of the languages.
fn skip_trivia(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        let rest = match text {
            [b'/', b'/', ..] | [b'#', ..] => memchr::memchr(b'\n', text).map(|end| &text[end..]),
            [b'/', b'*', ..] => memchr::memmem::find(text, b"*/").map(|end| &text[end + 2..]),
            [b'\\', rest @ ..] => Some(rest),
            _ => return text,
        };
        match rest {
            Some(rest) => text = rest,
            None => return &[],
        }
    }
}

/// A loop.
#[derive(Clone, Copy, Debug)]
pub struct Loop {
    /// Its name, where that is part of it.
    pub label: Option<Span>,
    /// What runs once before: initialisation, the collection.
    pub before: Code,
    /// When it ends.
    pub test: Test,
    /// What runs after each round.
    pub update: Code,
    /// What runs in each round.
    pub body: Code,
    /// What runs when the test ends it, but not after `break`.
    pub otherwise: Code,
}

/// When a loop ends.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    /// When the condition fails before a round.
    Before(Code),
    /// When the condition fails after a round.
    After(Code),
    /// When there are no more elements; holds what binds the element.
    Each(Code),
    /// By a jump only.
    Never,
}

/// `switch`, `match`, `select`.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// What is compared, and what runs before; empty where there is nothing.
    pub subject: Code,
    /// Holds the cases.
    pub body: Code,
    /// What happens at the end of a case and at `break`.
    pub style: SwitchStyle,
    /// Whether some case always matches, even without a default.
    pub is_exhaustive: bool,
}

/// What happens at the end of a case of a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchStyle {
    /// Control goes on with the next case; `break` leaves.
    FallsThrough,
    /// Control leaves, by `break` too.
    Breakable,
    /// Like `Breakable`, but there is no subject: the tests are conditions, tried one after the other.
    Conditions,
    /// Control leaves; `break` is for the loop around, `yield` for the switch.
    Match,
    /// Control goes on with the next case; `yield` leaves, `break` is for the loop around (Java's `switch` as a value).
    Yields,
}

impl SwitchStyle {
    /// Whether control goes from the end of a case into the next one.
    pub fn falls_through(self) -> bool {
        matches!(self, Self::FallsThrough | Self::Yields)
    }

    /// Whether it is left by `yield` and not by `break`.
    pub fn yields(self) -> bool {
        matches!(self, Self::Match | Self::Yields)
    }
}

/// `try` and `with`.
#[derive(Clone, Copy, Debug)]
pub struct Try {
    /// What is opened before the body, to be closed after it.
    pub resources: Code,
    /// What is watched.
    pub body: Code,
    /// Handlers, `else` (anything but a handler or `finally`), `finally`.
    pub rest: Code,
    /// What closing the resources does.
    pub closing: Closing,
}

/// What happens at the end of the body of a [`Try`], before its handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// There is nothing to close.
    None,
    /// Resources are closed, and what was thrown goes on.
    Passes,
    /// Resources are closed, which may end what was thrown (Python's `__exit__`).
    MaySwallow,
}

/// Ways of going elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jump {
    /// Leaves the callable.
    Return,
    /// To a handler.
    Throw,
    /// Behind a loop, switch or named statement.
    Break,
    /// To the next round of a loop.
    Continue,
    /// To a label.
    Goto,
    /// Behind the innermost switch of style `Match` or `Yields`, whatever is between (Java's `yield`).
    Yield,
    /// Into the next case.
    FallThrough,
}
