/** `backup`, `restore`, `settle` and `ets_tables --verify` of a live node: work that goes on by itself, and what may happen to it. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { seedNotes } from '../../bench/seed-notes.ts';
import type { StatusResult, Task } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import { ctlText } from '../support/ctl.ts';
import { damage } from '../support/damage.ts';
import { SessionClient } from '../support/mcp.ts';
import { headOf, printedBytes, printedRow, printedRows } from '../support/printed.ts';
import {
  alive,
  type CommandResult,
  eventually,
  ROOT,
  startNode,
  type TestNode,
} from '../support/test-node.ts';
import { isStopped } from '../tables/helpers.ts';

vi.setConfig({ testTimeout: 180_000 });

const backupsOf = async (node: TestNode) => printedRows(await ctlText(node, 'backups'), 'BACKUP');

async function addNotes(client: SessionClient, ...texts: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const text of texts) ids.push((await client.call<{ id: string }>('note_add', { text })).id);
  return ids;
}

const textOf = async (client: SessionClient, id: string): Promise<string | undefined> =>
  (await client.call<{ text: string }>('note_get', { id }).catch(() => undefined))?.text;

/** Starts a command and stops the process that works for it, as soon as there is one. */
async function stoppedAtWork(node: TestNode, ...args: string[]) {
  const ended = node.ctl(...args);
  const pid = await worker(node);
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => {
    if (alive(pid)) process.kill(pid, 'SIGKILL');
  });
  await eventually('its stop', () => isStopped(pid));
  return { ended, pid };
}

/** Its pid, from the beginning of its start: its work may be over before anybody could ask the node. */
const worker = (node: TestNode): Promise<number> => {
  const before = new Set(node.runners());
  return eventually('a worker', () => node.runners().find((pid) => !before.has(pid)), 10_000);
};

describe('a backup', () => {
  it('is made while clients write, has a manifest, and five are kept', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    await addNotes(client, 'one', 'two', 'x'.repeat(20_000));
    expect((await node.ctl('backups')).stdout).toMatch(/^No backups yet/);
    const { result } = await node.ctlJson<Task>('backup');
    if (result?.kind !== 'backup') throw new Error('no backup');
    const folder = result.path;
    expect(result.tables).toContainEqual({ table: 'notes', rows: 3 });
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ label: 'manual', rows: { notes: 3 } });
    for (const file of ['disc/data.mdb', 'host/data.mdb'])
      expect(manifest.files[file]).toBe(
        createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      );

    const [row] = await backupsOf(node);
    expect(row?.[headOf(cites('column.backups.backup'))]).toBe(folder.split('/').pop());
    expect(row?.[headOf(cites('column.backups.created'))]).toBe(manifest.at);
    expect(row?.[headOf(cites('column.backups.tables'))]).toBe(String(result.tables.length));
    expect(row?.[headOf(cites('column.backups.rows'))]).toBe('3');
    expect(printedBytes(row?.[headOf(cites('column.backups.size'))])).toBeGreaterThan(20_000);
    expect(row?.[headOf(cites('column.backups.state'))]).toBe('ok');

    for (let more = 0; more < 5; more++) expect((await node.ctl('backup')).code).toBe(0);
    expect([existsSync(folder), (await backupsOf(node)).length]).toEqual([false, 5]);
    const to = join(node.home, 'elsewhere');
    expect((await node.ctl('backup', '--to', to)).stdout).toContain(`Backup ${to}: `);
    const again = await node.ctl('backup', '--to', to);
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/^erlmcpctl: \{exists, /)]);
    const nowhere = await node.ctl('backup', '--to', '/nowhere/at/all');
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      expect.stringContaining('{no_such_folder, "/nowhere/at"}'),
    ]);
    expect(readdirSync(join(node.home, 'backups')).filter((name) => name.startsWith('.'))).toEqual([]);

    damage(join(node.home, 'backups', (await backupsOf(node))[0]!.BACKUP!, 'host/data.mdb'), 'sessions');
    expect((await backupsOf(node))[0]).toMatchObject({ STATE: 'damaged' });
  });
});

