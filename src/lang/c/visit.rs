//! Walks C and C++ files: comments, preprocessor, linkage and templates.
//!
//! One visitor serves both grammars, whose kinds and fields go by the same names. Declarations are in `declare`,
//! types with members in `class`, types in `ty`, bodies in `expr` and `call`, namespaces in `namespace`, calls in macro
//! bodies in `replacement`.

use super::replacement;
use crate::lang::{Builder, Definition, grammar_fields, grammar_kinds};
use crate::model::{
    Arity, BindingTarget, Expr, ExprId, ImportPath, ImportShape, Marks, NameId, Node, Role, ScopeId, ScopeKind, Space,
    Span, SymbolId, SymbolKind, Visibility,
};

grammar_kinds! {
    AbstractArrayDeclarator = "abstract_array_declarator",
    AbstractFunctionDeclarator = "abstract_function_declarator",
    AbstractParenthesizedDeclarator = "abstract_parenthesized_declarator",
    AbstractPointerDeclarator = "abstract_pointer_declarator",
    AbstractReferenceDeclarator = "abstract_reference_declarator", AccessSpecifier = "access_specifier",
    AliasDeclaration = "alias_declaration", ArgumentList = "argument_list", ArrayDeclarator = "array_declarator",
    AssignmentExpression = "assignment_expression", AttributeDeclaration = "attribute_declaration",
    AttributedDeclarator = "attributed_declarator", AttributeSpecifier = "attribute_specifier", Auto = "auto",
    BaseClassClause = "base_class_clause", BinaryExpression = "binary_expression", BitfieldClause = "bitfield_clause",
    CallExpression = "call_expression", CastExpression = "cast_expression", CatchClause = "catch_clause",
    CharLiteral = "char_literal", ClassSpecifier = "class_specifier", CoAwait = "co_await_expression",
    CommaExpression = "comma_expression", Comment = "comment", CompoundLiteral = "compound_literal_expression",
    CompoundStatement = "compound_statement", ConceptDefinition = "concept_definition",
    ConditionalExpression = "conditional_expression", Declaration = "declaration", Decltype = "decltype",
    DefaultMethodClause = "default_method_clause", DeleteExpression = "delete_expression",
    DeleteMethodClause = "delete_method_clause", DependentName = "dependent_name", DependentType = "dependent_type",
    DestructorName = "destructor_name", DoStatement = "do_statement", Ellipsis = "...", ElseClause = "else_clause",
    EnumSpecifier = "enum_specifier", Enumerator = "enumerator", False = "false", FieldDeclaration = "field_declaration",
    FieldDesignator = "field_designator", FieldExpression = "field_expression", FieldIdentifier = "field_identifier",
    FieldInitializer = "field_initializer", FieldInitializerList = "field_initializer_list",
    ForRangeLoop = "for_range_loop", ForStatement = "for_statement", FriendDeclaration = "friend_declaration",
    FunctionDeclarator = "function_declarator", FunctionDefinition = "function_definition", Identifier = "identifier",
    IfStatement = "if_statement", InitDeclarator = "init_declarator", InitializerList = "initializer_list",
    InitializerPair = "initializer_pair", LambdaCaptures = "lambda_capture_specifier",
    LambdaCaptureInitializer = "lambda_capture_initializer", LambdaExpression = "lambda_expression",
    LinkageSpecification = "linkage_specification", MacroTypeSpecifier = "macro_type_specifier",
    MsDeclspec = "ms_declspec_modifier", NamespaceAlias = "namespace_alias_definition",
    NamespaceDefinition = "namespace_definition", NamespaceIdentifier = "namespace_identifier",
    NestedNamespaceSpecifier = "nested_namespace_specifier", NewExpression = "new_expression", Null = "null",
    NumberLiteral = "number_literal", OffsetofExpression = "offsetof_expression", OperatorCast = "operator_cast",
    OperatorName = "operator_name", OptionalParameter = "optional_parameter_declaration",
    OptionalTypeParameter = "optional_type_parameter_declaration", PackExpansion = "parameter_pack_expansion",
    ParameterDeclaration = "parameter_declaration", ParenthesizedDeclarator = "parenthesized_declarator",
    ParenthesizedExpression = "parenthesized_expression", PlaceholderType = "placeholder_type_specifier",
    PointerDeclarator = "pointer_declarator", PointerExpression = "pointer_expression",
    PointerTypeDeclarator = "pointer_type_declarator", PreprocCall = "preproc_call", PreprocDef = "preproc_def",
    PreprocDefined = "preproc_defined", PreprocElif = "preproc_elif", PreprocElifdef = "preproc_elifdef",
    PreprocElse = "preproc_else", PreprocFunctionDef = "preproc_function_def", PreprocIf = "preproc_if",
    PreprocIfdef = "preproc_ifdef", PreprocInclude = "preproc_include", PrimitiveType = "primitive_type",
    PureVirtualClause = "pure_virtual_clause", QualifiedIdentifier = "qualified_identifier",
    RawStringLiteral = "raw_string_literal", ReferenceDeclarator = "reference_declarator",
    RequiresExpression = "requires_expression", ReturnStatement = "return_statement",
    SizedType = "sized_type_specifier", SizeofExpression = "sizeof_expression", StatementIdentifier = "statement_identifier",
    StorageClass = "storage_class_specifier", StringLiteral = "string_literal",
    StructuredBinding = "structured_binding_declarator", StructSpecifier = "struct_specifier",
    SubscriptExpression = "subscript_expression", SwitchStatement = "switch_statement",
    TemplateArgumentList = "template_argument_list", TemplateDeclaration = "template_declaration",
    TemplateFunction = "template_function", TemplateInstantiation = "template_instantiation",
    TemplateMethod = "template_method", TemplateTemplateParameter = "template_template_parameter_declaration",
    TemplateType = "template_type", This = "this", TrailingReturnType = "trailing_return_type", True = "true",
    TryStatement = "try_statement", TypeDefinition = "type_definition", TypeDescriptor = "type_descriptor",
    TypeIdentifier = "type_identifier", TypeParameter = "type_parameter_declaration", TypeQualifier = "type_qualifier",
    UnaryExpression = "unary_expression", UnionSpecifier = "union_specifier", UpdateExpression = "update_expression",
    UserDefinedLiteral = "user_defined_literal", UsingDeclaration = "using_declaration",
    VariadicDeclarator = "variadic_declarator", VariadicParameter = "variadic_parameter",
    VariadicParameterDeclaration = "variadic_parameter_declaration",
    VariadicTypeParameter = "variadic_type_parameter_declaration", Virtual = "virtual",
    VirtualSpecifier = "virtual_specifier", WhileStatement = "while_statement",
    AlignofExpression = "alignof_expression", AttributedStatement = "attributed_statement",
    BreakStatement = "break_statement", CaseStatement = "case_statement", ConditionClause = "condition_clause",
    ContinueStatement = "continue_statement", CoReturnStatement = "co_return_statement",
    ExpressionStatement = "expression_statement", GotoStatement = "goto_statement",
    LabeledStatement = "labeled_statement", SehExceptClause = "seh_except_clause",
    SehFinallyClause = "seh_finally_clause", SehTryStatement = "seh_try_statement",
    StaticAssert = "static_assert_declaration", ThrowStatement = "throw_statement",
}

