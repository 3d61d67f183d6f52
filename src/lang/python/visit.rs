//! Statements and definitions of Python: what opens scopes and names things. Expressions are in `expr`,
//! assignment and other binding in `bind`, annotations in `ty` and `quoted`, imports in `imports`.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lang::{Builder, Definition, StatefulVisitor, grammar_fields, grammar_kinds};
use crate::model::{
    ExprId, Marks, NameId, Node, RelationKind, Role, ScopeId, ScopeKind, Span, SymbolId, SymbolKind, Visibility,
};

use super::decorators::Before;
use super::parameters::Parameters;
use super::ty::Special;

grammar_kinds! {
    AliasedImport = "aliased_import", ArgumentList = "argument_list", AssertStatement = "assert_statement", AsPattern = "as_pattern",
    AsPatternTarget = "as_pattern_target", Assignment = "assignment", Async = "async", Attribute = "attribute",
    AugmentedAssignment = "augmented_assignment", Await = "await", BinaryOperator = "binary_operator", Block = "block",
    BooleanOperator = "boolean_operator", Call = "call", CaseClause = "case_clause", CasePattern = "case_pattern",
    ClassDefinition = "class_definition", ClassPattern = "class_pattern", Comment = "comment", ComparisonOperator = "comparison_operator",
    ConcatenatedString = "concatenated_string", ConditionalExpression = "conditional_expression",
    ConstrainedType = "constrained_type", DecoratedDefinition = "decorated_definition", Decorator = "decorator",
    DefaultParameter = "default_parameter", DeleteStatement = "delete_statement", DictPattern = "dict_pattern",
    Dictionary = "dictionary", DictionaryComprehension = "dictionary_comprehension",
    DictionarySplat = "dictionary_splat", DictionarySplatPattern = "dictionary_splat_pattern",
    DottedName = "dotted_name", Ellipsis = "ellipsis", ExceptClause = "except_clause",
    ExpressionList = "expression_list", ExpressionStatement = "expression_statement", False = "false", Float = "float",
    ForInClause = "for_in_clause", ForStatement = "for_statement", FunctionDefinition = "function_definition",
    FutureImport = "future_import_statement", GeneratorExpression = "generator_expression",
    GenericType = "generic_type", GlobalStatement = "global_statement", Identifier = "identifier",
    IfStatement = "if_statement", ImportFromStatement = "import_from_statement", ImportStatement = "import_statement",
    Integer = "integer", KeywordArgument = "keyword_argument", KeywordPattern = "keyword_pattern", Lambda = "lambda",
    List = "list", ListComprehension = "list_comprehension", ListPattern = "list_pattern", ListSplat = "list_splat",
    ListSplatPattern = "list_splat_pattern", MatchStatement = "match_statement", MemberType = "member_type",
    NamedExpression = "named_expression", None = "none", NonlocalStatement = "nonlocal_statement",
    NotOperator = "not_operator", ParenthesizedExpression = "parenthesized_expression", PatternList = "pattern_list",
    RelativeImport = "relative_import", ReturnStatement = "return_statement", Set = "set",
    SetComprehension = "set_comprehension", Slice = "slice", SplatPattern = "splat_pattern", SplatType = "splat_type",
    String = "string", StringContent = "string_content", Subscript = "subscript", True = "true", Tuple = "tuple",
    TuplePattern = "tuple_pattern", Type = "type", TypeAliasStatement = "type_alias_statement",
    TypedDefaultParameter = "typed_default_parameter", TypedParameter = "typed_parameter",
    TypeParameter = "type_parameter", UnaryOperator = "unary_operator", UnionPattern = "union_pattern",
    UnionType = "union_type", WildcardImport = "wildcard_import", WithItem = "with_item",
    WithStatement = "with_statement", Yield = "yield", BreakStatement = "break_statement",
    ContinueStatement = "continue_statement", ElifClause = "elif_clause", ElseClause = "else_clause",
    FinallyClause = "finally_clause", IfClause = "if_clause", PassStatement = "pass_statement",
    RaiseStatement = "raise_statement", TryStatement = "try_statement", WhileStatement = "while_statement",
    WithClause = "with_clause",
}

grammar_fields! {
    Alias = "alias", Alternative = "alternative", Arguments = "arguments", AttributeName = "attribute", Body = "body",
    Condition = "condition", Consequence = "consequence", Definition = "definition", Function = "function",
    Guard = "guard", Left = "left", ModuleName = "module_name", Name = "name", Object = "object",
    Parameters = "parameters", ReturnType = "return_type", Right = "right", Subject = "subject",
    Subscripts = "subscript", Superclasses = "superclasses", Annotation = "type", TypeParameters = "type_parameters",
    Value = "value",
}

