//! Types of Go: type declarations with their fields and methods, and types as they are used.

use crate::lang::Definition;
use crate::model::{
    Expr, ExprId, Literal, Marks, Node, RelationKind, Role, ScopeKind, Space, Span, SymbolId, SymbolKind,
};

use super::visit::{Before, Field, Kind, Visitor, is_parameter, names_of};

/// Types every file has without declaring them; their uses are not worth recording.
const PREDECLARED: &[&str] = &[
    "any",
    "bool",
    "byte",
    "comparable",
    "complex128",
    "complex64",
    "error",
    "float32",
    "float64",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "nil",
    "rune",
    "string",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
];

impl Visitor<'_, '_> {
    /// `type T ...`, `whole` being all of it that belongs to this one type.
    pub(super) fn type_spec(&mut self, spec: Node<'_>, whole: Node<'_>, before: Before) {
        let (Some(name), Some(ty)) = (Field::Name.of(spec), Field::Type.of(spec)) else { return };
        let kind = match Kind::of(ty) {
            Kind::StructType => SymbolKind::Struct,
            Kind::InterfaceType => SymbolKind::Interface,
            _ => SymbolKind::TypeAlias,
        };
        let mut definition = self.definition(whole, name, kind, before);
        if !self.at_top() {
            definition.visible_from = Some(name.start());
            self.note_container(spec);
        }
        if let Some(open) = self.opening_brace(ty) {
            definition.signature.end = open;
        }
        let symbol = self.b.define(definition);
        let aliased = self.in_symbol(symbol, ScopeKind::Class, |visitor| {
            visitor.type_parameters(spec);
            if kind != SymbolKind::TypeAlias {
                visitor.members(ty, symbol);
                return None;
            }
            let aliased = visitor.ty(ty);
            if Kind::of(spec) == Kind::TypeAlias {
                return Some(aliased);
            }
            if visitor.is_declared_type(ty) {
                visitor.b.relation(symbol, RelationKind::Extends, aliased);
                return None;
            }
            // `type X int` is no other name for `int`: its values are typed by it, which is what an alias is not.
            Some(visitor.b.expr(Expr::Typed { ty: aliased }))
        });
        self.b.symbol_mut(symbol).ty = aliased;
    }

    /// Whether `type X Y` makes a type of its own, with its own methods, over the declared type `Y`.
    fn is_declared_type(&mut self, ty: Node<'_>) -> bool {
        match Kind::of(ty) {
            Kind::TypeIdentifier => !PREDECLARED.contains(&self.b.text(ty).as_ref()),
            kind => matches!(kind, Kind::QualifiedType | Kind::GenericType),
        }
    }

    /// Where the body of a struct or interface type starts.
    fn opening_brace(&self, ty: Node<'_>) -> Option<u32> {
        if !matches!(Kind::of(ty), Kind::StructType | Kind::InterfaceType) {
            return None;
        }
        let text = ty.span().slice(self.b.source());
        text.iter().position(|byte| *byte == b'{').map(|offset| ty.start() + offset as u32)
    }

    /// Type parameters, declared in the current scope.
    pub(super) fn type_parameters(&mut self, node: Node<'_>) {
        let list = Field::TypeParams.of(node);
        for parameter in list.iter().flat_map(|list| list.children()) {
            let bound = Field::Type.of(parameter).map(|bound| self.ty(bound));
            for name in names_of(parameter) {
                let name = self.b.name(name);
                self.b.type_parameter(name, bound);
            }
        }
    }

    /// The fields of a struct type or the methods of an interface type, members of `symbol`.
    fn members(&mut self, ty: Node<'_>, symbol: SymbolId) {
        let list = ty.children().find(|child| Kind::of(*child) == Kind::FieldDeclarationList).unwrap_or(ty);
        let mut before = Before::default();
        for member in list.children() {
            match Kind::of(member) {
                Kind::Comment => {
                    self.comment(member, &mut before);
                    continue;
                }
                Kind::FieldDeclaration => self.field(member, symbol, before),
                Kind::MethodElem => self.interface_method(member, before),
                Kind::TypeElem => self.type_element(member, symbol),
                _ => {
                    self.expr(member);
                }
            }
            before = Before::default();
        }
    }

    fn field(&mut self, node: Node<'_>, owner: SymbolId, before: Before) {
        let Some(ty) = Field::Type.of(node) else { return };
        let names = names_of(node);
        if names.is_empty() {
            return self.embedded_field(node, ty, owner, before);
        }
        let fields: Vec<SymbolId> = names
            .iter()
            .map(|name| {
                let mut definition = self.definition(node, *name, SymbolKind::Field, before).member();
                definition.signature.end = ty.end();
                self.b.define(definition)
            })
            .collect();
        let ty = self.in_symbol(fields[0], ScopeKind::Block, |visitor| visitor.ty(ty));
        for field in fields {
            self.b.symbol_mut(field).ty = Some(ty);
        }
    }

