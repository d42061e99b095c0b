import { describe, expect, test } from 'vitest';
import {
  countChildren,
  deleteChild,
  genServer,
  type Pid,
  ProcessTable,
  processes,
  reply,
  restartChild,
  type ServerSnapshot,
  Supervisor,
  startChild,
  supervisor,
  terminateChild,
  whichChildren,
} from '../../src/otp/index.ts';
import { children, crash, isAtRest, worker } from './supervision-support.ts';
import { counter, eventually, gate, joinedTables, reasonOf } from './support.ts';

const pool = (
  table: ProcessTable,
  log: string[] = [],
  {
    restart = 'permanent',
    init,
  }: { restart?: 'permanent' | 'transient' | 'temporary'; init?: (args: unknown) => unknown } = {},
) =>
  new Supervisor(
    {
      name: 'pool',
      strategy: 'simple_one_for_one',
      intensity: 3,
      child: { start: worker('conn', log, init), restart },
    },
    { table },
  );

describe('simple_one_for_one', () => {
  test('children come with their arguments and are known by their pids', async () => {
    const table = new ProcessTable();
    const root = pool(table);
    await root.start();
    expect(root.countChildren()).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 0 });
    const pids = [await root.startChild({ of: 'a' }), await root.startChild({ of: 'b' })];
    expect(new Set(pids).size).toBe(2);
    expect(await Promise.all(pids.map((pid) => table.call(pid, ['args'])))).toEqual([
      { of: 'a' },
      { of: 'b' },
    ]);
    expect(root.whichChildren()).toMatchObject(
      pids.map((pid) => ({ id: undefined, pid, kind: 'server', restart: 'permanent', status: 'waiting' })),
    );
    expect(root.countChildren()).toEqual({ specs: 1, active: 2, supervisors: 0, workers: 2 });
  });

  test('one that ends is restarted with its own arguments, and has another pid', async () => {
    const table = new ProcessTable();
    const root = pool(table);
    await root.start();
    const [a, b] = [await root.startChild('a'), await root.startChild('b')];
    await crash(table, a);
    const after = root.whichChildren().map(({ pid }) => pid as Pid);
    expect(after).toContain(b);
    expect(after).not.toContain(a);
    expect((await Promise.all(after.map((pid) => table.call(pid, ['args'])))).toSorted()).toEqual(['a', 'b']);
  });

  test.each([
    ['temporary', 'oops', 0],
    ['transient', 'normal', 0],
    ['transient', 'oops', 1],
  ] as const)('a %s child that ends with %s leaves %d', async (restart, reason, left) => {
    const table = new ProcessTable();
    const root = pool(table, [], { restart });
    await root.start();
    await crash(table, await root.startChild(), reason);
    expect(root.whichChildren()).toHaveLength(left);
    expect(root.countChildren()).toMatchObject({ active: left, workers: left });
  });

  test('a restart that fails is tried again; the old pid names the child until then', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    let starts = 0;
    const init = async (): Promise<void> => {
      starts += 1;
      if (starts === 1) return;
      await opened;
      throw new Error('no');
    };
    const root = pool(table, [], { init });
    await root.start();
    const pid = await root.startChild();
    table.cast(pid, ['end', 'oops']);
    await eventually(() => starts === 2, 'the restart');
    const terminated = root.terminateChild(pid);
    open();
    await terminated;
    await eventually(() => isAtRest(table), 'rest');
    expect(root.whichChildren()).toEqual([]);
    expect(starts).toBe(2);
  });

  test('all are ended at once: none waits for the other', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const { opened, open } = gate();
    const slow = genServer<null>({
      name: 'slow',
      version: 1,
      init: () => null,
      handleCall: (_request, _from, state) => reply(null as never, state),
      terminate: () => {
        log.push('ending');
        return opened;
      },
    });
    const root = new Supervisor(
      { name: 'pool', strategy: 'simple_one_for_one', child: { start: slow } },
      { table },
    );
    await root.start();
    for (let at = 0; at < 3; at += 1) await root.startChild();
    const stopped = root.stop();
    await eventually(() => log.length === 3, 'all end');
    expect(table.list()).toHaveLength(4);
    open();
    await stopped;
    expect(table.list()).toEqual([]);
  });

  test('what makes no sense is refused as OTP refuses it', async () => {
    const table = new ProcessTable();
    const root = pool(table, [], {
      init: (args) => {
        if (args === 'bad') throw new Error('bad');
      },
    });
    await root.start();
    await table.start(counter);
    const pid = await root.startChild();
    expect(await reasonOf(root.startChild('bad'))).toBe('{error, "bad"}');
    expect(await reasonOf(root.restartChild(pid))).toBe('simple_one_for_one');
    expect(await reasonOf(root.deleteChild(pid))).toBe('simple_one_for_one');
    expect(await reasonOf(root.terminateChild('conn'))).toBe('simple_one_for_one');
    expect(await reasonOf(root.terminateChild(table.whereis('counter') as string))).toBe('not_found');
    await root.terminateChild(pid);
    // As in OTP: what does not exist is terminated.
    await root.terminateChild(pid);
    expect(root.countChildren().active).toBe(0);
  });

  test('states of children that have no name can not be saved', () => {
    const saved = genServer<null>({
      name: 'saved',
      version: 1,
      persist: true,
      init: () => null,
      handleCall: (_request, _from, state) => reply(null as never, state),
    });
    expect(() =>
      supervisor({ name: 'pool', strategy: 'simple_one_for_one', child: { start: saved } }),
    ).toThrow('{persist_without_name, pool}');
  });
});

