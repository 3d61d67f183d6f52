// Every line of a dump by the validator of the protocol, then definitions and references by its reader.
'use strict';
const fs = require('fs');
const { Vertex, Edge, ElementTypes } = require('@vscode/lsif-protocol');
const { JsonStore } = require('@vscode/lsif-language-service');

const [dump, jsonl] = process.argv.slice(2);
const lines = (file) => fs.readFileSync(file, 'utf8').split('\n').filter((line) => line).map((line) => JSON.parse(line));
const fail = (what) => { console.error(what); process.exit(1); };

const seen = new Map();
for (const element of lines(dump)) {
    if (seen.has(element.id)) fail(`the id ${element.id} is used twice`);
    if (element.type === ElementTypes.vertex) {
        if (!Vertex.getDescriptor(element).validate(element)) fail(`no vertex: ${JSON.stringify(element)}`);
    } else {
        if (!Edge.getDescriptor(element).validate(element)) fail(`no edge: ${JSON.stringify(element)}`);
        for (const id of [element.outV, ...(element.inVs ?? [element.inV]), ...(element.shard ? [element.shard] : [])]) {
            if (!seen.has(id)) fail(`edge ${element.id} names ${id} before it comes`);
        }
    }
    seen.set(element.id, element.label);
}

// Columns of lines that are ASCII are the same in bytes and in UTF-16 units.
const rows = lines(jsonl);
const store = new JsonStore();
store.load(dump, (root) => ({ toDatabase: (uri) => uri, fromDatabase: (uri) => uri })).then(() => {
    const root = lines(dump)[0].projectRoot;
    const uri = (path) => `${root}/${path}`;
    const symbols = new Map(rows.filter((row) => row.table === 'symbols').map((row) => [row.id, row]));
    const isPlain = (path) => /^[\w./-]+$/.test(path);
    let asked = 0;
    for (const row of rows) {
        const to = symbols.get(row.to_id);
        if (row.table !== 'calls' || row.outcome !== 'resolved' || !to || to.kind === 'impl') continue;
        if (!isPlain(row.path) || !isPlain(to.path) || (asked += 1) > 500) continue;
        const found = [].concat(store.definitions(uri(row.path), { line: row.line - 1, character: row.column }) ?? []);
        const hits = found.filter((at) => at.uri === uri(to.path) && at.range.start.line === to.line - 1);
        if (hits.length !== 1) fail(`${row.path}:${row.line}:${row.column} leads to ${JSON.stringify(found)}, not to ${to.path}:${to.line}`);
        const uses = store.references(uri(to.path), { line: to.line - 1, character: to.column }, { includeDeclaration: true }) ?? [];
        if (!uses.some((at) => at.uri === uri(row.path) && at.range.start.line === row.line - 1)) {
            fail(`${to.path}:${to.line} is not used at ${row.path}:${row.line}`);
        }
    }
    for (const file of rows.filter((row) => row.table === 'files' && isPlain(row.path))) store.documentSymbols(uri(file.path));
    if (asked === 0) fail('no call was asked for');
}).catch((error) => fail(error));
