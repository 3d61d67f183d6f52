//! The integration tests, one binary. `corpus` is how most of them are written.

mod corpus;
mod index;
mod rust;
mod rust_links;
mod store;
mod walk;
