//! Blanks macros that stand where the grammars allow no macro: `class EXPORT Foo {`, `API int f(void);`,
//! `int x GUARDED_BY(mu);`, `f() NOEXCEPT;`. The preprocessor would replace them; the parser would lose its way.
//!
//! One pass over the tokens of a file, which remembers only what kind of braces are open. A macro is a name
//! without small letters; where such a name could as well be a type or a call it is left alone. Bytes keep their
//! places, so every position found in the masked text holds in the source.

use super::tokens::{Directive, Lexeme, Token, Tokens, tokens};

/// Macros in a row that are looked past.
const MACROS_MAX: usize = 32;

/// What an open brace holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brace {
    /// Declarations: a namespace, `extern "C"`, a class, which has its name at this token.
    Declarations(Option<usize>),
    /// Statements of a callable.
    Body,
    /// Other statements, enumerators or values.
    Other,
}

/// A change to the text: `start..end` becomes `byte`.
struct Edit {
    start: usize,
    end: usize,
    byte: u8,
}

/// The source with such macros blanked; none if there are none.
pub(super) fn mask(source: &[u8]) -> Option<Vec<u8>> {
    let Tokens { all, unclosed } = tokens(source);
    let mut edits = Masker { source, tokens: &all }.edits();
    // The parsers need hours for what follows a comment without end.
    edits.extend(unclosed.map(|start| Edit { start, end: source.len(), byte: b' ' }));
    if edits.is_empty() {
        return None;
    }
    let mut masked = source.to_vec();
    for Edit { start, end, byte } in edits {
        masked[start..end].fill(byte);
    }
    Some(masked)
}

struct Masker<'t> {
    source: &'t [u8],
    tokens: &'t [Lexeme],
}

