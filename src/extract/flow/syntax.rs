//! A callable's syntax as the two passes over it see it: shapes of nodes, and small questions about runs of them.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::lang::{Classify, Code, Shape};
use crate::model::{Ast, Node};

/// A file's syntax tree with the means to read it.
#[derive(Clone, Copy)]
pub(super) struct Syntax<'a> {
    pub(super) ast: &'a Ast,
    pub(super) source: &'a [u8],
    pub(super) classify: Classify,
    /// Bodies of the callables that are symbols.
    pub(super) bodies: &'a FxHashSet<u32>,
}

/// `else if`: its condition and body, and what is to follow that.
pub(super) struct ElseIf {
    pub(super) before: Code,
    pub(super) condition: Code,
    pub(super) then: Code,
    pub(super) otherwise: Code,
}

impl<'a> Syntax<'a> {
    pub(super) fn node(self, index: u32) -> Node<'a> {
        self.ast.node(index)
    }

    /// What control does at a node.
    pub(super) fn shape(self, node: Node<'_>) -> Shape {
        if node.kind_number() == 0 {
            return Shape::Plain;
        }
        (self.classify)(node, self.source)
    }

    /// The nodes that stand side by side in `code`, comments and the like left out, with their shapes.
    pub(super) fn parts(self, code: Code) -> impl Iterator<Item = (Node<'a>, Shape)> {
        let mut next = code.first;
        std::iter::from_fn(move || {
            while next < code.end {
                let node = self.node(next);
                next = node.next();
                match self.shape(node) {
                    Shape::Skip => {}
                    shape => return Some((node, shape)),
                }
            }
            None
        })
    }

    /// The only node in `code`, comments and the like left out.
    pub(super) fn only(self, code: Code) -> Option<(Node<'a>, Shape)> {
        let mut parts = self.parts(code);
        parts.next().filter(|_| parts.next().is_none())
    }

    /// The operands of a logical operator.
    pub(super) fn operands(self, code: Code) -> SmallVec<[Code; 4]> {
        self.parts(code).map(|(node, _)| Code::of(node)).collect()
    }

    /// Whether there is anything to run or count in `code`.
    pub(super) fn has_parts(self, code: Code) -> bool {
        self.parts(code).next().is_some()
    }

    /// Reads `code`, which follows a condition that does not hold, as `else if`.
    pub(super) fn else_if(self, code: Code) -> Option<ElseIf> {
        let (node, shape) = self.parts(code).next()?;
        match shape {
            Shape::If { before, condition, then, otherwise } if self.only(code).is_some() => {
                Some(ElseIf { before, condition, then, otherwise })
            }
            Shape::ElseIf { condition, then } => {
                let otherwise = Code { first: node.next(), end: code.end };
                Some(ElseIf { before: Code::NONE, condition, then, otherwise })
            }
            _ => None,
        }
    }
}
