//! What binds names besides definitions: assignment, loops, `with`, `except`, `global`. Names bound in a
//! file or class are its variables and fields; names bound in a function are its locals.

use crate::lang::Definition;
use crate::model::{
    BindingTarget, Expr, ExprId, Literal, NameId, Node, Role, ScopeId, ScopeKind, Space, SymbolId, SymbolKind,
};

use super::ty::{Declared, Special};
use super::visit::{Field, Kind, Visitor, by_underscores, is_trivia};

/// What is assigned to a target.
#[derive(Clone, Copy, Default)]
pub(super) struct Assigned<'n> {
    declared: Option<Declared>,
    value: Option<ExprId>,
    kind: Option<SymbolKind>,
    /// The statement, if it is one that could define a variable by itself.
    statement: Option<Node<'n>>,
}

impl<'n> Assigned<'n> {
    pub(super) fn value(value: Option<ExprId>) -> Self {
        Self { value, ..Self::default() }
    }

    /// A part of what is assigned; types and kinds written for the whole do not carry over.
    fn part(self, value: Option<ExprId>) -> Self {
        Self { value, statement: self.statement, ..Self::default() }
    }
}

impl Visitor<'_, '_> {
    // Assignment

    /// `left: type = right` or `left = other = right`; gives what is assigned.
    pub(super) fn assignment(&mut self, node: Node<'_>) -> ExprId {
        let Some(left) = Field::Left.of(node) else { return self.b.unknown() };
        let right = Field::Right.of(node);
        if let Some(lambda) = right.filter(|right| Kind::of(*right) == Kind::Lambda)
            && Kind::of(left) == Kind::Identifier
            && !self.is_outer(left)
        {
            if let Some(ty) = Field::Annotation.of(node) {
                self.ty(ty);
            }
            self.named_lambda(node, left, lambda);
            return self.b.literal(Literal::Function);
        }
        let annotation = Field::Annotation.of(node);
        let special = annotation.and_then(|annotation| self.special_head(annotation));
        let declared = annotation.map(|annotation| self.declared(annotation));
        if let (Kind::Identifier, Some(right)) = (Kind::of(left), right)
            && self.is_type_alias(left, special, right)
        {
            return self.alias(node, left, right);
        }
        let (targets, right) = chain(left, right);
        let value = right.map(|right| self.expr(right));
        let kind = (special == Some(Special::Final)).then_some(SymbolKind::Constant);
        // A bare `Final` leaves the type to the value.
        let is_open = |declared: &Declared| kind.is_some() && self.b.facts().expr(declared.ty) == Expr::Unknown;
        let declared = declared.filter(|declared| !is_open(declared));
        for target in targets {
            if let Some(right) = right.filter(|_| self.b.is(target, "__all__")) {
                self.exports(right);
            }
            self.bind(target, Assigned { declared, value, kind, statement: Some(node) });
        }
        value.unwrap_or_else(|| self.b.unknown())
    }

    /// The special form at the head of an annotation: `Final` for `Final[int]`.
    fn special_head(&self, annotation: Node<'_>) -> Option<Special> {
        let inner = annotation.children().next()?;
        match Kind::of(inner) {
            Kind::GenericType | Kind::Subscript => self.special(inner.children().next()?),
            _ => self.special(inner),
        }
    }

    /// `X: TypeAlias = ...`, and `X = Union[...]` where it cannot be anything else.
    fn is_type_alias(&mut self, left: Node<'_>, annotation: Option<Special>, right: Node<'_>) -> bool {
        if annotation.is_some() {
            return annotation == Some(Special::Alias);
        }
        let at_top = self.b.scope_kind(self.binding_scope()) != ScopeKind::Function && !self.is_outer(left);
        let head = Field::Value.of(right).filter(|_| Kind::of(right) == Kind::Subscript);
        at_top && head.and_then(|head| self.special(head)).is_some_and(Special::makes_alias)
    }

    fn alias(&mut self, node: Node<'_>, left: Node<'_>, right: Node<'_>) -> ExprId {
        let ty = self.ty(right);
        let name = self.b.name(left);
        let mut definition = Definition::new(SymbolKind::TypeAlias, name, left.span(), node);
        definition.visibility = self.visibility(name);
        definition.ty = Some(ty);
        self.define(definition);
        ty
    }

