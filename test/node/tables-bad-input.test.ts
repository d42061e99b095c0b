/** A real node whose release, or whose disk, does not do what its tables need. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { replaceIn } from '../support/edit-sources.ts';
import { SessionClient } from '../support/mcp.ts';
import { eventually, makeHome, startNode, type TestNode } from '../support/test-node.ts';

/** Only the runner that is to be used declares it twice: what is built and checked before does not. */
const TWICE = `tables: process.argv.includes('--describe') || process.env.ERLMCP_ROLE === 'check' ? [notes] : [notes, again]`;
const AGAIN = `import { table } from 'erlmcp';
const again = table<{ key: string }>({ name: 'notes', version: 2, key: 'key', storage: 'ram' });
import { VSN }`;

it('a table that is declared twice: the release does not load, and the upgrade is aborted in load_modules', async () => {
  const node = await startNode();
  await buildVariant(
    {
      vsn: '4.0.0',
      edit: async (folder) => {
        const workspace = join(folder, 'workspace.ts');
        await replaceIn(workspace, 'tables: [notes]', TWICE);
        await replaceIn(workspace, 'import { VSN }', AGAIN);
      },
    },
    join(node.home, 'packages'),
  );
  const client = await SessionClient.open(node.url);
  const before = await client.call('whoami');
  const failed = await node.script('upgrade.sh', '4.0.0');
  expect(failed.code).toBe(1);
  expect(failed.stdout + failed.stderr).toContain('load_modules');
  await eventually('its reason in the logs', () =>
    `${node.log('console')}${node.log('erlmcp')}`.includes('table notes is declared twice'),
  );
  expect(await client.call('whoami')).toEqual(before);
  expect(node.runners()).toHaveLength(1);
});

const MB = 2 ** 20;

function mountSmallDisk(at: string): boolean {
  mkdirSync(at, { recursive: true });
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=320m', 'tmpfs', at]).status === 0;
}

/** Whether a small file system can be made here; it takes root. */
function canMount(): boolean {
  const at = `/tmp/erlmcp-mount-${process.pid}`;
  const mounted = mountSmallDisk(at);
  if (mounted) spawnSync('umount', [at]);
  rmSync(at, { recursive: true, force: true });
  return mounted;
}

interface Health {
  status: string;
  checks: { name: string; status: string }[];
}

/** Of the whole node, and of its disk. */
async function health(node: TestNode): Promise<[status: string, disk: string | undefined]> {
  const { status, checks } = await node.ctlJson<Health>('health');
  return [status, checks.find(({ name }) => name === 'disk_free')?.status];
}

/** Takes what is left of the disk. */
function fill(disk: string): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize));
}

describe.skipIf(!canMount())('a disk that is full', () => {
  it('fails writes by name, leaves the node degraded and its reads served, and is over when there is room', async () => {
    const node = await makeHome();
    const packages = mkdtempSync(join(tmpdir(), 'erlmcp-full-disk-'));
    cpSync(join(node.home, 'packages'), packages, { recursive: true });
    expect(mountSmallDisk(node.home)).toBe(true);
    onTestFinished(async () => {
      await node.erlmcp('stop');
      spawnSync('umount', ['-l', node.home]);
      await node.remove();
    });
    cpSync(packages, join(node.home, 'packages'), { recursive: true });
    rmSync(packages, { recursive: true });
    await node.start('--release', '2.1.0');
    const client = await SessionClient.open(node.url);
    const add = (text: string): Promise<unknown> => client.call('note_add', { text });
    const list = (): Promise<unknown> => client.call('note_list', {});
    await add('before');
    const before = await list();
    expect((await health(node))[1]).toBe('healthy');
    fill(node.home);
    const refused = await add('x'.repeat(MB / 4)).then((result) => JSON.stringify(result), String);
    expect(refused).toContain('the write was not committed; is the disk full?');
    expect(await list()).toEqual(before);
    await eventually('a node that says so', async () => (await health(node))[1] !== 'healthy');
    expect((await health(node))[0]).not.toBe('healthy');
    expect(await list()).toEqual(before);
    rmSync(join(node.home, 'ballast'));
    await add('after');
    expect(JSON.stringify(await list())).toContain('after');
  });
});
