//! Whether a `.h` file is C or C++: by what it says, else by the files around it.

use rustc_hash::FxHashMap;

use crate::lang::{self, Dialect, Language};

use super::Found;

/// Extensions that both languages use.
pub(super) const EXTENSIONS: &[&str] = &["h"];

/// How much of a header is looked at.
pub(super) const PREFIX_BYTES: usize = 64 * 1024;

const C: &str = "c";
const CPP: &str = "cpp";

/// Counts of C and C++ sources, to decide headers by.
#[derive(Default)]
pub(super) struct Neighbours {
    stems: FxHashMap<String, Balance>,
    folders: FxHashMap<String, Balance>,
    tree: Balance,
}

#[derive(Clone, Copy, Default)]
struct Balance {
    c: u32,
    cpp: u32,
}

impl Balance {
    fn count(&mut self, cpp: bool) {
        if cpp { self.cpp += 1 } else { self.c += 1 }
    }

    /// Whether C++ is in the majority; none where the two are equal.
    fn is_cpp(self) -> Option<bool> {
        (self.c != self.cpp).then_some(self.cpp > self.c)
    }
}

impl Neighbours {
    /// Counts the sources of both languages among `files`.
    pub(super) fn of(files: &[Found]) -> Self {
        let mut neighbours = Self::default();
        for found in files {
            let cpp = found.dialect.name == CPP;
            if cpp || found.dialect.name == C {
                neighbours.stems.entry(stem(&found.path).to_owned()).or_default().count(cpp);
                neighbours.folders.entry(folder(&found.path).to_owned()).or_default().count(cpp);
                neighbours.tree.count(cpp);
            }
        }
        neighbours
    }

    /// The language of the header at `path`: C++ if it speaks it, else that of the source of the same stem, of
    /// most sources in its folder, of most in the tree, else C.
    pub(super) fn decide(&self, path: &str, speaks_cpp: bool) -> Option<(&'static Language, &'static Dialect)> {
        let cpp = speaks_cpp
            || (self.stems.get(stem(path)).and_then(|balance| balance.is_cpp()))
                .or_else(|| self.folders.get(folder(path)).and_then(|balance| balance.is_cpp()))
                .or_else(|| self.tree.is_cpp())
                .unwrap_or(false);
        lang::by_dialect(if cpp { CPP } else { C })
    }
}

fn stem(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(stem, _)| stem)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a header says something that only C++ can say, outside comments, strings and `#ifdef __cplusplus`.
pub(super) fn speaks_cpp(source: &[u8]) -> bool {
    let mut tokens = Tokens { source, at: 0, guards: Vec::new() };
    let mut before = Token::Punctuation(b';');
    let Some(mut token) = tokens.next() else { return false };
    for after in tokens {
        if is_cpp(before, token, after) {
            return true;
        }
        (before, token) = (token, after);
    }
    is_cpp(before, token, Token::Punctuation(b';'))
}

#[derive(Clone, Copy, PartialEq)]
enum Token<'s> {
    Word(&'s [u8]),
    Punctuation(u8),
    /// `::`.
    Path,
    /// An include of a file without extension in angle brackets: only the C++ library has those.
    BareInclude,
}

/// Judges a token by its neighbours: C code may use any of these words as a plain name.
fn is_cpp(before: Token<'_>, token: Token<'_>, after: Token<'_>) -> bool {
    let word = match token {
        Token::Path | Token::BareInclude => return true,
        Token::Word(word) => word,
        Token::Punctuation(_) => return false,
    };
    let named = matches!(after, Token::Word(word) if !word[0].is_ascii_digit());
    match word {
        b"class" | b"typename" | b"virtual" => named,
        b"namespace" => named || after == Token::Punctuation(b'{'),
        b"template" | b"static_cast" | b"reinterpret_cast" | b"const_cast" => after == Token::Punctuation(b'<'),
        b"public" | b"private" | b"protected" => {
            matches!(before, Token::Punctuation(b'{' | b'}' | b';' | b':')) && after == Token::Punctuation(b':')
        }
        _ => false,
    }
}

/// An open `#if`.
#[derive(Clone, Copy)]
struct Guard {
    /// Whether its condition is about `__cplusplus`.
    about_cpp: bool,
    /// Whether its present branch is for C++ only.
    cpp_only: bool,
}

struct Tokens<'s> {
    source: &'s [u8],
    at: usize,
    /// The open `#if`s.
    guards: Vec<Guard>,
}

