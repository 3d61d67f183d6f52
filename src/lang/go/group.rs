//! Groups of `type`, `const` and `var` specifications, and what they set names to.

use crate::model::{ExprId, Node, ScopeKind, SymbolId, SymbolKind};

use super::visit::{Before, Field, Kind, Visitor, expressions, is_comma_ok, names_of};

/// The right side of a declaration.
#[derive(Clone, Default)]
pub(super) struct Values {
    pub(super) ty: Option<ExprId>,
    pub(super) values: Vec<ExprId>,
    /// `v, ok := m[k]` and its like: the second part says whether there is a first.
    pub(super) comma_ok: bool,
    /// Number of names on the left.
    pub(super) count: usize,
}

impl Visitor<'_, '_> {
    /// `type`, `var` or `const` with one specification or several in parentheses.
    pub(super) fn group(&mut self, node: Node<'_>, before: Before) {
        let list = node.children().find(|child| Kind::of(*child) == Kind::VarSpecList).unwrap_or(node);
        let is_single = !self.has_parenthesis(node);
        let mut inner = if is_single { before } else { Before::default() };
        let mut previous = Values::default();
        for child in list.children() {
            let whole = if is_single { node } else { child };
            match Kind::of(child) {
                Kind::Comment => {
                    self.comment(child, &mut inner);
                    continue;
                }
                Kind::TypeSpec | Kind::TypeAlias => self.type_spec(child, whole, inner),
                Kind::VarSpec => {
                    self.value_spec(child, whole, SymbolKind::Variable, inner, Values::default());
                }
                Kind::ConstSpec => previous = self.value_spec(child, whole, SymbolKind::Constant, inner, previous),
                _ => {
                    self.expr(child);
                }
            }
            inner = Before::default();
        }
    }

    /// Whether `(` follows the keyword of a declaration.
    fn has_parenthesis(&self, node: Node<'_>) -> bool {
        let rest = node.span().slice(self.b.source()).iter().skip_while(|byte| byte.is_ascii_alphabetic());
        rest.copied().find(|byte| !byte.is_ascii_whitespace()) == Some(b'(')
    }

    /// One line of `var` or `const`; a constant without type and value repeats those of the line above.
    fn value_spec(
        &mut self,
        spec: Node<'_>,
        whole: Node<'_>,
        kind: SymbolKind,
        before: Before,
        previous: Values,
    ) -> Values {
        let names = names_of(spec);
        if !self.at_top() {
            return self.local_spec(spec, &names, previous);
        }
        let symbols: Vec<Option<SymbolId>> = names
            .iter()
            .map(|name| {
                if self.b.is(*name, "_") {
                    return None;
                }
                let mut definition = self.definition(whole, *name, kind, before);
                let end = Field::Type.of(spec).or(names.last().copied()).map_or(whole.end(), Node::end);
                definition.signature.end = end;
                Some(self.b.define(definition))
            })
            .collect();
        let values = self.spec_values(spec, &symbols, previous);
        for (index, symbol) in symbols.iter().enumerate() {
            let Some(symbol) = *symbol else { continue };
            self.b.symbol_mut(symbol).ty = values.ty;
            if values.ty.is_none()
                && let Some(value) = self.part(&values, index)
            {
                self.b.flow(symbol, value);
            }
        }
        values
    }

    /// Type and values of a specification, visited inside the definitions they belong to.
    fn spec_values(&mut self, spec: Node<'_>, symbols: &[Option<SymbolId>], previous: Values) -> Values {
        let ty = Field::Type.of(spec).map(|ty| match symbols.first() {
            Some(Some(symbol)) => self.in_symbol(*symbol, ScopeKind::Block, |visitor| visitor.ty(ty)),
            _ => self.ty(ty),
        });
        let nodes: Vec<Node<'_>> = Field::Value.of(spec).map(expressions).unwrap_or_default();
        if nodes.is_empty() {
            return if ty.is_some() { Values { ty, ..Values::default() } } else { previous };
        }
        let mut values = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let value = match symbols.get(index) {
                Some(Some(symbol)) => self.in_symbol(*symbol, ScopeKind::Block, |visitor| visitor.expr(*node)),
                _ => self.expr(*node),
            };
            values.push(value);
        }
        let comma_ok = nodes.len() == 1 && symbols.len() == 2 && is_comma_ok(nodes[0]);
        Values { ty, values, comma_ok, count: symbols.len() }
    }

    fn local_spec(&mut self, spec: Node<'_>, names: &[Node<'_>], previous: Values) -> Values {
        let ty = Field::Type.of(spec).map(|ty| self.ty(ty));
        let nodes: Vec<Node<'_>> = Field::Value.of(spec).map(expressions).unwrap_or_default();
        if ty.is_none() && nodes.is_empty() {
            self.bind_all(names, spec.end(), &previous);
            return previous;
        }
        self.define_locals(names, &nodes, ty, spec)
    }
}
