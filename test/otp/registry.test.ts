import { describe, expect, test } from 'vitest';
import {
  at,
  call,
  cast,
  ExitError,
  genServer,
  noreply,
  ProcessTable,
  Registry,
  type RegistryKey,
  type RegistryKeys,
  reply,
  Supervisor,
  via,
} from '../../src/otp/index.ts';
import { counter, eventually, joinedTables, reasonOf } from './support.ts';

type Calls = {
  register: (key: RegistryKey, value?: unknown) => 'ok';
  unregister: (key: RegistryKey) => number;
  count: () => number;
};

/** Registers itself as it is told, and counts the messages that it gets. */
const member = (registry: Registry, name = 'member') =>
  genServer<{ got: number }, Calls, { end: () => void }>({
    name,
    version: 1,
    init: () => ({ got: 0 }),
    handleCall(request, _from, state) {
      if (request[0] === 'count') return reply(state.got, state);
      if (request[0] === 'unregister') return reply(registry.unregister(request[1]), state);
      registry.register(request[1], request[2]);
      return reply('ok' as const, state);
    },
    handleCast() {
      throw new ExitError('oops');
    },
    handleInfo: (_message, { got }) => noreply({ got: got + 1 }),
  });

async function setUp(keys: RegistryKeys, members = ['a', 'b']) {
  const table = new ProcessTable();
  const registry = new Registry({ name: 'rooms', keys, table });
  for (const name of members) await table.start(member(registry), { name });
  return { table, registry, pidOf: (name: string) => table.whereis(name)! };
}

describe('unique keys', () => {
  test('an entry is found by its key, and refused to a second process, which ends by name', async () => {
    const { table, registry, pidOf } = await setUp('unique');
    const a = pidOf('a');
    await table.call('a', ['register', 'lobby', { size: 3 }]);
    expect(registry.lookup('lobby')).toEqual([{ pid: a, value: { size: 3 } }]);
    expect(registry.lookup('cellar')).toEqual([]);
    const refused = table.call('b', ['register', 'lobby']);
    expect(await reasonOf(refused)).toBe(`{already_registered, ${a}}`);
    await expect(refused).rejects.toThrow('{via, rooms, "lobby"} is taken');
  });

  test('keys are told apart by value and type', async () => {
    const { table, registry } = await setUp('unique');
    const keys: RegistryKey[] = ['1', 1, true, ['1'], [1, ['x', 2]]];
    for (const key of keys) await table.call('a', ['register', key, JSON.stringify(key)]);
    for (const key of keys) expect(registry.lookup(structuredClone(key))[0]?.value).toBe(JSON.stringify(key));
    expect(registry.count()).toBe(5);
    expect(registry.keysOf(table.whereis('a')!)).toEqual(keys);
  });

  test('an entry vanishes when its process ends, or takes it out', async () => {
    const { table, registry } = await setUp('unique');
    await table.call('a', ['register', 'lobby']);
    await table.call('b', ['register', 'cellar']);
    expect(await table.call('b', ['unregister', 'cellar'])).toBe(1);
    expect(await table.call('b', ['unregister', 'lobby'])).toBe(0);
    table.cast('a', ['end']);
    await eventually(() => table.whereis('a') === undefined, 'the end');
    expect([registry.count(), table.usage().registeredProcesses]).toEqual([0, 0]);
    await table.call('b', ['register', 'lobby']);
    expect(registry.count()).toBe(1);
  });
});

describe('duplicate keys', () => {
  test('any number of processes share a key, and dispatch reaches all', async () => {
    const { table, registry, pidOf } = await setUp('duplicate', ['a', 'b', 'c']);
    for (const name of ['a', 'b']) await table.call(name, ['register', 'lobby', name]);
    await table.call('a', ['register', 'lobby', 'twice']);
    expect(registry.lookup('lobby')).toEqual([
      { pid: pidOf('a'), value: 'a' },
      { pid: pidOf('b'), value: 'b' },
      { pid: pidOf('a'), value: 'twice' },
    ]);
    expect(registry.keysOf(pidOf('a'))).toEqual(['lobby', 'lobby']);
    registry.dispatch('lobby', (entries) => {
      for (const { pid } of entries) table.send(pid, 'hello');
    });
    registry.dispatch('empty', () => expect.unreachable());
    expect(await Promise.all(['a', 'b', 'c'].map((name) => table.call(name, ['count'])))).toEqual([2, 1, 0]);
    expect(await table.call('a', ['unregister', 'lobby'])).toBe(2);
    expect(registry.count()).toBe(1);
  });

  test('via is refused: a key may stand for several', async () => {
    const { registry } = await setUp('duplicate');
    expect(() => via(registry, 'lobby')).toThrow('{not_unique, rooms}');
  });
});