grammar_fields! {
    Alternative = "alternative", Argument = "argument", Arguments = "arguments", Base = "base", Body = "body",
    Condition = "condition", Consequence = "consequence", Declarator = "declarator",
    DefaultType = "default_type", DefaultValue = "default_value", Designator = "designator", Selected = "field",
    Function = "function", Initializer = "initializer", Left = "left", Member = "member",
    Name = "name", Parameters = "parameters", Path = "path", Placement = "placement", Right = "right",
    Scope = "scope", Size = "size", TemplateParameters = "template_parameters", Type = "type",
    UnderlyingType = "underlying_type", Value = "value", Filter = "filter", Label = "label", Update = "update",
}

/// Visits a file.
pub(super) fn visit(b: &mut Builder<'_>, root: Node<'_>) {
    let place = Place {
        cpp: b.dialect() == "cpp",
        access: Visibility::Public,
        internal: false,
        friend: false,
        home: None,
        returns: None,
    };
    Visitor { b, place }.items(root);
}

/// The documentation before a declaration.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    pub(super) doc: Option<Span>,
}

/// Where the visitor stands, as far as the declarations it meets depend on it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The C++ grammar is in use.
    pub(super) cpp: bool,
    /// The access section of the class around.
    pub(super) access: Visibility,
    /// Inside a namespace without name: internal linkage.
    pub(super) internal: bool,
    /// Directly below `friend`: what is declared belongs to the namespace around.
    pub(super) friend: bool,
    /// The scope that declarations go to where that is not the current one: the scope around a template's
    /// parameters.
    pub(super) home: Option<ScopeId>,
    /// The callable whose result type is not written.
    pub(super) returns: Option<SymbolId>,
}

