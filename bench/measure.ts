/**
 * Several ways to do the same, timed in turn round by round, so that a slow moment of the machine hits all. CPU time is that of this OS
 * process, its garbage collector's threads included: what other programs take of the machine is not counted. Wall time is for what
 * waits, for a disk above all.
 */

const NS_PER_US = 1_000;
const NS_PER_MS = 1_000_000;

export interface Contestant {
  readonly name: string;
  /** Does it `times` times, one after the other. */
  readonly repeat: (times: number) => void | Promise<void>;
}

/** Nanoseconds for each repetition, a number per round. */
export type Timings = Readonly<Record<string, number[]>>;

export type Clock = 'cpu' | 'wall';

export interface Turns {
  readonly rounds: number;
  /** Repetitions in a round, in all. */
  readonly times: number;
  /** Turns that each takes in a round, default 1: the more, the less a slow moment can hit one alone. */
  readonly slices?: number;
  /** Rounds before the first that counts, in which the code is still being compiled. */
  readonly warmUp: number;
  readonly clock: Clock;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/** Of `values` to `base`, round by round. */
export const ratioOf = (values: readonly number[], base: readonly number[]): Spread =>
  spreadOf(values.map((each, round) => each / base[round]!));

/** Starts a clock; the result reads it, in nanoseconds. */
const CLOCKS: Readonly<Record<Clock, () => () => number>> = {
  cpu: () => {
    const before = process.cpuUsage();
    return () => {
      const { user, system } = process.cpuUsage(before);
      return (user + system) * NS_PER_US;
    };
  },
  wall: () => {
    const before = performance.now();
    return () => (performance.now() - before) * NS_PER_MS;
  },
};

async function time({ repeat }: Contestant, times: number, clock: Clock): Promise<number> {
  const elapsed = CLOCKS[clock]();
  await repeat(times);
  return elapsed();
}

/** Who begins alternates. */
async function round(contestants: readonly Contestant[], turns: Turns): Promise<Map<string, number>> {
  const { times, slices = 1, clock } = turns;
  const spent = new Map(contestants.map(({ name }) => [name, 0]));
  for (let slice = 0; slice < slices; slice += 1)
    for (const contestant of slice % 2 ? contestants.toReversed() : contestants) {
      const ns = await time(contestant, times / slices, clock);
      spent.set(contestant.name, spent.get(contestant.name)! + ns);
    }
  return spent;
}

/** `times` is divisible by `slices`. */
export async function inTurn(contestants: readonly Contestant[], turns: Turns): Promise<Timings> {
  const timings = Object.fromEntries(contestants.map(({ name }) => [name, [] as number[]]));
  for (let n = -turns.warmUp; n < turns.rounds; n += 1) {
    const spent = await round(n % 2 ? contestants.toReversed() : contestants, turns);
    if (n >= 0) for (const [name, ns] of spent) timings[name]!.push(ns / turns.times);
  }
  return timings;
}
