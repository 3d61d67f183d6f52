#!/usr/bin/env bash
# Scores all projects that there is ground truth for, and prints a table with one row per language.
#   bench/accuracy/run.sh [TRUTH] [WORK]
# TRUTH holds facts/, score.py and fetch_sources.sh (default: $ACCURACY, else ../shared/accuracy beside this package);
# WORK keeps sources and facts between runs (default: target/accuracy).
set -euo pipefail
cd "$(dirname "$0")/../.."
truth=${1:-${ACCURACY:-../shared/accuracy}} work=${2:-target/accuracy}
[ -f "$truth/score.py" ] || { echo "$truth holds no ground truth: name its folder" >&2; exit 2; }
mkdir -p "$work/tool"
export MAGELLAN=${MAGELLAN:-$PWD/target/release/magellan}
[ -x "$MAGELLAN" ] || cargo build --quiet --locked --release
"$truth/fetch_sources.sh" "$work" >"$work/fetch.log" 2>&1 || { tail -5 "$work/fetch.log" >&2; exit 1; }
for source in "$work"/corpus/*/; do
  project=$(basename "$source")
  bench/accuracy/facts.sh "$source" "${project%%-*}" "$work/tool/$project.jsonl"
done
python3 bench/accuracy/table.py "$truth" "$work"
