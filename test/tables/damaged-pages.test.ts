/**
 * Flips bits in copies of a store, anywhere: rows, long rows, index entries, catalogue, pages that lead to others, meta pages. What is read
 * from such a copy is as it was written, or missing and reported; never something else. LMDB's pages have no checksum of their own, and
 * there are flips in the heads of pages that end a process that reads them (SIGSEGV, SIGBUS, SIGABRT): so every copy is read in a
 * child process here, and `ets_tables --verify` reads in a process of its own there. A flip that lets an index lose entries is seen in the
 * entries alone, so a look by an index may find less.
 *
 * `FLIPS` is the number of flips, default 300; `FLIP_SEED` makes others. In one of some thousands the older of the two meta pages gets
 * the higher number, and LMDB takes what it leads to: in a store in use that is the state before the last transaction, in a copy an
 * empty store. That is not told.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/tables/index.ts';
import { bundleFixture } from './bundle.ts';
import type { Finding } from './fixtures/damaged-reader.ts';
import { makeLedger } from './fixtures/ledger.ts';
import { randomNumbers } from './fixtures/random-numbers.ts';
import { later, tempDir } from './helpers.ts';

const FLIPS = Number(process.env.FLIPS ?? 300);
const SEED = Number(process.env.FLIP_SEED ?? 1);
const PAGE = 4_096;
const SLOTS = 60;

let script: string;
beforeAll(async () => {
  script = await bundleFixture('damaged-reader.ts');
});

interface Whole {
  /** Of the `disc` file of a compacted copy, in which every page is in use. */
  readonly bytes: Buffer;
  readonly rows: ReadonlySet<string>;
}

async function wholeStore(): Promise<Whole> {
  const [dir, copy] = [tempDir(), join(tempDir(), 'copy')];
  const store = await openStore({ dir });
  const ledger = makeLedger();
  await store.attach(Object.values(ledger));
  await store.transaction((within) => {
    for (let slot = 0; slot < SLOTS; slot++) {
      const owner = ['ada', 'bob', 'x'.repeat(300)][slot % 3] ?? '';
      const note = 'n'.repeat(slot % 10 === 0 ? 9_000 : slot * 3);
      within(ledger.accounts).put({ id: `ada/${slot}`, owner, balance: slot, note });
      const state = slot % 2 === 0 ? 'open' : 'paid';
      within(ledger.orders).put({ id: ['ada', slot], account: `ada/${slot}`, state });
    }
  });
  const rows = new Set<string>();
  for (const row of ledger.accounts.range()) rows.add(`accounts ${JSON.stringify(row)}`);
  for (const row of ledger.orders.range()) rows.add(`orders ${JSON.stringify(row)}`);
  await store.backup(copy);
  await store.close();
  return { bytes: readFileSync(join(copy, 'data.mdb')), rows };
}

/** A child that looks at one copy after the other, and is replaced when a copy has ended it. */
class Reader {
  #child: ChildProcess | undefined;
  #lines: Interface | undefined;

  async look(dir: string): Promise<Finding | 'killed'> {
    const child = this.#child ?? this.#start();
    child.stdin?.write(`${dir}\n`);
    const abort = new AbortController();
    const line = once(this.#lines as Interface, 'line', { signal: abort.signal });
    const end = once(child, 'close', { signal: abort.signal });
    for (const event of [line, end]) event.catch(() => undefined);
    const [said] = await Promise.race([line, end]);
    abort.abort();
    if (typeof said === 'string' && said.startsWith('{')) return JSON.parse(said) as Finding;
    this.#child = undefined;
    return 'killed';
  }

  #start(): ChildProcess {
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'ignore'] });
    if (!child.stdout) throw new Error('the process has no output');
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout });
    later(() => child.kill('SIGKILL'));
    return child;
  }
}

async function lookAt(reader: Reader, bytes: Buffer): Promise<Finding | 'killed'> {
  const dir = tempDir();
  mkdirSync(join(dir, 'disc'));
  writeFileSync(join(dir, 'disc', 'data.mdb'), bytes);
  // It stays until the end of the test: lmdb knows an environment by its inode, which another file would be given.
  return reader.look(dir);
}

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << bit), at);
  return copy;
}

const wrong = ({ given }: Finding, { rows }: Whole): string[] => given.filter((row) => !rows.has(row));
const missing = ({ given }: Finding, { rows }: Whole): number => {
  const seen = new Set(given);
  return [...rows].filter((row) => !seen.has(row)).length;
};
const reported = ({ damaged, errors, lost }: Finding): boolean =>
  damaged.length > 0 || errors.length > 0 || lost > 0;

