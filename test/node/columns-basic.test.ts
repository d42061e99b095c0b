/** Each column of the commands on the node as a whole: its cause is changed, and its value changes. */
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { cites } from '../requirements.ts';
import { SessionClient } from '../support/mcp.ts';
import { headOf, type PrintedRow, printedRow, printedRows } from '../support/printed.ts';
import { stdioClient } from '../support/stdio-client.ts';
import { alive, eventually, startNode, type TestNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 180_000 });

const printed = async (node: TestNode, ...args: string[]): Promise<string> =>
  (await node.ctl(...args)).stdout;

it('transports', async () => {
  const node = await startNode();
  const row = async (name: string): Promise<PrintedRow> =>
    printedRow(await printed(node, 'transports'), headOf(cites('column.transports.name')), name);
  const [http, stdio] = [await row('http'), await row('stdio')];

  const client = await SessionClient.open(node.url);
  const stream = await client.stream();
  onTestFinished(() => stream.close());
  const used = await row('http');
  const grew = (head: string): number => Number(used[head]) - Number(http[head]);
  expect(grew(headOf(cites('column.transports.sessions')))).toBe(1);
  expect(grew(headOf(cites('column.transports.connections')))).toBeGreaterThanOrEqual(1);

  await node.ctl('restart', 'http');
  const since = headOf(cites('column.transports.since'));
  expect(Date.parse((await row('http'))[since]!)).toBeGreaterThan(Date.parse(http[since]!));
  expect((await row('stdio'))[since]).toBe(stdio[since]);

  const [state, address] = [
    headOf(cites('column.transports.state')),
    headOf(cites('column.transports.address')),
  ];
  const socket = stdio[address]!;
  rmSync(socket);
  mkdirSync(socket);
  expect((await node.ctl('restart', 'stdio')).code).toBe(1);
  expect(await row('stdio')).toMatchObject({ [state]: 'failed', [address]: '-' });
  rmdirSync(socket);
  await node.ctl('restart', 'stdio');
  expect(await row('stdio')).toMatchObject({ [state]: 'open', [address]: socket });
});

it('registry', async () => {
  const node = await startNode();
  const rows = async (): Promise<PrintedRow[]> =>
    printedRows(await printed(node, 'registry'), headOf(cites('column.registry.name')));
  const counter = async (): Promise<PrintedRow> =>
    printedRow(await printed(node, 'registry', '--kind', 'process'), 'NAME', 'counter');
  const kind = headOf(cites('column.registry.kind'));
  const transports = async (): Promise<(string | undefined)[]> =>
    (await rows()).filter((row) => row[kind] === 'transport').map((row) => row.NAME);

  const before = await counter();
  expect(await transports()).toEqual(['http', 'stdio']);
  expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
  const after = await counter();
  const where = headOf(cites('column.registry.where'));
  expect([before[where], after[where]]).toEqual([
    expect.stringMatching(/^runner 2\.1\.0/),
    expect.stringMatching(/^runner 3\.0\.0/),
  ]);
  const since = headOf(cites('column.registry.since'));
  expect(Date.parse(after[since]!)).toBeGreaterThan(Date.parse(before[since]!));

  const pid = headOf(cites('column.registry.pid'));
  expect((await node.ctl('restart', 'counter')).code).toBe(0);
  await eventually('another pid', async () => (await counter())[pid] !== after[pid]);

  const socket = printedRow(await printed(node, 'transports'), 'NAME', 'stdio').ADDRESS!;
  rmSync(socket);
  mkdirSync(socket);
  await node.ctl('restart', 'stdio');
  await eventually('no stdio', async () => !(await transports()).includes('stdio'));
});

