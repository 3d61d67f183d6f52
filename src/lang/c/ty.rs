//! Types, paths and declarators of C and C++.

use crate::model::{Arity, Expr, ExprId, NameId, Node, Role, ScopeId, ScopeKind, Space, Span, SymbolId};

use super::visit::{Before, Field, Kind, Visitor, is_trivia};

/// A declarator taken apart.
pub(super) struct Declared<'n> {
    /// The declared name: an identifier, a path, an operator, a destructor or a structured binding.
    pub(super) name: Node<'n>,
    /// The type with pointers, references and arrays around the written one; none for `auto`.
    pub(super) ty: Option<ExprId>,
    /// The parameter list and what follows it, if a function is declared.
    pub(super) function: Option<Node<'n>>,
    /// Declares a pointer or reference.
    pub(super) indirect: bool,
}

/// What a segment of a path is looked up in.
#[derive(Clone, Copy)]
enum Base {
    Scope(ScopeId),
    Expr(ExprId),
}

impl<'s> Visitor<'_, 's> {
    /// A type; every name in it is an occurrence.
    pub(super) fn ty(&mut self, node: Node<'_>) -> ExprId {
        self.ty_in_role(node, Role::Type)
    }

    /// A type whose head is used in `role`.
    pub(super) fn ty_in_role(&mut self, node: Node<'_>, role: Role) -> ExprId {
        self.deeper(|visitor| visitor.ty_here(node, role))
    }

    fn ty_here(&mut self, node: Node<'_>, role: Role) -> ExprId {
        match Kind::of(node) {
            Kind::TypeIdentifier
            | Kind::Identifier
            | Kind::FieldIdentifier
            | Kind::NamespaceIdentifier
            | Kind::QualifiedIdentifier
            | Kind::TemplateType
            | Kind::TemplateFunction
            | Kind::DependentName => self.path(node, role, Space::Type),
            Kind::PrimitiveType => self.b.name_expr(node, Space::Type),
            Kind::SizedType => {
                let text = super::one_line(&self.b.text(node));
                let name = self.b.intern(&text);
                self.b.name_at(name, node.start(), Space::Type)
            }
            Kind::ClassSpecifier | Kind::StructSpecifier | Kind::UnionSpecifier => {
                self.class(node, Before::default(), None, false)
            }
            Kind::EnumSpecifier => self.enumeration(node, Before::default(), None, false),
            Kind::TypeDescriptor => self.type_descriptor(node),
            Kind::DependentType => match node.children().find(|child| !is_trivia(*child)) {
                Some(inner) => self.ty_in_role(inner, role),
                None => self.b.unknown(),
            },
            Kind::MacroTypeSpecifier => self.macro_type(node),
            Kind::Decltype => {
                self.each(node);
                self.b.unknown()
            }
            _ => {
                for child in node.children().filter(|child| !is_trivia(*child)) {
                    self.ty(child);
                }
                self.b.unknown()
            }
        }
    }

    /// The written type of a declaration; none where it is `auto`.
    pub(super) fn written_type(&mut self, node: Node<'_>) -> Option<ExprId> {
        match Kind::of(node) {
            Kind::PlaceholderType | Kind::Auto => {
                self.each(node);
                None
            }
            _ => Some(self.ty(node)),
        }
    }

    /// The type `written` in the declaration `node`, with the `const` that stands beside it.
    pub(super) fn qualified(&mut self, node: Node<'_>, written: Option<ExprId>) -> Option<ExprId> {
        let is_const = |child: Node<'_>| Kind::of(child) == Kind::TypeQualifier && self.b.is(child, "const");
        if !self.place.cpp || !node.children().any(is_const) {
            return written;
        }
        written.map(|base| self.b.expr(Expr::Const { base }))
    }

    /// The qualified type of a declaration; none where it is `auto`.
    pub(super) fn qualified_type(&mut self, node: Node<'_>) -> Option<ExprId> {
        let written = Field::Type.of(node).and_then(|ty| self.written_type(ty));
        self.qualified(node, written)
    }

    /// `LIST_HEAD(entry)`: a macro that gives a type.
    fn macro_type(&mut self, node: Node<'_>) -> ExprId {
        if let Some(name) = Field::Name.of(node) {
            let callee = self.b.name_expr(name, Space::Any);
            self.b.call(callee, name, Some(1));
        }
        if let Some(ty) = Field::Type.of(node) {
            self.ty(ty);
        }
        self.b.unknown()
    }

    /// A type with abstract declarators, as in casts and template arguments.
    fn type_descriptor(&mut self, node: Node<'_>) -> ExprId {
        let Some(mut ty) = self.qualified_type(node) else { return self.b.unknown() };
        let mut next = Field::Declarator.of(node);
        while let Some(declarator) = next {
            ty = self.wrapped(declarator, ty);
            next = inner_declarator(declarator);
        }
        ty
    }

    /// The type that one abstract or concrete declarator makes of `ty`.
    pub(super) fn wrapped(&mut self, declarator: Node<'_>, ty: ExprId) -> ExprId {
        match Kind::of(declarator) {
            Kind::PointerDeclarator | Kind::PointerTypeDeclarator | Kind::AbstractPointerDeclarator => {
                self.b.expr(Expr::Ref { base: ty })
            }
            Kind::ReferenceDeclarator | Kind::AbstractReferenceDeclarator => {
                let is_temporary = declarator.span().slice(self.b.source()).starts_with(b"&&");
                self.b.expr(if is_temporary { Expr::Temporary { base: ty } } else { Expr::Reference { base: ty } })
            }
            Kind::ArrayDeclarator | Kind::AbstractArrayDeclarator => {
                if let Some(size) = Field::Size.of(declarator) {
                    self.expr(size);
                }
                let items = self.b.list(&[ty]);
                self.b.expr(Expr::List { items })
            }
            Kind::FunctionDeclarator | Kind::AbstractFunctionDeclarator => {
                let result = self.function_result(declarator).unwrap_or(ty);
                if let Some(list) = Field::Parameters.of(declarator) {
                    self.parameter_types(list);
                }
                self.b.expr(Expr::Function { result })
            }
            _ => ty,
        }
    }

    /// The type after `->`.
    pub(super) fn function_result(&mut self, declarator: Node<'_>) -> Option<ExprId> {
        let trailing = declarator.children().find(|child| Kind::of(*child) == Kind::TrailingReturnType)?;
        let descriptor = trailing.children().find(|child| Kind::of(*child) == Kind::TypeDescriptor)?;
        let is_auto = Field::Type.of(descriptor).is_some_and(|ty| Kind::of(ty) == Kind::PlaceholderType);
        let ty = self.ty(descriptor);
        (!is_auto).then_some(ty)
    }

    /// Takes a declarator of the type `ty` apart. None where it declares no name.
    pub(super) fn declared<'n>(&mut self, declarator: Node<'n>, ty: Option<ExprId>) -> Option<Declared<'n>> {
        let mut declared = Declared { name: declarator, ty, function: None, indirect: false };
        let mut node = declarator;
        loop {
            match Kind::of(node) {
                _ if is_name(node) => {
                    declared.name = node;
                    let last = last_segment(node);
                    if Kind::of(last) == Kind::OperatorCast {
                        declared.function = conversion_function(last);
                        declared.ty = self.conversion_type(last);
                    }
                    return Some(declared);
                }
                Kind::FunctionDeclarator if names_directly(node) => {
                    declared.ty = self.function_result(node).or(declared.ty);
                    declared.function = Some(node);
                }
                Kind::PointerDeclarator | Kind::PointerTypeDeclarator | Kind::ReferenceDeclarator => {
                    declared.indirect = true;
                    declared.ty = declared.ty.map(|ty| self.wrapped(node, ty));
                }
                Kind::ArrayDeclarator | Kind::FunctionDeclarator => {
                    // The size and the parameters are visited even where the element type is not known.
                    let ty = declared.ty.unwrap_or_else(|| self.b.unknown());
                    declared.ty = Some(self.wrapped(node, ty));
                }
                _ => {}
            }
            node = inner_declarator(node)?;
        }
    }

    /// The type that `operator T*` converts to.
    fn conversion_type(&mut self, cast: Node<'_>) -> Option<ExprId> {
        let mut ty = Field::Type.of(cast).and_then(|ty| self.written_type(ty))?;
        let mut next = Field::Declarator.of(cast);
        while let Some(node) = next.filter(|node| Kind::of(*node) != Kind::AbstractFunctionDeclarator) {
            ty = self.wrapped(node, ty);
            next = inner_declarator(node);
        }
        Some(ty)
    }

    /// The types of the parameters of a function type.
    fn parameter_types(&mut self, list: Node<'_>) {
        for parameter in list.children() {
            let ty = self.qualified_type(parameter);
            if let Some(declarator) = Field::Declarator.of(parameter) {
                self.declared(declarator, ty);
            }
        }
    }

    /// Declares the parameters of a callable as locals; records them for `symbol`, if there is one.
    pub(super) fn parameters(&mut self, list: Node<'_>, symbol: Option<SymbolId>) -> Arity {
        let (mut min, mut max, mut variadic) = (0u16, 0u16, false);
        for node in list.children() {
            let optional = Kind::of(node) == Kind::OptionalParameter;
            match Kind::of(node) {
                Kind::ParameterDeclaration if self.is_void(node) => continue,
                Kind::ParameterDeclaration | Kind::OptionalParameter => {}
                Kind::VariadicParameterDeclaration => variadic = true,
                Kind::VariadicParameter | Kind::Ellipsis => {
                    variadic = true;
                    continue;
                }
                // The parameters of an old-style definition: their types follow the list.
                Kind::Identifier => {
                    let name = self.b.name(node);
                    self.b.local(name, 0, None, None);
                }
                _ => continue,
            }
            if Kind::of(node) != Kind::Identifier {
                self.parameter(node, symbol);
            }
            if Kind::of(node) != Kind::VariadicParameterDeclaration {
                min = min.saturating_add(u16::from(!optional));
                max = max.saturating_add(1);
            }
        }
        let unprototyped = !self.place.cpp && list.children().all(|child| Kind::of(child) == Kind::Comment);
        Arity { min, max: if variadic || unprototyped { u16::MAX } else { max } }
    }

    /// `(void)`: no parameter.
    fn is_void(&self, parameter: Node<'_>) -> bool {
        Field::Declarator.of(parameter).is_none() && self.b.is(parameter, "void")
    }

    fn parameter(&mut self, node: Node<'_>, symbol: Option<SymbolId>) {
        let written = self.qualified_type(node);
        let declared = Field::Declarator.of(node).and_then(|declarator| self.declared(declarator, written));
        let value = Field::DefaultValue.of(node).map(|value| self.expr(value));
        let (mut name, mut ty) = (None, written);
        if let Some(declared) = declared {
            ty = match declared.function {
                // A parameter of function type is a pointer to a function.
                Some(function) => {
                    let result = declared.ty.unwrap_or_else(|| self.b.unknown());
                    Some(self.wrapped(function, result))
                }
                None => declared.ty,
            };
            let id = self.b.name(declared.name);
            self.b.local(id, 0, ty, value);
            name = Some(id);
        }
        if let Some(symbol) = symbol {
            self.b.parameter(symbol, name, ty);
        }
    }

    /// Binds the parameters of a template in the current scope.
    pub(super) fn template_parameters(&mut self, list: Node<'_>) {
        for node in list.children() {
            match Kind::of(node) {
                Kind::TypeParameter | Kind::OptionalTypeParameter | Kind::VariadicTypeParameter => {
                    self.type_parameter(node);
                }
                Kind::TemplateTemplateParameter => {
                    for inner in node.children().filter(|child| !Field::Parameters.is(*child)) {
                        self.type_parameter(inner);
                    }
                }
                Kind::ParameterDeclaration | Kind::OptionalParameter | Kind::VariadicParameterDeclaration => {
                    self.value_parameter(node);
                }
                _ => {}
            }
        }
    }

    fn type_parameter(&mut self, node: Node<'_>) {
        let name =
            node.children().find(|child| Kind::of(*child) == Kind::TypeIdentifier && !Field::DefaultType.is(*child));
        if let Some(name) = name {
            let name = self.b.name(name);
            self.b.type_parameter(name, None);
        }
        if let Some(default) = Field::DefaultType.of(node) {
            self.ty(default);
        }
    }

    /// `int N`, but also `Concept T`, which the grammar cannot tell apart.
    fn value_parameter(&mut self, node: Node<'_>) {
        let ty = Field::Type.of(node);
        let written = ty.and_then(|ty| self.written_type(ty));
        let declared = Field::Declarator.of(node).and_then(|declarator| self.declared(declarator, written));
        if let Some(value) = Field::DefaultValue.of(node) {
            self.expr(value);
        }
        let Some(declared) = declared else { return };
        let name = self.b.name(declared.name);
        self.b.local(name, 0, declared.ty, None);
        let named = ty.is_some_and(|ty| {
            matches!(Kind::of(ty), Kind::TypeIdentifier | Kind::QualifiedIdentifier | Kind::TemplateType)
        });
        if named && !declared.indirect {
            self.b.type_parameter(name, None);
        }
    }

    /// The arguments of a template.
    pub(super) fn template_arguments(&mut self, list: Node<'_>) -> Vec<ExprId> {
        let mut arguments = Vec::new();
        for child in list.children().filter(|child| !is_trivia(*child)) {
            let argument = match Kind::of(child) {
                Kind::TypeDescriptor => self.ty(child),
                _ => self.expr(child),
            };
            arguments.push(argument);
        }
        arguments
    }

    /// A path of any length, its last segment used in `role`, looked up in `space`.
    pub(super) fn path(&mut self, node: Node<'_>, role: Role, space: Space) -> ExprId {
        let (expr, name) = self.path_silent(node, space);
        if let Some(name) = name {
            let (id, bare) = (self.token_name(name), self.bare(expr));
            self.b.occurrence_at(role, bare, id, self.token_span(name), None);
        }
        expr
    }

    /// A path whose last segment, given back, is left to the caller to record.
    pub(super) fn path_silent<'n>(&mut self, node: Node<'n>, space: Space) -> (ExprId, Option<Node<'n>>) {
        let mut base = Base::Scope(self.b.scope());
        let mut node = node;
        loop {
            if Kind::of(node) != Kind::QualifiedIdentifier {
                return self.segment(node, base, space);
            }
            base = match Field::Scope.of(node) {
                Some(scope) => {
                    let (expr, name) = self.segment(scope, base, Space::Type);
                    if let Some(name) = name {
                        let bare = self.bare(expr);
                        self.b.occurrence(Role::Type, bare, name);
                    }
                    Base::Expr(expr)
                }
                // `::name` is a name of the global namespace.
                None => Base::Scope(ScopeId(0)),
            };
            match Field::Name.of(node) {
                Some(name) => node = name,
                None => return (self.b.unknown(), None),
            }
        }
    }

    /// One segment of a path below `base`, and the token that names it.
    fn segment<'n>(&mut self, node: Node<'n>, base: Base, space: Space) -> (ExprId, Option<Node<'n>>) {
        match Kind::of(node) {
            Kind::TemplateType | Kind::TemplateFunction | Kind::TemplateMethod => {
                let arguments = Field::Arguments.of(node).map(|list| self.template_arguments(list)).unwrap_or_default();
                let Some(name) = Field::Name.of(node) else { return (self.b.unknown(), None) };
                let (head, _) = self.segment(name, base, space);
                let args = self.b.list(&arguments);
                (self.b.expr(Expr::Apply { base: head, args }), Some(name))
            }
            Kind::DependentName | Kind::PointerTypeDeclarator => {
                match node.children().find(|child| !is_trivia(*child)) {
                    Some(inner) => self.deeper(|visitor| visitor.segment(inner, base, space)),
                    None => (self.b.unknown(), None),
                }
            }
            Kind::Decltype => (self.ty(node), None),
            _ => {
                let name = self.token_name(node);
                let expr = match base {
                    Base::Expr(base) => self.b.expr(Expr::Member { base, name }),
                    Base::Scope(scope) => self.b.expr(Expr::Name { name, scope, at: node.start(), space }),
                };
                (expr, Some(node))
            }
        }
    }

    /// What the name alone denotes, template arguments aside.
    pub(super) fn bare(&self, expr: ExprId) -> ExprId {
        match self.b.facts().expr(expr) {
            Expr::Apply { base, .. } => base,
            _ => expr,
        }
    }

    /// The name of a token as definitions and uses have in common: no white space in `operator ==`.
    pub(super) fn token_name(&mut self, node: Node<'_>) -> NameId {
        match Kind::of(node) {
            Kind::OperatorName => {
                let text = operator_text(&self.b.text(node));
                self.b.intern(&text)
            }
            Kind::OperatorCast => {
                let text: String = super::one_line(&self.b.text_of(self.token_span(node)));
                self.b.intern(&text)
            }
            Kind::TemplateFunction | Kind::TemplateMethod => match Field::Name.of(node) {
                Some(name) => self.b.name(name),
                None => self.b.name(node),
            },
            Kind::DestructorName => {
                let text: String = self.b.text(node).split_whitespace().collect();
                self.b.intern(&text)
            }
            _ => self.b.name(node),
        }
    }

    /// The token that names: `operator bool` without the parameters.
    pub(super) fn token_span(&self, node: Node<'_>) -> Span {
        match Kind::of(node) {
            Kind::OperatorCast => {
                let list = conversion_function(node).and_then(|function| Field::Parameters.of(function));
                let end = list.map_or(node.end(), |list| list.start());
                let text = Span::new(node.start(), end).slice(self.b.source());
                Span::new(node.start(), node.start() + text.trim_ascii_end().len() as u32)
            }
            Kind::TemplateFunction | Kind::TemplateMethod => Field::Name.of(node).unwrap_or(node).span(),
            _ => node.span(),
        }
    }

    /// Visits a lambda's or requirement's parameters in a scope of their own.
    pub(super) fn parameter_scope<R>(
        &mut self,
        list: Option<Node<'_>>,
        visit: impl FnOnce(&mut Visitor<'_, 's>) -> R,
    ) -> R {
        self.in_scope(ScopeKind::Function, |visitor| {
            if let Some(list) = list {
                visitor.parameters(list, None);
            }
            visit(visitor)
        })
    }
}

