/** `resources` and `memory` of a live node: what is done to it is seen in each column. */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cites } from '../requirements.ts';
import { ctlText } from '../support/ctl.ts';
import { holdConnections } from '../support/hold-connections.ts';
import { SessionClient } from '../support/mcp.ts';
import {
  commandOf,
  headOf,
  type PrintedRow,
  printedBytes,
  printedRow,
  printedRows,
} from '../support/printed.ts';
import { eventually, makeHome, ROOT, run, startNode, type TestNode } from '../support/test-node.ts';

const linux = process.platform === 'linux';
const MIB = 1024 * 1024;
/** For what starts several nodes, or looks many times. */
const LONG_MS = 240_000;

const processRow = async (node: TestNode, command: string, where: string): Promise<PrintedRow> =>
  printedRow(await ctlText(node, command), 'WHERE', where);

/** Calls the tool again and again until told to stop. */
function keepBusy(client: SessionClient, tool: string): () => Promise<void> {
  let running = true;
  const loops = Array.from({ length: 4 }, async () => {
    while (running) await client.call(tool).catch(() => {});
  });
  return async () => {
    running = false;
    await Promise.all(loops);
  };
}

/** Calls in flight, 30 MiB of them: the host keeps what was sent, and the runner what it made of it. */
function holdCalls(client: SessionClient): () => Promise<void> {
  const abort = new AbortController();
  const params = { name: 'sleep', arguments: { ms: 300_000 }, _meta: { text: 'x'.repeat(2 * MIB) } };
  const calls = Array.from({ length: 15 }, (_, id) =>
    client.post({ id: 1_000 + id, method: 'tools/call', params }, abort.signal).catch(() => undefined),
  );
  return async () => {
    abort.abort();
    await Promise.all(calls);
  };
}

describe('resources', () => {
  it(
    'tells what each process uses',
    async () => {
      const node = await startNode();
      const client = await SessionClient.open(node.url);
      const command = commandOf(cites('command.resources'));
      const [where, pid] = [headOf(cites('column.resources.where')), headOf(cites('column.resources.pid'))];
      const first = printedRows(await ctlText(node, command), where);
      expect(first.map((row) => [row[where], row[pid]])).toEqual([
        ['host', String(node.pid)],
        ['runner 2.1.0 (r1)', String(node.runner())],
      ]);
      const [cpu, memory] = [headOf(cites('column.resources.cpu')), headOf(cites('column.resources.memory'))];
      const percent = async () => Number.parseFloat((await processRow(node, command, 'runner'))[cpu] ?? '');
      await eventually('a quiet runner', async () => (await percent()) < 2);
      const rest = keepBusy(client, 'note_list');
      await eventually('a busy runner', async () => (await percent()) > 2);
      expect(printedRow(await ctlText(node, command), 'RESOURCE', 'cpu').VALUE).toMatch(/^[\d.]+ %$/);
      await rest();
      const letGo = holdCalls(client);
      const had = printedBytes(first[1]?.[memory]);
      await eventually(
        'memory for the calls',
        async () => printedBytes((await processRow(node, command, 'runner'))[memory]) > had + 8 * MIB,
      );
      await letGo();
      const files = headOf(cites('column.resources.open_files'));
      const before = Number((await processRow(node, command, 'host'))[files]);
      const end = await holdConnections(node, 40);
      if (linux)
        await eventually(
          'their files',
          async () => Number((await processRow(node, command, 'host'))[files]) >= before + 40,
        );
      end();

      const since = headOf(cites('column.resources.since'));
      const started = await processRow(node, command, 'runner');
      process.kill(node.runner(), 'SIGKILL');
      const next = await eventually('another runner', async () => {
        const row = await processRow(node, command, 'runner');
        return row[where] === 'runner 2.1.0 (r2)' ? row : undefined;
      });
      expect(Date.parse(next[since] ?? '')).toBeGreaterThan(Date.parse(started[since] ?? ''));
      expect(next[pid]).toBe(String(node.runner()));
      expect(next[pid]).not.toBe(started[pid]);
    },
    LONG_MS,
  );

  it.runIf(linux)(
    'holds them against the limits that the system gives',
    async () => {
      const node = await makeHome({ config: { runner: { memory_mb: 300 } } });
      onTestFinished(() => node.remove());
      const usual = await startNode();
      const script = `ulimit -n 200 && exec "$0" start --release 2.1.0`;
      const env = { ...node.env, UV_THREADPOOL_SIZE: '9' };
      expect((await run('/bin/bash', ['-c', script, join(ROOT, 'bin/erlmcp')], env)).code).toBe(0);
      const resource = headOf(cites('column.resources.resource'));
      const of = async (name: string): Promise<PrintedRow> =>
        printedRow(await ctlText(node, 'resources'), resource, name);
      const [value, limit] = [
        headOf(cites('column.resources.value')),
        headOf(cites('column.resources.limit')),
      ];
      const status = headOf(cites('column.resources.status'));
      const files = await of('open_files');
      expect(printedRow(await ctlText(usual, 'resources'), resource, 'open_files')[limit]).not.toBe('< 180');
      expect([files[limit], files[status]]).toEqual(['< 180', 'healthy']);
      await holdConnections(node, 180 - Number(files[value]));
      const many = await eventually('too many files', async () => {
        const row = await of('open_files');
        return row[status] === 'degraded' ? row : undefined;
      });
      expect(Number(many[value])).toBeGreaterThanOrEqual(180);
      expect((await node.ctl('resources')).code).toBe(0);
      expect((await of('disk_free'))[limit]).toBe('>= 100 MB');

      const threads = headOf(cites('column.resources.threads'));
      const [pool, usualPool] = await Promise.all(
        [node, usual].map(async (each) => Number((await processRow(each, 'resources', 'host'))[threads])),
      );
      expect(pool).toBeGreaterThan(usualPool ?? 0);
      const heapLimit = headOf(cites('column.memory.heap_limit'));
      expect(printedBytes((await processRow(node, 'memory', 'runner'))[heapLimit])).toBeLessThan(
        printedBytes((await processRow(usual, 'memory', 'runner'))[heapLimit]),
      );
    },
    LONG_MS,
  );
});

