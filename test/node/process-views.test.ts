/** `processes`, `supervisors` and `gen_servers` of a live node: what is done to it is seen in each column. */
import { describe, expect, it, vi } from 'vitest';
import type { GenServerRow, ProcessRow, SupervisorRow } from '../../src/control/index.ts';
import { cites } from '../requirements.ts';
import {
  failLab,
  hold,
  isHeld,
  LAB_AFTER,
  LAB_BEFORE,
  letGo,
  startLab,
  upgradeInto,
} from '../support/lab.ts';
import { SessionClient } from '../support/mcp.ts';
import { commandOf, headOf, type PrintedRow, printedRows } from '../support/printed.ts';
import { eventually, type TestNode } from '../support/test-node.ts';

// Each test boots a node and calls erlmcpctl many times.
vi.setConfig({ testTimeout: 180_000 });

const BEFORE = `runner ${LAB_BEFORE} (r1)`;

/** What people see of one process. */
async function seen(node: TestNode, command: string, name: string, where = ''): Promise<PrintedRow> {
  const { code, stdout } = await node.ctl(command, ...(where ? ['--where', where] : []));
  expect(code).toBe(0);
  return theOne(stdout, name, (row) => Object.values(row).some((cell) => cell.endsWith(name)));
}

function theOne(stdout: string, name: string, isIt: (row: PrintedRow) => boolean): PrintedRow {
  const row = rowsOf(stdout).find(isIt);
  if (!row) throw new Error(`no ${name} in:\n${stdout}`);
  return row;
}

/** Cells by the places of their heads: those of a tree hold spaces. */
function rowsOf(stdout: string): PrintedRow[] {
  const [head = '', ...lines] = stdout.trimEnd().split('\n');
  if (!head.startsWith('SUPERVISOR')) return printedRows(stdout, head.split(/ {2,}/)[0] ?? '');
  const heads = [...head.matchAll(/\S+(?: \S+)*/g)];
  return lines.map((line) =>
    Object.fromEntries(
      heads.map((each, at) => [each[0], line.slice(each.index, heads[at + 1]?.index).trim()]),
    ),
  );
}

const call = (client: SessionClient, ...request: unknown[]) => client.call('lab', { request });
const PID = /^<\d+\.\d+\.\d+>$/;
const silently = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);

describe('processes', () => {
  const command = commandOf(cites('command.processes'));
  const rowOf = async (node: TestNode, name: string): Promise<PrintedRow> => {
    const { stdout } = await node.ctl(command, '--name', name);
    return theOne(stdout, name, (row) => row.NAME === name);
  };
  const memoryOf = async (node: TestNode): Promise<number> => {
    const rows = await node.ctlJson<ProcessRow[]>(command, '--name', 'lab', '--kind', 'server');
    const [lab] = rows;
    if (!lab) throw new Error('the lab is not listed');
    return lab.memory_bytes ?? 0;
  };

  it('shows what a process is, has and does', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    const cell = async (text: string) => (await rowOf(node, 'lab'))[headOf(text)];
    await call(client, 'ping');
    expect(await cell(cites('column.processes.handled'))).toBe('1');
    const [small, printed] = [await memoryOf(node), await cell(cites('column.processes.memory'))];
    await call(client, 'keep', 1_000_000);
    expect(await memoryOf(node)).toBeGreaterThan(small + 900_000);
    expect(await cell(cites('column.processes.memory'))).not.toBe(printed);

    await hold(node, 'call');
    const waiting = call(client, 'wait');
    await isHeld(node, 'call');
    expect(await cell(cites('column.processes.status'))).toBe('running');
    expect(await cell(cites('column.processes.current'))).toBe('call wait');
    await client.call('lab', { request: ['note'], times: 3 });
    expect(await cell(cites('column.processes.mailbox'))).toBe('3');
    await letGo(node, 'call');
    await waiting;
    await eventually('rest', async () => (await cell(cites('column.processes.status'))) === 'waiting');
    expect(await cell(cites('column.processes.current'))).toBe('-');

    const pid = headOf(cites('column.processes.pid'));
    const before = await rowOf(node, 'lab');
    await silently(call(client, 'crash'));
    const pids = [before[pid], (await rowOf(node, 'lab'))[pid]];
    expect(pids).toEqual([expect.stringMatching(PID), expect.stringMatching(PID)]);
    expect(pids[1]).not.toBe(pids[0]);
    expect(await cell(cites('column.processes.handled'))).toBe('0');
  });

  it('follows an upgrade from runner to runner', async () => {
    const node = await startLab();
    const name = headOf(cites('column.processes.name'));
    const names = async () =>
      rowsOf((await node.ctl(command, '--name', 'lab')).stdout).map((row) => row[name]);
    const [before, namesBefore] = [await rowOf(node, 'lab'), await names()];
    expect((await node.script('upgrade.sh', LAB_AFTER)).code).toBe(0);
    const [after, bench] = [await rowOf(node, 'lab'), await rowOf(node, 'lab_bench')];
    const where = headOf(cites('column.processes.where'));
    expect([before[where], after[where]]).toEqual([BEFORE, expect.stringContaining(LAB_AFTER)]);
    const kind = headOf(cites('column.processes.kind'));
    expect([after[kind], bench[kind]]).toEqual(['server', 'supervisor']);
    expect([namesBefore, await names()].map((each) => each.toSorted())).toEqual([
      ['lab', 'lab_sup'],
      ['lab', 'lab_bench', 'lab_sup'],
    ]);
  });
});

