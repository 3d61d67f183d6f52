//! Declarations of Go: package clause, imports, functions, methods, constants and variables. Types are in `ty`,
//! statements in `stmt`, expressions in `expr`.

use rustc_hash::FxHashSet;

use crate::lang::{Builder, Definition, StatefulVisitor, grammar_fields, grammar_kinds};
use crate::model::{
    Arity, Expr, ExprId, ImportPath, ImportShape, Marks, NameId, Node, RelationKind, Role, ScopeId, ScopeKind, Space,
    Span, SymbolId, SymbolKind, Visibility,
};

use super::modules::package_name;

grammar_kinds! {
    ArgumentList = "argument_list", ArrayType = "array_type", Assignment = "assignment_statement",
    BinaryExpression = "binary_expression", BlankIdentifier = "blank_identifier", Block = "block",
    CallExpression = "call_expression", ChannelType = "channel_type", Comment = "comment",
    CommunicationCase = "communication_case", CompositeLiteral = "composite_literal",
    ConstDeclaration = "const_declaration", ConstSpec = "const_spec", DecStatement = "dec_statement",
    DefaultCase = "default_case", Dot = "dot", ExpressionCase = "expression_case",
    ExpressionSwitch = "expression_switch_statement", False = "false", FieldDeclaration = "field_declaration",
    FieldDeclarationList = "field_declaration_list", FloatLiteral = "float_literal", ForStatement = "for_statement",
    FuncLiteral = "func_literal", FunctionDeclaration = "function_declaration", FunctionType = "function_type",
    GenericType = "generic_type", Identifier = "identifier", IfStatement = "if_statement",
    ImaginaryLiteral = "imaginary_literal", ImplicitLengthArrayType = "implicit_length_array_type",
    ImportSpec = "import_spec", ImportSpecList = "import_spec_list", ImportDeclaration = "import_declaration",
    IncStatement = "inc_statement", IndexExpression = "index_expression", IntLiteral = "int_literal",
    InterfaceType = "interface_type", InterpretedString = "interpreted_string_literal", Iota = "iota",
    KeyedElement = "keyed_element", LiteralElement = "literal_element", LiteralValue = "literal_value",
    MapType = "map_type", MethodDeclaration = "method_declaration", MethodElem = "method_elem",
    NegatedType = "negated_type", Nil = "nil", PackageClause = "package_clause",
    PackageIdentifier = "package_identifier", ParameterDeclaration = "parameter_declaration",
    ParameterList = "parameter_list", ParenthesizedExpression = "parenthesized_expression",
    ParenthesizedType = "parenthesized_type", PointerType = "pointer_type", QualifiedType = "qualified_type",
    RangeClause = "range_clause", RawString = "raw_string_literal", ReceiveStatement = "receive_statement",
    RuneLiteral = "rune_literal", SelectorExpression = "selector_expression",
    ShortVarDeclaration = "short_var_declaration", SliceExpression = "slice_expression", SliceType = "slice_type",
    StructType = "struct_type", True = "true", TypeAlias = "type_alias", TypeArguments = "type_arguments",
    TypeAssertion = "type_assertion_expression", TypeCase = "type_case", TypeConstraint = "type_constraint",
    TypeConversion = "type_conversion_expression", TypeDeclaration = "type_declaration", TypeElem = "type_elem",
    TypeIdentifier = "type_identifier", TypeInstantiation = "type_instantiation_expression",
    TypeParameter = "type_parameter_declaration", TypeSpec = "type_spec", TypeSwitch = "type_switch_statement",
    UnaryExpression = "unary_expression", VarDeclaration = "var_declaration", VarSpec = "var_spec",
    VarSpecList = "var_spec_list", VariadicArgument = "variadic_argument",
    VariadicParameter = "variadic_parameter_declaration", BreakStatement = "break_statement",
    ContinueStatement = "continue_statement", DeferStatement = "defer_statement", EmptyStatement = "empty_statement",
    ExpressionList = "expression_list", ExpressionStatement = "expression_statement",
    FallthroughStatement = "fallthrough_statement", ForClause = "for_clause", GotoStatement = "goto_statement",
    LabeledStatement = "labeled_statement", LabelName = "label_name", ReturnStatement = "return_statement",
    SelectStatement = "select_statement", StatementList = "statement_list",
}

