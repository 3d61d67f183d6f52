//! Decorators: each is an occurrence, a call if it has arguments, and may change what the definition is.

use crate::model::{Marks, Node, Role};

use super::visit::{Field, Kind, Visitor, is_trivia};

/// What the decorators before a definition say.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    /// Where the first decorator starts.
    pub(super) start: Option<u32>,
    /// What the decorators mean for the definition.
    pub(super) marks: Marks,
    /// `@staticmethod`.
    pub(super) is_static: bool,
    /// `@classmethod`.
    pub(super) is_class: bool,
    /// `@x.setter` and the like: defines no name of its own.
    pub(super) is_setter: bool,
}

impl Visitor<'_, '_> {
    pub(super) fn decorator(&mut self, node: Node<'_>, before: &mut Before) {
        let Some(expression) = node.children().find(|child| !is_trivia(*child)) else { return };
        let function = Field::Function.of(expression).filter(|_| Kind::of(expression) == Kind::Call);
        let name = match function {
            Some(function) => {
                let (callee, name) = self.callee(function);
                self.call_of(expression, function, callee, name);
                name.inspect(|name| self.b.occurrence(Role::Decorator, callee, *name))
            }
            None if matches!(Kind::of(expression), Kind::Identifier | Kind::Attribute) => {
                let (decorator, name) = self.callee(expression);
                name.inspect(|name| self.b.occurrence(Role::Decorator, decorator, *name))
            }
            None => {
                self.expr(expression);
                None
            }
        };
        if let Some(name) = name {
            let text = self.b.text(name);
            note(&text, before);
        }
    }
}

/// Notes what the decorator with this last name does.
fn note(name: &str, before: &mut Before) {
    match name {
        "staticmethod" => before.is_static = true,
        "classmethod" => before.is_class = true,
        "property" | "cached_property" | "getter" => before.marks.add(Marks::ACCESSOR),
        "setter" | "deleter" => {
            before.marks.add(Marks::ACCESSOR);
            before.is_setter = true;
        }
        "abstractmethod" => before.marks.add(Marks::ABSTRACT),
        "abstractproperty" => before.marks.add(Marks::ABSTRACT.with(Marks::ACCESSOR)),
        "overload" => before.marks.add(Marks::DECLARATION),
        "final" => before.marks.add(Marks::FINAL),
        "deprecated" => before.marks.add(Marks::DEPRECATED),
        "fixture" => before.marks.add(Marks::TEST.with(Marks::FOREIGN)),
        _ => {}
    }
}
