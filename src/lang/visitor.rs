//! What visitors that keep state besides the builder share: a builder, the state, and going inwards with both.

use crate::model::{ScopeKind, SymbolId};

use super::Builder;

/// A builder together with a language's own state `S`. Languages add their methods to `StatefulVisitor<'_, '_, S>`.
pub(crate) struct StatefulVisitor<'b, 's, S> {
    pub(crate) b: &'b mut Builder<'s>,
    pub(crate) state: &'b mut S,
}

impl<'s, S> StatefulVisitor<'_, 's, S> {
    /// Visits with room on the stack, however deep the source is nested.
    pub(crate) fn deeper<R>(&mut self, visit: impl FnOnce(&mut StatefulVisitor<'_, 's, S>) -> R) -> R {
        let state = &mut *self.state;
        self.b.deeper(|b| visit(&mut StatefulVisitor { b, state }))
    }

    /// Visits in a new scope of `kind`.
    pub(crate) fn in_scope<R>(
        &mut self,
        kind: ScopeKind,
        visit: impl FnOnce(&mut StatefulVisitor<'_, 's, S>) -> R,
    ) -> R {
        let state = &mut *self.state;
        self.b.in_scope(kind, |b| visit(&mut StatefulVisitor { b, state }))
    }

    /// Visits the body of `symbol` in a new scope of `kind`.
    pub(crate) fn in_symbol<R>(
        &mut self,
        symbol: SymbolId,
        kind: ScopeKind,
        visit: impl FnOnce(&mut StatefulVisitor<'_, 's, S>) -> R,
    ) -> R {
        let state = &mut *self.state;
        self.b.in_symbol(symbol, kind, |b| visit(&mut StatefulVisitor { b, state }))
    }
}
