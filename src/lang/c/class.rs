//! Types that C and C++ define: classes, structs, unions, enums, and other names of types.

use crate::model::{
    Expr, ExprId, Marks, NameId, Node, RelationKind, Role, ScopeKind, Space, Span, SymbolId, SymbolKind, Visibility,
};

use super::ty::last_segment;
use super::visit::{Before, Field, Kind, Level, Visitor, is_trivia};

/// The name of a type under definition.
struct TypeName<'n> {
    /// What the definition spans: the specifier, or the whole `typedef`.
    whole: Node<'n>,
    /// The name as written; none for unnamed types.
    name: Option<Node<'n>>,
}

impl<'s> Visitor<'_, 's> {
    /// A class, struct or union: its definition, its declaration if it stands `alone`, or a mention. `given` is
    /// the `typedef` around an unnamed one, and the name found there.
    pub(super) fn class<'n>(
        &mut self,
        node: Node<'n>,
        before: Before,
        given: Option<(Node<'n>, Node<'n>)>,
        alone: bool,
    ) -> ExprId {
        let kind = match Kind::of(node) {
            Kind::ClassSpecifier => SymbolKind::Class,
            Kind::UnionSpecifier => SymbolKind::Union,
            _ => SymbolKind::Struct,
        };
        let Some(type_name) = self.type_name(node, given, alone) else { return self.tag(node) };
        let body = Field::Body.of(node);
        let unnamed_member = alone && type_name.name.is_none();
        if let Some(body) = body.filter(|_| unnamed_member && self.level() == Level::Class) {
            // The members of an unnamed union or struct are members of the class around.
            self.items(body);
            return self.b.unknown();
        }
        let since = self.b.facts().bindings.len();
        let symbol = self.type_definition(node, &type_name, kind, before);
        if body.is_none() {
            // A declaration only names the type, which may be defined below or elsewhere.
            let name = self.b.facts().symbol(symbol).name;
            return self.b.name_at(name, node.start(), Space::Tag);
        }
        for clause in node.children().filter(|child| Kind::of(*child) == Kind::BaseClassClause) {
            self.within(symbol, |visitor| visitor.bases(clause, symbol));
        }
        let access = if kind == SymbolKind::Class { Visibility::Private } else { Visibility::Public };
        let home = self.home();
        if let Some(body) = body {
            let inner = self.in_symbol(symbol, ScopeKind::Class, |visitor| {
                visitor.place.access = access;
                visitor.place.internal = false;
                visitor.items(body);
                visitor.b.scope()
            });
            if unnamed_member {
                self.lift(since, inner, home);
            }
        }
        self.b.expr(Expr::Symbol(symbol))
    }

    /// What to call the type; none if `node` only mentions one.
    fn type_name<'n>(
        &mut self,
        node: Node<'n>,
        given: Option<(Node<'n>, Node<'n>)>,
        alone: bool,
    ) -> Option<TypeName<'n>> {
        if let Some((whole, name)) = given {
            return Some(TypeName { whole, name: Some(name) });
        }
        let declares = Field::Body.of(node).is_some() || alone && !self.place.friend;
        declares.then(|| TypeName { whole: node, name: Field::Name.of(node) })
    }

    /// `struct x` as a type.
    fn tag(&mut self, node: Node<'_>) -> ExprId {
        match Field::Name.of(node) {
            Some(name) => self.path(name, Role::Type, Space::Tag),
            None => self.b.unknown(),
        }
    }

    fn type_definition(&mut self, node: Node<'_>, named: &TypeName<'_>, kind: SymbolKind, before: Before) -> SymbolId {
        let token = named.name.map(|name| last_segment(name));
        let (id, span) = match token {
            Some(token) => (self.token_of_type(token), self.name_of_type(token).span()),
            None => (self.b.intern("<anonymous>"), Span::new(node.start(), node.start())),
        };
        let mut definition = self.definition(kind, id, span, named.whole, before);
        let body = Field::Body.of(node);
        definition.signature = Span::new(node.start(), body.map_or(node.end(), |body| body.start()));
        if body.is_none() {
            definition.marks.add(Marks::DECLARATION);
        }
        if node.children().any(|child| Kind::of(child) == Kind::VirtualSpecifier) {
            definition.marks.add(Marks::FINAL);
        }
        let mut owner = None;
        match token {
            None => definition = definition.member(),
            Some(token) if Kind::of(token) == Kind::TemplateType => {
                // A specialisation is found through the template it belongs to.
                definition = definition.member();
                let arguments = Field::Arguments.of(token).map(|list| super::one_line(&self.b.text(list)));
                definition.qualifier = arguments.map(|text| self.b.intern(&text));
                self.path_silent(token, Space::Type);
            }
            Some(_) => {}
        }
        if let Some(name) = named.name.filter(|name| Kind::of(*name) == Kind::QualifiedIdentifier) {
            let (path, _) = self.path_silent(name, Space::Type);
            if let Expr::Member { base, .. } = self.b.facts().expr(self.bare(path)) {
                owner = Some(base);
                definition = definition.member();
                let scope = Field::Scope.of(name).map(|scope| super::one_line(&self.b.text(scope)));
                definition.qualifier = scope.map(|text| self.b.intern(&text));
            }
        }
        let symbol = self.define(definition);
        if let Some(owner) = owner {
            self.b.relation(symbol, RelationKind::MemberOf, owner);
        }
        symbol
    }

    fn token_of_type(&mut self, token: Node<'_>) -> NameId {
        let name = self.name_of_type(token);
        self.b.name(name)
    }

    /// `Q` of `Q<int>`.
    fn name_of_type<'n>(&self, token: Node<'n>) -> Node<'n> {
        match Kind::of(token) {
            Kind::TemplateType => Field::Name.of(token).unwrap_or(token),
            _ => token,
        }
    }

    fn bases(&mut self, clause: Node<'_>, symbol: SymbolId) {
        for base in clause.children() {
            if is_trivia(base) || Kind::of(base) == Kind::AccessSpecifier {
                continue;
            }
            let target = self.ty_in_role(base, Role::Inherit);
            self.b.relation(symbol, RelationKind::Extends, target);
        }
    }

    /// An enum: its definition, its declaration if it stands `alone`, or a mention.
    pub(super) fn enumeration<'n>(
        &mut self,
        node: Node<'n>,
        before: Before,
        given: Option<(Node<'n>, Node<'n>)>,
        alone: bool,
    ) -> ExprId {
        let Some(type_name) = self.type_name(node, given, alone) else { return self.tag(node) };
        let body = Field::Body.of(node);
        let base = Field::Base.of(node).or_else(|| Field::UnderlyingType.of(node));
        if let Some(body) = body.filter(|_| alone && type_name.name.is_none()) {
            // Constants of an unnamed enum are constants of the scope around.
            if let Some(base) = base {
                self.ty(base);
            }
            self.items(body);
            return self.b.unknown();
        }
        let (home, since) = (self.home(), self.b.facts().bindings.len());
        let symbol = self.type_definition(node, &type_name, SymbolKind::Enum, before);
        if let Some(base) = base {
            let ty = self.within(symbol, |visitor| visitor.ty(base));
            self.b.symbol_mut(symbol).ty = Some(ty);
        }
        if let Some(body) = body {
            let inner = self.in_symbol(symbol, ScopeKind::Class, |visitor| {
                visitor.items(body);
                visitor.b.scope()
            });
            if self.place.cpp && !self.is_scoped(node) {
                self.lift(since, inner, home);
            }
        }
        self.b.expr(Expr::Symbol(symbol))
    }

    /// `enum class`.
    fn is_scoped(&self, node: Node<'_>) -> bool {
        let end = Field::Name.of(node).map_or(node.start(), |name| name.start());
        let head = self.b.text_of(Span::new(node.start(), end));
        head.split_whitespace().any(|word| matches!(word, "class" | "struct"))
    }

    pub(super) fn enumerator(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let id = self.b.name(name);
        let mut definition = self.definition(SymbolKind::EnumMember, id, name.span(), node, before);
        if self.level() == Level::Class && self.place.access != Visibility::Private {
            definition.visibility = Visibility::Public;
        }
        let enumeration = self.b.symbol().filter(|id| self.b.facts().symbol(*id).kind == SymbolKind::Enum);
        definition.ty = enumeration.map(|symbol| self.b.expr(Expr::Symbol(symbol)));
        let symbol = self.define(definition);
        if let Some(value) = Field::Value.of(node) {
            self.within(symbol, |visitor| visitor.expr(value));
        }
    }

    /// The class that `this` is an instance of: the class around, or the member defined outside it.
    pub(super) fn this_symbol(&self) -> Option<SymbolId> {
        self.b.nearest_symbol(|symbol| {
            let is_class = matches!(symbol.kind, SymbolKind::Class | SymbolKind::Struct | SymbolKind::Union);
            let is_member =
                matches!(symbol.kind, SymbolKind::Method | SymbolKind::Constructor | SymbolKind::Destructor);
            is_class || is_member && symbol.qualifier.is_some()
        })
    }

    // Names of types

    /// `typedef T a, *b;`; a type without name gets the first of these.
    pub(super) fn typedef(&mut self, node: Node<'_>, before: Before) {
        let Some(ty) = Field::Type.of(node) else {
            self.each(node);
            return;
        };
        let declarators = || node.children().filter(|child| Field::Declarator.is(*child));
        let nameless = Field::Body.of(ty).is_some() && Field::Name.of(ty).is_none();
        let given = declarators().next().filter(|first| nameless && Kind::of(*first) == Kind::TypeIdentifier);
        let whole = given.map(|name| (node, name));
        let written = match Kind::of(ty) {
            // `typedef struct x x;` declares the tag as well.
            Kind::ClassSpecifier | Kind::StructSpecifier | Kind::UnionSpecifier => {
                Some(self.class(ty, before, whole, !nameless))
            }
            Kind::EnumSpecifier => Some(self.enumeration(ty, before, whole, !nameless)),
            _ => self.qualified_type(node),
        };
        for declarator in declarators().skip(usize::from(given.is_some())) {
            let Some(declared) = self.declared(declarator, written) else { continue };
            let mut aliased = declared.ty;
            if let Some(function) = declared.function {
                let result = aliased.unwrap_or_else(|| self.b.unknown());
                aliased = Some(self.wrapped(function, result));
            }
            let name = self.b.name(declared.name);
            let mut definition = self.definition(SymbolKind::TypeAlias, name, declared.name.span(), node, before);
            definition.ty = aliased;
            if self.is_assertion(declarator) {
                definition.marks.add(Marks::FOREIGN);
            }
            self.define(definition);
        }
    }

    /// `typedef char check[sizeof(int) == 4 ? 1 : -1];`: nobody names it, the compiler refuses it if it does not hold.
    fn is_assertion(&self, declarator: Node<'_>) -> bool {
        let size = Field::Size.of(declarator).map(|size| self.b.text(size));
        Kind::of(declarator) == Kind::ArrayDeclarator
            && size.is_some_and(|size| size.contains(['?', '!', '<', '>']) || size.contains("=="))
    }

    /// `using A = T;`
    pub(super) fn alias(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let id = self.b.name(name);
        let definition = self.definition(SymbolKind::TypeAlias, id, name.span(), node, before);
        let symbol = self.define(definition);
        let ty = self.within(symbol, |visitor| Field::Type.of(node).map(|ty| visitor.ty(ty)));
        self.b.symbol_mut(symbol).ty = ty;
    }
}
