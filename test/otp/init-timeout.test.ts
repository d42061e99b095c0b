import { expect, test } from 'vitest';
import { genServer, noreply, type PersistencePort, ProcessTable } from '../../src/otp/index.ts';
import { counter, gate, reasonOf, record } from './support.ts';

const slow = (init: () => unknown, persist = false) =>
  genServer<unknown>({
    name: 'slow',
    version: 1,
    persist,
    init: async () => init(),
    handleCall: (_request, _from, state) => noreply(state),
  });

test('an init that takes longer than its timeout fails the start, and the process is gone', async () => {
  const table = new ProcessTable();
  const seen = record(table);
  const { opened, open } = gate();
  const started = table.start(
    slow(() => opened),
    { timeout: 10 },
  );
  const waiting = table.call('slow', ['x']);
  expect(await reasonOf(started)).toBe('{timeout, slow}');
  await expect(started).rejects.toThrow('did not start within 10 ms');
  expect(await reasonOf(waiting)).toBe('{timeout, slow}');
  expect(table.whereis('slow')).toBeUndefined();
  open();
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['registered slow', 'unregistered slow', 'exited slow']);
  expect(table.list()).toEqual([]);
});

test('the time of a persisted server counts from loading', async () => {
  const never: PersistencePort = { load: () => new Promise(() => {}), save: async () => {} };
  const table = new ProcessTable({ persistence: never });
  expect(
    await reasonOf(
      table.start(
        slow(() => null, true),
        { timeout: 5 },
      ),
    ),
  ).toBe('{timeout, slow}');
});

test('an init in time is not bothered later, and one without a limit may take as long as it likes', async () => {
  const table = new ProcessTable();
  await table.start(counter, { timeout: 1 });
  const { opened, open } = gate();
  const started = table.start(slow(() => opened));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(table.info('counter')).toMatchObject({ status: 'waiting' });
  expect(table.info('slow')).toMatchObject({ status: 'running', current: 'init' });
  open();
  await started;
});
