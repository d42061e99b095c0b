import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  genServer,
  noreply,
  type PersistencePort,
  ProcessTable,
  processes,
  reply,
  stop,
  sys,
  type TraceEvent,
} from '../../src/otp/index.ts';
import {
  type CounterCalls,
  type CounterCasts,
  type CounterState,
  counter,
  eventually,
  gate,
  joinedTables,
  reasonOf,
} from './support.ts';

afterEach(async () => {
  for (const { name } of processes.list()) await processes.stop(name);
});

describe('sys', () => {
  test('getState and replaceState', async () => {
    await processes.start(counter);
    expect(await sys.getState(counter)).toEqual({ count: 0 });
    const doubled = await sys.replaceState(counter, ({ count }: CounterState) => ({ count: count + 21 }));
    expect(doubled).toEqual({ count: 21 });
    expect(await processes.call('counter', ['get'])).toEqual({ count: 21 });
    const failed = sys.replaceState(counter, () => {
      throw new TypeError('no');
    });
    expect(await reasonOf(failed)).toBe('{type_error, "no"}');
    expect(await reasonOf(sys.replaceState('counter', () => Promise.reject(new Error('later'))))).toBe(
      '{error, "later"}',
    );
    expect(await processes.call('counter', ['get'])).toEqual({ count: 21 });
    expect(processes.info('counter')).toMatchObject({ handled: 2, status: 'waiting' });
  });

  test('a replaced state of a persisted server is saved', async () => {
    const saved: unknown[] = [];
    const port: PersistencePort = {
      load: async () => undefined,
      save: async (_name, _version, state) => void saved.push(state),
    };
    const table = new ProcessTable({ persistence: port });
    const kept = genServer<{ n: number }>({
      name: 'kept',
      version: 1,
      persist: true,
      init: () => ({ n: 1 }),
      handleCall: (_request, _from, state) => noreply(state),
    });
    await table.start(kept);
    await table.system('kept', ['replace_state', () => ({ n: 2 })]);
    expect(saved).toEqual([{ n: 2 }]);
  });

  test('getStatus', async () => {
    const pid = await processes.start(counter);
    await processes.call(pid, ['increment']);
    expect(await sys.getStatus(pid)).toEqual({
      pid,
      name: 'counter',
      version: 1,
      status: 'running',
      parent: undefined,
      trapExit: false,
      links: [],
      mailboxLength: 0,
      handled: 1,
      tracing: false,
      state: { count: 1 },
    });
  });

  test('errors come by name', async () => {
    expect(await reasonOf(sys.getState('nobody'))).toBe('{noproc, nobody}');
    const { opened, open } = gate();
    const stuck = genServer<null, { wait: () => null }>({
      name: 'stuck',
      version: 1,
      init: () => null,
      handleCall: async (_request, _from, state) => {
        await opened;
        return reply(null, state);
      },
    });
    await processes.start(stuck);
    const waiting = processes.call('stuck', ['wait']);
    expect(await reasonOf(sys.getStatus('stuck', { timeout: 5 }))).toBe('{timeout, stuck}');
    open();
    await waiting;
  });

  test('messages of sys are answered in their turn', async () => {
    const { opened, open } = gate();
    const slow = genServer<{ n: number }, { work: () => number }>({
      name: 'slow',
      version: 1,
      init: () => ({ n: 0 }),
      async handleCall(_request, _from, { n }) {
        await opened;
        return reply(n + 1, { n: n + 1 });
      },
    });
    await processes.start(slow);
    const first = processes.call('slow', ['work']);
    const seen = sys.getState('slow');
    const second = processes.call('slow', ['work']);
    open();
    expect([await first, await seen, await second]).toEqual([1, { n: 1 }, 2]);
  });
});

describe('suspend and resume', () => {
  test('a suspended server answers only sys; what came meanwhile is handled in order afterwards', async () => {
    await processes.start(counter);
    await sys.suspend(counter);
    expect(processes.info('counter')).toMatchObject({ status: 'suspended' });
    const waiting = [processes.call('counter', ['increment']), processes.call('counter', ['increment'])];
    expect(await sys.getStatus(counter)).toMatchObject({ status: 'suspended', mailboxLength: 2, handled: 0 });
    expect(await reasonOf(processes.call('counter', ['get'], 5))).toBe('{timeout, counter}');
    await processes.ping('counter');
    await sys.resume(counter);
    expect(await Promise.all(waiting)).toEqual([{ count: 1 }, { count: 2 }]);
  });

  test('it is a matter of the one process: the table suspends and resumes beside it', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    await table.start(counter, { name: 'other' });
    await table.system('counter', ['suspend']);
    const waiting = table.call('counter', ['increment']);
    await table.suspend({ deadlineMs: 1000 });
    await table.resume();
    expect(await table.call('other', ['increment'])).toEqual({ count: 1 });
    expect(table.info('counter')).toMatchObject({ status: 'suspended', mailboxLength: 1 });
    expect(() => table.snapshot(['counter'])).toThrow('{not_suspended, counter}');
    await table.system('counter', ['resume']);
    expect(await waiting).toEqual({ count: 1 });
  });

  test('a hand-over keeps it, and what waits', async () => {
    const { old, next } = joinedTables();
    await old.start(counter);
    await old.system('counter', ['suspend']);
    const waiting = old.call('counter', ['increment']);
    await old.suspend({ deadlineMs: 1000 });
    const [adopted] = structuredClone(old.snapshot());
    await next.start(counter, { adopted, suspended: true });
    old.markMoved();
    await next.resume();
    expect(await old.system('counter', ['get_status'])).toMatchObject({
      status: 'suspended',
      mailboxLength: 1,
    });
    await old.system('counter', ['resume']);
    expect(await waiting).toEqual({ count: 1 });
  });

  test('a suspended server can be stopped', async () => {
    await processes.start(counter);
    await sys.suspend(counter);
    await processes.stop('counter');
    expect(processes.whereis('counter')).toBeUndefined();
  });
});

