import { describe, expect, test } from 'vitest';
import {
  call,
  genServer,
  monitor,
  noreply,
  ProcessTable,
  reply,
  Supervisor,
  self,
} from '../../src/otp/index.ts';
import { counter, eventually, joinedTables, reasonOf, record } from './support.ts';

describe('pids', () => {
  test('the first number is that of the table: of its runner id, or as given, else 0', async () => {
    const pidIn = (table: ProcessTable) => table.start(counter);
    expect(await pidIn(new ProcessTable())).toBe('<0.1.0>');
    expect(await pidIn(new ProcessTable({ origin: 'r3' }))).toBe('<3.1.0>');
    expect(await pidIn(new ProcessTable({ origin: 'host', node: 7 }))).toBe('<7.1.0>');
    const later = new ProcessTable();
    later.connect({ origin: 'r12' });
    expect(await pidIn(later)).toBe('<12.1.0>');
  });

  test('a table that has handed out pids can not be given another number', async () => {
    const table = new ProcessTable();
    await table.start(counter);
    expect(() => table.connect({ origin: 'r2' })).toThrow('{late_connect, r2}');
    table.connect({ origin: 'host' });
    expect(table.origin).toBe('host');
  });

  test('a list is in order of age also beyond nine', async () => {
    const table = new ProcessTable();
    for (let n = 1; n <= 11; n += 1) await table.start(counter, { name: `c${n}` });
    expect(table.list().map(({ name }) => name)).toEqual(Array.from({ length: 11 }, (_, n) => `c${n + 1}`));
  });

  test('a process without a name is reached by its pid, and several of one definition run side by side', async () => {
    const table = new ProcessTable();
    const seen = record(table);
    const [a, b] = [await table.start(counter, { name: null }), await table.start(counter, { name: null })];
    expect(a).not.toBe(b);
    await table.call(a, ['add', 5]);
    table.cast(a, ['bump', 1]);
    table.send(a, ['add', 1]);
    expect(await table.call(a, ['get'])).toEqual({ count: 7 });
    expect(await table.call(b, ['get'])).toEqual({ count: 0 });
    expect(table.info(a)).toMatchObject({ name: a, pid: a, kind: 'server' });
    expect(table.whereis('counter')).toBeUndefined();
    await table.stop(a);
    expect(await reasonOf(table.call(a, ['get']))).toBe(`{noproc, ${a}}`);
    // It has no name that a listener could be told of.
    expect(seen).toEqual([`exited ${a}`]);
  });

  test('a process with a name is reached by its pid too', async () => {
    const table = new ProcessTable();
    const pid = await table.start(counter);
    expect(await table.call(pid, ['increment'])).toEqual({ count: 1 });
    expect(table.whereis(pid)).toBe(pid);
    await table.ping(pid);
  });

  test('a monitor on a pid fires when that process ends, also when it has a name', async () => {
    const table = new ProcessTable();
    const seen: unknown[] = [];
    const watcher = genServer<null, { watch: (pid: string) => string; who: () => string }>({
      name: 'watcher',
      version: 1,
      init: () => null,
      handleCall: (request, _from, state) =>
        reply(request[0] === 'who' ? self().name : monitor(request[1]), state),
      handleInfo(message, state) {
        seen.push(message);
        return noreply(state);
      },
    });
    const watching = await table.start(watcher, { name: null });
    const pid = await table.start(counter);
    const ref = await table.call(watching, ['watch', pid]);
    await table.stop('counter', 'bye');
    await eventually(() => seen.length === 1, 'DOWN');
    expect(seen).toEqual([['DOWN', ref, pid, 'bye']]);
    expect(await table.call(watching, ['who'])).toBe(watching);
  });
});

describe('a hand-over', () => {
  const tree = (table: ProcessTable) =>
    new Supervisor({ name: 'sup', children: [{ id: 'counter', start: counter }] }, { table });

  test('keeps the pid, there and back; messages to the pid follow', async () => {
    const { old, next } = joinedTables();
    await tree(old).start();
    const pid = old.whereis('counter')!;
    await old.suspend({ deadlineMs: 1000 });
    const adopted = new Map(structuredClone(old.snapshot()).map((each) => [each.name, each]));
    expect(adopted.get('counter')).toMatchObject({ pid });
    await tree(next).start({ adopted, suspended: true });
    old.markMoved();
    await next.resume();
    expect(next.whereis('counter')).toBe(pid);
    expect(await old.call(pid, ['increment'])).toEqual({ count: 1 });
    expect(await next.call(pid, ['increment'])).toEqual({ count: 2 });
    await next.suspend({ deadlineMs: 1000 });
    await old.takeBack(structuredClone(next.snapshot()));
    next.markMoved();
    await old.resume();
    expect(old.whereis('counter')).toBe(pid);
    expect(await next.call(pid, ['get'])).toEqual({ count: 2 });
  });

  test('a snapshot of an older runtime, which knows no pids, is adopted under a new one', async () => {
    const { old, next } = joinedTables();
    await old.start(counter);
    await old.suspend({ deadlineMs: 1000 });
    const [{ name, version, state, mailbox, timers, monitors, deferred }] = structuredClone(
      old.snapshot(),
    ) as [ReturnType<typeof old.snapshot>[number]];
    const adopted = { name, version, state, mailbox, timers, monitors, deferred };
    expect(await next.start(counter, { adopted })).toBe('<1.1.0>');
  });

  test('a pid that lives elsewhere is called through the remote port', async () => {
    const { old, next } = joinedTables();
    const pid = await next.start(counter, { name: null });
    const asker = genServer<null, { ask: (pid: string) => unknown }>({
      name: 'asker',
      version: 1,
      init: () => null,
      handleCall: async ([, target], _from, state) => reply(await call(target, ['increment']), state),
    });
    await old.start(asker);
    expect(await old.call('asker', ['ask', pid])).toEqual({ count: 1 });
    expect(await reasonOf(old.call('<1.99.0>', ['get']))).toBe('{noproc, <1.99.0>}');
  });
});
