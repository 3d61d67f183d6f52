#!/usr/bin/env python3
"""Compares cyclomatic complexity with that of lizard (https://github.com/terryyin/lizard), function by function.

    pip install lizard
    bench/complexity.py [--differences] FOLDER [PACKAGE ...]

Each PACKAGE is a folder in FOLDER with the source of one project; without one, all of them. Prints a table as in
docs/metrics.md: how many functions both tools have, how many of them agree, and how many do when lizard is told which
words are decisions for us. --differences lists the others. MAGELLAN names the executable, else the release build.
"""

import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import lizard
import lizard_languages

# A signature, its decorators or its return type may begin some lines before the name.
NEAR_LINES = 3
EXECUTABLE = pathlib.Path(__file__).resolve().parent.parent / "target/release/magellan"


def take_our_words():
    """Makes lizard count loops without a condition, but neither `?`, `where` (Rust) nor `finally` (Python)."""
    rust, python = lizard_languages.RustReader, lizard_languages.PythonReader
    rust._control_flow_keywords = rust._control_flow_keywords - {"where"} | {"loop"}
    rust._ternary_operators = set()
    python._control_flow_keywords = python._control_flow_keywords - {"finally"}


def measured(package):
    """Our callables by file: (line, simple name, complexity), in source order."""
    with tempfile.TemporaryDirectory() as scratch:
        magellan = os.environ.get("MAGELLAN", EXECUTABLE)
        database = os.path.join(scratch, "database")
        subprocess.run([magellan, "index", package, "--quiet", "--max-file-bytes", "10000000", "--db", database], check=False, stdout=subprocess.DEVNULL)
        command = [magellan, "hotspots", "--json", "--limit", "0", "--quiet", "--db", database]
        reply = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=package).stdout)
    files = collections.defaultdict(list)
    for row in reply["data"]["hotspots"]["items"]:
        files[row["path"]].append((row["line"], simple(row["qualified_name"]), row["metrics"]["cyclomatic"]))
    return {path: sorted(rows) for path, rows in sorted(files.items())}


def simple(name):
    """The last part of a qualified name, as both tools write it."""
    return re.split(r"::|\.", re.sub(r"[(<\[].*$", "", name))[-1].split(" ")[-1].strip("#*&~ ")


def compared(path, rows):
    """Tuples (name, line, ours, lizard's) for the functions of a file that both have under one name in one place."""
    # Lizard takes the conditions of the preprocessor for decisions of the program.
    text = re.sub(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)\b.*$", "", path.read_text(errors="replace"), flags=re.MULTILINE)
    found = lizard.analyze_file.analyze_source_code(str(path), text).function_list
    paired, free = [], collections.defaultdict(list)
    for function in found:
        free[simple(function.name)].append(function)
    for line, name, complexity in rows:
        near = [function for function in free[name] if abs(function.start_line - line) <= NEAR_LINES]
        if near:
            other = min(near, key=lambda function: abs(function.start_line - line))
            free[name].remove(other)
            paired.append((name, (line, complexity), other))
    kept = {id(other) for _, _, other in paired}
    # What has no name of its own counts for the function around it with us, for itself with lizard.
    inner = collections.Counter()
    for function in found:
        if id(function) not in kept:
            around = [
                other for _, _, other in paired if other.start_line <= function.start_line and function.end_line <= other.end_line
            ]
            if around:
                inner[id(min(around, key=lambda other: other.end_line - other.start_line))] += function.cyclomatic_complexity - 1
    return [(name, line, mine, other.cyclomatic_complexity + inner[id(other)]) for name, (line, mine), other in paired]


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--differences"]
    if not arguments:
        sys.exit(__doc__)
    folder, *packages = arguments
    packages = [pathlib.Path(folder, name).resolve() for name in packages or sorted(os.listdir(folder))]
    ours = {package: measured(package) for package in packages}

    def pairs(package):
        return [(path, *pair) for path, rows in ours[package].items() for pair in compared(package / path, rows)]

    as_it_is = {package: pairs(package) for package in packages}
    take_our_words()
    print("| package | functions | agree | with our words |\n|---|---|---|---|")
    for package in packages:
        with_words = pairs(package)
        different = [pair for pair in with_words if pair[3] != pair[4]]
        agree = sum(pair[3] == pair[4] for pair in as_it_is[package])
        print(f"| {package.name} | {len(with_words)} | {agree} | {len(with_words) - len(different)} |")
        if "--differences" in sys.argv:
            for path, name, line, mine, theirs in different:
                print(f"    {path}:{line} {name}: {mine}, lizard {theirs}")


if __name__ == "__main__":
    main()
