import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLIENT_ERRORS } from '../../src/errors/index.ts';

it('docs/errors.md lists each error to clients with its code and outcome, and no other', () => {
  const doc = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...doc.matchAll(/^\| (\d+) \| `(\w+)` \| `(\w+)` \|/gm)].map(([, code, name, outcome]) => [
    name,
    Number(code),
    outcome,
  ]);
  expect(rows).toEqual(
    Object.entries(CLIENT_ERRORS).map(([name, { code, outcome }]) => [name, code, outcome]),
  );
});

it('no code is used twice, or lies where JSON-RPC and MCP have theirs', () => {
  const codes = Object.values(CLIENT_ERRORS).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code < -32_768 || code > -32_000).toBe(true);
});