grammar_fields! {
    Alias = "alias", Arguments = "arguments", Body = "body", Element = "element", Selected = "field",
    Function = "function", Index = "index", Initializer = "initializer", Key = "key", Left = "left",
    Length = "length", Name = "name", Operand = "operand", Package = "package", Parameters = "parameters",
    Path = "path", Receiver = "receiver", Result = "result", Right = "right", Type = "type",
    TypeArgs = "type_arguments", TypeParams = "type_parameters", Value = "value", Alternative = "alternative",
    Communication = "communication", Condition = "condition", Consequence = "consequence", Label = "label",
    Update = "update",
}

/// Visits a file.
pub(super) fn visit(b: &mut Builder<'_>, root: Node<'_>) {
    let mut state = State::default();
    let mut visitor = Visitor { b, state: &mut state };
    visitor.note_containers(root);
    visitor.declarations(root);
    visitor.mark_linked();
}

/// What has been seen of a file so far.
#[derive(Default)]
pub(super) struct State {
    /// Local variables and parameters by the scope that declares them.
    pub(super) locals: FxHashSet<(ScopeId, NameId)>,
    /// Names that imports bind.
    packages: FxHashSet<NameId>,
    /// Types of this file that are maps, arrays or slices: keys in their literals are values, not fields.
    pub(super) containers: FxHashSet<NameId>,
    /// Names that a directive tells the linker, wherever it stands.
    linked: FxHashSet<NameId>,
    is_main: bool,
    has_cgo: bool,
    /// Whether a tool runs what the file exports, by the name it has.
    has_targets: bool,
}

/// The comments before a declaration.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    doc: Option<Span>,
    /// Where the last comment ends; a declaration has it as documentation only if it starts on the next line.
    end: u32,
    marks: Marks,
}

pub(super) type Visitor<'b, 's> = StatefulVisitor<'b, 's, State>;

