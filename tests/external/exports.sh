#!/usr/bin/env bash
# Exports of a little tree with hostile names, of this repository and of any folders given, each read by a program that
# others wrote. Installs the readers into target/external, or with apt where they are system programs.
#
#   tests/external/exports.sh [FOLDER ...]
set -euo pipefail
cd "$(dirname "$0")/../.."
here=$PWD/tests/external
tools=$PWD/target/external
magellan=${MAGELLAN:-$PWD/target/debug/magellan}
[ -x "$magellan" ] || cargo build --locked
mkdir -p "$tools"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
need() { # PROGRAM PACKAGE
    command -v "$1" > /dev/null && return
    [ -e "$tools/updated" ] || { as_root apt-get update -q > /dev/null && touch "$tools/updated"; }
    as_root apt-get install -y -q "$2" > /dev/null
}
need nop graphviz
need readtags universal-ctags
need xmllint libxml2-utils
need emacs emacs-nox
need node nodejs
command -v npm > /dev/null || need npm npm
[ -x "$tools/python/bin/python" ] || python3 -m venv "$tools/python"
"$tools/python/bin/python" -c 'import duckdb, networkx' 2> /dev/null ||
    "$tools/python/bin/pip" install -q duckdb networkx
# The validator and the reader of LSIF's authors; the bindings that SCIP's authors made for their own indexer.
[ -d "$tools/node_modules/@sourcegraph/scip-typescript" ] ||
    npm install --silent --no-audit --no-fund --prefix "$tools" \
        @vscode/lsif-protocol@0.6.0-next.9 @vscode/lsif-language-service@0.1.0-pre.4 @sourcegraph/scip-typescript@0.4.0
# The validator of SARIF's authors, which holds the official schema and more rules than a schema can tell.
[ -d "$tools/node_modules/@microsoft/sarif-multitool" ] ||
    npm install --silent --no-audit --no-fund --prefix "$tools" @microsoft/sarif-multitool@5.7.0
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1

# What `magellan check` prints for code scanning, by the schema and by the rules of SARIF and of GitHub. Only an address
# of the program is missing (SARIF2005).
sarif() { # FILE
    local told
    told=$("$tools/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool" validate --rule-kind "Sarif;Ghas" "$1" || true)
    if grep -E ': (error|warning) ' <<< "$told" | grep -v SARIF2005 || ! grep -q 'completed successfully' <<< "$told"; then
        echo "$told"
        exit 1
    fi
}

check() { # FOLDER
    local tree=$1 out
    out=$(mktemp -d)
    (
        cd "$tree"
        "$magellan" index --quiet --db "$out/db"
        for format in json jsonl scip lsif tags etags; do
            "$magellan" export --quiet --db "$out/db" --format "$format" --output "$out/all.$format"
        done
        for graph in calls imports types; do
            for format in dot graphml mermaid; do
                "$magellan" export --quiet --db "$out/db" --format "$format" --graph "$graph" --output "$out/$graph.$format"
            done
        done
        "$magellan" check --quiet --db "$out/db" --rules "$here/rules.toml" --format sarif > "$out/check.sarif" || [ $? = 1 ]
        for format in csv parquet; do
            "$magellan" export --quiet --db "$out/db" --format "$format" --output "$out/$format"
        done
    )
    grep -q '"ruleId"' "$out/check.sarif"
    sarif "$out/check.sarif"
    for graph in calls imports types; do
        nop -p "$out/$graph.dot"
        xmllint --noout "$out/$graph.graphml"
    done
    "$tools/python/bin/python" "$here/tables.py" "$out"
    "$here/tags.sh" "$out/all.tags" "$out/all.jsonl"
    emacs --batch --quick --eval "(progn (visit-tags-table \"$out/all.etags\") (tags-completion-table))" 2> /dev/null
    NODE_PATH=$tools/node_modules node "$here/lsif.js" "$out/all.lsif" "$out/all.jsonl"
    NODE_PATH=$tools/node_modules node "$here/scip.js" "$out/all.scip" "$out/all.jsonl"
    rm -r "$out"
    echo "$tree: every export is read"
}

hostile=$(mktemp -d)
trap 'rm -r "$hostile"' EXIT
"$here/hostile.sh" "$hostile"
check "$hostile"
check "$PWD"
for folder in "$@"; do check "$folder"; done
