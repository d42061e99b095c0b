import { describe, expect, test } from 'vitest';
import {
  call,
  type From,
  genServer,
  monitor,
  noreply,
  ProcessTable,
  reply,
  replyTo,
  type ServerSnapshot,
  Supervisor,
  sendAfter,
  sendInterval,
} from '../../src/otp/index.ts';
import { counter, eventually, gate, joinedTables, reasonOf, record } from './support.ts';

const byName = (snapshots: ServerSnapshot[]) =>
  new Map(structuredClone(snapshots).map((snapshot) => [snapshot.name, snapshot]));

/** Moves all servers of `from` to a new tree on `to`, as an upgrade does. */
async function moveTo(
  from: ProcessTable,
  to: ProcessTable,
  tree: Supervisor,
  names?: string[],
): Promise<void> {
  await from.suspend({ deadlineMs: 1000 });
  const adopted = byName(from.snapshot(names));
  await tree.start({ adopted, suspended: true });
  from.markMoved(names);
  await Promise.all([to.resume(), from.resume()]);
}

const counterTree = (table: ProcessTable, start = counter) =>
  new Supervisor({ name: 'sup', children: [{ id: 'counter', start }] }, { table });

/** A parcel office: hands out what is sent to it, later. */
const office = genServer<
  { waiting: From[] },
  { collect: () => string },
  { arrive: (parcel: string) => void }
>({
  name: 'office',
  version: 1,
  init: () => ({ waiting: [] }),
  handleCall: (_request, from, state) => noreply({ waiting: [...state.waiting, from] }),
  handleCast([, parcel], { waiting }) {
    const [first, ...rest] = waiting;
    if (first) replyTo(first, parcel);
    return noreply({ waiting: rest });
  },
});

