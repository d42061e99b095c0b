import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

interface PackageJson {
  license: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const packageJson = (path: string): PackageJson => JSON.parse(read(path)) as PackageJson;

/** Package → licence and reason, of the table under a heading of `docs/dependencies.md`. */
function listed(heading: string): Map<string, { licence: string; reason: string }> {
  const section = read('docs/dependencies.md').split(`## ${heading}`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.matchAll(/^\| `([^`]+)` *\| ([^|]+?) *\| ([^|]+?) *\|$/gm);
  return new Map([...rows].map(([, name = '', licence = '', reason = '']) => [name, { licence, reason }]));
}

describe('docs/dependencies.md', () => {
  const { dependencies, devDependencies } = packageJson('package.json');

  it.each([
    ['At run time', dependencies],
    ['In development', devDependencies],
  ])('lists, %s, exactly what package.json has', (heading, wanted) => {
    expect([...listed(heading).keys()]).toEqual(Object.keys(wanted).sort());
  });

  it.each([...listed('At run time'), ...listed('In development')])(
    'names the licence of %s',
    (name, { licence, reason }) => {
      expect(licence).toBe(packageJson(`node_modules/${name}/package.json`).license);
      expect(reason.length).toBeGreaterThan(10);
    },
  );
});