    /// `x += y` uses `x` as it is and binds nothing new.
    pub(super) fn augmented_assignment(&mut self, node: Node<'_>) -> ExprId {
        let right = Field::Right.of(node);
        let value = right.map(|right| self.expr(right));
        let Some(left) = Field::Left.of(node) else { return self.b.unknown() };
        match Kind::of(left) {
            Kind::Identifier | Kind::Attribute => {
                let (expr, name) = self.callee(left);
                if let Some(name) = name {
                    self.b.occurrence(Role::Write, expr, name);
                }
            }
            _ => {
                self.expr(left);
            }
        }
        if let Some(right) = right.filter(|_| self.b.is(left, "__all__")) {
            self.exports(right);
        }
        value.unwrap_or_else(|| self.b.unknown())
    }

    /// `(name := value)` binds in the function, class or file around, whatever comprehensions lie between.
    pub(super) fn named_expression(&mut self, node: Node<'_>) -> ExprId {
        let value = Field::Value.of(node).map(|value| self.expr(value));
        if let Some(name) = Field::Name.of(node) {
            self.bind(name, Assigned { statement: Some(node), ..Assigned::value(value) });
        }
        value.unwrap_or_else(|| self.b.unknown())
    }

    pub(super) fn delete_statement(&mut self, node: Node<'_>) {
        for target in node.children() {
            match Kind::of(target) {
                Kind::ExpressionList => self.delete_statement(target),
                Kind::Identifier | Kind::Attribute => {
                    let (expr, name) = self.callee(target);
                    if let Some(name) = name {
                        self.b.occurrence(Role::Write, expr, name);
                    }
                }
                _ => {
                    self.expr(target);
                }
            }
        }
    }

    /// The strings in the value of `__all__`.
    fn exports(&mut self, value: Node<'_>) {
        if self.b.scope().0 != 0 {
            return;
        }
        for item in value.children() {
            match Kind::of(item) {
                Kind::String => {
                    for content in item.children().filter(|child| Kind::of(*child) == Kind::StringContent) {
                        let name = self.b.name(content);
                        self.state.exported.push(name);
                    }
                }
                // `[...] + other.__all__`
                Kind::List | Kind::Tuple => self.exports(item),
                _ => {}
            }
        }
    }

    // Targets

    /// Binds the names of `target`.
    pub(super) fn bind(&mut self, target: Node<'_>, assigned: Assigned<'_>) {
        self.deeper(|visitor| visitor.bind_here(target, assigned));
    }

    fn bind_here(&mut self, target: Node<'_>, assigned: Assigned<'_>) {
        match Kind::of(target) {
            Kind::Identifier => self.bind_name(target, assigned),
            Kind::Attribute => self.bind_attribute(target, assigned),
            Kind::PatternList
            | Kind::TuplePattern
            | Kind::ListPattern
            | Kind::Tuple
            | Kind::List
            | Kind::ExpressionList => self.bind_parts(target, assigned),
            Kind::ListSplatPattern | Kind::ListSplat => {
                // The rest of an unpacked value is always a list.
                let rest = self.b.literal(Literal::List);
                for inner in target.children() {
                    self.bind(inner, assigned.part(Some(rest)));
                }
            }
            Kind::AsPatternTarget | Kind::ParenthesizedExpression => {
                for inner in target.children().filter(|inner| Kind::of(*inner) != Kind::Other) {
                    self.bind(inner, assigned);
                }
            }
            _ => {
                self.expr(target);
            }
        }
    }

    fn bind_parts(&mut self, target: Node<'_>, assigned: Assigned<'_>) {
        let targets: Vec<Node<'_>> = target.children().filter(|child| !is_trivia(*child)).collect();
        let splat =
            targets.iter().position(|target| matches!(Kind::of(*target), Kind::ListSplatPattern | Kind::ListSplat));
        for (index, inner) in targets.into_iter().enumerate() {
            // Behind a starred target positions count from the end, which no expression says.
            let is_counted = splat.is_none_or(|splat| index < splat);
            let part = assigned.value.filter(|_| is_counted).and_then(|base| self.part_of(base, index));
            self.bind(inner, assigned.part(part));
        }
    }

