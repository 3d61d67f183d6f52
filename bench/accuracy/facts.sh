#!/usr/bin/env bash
# Indexes a folder and writes definitions, references and call edges of one language as JSON lines.
#   bench/accuracy/facts.sh SOURCE LANGUAGE OUT.jsonl
# The binary is $MAGELLAN, else the release build, which is made if need be.
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,4s/^# *//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
magellan=${MAGELLAN:-$here/../../target/release/magellan}
[ -x "$magellan" ] || (cd "$here/../.." && cargo build --quiet --locked --release)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$magellan" index "$1" --db "$scratch/db" --backend sqlite --json >"$scratch/report" 2>"$scratch/said" || { cat "$scratch/said" >&2; exit 1; }
python3 "$here/facts.py" "$scratch/db/$(cat "$scratch/db/CURRENT")" "$2" "$3" "$scratch/report"
