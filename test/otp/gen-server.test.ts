import { describe, expect, test } from 'vitest';
import {
  call,
  cancelTimer,
  cast,
  type From,
  genServer,
  monitor,
  noreply,
  ProcessTable,
  processes,
  reply,
  replyTo,
  self,
  send,
  sendAfter,
  sendInterval,
  stop,
} from '../../src/otp/index.ts';
import { counter, eventually, gate, reasonOf, record } from './support.ts';

/** Answers later, or never. */
const waiter = genServer<{ open: From[] }, { ask: () => string; release: (value: string) => number }>({
  name: 'waiter',
  version: 1,
  init: () => ({ open: [] }),
  handleCall(request, from, state) {
    if (request[0] === 'ask') return noreply({ open: [...state.open, structuredClone(from)] });
    for (const open of state.open) replyTo(open, request[1]);
    return reply(state.open.length, { open: [] });
  },
});

describe('messages', () => {
  test('a call is answered and moves the state; a cast and an info move it too', async () => {
    const table = new ProcessTable();
    const pid = await table.start(counter, { args: { from: 10 } });
    expect(pid).toMatch(/^<0\.\d+\.0>$/);
    expect(table.whereis('counter')).toBe(pid);
    expect(await table.call('counter', ['increment'])).toEqual({ count: 11 });
    table.cast('counter', ['bump', 4]);
    table.send('counter', ['add', 5]);
    expect(await table.call('counter', ['get'])).toEqual({ count: 20 });
  });

  test('messages of one sender are handled in order, one at a time, async handlers too', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const slow = genServer<null, { work: (id: number) => number }>({
      name: 'slow',
      version: 1,
      init: async () => null,
      async handleCall([, id], _from, state) {
        log.push(`begin ${id}`);
        await new Promise((resolve) => setImmediate(resolve));
        log.push(`end ${id}`);
        return reply(id, state);
      },
    });
    await table.start(slow);
    const answers = await Promise.all([1, 2, 3].map((id) => table.call('slow', ['work', id])));
    expect(answers).toEqual([1, 2, 3]);
    expect(log).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3']);
  });

  test('the functions of the module use the default table outside, and the own table inside of a server', async () => {
    const table = new ProcessTable();
    const asker = genServer<null, { ask: () => { count: number } }>({
      name: 'asker',
      version: 1,
      init: () => null,
      async handleCall(_request, _from, state) {
        await Promise.resolve();
        return reply(await call(counter, ['increment']), state);
      },
    });
    await table.start(counter, { args: { from: 100 } });
    await table.start(asker);
    await processes.start(counter);
    try {
      expect(await call(counter, ['increment'])).toEqual({ count: 1 });
      cast(counter, ['bump', 1]);
      send('counter', ['add', 1]);
      expect(await call('counter', ['get'])).toEqual({ count: 3 });
      expect(await table.call('asker', ['ask'])).toEqual({ count: 101 });
    } finally {
      await processes.stop('counter');
    }
  });

  test('a call can be answered later, from a copy of its `from`', async () => {
    const table = new ProcessTable();
    await table.start(waiter);
    const asked = [table.call('waiter', ['ask']), table.call('waiter', ['ask'])];
    expect(await table.call('waiter', ['release', 'now'])).toBe(2);
    expect(await Promise.all(asked)).toEqual(['now', 'now']);
  });

  test('a flood of messages between servers lets timers through', async () => {
    const table = new ProcessTable();
    let beaten = false;
    let rounds = 0;
    const pingPong = (name: string, other: string) =>
      genServer<null>({
        name,
        version: 1,
        init: () => null,
        handleCall: (_request, _from, state) => noreply(state),
        handleInfo(_message, state) {
          rounds += 1;
          if (!beaten && rounds < 1_000_000) send(other, 'ball');
          return noreply(state);
        },
      });
    await table.start(pingPong('ping', 'pong'));
    await table.start(pingPong('pong', 'ping'));
    table.send('ping', 'ball');
    await eventually(() => rounds > 4096, 'many rounds, seen from a timer');
    beaten = true;
    expect(rounds).toBeLessThan(1_000_000);
  });
});

test('a ping is answered by the process in its turn, unseen by the callbacks', async () => {
  const table = new ProcessTable();
  const { opened, open } = gate();
  const order: string[] = [];
  const mute = genServer<null, { work: () => null }>({
    name: 'mute',
    version: 1,
    init: () => null,
    async handleCall(request, _from, state) {
      await opened;
      order.push(request[0]);
      return reply(null, state);
    },
  });
  await table.start(mute);
  const worked = table.call('mute', ['work']);
  const pinged = table.ping('mute').then(() => order.push('pong'));
  open();
  await Promise.all([worked, pinged]);
  expect(order).toEqual(['work', 'pong']);
  expect(await reasonOf(table.ping('nobody'))).toBe('{noproc, nobody}');
});

