//! Types written in strings: `"Foo"`, `"dict[str, Foo] | None"`. A small reader of names, brackets and bars; at
//! anything else it stops and the rest is not known.

use crate::model::{Expr, ExprId, Literal, Node, Role, Space, Span};

use super::ty::Special;
use super::visit::{Kind, Visitor};

/// Deepest nesting of brackets that is read.
const DEPTH_MAX: usize = 16;

impl<'s> Visitor<'_, 's> {
    /// A string that stands where a type is expected.
    pub(super) fn quoted(&mut self, node: Node<'_>) -> ExprId {
        let mut parts = node.children().filter(|child| Kind::of(*child) == Kind::StringContent);
        let content = match (parts.next(), parts.next()) {
            (Some(content), None) if content.is_leaf() => content,
            _ => return self.b.unknown(),
        };
        let text = content.span().slice(self.b.source());
        let mut reader = Reader { text, offset: content.start(), position: 0, depth: 0 };
        reader.alternatives(self).unwrap_or_else(|| self.b.unknown())
    }
}

struct Reader<'s> {
    text: &'s [u8],
    /// Where the text starts in the file.
    offset: u32,
    position: usize,
    depth: usize,
}

impl Reader<'_> {
    /// `A | B`
    fn alternatives(&mut self, visitor: &mut Visitor<'_, '_>) -> Option<ExprId> {
        let mut items = vec![self.single(visitor)?];
        while self.eat(b'|') {
            items.push(self.single(visitor)?);
        }
        Some(visitor.b.union(&items))
    }

    /// `a.b.C[...]`, `None`, `[...]`, `...`
    fn single(&mut self, visitor: &mut Visitor<'_, '_>) -> Option<ExprId> {
        if self.eat(b'[') {
            let items = self.arguments(visitor)?;
            let items = visitor.b.list(&items);
            return Some(visitor.b.expr(Expr::Tuple { items }));
        }
        if self.eat(b'.') {
            return (self.eat(b'.') && self.eat(b'.')).then(|| visitor.b.unknown());
        }
        let (base, special) = self.name(visitor)?;
        if !self.eat(b'[') {
            return Some(visitor.bare(special, base));
        }
        let arguments = self.arguments(visitor)?;
        let is_open = special == Some(Special::Tuple) && self.text[..self.position].ends_with(b"...]");
        let special = if is_open { Some(Special::Sequence) } else { special };
        Some(visitor.compose(special, base, &arguments))
    }

    /// What stands between brackets, the opening one already read.
    fn arguments(&mut self, visitor: &mut Visitor<'_, '_>) -> Option<Vec<ExprId>> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let mut items = Vec::new();
        while !self.eat(b']') {
            items.push(self.alternatives(visitor)?);
            if !self.eat(b',') && self.peek() != Some(b']') {
                return None;
            }
        }
        self.depth -= 1;
        Some(items)
    }

    /// A dotted name; every part but modules of `typing` is an occurrence.
    fn name(&mut self, visitor: &mut Visitor<'_, '_>) -> Option<(ExprId, Option<Special>)> {
        let first = self.word()?;
        let text = visitor.b.text_of(first);
        if text == "None" {
            return Some((visitor.b.literal(Literal::Null), None));
        }
        let mut special = visitor.special_name(&text);
        let mut before = text;
        let name = visitor.b.intern(&before);
        let mut expr = visitor.b.name_at(name, first.start, Space::Any);
        let mut last = (name, first);
        while self.eat(b'.') {
            visitor.b.occurrence_at(Role::Read, expr, last.0, last.1, None);
            let next = self.word()?;
            let text = visitor.b.text_of(next);
            special = visitor.special_member(&before, &text);
            let name = visitor.b.intern(&text);
            expr = visitor.b.expr(Expr::Member { base: expr, name });
            last = (name, next);
            before = text;
        }
        visitor.b.occurrence_at(Role::Type, expr, last.0, last.1, None);
        Some((expr, special))
    }

    fn word(&mut self) -> Option<Span> {
        self.skip_space();
        let start = self.position;
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
        while self.text.get(self.position).copied().is_some_and(is_part) {
            self.position += 1;
        }
        let is_word = start < self.position && !self.text[start].is_ascii_digit();
        is_word.then(|| Span::new(self.offset + start as u32, self.offset + self.position as u32))
    }

    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.get(self.position).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.position += usize::from(is_next);
        is_next
    }

    fn skip_space(&mut self) {
        while self.text.get(self.position).is_some_and(u8::is_ascii_whitespace) {
            self.position += 1;
        }
    }
}
