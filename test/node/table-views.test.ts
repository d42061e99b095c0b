/** `ets_tables` and `mnesia_status` of a live node: what is done to it is seen in each column. */
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cites } from '../requirements.ts';
import { AUDIT_VERSION, addAuditRelease } from '../support/audit-release.ts';
import { ctlText } from '../support/ctl.ts';
import { damage } from '../support/damage.ts';
import { holdWriter } from '../support/held-writer.ts';
import { SessionClient } from '../support/mcp.ts';
import {
  commandOf,
  headOf,
  type PrintedRow,
  printedBytes,
  printedRow,
  printedRows,
} from '../support/printed.ts';
import { eventually, startNode, type TestNode } from '../support/test-node.ts';

/** Each starts a node, and some upgrade it several times. */
const LONG_MS = 240_000;

const etsTables = (node: TestNode): Promise<string> => ctlText(node, 'ets_tables');
const tableOf = async (node: TestNode, name: string): Promise<PrintedRow> =>
  printedRow(await etsTables(node), 'NAME', name);

describe('ets_tables', () => {
  it(
    'counts rows and bytes, and follows the releases that declare the tables',
    async () => {
      const node = await startNode();
      await addAuditRelease(node);
      const client = await SessionClient.open(node.url);
      const before = await tableOf(node, 'notes');
      for (let count = 0; count < 20; count++) await client.call('note_add', { text: 'x'.repeat(2_000) });
      const after = await tableOf(node, 'notes');
      const rows = headOf(cites('column.ets_tables.rows'));
      expect([before[rows], after[rows]]).toEqual(['0', '20']);
      const bytes = headOf(cites('column.ets_tables.bytes'));
      expect(printedBytes(before[bytes])).toBe(0);
      expect(printedBytes(after[bytes])).toBeGreaterThan(20 * 2_000);

      const name = headOf(cites('column.ets_tables.name'));
      const namesOf = async () => printedRows(await etsTables(node), name).map((row) => row[name]);
      expect(await namesOf()).not.toContain('trail');
      expect((await node.script('upgrade.sh', AUDIT_VERSION)).code).toBe(0);
      expect(await namesOf()).toContain('trail');
      const [notes, trail] = [await tableOf(node, 'notes'), await tableOf(node, 'trail')];
      for (const [head, ofNotes, ofTrail] of [
        [headOf(cites('column.ets_tables.owner')), 'workspace', 'audit'],
        [headOf(cites('column.ets_tables.storage')), 'disc', 'ram'],
        [headOf(cites('column.ets_tables.type')), 'ordered_set', 'set'],
      ] as const)
        expect([head, notes[head], trail[head]]).toEqual([head, ofNotes, ofTrail]);
      expect(trail.STATUS).toBe('ok');

      expect((await node.script('downgrade.sh', '2.1.0')).code).toBe(0);
      expect(await tableOf(node, 'trail')).toMatchObject({ OWNER: '-', STATUS: 'unused', ROWS: '0' });
    },
    LONG_MS,
  );

  it(
    'lists those of the node too, one by name, some by storage, and says which name is near',
    async () => {
      const node = await startNode();
      const { stdout, code } = await node.ctl(commandOf(cites('command.ets_tables')));
      expect(code).toBe(0);
      expect(printedRow(stdout, 'NAME', 'erlmcp_registry')).toMatchObject({ OWNER: 'erlmcp', STATUS: 'ok' });
      const one = await node.ctlJson<{ name: string }[]>('ets_tables', 'notes');
      expect(one.map(({ name }) => name)).toEqual(['notes']);
      const ram = await node.ctlJson<{ name: string; storage: string }[]>('ets_tables', '--storage', 'ram');
      expect(ram.map(({ name, storage }) => [name, storage])).toEqual([['erlmcp_registry', 'ram']]);
      const unknown = await node.ctl('ets_tables', 'note');
      expect([unknown.code, unknown.stdout]).toEqual([1, '']);
      expect(unknown.stderr).toMatch(
        /^erlmcpctl: \{no_such_table, "note"\}: [^\n]*nearest: notes\.[^\n]*\n$/,
      );
    },
    LONG_MS,
  );

  it(
    'finds a damaged row though nobody has read it, and so does mnesia_status',
    async () => {
      const node = await startNode();
      const client = await SessionClient.open(node.url);
      await client.call('note_add', { text: 'a text that is long enough to be found in the file' });
      const status = headOf(cites('column.ets_tables.status'));
      const damaged = headOf(cites('column.ets_tables.damaged'));
      const consistent = headOf(cites('column.mnesia_status.consistent'));
      const seen = async () => {
        const row = await tableOf(node, 'notes');
        const mnesia = await ctlText(node, 'mnesia_status');
        return [row[status], row[damaged], printedRow(mnesia, 'TABLE', 'notes')[consistent]];
      };
      expect(await seen()).toEqual(['ok', '0', 'yes']);
      await node.erlmcp('stop');
      damage(join(node.home, 'data/disc/data.mdb'), 'long enough to be found');
      await node.start();
      expect(await seen()).toEqual(['damaged', '1', 'no']);
      expect((await node.ctl('ets_tables')).code).toBe(0);
      expect((await node.ctl('health')).code).toBe(1);
    },
    LONG_MS,
  );

  it(
    'tells sizes while the runner stands still',
    async () => {
      const node = await startNode({ config: { timeouts: { heartbeat_ms: 60_000 } } });
      const client = await SessionClient.open(node.url);
      await client.call('note_add', { text: 'one' });
      const pid = node.runner();
      process.kill(pid, 'SIGSTOP');
      onTestFinished(() => void process.kill(pid, 'SIGCONT'));
      expect(await tableOf(node, 'notes')).toMatchObject({ ROWS: '1', STATUS: 'no_answer', VERSION: '-' });
      expect(await tableOf(node, 'erlmcp_registry')).toMatchObject({ STATUS: 'ok' });
      process.kill(pid, 'SIGCONT');
      await eventually('its answer', async () => (await tableOf(node, 'notes')).STATUS === 'ok');
    },
    LONG_MS,
  );
});