describe('via', () => {
  test('stands wherever a name can: start, call, cast, monitor, whereis', async () => {
    const table = new ProcessTable();
    const registry = new Registry({ name: 'rooms', keys: 'unique', table });
    const room = via(registry, 'lobby');
    const pid = await table.start(counter, { name: room.name, args: { from: 7 } });
    expect(registry.lookup('lobby')).toEqual([{ pid, value: undefined }]);
    expect(table.info(pid)).toMatchObject({ name: pid });
    const user = genServer<null, { use: () => unknown }>({
      name: 'user',
      version: 1,
      init: () => null,
      async handleCall(_request, _from, state) {
        cast(at(counter, room), ['bump', 1]);
        return reply([await call(room, ['increment']), await call(at(counter, room), ['get'])], state);
      },
    });
    await table.start(user);
    expect(await table.call('user', ['use'])).toEqual([{ count: 9 }, { count: 9 }]);
    expect(table.whereis(room.name)).toBe(pid);
    expect(await reasonOf(table.start(counter, { name: room.name }))).toBe(
      '{already_started, {via, rooms, "lobby"}}',
    );
    expect(await reasonOf(table.call(via(registry, 'attic').name, ['get']))).toBe(
      '{noproc, {via, rooms, "attic"}}',
    );
  });

  test('a start under a key of a registry that does not exist says so', async () => {
    const name = '{via, nowhere, "x"}';
    expect(await reasonOf(new ProcessTable().start(counter, { name }))).toBe(`{noproc, ${name}}`);
  });

  test('the entry is there before init runs, and gone when init fails', async () => {
    const table = new ProcessTable();
    const registry = new Registry({ name: 'rooms', keys: 'unique', table });
    let seen = 0;
    const failing = genServer<null>({
      name: 'failing',
      version: 1,
      init() {
        seen = registry.count();
        throw new Error('no');
      },
      handleCall: (_request, _from, state) => noreply(state),
    });
    expect(await reasonOf(table.start(failing, { name: via(registry, 1).name }))).toBe('{error, "no"}');
    expect([seen, registry.count()]).toEqual([1, 0]);
  });
});

test('two registries of a table have two names; registering belongs to a process of that table', async () => {
  const { table, registry } = await setUp('unique');
  expect(() => new Registry({ name: 'rooms', keys: 'unique', table })).toThrow('{already_started, rooms}');
  expect(() => registry.register('x')).toThrow("call it in a server's callback");
  const stranger = new ProcessTable();
  await stranger.start(member(registry));
  expect(await reasonOf(stranger.call('member', ['register', 'x']))).toBe('{wrong_table, rooms}');
});

describe('a hand-over', () => {
  const tree = (table: ProcessTable, registry: Registry) =>
    new Supervisor({ name: 'sup', children: [{ id: 'm', start: member(registry) }] }, { table });

  test('moves the entries with their process, there and back; the side that is left still finds the way', async () => {
    const { old, next } = joinedTables();
    const [here, there] = [old, next].map((table) => new Registry({ name: 'rooms', keys: 'unique', table }));
    await tree(old, here!).start();
    await old.call('member', ['register', 'lobby', { size: 1 }]);
    const entry = [{ pid: old.whereis('member'), value: { size: 1 } }];
    await old.suspend({ deadlineMs: 1000 });
    const adopted = new Map(structuredClone(old.snapshot()).map((each) => [each.name, each]));
    await tree(next, there!).start({ adopted, suspended: true });
    old.markMoved();
    await next.resume();
    expect(there!.lookup('lobby')).toEqual(entry);
    next.send(via(there!, 'lobby').name, 'hello');
    expect(await old.call(via(here!, 'lobby').name, ['count'])).toBe(1);
    // A key that came later is known there only, and found from here.
    await next.call('member', ['register', 'cellar']);
    expect(await old.call(via(here!, 'cellar').name, ['count'])).toBe(1);

    await next.suspend({ deadlineMs: 1000 });
    await old.takeBack(structuredClone(next.snapshot()));
    next.markMoved();
    await old.resume();
    expect(here!.lookup('lobby')).toEqual(entry);
    expect(here!.count()).toBe(2);
    old.cast('member', ['end']);
    await eventually(() => here!.count() === 0, 'the entries vanish');
  });

  test('entries of a registry that the new release has not are kept for the next one', async () => {
    const { old, next } = joinedTables();
    const here = new Registry({ name: 'rooms', keys: 'duplicate', table: old });
    await tree(old, here).start();
    await old.call('member', ['register', 'lobby', 1]);
    await old.suspend({ deadlineMs: 1000 });
    const adopted = new Map(structuredClone(old.snapshot()).map((each) => [each.name, each]));
    await tree(next, here).start({ adopted, suspended: true });
    old.markMoved();
    await next.resume();
    await next.suspend({ deadlineMs: 1000 });
    expect(next.snapshot()[0]).toMatchObject({
      registrations: [{ registry: 'rooms', keys: 'duplicate', key: 'lobby', value: 1 }],
    });
  });
});
