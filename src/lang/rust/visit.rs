//! Items of Rust: what defines names and scopes. Imports are in `imports`, bodies in `expr`, types and patterns in `ty`.

use super::modules::PLACES_SEPARATOR;
use crate::lang::{Builder, Definition, grammar_fields, grammar_kinds};
use crate::model::{
    Arity, Expr, ExprId, Marks, NameId, Node, RelationKind, Role, ScopeKind, Space, Span, SymbolId, SymbolKind,
    Visibility,
};

grammar_kinds! {
    ArrayExpression = "array_expression", ArrayType = "array_type", AssignmentExpression = "assignment_expression",
    AssociatedType = "associated_type", AttributeItem = "attribute_item", AwaitExpression = "await_expression",
    BaseFieldInitializer = "base_field_initializer", BinaryExpression = "binary_expression", Block = "block",
    BlockComment = "block_comment", BooleanLiteral = "boolean_literal", BoundedType = "bounded_type",
    BracketedType = "bracketed_type", CallExpression = "call_expression", CapturedPattern = "captured_pattern",
    CharLiteral = "char_literal", ClosureExpression = "closure_expression", ClosureParameters = "closure_parameters",
    CompoundAssignment = "compound_assignment_expr", ConstItem = "const_item", ConstParameter = "const_parameter",
    Crate = "crate", DynamicType = "dynamic_type", AbstractType = "abstract_type", EnumItem = "enum_item",
    EnumVariant = "enum_variant", ExpressionStatement = "expression_statement", ExternCrate = "extern_crate_declaration", FieldDeclaration = "field_declaration",
    FieldDeclarationList = "field_declaration_list", FieldExpression = "field_expression",
    FieldIdentifier = "field_identifier", FieldInitializer = "field_initializer", FieldPattern = "field_pattern",
    FloatLiteral = "float_literal", ForExpression = "for_expression", ForeignMod = "foreign_mod_item",
    FunctionItem = "function_item", FunctionModifiers = "function_modifiers",
    FunctionSignature = "function_signature_item", FunctionType = "function_type", GenericFunction = "generic_function",
    GenericType = "generic_type", Identifier = "identifier", IfExpression = "if_expression", ImplItem = "impl_item",
    IndexExpression = "index_expression", InnerAttribute = "inner_attribute_item", IntegerLiteral = "integer_literal",
    LetCondition = "let_condition", LetDeclaration = "let_declaration", Lifetime = "lifetime",
    LineComment = "line_comment", MacroDefinition = "macro_definition", MacroInvocation = "macro_invocation",
    MatchArm = "match_arm", MatchExpression = "match_expression", MatchPattern = "match_pattern", Metavariable = "metavariable",
    ModItem = "mod_item", MutableSpecifier = "mutable_specifier",
    OrderedFieldDeclarationList = "ordered_field_declaration_list", OrPattern = "or_pattern", Parameter = "parameter",
    ParenthesizedExpression = "parenthesized_expression", PointerType = "pointer_type", PrimitiveType = "primitive_type",
    QualifiedType = "qualified_type", RangeExpression = "range_expression", RawStringLiteral = "raw_string_literal",
    RemainingFieldPattern = "remaining_field_pattern",
    ReferenceExpression = "reference_expression", ReferencePattern = "reference_pattern",
    ReferenceType = "reference_type", RefPattern = "ref_pattern", MutPattern = "mut_pattern",
    ReturnExpression = "return_expression", ScopedIdentifier = "scoped_identifier",
    ScopedTypeIdentifier = "scoped_type_identifier", ScopedUseList = "scoped_use_list", SelfKeyword = "self",
    SelfParameter = "self_parameter", ShorthandFieldIdentifier = "shorthand_field_identifier",
    ShorthandFieldInitializer = "shorthand_field_initializer", SlicePattern = "slice_pattern", StaticItem = "static_item",
    StringLiteral = "string_literal", StructExpression = "struct_expression", StructItem = "struct_item",
    StructPattern = "struct_pattern", Super = "super", TokenTree = "token_tree", TraitItem = "trait_item",
    TryExpression = "try_expression", TupleExpression = "tuple_expression", TuplePattern = "tuple_pattern",
    TupleStructPattern = "tuple_struct_pattern", TupleType = "tuple_type", TypeArguments = "type_arguments",
    TypeBinding = "type_binding", TypeCast = "type_cast_expression", TypeIdentifier = "type_identifier", TypeItem = "type_item",
    TypeParameter = "type_parameter", TypeParameters = "type_parameters", UnaryExpression = "unary_expression",
    UnionItem = "union_item", UseAsClause = "use_as_clause", UseDeclaration = "use_declaration", UseList = "use_list",
    UseWildcard = "use_wildcard", VariadicParameter = "variadic_parameter", VisibilityModifier = "visibility_modifier",
    WhereClause = "where_clause", WherePredicate = "where_predicate", WhileExpression = "while_expression",
    BreakExpression = "break_expression", ConstBlock = "const_block", ContinueExpression = "continue_expression",
    ElseClause = "else_clause", EmptyStatement = "empty_statement", GenBlock = "gen_block", Label = "label",
    LetChain = "let_chain", MatchBlock = "match_block", TryBlock = "try_block",
    LoopExpression = "loop_expression", UnsafeBlock = "unsafe_block", AsyncBlock = "async_block", Async = "async",
}

