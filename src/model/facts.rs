//! All that one file says, by itself. Facts hold no path, no clock and nothing of other files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::facts_code::{self, Tables};
use super::{Expr, ExprId, NameId, Names, Space, Span, Symbol, SymbolId};

/// A scope of one file; scope 0 is the file itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScopeId(pub u32);

/// An import of one file, numbered in source order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ImportId(pub u32);

/// What opens a scope; lookup rules differ by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScopeKind {
    /// The whole file.
    File,
    /// An inline module or namespace.
    Module,
    /// The body of a class, struct, trait, interface, impl or enum.
    Class,
    /// A callable: its parameters and body.
    Function,
    /// A block, loop, match arm, comprehension, ....
    Block,
}

/// A region in which names are declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// What opens it.
    pub kind: ScopeKind,
    /// The scope around it; none for the file.
    pub parent: Option<ScopeId>,
    /// The definition whose body it is (or that encloses it, for blocks).
    pub symbol: Option<SymbolId>,
    /// Index of its first binding; the next scope's is where they end.
    pub bindings: u32,
}

/// What a declared name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant's line explains its fields")]
pub enum BindingTarget {
    /// A definition of this file.
    Symbol(SymbolId),
    /// An import of this file.
    Import(ImportId),
    /// A local variable or parameter with its written type and its initial value.
    Local { ty: Option<ExprId>, init: Option<ExprId> },
    /// A type parameter with its bound, what it is where it is not given, and its place among the parameters of its
    /// definition; without a place, a further bound of one that is declared here or further out.
    TypeParameter { bound: Option<ExprId>, default: Option<ExprId>, place: Option<u16> },
    /// The name is the enclosing function's or the file's (Python `nonlocal`/`global`).
    Outer,
}

/// A name declared in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// Where it is declared.
    pub scope: ScopeId,
    /// The declared name.
    pub name: NameId,
    /// First byte from which it is visible; 0 where it is hoisted.
    pub from: u32,
    /// What it stands for.
    pub target: BindingTarget,
}

/// How a name is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the data model's own terms")]
pub enum Role {
    Call,
    Read,
    Write,
    Type,
    Import,
    Inherit,
    Macro,
    Decorator,
}

impl Role {
    /// Every role with the word used for it.
    pub const WORDS: [(Self, &'static str); 8] = [
        (Self::Call, "call"),
        (Self::Read, "read"),
        (Self::Write, "write"),
        (Self::Type, "type"),
        (Self::Import, "import"),
        (Self::Inherit, "inherit"),
        (Self::Macro, "macro"),
        (Self::Decorator, "decorator"),
    ];

    /// The word shown for this role.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }

    /// Whether an occurrence of this role is a call site. A decorator or annotation that runs code is one;
    /// a macro invocation is expanded, not called, and is counted apart.
    pub fn is_call(self) -> bool {
        matches!(self, Self::Call)
    }
}

/// One use of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// How the name is used.
    pub role: Role,
    /// The name as written.
    pub name: NameId,
    /// The name token itself.
    pub span: Span,
    /// The expression that denotes what is used.
    pub expr: ExprId,
    /// The innermost definition it stands in; none at top level.
    pub symbol: Option<SymbolId>,
    /// Arguments of a call; none if not a call or not countable (spread).
    pub arity: Option<u16>,
}

/// What an import names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportPath {
    /// Text resolved by the language's own rules: `"./util"`, `..pkg.mod`, `<stdio.h>`.
    Specifier(NameId),
    /// A path resolved segment by segment: `crate::a::b`, `java.util.List`.
    Expr(ExprId),
}

/// Which part of the named thing an import binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportShape {
    /// The thing itself (module, or what the path denotes).
    Whole,
    /// One member of it.
    Member(NameId),
    /// All its members.
    Glob,
    /// All its member types, and no other members (Java's `import a.B.*`).
    GlobTypes,
}

/// An import, include, use or re-export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What is imported from.
    pub path: ImportPath,
    /// Which part.
    pub shape: ImportShape,
    /// The name it is known by here; none for globs, includes and side-effect imports.
    pub bound: Option<NameId>,
    /// Whether other modules can reach it through this one.
    pub reexport: bool,
    /// Where it is declared.
    pub scope: ScopeId,
    /// The import in source.
    pub span: Span,
}

/// A name a module offers under rules of explicit export (JavaScript, TypeScript).
///
/// `default` is the default export; `export=` what `module.exports` is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The name seen from outside.
    pub name: NameId,
    /// What it is.
    pub value: ExprId,
}

