//! Splits C and C++ source into tokens, as far as [`mask`](super::mask) tells them apart. Comments, attributes in
//! `[[...]]` and white space leave no token.

/// What a token is, as far as macros are told by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Token {
    /// A name without lower-case letters: perhaps a macro.
    Capitals,
    /// Any other name.
    Name,
    /// `int`, `unsigned`, `void`, ...: the start of a type, never a name.
    Type,
    /// `const`, `volatile`.
    Qualifier,
    /// `static`, `inline`, `virtual`, ...: what may stand before a type.
    Specifier,
    /// `class`, `struct`, `union`.
    Class,
    /// `enum`.
    Enum,
    /// `namespace`.
    Namespace,
    /// `template`.
    Template,
    /// `public`, `protected`, `private`.
    Access,
    /// `typedef`, `using`: the start of a declaration.
    Start,
    /// `final`, `override`, `noexcept`.
    Trailer,
    /// Any other keyword, a number or a character.
    Word,
    /// A string.
    Text,
    /// `::`.
    Path,
    /// A whole preprocessor line.
    Directive(Directive),
    /// One byte of punctuation.
    Sign(u8),
}

impl Token {
    /// Whether the token is a name of any sort.
    pub(super) fn is_name(self) -> bool {
        matches!(self, Self::Name | Self::Capitals)
    }
}

/// What a preprocessor line does to the branches around.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Directive {
    If,
    Else,
    End,
    Other,
}

/// A token with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens of a file.
pub(super) struct Tokens {
    /// In order.
    pub(super) all: Vec<Lexeme>,
    /// Where a comment starts that nothing ends.
    pub(super) unclosed: Option<usize>,
}

/// Splits `source` into tokens.
pub(super) fn tokens(source: &[u8]) -> Tokens {
    let mut lexer = Lexer { source, position: 0, unclosed: None };
    let mut tokens = Vec::with_capacity(source.len() / 5);
    while let Some(start) = lexer.skip() {
        let token = lexer.token(start);
        tokens.extend(token.map(|token| Lexeme { token, start, end: lexer.position }));
    }
    Tokens { all: tokens, unclosed: lexer.unclosed }
}

