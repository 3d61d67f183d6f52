//! Parameters of functions and lambdas, and type parameters.

use crate::model::{Arity, Expr, ExprId, Literal, NameId, Node, SymbolId};

use super::ty::Declared;
use super::visit::{Field, Kind, Receiver, Visitor};

/// The parameters of a callable as written, the receiver apart.
#[derive(Default)]
pub(super) struct Parameters {
    receiver: Option<Parameter>,
    list: Vec<Parameter>,
    /// The written return type.
    pub(super) result: Option<Declared>,
}

#[derive(Clone, Copy)]
struct Parameter {
    name: NameId,
    declared: Option<Declared>,
    /// The default value.
    default: Option<ExprId>,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Required,
    Optional,
    /// `*args`
    Rest,
    /// `**kwargs`
    Keywords,
}

impl Visitor<'_, '_> {
    /// Reads the parameters of `node` in the scope around it: annotations and default values.
    pub(super) fn parameters(&mut self, node: Node<'_>, receives: bool) -> Parameters {
        let mut parameters = Parameters::default();
        let mut receiver_type = None;
        for child in Field::Parameters.of(node).iter().flat_map(|list| list.children()) {
            let Some(parameter) = self.one_parameter(child) else { continue };
            let is_first = parameters.receiver.is_none() && parameters.list.is_empty();
            if receives && is_first && parameter.shape != Shape::Rest {
                receiver_type = Field::Annotation.of(child);
                parameters.receiver = Some(parameter);
            } else {
                parameters.list.push(parameter);
            }
        }
        parameters.result = Field::ReturnType.of(node).map(|result| {
            let declared = self.declared(result);
            self.same_as_receiver(result, receiver_type).unwrap_or(declared)
        });
        parameters
    }

    /// `def f(self: T) -> T` gives back what it was called on.
    fn same_as_receiver(&mut self, result: Node<'_>, receiver: Option<Node<'_>>) -> Option<Declared> {
        let class = self.class_body()?;
        let is_same = self.b.text(receiver?).trim_matches(['"', '\'']) == self.b.text(result).trim_matches(['"', '\'']);
        is_same.then(|| Declared { ty: self.b.expr(Expr::Symbol(class)), value: None })
    }

    fn one_parameter(&mut self, node: Node<'_>) -> Option<Parameter> {
        let declared = Field::Annotation.of(node).map(|ty| self.declared(ty));
        let default = Field::Value.of(node).map(|value| self.expr(value));
        let (name, shape) = match Kind::of(node) {
            Kind::Identifier => (node, Shape::Required),
            Kind::DefaultParameter | Kind::TypedDefaultParameter => (Field::Name.of(node)?, Shape::Optional),
            Kind::TypedParameter => {
                let inner = node.children().next()?;
                return Some(Parameter { declared, ..self.one_parameter(inner)? });
            }
            Kind::ListSplatPattern => (node.children().next()?, Shape::Rest),
            Kind::DictionarySplatPattern => (node.children().next()?, Shape::Keywords),
            _ => return None,
        };
        let name = (Kind::of(name) == Kind::Identifier).then(|| self.b.name(name))?;
        Some(Parameter { name, declared, default, shape })
    }

    /// Declares the parameters of `symbol` in the current scope, which is its body's.
    pub(super) fn declare_parameters(
        &mut self,
        symbol: SymbolId,
        parameters: &Parameters,
        class: Option<SymbolId>,
        is_class_method: bool,
    ) {
        if let (Some(receiver), Some(class)) = (parameters.receiver, class) {
            let value = if is_class_method { Expr::Symbol(class) } else { Expr::Instance(class) };
            let value = self.b.expr(value);
            self.b.local(receiver.name, 0, None, Some(value));
            self.remember(receiver.name, true);
            self.state.receivers.push(Receiver { name: receiver.name, class: Some(class) });
        }
        let mut arity = Arity::exactly(0);
        for parameter in &parameters.list {
            let (ty, value) = self.declare_parameter(*parameter);
            // A parameter for classes is known by the class itself, not by a type that calls could be matched with.
            let ty = value.map_or(ty, |_| None);
            self.b.parameter(symbol, Some(parameter.name), ty);
            match parameter.shape {
                Shape::Required => arity.min += 1,
                Shape::Optional => {}
                Shape::Rest | Shape::Keywords => arity.max = u16::MAX,
            }
            arity.max = arity.max.saturating_add(1);
        }
        self.b.symbol_mut(symbol).arity = Some(arity);
    }

    /// Declares the parameters of a lambda that is bound to no name.
    pub(super) fn declare_anonymous(&mut self, parameters: &Parameters) {
        for parameter in &parameters.list {
            self.declare_parameter(*parameter);
        }
    }

    fn declare_parameter(&mut self, parameter: Parameter) -> (Option<ExprId>, Option<ExprId>) {
        let written = parameter.declared;
        let value = written.and_then(|declared| declared.value);
        let (ty, value) = match (parameter.shape, written) {
            (Shape::Rest, Some(declared)) => {
                let items = self.b.list(&[declared.ty]);
                (Some(self.b.expr(Expr::List { items })), None)
            }
            (Shape::Rest, None) => (None, Some(self.b.literal(Literal::List))),
            (Shape::Keywords, _) => (None, Some(self.b.literal(Literal::Map))),
            (_, Some(declared)) if value.is_none() => (Some(declared.ty), None),
            _ => (None, value),
        };
        let init = value.or_else(|| self.passed_or(parameter.default.filter(|_| written.is_none())));
        self.b.local(parameter.name, 0, ty, init);
        self.remember(parameter.name, written.is_some() || matches!(parameter.shape, Shape::Rest | Shape::Keywords));
        if self.receiver_class(parameter.name).is_some() {
            self.state.receivers.push(Receiver { name: parameter.name, class: None });
        }
        (ty, value)
    }

    /// What a parameter of no written type is: its default value, or what a caller passes.
    fn passed_or(&mut self, default: Option<ExprId>) -> Option<ExprId> {
        let default = default?;
        let argument = self.b.expr(Expr::Argument);
        Some(self.b.union(&[argument, default]))
    }

    fn remember(&mut self, name: NameId, is_typed: bool) {
        let scope = self.b.scope();
        self.remember_local(scope, name, is_typed);
    }

    /// Declares `[T: Bound, *Ts, **P]` in the current scope. The grammar has them in a field of a definition,
    /// or as a child of the type on the left of `type X[T] = ...`.
    pub(super) fn type_parameters(&mut self, node: Node<'_>) {
        let list = node.children().find(|child| Kind::of(*child) == Kind::TypeParameter);
        for parameter in list.iter().flat_map(|list| list.children()) {
            let Some(inner) = parameter.children().next() else { continue };
            let (name, bound) = match Kind::of(inner) {
                Kind::Identifier => (inner, None),
                Kind::ConstrainedType => {
                    let mut types = inner.children();
                    let Some(name) = types.next().and_then(|name| name.children().next()) else { continue };
                    (name, types.next())
                }
                Kind::SplatType => {
                    let Some(name) = inner.children().next() else { continue };
                    (name, None)
                }
                _ => continue,
            };
            let name = self.b.name(name);
            let bound = bound.map(|bound| self.ty(bound));
            self.b.type_parameter(name, bound);
        }
    }
}
