//! The integration tests, one binary. `corpus` is how most of them are written.

mod corpus;
mod rust;
mod rust_links;
