#!/usr/bin/env python3
"""Looks for lies: definitions whose callers are said to be complete although a compiler knows a call that is missing.

  complete.py TRUTH WORK [MAGELLAN]

TRUTH holds score.py and facts/; WORK holds corpus/ and what facts.sh wrote in tool/. Prints each lie; exits with 1 if
there is one. Python's standard library only.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

# A call edge that the compiler has and the tool has not, as score.py lists them.
MISSED = re.compile(r"^\s+\S+ (?P<from>\S+):\d+ \S+ -> (?P<path>\S+):(?P<line>\d+) (?P<name>\S+)(?: \(call at line (?P<at>\d+)\))?$")


def main(truth, work, magellan="target/release/magellan"):
    lies = asked = 0
    for tool in sorted(pathlib.Path(work, "tool").glob("*.jsonl")):
        missed = missed_edges(truth, tool)
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(work, "corpus", tool.stem)
            subprocess.run([magellan, "index", source, "--db", f"{folder}/db"], check=True, capture_output=True)
            for (path, line, name), calls in sorted(missed.items()):
                reply = callers(magellan, f"{folder}/db", path, line, name)
                asked += reply is not None
                if not reply or not reply["complete"]:
                    continue
                groups = reply["callers"]["items"]
                told = {(site["path"], site["line"]) for group in groups for site in group["sites"]}
                # The call may stand in a macro, whose users are asked for next.
                in_macro = any(group["symbol"] and group["symbol"]["kind"] == "macro" for group in groups)
                # The compiler may see another function around the same call.
                for place, text in calls:
                    if place not in told and not in_macro:
                        lies += 1
                        print(f"{tool.stem}: callers of {path}:{line} {name} are said to be complete, but {text}")
    print(f"{lies} lies; {asked} definitions with a missing call were asked for")
    return 1 if lies else 0


def missed_edges(truth, tool):
    """The missed calls of each definition that has some: the place of the call, and how it is told."""
    command = [sys.executable, f"{truth}/score.py", f"{truth}/facts/{tool.stem}.jsonl.gz", str(tool), "--misses", "1000000",
               "--only", "call", "--brief"]
    missed, is_missed = {}, False
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        if "edge-fp:" in line or "edge-fn:" in line:
            is_missed = "edge-fn:" in line
        found = MISSED.match(line)
        if is_missed and found:
            calls = missed.setdefault((found["path"], int(found["line"]), found["name"]), [])
            calls.append(((found["from"], int(found["at"] or 0)), line.strip()))
    return missed


def callers(magellan, database, path, line, name):
    """The answer about the definition of that name on that line; none if there is not exactly one."""
    command = [magellan, "find", name, "--json", "--limit", "0", "--db", database]
    found = json.loads(subprocess.run(command, capture_output=True, text=True).stdout or "{}")
    symbols = found.get("data", {}).get("symbols", {}).get("items", [])
    here = [symbol for symbol in symbols if symbol["path"] == path and symbol["line"] == line]
    if len(here) != 1:
        return None
    command = [magellan, "callers", here[0]["id"], "--json", "--limit", "0", "--db", database]
    return json.loads(subprocess.run(command, capture_output=True, text=True).stdout).get("data")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
