/** What each peer is timed at. Reads are timed in CPU time; what waits for a disk, in wall time. Each checks that it did what it was timed for. */
import { type Clock, type Contestant, inTurn, type Timings } from '../measure.ts';
import type { Peer } from './peer.ts';
import { ALL_ROWS, type BenchRow, ROWS, rowAt, SHUFFLED } from './rows.ts';

export interface Operation {
  readonly name: string;
  readonly label: string;
  readonly clock: Clock;
  /** Repetitions in a round, and turns over which they are spread. */
  readonly times: number;
  readonly slices: number;
  readonly repeat: (peer: Peer, times: number) => void | Promise<void>;
}

const WARM_UP = 1;
const AT_ONCE = 64;
const TOGETHER = 1_000;

const sumOf = (rows: readonly BenchRow[]): number => rows.reduce((sum, { priority }) => sum + priority, 0);
const SUM = sumOf(ALL_ROWS);

/** Goes on with the next rows at each call. */
let read = 0;

function getEach(peer: Peer, times: number): void {
  const end = read + times;
  let found = 0;
  for (; read < end; read += 1) {
    const { id, priority } = SHUFFLED[read % ROWS]!;
    if (peer.get(id)?.priority === priority) found += 1;
  }
  if (found !== times) throw new Error(`${peer.label}: ${found} of ${times} rows were read`);
}

function scanAll(peer: Peer): void {
  const found = peer.scan();
  if (found !== SUM) throw new Error(`${peer.label}: the rows sum up to ${found} instead of ${SUM}`);
}

function scanEach(peer: Peer, times: number): void {
  for (let n = 0; n < times; n += ROWS) scanAll(peer);
}

/** Other rows in each round: one that is written as it stands already may cost less. Their sum is always the same. */
let written = 0;

function nextRow(): BenchRow {
  written += 1;
  const { id, priority } = SHUFFLED[written % ROWS]!;
  return { ...rowAt(written), id, priority };
}

const nextRows = (count: number): BenchRow[] => Array.from({ length: count }, nextRow);

async function putEach(peer: Peer, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await peer.put(nextRow());
}

async function putAtOnce(peer: Peer, times: number): Promise<void> {
  for (let n = 0; n < times; n += AT_ONCE) await peer.putAtOnce(nextRows(AT_ONCE));
}

async function putTogether(peer: Peer, times: number): Promise<void> {
  for (let n = 0; n < times; n += TOGETHER) await peer.putTogether(nextRows(TOGETHER));
}

async function transactEach(peer: Peer, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1)
    await peer.transact(nextRow(), nextRow(), { id: 'written', count: written });
}

export const OPERATIONS: readonly Operation[] = [
  { name: 'get', label: 'get', clock: 'cpu', times: 60_000, slices: 3, repeat: getEach },
  {
    name: 'scan',
    label: 'scan of 100,000, each row',
    clock: 'cpu',
    times: 2 * ROWS,
    slices: 2,
    repeat: scanEach,
  },
  { name: 'put', label: 'put, one at a time', clock: 'wall', times: 200, slices: 20, repeat: putEach },
  {
    name: 'put_64',
    label: 'put, 64 at once, each',
    clock: 'wall',
    times: 40 * AT_ONCE,
    slices: 20,
    repeat: putAtOnce,
  },
  {
    name: 'transaction',
    label: 'transaction, 3 rows',
    clock: 'wall',
    times: 200,
    slices: 20,
    repeat: transactEach,
  },
  {
    name: 'put_1000',
    label: 'put, 1,000 in a transaction, each',
    clock: 'cpu',
    times: 12 * TOGETHER,
    slices: 4,
    repeat: putTogether,
  },
];

/** Timings of each peer in one operation. */
export type Measured = Readonly<Record<string, Timings>>;

export async function fill(peer: Peer): Promise<void> {
  for (let at = 0; at < ROWS; at += TOGETHER) await peer.putTogether(ALL_ROWS.slice(at, at + TOGETHER));
  scanAll(peer);
}

export async function measurePeers(peers: readonly Peer[], rounds: number): Promise<Measured> {
  const measured: Record<string, Timings> = {};
  for (const { name, label, repeat, ...turns } of OPERATIONS) {
    const contestants = peers.map(
      (peer): Contestant => ({ name: peer.name, repeat: (count) => repeat(peer, count) }),
    );
    console.log(`${label} …`);
    measured[name] = await inTurn(contestants, { rounds, warmUp: WARM_UP, ...turns });
  }
  for (const peer of peers) scanAll(peer);
  return measured;
}
