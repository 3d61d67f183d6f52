//! Statements of Go: what opens blocks and declares local names.

use crate::lang::Definition;
use crate::model::{BindingTarget, Expr, ExprId, Literal, Node, Role, ScopeKind, Span, SymbolKind};

use super::group::Values;
use super::visit::{Field, Kind, Visitor, expressions, is_comma_ok};

impl Visitor<'_, '_> {
    /// Visits a statement; false if the node is none that needs more than a visit to its children.
    pub(super) fn statement(&mut self, node: Node<'_>) -> bool {
        match Kind::of(node) {
            Kind::Block
            | Kind::IfStatement
            | Kind::ForStatement
            | Kind::ExpressionSwitch
            | Kind::ExpressionCase
            | Kind::DefaultCase => self.in_scope(ScopeKind::Block, |visitor| visitor.declarations(node)),
            Kind::TypeSwitch => self.in_scope(ScopeKind::Block, |visitor| visitor.type_switch(node)),
            Kind::CommunicationCase => self.in_scope(ScopeKind::Block, |visitor| visitor.declarations(node)),
            Kind::ReceiveStatement => self.receive(node),
            Kind::RangeClause => self.range(node),
            Kind::ShortVarDeclaration => self.short_var(node),
            Kind::Assignment => self.assignment(node),
            Kind::IncStatement | Kind::DecStatement => node.children().for_each(|target| self.write(target)),
            _ => return false,
        }
        true
    }

    fn short_var(&mut self, node: Node<'_>) {
        let (Some(left), Some(right)) = (Field::Left.of(node), Field::Right.of(node)) else { return };
        self.define_locals(&expressions(left), &expressions(right), None, node);
    }

