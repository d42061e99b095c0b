import { describe, expect, test } from 'vitest';
import { genServer, noreply, ProcessTable } from '../../src/otp/index.ts';
import { sizeOf } from '../../src/otp/size-of.ts';

describe('sizeOf', () => {
  test('a string takes a byte per character, or two where one lies beyond latin1', () => {
    const empty = sizeOf('')!;
    expect(sizeOf('x'.repeat(1000))! - empty).toBe(1000);
    expect(sizeOf('é'.repeat(1000))! - empty).toBe(1000);
    expect(sizeOf('€'.repeat(1000))! - empty).toBe(2000);
  });

  test('buffers take what they hold', () => {
    const small = sizeOf(Buffer.alloc(0))!;
    expect(sizeOf(Buffer.alloc(5000))! - small).toBe(5000);
    expect(sizeOf(new Float64Array(100))! - small).toBe(800);
    expect(sizeOf(new ArrayBuffer(64))! - small).toBe(64);
  });

  test.each([
    ['an array', (part: unknown) => [part]],
    ['an object', (part: unknown) => ({ part })],
    ['a Map', (part: unknown) => new Map([['key', part]])],
    ['a Map by its key', (part: unknown) => new Map([[part, 'value']])],
    ['a Set', (part: unknown) => new Set([part])],
  ])('%s takes what its parts take, and more', (_name, wrap) => {
    const difference = sizeOf(wrap('x'.repeat(500)))! - sizeOf(wrap(''))!;
    expect(difference).toBe(500);
    expect(sizeOf(wrap(''))!).toBeGreaterThan(sizeOf('')!);
  });

  test('what is held twice counts once, and a circle ends', () => {
    const text = { text: 'x'.repeat(1000) };
    expect(sizeOf([text, text])!).toBeLessThan(2 * sizeOf(text)!);
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(sizeOf(circle)).toBeGreaterThan(0);
  });

  test('up to ten thousand values are visited, and more are not counted', () => {
    expect(sizeOf(new Array(9_000).fill(1))).toBeGreaterThan(9_000);
    expect(sizeOf(new Array(10_001).fill(1))).toBeUndefined();
    expect(sizeOf(new Set(new Array(10_001).keys()))).toBeUndefined();
    const deep = Array.from({ length: 200 }, () => new Array(200).fill(1));
    expect(sizeOf(deep)).toBeUndefined();
  });

  test('other values are counted, whatever they are', () => {
    for (const value of [null, undefined, 1, true, Symbol('x'), 10n, new Date(), /x/, () => 1])
      expect(sizeOf(value)).toBeGreaterThanOrEqual(0);
  });
});

test('a process tells its memory when it is asked for: of its state and of its mailbox', async () => {
  const table = new ProcessTable();
  const keeper = genServer<string, { keep: (text: string) => void }, { keep: (text: string) => void }>({
    name: 'keeper',
    version: 1,
    init: () => '',
    handleCall: (_request, _from, state) => noreply(state),
    handleCast: ([, text]) => noreply(text),
  });
  await table.start(keeper);
  const bytes = () => table.info('keeper', { memory: true })?.memoryBytes ?? Number.NaN;
  const before = bytes();
  table.cast('keeper', ['keep', 'x'.repeat(2000)]);
  expect(bytes() - before).toBeGreaterThanOrEqual(2000);
  await table.ping('keeper');
  expect(bytes() - before).toBe(2000);
  expect(table.list({ memory: true })[0]).toMatchObject({ memoryBytes: bytes() });
  expect(table.info('keeper')).not.toHaveProperty('memoryBytes');
});