    /// `sync.Mutex` or `*T` in a struct: a field named like the type, whose members are the struct's too.
    fn embedded_field(&mut self, node: Node<'_>, ty: Node<'_>, owner: SymbolId, before: Before) {
        let name = last_name(ty);
        let mut definition = self.definition(node, name, SymbolKind::Field, before).member();
        definition.signature.end = ty.end();
        let field = self.b.define(definition);
        let target = self.ty_in_role(ty, Role::Inherit);
        self.b.relation(owner, RelationKind::Embeds, target);
        self.b.symbol_mut(field).ty = Some(target);
    }

    fn interface_method(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let mut definition = self.definition(node, name, SymbolKind::Method, before).member();
        definition.marks.add(Marks::ABSTRACT.with(Marks::RECEIVER));
        let symbol = self.b.define(definition);
        self.in_symbol(symbol, ScopeKind::Function, |visitor| {
            let (arity, ty) = visitor.signature(node, Some(symbol), node.end());
            let data = visitor.b.symbol_mut(symbol);
            data.arity = Some(arity);
            data.ty = ty;
        });
    }

    /// An embedded interface, or the types a constraint allows.
    fn type_element(&mut self, node: Node<'_>, owner: SymbolId) {
        let types: Vec<Node<'_>> = node.children().filter(|child| Kind::of(*child) != Kind::Comment).collect();
        match types[..] {
            [only] if matches!(Kind::of(only), Kind::TypeIdentifier | Kind::QualifiedType | Kind::GenericType) => {
                let target = self.ty_in_role(only, Role::Inherit);
                self.b.relation(owner, RelationKind::Extends, target);
            }
            _ => types.iter().for_each(|ty| {
                self.ty(*ty);
            }),
        }
    }

    /// A type; every name in it is an occurrence.
    pub(super) fn ty(&mut self, node: Node<'_>) -> ExprId {
        self.ty_in_role(node, Role::Type)
    }

    /// A type whose head is used in `role`.
    fn ty_in_role(&mut self, node: Node<'_>, role: Role) -> ExprId {
        self.deeper(|visitor| visitor.ty_here(node, role))
    }

    fn ty_here(&mut self, node: Node<'_>, role: Role) -> ExprId {
        match Kind::of(node) {
            Kind::TypeIdentifier | Kind::Identifier => self.named_type(node, role),
            Kind::QualifiedType => self.qualified_type(node, role),
            Kind::GenericType => {
                let base = self.type_in(node, Field::Type, role);
                let args = Field::TypeArgs.of(node).map(|list| self.each_type(list)).unwrap_or_default();
                let args = self.b.list(&args);
                self.b.expr(Expr::Apply { base, args })
            }
            Kind::PointerType => {
                let base = self.one_of(node, role);
                self.b.expr(Expr::Ref { base })
            }
            Kind::SliceType | Kind::ArrayType | Kind::ImplicitLengthArrayType => {
                if let Some(length) = Field::Length.of(node) {
                    self.expr(length);
                }
                self.list_type(node, Field::Element)
            }
            Kind::ChannelType => {
                let base = self.b.intern("chan");
                let base = self.b.name_at(base, node.start(), Space::Type);
                let element = self.type_in(node, Field::Value, Role::Type);
                let args = self.b.list(&[element]);
                self.b.expr(Expr::Apply { base, args })
            }
            Kind::MapType => {
                let key = self.type_in(node, Field::Key, Role::Type);
                let value = self.type_in(node, Field::Value, Role::Type);
                let base = self.b.literal(Literal::Map);
                let args = self.b.list(&[key, value]);
                self.b.expr(Expr::Apply { base, args })
            }
            Kind::FunctionType => self.function_type(node),
            Kind::StructType | Kind::InterfaceType => self.anonymous_type(node),
            Kind::ParenthesizedType | Kind::NegatedType | Kind::TypeElem | Kind::TypeConstraint => {
                self.one_of(node, role)
            }
            Kind::Comment => self.b.unknown(),
            _ => self.expr(node),
        }
    }

