//! Expressions of Go: names, calls, conversions, literals.

use crate::model::{Arity, Expr, ExprId, ExprList, Literal, Node, Role, ScopeKind, Space, Span, SymbolId};

use super::visit::{Before, Field, Kind, Visitor, expressions, pointed_to, visible_from};

impl Visitor<'_, '_> {
    /// Visits an expression, statement or anything unknown; gives what it evaluates to.
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        self.deeper(|visitor| visitor.expr_here(node))
    }

    fn expr_here(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier => self.name(node, Role::Read),
            Kind::SelectorExpression => self.selector(node, Role::Read),
            Kind::CallExpression => self.call(node),
            Kind::TypeConversion => self.conversion(node),
            Kind::CompositeLiteral => self.composite(node),
            Kind::FuncLiteral => {
                let (_, ty) = self.closure_parts(node, None);
                self.function_value(ty)
            }
            Kind::UnaryExpression => self.unary(node),
            Kind::BinaryExpression => self.binary(node),
            Kind::ParenthesizedExpression | Kind::VariadicArgument | Kind::SliceExpression => self.first(node),
            Kind::IndexExpression => self.index(node),
            Kind::TypeAssertion => self.assertion(node),
            Kind::TypeInstantiation => self.instantiation(node),
            Kind::InterpretedString | Kind::RawString => self.b.literal(Literal::Str),
            Kind::IntLiteral | Kind::ImaginaryLiteral | Kind::Iota => self.b.literal(Literal::Int),
            Kind::FloatLiteral => self.b.literal(Literal::Float),
            Kind::RuneLiteral => self.b.literal(Literal::Char),
            Kind::True | Kind::False => self.b.literal(Literal::Bool),
            Kind::Nil => self.b.literal(Literal::Null),
            kind if is_type(kind) => self.ty(node),
            kind if is_declaration(kind) => {
                self.declaration(node, Before::default());
                self.b.unknown()
            }
            _ => {
                if !self.statement(node) {
                    self.declarations(node);
                }
                self.b.unknown()
            }
        }
    }

    fn each(&mut self, node: Node<'_>) -> Vec<ExprId> {
        expressions(node).into_iter().map(|child| self.expr(child)).collect()
    }

    /// Visits all children; gives what the first evaluates to.
    fn first(&mut self, node: Node<'_>) -> ExprId {
        let items = self.each(node);
        items.first().copied().unwrap_or_else(|| self.b.unknown())
    }

    /// A plain name. Package names before a dot are not recorded; what they qualify is.
    pub(super) fn name(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let expr = self.b.name_expr(node, Space::Any);
        let name = self.b.name(node);
        if !self.b.is(node, "_") && !self.is_package(name) {
            self.b.occurrence(role, expr, node);
        }
        expr
    }

    /// `a.b`, the name after the dot used in `role`.
    pub(super) fn selector(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let (expr, name) = self.member(node);
        if let Some(name) = name {
            self.b.occurrence(role, expr, name);
        }
        expr
    }

    /// `a.b` with the name left to the caller to record.
    fn member<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        let (Some(operand), Some(name)) = (Field::Operand.of(node), Field::Selected.of(node)) else {
            return (self.first(node), None);
        };
        let base = self.expr(operand);
        let id = self.b.name(name);
        (self.b.expr(Expr::Member { base, name: id }), Some(name))
    }

    fn call(&mut self, node: Node<'_>) -> ExprId {
        let Some(function) = Field::Function.of(node) else { return self.first(node) };
        let (callee, name) = self.callee(function);
        if let Some(arguments) = Field::TypeArgs.of(node) {
            self.each_type(arguments);
        }
        let nodes = Field::Arguments.of(node).map(expressions).unwrap_or_default();
        let arguments: Vec<ExprId> = nodes.iter().map(|argument| self.expr(*argument)).collect();
        self.record_call(callee, name, function, arity(&nodes));
        let args = self.b.list(&arguments);
        self.builtin_value(function, &nodes, &arguments).unwrap_or_else(|| self.b.expr(Expr::Call { callee, args }))
    }

    fn record_call(&mut self, callee: ExprId, name: Option<Node<'_>>, function: Node<'_>, arity: Option<u16>) {
        match name {
            Some(name) => self.b.call(callee, name, arity),
            None => {
                let name = self.b.intern("<computed>");
                self.b.occurrence_at(Role::Call, callee, name, function.span(), arity);
            }
        }
    }

    /// The value of `make(T)`, `new(T)` and `append(s, x)`, which the arguments say.
    fn builtin_value(&mut self, function: Node<'_>, nodes: &[Node<'_>], arguments: &[ExprId]) -> Option<ExprId> {
        let (node, argument) = (*nodes.first()?, *arguments.first()?);
        if Kind::of(function) != Kind::Identifier {
            return None;
        }
        let name = self.b.name(function);
        match self.b.name_text(name) {
            "make" if is_type(Kind::of(node)) => Some(self.b.expr(Expr::Typed { ty: argument })),
            "new" if is_type(Kind::of(node)) => {
                let ty = self.b.expr(Expr::Ref { base: argument });
                Some(self.b.expr(Expr::Typed { ty }))
            }
            "append" if !self.is_local(name) => Some(argument),
            _ => None,
        }
    }

    /// The callee of a call and the token that names it, recorded as nothing yet.
    fn callee<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        match Kind::of(node) {
            Kind::Identifier => (self.b.name_expr(node, Space::Any), Some(node)),
            Kind::SelectorExpression => self.member(node),
            Kind::ParenthesizedExpression => match expressions(node)[..] {
                [inner] => self.deeper(|visitor| visitor.callee(inner)),
                _ => (self.first(node), None),
            },
            Kind::UnaryExpression if self.operator(node) == Some(b'*') => match Field::Operand.of(node) {
                // `(*T)(x)` converts to a pointer type; members are looked up through it anyway.
                Some(operand) => self.deeper(|visitor| visitor.callee(operand)),
                None => (self.first(node), None),
            },
            Kind::IndexExpression => self.indexed_callee(node),
            Kind::TypeInstantiation => match Field::Type.of(node) {
                Some(function) => {
                    self.type_arguments_of(node);
                    self.function_in_type(function)
                }
                None => (self.first(node), None),
            },
            _ => (self.expr(node), None),
        }
    }

    /// `f[T](x)` calls a generic function, `table[i](x)` an element.
    fn indexed_callee<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        let (Some(operand), Some(index)) = (Field::Operand.of(node), Field::Index.of(node)) else {
            return (self.first(node), None);
        };
        if !self.can_be_generic(operand) || !self.can_be_type(index) {
            return (self.index(node), None);
        }
        let callee = self.callee(operand);
        self.expr(index);
        callee
    }

    /// Whether an expression can name a generic function: a name that is no local, perhaps of a package.
    fn can_be_generic(&mut self, node: Node<'_>) -> bool {
        match Kind::of(node) {
            Kind::Identifier | Kind::TypeIdentifier | Kind::PackageIdentifier => {
                let name = self.b.name(node);
                !self.is_local(name)
            }
            Kind::SelectorExpression => self.is_package_name(Field::Operand.of(node)),
            Kind::QualifiedType => self.is_package_name(Field::Package.of(node)),
            _ => false,
        }
    }

    fn is_package_name(&mut self, node: Option<Node<'_>>) -> bool {
        let Some(node) = node else { return false };
        let name = self.b.name(node);
        matches!(Kind::of(node), Kind::Identifier | Kind::PackageIdentifier) && self.is_package(name)
    }

    /// Whether an index can be a type argument.
    fn can_be_type(&mut self, node: Node<'_>) -> bool {
        match Kind::of(node) {
            Kind::Identifier | Kind::TypeIdentifier => {
                let name = self.b.name(node);
                !self.is_local(name)
            }
            Kind::SelectorExpression => self.is_package_name(Field::Operand.of(node)),
            Kind::QualifiedType => self.is_package_name(Field::Package.of(node)),
            kind => is_type(kind),
        }
    }

    /// What the grammar takes for a conversion: one of `[]byte(x)`, or `f[T](x)` and `table[i](x)` with a single
    /// argument.
    fn conversion(&mut self, node: Node<'_>) -> ExprId {
        let (Some(ty), Some(operand)) = (Field::Type.of(node), Field::Operand.of(node)) else {
            return self.first(node);
        };
        if Kind::of(ty) == Kind::GenericType {
            return self.generic_call(ty, operand);
        }
        let ty = self.ty(ty);
        self.expr(operand);
        self.b.expr(Expr::Typed { ty })
    }

    fn generic_call(&mut self, function: Node<'_>, argument: Node<'_>) -> ExprId {
        let Some(base) = Field::Type.of(function) else { return self.first(function) };
        let elements: Vec<Node<'_>> = Field::TypeArgs.of(function).map(expressions).unwrap_or_default();
        let inner: Vec<Node<'_>> = elements.iter().flat_map(|element| expressions(*element)).collect();
        let is_call = self.can_be_generic(base) && inner.iter().all(|ty| self.can_be_type(*ty));
        let (callee, name) = self.function_in_type(base);
        let (callee, name) = if is_call {
            inner.iter().for_each(|ty| {
                self.ty(*ty);
            });
            (callee, name)
        } else {
            if let Some(name) = name {
                self.b.occurrence(Role::Read, callee, name);
            }
            inner.iter().for_each(|index| self.read_type_as_value(*index));
            (self.b.expr(Expr::Index { base: callee }), None)
        };
        let argument_value = self.expr(argument);
        self.record_call(callee, name, function, arity(&[argument]));
        let args = self.b.list(&[argument_value]);
        self.b.expr(Expr::Call { callee, args })
    }

    /// A function whose name the grammar took for a type.
    fn function_in_type<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        match Kind::of(node) {
            Kind::QualifiedType => match (Field::Package.of(node), Field::Name.of(node)) {
                (Some(package), Some(name)) => {
                    let base = self.name(package, Role::Read);
                    let id = self.b.name(name);
                    (self.b.expr(Expr::Member { base, name: id }), Some(name))
                }
                _ => (self.b.unknown(), None),
            },
            Kind::TypeIdentifier | Kind::Identifier => (self.b.name_expr(node, Space::Any), Some(node)),
            _ => (self.ty(node), None),
        }
    }

    /// An index that the grammar took for a type.
    fn read_type_as_value(&mut self, node: Node<'_>) {
        let (expr, name) = self.function_in_type(node);
        if let Some(name) = name {
            self.b.occurrence(Role::Read, expr, name);
        }
    }

    /// `f[A, B]` as a value.
    fn instantiation(&mut self, node: Node<'_>) -> ExprId {
        let Some(function) = Field::Type.of(node) else { return self.first(node) };
        self.type_arguments_of(node);
        let (expr, name) = self.function_in_type(function);
        if let Some(name) = name {
            self.b.occurrence(Role::Read, expr, name);
        }
        expr
    }

    fn type_arguments_of(&mut self, node: Node<'_>) {
        for ty in node.children().filter(|child| !Field::Type.is(*child) && Kind::of(*child) != Kind::Comment) {
            self.ty(ty);
        }
    }

    fn index(&mut self, node: Node<'_>) -> ExprId {
        let base = self.first(node);
        self.b.expr(Expr::Index { base })
    }

    fn assertion(&mut self, node: Node<'_>) -> ExprId {
        if let Some(operand) = Field::Operand.of(node) {
            self.expr(operand);
        }
        match Field::Type.of(node) {
            Some(ty) => {
                let ty = self.ty(ty);
                self.b.expr(Expr::Typed { ty })
            }
            None => self.b.unknown(),
        }
    }

    fn operator(&self, node: Node<'_>) -> Option<u8> {
        self.b.source().get(node.start() as usize).copied()
    }

    fn unary(&mut self, node: Node<'_>) -> ExprId {
        let base = self.first(node);
        match self.operator(node) {
            Some(b'*') => self.b.expr(Expr::Deref { base }),
            Some(b'&') => self.b.expr(Expr::Ref { base }),
            Some(b'<') => self.b.expr(Expr::Element { base }),
            Some(b'!') => self.b.literal(Literal::Bool),
            _ => base,
        }
    }

    /// Comparisons give a `bool`; other operators the type of their operands, of which one may be a mere number.
    fn binary(&mut self, node: Node<'_>) -> ExprId {
        let items = self.each(node);
        let (Some(left), Some(right)) = (Field::Left.of(node), Field::Right.of(node)) else {
            return self.b.unknown();
        };
        let between = Span::new(left.end(), right.start()).slice(self.b.source());
        let operator = between.trim_ascii();
        let is_shift = operator.starts_with(b"<<") || operator.starts_with(b">>");
        if !is_shift && matches!(operator.first(), Some(b'=' | b'!' | b'<' | b'>'))
            || operator.starts_with(b"&&")
            || operator.starts_with(b"||")
        {
            return self.b.literal(Literal::Bool);
        }
        let is_number = matches!(Kind::of(left), Kind::IntLiteral | Kind::FloatLiteral | Kind::RuneLiteral);
        let index = usize::from(is_number && !is_shift);
        items.get(index).copied().unwrap_or_else(|| self.b.unknown())
    }

    /// Visits a function literal; gives its number of arguments and its result type.
    pub(super) fn closure_parts(&mut self, node: Node<'_>, symbol: Option<SymbolId>) -> (Arity, Option<ExprId>) {
        self.in_scope(ScopeKind::Function, |visitor| {
            let parts = visitor.signature(node, symbol, visible_from(node));
            if let Some(body) = Field::Body.of(node) {
                visitor.declarations(body);
            }
            parts
        })
    }

    /// A function value with this result type.
    pub(super) fn function_value(&mut self, result: Option<ExprId>) -> ExprId {
        let result = result.map(|ty| self.b.expr(Expr::Typed { ty }));
        self.function_giving(result)
    }

    fn composite(&mut self, node: Node<'_>) -> ExprId {
        let Some(type_node) = Field::Type.of(node) else { return self.first(node) };
        let ty = self.ty(type_node);
        let is_named = matches!(
            Kind::of(type_node),
            Kind::TypeIdentifier | Kind::QualifiedType | Kind::GenericType | Kind::StructType
        );
        let made = if is_named {
            self.b.expr(Expr::New { class: ty, args: ExprList::default() })
        } else {
            self.b.expr(Expr::Typed { ty })
        };
        if let Some(body) = Field::Body.of(node) {
            self.literal_body(body, made, Some(type_node));
        }
        made
    }

    /// What stands in the braces of a literal of the value `made`, whose type may be written as `ty`.
    fn literal_body(&mut self, body: Node<'_>, made: ExprId, ty: Option<Node<'_>>) {
        let ty = ty.map(pointed_to);
        let has_fields = self.has_fields(body, ty);
        for element in expressions(body) {
            let value = match Kind::of(element) {
                Kind::KeyedElement => {
                    if let Some(key) = Field::Key.of(element) {
                        self.literal_key(key, made, ty, has_fields);
                    }
                    Field::Value.of(element)
                }
                _ => Some(element),
            };
            if let Some(value) = value {
                let inner = ty.and_then(|ty| Field::Element.of(ty).or_else(|| Field::Value.of(ty)));
                self.literal_element(value, made, inner, |base| Expr::Index { base });
            }
        }
    }

    /// Whether keys are fields. Only maps, arrays and slices can leave out the type of an inner literal.
    fn has_fields(&mut self, body: Node<'_>, ty: Option<Node<'_>>) -> bool {
        match ty.map(|ty| (ty, Kind::of(ty))) {
            Some((_, Kind::StructType)) => true,
            Some((name, Kind::TypeIdentifier)) if self.is_container(name) => false,
            None | Some((_, Kind::TypeIdentifier | Kind::QualifiedType | Kind::GenericType)) => {
                !expressions(body).into_iter().any(|element| {
                    let value = Field::Value.of(element).unwrap_or(element);
                    value.children().any(|inner| Kind::of(inner) == Kind::LiteralValue)
                })
            }
            Some(_) => false,
        }
    }

    fn is_container(&mut self, name: Node<'_>) -> bool {
        let name = self.b.name(name);
        self.state.containers.contains(&name)
    }

    fn literal_key(&mut self, key: Node<'_>, made: ExprId, ty: Option<Node<'_>>, has_fields: bool) {
        let name = key.children().find(|child| Kind::of(*child) == Kind::Identifier);
        match name {
            Some(name) if has_fields => {
                let id = self.b.name(name);
                let expr = self.b.expr(Expr::Member { base: made, name: id });
                self.b.occurrence(Role::Write, expr, name);
            }
            _ => {
                let inner = ty.and_then(|ty| Field::Key.of(ty));
                self.literal_element(key, made, inner, |base| Expr::Key { base });
            }
        }
    }

    /// A key or value in a literal: an expression, or a literal without its type.
    fn literal_element(
        &mut self,
        element: Node<'_>,
        made: ExprId,
        ty: Option<Node<'_>>,
        part: impl Fn(ExprId) -> Expr,
    ) {
        for inner in expressions(element) {
            if Kind::of(inner) == Kind::LiteralValue {
                let value = self.b.expr(part(made));
                self.deeper(|visitor| visitor.literal_body(inner, value, ty));
            } else {
                self.expr(inner);
            }
        }
    }
}

/// Number of arguments, if it can be counted: one call as the only argument may give several.
fn arity(arguments: &[Node<'_>]) -> Option<u16> {
    match arguments {
        [only] if matches!(Kind::of(*only), Kind::CallExpression | Kind::TypeConversion) => None,
        _ if arguments.iter().any(|argument| Kind::of(*argument) == Kind::VariadicArgument) => None,
        _ => u16::try_from(arguments.len()).ok(),
    }
}

fn is_type(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::TypeIdentifier
            | Kind::QualifiedType
            | Kind::GenericType
            | Kind::PointerType
            | Kind::SliceType
            | Kind::ArrayType
            | Kind::ImplicitLengthArrayType
            | Kind::MapType
            | Kind::ChannelType
            | Kind::FunctionType
            | Kind::StructType
            | Kind::InterfaceType
            | Kind::ParenthesizedType
            | Kind::NegatedType
    )
}

fn is_declaration(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::PackageClause
            | Kind::ImportDeclaration
            | Kind::ImportSpec
            | Kind::ImportSpecList
            | Kind::FunctionDeclaration
            | Kind::MethodDeclaration
            | Kind::TypeDeclaration
            | Kind::VarDeclaration
            | Kind::ConstDeclaration
    )
}
