/**
 * The host's own store: sessions, their stream events, the upgrade journal and the active release. No runner opens it,
 * so no runner can hold its writer lock. Promises of writes resolve when the write is committed; `flushed` when it is on disk.
 */
import { mkdirSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { type Plan, Plans } from './plans.ts';

export interface SessionRecord {
  id: string;
  transport: 'http' | 'stdio';
  protocolVersion: string;
  /** The client's messages, as it sent them. */
  initialize: unknown;
  initialized?: unknown;
  level?: unknown;
  /** `resources/subscribe` requests by URI. */
  subscriptions: Record<string, unknown>;
  createdAt: number;
  usedAt: number;
}

/** What the node runs, set in one transaction: the commit point of an upgrade. */
export interface ActiveRelease {
  vsn: string;
  /** The version that can be returned to, while the watch lasts or later by its package. */
  previous?: string;
  /** The newest release that was ever active: its lens chain reads every row there is. */
  newest: string;
  since: number;
  watchUntil?: number;
  /** A watch has ended well since the rows of older versions were rewritten. */
  unsettled?: true;
}

export interface JournalEntry {
  id: number;
  kind: 'upgrade' | 'downgrade' | 'dry_run';
  /** Who asked for it, as they say: `user@host`. */
  by?: string;
  /** What for, in their words. */
  why?: string;
  from: string;
  to: string;
  startedAt: number;
  endedAt?: number;
  phases: { phase: string; ms: number }[];
  outcome?: 'completed' | 'failed' | 'rolled_back' | 'aborted' | 'interrupted';
  reason?: string;
  /** How its watch ended, and what the measurements said then. */
  watch?: { ended: string; verdict: string };
}

export interface HostStoreFigures {
  path: string;
  /** Pages in use. */
  usedBytes: number;
  lastTransaction: number;
  /** Of processes: this one. */
  readers: number;
  writable: boolean;
}

const ACTIVE = 'active';
/** Never there. */
const PROBE_KEY = '$probe';

export class HostStore {
  readonly #dir: string;
  readonly #root: RootDatabase;
  readonly sessions: Database<SessionRecord, string>;
  /** Order of last use: `[usedAt, id]`, the oldest first. */
  readonly use: Database<true, [number, string]>;
  readonly events: Database<unknown, (string | number)[]>;
  readonly journal: Database<JournalEntry, number>;
  readonly plans: Plans;
  readonly #plans: Database<Plan, string>;
  readonly #meta: Database<ActiveRelease, string>;

  constructor(dir: string) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#dir = dir;
    this.#root = open({ path: dir, maxDbs: 32, maxReaders: 64 });
    this.sessions = this.#root.openDB({ name: 'sessions' });
    this.use = this.#root.openDB({ name: 'use' });
    this.events = this.#root.openDB({ name: 'events' });
    this.journal = this.#root.openDB({ name: 'journal' });
    this.#meta = this.#root.openDB({ name: 'meta' });
    this.#plans = this.#root.openDB({ name: 'plans' });
    this.plans = new Plans(this.#plans);
  }

  get #databases(): Counted[] {
    const { sessions, use, events, journal } = this;
    return [sessions, use, events, journal, this.#meta, this.#plans] as unknown as Counted[];
  }

  active(): ActiveRelease | undefined {
    return this.#meta.get(ACTIVE);
  }

  /** The commit point: on disk when the promise resolves. What is unsettled stays so until `setSettled`. */
  async setActive(active: ActiveRelease, entry?: JournalEntry): Promise<void> {
    await this.#root.transaction(() => {
      const unsettled = this.active()?.unsettled;
      this.#meta.put(ACTIVE, unsettled ? { ...active, unsettled } : active);
      if (entry) this.journal.put(entry.id, entry);
    });
    await this.#root.flushed;
  }

  /** Rows of older versions need not be rewritten any more. */
  async setSettled(): Promise<void> {
    await this.#root.transaction(() => {
      const active = this.active();
      if (!active?.unsettled) return;
      const { unsettled: _done, ...rest } = active;
      this.#meta.put(ACTIVE, rest);
    });
    await this.#root.flushed;
  }

  async writeJournal(entry: JournalEntry): Promise<void> {
    await this.journal.put(entry.id, entry);
  }

  /** How the watch of the last completed operation has ended. */
  async noteWatch(watch: NonNullable<JournalEntry['watch']>): Promise<void> {
    await this.journal.transaction(() => {
      for (const { key, value } of this.journal.getRange({ reverse: true, limit: 100 }))
        if (value.outcome === 'completed' && value.kind !== 'dry_run') {
          if (value.watch === undefined) void this.journal.put(key, { ...value, watch });
          return;
        }
    });
  }

  nextJournalId(): number {
    for (const key of this.journal.getKeys({ reverse: true, limit: 1 })) return key + 1;
    return 1;
  }

  /** Everything written so far is on disk. */
  async flushed(): Promise<void> {
    await this.#root.flushed;
  }

  /** A compacted copy as of now, in a folder that is made for it. */
  async backup(path: string): Promise<void> {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    await this.#root.backup(path, true);
  }

  /** What LMDB says of the environment; a write that writes nothing tells whether it could have been written. */
  async figures(timeoutMs: number): Promise<HostStoreFigures> {
    const probe = this.#root.remove(PROBE_KEY).then(() => true);
    const late = new Promise<false>((resolve) => setTimeout(resolve, timeoutMs, false).unref());
    const writable = Promise.race([probe, late]).catch(() => false);
    return { path: this.#dir, ...usage(this.#root, this.#databases), readers: 1, writable: await writable };
  }

  /** After the writes under way; lmdb would fail those that it has not begun. */
  async close(): Promise<void> {
    await this.#root.transaction(() => undefined);
    await this.#root.close();
  }
}

type Counted = Pick<RootDatabase, 'doesExist' | 'getStats'>;

interface Tree {
  pageSize: number;
  treeBranchPageCount: number;
  treeLeafPageCount: number;
  overflowPages: number;
}

type Stats = Tree & { root: Tree; free: Tree; lastTxnId: number };

const bytesOf = (tree: Tree): number =>
  (tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages) * tree.pageSize;

function usage(
  root: RootDatabase,
  databases: readonly Counted[],
): Pick<HostStoreFigures, 'usedBytes' | 'lastTransaction'> {
  root.doesExist(PROBE_KEY); // statistics need a read transaction, and only a read begins one
  const stats = root.getStats() as Stats;
  const trees = [stats.root, stats.free, ...databases.map((database) => database.getStats() as Stats)];
  return { usedBytes: trees.reduce((sum, tree) => sum + bytesOf(tree), 0), lastTransaction: stats.lastTxnId };
}
