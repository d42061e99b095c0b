import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildReference, buildVariant } from '../../examples/workspace/variants.ts';
import { type BuiltRelease, buildRelease } from '../../src/release/build/index.ts';
import { MODULES_ANCHOR, PACKAGE_ROOT, planPath, ReleaseStore } from '../../src/release/index.ts';
import { WIRE_VERSION as HOST_WIRE_VERSION } from '../../src/wire/index.ts';
import { reasonOf, tempFolder } from './fixtures.ts';

const execute = promisify(execFile);
const SOURCES = resolve(import.meta.dirname, '../../examples/workspace');

describe('the reference packages', () => {
  let home: string;
  let old: BuiltRelease;
  let next: BuiltRelease;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'erlmcp-test-'));
    old = await buildReference('2.1.0', join(home, 'packages'));
    next = await buildReference('3.0.0', join(home, 'packages'));
  });

  afterAll(() => rm(home, { recursive: true, force: true }));

  test('are the same when they are built again, and from another folder', async () => {
    const elsewhere = join(await tempFolder(), 'some', 'where');
    await cp(join(SOURCES, '3.0.0'), elsewhere, { recursive: true });
    const again = await buildReference('3.0.0', join(elsewhere, 'out'));
    const moved = await buildRelease(elsewhere, { out: join(elsewhere, 'out') });
    expect([again.sha256, moved.sha256]).toEqual([next.sha256, next.sha256]);
    expect(old.sha256).not.toBe(next.sha256);
  });

  test('fit their checksums, as sha256sum sees it', async () => {
    const { stdout } = await execute(
      'sha256sum',
      ['-c', 'erlmcp-2.1.0.tar.gz.sha256', 'erlmcp-3.0.0.tar.gz.sha256'],
      {
        cwd: join(home, 'packages'),
      },
    );
    expect(stdout).toBe('erlmcp-2.1.0.tar.gz: OK\nerlmcp-3.0.0.tar.gz: OK\n');
  });

  test('hold no path of the machine', async () => {
    const store = new ReleaseStore(home);
    await store.install('3.0.0');
    const { runner, appup, folder } = await store.get('3.0.0');
    for (const file of [runner, appup, join(folder, 'manifest.json')]) {
      const text = await readFile(file, 'utf8');
      for (const path of [PACKAGE_ROOT, SOURCES, home, `${tmpdir()}/`, `${homedir()}/`]) {
        expect(text.includes(path), `${path} in ${file}`).toBe(false);
      }
      expect(text).not.toMatch(/^\/\/ .*\.\.\//m);
    }
  });

  test('say what is in them', () => {
    expect(next.manifest).toMatchObject({
      name: 'erlmcp',
      vsn: '3.0.0',
      node: '>=22.19',
      wireVersion: HOST_WIRE_VERSION,
      storeVersion: 1,
      applications: [{ name: 'workspace', vsn: '3.0.0', mcp: true }],
      servers: [{ application: 'workspace', name: 'counter', version: 2 }],
      tables: [
        {
          application: 'workspace',
          name: 'notes',
          version: 2,
          key: 'id',
          storage: 'disc',
          type: 'ordered_set',
        },
      ],
    });
    const [notes] = next.manifest.tables;
    expect(notes?.shape).toMatchObject({ properties: { priority: { type: 'integer' } } });
    expect(notes?.versions).toMatchObject([
      { version: 1, shape: null, lens: null },
      { version: 2, shape: expect.any(String), lens: expect.any(String) },
    ]);
  });

  test('lead to each other, in both directions', () => {
    expect(planPath(old.manifest, next.manifest)).toMatchObject({
      direction: 'up',
      tables: [{ name: 'notes', from: 1, to: 2, chainOf: '3.0.0' }],
      servers: [{ name: 'counter', from: 1, to: 2 }],
    });
    expect(planPath(next.manifest, old.manifest, { notes: [1, 2] }).direction).toBe('down');
  });

  test('bring an appup that works once installed', async () => {
    const store = new ReleaseStore(home);
    await store.install('3.0.0');
    const { workspace } = await store.loadAppup('3.0.0');
    const up = workspace?.tables.notes?.[1]?.lens?.up({ id: '1', text: 'x' });
    expect(up).toEqual({ id: '1', text: 'x', tags: [], priority: 0 });
  });

  test('find lmdb in the node that runs them, not in the bundle', async () => {
    const store = new ReleaseStore(home);
    await store.install('3.0.0');
    const { runner } = await store.get('3.0.0');
    const env = { ...process.env, ERLMCP_MODULES: MODULES_ANCHOR };
    const { stdout } = await execute(process.execPath, [runner, '--describe'], { env });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'erlmcp', vsn: '3.0.0' });
    const lost = { ...process.env, ERLMCP_MODULES: join(home, 'nowhere.js') };
    await expect(execute(process.execPath, [runner, '--describe'], { env: lost })).rejects.toThrow(
      "Cannot find module 'lmdb'",
    );
  });

  test('of a changed copy differ in their version', async () => {
    const variant = await buildVariant({ vsn: '3.1.0' }, join(home, 'packages'));
    expect(variant.manifest).toMatchObject({ vsn: '3.1.0', applications: [{ vsn: '3.1.0' }] });
    expect(variant.manifest.tables).toEqual(next.manifest.tables);
    expect(planPath(next.manifest, variant.manifest).direction).toBe('up');
  });
});

