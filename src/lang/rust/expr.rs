//! Expressions of Rust, macro arguments included.

use crate::lang::Definition;
use crate::model::{BindingTarget, Expr, ExprId, Literal, NameId, Node, Role, ScopeKind, Space, Span, SymbolKind};

use super::flow::DIVERGING;
use super::visit::{Field, Kind, Visitor};

impl Visitor<'_, '_> {
    /// Visits an expression, statement or anything unknown; gives what it evaluates to.
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        self.b.deeper(|b| Visitor { b }.expr_here(node))
    }

    fn expr_here(&mut self, node: Node<'_>) -> ExprId {
        match Kind::of(node) {
            Kind::Identifier | Kind::ScopedIdentifier => self.path(node, Role::Read, Space::Value),
            Kind::SelfKeyword => match self.self_symbol() {
                Some(symbol) => self.b.expr(Expr::Instance(symbol)),
                None => self.b.unknown(),
            },
            Kind::CallExpression => self.call(node),
            Kind::FieldExpression => self.field_access(node, Role::Read),
            Kind::GenericFunction => self.generic_value(node),
            Kind::MacroInvocation => self.macro_invocation(node),
            Kind::StructExpression => self.struct_expression(node),
            Kind::ClosureExpression => self.closure(node, None),
            Kind::LetDeclaration => self.let_declaration(node),
            Kind::LetCondition => self.let_condition(node),
            Kind::Block | Kind::UnsafeBlock | Kind::AsyncBlock => self.block(node),
            Kind::IfExpression => self.if_expression(node),
            Kind::WhileExpression | Kind::LoopExpression => self.scoped(node),
            Kind::ElseClause => self.wrap_in(node, None),
            Kind::ExpressionStatement => self.statement(node),
            Kind::ReturnExpression | Kind::BreakExpression | Kind::ContinueExpression => self.diverging(node),
            Kind::ForExpression => self.for_expression(node),
            Kind::MatchExpression => self.match_expression(node),
            Kind::AssignmentExpression | Kind::CompoundAssignment => self.assignment(node),
            Kind::AwaitExpression => self.wrap(node, |base| Expr::Await { base }),
            Kind::TryExpression => self.wrap(node, |base| Expr::Try { base }),
            Kind::ReferenceExpression => self.wrap(node, |base| Expr::Ref { base }),
            Kind::UnaryExpression => self.unary(node),
            Kind::IndexExpression => self.index(node),
            Kind::ParenthesizedExpression => self.wrap_in(node, None),
            Kind::TypeCast => self.cast(node),
            Kind::TupleExpression => {
                let items = self.each(node);
                let items = self.b.list(&items);
                self.b.expr(Expr::Tuple { items })
            }
            Kind::ArrayExpression => {
                let items = self.each(node);
                let items = self.b.list(&items);
                self.b.expr(Expr::List { items })
            }
            Kind::RangeExpression => {
                self.each(node);
                self.b.literal(Literal::Range)
            }
            Kind::StringLiteral | Kind::RawStringLiteral => self.b.literal(Literal::Str),
            Kind::IntegerLiteral => self.b.literal(Literal::Int),
            Kind::FloatLiteral => self.b.literal(Literal::Float),
            Kind::BooleanLiteral => self.b.literal(Literal::Bool),
            Kind::CharLiteral => self.b.literal(Literal::Char),
            Kind::TypeIdentifier | Kind::GenericType | Kind::ScopedTypeIdentifier => self.ty(node),
            Kind::TypeArguments => {
                self.type_arguments(node);
                self.b.unknown()
            }
            _ => {
                self.items(node);
                self.b.unknown()
            }
        }
    }

    /// Visits every child as an expression.
    fn each(&mut self, node: Node<'_>) -> Vec<ExprId> {
        node.children().filter(|child| !is_trivia(*child)).map(|child| self.expr(child)).collect()
    }

    /// Visits all children and wraps the first.
    fn wrap(&mut self, node: Node<'_>, make: impl FnOnce(ExprId) -> Expr) -> ExprId {
        let items = self.each(node);
        match items.first() {
            Some(&base) => self.b.expr(make(base)),
            None => self.b.unknown(),
        }
    }

    fn wrap_in(&mut self, node: Node<'_>, otherwise: Option<ExprId>) -> ExprId {
        let items = self.each(node);
        items.first().copied().or(otherwise).unwrap_or_else(|| self.b.unknown())
    }

    fn unary(&mut self, node: Node<'_>) -> ExprId {
        let is_deref = node.start() < node.end() && self.b.source()[node.start() as usize] == b'*';
        if is_deref { self.wrap(node, |base| Expr::Deref { base }) } else { self.wrap_in(node, None) }
    }

    fn cast(&mut self, node: Node<'_>) -> ExprId {
        if let Some(value) = Field::Value.of(node) {
            self.expr(value);
        }
        match Field::Type.of(node) {
            Some(ty) => {
                let ty = self.ty(ty);
                self.b.expr(Expr::Typed { ty })
            }
            None => self.b.unknown(),
        }
    }

    fn call(&mut self, node: Node<'_>) -> ExprId {
        let Some(function) = Field::Function.of(node) else { return self.b.unknown() };
        let (callee, name) = self.callee(function);
        let arguments = Field::Arguments.of(node).map(|list| self.arguments(list, callee)).unwrap_or_default();
        let arity = Some(arguments.len() as u16);
        match name {
            Some(name) => self.b.call(callee, name, arity),
            None => {
                let name = self.callee_text(function);
                self.b.occurrence_at(Role::Call, callee, name, function.span(), arity);
            }
        }
        let args = self.b.list(&arguments);
        self.b.expr(Expr::Call { callee, args })
    }

    /// The arguments of a call; closures among them are called with what `callee` hands to them.
    fn arguments(&mut self, list: Node<'_>, callee: ExprId) -> Vec<ExprId> {
        let mut values = Vec::new();
        for argument in list.children().filter(|child| !is_trivia(*child)) {
            let place = values.len() as u16;
            values.push(match Kind::of(argument) {
                Kind::ClosureExpression => self.b.deeper(|b| Visitor { b }.closure(argument, Some((callee, place)))),
                _ => self.expr(argument),
            });
        }
        values
    }

    /// A statement gives nothing, unless it is a block-like expression that ends its block, or never ends itself.
    fn statement(&mut self, node: Node<'_>) -> ExprId {
        let value = self.wrap_in(node, None);
        let is_ended = node.span().slice(self.b.source()).ends_with(b";");
        let is_nothing = matches!(self.b.facts().expr(value), Expr::Literal(Literal::Null));
        if is_ended && !is_nothing { self.b.unknown() } else { value }
    }

    /// What never gives a value adds nothing to what the branches of an expression give.
    fn diverging(&mut self, node: Node<'_>) -> ExprId {
        self.each(node);
        self.b.literal(Literal::Null)
    }

    /// `base[index]`; a range gives a part that is like the whole.
    fn index(&mut self, node: Node<'_>) -> ExprId {
        let is_part = node.children().any(|child| Kind::of(child) == Kind::RangeExpression);
        self.wrap(node, |base| if is_part { Expr::Ref { base } } else { Expr::Index { base } })
    }

    /// The name shown for a callee that is not a name itself.
    fn callee_text(&mut self, function: Node<'_>) -> NameId {
        let text = if self.b.is(function, "Self") { "Self" } else { "<computed>" };
        self.b.intern(text)
    }

    /// The callee of a call and the token that names it, recorded as nothing yet.
    fn callee<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        match Kind::of(node) {
            Kind::Identifier | Kind::ScopedIdentifier => self.path_silent(node, Space::Value),
            Kind::GenericFunction => {
                let types = Field::TypeArgs.of(node).map(|types| self.type_arguments(types)).unwrap_or_default();
                let Some(function) = Field::Function.of(node) else { return (self.b.unknown(), None) };
                let (base, name) = self.callee(function);
                let args = self.b.list(&types);
                (self.b.expr(Expr::Apply { base, args }), name)
            }
            Kind::FieldExpression => match (Field::Value.of(node), Field::Selected.of(node)) {
                (Some(value), Some(field)) => (self.member(value, field), Some(field)),
                _ => (self.b.unknown(), None),
            },
            _ => (self.expr(node), None),
        }
    }

    /// `parse::<u8>` as a value.
    fn generic_value(&mut self, node: Node<'_>) -> ExprId {
        let (function, name) = self.callee(node);
        if let Some(name) = name {
            self.b.occurrence(Role::Read, function, name);
        }
        function
    }

    fn member(&mut self, value: Node<'_>, field: Node<'_>) -> ExprId {
        let base = self.expr(value);
        let name = self.b.name(field);
        self.b.expr(Expr::Member { base, name })
    }

    fn field_access(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let (Some(value), Some(field)) = (Field::Value.of(node), Field::Selected.of(node)) else {
            return self.b.unknown();
        };
        let expr = self.member(value, field);
        self.b.occurrence(role, expr, field);
        expr
    }

    fn assignment(&mut self, node: Node<'_>) -> ExprId {
        if let Some(right) = Field::Right.of(node) {
            self.expr(right);
        }
        match Field::Left.of(node) {
            Some(left) if Kind::of(left) == Kind::FieldExpression => self.field_access(left, Role::Write),
            Some(left) if Kind::of(left) == Kind::Identifier => self.path(left, Role::Write, Space::Value),
            Some(left) => self.expr(left),
            None => self.b.unknown(),
        };
        self.b.unknown()
    }

    fn struct_expression(&mut self, node: Node<'_>) -> ExprId {
        let Some(name) = Field::Name.of(node) else { return self.b.unknown() };
        let class = self.constructed(name);
        let args = self.b.list(&[]);
        let made = self.b.expr(Expr::New { class, args });
        for field in Field::Body.of(node).iter().flat_map(|body| body.children()) {
            match Kind::of(field) {
                Kind::FieldInitializer => {
                    if let Some(name) = Field::Selected.of(field) {
                        self.written_field(made, name);
                    }
                    if let Some(value) = Field::Value.of(field) {
                        self.expr(value);
                    }
                }
                Kind::ShorthandFieldInitializer => {
                    for name in field.children().filter(|child| Kind::of(*child) == Kind::Identifier) {
                        self.written_field(made, name);
                        self.path(name, Role::Read, Space::Value);
                    }
                }
                _ => {
                    self.each(field);
                }
            }
        }
        made
    }

    fn written_field(&mut self, made: ExprId, name: Node<'_>) {
        let id = self.b.name(name);
        let expr = self.b.expr(Expr::Member { base: made, name: id });
        self.b.occurrence(Role::Write, expr, name);
    }

    /// A closure, perhaps given to a callee as the argument at a place.
    fn closure(&mut self, node: Node<'_>, given: Option<(ExprId, u16)>) -> ExprId {
        let result = self.b.in_scope(ScopeKind::Function, |b| {
            let mut visitor = Visitor { b };
            let list = Field::Parameters.of(node);
            let parameters = list.map(|list| visitor.elements(list, list.start())).unwrap_or_default();
            for (index, parameter) in parameters {
                let index = index.unwrap_or_default();
                let passed = given.map(|(callee, place)| visitor.b.expr(Expr::Passed { callee, place, index }));
                if Kind::of(parameter) == Kind::Parameter {
                    let ty = Field::Type.of(parameter).map(|ty| visitor.ty(ty));
                    if let Some(pattern) = Field::Pattern.of(parameter) {
                        visitor.bind(pattern, ty, passed, 0);
                    }
                } else {
                    visitor.bind(parameter, None, passed, 0);
                }
            }
            let declared = Field::ReturnType.of(node).map(|ty| visitor.ty(ty));
            let value = Field::Body.of(node).map(|body| visitor.expr(body));
            let declared = declared.map(|ty| visitor.b.expr(Expr::Typed { ty }));
            declared.or(value)
        });
        match result {
            Some(result) => self.b.expr(Expr::Function { result }),
            None => self.b.literal(Literal::Function),
        }
    }

    fn let_declaration(&mut self, node: Node<'_>) -> ExprId {
        let ty = Field::Type.of(node).map(|ty| self.ty(ty));
        let value = Field::Value.of(node);
        let pattern = Field::Pattern.of(node);
        let init = value.map(|value| self.expr(value));
        if let Some(alternative) = Field::Alternative.of(node) {
            self.expr(alternative);
        }
        match (pattern, value) {
            (Some(name), Some(value))
                if Kind::of(value) == Kind::ClosureExpression && Kind::of(name) == Kind::Identifier =>
            {
                self.named_closure(node, name, value, init);
            }
            (Some(pattern), _) => self.bind(pattern, ty, init, node.end()),
            (None, _) => {}
        }
        self.b.unknown()
    }

    /// `let f = |x| ...`: the closure can be called by name. What stands in it belongs to the function around it.
    fn named_closure(&mut self, node: Node<'_>, name: Node<'_>, closure: Node<'_>, value: Option<ExprId>) {
        let id = self.b.name(name);
        let mut definition = Definition::new(SymbolKind::Closure, id, name.span(), node).member();
        let body = Field::Body.of(closure);
        definition.signature.end = body.map_or(closure.end(), |body| body.start());
        definition.body = body.map(Node::index);
        let symbol = self.b.define(definition);
        if let Some(Expr::Function { result }) = value.map(|value| self.b.facts().expr(value)) {
            self.b.flow(symbol, result);
        }
        let scope = self.b.scope();
        self.b.declare(scope, id, node.end(), BindingTarget::Symbol(symbol));
    }

    fn let_condition(&mut self, node: Node<'_>) -> ExprId {
        let init = Field::Value.of(node).map(|value| self.expr(value));
        if let Some(pattern) = Field::Pattern.of(node) {
            self.bind(pattern, None, init, node.end());
        }
        self.b.literal(Literal::Bool)
    }

    fn block(&mut self, node: Node<'_>) -> ExprId {
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            let last = node.children().filter(|child| !is_trivia(*child)).last().filter(|last| !is_item(*last));
            visitor.items_giving(node, last)
        })
    }

    /// Visits the statements of a block; gives the value of `last`, its final expression.
    fn items_giving(&mut self, list: Node<'_>, last: Option<Node<'_>>) -> ExprId {
        self.items_before(list, last.map(Node::index));
        match last {
            Some(last) => self.expr(last),
            None => self.b.unknown(),
        }
    }

    fn if_expression(&mut self, node: Node<'_>) -> ExprId {
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            if let Some(condition) = Field::Condition.of(node) {
                visitor.expr(condition);
            }
            let first = Field::Consequence.of(node).map(|branch| visitor.expr(branch));
            let second = Field::Alternative.of(node).map(|branch| visitor.expr(branch));
            let branches: Vec<ExprId> = first.into_iter().chain(second).collect();
            if branches.is_empty() { visitor.b.unknown() } else { visitor.b.union(&branches) }
        })
    }

    /// A loop or `else` branch: a scope of its own for names bound in its condition.
    fn scoped(&mut self, node: Node<'_>) -> ExprId {
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            visitor.each(node);
            visitor.b.unknown()
        })
    }

    fn for_expression(&mut self, node: Node<'_>) -> ExprId {
        let value = Field::Value.of(node).map(|value| self.expr(value));
        self.b.in_scope(ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            let element = value.map(|base| visitor.b.expr(Expr::Element { base }));
            if let Some(pattern) = Field::Pattern.of(node) {
                visitor.bind(pattern, None, element, 0);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.expr(body);
            }
            visitor.b.unknown()
        })
    }

    fn match_expression(&mut self, node: Node<'_>) -> ExprId {
        let value = Field::Value.of(node).map(|value| self.expr(value));
        let arms = Field::Body.of(node);
        let mut results = Vec::new();
        for arm in arms.iter().flat_map(|body| body.children()).filter(|arm| Kind::of(*arm) == Kind::MatchArm) {
            let result = self.b.in_scope(ScopeKind::Block, |b| {
                let mut visitor = Visitor { b };
                if let Some(pattern) = Field::Pattern.of(arm) {
                    visitor.bind(pattern, None, value, 0);
                }
                Field::Value.of(arm).map(|value| visitor.expr(value))
            });
            results.extend(result);
        }
        if results.is_empty() { self.b.unknown() } else { self.b.union(&results) }
    }

    fn macro_invocation(&mut self, node: Node<'_>) -> ExprId {
        let name = Field::Macro.of(node);
        if let Some(name) = name {
            self.path(name, Role::Macro, Space::Macro);
        }
        let mut first = None;
        for tree in node.children().filter(|child| Kind::of(*child) == Kind::TokenTree) {
            first = self.tokens(tree, Role::Read);
        }
        match name.map_or(&[][..], |name| name.span().slice(self.b.source())) {
            name if DIVERGING.contains(&name) => self.b.literal(Literal::Null),
            b"format" | b"concat" | b"stringify" => self.b.literal(Literal::Str),
            b"matches" => self.b.literal(Literal::Bool),
            b"vec" => {
                let element = first.unwrap_or_else(|| self.b.unknown());
                let items = self.b.list(&[element]);
                self.b.expr(Expr::List { items })
            }
            _ => self.b.unknown(),
        }
    }

    // Macro arguments

    /// The tokens of a macro call, as far as they read like expressions: paths, calls, method chains, nested
    /// macros. Plain names are recorded in `role`. Gives the value of the first argument, if one chain is all of it.
    pub(super) fn tokens(&mut self, tree: Node<'_>, role: Role) -> Option<ExprId> {
        self.b.deeper(|b| {
            let mut visitor = Visitor { b };
            let tokens: Vec<Node<'_>> = tree.children().collect();
            let (mut index, mut first) = (0, None);
            while index < tokens.len() {
                let (next, value) = visitor.token_chain(&tokens, index, role);
                if index == 0 && visitor.is_whole_argument(tree, &tokens, next) {
                    first = value;
                }
                index = next;
            }
            first
        })
    }

    /// Whether the tokens before `end` are all of the first argument.
    fn is_whole_argument(&self, tree: Node<'_>, tokens: &[Node<'_>], end: usize) -> bool {
        let (Some(first), Some(last)) = (tokens.first(), tokens.get(end - 1)) else { return false };
        let before = self.b.text_of(Span::new(tree.start() + 1, first.start()));
        let next = tokens.get(end).map_or(tree.end().saturating_sub(1), |next| next.start());
        let after = self.b.text_of(Span::new(last.end(), next.max(last.end())));
        let after = after.trim();
        before.trim().is_empty() && (after.is_empty() && end == tokens.len() || after.starts_with([',', ';']))
    }

    /// Reads one chain such as `a::b(x).c.d(y)?` that starts at token `start`; gives the index after it and its value.
    fn token_chain(&mut self, tokens: &[Node<'_>], start: usize, role: Role) -> (usize, Option<ExprId>) {
        let first = tokens[start];
        let mut base = match Kind::of(first) {
            Kind::Identifier | Kind::Crate | Kind::Super if self.b.is(first, "Self") => match self.self_symbol() {
                Some(symbol) => self.b.expr(Expr::Symbol(symbol)),
                None => self.b.unknown(),
            },
            Kind::Identifier | Kind::Crate | Kind::Super => return self.token_path(tokens, start, role),
            Kind::SelfKeyword | Kind::StringLiteral | Kind::IntegerLiteral | Kind::FloatLiteral => self.expr(first),
            Kind::TokenTree => {
                self.tokens(first, Role::Read);
                self.b.unknown()
            }
            _ => return (start + 1, None),
        };
        let mut index = start + 1;
        while let Some(next) = self.token_member(tokens, index, &mut base) {
            index = next;
        }
        (index, Some(base))
    }

    /// A chain whose first link is a name: the path `a::b::c`, perhaps called, perhaps a macro.
    fn token_path(&mut self, tokens: &[Node<'_>], start: usize, role: Role) -> (usize, Option<ExprId>) {
        let mut index = start;
        let is_last = |this: &Self, index: usize| !this.joined(tokens, index, "::");
        let space = if is_last(self, index) { Space::Value } else { Space::Any };
        let mut expr = self.b.name_expr(tokens[index], space);
        while !is_last(self, index) {
            self.b.occurrence(Role::Type, expr, tokens[index]);
            index += 1;
            if !matches!(Kind::of(tokens[index]), Kind::Identifier) {
                return (index, None);
            }
            let name = self.b.name(tokens[index]);
            expr = self.b.expr(Expr::Member { base: expr, name });
        }
        let name = tokens[index];
        if self.joined(tokens, index, "!") && Kind::of(tokens[index + 1]) == Kind::TokenTree {
            let macro_name = self.b.name_expr(name, Space::Macro);
            self.b.occurrence(Role::Macro, macro_name, name);
            self.tokens(tokens[index + 1], Role::Read);
            return (index + 2, None);
        }
        let (mut base, mut next) = match self.token_call(tokens, index, expr) {
            Some(call) => (call, index + 2),
            None => {
                self.b.occurrence(role, expr, name);
                (expr, index + 1)
            }
        };
        while let Some(after) = self.token_member(tokens, next, &mut base) {
            next = after;
        }
        (next, Some(base))
    }

    /// `.name` or `.name(...)` at `index`, applied to `base`; gives the index after it.
    fn token_member(&mut self, tokens: &[Node<'_>], index: usize, base: &mut ExprId) -> Option<usize> {
        let name = *tokens.get(index)?;
        let is_name = matches!(Kind::of(name), Kind::Identifier | Kind::IntegerLiteral);
        let after_dot = self.joined(tokens, index - 1, ".") || self.joined(tokens, index - 1, "?.");
        if !is_name || !after_dot {
            return None;
        }
        let id = self.b.name(name);
        let expr = self.b.expr(Expr::Member { base: *base, name: id });
        if let Some(call) = self.token_call(tokens, index, expr) {
            *base = call;
            return Some(index + 2);
        }
        self.b.occurrence(Role::Read, expr, name);
        *base = expr;
        Some(index + 1)
    }

    /// The call of `callee`, named by the token at `index`, if `(...)` follows.
    fn token_call(&mut self, tokens: &[Node<'_>], index: usize, callee: ExprId) -> Option<ExprId> {
        let arguments = *tokens.get(index + 1).filter(|next| Kind::of(**next) == Kind::TokenTree)?;
        let opens = self.b.source().get(arguments.start() as usize) == Some(&b'(');
        if !opens || arguments.start() != tokens[index].end() {
            return None;
        }
        let arity = self.count_arguments(arguments);
        self.b.call(callee, tokens[index], Some(arity));
        self.tokens(arguments, Role::Read);
        let args = self.b.list(&[]);
        Some(self.b.expr(Expr::Call { callee, args }))
    }

    /// Whether exactly `link` stands between token `index` and the next one, white space aside.
    pub(super) fn joined(&self, tokens: &[Node<'_>], index: usize, link: &str) -> bool {
        let (Some(token), Some(next)) = (tokens.get(index), tokens.get(index + 1)) else { return false };
        self.b.text_of(Span::new(token.end(), next.start())).trim() == link
    }

    /// Arguments in `(...)`: top-level commas plus one, a trailing comma aside.
    fn count_arguments(&self, tree: Node<'_>) -> u16 {
        let mut count = 0u16;
        let mut open = false;
        let mut position = tree.start() + 1;
        let end = tree.end().saturating_sub(1).max(position);
        let mut gap = |span: Span, source: &[u8]| {
            for byte in span.slice(source) {
                match byte {
                    b',' => open = false,
                    byte if byte.is_ascii_whitespace() => {}
                    _ if !open => {
                        open = true;
                        count += 1;
                    }
                    _ => {}
                }
            }
        };
        for token in tree.children() {
            gap(Span::new(position, token.start().max(position)), self.b.source());
            // A token is no comma, whatever its text holds.
            gap(Span::new(0, 1), b"t");
            position = token.end();
        }
        gap(Span::new(position, end), self.b.source());
        count
    }
}

pub(super) fn is_trivia(node: Node<'_>) -> bool {
    matches!(
        Kind::of(node),
        Kind::LineComment | Kind::BlockComment | Kind::MutableSpecifier | Kind::AttributeItem | Kind::Lifetime
    )
}

/// Whether a node in a block defines something instead of giving the block's value.
fn is_item(node: Node<'_>) -> bool {
    matches!(
        Kind::of(node),
        Kind::FunctionItem
            | Kind::StructItem
            | Kind::UnionItem
            | Kind::EnumItem
            | Kind::TraitItem
            | Kind::ImplItem
            | Kind::TypeItem
            | Kind::ConstItem
            | Kind::StaticItem
            | Kind::ModItem
            | Kind::MacroDefinition
            | Kind::ForeignMod
            | Kind::UseDeclaration
            | Kind::LetDeclaration
    )
}