impl<'s> Visitor<'_, 's> {
    /// Whether the current scope is the file's.
    pub(super) fn at_top(&self) -> bool {
        self.b.scope_kind(self.b.scope()) == ScopeKind::File
    }

    /// Whether a local variable or parameter is what `name` means here.
    pub(super) fn is_local(&self, name: NameId) -> bool {
        let mut next = Some(self.b.scope());
        while let Some(scope) = next {
            if self.state.locals.contains(&(scope, name)) {
                return true;
            }
            next = self.b.facts().scopes[scope.0 as usize].parent;
        }
        false
    }

    /// Whether `name` means an imported package here.
    pub(super) fn is_package(&self, name: NameId) -> bool {
        self.state.packages.contains(&name) && !self.is_local(name)
    }

    /// Declares a local variable or parameter, unless it is the blank identifier.
    pub(super) fn bind(&mut self, node: Node<'_>, from: u32, ty: Option<ExprId>, init: Option<ExprId>) {
        if !self.b.is(node, "_") {
            let name = self.b.name(node);
            self.state.locals.insert((self.b.scope(), name));
            self.b.local(name, from, ty, init);
        }
    }

    fn note_containers(&mut self, root: Node<'_>) {
        for declaration in root.children().filter(|child| Kind::of(*child) == Kind::TypeDeclaration) {
            declaration.children().for_each(|spec| self.note_container(spec));
        }
    }

    /// Remembers a declared type that is a map, array or slice.
    pub(super) fn note_container(&mut self, spec: Node<'_>) {
        let (Some(name), Some(ty)) = (Field::Name.of(spec), Field::Type.of(spec)) else { return };
        if matches!(Kind::of(ty), Kind::MapType | Kind::ArrayType | Kind::SliceType) {
            let name = self.b.name(name);
            self.state.containers.insert(name);
        }
    }

    /// Visits declarations and statements in order, with the comments before each.
    pub(super) fn declarations(&mut self, list: Node<'_>) {
        let mut before = Before::default();
        for child in list.children() {
            if Kind::of(child) == Kind::Comment {
                self.comment(child, &mut before);
            } else {
                self.declaration(child, before);
                before = Before::default();
            }
        }
    }

    /// Visits a declaration, a statement or anything else that can stand in a list of them.
    pub(super) fn declaration(&mut self, node: Node<'_>, before: Before) {
        match Kind::of(node) {
            Kind::PackageClause => self.package_clause(node, before),
            Kind::ImportDeclaration | Kind::ImportSpecList => {
                node.children().for_each(|spec| self.declaration(spec, Before::default()));
            }
            Kind::ImportSpec => self.import(node),
            Kind::FunctionDeclaration => self.function(node, before),
            Kind::MethodDeclaration => self.method(node, before),
            Kind::TypeDeclaration | Kind::VarDeclaration | Kind::ConstDeclaration => self.group(node, before),
            _ => {
                self.expr(node);
            }
        }
    }

    /// Adds a comment to those that stand directly before the next declaration.
    pub(super) fn comment(&mut self, comment: Node<'_>, before: &mut Before) {
        if !self.starts_line(comment.start()) {
            return;
        }
        if !self.adjoins(before.end, comment.start()) {
            *before = Before::default();
        }
        before.end = comment.end();
        let text = self.b.text(comment);
        let is_directive = text.starts_with("//go:") || text.starts_with("//export ") || text.starts_with("//line ");
        if !is_directive {
            let start = before.doc.map_or(comment.start(), |doc| doc.start);
            before.doc = Some(Span::new(start, comment.end()));
        }
        if text.starts_with("// Deprecated:") || text.starts_with("/*") && text.contains("\nDeprecated:") {
            before.marks.add(Marks::DEPRECATED);
        }
        self.state.has_targets |= is_for_mage(&text);
        if let Some(name) = text.strip_prefix("//go:linkname ").and_then(|rest| rest.split_whitespace().next()) {
            let name = self.b.intern(name);
            self.state.linked.insert(name);
        }
        if text.starts_with("//go:wasmexport ") || self.state.has_cgo && text.starts_with("//export ") {
            before.marks.add(Marks::FOREIGN);
        }
    }

    fn mark_linked(&mut self) {
        if self.state.linked.is_empty() {
            return;
        }
        for index in 0..self.b.facts().symbols.len() as u32 {
            let symbol = self.b.symbol_mut(SymbolId(index));
            if symbol.parent.is_none() && self.state.linked.contains(&symbol.name) {
                symbol.marks.add(Marks::FOREIGN);
            }
        }
    }

    fn starts_line(&self, offset: u32) -> bool {
        let before = Span::new(0, offset).slice(self.b.source());
        before.iter().rev().take_while(|byte| **byte != b'\n').all(u8::is_ascii_whitespace)
    }

    /// Whether nothing but the end of a line and indentation stand between `end` and `start`.
    fn adjoins(&self, end: u32, start: u32) -> bool {
        let gap = Span::new(end.min(start), start).slice(self.b.source());
        gap.len() < 1000 && gap.iter().filter(|byte| **byte == b'\n').count() <= 1
    }

    /// A definition with the usual parts: visibility by the case of its name, documentation, end of signature.
    pub(super) fn definition(
        &mut self,
        whole: Node<'_>,
        name: Node<'_>,
        kind: SymbolKind,
        before: Before,
    ) -> Definition {
        let id = self.b.name(name);
        let mut definition = Definition::new(kind, id, name.span(), whole).body(Field::Body.of(whole));
        definition.visibility = self.visibility(id);
        if before.end > 0 && self.adjoins(before.end, whole.start()) {
            definition.doc = before.doc;
            definition.marks = before.marks;
        }
        if self.state.has_targets && definition.visibility == Visibility::Public {
            definition.marks.add(Marks::FOREIGN);
        }
        definition
    }

    /// Upper case is visible everywhere, lower case in the package; what a function declares, nowhere else.
    fn visibility(&self, name: NameId) -> Visibility {
        if self.b.nearest_scope(|kind| kind == ScopeKind::Function) != ScopeId(0) {
            return Visibility::Private;
        }
        let is_upper = self.b.name_text(name).starts_with(char::is_uppercase);
        if is_upper { Visibility::Public } else { Visibility::Package }
    }

    fn package_clause(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = node.children().find(|child| Kind::of(*child) == Kind::PackageIdentifier) else { return };
        self.state.is_main = self.b.is(name, "main");
        let mut definition = self.definition(node, name, SymbolKind::Package, before).member();
        definition.visibility = Visibility::Public;
        self.b.package(definition.name);
        self.b.define(definition);
    }

    fn import(&mut self, node: Node<'_>) {
        let Some(path) = Field::Path.of(node) else { return };
        let Some(content) = string_content(path) else { return };
        let text = self.b.text_of(content).into_owned();
        let path = self.b.intern(&text);
        let alias = Field::Name.of(node);
        let (shape, bound) = match alias.map(Kind::of) {
            Some(Kind::Dot) => (ImportShape::Glob, None),
            Some(Kind::BlankIdentifier) => (ImportShape::Whole, None),
            Some(_) => (ImportShape::Whole, alias.map(|alias| self.b.name(alias))),
            None => (ImportShape::Whole, Some(self.b.intern(package_name(&text)))),
        };
        self.state.packages.extend(bound);
        self.state.has_cgo |= text == "C";
        let import = self.b.import(ImportPath::Specifier(path), shape, bound, false, node.span());
        let expr = self.b.expr(Expr::Import(import));
        self.b.occurrence_at(Role::Import, expr, path, content, None);
    }

    fn function(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let mut definition = self.definition(node, name, SymbolKind::Function, before);
        let is_init = self.b.is(name, "init");
        if is_init || self.state.is_main && self.b.is(name, "main") {
            definition.marks.add(Marks::ENTRY_POINT);
        }
        if is_init || self.b.is(name, "_") {
            definition = definition.member();
        }
        if self.is_test(node, name) {
            definition.marks.add(Marks::TEST);
        }
        if Field::Body.of(node).is_none() {
            definition.marks.add(Marks::DECLARATION);
        }
        let symbol = self.b.define(definition);
        self.in_symbol(symbol, ScopeKind::Function, |visitor| visitor.function_parts(node, symbol));
    }

    /// `TestX(*testing.T)`, `BenchmarkX(*testing.B)`, `FuzzX(*testing.F)`, `TestMain(*testing.M)`, `ExampleX()`.
    fn is_test(&mut self, node: Node<'_>, name: Node<'_>) -> bool {
        let name = self.b.text(name);
        let prefix = ["Test", "Benchmark", "Fuzz", "Example"]
            .into_iter()
            .find(|prefix| name.strip_prefix(prefix).is_some_and(|rest| !rest.starts_with(char::is_lowercase)));
        let parameters = Field::Parameters.of(node);
        let mut parameters = parameters.iter().flat_map(|list| list.children());
        let ty = parameters.next().and_then(|parameter| Field::Type.of(parameter)).map(|ty| self.b.text(ty));
        match (prefix, ty.as_deref(), parameters.next()) {
            (Some("Test"), Some("*testing.T"), None) => true,
            (Some("Test"), Some("*testing.M"), None) => name == "TestMain",
            (Some("Benchmark"), Some("*testing.B"), None) | (Some("Fuzz"), Some("*testing.F"), None) => true,
            (Some("Example"), None, None) => Field::Result.of(node).is_none(),
            _ => false,
        }
    }

    fn method(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let receiver = Field::Receiver.of(node).and_then(|list| list.children().find(|child| is_parameter(*child)));
        let mut definition = self.definition(node, name, SymbolKind::Method, before).member();
        definition.marks.add(Marks::RECEIVER);
        definition.qualifier = receiver.and_then(|receiver| Field::Type.of(receiver)).map(|ty| self.simple_name(ty));
        if Field::Body.of(node).is_none() {
            definition.marks.add(Marks::DECLARATION);
        }
        let symbol = self.b.define(definition);
        self.in_symbol(symbol, ScopeKind::Function, |visitor| {
            if let Some(receiver) = receiver {
                visitor.receiver(receiver, symbol, visible_from(node));
            }
            visitor.function_parts(node, symbol);
        });
    }

    /// The receiver: what the method is a member of, its type parameters, its name in the body.
    fn receiver(&mut self, receiver: Node<'_>, symbol: SymbolId, from: u32) {
        let Some(ty) = Field::Type.of(receiver) else { return };
        let inner = pointed_to(ty);
        let owner = if Kind::of(inner) == Kind::GenericType { self.generic_receiver(inner) } else { self.ty(inner) };
        self.b.relation(symbol, RelationKind::MemberOf, owner);
        let is_pointer = inner.index() != ty.index();
        let ty = if is_pointer { self.b.expr(Expr::Ref { base: owner }) } else { owner };
        if let Some(name) = Field::Name.of(receiver) {
            self.bind(name, from, Some(ty), None);
        }
    }

    /// `S[T]` as a receiver declares `T`.
    fn generic_receiver(&mut self, node: Node<'_>) -> ExprId {
        let arguments = Field::TypeArgs.of(node);
        let mut args = Vec::new();
        for element in arguments.iter().flat_map(|list| list.children()) {
            let Some(parameter) = element.children().find(|child| Kind::of(*child) == Kind::TypeIdentifier) else {
                continue;
            };
            let name = self.b.name(parameter);
            self.b.type_parameter(name, None);
            args.push(self.b.name_at(name, parameter.start(), Space::Type));
        }
        let base = match Field::Type.of(node) {
            Some(base) => self.ty(base),
            None => self.b.unknown(),
        };
        let args = self.b.list(&args);
        self.b.expr(Expr::Apply { base, args })
    }

    fn function_parts(&mut self, node: Node<'_>, symbol: SymbolId) {
        self.type_parameters(node);
        let (arity, ty) = self.signature(node, Some(symbol), visible_from(node));
        let data = self.b.symbol_mut(symbol);
        data.arity = Some(arity);
        data.ty = ty;
        if let Some(body) = Field::Body.of(node) {
            self.declarations(body);
        }
    }

    /// Parameters and results, declared in the current scope; gives the number of arguments and the result type.
    pub(super) fn signature(&mut self, node: Node<'_>, symbol: Option<SymbolId>, from: u32) -> (Arity, Option<ExprId>) {
        let arity = match Field::Parameters.of(node) {
            Some(list) => self.parameters(list, symbol, from),
            None => Arity::exactly(0),
        };
        let Some(result) = Field::Result.of(node) else { return (arity, None) };
        if Kind::of(result) != Kind::ParameterList {
            return (arity, Some(self.ty(result)));
        }
        let mut types = Vec::new();
        for parameter in result.children().filter(|child| is_parameter(*child)) {
            let ty = self.parameter_type(parameter);
            let names = names_of(parameter);
            types.extend(std::iter::repeat_n(ty, names.len().max(1)));
            for name in names {
                self.bind(name, from, Some(ty), None);
            }
        }
        (arity, self.tuple_type(&types))
    }

    /// What a function with these result types gives.
    pub(super) fn tuple_type(&mut self, types: &[ExprId]) -> Option<ExprId> {
        match types {
            [] => None,
            [only] => Some(*only),
            _ => {
                let items = self.b.list(types);
                Some(self.b.expr(Expr::Tuple { items }))
            }
        }
    }

    fn parameters(&mut self, list: Node<'_>, symbol: Option<SymbolId>, from: u32) -> Arity {
        let (mut count, mut is_variadic) = (0u16, false);
        for parameter in list.children().filter(|child| is_parameter(*child)) {
            let ty = self.parameter_type(parameter);
            is_variadic |= Kind::of(parameter) == Kind::VariadicParameter;
            let names = names_of(parameter);
            count = count.saturating_add(names.len().max(1) as u16);
            if let Some(symbol) = symbol
                && names.is_empty()
            {
                self.b.parameter(symbol, None, Some(ty));
            }
            for name in names {
                self.bind(name, from, Some(ty), None);
                let name = self.b.name(name);
                if let Some(symbol) = symbol {
                    self.b.parameter(symbol, Some(name), Some(ty));
                }
            }
        }
        if is_variadic { Arity { min: count - 1, max: u16::MAX } } else { Arity::exactly(count) }
    }

    /// The type of a parameter inside the function: a slice if it is variadic.
    fn parameter_type(&mut self, parameter: Node<'_>) -> ExprId {
        let Some(ty) = Field::Type.of(parameter) else { return self.b.unknown() };
        let ty = self.ty(ty);
        if Kind::of(parameter) != Kind::VariadicParameter {
            return ty;
        }
        let items = self.b.list(&[ty]);
        self.b.expr(Expr::List { items })
    }

    /// The simple name of a receiver's type: `S` for `*S[T]`.
    fn simple_name(&mut self, ty: Node<'_>) -> NameId {
        let mut node = pointed_to(ty);
        loop {
            let inner = match Kind::of(node) {
                Kind::GenericType => Field::Type.of(node),
                Kind::QualifiedType => Field::Name.of(node),
                _ => None,
            };
            match inner {
                Some(inner) => node = inner,
                None => return self.b.name(node),
            }
        }
    }
}