/// How a definition relates to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum RelationKind {
    /// Base class, super-interface, super-trait.
    Extends,
    /// Interface or trait implemented.
    Implements,
    /// Go embedding, mixin.
    Embeds,
    /// The definition (or, for an `impl` block, what it contains) is a member of the target type.
    MemberOf,
}

impl RelationKind {
    /// Every relation with the word used for it.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::Extends, "extends"),
        (Self::Implements, "implements"),
        (Self::Embeds, "embeds"),
        (Self::MemberOf, "member_of"),
    ];

    /// The word shown for this relation.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].1
    }
}

/// A relation of a definition of this file to a named one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// The definition.
    pub symbol: SymbolId,
    /// How it relates.
    pub kind: RelationKind,
    /// The type it relates to.
    pub target: ExprId,
}

/// A value that flows into a definition: what a function returns, what a variable or field is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// The function, variable or field.
    pub symbol: SymbolId,
    /// The value.
    pub value: ExprId,
}

/// A parameter of a callable, receiver not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The callable.
    pub symbol: SymbolId,
    /// Its name, if it has one.
    pub name: Option<NameId>,
    /// Its written type.
    pub ty: Option<ExprId>,
}

/// Something wrong with the source, or with how much of it could be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Where.
    pub span: Span,
    /// What, in a few words.
    pub message: String,
}

/// Lines by what stands on them; their sum is the number of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineCounts {
    /// Lines with code, even if they also hold a comment.
    pub code: u32,
    /// Lines with nothing but comment.
    pub comment: u32,
    /// Lines of white space.
    pub blank: u32,
}

/// Everything extracted from one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileFacts {
    /// The strings of this file.
    pub names: Names,
    /// The package the file declares itself part of (Java, Go).
    pub package: Option<NameId>,
    /// Definitions in source order; a parent comes before its children.
    pub symbols: Vec<Symbol>,
    /// Scopes; a parent comes before its children.
    pub scopes: Vec<Scope>,
    /// Declared names, sorted by scope, name and first visible byte.
    pub bindings: Vec<Binding>,
    /// Expressions; operands come before their users.
    pub exprs: Vec<Expr>,
    /// Storage of [`ExprList`](super::ExprList)s.
    pub lists: Vec<ExprId>,
    /// Uses of names in source order.
    pub occurrences: Vec<Occurrence>,
    /// Imports in source order.
    pub imports: Vec<Import>,
    /// Explicit exports in source order.
    pub exports: Vec<Export>,
    /// Relations in source order.
    pub relations: Vec<Relation>,
    /// Values that flow into definitions, sorted by definition.
    pub flows: Vec<Flow>,
    /// Parameters, sorted by callable, in declaration order.
    pub parameters: Vec<Parameter>,
    /// Parse errors.
    pub diagnostics: Vec<Diagnostic>,
    /// Line counts.
    pub lines: LineCounts,
}

impl FileFacts {
    /// The string behind `id`.
    pub fn name(&self, id: NameId) -> &str {
        self.names.get(id)
    }

    /// The definition behind `id`.
    pub fn symbol(&self, id: SymbolId) -> &Symbol {
        &self.symbols[id.0 as usize]
    }

    /// The expression behind `id`.
    pub fn expr(&self, id: ExprId) -> Expr {
        self.exprs[id.0 as usize]
    }

    /// The elements of a list.
    pub fn list(&self, list: super::ExprList) -> &[ExprId] {
        &self.lists[list.start as usize..(list.start + list.len) as usize]
    }

    /// All bindings declared directly in `scope`.
    pub(crate) fn bindings_in(&self, scope: ScopeId) -> &[Binding] {
        let index = scope.0 as usize;
        let start = self.scopes[index].bindings as usize;
        let end = self.scopes.get(index + 1).map_or(self.bindings.len(), |next| next.bindings as usize);
        &self.bindings[start..end]
    }

    /// Where a part of this file's bindings starts among them all.
    pub(crate) fn position_of(&self, part: &[Binding]) -> u32 {
        let bytes = part.as_ptr() as usize - self.bindings.as_ptr() as usize;
        (bytes / size_of::<Binding>()) as u32
    }

    /// The bindings of `name` declared directly in `scope`, by first visible byte.
    pub fn bindings_of(&self, scope: ScopeId, name: NameId) -> &[Binding] {
        let all = self.bindings_in(scope);
        let first = all.partition_point(|binding| binding.name < name);
        let len = all[first..].iter().take_while(|binding| binding.name == name).count();
        &all[first..first + len]
    }

