//! The integration tests, one binary. `corpus` is how most of them are written.

mod corpus;
mod go;
mod rust;
mod rust_links;