/// The declarator inside another one.
fn inner_declarator(node: Node<'_>) -> Option<Node<'_>> {
    Field::Declarator.of(node).or_else(|| {
        node.children().find(|child| {
            !is_trivia(*child)
                && !matches!(Kind::of(*child), Kind::Other | Kind::TrailingReturnType | Kind::VirtualSpecifier)
                && !Field::Parameters.is(*child)
                && !Field::Size.is(*child)
        })
    })
}

/// Whether a function declarator declares a function, not a pointer to one: nothing but parentheses between it
/// and the name.
fn names_directly(node: Node<'_>) -> bool {
    let mut next = inner_declarator(node);
    while let Some(inner) = next {
        match Kind::of(inner) {
            Kind::ParenthesizedDeclarator | Kind::AttributedDeclarator => next = inner_declarator(inner),
            Kind::PointerDeclarator
            | Kind::PointerTypeDeclarator
            | Kind::ReferenceDeclarator
            | Kind::ArrayDeclarator
            | Kind::FunctionDeclarator => return false,
            _ => return true,
        }
    }
    false
}

/// The part of `operator bool() const` with the parameters.
fn conversion_function(cast: Node<'_>) -> Option<Node<'_>> {
    let mut next = Field::Declarator.of(cast);
    while let Some(node) = next {
        if Kind::of(node) == Kind::AbstractFunctionDeclarator {
            return Some(node);
        }
        next = inner_declarator(node);
    }
    None
}

/// The name a declarator declares and, if that is a function, the declarator with its parameters. Visits nothing.
pub(super) fn outline(declarator: Node<'_>) -> Option<(Node<'_>, Option<Node<'_>>)> {
    let (mut node, mut function) = (declarator, None);
    while !is_name(node) {
        if Kind::of(node) == Kind::FunctionDeclarator && names_directly(node) {
            function = Some(node);
        }
        node = inner_declarator(node)?;
    }
    let last = last_segment(node);
    if Kind::of(last) == Kind::OperatorCast {
        function = conversion_function(last);
    }
    Some((node, function))
}

/// `f` of `a::b::f`.
pub(super) fn last_segment(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while Kind::of(node) == Kind::QualifiedIdentifier
        && let Some(name) = Field::Name.of(node)
    {
        node = name;
    }
    node
}

/// Whether a declarator is the declared name itself.
fn is_name(node: Node<'_>) -> bool {
    matches!(
        Kind::of(node),
        Kind::Identifier
            | Kind::FieldIdentifier
            | Kind::TypeIdentifier
            | Kind::PrimitiveType
            | Kind::QualifiedIdentifier
            | Kind::DestructorName
            | Kind::OperatorName
            | Kind::OperatorCast
            | Kind::TemplateFunction
            | Kind::TemplateMethod
            | Kind::StructuredBinding
    )
}

/// `operator==` for `operator ==`; words keep one blank: `operator new`.
fn operator_text(text: &str) -> String {
    let rest = text.trim_start_matches("operator").trim();
    let compact: String = rest.split_whitespace().collect();
    let is_word = compact.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if is_word { format!("operator {}", super::one_line(rest)) } else { format!("operator{compact}") }
}
