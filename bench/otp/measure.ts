/**
 * Several ways to do the same, timed in turn round by round, so that a slow moment of the machine hits both. Time is CPU time of this OS
 * process, its garbage collector's threads included: what other programs take of the machine is not counted.
 */

const NS_PER_US = 1000;

export interface Contestant {
  readonly name: string;
  /** Does it `times` times, one after the other. */
  readonly repeat: (times: number) => Promise<void>;
}

/** Nanoseconds of CPU time for each repetition, a number per round. */
export type Timings = Readonly<Record<string, number[]>>;

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

async function time({ repeat }: Contestant, times: number): Promise<number> {
  const before = process.cpuUsage();
  await repeat(times);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * NS_PER_US) / times;
}

/** Who begins alternates; the rounds before `warmUp` are dropped, in which the code is still being compiled. */
export async function inTurn(
  contestants: readonly Contestant[],
  rounds: number,
  times: number,
  warmUp: number,
): Promise<Timings> {
  const timings = Object.fromEntries(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = -warmUp; round < rounds; round += 1) {
    for (const contestant of round % 2 ? contestants.toReversed() : contestants) {
      const ns = await time(contestant, times);
      if (round >= 0) timings[contestant.name]!.push(ns);
    }
  }
  return timings;
}