    pub(super) fn part_of(&mut self, base: ExprId, index: usize) -> Option<ExprId> {
        if let Expr::Tuple { items } | Expr::List { items } = self.b.facts().expr(base)
            && let Some(item) = self.b.facts().list(items).get(index)
        {
            return Some(*item);
        }
        let index = u16::try_from(index).ok()?;
        Some(self.b.expr(Expr::Part { base, index }))
    }

    /// `a.b = value`; where `a` is the method's own receiver it defines an attribute.
    fn bind_attribute(&mut self, target: Node<'_>, assigned: Assigned<'_>) {
        let (expr, Some(name)) = self.callee(target) else { return };
        let receiver = match self.b.facts().expr(expr) {
            Expr::Member { base, .. } => self.class_of_receiver(base),
            _ => None,
        };
        let is_new = receiver.is_some_and(|class| {
            let name = self.b.name(name);
            self.define_variable(class.into(), name, target, assigned)
        });
        if !is_new {
            self.b.occurrence(Role::Write, expr, name);
        }
    }

    fn bind_name(&mut self, target: Node<'_>, assigned: Assigned<'_>) {
        let name = self.b.name(target);
        let here = self.binding_scope();
        let scope = self.state.outer.get(&(here, name)).copied().unwrap_or(here);
        let is_new = match self.b.scope_kind(scope) {
            ScopeKind::Function => {
                self.bind_variable_of_function(scope, name, assigned);
                true
            }
            ScopeKind::Class => {
                let class = self.b.facts().scopes[scope.0 as usize].symbol;
                self.define_variable(class, name, target, assigned)
            }
            _ => self.define_variable(None, name, target, assigned),
        };
        if !is_new {
            let expr = self.b.name_expr(target, Space::Any);
            self.b.occurrence(Role::Write, expr, target);
        }
    }

    fn bind_variable_of_function(&mut self, scope: ScopeId, name: NameId, assigned: Assigned<'_>) {
        // What is assigned to a name of a written type is of that type.
        if self.state.locals.get(&(scope, name)) == Some(&true) {
            return;
        }
        let (ty, value) = match assigned.declared {
            Some(Declared { value: Some(class), .. }) => (None, Some(class)),
            Some(declared) => (Some(declared.ty), assigned.value),
            None => (None, assigned.value),
        };
        self.remember_local(scope, name, assigned.declared.is_some());
        self.b.declare(scope, name, 0, BindingTarget::Local { ty, init: value });
    }

    /// Defines a variable of the file or attribute of `class`, unless it is defined already, and notes what is
    /// assigned to it. Gives whether the target is its definition.
    fn define_variable(
        &mut self,
        class: Option<SymbolId>,
        name: NameId,
        target: Node<'_>,
        assigned: Assigned<'_>,
    ) -> bool {
        let known = self.state.defined.get(&(class, name)).copied();
        if known.is_none() && self.is_absence_of_import(class, name, assigned.value) {
            return false;
        }
        let symbol = known.unwrap_or_else(|| self.new_variable(class, name, target, assigned));
        let kind = self.b.facts().symbol(symbol).kind;
        if !matches!(kind, SymbolKind::Variable | SymbolKind::Constant | SymbolKind::Field | SymbolKind::EnumMember) {
            return false;
        }
        self.assign(symbol, assigned);
        known.is_none()
    }

    /// `try: import x` with `except ImportError: x = None`: no second definition.
    fn is_absence_of_import(&self, class: Option<SymbolId>, name: NameId, value: Option<ExprId>) -> bool {
        let is_null = value.is_some_and(|value| self.b.facts().expr(value) == Expr::Literal(Literal::Null));
        is_null && class.is_none() && self.state.imported.contains(&(ScopeId(0), name))
    }

