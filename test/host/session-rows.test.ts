/** The removal of what ended sessions have left, against a real store of tables and a runner that deletes as it is told. */
import { expect, it } from 'vitest';
import { SessionRows } from '../../src/host/index.ts';
import { table } from '../../src/tables/index.ts';
import { tempDir, tempStore } from '../tables/helpers.ts';

const rows = table<{ session: string }, string>({
  name: 'session.draft',
  version: 3,
  key: 'session',
  storage: 'disc',
});
const notes = table<{ id: string }, string>({ name: 'notes', version: 1, key: 'id', storage: 'disc' });

const idOf = (at: number): string => `s${String(at).padStart(5, '0')}`;

/** Every third of `count` sessions has not ended. */
async function nodeWith(count: number) {
  const dir = tempDir();
  const [writer, reader] = [await tempStore({ dir }), await tempStore({ dir, asyncOnly: true })];
  await writer.attach([rows, notes]);
  await Promise.all(
    Array.from({ length: count }, (_, at) =>
      Promise.all([rows.put({ session: idOf(at) }), notes.put({ id: idOf(at) })]),
    ),
  );
  const asked: string[][] = [];
  const warnings: string[] = [];
  const runner = {
    state: 'serving',
    fails: false,
    call: async (_name: string, { ids }: { ids: string[] }) => {
      asked.push(ids);
      if (runner.fails) throw new Error('it has ended');
      return { rows: await writer.deleteKeys('session.draft', ids) };
    },
  };
  const fleet: { active: unknown; runners: Set<unknown> } = { active: runner, runners: new Set([runner]) };
  const sweeper = new SessionRows(
    reader,
    { has: (id) => Number(id.slice(1)) % 3 === 0 },
    fleet as never,
    { info: () => {}, error: () => {}, warn: (text: string) => warnings.push(text) } as never,
  );
  return { sweeper, asked, warnings, runner, fleet };
}

it('takes the rows of all sessions that are not there any more, however many, and no others', async () => {
  const { sweeper, asked } = await nodeWith(1_600);
  await Promise.all([sweeper.sweep(), sweeper.sweep()]);
  expect(rows.count()).toBe(534);
  expect([...rows.range()].every(({ session }) => Number(session.slice(1)) % 3 === 0)).toBe(true);
  expect(asked.flat()).toHaveLength(1_066);
  expect(notes.count()).toBe(1_600);
});

it('tries again after a runner has failed, and waits for one that serves', async () => {
  const { sweeper, warnings, runner, fleet } = await nodeWith(6);
  runner.fails = true;
  await sweeper.sweep();
  expect(warnings).toEqual(['States of ended sessions could not be removed: it has ended']);
  fleet.active = undefined;
  await sweeper.sweep();
  expect(rows.count()).toBe(6);
  Object.assign(fleet, { active: runner });
  runner.fails = false;
  await sweeper.sweep();
  expect(rows.count()).toBe(2);
});

it('tells each runner that may have written of a session that ends, and none that is stopped', async () => {
  const { sweeper, asked, runner, fleet } = await nodeWith(1);
  fleet.runners = new Set([
    runner,
    { ...runner, state: 'lingering' },
    { ...runner, state: 'parked' },
    { ...runner, state: 'loaded' },
  ]);
  sweeper.forget('s1');
  expect(asked).toEqual([['s1'], ['s1']]);
});
