//! What calls of builtin functions give, where that follows from the arguments or is always the same.

use crate::model::{Expr, ExprId, Literal, NameId, Node, ScopeId};

use super::visit::Visitor;

impl Visitor<'_, '_> {
    /// The value of calling the builtin function `name`; none if it is none or can give anything.
    pub(super) fn builtin_result(&mut self, name: Node<'_>, arguments: &[ExprId]) -> Option<ExprId> {
        let text = self.b.text(name);
        let value = match (&*text, arguments) {
            ("list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "iter", [source, ..]) => {
                let element = self.element(*source);
                self.list_of(element)
            }
            ("enumerate", [source, ..]) => {
                let number = self.b.literal(Literal::Int);
                let element = self.element(*source);
                let pair = self.tuple_of(&[number, element]);
                self.list_of(pair)
            }
            ("zip", sources) => {
                let elements: Vec<ExprId> = sources.iter().map(|source| self.element(*source)).collect();
                let tuple = self.tuple_of(&elements);
                self.list_of(tuple)
            }
            ("filter", [_, source]) => {
                let element = self.element(*source);
                self.list_of(element)
            }
            ("next" | "min" | "max", [source]) => self.element(*source),
            ("range", _) => {
                let number = self.b.literal(Literal::Int);
                self.list_of(number)
            }
            (text, _) => {
                let literal = literal_of(text)?;
                self.b.literal(literal)
            }
        };
        let name = self.b.name(name);
        (!self.is_hidden(name)).then_some(value)
    }

    fn list_of(&mut self, element: ExprId) -> ExprId {
        let items = self.b.list(&[element]);
        self.b.expr(Expr::List { items })
    }

    fn tuple_of(&mut self, items: &[ExprId]) -> ExprId {
        let items = self.b.list(items);
        self.b.expr(Expr::Tuple { items })
    }

    /// Whether the file gives a builtin's name another meaning so far.
    fn is_hidden(&self, name: NameId) -> bool {
        let state = &self.state;
        state.defined.contains_key(&(None, name))
            || state.imported.contains(&(ScopeId(0), name))
            || state.local_names.contains(&name)
    }
}

fn literal_of(builtin: &str) -> Option<Literal> {
    Some(match builtin {
        "str" | "repr" | "ascii" | "format" | "input" | "chr" | "hex" | "oct" | "bin" => Literal::Str,
        "bytes" => Literal::Bytes,
        "int" | "len" | "ord" | "hash" | "id" => Literal::Int,
        "float" => Literal::Float,
        "bool" | "isinstance" | "issubclass" | "callable" | "hasattr" | "any" | "all" => Literal::Bool,
        "dict" | "vars" | "globals" | "locals" => Literal::Map,
        "set" | "frozenset" => Literal::Set,
        "list" | "tuple" | "sorted" | "dir" => Literal::List,
        _ => return None,
    })
}