/// Base classes that make the names assigned in a class body its enumerated values.
const ENUM_BASES: &[&str] = &["Enum", "Flag", "IntEnum", "IntFlag", "ReprEnum", "StrEnum"];

/// Visits a file.
pub(super) fn visit(b: &mut Builder<'_>, root: Node<'_>) {
    let mut state = State::default();
    let mut visitor = Visitor { b, state: &mut state };
    visitor.statements(root);
    visitor.mark_named();
}

/// What the visitor remembers of the file besides the facts.
#[derive(Default)]
pub(super) struct State {
    /// The first definition of each name in each definition (none: the file).
    pub(super) defined: FxHashMap<(Option<SymbolId>, NameId), SymbolId>,
    /// Names that an import binds in a scope.
    pub(super) imported: FxHashSet<(ScopeId, NameId)>,
    /// Names a function declares `global` or `nonlocal`, with the scope they belong to.
    pub(super) outer: FxHashMap<(ScopeId, NameId), ScopeId>,
    /// Locals and parameters, and whether their type is written.
    pub(super) locals: FxHashMap<(ScopeId, NameId), bool>,
    /// Names that are local to any function.
    pub(super) local_names: FxHashSet<NameId>,
    /// Names of first parameters of the methods around, innermost last.
    pub(super) receivers: Vec<Receiver>,
    /// Names imported from `typing` and its kin.
    pub(super) specials: FxHashMap<String, Special>,
    /// Names by which `typing` and its kin are imported themselves.
    pub(super) special_modules: FxHashSet<String>,
    /// Expressions of `type[X]`: functions that give an `X`, but the class `X` itself.
    pub(super) class_objects: FxHashSet<ExprId>,
    /// Bounds of type variables made by `TypeVar(..., bound=...)`.
    pub(super) type_variables: FxHashMap<NameId, ExprId>,
    /// Functions whose return type is written, even if it says nothing.
    pub(super) annotated: FxHashSet<SymbolId>,
    /// What is peculiar about classes; others are missing.
    pub(super) classes: FxHashMap<SymbolId, ClassTraits>,
    /// Strings of `__all__`.
    pub(super) exported: Vec<NameId>,
    /// Functions called where the file runs as a program.
    pub(super) started: Vec<NameId>,
    /// Whether what is visited runs only when the file is run as a program.
    pub(super) in_program: bool,
}

/// The first parameter of a method, or a parameter of a nested function that hides it.
#[derive(Clone, Copy)]
pub(super) struct Receiver {
    pub(super) name: NameId,
    pub(super) class: Option<SymbolId>,
}

/// What a class does with its members.
#[derive(Clone, Copy, Default)]
pub(super) struct ClassTraits {
    pub(super) is_enum: bool,
    pub(super) is_test: bool,
    pub(super) is_protocol: bool,
}

pub(super) type Visitor<'b, 's> = StatefulVisitor<'b, 's, State>;

