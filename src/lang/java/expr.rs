//! Expressions of Java: names, calls, constructions, lambdas, operators.

use crate::model::{Expr, ExprId, Literal, Node, RelationKind, Role, ScopeKind, Space, Span, SymbolId, SymbolKind};

use super::visit::{Field, Kind, Visitor, is_trivia};

impl Visitor<'_, '_> {
    /// Visits an expression, statement or anything unknown; gives what it evaluates to.
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        self.b.deeper(|b| Visitor { b }.expr_here(node))
    }

    fn expr_here(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier => self.variable(node, Role::Read),
            Kind::FieldAccess => self.field_access(node, Role::Read),
            Kind::This => self.this(),
            Kind::Super => self.super_class(),
            Kind::MethodInvocation => self.method_invocation(node),
            Kind::ObjectCreation => self.object_creation(node),
            Kind::ExplicitConstructor => self.explicit_constructor(node),
            Kind::MethodReference => self.method_reference(node),
            Kind::Lambda => self.lambda(node),
            Kind::Assignment => self.assignment(node),
            Kind::Update => self.update(node),
            Kind::Binary => self.binary(node),
            Kind::Unary => self.unary(node),
            Kind::Parenthesized | Kind::ExpressionStatement => self.first(node),
            Kind::Ternary => self.ternary(node),
            Kind::CastExpression => self.cast(node),
            Kind::Instanceof => self.instance_of(node),
            Kind::ArrayAccess => self.array_access(node),
            Kind::ArrayCreation => self.array_creation(node),
            Kind::ArrayInitializer | Kind::ElementArray => {
                let items = self.each(node);
                let items = self.b.list(&items);
                self.b.expr(Expr::List { items })
            }
            Kind::ClassLiteral => self.class_literal(node),
            Kind::MarkerAnnotation | Kind::Annotation => {
                self.annotation(node);
                self.b.unknown()
            }
            Kind::TypeIdentifier | Kind::ScopedTypeIdentifier | Kind::GenericType | Kind::ArrayType => self.ty(node),
            Kind::NullLiteral => self.b.literal(Literal::Null),
            _ => match self.literal_type(node) {
                Some(ty) => {
                    self.each(node);
                    self.value_of_type(ty, node)
                }
                None => self.statement(node),
            },
        }
    }

    /// The type of a literal.
    fn literal_type(&self, node: Node<'_>) -> Option<&'static str> {
        let ends_in = |suffixes: &[char]| self.b.text(node).ends_with(suffixes);
        Some(match Kind::of(node) {
            Kind::StringLiteral => "String",
            Kind::DecimalInteger | Kind::HexInteger | Kind::OctalInteger | Kind::BinaryInteger => {
                if ends_in(&['l', 'L']) { "long" } else { "int" }
            }
            Kind::DecimalFloat | Kind::HexFloat => {
                if ends_in(&['f', 'F']) {
                    "float"
                } else {
                    "double"
                }
            }
            Kind::True | Kind::False => "boolean",
            Kind::CharacterLiteral => "char",
            _ => return None,
        })
    }

    /// A value of one of the language's own types.
    fn value_of_type(&mut self, name: &str, node: Node<'_>) -> ExprId {
        let name = self.b.intern(name);
        let ty = self.b.name_at(name, node.start(), Space::Type);
        self.b.expr(Expr::Typed { ty })
    }

    /// Whether an expression is known to be a string.
    fn is_text(&self, expr: ExprId) -> bool {
        let facts = self.b.facts();
        let Expr::Typed { ty } = facts.expr(expr) else { return false };
        matches!(facts.expr(ty), Expr::Name { name, .. } if self.b.name_text(name) == "String")
    }

    /// Visits every child as an expression.
    pub(super) fn each(&mut self, node: Node<'_>) -> Vec<ExprId> {
        node.children().filter(|child| !is_trivia(*child)).map(|child| self.expr(child)).collect()
    }

    /// Visits every child; the value is that of the first.
    fn first(&mut self, node: Node<'_>) -> ExprId {
        let items = self.each(node);
        items.first().copied().unwrap_or_else(|| self.b.unknown())
    }

    // Names

    fn this(&mut self) -> ExprId {
        match self.this_class() {
            Some(class) => self.b.expr(Expr::Instance(class)),
            None => self.b.unknown(),
        }
    }

    /// The superclass of the innermost class. Its members are meant exactly: no subclass overrides `super.f()`.
    fn super_class(&mut self) -> ExprId {
        match self.this_class() {
            Some(class) => self.super_class_of(class),
            None => self.b.unknown(),
        }
    }

    fn super_class_of(&mut self, class: SymbolId) -> ExprId {
        let facts = self.b.facts();
        let kind = facts.symbol(class).kind;
        let extended = facts.relations.iter().rev().find(|relation| {
            relation.symbol == class && relation.kind == RelationKind::Extends && kind != SymbolKind::Interface
        });
        if let Some(relation) = extended {
            return relation.target;
        }
        let implied = self.b.intern(match kind {
            SymbolKind::Enum => "Enum",
            SymbolKind::Record => "Record",
            _ => "Object",
        });
        let start = self.b.facts().symbol(class).span.start;
        self.b.name_at(implied, start, Space::Type)
    }

    /// A plain name that is no method's.
    fn variable(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let expr = self.b.name_expr(node, Space::NonMethod);
        self.b.occurrence(role, expr, node);
        expr
    }

    /// What stands before a dot: a value, type or package. Which one only linking can tell; the role goes by the
    /// convention that types are written in mixed case.
    fn qualifier(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier => {
                let role = self.qualifier_role(node);
                self.variable(node, role)
            }
            Kind::FieldAccess => {
                let role = Field::Selected.of(node).map_or(Role::Read, |name| self.qualifier_role(name));
                self.b.deeper(|b| Visitor { b }.field_access(node, role))
            }
            _ => self.expr(node),
        }
    }

    fn qualifier_role(&self, name: Node<'_>) -> Role {
        let text = self.b.text(name);
        let is_mixed_case = text.starts_with(char::is_uppercase) && text.contains(char::is_lowercase);
        if is_mixed_case { Role::Type } else { Role::Read }
    }

    fn field_access(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let (Some(object), Some(field)) = (Field::Object.of(node), Field::Selected.of(node)) else {
            return self.statement(node);
        };
        if Kind::of(field) == Kind::This {
            return match self.outer(object) {
                Outer::Enclosing(class) => self.b.expr(Expr::Instance(class)),
                Outer::Other(ty) => self.b.expr(Expr::Typed { ty }),
            };
        }
        let base = self.object(node, object);
        let name = self.b.name(field);
        let expr = self.b.expr(Expr::Member { base, name });
        self.b.occurrence(role, expr, field);
        expr
    }

    /// The object of a field access or call `node`: `object.x`, `super.x` or `Outer.super.x`.
    fn object(&mut self, node: Node<'_>, object: Node<'_>) -> ExprId {
        let is_super = |child: Node<'_>| Kind::of(child) == Kind::Super && !Field::Object.is(child);
        if !node.children().any(is_super) {
            return self.qualifier(object);
        }
        match self.outer(object) {
            Outer::Enclosing(class) => self.super_class_of(class),
            Outer::Other(ty) => ty,
        }
    }

    /// The class named in `Outer.this` or `Outer.super`.
    fn outer(&mut self, node: Node<'_>) -> Outer {
        let name = self.b.name(node);
        let enclosing = self.b.nearest_symbol(|symbol| symbol.kind.is_type() && symbol.name == name);
        match enclosing {
            Some(class) => {
                let expr = self.b.expr(Expr::Symbol(class));
                self.b.occurrence(Role::Type, expr, node);
                Outer::Enclosing(class)
            }
            None if Kind::of(node) == Kind::Identifier => Outer::Other(self.ty(node)),
            None => Outer::Other(self.qualifier(node)),
        }
    }

    // Calls

    fn method_invocation(&mut self, node: Node<'_>) -> ExprId {
        let Some(name) = Field::Name.of(node) else { return self.statement(node) };
        let callee = match Field::Object.of(node) {
            Some(object) => {
                let base = self.object(node, object);
                let name = self.b.name(name);
                self.b.expr(Expr::Member { base, name })
            }
            None => self.b.name_expr(name, Space::Method),
        };
        if let Some(arguments) = Field::TypeArguments.of(node) {
            self.type_arguments(arguments);
        }
        let arguments = self.arguments(node);
        self.b.call(callee, name, Some(arguments.len() as u16));
        let args = self.b.list(&arguments);
        self.b.expr(Expr::Call { callee, args })
    }

    fn arguments(&mut self, node: Node<'_>) -> Vec<ExprId> {
        Field::Arguments.of(node).map(|list| self.each(list)).unwrap_or_default()
    }

    /// `new X(...)`, `outer.new X(...)`, `new X(...) { ... }`.
    fn object_creation(&mut self, node: Node<'_>) -> ExprId {
        let Some(ty) = Field::Type.of(node) else { return self.statement(node) };
        let outer = node.children().take_while(|child| Kind::of(*child) != Kind::New);
        let outer = outer.filter(|child| !is_trivia(*child)).last().map(|outer| self.expr(outer));
        self.annotations(node);
        if let Some(arguments) = Field::TypeArguments.of(node) {
            self.type_arguments(arguments);
        }
        let mut class = self.written(ty);
        if let (Some(base), Some(token)) = (outer, class.token) {
            let name = self.b.name(token);
            class.class = self.b.expr(Expr::Member { base, name });
            class.whole = class.class;
        }
        let arguments = self.arguments(node);
        let body = node.children().find(|child| Kind::of(*child) == Kind::ClassBody);
        if let Some(token) = class.token {
            self.constructor_call(class.class, token, &arguments);
            let role = if body.is_some() { Role::Inherit } else { Role::Type };
            self.b.occurrence(role, class.class, token);
        }
        if let Some(body) = body {
            let symbol = self.anonymous(node, body, class.whole);
            return self.b.expr(Expr::Instance(symbol));
        }
        let args = self.b.list(&arguments);
        self.b.expr(Expr::New { class: class.whole, args })
    }

    /// Records the call of a constructor of `class`, named at `token`, so that its arguments are known by `class`.
    pub(super) fn constructor_call(&mut self, class: ExprId, token: Node<'_>, arguments: &[ExprId]) {
        let args = self.b.list(arguments);
        self.b.expr(Expr::New { class, args });
        self.b.call(class, token, Some(arguments.len() as u16));
    }

    /// `this(...)` and `super(...)`.
    fn explicit_constructor(&mut self, node: Node<'_>) -> ExprId {
        if let Some(object) = Field::Object.of(node) {
            self.expr(object);
        }
        if let Some(arguments) = Field::TypeArguments.of(node) {
            self.type_arguments(arguments);
        }
        let arguments = self.arguments(node);
        if let (Some(keyword), Some(class)) = (Field::Constructor.of(node), self.this_class()) {
            let is_super = Kind::of(keyword) == Kind::Super;
            let named = if is_super { self.super_class_of(class) } else { self.b.expr(Expr::Symbol(class)) };
            // An expression of its own: two constructors may call the same superclass with other arguments.
            let named = self.b.facts().expr(named);
            let callee = self.b.expr(named);
            self.constructor_call(callee, keyword, &arguments);
        }
        self.b.unknown()
    }

    /// `Type::name`, `value::name`, `Type::new`.
    fn method_reference(&mut self, node: Node<'_>) -> ExprId {
        let mut parts = node.children().filter(|child| !is_trivia(*child));
        let Some(first) = parts.next() else { return self.b.unknown() };
        let base = self.qualifier(first);
        let mut value = None;
        for part in parts {
            match Kind::of(part) {
                Kind::TypeArguments => {
                    self.type_arguments(part);
                }
                Kind::New => value = Some(self.constructor_reference(first, base, part)),
                Kind::Identifier => value = Some(self.method_value(base, part)),
                _ => {}
            }
        }
        value.unwrap_or_else(|| self.b.unknown())
    }

    /// A method as a value: the function that calls it. A field of the same name is not meant.
    fn method_value(&mut self, base: ExprId, name: Node<'_>) -> ExprId {
        let id = self.b.name(name);
        let callee = self.b.expr(Expr::Member { base, name: id });
        let args = self.b.list(&[]);
        let result = self.b.expr(Expr::Call { callee, args });
        let function = self.b.expr(Expr::Function { result });
        self.b.occurrence(Role::Read, function, name);
        function
    }

    /// `Foo::new` reads the class's constructor; `int[]::new` has none.
    fn constructor_reference(&mut self, ty: Node<'_>, class: ExprId, new: Node<'_>) -> ExprId {
        let result = if Kind::of(ty) == Kind::ArrayType {
            self.b.expr(Expr::Typed { ty: class })
        } else {
            self.b.occurrence(Role::Read, class, new);
            let args = self.b.list(&[]);
            self.b.expr(Expr::New { class, args })
        };
        self.b.expr(Expr::Function { result })
    }

    fn lambda(&mut self, node: Node<'_>) -> ExprId {
        let result = self.b.in_scope(ScopeKind::Function, |b| {
            let mut visitor = Visitor { b };
            visitor.lambda_parameters(node);
            match Field::Body.of(node) {
                Some(body) if Kind::of(body) == Kind::Block => {
                    visitor.items(body);
                    None
                }
                body => body.map(|body| visitor.expr(body)),
            }
        });
        match result {
            Some(result) => self.b.expr(Expr::Function { result }),
            None => self.b.literal(Literal::Function),
        }
    }

    fn lambda_parameters(&mut self, lambda: Node<'_>) {
        let Some(parameters) = Field::Parameters.of(lambda) else { return };
        match Kind::of(parameters) {
            Kind::Identifier => self.inferred_parameter(parameters),
            Kind::InferredParameters => {
                for name in parameters.children().filter(|child| Kind::of(*child) == Kind::Identifier) {
                    self.inferred_parameter(name);
                }
            }
            _ => {
                for parameter in parameters.children() {
                    if let Some((Some(name), ty)) = self.parameter(parameter) {
                        let name = self.b.name(name);
                        self.b.local(name, 0, ty, None);
                    }
                }
            }
        }
    }

    fn inferred_parameter(&mut self, name: Node<'_>) {
        let name = self.b.name(name);
        self.b.local(name, 0, None, None);
    }

    // Operators

    fn assignment(&mut self, node: Node<'_>) -> ExprId {
        let value = Field::Right.of(node).map(|right| self.expr(right));
        // The value of an assignment is of the type of what is assigned to.
        let place = Field::Left.of(node).map(|left| self.written_place(left));
        place.or(value).unwrap_or_else(|| self.b.unknown())
    }

    /// `x++`, `--this.y`.
    fn update(&mut self, node: Node<'_>) -> ExprId {
        let mut place = None;
        for operand in node.children().filter(|child| !is_trivia(*child)) {
            place = Some(self.written_place(operand));
        }
        place.unwrap_or_else(|| self.b.unknown())
    }

    fn written_place(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier => self.variable(node, Role::Write),
            Kind::FieldAccess => self.b.deeper(|b| Visitor { b }.field_access(node, Role::Write)),
            _ => self.expr(node),
        }
    }

    fn binary(&mut self, node: Node<'_>) -> ExprId {
        let (Some(left), Some(right)) = (Field::Left.of(node), Field::Right.of(node)) else {
            return self.statement(node);
        };
        let first = self.expr(left);
        let second = self.expr(right);
        let operator = self.b.text_of(Span::new(left.end(), right.start().max(left.end())));
        match operator.trim() {
            "+" if self.is_text(first) || self.is_text(second) => self.value_of_type("String", node),
            "<" | ">" | "<=" | ">=" | "==" | "!=" | "&&" | "||" => self.value_of_type("boolean", node),
            // A shift gives what its left side is.
            "<<" | ">>" | ">>>" => self.sum(&[first], node),
            _ => self.sum(&[first, second], node),
        }
    }

    /// `!x` is a truth value, `-x` and `~x` are numbers.
    fn unary(&mut self, node: Node<'_>) -> ExprId {
        let operand = self.first(node);
        if node.span().slice(self.b.source()).starts_with(b"!") {
            return self.value_of_type("boolean", node);
        }
        self.sum(&[operand], node)
    }

    /// What arithmetic gives: an `int` at least. Where an operand says nothing at all, nothing is known.
    fn sum(&mut self, operands: &[ExprId], node: Node<'_>) -> ExprId {
        if operands.iter().any(|&operand| matches!(self.b.facts().expr(operand), Expr::Unknown)) {
            return self.b.unknown();
        }
        let number = self.value_of_type("int", node);
        let items: Vec<ExprId> = operands.iter().copied().chain([number]).collect();
        let items = self.b.list(&items);
        self.b.expr(Expr::Sum { items })
    }

    fn ternary(&mut self, node: Node<'_>) -> ExprId {
        if let Some(condition) = Field::Condition.of(node) {
            self.expr(condition);
        }
        let first = Field::Consequence.of(node).map(|branch| self.expr(branch));
        let second = Field::Alternative.of(node).map(|branch| self.expr(branch));
        let branches: Vec<ExprId> = first.into_iter().chain(second).collect();
        self.b.union(&branches)
    }

    fn cast(&mut self, node: Node<'_>) -> ExprId {
        let types: Vec<ExprId> =
            node.children().filter(|child| Field::Type.is(*child)).map(|child| self.ty(child)).collect();
        if let Some(value) = Field::Value.of(node) {
            self.expr(value);
        }
        let ty = self.b.union(&types);
        self.b.expr(Expr::Typed { ty })
    }

    /// `x instanceof T t`: `t` may be in use after the statement, so it belongs to the scope around it.
    fn instance_of(&mut self, node: Node<'_>) -> ExprId {
        if let Some(left) = Field::Left.of(node) {
            self.expr(left);
        }
        let ty = Field::Right.of(node).map(|right| self.ty(right));
        if let Some(name) = Field::Name.of(node) {
            let id = self.b.name(name);
            self.b.local(id, name.end(), ty, None);
        }
        if let Some(pattern) = Field::Pattern.of(node) {
            self.pattern(pattern);
        }
        self.value_of_type("boolean", node)
    }

    fn array_access(&mut self, node: Node<'_>) -> ExprId {
        let items = self.each(node);
        match items.first() {
            Some(&base) => self.b.expr(Expr::Index { base }),
            None => self.b.unknown(),
        }
    }

    fn array_creation(&mut self, node: Node<'_>) -> ExprId {
        self.annotations(node);
        let element = Field::Type.of(node).map(|ty| self.ty(ty));
        let mut ty = element.unwrap_or_else(|| self.b.unknown());
        for part in node.children().filter(|child| Field::Dimensions.is(*child)) {
            self.each(part);
        }
        // `new T[n][]`: the sizes and the empty brackets both count.
        let brackets = node.children().filter(|child| Field::Dimensions.is(*child));
        let depth: usize = brackets.map(|part| self.leading_brackets(part)).sum();
        for _ in 0..depth.min(16) {
            ty = self.array_of(ty);
        }
        if let Some(value) = Field::Value.of(node) {
            self.expr(value);
        }
        self.b.expr(Expr::Typed { ty })
    }

    /// 1 for `[n]`, as many as there are for `[][]`.
    fn leading_brackets(&self, dimensions: Node<'_>) -> usize {
        if !dimensions.is_leaf() {
            return 1;
        }
        dimensions.span().slice(self.b.source()).iter().filter(|byte| **byte == b'[').count()
    }

    /// `Foo.class`, a value of type `Class<Foo>`.
    fn class_literal(&mut self, node: Node<'_>) -> ExprId {
        let args = self.type_arguments(node);
        let class = self.b.intern("Class");
        let base = self.b.name_at(class, node.start(), Space::Type);
        let args = self.b.list(&args);
        let ty = self.b.expr(Expr::Apply { base, args });
        self.b.expr(Expr::Typed { ty })
    }
}

/// What `Outer` in `Outer.this` names.
enum Outer {
    /// A class around the place.
    Enclosing(SymbolId),
    /// Something else: for `super`, an interface.
    Other(ExprId),
}
