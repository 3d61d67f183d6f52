//! Magellan maps a source tree: definitions, references and call sites, linked and kept in one local database.

pub mod cli;
pub mod extract;
pub mod index;
pub mod job;
pub mod lang;
pub mod link;
pub mod model;
pub mod query;
pub mod store;
pub mod walk;
