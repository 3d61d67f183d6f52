//! The file, its package and imports, and types as a whole. What stands in a type is in `members`.

use crate::lang::{Builder, Definition, grammar_fields, grammar_kinds};
use crate::model::{
    Expr, ExprId, ImportPath, ImportShape, Marks, Node, RelationKind, Role, ScopeKind, Space, Span, SymbolId,
    SymbolKind, Visibility,
};

grammar_kinds! {
    Abstract = "abstract", AnnotatedType = "annotated_type", Annotation = "annotation",
    AnnotationElement = "annotation_type_element_declaration", AnnotationType = "annotation_type_declaration",
    ArrayAccess = "array_access", ArrayCreation = "array_creation_expression", ArrayInitializer = "array_initializer",
    ArrayType = "array_type", Assignment = "assignment_expression", Asterisk = "asterisk",
    Binary = "binary_expression", Block = "block", BlockComment = "block_comment", BooleanType = "boolean_type",
    Break = "break_statement", CastExpression = "cast_expression", CatchClause = "catch_clause",
    CatchParameter = "catch_formal_parameter", CatchType = "catch_type", CharacterLiteral = "character_literal",
    ClassBody = "class_body", ClassDeclaration = "class_declaration", ClassLiteral = "class_literal",
    CompactConstructor = "compact_constructor_declaration", ConstantDeclaration = "constant_declaration",
    ConstructorDeclaration = "constructor_declaration", Continue = "continue_statement",
    BinaryInteger = "binary_integer_literal", DecimalFloat = "decimal_floating_point_literal",
    DecimalInteger = "decimal_integer_literal", ElementArray = "element_value_array_initializer",
    ElementPair = "element_value_pair", EnhancedFor = "enhanced_for_statement",
    EnumBodyDeclarations = "enum_body_declarations", EnumConstant = "enum_constant",
    EnumDeclaration = "enum_declaration", ExplicitConstructor = "explicit_constructor_invocation",
    ExpressionStatement = "expression_statement", ExtendsInterfaces = "extends_interfaces", False = "false",
    FieldAccess = "field_access", FieldDeclaration = "field_declaration", Final = "final",
    FloatingPointType = "floating_point_type", For = "for_statement", FormalParameter = "formal_parameter",
    FormalParameters = "formal_parameters", GenericType = "generic_type", HexFloat = "hex_floating_point_literal",
    HexInteger = "hex_integer_literal", Identifier = "identifier", ImportDeclaration = "import_declaration",
    InferredParameters = "inferred_parameters", Instanceof = "instanceof_expression",
    IntegralType = "integral_type", InterfaceDeclaration = "interface_declaration", Labeled = "labeled_statement",
    Lambda = "lambda_expression", LineComment = "line_comment", LocalVariable = "local_variable_declaration",
    MarkerAnnotation = "marker_annotation", MethodDeclaration = "method_declaration",
    MethodInvocation = "method_invocation", MethodReference = "method_reference", Modifiers = "modifiers",
    ModuleDeclaration = "module_declaration", New = "new", NullLiteral = "null_literal",
    ObjectCreation = "object_creation_expression", OctalInteger = "octal_integer_literal",
    PackageDeclaration = "package_declaration", Parenthesized = "parenthesized_expression", Pattern = "pattern",
    Permits = "permits", Private = "private", Protected = "protected", Provides = "provides_module_directive",
    Public = "public", ReceiverParameter = "receiver_parameter", RecordDeclaration = "record_declaration",
    RecordPattern = "record_pattern", RecordPatternBody = "record_pattern_body",
    RecordPatternComponent = "record_pattern_component", Resource = "resource", ScopedIdentifier = "scoped_identifier",
    ScopedTypeIdentifier = "scoped_type_identifier", SpreadParameter = "spread_parameter", Static = "static",
    StaticInitializer = "static_initializer", StringLiteral = "string_literal", Super = "super",
    Superclass = "superclass", SuperInterfaces = "super_interfaces", SwitchExpression = "switch_expression",
    SwitchGroup = "switch_block_statement_group", SwitchLabel = "switch_label", SwitchRule = "switch_rule",
    Ternary = "ternary_expression", This = "this", Throws = "throws", True = "true",
    TryWithResources = "try_with_resources_statement", TypeArguments = "type_arguments", TypeBound = "type_bound",
    TypeIdentifier = "type_identifier", TypeList = "type_list", TypeParameter = "type_parameter",
    TypePattern = "type_pattern", Unary = "unary_expression", Update = "update_expression",
    Uses = "uses_module_directive", VariableDeclarator = "variable_declarator", VoidType = "void_type",
    Wildcard = "wildcard", Yield = "yield_statement", ConstructorBody = "constructor_body", Do = "do_statement",
    FinallyClause = "finally_clause", Guard = "guard", If = "if_statement", Return = "return_statement",
    Synchronized = "synchronized_statement", Throw = "throw_statement", Try = "try_statement",
    While = "while_statement",
}