grammar_fields! {
    Alias = "alias", Alternative = "alternative", Argument = "argument", Arguments = "arguments", Body = "body",
    Bounds = "bounds", Condition = "condition", Consequence = "consequence", Element = "element", Selected = "field",
    Function = "function", Left = "left", List = "list", Macro = "macro", Name = "name", Parameters = "parameters",
    Path = "path", Pattern = "pattern", ReturnType = "return_type", Right = "right", Trait = "trait", Type = "type",
    TypeArgs = "type_arguments", TypeParams = "type_parameters", Value = "value", Default = "default_type",
}

/// Visits a file.
pub(super) fn visit(b: &mut Builder<'_>, root: Node<'_>) {
    Visitor { b }.items(root);
}

/// What stands before an item: attributes and documentation.
#[derive(Clone, Copy, Default)]
pub(super) struct Before {
    start: Option<u32>,
    doc: Option<Span>,
    marks: Marks,
    /// The places of a module's file, see [`PLACES_SEPARATOR`].
    places: Option<NameId>,
}

pub(super) struct Visitor<'b, 's> {
    pub(super) b: &'b mut Builder<'s>,
}

impl Visitor<'_, '_> {
    /// Visits the items or statements of `list` in order.
    pub(super) fn items(&mut self, list: Node<'_>) {
        self.items_before(list, None);
    }

    /// Visits the items or statements of `list` up to, but without, the node of index `end`.
    pub(super) fn items_before(&mut self, list: Node<'_>, end: Option<u32>) {
        let mut marks = Marks::default();
        let mut before = Before::default();
        for child in list.children().take_while(|child| Some(child.index()) != end) {
            match Kind::of(child) {
                Kind::LineComment | Kind::BlockComment => self.comment(child, &mut before),
                Kind::AttributeItem => self.attribute(child, &mut before),
                // What it says of the file or module, it says of everything in that.
                Kind::InnerAttribute if self.is_of_tests(child) => marks.add(Marks::TEST),
                Kind::InnerAttribute => {}
                _ => {
                    before.marks.add(marks);
                    self.item(child, before);
                    before = Before::default();
                }
            }
        }
    }

    fn comment(&mut self, comment: Node<'_>, before: &mut Before) {
        let text = self.b.text(comment);
        let is_doc = text.starts_with("///") && !text.starts_with("////")
            || text.starts_with("/**") && !text.starts_with("/***") && text.len() > 4;
        if is_doc {
            let start = before.doc.map_or(comment.start(), |doc| doc.start);
            before.doc = Some(Span::new(start, comment.end()));
        }
    }

