#!/usr/bin/env python3
"""Scores what facts.sh wrote, and prints a table with one row per language.

  table.py TRUTH WORK

TRUTH holds score.py and facts/; WORK holds tool/<language>-<project>.jsonl. P is precision, R recall. `resolved alone`
judges only edges shown as resolved; `with values` counts calls of values that were followed to the function they hold,
where compilers do not say where they lead. Python's standard library only.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

HEAD = ["language", "definitions P / R", "references P / R", "call edges P / R / F1", "resolved alone P", "with values P / R",
        "call sites: resolved + candidates + external + unknown", "index"]


def main(truth, work):
    tool = pathlib.Path(work, "tool")
    rows = {path.name: [json.loads(line) for line in path.open(encoding="utf-8")] for path in sorted(tool.glob("*.jsonl"))}
    whole = score(truth, rows)
    resolved = score(truth, changed(rows, lambda row: row.get("outcome") != "candidate", str))
    values = score(truth, changed(rows, lambda row: True, lambda kind: kind.replace("value-call", "call")))
    print(line(HEAD), line(["---"] * len(HEAD)), sep="\n")
    for language in sorted(key.removeprefix("lang:") for key in whole if key.startswith("lang:")):
        key = f"lang:{language}"
        edge = whole[key]["edge"]
        print(line([
            language, pair(whole[key]["def"]), pair(whole[key]["ref"]), f"{pair(edge)} / {edge['f1']:.3f}",
            f"{resolved[key]['edge']['precision']:.3f}", pair(values[key]["edge"]), sites(rows, language),
            f"{time(rows, language)} ms",
        ]))


def score(truth, rows):
    with tempfile.TemporaryDirectory() as folder:
        for name, own in rows.items():
            text = "".join(json.dumps(row) + "\n" for row in own)
            pathlib.Path(folder, name).write_text(text, encoding="utf-8")
        out = pathlib.Path(folder, "out")
        command = [sys.executable, f"{truth}/score.py", "--dirs", f"{truth}/facts", folder, "--json", str(out), "--brief"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.loads(out.read_text())


def changed(rows, wanted, kind):
    return {name: [{**row, "t": kind(row["t"])} for row in own if wanted(row)] for name, own in rows.items()}


def sites(rows, language):
    counts = {}
    for name, own in rows.items():
        for row in own if name.startswith(f"{language}-") else []:
            if row["t"] == "sites":
                for outcome in ["resolved", "candidates", "external", "unknown"]:
                    counts[outcome] = counts.get(outcome, 0) + row[outcome]
    return f"{sum(counts.values()):,} = " + " + ".join(f"{count:,}" for count in counts.values())


def time(rows, language):
    times = [row for name, own in rows.items() if name.startswith(f"{language}-") for row in own if row["t"] == "time"]
    return sum(row["milliseconds"] for row in times)


def pair(score):
    return f"{score['precision']:.3f} / {score['recall']:.3f}"


def line(cells):
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
