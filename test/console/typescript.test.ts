import { describe, expect, it } from 'vitest';
import { testConsole } from './support.ts';

/** Short, so that tests of expressions that never end do not take long; long enough for a process to start on a busy machine. */
const LIMITS = { runMs: 300, settleMs: 40_000 };

describe('TypeScript', () => {
  it('runs with the functions of the console, awaits, and keeps what it declares', async () => {
    const { ask } = testConsole();
    expect((await ask('m.status()')).text).toBe("{ status: 'idle', target: undefined }");
    expect((await ask('const info: { size: number } = await ets.info("t"); info.size')).value).toBe(3);
    expect((await ask('info')).value).toEqual({ name: 't', size: 3 });
    expect((await ask('const info = 5 as number; info + 1')).value).toBe(6);
    expect((await ask('class A { x = 1 }')).text).toBe('');
    expect((await ask('new A()')).text).toBe('A { x: 1 }');
    expect((await ask('{ a: 1, b: [2] }')).value).toEqual({ a: 1, b: [2] });
    expect((await ask('{ let a = 1; a + 1 }')).value).toBe(2);
    expect((await ask('console.log("one", 2); 3')).text).toBe('one 2\n3');
    expect((await ask('[1n, -0, NaN, Symbol.iterator, () => 1]')).text).toContain(
      '[ 1n, -0, NaN, Symbol(Symbol.iterator)',
    );
    expect((await ask('10n ** 20n')).value).toBe('100000000000000000000');
    expect((await ask('m.echo([1, "a", true, { k: [2.5] }])')).value).toEqual([1, 'a', true, { k: [2.5] }]);
  });

  it.each([
    ['foo(1', 64, '{error, "SyntaxError"}'],
    ['foo bar', 64, '{error, "SyntaxError"}'],
    ['enum E { A }', 64, '{error, "SyntaxError"}'],
    ['nope', 1, '{error, "ReferenceError"}'],
    ['Status', 1, '{error, "ReferenceError"}'],
    ['throw new RangeError("too\\nfar")', 1, '{error, "RangeError"}'],
    ['throw 5', 1, '{error, "Thrown"}'],
    ['throw undefined', 1, '{error, "Thrown"}'],
    ['Promise.reject(new TypeError("x"))', 1, '{error, "TypeError"}'],
    ['await m.fail()', 1, '{error, "{error, \\"enoent\\"}"}'],
    ['await m.refuse()', 1, '{error, "{timeout, counter}"}'],
    ['m.nothing()', 1, '{error, "TypeError"}'],
    ['process.exit(0)', 1, '{error, "ReferenceError"}'],
  ])('that fails says why in one line: %s', async (expression, exitCode, reason) => {
    const { ask } = testConsole();
    const { error } = await ask(expression);
    expect(error).toMatchObject({ exitCode, reason });
    expect(error?.message).not.toContain('\n');
    expect((await ask('1 + 1')).value).toBe(2);
  });

  it('that loops is cut, and the variables stay', async () => {
    const { ask } = testConsole(LIMITS);
    await ask('const kept = 1');
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const looped = await ask('while (true) {}');
    clearInterval(counting);
    expect(looped.error).toMatchObject({ reason: '{timeout, 300}', exitCode: 124 });
    expect(turns, 'the node goes on meanwhile').toBeGreaterThan(10);
    expect((await ask('kept')).value).toBe(1);
  });

  it.each([
    ['a promise that never settles', 'await new Promise(() => {})'],
    ['a function that gives no answer', 'm.hang()'],
    ['a loop of microtasks', '(async () => { while (true) await null })()'],
  ])('that waits for ever is given up: %s', async (_what, expression) => {
    const { ask } = testConsole({ ...LIMITS, settleMs: 3_000 });
    await ask('const kept = 1');
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const waited = await ask(expression);
    clearInterval(counting);
    expect(waited.error).toMatchObject({ reason: '{timeout, 3000}', exitCode: 124 });
    expect(waited.error?.remedy).toContain('forgotten');
    expect(turns, 'the node goes on meanwhile').toBeGreaterThan(10);
  });

  it('that takes all memory ends its own process only', async () => {
    const { ask } = testConsole({ settleMs: 20_000, runMs: 20_000, memoryMb: 32 });
    const { error } = await ask('const all = []; while (true) all.push(new Array(100_000).fill(all.length))');
    expect(error?.message).toContain('memory');
    expect((await ask('1 + 1')).value).toBe(2);
  });

  it('that leaves something behind does no harm', async () => {
    const { ask } = testConsole();
    expect((await ask('void Promise.reject(new Error("left")); 1')).value).toBe(1);
    expect((await ask('queueMicrotask(() => { throw new Error("left") }); 2')).value).toBe(2);
    expect((await ask('delete Object.prototype.toString; delete (globalThis as any).console; 3')).value).toBe(
      3,
    );
    expect((await ask('4')).value).toBe(4);
  });

  it('prints no more than it may', async () => {
    const { ask } = testConsole({ maxText: 1_000 });
    expect((await ask('for (let i = 0; i < 1e5; i++) console.log(i)')).text.length).toBeLessThanOrEqual(
      1_000,
    );
    expect((await ask('"x".repeat(1e6)')).text.length).toBeLessThan(1_100);
    expect((await ask(`m:echo("${'x'.repeat(5_000)}").`)).text).toMatch(
      /\n\.\.\. and 4002 more characters\.$/,
    );
  });
});