impl<'s> Visitor<'_, 's> {
    /// The scope in which plain assignment binds: the function, class or file around.
    pub(super) fn binding_scope(&self) -> ScopeId {
        self.b.nearest_scope(|kind| kind != ScopeKind::Block)
    }

    /// The class whose body directly holds the current statement.
    pub(super) fn class_body(&self) -> Option<SymbolId> {
        (self.b.scope_kind(self.b.scope()) == ScopeKind::Class).then(|| self.b.symbol()).flatten()
    }

    /// The innermost class around.
    pub(super) fn enclosing_class(&self) -> Option<SymbolId> {
        self.b.nearest_symbol(|symbol| symbol.kind == SymbolKind::Class)
    }

    /// Remembers a local and whether its type is written.
    pub(super) fn remember_local(&mut self, scope: ScopeId, name: NameId, is_typed: bool) {
        self.state.locals.insert((scope, name), is_typed);
        self.state.local_names.insert(name);
    }

    /// The class a name is the receiver of, if it is one.
    pub(super) fn receiver_class(&self, name: NameId) -> Option<SymbolId> {
        self.state.receivers.iter().rev().find(|receiver| receiver.name == name)?.class
    }

    pub(super) fn traits_of(&self, class: Option<SymbolId>) -> ClassTraits {
        class.and_then(|class| self.state.classes.get(&class)).copied().unwrap_or_default()
    }

    /// Whether the file is a stub, which declares what is defined elsewhere.
    pub(super) fn is_stub(&self) -> bool {
        self.b.dialect() == super::STUB
    }

    pub(super) fn statements(&mut self, list: Node<'_>) {
        self.statements_of(list.children());
    }

    pub(super) fn statement(&mut self, node: Node<'_>) {
        self.deeper(|visitor| visitor.statement_here(node));
    }

    fn statement_here(&mut self, node: Node<'_>) {
        match Kind::of(node) {
            Kind::FunctionDefinition => self.function(node, Before::default()),
            Kind::ClassDefinition => self.class(node, Before::default()),
            Kind::DecoratedDefinition => self.decorated(node),
            Kind::ImportStatement => self.import_statement(node),
            Kind::ImportFromStatement | Kind::FutureImport => self.import_from(node),
            Kind::TypeAliasStatement => self.type_alias(node),
            Kind::ReturnStatement => self.return_statement(node),
            Kind::IfStatement | Kind::ElifClause => self.if_statement(node),
            Kind::ForStatement => self.for_statement(node),
            Kind::WithStatement => self.with_statement(node),
            Kind::ExceptClause => self.except_clause(node),
            Kind::MatchStatement => self.match_statement(node),
            Kind::GlobalStatement => self.global_statement(node),
            Kind::NonlocalStatement => self.nonlocal_statement(node),
            Kind::DeleteStatement => self.delete_statement(node),
            Kind::Block | Kind::ExpressionStatement => self.statements(node),
            _ => {
                self.expr_here(node);
            }
        }
    }

    fn decorated(&mut self, node: Node<'_>) {
        let mut before = Before { start: Some(node.start()), ..Before::default() };
        for decorator in node.children().filter(|child| Kind::of(*child) == Kind::Decorator) {
            self.decorator(decorator, &mut before);
        }
        match Field::Definition.of(node) {
            Some(definition) if Kind::of(definition) == Kind::FunctionDefinition => self.function(definition, before),
            Some(definition) if Kind::of(definition) == Kind::ClassDefinition => self.class(definition, before),
            _ => {}
        }
    }

    /// A definition with the usual parts: name, decorators, docstring, visibility, the signature up to the colon.
    fn definition(&mut self, node: Node<'_>, name: Node<'_>, kind: SymbolKind, before: Before) -> Definition {
        let id = self.b.name(name);
        let mut definition = Definition::new(kind, id, name.span(), node);
        definition.span.start = before.start.unwrap_or(node.start());
        definition.marks = before.marks;
        definition.visibility = self.visibility(id);
        let body = Field::Body.of(node);
        let header = node.children().filter(|child| !Field::Body.is(*child) && !is_trivia(*child));
        definition.signature.end = header.map(Node::end).max().unwrap_or(name.end());
        definition.doc = body.and_then(|body| self.docstring(body));
        if self.is_stub() {
            definition.marks.add(Marks::DECLARATION);
        } else {
            definition.body = body.map(Node::index);
        }
        definition
    }

    /// Defines, and remembers the first definition of each name.
    pub(super) fn define(&mut self, definition: Definition) -> SymbolId {
        let parent = self.b.symbol();
        let symbol = self.b.define(definition);
        self.state.defined.entry((parent, definition.name)).or_insert(symbol);
        symbol
    }

    /// Who may use a name by the conventions of underscores.
    pub(super) fn visibility(&self, name: NameId) -> Visibility {
        let in_class = self.class_body().is_some();
        let in_function = self.b.scope_kind(self.binding_scope()) == ScopeKind::Function;
        match self.b.name_text(name) {
            _ if in_function => Visibility::Private,
            text => by_underscores(text, in_class),
        }
    }

    fn function(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let class = self.class_body();
        let kind = if class.is_some() { SymbolKind::Method } else { SymbolKind::Function };
        let mut definition = self.definition(node, name, kind, before);
        definition.marks.add(self.function_marks(node, name, class));
        let receives = class.is_some() && !before.is_static;
        let class_method = before.is_class || self.is_implicit_class_method(name);
        if class.is_some() {
            definition.marks.add(if receives && !class_method { Marks::RECEIVER } else { Marks::STATIC });
        }
        if before.is_setter {
            definition = definition.member();
        }
        let is_generic = Field::TypeParameters.of(node).is_some();
        // Defaults and annotations belong to the scope around, except that type parameters are seen in them.
        let parameters = (!is_generic).then(|| self.parameters(node, receives));
        let symbol = self.define(definition);
        let receivers = self.state.receivers.len();
        self.in_symbol(symbol, ScopeKind::Function, |visitor| {
            let parameters = parameters.unwrap_or_else(|| {
                visitor.type_parameters(node);
                visitor.parameters(node, receives)
            });
            let receiver = class.filter(|_| receives);
            visitor.declare_parameters(symbol, &parameters, receiver, class_method);
            visitor.result(symbol, &parameters);
            if let Some(body) = Field::Body.of(node) {
                visitor.statements(body);
            }
        });
        self.state.receivers.truncate(receivers);
    }

    /// Methods that get the class without saying so.
    fn is_implicit_class_method(&self, name: Node<'_>) -> bool {
        ["__new__", "__init_subclass__", "__class_getitem__"].iter().any(|implicit| self.b.is(name, implicit))
    }

    fn function_marks(&mut self, node: Node<'_>, name: Node<'_>, class: Option<SymbolId>) -> Marks {
        let mut marks = Marks::default();
        if node.children().any(|child| Kind::of(child) == Kind::Async) {
            marks.add(Marks::ASYNC);
        }
        let traits = self.traits_of(class);
        let text = self.b.text(name);
        let at_top = class.is_none() && self.b.symbol().is_none();
        if text.starts_with("test_") && (at_top || class.is_some()) || traits.is_test && text.starts_with("test") {
            marks.add(Marks::TEST);
        }
        let is_hook = matches!(
            &*text,
            "setUp"
                | "tearDown"
                | "setUpClass"
                | "tearDownClass"
                | "asyncSetUp"
                | "asyncTearDown"
                | "setup_method"
                | "teardown_method"
                | "setup_class"
                | "teardown_class"
        );
        if traits.is_test && is_hook {
            marks.add(Marks::FOREIGN);
        }
        if traits.is_protocol && Field::Body.of(node).is_some_and(|body| self.is_empty(body)) {
            marks.add(Marks::ABSTRACT);
        }
        marks
    }

    /// Whether a body is nothing but a docstring and `...`.
    fn is_empty(&self, body: Node<'_>) -> bool {
        body.children()
            .filter(|child| !is_trivia(*child))
            .all(|statement| statement.children().all(|child| matches!(Kind::of(child), Kind::Ellipsis | Kind::String)))
    }

    /// The declared return type.
    fn result(&mut self, symbol: SymbolId, parameters: &Parameters) {
        let Some(result) = parameters.result else { return };
        self.state.annotated.insert(symbol);
        match result.value {
            Some(class) => self.b.flow(symbol, class),
            None => self.b.symbol_mut(symbol).ty = Some(result.ty),
        }
    }

    fn return_statement(&mut self, node: Node<'_>) {
        for child in node.children() {
            let value = self.expr(child);
            self.returns(value);
        }
    }

    /// Records what a function without a written return type gives back.
    pub(super) fn returns(&mut self, value: ExprId) {
        let Some(symbol) = self.b.symbol() else { return };
        let callable = self.b.facts().symbol(symbol);
        let is_plain = callable.kind.is_callable() && !callable.marks.has(Marks::GENERATOR);
        if is_plain && !self.state.annotated.contains(&symbol) {
            self.b.flow(symbol, value);
        }
    }

    fn class(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let is_generic = Field::TypeParameters.of(node).is_some();
        let traits = self.class_traits(node, name);
        let bases = (!is_generic).then(|| self.bases(node));
        let mut definition = self.definition(node, name, SymbolKind::Class, before);
        if traits.is_test {
            definition.marks.add(Marks::TEST);
        }
        let symbol = self.define(definition);
        self.state.classes.insert(symbol, traits);
        self.in_symbol(symbol, ScopeKind::Class, |visitor| {
            let bases = bases.unwrap_or_else(|| {
                visitor.type_parameters(node);
                visitor.bases(node)
            });
            for base in bases {
                visitor.b.relation(symbol, RelationKind::Extends, base);
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.statements(body);
            }
        });
    }

    /// The base classes; other arguments of the class statement are visited as well.
    fn bases(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut bases = Vec::new();
        for base in Field::Superclasses.of(node).iter().flat_map(|list| list.children()) {
            match Kind::of(base) {
                Kind::KeywordArgument | Kind::ListSplat | Kind::DictionarySplat => {
                    self.expr(base);
                }
                _ if is_trivia(base) => {}
                _ => bases.push(self.ty_in_role(base, Role::Inherit)),
            }
        }
        bases
    }

    fn class_traits(&mut self, node: Node<'_>, name: Node<'_>) -> ClassTraits {
        let mut traits = ClassTraits::default();
        for base in Field::Superclasses.of(node).iter().flat_map(|list| list.children()) {
            let text = self.b.text(base);
            let head = text.split(['[', '(']).next().unwrap_or_default();
            let last = head.rsplit('.').next().unwrap_or_default().trim();
            traits.is_enum |= ENUM_BASES.contains(&last);
            traits.is_test |= last.ends_with("TestCase");
            traits.is_protocol |= last == "Protocol";
        }
        let text = self.b.text(name);
        let is_named_test =
            text.strip_prefix("Test").is_some_and(|rest| !rest.starts_with(|first: char| first.is_lowercase()));
        traits.is_test |= is_named_test && Field::Body.of(node).is_some_and(|body| self.has_tests(body));
        traits
    }

    /// Whether a class body holds a method that test runners would run.
    fn has_tests(&self, body: Node<'_>) -> bool {
        body.children().any(|child| {
            let function = Field::Definition.of(child).unwrap_or(child);
            Kind::of(function) == Kind::FunctionDefinition
                && Field::Name.of(function).is_some_and(|name| self.b.text(name).starts_with("test"))
        })
    }

    fn type_alias(&mut self, node: Node<'_>) {
        let (Some(left), Some(right)) = (Field::Left.of(node), Field::Right.of(node)) else { return };
        let mut head = left;
        while !matches!(Kind::of(head), Kind::Identifier) {
            let Some(inner) = head.children().next() else { return };
            head = inner;
        }
        let name = self.b.name(head);
        let mut definition = Definition::new(SymbolKind::TypeAlias, name, head.span(), node);
        definition.visibility = self.visibility(name);
        let symbol = self.define(definition);
        let ty = self.in_symbol(symbol, ScopeKind::Class, |visitor| {
            if let Some(generic) = left.children().find(|child| Kind::of(*child) == Kind::GenericType) {
                visitor.type_parameters(generic);
            }
            visitor.ty(right)
        });
        self.b.symbol_mut(symbol).ty = Some(ty);
    }

    /// `if`; the body of `if __name__ == "__main__"` is where the program starts.
    fn if_statement(&mut self, node: Node<'_>) {
        let is_start = Field::Condition.of(node).is_some_and(|condition| self.is_start_of_program(condition));
        for child in node.children() {
            let outer = self.state.in_program;
            self.state.in_program |= is_start && Field::Consequence.is(child);
            match Field::Condition.of(node).filter(|_| Field::Consequence.is(child)) {
                Some(condition) => self.where_true(condition, child, |visitor| visitor.statement(child)),
                None => self.statement(child),
            }
            self.state.in_program = outer;
        }
    }

    fn is_start_of_program(&self, condition: Node<'_>) -> bool {
        Kind::of(condition) == Kind::ComparisonOperator
            && condition.children().any(|child| self.b.is(child, "__name__"))
            && condition.children().any(|child| self.b.text(child).contains("__main__"))
    }

    /// Sets the marks that depend on what stands elsewhere in the file.
    fn mark_named(&mut self) {
        for (names, mark) in [
            (std::mem::take(&mut self.state.exported), Marks::EXPORTED),
            (std::mem::take(&mut self.state.started), Marks::ENTRY_POINT),
        ] {
            for name in names {
                let Some(&symbol) = self.state.defined.get(&(None, name)) else { continue };
                let symbol = self.b.symbol_mut(symbol);
                symbol.marks.add(mark);
                if mark == Marks::EXPORTED {
                    symbol.visibility = Visibility::Public;
                }
            }
        }
    }

    /// The string that documents a body: its first statement.
    fn docstring(&self, body: Node<'_>) -> Option<Span> {
        let first = body.children().find(|child| !is_trivia(*child))?;
        let string = first.children().next().filter(|_| Kind::of(first) == Kind::ExpressionStatement)?;
        matches!(Kind::of(string), Kind::String | Kind::ConcatenatedString).then(|| string.span())
    }
}

/// `__x__` and `x` are public, `__x` is the class's own, `_x` the module's or the class family's.
pub(super) fn by_underscores(name: &str, in_class: bool) -> Visibility {
    match (name.starts_with("__"), name.starts_with('_')) {
        (true, _) if name.ends_with("__") => Visibility::Public,
        (true, _) if in_class => Visibility::Private,
        (_, true) if in_class => Visibility::Protected,
        (_, true) => Visibility::Package,
        _ => Visibility::Public,
    }
}

/// Comments, and keywords that the grammar calls like the nodes they open: the table keeps those too.
pub(super) fn is_trivia(node: Node<'_>) -> bool {
    let is_keyword = || matches!(Kind::of(node), Kind::Async | Kind::Await | Kind::Lambda | Kind::Type | Kind::Yield);
    Kind::of(node) == Kind::Comment || node.is_leaf() && is_keyword()
}
