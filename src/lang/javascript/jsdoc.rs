//! The part of JSDoc comments that types things: `@param`, `@returns`, `@type`, `@template`, and the names that
//! `@typedef {import('./x').A} A` and `@import { A } from './x'` bring into the file.

/// Nesting of a type beyond which it is taken as unknown.
const DEPTH_MAX: usize = 12;

/// What a documentation comment says about types.
#[derive(Debug, Default, PartialEq)]
pub(super) struct JsDoc {
    /// Types of parameters by name.
    pub(super) parameters: Vec<(String, DocType)>,
    pub(super) returns: Option<DocType>,
    pub(super) ty: Option<DocType>,
    /// Names of type parameters.
    pub(super) templates: Vec<String>,
    /// Types of other files that the comment gives a name.
    pub(super) imports: Vec<DocImport>,
}

/// A name given to a type of another file.
#[derive(Debug, PartialEq)]
pub(super) struct DocImport {
    pub(super) name: String,
    pub(super) specifier: String,
    pub(super) member: String,
}

/// A type as written in a comment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum DocType {
    /// Says nothing: `*`, `any`, or not understood.
    Unknown,
    /// `a.b.C`.
    Path(Vec<String>),
    /// `import('./x').C`.
    Import(String, String),
    /// `C<A, B>`.
    Apply(Box<Self>, Vec<Self>),
    /// `C[]`.
    List(Box<Self>),
    /// `A | B`; `null` and `undefined` left out.
    Union(Vec<Self>),
    /// `(a: A) => B`, `function(A): B`.
    Function(Option<Box<Self>>),
}

impl JsDoc {
    /// Reads a comment, `/**` and stars included.
    pub(super) fn parse(comment: &str) -> Self {
        let mut doc = Self::default();
        if !comment.contains('@') {
            return doc;
        }
        let text: String = comment
            .trim_start_matches("/**")
            .trim_end_matches("*/")
            .lines()
            .map(|line| line.trim().trim_start_matches('*').trim())
            .collect::<Vec<_>>()
            .join("\n");
        for tag in text.split('@').skip(1) {
            doc.tag(tag);
        }
        doc
    }

    fn tag(&mut self, tag: &str) {
        let (word, rest) = tag.split_at(tag.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tag.len()));
        let rest = rest.trim_start();
        let Some((ty, rest)) = braces(rest) else {
            if word == "template" {
                self.templates.extend(names(rest));
            }
            return;
        };
        let is_optional = ty.ends_with('=') || ty.starts_with("...");
        let parsed = Parser::new(ty.trim_end_matches('=').trim_start_matches("...")).whole();
        match word {
            "param" | "arg" | "argument" => {
                let name = names(rest.trim_start_matches('[')).next();
                let rest_of_list = is_optional && ty.starts_with("...");
                let ty = if rest_of_list { DocType::List(Box::new(parsed)) } else { parsed };
                // `options.name` describes a property of a parameter.
                let is_property = name.as_ref().is_some_and(|name| after(rest, name).starts_with('.'));
                if let Some(name) = name.filter(|_| !is_property) {
                    self.parameters.push((name, ty));
                }
            }
            "returns" | "return" => self.returns = Some(parsed),
            "type" => self.ty = Some(parsed),
            "template" => self.templates.extend(names(rest)),
            "typedef" => {
                if let (DocType::Import(specifier, member), Some(name)) = (parsed, names(rest).next()) {
                    self.imports.push(DocImport { name, specifier, member });
                }
            }
            "import" => self.imported(ty, rest),
            _ => {}
        }
    }

    /// `{ A, B as C } from './x'`.
    fn imported(&mut self, names: &str, rest: &str) {
        let Some(specifier) = rest.strip_prefix("from").map(quoted) else { return };
        for part in names.split(',') {
            let (member, name) = part.split_once(" as ").unwrap_or((part, part));
            let (member, name) = (member.trim().to_owned(), name.trim().to_owned());
            if !name.is_empty() && name.chars().chain(member.chars()).all(is_name) {
                self.imports.push(DocImport { name, specifier: specifier.to_owned(), member });
            }
        }
    }
}

