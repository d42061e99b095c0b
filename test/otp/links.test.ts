import { describe, expect, test } from 'vitest';
import {
  exit,
  genServer,
  link,
  noreply,
  ProcessTable,
  processes,
  reply,
  Supervisor,
  stop,
  sys,
  trapExit,
  unlink,
} from '../../src/otp/index.ts';
import { counter, eventually, gate, joinedTables, reasonOf } from './support.ts';

type Calls = {
  link: (to: string) => null;
  unlink: (from: string) => null;
  exit: (target: string, reason: string) => null;
  trap: (on: boolean) => boolean;
  got: () => readonly unknown[];
};

interface State {
  readonly got: readonly unknown[];
}

/** Does with links what it is told, and keeps the messages that it gets. */
const node = (log: string[] = [], opened: Promise<void> = Promise.resolve()) =>
  genServer<State, Calls, { end: (reason: string) => void; wait: () => void }>({
    name: 'node',
    version: 1,
    init: () => ({ got: [] }),
    handleCall(request, _from, state) {
      if (request[0] === 'got') return reply(state.got, state);
      if (request[0] === 'trap') return reply(trapExit(request[1]), state);
      if (request[0] === 'link') link(request[1]);
      else if (request[0] === 'unlink') unlink(request[1]);
      else exit(request[1], request[2]);
      return reply(null, state);
    },
    async handleCast(message, state) {
      if (message[0] === 'end') return stop(message[1], state);
      await opened;
      return noreply(state);
    },
    handleInfo: (message, { got }) => noreply({ got: [...got, message] }),
    terminate: (reason) => void log.push(reason),
  });

async function nodes(table: ProcessTable, names: readonly string[], log: string[] = []): Promise<void> {
  for (const name of names) await table.start(node(log), { name });
}

/** The reasons of the ends in a table, by name. */
function ends(table: ProcessTable): Record<string, string> {
  const seen: Record<string, string> = {};
  table.onChange((change) => {
    if (change.type === 'exited') seen[change.name] = change.reason;
  });
  return seen;
}

