//! The integration tests, one binary. `corpus` is how most of them are written.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the message")]

mod c;
mod cache;
mod check;
mod churn;
mod churn_stories;
mod cli;
mod corpus;
mod cpp;
mod dead_code;
mod dead_code_cpp;
mod deeds;
mod diff;
mod explain;
mod exports;
mod facets;
#[cfg(unix)]
mod faults;
mod flow;
mod flow_c;
mod flow_cpp;
mod flow_go;
mod flow_java;
mod flow_javascript;
#[cfg(unix)]
mod forest;
mod formats;
mod fresh;
mod generic_links;
mod go;
#[cfg(unix)]
mod golden;
mod graph;
mod index;
mod java;
mod javascript;
mod languages;
mod naming;
#[cfg(all(target_os = "linux", feature = "native-v2"))]
mod native_faults;
mod network;
mod options;
mod overloads;
mod pathological;
mod policy;
mod python;
mod python_links;
mod query;
mod query_records;
mod questions;
#[cfg(unix)]
mod readers;
mod rust;
mod rust_links;
mod slice;
mod store;
mod terminal;
mod tidy;
mod typescript;
mod walk;
#[cfg(unix)]
mod watch;
#[cfg(target_os = "linux")]
mod writes;