/// What a declaration stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Namespace,
    Class,
    Local,
}

pub(super) struct Visitor<'b, 's> {
    pub(super) b: &'b mut Builder<'s>,
    pub(super) place: Place,
}

impl<'s> Visitor<'_, 's> {
    // Scopes

    /// Visits with room on the stack.
    pub(super) fn deeper<R>(&mut self, visit: impl FnOnce(&mut Visitor<'_, 's>) -> R) -> R {
        let before = self.place;
        let (result, place) = self.b.deeper(|b| {
            let mut visitor = Visitor { b, place: before };
            let result = visit(&mut visitor);
            (result, visitor.place)
        });
        self.place.access = place.access;
        result
    }

    fn inner(&self) -> Place {
        Place { home: None, friend: false, ..self.place }
    }

    /// Visits in a new scope of `kind`.
    pub(super) fn in_scope<R>(&mut self, kind: ScopeKind, visit: impl FnOnce(&mut Visitor<'_, 's>) -> R) -> R {
        let place = self.inner();
        self.b.in_scope(kind, |b| visit(&mut Visitor { b, place }))
    }

    /// Visits the body of `symbol` in a new scope of `kind`.
    pub(super) fn in_symbol<R>(
        &mut self,
        symbol: SymbolId,
        kind: ScopeKind,
        visit: impl FnOnce(&mut Visitor<'_, 's>) -> R,
    ) -> R {
        let place = self.inner();
        self.b.in_symbol(symbol, kind, |b| visit(&mut Visitor { b, place }))
    }

    /// Visits a part of `symbol` that is looked up in the current scope: its type, its base classes.
    pub(super) fn within<R>(&mut self, symbol: SymbolId, visit: impl FnOnce(&mut Visitor<'_, 's>) -> R) -> R {
        let (place, scope) = (self.place, self.b.scope());
        self.b.resume(symbol, scope, |b| visit(&mut Visitor { b, place }))
    }

    /// The scope that declarations go to.
    pub(super) fn home(&self) -> ScopeId {
        if self.place.friend {
            return self.b.nearest_scope(|kind| matches!(kind, ScopeKind::Module | ScopeKind::File));
        }
        self.place.home.unwrap_or_else(|| self.b.scope())
    }

    /// What a declaration met here stands in.
    pub(super) fn level(&self) -> Level {
        match self.b.scope_kind(self.home()) {
            ScopeKind::File | ScopeKind::Module => Level::Namespace,
            ScopeKind::Class => Level::Class,
            ScopeKind::Function | ScopeKind::Block => Level::Local,
        }
    }

    /// Records a definition; its name becomes visible in the scope declarations go to.
    pub(super) fn define(&mut self, definition: Definition) -> SymbolId {
        let parent = match self.place.friend {
            true => self.b.nearest_symbol(|symbol| symbol.kind == SymbolKind::Namespace),
            false => self.b.symbol(),
        };
        let id = self.b.define_in(definition, parent);
        let tag = matches!(
            definition.kind,
            SymbolKind::Struct | SymbolKind::Union | SymbolKind::Enum | SymbolKind::EnumMember
        );
        // In C a struct is no scope: what is declared in one is a name of the function or file around.
        let scope = match tag && !self.place.cpp {
            true => self.b.nearest_scope(|kind| kind != ScopeKind::Class),
            false => self.home(),
        };
        if let Some(from) = definition.visible_from {
            self.b.declare(scope, definition.name, from, BindingTarget::Symbol(id));
        }
        id
    }

    /// A definition with documentation, visibility and linkage of where it stands.
    pub(super) fn definition(
        &mut self,
        kind: SymbolKind,
        name: NameId,
        name_span: Span,
        node: Node<'_>,
        before: Before,
    ) -> Definition {
        let mut definition = Definition::new(kind, name, name_span, node);
        definition.doc = before.doc;
        definition.visibility = match self.level() {
            Level::Class => self.place.access,
            Level::Namespace if !self.place.internal => Visibility::Public,
            _ => Visibility::Private,
        };
        if self.place.internal && self.level() == Level::Namespace {
            definition.marks.add(Marks::STATIC);
        }
        definition.marks.add(attribute_marks(self.b, node));
        definition
    }

    /// Declares what was declared in `inner` since binding number `since` in `outer` too: members of unnamed and
    /// inline namespaces and of unscoped enums are names of the scope around.
    pub(super) fn lift(&mut self, since: usize, inner: ScopeId, outer: ScopeId) {
        let lifted: Vec<(NameId, BindingTarget)> = self.b.facts().bindings[since..]
            .iter()
            .filter(|binding| binding.scope == inner)
            .map(|binding| (binding.name, binding.target))
            .collect();
        for (name, target) in lifted {
            self.b.declare(outer, name, 0, target);
        }
    }

    // Lists

    /// Visits the declarations or statements of `list` in order.
    pub(super) fn items(&mut self, list: Node<'_>) {
        let mut before = Before::default();
        for child in list.children() {
            if Kind::of(child) == Kind::Comment {
                self.comment(child, &mut before);
                continue;
            }
            let adjacent = before.doc.filter(|doc| self.newlines(doc.end, child.start()) <= 1);
            self.item(child, Before { doc: adjacent });
            before = Before::default();
        }
    }

    /// A comment that has its line to itself documents what follows directly.
    fn comment(&mut self, comment: Node<'_>, before: &mut Before) {
        let source = self.b.source();
        let line = &source[..comment.start() as usize];
        let starts_line =
            line.iter().rev().find(|byte| !matches!(byte, b' ' | b'\t')).is_none_or(|byte| *byte == b'\n');
        if !starts_line {
            before.doc = None;
            return;
        }
        let start = match before.doc {
            Some(doc) if self.newlines(doc.end, comment.start()) <= 1 => doc.start,
            _ => comment.start(),
        };
        before.doc = Some(Span::new(start, comment.end()));
    }

    fn newlines(&self, from: u32, to: u32) -> usize {
        Span::new(from, to.max(from)).slice(self.b.source()).iter().filter(|byte| **byte == b'\n').count()
    }

    /// Visits a declaration, directive or statement.
    pub(super) fn item(&mut self, node: Node<'_>, before: Before) {
        self.deeper(|visitor| visitor.item_here(node, before));
    }

    fn item_here(&mut self, node: Node<'_>, before: Before) {
        match Kind::of(node) {
            Kind::FunctionDefinition => self.function_definition(node, before),
            Kind::Declaration | Kind::FieldDeclaration => self.declaration(node, before),
            Kind::TypeDefinition => self.typedef(node, before),
            Kind::ClassSpecifier | Kind::StructSpecifier | Kind::UnionSpecifier => {
                self.class(node, before, None, true);
            }
            Kind::EnumSpecifier => {
                self.enumeration(node, before, None, true);
            }
            Kind::Enumerator => self.enumerator(node, before),
            Kind::AliasDeclaration => self.alias(node, before),
            Kind::ConceptDefinition => self.concept(node, before),
            Kind::TemplateDeclaration => self.template(node, before),
            Kind::FriendDeclaration => self.friend(node, before),
            Kind::AccessSpecifier => self.place.access = access(&self.b.text(node)),
            Kind::LinkageSpecification => self.linkage(node, before),
            Kind::NamespaceDefinition => self.namespace(node, before),
            Kind::NamespaceAlias => self.namespace_alias(node),
            Kind::UsingDeclaration => self.using(node),
            Kind::PreprocInclude => self.include(node),
            Kind::PreprocDef | Kind::PreprocFunctionDef => self.macro_definition(node, before),
            Kind::PreprocIf | Kind::PreprocIfdef | Kind::PreprocElif | Kind::PreprocElifdef | Kind::PreprocElse => {
                self.conditional(node)
            }
            _ => {
                self.expr_here(node);
            }
        }
    }

    // Preprocessor

    /// `#if` and its relatives: every branch is read; names in the condition are macros.
    fn conditional(&mut self, node: Node<'_>) {
        for condition in node.children().filter(|child| Field::Condition.is(*child) || Field::Name.is(*child)) {
            self.macro_names(condition);
        }
        let mut before = Before::default();
        for child in node.children() {
            match Kind::of(child) {
                Kind::Comment => self.comment(child, &mut before),
                _ if Field::Condition.is(child) || Field::Name.is(child) => {}
                _ => {
                    let adjacent = before.doc.filter(|doc| self.newlines(doc.end, child.start()) <= 1);
                    self.item(child, Before { doc: adjacent });
                    before = Before::default();
                }
            }
        }
    }

    /// Names in a preprocessor condition.
    fn macro_names(&mut self, node: Node<'_>) {
        if Kind::of(node) == Kind::Identifier {
            let expr = self.b.name_expr(node, Space::Macro);
            self.b.occurrence(Role::Macro, expr, node);
            return;
        }
        self.deeper(|visitor| {
            for child in node.children() {
                visitor.macro_names(child);
            }
        });
    }

    fn include(&mut self, node: Node<'_>) {
        let Some(path) = Field::Path.of(node) else { return };
        if !matches!(self.b.source().get(path.start() as usize), Some(b'"' | b'<')) {
            return self.macro_names(path);
        }
        let specifier = self.b.name(path);
        let import = self.b.import(ImportPath::Specifier(specifier), ImportShape::Glob, None, true, node.span());
        let expr = self.b.expr(Expr::Import(import));
        self.b.occurrence(Role::Import, expr, path);
    }

    /// Macros know no scopes: they belong to the file wherever they stand.
    fn macro_definition(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let id = self.b.name(name);
        let mut definition = Definition::new(SymbolKind::Macro, id, name.span(), node);
        let parameters = Field::Parameters.of(node);
        definition.signature = Span::new(node.start(), parameters.map_or(name.end(), |list| list.end()));
        definition.doc = before.doc;
        definition.visibility = Visibility::Public;
        definition.arity = parameters.map(|list| {
            let count = list.children().filter(|child| Kind::of(*child) == Kind::Identifier).count() as u16;
            let variadic = list.children().any(|child| Kind::of(child) == Kind::Ellipsis);
            Arity { min: count, max: if variadic { u16::MAX } else { count } }
        });
        let symbol = self.b.define_in(definition, None);
        self.b.declare(ScopeId(0), id, 0, BindingTarget::Symbol(symbol));
        if let Some(body) = Field::Value.of(node) {
            let parameters: Vec<_> = parameters.iter().flat_map(|list| list.children()).collect();
            let parameters: Vec<Span> = parameters.iter().map(|parameter| parameter.span()).collect();
            self.b.resume(symbol, ScopeId(0), |b| replacement::calls(b, body.span(), &parameters));
        }
    }

    // Linkage, templates, friends

    /// `extern "C"`: no scope.
    fn linkage(&mut self, node: Node<'_>, before: Before) {
        let Some(body) = Field::Body.of(node) else { return };
        match Kind::of(body) {
            Kind::Declaration | Kind::FunctionDefinition => self.item(body, before),
            _ => self.items(body),
        }
    }

    /// The last segment of a path.
    pub(super) fn last_name(&self, path: ExprId) -> Option<NameId> {
        match self.b.facts().expr(path) {
            Expr::Name { name, .. } | Expr::Member { name, .. } => Some(name),
            Expr::Apply { base, .. } => match self.b.facts().expr(base) {
                Expr::Name { name, .. } | Expr::Member { name, .. } => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The parameters of a template stand in a scope around what they are for; what is declared goes outside.
    fn template(&mut self, node: Node<'_>, before: Before) {
        let home = self.home();
        let place = self.place;
        self.in_scope(ScopeKind::Block, |visitor| {
            visitor.place.home = Some(home);
            visitor.place.friend = place.friend;
            if let Some(list) = Field::Parameters.of(node) {
                visitor.template_parameters(list);
            }
            for child in node.children() {
                if !Field::Parameters.is(child) && Kind::of(child) != Kind::Comment {
                    visitor.item(child, before);
                }
            }
        });
    }

    fn friend(&mut self, node: Node<'_>, before: Before) {
        let outer = std::mem::replace(&mut self.place.friend, true);
        for child in node.children() {
            match Kind::of(child) {
                Kind::Declaration | Kind::FunctionDefinition => self.item(child, before),
                Kind::Comment => {}
                _ => {
                    self.ty(child);
                }
            }
        }
        self.place.friend = outer;
    }

    fn concept(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let id = self.b.name(name);
        let definition = self.definition(SymbolKind::Concept, id, name.span(), node, before);
        let symbol = self.define(definition);
        self.within(symbol, |visitor| {
            for child in node.children().filter(|child| !Field::Name.is(*child)) {
                visitor.expr(child);
            }
        });
    }
}

fn access(text: &str) -> Visibility {
    if text.starts_with("private") {
        Visibility::Private
    } else if text.starts_with("protected") {
        Visibility::Protected
    } else {
        Visibility::Public
    }
}

/// What attributes say of a definition, those behind its parameters included.
fn attribute_marks(b: &Builder<'_>, node: Node<'_>) -> Marks {
    let declarators = node.children().filter(|child| Field::Declarator.is(*child));
    let all = node.children().chain(declarators.flat_map(|declarator| declarator.children()));
    let is_attribute = |child: &Node<'_>| {
        matches!(Kind::of(*child), Kind::AttributeDeclaration | Kind::AttributeSpecifier | Kind::MsDeclspec)
    };
    let mut marks = Marks::default();
    for attribute in all.filter(is_attribute) {
        let text = b.text(attribute);
        let is_between = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        for word in text.split(is_between).map(|word| word.trim_matches('_')) {
            if word == "deprecated" {
                marks.add(Marks::DEPRECATED);
            } else if KEEPING_ATTRIBUTES.contains(&word) {
                marks.add(Marks::FOREIGN);
            }
        }
    }
    marks
}

/// Attributes of what the system, the linker or a debugger uses although nothing names it; sorted.
const KEEPING_ATTRIBUTES: &[&str] = &[
    "constructor",
    "destructor",
    "dllexport",
    "export_name",
    "init_priority",
    "interrupt",
    "naked",
    "retain",
    "section",
    "used",
];

/// Nodes that are no part of an expression or declaration.
pub(super) fn is_trivia(node: Node<'_>) -> bool {
    matches!(
        Kind::of(node),
        Kind::Comment
            | Kind::Ellipsis
            | Kind::AttributeDeclaration
            | Kind::AttributeSpecifier
            | Kind::MsDeclspec
            | Kind::Virtual
            | Kind::StatementIdentifier
            | Kind::TypeQualifier
            | Kind::StorageClass
            | Kind::PreprocCall
    )
}