describe('a restore', () => {
  it('puts one table back while clients write, loses none of what they write after it, and keeps what it replaces', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const [kept] = await addNotes(client, 'before the backup');
    await node.ctl('backup');
    const [replaced] = await addNotes(client, 'after the backup');

    let running = true;
    const written: string[] = [];
    const writing = (async () => {
      const other = await SessionClient.open(node.url);
      while (running) written.push(...(await addNotes(other, 'meanwhile')));
    })();
    await eventually('a first write', () => written.length > 0);
    const restored = await node.ctl('restore', 'latest', '--table', 'notes');
    const count = written.length;
    await eventually('a write after it', () => written.length > count + 5);
    running = false;
    await writing;
    expect([restored.code, restored.stdout]).toEqual([
      0,
      expect.stringMatching(/^notes: 1 row\nRestored from /),
    ]);
    expect([await textOf(client, kept!), await textOf(client, replaced!)]).toEqual([
      'before the backup',
      undefined,
    ]);
    const after = await Promise.all(written.map((id) => textOf(client, id)));
    const first = after.indexOf('meanwhile');
    expect(first).toBeGreaterThan(0);
    // Those that were acknowledged before the change-over are gone, all others are there.
    expect(after.slice(first).every((text) => text === 'meanwhile')).toBe(true);
    expect(first).toBeLessThanOrEqual(count);

    // What it replaced is whole: of what was written no note is in neither.
    const path = /What was replaced is in (\S+)\./.exec(restored.stdout)?.[1] ?? '';
    expect((await node.ctl('restore', 'latest')).code, 'latest is never what a restore replaced').toBe(0);
    expect(await textOf(client, replaced!)).toBe(undefined);
    expect((await node.ctl('restore', path)).code).toBe(0);
    expect(await textOf(client, replaced!)).toBe('after the backup');
    for (const [index, id] of written.entries())
      expect([index, await textOf(client, id)]).toEqual([index, index < first ? 'meanwhile' : undefined]);
  });

  it('of a backup that is damaged is refused', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const [id] = await addNotes(client, 'a text that is long enough to be found in the file');
    const folder = join(node.home, 'bad');
    expect((await node.ctl('backup', '--to', folder)).code).toBe(0);
    damage(join(folder, 'disc/data.mdb'), 'long enough to be found');
    const refused = await node.ctl('restore', folder);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^erlmcpctl: \{restore_failed, [^\n]*is not the copy that was made[^\n]*\n$/),
    ]);
    expect(await textOf(client, id!)).toBe('a text that is long enough to be found in the file');
  });

  it('whose process is killed changes nothing, and keeps an upgrade waiting while it runs', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    const [kept] = await addNotes(client, 'one');
    await node.ctl('backup');
    const [later] = await addNotes(client, 'two');
    const { ended, pid } = await stoppedAtWork(node, 'restore', 'latest');
    const upgrade = await node.script('upgrade.sh', '3.0.0');
    expect([upgrade.code, upgrade.stderr]).toEqual([1, expect.stringContaining('{restore_running, ')]);
    const second = await node.ctl('backup');
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('{task_running, "restore"}')]);
    process.kill(pid, 'SIGKILL');
    const failed = await ended;
    expect([failed.code, failed.stderr]).toEqual([
      1,
      expect.stringMatching(/^erlmcpctl: \{restore_failed, [^\n]*\n$/),
    ]);
    expect([await textOf(client, kept!), await textOf(client, later!)]).toEqual(['one', 'two']);
    expect((await node.ctl('restore', 'latest')).code).toBe(0);
    expect(await textOf(client, later!)).toBe(undefined);
  });

  it('has to name a backup and tables that there are, and waits for the end of a watch', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    await addNotes(client, 'one');
    await node.ctl('backup');
    for (const [args, term] of [
      [['restore', 'last'], '{no_such_backup, "last"}'],
      [['restore', 'latest', '--table', 'note'], '{no_such_table, "note"}'],
      [['restore', 'latest', '--table', 'erlmcp_server_state'], '{not_restorable, "erlmcp_server_state"}'],
      [['ets_tables', 'note', '--verify'], '{no_such_table, "note"}'],
    ] as const) {
      const { code, stderr } = await node.ctl(...args);
      expect([code, stderr]).toEqual([1, expect.stringContaining(`erlmcpctl: ${term}: `)]);
    }
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    for (const command of [['restore', 'latest'], ['settle']]) {
      const { code, stderr } = await node.ctl(...command);
      expect([code, stderr]).toEqual([1, expect.stringContaining('{watch_running, "3.0.0"}')]);
    }
  });
});

