//! The integration tests, one binary. `corpus` is how most of them are written.

mod cli;
mod corpus;
mod index;
mod query;
mod rust;
mod rust_links;
mod store;
mod tidy;
mod walk;