    /// Declares `names` as local variables with these values; they are visible after `whole`.
    pub(super) fn define_locals(
        &mut self,
        names: &[Node<'_>],
        nodes: &[Node<'_>],
        ty: Option<ExprId>,
        whole: Node<'_>,
    ) -> Values {
        let is_paired = names.len() == nodes.len();
        let mut unbound = names.to_vec();
        let mut values = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            let is_named = is_paired && Kind::of(*node) == Kind::FuncLiteral && !self.b.is(names[index], "_");
            if is_named {
                unbound.retain(|name| name.index() != names[index].index());
                values.push(self.named_closure(names[index], *node, whole));
            } else {
                values.push(self.expr(*node));
            }
        }
        let comma_ok = nodes.len() == 1 && names.len() == 2 && is_comma_ok(nodes[0]);
        let values = Values { ty, values, comma_ok, count: names.len() };
        for (index, name) in names.iter().enumerate() {
            if unbound.iter().any(|other| other.index() == name.index()) {
                self.bind_part(*name, whole.end(), &values, index);
            }
        }
        values
    }

    /// Declares `names` with the parts of `values`.
    pub(super) fn bind_all(&mut self, names: &[Node<'_>], from: u32, values: &Values) {
        for (index, name) in names.iter().enumerate() {
            self.bind_part(*name, from, values, index);
        }
    }

    /// Declares one name. One that its own scope has already is assigned to: `a, err := f()` keeps the old `err`.
    fn bind_part(&mut self, name: Node<'_>, from: u32, values: &Values, index: usize) {
        let id = self.b.name(name);
        if values.count > 1 && self.state.locals.contains(&(self.b.scope(), id)) {
            self.write(name);
            return;
        }
        let init = self.part(values, index);
        self.bind(name, from, values.ty, init);
    }

    /// What name number `index` of a declaration is set to.
    pub(super) fn part(&mut self, values: &Values, index: usize) -> Option<ExprId> {
        if values.values.len() != 1 || values.count < 2 {
            return values.values.get(index).copied();
        }
        let base = values.values[0];
        if values.comma_ok {
            return Some(if index == 0 { base } else { self.b.literal(Literal::Bool) });
        }
        Some(self.b.expr(Expr::Part { base, index: index.min(usize::from(u16::MAX)) as u16 }))
    }

    /// `f := func() ...`: the closure can be called by name. What stands in it belongs to the function around it.
    fn named_closure(&mut self, name: Node<'_>, closure: Node<'_>, whole: Node<'_>) -> ExprId {
        let id = self.b.name(name);
        let mut definition = Definition::new(SymbolKind::Closure, id, name.span(), closure).member();
        definition.span = Span::new(name.start(), closure.end());
        let body = Field::Body.of(closure);
        definition.signature = Span::new(name.start(), body.map_or(closure.end(), |body| body.start()));
        definition.body = body.map(Node::index);
        let symbol = self.b.define(definition);
        let (arity, ty) = self.closure_parts(closure, Some(symbol));
        let data = self.b.symbol_mut(symbol);
        data.arity = Some(arity);
        data.ty = ty;
        let scope = self.b.scope();
        self.state.locals.insert((scope, id));
        self.b.declare(scope, id, whole.end(), BindingTarget::Symbol(symbol));
        self.function_value(ty)
    }

    fn assignment(&mut self, node: Node<'_>) {
        if let Some(right) = Field::Right.of(node) {
            self.expr(right);
        }
        for target in Field::Left.of(node).map(expressions).unwrap_or_default() {
            self.write(target);
        }
    }

    /// An expression that is assigned to.
    pub(super) fn write(&mut self, target: Node<'_>) {
        match Kind::of(target) {
            Kind::Identifier => {
                self.name(target, Role::Write);
            }
            Kind::SelectorExpression => {
                self.selector(target, Role::Write);
            }
            Kind::ParenthesizedExpression => {
                self.deeper(|visitor| target.children().for_each(|inner| visitor.write(inner)));
            }
            _ => {
                self.expr(target);
            }
        }
    }

    /// `for k, v := range x`; the single variable of a channel or sequence counts as its key.
    fn range(&mut self, node: Node<'_>) {
        let base = Field::Right.of(node).map(|value| self.expr(value));
        let Some(left) = Field::Left.of(node) else { return };
        let names = expressions(left);
        if !self.declares(node, left) {
            names.iter().for_each(|name| self.write(*name));
            return;
        }
        for (index, name) in names.iter().enumerate() {
            let init = base.map(|base| if index == 0 { Expr::Key { base } } else { Expr::Element { base } });
            let init = init.map(|init| self.b.expr(init));
            self.bind(*name, node.end(), None, init);
        }
    }

    /// `case v, ok := <-c:`.
    fn receive(&mut self, node: Node<'_>) {
        let value = Field::Right.of(node).map(|value| self.expr(value));
        let Some(left) = Field::Left.of(node) else { return };
        let names = expressions(left);
        if !self.declares(node, left) {
            names.iter().for_each(|name| self.write(*name));
            return;
        }
        let values = Values { values: value.into_iter().collect(), comma_ok: true, count: names.len(), ty: None };
        self.bind_all(&names, node.end(), &values);
    }

    /// Whether `:=` stands after the left side of `node`.
    fn declares(&self, node: Node<'_>, left: Node<'_>) -> bool {
        let rest = Span::new(left.end(), node.end()).slice(self.b.source());
        rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
    }

    /// `switch v := x.(type)`: in each case, `v` has the case's type, or that of `x` if there are several.
    fn type_switch(&mut self, node: Node<'_>) {
        if let Some(initializer) = Field::Initializer.of(node) {
            self.expr(initializer);
        }
        let value = Field::Value.of(node).map(|value| self.expr(value));
        let alias = Field::Alias.of(node).map(expressions).unwrap_or_default().first().copied();
        for case in node.children().filter(|child| matches!(Kind::of(*child), Kind::TypeCase | Kind::DefaultCase)) {
            self.in_scope(ScopeKind::Block, |visitor| {
                let types: Vec<ExprId> =
                    case.children().filter(|child| Field::Type.is(*child)).map(|ty| visitor.ty(ty)).collect();
                if let Some(alias) = alias {
                    let ty = if let [only] = types[..] { Some(only) } else { None };
                    visitor.bind(alias, 0, ty, if ty.is_some() { None } else { value });
                }
                for body in case.children().filter(|child| !Field::Type.is(*child)) {
                    visitor.expr(body);
                }
            });
        }
    }
}