describe('links', () => {
  test('an end with another reason than normal ends those linked, in both directions and along a chain, without terminate', async () => {
    for (const first of ['a', 'b', 'c']) {
      const table = new ProcessTable();
      const log: string[] = [];
      const seen = ends(table);
      await nodes(table, ['a', 'b', 'c'], log);
      await table.call('a', ['link', 'b']);
      await table.call('b', ['link', table.whereis('c')]);
      table.cast(first, ['end', 'oops']);
      await eventually(() => table.list().length === 0, 'all end');
      expect(seen).toEqual({ a: 'oops', b: 'oops', c: 'oops' });
      expect(log).toEqual(['oops']);
      expect(table.usage().linkedProcesses).toBe(0);
    }
  });

  test('normal ends nobody else, and the link is gone', async () => {
    const table = new ProcessTable();
    await nodes(table, ['a', 'b']);
    await table.call('a', ['link', 'b']);
    table.cast('b', ['end', 'normal']);
    await eventually(() => table.whereis('b') === undefined, 'the end of b');
    expect(table.usage().linkedProcesses).toBe(0);
    expect(await table.call('a', ['got'])).toEqual([]);
  });

  test('one that traps exits gets them as messages, normal ones too', async () => {
    const table = new ProcessTable();
    await nodes(table, ['a', 'b', 'c']);
    const [b, c] = [table.whereis('b'), table.whereis('c')];
    expect(await table.call('a', ['trap', true])).toBe(false);
    expect(await table.call('a', ['trap', true])).toBe(true);
    for (const other of ['b', 'c']) await table.call(other, ['link', 'a']);
    table.cast('b', ['end', 'normal']);
    table.cast('c', ['end', 'oops']);
    await eventually(() => table.info('a')?.handled === 4, 'both messages');
    expect(await table.call('a', ['got'])).toEqual([
      ['EXIT', b, 'normal'],
      ['EXIT', c, 'oops'],
    ]);
  });

  test('unlink from either side undoes it', async () => {
    const table = new ProcessTable();
    await nodes(table, ['a', 'b']);
    await table.call('a', ['link', 'b']);
    await table.call('b', ['unlink', 'a']);
    table.cast('b', ['end', 'oops']);
    await eventually(() => table.whereis('b') === undefined, 'the end of b');
    expect(table.whereis('a')).toBeDefined();
  });

  test('a link to nobody is an exit signal with noproc', async () => {
    const table = new ProcessTable();
    await nodes(table, ['a']);
    expect(await reasonOf(table.call('a', ['link', 'nobody']))).toBe('noproc');
    expect(table.whereis('a')).toBeUndefined();
    await nodes(table, ['a']);
    await table.call('a', ['trap', true]);
    await table.call('a', ['link', 'nobody']);
    expect(await table.call('a', ['got'])).toEqual([['EXIT', 'nobody', 'noproc']]);
  });

  test('a process that is linked to itself only ends as it would anyway', async () => {
    const table = new ProcessTable();
    await nodes(table, ['a']);
    await table.call('a', ['link', 'a']);
    expect(table.usage().linkedProcesses).toBe(0);
  });

  test('two thousand in a chain end without a deep stack', async () => {
    const table = new ProcessTable();
    const pids: string[] = [];
    for (let n = 0; n < 2000; n += 1) pids.push(await table.start(node(), { name: null }));
    for (let n = 1; n < pids.length; n += 1) await table.call(pids[n]!, ['link', pids[n - 1]]);
    table.cast(pids[0]!, ['end', 'oops']);
    await eventually(() => table.list().length === 0, 'all end');
  });

  test('a supervisor restarts a child that a link has ended, and ends one that traps exits through terminate', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const children = ['a', 'b'].map((id) => ({ id, name: id, start: node(log) }));
    const root = new Supervisor({ name: 'sup', children, intensity: 5 }, { table });
    await root.start();
    const before = [table.whereis('a'), table.whereis('b')];
    await table.call('a', ['link', 'b']);
    table.cast('b', ['end', 'oops']);
    await eventually(
      () => ['a', 'b'].every((name, n) => ![undefined, before[n]].includes(table.whereis(name))),
      'both are new',
    );
    await eventually(() => table.info('a')?.status === 'waiting', 'a waits');
    await table.call('a', ['trap', true]);
    await root.stop();
    expect(log).toEqual(['oops', 'shutdown', 'shutdown']);
  });

  test('the end of a supervisor reaches those linked to it', async () => {
    const table = new ProcessTable();
    const root = new Supervisor({ name: 'sup', children: [] }, { table });
    await root.start();
    await nodes(table, ['a']);
    await table.call('a', ['trap', true]);
    const { pid } = table.info('sup')!;
    await table.call('a', ['link', 'sup']);
    await table.call('a', ['exit', 'sup', 'kill']);
    await root.stop();
    await eventually(() => table.info('a')?.handled === 4, 'the message');
    expect(await table.call('a', ['got'])).toEqual([['EXIT', pid, 'shutdown']]);
  });
});

describe('exit', () => {
  test('ends another; normal does not; kill ends also one that traps, and its links see killed', async () => {
    const table = new ProcessTable();
    const seen = ends(table);
    await nodes(table, ['a', 'b', 'c', 'd']);
    await table.call('a', ['exit', 'b', 'normal']);
    expect(table.whereis('b')).toBeDefined();
    await table.call('a', ['exit', 'b', 'out']);
    await table.call('a', ['exit', 'nobody', 'out']);
    await table.call('c', ['trap', true]);
    await table.call('d', ['link', 'c']);
    await table.call('a', ['exit', 'c', 'kill']);
    expect(seen).toEqual({ b: 'out', c: 'killed', d: 'killed' });
  });

  test('a process can end itself; its caller gets the reason', async () => {
    const table = new ProcessTable();
    await nodes(table, ['a']);
    expect(await reasonOf(table.call('a', ['exit', 'a', 'normal']))).toBe('normal');
    expect(table.whereis('a')).toBeUndefined();
  });

  test('reaches one at work at once, and what its callback settles to later is ignored', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    await table.start(node([], opened));
    await nodes(table, ['killer']);
    table.cast('node', ['wait']);
    const waiting = table.call('node', ['got']);
    await eventually(() => table.info('node')?.status === 'running', 'node works');
    await table.call('killer', ['exit', 'node', 'enough']);
    expect(await reasonOf(waiting)).toBe('enough');
    open();
    await new Promise((resolve) => setImmediate(resolve));
    expect(table.whereis('node')).toBeUndefined();
    await table.ping('killer');
  });

  test('works from outside of any process', async () => {
    await processes.start(node(), { name: 'outsider' });
    await processes.call('outsider', ['trap', true]);
    exit('outsider', 'hello');
    await eventually(() => processes.info('outsider')?.handled === 2, 'the message');
    expect(await processes.call('outsider', ['got'])).toEqual([['EXIT', 'outside', 'hello']]);
    exit('outsider', 'kill');
    expect(processes.whereis('outsider')).toBeUndefined();
  });

  test.each(['link', 'unlink', 'trap_exit'])('%s belongs to a process', (name) => {
    const calls = { link: () => link('x'), unlink: () => unlink('x'), trap_exit: () => trapExit(true) };
    expect(calls[name as keyof typeof calls]).toThrow(
      expect.objectContaining({ reason: `{no_process, ${name}}` }),
    );
  });

  test('a suspended process gets the signal when it goes on', async () => {
    const table = new ProcessTable();
    await nodes(table, ['a', 'b']);
    await table.call('a', ['link', 'b']);
    await table.suspend({ deadlineMs: 1000 });
    table.signals.exit('b', 'oops', 'outside');
    expect(table.info('b')).toMatchObject({ status: 'suspended', mailboxLength: 1 });
    await table.resume();
    await eventually(() => table.list().length === 0, 'both end');
  });

  test('a process that sys has suspended gets it at once', async () => {
    const table = new ProcessTable();
    await nodes(table, ['a']);
    await table.system('a', ['suspend']);
    table.signals.exit('a', 'oops', 'outside');
    expect(table.whereis('a')).toBeUndefined();
    expect(await reasonOf(sys.getState('a'))).toBe('{noproc, a}');
  });
});

