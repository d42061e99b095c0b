/** The applications' processes: their supervision trees, and their moves between runners. */
import { ExitError, type ProcessTable, type ServerSnapshot, Supervisor } from '../otp/index.ts';
import type { ServerInfo } from '../wire/index.ts';
import type { Application } from './application.ts';
import { serversOf } from './children.ts';
import { convertAll } from './state-lens.ts';
import type { Storage } from './storage.ts';

/** As OTP's default for an application's top supervisor in practice: a server that fails at once is given up soon. */
const INTENSITY = { intensity: 3, periodMs: 5_000 };

export class Servers {
  readonly #table: ProcessTable;
  readonly #storage: Storage;
  readonly #applications: readonly Application[];
  readonly #supervisors: Supervisor[] = [];
  readonly #versions: ReadonlyMap<string, number>;
  readonly #failed: (application: string, reason: string) => void;

  /** @param failed an application's top supervisor has given up */
  constructor(
    table: ProcessTable,
    storage: Storage,
    applications: readonly Application[],
    failed: (application: string, reason: string) => void,
  ) {
    this.#table = table;
    this.#storage = storage;
    this.#applications = applications;
    this.#versions = versionsOf(applications);
    this.#failed = failed;
  }

  /** Starts all trees: fresh and running, or from states of another runner and suspended until `resume`. */
  async start(adopt: readonly ServerSnapshot[] | undefined): Promise<ServerInfo[]> {
    const options = adopt === undefined ? {} : { adopted: this.#convert(adopt), suspended: true };
    for (const { name, children } of this.#applications) {
      const supervisor = new Supervisor(
        { name: `${name}_sup`, children, ...INTENSITY },
        { table: this.#table, onExit: (error) => this.#failed(name, error.reason) },
      );
      this.#supervisors.push(supervisor);
      await supervisor.start(options);
    }
    return this.list();
  }

  #convert(snapshots: readonly ServerSnapshot[]): Map<string, ServerSnapshot> {
    return convertAll(snapshots, (name) => this.#versions.get(name), this.#storage.serverChains);
  }

  list(): ServerInfo[] {
    return this.#table
      .list()
      .filter(({ name }) => this.#versions.has(name))
      .map(({ name, pid, status, mailboxLength }) => ({
        name,
        version: this.#versions.get(name) ?? 0,
        pid,
        status,
        mailbox: mailboxLength,
      }));
  }

  async suspend(deadlineMs: number): Promise<string[]> {
    await this.#table.suspend({ deadlineMs });
    return this.list().map(({ name }) => name);
  }

  /** Rejects with `{resume_failed, Name}` for a server whose `resumed` hook failed; its supervisor has started it anew. */
  async resume(): Promise<void> {
    const before = this.list();
    await this.#table.resume();
    const after = new Map(this.list().map(({ name, pid }) => [name, pid]));
    const failed = before.find(({ name, pid }) => after.get(name) !== pid);
    if (failed)
      throw new ExitError(
        `{resume_failed, ${failed.name}}`,
        `server ${failed.name} ended as it was resumed.`,
      );
  }

  snapshot(): ServerSnapshot[] {
    return this.#table.snapshot();
  }

  /** Those that the other runner took turn into shells; the others go on here until the calls that need them have ended. */
  async markMoved(names: readonly string[]): Promise<void> {
    this.#table.markMoved(names.filter((name) => this.#table.whereis(name) !== undefined));
    await this.#table.resume();
  }

  async takeBack(snapshots: readonly ServerSnapshot[]): Promise<ServerInfo[]> {
    await this.#table.takeBack(this.#convert(snapshots).values());
    return this.list();
  }

  /** A message to each server that runs here, answered from its own mailbox. Throws for the first that does not answer. */
  async ping(timeoutMs: number): Promise<string[]> {
    const names = this.list().map(({ name }) => name);
    await Promise.all(names.map((name) => this.#table.ping(name, timeoutMs)));
    return names;
  }

  async stop(): Promise<void> {
    for (const supervisor of [...this.#supervisors].reverse()) await supervisor.stop();
  }
}

const versionsOf = (applications: readonly Application[]): Map<string, number> =>
  new Map(
    applications.flatMap(({ children }) =>
      serversOf(children).map(({ name, version }) => [name, version] as const),
    ),
  );

/** The reason of a failure, as the runbook prints it. */
export function reasonOf(error: unknown): string {
  if (error instanceof ExitError) return error.reason;
  if (error instanceof Error && 'reason' in error && typeof error.reason === 'string') return error.reason;
  return `{error, ${JSON.stringify(error instanceof Error ? error.message : String(error))}}`;
}