grammar_fields! {
    Alternative = "alternative", Arguments = "arguments", Body = "body", Condition = "condition",
    Consequence = "consequence", Constructor = "constructor", Dimensions = "dimensions", Element = "element",
    Init = "init", Selected = "field", Key = "key", Left = "left", Name = "name", Object = "object", Parameters = "parameters",
    Pattern = "pattern", Resources = "resources", Right = "right", Type = "type", TypeArguments = "type_arguments",
    TypeParameters = "type_parameters", Update = "update", Value = "value",
}

/// Visits a file.
pub(super) fn visit(b: &mut Builder<'_>, root: Node<'_>) {
    Visitor { b }.items(root);
}

pub(super) struct Visitor<'b, 's> {
    pub(super) b: &'b mut Builder<'s>,
}

/// What stands before a declaration.
#[derive(Clone, Copy)]
pub(super) struct Modifiers {
    pub(super) visibility: Option<Visibility>,
    pub(super) marks: Marks,
    pub(super) doc: Option<Span>,
}

impl Visitor<'_, '_> {
    /// Visits declarations or statements in order; gives the value of the last `yield` among them.
    pub(super) fn items(&mut self, list: Node<'_>) -> Option<ExprId> {
        let mut doc = None;
        let mut yielded = None;
        for child in list.children() {
            match Kind::of(child) {
                Kind::BlockComment => doc = self.is_doc(child).then(|| child.span()),
                Kind::LineComment => {}
                Kind::Yield => yielded = Some(self.expr(child)),
                _ => self.item(child, doc.take()),
            }
        }
        yielded
    }

    fn is_doc(&self, comment: Node<'_>) -> bool {
        let text = self.b.text(comment);
        text.starts_with("/**") && text.len() > 4
    }

    fn item(&mut self, node: Node<'_>, doc: Option<Span>) {
        self.b.deeper(|b| {
            let mut visitor = Visitor { b };
            if !visitor.declaration(node, doc) {
                visitor.expr(node);
            }
        });
    }

    /// Visits `node` if it declares something; says whether it does.
    pub(super) fn declaration(&mut self, node: Node<'_>, doc: Option<Span>) -> bool {
        match Kind::of(node) {
            Kind::PackageDeclaration => self.package(node, doc),
            Kind::ImportDeclaration => self.import(node),
            Kind::ModuleDeclaration => self.module(node, doc),
            Kind::ClassDeclaration => self.class(node, SymbolKind::Class, doc),
            Kind::InterfaceDeclaration => self.class(node, SymbolKind::Interface, doc),
            Kind::EnumDeclaration => self.class(node, SymbolKind::Enum, doc),
            Kind::RecordDeclaration => self.class(node, SymbolKind::Record, doc),
            Kind::AnnotationType => self.class(node, SymbolKind::Annotation, doc),
            Kind::MethodDeclaration | Kind::AnnotationElement => self.method(node, doc),
            Kind::ConstructorDeclaration => self.constructor(node, doc),
            Kind::CompactConstructor => self.compact_constructor(node, doc),
            Kind::FieldDeclaration | Kind::ConstantDeclaration => self.fields(node, doc),
            Kind::EnumConstant => self.enum_constant(node, doc),
            Kind::EnumBodyDeclarations => {
                self.items(node);
            }
            Kind::StaticInitializer => self.initializer(node, "<clinit>", doc),
            Kind::Block if self.in_class() => self.initializer(node, "<init>", doc),
            _ => return false,
        }
        true
    }

