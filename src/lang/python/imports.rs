//! Import statements.

use crate::model::{Expr, ExprId, ImportId, ImportPath, ImportShape, NameId, Node, Role};

use super::ty::Special;
use super::visit::{Field, Kind, Visitor};

/// Modules whose names are the special forms of annotations.
const TYPING: &[&str] = &["collections", "collections.abc", "typing", "typing_extensions"];

impl Visitor<'_, '_> {
    /// `import a.b, c as d`
    pub(super) fn import_statement(&mut self, node: Node<'_>) {
        for child in node.children().filter(|child| Field::Name.is(*child)) {
            match Kind::of(child) {
                Kind::AliasedImport => {
                    let (Some(module), Some(alias)) = (Field::Name.of(child), Field::Alias.of(child)) else { continue };
                    self.import_as(module, alias);
                }
                _ => self.import_module(child),
            }
        }
    }

    /// `import a.b as x` binds `a.b` itself.
    fn import_as(&mut self, module: Node<'_>, alias: Node<'_>) {
        let text = self.module_text(module);
        let bound = self.b.name(alias);
        let import = self.bring(&text, ImportShape::Whole, Some(bound), module);
        if let Some(last) = module.children().last() {
            self.import_occurrence(import, last);
        }
        if TYPING.contains(&text.as_str()) {
            let alias = self.b.text(alias).into_owned();
            self.state.special_modules.insert(alias);
        }
    }

    /// `import a.b` binds `a`, and loads `a.b` so that it can be reached as a member.
    fn import_module(&mut self, module: Node<'_>) {
        let text = self.module_text(module);
        let mut parts = module.children().filter(|part| Kind::of(*part) == Kind::Identifier);
        let Some(first) = parts.next() else { return };
        let bound = self.b.name(first);
        let head = self.b.text(first).into_owned();
        let import = self.bring(&head, ImportShape::Whole, Some(bound), first);
        let mut expr = self.import_occurrence(import, first);
        for part in parts {
            let name = self.b.name(part);
            expr = self.b.expr(Expr::Member { base: expr, name });
            self.b.occurrence(Role::Import, expr, part);
        }
        if text != head {
            self.bring(&text, ImportShape::Whole, None, module);
        }
        if TYPING.contains(&text.as_str()) {
            self.state.special_modules.insert(text);
        }
    }

    /// `from m import f as g, *`
    pub(super) fn import_from(&mut self, node: Node<'_>) {
        let module = match Field::ModuleName.of(node) {
            Some(module) => self.module_text(module),
            None => "__future__".to_owned(),
        };
        for child in node.children() {
            match Kind::of(child) {
                Kind::WildcardImport => {
                    self.bring(&module, ImportShape::Glob, None, child);
                    if TYPING.contains(&module.as_str()) {
                        self.all_specials();
                    }
                }
                Kind::AliasedImport => {
                    let (Some(name), Some(alias)) = (Field::Name.of(child), Field::Alias.of(child)) else { continue };
                    self.import_member(&module, name, alias);
                }
                Kind::DottedName if Field::Name.is(child) => self.import_member(&module, child, child),
                _ => {}
            }
        }
    }

    fn import_member(&mut self, module: &str, name: Node<'_>, alias: Node<'_>) {
        let member = self.b.name(name);
        let bound = self.b.name(alias);
        let import = self.bring(module, ImportShape::Member(member), Some(bound), name);
        self.import_occurrence(import, name);
        let text = self.b.text(name);
        let alias = self.b.text(alias);
        if TYPING.contains(&module)
            && let Some(special) = Special::of_typing(&text)
        {
            self.state.specials.insert(alias.into_owned(), special);
        } else if TYPING.contains(&format!("{module}.{text}").as_str()) {
            self.state.special_modules.insert(alias.into_owned());
        }
    }

    /// `from typing import *`
    fn all_specials(&mut self) {
        for name in
            ["Any", "Callable", "List", "Optional", "Sequence", "Iterable", "Iterator", "Tuple", "Type", "Union"]
        {
            if let Some(special) = Special::of_typing(name) {
                self.state.specials.insert(name.to_owned(), special);
            }
        }
    }

    /// Records an import; what a module imports at its top can be imported from it again.
    fn bring(&mut self, module: &str, shape: ImportShape, bound: Option<NameId>, node: Node<'_>) -> ImportId {
        let specifier = self.b.intern(module);
        let scope = self.b.scope();
        let reexport = scope.0 == 0 && module != "__future__";
        if let Some(name) = bound {
            self.state.imported.insert((scope, name));
        }
        self.b.import(ImportPath::Specifier(specifier), shape, bound, reexport, node.span())
    }

    fn import_occurrence(&mut self, import: ImportId, name: Node<'_>) -> ExprId {
        let expr = self.b.expr(Expr::Import(import));
        self.b.occurrence(Role::Import, expr, name);
        expr
    }

    /// The module as written, without white space.
    fn module_text(&self, module: Node<'_>) -> String {
        self.b.text(module).split_whitespace().collect()
    }
}
