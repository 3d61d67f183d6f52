#!/usr/bin/env python3
"""Writes what a database in SQLite says as JSON lines: definitions, references and call edges, one object a line.

  facts.py DATABASE LANGUAGE OUT REPORT

REPORT is what `magellan index --json` said of the run that made the database.

Lines are 1-based, columns 0-based bytes, paths relative to the project. Python's standard library only.
"""

import json
import sqlite3
import sys

# What is no definition of its own: a block, a bare package clause, a function without a name.
NO_DEFINITION = {"impl", "extern_block", "package", "closure"}
CALLERS = {"function", "method", "constructor", "destructor", "closure"}
TYPES = {"class", "struct", "union", "enum", "interface", "trait", "record", "annotation"}
# Languages whose linkage joins declarations to definitions: only the latter count.
LINKAGE = {"c", "cpp"}


def main(database, language, out, report):
    milliseconds = json.load(open(report, encoding="utf-8"))["data"]["total_ms"]
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    with open(out, "w", encoding="utf-8") as lines:
        lines.write(json.dumps({"t": "time", "milliseconds": milliseconds}) + "\n")
        for row in Facts(connection, language).rows():
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


class Facts:
    def __init__(self, connection, language):
        self.connection, self.language = connection, language
        self.paths = dict(connection.execute("SELECT id, path FROM files WHERE language = ?", [language]))
        declaration = connection.execute("SELECT bit FROM marks WHERE word = 'declaration'").fetchone()[0]
        self.symbols = {}
        query = """SELECT s.id, n.text, k.word, s.parent, s.marks & ?, s.line, s."column", s.start_line, s.end_line, s.file
                   FROM symbols s JOIN names n ON n.id = s.name JOIN kinds k ON k.id = s.kind ORDER BY s.id"""
        for id, *row in connection.execute(query, [declaration]):
            self.symbols[id] = Symbol(*row)
        self.owners = dict(connection.execute(
            """SELECT r.symbol, r.target FROM relations r JOIN relation_kinds k ON k.id = r.kind
               WHERE k.word = 'member_of' AND r.target IS NOT NULL"""))

    def rows(self):
        yield from self.definitions()
        yield self.sites()
        yield from self.modules()
        query = """SELECT o.id, n.text, r.word, o.line, o."column", o.symbol, o.file, w.word, u.word, o.target
                   FROM occurrences o JOIN names n ON n.id = o.name JOIN roles r ON r.id = o.role
                   JOIN outcomes w ON w.id = o.outcome JOIN rules u ON u.id = o.rule
                   WHERE w.word IN ('resolved', 'candidates') ORDER BY o.id"""
        for id, name, role, line, column, symbol, file, outcome, rule, target in self.connection.execute(query):
            # Compilers see the body of a macro where it is used.
            if file not in self.paths or self.in_macro(symbol):
                continue
            targets = [target]
            if outcome == "candidates":
                found = self.connection.execute("SELECT target FROM candidates WHERE occurrence = ? ORDER BY target", [id])
                targets = [row[0] for row in found]
            for target in targets:
                meant = self.named(name, role, target)
                if meant:
                    place = (self.paths.get(meant.file), meant.line, meant.column, meant.name)
                    yield self.reference(name, line, column, file, place)
                # A macro is expanded, not called.
                if role == "call" and self.symbols[target].kind != "macro":
                    yield self.call(line, column, symbol, file, target, outcome, rule)

    def definitions(self):
        for symbol in self.symbols.values():
            is_joined = symbol.declares and self.language in LINKAGE
            if symbol.kind in NO_DEFINITION or is_joined or symbol.file not in self.paths:
                continue
            yield {
                "t": "def", "file": self.paths[symbol.file], "line": symbol.line, "col": symbol.column,
                "name": symbol.name, "kind": symbol.kind, "start_line": symbol.start_line, "end_line": symbol.end_line,
            }

    def reference(self, name, line, column, file, target):
        path, target_line, target_column, target_name = target
        return {
            "t": "ref", "file": self.paths[file], "line": line, "col": column, "name": name, "def_file": path,
            "def_line": target_line, "def_col": target_column, "def_name": target_name,
        }

    def modules(self):
        """Names of modules that are files: their first byte is where they are defined."""
        query = """SELECT n.text, o.line, o."column", o.file, o.target_file
                   FROM occurrences o JOIN names n ON n.id = o.name WHERE o.target_file IS NOT NULL ORDER BY o.id"""
        for name, line, column, file, target in self.connection.execute(query):
            if file in self.paths:
                yield self.reference(name, line, column, file, (self.paths.get(target), 1, 0, name))

    def sites(self):
        """All call sites by outcome. None may be missing."""
        query = """SELECT sum(calls_resolved), sum(calls_candidates), sum(calls_external), sum(calls_unknown)
                   FROM files WHERE language = ?"""
        counts = [count or 0 for count in self.connection.execute(query, [self.language]).fetchone()]
        query = "SELECT count(*) FROM calls c JOIN files f ON f.path = c.path WHERE f.language = ?"
        total = self.connection.execute(query, [self.language]).fetchone()[0]
        if sum(counts) != total:
            sys.exit(f"{total} call sites, but {counts} by outcome")
        return {"t": "sites", **dict(zip(["resolved", "candidates", "external", "unknown"], counts))}

    def call(self, line, column, symbol, file, target, outcome, rule):
        caller, callee = self.caller(symbol), self.symbols[target]
        return {
            # A call of a value that was followed to the function it holds: compilers do not say where such a call leads.
            "t": "value-call" if rule == "function_value" else "call", "caller_file": self.paths[file], "caller_line": caller.line if caller else 0,
            "caller_name": caller.name if caller else "<module>", "call_line": line, "call_col": column,
            "callee_file": self.paths.get(callee.file), "callee_line": callee.line, "callee_name": callee.name,
            "outcome": "resolved" if outcome == "resolved" else "candidate",
        }

    def in_macro(self, id):
        """Whether a place is in the body of a macro."""
        return id is not None and self.symbols[id].kind == "macro"

    def caller(self, id):
        """The callable around a place; none for code outside any."""
        while id is not None and self.symbols[id].kind not in CALLERS:
            id = self.symbols[id].parent
        return None if id is None else self.symbols[id]

    def named(self, name, role, target):
        """What the name at a use stands for: the class, where a constructor is called by its name. None where no name
        stands there, as in `this(...)` and `super(...)`."""
        symbol = self.symbols[target]
        parent = self.symbols.get(symbol.parent)
        by_class = symbol.name != name and parent and parent.kind in TYPES and parent.name == name
        if role != "call" or not (symbol.kind == "constructor" or by_class):
            return symbol
        named = self.symbols.get(self.owners.get(target), parent)
        return named if named and named.name == name else None


class Symbol:
    def __init__(self, name, kind, parent, declares, line, column, start_line, end_line, file):
        self.name, self.kind, self.parent, self.declares = name, kind, parent, bool(declares)
        self.line, self.column, self.start_line, self.end_line, self.file = line, column, start_line, end_line, file


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