impl Masker<'_> {
    fn edits(&self) -> Vec<Edit> {
        let mut edits = Vec::new();
        let mut braces = Braces::default();
        let mut statement = Statement::default();
        let mut index = 0;
        while let Some(lexeme) = self.tokens.get(index) {
            let brace = braces.innermost();
            if let Some(end) = self.section_at(index, brace, &statement) {
                edits.push(Edit { start: lexeme.start, end: self.tokens[end - 1].end, byte: b' ' });
                index = end;
                continue;
            }
            if let Some(end) = self.macro_at(index, brace, &statement) {
                edits.extend(self.edit(index, end, brace, &statement));
                index = end;
                continue;
            }
            match lexeme.token {
                Token::Directive(directive) => {
                    braces.branch(directive);
                    edits.extend(self.inner_comments(*lexeme));
                }
                Token::Sign(b'{') => {
                    braces.open(statement.brace());
                    statement = Statement::default();
                }
                Token::Sign(b'}') => {
                    braces.close();
                    statement = Statement::default();
                }
                Token::Sign(b';') => statement = Statement::default(),
                token => statement.push(token, index),
            }
            index += 1;
        }
        edits
    }

    /// Comments inside a macro's body, which the grammars take for its end.
    fn inner_comments(&self, directive: Lexeme) -> Vec<Edit> {
        let text = &self.source[directive.start..directive.end];
        let mut edits = Vec::new();
        let mut position = 0;
        while let Some(offset) = memchr::memchr2(b'"', b'/', &text[position..]) {
            position += offset + 1;
            if text[position - 1] == b'"' {
                let closed = text[position..].iter().position(|byte| *byte == b'"');
                position = closed.map_or(text.len(), |offset| position + offset + 1);
            } else if text.get(position) == Some(&b'*') {
                let Some(length) = memchr::memmem::find(&text[position..], b"*/") else { break };
                let end = position + length + 2;
                let start = directive.start + position - 1;
                if !text[end..].trim_ascii().is_empty() {
                    edits.push(Edit { start, end: directive.start + end, byte: b' ' });
                }
                position = end;
            }
        }
        edits
    }

    fn token(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).map(|lexeme| lexeme.token)
    }

    fn is_name(&self, index: usize) -> bool {
        self.token(index).is_some_and(Token::is_name)
    }

    /// How to get rid of the macro `index..end`. A macro call on a line of its own or in a body stays, as the call that
    /// it reads like, and is closed by a semicolon in the white space behind it.
    fn edit(&self, index: usize, end: usize, brace: Brace, statement: &Statement) -> Option<Edit> {
        let (start, stop) = (self.tokens[index].start, self.tokens[end - 1].end);
        let gap = self.tokens.get(end).map_or(&[][..], |next| &self.source[stop..next.start]);
        if end > index + 1
            && statement.opens()
            && statement.last.is_none()
            && (gap.contains(&b'\n') || brace == Brace::Body)
        {
            let blank = gap.first().is_some_and(u8::is_ascii_whitespace);
            return blank.then_some(Edit { start: stop, end: stop + 1, byte: b';' });
        }
        Some(Edit { start, end: stop, byte: b' ' })
    }

    /// The index after the words of Qt at `index` that say what a section of a class is for: `public slots:`, `signals:`.
    fn section_at(&self, index: usize, brace: Brace, statement: &Statement) -> Option<usize> {
        if self.token(index + 1) != Some(Token::Sign(b':')) || !self.is_name(index) {
            return None;
        }
        match self.text(index) {
            b"slots" | b"Q_SLOTS" => (statement.last == Some(Token::Access)).then_some(index + 1),
            b"signals" | b"Q_SIGNALS" => {
                let is_member = matches!(brace, Brace::Declarations(Some(_)));
                (is_member && statement.last.is_none()).then_some(index + 2)
            }
            _ => None,
        }
    }

    /// The index after the macro at `index`, arguments included, if one stands there that must go.
    fn macro_at(&self, index: usize, brace: Brace, statement: &Statement) -> Option<usize> {
        if self.tokens[index].token != Token::Capitals {
            return None;
        }
        let bare = index + 1;
        let after = self.after_arguments(bare);
        let is_macro = match statement.last {
            Some(Token::Class | Token::Enum) => self.heads_class(index, after, statement.is_enum),
            Some(Token::Sign(b'(')) => statement.typed && self.points_to_function(bare),
            None if brace == Brace::Body => after > bare && self.ends_body(index),
            _ if matches!(brace, Brace::Body | Brace::Other) => {
                statement.last == Some(Token::Specifier) && self.token(bare) == Some(Token::Type)
            }
            _ if statement.closes => self.ends_declarator(after),
            _ if statement.opens() => self.starts_declaration(bare, after) || self.constructs(after, brace),
            _ => {
                self.annotates(bare, after, statement)
                    || self.calls_by(index, statement)
                    || self.precedes_type(bare, statement)
            }
        };
        is_macro.then_some(after)
    }

    /// The index after `(...)` at `index`, or `index`.
    fn after_arguments(&self, index: usize) -> usize {
        if self.token(index) == Some(Token::Sign(b'(')) { self.after_pair(index, b'(', b')') } else { index }
    }

    /// The index after `<...>` at `index`, or `index`.
    fn after_angles(&self, index: usize) -> usize {
        if self.token(index) == Some(Token::Sign(b'<')) { self.after_pair(index, b'<', b'>') } else { index }
    }

    fn after_pair(&self, index: usize, open: u8, close: u8) -> usize {
        let mut depth = 0usize;
        // Arguments of a macro in a declaration are few; the bound keeps hostile input linear.
        for (position, lexeme) in self.tokens.iter().enumerate().skip(index).take(256) {
            match lexeme.token {
                Token::Sign(byte) if byte == open => depth += 1,
                Token::Sign(byte) if byte == close && depth == 1 => return position + 1,
                Token::Sign(byte) if byte == close => depth -= 1,
                Token::Sign(b'{' | b'}' | b';') | Token::Directive(_) => return index,
                _ => {}
            }
        }
        index
    }

    /// The index after the path `a::b<int>::c` at `index`, which is a name.
    fn after_path(&self, index: usize) -> usize {
        let mut next = self.after_angles(index + 1);
        while self.token(next) == Some(Token::Path) && self.is_name(next + 1) {
            next = self.after_angles(next + 2);
        }
        next
    }

    /// `class EXPORT Foo {`, `: ` or `final`: a name and the start of a body follow.
    fn heads_class(&self, index: usize, after: usize, is_enum: bool) -> bool {
        let mut name = after;
        while self.token(name) == Some(Token::Capitals) && self.is_name(name + 1) {
            name += 1;
        }
        if !self.is_name(name) {
            return false;
        }
        match self.token(self.after_path(name)) {
            Some(Token::Sign(b'{') | Token::Trailer) => true,
            Some(Token::Sign(b':')) => !is_enum,
            // `struct FOO x;` declares a variable; `class EXPORT Foo;` hardly ever does.
            Some(Token::Sign(b';')) => self.exports(index),
            _ => false,
        }
    }

    fn exports(&self, index: usize) -> bool {
        let text = self.text(index);
        [&b"EXPORT"[..], b"_API", b"_LIB", b"_DLL", b"_PUBLIC"].iter().any(|ending| text.ends_with(ending))
    }

    /// `UNUSED(a) UNUSED(b) }`: calls without semicolons up to the end of a body.
    fn ends_body(&self, index: usize) -> bool {
        let mut next = index;
        for _ in 0..MACROS_MAX {
            if self.token(next) != Some(Token::Capitals) || self.token(next + 1) != Some(Token::Sign(b'(')) {
                break;
            }
            next = self.after_arguments(next + 1);
        }
        self.token(next) == Some(Token::Sign(b'}'))
    }

    /// After `)`: `;`, `{` or another word that may end a declarator follows.
    fn ends_declarator(&self, after: usize) -> bool {
        let next = match self.token(after) {
            Some(Token::Capitals) => self.token(self.after_arguments(after + 1)),
            next => next,
        };
        matches!(
            next,
            Some(Token::Sign(b';' | b'{' | b'=' | b':') | Token::Trailer | Token::Qualifier | Token::Capitals)
        )
    }

    /// Where a declaration starts: what follows is one without the macro.
    fn starts_declaration(&self, bare: usize, after: usize) -> bool {
        let Some(next) = self.token(after) else { return after == bare };
        match next {
            Token::Type
            | Token::Specifier
            | Token::Class
            | Token::Enum
            | Token::Namespace
            | Token::Template
            | Token::Access
            | Token::Start
            | Token::Sign(b'~' | b'}') => true,
            Token::Qualifier => match self.token(after + 1) {
                Some(Token::Type | Token::Class) => true,
                _ => self.is_name(after + 1) && self.declares_name(after + 1),
            },
            Token::Name | Token::Capitals => self.declares_name(after) || self.is_alone(after),
            Token::Directive(_) => after == bare && self.ends_file(after),
            _ => false,
        }
    }

    /// The name of the class around and parameters: a constructor.
    fn constructs(&self, index: usize, brace: Brace) -> bool {
        let Brace::Declarations(Some(class)) = brace else { return false };
        self.text(index) == self.text(class) && self.token(index + 1) == Some(Token::Sign(b'('))
    }

    /// A name at `index` that is itself followed by the start of a declaration: several macros in a row.
    fn is_alone(&self, index: usize) -> bool {
        let mut next = index;
        for _ in 0..MACROS_MAX {
            if self.token(next) != Some(Token::Capitals) {
                break;
            }
            next = self.after_arguments(next + 1);
        }
        next > index
            && matches!(
                self.token(next),
                Some(Token::Type | Token::Specifier | Token::Class | Token::Start | Token::Access)
            )
    }

    /// Nothing but directives follow: `__END_DECLS`.
    fn ends_file(&self, index: usize) -> bool {
        let rest = &self.tokens[index..];
        rest.len() <= 8 && rest.iter().all(|lexeme| matches!(lexeme.token, Token::Directive(_)))
    }

    /// From the name at `index` on: a type and then a declarator, as in `ns::Type<int> *name`.
    fn declares_name(&self, index: usize) -> bool {
        let next = self.after_path(index);
        let is_parenthesised = self.token(next) == Some(Token::Sign(b'('))
            && self.is_name(next + 1)
            && self.token(next + 2) == Some(Token::Sign(b')'))
            && self.token(next + 3) == Some(Token::Sign(b'('));
        let is_declarator = matches!(
            self.token(next),
            Some(
                Token::Name
                    | Token::Capitals
                    | Token::Sign(b'*' | b'&')
                    | Token::Qualifier
                    | Token::Specifier
                    | Token::Type
            )
        );
        let is_operator = self.token(next) == Some(Token::Word) && self.text(next) == b"operator";
        is_declarator || is_operator || is_parenthesised
    }

    /// `int x GUARDED_BY(mu);`: a type and a name came before.
    fn annotates(&self, bare: usize, after: usize, statement: &Statement) -> bool {
        let named = matches!(statement.last, Some(Token::Name | Token::Capitals | Token::Sign(b']')));
        let ends = matches!(self.token(after), Some(Token::Sign(b';' | b'=' | b'{')));
        let with_arguments = after > bare;
        named && statement.typed_before && ends && (with_arguments || self.token(bare) == Some(Token::Sign(b';')))
    }

    /// `int WINAPI f(`, `std::string MY_API f(`: a calling convention or visibility, after the whole type.
    fn calls_by(&self, index: usize, statement: &Statement) -> bool {
        let is_after_type = match statement.last {
            Some(Token::Type | Token::Sign(b'*' | b'&' | b'>')) => true,
            // What comes before may be a macro itself, and this the type: those seldom have underscores.
            Some(Token::Name) => statement.typed && self.text(index).contains(&b'_'),
            _ => false,
        };
        is_after_type && self.is_name(index + 1) && self.token(index + 2) == Some(Token::Sign(b'('))
    }

    fn text(&self, index: usize) -> &[u8] {
        self.tokens.get(index).map_or(&[], |lexeme| &self.source[lexeme.start..lexeme.end])
    }

    /// `const API ns::Type name`: after a qualifier, a type and a declarator without the macro.
    fn precedes_type(&self, bare: usize, statement: &Statement) -> bool {
        let declarator = self.after_path(bare);
        let is_attribute = || self.text(declarator).starts_with(b"__");
        statement.last == Some(Token::Qualifier)
            && !statement.typed
            && self.is_name(bare)
            && matches!(self.token(declarator), Some(Token::Name | Token::Sign(b'*' | b'&')))
            && !is_attribute()
    }

    /// `int (WINAPI *f)(`: a calling convention as well.
    fn points_to_function(&self, star: usize) -> bool {
        let sign = |index: usize, byte: u8| self.token(index) == Some(Token::Sign(byte));
        sign(star, b'*') && self.is_name(star + 1) && sign(star + 2, b')') && sign(star + 3, b'(')
    }
}

