/**
 * `erlmcp_registry`: a real table with one row per named process, transport and application, kept by the host. Its writes
 * are asynchronous; who reads it sees what the store has.
 */
import type { Log } from '../host/index.ts';
import { TableError, table } from '../tables/index.ts';

export interface RegistryRow {
  name: string;
  kind: 'process' | 'transport' | 'application';
  /** `host`, or the runner. */
  where: string;
  pid: string | number | null;
  since: string;
}

export const erlmcpRegistry = table<RegistryRow & { key: string }, string>({
  name: 'erlmcp_registry',
  version: 1,
  key: 'key',
  storage: 'ram',
  type: 'ordered_set',
});

export class Registry {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  set(kind: RegistryRow['kind'], name: string, where: string, pid: string | number | null): void {
    const row = { key: keyOf(kind, name, where), kind, name, where, pid, since: new Date().toISOString() };
    void this.#write(() => erlmcpRegistry.put(row));
  }

  unset(kind: RegistryRow['kind'], name: string, where: string): void {
    void this.#write(() => erlmcpRegistry.delete(keyOf(kind, name, where)));
  }

  /** Everything of a runner that has ended. */
  unsetWhere(where: string): void {
    for (const row of erlmcpRegistry.range())
      if (row.where === where) void this.#write(() => erlmcpRegistry.delete(row.key));
  }

  rows(): RegistryRow[] {
    return [...erlmcpRegistry.range()].map(({ key: _key, ...row }) => row);
  }

  /** A part that ends after the store has closed has no row there to take away. */
  async #write(write: () => Promise<unknown>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (error instanceof TableError && (error.code === 'not_attached' || error.code === 'closed')) return;
      this.#log.error(`The registry could not be written: ${(error as Error).message}`);
    }
  }
}

const keyOf = (kind: string, name: string, where: string): string => `${kind}/${name}/${where}`;