/// The text between the quotes at the start.
fn quoted(text: &str) -> &str {
    let text = text.trim_start();
    let Some(quote) = text.chars().next().filter(|quote| matches!(quote, '"' | '\'')) else { return "" };
    text[1..].split(quote).next().unwrap_or_default()
}

/// The names at the start of a text, separated by commas.
fn names(text: &str) -> impl Iterator<Item = String> + '_ {
    let line = text.lines().next().unwrap_or_default();
    line.split(',').map_while(|part| {
        let part = part.trim();
        let end = part.find(|c: char| !is_name(c)).unwrap_or(part.len());
        (end > 0).then(|| part[..end].to_owned())
    })
}

fn after<'t>(text: &'t str, name: &str) -> &'t str {
    text.trim_start_matches('[').strip_prefix(name).unwrap_or_default()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// The text in the braces at the start, and what comes after them.
fn braces(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{')?;
    let mut depth = 1;
    for (index, byte) in inner.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((inner[..index].trim(), inner[index + 1..].trim_start()));
        }
    }
    None
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        Self { rest: text.trim(), depth: 0 }
    }

    /// The type that the whole text is.
    fn whole(mut self) -> DocType {
        let ty = self.union();
        if self.rest.trim().is_empty() { ty } else { DocType::Unknown }
    }

    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn name(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        name.to_owned()
    }

    fn union(&mut self) -> DocType {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            self.rest = "";
            return DocType::Unknown;
        }
        let mut items = vec![self.postfix()];
        while self.eat("|") {
            items.push(self.postfix());
        }
        self.depth -= 1;
        items.retain(|item| *item != DocType::Union(Vec::new()));
        match items.len() {
            1 => items.remove(0),
            _ => DocType::Union(items),
        }
    }

    fn postfix(&mut self) -> DocType {
        while self.eat("?") || self.eat("!") {}
        let mut ty = self.primary();
        loop {
            if self.eat("[]") {
                ty = DocType::List(Box::new(ty));
            } else if self.eat(".<") || self.eat("<") {
                ty = self.arguments(ty);
            } else if !(self.eat("?") || self.eat("!")) {
                return ty;
            }
        }
    }

    fn arguments(&mut self, base: DocType) -> DocType {
        let mut arguments = vec![self.union()];
        while self.eat(",") {
            arguments.push(self.union());
        }
        if !self.eat(">") {
            self.rest = "";
            return DocType::Unknown;
        }
        if base == DocType::Path(vec!["Array".to_owned()]) {
            return DocType::List(Box::new(arguments.remove(0)));
        }
        DocType::Apply(Box::new(base), arguments)
    }

    fn primary(&mut self) -> DocType {
        if self.eat("(") {
            return self.group();
        }
        if self.eat("*") {
            return DocType::Unknown;
        }
        let mut segments = vec![self.name()];
        if segments[0] == "import" && self.eat("(") {
            return self.import();
        }
        if segments[0] == "function" && self.eat("(") {
            return self.function(":");
        }
        while !self.rest.starts_with(".<") && self.eat(".") {
            segments.push(self.name());
        }
        match segments[0].as_str() {
            "null" | "undefined" | "void" => DocType::Union(Vec::new()),
            "" | "any" | "unknown" | "object" | "Object" | "never" | "typeof" | "keyof" => DocType::Unknown,
            _ if segments.iter().any(String::is_empty) => DocType::Unknown,
            _ => DocType::Path(segments),
        }
    }

    /// `(A | B)` or `(a: A) => B`.
    fn group(&mut self) -> DocType {
        let inside = self.rest;
        let Some(end) = closing(inside) else {
            self.rest = "";
            return DocType::Unknown;
        };
        let after = inside[end + 1..].trim_start();
        if let Some(result) = after.strip_prefix("=>") {
            self.rest = result;
            return DocType::Function(Some(Box::new(self.union())));
        }
        self.rest = &inside[..end];
        let ty = self.union();
        let is_whole = self.rest.trim().is_empty();
        self.rest = after;
        if is_whole { ty } else { DocType::Unknown }
    }

    /// After `function(`: the result stands after `separator`.
    fn function(&mut self, separator: &str) -> DocType {
        let Some(end) = closing(self.rest) else {
            self.rest = "";
            return DocType::Unknown;
        };
        self.rest = &self.rest[end + 1..];
        let result = self.eat(separator).then(|| Box::new(self.union()));
        DocType::Function(result)
    }

    /// After `import(`.
    fn import(&mut self) -> DocType {
        let Some(end) = self.rest.find(')') else {
            self.rest = "";
            return DocType::Unknown;
        };
        let specifier = self.rest[..end].trim().trim_matches(['"', '\'', '`']).to_owned();
        self.rest = &self.rest[end + 1..];
        if !self.eat(".") {
            return DocType::Unknown;
        }
        DocType::Import(specifier, self.name())
    }
}