    fn attribute(&mut self, item: Node<'_>, before: &mut Before) {
        before.start.get_or_insert(item.start());
        let Some(attribute) = item.children().next() else { return };
        let Some(path) = attribute.children().next() else { return };
        let text = self.b.text(path).into_owned();
        let last = text.rsplit("::").next().unwrap_or_default();
        match last {
            "cfg" if Field::Arguments.of(attribute).is_some_and(|condition| self.is_for_tests(condition)) => {
                before.marks.add(Marks::TEST);
            }
            "unsafe" if self.b.text(attribute).contains("no_mangle") => before.marks.add(Marks::FOREIGN),
            _ => mark(last, before),
        }
        self.path(path, Role::Decorator, Space::Macro);
        if let ("path", Some(place)) = (last, Field::Value.of(attribute)) {
            before.places = Some(self.place(place, None));
        }
        let Some(arguments) = Field::Arguments.of(attribute) else { return };
        match last {
            "derive" => drop(self.tokens(arguments, Role::Decorator)),
            "cfg_attr" => self.conditional_attributes(arguments, before),
            _ => {}
        }
    }

    /// Whether an attribute says that what it stands in is there for tests only.
    fn is_of_tests(&mut self, item: Node<'_>) -> bool {
        let Some(attribute) = item.children().next() else { return false };
        let is_condition = attribute.children().next().is_some_and(|path| self.b.is(path, "cfg"));
        is_condition && Field::Arguments.of(attribute).is_some_and(|condition| self.is_for_tests(condition))
    }

    /// Whether a condition, a tree of tokens, names tests and not their absence.
    fn is_for_tests(&mut self, condition: Node<'_>) -> bool {
        let mut negated = false;
        for token in condition.children() {
            let is_inside = |b: &mut Builder<'_>| Visitor { b }.is_for_tests(token);
            match Kind::of(token) {
                Kind::TokenTree if !negated && self.b.deeper(is_inside) => return true,
                Kind::Identifier if self.b.is(token, "test") || self.b.is(token, "doctest") => return true,
                _ => {}
            }
            negated = self.b.is(token, "not");
        }
        false
    }

    /// The attributes that stand behind the condition of `cfg_attr(condition, attribute, ...)`.
    fn conditional_attributes(&mut self, arguments: Node<'_>, before: &mut Before) {
        let tokens: Vec<Node<'_>> = arguments.children().collect();
        for index in 1..tokens.len() {
            let between = self.b.text_of(Span::new(tokens[index - 1].end(), tokens[index].start()));
            if between.trim() != "," || Kind::of(tokens[index]) != Kind::Identifier {
                continue;
            }
            let mut last = index;
            let mut expr = self.b.name_expr(tokens[last], Space::Macro);
            while self.joined(&tokens, last, "::") && Kind::of(tokens[last + 1]) == Kind::Identifier {
                last += 1;
                let name = self.b.name(tokens[last]);
                expr = self.b.expr(Expr::Member { base: expr, name });
            }
            self.b.occurrence(Role::Decorator, expr, tokens[last]);
            mark(&self.b.text(tokens[last]), before);
            if self.b.is(tokens[last], "path") && self.joined(&tokens, last, "=") {
                let usual = before.places.unwrap_or_else(|| self.b.intern(""));
                before.places = Some(self.place(tokens[last + 1], Some(usual)));
            }
        }
    }

    /// The places of a module's file with the one that a literal names.
    fn place(&mut self, literal: Node<'_>, others: Option<NameId>) -> NameId {
        let text = literal.children().map(|content| self.b.text(content)).collect::<String>();
        match others {
            Some(others) => {
                let text = format!("{}{PLACES_SEPARATOR}{text}", self.b.name_text(others));
                self.b.intern(&text)
            }
            None => self.b.intern(&text),
        }
    }

    fn item(&mut self, node: Node<'_>, before: Before) {
        self.b.deeper(|b| Visitor { b }.item_here(node, before));
    }

