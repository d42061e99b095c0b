import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CONFIG_KEYS, type ConfigKey } from '../../src/host/config/index.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const UNITS: Readonly<Record<string, string>> = {
  ms: 'milliseconds',
  s: 'seconds',
  bytes: 'bytes',
  mb: 'MiB',
};

const unitOf = ({ key }: ConfigKey): string => UNITS[key.split('_').at(-1) ?? ''] ?? '';
const row = (key: ConfigKey): string =>
  `| \`${key.key}\` | \`${JSON.stringify(key.fallback)}\` | ${unitOf(key)} | \`${key.env}\` | ${key.description} |`;

test('docs/configuration.md lists exactly the keys of the schema, in its order', () => {
  const documented = page.split('\n').filter((line) => line.startsWith('| `'));
  expect(documented).toEqual(CONFIG_KEYS.map(row));
});

test('the example of the page is a configuration that is accepted', async () => {
  const { configSchema } = await import('../../src/host/config/schema.ts');
  const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  expect(configSchema.parse(JSON.parse(example)).http.port).toBe(8181);
});