it('metrics', async () => {
  const node = await startNode();
  const lines = async (tool: string): Promise<PrintedRow[]> =>
    printedRows(await printed(node, 'metrics'), headOf(cites('column.metrics.tool'))).filter(
      (row) => row.TOOL === tool,
    );
  const [when, verdict] = [headOf(cites('column.metrics.when')), headOf(cites('column.metrics.verdict'))];
  const client = await SessionClient.open(node.url);
  expect(await lines('sleep')).toEqual([]);
  await client.call('sleep', { ms: 20 });
  const [first] = await lines('sleep');
  expect(first).toMatchObject({
    [when]: 'now',
    [headOf(cites('column.metrics.calls'))]: '1',
    [headOf(cites('column.metrics.errors'))]: '0',
    [verdict]: '-',
  });

  for (let call = 0; call < 3; call++) await client.call('sleep', { ms: 200 });
  await client.request('tools/call', { name: 'sleep', arguments: 'none' });
  const [second] = await lines('sleep');
  expect(second).toMatchObject({ CALLS: '5', ERRORS: '1' });
  for (const head of [
    headOf(cites('column.metrics.p50_ms')),
    headOf(cites('column.metrics.p99_ms')),
    headOf(cites('column.metrics.rate')),
  ])
    expect(second?.[head], head).not.toBe(first?.[head]);
  expect(Number(second?.['P99 MS'])).toBeGreaterThanOrEqual(200);

  expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
  await client.call('sleep', { ms: 20 });
  const upgraded = await lines('sleep');
  expect(upgraded.map((row) => row[when])).toEqual(['baseline', 'now', 'change']);
  expect(upgraded[0]).toMatchObject({ CALLS: '5', ERRORS: '1' });
  expect(upgraded[1]).toMatchObject({ CALLS: '1', ERRORS: '0' });
  expect(upgraded[2]).toMatchObject({ ERRORS: '-100 %', [verdict]: 'not enough data' });
  expect((await lines('all calls')).map((row) => row[when])).toEqual(['baseline', 'now', 'change']);
});

it('status', async () => {
  const node = await startNode();
  const runners = async (): Promise<PrintedRow[]> =>
    printedRows(await printed(node, 'status'), headOf(cites('column.status.runner')));
  const before = await runners();
  const heads = [
    headOf(cites('column.status.runner')),
    headOf(cites('column.status.version')),
    headOf(cites('column.status.role')),
    headOf(cites('column.status.state')),
  ] as const;
  expect(before).toEqual([
    {
      [heads[0]]: String(node.runners()[0]),
      [heads[1]]: '2.1.0',
      [heads[2]]: 'active',
      [heads[3]]: 'serving',
    },
  ]);

  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const long = { id: 'long', method: 'tools/call', params: { name: 'sleep', arguments: { ms: 60_000 } } };
  const clients = [await SessionClient.open(node.url), await SessionClient.open(node.url)];
  for (const client of clients) client.post(long, abort.signal).catch(() => {});
  await eventually('the calls', async () => / 2 calls in flight/.test(await printed(node, 'status')));
  expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);

  const [old, current] = [
    before[0]!.RUNNER,
    String(node.runners().find((pid) => String(pid) !== before[0]!.RUNNER)),
  ];
  expect(await runners()).toEqual(
    expect.arrayContaining([
      { RUNNER: old, VERSION: '2.1.0', ROLE: 'lingering', STATE: 'lingering' },
      { RUNNER: current, VERSION: '3.0.0', ROLE: 'active', STATE: 'serving' },
    ]),
  );
  const [session, onRunner] = [
    headOf(cites('column.status.session')),
    headOf(cites('column.status.on_runner')),
  ];
  const lingering = async (): Promise<PrintedRow[]> =>
    printedRows(await printed(node, 'status'), headOf(cites('column.status.lingering_call')));
  const calls = await lingering();
  expect(new Set(calls.map((call) => call[session]))).toEqual(new Set(clients.map(({ id }) => id)));
  expect(calls.map((call) => [call['LINGERING CALL'], call[onRunner]])).toEqual([
    ['sleep', old],
    ['sleep', old],
  ]);
  const runsFor = headOf(cites('column.status.runs_for'));
  await eventually('a longer call', async () => (await lingering())[0]![runsFor] !== calls[0]![runsFor]);
});

it('health', async () => {
  const node = await startNode({ config: { runner: { restart_min_ms: 60_000, restart_max_ms: 60_000 } } });
  const check = async (name: string): Promise<PrintedRow> =>
    printedRow(await printed(node, 'health'), headOf(cites('column.health.check')), name);
  const [status, value] = [headOf(cites('column.health.status')), headOf(cites('column.health.value'))];
  const limit = headOf(cites('column.health.limit'));
  const before = await check('runner');
  expect(before).toMatchObject({ [status]: 'healthy', [limit]: 'serving' });
  expect((await check('disk_free'))[limit]).toMatch(/^>= \d+ MB$/);
  expect(before[value]).toContain(String(node.runners()[0]));

  for (let round = 0; round < 2; round++) {
    const [pid] = await eventually('a runner', () =>
      node.runners().length === 1 ? node.runners() : undefined,
    );
    process.kill(pid!, 'SIGKILL');
    await eventually('its end', () => !alive(pid!));
  }
  const after = await eventually('none', async () => {
    const row = await check('runner');
    return row[status] === 'unhealthy' ? row : undefined;
  });
  expect(before[headOf(cites('column.health.message'))]).toBe('');
  expect(after).toMatchObject({ [value]: 'none', MESSAGE: expect.stringContaining('error.log') });
});

