//! The syntax of Rust: which nodes define, scope, bind and use names.

use crate::lang::{Builder, grammar_names};
use crate::model::Node;

grammar_names! { Kind { FunctionItem = "function_item" } }
grammar_names! { Field { Name = "name" } }

pub(super) fn visit(b: &mut Builder<'_>, root: Node<'_>) {
    let _ = (b, root);
}