describe('hand-over', () => {
  test('state and mailbox move; callers get their answers from the other side', async () => {
    const { old, next } = joinedTables();
    await counterTree(old).start();
    await old.call('counter', ['increment']);
    await old.suspend({ deadlineMs: 1000 });
    const waiting = [old.call('counter', ['increment']), old.call('counter', ['increment'])];
    old.cast('counter', ['bump', 10]);
    const adopted = byName(old.snapshot());
    expect(adopted.get('counter')).toMatchObject({
      version: 1,
      state: { count: 1 },
      mailbox: [{ kind: 'call' }, { kind: 'call' }, { kind: 'cast' }],
    });
    await counterTree(next).start({ adopted, suspended: true });
    expect(next.info('counter')).toMatchObject({ status: 'suspended', mailboxLength: 3, handled: 0 });
    old.markMoved();
    expect(old.info('counter')).toMatchObject({ status: 'moved', mailboxLength: 0 });
    await next.resume();
    expect(await Promise.all(waiting)).toEqual([{ count: 2 }, { count: 3 }]);
    expect(await next.call('counter', ['get'])).toEqual({ count: 13 });
    // And later calls of the old side follow.
    expect(await old.call('counter', ['increment'])).toEqual({ count: 14 });
    old.cast('counter', ['bump', 1]);
    old.send('counter', ['add', 1]);
    await eventually(() => next.info('counter')?.handled === 7, 'cast and info arrive');
    expect(await next.call('counter', ['get'])).toEqual({ count: 16 });
  });

  test('what comes between snapshot and commit is passed on, and handled once', async () => {
    const { old, next } = joinedTables();
    await counterTree(old).start();
    await old.suspend({ deadlineMs: 1000 });
    const early = old.call('counter', ['increment']);
    const adopted = byName(old.snapshot());
    await counterTree(next).start({ adopted, suspended: true });
    const late = old.call('counter', ['increment']);
    old.markMoved();
    await next.resume();
    expect(await Promise.all([early, late])).toEqual([{ count: 1 }, { count: 2 }]);
    expect(await next.call('counter', ['get'])).toEqual({ count: 2 });
  });

  test('an aborted hand-over leaves the old side as it was', async () => {
    const { old, next } = joinedTables();
    await counterTree(old).start();
    const seen = record(next);
    await old.suspend({ deadlineMs: 1000 });
    const waiting = old.call('counter', ['increment']);
    const tree = counterTree(next);
    await tree.start({ adopted: byName(old.snapshot()), suspended: true });
    await old.resume();
    await tree.stop();
    expect(await waiting).toEqual({ count: 1 });
    expect(await old.call('counter', ['get'])).toEqual({ count: 1 });
    // The names were never served there.
    expect(seen).toEqual(['exited counter', 'exited sup']);
  });

  test('errors cross as reason and message: the end of the server, and a name that is nowhere', async () => {
    const { old, next } = joinedTables();
    await counterTree(old).start();
    await moveTo(old, next, counterTree(next));
    const crashed = old.call('counter', ['crash', 'bad luck']);
    expect(await reasonOf(crashed)).toBe('{type_error, "bad luck"}');
    await expect(crashed).rejects.toThrow('bad luck');
    expect(await reasonOf(old.call('nobody', ['x']))).toBe('{noproc, nobody}');
    old.canForward = false;
    expect(await reasonOf(old.call('nobody', ['x']))).toBe('{noproc, nobody}');
  });

  test('a table can be joined to others later, by a wire that knows no undefined', async () => {
    const here = new ProcessTable();
    const there = new ProcessTable({ canForward: false });
    expect(await reasonOf(here.call('counter', ['get']))).toBe('{noproc, counter}');
    const json = <T>(value: T): T => JSON.parse(JSON.stringify(value, (_key, item) => item ?? null));
    here.connect({
      origin: 'here',
      remote: {
        forward: (name, envelope) =>
          setImmediate(() =>
            there.deliver(name, json({ ...envelope, from: envelope.from ?? (null as never) })),
          ),
        reply: () => expect.unreachable(),
      },
    });
    there.connect({
      origin: 'there',
      remote: {
        forward: () => expect.unreachable(),
        reply: (from, outcome) => setImmediate(() => here.settle(json(from), json(outcome))),
      },
    });
    await there.start(counter);
    here.cast('counter', ['bump', 2]);
    here.send('counter', ['add', 3]);
    expect(await here.call('counter', ['increment'])).toEqual({ count: 6 });
    expect(await reasonOf(here.call('nobody', ['get']))).toBe('{noproc, nobody}');
    // An answer to a call of a table that is not this one is none of its business.
    const own = there.call('counter', ['get']);
    there.settle({ origin: 'here', ref: 1 }, { ok: true, value: 'stray' });
    expect(await own).toEqual({ count: 6 });
  });

  test('when the other side is gone, its callers can be told at once', async () => {
    const swallow = { forward: () => undefined, reply: () => undefined };
    const old = new ProcessTable({ remote: swallow });
    await old.start(counter);
    await old.start(office);
    await old.suspend({ deadlineMs: 1000 });
    const pending = [old.call('counter', ['get']), old.call('elsewhere', ['get'])].map(reasonOf);
    old.snapshot(['counter']);
    old.markMoved(['counter']);
    await old.resume();
    const stays = old.call('office', ['collect']);
    old.rejectForwarded('runner_lost', 'the runner that had it ended.');
    expect(await Promise.all(pending)).toEqual(['runner_lost', 'runner_lost']);
    old.cast('office', ['arrive', 'book']);
    expect(await stays).toBe('book');
  });

  test('an answer owed moves with the state: given on the other side, or failed when the server ends there', async () => {
    const { old, next } = joinedTables();
    const tree = (table: ProcessTable) =>
      new Supervisor({ name: 'sup', children: [{ id: 'office', start: office }] }, { table });
    await tree(old).start();
    const [first, second] = [old.call('office', ['collect']), old.call('office', ['collect'])];
    await eventually(() => old.info('office')?.handled === 2, 'both wait');
    const onNext = tree(next);
    await moveTo(old, next, onNext);
    old.cast('office', ['arrive', 'book']);
    expect(await first).toBe('book');
    await onNext.stop();
    expect(await reasonOf(second)).toBe('shutdown');
  });

  test('timers move with what is left of them, and can be cancelled there', async () => {
    const timed = genServer<{ seen: string[]; interval: string }, { get: () => string[] }>({
      name: 'timed',
      version: 1,
      init: () => {
        sendAfter(30, 'once');
        sendAfter(3_600_000, 'far');
        return { seen: [], interval: sendInterval(5, 'beat') };
      },
      handleCall: (_request, _from, state) => reply(state.seen, state),
      handleInfo: (message, state) => noreply({ ...state, seen: [...state.seen, String(message)] }),
    });
    const { old, next } = joinedTables();
    const tree = (table: ProcessTable) =>
      new Supervisor({ name: 'sup', children: [{ id: 'timed', start: timed }] }, { table });
    await tree(old).start();
    await old.suspend({ deadlineMs: 1000 });
    const snapshots = old.snapshot();
    expect(snapshots[0]?.timers.map(({ message, intervalMs }) => [message, intervalMs])).toEqual([
      ['once', undefined],
      ['far', undefined],
      ['beat', 5],
    ]);
    const far = snapshots[0]?.timers[1];
    expect(far?.remainingMs).toBeLessThanOrEqual(3_600_000);
    expect(far?.remainingMs).toBeGreaterThan(3_500_000);
    await tree(next).start({ adopted: byName(snapshots), suspended: true });
    old.markMoved();
    await next.resume();
    // Beats every 5 ms, so that the single timer, of 30 ms, is among the first twenty messages.
    await eventually(() => (next.info('timed')?.handled ?? 0) >= 20, 'timers fire on the other side');
    const all = (await next.call('timed', ['get'])) as string[];
    expect(all.filter((message) => message === 'once')).toHaveLength(1);
    expect(next.cancelTimer(far?.ref ?? '')).toBe(true);
    expect(old.cancelTimer(far?.ref ?? '')).toBe(false);
    expect(old.info('timed')).toMatchObject({ status: 'moved', mailboxLength: 0 });
  });

  test('a move is no exit: no monitor fires, those of moved servers move, and fire on a real end', async () => {
    const watcher = genServer<unknown[], { watch: () => string; seen: () => unknown[] }>({
      name: 'watcher',
      version: 1,
      init: () => [],
      handleCall: ([tag], _from, state) => reply(tag === 'watch' ? monitor(counter) : state, state),
      handleInfo: (message, state) => noreply([...state, message]),
    });
    const { old, next } = joinedTables();
    const tree = (table: ProcessTable) =>
      new Supervisor(
        {
          name: 'sup',
          children: [
            { id: 'w', start: watcher },
            { id: 'c', start: counter },
          ],
        },
        { table },
      );
    await tree(old).start();
    const seen = record(old);
    const ref = await old.call('watcher', ['watch']);
    await moveTo(old, next, tree(next));
    expect(seen).toEqual(['moved watcher', 'moved counter']);
    expect(await next.call('watcher', ['seen'])).toEqual([]);
    next.cast('counter', ['crash']);
    await eventually(() => next.info('watcher')?.handled === 2, 'the DOWN message');
    expect(await next.call('watcher', ['seen'])).toEqual([['DOWN', ref, 'counter', '{error, "cast"}']]);
  });

  test('another version is converted; a server without a snapshot runs init, and handles nothing before resume', async () => {
    type Calls = { get: () => { count: number; history: string[] } };
    const newer = genServer<{ count: number; history: string[] }, Calls>({
      name: 'counter',
      version: 2,
      init: () => ({ count: 0, history: ['init'] }),
      codeChange: (from, state) => ({ ...(state as { count: number }), history: [`from ${from}`] }),
      handleCall: (_request, _from, state) => reply(state, state),
      resumed: (state) => ({ ...state, history: [...state.history, 'resumed'] }),
    });
    const { old, next } = joinedTables();
    await counterTree(old).start();
    await old.call('counter', ['add', 7]);
    await old.suspend({ deadlineMs: 1000 });
    const children = [
      { id: 'a', start: newer },
      { id: 'b', start: newer, name: 'fresh' },
    ];
    const tree = new Supervisor({ name: 'sup', children }, { table: next });
    await tree.start({ adopted: byName(old.snapshot()), suspended: true });
    const asked = next.call('fresh', ['get']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(next.list().map(({ status, handled }) => [status, handled])).toEqual(
      Array(3).fill(['suspended', 0]),
    );
    old.markMoved();
    await next.resume();
    expect(await next.call('counter', ['get'])).toEqual({ count: 7, history: ['from 1', 'resumed'] });
    expect(await asked).toEqual({ count: 0, history: ['init', 'resumed'] });
  });

  test('a codeChange that throws fails the start and names the child', async () => {
    const picky = genServer<null>({
      name: 'counter',
      version: 2,
      init: () => null,
      codeChange: () => {
        throw new Error('shape unknown');
      },
      handleCall: (_request, _from, state) => noreply(state),
    });
    const { old, next } = joinedTables();
    await counterTree(old).start();
    await old.suspend({ deadlineMs: 1000 });
    const tree = new Supervisor({ name: 'sup', children: [{ id: 'c', start: picky }] }, { table: next });
    const started = tree.start({ adopted: byName(old.snapshot()), suspended: true });
    expect(await reasonOf(started)).toBe('{shutdown, {failed_to_start_child, c, {error, "shape unknown"}}}');
    await old.resume();
    expect(await old.call('counter', ['increment'])).toEqual({ count: 1 });
  });

  test('a server that the new release lacks stays, goes on, and calls the moved ones', async () => {
    const local = genServer<null, { ask: () => unknown }>({
      name: 'local',
      version: 1,
      init: () => null,
      handleCall: async (_request, _from, state) => reply(await call(counter, ['increment']), state),
    });
    const { old, next } = joinedTables();
    const children = [
      { id: 'c', start: counter },
      { id: 'l', start: local },
    ];
    const root = new Supervisor({ name: 'sup', children }, { table: old });
    await root.start();
    const exits = record(old);
    await moveTo(old, next, counterTree(next), ['counter']);
    expect(await old.call('local', ['ask'])).toEqual({ count: 1 });
    expect(await next.call('local', ['ask'])).toEqual({ count: 2 });
    expect(root.whichChildren()).toMatchObject([
      { id: 'c', status: 'moved' },
      { id: 'l', status: 'waiting' },
    ]);
    await root.stop();
    expect(exits).toEqual([
      'moved counter',
      'unregistered local',
      'exited local',
      'unregistered sup',
      'exited sup',
    ]);
    expect(await next.call('counter', ['get'])).toEqual({ count: 2 });
  });
});

describe('take back', () => {
  test('shells are filled again, with what waits and what came since; restarts work there as before', async () => {
    const { old, next } = joinedTables();
    const root = counterTree(old);
    await root.start();
    await moveTo(old, next, counterTree(next));
    expect(await old.call('counter', ['increment'])).toEqual({ count: 1 });

    await next.suspend({ deadlineMs: 1000 });
    const ofNext = next.call('counter', ['increment']);
    const ofOld = old.call('counter', ['increment']);
    await eventually(() => next.info('counter')?.mailboxLength === 2, 'both wait');
    expect(await old.takeBack(structuredClone(next.snapshot()))).toEqual({ taken: ['counter'], left: [] });
    expect(old.info('counter')).toMatchObject({ status: 'suspended', mailboxLength: 2 });
    const late = next.call('counter', ['increment']);
    next.markMoved();
    await old.resume();
    expect(await Promise.all([ofNext, ofOld, late])).toEqual([{ count: 2 }, { count: 3 }, { count: 4 }]);

    const before = old.whereis('counter');
    old.cast('counter', ['crash']);
    await eventually(() => ![undefined, before].includes(old.whereis('counter')), 'a restart');
    expect(await next.call('counter', ['increment'])).toEqual({ count: 1 });
  });

  test('a shell that is gone is started anew from the snapshot; a server of the newer release only is left', async () => {
    const { old, next } = joinedTables();
    const children = [{ id: 'c', start: counter, restart: 'temporary' as const }];
    const root = new Supervisor({ name: 'sup', children }, { table: old });
    await root.start();
    await moveTo(
      old,
      next,
      new Supervisor(
        {
          name: 'sup',
          children: [
            { id: 'c', start: counter },
            { id: 'o', start: office },
          ],
        },
        { table: next },
      ),
    );
    await next.call('counter', ['add', 5]);
    await old.stop('counter');
    expect(old.whereis('counter')).toBeUndefined();
    await next.suspend({ deadlineMs: 1000 });
    const back = await old.takeBack(structuredClone(next.snapshot()));
    expect(back).toEqual({ taken: ['counter'], left: ['office'] });
    next.markMoved(back.taken);
    await Promise.all([old.resume(), next.resume()]);
    expect(await next.call('counter', ['increment'])).toEqual({ count: 6 });
    expect(old.info('counter')).toMatchObject({ status: 'waiting', supervisor: 'sup', handled: 1 });
    expect(root.whichChildren()).toMatchObject([{ id: 'c', status: 'waiting' }]);
  });

  test('a take-back that is called off turns the shell back into one; nothing is handled twice', async () => {
    const { old, next } = joinedTables();
    await counterTree(old).start();
    await moveTo(old, next, counterTree(next));
    await next.suspend({ deadlineMs: 1000 });
    const waiting = next.call('counter', ['increment']);
    await old.takeBack(structuredClone(next.snapshot()));
    const late = old.call('counter', ['increment']);
    old.markMoved(['counter']);
    await next.resume();
    expect(await Promise.all([waiting, late])).toEqual([{ count: 1 }, { count: 2 }]);
    expect(await old.call('counter', ['get'])).toEqual({ count: 2 });
  });

  test('calls flow through move after move without a loss or a repeat', async () => {
    const { old, next } = joinedTables();
    await counterTree(old).start();
    const counts: number[] = [];
    const { opened: stopped, open: stopCalling } = gate();
    let calling = true;
    void stopped.then(() => {
      calling = false;
    });
    const caller = async (table: ProcessTable): Promise<void> => {
      while (calling) {
        counts.push(((await table.call('counter', ['increment'])) as { count: number }).count);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const callers = [old, old, next, next].map(caller);
    let tree: Supervisor | undefined;
    for (let round = 0; round < 10; round += 1) {
      const goal = counts.length + 20;
      await eventually(() => counts.length > goal, 'calls are answered');
      const [from, to] = round % 2 === 0 ? [old, next] : [next, old];
      await from.suspend({ deadlineMs: 1000 });
      const adopted = byName(from.snapshot());
      if (tree === undefined) {
        tree = counterTree(next);
        await tree.start({ adopted, suspended: true });
      } else await to.takeBack(adopted.values());
      from.markMoved();
      await Promise.all([to.resume(), from.resume()]);
    }
    stopCalling();
    await Promise.all(callers);
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from(counts, (_, index) => index + 1));
  });
});