/// The braces that are open, each with the one around it. Those opened in one branch of `#if` are open at the
/// start of the next one no more.
#[derive(Default)]
struct Braces {
    all: Vec<(Brace, Option<usize>)>,
    innermost: Option<usize>,
    /// What was open at each `#if` that is.
    branches: Vec<Option<usize>>,
}

impl Braces {
    fn innermost(&self) -> Brace {
        self.innermost.map_or(Brace::Declarations(None), |index| self.all[index].0)
    }

    fn open(&mut self, brace: Brace) {
        self.all.push((brace, self.innermost));
        self.innermost = Some(self.all.len() - 1);
    }

    fn close(&mut self) {
        self.innermost = self.innermost.and_then(|index| self.all[index].1);
    }

    fn branch(&mut self, directive: Directive) {
        match directive {
            Directive::If => self.branches.push(self.innermost),
            Directive::Else => self.innermost = self.branches.last().copied().unwrap_or(self.innermost),
            Directive::End => {
                self.branches.pop();
            }
            Directive::Other => {}
        }
    }
}

/// The tokens of a statement or declaration so far.
#[derive(Default)]
struct Statement {
    last: Option<Token>,
    /// A whole type came, the last token included.
    typed: bool,
    /// A whole type came before the last token.
    typed_before: bool,
    /// Something came that cannot stand before a type.
    begun: bool,
    /// A `)` closed a parameter list, and nothing but trailing words came since.
    closes: bool,
    /// Inside the `<...>` of a template.
    in_template: bool,
    parentheses: usize,
    angles: usize,
    has_parameters: bool,
    has_value: bool,
    is_class: bool,
    /// The name of the class, while no base classes came.
    class_name: Option<usize>,
    has_bases: bool,
    is_enum: bool,
    is_namespace: bool,
    is_linkage: bool,
}