describe('supervisors', () => {
  const command = commandOf(cites('command.supervisors'));

  it('draws the trees, and shows what an upgrade and a crash change in them', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    const cell = (row: PrintedRow, text: string) => row[headOf(text)];
    const before = await seen(node, command, 'lab_sup', BEFORE);
    const childOf = async (where: string, name: string): Promise<PrintedRow> => {
      const { stdout } = await node.ctl(command, '--where', where);
      return theOne(
        stdout,
        name,
        (row) => cell(row, cites('column.supervisors.supervisor')) === `└─ ${name}`,
      );
    };
    const child = await childOf(BEFORE, 'lab');
    expect(before.RESTARTS).toBe('0 of 3 in 5 s');
    await silently(call(client, 'crash'));
    const crashed = await childOf(BEFORE, 'lab');
    const pids = [child, crashed].map((row) => cell(row, cites('column.supervisors.pid')));
    expect(pids).toEqual([expect.stringMatching(PID), expect.stringMatching(PID)]);
    expect(pids[1]).not.toBe(pids[0]);

    const running = await seen(node, command, 'workspace_sup', BEFORE);
    const { ended } = await upgradeInto(node, 'codeChange');
    const suspended = await seen(node, command, 'workspace_sup', BEFORE);
    const statuses = [running, suspended].map((row) => cell(row, cites('column.supervisors.status')));
    expect(statuses).toEqual(['running', 'suspended']);
    await letGo(node, 'codeChange');
    expect((await ended).code).toBe(0);
    const [bench, server] = [await childOf(LAB_AFTER, 'bench'), await childOf(LAB_AFTER, 'server')];
    const [kind, restart] = [cites('column.supervisors.kind'), cites('column.supervisors.restart')];
    expect([bench, server].map((row) => cell(row, kind))).toEqual(['supervisor', 'worker']);
    expect([child, server].map((row) => cell(row, restart))).toEqual(['permanent', 'transient']);
    const changed = (text: string) => [before, bench].map((row) => cell(row, text));
    expect(changed(cites('column.supervisors.strategy'))).toEqual(['one_for_one', 'rest_for_one']);
    expect(changed(cites('column.supervisors.where'))).toEqual([BEFORE, expect.stringContaining(LAB_AFTER)]);
    expect(cell(bench, cites('column.supervisors.restarts'))).toBe('0 of 2 in 1 min 00 s');
    await silently(call(client, 'crash'));
    expect((await seen(node, command, 'bench', LAB_AFTER)).RESTARTS).toBe('1 of 2 in 1 min 00 s');
    const flat = await node.ctlJson<SupervisorRow[]>(command, '--where', LAB_AFTER);
    expect(flat.map(({ id, depth }) => [id, depth])).toEqual([
      ['workspace_sup', 0],
      ['counter', 1],
      ['lab_sup', 0],
      ['bench', 1],
      ['server', 2],
    ]);
  });
});

