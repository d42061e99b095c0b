import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { genServer, noreply, ProcessTable } from '../../src/otp/index.ts';
import { inspect } from '../../src/runner/inspect.ts';
import { Budget, plainCopy } from '../../src/runner/plain.ts';
import { openStore, table } from '../../src/tables/index.ts';

const BYTES = 1024 * 1024;

describe('a plain copy', () => {
  it('can be sent, whatever it is a copy of', () => {
    const cyclic: Record<string, unknown> = {
      name: 'a',
      run: () => 1,
      at: new Date(0),
      sum: 1n,
      key: Symbol('s'),
    };
    cyclic.self = cyclic;
    cyclic.more = new Map<unknown, unknown>([[cyclic, new Set([cyclic])]]);
    cyclic.error = new TypeError('x');
    const copy = plainCopy(cyclic, new Budget(BYTES));
    expect(() => serialize(copy)).not.toThrow();
    expect(copy).toMatchObject({
      name: 'a',
      run: '[Function: run]',
      sum: 1n,
      key: 'Symbol(s)',
      self: '...',
      error: 'TypeError: x',
    });
    let deep: unknown = {};
    for (let depth = 0; depth < 100_000; depth++) deep = { deep };
    expect(JSON.stringify(plainCopy(deep, new Budget(BYTES)))).toMatch(/"\.\.\."\}+$/);
  });

  it('is equal to data, and stays within its bytes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(plainCopy(value, new Budget(BYTES))).toEqual(value);
        const small = JSON.stringify(plainCopy(value, new Budget(100)));
        expect(small?.length ?? 0).toBeLessThan(1_000);
      }),
    );
    const long = plainCopy(['x'.repeat(1_000), 'y'], new Budget(100)) as string[];
    expect(long).toEqual([`${'x'.repeat(84)}...`, '...']);
  });
});

describe('a table', () => {
  it('is told in part, and how much there is besides', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'inspect-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const rows = table<{ id: number; text: string }, number>({
      name: 'rows',
      version: 1,
      key: 'id',
      storage: 'ram',
    });
    const store = await openStore({ dir });
    onTestFinished(() => store.close());
    await store.attach([rows]);
    await Promise.all(Array.from({ length: 3_000 }, (_, id) => rows.put({ id, text: 'x'.repeat(id % 50) })));
    const inspected = {
      processes: new ProcessTable(),
      table: (name: string) => (name === 'rows' ? rows : undefined),
    };
    const ask = (limit: number, bytes: number) =>
      inspect({ what: 'rows', name: 'rows', limit, bytes }, inspected);
    const first = await ask(1_000, BYTES);
    expect(first).toMatchObject({ found: true, more: 2_000 });
    expect(first.values.slice(0, 2)).toEqual([
      { id: 0, text: '' },
      { id: 1, text: 'x' },
    ]);
    const few = await ask(1_000, 1_000);
    expect(few.values.length).toBeGreaterThan(1);
    expect(few.values.length + few.more).toBe(3_000);
    expect((await ask(1_000, 1)).values, 'one row at least').toHaveLength(1);
    expect(await inspect({ what: 'row', name: 'rows', key: 7, bytes: BYTES }, inspected)).toEqual({
      found: true,
      values: [{ id: 7, text: 'x'.repeat(7) }],
      more: 0,
    });
    expect((await inspect({ what: 'row', name: 'rows', key: -7, bytes: BYTES }, inspected)).values).toEqual(
      [],
    );
    expect((await inspect({ what: 'rows', name: 'none', limit: 1, bytes: 1 }, inspected)).found).toBe(false);
  });
});

describe('a server', () => {
  it('tells its state, or is not there', async () => {
    const processes = new ProcessTable();
    const counter = genServer<{ count: number; free: () => number }>({
      name: 'counter',
      version: 1,
      init: () => ({ count: 3, free: () => 1 }),
      handleCall: (_request, _from, state) => noreply(state),
    });
    await processes.start(counter);
    const inspected = { processes, table: () => undefined };
    const { values } = await inspect({ what: 'state', name: 'counter', bytes: BYTES }, inspected);
    expect(values).toEqual([{ count: 3, free: '[Function: free]' }]);
    const told = await inspect({ what: 'status', name: 'counter', bytes: BYTES }, inspected);
    expect(told.values).toEqual([expect.objectContaining({ name: 'counter', status: 'running' })]);
    await expect(inspect({ what: 'state', name: 'nobody', bytes: BYTES }, inspected)).rejects.toMatchObject({
      reason: '{noproc, nobody}',
    });
  });
});
