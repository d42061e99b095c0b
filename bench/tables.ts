/**
 * What tables cost: their operations against raw lmdb, an embedded SQL database and a plain Map; rows of other versions seen and written
 * through lenses; and the switch and the way back of a real node, which must take no longer when there are more rows.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openErlmcp } from './tables/erlmcp.ts';
import { measureLenses } from './tables/lenses.ts';
import { fill, type Measured, measurePeers } from './tables/operations.ts';
import type { Peer } from './tables/peer.ts';
import { openMap } from './tables/plain-map.ts';
import { openLmdb } from './tables/raw-lmdb.ts';
import { writeReport } from './tables/report.ts';
import { openSqlite } from './tables/sqlite.ts';
import { measureSwitches } from './tables/switch.ts';
import { measureWrites } from './tables/writes.ts';

const PARTS = ['operations', 'lenses', 'switch', 'writes'] as const;
type Part = (typeof PARTS)[number];

interface Options {
  rounds: number;
  /** Rows of the largest node. */
  most: number;
  only: readonly Part[];
}

function parse(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '5' },
      most: { type: 'string', default: '1000000' },
      only: { type: 'string', default: PARTS.join(',') },
    },
  });
  const only = values.only.split(',').map((name) => {
    if (!PARTS.includes(name as Part)) throw new Error(`--only: no part ${name}; known: ${PARTS.join(', ')}`);
    return name as Part;
  });
  const whole = (name: 'rounds' | 'most'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name}: ${values[name]} is no positive whole number`);
    return value;
  };
  return { rounds: whole('rounds'), most: whole('most'), only };
}

async function inFolder<T>(measure: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'erlmcp-bench-'));
  try {
    return await measure(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measureOperations(dir: string, rounds: number): Promise<Measured> {
  const peers: Peer[] = [];
  try {
    peers.push(await openErlmcp(join(dir, 'disc'), 'disc'), await openErlmcp(join(dir, 'ram'), 'ram'));
    peers.push(openLmdb(dir), openSqlite(dir), openMap());
    for (const peer of peers) await fill(peer);
    return await measurePeers(peers, rounds);
  } finally {
    for (const peer of peers) await peer.close();
  }
}

export async function benchTables(args: readonly string[]): Promise<void> {
  const { rounds, most, only } = parse(args);
  const [loadAverage = 0] = loadavg();
  const part = async <T>(name: Part, measure: () => Promise<T>): Promise<T | undefined> =>
    only.includes(name) ? await measure() : undefined;
  const operations = await part('operations', () => inFolder((dir) => measureOperations(dir, rounds)));
  const lenses = await part('lenses', () => inFolder((dir) => measureLenses(dir, rounds)));
  const switches = await part('switch', () => measureSwitches([10, 10_000, most], rounds));
  const writes = await part('writes', () => measureWrites(rounds));
  const found = { operations, lenses, switches, writes };
  console.log(`\n${await writeReport(found, { rounds, loadAverage })}`);
}
