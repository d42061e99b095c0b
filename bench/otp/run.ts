/**
 * What a call costs: the round trip to a server of the same process, against an awaited async function that does the same work. A call
 * to a server that is idle takes a shorter way than through its mailbox, so calls that wait for each other, and those of another
 * server's callback, are timed too. The ratios are taken round by round.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { call, genServer, processes, reply } from '../../src/otp/index.ts';
import { inTurn, type Timings } from '../measure.ts';
import { writeReport } from './report.ts';

const WARM_UP_ROUNDS = 5;
const FEWEST_ROUNDS = 15;

interface Count {
  readonly count: number;
}

const counter = genServer<Count, { add: (n: number) => number }>({
  name: 'bench_counter',
  version: 1,
  init: () => ({ count: 0 }),
  handleCall([, n], _from, state) {
    const count = state.count + n;
    return reply(count, { count });
  },
});

let plainState: Count = { count: 0 };

async function add([, n]: readonly ['add', number]): Promise<number> {
  const count = plainState.count + n;
  plainState = { count };
  return count;
}

async function repeatFunction(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await add(['add', 1]);
}

async function repeatCall(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await call(counter, ['add', 1]);
}

/** Half as often, two at a time: the second waits in the mailbox. */
async function repeatPair(times: number): Promise<void> {
  for (let n = 0; n < times; n += 2)
    await Promise.all([call(counter, ['add', 1]), call(counter, ['add', 1])]);
}

const asking = genServer<null, { repeat: (times: number) => null }>({
  name: 'bench_asking',
  version: 1,
  init: () => null,
  handleCall: async ([, times], _from, state) => {
    await repeatCall(times);
    return reply(null, state);
  },
});

const repeatFromServer = async (times: number): Promise<void> => {
  await call(asking, ['repeat', times], { timeout: Number.POSITIVE_INFINITY });
};

function parse(args: readonly string[]): { rounds: number; times: number } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '101' },
      times: { type: 'string', default: '10000' },
    },
  });
  const whole = (name: 'rounds' | 'times', least: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least)
      throw new Error(`--${name}: ${values[name]} is no whole number from ${least} on`);
    return value;
  };
  return { rounds: whole('rounds', FEWEST_ROUNDS), times: whole('times', 1) };
}

/** All did what they were timed for. */
async function assertSound(timings: Timings, rounds: number, times: number): Promise<void> {
  const expected = (rounds + WARM_UP_ROUNDS) * times;
  const counted = await call(counter, ['add', 0]);
  if (
    counted !== (Object.keys(timings).length - 1) * expected ||
    plainState.count !== expected ||
    Object.values(timings).some((all) => all.length !== rounds)
  )
    throw new Error(`counted ${counted} calls and ${plainState.count} function calls instead of ${expected}`);
}

export async function benchOtp(args: readonly string[]): Promise<void> {
  const { rounds, times } = parse(args);
  const [loadAverage = 0] = loadavg();
  await processes.start(counter);
  await processes.start(asking);
  try {
    const contestants = [
      { name: 'function', repeat: repeatFunction },
      { name: 'call', repeat: repeatCall },
      { name: 'pair', repeat: repeatPair },
      { name: 'from_server', repeat: repeatFromServer },
    ];
    const timings = await inTurn(contestants, { rounds, times, warmUp: WARM_UP_ROUNDS, clock: 'cpu' });
    await assertSound(timings, rounds, times);
    console.log(await writeReport(timings, { rounds, times, loadAverage }));
  } finally {
    await processes.stop(asking.name);
    await processes.stop(counter.name);
  }
}