describe(cites('scenario.5'), () => {
  const TEXT = 'a text that is long enough to be found in the file';

  /** A node with a damaged row, of which an upgrade and the way back have each made a backup. */
  async function damagedNode() {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    // A look at the first and the last row does not find it.
    const [, id] = await addNotes(client, 'first', TEXT, 'last');
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    expect((await node.script('downgrade.sh', '2.1.0')).code).toBe(0);
    await node.erlmcp('stop');
    damage(join(node.home, 'data/disc/data.mdb'), 'long enough to be found');
    await node.start();
    return { node, id: id! };
  }

  it('is found, named by table and key, and mended from a backup', async () => {
    const { node, id } = await damagedNode();
    const upgrade = await node.script('upgrade.sh', '3.0.0');
    const term = `{${cites('error.ets_migration_failed')}, {notes, "${id}", "the stored row fails its checksum"}}`;
    expect([upgrade.code, upgrade.stderr]).toEqual([1, expect.stringContaining(term)]);
    expect(node.log('error'), cites('scenario.5.1')).toContain(term);

    const verified = await node.ctl('ets_tables', '--verify');
    expect(verified.code).toBe(1);
    const row = printedRow(verified.stdout, headOf(cites('column.ets_tables.table')), 'notes');
    expect([
      row[headOf(cites('column.ets_tables.read'))],
      row[headOf(cites('column.ets_tables.failed'))],
      row[headOf(cites('column.ets_tables.first_failed_keys'))],
    ]).toEqual(['3', '1', JSON.stringify(id)]);
    expect((await node.ctl('health')).code).toBe(1);
    const info = await node.ctl('eval', `${cites('console.table_info').replace('Table', 'notes')}.`);
    expect([info.code, info.stdout], cites('scenario.5.2')).toEqual([
      0,
      expect.stringContaining('{status,damaged}'),
    ]);

    const restored = await node.ctl('restore', 'latest', '--table', 'notes');
    expect([restored.code, restored.stderr], cites('scenario.5.3')).toEqual([0, '']);
    expect(await textOf(await SessionClient.open(node.url), id)).toBe(TEXT);
    expect((await node.ctl('health')).code).toBe(0);
    expect((await node.ctl('ets_tables', '--verify', 'notes')).code).toBe(0);
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    expect((await node.script('downgrade.sh', '2.1.0')).code, cites('scenario.5.4')).toBe(0);
    expect(await textOf(await SessionClient.open(node.url), id)).toBe(TEXT);
  });

  it('and a table whose rows are gone comes back while the node serves', async () => {
    const node = await startNode();
    const [id] = await addNotes(await SessionClient.open(node.url), TEXT);
    expect((await node.ctl('backup')).code).toBe(0);
    await node.erlmcp('stop');
    const root = open({ path: join(node.home, 'data/disc'), overlappingSync: false });
    await root.openDB({ name: 'notes' }).drop();
    await root.openDB({ name: '$tables', encoding: 'json' }).remove('notes');
    await root.close();
    await node.start();
    const client = await SessionClient.open(node.url);
    expect(await textOf(client, id!)).toBe(undefined);
    const restored = await node.ctl('restore', 'latest', '--table', 'notes');
    expect(restored.code, cites('workflow.2.5')).toBe(0);
    expect(await textOf(client, id!)).toBe(TEXT);
  });
});

