/**
 * A key-value directory of processes, as Elixir's `Registry`: entries belong to the process that makes them, vanish when it ends and move
 * with it in an upgrade. It may be made at module level: it holds nothing itself, its entries stand in the process table.
 */
import { requireCurrentProcess } from './current-process.ts';
import { ExitError, printAtom } from './exit-error.ts';
import type { Pid } from './pid.ts';
import { type ProcessTable, processes } from './process-table.ts';
import { type RegistryEntry, type RegistryKey, type RegistryKeys, viaAddress } from './registrations.ts';

export interface RegistryOptions {
  /** Unique in the table, and the same in all releases: entries are handed over under it. */
  readonly name: string;
  readonly keys: RegistryKeys;
  /** Default: `processes`. */
  readonly table?: ProcessTable;
}

export class Registry<Value = unknown> {
  readonly name: string;
  readonly keys: RegistryKeys;
  readonly #table: ProcessTable;

  /** @throws ExitError `{already_started, Name}` */
  constructor({ name, keys, table = processes }: RegistryOptions) {
    table.registrations.declare(name);
    this.name = name;
    this.keys = keys;
    this.#table = table;
  }

  /** Enters the current process under `key`. @throws ExitError `{already_registered, Pid}` where keys are unique and this one is taken */
  register(key: RegistryKey, ...value: undefined extends Value ? [Value?] : [Value]): void {
    const { name: registry, keys } = this;
    this.#table.registrations.register(this.#self(), { registry, keys, key, value: value[0] });
  }

  /** Takes all entries of the current process under `key` out. @returns how many there were */
  unregister(key: RegistryKey): number {
    return this.#table.registrations.unregister(this.#self(), this.name, key);
  }

  /** The entries of a key, oldest first. */
  lookup(key: RegistryKey): RegistryEntry<Value>[] {
    return this.#table.registrations.lookup(this.name, key) as RegistryEntry<Value>[];
  }

  /** The keys of a process, one for each of its entries. */
  keysOf(pid: Pid): RegistryKey[] {
    return this.#table.registrations.keysOf(pid, this.name);
  }

  /** Calls `action` once with the entries of a key, if there are any: to send each of them something. */
  dispatch(key: RegistryKey, action: (entries: RegistryEntry<Value>[]) => void): void {
    const entries = this.lookup(key);
    if (entries.length > 0) action(entries);
  }

  /** Of all entries. */
  count(): number {
    return this.#table.registrations.count(this.name);
  }

  #self(): Pid {
    const process = requireCurrentProcess(this.name);
    if (process.table === this.#table) return process.pid;
    const reason = `{wrong_table, ${printAtom(this.name)}}`;
    throw new ExitError(
      reason,
      `${reason}: the registry belongs to another process table; make one for this table.`,
    );
  }
}

/**
 * Stands for the process under a key, wherever a name can: `call(via(sessions, 'alice'), ['get'])`, `start(server, { name: via(…).name })`.
 * Not in a child specification: a supervisor finds its child by name in an upgrade; let such a child register itself.
 */
export interface Via {
  readonly kind: 'via';
  readonly name: string;
}

/** @throws ExitError `{not_unique, Registry}` */
export function via(registry: Pick<Registry, 'name' | 'keys'>, key: RegistryKey): Via {
  if (registry.keys === 'unique') return { kind: 'via', name: viaAddress(registry.name, key) };
  const reason = `{not_unique, ${printAtom(registry.name)}}`;
  throw new ExitError(reason, `${reason}: a key may stand for several processes; use lookup or dispatch.`);
}
