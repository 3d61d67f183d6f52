//! The `magellan` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    magellan::cli::main()
}
