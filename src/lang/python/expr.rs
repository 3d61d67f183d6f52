//! Expressions of Python.

use crate::lang::Definition;
use crate::model::{Expr, ExprId, Literal, Marks, Node, Role, ScopeKind, Space, Span, SymbolId, SymbolKind};

use super::ty::Special;
use super::visit::{Field, Kind, Visitor, is_trivia};

impl Visitor<'_, '_> {
    /// Visits an expression or anything unknown; gives what it evaluates to.
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        self.deeper(|visitor| visitor.expr_here(node))
    }

    pub(super) fn expr_here(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier => {
                let expr = self.b.name_expr(node, Space::Any);
                self.b.occurrence(Role::Read, expr, node);
                expr
            }
            Kind::Attribute => {
                let (expr, name) = self.callee(node);
                if let Some(name) = name {
                    self.b.occurrence(Role::Read, expr, name);
                }
                expr
            }
            Kind::Call => self.call(node),
            Kind::Assignment => self.assignment(node),
            Kind::AugmentedAssignment => self.augmented_assignment(node),
            Kind::NamedExpression => self.named_expression(node),
            Kind::Lambda => self.lambda(node),
            Kind::ListComprehension
            | Kind::SetComprehension
            | Kind::DictionaryComprehension
            | Kind::GeneratorExpression => self.comprehension(node),
            Kind::Await => {
                let base = self.only(node);
                self.b.expr(Expr::Await { base })
            }
            Kind::Subscript => self.subscript(node),
            Kind::BooleanOperator => self.boolean_operator(node),
            Kind::ConditionalExpression => self.conditional(node),
            Kind::BinaryOperator => self.binary_operator(node),
            Kind::NotOperator => {
                self.each(node);
                self.b.literal(Literal::Bool)
            }
            Kind::ParenthesizedExpression => self.only(node),
            Kind::Tuple | Kind::ExpressionList => {
                let items = self.each(node);
                let items = self.b.list(&items);
                self.b.expr(Expr::Tuple { items })
            }
            Kind::List => {
                let items = self.each(node);
                let items = self.b.list(&items);
                self.b.expr(Expr::List { items })
            }
            Kind::Dictionary => self.container(node, Literal::Map),
            Kind::Set => self.container(node, Literal::Set),
            Kind::String | Kind::ConcatenatedString => self.string(node),
            Kind::Integer => self.b.literal(Literal::Int),
            Kind::Float => self.b.literal(Literal::Float),
            Kind::True | Kind::False => self.b.literal(Literal::Bool),
            Kind::None => self.b.literal(Literal::Null),
            Kind::KeywordArgument => match Field::Value.of(node) {
                Some(value) => self.expr(value),
                None => self.b.unknown(),
            },
            Kind::Yield => self.yielded(node),
            Kind::Type => self.ty(node),
            _ => {
                self.statements(node);
                self.b.unknown()
            }
        }
    }

    /// Visits every child as an expression.
    pub(super) fn each(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let children: Vec<Node<'_>> = node.children().filter(|child| !is_trivia(*child)).collect();
        children.into_iter().map(|child| self.expr(child)).collect()
    }

    /// Visits every child; gives the value of the first.
    fn only(&mut self, node: Node<'_>) -> ExprId {
        let items = self.each(node);
        items.first().copied().unwrap_or_else(|| self.b.unknown())
    }

    fn container(&mut self, node: Node<'_>, literal: Literal) -> ExprId {
        self.each(node);
        self.b.literal(literal)
    }

    fn string(&mut self, node: Node<'_>) -> ExprId {
        self.each(node);
        let text = node.span().slice(self.b.source());
        let prefix = text.iter().take_while(|byte| byte.is_ascii_alphabetic());
        let is_bytes = prefix.clone().any(|byte| byte.eq_ignore_ascii_case(&b'b'));
        self.b.literal(if is_bytes { Literal::Bytes } else { Literal::Str })
    }

    /// `a if condition else b`
    fn conditional(&mut self, node: Node<'_>) -> ExprId {
        match self.each(node)[..] {
            [first, _, second] => self.b.union(&[first, second]),
            _ => self.b.unknown(),
        }
    }

    /// `a and b`, `a or b`; after `and` holds what `a` tests.
    fn boolean_operator(&mut self, node: Node<'_>) -> ExprId {
        let operands: Vec<Node<'_>> = node.children().filter(|child| !is_trivia(*child)).collect();
        let items = match operands[..] {
            [left, right] if self.is_conjunction(node) => {
                let first = self.expr(left);
                vec![first, self.where_true(left, right, |visitor| visitor.expr(right))]
            }
            _ => self.each(node),
        };
        if items.is_empty() { self.b.unknown() } else { self.b.union(&items) }
    }

    /// What operators give is what the left operand's method gives; for literals it is known.
    fn binary_operator(&mut self, node: Node<'_>) -> ExprId {
        let operands: Vec<Node<'_>> = node.children().filter(|child| !is_trivia(*child)).collect();
        let values: Vec<ExprId> = operands.iter().map(|operand| self.expr(*operand)).collect();
        let ([left, right], [base, argument]) = (&operands[..], &values[..]) else { return self.b.unknown() };
        match self.b.facts().expr(*base) {
            Expr::Literal(Literal::Str | Literal::Bytes) | Expr::List { .. } => return *base,
            Expr::Literal(_) | Expr::Unknown => return self.b.unknown(),
            _ => {}
        }
        let gap = Span::new(left.end(), right.start().max(left.end())).slice(self.b.source());
        let Some(method) = operator_method(gap).filter(|_| !gap.contains(&b'#')) else { return self.b.unknown() };
        let name = self.b.intern(method);
        let callee = self.b.expr(Expr::Member { base: *base, name });
        let args = self.b.list(&[*argument]);
        self.b.expr(Expr::Call { callee, args })
    }

    /// `base[index]`; a slice is taken to be of the same type as the whole.
    fn subscript(&mut self, node: Node<'_>) -> ExprId {
        let Some(value) = Field::Value.of(node) else { return self.b.unknown() };
        let base = self.expr(value);
        let mut is_slice = false;
        for index in node.children().filter(|child| Field::Subscripts.is(*child)) {
            is_slice |= Kind::of(index) == Kind::Slice;
            self.expr(index);
        }
        if is_slice { base } else { self.b.expr(Expr::Index { base }) }
    }

    /// `yield x`: iterating over the function's result gives `x`.
    fn yielded(&mut self, node: Node<'_>) -> ExprId {
        let items = self.each(node);
        let generator = self.b.symbol().filter(|symbol| self.b.facts().symbol(*symbol).kind.is_callable());
        let Some(symbol) = generator else { return self.b.unknown() };
        self.b.symbol_mut(symbol).marks.add(Marks::GENERATOR);
        let from = self.b.text(node);
        let is_delegation = from.strip_prefix("yield").is_some_and(|rest| rest.trim_start().starts_with("from "));
        if !self.state.annotated.contains(&symbol)
            && let [item] = items[..]
        {
            let value = if is_delegation {
                item
            } else {
                let items = self.b.list(&[item]);
                self.b.expr(Expr::List { items })
            };
            self.b.flow(symbol, value);
        }
        self.b.unknown()
    }

    // Names and calls

    /// A callee or any name: its expression and the token that names it, not yet recorded.
    pub(super) fn callee<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        match Kind::of(node) {
            Kind::Identifier => (self.b.name_expr(node, Space::Any), Some(node)),
            Kind::Attribute => {
                let (Some(object), Some(name)) = (Field::Object.of(node), Field::AttributeName.of(node)) else {
                    return (self.b.unknown(), None);
                };
                let base = self.expr(object);
                (self.member(base, name), Some(name))
            }
            Kind::ParenthesizedExpression => {
                let mut inner = node.children().filter(|child| !is_trivia(*child));
                match (inner.next(), inner.next()) {
                    (Some(only), None) => self.deeper_callee(only),
                    _ => (self.expr(node), None),
                }
            }
            _ => (self.expr(node), None),
        }
    }

    fn deeper_callee<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        self.deeper(|visitor| visitor.callee(node))
    }

    /// `base.name`; `self.__class__` is the class.
    pub(super) fn member(&mut self, base: ExprId, name: Node<'_>) -> ExprId {
        if self.b.is(name, "__class__")
            && let Some(class) = self.class_of_receiver(base)
        {
            return self.b.expr(Expr::Symbol(class));
        }
        let name = self.b.name(name);
        self.b.expr(Expr::Member { base, name })
    }

    /// The class whose instance (or which itself) is named, if `expr` is the name of a method's receiver.
    pub(super) fn class_of_receiver(&self, expr: ExprId) -> Option<SymbolId> {
        match self.b.facts().expr(expr) {
            Expr::Name { name, .. } => self.receiver_class(name),
            _ => None,
        }
    }

    fn call(&mut self, node: Node<'_>) -> ExprId {
        let Some(function) = Field::Function.of(node) else { return self.b.unknown() };
        let (callee, name) = self.callee(function);
        self.call_of(node, function, callee, name)
    }

    /// Records the call `node` of `function`, which has been visited; gives the value.
    pub(super) fn call_of(
        &mut self,
        node: Node<'_>,
        function: Node<'_>,
        callee: ExprId,
        name: Option<Node<'_>>,
    ) -> ExprId {
        let arguments = Field::Arguments.of(node);
        if let Some(value) = self.typing_call(function, callee, arguments) {
            return value;
        }
        let (values, arity) = arguments.map_or((Vec::new(), Some(0)), |list| self.arguments(list));
        match name {
            Some(name) => self.b.call(callee, name, arity),
            None => {
                let computed = self.b.intern("<computed>");
                self.b.occurrence_at(Role::Call, callee, computed, function.span(), arity);
            }
        }
        if let Some(name) = name {
            self.note_start(name);
            if let Some(value) = self.known_result(function, name, &values) {
                return value;
            }
        }
        let args = self.b.list(&values);
        self.b.expr(Expr::Call { callee, args })
    }

    /// The positional arguments before any spread, and the number of all unless something is spread.
    fn arguments(&mut self, list: Node<'_>) -> (Vec<ExprId>, Option<u16>) {
        if Kind::of(list) == Kind::GeneratorExpression {
            return (vec![self.expr(list)], Some(1));
        }
        let (mut values, mut count, mut is_spread) = (Vec::new(), 0u16, false);
        for argument in list.children() {
            if is_trivia(argument) {
                continue;
            }
            let kind = Kind::of(argument);
            is_spread |= matches!(kind, Kind::ListSplat | Kind::DictionarySplat);
            let value = self.expr(argument);
            if !is_spread && kind != Kind::KeywordArgument {
                values.push(value);
            }
            count = count.saturating_add(1);
        }
        (values, (!is_spread).then_some(count))
    }

    /// `cast(T, x)` and `TypeVar("T", bound=B)`, whose arguments are types.
    fn typing_call(&mut self, function: Node<'_>, callee: ExprId, list: Option<Node<'_>>) -> Option<ExprId> {
        let special = self.special(function)?;
        let (list, name) = (list?, Field::AttributeName.of(function).unwrap_or(function));
        let arguments: Vec<Node<'_>> = list.children().filter(|child| !is_trivia(*child)).collect();
        let value = match special {
            Special::Cast => {
                let (ty, rest) = arguments.split_first()?;
                let ty = self.ty(*ty);
                for argument in rest {
                    self.expr(*argument);
                }
                self.b.expr(Expr::Typed { ty })
            }
            Special::TypeVariable => {
                self.type_variable(&arguments);
                let args = self.b.list(&[]);
                self.b.expr(Expr::Call { callee, args })
            }
            _ => return None,
        };
        self.b.call(callee, name, Some(arguments.len() as u16));
        Some(value)
    }

    /// `TypeVar("T", bound=B)`: values of type `T` are known as `B`.
    fn type_variable(&mut self, arguments: &[Node<'_>]) {
        let variable = arguments.first().map(|name| self.b.text(*name).trim_matches(['"', '\'']).to_owned());
        for argument in arguments {
            match (Field::Name.of(*argument), Field::Value.of(*argument)) {
                (Some(name), Some(bound)) if self.b.is(name, "bound") => {
                    let bound = self.ty(bound);
                    if let Some(variable) = &variable {
                        let variable = self.b.intern(variable);
                        self.state.type_variables.insert(variable, bound);
                    }
                }
                _ => {
                    self.expr(*argument);
                }
            }
        }
    }

    /// Calls whose result the language itself tells.
    fn known_result(&mut self, function: Node<'_>, name: Node<'_>, arguments: &[ExprId]) -> Option<ExprId> {
        if Kind::of(function) == Kind::Attribute {
            // `super().__new__(cls)` makes an instance of the class.
            let is_new = self.b.is(name, "__new__");
            let class = arguments.first().filter(|_| is_new).and_then(|first| self.class_of_receiver(*first))?;
            return Some(self.b.expr(Expr::Instance(class)));
        }
        if self.b.is(name, "super") {
            let class = self.enclosing_class()?;
            let is_own = match arguments.first().map(|first| self.b.facts().expr(*first)) {
                None => true,
                Some(Expr::Name { name, .. }) => {
                    name == self.b.facts().symbol(class).name || self.b.name_text(name) == "__class__"
                }
                Some(_) => false,
            };
            return is_own.then(|| self.b.expr(Expr::Super(class)));
        }
        if self.b.is(name, "type")
            && let [of] = arguments
        {
            let class = self.class_of_receiver(*of)?;
            return Some(self.b.expr(Expr::Symbol(class)));
        }
        self.builtin_result(name, arguments)
    }

    /// Notes functions that are called when the file is run as a program.
    fn note_start(&mut self, name: Node<'_>) {
        if self.state.in_program && self.b.symbol().is_none() {
            let name = self.b.name(name);
            self.state.started.push(name);
        }
    }

    // Scopes

    fn lambda(&mut self, node: Node<'_>) -> ExprId {
        let parameters = self.parameters(node, false);
        let receivers = self.state.receivers.len();
        let result = self.in_scope(ScopeKind::Function, |visitor| {
            visitor.declare_anonymous(&parameters);
            Field::Body.of(node).map(|body| visitor.expr(body))
        });
        self.state.receivers.truncate(receivers);
        match result {
            Some(result) => self.b.expr(Expr::Function { result }),
            None => self.b.literal(Literal::Function),
        }
    }

    /// `name = lambda ...`: a function like any other.
    pub(super) fn named_lambda(&mut self, statement: Node<'_>, name: Node<'_>, lambda: Node<'_>) {
        let class = self.class_body();
        let parameters = self.parameters(lambda, class.is_some());
        let id = self.b.name(name);
        let kind = if class.is_some() { SymbolKind::Method } else { SymbolKind::Function };
        let mut definition = Definition::new(kind, id, name.span(), statement).body(Field::Body.of(lambda));
        definition.visibility = self.visibility(id);
        if class.is_some() {
            definition.marks.add(Marks::RECEIVER);
        }
        let symbol = self.define(definition);
        let receivers = self.state.receivers.len();
        self.in_symbol(symbol, ScopeKind::Function, |visitor| {
            visitor.declare_parameters(symbol, &parameters, class, false);
            if let Some(body) = Field::Body.of(lambda) {
                let value = visitor.expr(body);
                visitor.returns(value);
            }
        });
        self.state.receivers.truncate(receivers);
    }

    /// The first iterable belongs to the scope around, everything else to the comprehension's own.
    fn comprehension(&mut self, node: Node<'_>) -> ExprId {
        let first = node.children().find(|child| Kind::of(*child) == Kind::ForInClause);
        let source = first.and_then(|clause| self.iterable(clause));
        let item = self.in_scope(ScopeKind::Block, |visitor| {
            if let Some(clause) = first {
                visitor.comprehension_target(clause, source);
            }
            let rest = node.children().filter(|child| !Field::Body.is(*child));
            for clause in rest.filter(|child| Some(child.index()) != first.map(Node::index)) {
                if Kind::of(clause) == Kind::ForInClause {
                    let source = visitor.iterable(clause);
                    visitor.comprehension_target(clause, source);
                } else {
                    visitor.expr(clause);
                }
            }
            Field::Body.of(node).map(|body| visitor.expr(body))
        });
        match (Kind::of(node), item) {
            (Kind::ListComprehension | Kind::GeneratorExpression, Some(item)) => {
                let items = self.b.list(&[item]);
                self.b.expr(Expr::List { items })
            }
            (Kind::SetComprehension, _) => self.b.literal(Literal::Set),
            (Kind::DictionaryComprehension, _) => self.b.literal(Literal::Map),
            _ => self.b.unknown(),
        }
    }

    /// What a loop over `base` gives.
    pub(super) fn element(&mut self, base: ExprId) -> ExprId {
        let name = self.b.intern("__iter__");
        let callee = self.b.expr(Expr::Member { base, name });
        let args = self.b.list(&[]);
        let iterator = self.b.expr(Expr::Call { callee, args });
        self.b.expr(Expr::Iterate { base, iterator })
    }

    fn iterable(&mut self, clause: Node<'_>) -> Option<ExprId> {
        let sources: Vec<ExprId> =
            clause.children().filter(|child| Field::Right.is(*child)).map(|source| self.expr(source)).collect();
        (sources.len() == 1).then(|| sources[0])
    }

    fn comprehension_target(&mut self, clause: Node<'_>, source: Option<ExprId>) {
        let element = source.map(|base| self.element(base));
        if let Some(target) = Field::Left.of(clause) {
            self.bind_local(target, element);
        }
    }
}

/// The method that an operator calls on its left operand. `text` is what stands between the operands.
fn operator_method(text: &[u8]) -> Option<&'static str> {
    let is_symbol = |byte: &u8| b"+-*/%@&|^<>".contains(byte);
    let operator: Vec<u8> = text.iter().copied().skip_while(|byte| !is_symbol(byte)).take_while(is_symbol).collect();
    Some(match &operator[..] {
        b"+" => "__add__",
        b"-" => "__sub__",
        b"*" => "__mul__",
        b"/" => "__truediv__",
        b"//" => "__floordiv__",
        b"%" => "__mod__",
        b"**" => "__pow__",
        b"@" => "__matmul__",
        b"&" => "__and__",
        b"|" => "__or__",
        b"^" => "__xor__",
        b"<<" => "__lshift__",
        b">>" => "__rshift__",
        _ => return None,
    })
}
