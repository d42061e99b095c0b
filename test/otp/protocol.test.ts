import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  at,
  call,
  cast,
  exit,
  genServer,
  link,
  type Pid,
  ProcessTable,
  Registry,
  type ReplyOf,
  type RequestOf,
  reply,
  sys,
  via,
} from '../../src/otp/index.ts';
import { type CounterCalls, counter, reasonOf } from './support.ts';

/** An interface works as well as a type alias. */
interface StoreCalls {
  put(key: string, value: number): boolean;
  find(key: string): Promise<number | undefined>;
}

const store = genServer<Map<string, number>, StoreCalls>({
  name: 'store',
  version: 1,
  init: () => new Map(),
  handleCall: (request, _from, state) =>
    request[0] === 'put'
      ? reply(true, new Map(state).set(request[1], request[2]))
      : reply(state.get(request[1]), state),
});

describe('the types of a protocol', () => {
  test('a request infers its reply', () => {
    expectTypeOf<ReplyOf<CounterCalls['increment']>>().toEqualTypeOf<{ count: number }>();
    expectTypeOf(() => call(counter, ['increment'])).returns.toEqualTypeOf<Promise<{ count: number }>>();
    expectTypeOf(() => call(counter, ['quit', 'normal'])).returns.toEqualTypeOf<Promise<'bye'>>();
    expectTypeOf(() => call(store, ['find', 'a'])).returns.toEqualTypeOf<Promise<number | undefined>>();
    expectTypeOf(() => call('counter', ['increment'])).returns.toEqualTypeOf<Promise<unknown>>();
    expectTypeOf<RequestOf<{ add: (n: number) => void }>>().toEqualTypeOf<readonly ['add', n: number]>();
  });

  test('a wrong request does not compile', async () => {
    const wrong: (() => unknown)[] = [
      // @ts-expect-error no such request
      () => call(counter, ['decrement']),
      // @ts-expect-error an argument is missing
      () => call(counter, ['add']),
      // @ts-expect-error an argument of the wrong type
      () => call(counter, ['add', 'two']),
      // @ts-expect-error an argument too many
      () => call(counter, ['increment', 1]),
      // @ts-expect-error a call is no cast
      () => cast(counter, ['increment']),
      // @ts-expect-error a server that takes no casts
      () => cast(store, ['bump', 1]),
      () =>
        genServer<number, { get: () => number }>({
          name: 'wrong',
          version: 1,
          init: () => 0,
          // @ts-expect-error a reply of the wrong type
          handleCall: (_request, _from, state) => reply('text', state),
        }),
    ];
    // Each is refused by the compiler; none needs to run.
    expect(wrong).toHaveLength(7);
  });

  test('a pid and a key of a registry are typed by the definition beside them, and untyped without', () => {
    const pid: Pid = '<0.1.0>';
    const table = new ProcessTable();
    const room = via(new Registry({ name: 'rooms', keys: 'unique', table }), 'lobby');
    expectTypeOf(() => call(at(counter, pid), ['increment'])).returns.toEqualTypeOf<
      Promise<{ count: number }>
    >();
    expectTypeOf(() => call(at(store, room), ['put', 'a', 1])).returns.toEqualTypeOf<Promise<boolean>>();
    expectTypeOf(() => call(pid, ['anything', 1])).returns.toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(() => call(room, ['anything', 1])).returns.toEqualTypeOf<Promise<unknown>>();
    const wrong: (() => unknown)[] = [
      // @ts-expect-error no such request
      () => call(at(counter, pid), ['decrement']),
      // @ts-expect-error an argument of the wrong type
      () => call(at(store, room), ['put', 'a', 'one']),
      // @ts-expect-error a server that takes no casts
      () => cast(at(store, pid), ['bump', 1]),
      // @ts-expect-error a request is a tuple that begins with its name
      () => call(pid, 'increment'),
      // @ts-expect-error a key is no object
      () => via(new Registry({ name: 'other', keys: 'unique' }), { id: 1 }),
      // @ts-expect-error keys are unique or duplicate
      () => new Registry({ name: 'other', keys: 'many' }),
      // @ts-expect-error a number is no address
      () => link(1),
      // @ts-expect-error a reason is text
      () => exit(pid, new Error('no')),
      // @ts-expect-error new code is a definition
      () => sys.changeCode(pid, { name: 'x' }, 1),
    ];
    expect(wrong).toHaveLength(9);
  });

  test('a registry has typed values', () => {
    const registry = new Registry<{ size: number }>({
      name: 'sizes',
      keys: 'unique',
      table: new ProcessTable(),
    });
    expectTypeOf(registry.lookup('a')).toEqualTypeOf<
      { readonly pid: Pid; readonly value: { size: number } }[]
    >();
    const wrong: (() => unknown)[] = [
      // @ts-expect-error the value is missing
      () => registry.register('a'),
      // @ts-expect-error a value of the wrong type
      () => registry.register('a', { size: 'large' }),
    ];
    expect(wrong).toHaveLength(2);
  });

  test('what compiles runs', async () => {
    const table = new ProcessTable();
    await table.start(store);
    expect(await table.call('store', ['put', 'a', 1])).toBe(true);
    expect(await table.call('store', ['find', 'a'])).toBe(1);
    expect(await reasonOf(call(store, ['find', 'a']))).toBe('{noproc, store}');
  });
});
