#!/usr/bin/env bash
# Indexes a real package of every language, obtained through the package registries, and checks that what is found
# adds up: calls are found, outcomes sum to all call sites, any number of threads gives the same content, a second run
# changes nothing. A package that cannot be had is skipped, loudly.
#   bench/smoke.sh [FOLDER]      FOLDER keeps the packages between runs (default: target/smoke)
set -uo pipefail
cd "$(dirname "$0")/.."
store=${1:-target/smoke}
mkdir -p "$store"
store=$(cd "$store" && pwd)
cargo build --quiet --locked --release || exit 1
magellan=$PWD/target/release/magellan
passed=0 failed=0 skipped=0

crate() { # NAME FOLDER: a crate's source, fetched by cargo
  local scratch found
  scratch=$(mktemp -d)
  mkdir "$scratch/src" && : >"$scratch/src/lib.rs"
  printf '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\n%s = "*"\n[workspace]\n' "$1" >"$scratch/Cargo.toml"
  (cd "$scratch" && cargo fetch --quiet 2>/dev/null)
  rm -rf "$scratch"
  found=$(ls -d "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/"$1"-[0-9]* 2>/dev/null | tail -n 1)
  [ -n "$found" ] && cp -r "$found" "$2" && chmod -R u+w "$2"
}
npm_package() { # NAME FOLDER
  local archive
  archive=$(cd "$store" && npm pack --silent "$1" 2>/dev/null) && mkdir -p "$2" && tar xzf "$store/$archive" -C "$2" --strip-components=1
}
wheel() { # NAME FOLDER
  python3 -m pip download --quiet --no-deps --dest "$store/wheels" "$1" >/dev/null 2>&1 &&
    python3 -m zipfile -e "$store/wheels/${1%%==*}"-*.whl "$2"
}
debian() { # NAME FOLDER
  (cd "$store" && { apt-get download -q "$1" || { apt-get update -q && apt-get download -q "$1"; }; } >/dev/null 2>&1 && dpkg -x "$1"_*.deb "$2")
}

obtain() { # LANGUAGE FOLDER
  case $1 in
    rust) crate clap_builder "$2" ;;
    c) crate zstd-sys "$2" ;;
    cpp) crate snappy_src "$2" ;;
    java) npm_package cordova-android@11.0.0 "$2" ;;
    python) wheel click==8.1.7 "$2" ;;
    javascript) npm_package express@4.21.2 "$2" ;;
    typescript) npm_package rxjs@7.8.1 "$2" ;;
    go) debian golang-github-spf13-cobra-dev "$2" ;;
  esac
}

number() { # JSON PATH: a number out of `status --json`
  python3 -c "import json,sys; d=json.load(open(sys.argv[1])); print(eval(sys.argv[2], {'d': d, 'sum': sum, 'next': next}))" "$1" "$2"
}

check() { # LANGUAGE FOLDER
  local work=$store/$1.db status=$store/$1.json calls sum dump
  rm -rf "$work"
  "$magellan" index "$2" --db "$work" --quiet --threads 2 || [ $? -eq 5 ] || return 1
  "$magellan" status --db "$work" --json >"$status" || return 1
  calls=$(number "$status" "next((l['calls'] for l in d['data']['languages'] if l['language'] == '$1'), {})")
  sum=$(number "$status" "sum(next((l['calls'] for l in d['data']['languages'] if l['language'] == '$1'), {}).values())")
  [ "$sum" -gt 0 ] || { echo "  no calls in $1"; return 1; }
  [ "$(number "$status" "sum(d['data']['calls'].values())")" = "$(number "$status" "d['data']['call_sites']")" ] || { echo "  outcomes do not add up"; return 1; }
  dump=$("$magellan" fingerprint --db "$work") || return 1
  "$magellan" index "$2" --db "$work" --quiet || [ $? -eq 5 ] || return 1
  [ "$dump" = "$("$magellan" fingerprint --db "$work")" ] || { echo "  a second run changed the content"; return 1; }
  rm -rf "$work"
  "$magellan" index "$2" --db "$work" --quiet --threads 1 || [ $? -eq 5 ] || return 1
  [ "$dump" = "$("$magellan" fingerprint --db "$work")" ] || { echo "  another number of threads gives other content"; return 1; }
  echo "$1: $sum calls $calls"
}

for language in rust c cpp java python javascript typescript go; do
  folder=$store/$language
  if [ ! -d "$folder" ] && ! obtain "$language" "$folder"; then
    rm -rf "$folder"
    echo "SKIPPED $language: its package cannot be had here"
    skipped=$((skipped + 1))
  elif check "$language" "$folder"; then
    passed=$((passed + 1))
  else
    echo "FAILED $language"
    failed=$((failed + 1))
  fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