describe('what carries a function', () => {
  test('is refused by a server in another table, and by one that is being handed over', async () => {
    const { old, next } = joinedTables();
    await next.start(counter);
    const same = (state: unknown) => state;
    expect(await reasonOf(old.system('counter', ['replace_state', same]))).toBe('{not_local, counter}');
    await next.suspend({ deadlineMs: 1000 });
    const early = reasonOf(next.system('counter', ['replace_state', same]));
    next.snapshot();
    expect(await early).toBe('{not_local, counter}');
    const late = reasonOf(next.system('counter', ['trace', () => {}]));
    next.markMoved();
    expect(await late).toBe('{not_local, counter}');
  });
});

describe('changeCode', () => {
  const byTen = (codeChange?: (old: number, state: unknown) => { count: number; step: number }) =>
    genServer<{ count: number; step: number }, CounterCalls, CounterCasts>({
      name: 'counter',
      version: 2,
      init: () => ({ count: 0, step: 10 }),
      handleCall: (_request, _from, { count, step }) =>
        reply({ count: count + step }, { count: count + step, step }),
      ...(codeChange ? { codeChange } : {}),
    });

  test('puts new code under a suspended server; the state goes through codeChange', async () => {
    const pid = await processes.start(counter, { args: { from: 1 } });
    const next = byTen((old, state) => ({ ...(state as CounterState), step: old * 10 }));
    expect(await reasonOf(sys.changeCode(counter, next, 1))).toBe('{not_suspended, counter}');
    await sys.suspend(counter);
    await sys.changeCode(counter, next, 1);
    await sys.resume(counter);
    expect(await processes.call('counter', ['increment'])).toEqual({ count: 11 });
    expect(processes.info('counter')).toMatchObject({ pid, version: 2 });
  });

  test('a codeChange that fails leaves code and state', async () => {
    await processes.start(counter);
    await sys.suspend(counter);
    const failing = byTen(() => {
      throw new Error('no way');
    });
    expect(await reasonOf(sys.changeCode(counter, failing, 1))).toBe('{error, "no way"}');
    await sys.resume(counter);
    expect(await processes.call('counter', ['increment'])).toEqual({ count: 1 });
    expect(processes.info('counter')).toMatchObject({ version: 1 });
  });
});

describe('trace', () => {
  test('tells of messages, answers and new states, until it is turned off', async () => {
    const events: TraceEvent[] = [];
    const pid = await processes.start(counter);
    await sys.trace(counter, (event) => events.push(event));
    expect(await sys.getStatus(counter)).toMatchObject({ tracing: true });
    await processes.call('counter', ['add', 2]);
    await processes.call('counter', ['get']);
    processes.send('counter', ['add', 1]);
    await sys.trace(counter, false);
    await processes.call('counter', ['get']);
    const of = { pid, name: 'counter' };
    expect(events).toEqual([
      { ...of, type: 'in', kind: 'call', message: ['add', 2] },
      { ...of, type: 'out', reply: { count: 2 } },
      { ...of, type: 'state', state: { count: 2 } },
      { ...of, type: 'in', kind: 'call', message: ['get'] },
      { ...of, type: 'out', reply: { count: 2 } },
      { ...of, type: 'in', kind: 'info', message: ['add', 1] },
      { ...of, type: 'state', state: { count: 3 } },
    ]);
  });

  test('the answer of a stop is told too', async () => {
    const events: TraceEvent[] = [];
    const last = genServer<null, { bye: () => string }>({
      name: 'last',
      version: 1,
      init: () => null,
      handleCall: (_request, _from, state) => stop('normal', state, 'bye'),
    });
    await processes.start(last);
    await sys.trace('last', (event) => events.push(event));
    await processes.call('last', ['bye']);
    expect(events.map(({ type }) => type)).toEqual(['in', 'out']);
  });

  test('a listener that throws is taken off and reported; the process goes on', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await processes.start(counter);
    await sys.trace(counter, () => {
      throw new Error('full');
    });
    expect(await processes.call('counter', ['increment'])).toEqual({ count: 1 });
    expect(await sys.getStatus(counter)).toMatchObject({ tracing: false });
    expect(warned.mock.calls.map(([message]) => message)).toEqual([
      'the trace listener of counter failed and was taken off: full',
    ]);
    warned.mockRestore();
  });

  test('true prints to stderr', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const pid = await processes.start(counter);
    await sys.trace(counter, true);
    await processes.call('counter', ['get']);
    await eventually(() => printed.mock.calls.length === 2, 'in and out');
    expect(printed.mock.calls[0]).toEqual([`*DBG* counter ${pid} in {"kind":"call","message":["get"]}`]);
    printed.mockRestore();
  });
});
