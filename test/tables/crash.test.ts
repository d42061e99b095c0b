/**
 * Two processes write the same tables; one of them, or both, is killed (SIGKILL) at a random moment, over and over. After each kill every
 * acknowledged transaction is there, none is half there, and all indexes agree with their rows.
 *
 * `CRASHES` is the number of kills, default 100; `CRASH_SEED` has the writers do other things, and be killed at other
 * moments, as nearly as the machine allows: `CRASHES=5000 npx vitest run test/tables/crash.test.ts`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { bundleFixture } from './bundle.ts';
import { Expected, makeLedger, type Order } from './fixtures/ledger.ts';
import { randomNumbers } from './fixtures/random-numbers.ts';
import { tempDir } from './helpers.ts';
import { LedgerProcess } from './ledger-process.ts';
import { disagreements, openRaw, type RawStore } from './raw-store.ts';

const CRASHES = Number(process.env.CRASHES ?? 100);
const SEED = Number(process.env.CRASH_SEED ?? 1);
/** A writer lives so long at most, in milliseconds. */
const LONGEST_LIFE = 40;
/** Every so many rounds both writers are killed, and nobody has the store open any more. */
const ALL_DIE = 10;
const WRITERS = ['ada', 'bob'] as const;
type Writer = (typeof WRITERS)[number];

let script: string;
beforeAll(async () => {
  script = await bundleFixture('ledger-writer.ts');
});

/** The two writers, of which there is always a spare one that is loaded and has not opened the store yet. */
class Bench {
  readonly dir = tempDir();
  readonly expected: Record<Writer, Expected>;
  readonly running = new Map<Writer, LedgerProcess>();
  acknowledgements = 0;
  #raw: RawStore | undefined;
  #ledger = makeLedger();
  readonly #spare = new Map<Writer, LedgerProcess>();
  readonly #floor: Record<Writer, number> = { ada: 0, bob: 0 };

  constructor() {
    this.expected = { ada: new Expected(SEED, 'ada'), bob: new Expected(SEED, 'bob') };
    for (const writer of WRITERS) this.#prepare(writer);
  }

  #prepare(writer: Writer): void {
    this.#spare.set(writer, new LedgerProcess(script, this.dir, SEED, writer));
  }

  async open(): Promise<void> {
    this.#ledger = makeLedger();
    this.#raw = await openRaw(this.dir);
    await this.#raw.store.attach(Object.values(this.#ledger));
  }

  async close(): Promise<void> {
    await this.#raw?.store.close();
  }

  /** Starts a writer where none is running, while the others hold their writes (docs/adr/0007). It may be killed as it opens. */
  async start(writer: Writer, killAfter?: number): Promise<void> {
    const process = this.#spare.get(writer);
    if (process === undefined) throw new Error('there is no spare writer');
    await process.heard('loaded');
    const others = [...this.running.values()];
    for (const other of others) other.tell('hold');
    for (const other of others) await other.heard('held');
    process.tell(`open ${this.expected[writer].last + 1}`);
    this.running.set(writer, process);
    this.#prepare(writer);
    if (killAfter === undefined) {
      await process.heard('opened');
      process.tell('go');
    } else {
      await delay(killAfter);
      await this.kill(writer);
    }
    for (const other of others) other.tell('release');
  }

  async kill(writer: Writer): Promise<void> {
    const process = this.running.get(writer);
    if (process === undefined) return;
    await process.kill();
    this.running.delete(writer);
    this.acknowledgements += process.acknowledgements;
    this.#floor[writer] = Math.max(this.#floor[writer], process.acknowledged);
    expect(process.failures).toEqual([]);
  }

  /** One look, in one snapshot, at all that is there; the writers that live go on. */
  async check(): Promise<void> {
    const raw = this.#raw;
    if (raw === undefined) throw new Error('the store is not open');
    // What they have acknowledged up to now has to be seen below.
    const floors = WRITERS.map((writer) =>
      Math.max(this.#floor[writer], this.running.get(writer)?.acknowledged ?? 0),
    );
    raw.store.readerCheck();
    raw.store.refresh();
    const { accounts, orders, progress, totals } = this.#ledger;
    const disagreeing = disagreements(raw);
    const found = { accounts: [...accounts.range()], orders: [...orders.range()] };
    const last = Object.fromEntries([...progress.range()].map((row) => [row.writer, row.last]));
    const total = totals.get('all')?.value ?? 0;
    WRITERS.forEach((writer, place) => {
      expect(last[writer] ?? 0, `last transaction of ${writer}`).toBeGreaterThanOrEqual(floors[place] ?? 0);
      this.expected[writer].advanceTo(last[writer] ?? 0);
    });
    const all = Object.values(this.expected);
    expect(found.accounts).toEqual(sorted(all.flatMap((one) => [...one.accounts.values()])));
    expect(found.orders).toEqual(sortedOrders(all.flatMap((one) => [...one.orders.values()])));
    expect(total).toBe(all.reduce((sum, { committed }) => sum + committed, 0));
    expect(await disagreeing).toEqual([]);
    expect(raw.store.damage.count).toBe(0);
  }
}

const sorted = <Row extends { id: string }>(rows: Row[]): Row[] =>
  rows.sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));

const sortedOrders = (rows: Order[]): Order[] =>
  rows.sort((a, b) => (a.id[0] === b.id[0] ? a.id[1] - b.id[1] : a.id[0] < b.id[0] ? -1 : 1));

it(`${CRASHES} kills lose nothing, tear nothing and leave no index behind (CRASH_SEED=${SEED})`, {
  timeout: 60_000 + CRASHES * 5_000,
}, async () => {
  const below = randomNumbers(`crashes ${SEED}`);
  const bench = new Bench();
  await bench.open();
  let kills = 0;
  for (let round = 0; kills < CRASHES; round++) {
    for (const writer of WRITERS) if (!bench.running.has(writer)) await bench.start(writer);
    await delay(below(LONGEST_LIFE * 1_000) / 1_000);
    const [first, second] = below(2) === 0 ? WRITERS : ([...WRITERS].reverse() as [Writer, Writer]);
    if (round % ALL_DIE === ALL_DIE - 1) {
      await bench.close();
      await Promise.all([bench.kill(first), bench.kill(second)]);
      kills += 2;
      await bench.open();
    } else {
      await bench.kill(first);
      kills++;
    }
    await bench.check();
    if (below(6) === 0) {
      await bench.start(first, below(10_000) / 1_000);
      kills++;
      await bench.check();
    }
  }
  for (const writer of WRITERS) await bench.kill(writer);
  await bench.check();
  await bench.close();
  expect(bench.acknowledgements).toBeGreaterThan(CRASHES);
});
