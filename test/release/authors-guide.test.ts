/** The examples of docs/authors.md, taken out of it: they compile, build, and lead from one version to the next. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundleAppup } from '../../src/release/build/bundle.ts';
import { buildRelease } from '../../src/release/build/index.ts';
import { readReleaseSource } from '../../src/release/build/release-source.ts';
import { PACKAGE_ROOT, planPath, ReleaseStore } from '../../src/release/index.ts';
import { loadAppupFile } from '../../src/release/load-appup.ts';
import { LensChain } from '../../src/tables/index.ts';
import { tempFolder } from './fixtures.ts';

const execute = promisify(execFile);
const GUIDE = join(PACKAGE_ROOT, 'docs/authors.md');

interface GuideOrder {
  id: string;
  urgency: string;
  owner: string | null;
  street: string;
  city: string;
  items: { name: string; count: number }[];
}

/** Writes each block that is headed by a file's name, and what the text says of the one that it leaves out. */
async function writeExamples(folder: string): Promise<string[]> {
  const blocks = [...(await readFile(GUIDE, 'utf8')).matchAll(/^```(?:ts|json) (\S+)\n([\s\S]*?)^```$/gm)];
  for (const [, file = '', text = ''] of blocks) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const shelf = await readFile(join(folder, '1.0.0/shelf.ts'), 'utf8');
  await writeFile(join(folder, '1.1.0/shelf.ts'), shelf.replaceAll('1.0.0', '1.1.0'));
  return blocks.map(([, file = '']) => file);
}

const TSCONFIG = {
  extends: join(PACKAGE_ROOT, 'tsconfig.json'),
  compilerOptions: {
    paths: {
      erlmcp: [join(PACKAGE_ROOT, 'src/index.ts')],
      'erlmcp/otp': [join(PACKAGE_ROOT, 'src/otp/index.ts')],
    },
  },
  include: ['*/*.ts'],
};

test('every block of code in the guide is one of the files that are checked', async () => {
  const fences = (await readFile(GUIDE, 'utf8')).match(/^```\w.*$/gm) ?? [];
  const unchecked = fences.filter((fence) => !/^```(ts|json) \S+$/.test(fence));
  expect(unchecked).toEqual(['```sh']);
});

test('the examples compile, under the project’s own rules', async () => {
  const folder = await tempFolder();
  expect(await writeExamples(folder)).toHaveLength(13);
  await symlink(join(PACKAGE_ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  // One mistake that must be found: it proves that the compiler has looked.
  await writeFile(join(folder, '1.1.0/wrong.ts'), "export const wrong: number = 'text';\n");
  const tsc = resolve(PACKAGE_ROOT, 'node_modules/typescript/bin/tsc');
  const output = await execute(process.execPath, [tsc, '-p', folder]).catch(
    (error: { stdout: string }) => error,
  );
  const own = output.stdout.split('\n').filter((line) => /^\S*1\.[01]\.0\//.test(line));
  expect(own).toHaveLength(1);
  expect(own[0]).toContain('1.1.0/wrong.ts(1,14): error TS2322');
});

test('the examples build, and the second version can read the rows of the first', async () => {
  const folder = await tempFolder();
  await writeExamples(folder);
  const out = join(folder, 'packages');
  const old = await buildRelease(join(folder, '1.0.0'), { out });
  const next = await buildRelease(join(folder, '1.1.0'), { out });
  expect(planPath(old.manifest, next.manifest)).toMatchObject({
    direction: 'up',
    tables: [{ name: 'books', from: 1, to: 2 }],
    servers: [{ name: 'visits', from: 1, to: 2 }],
  });
  const store = new ReleaseStore(folder);
  await store.install('1.1.0');
  const { shelf } = await store.loadAppup('1.1.0');
  const books = new LensChain({ name: 'books', key: 'isbn' }, shelf?.tables.books ?? []);
  const book = { isbn: '1', title: 'Dune' };
  expect(books.view(books.view(book, 1, 2), 2, 1)).toEqual(book);
  expect(books.view(book, 1, 2)).toEqual({ ...book, author: '' });
  const up = shelf?.servers.visits?.[1]?.lens?.up({ counts: { a: 2, b: 3 } });
  expect(up).toEqual({ counts: { a: 2, b: 3 }, total: 5 });
});

test('the lens of the guide does what the text says of it', async () => {
  const folder = await tempFolder();
  await writeExamples(folder);
  const file = join(folder, '1.1.0/appup.ts');
  const appup = await readFile(file, 'utf8');
  const orders = 'orders: [{ version: 1 }, { version: 2, lens: toOrder2 }],';
  const text = `import { toOrder2 } from './orders.ts';\n${appup.replace('tables: {', `tables: { ${orders}`)}`;
  await writeFile(file, text);
  const bundle = await bundleAppup(await readReleaseSource(join(folder, '1.1.0')));
  expect(bundle).not.toMatch(/^import/m);
  await writeFile(join(folder, 'appup.mjs'), bundle);
  const { shelf } = await loadAppupFile(join(folder, 'appup.mjs'));
  const chain = new LensChain({ name: 'orders', key: 'id' }, shelf?.tables.orders ?? []);
  const newer = {
    id: '1',
    urgency: 7,
    owners: ['a', 'b'],
    address: { street: 's', city: 'c' },
    items: [{ label: 'x', count: 1, done: true }],
  };
  const older = chain.view(newer, 2, 1) as GuideOrder;
  expect(older).toMatchObject({ urgency: 'high', owner: 'a', street: 's', items: [{ name: 'x', count: 1 }] });
  const changed = { ...older, city: 'd', items: [{ name: 'new', count: 0 }, ...older.items] };
  expect(chain.putBack(changed, 1, newer, 2)).toEqual({
    ...newer,
    address: { street: 's', city: 'd' },
    items: [{ label: 'new', count: 0, done: false }, ...newer.items],
  });
});
