//! The `magellan` command.

use std::process::ExitCode;

/// An update takes much memory for a moment; this one gets it from the system in large pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    magellan::cli::main()
}