describe('the functions', () => {
  test('name a supervisor of this process by its definition, its name or its pid', async () => {
    const log: string[] = [];
    const root = new Supervisor({ name: 'fn_sup', children: children(['fn_a'], log) });
    await root.start();
    const b = { id: 'fn_b', start: worker('fn_b', log) };
    const pid = await startChild({ name: 'fn_sup' }, b);
    expect(processes.whereis('fn_b')).toBe(pid);
    expect(await reasonOf(startChild('fn_sup', b))).toBe(`{already_started, ${pid}}`);
    expect(await reasonOf(restartChild('fn_sup', 'fn_b'))).toBe('running');
    expect(await reasonOf(deleteChild('fn_sup', 'fn_b'))).toBe('running');
    await terminateChild(root.pid, 'fn_b');
    expect(await reasonOf(startChild('fn_sup', b))).toBe('already_present');
    expect(await whichChildren('fn_sup')).toMatchObject([{ id: 'fn_a' }, { id: 'fn_b', pid: undefined }]);
    expect(await countChildren('fn_sup')).toMatchObject({ specs: 2, active: 1 });
    expect(await restartChild('fn_sup', 'fn_b')).toBe(processes.whereis('fn_b'));
    await terminateChild('fn_sup', 'fn_b');
    await deleteChild('fn_sup', 'fn_b');
    expect(await reasonOf(deleteChild('fn_sup', 'fn_b'))).toBe('not_found');
    expect(await reasonOf(terminateChild('fn_sup', 'fn_b'))).toBe('not_found');
    expect(await reasonOf(startChild('fn_sup', { id: 'x', start: worker('fn_a') }))).toBe(
      '{already_started, fn_a}',
    );
    expect(
      await reasonOf(startChild('fn_sup', { id: 'x', start: worker('x'), restart: 'never' as never })),
    ).toBe('{invalid_restart_type, never}');
    expect(await countChildren('fn_sup')).toMatchObject({ specs: 1 });
    await root.stop();
    expect(await reasonOf(whichChildren('fn_sup'))).toBe('{noproc, fn_sup}');
    expect(log.slice(-1)).toEqual(['end fn_a shutdown']);
  });

  test('requests at once are taken in turn', async () => {
    const table = new ProcessTable();
    const root = new Supervisor({ name: 'sup', children: [] }, { table });
    await root.start();
    const same = { id: 'a', start: worker('a') };
    const answers = await Promise.allSettled([
      root.startChild(same),
      root.startChild(same),
      root.terminateChild('a'),
      root.restartChild('a'),
      root.terminateChild('a'),
      root.deleteChild('a'),
      root.terminateChild('a'),
    ]);
    expect(
      answers.map((answer) => (answer.status === 'fulfilled' ? 'ok' : answer.reason.reason.split(',')[0])),
    ).toEqual(['ok', '{already_started', 'ok', 'ok', 'ok', 'ok', 'not_found']);
  });

  test('a child can ask its supervisor for siblings, but not while the supervisor waits for it', async () => {
    const table = new ProcessTable();
    const grow = worker('grow', [], undefined, () => startChild('sup', { id: 'b', start: worker('b') }));
    const eager = worker('eager', [], () => startChild('sup', { id: 'c', start: worker('c') }));
    const root = new Supervisor({ name: 'sup', children: [{ id: 'grow', start: grow }] }, { table });
    await root.start();
    expect(await table.call('grow', ['run'])).toBe(table.whereis('b'));
    expect(await reasonOf(root.startChild({ id: 'eager', start: eager }))).toBe('{calling_supervisor, sup}');
    expect(root.whichChildren().map(({ id }) => id)).toEqual(['grow', 'b']);
  });

  test('while the table is suspended requests wait; those of servers still at work are carried out', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const busy = worker('busy', [], undefined, async () => {
      await opened;
      return startChild('pool', 'from inside');
    });
    const root = pool(table);
    await root.start();
    await table.start(busy);
    const asked = table.call('busy', ['run']);
    await eventually(() => table.info('busy')?.status === 'running', 'it is at work');
    const suspended = table.suspend({ deadlineMs: 5000 });
    let done = false;
    const outside = root.startChild('from outside').then((pid) => {
      done = true;
      return pid;
    });
    open();
    const inside = await asked;
    await suspended;
    expect(table.stage).toBe('suspended');
    expect(done).toBe(false);
    expect(root.whichChildren()).toMatchObject([{ pid: inside, status: 'suspended' }]);
    expect(table.tree()).toMatchObject([
      { id: 'pool', status: 'suspended' },
      { pid: inside, status: 'suspended' },
    ]);
    await table.resume();
    expect(await table.call(await outside, ['args'])).toBe('from outside');
  });

  test('a suspension that is given up lets them on; a supervisor that stops refuses them', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const root = pool(table);
    await root.start();
    await table.start(worker('busy', [], undefined, () => opened));
    const asked = table.call('busy', ['run']);
    await eventually(() => table.info('busy')?.status === 'running', 'it is at work');
    const suspended = reasonOf(table.suspend({ deadlineMs: 20 }));
    const pid = await root.startChild();
    expect(await suspended).toBe('{server_busy, busy}');
    expect(table.info(pid)).toMatchObject({ status: 'waiting', supervisor: 'pool' });
    open();
    await asked;
    await table.suspend({ deadlineMs: 5000 });
    const refused = reasonOf(root.startChild());
    await root.stop();
    expect(await refused).toBe('shutdown');
  });
});

