import { describe, expect, test } from 'vitest';
import {
  call,
  cast,
  genServer,
  noreply,
  ProcessTable,
  reply,
  Supervisor,
  sendAfter,
} from '../../src/otp/index.ts';
import { counter, eventually, gate, reasonOf } from './support.ts';

/** Waits at a gate, then calls `next` if there is one. */
function stage(name: string, opened: Promise<void>, next?: string) {
  return genServer<null, { work: () => string }>({
    name,
    version: 1,
    init: () => null,
    async handleCall(_request, _from, state) {
      await opened;
      return reply(next ? `${name} ${await call(next, ['work'])}` : name, state);
    },
  });
}

const isWorking = (table: ProcessTable, name: string) => () => table.info(name)?.status === 'running';

describe('suspend', () => {
  test('an idle table stops at once; messages wait and are handled after resume', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    await table.suspend({ deadlineMs: 1000 });
    expect(table.info('counter')).toMatchObject({ status: 'suspended' });
    const called = table.call('counter', ['increment']);
    table.cast('counter', ['bump', 1]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(table.info('counter')).toMatchObject({ mailboxLength: 2, handled: 0 });
    await table.resume();
    expect(await called).toEqual({ count: 1 });
    expect(await table.call('counter', ['get'])).toEqual({ count: 2 });
    expect(table.stage).toBe('running');
  });

  test('servers that call each other finish first; messages from outside wait meanwhile', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    await table.start(stage('a', opened, 'b'));
    await table.start(stage('b', Promise.resolve(), 'c'));
    await table.start(stage('c', Promise.resolve()));
    const first = table.call('a', ['work']);
    await eventually(isWorking(table, 'a'), 'a works');
    const suspended = table.suspend({ deadlineMs: 5000 });
    let answered = false;
    const second = table.call('b', ['work']).then((answer) => {
      answered = true;
      return answer;
    });
    open();
    await suspended;
    expect(await first).toBe('a b c');
    expect(answered).toBe(false);
    expect(table.info('b')).toMatchObject({ status: 'suspended', mailboxLength: 1, handled: 1 });
    await table.resume();
    expect(await second).toBe('b c');
  });

  test('two servers that call each other at the same time do not deadlock it', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const friend = (name: string, other: string) =>
      genServer<null, { visit: () => string; greet: () => string }>({
        name,
        version: 1,
        init: () => null,
        async handleCall([tag], _from, state) {
          if (tag === 'greet') return reply(`hello from ${name}`, state);
          await opened;
          // Each is at work when the other's call arrives, so both answers come as time-outs or greetings, but they come.
          const greeting = call(other, ['greet'], { timeout: 50 });
          return reply(String(await greeting.catch(({ reason }) => reason)), state);
        },
      });
    await table.start(friend('x', 'y'));
    await table.start(friend('y', 'x'));
    const visits = [table.call('x', ['visit']), table.call('y', ['visit'])];
    await eventually(() => isWorking(table, 'x')() && isWorking(table, 'y')(), 'both work');
    const suspended = table.suspend({ deadlineMs: 5000 });
    open();
    await suspended;
    const answers = await Promise.all(visits);
    expect(answers.every((answer) => /hello from|\{timeout, /.test(String(answer)))).toBe(true);
    // The call that was given up is a server's message: it was handled before the table stopped.
    expect(table.list().map(({ mailboxLength }) => mailboxLength)).toEqual([0, 0]);
  });

  test('casts that a server at work sends are handled before the stop, in a chain too', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    const sender = genServer<null, { go: () => null }, { relay: () => void }>({
      name: 'sender',
      version: 1,
      init: () => null,
      handleCall: async (_request, _from, state) => {
        await opened;
        cast('relay', ['relay']);
        return reply(null, state);
      },
    });
    const relay = genServer<null, Record<never, never>, { relay: () => void }>({
      name: 'relay',
      version: 1,
      init: () => null,
      handleCall: (_request, _from, state) => noreply(state),
      handleCast(_message, state) {
        cast(counter, ['bump', 1]);
        return noreply(state);
      },
    });
    for (const server of [sender, relay, counter]) await table.start(server);
    void table.call('sender', ['go']);
    await eventually(isWorking(table, 'sender'), 'sender works');
    const suspended = table.suspend({ deadlineMs: 5000 });
    table.cast('counter', ['bump', 100]);
    open();
    await suspended;
    expect(table.snapshot(['counter'])[0]).toMatchObject({
      state: { count: 1 },
      mailbox: [{ body: ['bump', 100] }],
    });
  });

  test('what a callback left behind comes from outside: it does not keep the table from resting', async () => {
    const table = new ProcessTable();
    const leaky = genServer<null, { leak: () => null }>({
      name: 'leaky',
      version: 1,
      init: () => null,
      handleCall(_request, _from, state) {
        setTimeout(() => cast(counter, ['bump', 1]), 1);
        return reply(null, state);
      },
    });
    await table.start(leaky);
    await table.start(counter);
    await table.call('leaky', ['leak']);
    await table.suspend({ deadlineMs: 1000 });
    await eventually(() => table.info('counter')?.mailboxLength === 1, 'the late cast waits');
    expect(table.snapshot(['counter'])[0]).toMatchObject({
      state: { count: 0 },
      mailbox: [{ origin: 'outside' }],
    });
  });

  test('a server at work past the deadline is named, not those that wait for it, and all go on', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    await table.start(stage('client', Promise.resolve(), 'culprit'));
    await table.start(stage('culprit', opened));
    await table.start(counter);
    const worked = table.call('client', ['work']);
    await eventually(isWorking(table, 'culprit'), 'culprit works');
    const suspended = table.suspend({ deadlineMs: 20 });
    const waited = table.call('counter', ['increment']);
    await expect(suspended).rejects.toThrow("with 'call work' after 20 ms");
    expect(await reasonOf(suspended)).toBe('{server_busy, culprit}');
    expect(await waited).toEqual({ count: 1 });
    expect(table.stage).toBe('running');
    open();
    expect(await worked).toBe('client culprit');
    await table.suspend({ deadlineMs: 1000 });
    await table.resume();
  });

  test('the end of a server and its restart are waited for', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    let starts = 0;
    const slow = genServer<null, Record<never, never>, { crash: () => void }>({
      name: 'slow',
      version: 1,
      init: async () => {
        starts += 1;
        if (starts === 2) await opened;
        return null;
      },
      handleCall: (_request, _from, state) => noreply(state),
      handleCast: () => {
        throw new Error('crash');
      },
    });
    await new Supervisor({ name: 'sup', children: [{ id: 'slow', start: slow }] }, { table }).start();
    table.cast('slow', ['crash']);
    await eventually(() => starts === 2, 'the restart');
    expect(await reasonOf(table.suspend({ deadlineMs: 10 }))).toBe('{server_busy, slow}');
    const suspended = table.suspend({ deadlineMs: 5000 });
    open();
    await suspended;
    expect(table.list()).toMatchObject([
      { name: 'sup', status: 'suspended' },
      { name: 'slow', status: 'suspended' },
    ]);
  });

  test('a timer that falls due meanwhile fires after resume', async () => {
    const table = new ProcessTable();
    const timed = genServer<number, { get: () => number }>({
      name: 'timed',
      version: 1,
      init: () => {
        sendAfter(20, 'tick');
        return 0;
      },
      handleCall: (_request, _from, state) => reply(state, state),
      handleInfo: (_message, state) => noreply(state + 1),
    });
    await table.start(timed);
    await table.suspend({ deadlineMs: 1000 });
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(table.info('timed')).toMatchObject({ mailboxLength: 0 });
    expect(table.snapshot()[0]?.timers).toMatchObject([{ remainingMs: 0, message: 'tick' }]);
    await table.resume();
    await eventually(() => table.info('timed')?.handled === 1, 'the tick');
    expect(await table.call('timed', ['get'])).toBe(1);
  });
});

