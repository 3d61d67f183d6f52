//! `use` declarations and `extern crate`.

use crate::model::{ExprId, ImportPath, ImportShape, Node, Role, Space, Visibility};

use super::visit::{Field, Kind, Visitor};

impl Visitor<'_, '_> {
    pub(super) fn extern_crate(&mut self, node: Node<'_>) {
        let Some(name) = Field::Name.of(node) else { return };
        let bound = Field::Alias.of(node).unwrap_or(name);
        let bound = self.b.name(bound);
        let path = self.b.name(name);
        let reexport = self.visibility(node) != Visibility::Private;
        self.b.import(ImportPath::Specifier(path), ImportShape::Whole, Some(bound), reexport, node.span());
    }

    pub(super) fn use_declaration(&mut self, node: Node<'_>) {
        let reexport = self.visibility(node) != Visibility::Private;
        if let Some(argument) = Field::Argument.of(node) {
            self.use_tree(argument, None, reexport);
        }
    }

    /// One branch of a `use` tree below the path `base`.
    fn use_tree(&mut self, node: Node<'_>, base: Option<ExprId>, reexport: bool) {
        match Kind::of(node) {
            Kind::UseList => {
                for child in node.children() {
                    self.use_tree(child, base, reexport);
                }
            }
            Kind::ScopedUseList => {
                let base = match Field::Path.of(node) {
                    Some(path) => Some(self.use_path(path, base)),
                    None => base,
                };
                if let Some(list) = Field::List.of(node) {
                    self.b.deeper(|b| Visitor { b }.use_tree(list, base, reexport));
                }
            }
            Kind::UseWildcard => {
                let path = node.children().next();
                let Some(expr) = path.map(|path| self.use_path(path, base)).or(base) else { return };
                self.b.import(ImportPath::Expr(expr), ImportShape::Glob, None, reexport, node.span());
            }
            Kind::UseAsClause => {
                let (Some(path), Some(alias)) = (Field::Path.of(node), Field::Alias.of(node)) else { return };
                let expr = self.use_path(path, base);
                let bound = (!self.b.is(alias, "_")).then(|| self.b.name(alias));
                self.b.import(ImportPath::Expr(expr), ImportShape::Whole, bound, reexport, node.span());
            }
            Kind::SelfKeyword if base.is_some() => self.use_self(node, base, reexport),
            Kind::Identifier | Kind::ScopedIdentifier | Kind::Crate | Kind::Super | Kind::SelfKeyword => {
                let expr = self.use_path(node, base);
                let bound = Field::Name.of(node).unwrap_or(node);
                let bound = self.b.name(bound);
                self.b.import(ImportPath::Expr(expr), ImportShape::Whole, Some(bound), reexport, node.span());
            }
            _ => {}
        }
    }

    /// `use a::b::{self}` binds `b`.
    fn use_self(&mut self, node: Node<'_>, base: Option<ExprId>, reexport: bool) {
        let Some(expr) = base else { return };
        let bound = match self.b.facts().expr(expr) {
            crate::model::Expr::Name { name, .. } | crate::model::Expr::Member { name, .. } => name,
            _ => return,
        };
        self.b.import(ImportPath::Expr(expr), ImportShape::Whole, Some(bound), reexport, node.span());
    }

    /// A path inside `use`, below `base`, each segment an occurrence.
    fn use_path(&mut self, path: Node<'_>, base: Option<ExprId>) -> ExprId {
        self.b.deeper(|b| {
            let mut visitor = Visitor { b };
            if Kind::of(path) == Kind::ScopedIdentifier {
                let base = match Field::Path.of(path) {
                    Some(inner) => Some(visitor.use_path(inner, base)),
                    None => base,
                };
                return match Field::Name.of(path) {
                    Some(name) => visitor.use_segment(name, base),
                    None => visitor.b.unknown(),
                };
            }
            visitor.use_segment(path, base)
        })
    }

    fn use_segment(&mut self, node: Node<'_>, base: Option<ExprId>) -> ExprId {
        let expr = match base {
            Some(base) => {
                let name = self.b.name(node);
                self.b.expr(crate::model::Expr::Member { base, name })
            }
            None => self.b.name_expr(node, Space::Any),
        };
        self.b.occurrence(Role::Import, expr, node);
        expr
    }
}