describe('hand-over of dynamic children', () => {
  const byName = (snapshots: ServerSnapshot[]) =>
    new Map(structuredClone(snapshots).map((snapshot) => [snapshot.name, snapshot]));

  const counters = (table: ProcessTable, name = 'pool') =>
    new Supervisor({ name, strategy: 'simple_one_for_one', child: { start: counter } }, { table });

  async function handOver(old: ProcessTable, next: ProcessTable, tree: Supervisor): Promise<void> {
    await old.suspend({ deadlineMs: 1000 });
    await tree.start({ adopted: byName(old.snapshot()), suspended: true });
    const taken = tree.whichChildren().map(({ pid }) => pid as Pid);
    old.markMoved(taken);
    await Promise.all([next.resume(), old.resume()]);
  }

  test('the supervisor of the same name takes them over: state, pid and arguments', async () => {
    const { old, next } = joinedTables();
    const before = counters(old);
    await before.start();
    const pids = [await before.startChild({ from: 1 }), await before.startChild({ from: 10 })];
    await old.call(pids[0] as Pid, ['increment']);
    const after = counters(next);
    await handOver(old, next, after);
    expect(before.whichChildren().map(({ status }) => status)).toEqual(['moved', 'moved']);
    expect(after.whichChildren().map(({ pid }) => pid)).toEqual(pids);
    // The old side finds them still, and what ends there starts anew with its own arguments.
    expect(await old.call(pids[0] as Pid, ['get'])).toEqual({ count: 2 });
    old.cast(pids[1] as Pid, ['crash']);
    await eventually(
      () => after.countChildren().active === 2 && next.whereis(pids[1] as Pid) === undefined,
      'a restart',
    );
    const anew = after.whichChildren().find(({ pid }) => pid !== pids[0])?.pid as Pid;
    expect(await old.call(anew, ['get'])).toEqual({ count: 10 });
  });

  test('requests of the old side are carried out where the children live', async () => {
    const { old, next } = joinedTables();
    const before = counters(old);
    await before.start();
    const asker = worker('asker', [], undefined, () => startChild('pool', { from: 5 }));
    await old.start(asker);
    const pid = await before.startChild();
    const after = counters(next);
    await handOver(old, next, after);
    const born = (await old.call('asker', ['run'])) as Pid;
    expect(next.info(born)).toMatchObject({ supervisor: 'pool', status: 'waiting' });
    expect(old.info(born)).toBeUndefined();
    expect(await old.call(born, ['get'])).toEqual({ count: 5 });
    await old.askSupervisor('pool', ['terminate_child', pid]);
    expect(after.whichChildren().map((child) => child.pid)).toEqual([born]);
    expect(await reasonOf(old.askSupervisor('pool', ['restart_child', 'x']))).toBe('simple_one_for_one');
  });

  test('a request that waits for the end of the suspension follows the children', async () => {
    const { old, next } = joinedTables();
    await counters(old).start();
    await old.suspend({ deadlineMs: 1000 });
    const asked = old.askSupervisor('pool', ['start_child', { from: 3 }]);
    const after = counters(next);
    await after.start({ adopted: byName(old.snapshot()), suspended: true });
    old.markMoved([]);
    await next.resume();
    await old.resume();
    expect(await old.call((await asked) as Pid, ['get'])).toEqual({ count: 3 });
    expect(after.countChildren().active).toBe(1);
  });

  test('where there is no such supervisor, or it keeps servers of another kind, they stay and go on', async () => {
    for (const other of ['named otherwise', 'another kind']) {
      const { old, next } = joinedTables();
      const before = counters(old);
      await before.start();
      const pid = await before.startChild({ from: 1 });
      const tree = other === 'another kind' ? pool(next) : counters(next, 'ponds');
      await handOver(old, next, tree);
      expect(tree.countChildren().active).toBe(0);
      expect(before.whichChildren()).toMatchObject([{ pid, status: 'waiting' }]);
      expect(await old.call(pid, ['increment'])).toEqual({ count: 2 });
      if (other === 'named otherwise') {
        const born = (await old.askSupervisor('pool', ['start_child', undefined])) as Pid;
        expect(old.info(born)).toMatchObject({ supervisor: 'pool' });
      }
    }
  });

  test('the way back: those that moved, those that were born there, and not those that ended there', async () => {
    const { old, next } = joinedTables();
    const before = counters(old);
    await before.start();
    const [stays, ends] = [await before.startChild({ from: 1 }), await before.startChild({ from: 2 })];
    const after = counters(next);
    await handOver(old, next, after);
    const born = await after.startChild({ from: 3 });
    await after.terminateChild(ends);
    await next.call(stays, ['increment']);
    await next.suspend({ deadlineMs: 1000 });
    const back = await old.takeBack(structuredClone(next.snapshot()));
    expect(back).toEqual({ taken: [stays, born], left: [] });
    next.markMoved(back.taken);
    await Promise.all([old.resume(), next.resume()]);
    expect(before.whichChildren().map(({ pid, status }) => [pid, status])).toEqual([
      [stays, 'waiting'],
      [born, 'waiting'],
    ]);
    expect(await next.call(stays, ['get'])).toEqual({ count: 2 });
    expect(await next.call(born, ['get'])).toEqual({ count: 3 });
    expect(await reasonOf(old.call(ends, ['get']))).toBe(`{noproc, ${ends}}`);
    expect(old.whereis(born)).toBe(born);
    await next.askSupervisor('pool', ['terminate_child', born]);
    expect(before.countChildren().active).toBe(1);
  });

  test('siblings that moved are neither ended nor started by those that stayed', async () => {
    const { old, next } = joinedTables();
    const log: string[] = [];
    const tree = (table: ProcessTable, names: string[]) =>
      new Supervisor({ name: 'sup', strategy: 'one_for_all', children: children(names, log) }, { table });
    const before = tree(old, ['a', 'b', 'c']);
    await before.start();
    await old.suspend({ deadlineMs: 1000 });
    const after = tree(next, ['a', 'c']);
    const snapshots = old.snapshot(['a', 'c']);
    await after.start({ adopted: byName(snapshots), suspended: true });
    old.markMoved(['a', 'c']);
    await Promise.all([next.resume(), old.resume()]);
    log.length = 0;
    old.cast('b', ['end', 'oops']);
    await eventually(() => log.length === 2 && old.info('b')?.status === 'waiting', 'the restart of b');
    expect(log).toEqual(['end b oops', 'start b']);
    expect(old.tree()).toMatchObject([
      { id: 'sup', status: 'running' },
      { id: 'a', status: 'moved' },
      { id: 'b', status: 'running' },
      { id: 'c', status: 'moved' },
    ]);
    expect(await old.call('a', ['ping'])).toBe('pong');
  });
});