describe('memory', () => {
  it(
    'is told of each process',
    async () => {
      const node = await startNode({ config: { timeouts: { heartbeat_ms: 60_000 } } });
      const command = commandOf(cites('command.memory'));
      const before = await processRow(node, command, 'runner');
      const grown = async (head: string, bytes: number, of = 'runner', from = before): Promise<boolean> =>
        printedBytes((await processRow(node, command, of))[head]) > printedBytes(from[head]) + bytes;

      const host = await processRow(node, command, 'host');
      const client = await SessionClient.open(node.url);
      const letGo = holdCalls(client);
      await eventually('buffers in the host', () =>
        grown(headOf(cites('column.memory.external')), 20 * MIB, 'host', host),
      );
      await eventually('anonymous memory', () => grown(headOf(cites('column.memory.anonymous')), 8 * MIB));
      await eventually('the heap', () => grown(headOf(cites('column.memory.heap_used')), 8 * MIB));
      await eventually('its total', () => grown(headOf(cites('column.memory.heap_total')), 8 * MIB));
      await letGo();
      for (let count = 0; count < 10; count++) await client.call('note_add', { text: 'x'.repeat(MIB) });
      await client.call('note_list');
      if (linux) expect(await grown(headOf(cites('column.memory.mapped')), 4 * MIB)).toBe(true);
    },
    LONG_MS,
  );

  it(
    'of a parked process is what the kernel says',
    async () => {
      const command = 'memory';
      const where = headOf(cites('column.memory.where'));
      const pid = headOf(cites('column.memory.pid'));
      const idle = await startNode();
      const first = idle.runner();
      const places = (rows: readonly PrintedRow[]) => rows.map((row) => [row[where], row[pid]]);
      const host = ['host', String(idle.pid)];
      const old = ['runner 2.1.0 (r1)', String(first)];
      expect(places(printedRows(await ctlText(idle, command), where))).toEqual([host, old]);
      await idle.script('upgrade.sh', '3.0.0');
      const rows = await eventually('a parked runner', async () => {
        const found = printedRows(await ctlText(idle, command), where);
        return found.some((row) => row['HEAP USED'] === '-') ? found : undefined;
      });
      const [second] = idle.runners().filter((each) => each !== first);
      expect(places(rows)).toEqual([host, old, [expect.stringMatching(/^runner 3\.0\.0/), String(second)]]);
      expect(printedBytes(rows[1]?.ANONYMOUS)).toBeGreaterThan(MIB);
      expect((await idle.ctl('memory')).stdout).toMatch(/^[\d.]+ MiB of [\d.]+ [GTM]iB, [\d.]+ %\n/);
    },
    LONG_MS,
  );
});

it(
  'workflow 3 and scenario 3 collect what they ask for',
  async () => {
    const node = await startNode();
    await (await SessionClient.open(node.url)).call('sleep', { ms: 1 });
    const rowsOf = async (command: string, firstHead: string): Promise<PrintedRow[]> => {
      const { code, stdout } = await node.ctl(command);
      expect([command, code]).toEqual([command, 0]);
      return printedRows(stdout, firstHead);
    };
    const metrics = await rowsOf('metrics', 'TOOL');
    expect(metrics, cites('workflow.3.1')).toContainEqual(
      expect.objectContaining({ TOOL: 'sleep', CALLS: '1' }),
    );
    const runner = { WHERE: 'runner 2.1.0 (r1)', PID: String(node.runner()) };
    for (const command of ['resources', 'memory'])
      expect(await rowsOf(command, 'WHERE'), cites('scenario.3.3')).toContainEqual(
        expect.objectContaining(runner),
      );
    expect(await rowsOf('processes', 'PID'), cites('scenario.3.3')).toContainEqual(
      expect.objectContaining({ NAME: 'counter', WHERE: runner.WHERE }),
    );
  },
  LONG_MS,
);