describe('over a hand-over, and between tables', () => {
  const tree = (table: ProcessTable, ids: readonly string[]) =>
    new Supervisor(
      {
        name: 'sup',
        children: ids.map((id) => ({ id, name: id, start: node(), restart: 'temporary' as const })),
      },
      { table },
    );

  async function move(old: ProcessTable, next: ProcessTable, ids: readonly string[]): Promise<void> {
    await old.suspend({ deadlineMs: 1000 });
    const adopted = new Map(structuredClone(old.snapshot(ids)).map((each) => [each.name, each]));
    await tree(next, ids).start({ adopted, suspended: true });
    old.markMoved(ids);
    await Promise.all([old.resume(), next.resume()]);
  }

  test('links and trapExit move along, signals that waited too', async () => {
    const { old, next } = joinedTables();
    await tree(old, ['a', 'b', 'c']).start();
    const b = old.whereis('b');
    await old.call('a', ['trap', true]);
    await old.call('a', ['link', 'b']);
    await old.call('b', ['link', 'c']);
    await move(old, next, ['a', 'b', 'c']);
    expect(old.usage().linkedProcesses).toBe(0);
    expect(next.usage().linkedProcesses).toBe(3);
    old.cast('c', ['end', 'oops']);
    await eventually(() => next.whereis('b') === undefined && next.info('a')?.handled === 1, 'the chain');
    expect(await next.call('a', ['got'])).toEqual([['EXIT', b, 'oops']]);
  });

  test('one of two moves: an end on either side reaches the other', async () => {
    for (const [first, second] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const { old, next } = joinedTables();
      await tree(old, ['a', 'b']).start();
      await old.call('a', ['link', 'b']);
      await move(old, next, ['a']);
      const [tableOfFirst, tableOfSecond] = first === 'a' ? [next, old] : [old, next];
      tableOfFirst.cast(first, ['end', 'oops']);
      await eventually(() => tableOfSecond.whereis(second) === undefined, `the end of ${second}`);
    }
  });

  test('a link by name to a process elsewhere; one to nobody comes back as noproc', async () => {
    const { old, next } = joinedTables();
    await nodes(old, ['a', 'lost', 'free']);
    await nodes(next, ['b']);
    await old.call('a', ['link', 'b']);
    await old.call('free', ['link', 'b']);
    await old.call('free', ['unlink', 'b']);
    await old.call('lost', ['link', 'nobody']);
    await eventually(() => old.whereis('lost') === undefined, 'noproc comes back');
    await next.ping('b');
    next.cast('b', ['end', 'oops']);
    await eventually(() => old.whereis('a') === undefined, 'the end of a');
    expect(old.whereis('free')).toBeDefined();
    expect(next.usage().linkedProcesses).toBe(0);
  });

  test('exit reaches a process elsewhere', async () => {
    const { old, next } = joinedTables();
    await nodes(old, ['a']);
    const pid = await next.start(counter);
    await old.call('a', ['exit', pid, 'kill']);
    await eventually(() => next.whereis('counter') === undefined, 'the end');
  });
});
