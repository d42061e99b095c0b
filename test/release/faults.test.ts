import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { buildVariant, FAULT_VERSION, parseFault } from '../../examples/workspace/variants.ts';
import { type InstalledRelease, MODULES_ANCHOR, ReleaseStore } from '../../src/release/index.ts';
import { reasonOf, tempFolder } from './fixtures.ts';

const execute = promisify(execFile);

async function installFaulty(fault: string): Promise<{ store: ReleaseStore; release: InstalledRelease }> {
  const home = await tempFolder();
  await buildVariant({ vsn: FAULT_VERSION, fault: parseFault(fault) }, join(home, 'packages'));
  const store = new ReleaseStore(home);
  await store.install(FAULT_VERSION);
  return { store, release: await store.get(FAULT_VERSION) };
}

const start = (release: InstalledRelease, args: string[] = []): Promise<unknown> =>
  execute(process.execPath, [release.runner, ...args], {
    env: { ...process.env, ERLMCP_MODULES: MODULES_ANCHOR },
    timeout: 30_000,
  });

describe('a faulty release', () => {
  test('fails while it is loaded, and can be built and described', async () => {
    const { release } = await installFaulty('load_modules:throw');
    await start(release, ['--describe']);
    await expect(start(release)).rejects.toThrow('this release is faulty on purpose');
  });

  test('fails in the way that is asked for', async () => {
    const { release } = await installFaulty('load_modules:exit');
    await expect(start(release)).rejects.toMatchObject({ code: 3 });
  });

  test('fails in the lens of its server', async () => {
    const { store, release } = await installFaulty('transform_state:throw');
    expect(release.manifest.servers).toMatchObject([{ name: 'counter', version: 3 }]);
    expect(release.manifest.tables).toMatchObject([{ name: 'notes', version: 2 }]);
    const { workspace } = await store.loadAppup(FAULT_VERSION);
    expect(() => workspace?.servers.counter?.[2]?.lens?.up({ count: 1 })).toThrow('faulty on purpose');
  });

  test('fails in the lens of its table', async () => {
    const { store, release } = await installFaulty('pre_flight_checks:throw');
    expect(release.manifest.tables).toMatchObject([{ name: 'notes', version: 3 }]);
    const { workspace } = await store.loadAppup(FAULT_VERSION);
    expect(() => workspace?.tables.notes?.[2]?.lens?.up({ id: '1' })).toThrow('faulty on purpose');
  });

  test('has an application besides, which is given up', async () => {
    const { release } = await installFaulty('applications:throw');
    expect(release.manifest.applications).toMatchObject([{ name: 'workspace' }, { name: 'reports' }]);
  });

  test.each(['suspend_supervisors:hang', 'resume_supervisors:oom', 'post_flight_checks:slow', 'watch:slow'])(
    'is built: %s',
    async (fault) => {
      const { release } = await installFaulty(fault);
      expect(release.manifest).toMatchObject({
        vsn: FAULT_VERSION,
        servers: [{ name: 'counter', version: 2 }],
      });
    },
  );
});

describe('a fault that can not be', () => {
  test.each([
    ['backup_state:throw', 'runs no code of a release'],
    ['migrate_data:exit', 'runs no code of a release'],
    ['lunch:throw', 'with a phase of pre_flight_checks'],
    ['toString:throw', 'with a phase of pre_flight_checks'],
    ['load_modules:explode', 'a kind of throw, exit, hang, oom, slow'],
    ['load_modules', 'a kind of throw, exit, hang, oom, slow'],
    ['load_modules:throw:twice', 'a fault is written <phase>:<kind>'],
  ])('%s', async (text, sentence) => {
    expect(() => parseFault(text)).toThrow(sentence);
    expect(await reasonOf(() => parseFault(text))).toBe(`{bad_fault, "${text}"}`);
  });
});
