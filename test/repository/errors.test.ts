import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EXIT } from '../../src/ctl/exit-codes.ts';
import { CLIENT_ERRORS } from '../../src/errors/index.ts';

const doc = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

it('docs/errors.md lists each error to clients with its code, message and outcome, and no other', () => {
  const rows = [...doc.matchAll(/^\| (\d+) \| `(\w+)` \| ([^|]+) \| `(\w+)` \| [^|]+ \|$/gm)].map(
    ([, code, name, message, outcome]) => [name, { code: Number(code), message, outcome }],
  );
  expect(rows).toEqual(Object.entries(CLIENT_ERRORS));
});

it('the example in docs/errors.md is one that the registry makes', () => {
  const [, json = ''] = /```json\n(.*?)```/s.exec(doc) ?? [];
  const example = JSON.parse(json) as { code: number; message: string; data: object };
  const { code, message, outcome } = CLIENT_ERRORS.runner_lost;
  expect(example).toMatchObject({ code, data: { code: 'runner_lost', outcome } });
  expect(example.message.startsWith(`${message} (`)).toBe(true);
});

it('docs/errors.md lists each exit code, and no other', () => {
  const codes = [...doc.matchAll(/^\| (\d+) \| [^|]+ \|$/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual(Object.values(EXIT));
});

it('no code is used twice, or lies where JSON-RPC and MCP have theirs', () => {
  const codes = Object.values(CLIENT_ERRORS).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(code < -32_768 || code > -32_000).toBe(true);
});
