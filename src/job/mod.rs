//! The deeds: what changes a database. Typed arguments in, typed replies out; a deed never formats.

pub mod index;
