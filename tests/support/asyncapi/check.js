// Reads an AsyncAPI document on standard input; prints what the AsyncAPI project's own parser says of it, as JSON.
import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';

const { document, diagnostics } = await new Parser().parse(readFileSync(0, 'utf8'));
const found = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path: path.join('.') }));
const messages = document === undefined ? [] : document.allMessages().all().map((each) => each.name());
console.log(JSON.stringify({ diagnostics: found, messages }));