    fn new_variable(
        &mut self,
        class: Option<SymbolId>,
        name: NameId,
        target: Node<'_>,
        assigned: Assigned<'_>,
    ) -> SymbolId {
        let statement = assigned.statement.unwrap_or(target);
        let token = Field::AttributeName.of(target).unwrap_or(target);
        let in_body = class.is_some() && self.class_body() == class;
        let is_enum_value = in_body
            && self.traits_of(class).is_enum
            && assigned.declared.is_none()
            && !self.b.name_text(name).starts_with('_');
        let kind = match class {
            Some(_) if is_enum_value => SymbolKind::EnumMember,
            Some(_) => SymbolKind::Field,
            None => assigned.kind.unwrap_or(SymbolKind::Variable),
        };
        let mut definition = Definition::new(kind, name, token.span(), statement);
        let annotation = Field::Annotation.of(statement);
        definition.signature.end = annotation.map_or(target.end(), Node::end).max(definition.signature.start);
        definition.visibility = by_underscores(self.b.name_text(name), class.is_some());
        let symbol = self.b.define_in(definition, class);
        let scope = if in_body { Some(self.b.scope()) } else { class.is_none().then_some(ScopeId(0)) };
        if let Some(scope) = scope {
            self.b.declare(scope, name, 0, BindingTarget::Symbol(symbol));
        }
        self.state.defined.insert((class, name), symbol);
        symbol
    }

    /// Notes the type written for a variable, or else what is assigned to it.
    fn assign(&mut self, symbol: SymbolId, assigned: Assigned<'_>) {
        match assigned.declared {
            Some(Declared { value: Some(class), .. }) => self.b.flow(symbol, class),
            Some(declared) => self.b.symbol_mut(symbol).ty = Some(declared.ty),
            None => {
                let is_open = self.b.facts().symbol(symbol).ty.is_none();
                if let Some(value) = assigned.value.filter(|_| is_open) {
                    self.b.flow(symbol, value);
                }
            }
        }
    }

    /// Binds the names of `target` in the current scope alone: comprehensions, `except`.
    pub(super) fn bind_local(&mut self, target: Node<'_>, value: Option<ExprId>) {
        if Kind::of(target) == Kind::Identifier {
            let name = self.b.name(target);
            self.b.local(name, 0, None, value);
            return;
        }
        let is_list =
            matches!(Kind::of(target), Kind::PatternList | Kind::TuplePattern | Kind::ListPattern | Kind::Tuple);
        let inner: Vec<Node<'_>> = target.children().filter(|child| !is_trivia(*child)).collect();
        if !is_list && !matches!(Kind::of(target), Kind::ListSplatPattern | Kind::AsPatternTarget) {
            self.expr(target);
            return;
        }
        for (index, inner) in inner.into_iter().enumerate() {
            let part = if is_list { value.and_then(|base| self.part_of(base, index)) } else { value };
            let part = part.filter(|_| Kind::of(target) != Kind::ListSplatPattern);
            self.deeper(|visitor| visitor.bind_local(inner, part));
        }
    }

    // Statements that bind

    pub(super) fn for_statement(&mut self, node: Node<'_>) {
        let source = Field::Right.of(node).map(|right| self.expr(right));
        let element = source.map(|base| self.element(base));
        if let Some(left) = Field::Left.of(node) {
            self.bind(left, Assigned::value(element));
        }
        for child in node.children().filter(|child| Field::Body.is(*child) || Field::Alternative.is(*child)) {
            self.statement(child);
        }
    }

    /// `with value as target`: the target is what entering the value gives.
    pub(super) fn with_statement(&mut self, node: Node<'_>) {
        let is_async = node.children().any(|child| Kind::of(child) == Kind::Async);
        for child in node.children().filter(|child| !Field::Body.is(*child) && Kind::of(*child) != Kind::Async) {
            for item in child.children() {
                self.with_item(item, is_async);
            }
        }
        if let Some(body) = Field::Body.of(node) {
            self.statement(body);
        }
    }

