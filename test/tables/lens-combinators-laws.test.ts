/** The laws of lenses, for random chains of combinators and random rows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { structuredEqual } from '../../src/tables/equal.ts';
import { LensChain } from '../../src/tables/index.ts';
import { Misfit } from '../../src/tables/lenses/index.ts';
import {
  addedPaths,
  Decisions,
  firstShape,
  type RandomStep,
  randomLens,
  rowOf,
  type Shape,
} from './fixtures/random-lens.ts';

type Row = Record<string, unknown>;
interface Case {
  made: RandomStep;
  older: Row;
  newer: Row;
}

const RUNS = { numRuns: 300 };
const decisions = fc.array(fc.nat({ max: 9_999 }), { minLength: 4, maxLength: 60 });

const aLens: fc.Arbitrary<Case> = decisions.chain((numbers) => {
  const decide = new Decisions(numbers);
  const from = firstShape(decide);
  const made = randomLens(decide, from, 2);
  return fc.record({ made: fc.constant(made), older: rowOf(from), newer: rowOf(made.shape) });
});

const same = (actual: unknown, wanted: unknown): void => {
  if (!structuredEqual(actual, wanted)) expect(actual).toEqual(wanted);
};

/** Undefined where the newer version has no place for what the older row holds. */
function written(action: () => Row, lossy: boolean): Row | undefined {
  try {
    return action();
  } catch (error) {
    if (lossy && error instanceof Misfit && error.message.includes('has no place for')) return undefined;
    throw error;
  }
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

const at = (row: unknown, path: readonly string[]): unknown =>
  path.reduce((value, name) => (value as Row | undefined)?.[name], row);

describe('a lens of random combinators', { timeout: 120_000 }, () => {
  it('brings a row there and back unchanged, unless a step loses', () => {
    let checked = 0;
    fc.assert(
      fc.property(aLens, ({ made: { lens, lossy }, older }) => {
        const back = lens.down(lens.up(older));
        if (lossy) return;
        same(back, older);
        checked++;
      }),
      RUNS,
    );
    expect(checked).toBeGreaterThan(RUNS.numRuns / 4);
  });

  it('gives back what was written (PutGet), or refuses to write', () => {
    let refused = 0;
    fc.assert(
      fc.property(aLens, ({ made: { lens, lossy }, older, newer }) => {
        const result = written(() => lens.put(older, newer), lossy);
        if (result === undefined) refused++;
        else same(lens.down(result), older);
      }),
      RUNS,
    );
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(RUNS.numRuns / 2);
  });

  it('changes nothing where nothing was changed (GetPut)', () => {
    fc.assert(
      fc.property(aLens, ({ made: { lens }, newer }) => {
        same(lens.put(lens.down(newer), newer), newer);
      }),
      RUNS,
    );
  });

  it('keeps what the older version does not know', () => {
    let kept = 0;
    fc.assert(
      fc.property(aLens, ({ made: { lens, lossy, shape }, older, newer }) => {
        const result = written(() => lens.put(older, newer), lossy);
        if (result === undefined) return;
        for (const path of addedPaths(shape)) {
          same(at(result, path), at(newer, path));
          kept++;
        }
      }),
      RUNS,
    );
    expect(kept).toBeGreaterThan(RUNS.numRuns / 4);
  });

  it('changes none of its arguments, and gives equal results for equal ones', () => {
    fc.assert(
      fc.property(aLens, ({ made: { lens, lossy }, older, newer }) => {
        const run = (): unknown => [
          lens.up(frozen(older)),
          lens.down(frozen(newer)),
          written(() => lens.put(frozen(older), frozen(newer)), lossy),
        ];
        const first = JSON.stringify(run());
        expect(JSON.stringify(run())).toBe(first);
      }),
      RUNS,
    );
  });

  it('is made of every combinator', () => {
    const names = new Set<string>();
    const sample = fc.sample(aLens, { numRuns: 400, seed: 1 });
    for (const { made } of sample) for (const name of made.names) names.add(name);
    expect([...names].sort()).toEqual([
      'add',
      'addComputed',
      'addOptional',
      'convertLevel',
      'convertLossy',
      'convertNumber',
      'each',
      'head',
      'hoist',
      'hoistPartly',
      'inside',
      'nest',
      'nestPartly',
      'remove',
      'removeOptional',
      'rename',
      'wrap',
      'wrapEmpty',
    ]);
  });
});

interface ChainCase {
  chain: LensChain;
  lossy: boolean;
  rows: Row[];
}

/** Three to five versions of one table, and a row of each. */
const aChain: fc.Arbitrary<ChainCase> = fc
  .tuple(decisions, fc.integer({ min: 2, max: 4 }))
  .chain(([numbers, count]) => {
    const decide = new Decisions(numbers);
    const shapes: Shape[] = [firstShape(decide)];
    const steps: RandomStep[] = [];
    for (let version = 0; version < count; version++) {
      const step = randomLens(decide, shapes.at(-1) ?? {}, 2);
      steps.push(step);
      shapes.push(step.shape);
    }
    const chain = new LensChain({ name: 't', key: 'id' }, [
      { version: 1 },
      ...steps.map(({ lens }, index) => ({ version: index + 2, lens })),
    ]);
    const rows = fc.tuple(...shapes.map(rowOf)).map((list) => list.map((row) => ({ ...row, id: 'k' })));
    return fc.record({
      chain: fc.constant(chain),
      lossy: fc.constant(steps.some((step) => step.lossy)),
      rows,
    });
  });

describe('a chain of versions', { timeout: 120_000 }, () => {
  it('shows rows of the first as the last, and back, with their key', () => {
    fc.assert(
      fc.property(aChain, ({ chain, lossy, rows: [row = {}] }) => {
        const newest = chain.view(row, 1, chain.newest);
        expect((newest as Row).id).toBe('k');
        if (!lossy) same(chain.view(newest, chain.newest, 1), row);
      }),
      { numRuns: 200 },
    );
  });

  it('writes rows of the first over those of the last', () => {
    let written = 0;
    fc.assert(
      fc.property(aChain, ({ chain, lossy, rows }) => {
        const [older = {}, newer = {}] = [rows[0], rows.at(-1)];
        same(chain.putBack(chain.view(newer, chain.newest, 1), 1, newer, chain.newest), newer);
        if (lossy) return;
        same(chain.view(chain.putBack(older, 1, newer, chain.newest), chain.newest, 1), older);
        written++;
      }),
      { numRuns: 200 },
    );
    expect(written).toBeGreaterThan(50);
  });
});