    fn item_here(&mut self, node: Node<'_>, before: Before) {
        match Kind::of(node) {
            Kind::FunctionItem | Kind::FunctionSignature => self.function(node, before),
            Kind::StructItem => self.structure(node, SymbolKind::Struct, before),
            Kind::UnionItem => self.structure(node, SymbolKind::Union, before),
            Kind::EnumItem => self.structure(node, SymbolKind::Enum, before),
            Kind::TraitItem => self.trait_item(node, before),
            Kind::ImplItem => self.impl_item(node, before),
            Kind::TypeItem => self.alias(node, SymbolKind::TypeAlias, before),
            Kind::AssociatedType => self.alias(node, SymbolKind::AssociatedType, before),
            Kind::ConstItem => self.value(node, SymbolKind::Constant, before),
            Kind::StaticItem => self.value(node, SymbolKind::Variable, before),
            Kind::ModItem => self.module(node, before),
            Kind::MacroDefinition => self.macro_definition(node, before),
            Kind::ForeignMod => self.foreign(node, before),
            Kind::UseDeclaration => self.use_declaration(node),
            Kind::ExternCrate => self.extern_crate(node),
            _ => {
                self.expr(node);
            }
        }
    }

    /// A definition with the usual parts: name, visibility, attributes, documentation, end of signature.
    fn definition(&mut self, node: Node<'_>, name: Node<'_>, kind: SymbolKind, before: Before) -> Definition {
        let name_id = self.b.name(name);
        let mut definition = Definition::new(kind, name_id, name.span(), node).body(Field::Body.of(node));
        definition.span.start = before.start.unwrap_or(node.start());
        definition.doc = before.doc;
        definition.marks = before.marks;
        definition.visibility = self.visibility(node);
        if self.in_class() {
            definition = definition.member();
        }
        definition
    }

    fn in_class(&self) -> bool {
        self.b.scope_kind(self.b.scope()) == ScopeKind::Class
    }

    pub(super) fn visibility(&mut self, node: Node<'_>) -> Visibility {
        match node.children().find(|child| Kind::of(*child) == Kind::VisibilityModifier) {
            None => Visibility::Private,
            Some(modifier) if self.b.is(modifier, "pub") => Visibility::Public,
            Some(_) => Visibility::Package,
        }
    }

    fn function(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let member = self.in_class();
        let parent = self.b.symbol().map(|id| self.b.facts().symbol(id).kind);
        let is_member = member && matches!(parent, Some(SymbolKind::Impl | SymbolKind::Trait));
        let kind = if is_member { SymbolKind::Method } else { SymbolKind::Function };
        let mut definition = self.definition(node, name, kind, before);
        let receiver = Field::Parameters.of(node).and_then(|list| list.children().find(|child| is_receiver(*child)));
        definition.marks.add(match (is_member, receiver) {
            (true, Some(_)) => Marks::RECEIVER,
            (true, None) => Marks::STATIC,
            (false, _) => Marks::default(),
        });
        if Field::Body.of(node).is_none() {
            let in_trait = parent == Some(SymbolKind::Trait);
            definition.marks.add(if in_trait { Marks::ABSTRACT } else { Marks::DECLARATION });
        }
        if node.children().any(|child| Kind::of(child) == Kind::FunctionModifiers && self.is_async(child)) {
            definition.marks.add(Marks::ASYNC);
        }
        if self.b.is(name, "main") && self.b.symbol().is_none() {
            definition.marks.add(Marks::ENTRY_POINT);
        }
        if self.enclosing_impl_has_trait() {
            definition.visibility = Visibility::Public;
        }
        let symbol = self.b.define(definition);
        self.b.in_symbol(symbol, ScopeKind::Function, |b| Visitor { b }.function_parts(node, symbol));
    }

    fn is_async(&mut self, modifiers: Node<'_>) -> bool {
        modifiers.children().any(|child| Kind::of(child) == Kind::Async)
    }

    /// Items of a trait and of its implementations are as visible as the trait.
    fn enclosing_impl_has_trait(&self) -> bool {
        let Some(parent) = self.b.symbol() else { return false };
        let facts = self.b.facts();
        facts
            .relations
            .iter()
            .rev()
            .any(|relation| relation.symbol == parent && relation.kind == RelationKind::Implements)
    }

