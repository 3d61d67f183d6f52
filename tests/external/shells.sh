#!/usr/bin/env bash
# Completions read by the shells they are for, and manual pages by a formatter that is strict. Installs what is missing
# with apt.
set -euo pipefail
cd "$(dirname "$0")/../.."
magellan=${MAGELLAN:-$PWD/target/debug/magellan}
[ -x "$magellan" ] || cargo build --locked

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
missing=()
for program in zsh fish mandoc; do command -v "$program" > /dev/null || missing+=("$program"); done
if [ "${#missing[@]}" != 0 ]; then
    as_root apt-get update -q > /dev/null
    as_root apt-get install -y -q "${missing[@]}" > /dev/null
fi

out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
for shell in bash zsh fish; do
    "$magellan" completions "$shell" > "$out/script.$shell"
    "$shell" -n "$out/script.$shell"
done
# What a shell offers after a word is what the table has.
complete() { bash -c "source $out/script.bash; COMP_WORDS=($1); COMP_CWORD=$2; _magellan magellan; printf '%s\n' \"\${COMPREPLY[@]}\""; }
complete "magellan call" 1 | grep -qx callers
complete "magellan callers --un" 2 | grep -qx -- --unresolved
fish -c "source $out/script.fish; complete -C 'magellan call'" | grep -q '^callers'
mkdir "$out/man"
"$magellan" man --output "$out/man"
"$magellan" man > "$out/man/overview.1"
mandoc -T lint -W error "$out"/man/*.1
# Words that are no names of pages: none is made for `help`.
[ -z "$(find "$out/man" -name 'magellan-help*')" ]
echo "completions of three shells and $(find "$out/man" -name '*.1' | wc -l) manual pages are read"
