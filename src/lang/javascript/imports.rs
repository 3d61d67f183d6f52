//! Import and export statements.

use crate::model::{
    Expr, ExprId, ImportPath, ImportShape, NameId, Node, Role, ScopeKind, Space, Span, SymbolId, SymbolKind,
};

use super::kinds::{Field, Kind};
use super::objects::{Holder, has_functions, is_function};
use super::visit::{Before, Context, Exported, Keywords, Known, This, Visitor};

impl<'n> Visitor<'_, '_> {
    /// `import ...`.
    pub(super) fn import_statement(&mut self, node: Node<'n>) {
        for child in node.children() {
            match Kind::of(child) {
                Kind::ImportRequire => return self.import_require(child, node.span()),
                Kind::ImportClause => {
                    let Some(source) = Field::Source.of(node) else { return };
                    let specifier = self.string(source);
                    return self.import_clause(child, specifier);
                }
                _ => {}
            }
        }
        if let Some(source) = Field::Source.of(node) {
            let path = ImportPath::Specifier(self.string(source));
            self.b.import(path, ImportShape::Whole, None, false, node.span());
        }
    }

    fn import_clause(&mut self, clause: Node<'n>, specifier: NameId) {
        for child in clause.children() {
            match Kind::of(child) {
                Kind::Identifier => {
                    let default = self.b.intern("default");
                    self.import_name(specifier, ImportShape::Member(default), child, child);
                }
                Kind::NamespaceImport => {
                    if let Some(name) = child.children().find(|name| Kind::of(*name) == Kind::Identifier) {
                        self.import_name(specifier, ImportShape::Whole, name, name);
                    }
                }
                Kind::NamedImports => {
                    for named in child.children().filter(|child| Kind::of(*child) == Kind::ImportSpecifier) {
                        self.import_specifier(named, specifier);
                    }
                }
                _ => {}
            }
        }
    }

    fn import_specifier(&mut self, node: Node<'n>, specifier: NameId) {
        let Some(name) = Field::Name.of(node) else { return };
        let bound = Field::Alias.of(node).unwrap_or(name);
        let member = self.member_name(name);
        self.import_name(specifier, ImportShape::Member(member), name, bound);
    }

    /// Imports what the token `name` names, known here as `bound`.
    fn import_name(&mut self, specifier: NameId, shape: ImportShape, name: Node<'n>, bound: Node<'n>) {
        let bound = self.b.name(bound);
        let id = self.b.import(ImportPath::Specifier(specifier), shape, Some(bound), false, name.span());
        self.know(self.b.scope(), bound, Known::Import);
        let expr = self.b.expr(Expr::Import(id));
        let text = self.member_name(name);
        self.b.occurrence_at(Role::Import, expr, text, name.span(), None);
    }

    /// `import x = require('y')`.
    fn import_require(&mut self, clause: Node<'n>, span: Span) {
        let Some(source) = Field::Source.of(clause) else { return };
        let Some(name) = clause.children().find(|child| Kind::of(*child) == Kind::Identifier) else { return };
        let path = ImportPath::Specifier(self.string(source));
        let bound = self.b.name(name);
        let id = self.b.import(path, ImportShape::Whole, Some(bound), false, span);
        self.know(self.b.scope(), bound, Known::Import);
        let expr = self.b.expr(Expr::Import(id));
        self.b.occurrence(Role::Import, expr, name);
    }

    /// `import A = B.C`.
    pub(super) fn import_alias(&mut self, node: Node<'n>, before: Before) {
        let parts: Vec<Node<'n>> = node.children().filter(|child| !self.is_comment(*child)).collect();
        let [name, path] = parts.as_slice() else { return };
        let target = self.entity(*path, Role::Import);
        let bound = self.b.name(*name);
        let is_exported = before.export != Exported::No;
        self.b.import(ImportPath::Expr(target), ImportShape::Whole, Some(bound), is_exported, node.span());
        self.know(self.b.scope(), bound, Known::Import);
    }

    /// `A.B.C` of namespaces and types, the last name used in `role`.
    pub(super) fn entity(&mut self, node: Node<'n>, role: Role) -> ExprId {
        self.deeper(|visitor| {
            let (base, name) = match Kind::of(node) {
                Kind::NestedIdentifier | Kind::Member => (Field::Object.of(node), Field::Property.of(node)),
                Kind::NestedType => (Field::Module.of(node), Field::Name.of(node)),
                _ => (None, Some(node)),
            };
            let Some(name) = name else { return visitor.unknown() };
            let expr = match base {
                Some(base) => {
                    let base = visitor.entity(base, Role::Type);
                    let name = visitor.b.name(name);
                    visitor.b.expr(Expr::Member { base, name })
                }
                None if Kind::of(node) == Kind::Call => visitor.visit(node),
                None => visitor.b.name_expr(name, if role == Role::Import { Space::Any } else { Space::Type }),
            };
            if Kind::of(node) != Kind::Call {
                visitor.b.occurrence(role, expr, name);
            }
            expr
        })
    }

    /// `export ...`.
    pub(super) fn export_statement(&mut self, node: Node<'n>, before: Before) {
        let first = node.children().find(|child| Kind::of(*child) != Kind::Decorator && !self.is_comment(*child));
        let keywords = self.keywords(node, first.map_or(node.end(), Node::start));
        let is_default = keywords.has(Keywords::DEFAULT);
        for decorator in node.children().filter(|child| Kind::of(*child) == Kind::Decorator) {
            self.decorator(decorator);
        }
        let before = Before {
            start: before.start.or(Some(node.start())),
            signature: before.signature.or(Some(node.start())),
            export: if is_default { Exported::Default } else { Exported::Named },
            ..before
        };
        let Some(first) = first else { return };
        if let Some(declaration) = Field::Declaration.of(node) {
            self.item(declaration, before);
        } else if let Some(value) = Field::Value.of(node) {
            self.export_default(node, value, before);
        } else if let Some(source) = Field::Source.of(node) {
            let specifier = self.string(source);
            self.export_from(node, first, specifier);
        } else if Kind::of(first) == Kind::ExportClause {
            self.export_clause(first);
        } else if keywords.has(Keywords::EQUALS) {
            let value = self.visit(first);
            self.export_module(value);
        }
    }

    /// Only a file has exports; what a namespace exports are its members.
    fn export(&mut self, name: NameId, value: ExprId) {
        if self.b.scope_kind(self.b.scope()) == ScopeKind::File {
            self.b.export(name, value);
        }
    }

    /// `export default value`. A function or class without a name is called `default`.
    fn export_default(&mut self, node: Node<'n>, value: Node<'n>, before: Before) {
        let inner = self.core(value);
        let is_object = Kind::of(inner) == Kind::Object && has_functions(inner);
        if !is_function(inner) && !is_object {
            let value = self.result(inner);
            let name = self.b.intern("default");
            self.export(name, value);
            return;
        }
        let mut definition = match Field::Name.of(inner).filter(|_| Kind::of(inner) != Kind::Arrow) {
            Some(name) => self.definition(node, name, SymbolKind::Constant, before),
            None => {
                let name = self.b.intern("default");
                let span = self.default_keyword(node, value);
                self.definition_named(node, name, span, SymbolKind::Constant, before)
            }
        };
        definition = definition.member();
        self.stored(&mut definition, inner, SymbolKind::Function);
        let symbol = self.define(definition, before);
        let context = Context { this: This::Instance(symbol), ..Context::default() };
        self.store_in(symbol, inner, context);
    }

    fn store_in(&mut self, symbol: SymbolId, value: Node<'n>, context: Context) {
        if Kind::of(value) == Kind::Object {
            self.object_members(value, Holder::Symbol(symbol));
        } else {
            self.store(symbol, value, context);
        }
    }

    /// The word `default` before the exported value.
    fn default_keyword(&self, node: Node<'n>, value: Node<'n>) -> Span {
        let before = Span::new(node.start(), value.start());
        let found = memchr::memmem::rfind(before.slice(self.b.source()), b"default");
        let start = found.map_or(value.start(), |offset| node.start() + offset as u32);
        Span::new(start, start + found.map_or(0, |_| "default".len() as u32))
    }

    /// `export * from`, `export * as name from`, `export {a as b} from`.
    fn export_from(&mut self, node: Node<'n>, first: Node<'n>, specifier: NameId) {
        let path = ImportPath::Specifier(specifier);
        match Kind::of(first) {
            Kind::NamespaceExport => {
                let id = self.b.import(path, ImportShape::Whole, None, true, node.span());
                let expr = self.b.expr(Expr::Import(id));
                if let Some(name) = first.children().find(|child| !self.is_comment(*child)) {
                    let name_id = self.member_name(name);
                    self.b.occurrence_at(Role::Import, expr, name_id, name.span(), None);
                    self.export(name_id, expr);
                }
            }
            Kind::ExportClause => {
                for child in first.children().filter(|child| Kind::of(*child) == Kind::ExportSpecifier) {
                    self.reexport(child, specifier);
                }
            }
            _ => self.reexport_all(specifier, node.span()),
        }
    }

    /// Passes on all that a module exports.
    pub(super) fn reexport_all(&mut self, specifier: NameId, span: Span) {
        self.b.import(ImportPath::Specifier(specifier), ImportShape::Glob, None, true, span);
    }

    fn reexport(&mut self, node: Node<'n>, specifier: NameId) {
        let Some(name) = Field::Name.of(node) else { return };
        let member = self.member_name(name);
        let path = ImportPath::Specifier(specifier);
        let id = self.b.import(path, ImportShape::Member(member), None, true, node.span());
        let expr = self.b.expr(Expr::Import(id));
        self.b.occurrence_at(Role::Import, expr, member, name.span(), None);
        let exported = Field::Alias.of(node).map_or(member, |alias| self.member_name(alias));
        self.export(exported, expr);
    }

    /// `export { a as b }`.
    fn export_clause(&mut self, clause: Node<'n>) {
        for child in clause.children().filter(|child| Kind::of(*child) == Kind::ExportSpecifier) {
            let Some(name) = Field::Name.of(child) else { continue };
            let expr = self.b.name_expr(name, Space::Any);
            self.b.occurrence(Role::Read, expr, name);
            let exported = self.member_name(Field::Alias.of(child).unwrap_or(name));
            self.export(exported, expr);
        }
    }
}