    pub(super) fn in_class(&self) -> bool {
        self.b.scope_kind(self.b.scope()) == ScopeKind::Class
    }

    /// The kind of the definition that is being visited.
    pub(super) fn parent_kind(&self) -> Option<SymbolKind> {
        self.b.symbol().map(|id| self.b.facts().symbol(id).kind)
    }

    pub(super) fn in_interface(&self) -> bool {
        self.in_class() && matches!(self.parent_kind(), Some(SymbolKind::Interface | SymbolKind::Annotation))
    }

    /// The innermost type around the current place: what `this` is an instance of.
    pub(super) fn this_class(&self) -> Option<SymbolId> {
        self.b.nearest_symbol(|symbol| symbol.kind.is_type())
    }

    /// Reads the modifiers of a declaration and visits its annotations.
    pub(super) fn modifiers(&mut self, node: Node<'_>, doc: Option<Span>) -> Modifiers {
        let mut found = Modifiers { visibility: None, marks: Marks::default(), doc };
        if doc.is_some_and(|doc| self.b.text_of(doc).contains("@deprecated")) {
            found.marks.add(Marks::DEPRECATED);
        }
        let modifiers = node.children().find(|child| Kind::of(*child) == Kind::Modifiers);
        for modifier in modifiers.iter().flat_map(|list| list.children()) {
            match Kind::of(modifier) {
                Kind::Public => found.visibility = Some(Visibility::Public),
                Kind::Protected => found.visibility = Some(Visibility::Protected),
                Kind::Private => found.visibility = Some(Visibility::Private),
                Kind::Static => found.marks.add(Marks::STATIC),
                Kind::Abstract => found.marks.add(Marks::ABSTRACT),
                Kind::Final => found.marks.add(Marks::FINAL),
                Kind::MarkerAnnotation | Kind::Annotation => {
                    found.marks.add(self.annotation_marks(modifier));
                    self.annotation(modifier);
                }
                _ => {}
            }
        }
        found
    }

    fn annotation_marks(&self, annotation: Node<'_>) -> Marks {
        let Some(name) = Field::Name.of(annotation) else { return Marks::default() };
        let text = self.b.text(name);
        match text.rsplit('.').next().unwrap_or_default().trim() {
            "Test" | "ParameterizedTest" | "RepeatedTest" | "TestFactory" | "TestTemplate" | "Theory" | "Property" => {
                Marks::TEST
            }
            "Deprecated" => Marks::DEPRECATED,
            "Before" | "BeforeAll" | "BeforeClass" | "BeforeEach" | "After" | "AfterAll" | "AfterClass"
            | "AfterEach" | "PostConstruct" | "PreDestroy" => Marks::FOREIGN,
            _ => Marks::default(),
        }
    }