describe('settling', () => {
  it('is seen in ets_tables', async () => {
    const node = await startNode();
    await node.erlmcp('stop');
    await seedNotes(node.home, 40_000);
    await node.start();
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    expect((await node.ctl('upgrade', '--accept')).code).toBe(0);
    const notes = async () => printedRow(await ctlText(node, 'ets_tables'), 'NAME', 'notes');
    const settling = headOf(cites('column.ets_tables.settling'));
    await eventually('its line in status', async () =>
      /^settle +all tables, for .*, notes: [\d,]+ of 40,000 rows$/m.test(await ctlText(node, 'status')),
    );
    await eventually('its progress', async () => /^\d+ %$/.test((await notes())[settling] ?? ''));
    await eventually('its end', () => node.log('erlmcp').includes('40000 rows were settled'));
    const after = await notes();
    expect(after[settling]).toBe('-');
    expect(after['ROW VERSIONS']).toMatch(/^2: (\d+) \(of \1 looked at\)$/);
  });

  it('begins when the watch has ended well, and goes on after a crash of the host', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    await addNotes(client, 'one', 'two', 'three');
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    const versions = async () =>
      printedRow(await ctlText(node, 'ets_tables'), 'NAME', 'notes')[
        headOf(cites('column.ets_tables.row_versions'))
      ];
    expect(await versions()).toBe('1: 3');
    const { pid, ended } = await stoppedAtWork(node, 'upgrade', '--accept');
    expect((await ended).code).toBe(0);
    const { runners } = await node.ctlJson<StatusResult>('status');
    expect(runners.map(({ role }) => role)).toContain('worker');
    await node.crash();
    await eventually('the end of its runners', () => !alive(pid) || process.kill(pid, 'SIGKILL'));
    await node.start();
    await eventually('settled rows', async () => (await versions()) === '2: 3');
    const verified = await ctlText(node, 'ets_tables', { verify: true });
    expect(printedRow(verified, 'TABLE', 'notes')[headOf(cites('column.ets_tables.by_version'))]).toBe(
      '2: 3',
    );
    await eventually('its end', () => node.log('erlmcp').includes('3 rows were settled'));
    expect((await node.ctl('settle')).stdout).toMatch(/^All rows are of the running version\.\n/);
  });

  it('that an upgrade has ended goes on after it', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    await addNotes(client, 'one', 'two');
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    await stoppedAtWork(node, 'upgrade', '--accept');
    const failed = await node.script('upgrade.sh', '9.9.9');
    expect(failed.code).not.toBe(0);
    await eventually('its end', () => node.log('erlmcp').includes('2 rows were settled'), 20_000);
  });

  it('is given up for an upgrade', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    await addNotes(client, 'one');
    const { ended } = await stoppedAtWork(node, 'settle');
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    const settle = await ended;
    expect([settle.code, settle.stderr]).toEqual([1, expect.stringContaining('an upgrade has begun')]);
  });
});

describe('a command that was given up', () => {
  it('is not carried out when the node goes on', async () => {
    const node = await startNode();
    process.kill(node.pid, 'SIGSTOP');
    const { code } = await node.ctl('backup');
    process.kill(node.pid, 'SIGCONT');
    expect(code).toBe(124);
    expect((await node.ctl('backups')).stdout).toMatch(/^No backups yet/);
    // The node has read on: a task that was begun would be known.
    expect(node.log('erlmcp')).not.toContain('Backup');
    expect((await node.ctl('backup')).code).toBe(0);
  });
});

describe('work that somebody follows', () => {
  it('goes on when they leave, and the same command follows it again', async () => {
    const node = await startNode();
    const following = execFile(join(ROOT, 'bin/erlmcpctl'), ['ets_tables', '--verify'], { env: node.env });
    const left = new Promise<CommandResult>((done) => {
      let stderr = '';
      following.stderr!.on('data', (text: string) => {
        stderr += text;
      });
      following.on('exit', (code) => done({ code: code ?? -1, stdout: '', stderr }));
    });
    const pid = await worker(node);
    process.kill(pid, 'SIGSTOP');
    onTestFinished(() => {
      if (alive(pid)) process.kill(pid, 'SIGKILL');
    });
    await eventually('the task', async () => (await node.ctl('status')).stdout.includes('worker'));
    following.kill('SIGINT');
    expect(await left).toMatchObject({ code: 130, stderr: expect.stringContaining('goes on in the node') });
    const again = node.ctl('ets_tables', '--verify');
    process.kill(pid, 'SIGCONT');
    expect((await again).code).toBe(0);
    expect(node.log('erlmcp').match(/its work is done/g)).toHaveLength(1);
  });
});
