//! Expressions and statements of C and C++. Calls, members and new objects are in `call`.

use crate::model::{Expr, ExprId, Literal, Marks, Node, Role, ScopeKind, Space, Span, SymbolId, SymbolKind};

use super::ty::last_segment;
use super::visit::{Before, Field, Kind, Visitor, is_trivia};

impl<'s> Visitor<'_, 's> {
    /// Visits an expression or statement; gives what it evaluates to.
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        self.deeper(|visitor| visitor.expr_or_item(node))
    }

    fn expr_or_item(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::Declaration
            | Kind::FunctionDefinition
            | Kind::TypeDefinition
            | Kind::ClassSpecifier
            | Kind::StructSpecifier
            | Kind::UnionSpecifier
            | Kind::EnumSpecifier
            | Kind::AliasDeclaration
            | Kind::UsingDeclaration
            | Kind::PreprocDef
            | Kind::PreprocFunctionDef
            | Kind::PreprocInclude
            | Kind::PreprocIf
            | Kind::PreprocIfdef => {
                self.item(node, Before::default());
                self.b.unknown()
            }
            _ => self.expr_here(node),
        }
    }

    pub(super) fn expr_here(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier | Kind::QualifiedIdentifier | Kind::TemplateFunction => {
                self.path(node, Role::Read, Space::Any)
            }
            Kind::This => self.this(),
            Kind::CallExpression => self.call(node),
            Kind::FieldExpression => self.field_access(node, Role::Read),
            Kind::NewExpression => self.new_expression(node),
            Kind::CompoundLiteral => self.compound_literal(node),
            Kind::LambdaExpression => self.lambda(node, None),
            Kind::CastExpression => self.cast(node),
            Kind::AssignmentExpression => self.assignment(node),
            Kind::UpdateExpression => match Field::Argument.of(node) {
                Some(argument) => self.written(argument),
                None => self.b.unknown(),
            },
            Kind::PointerExpression => self.pointer(node),
            Kind::SubscriptExpression => self.wrap(node, |base| Expr::Index { base }),
            Kind::CoAwait => self.wrap(node, |base| Expr::Await { base }),
            Kind::ConditionalExpression => self.conditional_expression(node),
            Kind::BinaryExpression => self.binary(node),
            Kind::UnaryExpression => self.unary(node),
            Kind::ParenthesizedExpression | Kind::PackExpansion => self.last_of(node),
            Kind::CommaExpression => self.last_of(node),
            Kind::InitializerList => {
                self.initializer_list(node, None);
                self.b.unknown()
            }
            Kind::ReturnStatement => self.return_statement(node),
            Kind::CompoundStatement
            | Kind::IfStatement
            | Kind::ElseClause
            | Kind::WhileStatement
            | Kind::DoStatement
            | Kind::ForStatement
            | Kind::SwitchStatement => self.block(node),
            Kind::ForRangeLoop => self.for_range(node),
            Kind::CatchClause => self.catch(node),
            Kind::RequiresExpression => self.requires(node),
            Kind::SizeofExpression | Kind::OffsetofExpression => self.size_of(node),
            Kind::TemplateInstantiation => self.instantiation(node),
            Kind::StringLiteral | Kind::RawStringLiteral => self.b.literal(Literal::Str),
            Kind::CharLiteral => self.b.literal(Literal::Char),
            Kind::NumberLiteral => self.number(node),
            Kind::True | Kind::False => self.b.literal(Literal::Bool),
            Kind::Null => self.b.literal(Literal::Null),
            Kind::UserDefinedLiteral => self.b.unknown(),
            Kind::TypeIdentifier
            | Kind::TemplateType
            | Kind::TypeDescriptor
            | Kind::DependentType
            | Kind::Decltype
            | Kind::SizedType
            | Kind::MacroTypeSpecifier => self.ty(node),
            kind if kind != Kind::Other && is_trivia(node) => self.b.unknown(),
            _ => {
                self.items(node);
                self.b.unknown()
            }
        }
    }

    /// `this`, which a `const` member function cannot change.
    fn this(&mut self) -> ExprId {
        let Some(symbol) = self.this_symbol() else { return self.b.unknown() };
        let base = self.b.expr(Expr::Instance(symbol));
        let method = self.b.nearest_symbol(|symbol| symbol.kind.is_callable() && symbol.kind != SymbolKind::Closure);
        let is_const = method.is_some_and(|method| self.b.facts().symbol(method).marks.has(Marks::CONST));
        if is_const { self.b.expr(Expr::Const { base }) } else { base }
    }

    /// Visits every child as an expression.
    pub(super) fn each(&mut self, node: Node<'_>) -> Vec<ExprId> {
        node.children().filter(|child| !is_trivia(*child)).map(|child| self.expr(child)).collect()
    }

    /// Visits all children and wraps the first.
    fn wrap(&mut self, node: Node<'_>, make: impl FnOnce(ExprId) -> Expr) -> ExprId {
        match self.each(node).first() {
            Some(&base) => self.b.expr(make(base)),
            None => self.b.unknown(),
        }
    }

    /// Visits all children; the value is that of the last.
    pub(super) fn last_of(&mut self, node: Node<'_>) -> ExprId {
        match self.each(node).last() {
            Some(&last) => last,
            None => self.b.unknown(),
        }
    }

    fn number(&mut self, node: Node<'_>) -> ExprId {
        let text = self.b.text(node);
        let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
        let is_float = text.contains('.') || !hexadecimal && text.contains(['e', 'E']);
        let has = |suffixes: &[char]| text.ends_with(suffixes);
        let typed = match is_float {
            true if has(&['f', 'F']) => Some("float"),
            false if !hexadecimal && has(&['u', 'U']) => Some("unsigned int"),
            // Which type a longer one is depends on its size.
            false if has(&['l', 'L', 'u', 'U', 'z', 'Z']) => Some(""),
            _ => None,
        };
        match typed.filter(|_| self.place.cpp) {
            Some("") => self.b.unknown(),
            Some(name) => {
                let name = self.b.intern(name);
                let ty = self.b.name_at(name, node.start(), Space::Type);
                self.b.expr(Expr::Typed { ty })
            }
            None => self.b.literal(if is_float { Literal::Float } else { Literal::Int }),
        }
    }

    /// A lambda; what it returns flows into `symbol`, the name it is bound to.
    pub(super) fn lambda(&mut self, node: Node<'_>, symbol: Option<SymbolId>) -> ExprId {
        let declarator = Field::TemplateParameters.of(node);
        let function = node.children().find(|child| Kind::of(*child) == Kind::AbstractFunctionDeclarator);
        let result = self.in_scope(ScopeKind::Function, |visitor| {
            if let Some(list) = declarator {
                visitor.template_parameters(list);
            }
            for captures in node.children().filter(|child| Kind::of(*child) == Kind::LambdaCaptures) {
                visitor.captures(captures);
            }
            let mut result = None;
            if let Some(function) = function {
                let list = Field::Parameters.of(function);
                let arity = list.map(|list| visitor.parameters(list, symbol));
                result = visitor.function_result(function);
                if let Some(symbol) = symbol {
                    visitor.b.symbol_mut(symbol).arity = arity;
                }
            }
            if let Some(symbol) = symbol {
                visitor.b.symbol_mut(symbol).ty = result;
            }
            visitor.place.returns = symbol.filter(|_| result.is_none());
            if let Some(body) = Field::Body.of(node) {
                visitor.items(body);
            }
            result
        });
        match result {
            Some(ty) => {
                let result = self.b.expr(Expr::Typed { ty });
                self.b.expr(Expr::Function { result })
            }
            None => self.b.literal(Literal::Function),
        }
    }

    fn captures(&mut self, captures: Node<'_>) {
        for capture in captures.children().filter(|child| !is_trivia(*child)) {
            match (Kind::of(capture), Field::Left.of(capture), Field::Right.of(capture)) {
                (Kind::LambdaCaptureInitializer, Some(left), Some(right)) => {
                    let init = self.expr(right);
                    let name = self.b.name(left);
                    self.b.local(name, capture.end(), None, Some(init));
                }
                (Kind::Identifier | Kind::QualifiedIdentifier | Kind::PackExpansion, ..) => {
                    self.expr(capture);
                }
                _ => {}
            }
        }
    }

    // Operators

    fn cast(&mut self, node: Node<'_>) -> ExprId {
        let ty = Field::Type.of(node).map(|ty| self.ty(ty));
        if let Some(value) = Field::Value.of(node) {
            self.expr(value);
        }
        match ty {
            Some(ty) => self.b.expr(Expr::Typed { ty }),
            None => self.b.unknown(),
        }
    }

    fn assignment(&mut self, node: Node<'_>) -> ExprId {
        if let Some(right) = Field::Right.of(node) {
            self.expr(right);
        }
        match Field::Left.of(node) {
            Some(left) => self.written(left),
            None => self.b.unknown(),
        }
    }

    /// What is assigned to.
    fn written(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::FieldExpression => self.field_access(node, Role::Write),
            Kind::Identifier | Kind::QualifiedIdentifier => self.path(node, Role::Write, Space::Any),
            _ => self.expr(node),
        }
    }

    fn pointer(&mut self, node: Node<'_>) -> ExprId {
        match self.takes_address(node) {
            true => self.wrap(node, |base| Expr::Ref { base }),
            false => self.wrap(node, |base| Expr::Deref { base }),
        }
    }

    fn unary(&mut self, node: Node<'_>) -> ExprId {
        let negates = self.b.source().get(node.start() as usize) == Some(&b'!');
        let value = self.last_of(node);
        if negates { self.b.literal(Literal::Bool) } else { value }
    }

    fn conditional_expression(&mut self, node: Node<'_>) -> ExprId {
        if let Some(condition) = Field::Condition.of(node) {
            self.expr(condition);
        }
        let first = Field::Consequence.of(node).map(|branch| self.expr(branch));
        let second = Field::Alternative.of(node).map(|branch| self.expr(branch));
        let branches: Vec<ExprId> = first.into_iter().chain(second).collect();
        if branches.is_empty() { self.b.unknown() } else { self.b.union(&branches) }
    }

    /// Comparisons are truth values; what other operators give depends on overloads, except that a pointer moved
    /// by a number stays what it is.
    fn binary(&mut self, node: Node<'_>) -> ExprId {
        let (Some(left), Some(right)) = (Field::Left.of(node), Field::Right.of(node)) else {
            return self.last_of(node);
        };
        let value = self.expr(left);
        let second = self.expr(right);
        let operator = self.b.text_of(Span::new(left.end(), right.start().max(left.end())));
        match operator.trim() {
            "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" | "and" | "or" => self.b.literal(Literal::Bool),
            "+" | "-" if Kind::of(right) == Kind::NumberLiteral || !self.place.cpp => value,
            "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" if self.place.cpp => {
                let items = self.b.list(&[value, second]);
                self.b.expr(Expr::Sum { items })
            }
            _ => self.b.unknown(),
        }
    }

    /// The operand may be a type, which looks like a value.
    fn size_of(&mut self, node: Node<'_>) -> ExprId {
        let ty = Field::Type.of(node).map(|ty| self.ty(ty));
        if let Some(member) = Field::Member.of(node) {
            let base = ty.map(|ty| self.b.expr(Expr::Typed { ty })).unwrap_or_else(|| self.b.unknown());
            let expr = self.member_of(base, member);
            self.b.occurrence(Role::Read, expr, member);
        }
        if let Some(value) = Field::Value.of(node) {
            self.expr(value);
        }
        self.b.literal(Literal::Int)
    }

    fn requires(&mut self, node: Node<'_>) -> ExprId {
        let list = Field::Parameters.of(node);
        self.parameter_scope(list, |visitor| {
            for part in node.children().filter(|child| !Field::Parameters.is(*child)) {
                visitor.expr(part);
            }
        });
        self.b.literal(Literal::Bool)
    }

    /// `template class Foo<int>;`
    fn instantiation(&mut self, node: Node<'_>) -> ExprId {
        match Field::Type.of(node) {
            Some(ty) => match Field::Name.of(ty) {
                Some(name) => self.path(name, Role::Type, Space::Type),
                None => self.ty(ty),
            },
            None => self.b.unknown(),
        }
    }

    // Statements

    fn block(&mut self, node: Node<'_>) -> ExprId {
        self.in_scope(ScopeKind::Block, |visitor| {
            visitor.items(node);
            visitor.b.unknown()
        })
    }

    fn return_statement(&mut self, node: Node<'_>) -> ExprId {
        let value = self.each(node).last().copied();
        if let (Some(symbol), Some(value)) = (self.place.returns, value) {
            self.b.flow(symbol, value);
        }
        self.b.unknown()
    }

    fn for_range(&mut self, node: Node<'_>) -> ExprId {
        self.in_scope(ScopeKind::Block, |visitor| {
            if let Some(initializer) = Field::Initializer.of(node) {
                visitor.expr(initializer);
            }
            let value = Field::Right.of(node).map(|right| visitor.expr(right));
            let element = value.map(|base| visitor.b.expr(Expr::Element { base }));
            let written = visitor.qualified_type(node);
            let declared = Field::Declarator.of(node).and_then(|declarator| visitor.declared(declarator, written));
            if let Some(declared) = declared {
                if Kind::of(declared.name) == Kind::StructuredBinding {
                    visitor.bind_parts(declared.name, element, 0);
                } else {
                    let name = visitor.b.name(last_segment(declared.name));
                    visitor.b.local(name, 0, declared.ty, element);
                }
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.expr(body);
            }
            visitor.b.unknown()
        })
    }

    fn catch(&mut self, node: Node<'_>) -> ExprId {
        self.in_scope(ScopeKind::Block, |visitor| {
            if let Some(list) = Field::Parameters.of(node) {
                visitor.parameters(list, None);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.expr(body);
            }
            visitor.b.unknown()
        })
    }
}
