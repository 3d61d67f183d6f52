//! The integration tests, one binary. `corpus` is how most of them are written.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod c;
mod cli;
mod corpus;
mod cpp;
#[cfg(unix)]
mod faults;
mod go;
mod index;
mod java;
mod javascript;
mod languages;
mod policy;
mod python;
mod python_links;
mod query;
mod rust;
mod rust_links;
mod store;
mod tidy;
mod typescript;
mod walk;
