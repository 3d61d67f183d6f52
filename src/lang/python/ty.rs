//! Annotations. The special forms of `typing` become what they mean: `Optional[X]` a union, `list[X]` a list,
//! `type[X]` the class itself.

use crate::model::{Expr, ExprId, Literal, Node, Role};

use super::visit::{Field, Kind, Visitor, is_trivia};

/// Names of `typing` that mean something to linking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    /// `TypeAlias`.
    Alias,
    /// `Annotated`: the first argument.
    Annotated,
    /// `Any`.
    Any,
    /// `Callable`.
    Callable,
    /// `cast`, a function.
    Cast,
    /// `type`, `Type`.
    ClassObject,
    /// `Final`: the argument, and no assignment to it.
    Final,
    /// `Literal`.
    Literal,
    /// `Optional`.
    Optional,
    /// `Self`.
    SelfType,
    /// Anything whose first argument is what iterating gives.
    Sequence,
    /// `ClassVar`, `Required` and so on: the argument.
    Transparent,
    /// `Tuple`.
    Tuple,
    /// `TypeVar`, a function.
    TypeVariable,
    /// `Union`.
    Union,
}

impl Special {
    /// What a name of `typing`, `typing_extensions`, `collections.abc` or `collections` means.
    pub(super) fn of_typing(name: &str) -> Option<Self> {
        Some(match name {
            "TypeAlias" => Self::Alias,
            "Annotated" => Self::Annotated,
            "Any" => Self::Any,
            "Callable" => Self::Callable,
            "cast" => Self::Cast,
            "Type" => Self::ClassObject,
            "Final" => Self::Final,
            "Literal" => Self::Literal,
            "Optional" => Self::Optional,
            "Self" => Self::SelfType,
            "AbstractSet" | "AsyncGenerator" | "AsyncIterable" | "AsyncIterator" | "Collection" | "Deque"
            | "FrozenSet" | "Generator" | "Iterable" | "Iterator" | "List" | "MutableSequence" | "MutableSet"
            | "Reversible" | "Sequence" | "Set" | "ValuesView" | "KeysView" | "deque" => Self::Sequence,
            "ClassVar" | "NotRequired" | "ReadOnly" | "Required" | "TypeGuard" | "TypeIs" | "Unpack" => {
                Self::Transparent
            }
            "Tuple" => Self::Tuple,
            "TypeVar" => Self::TypeVariable,
            "Union" => Self::Union,
            _ => return None,
        })
    }

    fn of_builtin(name: &str) -> Option<Self> {
        Some(match name {
            "list" | "set" | "frozenset" => Self::Sequence,
            "tuple" => Self::Tuple,
            "type" => Self::ClassObject,
            _ => return None,
        })
    }

    /// Whether `X = Special[...]` names a type rather than a value.
    pub(super) fn makes_alias(self) -> bool {
        !matches!(self, Self::Cast | Self::TypeVariable | Self::Alias | Self::Any)
    }
}

/// What an annotation says of a name.
#[derive(Clone, Copy)]
pub(super) struct Declared {
    /// The type.
    pub(super) ty: ExprId,
    /// The value itself, where the annotation is `type[X]`: the class `X`.
    pub(super) value: Option<ExprId>,
}

impl Visitor<'_, '_> {
    /// An annotation of a parameter, variable or result.
    pub(super) fn declared(&mut self, annotation: Node<'_>) -> Declared {
        let ty = self.ty(annotation);
        Declared { ty, value: self.class_object(ty) }
    }