describe('calls that fail', () => {
  test('noproc, timeout and the server that calls itself', async () => {
    const table = new ProcessTable();
    await table.start(waiter);
    expect(await reasonOf(table.call('nobody', ['x']))).toBe('{noproc, nobody}');
    expect(await reasonOf(table.call('Odd name', ['x']))).toBe("{noproc, 'Odd name'}");
    expect(await reasonOf(table.call('waiter', ['ask'], 10))).toBe('{timeout, waiter}');
    const narcissus = genServer<null, { ask: () => string }>({
      name: 'narcissus',
      version: 1,
      init: () => null,
      handleCall: async (_request, _from, state) => reply(await reasonOf(call('narcissus', ['ask'])), state),
    });
    await table.start(narcissus);
    expect(await table.call('narcissus', ['ask'])).toBe('{calling_self, narcissus}');
  });

  test('each call has its own deadline, and an answer that comes late is dropped', async () => {
    const table = new ProcessTable();
    await table.start(waiter);
    const long = table.call('waiter', ['ask'], 60_000);
    const short = table.call('waiter', ['ask'], 5);
    const infinite = table.call('waiter', ['ask'], Number.POSITIVE_INFINITY);
    expect(await reasonOf(short)).toBe('{timeout, waiter}');
    expect(await table.call('waiter', ['release', 'late'])).toBe(3);
    expect(await long).toBe('late');
    expect(await infinite).toBe('late');
  });

  test('a second call times out after a first one was answered in time', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    await table.start(waiter);
    expect(await table.call('counter', ['get'], 5)).toEqual({ count: 0 });
    expect(await reasonOf(table.call('waiter', ['ask'], 30))).toBe('{timeout, waiter}');
    expect(await reasonOf(table.call('waiter', ['ask'], 5))).toBe('{timeout, waiter}');
  });

  test('callers get the reason when the server dies: at work, in the mailbox, and with an answer owed', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    await table.start(waiter);
    const calls = [table.call('counter', ['crash', 'no']), table.call('counter', ['get'])];
    expect(await Promise.all(calls.map(reasonOf))).toEqual(['{type_error, "no"}', '{type_error, "no"}']);
    expect(table.whereis('counter')).toBeUndefined();
    expect(await reasonOf(table.call('counter', ['get']))).toBe('{noproc, counter}');
    const owed = table.call('waiter', ['ask']);
    await eventually(() => table.info('waiter')?.handled === 1, 'the call is taken');
    await table.stop('waiter', 'enough');
    expect(await reasonOf(owed)).toBe('enough');
  });

  test.each([
    [
      'throws synchronously',
      () => {
        throw new Error('boom');
      },
      '{error, "boom"}',
    ],
    ['rejects', async () => Promise.reject(new RangeError('late')), '{range_error, "late"}'],
    [
      'throws what is no error',
      () => {
        throw 'text';
      },
      '{error, "text"}',
    ],
    ['returns nonsense', () => 42 as never, '{bad_return_value, broken}'],
  ])('a handler that %s ends its process with that reason', async (_what, handleCall, reason) => {
    const table = new ProcessTable();
    const ends: string[] = [];
    const broken = genServer<null, { x: () => never }>({
      name: 'broken',
      version: 1,
      init: () => null,
      handleCall,
      terminate: (why) => void ends.push(why),
    });
    await table.start(broken);
    expect(await reasonOf(table.call('broken', ['x']))).toBe(reason);
    expect(ends).toEqual([reason]);
  });

  test('a cast without handleCast ends the process; an info without handleInfo is dropped', async () => {
    const table = new ProcessTable();
    const exits: string[] = [];
    table.onChange((change) => change.type === 'exited' && exits.push(change.reason));
    await table.start(waiter);
    table.send('waiter', 'anything');
    expect(await table.call('waiter', ['release', ''])).toBe(0);
    table.cast('waiter', ['anything']);
    await eventually(() => exits.length > 0, 'the process ends');
    expect(exits).toEqual(['{undef, handle_cast}']);
  });
});

