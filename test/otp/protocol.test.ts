import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  call,
  cast,
  genServer,
  ProcessTable,
  type ReplyOf,
  type RequestOf,
  reply,
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

  test('what compiles runs', async () => {
    const table = new ProcessTable();
    await table.start(store);
    expect(await table.call('store', ['put', 'a', 1])).toBe(true);
    expect(await table.call('store', ['find', 'a'])).toBe(1);
    expect(await reasonOf(call(store, ['find', 'a']))).toBe('{noproc, store}');
  });
});
