/** The HTTP bench: all servers up at once, measured in turn, round by round, so that a slow minute of the machine hits all. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { GENERATOR, type LoadResult, load } from './load.ts';
import { type Measured, writeReport } from './report.ts';
import { EXPECTED, rawRequests, verify } from './requests.ts';
import { SERVER_NAMES, type ServerName, startServers, type Target } from './servers.ts';

const WARM_UP_SECONDS = 3;

interface Options {
  rounds: number;
  seconds: number;
  connections: number;
  only: ServerName[];
}

function parse(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '64' },
      only: { type: 'string', default: SERVER_NAMES.join(',') },
    },
  });
  const only = values.only.split(',').map((name) => {
    if (!SERVER_NAMES.includes(name as ServerName))
      throw new Error(`--only: no server ${name}; known: ${SERVER_NAMES.join(', ')}`);
    return name as ServerName;
  });
  const whole = (name: 'rounds' | 'seconds' | 'connections'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name}: ${values[name]} is no positive whole number`);
    return value;
  };
  return { rounds: whole('rounds'), seconds: whole('seconds'), connections: whole('connections'), only };
}

/** Mean bytes of a response; answers of one server to this bench differ by no more than a digit. */
const bytesEach = ({ bytes, requests }: LoadResult): number => bytes / requests;

function assertSound(target: Target, result: LoadResult, sample: LoadResult): void {
  const { failed, wrong, requests } = result;
  const odd = Math.abs(bytesEach(result) - bytesEach(sample)) / bytesEach(sample) > 0.02;
  if (requests === 0 || failed > 0 || wrong > 0 || odd)
    throw new Error(`${target.label} answered wrongly under load: ${JSON.stringify(result)}`);
}

const verifyAll = async ({ era, port, sessions }: Target): Promise<void> => {
  for (const session of sessions) await verify(era, port, session);
};

interface Prepared {
  target: Target;
  /** File of the requests that it gets. */
  requests: string;
  sample: LoadResult;
}

/** Warms a server up, and looks into every answer as the measured rounds do not. */
async function prepare(target: Target, folder: string, connections: number): Promise<Prepared> {
  const { name, label, era, port, sessions } = target;
  const requests = join(folder, name);
  await verifyAll(target);
  await writeFile(requests, rawRequests(era, port, sessions));
  const sample = await load({ port, connections, seconds: WARM_UP_SECONDS, requests, expected: EXPECTED });
  if (sample.checked !== sample.requests)
    throw new Error(`${label}: not all checked: ${JSON.stringify(sample)}`);
  assertSound(target, sample, sample);
  console.log(`${label}: ${sample.checked} answers checked`);
  return { target, requests, sample };
}

async function measure(
  prepared: readonly Prepared[],
  { rounds, seconds, connections }: Omit<Options, 'only'>,
): Promise<Measured[]> {
  const measured = prepared.map(({ target: { name, label } }): Measured => ({ name, label, rounds: [] }));
  for (let round = 1; round <= rounds; round++) {
    for (const [index, { target, requests, sample }] of prepared.entries()) {
      const result = await load({ port: target.port, connections, seconds, requests });
      assertSound(target, result, sample);
      measured[index]!.rounds.push(result);
      const rate = Math.round(result.requests / result.seconds);
      console.log(`round ${round}/${rounds}  ${target.label}: ${rate} calls/s`);
    }
  }
  return measured;
}

export async function benchHttp(args: readonly string[]): Promise<void> {
  const { only, ...options } = parse(args);
  const [loadAverage = 0] = loadavg();
  const folder = await mkdtemp(join(tmpdir(), 'erlmcp-bench-'));
  let stop = async (): Promise<void> => {};
  try {
    const running = await startServers(only);
    stop = running.stop;
    const prepared: Prepared[] = [];
    for (const target of running.targets) prepared.push(await prepare(target, folder, options.connections));
    const measured = await measure(prepared, options);
    for (const target of running.targets) await verifyAll(target);
    console.log(`\n${await writeReport(measured, { generator: GENERATOR, loadAverage, ...options })}`);
  } finally {
    await stop();
    await rm(folder, { recursive: true, force: true });
  }
}