it('contacts', async () => {
  const config = (text: string) => ({
    contacts: text === 'a' ? { on_call: text } : { lead: text },
    escalation: [{ severity: `${text} high`, response_time: `${text} minutes`, path: `${text} to all` }],
  });
  const node = await startNode({ config: config('a') });
  const shown = async (): Promise<PrintedRow> => {
    const stdout = await printed(node, 'contacts');
    const [people] = printedRows(stdout, headOf(cites('column.contacts.role')));
    const [rows] = printedRows(stdout, headOf(cites('column.contacts.severity')));
    return { ...people, ...rows };
  };
  const before = await shown();
  await node.erlmcp('stop');
  writeFileSync(join(node.home, 'erlmcp.json'), JSON.stringify(config('b')));
  await node.start();
  const after = await shown();
  const expected = (role: string, text: string) => ({
    ROLE: role,
    [headOf(cites('column.contacts.contact'))]: text,
    SEVERITY: `${text} high`,
    [headOf(cites('column.contacts.response_time'))]: `${text} minutes`,
    [headOf(cites('column.contacts.escalation_path'))]: `${text} to all`,
  });
  expect([before, after]).toEqual([expected('On-Call (Primary)', 'a'), expected('Engineering Lead', 'b')]);
});

it('stop', async () => {
  const node = await startNode();
  // Off a terminal it lists who is there, and stops nothing.
  const rows = async (): Promise<PrintedRow[]> =>
    printedRows(await printed(node, 'stop'), headOf(cites('column.stop.client')));
  const client = await SessionClient.open(node.url);
  const [idle] = await rows();
  const [streams, calls] = [headOf(cites('column.stop.streams')), headOf(cites('column.stop.calls'))];
  expect(idle).toMatchObject({
    CLIENT: 'test 1',
    [headOf(cites('column.stop.session'))]: client.id,
    [headOf(cites('column.stop.transport'))]: 'http',
    [headOf(cites('column.stop.protocol'))]: '2025-11-25',
    [streams]: '0',
    [calls]: '0',
  });

  const stream = await client.stream();
  const abort = new AbortController();
  onTestFinished(() => {
    stream.close();
    abort.abort();
  });
  client
    .post(
      { id: 'long', method: 'tools/call', params: { name: 'sleep', arguments: { ms: 60_000 } } },
      abort.signal,
    )
    .catch(() => {});
  const busy = await eventually('the call', async () => (await rows()).find((row) => row[calls] === '1'));
  expect(Number(busy[streams])).toBeGreaterThanOrEqual(1);
  const used = headOf(cites('column.stop.used'));
  expect(Date.parse(busy[used]!)).toBeGreaterThan(Date.parse(idle![used]!));

  await stdioClient(node, { name: 'over-stdio', version: '2', protocolVersion: '2025-06-18' });
  const other = await eventually('a client over stdio', async () =>
    (await rows()).find((row) => row.TRANSPORT === 'stdio'),
  );
  expect(other).toMatchObject({ CLIENT: 'over-stdio 2', PROTOCOL: '2025-06-18' });
  expect(other.SESSION).not.toBe(client.id);
});

it('upgrade', async () => {
  const node = await startNode();
  const verify = async (version: string): Promise<PrintedRow> =>
    printedRow(
      await printed(node, 'upgrade', version, '--verify-only'),
      headOf(cites('column.upgrade.check')),
      'version',
    );
  const [right, wrong] = [await verify('2.1.0'), await verify('3.0.0')];
  const row = (status: string, value: string, limit: string, message: unknown) => ({
    CHECK: 'version',
    [headOf(cites('column.upgrade.status'))]: status,
    [headOf(cites('column.upgrade.value'))]: value,
    [headOf(cites('column.upgrade.limit'))]: limit,
    [headOf(cites('column.upgrade.message'))]: message,
  });
  expect(right).toEqual(row('passed', '2.1.0', '2.1.0', ''));
  expect(wrong).toEqual(row('failed', '-', '3.0.0', expect.stringContaining('{version_mismatch')));
});