describe('a lens hash', () => {
  const withAppup = async (change: (text: string) => string): Promise<BuiltRelease> =>
    await buildVariant(
      {
        vsn: '3.0.1',
        edit: async (folder) => {
          const file = join(folder, 'appup.ts');
          await writeFile(file, change(await readFile(file, 'utf8')));
        },
      },
      await tempFolder(),
    );

  test('changes with the lens and not with its layout, and the change is refused', async () => {
    const plain = await withAppup((text) => text);
    const spaced = await withAppup((text) => text.replaceAll('tags: []', '/* none */ tags:  [  ]'));
    const changed = await withAppup((text) => text.replaceAll('priority: 0', 'priority: 5'));
    expect(spaced.manifest.tables).toEqual(plain.manifest.tables);
    expect(await reasonOf(() => planPath(plain.manifest, changed.manifest))).toBe(
      '{table_shape_changed, notes, 2}',
    );
  });
});

describe('a release that can not be built says why, and writes nothing', () => {
  const build = async (edit: (folder: string) => Promise<void>): Promise<BuiltRelease> =>
    await buildVariant({ vsn: '9.0.0', edit }, join(await tempFolder(), 'out'));
  const rewrite = (file: string, change: (text: string) => string) => async (folder: string) =>
    await writeFile(join(folder, file), change(await readFile(join(folder, file), 'utf8')));

  test.each([
    [
      'code that does not parse',
      rewrite('notes.ts', () => 'const = 1;\n'),
      '{bundle_failed, "notes.ts:1"}',
      'Expected identifier',
    ],
    [
      'a module that is not there',
      rewrite('notes.ts', (text) => `import './none.ts';\n${text}`),
      '{bundle_failed, "notes.ts:1"}',
      'Could not resolve "./none.ts"',
    ],
    [
      'a name that erlmcp does not export',
      rewrite('appup.ts', (text) =>
        `${text}export const unused = table;\n`.replace('{ defineAppup }', '{ defineAppup, table }'),
      ),
      '{bundle_failed, "appup.ts:1"}',
      'No matching export',
    ],
    [
      'code that throws while it is loaded',
      rewrite('version.ts', (text) => `${text}\nthrow new RangeError('no luck');\n`),
      '{describe_failed, {exit}}',
      'RangeError: no luck',
    ],
    [
      'a factory that is none',
      rewrite('workspace.ts', (text) => text.replace('mcp: createServer,', '').replace('examples,', '')),
      '{describe_failed, {exit}}',
      'exactly one application of a release has an mcp factory; of workspace none has',
    ],
    [
      'a table that the chain does not lead to',
      rewrite('notes.ts', (text) => text.replace('version: 2,', 'version: 3,')),
      '{appup_mismatch, notes}',
      'table notes has version 3, and its chain ends at version 2',
    ],
    [
      'a chain of no table',
      rewrite('appup.ts', (text) => text.replace('notes: [', 'nodes: [')),
      '{appup_mismatch, nodes}',
      'there is a chain for table nodes, which no application declares',
    ],
    [
      'a chain of no server',
      rewrite('appup.ts', (text) => text.replace('counter: [', 'counters: [')),
      '{appup_mismatch, counters}',
      'there is a chain for server counters, which no application declares',
    ],
    [
      'an appup of no application',
      async (folder: string) => {
        await rewrite('appup.ts', (text) => text.replace("'workspace'", "'workshop'"))(folder);
        await rewrite('workspace.ts', (text) => text.replace(/^ {2}appup,\n/m, ''))(folder);
      },
      '{appup_mismatch, workshop}',
      'there is an appup for workshop, which is no application of the release',
    ],
    [
      'an application with the appup of another',
      rewrite('appup.ts', (text) => text.replace("'workspace'", "'workshop'")),
      '{describe_failed, {exit}}',
      'application workspace: its appup is that of application workshop',
    ],
  ])('%s', async (_name, edit, reason, sentence) => {
    const failed = build(edit);
    await expect(failed).rejects.toThrow(sentence);
    expect(await reasonOf(failed)).toBe(reason);
  });
});

test('a source folder needs no node_modules of its own', async () => {
  const folder = join(await tempFolder(), 'bare');
  await mkdir(folder);
  await cp(join(SOURCES, '2.1.0'), folder, { recursive: true });
  expect((await buildRelease(folder, { out: join(dirname(folder), 'out') })).vsn).toBe('2.1.0');
});
