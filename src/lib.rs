//! Magellan maps a source tree: definitions, references and call sites, linked and kept in one local database.

pub mod extract;
pub mod index;
pub mod lang;
pub mod link;
pub mod model;
pub mod store;
pub mod walk;