    fn function_parts(&mut self, node: Node<'_>, symbol: SymbolId) {
        self.generics(node);
        if let Some(parameters) = Field::Parameters.of(node) {
            let arity = self.parameters(parameters, symbol);
            self.b.symbol_mut(symbol).arity = Some(arity);
        }
        if let Some(result) = Field::ReturnType.of(node) {
            let ty = self.ty(result);
            self.b.symbol_mut(symbol).ty = Some(ty);
        }
        if let Some(body) = Field::Body.of(node) {
            self.items(body);
        }
    }

    fn parameters(&mut self, list: Node<'_>, symbol: SymbolId) -> Arity {
        let (mut count, mut variadic) = (0, false);
        for child in list.children() {
            match Kind::of(child) {
                _ if is_receiver(child) => {
                    if let Some(ty) = Field::Type.of(child) {
                        self.ty(ty);
                    }
                }
                Kind::Parameter => {
                    let ty = Field::Type.of(child).map(|ty| self.ty(ty));
                    let pattern = Field::Pattern.of(child);
                    let name = pattern.filter(|node| Kind::of(*node) == Kind::Identifier).map(|node| self.b.name(node));
                    if let Some(pattern) = pattern {
                        self.bind(pattern, ty, None, 0);
                    }
                    self.b.parameter(symbol, name, ty);
                    count += 1;
                }
                Kind::VariadicParameter => variadic = true,
                _ => {}
            }
        }
        Arity { min: count, max: if variadic { u16::MAX } else { count } }
    }

    /// Type parameters and where clauses, declared in the current scope.
    fn generics(&mut self, node: Node<'_>) {
        let parameters = Field::TypeParams.of(node);
        for child in parameters.iter().flat_map(|list| list.children()) {
            let Some(name) = Field::Name.of(child) else { continue };
            match Kind::of(child) {
                Kind::TypeParameter => {
                    let bound = Field::Bounds.of(child).map(|bounds| self.bounds(bounds));
                    let default = Field::Default.of(child).map(|default| self.ty(default));
                    let name = self.b.name(name);
                    self.b.type_parameter_or(name, bound, default);
                }
                Kind::ConstParameter => {
                    let ty = Field::Type.of(child).map(|ty| self.ty(ty));
                    let name = self.b.name(name);
                    self.b.local(name, 0, ty, None);
                    self.b.skip_type_parameter();
                }
                _ => {}
            }
        }
        for clause in node.children().filter(|child| Kind::of(*child) == Kind::WhereClause) {
            for predicate in clause.children() {
                self.where_predicate(predicate);
            }
        }
    }

    fn where_predicate(&mut self, predicate: Node<'_>) {
        let left = Field::Left.of(predicate);
        let Some(bounds) = Field::Bounds.of(predicate) else { return };
        let bound = self.bounds(bounds);
        let Some(left) = left else { return };
        if Kind::of(left) == Kind::TypeIdentifier {
            let name = self.b.name(left);
            self.b.type_parameter_bound(name, bound);
        } else {
            self.ty(left);
        }
    }

    /// `A + B`: a type that is all of these.
    pub(super) fn bounds(&mut self, bounds: Node<'_>) -> ExprId {
        let items: Vec<ExprId> =
            bounds.children().filter(|child| Kind::of(*child) != Kind::Lifetime).map(|child| self.ty(child)).collect();
        self.b.union(&items)
    }

    fn structure(&mut self, node: Node<'_>, kind: SymbolKind, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let definition = self.definition(node, name, kind, before);
        let symbol = self.b.define(definition);
        self.b.in_symbol(symbol, ScopeKind::Class, |b| {
            let mut visitor = Visitor { b };
            visitor.generics(node);
            if let Some(body) = Field::Body.of(node) {
                visitor.fields(body);
            }
        });
    }

