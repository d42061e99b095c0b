import { keyId } from './key.ts';
import type { KeyPart, TableKey } from './types.ts';

/** The keys of one table that were written since tracking began. */
export interface TrackedKeys {
  readonly table: string;
  readonly keys: readonly TableKey[];
  /** More keys were written than the limit allows to remember: the whole table has to be scanned again. */
  readonly overflowed: boolean;
}

/** Lists the keys that this process writes or deletes, each once, up to a limit for each table. */
export class KeyTracker {
  readonly #limit: number;
  #tables = new Map<string, Map<KeyPart, TableKey>>();
  #overflowed = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(table: string, key: TableKey): void {
    const keys = this.#tables.get(table) ?? new Map<KeyPart, TableKey>();
    if (keys.size === 0) this.#tables.set(table, keys);
    if (keys.size < this.#limit) keys.set(keyId(key), key);
    else if (!keys.has(keyId(key))) this.#overflowed.add(table);
  }

  take(): TrackedKeys[] {
    const [tables, overflowed] = [this.#tables, this.#overflowed];
    this.#tables = new Map();
    this.#overflowed = new Set();
    return [...tables].map(([table, keys]) => ({
      table,
      keys: [...keys.values()],
      overflowed: overflowed.has(table),
    }));
  }
}
