/** A lens of combinators is hashed by what it says: all its closures have the same text. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleAppup } from '../../src/release/build/bundle.ts';
import { lensHash } from '../../src/release/build/lens-hash.ts';
import { readReleaseSource } from '../../src/release/build/release-source.ts';
import { loadAppupFile } from '../../src/release/load-appup.ts';
import { tempFolder } from './fixtures.ts';

const NAMES = 'add, convert, defineAppup, each, lens, rename, steps';

async function bundleOf(lens: string, helper = 'n + 1'): Promise<{ text: string; file: string }> {
  const folder = await tempFolder();
  await mkdir(join(folder, 'src'));
  const source = { name: 'a', vsn: '1.0.0', applications: ['a.ts'] };
  await writeFile(join(folder, 'src/erlmcp.release.json'), JSON.stringify(source));
  await writeFile(join(folder, 'src/a.ts'), 'export default 1;\n');
  await writeFile(
    join(folder, 'src/appup.ts'),
    `import { ${NAMES} } from 'erlmcp';
const more = (n: number): number => ${helper};
const lenses = ${lens};
export default defineAppup({ application: 'a', tables: { t: [{ version: 1 }, { version: 2, lens: lenses as never }] } });
`,
  );
  const text = await bundleAppup(await readReleaseSource(join(folder, 'src')));
  await writeFile(join(folder, 'appup.mjs'), text);
  return { text, file: join(folder, 'appup.mjs') };
}

async function hashOf(
  lens: string,
  helper?: string,
  edit = (text: string): string => text,
): Promise<string | null> {
  const { text, file } = await bundleOf(lens, helper);
  const { a } = await loadAppupFile(file);
  return await lensHash(a!.tables.t![1]!, edit(text));
}

test('another step, argument, order, function, helper or own put makes another hash; layout and erlmcp do not', async () => {
  const sets = [
    "lens()(add('a', 1), rename('b', 'c'))",
    "lens()(add('a', 2), rename('b', 'c'))",
    "lens()(rename('b', 'c'), add('a', 1))",
    "lens()(add('a', 1), each('b', rename('b', 'c')))",
    "lens()(add('a', 1), convert('b', { up: (n) => more(n), down: (n) => n - 1 }))",
    "lens()(add('a', 1), convert('b', { up: (n) => more(n), down: (n) => n - 2 }))",
    "({ ...lens()(add('a', 1), rename('b', 'c')), put: (o, n) => ({ ...n, ...o }) })",
    '({ up: (row) => row, down: (row) => row })',
  ];
  const hashes = await Promise.all(sets.map((lens) => hashOf(lens)));
  expect(new Set(hashes).size).toBe(sets.length);
  const withHelper = sets[4] ?? '';
  expect(await hashOf(withHelper, 'n + 2')).not.toBe(hashes[4]);
  expect(await hashOf(withHelper.replaceAll(' => ', '=>'))).toBe(hashes[4]);
  const otherErlmcp = (text: string): string => text.replaceAll('there is no such field', 'no field');
  expect(otherErlmcp((await bundleOf(withHelper)).text)).not.toBe((await bundleOf(withHelper)).text);
  expect(await hashOf(withHelper, undefined, otherErlmcp)).toBe(hashes[4]);
});