describe('start and end', () => {
  test('a name is taken once, and free again after the end', async () => {
    const table = new ProcessTable();
    const seen = record(table);
    await table.start(counter);
    expect(await reasonOf(table.start(counter))).toBe('{already_started, counter}');
    await table.start(counter, { name: 'other' });
    expect(await table.call('counter', ['quit', 'normal'])).toBe('bye');
    expect(table.whereis('counter')).toBeUndefined();
    await table.start(counter);
    expect(seen).toEqual([
      'registered counter',
      'registered other',
      'unregistered counter',
      'exited counter',
      'registered counter',
    ]);
  });

  test('a failing init rejects the start, and calls that waited for it', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const stillborn = genServer<null, { x: () => never }>({
      name: 'stillborn',
      version: 1,
      init: async () => {
        await opened;
        throw new Error('no disk');
      },
      handleCall: (_request, _from, state) => noreply(state),
    });
    const started = reasonOf(table.start(stillborn));
    const called = reasonOf(table.call('stillborn', ['x']));
    open();
    expect(await started).toBe('{error, "no disk"}');
    expect(await called).toBe('{error, "no disk"}');
    expect(table.list()).toEqual([]);
  });

  test('stop without a value fails the call with the reason; terminate runs before the answer', async () => {
    const table = new ProcessTable();
    const log: string[] = [];
    const quitter = genServer<{ n: number }, { quit: () => never }>({
      name: 'quitter',
      version: 1,
      init: () => ({ n: 1 }),
      handleCall: (_request, _from, state) => stop('enough', { n: state.n + 1 }),
      terminate: async (reason, { n }) => {
        await Promise.resolve();
        log.push(`${reason} ${n}`);
      },
    });
    await table.start(quitter);
    expect(await reasonOf(table.call('quitter', ['quit']))).toBe('enough');
    expect(log).toEqual(['enough 2']);
  });

  test('a server that does not end in time is killed, and what it does later is ignored', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const stuck = genServer<null, { hang: () => string }>({
      name: 'stuck',
      version: 1,
      init: () => null,
      handleCall: async (_request, _from, state) => {
        await opened;
        return reply('too late', state);
      },
    });
    await table.start(stuck);
    const hung = reasonOf(table.call('stuck', ['hang']));
    await eventually(() => table.info('stuck')?.status === 'running', 'the call is taken');
    await table.stop('stuck', 'normal', 5);
    expect(await hung).toBe('killed');
    open();
    await table.start(counter, { name: 'stuck' });
    expect(await table.call('stuck', ['increment'])).toEqual({ count: 1 });
  });

  test('resumed runs at the start too: it is where a server takes what is exclusive', async () => {
    const table = new ProcessTable();
    const server = genServer<{ port: string }, { get: () => string }>({
      name: 'exclusive',
      version: 1,
      init: () => ({ port: 'none' }),
      resumed: async () => ({ port: 'taken' }),
      handleCall: (_request, _from, state) => reply(state.port, state),
    });
    await table.start(server);
    expect(await table.call('exclusive', ['get'])).toBe('taken');
  });
});

describe('timers, monitors and the list', () => {
  test('timers send infos to their process and end with it', async () => {
    const table = new ProcessTable();
    const beats: unknown[] = [];
    const beating = genServer<{ interval: string }, { stopBeating: () => boolean[] }>({
      name: 'beating',
      version: 1,
      init: () => {
        sendAfter(1, 'once');
        cancelTimer(sendAfter(1, 'never'));
        return { interval: sendInterval(2, 'beat') };
      },
      handleCall: (_request, _from, state) =>
        reply([cancelTimer(state.interval), cancelTimer(state.interval)], state),
      handleInfo(message, state) {
        beats.push(message);
        return noreply(state);
      },
    });
    await table.start(beating);
    await eventually(() => beats.filter((beat) => beat === 'beat').length >= 3, 'three beats');
    expect(beats.filter((beat) => beat === 'once')).toHaveLength(1);
    expect(beats).not.toContain('never');
    expect(await table.call('beating', ['stopBeating'])).toEqual([true, false]);
    expect(() => sendAfter(1, 'x')).toThrow('send_after belongs to a process');
  });

  test('a monitor tells of the end once, and at once of a process that does not exist', async () => {
    const table = new ProcessTable();
    const downs: unknown[] = [];
    const watcher = genServer<null, { watch: (name: string) => string; who: () => string }>({
      name: 'watcher',
      version: 1,
      init: () => null,
      handleCall: (request, _from, state) =>
        reply(request[0] === 'watch' ? monitor(request[1]) : `${self().name} ${self().pid}`, state),
      handleInfo(message, state) {
        downs.push(message);
        return noreply(state);
      },
    });
    const pid = await table.start(watcher);
    await table.start(counter);
    expect(await table.call('watcher', ['who'])).toBe(`watcher ${pid}`);
    const ref = await table.call('watcher', ['watch', 'counter']);
    const missing = await table.call('watcher', ['watch', 'nobody']);
    table.cast('counter', ['crash']);
    await eventually(() => downs.length === 2, 'two DOWN messages');
    expect(downs).toEqual([
      ['DOWN', missing, 'nobody', '{noproc, nobody}'],
      ['DOWN', ref, 'counter', '{error, "cast"}'],
    ]);
  });

  test('the list shows what each process is at', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const busy = genServer<null, { work: () => null }>({
      name: 'busy',
      version: 7,
      init: () => null,
      handleCall: async (_request, _from, state) => {
        await opened;
        return reply(null, state);
      },
    });
    await table.start(counter);
    await table.start(busy);
    await table.call('counter', ['get']);
    const calls = [table.call('busy', ['work']), table.call('busy', ['work'])];
    await eventually(() => table.info('busy')?.status === 'running', 'busy works');
    expect(table.list()).toMatchObject([
      { name: 'counter', kind: 'server', status: 'waiting', mailboxLength: 0, handled: 1, version: 1 },
      { name: 'busy', status: 'running', mailboxLength: 1, handled: 0, current: 'call work', version: 7 },
    ]);
    expect(table.list()[1]?.startedAt).toBeLessThanOrEqual(Date.now());
    open();
    await Promise.all(calls);
  });
});