impl<'s> Iterator for Tokens<'s> {
    type Item = Token<'s>;

    /// The next token that a C compiler would see.
    fn next(&mut self) -> Option<Token<'s>> {
        loop {
            let token = self.raw()?;
            if !self.guards.iter().any(|guard| guard.cpp_only) {
                return Some(token);
            }
        }
    }
}

impl<'s> Tokens<'s> {
    fn raw(&mut self) -> Option<Token<'s>> {
        loop {
            let rest = &self.source[self.at..];
            match *rest.first()? {
                b'/' if rest.starts_with(b"//") => self.at += line_len(rest),
                b'/' if rest.starts_with(b"/*") => {
                    self.at += memmem(&rest[2..], b"*/").map_or(rest.len(), |end| end + 4)
                }
                quote @ (b'"' | b'\'') => self.at += quoted_len(rest, quote),
                b'#' => {
                    let line = &rest[..line_len(rest)];
                    self.at += line.len();
                    if let Some(token) = self.directive(line) {
                        return Some(token);
                    }
                }
                b':' if rest.starts_with(b"::") => {
                    self.at += 2;
                    return Some(Token::Path);
                }
                byte if is_word(byte) => {
                    let len = rest.iter().take_while(|&&byte| is_word(byte)).count();
                    self.at += len;
                    return Some(Token::Word(&rest[..len]));
                }
                byte => {
                    self.at += 1;
                    if !byte.is_ascii_whitespace() {
                        return Some(Token::Punctuation(byte));
                    }
                }
            }
        }
    }

    fn directive(&mut self, line: &[u8]) -> Option<Token<'s>> {
        let text = line[1..].trim_ascii_start();
        let about_cpp = memmem(text, b"__cplusplus").is_some();
        if text.starts_with(b"if") {
            let negated = text.starts_with(b"ifndef") || text.contains(&b'!');
            self.guards.push(Guard { about_cpp, cpp_only: about_cpp && !negated });
        } else if text.starts_with(b"elif") {
            if let Some(guard) = self.guards.last_mut() {
                *guard = Guard { about_cpp, cpp_only: about_cpp };
            }
        } else if text.starts_with(b"else") {
            if let Some(guard) = self.guards.last_mut() {
                guard.cpp_only = guard.about_cpp && !guard.cpp_only;
            }
        } else if text.starts_with(b"endif") {
            self.guards.pop();
        } else if let Some(file) = text.strip_prefix(b"include") {
            let file = file.trim_ascii_start();
            let name = file.strip_prefix(b"<").and_then(|name| name.split(|&byte| byte == b'>').next());
            return name.filter(|name| !name.is_empty() && !name.contains(&b'.')).map(|_| Token::BareInclude);
        }
        None
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn line_len(rest: &[u8]) -> usize {
    memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)
}

/// A quoted text ends at its quote or, broken, at the end of the line.
fn quoted_len(rest: &[u8], quote: u8) -> usize {
    let mut index = 1;
    while index < rest.len() {
        match rest[index] {
            b'\\' => index += 2,
            byte if byte == quote || byte == b'\n' => return index + 1,
            _ => index += 1,
        }
    }
    rest.len()
}

fn memmem(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

#[cfg(test)]
mod tests {
    use super::speaks_cpp;

    #[test]
    fn cpp_words_used_as_cpp_are_cpp() {
        for source in [
            "class Foo;",
            "#pragma once\nnamespace a { }",
            "template <class T> struct X;",
            "struct S { public: int a; };",
            "int f(std::string s);",
            "#include <string>\n",
            "#ifndef __cplusplus\n#error no\n#endif\nclass A {};",
        ] {
            assert!(speaks_cpp(source.as_bytes()), "{source}");
        }
    }

    #[test]
    fn c_headers_made_for_cpp_too_stay_c() {
        for source in [
            "#ifdef __cplusplus\nextern \"C\" {\nnamespace x {}\n#endif\nint f(void);\n",
            "// class Foo\n/* namespace x { */ int class; /* unended std::",
            "char *s = \"std::string\"; char q = '\\'';",
            "struct s { unsigned private:1; int template; };",
            "#if defined(__cplusplus)\nclass A;\n#else\nint a;\n#endif\n",
            "#ifndef __cplusplus\nint a;\n#else\nclass A;\n#endif\n",
            "",
        ] {
            assert!(!speaks_cpp(source.as_bytes()), "{source}");
        }
    }
}
