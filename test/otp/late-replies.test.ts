import { describe, expect, test } from 'vitest';
import { call, type From, genServer, noreply, ProcessTable, reply, replyTo } from '../../src/otp/index.ts';
import { PendingCalls } from '../../src/otp/pending-calls.ts';
import { eventually, gate, joinedTables, reasonOf } from './support.ts';

const NOTHING = {
  pendingCalls: 0,
  deferredReplies: 0,
  monitors: 0,
  linkedProcesses: 0,
  registeredProcesses: 0,
};

/** Answers when it is told to, late or never. */
const tardy = (opened: Promise<void> = Promise.resolve()) =>
  genServer<{ open: From[] }, { ask: () => string; work: () => string }, { answer: (value: string) => void }>(
    {
      name: 'tardy',
      version: 1,
      init: () => ({ open: [] }),
      async handleCall(request, from, state) {
        if (request[0] === 'ask') return noreply({ open: [...state.open, from] });
        await opened;
        return reply('late', state);
      },
      handleCast([, value], { open }) {
        for (const from of open) replyTo(from, value);
        return noreply({ open: [] });
      },
    },
  );

describe('a call that timed out leaves nothing behind', () => {
  test('when the handler replies later', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    await table.start(tardy(opened));
    expect(await reasonOf(table.call('tardy', ['work'], 5))).toBe('{timeout, tardy}');
    expect(table.usage()).toEqual(NOTHING);
    open();
    await eventually(() => table.info('tardy')?.handled === 1, 'the late reply');
    expect(table.usage()).toEqual(NOTHING);
  });

  test('when the server took it with noreply, and answers later or never', async () => {
    const table = new ProcessTable();
    await table.start(tardy());
    expect(await reasonOf(table.call('tardy', ['ask'], 5))).toBe('{timeout, tardy}');
    expect(table.usage()).toEqual(NOTHING);
    const next = table.call('tardy', ['ask']);
    table.cast('tardy', ['answer', 'both']);
    expect(await next).toBe('both');
    expect(table.usage()).toEqual(NOTHING);
  });

  test('when it still waited in the mailbox', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    await table.start(tardy(opened));
    const first = table.call('tardy', ['work']);
    expect(await reasonOf(table.call('tardy', ['ask'], 5))).toBe('{timeout, tardy}');
    open();
    expect(await first).toBe('late');
    await eventually(() => table.info('tardy')?.handled === 2, 'the call that was given up is handled');
    expect(table.usage()).toEqual(NOTHING);
  });

  test('when the server lives in another table: neither side keeps it', async () => {
    const { old, next } = joinedTables();
    await next.start(tardy());
    expect(await reasonOf(old.call('tardy', ['ask'], 20))).toBe('{timeout, tardy}');
    expect(old.usage()).toEqual(NOTHING);
    await eventually(() => next.usage().deferredReplies === 0, 'the other side forgets it');
    next.cast('tardy', ['answer', 'nobody']);
    await eventually(() => next.info('tardy')?.handled === 2, 'the late reply');
    expect(old.usage()).toEqual(NOTHING);
  });

  test('no late reply comes to the caller as a message', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const seen: unknown[] = [];
    const asker = genServer<null, { ask: () => string }>({
      name: 'asker',
      version: 1,
      init: () => null,
      async handleCall(_request, _from, state) {
        const answer = call('tardy', ['work'], { timeout: 5 });
        return reply(await reasonOf(answer), state);
      },
      handleInfo(message, state) {
        seen.push(message);
        return noreply(state);
      },
    });
    await table.start(tardy(opened));
    await table.start(asker);
    expect(await table.call('asker', ['ask'])).toBe('{timeout, tardy}');
    open();
    await eventually(() => table.info('tardy')?.handled === 1, 'the late reply');
    await table.ping('asker');
    expect(seen).toEqual([]);
  });
});

describe('the calls that a table waits for', () => {
  const from = (calls: PendingCalls) => ({ origin: 'o', ref: calls.nextRef() });

  test('more of them than the ring has places are kept apart', async () => {
    const calls = new PendingCalls(() => {});
    const answers = Array.from({ length: 3000 }, () => {
      const id = from(calls);
      return { id, answer: calls.open(id, 's', Number.POSITIVE_INFINITY, undefined) };
    });
    expect(calls.size).toBe(3000);
    expect(answers.every(({ id }) => calls.has(id.ref))).toBe(true);
    for (const { id } of answers.toReversed()) calls.resolve(id.ref, id.ref);
    calls.resolve(answers[0]!.id.ref, 'again');
    expect(await Promise.all(answers.map(({ answer }) => answer))).toEqual(answers.map(({ id }) => id.ref));
    expect(calls.size).toBe(0);
    expect(calls.has(answers[2000]!.id.ref)).toBe(false);
  });

  test('limits of a second and more are kept too, and the shorter ones are not held up by them', async () => {
    const given: string[] = [];
    const calls = new PendingCalls((_from, address) => given.push(address));
    const long = calls.open(from(calls), 'long', 1000, undefined);
    const short = calls.open(from(calls), 'short', 5, undefined);
    expect(await reasonOf(short)).toBe('{timeout, short}');
    expect(given).toEqual(['short']);
    expect(await reasonOf(long)).toBe('{timeout, long}');
    expect(given).toEqual(['short', 'long']);
    expect(calls.size).toBe(0);
  });
});
