/**
 * Two processes run two versions of the code on one table, and do everything that can be done with it, at random. What each of them
 * sees and gets is what a plain Map says that follows the rules (note-model.ts), and all indexes agree with all rows.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type Bounds,
  makeHandle,
  noteChains,
  type Operation,
  perform,
  type Row,
  type Single,
  type Version,
} from './fixtures/note-operations.ts';
import { chains } from './fixtures/notes.ts';
import { fixture, later, tempDir } from './helpers.ts';
import { NoteModel } from './note-model.ts';
import { disagreements, openRaw } from './raw-store.ts';

const id = fc.constantFrom('a', 'ab', 'abc', 'b', 'ba', 'c');
const line = fc.constantFrom('', 'x', 'y');
/** Version 3 can't tell a text that ends with a line break from one that does not. */
const text = fc
  .array(line, { minLength: 1, maxLength: 3 })
  .map((lines) => lines.join('\n'))
  .filter((joined) => !joined.endsWith('\n'));
const small = fc.integer({ min: 0, max: 3 });
const tags = fc.array(line, { maxLength: 2 });

const ROWS: Record<Version, fc.Arbitrary<Row>> = {
  1: fc.record({ id, text, count: small }),
  2: fc.record({ id, text, count: small, tags, priority: small }),
  3: fc.record({ id, title: line, body: line, count: small, tags, priority: small }),
};
const VALUES: Record<Version, fc.Arbitrary<string | number>> = { 1: small, 2: small, 3: line };

const optional = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(some, { nil: undefined });
const bounds: fc.Arbitrary<Bounds> = fc.oneof(
  fc.record({ start: optional(id), end: optional(id), reverse: fc.boolean(), limit: optional(small) }),
  fc.record({ prefix: id, reverse: fc.boolean(), limit: optional(small) }),
);

function singleOf(version: Version): fc.Arbitrary<Single> {
  const row = ROWS[version];
  return fc.oneof(
    fc.record({ op: fc.constantFrom('get', 'has', 'delete', 'take'), id }),
    fc.record({ op: fc.constantFrom('put', 'put', 'putNew'), row }),
    fc.record({ op: fc.constant('update'), id, count: small }),
    row.chain((initial) =>
      fc.record({
        op: fc.constant('updateCounter'),
        id: fc.constant(initial.id),
        by: small,
        initial: fc.constant(initial),
      }),
    ),
    fc.record({ op: fc.constant('range'), bounds }),
    fc.record({ op: fc.constant('by'), value: VALUES[version] }),
    fc.constant({ op: 'count' }),
  ) as fc.Arbitrary<Single>;
}

function operationOf(version: Version): fc.Arbitrary<{ version: Version; operation: Operation }> {
  const single = singleOf(version);
  const operation = fc.oneof(
    { weight: 6, arbitrary: single },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('getMany'), ids: fc.array(id, { maxLength: 4 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        op: fc.constant('transaction'),
        all: fc.array(single, { maxLength: 5 }),
        throws: fc.boolean(),
      }),
    },
  ) as fc.Arbitrary<Operation>;
  return operation.map((made) => ({ version, operation: made }));
}

async function startProcess(
  dir: string,
  version: Version,
): Promise<(operation: Operation) => Promise<unknown>> {
  const child: ChildProcess = fork(fixture('versions-process.ts'), [dir, String(version)]);
  later(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  await once(child, 'message');
  return async (operation) => {
    const answered = once(child, 'message');
    child.send(operation);
    const [{ result, error }] = (await answered) as [{ result?: unknown; error?: string }];
    if (error !== undefined) throw new Error(error);
    return result;
  };
}

const PAIRS: readonly (readonly [Version, Version])[] = [
  [1, 2],
  [2, 3],
  [1, 3],
];

it.each(PAIRS)(
  'version %i here and version %i there agree with the model',
  { timeout: 240_000 },
  async (mine, theirs) => {
    const dir = tempDir();
    const raw = await openRaw(dir);
    later(() => raw.store.close());
    const handle = makeHandle(mine);
    await raw.store.attach([handle], noteChains);
    const there = await startProcess(dir, theirs);
    const here = (operation: Operation): Promise<unknown> => perform(raw.store, handle, operation);
    const steps = fc.array(fc.oneof(operationOf(mine), operationOf(theirs)), { maxLength: 25 });
    const everything: Operation = { op: 'range', bounds: {} };

    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const model = new NoteModel();
        raw.store.refresh();
        await raw.store.transaction((within) => {
          for (const row of within(handle).range()) within(handle).delete(row.id);
        });
        for (const { version, operation } of all) {
          const result = await (version === mine ? here : there)(operation);
          expect(result).toEqual(model.perform(version, operation));
        }
        expect(await here(everything)).toEqual(model.all(mine));
        expect(await there(everything)).toEqual(model.all(theirs));
        expect(await raw.store.rowsPerVersion('notes')).toEqual(model.versions);
        expect(await disagreements(raw, chains)).toEqual([]);
      }),
      { numRuns: 100, seed: 1 },
    );
  },
);