    /// The fields or variants of a struct, enum or variant.
    fn fields(&mut self, body: Node<'_>) {
        let mut before = Before::default();
        let mut ordinal = 0;
        let ordered = Kind::of(body) == Kind::OrderedFieldDeclarationList;
        for child in body.children() {
            match Kind::of(child) {
                Kind::LineComment | Kind::BlockComment => self.comment(child, &mut before),
                Kind::AttributeItem => self.attribute(child, &mut before),
                Kind::FieldDeclaration => self.field(child, std::mem::take(&mut before)),
                Kind::EnumVariant => self.variant(child, std::mem::take(&mut before)),
                Kind::VisibilityModifier => {}
                _ if ordered && Field::Type.is(child) => {
                    self.ordered_field(child, ordinal, std::mem::take(&mut before));
                    ordinal += 1;
                }
                _ => {}
            }
        }
        if ordered && let Some(symbol) = self.b.symbol() {
            self.b.symbol_mut(symbol).arity = Some(Arity::exactly(ordinal));
        }
    }

    fn field(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let ty = Field::Type.of(node).map(|ty| self.ty(ty));
        let mut definition = self.definition(node, name, SymbolKind::Field, before);
        definition.ty = ty;
        self.b.define(definition);
    }

    fn ordered_field(&mut self, ty: Node<'_>, ordinal: u16, before: Before) {
        let name = self.b.intern(&ordinal.to_string());
        let expr = self.ty(ty);
        let mut definition = Definition::new(SymbolKind::Field, name, ty.span(), ty).member();
        definition.ty = Some(expr);
        definition.doc = before.doc;
        self.b.define(definition);
    }

    fn variant(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let mut definition = self.definition(node, name, SymbolKind::EnumMember, before);
        definition.visibility = Visibility::Public;
        let symbol = self.b.define(definition);
        self.b.in_symbol(symbol, ScopeKind::Class, |b| {
            let mut visitor = Visitor { b };
            if let Some(body) = Field::Body.of(node) {
                visitor.fields(body);
            }
            if let Some(value) = Field::Value.of(node) {
                visitor.expr(value);
            }
        });
    }

    fn trait_item(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let definition = self.definition(node, name, SymbolKind::Trait, before);
        let symbol = self.b.define(definition);
        self.b.in_symbol(symbol, ScopeKind::Class, |b| {
            let mut visitor = Visitor { b };
            visitor.generics(node);
            for bound in Field::Bounds.of(node).iter().flat_map(|bounds| bounds.children()) {
                if Kind::of(bound) != Kind::Lifetime {
                    let target = visitor.ty_in_role(bound, Role::Inherit);
                    visitor.b.relation(symbol, RelationKind::Extends, target);
                }
            }
            if let Some(body) = Field::Body.of(node) {
                visitor.items(body);
            }
        });
    }

    fn impl_item(&mut self, node: Node<'_>, before: Before) {
        let Some(ty) = Field::Type.of(node) else { return };
        let trait_node = Field::Trait.of(node);
        let type_text = one_line(&self.b.text(ty));
        let name = match trait_node {
            Some(node) => format!("impl {} for {type_text}", one_line(&self.b.text(node))),
            None => format!("impl {type_text}"),
        };
        let name = self.b.intern(&name);
        let mut definition = Definition::new(SymbolKind::Impl, name, ty.span(), node).body(Field::Body.of(node));
        definition = definition.member();
        definition.span.start = before.start.unwrap_or(node.start());
        definition.doc = before.doc;
        definition.marks = before.marks;
        definition.qualifier = Some(self.simple_type_name(ty));
        let symbol = self.b.define(definition);
        self.b.in_symbol(symbol, ScopeKind::Class, |b| {
            let mut visitor = Visitor { b };
            visitor.generics(node);
            if let Some(trait_node) = trait_node {
                let target = visitor.ty_in_role(trait_node, Role::Inherit);
                visitor.b.relation(symbol, RelationKind::Implements, target);
            }
            let target = visitor.ty(ty);
            visitor.b.relation(symbol, RelationKind::MemberOf, target);
            if let Some(body) = Field::Body.of(node) {
                visitor.items(body);
            }
        });
    }

    /// `Foo` for `&mut a::Foo<T>`.
    fn simple_type_name(&mut self, ty: Node<'_>) -> NameId {
        let mut node = ty;
        loop {
            node = match Kind::of(node) {
                Kind::GenericType | Kind::ReferenceType | Kind::PointerType => match Field::Type.of(node) {
                    Some(inner) => inner,
                    None => break,
                },
                Kind::DynamicType | Kind::AbstractType => match Field::Trait.of(node) {
                    Some(inner) => inner,
                    None => break,
                },
                Kind::ScopedTypeIdentifier => match Field::Name.of(node) {
                    Some(inner) => inner,
                    None => break,
                },
                _ => break,
            };
        }
        let text = one_line(&self.b.text(node));
        self.b.intern(&text)
    }