impl Statement {
    /// Whether a declaration is about to start.
    fn opens(&self) -> bool {
        !self.begun
    }

    fn push(&mut self, token: Token, index: usize) {
        let outside = self.parentheses == 0 && self.angles == 0;
        match token {
            Token::Sign(b'(') => self.parentheses += 1,
            Token::Sign(b')') => {
                self.parentheses = self.parentheses.saturating_sub(1);
                self.has_parameters |= self.parentheses == 0;
            }
            Token::Sign(b'<') => self.angles += 1,
            Token::Sign(b'>') => {
                self.angles = self.angles.saturating_sub(1);
                if self.in_template && self.angles == 0 {
                    *self = Self::default();
                    return;
                }
            }
            Token::Sign(b'=') => self.has_value |= outside,
            Token::Sign(b':') if self.last == Some(Token::Access) => {
                *self = Self::default();
                return;
            }
            Token::Sign(b':') => self.has_bases |= outside,
            Token::Name | Token::Capitals if self.is_class && outside && !self.has_bases => {
                self.class_name = Some(index);
            }
            Token::Template => self.in_template = true,
            Token::Class => self.is_class |= outside,
            Token::Enum => self.is_enum |= outside,
            Token::Namespace => self.is_namespace = true,
            Token::Text => self.is_linkage |= self.last == Some(Token::Specifier),
            _ => {}
        }
        let closed = token == Token::Sign(b')') && self.parentheses == 0;
        self.closes = closed || self.closes && matches!(token, Token::Qualifier | Token::Trailer);
        self.begun |= token != Token::Specifier && !(token == Token::Text && self.is_linkage);
        self.typed_before = self.typed;
        match token {
            Token::Path => self.typed = false,
            Token::Name | Token::Capitals | Token::Type => self.typed = true,
            _ => {}
        }
        self.last = Some(token);
    }