    fn with_item(&mut self, item: Node<'_>, is_async: bool) {
        match Kind::of(item) {
            Kind::WithItem | Kind::Tuple | Kind::ParenthesizedExpression => {
                for inner in item.children() {
                    self.deeper(|visitor| visitor.with_item(inner, is_async));
                }
            }
            Kind::AsPattern => {
                let Some(value) = item.children().next() else { return };
                let value = self.expr(value);
                let entered = self.entered(value, is_async);
                if let Some(target) = Field::Alias.of(item) {
                    self.bind(target, Assigned::value(Some(entered)));
                }
            }
            _ => {
                self.expr(item);
            }
        }
    }

    fn entered(&mut self, base: ExprId, is_async: bool) -> ExprId {
        let name = self.b.intern(if is_async { "__aenter__" } else { "__enter__" });
        let callee = self.b.expr(Expr::Member { base, name });
        let args = self.b.list(&[]);
        let entered = self.b.expr(Expr::Call { callee, args });
        if is_async { self.b.expr(Expr::Await { base: entered }) } else { entered }
    }

    /// `except A as e`: `e` is an instance of what is caught, and gone afterwards.
    pub(super) fn except_clause(&mut self, node: Node<'_>) {
        for child in node.children() {
            if Kind::of(child) != Kind::AsPattern {
                if Field::Value.is(child) {
                    self.caught(child);
                } else {
                    self.statement(child);
                }
                continue;
            }
            let caught = child.children().next().map(|caught| self.caught(caught));
            let value = caught.map(|ty| self.b.expr(Expr::Typed { ty }));
            let Some(name) = Field::Alias.of(child).and_then(|target| target.children().next()) else { continue };
            match self.b.scope_kind(self.binding_scope()) {
                ScopeKind::Function => self.bind(name, Assigned::value(value)),
                _ => self.bind_local(name, value),
            }
        }
    }

    /// One exception class or a tuple of them.
    fn caught(&mut self, node: Node<'_>) -> ExprId {
        if Kind::of(node) == Kind::Tuple {
            let children: Vec<Node<'_>> = node.children().filter(|child| !is_trivia(*child)).collect();
            let items: Vec<ExprId> = children.into_iter().map(|item| self.ty(item)).collect();
            return self.b.union(&items);
        }
        self.ty(node)
    }

    pub(super) fn global_statement(&mut self, node: Node<'_>) {
        let file = ScopeId(0);
        for name in node.children().filter(|child| Kind::of(*child) == Kind::Identifier) {
            self.declare_outer(name, file);
        }
    }

    pub(super) fn nonlocal_statement(&mut self, node: Node<'_>) {
        for name in node.children().filter(|child| Kind::of(*child) == Kind::Identifier) {
            let id = self.b.name(name);
            let owner = self.function_that_binds(id);
            self.declare_outer(name, owner);
        }
    }

    /// The nearest function around the current one that binds `name`, or simply the nearest.
    fn function_that_binds(&self, name: NameId) -> ScopeId {
        let scopes = &self.b.facts().scopes;
        let mut nearest = None;
        let mut next = scopes[self.binding_scope().0 as usize].parent;
        while let Some(scope) = next {
            let data = scopes[scope.0 as usize];
            if data.kind == ScopeKind::Function {
                if self.state.locals.contains_key(&(scope, name)) {
                    return scope;
                }
                nearest.get_or_insert(scope);
            }
            next = data.parent;
        }
        nearest.unwrap_or(ScopeId(0))
    }

    fn declare_outer(&mut self, name: Node<'_>, owner: ScopeId) {
        let here = self.binding_scope();
        if here == owner {
            return;
        }
        let id = self.b.name(name);
        self.state.outer.insert((here, id), owner);
        self.b.declare(here, id, 0, BindingTarget::Outer);
    }

    fn is_outer(&mut self, name: Node<'_>) -> bool {
        let name = self.b.name(name);
        self.state.outer.contains_key(&(self.binding_scope(), name))
    }
}

/// The targets of `a = b = value`, and the value.
fn chain<'n>(left: Node<'n>, right: Option<Node<'n>>) -> (Vec<Node<'n>>, Option<Node<'n>>) {
    let (mut targets, mut right) = (vec![left], right);
    while let Some(inner) = right.filter(|right| Kind::of(*right) == Kind::Assignment) {
        targets.extend(Field::Left.of(inner));
        right = Field::Right.of(inner);
    }
    (targets, right)
}
