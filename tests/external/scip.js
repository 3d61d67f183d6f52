// An index read with the bindings of SCIP's authors: one definition for each symbol, no use of a symbol without one.
'use strict';
const fs = require('fs');
const { scip } = require('@sourcegraph/scip-typescript/dist/src/scip');

const [file, jsonl] = process.argv.slice(2);
const fail = (what) => { console.error(what); process.exit(1); };
const index = scip.Index.deserializeBinary(fs.readFileSync(file));
const rows = fs.readFileSync(jsonl, 'utf8').split('\n').filter((line) => line).map((line) => JSON.parse(line));

const name = '(?:[\\w+$-]+|`(?:[^`]|``)+`)';
const grammar = new RegExp(`^magellan \\. \\S+ \\S+ (?:${name}/)+(?:${name}(?:[/#.:!]|\\(\\+?\\d*\\)\\.))+$`, 's');
const defined = new Set();
const paths = new Set();
for (const document of index.documents) {
    if (document.relative_path.startsWith('/') || paths.has(document.relative_path)) fail(`path ${document.relative_path}`);
    paths.add(document.relative_path);
    for (const { symbol } of document.symbols) {
        if (!grammar.test(symbol)) fail(`no symbol: ${symbol}`);
        if (defined.has(symbol)) fail(`${symbol} is described twice`);
        defined.add(symbol);
    }
    const definitions = document.occurrences.filter((occurrence) => occurrence.symbol_roles & 1);
    if (definitions.length !== document.symbols.length) fail(`${document.relative_path}: definitions and symbols differ`);
    for (const { range, enclosing_range: around } of definitions) {
        if (![3, 4].includes(range.length) || ![3, 4].includes(around?.length ?? 4)) fail(`range ${range} in ${around}`);
    }
}
let uses = 0;
for (const document of index.documents) {
    for (const { symbol } of document.occurrences) {
        uses += 1;
        if (!defined.has(symbol)) fail(`${document.relative_path} uses ${symbol}, which nothing defines`);
    }
    for (const { relationships } of document.symbols) {
        for (const { symbol } of relationships) if (!defined.has(symbol)) fail(`a relationship leads to ${symbol}`);
    }
}
const symbols = rows.filter((row) => row.table === 'symbols' && row.kind !== 'impl').length;
if (defined.size !== symbols || paths.size !== rows.filter((row) => row.table === 'files').length) fail('something is missing');
if (index.metadata.text_document_encoding !== 1 || uses < defined.size) fail('metadata or uses are wrong');
