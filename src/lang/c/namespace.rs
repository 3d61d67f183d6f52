//! Namespaces, their other names, and `using`.

use crate::model::{Expr, ExprId, ImportPath, ImportShape, Marks, Node, Role, ScopeKind, Space, Span, SymbolKind};

use super::visit::{Before, Field, Kind, Visitor};

impl Visitor<'_, '_> {
    pub(super) fn namespace(&mut self, node: Node<'_>, before: Before) {
        let Some(body) = Field::Body.of(node) else { return };
        let mut names = Vec::new();
        if let Some(name) = Field::Name.of(node) {
            namespace_names(name, &mut names);
        }
        let head = self.b.text_of(Span::new(node.start(), names.first().map_or(body.start(), |name| name.start())));
        let transparent = names.is_empty() || head.trim_start().starts_with("inline");
        self.namespace_level(node, body, &names, transparent, before);
    }

    /// Opens the namespaces `names` one in the other, around `body`.
    fn namespace_level(
        &mut self,
        node: Node<'_>,
        body: Node<'_>,
        names: &[Node<'_>],
        transparent: bool,
        before: Before,
    ) {
        let (id, span) = match names.first() {
            Some(name) => (self.b.name(*name), name.span()),
            None => (self.b.intern("<anonymous>"), Span::new(node.start(), node.start())),
        };
        let mut definition = self.definition(SymbolKind::Namespace, id, span, node, before).body(Some(body));
        if names.is_empty() {
            definition = definition.member();
            definition.marks.add(Marks::STATIC);
        }
        let symbol = self.define(definition);
        let (outer, since) = (self.b.scope(), self.b.facts().bindings.len());
        let inner = self.in_symbol(symbol, ScopeKind::Module, |visitor| {
            visitor.place.internal |= names.is_empty();
            match names {
                [] | [_] => visitor.items(body),
                [_, rest @ ..] => {
                    visitor.deeper(|visitor| visitor.namespace_level(node, body, rest, false, Before::default()));
                }
            }
            visitor.b.scope()
        });
        if transparent {
            self.lift(since, inner, outer);
        }
    }

    /// `namespace fs = std::filesystem;`
    pub(super) fn namespace_alias(&mut self, node: Node<'_>) {
        let Some(name) = Field::Name.of(node) else { return };
        let target = node.children().find(|child| {
            !Field::Name.is(*child)
                && matches!(Kind::of(*child), Kind::NamespaceIdentifier | Kind::NestedNamespaceSpecifier)
        });
        let Some(target) = target else { return };
        let mut names = Vec::new();
        namespace_names(target, &mut names);
        let Some(path) = self.namespace_path(&names) else { return };
        let bound = self.b.name(name);
        self.b.import(ImportPath::Expr(path), ImportShape::Whole, Some(bound), true, node.span());
    }

    /// The path `a::b`, each segment an import.
    fn namespace_path(&mut self, names: &[Node<'_>]) -> Option<ExprId> {
        let mut path: Option<ExprId> = None;
        for name in names {
            let id = self.b.name(*name);
            let expr = match path {
                Some(base) => self.b.expr(Expr::Member { base, name: id }),
                None => self.b.name_expr(*name, Space::Type),
            };
            self.b.occurrence(Role::Import, expr, *name);
            path = Some(expr);
        }
        path
    }

    /// `using namespace a;`, `using enum E;`, `using a::b;`
    pub(super) fn using(&mut self, node: Node<'_>) {
        let Some(target) =
            node.children().find(|child| matches!(Kind::of(*child), Kind::Identifier | Kind::QualifiedIdentifier))
        else {
            return;
        };
        let head = self.b.text_of(Span::new(node.start(), target.start()));
        let whole = head.contains("namespace") || head.contains("enum");
        if whole || Kind::of(target) == Kind::Identifier {
            let path = self.path(target, Role::Import, Space::Type);
            if whole {
                self.b.import(ImportPath::Expr(path), ImportShape::Glob, None, true, node.span());
            }
            return;
        }
        let (path, name) = self.path_silent(target, Space::Any);
        let Some(name) = name else { return };
        self.b.occurrence(Role::Import, path, name);
        let Expr::Member { base, name: member } = self.b.facts().expr(path) else { return };
        // `using Base::Base;` inherits constructors and declares no name.
        if self.last_name(base) != Some(member) {
            self.b.import(ImportPath::Expr(base), ImportShape::Member(member), Some(member), true, node.span());
        }
    }
}

/// The names of `a::b` in order.
fn namespace_names<'n>(node: Node<'n>, names: &mut Vec<Node<'n>>) {
    // The grammar nests to the right; a loop needs no stack.
    let mut next = Some(node);
    while let Some(node) = next.take() {
        if Kind::of(node) != Kind::NestedNamespaceSpecifier {
            names.push(node);
            return;
        }
        for child in node.children().filter(|child| Kind::of(*child) != Kind::Comment) {
            match Kind::of(child) {
                Kind::NestedNamespaceSpecifier => next = Some(child),
                _ => names.push(child),
            }
        }
    }
}