describe('flipped bits', { timeout: 240_000 }, () => {
  it(`anywhere never become data, and what is missing is reported (FLIP_SEED=${SEED})`, async () => {
    const whole = await wholeStore();
    const reader = new Reader();
    const below = randomNumbers(`flips ${SEED}`);
    const tally = { whole: 0, reported: 0, killed: 0 };
    expect(await lookAt(reader, whole.bytes)).toMatchObject({ damaged: [], errors: [], lost: 0 });
    for (let flip = 0; flip < FLIPS; flip++) {
      const page = below(whole.bytes.length / PAGE);
      // Half of them in the head of a page and its list of nodes, where the rest of the page depends on it.
      const at = page * PAGE + below(flip % 2 === 0 ? PAGE : 64);
      const finding = await lookAt(reader, flipped(whole.bytes, at, below(8)));
      if (finding === 'killed') {
        tally.killed++;
        continue;
      }
      expect(wrong(finding, whole), `byte ${at} of page ${page}`).toEqual([]);
      if (missing(finding, whole) > 0)
        expect(reported(finding), `byte ${at} of page ${page}: ${missing(finding, whole)} missing`).toBe(
          true,
        );
      tally[reported(finding) ? 'reported' : 'whole']++;
    }
    expect(tally.reported).toBeGreaterThan(FLIPS / 10);
    expect(tally.killed).toBeLessThan(FLIPS / 10);
  });

  /** All places of a text that stand in pages of rows or of entries. */
  const placesOf = (bytes: Buffer, text: string): number[] => {
    const places: number[] = [];
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at);
    return places;
  };

  it('in the key under which a row stands make it a damaged row, not the row of another key', async () => {
    const whole = await wholeStore();
    const reader = new Reader();
    let named = 0;
    for (const at of placesOf(whole.bytes, 'ada/57')) {
      const finding = await lookAt(reader, flipped(whole.bytes, at + 5, 1));
      if (finding === 'killed') throw new Error('a flip in a text has ended the reader');
      expect(wrong(finding, whole)).toEqual([]);
      if (finding.damaged.includes('accounts "ada/55"') || finding.damaged.includes('accounts "ada/57"'))
        named++;
    }
    // In its key, in its bytes; and in its own copy as a key of an index entry, which is no row.
    expect(named).toBeGreaterThanOrEqual(2);
  });

  it('in the entries of an index lead to no wrong row', async () => {
    const whole = await wholeStore();
    const reader = new Reader();
    const long = placesOf(whole.bytes, 'x'.repeat(192));
    expect(long.length).toBeGreaterThan(SLOTS / 3);
    for (const at of long.slice(0, 10)) {
      const finding = await lookAt(reader, flipped(whole.bytes, at + 100, 0));
      if (finding === 'killed') throw new Error('a flip in a text has ended the reader');
      expect(wrong(finding, whole)).toEqual([]);
    }
  });

  it('in the catalogue are an error or leave the table as it is, whichever bit of its entry', async () => {
    const whole = await wholeStore();
    const reader = new Reader();
    const [at] = placesOf(whole.bytes, '{"key":"id","type":"set"}');
    if (at === undefined) throw new Error('the catalogue is not found');
    for (let bit = 0; bit < 25 * 8; bit += 3) {
      const finding = await lookAt(reader, flipped(whole.bytes, at + (bit >> 3), bit & 7));
      if (finding === 'killed') throw new Error('a flip in the catalogue has ended the reader');
      expect(wrong(finding, whole)).toEqual([]);
      if (missing(finding, whole) > 0) expect(reported(finding)).toBe(true);
    }
  });

  it('in the name of a table, or of what the store keeps beside them, are an error', async () => {
    const whole = await wholeStore();
    const reader = new Reader();
    for (const name of ['accounts', 'orders', '$tables', '$indexes', '$index_entries', '$way_back']) {
      // With the end of a text, and the head of a database's record after it; as a key of the catalogue too.
      const places = placesOf(whole.bytes, name).filter(
        (at) => !/[\w$"]/.test(whole.bytes.toString('latin1', at - 1, at)),
      );
      expect(places.length, name).toBeGreaterThan(0);
      for (const at of places)
        for (const letter of [0, name.length - 1]) {
          const finding = await lookAt(reader, flipped(whole.bytes, at + letter, 1));
          if (finding === 'killed') throw new Error(`a flip in the name of ${name} has ended the reader`);
          expect(wrong(finding, whole)).toEqual([]);
          if (missing(finding, whole) > 0) expect([name, at, reported(finding)]).toEqual([name, at, true]);
        }
    }
  });

  it('in the list of nodes of a page that leads to the tables are an error, not an empty store', async () => {
    const whole = await wholeStore();
    const reader = new Reader();
    const page = whole.bytes.lastIndexOf('$index_entries');
    expect(page).toBeGreaterThan(0);
    // Bytes 20 and 21 of a page say where its list of nodes ends.
    const at = page - (page % PAGE) + 20;
    for (let bit = 1; bit < 6; bit++) {
      const finding = await lookAt(reader, flipped(whole.bytes, at, bit));
      if (finding === 'killed') continue;
      expect(wrong(finding, whole)).toEqual([]);
      if (missing(finding, whole) > 0) expect([bit, reported(finding)]).toEqual([bit, true]);
    }
  });
});