describe('gen_servers', () => {
  const command = commandOf(cites('command.gen_servers'));

  it('asks each server, and shows which of them does not answer', async () => {
    const node = await startLab();
    const client = await SessionClient.open(node.url);
    const row = async (where = ''): Promise<PrintedRow> => {
      const { stdout } = await node.ctl(command, '--name', 'lab', ...(where ? ['--where', where] : []));
      return theOne(stdout, 'lab', (each) => each.NAME === 'lab');
    };
    const name = headOf(cites('column.gen_servers.name'));
    const names = async () =>
      rowsOf((await node.ctl(command, '--where', BEFORE)).stdout).map((each) => each[name]);
    const cell = async (text: string) => (await row())[headOf(text)];
    const before = await row();
    expect(Number(before[headOf(cites('column.gen_servers.answer_ms'))])).toBeGreaterThanOrEqual(0);

    await hold(node, 'call');
    const waiting = call(client, 'wait');
    await isHeld(node, 'call');
    expect(await cell(cites('column.gen_servers.status'))).toBe('running');
    expect(await cell(cites('column.gen_servers.answer_ms'))).toBe('-');
    await client.call('lab', { request: ['note'], times: 2 });
    // Those, and one unanswered question of the command's own, however often it is asked.
    expect(await cell(cites('column.gen_servers.mailbox'))).toBe('3');
    expect(await cell(cites('column.gen_servers.mailbox'))).toBe('3');
    await letGo(node, 'call');
    await waiting;
    expect(Number(await cell(cites('column.gen_servers.handled')))).toBe(3);

    const namesBefore = await names();
    await failLab(client);
    expect([namesBefore, await names()]).toEqual([['counter', 'lab'], ['counter']]);
    expect((await node.ctl('restart', 'lab')).code).toBe(0);
    const after = await row();
    const [pid, since] = [headOf(cites('column.gen_servers.pid')), headOf(cites('column.gen_servers.since'))];
    expect([before[pid], after[pid]]).toEqual([expect.stringMatching(PID), expect.stringMatching(PID)]);
    expect(after[pid]).not.toBe(before[pid]);
    expect(Date.parse(after[since] ?? '')).toBeGreaterThan(Date.parse(before[since] ?? ''));

    expect((await node.script('upgrade.sh', LAB_AFTER)).code).toBe(0);
    const moved = await row(LAB_AFTER);
    const where = headOf(cites('column.gen_servers.where'));
    expect([before[where], moved[where]]).toEqual([BEFORE, expect.stringContaining(LAB_AFTER)]);
    expect([before.VERSION, moved[headOf(cites('column.gen_servers.version'))]]).toEqual(['1', '2']);
    expect([before.SUPERVISOR, moved[headOf(cites('column.gen_servers.supervisor'))]]).toEqual([
      'lab_sup',
      'lab_bench',
    ]);
    const rowsAt = (place: string) => node.ctlJson<GenServerRow[]>(command, '--where', place);
    expect((await rowsAt('host')).map((each) => each.name)).toContain('erlmcp_router');
    expect((await rowsAt(LAB_AFTER)).map((each) => each.name)).toEqual(['counter', 'lab']);
  });
});

describe('a runner that stands still', () => {
  it('is named by each command, which answers in time', async () => {
    const node = await startLab();
    const pid = node.runner();
    process.kill(pid, 'SIGSTOP');
    for (const command of ['processes', 'supervisors', 'gen_servers', 'queues', 'applications']) {
      const rows = await node.ctlJson<{ where: string }[]>(command);
      const named = rows.filter((row) => Object.values(row).includes('no_answer'));
      expect([command, named.map(({ where }) => where)]).toEqual([
        command,
        command === 'applications' ? [BEFORE, BEFORE] : [BEFORE],
      ]);
    }
    const restart = await node.ctl('restart', 'lab');
    expect([restart.code, restart.stderr]).toEqual([1, expect.stringContaining(`${BEFORE} gives no answer`)]);
    const resumed = await node.ctl('resume_supervisors');
    expect(resumed.stdout).toContain(`no answer: ${BEFORE}`);
    process.kill(pid, 'SIGCONT');
    await eventually('its answer', async () =>
      (await node.ctlJson<ProcessRow[]>('processes')).some(({ name }) => name === 'counter'),
    );
  });
});

describe('a parked runner', () => {
  it('is not asked, and its processes are seen where they live', async () => {
    const node = await startLab();
    expect((await node.script('upgrade.sh', LAB_AFTER)).code).toBe(0);
    await eventually('a parked runner', async () => {
      const { runners } = await node.ctlJson<{ runners: { role: string }[] }>('status');
      return runners.some(({ role }) => role === 'parked');
    });
    const rows = await node.ctlJson<ProcessRow[]>('processes');
    expect(rows.filter(({ where }) => where === BEFORE)).toEqual([]);
    expect(rows.filter(({ name }) => name === 'counter')).toHaveLength(1);
  });
});
