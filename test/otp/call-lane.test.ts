/** A call to an idle server takes a short way. Whatever comes between its two ends must be as if it had taken the long one. */
import { describe, expect, test } from 'vitest';
import {
  call,
  exit,
  genServer,
  noreply,
  ProcessTable,
  reply,
  replyTo,
  send,
  stop,
} from '../../src/otp/index.ts';
import { counter, gate, reasonOf } from './support.ts';

type Calls = {
  early: () => string;
  twice: () => string;
  die: () => string;
  stop: () => string;
  wrong: () => string;
  promise: () => string;
  later: () => string;
};

const odd = (opened: Promise<void> = Promise.resolve()) =>
  genServer<null, Calls>({
    name: 'odd',
    version: 1,
    init: () => null,
    handleCall([tag], from, state) {
      if (tag === 'early') replyTo(structuredClone(from), 'early');
      if (tag === 'early') return noreply(state);
      if (tag === 'twice') replyTo(from, 'first');
      if (tag === 'twice') return reply('second', state);
      if (tag === 'die') exit('odd', 'enough');
      if (tag === 'stop') return stop('normal', state, 'bye');
      if (tag === 'wrong') return 'wrong' as never;
      return tag === 'promise' ? opened.then(() => reply('opened', state)) : reply('dead', state);
    },
  });

const NOTHING = { pendingCalls: 0, deferredReplies: 0 };

describe('an answer', () => {
  test.each([
    ['early', 'early'],
    ['twice', 'first'],
    ['stop', 'bye'],
    ['promise', 'opened'],
  ] as const)('%s', async (tag, answer) => {
    const table = new ProcessTable();
    await table.start(odd());
    expect(await table.call('odd', [tag])).toBe(answer);
    expect(table.usage()).toMatchObject(NOTHING);
  });

  test.each([
    ['die', 'enough'],
    ['wrong', '{bad_return_value, odd}'],
  ] as const)('%s', async (tag, reason) => {
    const table = new ProcessTable();
    await table.start(odd());
    expect(await reasonOf(table.call('odd', [tag]))).toBe(reason);
    expect(table.usage()).toMatchObject(NOTHING);
  });

  test('is given in the next microtask, never while the call is made', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    const called = table.call('counter', ['increment']);
    expect(table.info('counter')).toMatchObject({ handled: 0 });
    await Promise.resolve();
    expect(table.info('counter')).toMatchObject({ handled: 1, status: 'waiting' });
    expect(await called).toEqual({ count: 1 });
  });
});

describe('between a call and its turn', () => {
  test('other messages wait behind it, in order', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    const first = table.call('counter', ['add', 1]);
    table.cast('counter', ['bump', 10]);
    const second = table.call('counter', ['add', 100]);
    table.send('counter', ['add', 1000]);
    expect([await first, await second]).toEqual([{ count: 1 }, { count: 111 }]);
    expect(await table.call('counter', ['get'])).toEqual({ count: 1111 });
  });

  test('a suspension holds it, in front of what came later', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    const first = table.call('counter', ['add', 1]);
    table.cast('counter', ['bump', 10]);
    await table.suspend({ deadlineMs: 1000 });
    expect(table.snapshot()[0]).toMatchObject({
      mailbox: [{ kind: 'call' }, { kind: 'cast' }],
      state: { count: 0 },
    });
    await table.resume();
    expect(await first).toEqual({ count: 1 });
    expect(await table.call('counter', ['get'])).toEqual({ count: 11 });
  });

  test('an end fails it with the reason', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    const stopped = table.call('counter', ['increment']);
    void table.stop('counter', 'bye');
    expect(await reasonOf(stopped)).toBe('bye');
    await table.start(counter);
    const killed = table.call('counter', ['increment']);
    table.signals.exit('counter', 'kill', 'outside');
    expect(await reasonOf(killed)).toBe('killed');
    expect(table.usage()).toMatchObject(NOTHING);
  });

  test('an end through a slow terminate fails it when that is over', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const slow = genServer<null, { ask: () => null }>({
      name: 'slow',
      version: 1,
      init: () => null,
      handleCall: (_request, _from, state) => reply(null, state),
      terminate: () => opened,
    });
    await table.start(slow);
    const asked = reasonOf(table.call('slow', ['ask']));
    const stopped = table.stop('slow', 'bye');
    open();
    await stopped;
    expect(await asked).toBe('bye');
  });

  test('a call of a server at work counts as work of the one that it is for', async () => {
    const table = new ProcessTable();
    let suspended: Promise<void> | undefined;
    const teller = genServer<null, { tell: () => null }>({
      name: 'teller',
      version: 1,
      init: () => null,
      handleCall(_request, _from, state) {
        // Not waited for: the teller is done before its message is handled.
        void call(counter, ['increment']);
        suspended = table.suspend({ deadlineMs: 1000 });
        return reply(null, state);
      },
    });
    await table.start(teller);
    await table.start(counter);
    await table.call('teller', ['tell']);
    await suspended;
    expect(table.info('counter')).toMatchObject({ status: 'suspended', handled: 1, mailboxLength: 0 });
  });
});

test('a caller that never rests lets timers through', async () => {
  const table = new ProcessTable();
  await table.start(counter);
  let beaten = false;
  setTimeout(() => {
    beaten = true;
  }, 1);
  let calls = 0;
  while (!beaten && calls < 5_000_000) {
    await table.call('counter', ['increment']);
    calls += 1;
  }
  expect(beaten).toBe(true);
});

test('a server calls the next in its handler, and back answers come in the order of the chain', async () => {
  const table = new ProcessTable();
  const link = (n: number) =>
    genServer<null, { down: () => Promise<number> }>({
      name: `s${n}`,
      version: 1,
      init: () => null,
      async handleCall(_request, _from, state) {
        send('counter', ['add', 1]);
        return reply(n === 0 ? 0 : 1 + ((await call(`s${n - 1}`, ['down'])) as number), state);
      },
    });
  await table.start(counter);
  for (let n = 0; n < 50; n += 1) await table.start(link(n));
  expect(await table.call('s49', ['down'])).toBe(49);
  expect(await table.call('counter', ['get'])).toEqual({ count: 50 });
});
