import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundleAppup } from '../../src/release/build/bundle.ts';
import { readReleaseSource } from '../../src/release/build/release-source.ts';
import { reasonOf, tempFolder } from './fixtures.ts';

const SOUND = { name: 'erlmcp', vsn: '1.0.0', applications: ['app.ts'] };

async function sourceWith(files: Record<string, string>): Promise<string> {
  const folder = join(await tempFolder(), 'source');
  await mkdir(folder);
  const all = { 'erlmcp.release.json': JSON.stringify(SOUND), 'app.ts': 'export default 1;\n', ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text);
  return folder;
}

describe('erlmcp.release.json', () => {
  test('is read with absolute paths', async () => {
    const folder = await sourceWith({ 'appup.ts': '' });
    expect(await readReleaseSource(folder)).toEqual({ ...SOUND, folder, appup: join(folder, 'appup.ts') });
  });

  test.each([
    ['no JSON', '{', '{not_json}'],
    ['a version that is none', JSON.stringify({ ...SOUND, vsn: 'three' }), '{invalid}'],
    ['no application', JSON.stringify({ ...SOUND, applications: [] }), '{invalid}'],
    ['an unknown key', JSON.stringify({ ...SOUND, color: 'red' }), '{invalid}'],
    ['a missing module', JSON.stringify({ ...SOUND, applications: ['b.ts'] }), '{missing_module, "b.ts"}'],
    ['a module outside', JSON.stringify({ ...SOUND, applications: ['../b.ts'] }), '{outside, "../b.ts"}'],
  ])('that holds %s is refused', async (_name, text, reason) => {
    const folder = await sourceWith({ 'erlmcp.release.json': text });
    const file = join(folder, 'erlmcp.release.json');
    expect(await reasonOf(readReleaseSource(folder))).toBe(`{bad_release, "${file}", ${reason}}`);
  });

  test('that is not there is refused, and what is wrong in one is told with its path', async () => {
    const empty = await tempFolder();
    expect(await reasonOf(readReleaseSource(empty))).toBe(
      `{bad_release, "${join(empty, 'erlmcp.release.json')}", {missing}}`,
    );
    const folder = await sourceWith({
      'erlmcp.release.json': JSON.stringify({ ...SOUND, applications: [1] }),
    });
    await expect(readReleaseSource(folder)).rejects.toThrow('at applications[0]:');
  });
});

describe('an appup is bundled alone', () => {
  const bundled = async (files: Record<string, string>): Promise<string> =>
    await bundleAppup(await readReleaseSource(await sourceWith(files)));

  test('with the modules of its folder, and with no import left', async () => {
    const text = await bundled({
      'appup.ts':
        "import { defineAppup } from 'erlmcp';\nimport { clean } from './clean.ts';\nimport type { z } from 'zod';\nexport type X = z.ZodType;\nexport default defineAppup({ application: 'a', tables: { t: [{ version: 1 }, { version: 2, lens: { up: clean, down: clean } }] } });\n",
      'clean.ts': 'export const clean = (row: unknown): unknown => row;\n',
    });
    expect(text).toContain('clean');
    expect(text).not.toMatch(/\bimport\b/);
  });

  test.each([
    ['a package', "import { z } from 'zod';\nexport default z;\n", 'zod'],
    ['a built-in module', "import { hash } from 'node:crypto';\nexport default hash;\n", 'node:crypto'],
    ['a module at run time', "export default await import('node:fs');\n", 'node:fs'],
    ['a required module', "export default require('node:os');\n", 'node:os'],
    ['a name made at run time', "const name = 'node:os';\nexport default import(name);\n", 'name'],
    ['a package by another module', "import './other.ts';\nexport default [];\n", 'lmdb'],
  ])('that imports %s is refused with its name', async (_name, text, imported) => {
    const other = "import { open } from 'lmdb';\nopen('x');\n";
    expect(await reasonOf(bundled({ 'appup.ts': text, 'other.ts': other }))).toBe(
      `{appup_imports, "${imported}"}`,
    );
  });

  test('that does not parse is refused with file and line', async () => {
    expect(await reasonOf(bundled({ 'appup.ts': 'export default 1;\nconst = 2;\n' }))).toBe(
      '{bundle_failed, "appup.ts:2"}',
    );
  });

  test('that is not there is an empty one', async () => {
    expect(await bundled({})).toBe('export default [];\n');
  });
});