    fn alias(&mut self, node: Node<'_>, kind: SymbolKind, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let in_impl = self.b.symbol().is_some_and(|id| self.b.facts().symbol(id).kind == SymbolKind::Impl);
        let kind = if in_impl { SymbolKind::AssociatedType } else { kind };
        let definition = self.definition(node, name, kind, before);
        let symbol = self.b.define(definition);
        let ty = self.b.in_symbol(symbol, ScopeKind::Class, |b| {
            let mut visitor = Visitor { b };
            visitor.generics(node);
            let aliased = Field::Type.of(node).map(|ty| visitor.ty(ty));
            aliased.or_else(|| Field::Bounds.of(node).map(|bounds| visitor.bounds(bounds)))
        });
        self.b.symbol_mut(symbol).ty = ty;
    }

    fn value(&mut self, node: Node<'_>, kind: SymbolKind, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let ty = Field::Type.of(node).map(|ty| self.ty(ty));
        let mut definition = self.definition(node, name, kind, before);
        let value = Field::Value.of(node);
        if let Some(value) = value {
            definition.signature.end = value.start();
        }
        definition.ty = ty;
        let symbol = self.b.define(definition);
        if let Some(value) = value {
            self.b.in_symbol(symbol, ScopeKind::Block, |b| {
                Visitor { b }.expr(value);
            });
        }
    }

    fn module(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let mut definition = self.definition(node, name, SymbolKind::Module, before);
        let body = Field::Body.of(node);
        definition.qualifier = before.places;
        if body.is_none() {
            definition.marks.add(Marks::DECLARATION);
        }
        let symbol = self.b.define(definition);
        if let Some(body) = body {
            self.b.in_symbol(symbol, ScopeKind::Module, |b| Visitor { b }.items(body));
        }
    }

    fn macro_definition(&mut self, node: Node<'_>, before: Before) {
        let Some(name) = Field::Name.of(node) else { return };
        let mut definition = self.definition(node, name, SymbolKind::Macro, before);
        definition.signature = Span::new(node.start(), name.end());
        definition.visibility = Visibility::Package;
        self.b.define(definition);
    }

    fn foreign(&mut self, node: Node<'_>, before: Before) {
        let name = self.b.intern("extern");
        let mut definition =
            Definition::new(SymbolKind::ExternBlock, name, Span::new(node.start(), node.start()), node);
        definition = definition.body(Field::Body.of(node)).member();
        definition.span.start = before.start.unwrap_or(node.start());
        let symbol = self.b.define(definition);
        let (Some(body), scope) = (Field::Body.of(node), self.b.scope()) else { return };
        // The declared functions are names of the enclosing module.
        self.b.resume(symbol, scope, |b| Visitor { b }.items(body));
    }
}

/// Text with every run of white space as one blank.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `self`, `&mut self`, or `self: Box<Self>`, which the grammar takes for any other parameter.
/// What an attribute of that last name says of the definition after it.
fn mark(attribute: &str, before: &mut Before) {
    match attribute {
        "test" | "bench" | "rstest" | "test_case" => before.marks.add(Marks::TEST),
        "deprecated" => before.marks.add(Marks::DEPRECATED),
        "no_mangle" | "export_name" | "panic_handler" | "global_allocator" | "link_section" | "used" => {
            before.marks.add(Marks::FOREIGN);
        }
        _ => {}
    }
}

fn is_receiver(node: Node<'_>) -> bool {
    let is_self = |pattern: Node<'_>| Kind::of(pattern) == Kind::SelfKeyword;
    let is_typed = || Kind::of(node) == Kind::Parameter && Field::Pattern.of(node).is_some_and(is_self);
    Kind::of(node) == Kind::SelfParameter || is_typed()
}