    /// The annotations among the children of `node`, those of its modifiers included.
    pub(super) fn annotations(&mut self, node: Node<'_>) {
        for child in node.children() {
            match Kind::of(child) {
                Kind::MarkerAnnotation | Kind::Annotation => self.annotation(child),
                Kind::Modifiers => {
                    for modifier in child.children() {
                        if matches!(Kind::of(modifier), Kind::MarkerAnnotation | Kind::Annotation) {
                            self.annotation(modifier);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// A definition with the usual parts.
    pub(super) fn definition(
        &mut self,
        node: Node<'_>,
        name: Node<'_>,
        kind: SymbolKind,
        modifiers: Modifiers,
    ) -> Definition {
        let id = self.b.name(name);
        let mut definition = Definition::new(kind, id, name.span(), node).body(Field::Body.of(node));
        definition.doc = modifiers.doc;
        definition.marks = modifiers.marks;
        definition.visibility = modifiers.visibility.unwrap_or_else(|| self.default_visibility());
        definition
    }

    fn default_visibility(&self) -> Visibility {
        match self.b.scope_kind(self.b.scope()) {
            ScopeKind::Function | ScopeKind::Block => Visibility::Private,
            _ if self.in_interface() => Visibility::Public,
            _ => Visibility::Package,
        }
    }

    // The file

    fn package(&mut self, node: Node<'_>, doc: Option<Span>) {
        self.annotations(node);
        let is_name = |child: &Node<'_>| matches!(Kind::of(*child), Kind::Identifier | Kind::ScopedIdentifier);
        let Some(path) = node.children().find(is_name) else { return };
        let name = self.dotted_text(path);
        let name = self.b.intern(&name);
        self.b.package(name);
        let mut definition = Definition::new(SymbolKind::Package, name, path.span(), node).member();
        definition.visibility = Visibility::Public;
        definition.doc = doc;
        self.b.define(definition);
    }

    /// `a.b.c` as written but without white space and comments.
    fn dotted_text(&self, path: Node<'_>) -> String {
        let mut parts = Vec::new();
        let mut rest = Some(path);
        while let Some(node) = rest {
            let is_scoped = Kind::of(node) == Kind::ScopedIdentifier;
            let name = if is_scoped { Field::Name.of(node) } else { Some(node) };
            parts.extend(name.map(|name| self.b.text(name)));
            rest = node.children().next().filter(|_| is_scoped);
        }
        parts.reverse();
        parts.join(".")
    }

    fn import(&mut self, node: Node<'_>) {
        let is_name = |child: &Node<'_>| matches!(Kind::of(*child), Kind::Identifier | Kind::ScopedIdentifier);
        let Some(path) = node.children().find(is_name) else { return };
        let expr = self.import_path(path);
        let last = if Kind::of(path) == Kind::ScopedIdentifier { Field::Name.of(path) } else { Some(path) };
        let Some(last) = last else { return };
        self.b.occurrence(Role::Import, expr, last);
        let has = |kind| node.children().any(|child| Kind::of(child) == kind);
        let (shape, bound) = match (has(Kind::Asterisk), has(Kind::Static)) {
            (true, true) => (ImportShape::Glob, None),
            (true, false) => (ImportShape::GlobTypes, None),
            (false, _) => (ImportShape::Whole, Some(self.b.name(last))),
        };
        self.b.import(ImportPath::Expr(expr), shape, bound, false, node.span());
    }

    /// The dotted name of an import. Its last segment is left to the caller to record, packages are not recorded.
    fn import_path(&mut self, path: Node<'_>) -> ExprId {
        self.b.deeper(|b| {
            let mut visitor = Visitor { b };
            if Kind::of(path) != Kind::ScopedIdentifier {
                return visitor.b.name_expr(path, Space::Root);
            }
            let mut parts = path.children().filter(|child| !is_trivia(*child));
            let (Some(scope), Some(name)) = (parts.next(), Field::Name.of(path)) else { return visitor.b.unknown() };
            let base = visitor.import_path(scope);
            let token = if Kind::of(scope) == Kind::ScopedIdentifier { Field::Name.of(scope) } else { Some(scope) };
            if let Some(token) = token.filter(|token| !visitor.looks_like_package(*token)) {
                visitor.b.occurrence(Role::Import, base, token);
            }
            let name = visitor.b.name(name);
            visitor.b.expr(Expr::Member { base, name })
        })
    }

    /// `module-info.java`: the services it uses and provides are type uses.
    fn module(&mut self, node: Node<'_>, doc: Option<Span>) {
        self.annotations(node);
        let (Some(path), Some(body)) = (Field::Name.of(node), Field::Body.of(node)) else { return };
        let name = self.dotted_text(path);
        let name = self.b.intern(&name);
        let mut definition = Definition::new(SymbolKind::Module, name, path.span(), node).member().body(Some(body));
        definition.visibility = Visibility::Public;
        definition.doc = doc;
        let symbol = self.b.define(definition);
        self.b.in_symbol(symbol, ScopeKind::Block, |b| {
            let mut visitor = Visitor { b };
            for directive in body.children().filter(|child| matches!(Kind::of(*child), Kind::Uses | Kind::Provides)) {
                visitor.type_arguments(directive);
            }
        });
    }

    // Types

    fn class(&mut self, node: Node<'_>, kind: SymbolKind, doc: Option<Span>) {
        let modifiers = self.modifiers(node, doc);
        let Some(name) = Field::Name.of(node) else { return };
        let mut definition = self.definition(node, name, kind, modifiers);
        if self.in_interface() {
            definition.marks.add(Marks::STATIC);
        }
        let is_local = matches!(self.b.scope_kind(self.b.scope()), ScopeKind::Function | ScopeKind::Block);
        if is_local {
            definition.visible_from = Some(node.start());
        }
        let symbol = self.b.define(definition);
        // Type parameters and base types do not see the members, so they get a scope of their own.
        let header = self.b.push_scope(ScopeKind::Block, Some(symbol));
        self.b.resume(symbol, header, |b| {
            let mut visitor = Visitor { b };
            visitor.type_parameters(node);
            visitor.base_types(node, symbol);
            visitor.b.in_symbol(symbol, ScopeKind::Class, |b| {
                let mut visitor = Visitor { b };
                if kind == SymbolKind::Record {
                    visitor.components(node);
                }
                if let Some(body) = Field::Body.of(node) {
                    visitor.items(body);
                }
            });
        });
    }

    fn base_types(&mut self, node: Node<'_>, symbol: SymbolId) {
        for clause in node.children() {
            match Kind::of(clause) {
                Kind::Superclass | Kind::ExtendsInterfaces => self.bases(clause, symbol, RelationKind::Extends),
                Kind::SuperInterfaces => self.bases(clause, symbol, RelationKind::Implements),
                Kind::Permits => {
                    for list in clause.children().filter(|child| Kind::of(*child) == Kind::TypeList) {
                        self.type_arguments(list);
                    }
                }
                _ => {}
            }
        }
    }

    fn bases(&mut self, clause: Node<'_>, symbol: SymbolId, kind: RelationKind) {
        for child in clause.children().filter(|child| !is_trivia(*child)) {
            if Kind::of(child) == Kind::TypeList {
                self.bases(child, symbol, kind);
            } else {
                let target = self.ty_in_role(child, Role::Inherit);
                self.b.relation(symbol, kind, target);
            }
        }
    }

    /// The class of `new X() { ... }` or of an enum constant with a body; `node` is the whole expression.
    pub(super) fn anonymous(&mut self, node: Node<'_>, body: Node<'_>, base: ExprId) -> SymbolId {
        let name = self.b.intern("<anonymous>");
        let start = Span::new(node.start(), node.start());
        let definition = Definition::new(SymbolKind::Class, name, start, node).member().body(Some(body));
        let symbol = self.b.define(definition);
        self.b.relation(symbol, RelationKind::Extends, base);
        self.b.in_symbol(symbol, ScopeKind::Class, |b| {
            Visitor { b }.items(body);
        });
        symbol
    }
}

pub(super) fn is_trivia(node: Node<'_>) -> bool {
    matches!(Kind::of(node), Kind::LineComment | Kind::BlockComment)
}
