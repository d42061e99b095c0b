/**
 * The durable side of sessions. A record exists from the answered `initialize` to the session's end; the order of last
 * use is kept beside it, so that the oldest idle ones are found without a scan. A session is in that order once.
 */
import type { HostStore, SessionRecord } from './store.ts';

/** Its last recorded use, in milliseconds since 1970, and its id. */
export type UseKey = [usedAt: number, id: string];

export class SessionStore {
  readonly #store: HostStore;

  constructor(store: HostStore) {
    this.#store = store;
  }

  get(id: string): SessionRecord | undefined {
    return this.#store.sessions.get(id);
  }

  has(id: string): boolean {
    return this.#store.sessions.doesExist(id);
  }

  /** Resolves when the record is committed: from then on the session survives the host's death. */
  async save(record: SessionRecord): Promise<void> {
    await this.#store.sessions.transaction(() => {
      const before = this.#store.sessions.get(record.id);
      if (before) this.#store.use.remove([before.usedAt, before.id]);
      this.#store.sessions.put(record.id, record);
      this.#store.use.put([record.usedAt, record.id], true);
    });
  }

  async remove(id: string): Promise<void> {
    await this.#store.sessions.transaction(() => {
      const before = this.#store.sessions.get(id);
      if (!before) return;
      this.#store.use.remove([before.usedAt, id]);
      this.#store.sessions.remove(id);
    });
  }

  count(): number {
    return this.#store.sessions.getCount();
  }

  /** Up to `limit` ids by last recorded use, the newest first; after `after`, a key of an earlier page. */
  newest(limit: number, after?: UseKey): UseKey[] {
    const from = after === undefined ? {} : { start: after, exclusiveStart: true };
    return [...this.#store.use.getKeys({ ...from, reverse: true, limit })];
  }

  /** Up to `limit` sessions whose last recorded use was before `before`, the oldest first. */
  oldest(before: number, limit: number): string[] {
    return [...this.#store.use.getKeys({ end: [before, ''], limit })].map(([, id]) => id);
  }
}