describe('hooks and misuse', () => {
  /** Counts what its hooks do. */
  const hooked = (name: string, suspended: () => Promise<void> | void = () => undefined) =>
    genServer<string[], { get: () => string[] }>({
      name,
      version: 1,
      init: () => [],
      handleCall: (_request, _from, state) => reply(state, state),
      suspended: async (state) => {
        await suspended();
        return [...state, 'suspended'];
      },
      resumed: (state) => [...state, 'resumed'],
    });

  test('the hooks run at stage 2 and at resume, and may change the state', async () => {
    const table = new ProcessTable();
    await table.start(hooked('h'));
    await table.suspend({ deadlineMs: 1000 });
    expect(table.snapshot()[0]?.state).toEqual(['resumed', 'suspended']);
    await table.resume();
    expect(await table.call('h', ['get'])).toEqual(['resumed', 'suspended', 'resumed']);
  });

  test('a hook that fails calls the suspension off, and all go on with their states', async () => {
    const table = new ProcessTable();
    await table.start(hooked('fine'));
    await table.start(
      hooked('failing', () => {
        throw new Error('lock lost');
      }),
    );
    const suspended = table.suspend({ deadlineMs: 1000 });
    await expect(suspended).rejects.toThrow('lock lost');
    expect(await reasonOf(suspended)).toBe('{suspend_failed, failing}');
    expect(await table.call('fine', ['get'])).toEqual(['resumed', 'suspended', 'resumed']);
    expect(await table.call('failing', ['get'])).toEqual(['resumed', 'resumed']);
  });

  test('a hook that hangs is named; its server goes on when it is through', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    await table.start(hooked('hanging', () => opened));
    expect(await reasonOf(table.suspend({ deadlineMs: 10 }))).toBe('{server_busy, hanging}');
    const asked = table.call('hanging', ['get']);
    open();
    expect(await asked).toEqual(['resumed', 'suspended', 'resumed']);
  });

  test('a failing resumed hook ends the process, and its supervisor restarts it', async () => {
    const table = new ProcessTable();
    let runs = 0;
    const picky = genServer<null, { get: () => string }>({
      name: 'picky',
      version: 1,
      init: () => null,
      handleCall: (_request, _from, state) => reply('here', state),
      resumed: () => {
        runs += 1;
        if (runs === 2) throw new Error('port taken');
      },
    });
    await new Supervisor({ name: 'sup', children: [{ id: 'picky', start: picky }] }, { table }).start();
    const before = table.whereis('picky');
    await table.suspend({ deadlineMs: 1000 });
    await table.resume();
    await eventually(() => ![undefined, before].includes(table.whereis('picky')), 'a restart');
    expect(await table.call('picky', ['get'])).toBe('here');
  });

  test('suspending twice is refused; resume during stage 1 calls it off; only what is suspended is handed over', async () => {
    const table = new ProcessTable();
    const { opened, open } = gate();
    await table.start(stage('a', opened));
    expect(() => table.snapshot()).toThrow('{not_suspended, a}');
    const worked = table.call('a', ['work']);
    await eventually(isWorking(table, 'a'), 'a works');
    const suspended = reasonOf(table.suspend({ deadlineMs: 60_000 }));
    expect(await reasonOf(table.suspend({ deadlineMs: 1 }))).toBe('already_suspended');
    await table.resume();
    expect(await suspended).toBe('suspend_aborted');
    open();
    expect(await worked).toBe('a');
    await table.suspend({ deadlineMs: 1000 });
    expect(() => table.markMoved(['a'])).toThrow('{no_snapshot, a}');
    expect(() => table.snapshot(['nobody'])).toThrow('{noproc, nobody}');
  });
});
