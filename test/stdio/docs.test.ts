import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLIENT_ERRORS, type ClientErrorName } from '../../src/errors/index.ts';

const text = readFileSync(new URL('../../docs/stdio.md', import.meta.url), 'utf8');

it('docs/stdio.md has the codes of the registry', () => {
  const rows = [...text.matchAll(/^\| (\d+) \| `(\w+)` \| .* \| (not run|unknown) \|$/gm)];
  expect(rows.length).toBeGreaterThanOrEqual(5);
  for (const [, code, name] of rows) expect(CLIENT_ERRORS[name as ClientErrorName].code).toBe(Number(code));
});

it('docs/stdio.md has an entry for clients that launches the bridge with a home', () => {
  const json = /```json\n(.*?)```/s.exec(text)?.[1] ?? '';
  const { mcpServers } = JSON.parse(json) as {
    mcpServers: Record<string, { command: string; args: string[]; env: Record<string, string> }>;
  };
  const [entry] = Object.values(mcpServers);
  expect(entry?.command).toMatch(/^\/.*\/bin\/erlmcp$/);
  expect(entry?.args).toEqual(['stdio']);
  expect(entry?.env).toHaveProperty('ERLMCP_HOME');
});