    /// What a brace opened now holds.
    fn brace(&self) -> Brace {
        let is_linkage = self.is_linkage && !self.has_parameters;
        let is_class = self.is_class && !self.is_enum && !self.has_parameters && !self.has_value;
        match self.is_namespace || is_linkage || is_class {
            true => Brace::Declarations(self.class_name.filter(|_| is_class)),
            false if self.has_parameters && !self.has_value && !self.is_enum => Brace::Body,
            false => Brace::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `source` reads like when masked, with runs of blanks as one.
    fn check(source: &str, expected: &str) {
        let masked = mask(source.as_bytes()).unwrap_or_else(|| source.as_bytes().to_vec());
        assert_eq!(masked.len(), source.len(), "positions move in {source:?}");
        let masked = String::from_utf8(masked).expect("only whole names are blanked");
        assert_eq!(masked.split_whitespace().collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn macros_in_class_heads_go() {
        check("class EXPORT Foo {};", "class Foo {};");
        check("class EXPORT(1) Foo : Base {};", "class Foo : Base {};");
        check("class FOO_EXPORT Foo;", "class Foo;");
        check("struct STAT buffer;", "struct STAT buffer;");
        check("enum KIND kind : 3;", "enum KIND kind : 3;");
    }

    #[test]
    fn macros_before_declarations_go() {
        check("API int f(void);", "int f(void);");
        check("API Foo *(f)(void);", "Foo *(f)(void);");
        check("API const Foo *f(void);", "const Foo *f(void);");
        check("static INLINE Foo f(void) {}", "static Foo f(void) {}");
        check("namespace a { API ns::Foo<int> f(); }", "namespace a { ns::Foo<int> f(); }");
        check("template <class T> API void f();", "template <class T> void f();");
        check(
            "class A { API A(int x); API ~A(); API_TYPE a(int x); };",
            "class A { A(int x); ~A(); API_TYPE a(int x); };",
        );
        check("__BEGIN_DECLS\nint f(void);\n__END_DECLS\n", "int f(void);");
        check("int WINAPI f(void);", "int f(void);");
        check("std::string MY_API f(int x);", "std::string f(int x);");
        check("std::vector<int> VISIBLE f(int x);", "std::vector<int> f(int x);");
        check("my_api HANDLE f(int x);", "my_api HANDLE f(int x);");
        check("extern const API ns::Type<int> x;", "extern const ns::Type<int> x;");
        check("const API Type *f(int a);", "const Type *f(int a);");
        check("const FOO x GUARDED_BY(m); const FOO y __used(1);", "const FOO x ; const FOO y __used(1);");
        check("typedef BOOL (WINAPI *Get)(HANDLE h, BYTE *p);", "typedef BOOL ( *Get)(HANDLE h, BYTE *p);");
        check("void f() { void (CALLBACK *g)(int) = h; }", "void f() { void ( *g)(int) = h; }");
        check("int f(FOO *a, BAR (*b)(int));", "int f(FOO *a, BAR (*b)(int));");
    }

    #[test]
    fn types_in_capitals_stay() {
        check("DWORD x; BOOL f(void); FILE *y; FILE const *z;", "DWORD x; BOOL f(void); FILE *y; FILE const *z;");
        check("BOOL Foo::bar() {}", "BOOL Foo::bar() {}");
        check("static FOO BAR(1); a::b BAR(1);", "static FOO BAR(1); a::b BAR(1);");
    }

    #[test]
    fn macros_behind_declarations_go() {
        check(
            "class A { int x GUARDED_BY(m); B* const y GUARDED_BY(m); void f() REQUIRES(m); A() LOCKS(m) : x(1) {} };",
            "class A { int x ; B* const y ; void f() ; A() : x(1) {} };",
        );
        check("void f() const NOEXCEPT;", "void f() const ;");
        check("int f(void) ATTRS((a)) OTHER;", "int f(void) ;");
    }

    #[test]
    fn sections_of_qt_classes_are_sections() {
        check(
            "class A { Q_OBJECT\n Q_PROPERTY(int x READ x)\n Q_ENUMS(B)\n public slots: void f(); signals: void g(); };",
            "class A { Q_PROPERTY(int x READ x); Q_ENUMS(B); public : void f(); void g(); };",
        );
        check("int f() { signals: return slots; }", "int f() { signals: return slots; }");
    }

    #[test]
    fn bodies_are_left_alone() {
        check("void f() { if (x) FOO(y); BAR int_x; }", "void f() { if (x) FOO(y); BAR int_x; }");
        check("TEST(A, B) { FOO x; }", "TEST(A, B) { FOO x; }");
    }

    #[test]
    fn a_macro_call_on_its_own_line_is_closed() {
        check("DEFINE(x)\nint f(void) { return 1; }", "DEFINE(x);int f(void) { return 1; }");
        check("void f(int a) { UNUSED(a) }", "void f(int a) { UNUSED(a);}");
        check("void f(int a) { g(); UNUSED(a) UNUSED(b) }", "void f(int a) { g(); UNUSED(a);UNUSED(b);}");
        check("int a[] = { ONE(1) };", "int a[] = { ONE(1) };");
        check("class A { int x; NOT_COPYABLE(A)\n};", "class A { int x; NOT_COPYABLE(A);};");
        check("class A { int x; PLAIN(A) };", "class A { int x; };");
    }

    #[test]
    fn what_looks_like_code_in_text_is_skipped() {
        check(
            "const char *s = \"class EXPORT Foo {\"; // class EXPORT Foo {",
            "const char *s = \"class EXPORT Foo {\"; // class EXPORT Foo {",
        );
        check("auto s = R\"(class EXPORT Foo {)\";", "auto s = R\"(class EXPORT Foo {)\";");
        check("#define A class EXPORT \\\n Foo {\nint x;", "#define A class EXPORT \\ Foo { int x;");
    }

    #[test]
    fn a_comment_without_end_goes() {
        check("int x; /* int y; /* int z;", "int x;");
        check("#define A /* int y;\nint z;", "#define A");
        check("int x; /* a */ int y;", "int x; /* a */ int y;");
    }

    #[test]
    fn comments_inside_a_macro_do_not_end_it() {
        check(
            "#define A(x) \\\n  (x) /* why */ \\\n  + 1 /* end */\nint x;",
            "#define A(x) \\ (x) \\ + 1 /* end */ int x;",
        );
    }

    #[test]
    fn braces_of_branches_do_not_add_up() {
        let source = "#ifdef A\nvoid f(int a) {\n#else\nvoid f() {\n#endif\n}\nclass C { API int x; };";
        check(source, &source.replace("API ", "").split_whitespace().collect::<Vec<_>>().join(" "));
    }
}
