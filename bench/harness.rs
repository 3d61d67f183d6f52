//! The main function of the benches.

use std::process::{Command, exit};

use criterion::Criterion;

/// Runs `benches`, as `criterion_main` does. `cargo test --all-targets -- --test-threads=1` hands its arguments to benches
/// too, which have no threads of their own and would refuse that one: it is left out.
pub(crate) fn main(benches: fn()) {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let known: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--test-threads")).collect();
    if known.len() < arguments.len() {
        let program = std::env::current_exe().expect("this program");
        let status = Command::new(program).args(known).status().expect("started again");
        exit(status.code().unwrap_or(1));
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
