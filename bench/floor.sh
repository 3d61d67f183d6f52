#!/bin/sh
# Prints index wall time over floor wall time: bench/floor.sh [PATH] [THREADS] [RUNS] [BACKEND]
# Without a path (or with -) it measures on Rust crates that cargo already has.
set -eu
cd "$(dirname "$0")/.."
exec cargo run --quiet --release --example floor -- "$@"
