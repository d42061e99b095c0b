/**
 * What clients notice of an upgrade and of a rollback, at growing numbers of sessions and rows; and beside it of a deploy of the official
 * SDK's server under the same load. `--only`, `--rows`, `--sessions`, `--rounds` and `--rate` make it smaller.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { measureNode, type NodeTimings } from './upgrade/erlmcp.ts';
import { measurePeer, type PeerTimings, WAYS } from './upgrade/peers.ts';
import { writeReport } from './upgrade/report.ts';

/** The SDK's server keeps an instance for each session: ten thousand of them are no fair load for one process. */
const MOST_PEER_SESSIONS = 1_000;
const PARTS = ['erlmcp', ...(Object.keys(WAYS) as (keyof typeof WAYS)[])] as const;
type Part = (typeof PARTS)[number];

export interface Options {
  rows: number[];
  sessions: number[];
  rounds: number;
  /** Requests per second. */
  rate: number;
  only: Part[];
}

function parse(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '10,1000000' },
      sessions: { type: 'string', default: '10,1000,10000' },
      rounds: { type: 'string', default: '3' },
      rate: { type: 'string', default: '250' },
      only: { type: 'string', default: PARTS.join(',') },
    },
  });
  const whole = (name: string, text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name}: ${text} is no positive whole number`);
    return value;
  };
  const list = (name: 'rows' | 'sessions'): number[] =>
    values[name].split(',').map((text) => whole(name, text));
  const only = values.only.split(',').map((name) => {
    if (!PARTS.includes(name as Part)) throw new Error(`--only: no part ${name}; known: ${PARTS.join(', ')}`);
    return name as Part;
  });
  return {
    rows: list('rows'),
    sessions: list('sessions').sort((a, b) => a - b),
    rounds: whole('rounds', values.rounds),
    rate: whole('rate', values.rate),
    only,
  };
}

export interface Found {
  nodes: NodeTimings[];
  peers: PeerTimings[];
  /** Ways that could not be measured, and why. */
  skipped: Record<string, string>;
}

async function measurePeers(options: Options, found: Found): Promise<void> {
  const ways = options.only.filter((part) => part !== 'erlmcp');
  for (const way of ways)
    try {
      for (const count of options.sessions)
        if (count <= MOST_PEER_SESSIONS) found.peers.push(await measurePeer(way, count, options));
    } catch (error) {
      // pm2 is fetched for the occasion, and may not be had.
      if (way !== 'pm2') throw error;
      found.skipped[WAYS[way].label] = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    }
}

export async function benchUpgrade(args: readonly string[]): Promise<void> {
  const options = parse(args);
  const [loadAverage = 0] = loadavg();
  const found: Found = { nodes: [], peers: [], skipped: {} };
  if (options.only.includes('erlmcp'))
    for (const rows of options.rows)
      found.nodes.push(...(await measureNode(rows, options.sessions, options)));
  await measurePeers(options, found);
  console.log(`\n${await writeReport(found, { ...options, loadAverage })}`);
}
