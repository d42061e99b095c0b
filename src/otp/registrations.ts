/**
 * The entries of all registries of a table: which process is known under which key. They vanish when the process ends, and move
 * with it. The shell of a moved server keeps them, so that what still runs here finds the way to it.
 */
import { ExitError, exitTuple, printAtom } from './exit-error.ts';
import type { Pid } from './pid.ts';

/** What an entry is found by; two are the same if they print the same as JSON. */
export type RegistryKey = string | number | boolean | readonly RegistryKey[];

/** unique: one process per key. duplicate: any number. */
export type RegistryKeys = 'unique' | 'duplicate';

export interface RegistryEntry<Value = unknown> {
  readonly pid: Pid;
  readonly value: Value;
}

export interface RegistrationSnapshot {
  readonly registry: string;
  readonly keys: RegistryKeys;
  readonly key: RegistryKey;
  readonly value: unknown;
}

interface Place {
  readonly registry: string;
  readonly keys: RegistryKeys;
  readonly key: RegistryKey;
  readonly entries: RegistryEntry[];
}

/** What stands for a key wherever a name can stand: `{via, sessions, "alice"}`. */
export const viaAddress = (registry: string, key: RegistryKey): string =>
  `{via, ${printAtom(registry)}, ${JSON.stringify(key)}}`;

export class Registrations {
  readonly #places = new Map<string, Place>();
  readonly #byPid = new Map<Pid, Set<Place>>();
  /** Names of registries, each with what its addresses begin with. */
  readonly #declared = new Map<string, string>();

  get size(): number {
    return this.#byPid.size;
  }

  /** @throws ExitError `{already_started, Name}` */
  declare(registry: string): void {
    if (this.#declared.has(registry))
      throw exitTuple('already_started', registry, 'a registry of that name exists; take another name.');
    this.#declared.set(registry, viaAddress(registry, 0).slice(0, -2));
  }

  /** The entry that a name of the form `{via, …}` asks for. @throws ExitError `{noproc, Name}` if there is no such registry */
  keyOf(address: string): RegistrationSnapshot | undefined {
    if (!address.startsWith('{via, ')) return undefined;
    for (const [registry, start] of this.#declared) {
      if (!address.startsWith(start)) continue;
      const key = JSON.parse(address.slice(start.length, -1)) as RegistryKey;
      return { registry, keys: 'unique', key, value: undefined };
    }
    throw exitTuple('noproc', address, 'there is no such registry in this table; make it first.');
  }

  /** @throws ExitError `{already_registered, Pid}` */
  register(pid: Pid, { registry, keys, key, value }: RegistrationSnapshot): void {
    const address = viaAddress(registry, key);
    const place = this.#places.get(address) ?? { registry, keys, key, entries: [] };
    const [first] = place.entries;
    if (first !== undefined && (keys === 'unique' || place.keys === 'unique')) {
      const reason = `{already_registered, ${first.pid}}`;
      throw new ExitError(
        reason,
        `${reason}: ${address} is taken; unregister it first, or take another key.`,
      );
    }
    place.entries.push({ pid, value });
    this.#places.set(address, place);
    this.#placesOf(pid).add(place);
  }

  /** @returns how many entries were removed */
  unregister(pid: Pid, registry: string, key: RegistryKey): number {
    const place = this.#places.get(viaAddress(registry, key));
    return place ? this.#leave(pid, place) : 0;
  }

  lookup(registry: string, key: RegistryKey): RegistryEntry[] {
    return [...(this.#places.get(viaAddress(registry, key))?.entries ?? [])];
  }

  keysOf(pid: Pid, registry: string): RegistryKey[] {
    return this.of(pid).flatMap((each) => (each.registry === registry ? [each.key] : []));
  }

  count(registry: string): number {
    const own = [...this.#places.values()].filter((place) => place.registry === registry);
    return own.reduce((sum, { entries }) => sum + entries.length, 0);
  }

  /** The process behind `{via, …}`; of a registry with unique keys. */
  resolve(address: string): Pid | undefined {
    const place = this.#places.get(address);
    return place?.keys === 'unique' ? place.entries[0]?.pid : undefined;
  }

  of(pid: Pid): RegistrationSnapshot[] {
    return [...(this.#byPid.get(pid) ?? [])].flatMap(({ registry, keys, key, entries }) =>
      entries.filter((entry) => entry.pid === pid).map(({ value }) => ({ registry, keys, key, value })),
    );
  }

  /** Takes over the entries of a process that was handed over. @throws ExitError `{already_registered, Pid}` */
  restore(pid: Pid, snapshots: readonly RegistrationSnapshot[]): void {
    this.drop(pid);
    for (const snapshot of snapshots) this.register(pid, snapshot);
  }

  drop(pid: Pid): void {
    for (const place of this.#byPid.get(pid) ?? []) this.#leave(pid, place);
  }

  #leave(pid: Pid, place: Place): number {
    const others = place.entries.filter((entry) => entry.pid !== pid);
    const removed = place.entries.length - others.length;
    place.entries.splice(0, place.entries.length, ...others);
    if (others.length === 0) this.#places.delete(viaAddress(place.registry, place.key));
    const places = this.#byPid.get(pid);
    places?.delete(place);
    if (places?.size === 0) this.#byPid.delete(pid);
    return removed;
  }

  #placesOf(pid: Pid): Set<Place> {
    const places = this.#byPid.get(pid) ?? new Set();
    this.#byPid.set(pid, places);
    return places;
  }
}