    /// `X` of `type[X]` and `Optional[type[X]]`.
    fn class_object(&mut self, ty: ExprId) -> Option<ExprId> {
        match self.b.facts().expr(ty) {
            Expr::Function { result } if self.state.class_objects.contains(&ty) => Some(result),
            Expr::Union { items } => {
                let items = self.b.facts().list(items).to_vec();
                let is_null = |expr: &ExprId| self.b.facts().expr(*expr) == Expr::Literal(Literal::Null);
                let known: Vec<ExprId> = items.into_iter().filter(|item| !is_null(item)).collect();
                let classes: Option<Vec<ExprId>> = known.iter().map(|item| self.class_object(*item)).collect();
                classes.filter(|classes| !classes.is_empty()).map(|classes| self.b.union(&classes))
            }
            _ => None,
        }
    }

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
            Kind::Type | Kind::ParenthesizedExpression | Kind::ConstrainedType => self.only_type(node, role),
            Kind::Identifier | Kind::Attribute | Kind::MemberType => self.type_name(node, role),
            Kind::GenericType | Kind::Subscript => self.generic(node, role),
            Kind::BinaryOperator | Kind::UnionType => {
                let items: Vec<ExprId> = self.types(node);
                self.b.union(&items)
            }
            Kind::None => self.b.literal(Literal::Null),
            Kind::String => self.quoted(node),
            Kind::List | Kind::Tuple => {
                let items = self.types(node);
                let items = self.b.list(&items);
                self.b.expr(Expr::Tuple { items })
            }
            Kind::SplatType | Kind::ListSplat | Kind::Ellipsis => {
                self.types(node);
                self.b.unknown()
            }
            _ => self.expr_here(node),
        }
    }

    fn only_type(&mut self, node: Node<'_>, role: Role) -> ExprId {
        match node.children().find(|child| !is_trivia(*child)) {
            Some(inner) => self.ty_in_role(inner, role),
            None => self.b.unknown(),
        }
    }

    fn types(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let inner: Vec<Node<'_>> = node.children().filter(|child| !is_trivia(*child)).collect();
        inner.into_iter().map(|child| self.ty(child)).collect()
    }

    /// `X` or `a.b.X`.
    fn type_name(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let special = self.special(node);
        let (expr, name) = self.type_path(node);
        if let Some(name) = name {
            self.b.occurrence(role, expr, name);
        }
        self.bare(special, expr)
    }

    /// What a name means as a type by itself.
    pub(super) fn bare(&mut self, special: Option<Special>, expr: ExprId) -> ExprId {
        match special {
            Some(Special::SelfType) => match self.enclosing_class() {
                Some(class) => self.b.expr(Expr::Symbol(class)),
                None => self.b.unknown(),
            },
            Some(Special::Any | Special::Alias | Special::Final) => self.b.unknown(),
            Some(Special::Callable) => {
                let result = self.b.unknown();
                self.b.expr(Expr::Function { result })
            }
            _ => match self.b.facts().expr(expr) {
                Expr::Name { name, .. } => self.state.type_variables.get(&name).copied().unwrap_or(expr),
                _ => expr,
            },
        }
    }

    /// The expression of a dotted name and its last token, the last not yet recorded.
    fn type_path<'n>(&mut self, node: Node<'n>) -> (ExprId, Option<Node<'n>>) {
        if Kind::of(node) != Kind::MemberType {
            return self.callee(node);
        }
        let mut parts = node.children();
        let (Some(base), Some(name)) = (parts.next(), parts.next()) else { return (self.b.unknown(), None) };
        let base = self.ty(base);
        let id = self.b.name(name);
        (self.b.expr(Expr::Member { base, name: id }), Some(name))
    }

    /// `X[A, B]`.
    fn generic(&mut self, node: Node<'_>, role: Role) -> ExprId {
        let Some(head) = node.children().next() else { return self.b.unknown() };
        let mut special = self.special(head);
        let (base, name) = self.type_path(head);
        if let Some(name) = name {
            self.b.occurrence(role, base, name);
        }
        let arguments: Vec<Node<'_>> = if Kind::of(node) == Kind::GenericType {
            let lists = node.children().filter(|child| Kind::of(*child) == Kind::TypeParameter);
            lists.flat_map(|list| list.children()).filter(|child| !is_trivia(*child)).collect()
        } else {
            node.children().filter(|child| Field::Subscripts.is(*child)).collect()
        };
        // `tuple[X, ...]` has any number of them.
        if special == Some(Special::Tuple) && arguments.last().is_some_and(|last| self.b.is(*last, "...")) {
            special = Some(Special::Sequence);
        }
        let mut types = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.into_iter().enumerate() {
            types.push(match special {
                Some(Special::Literal) => self.plain(argument),
                Some(Special::Annotated) if index > 0 => self.plain(argument),
                _ => self.ty(argument),
            });
        }
        self.compose(special, base, &types)
    }

    /// An argument of a type that is a value.
    fn plain(&mut self, argument: Node<'_>) -> ExprId {
        match argument.children().next() {
            Some(inner) if Kind::of(argument) == Kind::Type => self.expr(inner),
            _ => self.expr(argument),
        }
    }

    /// What `base[arguments]` means as a type.
    pub(super) fn compose(&mut self, special: Option<Special>, base: ExprId, arguments: &[ExprId]) -> ExprId {
        let Some(special) = special else {
            let args = self.b.list(arguments);
            return self.b.expr(Expr::Apply { base, args });
        };
        let first = arguments.first().copied();
        match special {
            Special::Optional => {
                let null = self.b.literal(Literal::Null);
                let items: Vec<ExprId> = first.into_iter().chain([null]).collect();
                self.b.union(&items)
            }
            Special::Union | Special::Literal if !arguments.is_empty() => self.b.union(arguments),
            Special::Annotated | Special::Final | Special::Transparent => first.unwrap_or(base),
            Special::Callable => {
                let result = arguments.last().copied().unwrap_or_else(|| self.b.unknown());
                self.b.expr(Expr::Function { result })
            }
            Special::ClassObject => {
                let result = first.unwrap_or_else(|| self.b.unknown());
                let function = self.b.expr(Expr::Function { result });
                self.state.class_objects.insert(function);
                function
            }
            Special::Sequence => {
                let items = self.b.list(&arguments[..arguments.len().min(1)]);
                self.b.expr(Expr::List { items })
            }
            Special::Tuple => {
                let items = self.b.list(arguments);
                self.b.expr(Expr::Tuple { items })
            }
            _ => self.b.unknown(),
        }
    }

    /// The special form of `typing` that a name or dotted name stands for.
    pub(super) fn special(&self, node: Node<'_>) -> Option<Special> {
        match Kind::of(node) {
            Kind::Identifier => self.special_name(&self.b.text(node)),
            Kind::Attribute => {
                let (module, name) = (Field::Object.of(node)?, Field::AttributeName.of(node)?);
                self.special_member(&self.b.text(module), &self.b.text(name))
            }
            Kind::MemberType => {
                let mut parts = node.children();
                let (module, name) = (parts.next()?, parts.next()?);
                self.special_member(&self.b.text(module), &self.b.text(name))
            }
            _ => None,
        }
    }

    pub(super) fn special_name(&self, name: &str) -> Option<Special> {
        self.state.specials.get(name).copied().or_else(|| Special::of_builtin(name))
    }

    pub(super) fn special_member(&self, module: &str, name: &str) -> Option<Special> {
        self.state.special_modules.contains(module).then(|| Special::of_typing(name)).flatten()
    }
}