/// Offset of the parenthesis that closes the one before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 => return Some(index),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> DocType {
        DocType::Path(vec![name.to_owned()])
    }

    #[test]
    fn tags_give_types_by_parameter() {
        let doc = JsDoc::parse(
            "/**\n * Does it.\n *\n * @param {Command} cmd - which\n * @param {Array.<Option>} [options=[]] more\n \
             * @param {string|null} name\n * @param {...Help} rest\n * @param {string} options.name\n \
             * @template T, U\n * @return {Promise<Help[]>}\n */",
        );
        let expected = [
            ("cmd", path("Command")),
            ("options", DocType::List(Box::new(path("Option")))),
            ("name", path("string")),
            ("rest", DocType::List(Box::new(path("Help")))),
        ];
        let expected: Vec<(String, DocType)> = expected.into_iter().map(|(name, ty)| (name.to_owned(), ty)).collect();
        assert_eq!(doc.parameters, expected);
        let helps = DocType::List(Box::new(path("Help")));
        assert_eq!(doc.returns, Some(DocType::Apply(Box::new(path("Promise")), vec![helps])));
        assert_eq!(doc.templates, ["T", "U"]);
    }

    #[test]
    fn names_of_types_elsewhere_are_found() {
        let doc = JsDoc::parse(
            "/**\n * @typedef {import(\"./a.js\").A} First the first\n * @typedef {string} Text\n \
             * @import { B, C as D } from './b.js'\n * @import { E }\n */",
        );
        let found: Vec<[&str; 3]> =
            doc.imports.iter().map(|import| [&*import.name, &*import.specifier, &*import.member]).collect();
        assert_eq!(found, [["First", "./a.js", "A"], ["B", "./b.js", "B"], ["D", "./b.js", "C"]]);
    }

    #[test]
    fn function_and_import_types_are_understood() {
        let parse = |ty: &str| JsDoc::parse(&format!("/** @type {{{ty}}} */")).ty;
        assert_eq!(parse("(a: A) => B"), Some(DocType::Function(Some(Box::new(path("B"))))));
        assert_eq!(parse("function(A): B"), Some(DocType::Function(Some(Box::new(path("B"))))));
        assert_eq!(parse("(A|B)[]"), Some(DocType::List(Box::new(DocType::Union(vec![path("A"), path("B")])))));
        assert_eq!(parse("import('./x').Foo"), Some(DocType::Import("./x".to_owned(), "Foo".to_owned())));
        assert_eq!(parse("?Foo"), Some(path("Foo")));
        assert_eq!(parse("{a: string}"), Some(DocType::Unknown));
        assert_eq!(parse("A<"), Some(DocType::Unknown));
    }
}