/// Whether a node declares parameters.
pub(super) fn is_parameter(node: Node<'_>) -> bool {
    matches!(Kind::of(node), Kind::ParameterDeclaration | Kind::VariadicParameter)
}

/// The names a parameter, field, constant or variable specification declares.
pub(super) fn names_of(node: Node<'_>) -> Vec<Node<'_>> {
    node.children().filter(|child| Field::Name.is(*child) && Kind::of(*child) != Kind::Comment).collect()
}

/// The expressions of a list.
pub(super) fn expressions(list: Node<'_>) -> Vec<Node<'_>> {
    list.children().filter(|child| Kind::of(*child) != Kind::Comment).collect()
}

/// Whether an expression can give a second value that says whether there is a first.
pub(super) fn is_comma_ok(node: Node<'_>) -> bool {
    matches!(Kind::of(node), Kind::IndexExpression | Kind::TypeAssertion | Kind::UnaryExpression)
}

/// The first byte from which parameters are visible: types in the signature do not see them.
pub(super) fn visible_from(function: Node<'_>) -> u32 {
    Field::Body.of(function).map_or(function.end(), Node::start)
}

/// A type without pointers and parentheses around it.
pub(super) fn pointed_to(ty: Node<'_>) -> Node<'_> {
    let mut node = ty;
    while matches!(Kind::of(node), Kind::PointerType | Kind::ParenthesizedType) {
        match node.children().find(|child| Kind::of(*child) != Kind::Comment) {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

/// What stands between the quotes of a string literal.
fn string_content(node: Node<'_>) -> Option<Span> {
    (node.end() - node.start() > 2).then(|| Span::new(node.start() + 1, node.end() - 1))
}

/// Whether a comment is a build constraint of the tool `mage`, which runs the exported functions of such files.
fn is_for_mage(comment: &str) -> bool {
    let condition = comment.strip_prefix("//go:build ").or_else(|| comment.strip_prefix("// +build "));
    let is_between = |c: char| c.is_whitespace() || "()&|,".contains(c);
    condition.is_some_and(|condition| condition.split(is_between).any(|tag| tag == "mage"))
}
