#!/usr/bin/env python3
"""Times questions on a tree with both engines, whole process, and prints the tables of docs/performance.md.

    bench/questions.py TREE [--runs 15] [--magellan EXECUTABLE] [--keep FOLDER] [--only WORD]

Subjects are taken from the tree itself: the callable and the type that most depend on, the file of that callable and
its folder. Each question is first asked once for nothing, so that files are in memory. Wall time is what people wait;
processor time (user and system) is less of a lottery where other work is done on the machine. Both are medians, in
milliseconds. --keep leaves the databases in a folder, and uses those that are there.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

EXECUTABLE = pathlib.Path(__file__).resolve().parent.parent / "target/release/magellan"
ENGINES = ["sqlite", "native-v2"]
TYPES = ["class", "struct", "interface", "trait"]
# The exit codes of an answer: found, nothing found, a gate that fails.
ANSWERED = (0, 1)

POINT = [
    ["status"],
    ["find", "{name}"],
    ["find", "{start}*"],
    ["callers", "{callable}"],
    ["callees", "{callable}"],
    ["refs", "{type}"],
    ["show", "{callable}"],
    ["get", "{callable}"],
    ["outline", "{file}"],
    ["cfg", "{callable}"],
    ["hierarchy", "{type}"],
    ["context", "{callable}", "--tokens", "4000"],
    ["files"],
    ["hotspots"],
]
WHOLE = [
    ["reachable", "{callable}"],
    ["reachable", "{callable}", "--reverse"],
    ["paths", "{caller}", "{callable}"],
    ["cycles"],
    ["cycles", "--imports"],
    ["condense"],
    ["impact", "{callable}"],
    ["impact", "{file}"],
    ["impact", "{folder}"],
    ["affected-tests", "{type}"],
    ["slice", "{callable}"],
    ["deps"],
    ["deps", "--by", "files"],
    ["map"],
    ["search", "{name}"],
    ["collisions"],
    ["collisions", "--by", "name"],
    ["entry-points"],
    ["dead-code"],
    ["dead-code", "--doubtful"],
    ["dead-code", "--no-exports"],
]


def run(executable, arguments, database):
    """Wall and processor time in milliseconds of one answer."""
    command = [str(executable), *arguments, "--db", str(database), "--quiet"]
    before = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - before
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode not in ANSWERED:
        raise SystemExit(f"{' '.join(command)}: {complaint.decode(errors='replace').strip()}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def ask(executable, arguments, database):
    command = [str(executable), *arguments, "--db", str(database), "--json", "--quiet"]
    return json.loads(subprocess.run(command, capture_output=True, check=False).stdout)["data"]


def subjects(executable, database):
    """What stands for the words in braces."""
    hub = ask(executable, ["hotspots", "--by", "fan-in", "--limit", "1"], database)["hotspots"]["items"]
    if not hub:
        raise SystemExit("nothing to ask about: the tree has no callable with a body")
    hub = hub[0]
    callers = ask(executable, ["callers", hub["id"]], database)["callers"]
    caller = next((group["symbol"]["id"] for group in callers["items"] if group["symbol"]), hub["id"])
    name = hub["qualified_name"].replace(".", ":").rsplit(":", 1)[-1]
    folder = hub["path"].rsplit("/", 1)[0] if "/" in hub["path"] else hub["path"]
    return {
        "name": name,
        "start": name[:3],
        "callable": hub["id"],
        "type": most_used_type(executable, database) or hub["id"],
        "caller": caller,
        "file": hub["path"],
        "folder": folder,
    }


def most_used_type(executable, database):
    """Of the first types of each kind."""
    found = []
    for kind in TYPES:
        rows = ask(executable, ["label", kind, "--limit", "50"], database)["symbols"]["items"]
        found += [(ask(executable, ["get", row["id"]], database)["other_uses"], row["id"]) for row in rows]
    return max(found)[1] if found else None


def index(executable, tree, folder):
    databases = {}
    for engine in ENGINES:
        databases[engine] = folder / engine
        if not databases[engine].exists():
            command = [str(executable), "index", str(tree), "--db", str(databases[engine]), "--backend", engine, "--quiet"]
            subprocess.run(command, check=False)
    return databases


def known(executable):
    """The commands that this executable has."""
    text = subprocess.run([str(executable), "--help"], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in text.splitlines() if line.startswith("  ") and line.strip()}


def table(title, questions, arguments, databases, words):
    commands = known(arguments.magellan)
    print(f"\n{title}, median of {arguments.runs} runs\n")
    print("| question | SQLite wall | processor | native-v2 wall | processor |")
    print("|---|---|---|---|---|")
    for question in questions:
        shown = " ".join(question)
        if question[0] not in commands or arguments.only not in shown:
            continue
        asked = [word.format(**words) for word in question]
        cells = []
        for engine in ENGINES:
            run(arguments.magellan, asked, databases[engine])
            times = [run(arguments.magellan, asked, databases[engine]) for _ in range(arguments.runs)]
            cells += [f"{statistics.median(column):.1f}" for column in zip(*times)]
        print(f"| `{shown.replace('{', '').replace('}', '')}` | {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--magellan", default=EXECUTABLE)
    parser.add_argument("--keep")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    tree = pathlib.Path(arguments.tree).resolve()
    arguments.magellan = pathlib.Path(arguments.magellan).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(arguments.keep or scratch).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        databases = index(arguments.magellan, tree, folder)
        # Paths are given from here, as people give them.
        os.chdir(tree)
        words = subjects(arguments.magellan, databases["native-v2"])
        print("Subjects: " + ", ".join(f"{word} `{meaning}`" for word, meaning in words.items()))
        table("Point questions", POINT, arguments, databases, words)
        table("Questions about the whole tree", WHOLE, arguments, databases, words)


if __name__ == "__main__":
    main()
