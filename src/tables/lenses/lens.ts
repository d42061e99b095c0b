import type { Lens } from '../types.ts';
import type { Differing } from './row-types.ts';
import { type AnyStep, completed, made, partsOf, type SomeStep, type Step } from './step.ts';

/** What is shown in place of a lens where steps do not lead to the row that is declared. */
export interface NotReached<Newer, Reached, Fields> {
  readonly declared: Newer;
  readonly reached: Reached;
  readonly differing: Fields;
}

type Reaching<Older, Reached, Newer> = [Differing<Older, Reached, Newer>] extends [never]
  ? Lens<Older, Newer>
  : NotReached<Newer, Reached, Differing<Older, Reached, Newer>>;

/** Takes 1 to 10 steps; more can be put together with `lens(…)` within. */
export type Steps<Older, Newer> = <A, B = A, C = B, D = C, E = D, F = E, G = F, H = G, I = H, J = I>(
  first: Step<Older, A>,
  second?: Step<A, B>,
  third?: Step<B, C>,
  fourth?: Step<C, D>,
  fifth?: Step<D, E>,
  sixth?: Step<E, F>,
  seventh?: Step<F, G>,
  eighth?: Step<G, H>,
  ninth?: Step<H, I>,
  tenth?: Step<I, J>,
) => Reaching<Older, J, Newer>;

/**
 * A lens made of steps, each of which takes the row as the step before it leaves it: `lens<Note1, Note2>()(add('tags', []), …)`.
 * The compiler follows the row through the steps and checks that it ends as the newer type. A step is what a combinator made,
 * another lens, or a free `{ up, down, put? }`. The lens throws a `Misfit`, with the path of the field, for a row that a
 * step does not fit.
 */
export const lens = <Older, Newer>(): Steps<Older, Newer> => composed as unknown as Steps<Older, Newer>;

/** Several steps as one, for `each` and `inside`, whose types are known, and for more steps than `lens` takes at once. */
export function steps<Older, A>(first: Step<Older, A>): Step<Older, A>;
export function steps<Older, A, B>(first: Step<Older, A>, second: Step<A, B>): Step<Older, B>;
export function steps<Older, A, B, C>(
  first: Step<Older, A>,
  second: Step<A, B>,
  third: Step<B, C>,
): Step<Older, C>;
export function steps<Older, A, B, C, D>(
  first: Step<Older, A>,
  second: Step<A, B>,
  third: Step<B, C>,
  fourth: Step<C, D>,
): Step<Older, D>;
export function steps<Older, A, B, C, D, E>(
  first: Step<Older, A>,
  second: Step<A, B>,
  third: Step<B, C>,
  fourth: Step<C, D>,
  fifth: Step<D, E>,
): Step<Older, E>;
export function steps<Older, A, B, C, D, E, F>(
  first: Step<Older, A>,
  second: Step<A, B>,
  third: Step<B, C>,
  fourth: Step<C, D>,
  fifth: Step<D, E>,
  sixth: Step<E, F>,
): Step<Older, F>;
export function steps<Older, A, B, C, D, E, F, G>(
  first: Step<Older, A>,
  second: Step<A, B>,
  third: Step<B, C>,
  fourth: Step<C, D>,
  fifth: Step<D, E>,
  sixth: Step<E, F>,
  seventh: Step<F, G>,
): Step<Older, G>;
export function steps<Older, A, B, C, D, E, F, G, H>(
  first: Step<Older, A>,
  second: Step<A, B>,
  third: Step<B, C>,
  fourth: Step<C, D>,
  fifth: Step<D, E>,
  sixth: Step<E, F>,
  seventh: Step<F, G>,
  eighth: Step<G, H>,
): Step<Older, H>;
export function steps(...given: SomeStep[]): unknown {
  return composed(...given);
}

function composed(...given: (SomeStep | undefined)[]): AnyStep {
  const steps = given.filter((step) => step !== undefined);
  if (steps.length === 0) throw new TypeError('a lens has one step or more');
  const whole = steps.map(completed);
  return made(['lens', ...steps.map(partsOf)], {
    up: (older) => whole.reduce((row, step) => step.up(row), older),
    down: (newer) => whole.reduceRight((row, step) => step.down(row), newer),
    put: (older, newer) => {
      const after = newerSides(whole, newer);
      return whole.reduce((row, step, place) => step.put(row, after[place]), older);
    },
  });
}

/** `newer` as it was after each of the steps. */
function newerSides(steps: readonly AnyStep[], newer: unknown): unknown[] {
  const sides = [newer];
  for (const step of steps.slice(1).reverse()) sides.unshift(step.down(sides[0]));
  return sides;
}