    fn named_type(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let text = self.b.text(node);
        if !PREDECLARED.contains(&text.as_ref()) {
            let expr = self.b.name_expr(node, Space::Type);
            self.b.occurrence(role, expr, node);
            return expr;
        }
        // Two names for one type; signatures are compared.
        let name = match text.as_ref() {
            "byte" => "uint8",
            "rune" => "int32",
            text => text,
        };
        let name = self.b.intern(name);
        self.b.name_at(name, node.start(), Space::Type)
    }

    fn qualified_type(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let (Some(package), Some(name)) = (Field::Package.of(node), Field::Name.of(node)) else {
            return self.b.unknown();
        };
        let base = self.b.name_expr(package, Space::Type);
        let id = self.b.name(name);
        let expr = self.b.expr(Expr::Member { base, name: id });
        self.b.occurrence(role, expr, name);
        expr
    }

    fn type_in(&mut self, node: Node<'_>, field: Field, role: Role) -> ExprId {
        match field.of(node) {
            Some(ty) => self.ty_in_role(ty, role),
            None => self.b.unknown(),
        }
    }

    /// A type that has one element type.
    fn list_type(&mut self, node: Node<'_>, element: Field) -> ExprId {
        let element = self.type_in(node, element, Role::Type);
        let items = self.b.list(&[element]);
        self.b.expr(Expr::List { items })
    }

    /// The types in a list, each by itself.
    pub(super) fn each_type(&mut self, list: Node<'_>) -> Vec<ExprId> {
        list.children().filter(|child| Kind::of(*child) != Kind::Comment).map(|ty| self.ty(ty)).collect()
    }

    /// One of the types that are the children of `node`.
    fn one_of(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let types = node.children().filter(|child| Kind::of(*child) != Kind::Comment);
        let types: Vec<ExprId> = types.map(|ty| self.ty_in_role(ty, role)).collect();
        if types.is_empty() { self.b.unknown() } else { self.b.union(&types) }
    }

    /// `func(A) B`; the names of its parameters mean nothing.
    fn function_type(&mut self, node: Node<'_>) -> ExprId {
        let parameters = Field::Parameters.of(node);
        for parameter in parameters.iter().flat_map(|list| list.children()).filter(|child| is_parameter(*child)) {
            self.type_in(parameter, Field::Type, Role::Type);
        }
        let result = match Field::Result.of(node) {
            Some(list) if Kind::of(list) == Kind::ParameterList => {
                let mut types = Vec::new();
                for parameter in list.children().filter(|child| is_parameter(*child)) {
                    let ty = self.type_in(parameter, Field::Type, Role::Type);
                    types.extend(std::iter::repeat_n(ty, names_of(parameter).len().max(1)));
                }
                self.tuple_type(&types)
            }
            Some(ty) => Some(self.ty(ty)),
            None => None,
        };
        self.function_giving(result)
    }

    /// A function type or value with this result.
    pub(super) fn function_giving(&mut self, result: Option<ExprId>) -> ExprId {
        let result = result.unwrap_or_else(|| {
            let items = self.b.list(&[]);
            self.b.expr(Expr::Tuple { items })
        });
        self.b.expr(Expr::Function { result })
    }

    /// A struct or interface type written where it is used. Without members nothing can be done with it.
    fn anonymous_type(&mut self, node: Node<'_>) -> ExprId {
        let (kind, name) = match Kind::of(node) {
            Kind::StructType => (SymbolKind::Struct, "<struct>"),
            _ => (SymbolKind::Interface, "<interface>"),
        };
        let body = node.children().find(|child| Kind::of(*child) == Kind::FieldDeclarationList).unwrap_or(node);
        if body.is_leaf() {
            return self.b.unknown();
        }
        if kind == SymbolKind::Interface && !body.children().any(|child| Kind::of(child) == Kind::MethodElem) {
            return self.one_of(node, Role::Type);
        }
        let keyword = Span::new(node.start(), (node.start() + name.len() as u32 - 2).min(node.end()));
        let name = self.b.intern(name);
        let mut definition = Definition::new(kind, name, keyword, node).member();
        definition.signature = keyword;
        let symbol = self.b.define(definition);
        self.in_symbol(symbol, ScopeKind::Class, |visitor| visitor.members(node, symbol));
        self.b.expr(Expr::Symbol(symbol))
    }
}

/// The token that names an embedded type.
fn last_name(ty: Node<'_>) -> Node<'_> {
    let mut node = ty;
    loop {
        let inner = match Kind::of(node) {
            Kind::GenericType => Field::Type.of(node),
            Kind::QualifiedType => Field::Name.of(node),
            Kind::PointerType | Kind::ParenthesizedType => node.children().next(),
            _ => None,
        };
        match inner {
            Some(inner) => node = inner,
            None => return node,
        }
    }
}