    /// The bindings that `name`, standing in `scope` at byte `at`, means: those of the innermost scope that
    /// declares it in `space`, and of these the ones declared last before `at`. Empty if no scope of the file
    /// declares it.
    pub fn lookup(&self, scope: ScopeId, name: NameId, at: u32, space: Space, open_classes: bool) -> &[Binding] {
        let mut next = Some(scope);
        while let Some(id) = next {
            let scope_data = self.scopes[id.0 as usize];
            let closed = scope_data.kind == ScopeKind::Class && id != scope && !open_classes;
            let found = self.visible(id, name, at, space, closed);
            match found.first().map(|binding| binding.target) {
                None | Some(BindingTarget::Outer) => next = scope_data.parent,
                Some(_) => return found,
            }
        }
        &[]
    }

    /// The bindings of `name` declared directly in `scope` that a use at byte `at` can mean; in a `closed` scope
    /// only type parameters.
    pub(crate) fn visible(&self, scope: ScopeId, name: NameId, at: u32, space: Space, closed: bool) -> &[Binding] {
        let all = self.bindings_of(scope, name);
        let fits = |binding: &Binding| {
            binding.from <= at
                && (!closed || matches!(binding.target, BindingTarget::TypeParameter { .. }))
                && self.is_in_space(binding.target, space)
        };
        let Some(last) = all.iter().rposition(fits) else { return &[] };
        let from = all[last].from;
        let first = all[..last].iter().rposition(|binding| binding.from != from).map_or(0, |before| before + 1);
        &all[first..=last]
    }

    /// Whether a binding can be meant by a name of `space`.
    fn is_in_space(&self, target: BindingTarget, space: Space) -> bool {
        let BindingTarget::Symbol(id) = target else {
            return match target {
                BindingTarget::Local { .. } => {
                    !matches!(space, Space::Type | Space::Macro | Space::Tag | Space::Method | Space::Root)
                }
                BindingTarget::TypeParameter { .. } => {
                    !matches!(space, Space::Macro | Space::Tag | Space::Method | Space::Root)
                }
                _ => true,
            };
        };
        self.symbol(id).kind.is_in(space)
    }

    /// What an import names, as written: the text, or the segments of the path joined by `separator`.
    pub fn import_specifier(&self, path: ImportPath, separator: &str) -> String {
        let mut next = match path {
            ImportPath::Specifier(name) => return self.name(name).to_owned(),
            ImportPath::Expr(expr) => Some(expr),
        };
        let mut segments = Vec::new();
        while let Some(expr) = next {
            next = None;
            match self.expr(expr) {
                Expr::Member { base, name } => {
                    segments.push(self.name(name));
                    next = Some(base);
                }
                Expr::Name { name, .. } => segments.push(self.name(name)),
                _ => segments.push("?"),
            }
        }
        segments.reverse();
        segments.join(separator)
    }

    /// What flows into `symbol`.
    pub fn flows_of(&self, symbol: SymbolId) -> &[Flow] {
        let start = self.flows.partition_point(|flow| flow.symbol < symbol);
        let len = self.flows[start..].iter().take_while(|flow| flow.symbol == symbol).count();
        &self.flows[start..start + len]
    }

    /// The parameters of `symbol` in order.
    pub fn parameters_of(&self, symbol: SymbolId) -> &[Parameter] {
        let start = self.parameters.partition_point(|parameter| parameter.symbol < symbol);
        let len = self.parameters[start..].iter().take_while(|parameter| parameter.symbol == symbol).count();
        &self.parameters[start..start + len]
    }

    /// Tells each scope where its bindings start; they must be sorted by scope.
    pub(crate) fn find_bindings(&mut self) {
        let mut next = 0;
        for (scope, data) in (0u32..).zip(&mut self.scopes) {
            data.bindings = next as u32;
            next += self.bindings[next..].iter().take_while(|binding| binding.scope.0 == scope).count();
        }
    }

    /// Encodes for storage.
    pub fn encode(&self) -> Vec<u8> {
        facts_code::encode(self)
    }

    /// Decodes what [`encode`](Self::encode) wrote; none if the bytes are not that.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        facts_code::decode(bytes, Tables::All)
    }

    /// The same without the occurrences: all that other files can see.
    pub fn decode_declared(bytes: &[u8]) -> Option<Self> {
        facts_code::decode(bytes, Tables::Declared)
    }

    /// The same with the strings and symbols alone, and what is rare.
    pub fn decode_symbols(bytes: &[u8]) -> Option<Self> {
        facts_code::decode(bytes, Tables::Symbols)
    }

    /// The same with strings, symbols, occurrences and expressions alone, and what is rare.
    pub fn decode_sites(bytes: &[u8]) -> Option<Self> {
        facts_code::decode(bytes, Tables::Sites)
    }
}
