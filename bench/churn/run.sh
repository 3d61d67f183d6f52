#!/bin/sh
# What a tree that is edited again and again does to its database: bench/churn/run.sh [PART ...] [--tree FOLDER] [--steps N]
# [--every N] [--seed N]; parts: edits timing watch kill readers. Prints one Markdown table; `examples/churn` says more.
set -eu
cd "$(dirname "$0")/../.."
cargo build --quiet --release --bin magellan
exec cargo run --quiet --release --example churn -- "$@"
