//! Calls in macro bodies, which are tokens, not syntax. Their names are looked up as from the end of the file: what
//! they mean depends on where the macro is used, which is mostly further down.

use crate::lang::Builder;
use crate::model::{Expr, Role, ScopeId, Space, Span};

use super::tokens::{Token, tokens};

/// Records the calls in the body of a macro: names before `(` that are none of its parameters.
pub(super) fn calls(b: &mut Builder<'_>, body: Span, parameters: &[Span]) {
    let parameters: Vec<String> = parameters.iter().map(|span| b.text_of(*span).into_owned()).collect();
    let source = b.source();
    let end = source.len() as u32;
    let tokens = tokens(&source[body.start as usize..body.end as usize]).all;
    for (index, callee) in tokens.iter().enumerate() {
        let is_called = tokens.get(index + 1).is_some_and(|next| next.token == Token::Sign(b'('));
        if !is_called || !callee.token.is_name() {
            continue;
        }
        let span = Span::new(body.start + callee.start as u32, body.start + callee.end as u32);
        let text = b.text_of(span).into_owned();
        if parameters.contains(&text) {
            continue;
        }
        let before = index.checked_sub(1).map(|before| tokens[before]);
        let is_member = before.is_some_and(|before| match before.token {
            Token::Sign(sign) => matches!(sign, b'.' | b'#'),
            Token::Path => true,
            Token::Word => {
                before.end - before.start == 2 && &source[body.start as usize + before.start..][..2] == b"->"
            }
            _ => false,
        });
        let name = b.intern(&text);
        let scope = ScopeId(0);
        let plain = Expr::Name { name, scope, at: end, space: Space::Any };
        let callee = b.expr(if is_member { Expr::Unknown } else { plain });
        b.occurrence_at(Role::Call, callee, name, span, None);
    }
}