test('a table has its supervision trees as rows', async () => {
  const table = new ProcessTable();
  const inner = supervisor({ name: 'inner', strategy: 'rest_for_one', children: children(['b'], []) });
  const root = new Supervisor(
    {
      name: 'root',
      intensity: 2,
      periodMs: 9000,
      children: [
        ...children(['a'], []),
        { id: 'in', start: inner, restart: 'transient' },
        { id: 'gone', start: worker('gone'), restart: 'transient' },
        {
          id: 'pool',
          start: supervisor({ name: 'pool', strategy: 'simple_one_for_one', child: { start: counter } }),
        },
      ],
    },
    { table },
  );
  await root.start();
  const pid = await table.askSupervisor('pool', ['start_child', undefined]);
  await table.start(worker('alone'));
  await crash(table, 'gone', 'normal');
  await crash(table, 'a');
  const [parent, kind] = ['root', 'worker'];
  expect(table.tree()).toEqual([
    {
      depth: 0,
      id: 'root',
      name: 'root',
      pid: root.pid,
      parent: undefined,
      kind: 'supervisor',
      restart: undefined,
      status: 'running',
      strategy: 'one_for_one',
      restarts: 1,
      intensity: 2,
      periodMs: 9000,
    },
    {
      depth: 1,
      id: 'a',
      name: 'a',
      pid: table.whereis('a'),
      parent,
      kind,
      restart: 'permanent',
      status: 'running',
    },
    {
      depth: 1,
      id: 'in',
      name: 'inner',
      pid: table.whereis('inner'),
      parent,
      kind: 'supervisor',
      restart: 'transient',
      status: 'running',
      strategy: 'rest_for_one',
      restarts: 0,
      intensity: 1,
      periodMs: 5000,
    },
    {
      depth: 2,
      id: 'b',
      name: 'b',
      pid: table.whereis('b'),
      parent: 'inner',
      kind,
      restart: 'permanent',
      status: 'running',
    },
    {
      depth: 1,
      id: 'gone',
      name: 'gone',
      pid: undefined,
      parent,
      kind,
      restart: 'transient',
      status: 'terminated',
    },
    {
      depth: 1,
      id: 'pool',
      name: 'pool',
      pid: table.whereis('pool'),
      parent,
      kind: 'supervisor',
      restart: 'permanent',
      status: 'running',
      strategy: 'simple_one_for_one',
      restarts: 0,
      intensity: 1,
      periodMs: 5000,
    },
    {
      depth: 2,
      id: 'counter',
      name: undefined,
      pid,
      parent: 'pool',
      kind,
      restart: 'permanent',
      status: 'running',
    },
  ]);
});