struct Lexer<'s> {
    source: &'s [u8],
    position: usize,
    unclosed: Option<usize>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.source.get(self.position + ahead).copied().unwrap_or(0)
    }

    /// Skips white space and comments; gives where the next token starts.
    fn skip(&mut self) -> Option<usize> {
        while self.position < self.source.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'/') => self.line(),
                (b'/', b'*') => self.comment(),
                (b'\\', _) => self.position += 1,
                (byte, _) if byte.is_ascii_whitespace() => self.position += 1,
                _ => return Some(self.position),
            }
        }
        None
    }

    /// Goes past a comment that starts here.
    fn comment(&mut self) {
        let start = self.position;
        self.until(b"*/");
        if !self.source[start..self.position].ends_with(b"*/") || self.position < start + 4 {
            self.unclosed = Some(start);
        }
    }

    /// Goes past the next `end`, or to the end of the source.
    fn until(&mut self, end: &[u8]) {
        let from = (self.position + 2).min(self.source.len());
        let found = memchr::memmem::find(&self.source[from..], end);
        self.position = found.map_or(self.source.len(), |offset| from + offset + end.len());
    }

    /// Goes to the end of the line; a backslash continues it.
    fn line(&mut self) {
        loop {
            let rest = &self.source[self.position..];
            let Some(offset) = memchr::memchr(b'\n', rest) else {
                self.position = self.source.len();
                return;
            };
            self.position += offset;
            let before = rest[..offset].strip_suffix(b"\r").unwrap_or(&rest[..offset]);
            if !before.ends_with(b"\\") {
                return;
            }
            self.position += 1;
        }
    }

    fn token(&mut self, start: usize) -> Option<Token> {
        let byte = self.peek(0);
        match byte {
            b'#' => return Some(Token::Directive(self.directive())),
            b'"' => return Some(self.quoted(b'"')),
            b'\'' => return Some(self.quoted(b'\'')),
            b'0'..=b'9' => return Some(self.number()),
            b':' if self.peek(1) == b':' => return Some(self.advance(2, Token::Path)),
            b'-' if self.peek(1) == b'>' => return Some(self.advance(2, Token::Word)),
            b'[' if self.peek(1) == b'[' => {
                self.until(b"]]");
                return None;
            }
            _ if !is_name_byte(byte) => return Some(self.advance(1, Token::Sign(byte))),
            _ => {}
        }
        while is_name_byte(self.peek(0)) {
            self.position += 1;
        }
        let word = &self.source[start..self.position];
        match (self.peek(0), word) {
            (b'"', b"R" | b"LR" | b"uR" | b"UR" | b"u8R") => Some(self.raw_string()),
            (b'"', b"L" | b"u" | b"U" | b"u8") => Some(self.quoted(b'"')),
            (b'\'', b"L" | b"u" | b"U" | b"u8") => Some(self.quoted(b'\'')),
            _ => Some(classify(word)),
        }
    }

    fn advance(&mut self, bytes: usize, token: Token) -> Token {
        self.position += bytes;
        token
    }

    /// A string or character; it ends with its line at the latest.
    fn quoted(&mut self, quote: u8) -> Token {
        self.position += 1;
        loop {
            match self.peek(0) {
                b'\\' => self.position += 2,
                b'\n' => break,
                byte => {
                    self.position += 1;
                    if byte == quote || self.position >= self.source.len() {
                        break;
                    }
                }
            }
        }
        self.position = self.position.min(self.source.len());
        if quote == b'"' { Token::Text } else { Token::Word }
    }

    /// `R"x(...)x"`, standing at the quote.
    fn raw_string(&mut self) -> Token {
        let rest = &self.source[self.position + 1..];
        let delimiter = rest.iter().take(17).position(|byte| *byte == b'(');
        let Some(length) = delimiter else { return self.quoted(b'"') };
        let end = [b")", &rest[..length], b"\""].concat();
        self.until(&end);
        Token::Text
    }

    fn number(&mut self) -> Token {
        loop {
            let byte = self.peek(0);
            let signed = matches!(byte, b'e' | b'E' | b'p' | b'P') && matches!(self.peek(1), b'+' | b'-');
            if signed {
                self.position += 2;
            } else if is_name_byte(byte) || byte == b'.' || byte == b'\'' && is_name_byte(self.peek(1)) {
                self.position += 1;
            } else {
                return Token::Word;
            }
        }
    }

    fn directive(&mut self) -> Directive {
        let start = self.position + 1;
        loop {
            let line = self.position;
            self.line();
            // A comment opened in the line may end lines below.
            let text = &self.source[line..self.position];
            let Some(opened) = memchr::memmem::rfind(text, b"/*") else { break };
            if memchr::memmem::find(&text[opened..], b"*/").is_some() || text[..opened].contains(&b'"') {
                break;
            }
            self.position = line + opened;
            self.comment();
        }
        let text = self.source[start.min(self.position)..self.position].trim_ascii_start();
        let length = text.iter().take_while(|byte| is_name_byte(**byte)).count();
        match &text[..length] {
            b"if" | b"ifdef" | b"ifndef" => Directive::If,
            b"else" | b"elif" | b"elifdef" | b"elifndef" => Directive::Else,
            b"endif" => Directive::End,
            _ => Directive::Other,
        }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn classify(word: &[u8]) -> Token {
    match word {
        b"int" | b"char" | b"void" | b"bool" | b"_Bool" | b"float" | b"double" | b"long" | b"short" | b"signed"
        | b"unsigned" | b"auto" | b"wchar_t" | b"char8_t" | b"char16_t" | b"char32_t" | b"typename" => Token::Type,
        b"const" | b"volatile" | b"restrict" | b"__restrict" => Token::Qualifier,
        b"static" | b"inline" | b"__inline" | b"__inline__" | b"extern" | b"virtual" | b"constexpr" | b"consteval"
        | b"constinit" | b"explicit" | b"friend" | b"mutable" | b"register" | b"thread_local" | b"_Thread_local"
        | b"_Noreturn" | b"__extension__" => Token::Specifier,
        b"class" | b"struct" | b"union" => Token::Class,
        b"enum" => Token::Enum,
        b"namespace" => Token::Namespace,
        b"template" => Token::Template,
        b"public" | b"protected" | b"private" => Token::Access,
        b"typedef" | b"using" | b"static_assert" | b"_Static_assert" => Token::Start,
        b"final" | b"override" | b"noexcept" => Token::Trailer,
        b"operator" | b"return" | b"if" | b"else" | b"for" | b"while" | b"do" | b"switch" | b"case" | b"default"
        | b"break" | b"continue" | b"goto" | b"new" | b"delete" | b"this" | b"sizeof" | b"throw" | b"try"
        | b"catch" | b"true" | b"false" | b"nullptr" | b"NULL" | b"requires" | b"concept" | b"decltype" => Token::Word,
        _ if is_capitals(word) => Token::Capitals,
        _ => Token::Name,
    }
}

/// `EXPORT`, `API_2`, `__BEGIN_DECLS`: at least two letters, none of them small.
fn is_capitals(word: &[u8]) -> bool {
    let capitals = word.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    capitals >= 2 && word.iter().all(|byte| !byte.is_ascii_lowercase() && *byte < 0x80)
}
