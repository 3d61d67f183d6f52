//! Variables whose value depends on themselves: `text = text.strip()`, a function that returns what it returns.
//!
//! What flows into such a variable is found by assuming something of it, looking what follows, and assuming that,
//! until nothing changes. Answers that rest on an assumption count as having met themselves, so none of them is
//! remembered.

use crate::model::ExprId;

use super::den::Ty;
use super::lookup::Resolver;
use super::world::Sym;

/// Most times an assumption is replaced before the value counts as unknown.
const ROUNDS_MAX: u32 = 3;

/// Something that values flow into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// The local variable of a file whose bindings start here.
    Local(u32, u32),
    /// A variable, a field or the result of a function.
    Symbol(Sym),
}

/// What is assumed of a slot while its value is looked for.
pub(super) struct Assumption {
    ty: Ty,
    uses: u32,
}

impl Resolver<'_, '_> {
    /// The value of `slot`, into which `values` flow.
    pub(super) fn settled(&mut self, slot: Slot, file: u32, values: &[ExprId]) -> Ty {
        if let Some(ty) = self.use_assumption(slot) {
            return ty;
        }
        self.assumed.insert(slot, Assumption { ty: Ty::Unknown, uses: 0 });
        let mut ty = self.first_guess(slot, file, values);
        let mut rounds = 0;
        while self.uses(slot) > 0 && ty != Ty::Unknown {
            self.assumed.insert(slot, Assumption { ty: ty.clone(), uses: 1 });
            let next = Ty::union(values.iter().map(|&value| self.value(file, value)).collect::<Vec<_>>());
            if next == ty {
                break;
            }
            rounds += 1;
            ty = if rounds == ROUNDS_MAX { Ty::Unknown } else { next };
        }
        self.assumed.remove(&slot);
        ty
    }

    /// The assumption made of a slot whose value is being looked for.
    fn use_assumption(&mut self, slot: Slot) -> Option<Ty> {
        let assumption = self.assumed.get_mut(&slot)?;
        assumption.uses += 1;
        let ty = assumption.ty.clone();
        self.meet_again();
        Some(ty)
    }

    fn uses(&self, slot: Slot) -> u32 {
        self.assumed.get(&slot).map_or(0, |assumption| assumption.uses)
    }

    /// What flows into the slot from elsewhere: values that cannot be told without knowing it are left out.
    fn first_guess(&mut self, slot: Slot, file: u32, values: &[ExprId]) -> Ty {
        let mut types = Vec::new();
        for &value in values {
            let uses = self.uses(slot);
            let ty = self.value(file, value);
            let is_circular = ty == Ty::Unknown && self.uses(slot) > uses;
            if !is_circular {
                types.push(ty);
            }
        }
        Ty::union(types)
    }
}