describe('mnesia_status', () => {
  const STORES = ['host', 'disc', 'ram'] as const;
  const mnesia = (node: TestNode, options = {}) => ctlText(node, 'mnesia_status', options);

  it(
    'tells of the stores, what is written and who reads',
    async () => {
      const node = await startNode();
      const before = await mnesia(node);
      const store = headOf(cites('column.mnesia_status.store'));
      const path = headOf(cites('column.mnesia_status.path'));
      expect(printedRows(before, store).map((row) => [row[store], row[path]])).toEqual(
        STORES.map((name) => [name, join(node.home, 'data', name)]),
      );
      expect(before).toMatch(/^running +yes\ndirectory +\S+\nflush +[\d.]+ m?s\n/);
      const client = await SessionClient.open(node.url);
      for (let count = 0; count < 40; count++) await client.call('note_add', { text: 'x'.repeat(10_000) });
      const after = await mnesia(node);
      const sizes = [headOf(cites('column.mnesia_status.size')), headOf(cites('column.mnesia_status.used'))];
      const [was, is] = [printedRow(before, store, 'disc'), printedRow(after, store, 'disc')];
      for (const head of sizes)
        expect(printedBytes(is[head]) - printedBytes(was[head]), head).toBeGreaterThan(300_000);
      const transaction = headOf(cites('column.mnesia_status.last_transaction'));
      expect(Number(is[transaction])).toBeGreaterThanOrEqual(Number(was[transaction]) + 40);
      const rows = headOf(cites('column.mnesia_status.rows'));
      const table = headOf(cites('column.mnesia_status.table'));
      expect(printedRow(before, table, 'notes')[rows]).toBe('0');
      expect(printedRow(after, table, 'notes')[rows]).toBe('40');
      expect(printedRows(after, table).map((row) => row[table])).not.toContain('erlmcp_registry');

      const readers = headOf(cites('column.mnesia_status.readers'));
      expect(is[readers]).toBe('2');
      expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
      // The runner of 2.1.0 is kept for the way back.
      expect(printedRow(await mnesia(node), store, 'disc')[readers]).toBe('3');
    },
    LONG_MS,
  );

  it(
    'tells the versions of rows, and the table’s own',
    async () => {
      const node = await startNode();
      const client = await SessionClient.open(node.url);
      await client.call('note_add', { text: 'of 2.1.0' });
      const version = headOf(cites('column.ets_tables.version'));
      const [rowVersion, versions] = [
        headOf(cites('column.mnesia_status.version')),
        headOf(cites('column.mnesia_status.row_versions')),
      ];
      const notesOf = async (options = {}) => printedRow(await mnesia(node, options), 'TABLE', 'notes');
      const before = await notesOf({ rowVersions: true });
      expect((await tableOf(node, 'notes'))[version]).toBe('1');
      await node.script('upgrade.sh', '3.0.0');
      expect((await tableOf(node, 'notes'))[version]).toBe('2');
      for (const text of ['of 3.0.0', 'of 3.0.0 too']) await client.call('note_add', { text });
      const after = await notesOf({ rowVersions: true });
      expect([before, after].map((row) => [row[rowVersion], row[versions]])).toEqual([
        ['1', '1: 1'],
        ['2', '1: 1, 2: 2'],
      ]);
      expect((await notesOf())[versions]).toBe('-');
      const { tables } = await node.ctlJson<{ tables: { name: string; row_versions: object | null }[] }>(
        'mnesia_status',
        '--row-versions',
      );
      expect(tables.find(({ name }) => name === 'notes')?.row_versions).toEqual({ 1: 1, 2: 2 });
    },
    LONG_MS,
  );

  it(
    'lists the backups, and knows one that was changed, cut off or never whole',
    async () => {
      const node = await startNode();
      expect(await mnesia(node)).toContain('No backups yet');
      const began = Date.now();
      await node.script('upgrade.sh', '3.0.0');
      const ended = Date.now();
      const backup = headOf(cites('column.mnesia_status.backup'));
      const row = printedRow(await mnesia(node), backup, '');
      const folder = join(node.home, 'backups', row[backup] ?? '');
      expect(existsSync(join(folder, 'manifest.json'))).toBe(true);
      const created = Date.parse(row[headOf(cites('column.mnesia_status.created'))] ?? '');
      expect(created).toBeGreaterThanOrEqual(began);
      expect(created).toBeLessThanOrEqual(ended);
      const state = headOf(cites('column.mnesia_status.state'));
      const copied = headOf(cites('column.mnesia_status.copied'));
      expect(row[state]).toBe('ok');

      const stateNow = async () => printedRow(await mnesia(node), backup, row[backup] ?? '')[state];
      const file = join(folder, 'disc/data.mdb');
      const whole = readFileSync(file);
      writeFileSync(file, Buffer.concat([whole.subarray(0, -1), Buffer.from([whole.at(-1)! ^ 1])]));
      expect(await stateNow()).toBe('damaged');
      writeFileSync(file, whole);
      expect(await stateNow()).toBe('ok');
      truncateSync(file, 17 * 1024 * 1024);
      expect(await stateNow()).toBe('damaged');
      // One that was as large when it was made.
      const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { bytes: number };
      manifest.bytes += 17 * 1024 * 1024 - whole.length;
      writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
      const large = printedRow(await mnesia(node), backup, row[backup] ?? '');
      expect(large[state]).toBe('unchecked');
      expect(printedBytes(large[copied])).toBeGreaterThan(printedBytes(row[copied]) + 16 * 1024 * 1024);
    },
    LONG_MS,
  );

  it(
    'says that a writer stands still, in time, and so does ets_tables',
    async () => {
      const node = await startNode();
      const writer = headOf(cites('column.mnesia_status.writer'));
      const release = await holdWriter(node);
      const held = await mnesia(node);
      expect(printedRows(held, 'STORE').map((row) => row[writer])).toEqual(['free', 'busy', 'free']);
      expect(held).toMatch(/^running +no\n[\s\S]*\nflush +-\n/);
      expect(await tableOf(node, 'notes')).toMatchObject({ STATUS: 'not_writable', VERSION: '1' });
      expect(await tableOf(node, 'erlmcp_registry')).toMatchObject({ STATUS: 'ok' });
      await release();
      await eventually('a free writer', async () => /^running +yes/.test(await mnesia(node)));
      expect((await node.ctl(commandOf(cites('command.mnesia_status')))).code).toBe(0);
    },
    LONG_MS,
  );
});
