"""CSV read strictly and by DuckDB, Parquet by DuckDB, JSON and GraphML by libraries: all say the same."""

import csv
import io
import json
import sys

import duckdb
import networkx

out = sys.argv[1]
tables = ["files", "symbols", "calls", "references", "imports", "relations"]
lines = [json.loads(line) for line in open(f"{out}/all.jsonl", encoding="utf-8", newline="\n")]
whole = json.load(open(f"{out}/all.json", encoding="utf-8"))
assert whole["schema"] == {"name": "export", "version": 1}

for table in tables:
    rows = [row for row in lines if row["table"] == table]
    with open(f"{out}/csv/{table}.csv", encoding="utf-8", newline="") as file:
        text = file.read()
    assert text.endswith("\r\n")
    strict = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    header, values = strict[0], strict[1:]
    assert len(values) == len(rows), (table, len(values), len(rows))
    assert all(len(value) == len(header) for value in values), table
    for row, value in zip(rows, values):
        wanted = [row[name] for name in header]
        shown = ["" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell) for cell in wanted]
        assert shown == value, (shown, value)
    names = ", ".join(f'"{name}"' for name in header)
    read = duckdb.sql(f"select {names} from '{out}/parquet/{table}.parquet'").fetchall()
    assert [tuple(row[name] for name in header) for row in rows] == read, table
    counted = duckdb.sql(f"select count(*) from read_csv('{out}/csv/{table}.csv', header=true, all_varchar=true)")
    assert counted.fetchall()[0][0] == len(rows), table
    if table == "files":
        assert [{key: file[key] for key in header} for file in whole["files"]] == [
            {key: row[key] for key in header} for row in rows
        ]
    else:
        nested = [row for file in whole["files"] for row in file["tables"][table]]
        assert [dict(row, table=table) for row in nested] == rows, table

for graph in ["calls", "imports", "types"]:
    read = networkx.read_graphml(f"{out}/{graph}.graphml")
    assert all("label" in data for _, data in read.nodes(data=True)), f"{graph}: an edge leads to no node"
    with open(f"{out}/{graph}.dot", encoding="utf-8") as file:
        edges = sum(line.startswith("  \"") and "\" -> \"" in line[:80] for line in file)
    assert edges == read.number_of_edges(), (graph, edges, read.number_of_edges())
