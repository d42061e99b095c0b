import { copy, isFields, same } from './data.ts';
import { mergeFields } from './merge.ts';
import { lost } from './misfit.ts';

/**
 * A lens as its steps take it: `up` and `down` are properties, so that the compiler lets nothing but `Older` and `Newer` pass.
 * Every step made here keeps `put(down(n), n) = n`, and either `down(put(o, n)) = o` or throws.
 */
export interface Step<Older, Newer> {
  readonly up: (older: Older) => Newer;
  readonly down: (newer: Newer) => Older;
  readonly put?: (older: Older, newer: Newer) => Newer;
}

/** Any step or lens, whatever its types. */
export interface SomeStep {
  readonly up: (older: never) => unknown;
  readonly down: (newer: never) => unknown;
  readonly put?: (older: never, newer: never) => unknown;
}

/** A step whose types are no longer known. */
export type AnyStep = Required<Step<unknown, unknown>>;

/** On the functions of a step: what they were made of, since closures of one combinator all have the same text. */
const MADE = Symbol.for('erlmcp.lens.made');

type Direction = 'up' | 'down' | 'put';
interface Made {
  readonly direction: Direction;
  readonly parts: readonly unknown[];
}

const madeOf = (part: unknown): Made | undefined => (part as { readonly [MADE]?: Made } | undefined)?.[MADE];

/** @param parts name of the combinator and what it was given: data, functions, and the parts of other steps */
export function made(parts: readonly unknown[], step: AnyStep): AnyStep {
  for (const direction of ['up', 'down', 'put'] as const) {
    Object.defineProperty(step[direction], MADE, { value: { direction, parts } satisfies Made });
  }
  return Object.freeze(step);
}

/** A step that loses nothing in either direction has but one way to be written back. */
export const isomorphism = (
  parts: readonly unknown[],
  up: (row: unknown) => unknown,
  down: (row: unknown) => unknown,
): AnyStep => made(parts, { up: (row) => up(row), down: (row) => down(row), put: (older) => up(older) });

/**
 * What tells a lens from another: its own functions, and for what combinators made, their parts.
 * `lens` may mix both, as `{ ...lens(…), put }` does.
 */
export function partsOf(lens: SomeStep): readonly unknown[] {
  const functions = [lens.up, lens.down, lens.put];
  const [up, down, put] = functions.map(madeOf);
  const whole = up?.direction === 'up' && down?.direction === 'down' && put?.direction === 'put';
  if (whole && up.parts === down.parts && up.parts === put.parts) return up.parts;
  return functions.map((part) => madeOf(part) ?? part).map((part) => (isMade(part) ? describe(part) : part));
}

const isMade = (part: unknown): part is Made => isFields(part);
const describe = ({ direction, parts }: Made): readonly unknown[] => [direction, parts];

/** What becomes of an older value that is written where no newer one stands. */
export function created(lens: AnyStep, older: unknown): unknown {
  const newer = lens.up(older);
  if (!same(lens.down(newer), older)) throw lost(older);
  return newer;
}

/** A lens of the author's own as a step: on copies, since nobody says that it leaves its arguments as they are. */
export function completed(lens: SomeStep): AnyStep {
  const { up, down, put } = lens as Step<unknown, unknown>;
  if (put !== undefined && madeOf(put) !== undefined) return { up, down, put };
  const safe = { up: (older: unknown) => up(copy(older)), down: (newer: unknown) => down(copy(newer)) };
  return {
    ...safe,
    put: (older, newer) =>
      put === undefined ? putByRule(safe, older, newer) : put(copy(older), copy(newer)),
  };
}

function putByRule(lens: Step<unknown, unknown>, older: unknown, newer: unknown): unknown {
  const before = lens.down(newer);
  if (same(before, older)) return newer;
  const [wanted, was] = [lens.up(older), lens.up(before)];
  return isFields(wanted) && isFields(was) && isFields(newer)
    ? mergeFields(wanted, was, newer, same)
    : wanted;
}
