/** The applications' processes: their supervision trees, and their moves between runners. */
import { ExitError, type ProcessInfo, type ProcessTable, type ServerSnapshot } from '../otp/index.ts';
import type {
  CopiedStates,
  HandedApplication,
  RehearsedServer,
  ResumedProcesses,
  ServerInfo,
} from '../wire/index.ts';
import type { Application } from './application.ts';
import { type ApplicationEnds, ReleaseApplications } from './applications.ts';
import { type DeclaredServer, declaredServers, moveNameOf } from './children.ts';
import { hangingIn } from './process-repair.ts';
import { rehearsedServer } from './rehearsal.ts';
import { convertAll, explainTransformation } from './state-lens.ts';
import type { Storage } from './storage.ts';

export class Servers {
  readonly #table: ProcessTable;
  readonly #storage: Storage;
  readonly #declared: Declared;
  readonly applications: ReleaseApplications;

  constructor(
    table: ProcessTable,
    storage: Storage,
    applications: readonly Application[],
    ends: ApplicationEnds,
  ) {
    this.#table = table;
    this.#storage = storage;
    this.applications = new ReleaseApplications(table, applications, ends);
    this.#declared = declaredIn(applications);
  }

  /** Starts all trees: fresh and running, or from states of another runner and suspended until `resume`. */
  async start(
    adopt: readonly ServerSnapshot[] | undefined,
    handed: readonly HandedApplication[] = [],
  ): Promise<ServerInfo[]> {
    await this.applications.start(adopt && this.#convert(adopt), handed).catch(explainTransformation);
    return this.list();
  }

  #convert(snapshots: readonly ServerSnapshot[]): Map<string, ServerSnapshot> {
    const versionOf = ({ name, server, child }: ServerSnapshot): number | undefined =>
      this.#declared.get(child ? moveNameOf({ name: server ?? name, supervisor: child.supervisor }) : name)
        ?.version;
    return convertAll(snapshots, versionOf, this.#storage.serverChains);
  }

  list(): ServerInfo[] {
    return this.#running().map(({ name, pid, version, status, mailboxLength }) => ({
      name,
      version: version ?? 0,
      pid,
      status,
      mailbox: mailboxLength,
    }));
  }

  #running(): ProcessInfo[] {
    return this.#table.list().filter((process) => process.kind === 'server' && this.#declarationOf(process));
  }

  /** undefined: started by other means than the declared trees. */
  #declarationOf({ name, supervisor }: ProcessInfo): DeclaredServer | undefined {
    return this.#declared.get(name) ?? this.#declared.bySupervisor(supervisor);
  }

  async suspend(deadlineMs: number): Promise<string[]> {
    await this.#table.suspend({ deadlineMs });
    return this.list().map(({ name }) => name);
  }

  /** Rejects with `{resume_failed, Name}` for a server whose `resumed` hook failed; its supervisor has started it anew. */
  async resume(): Promise<ResumedProcesses> {
    const before = this.list();
    await this.#table.resume();
    const after = new Map(this.list().map((server) => [server.name, server]));
    const failed = before.find(({ name, pid }) => after.get(name)?.pid !== pid);
    if (failed)
      throw new ExitError(
        `{resume_failed, ${failed.name}}`,
        `server ${failed.name} ended as it was resumed.`,
      );
    const suspended = before.filter(({ status }) => status === 'suspended').map(({ name }) => name);
    const busy = hangingIn(this.#table);
    return { resumed: suspended.filter((name) => !busy.includes(name)), restarted: [], busy };
  }

  snapshot(): ServerSnapshot[] {
    return this.#table.snapshot();
  }

  /** What `snapshot` would be, of servers that go on. */
  async copyStates(timeoutMs: number): Promise<CopiedStates> {
    const { snapshots, busy, unfit } = await this.#table.copyStates(timeoutMs);
    return {
      servers: snapshots,
      applications: this.applications.handOver(),
      busy: busy.map(({ name, task = null }) => ({ name, task })),
      unfit: [...unfit],
    };
  }

  /** @param had names of those that were given a state */
  checkStates(had: readonly string[]): RehearsedServer[] {
    return this.#table
      .snapshot()
      .map((snapshot) => rehearsedServer(snapshot, had.includes(snapshot.name), this.#table));
  }

  /**
   * Those that the other runner took turn into shells; the others go on here until the calls that need them have ended.
   * @param names what the other release declares, as `moveNameOf` has it
   */
  async markMoved(names: readonly string[]): Promise<void> {
    const isTaken = (process: ProcessInfo): boolean => {
      const server = this.#declarationOf(process);
      return server !== undefined && process.status !== 'moved' && names.includes(moveNameOf(server));
    };
    this.#table.markMoved(
      this.#running()
        .filter(isTaken)
        .map(({ name }) => name),
    );
    await this.#table.resume();
  }

  async takeBack(
    snapshots: readonly ServerSnapshot[],
    handed: readonly HandedApplication[] = [],
  ): Promise<ServerInfo[]> {
    const states = this.#convert(snapshots);
    const shells = new Set(this.#table.list().map(({ name }) => name));
    await this.applications.follow(states, handed).catch(explainTransformation);
    // An application that was started there, after it had ended here, has its servers by now.
    for (const { name } of this.#table.list()) if (!shells.has(name)) states.delete(name);
    await this.#table.takeBack(states.values()).catch(explainTransformation);
    return this.list();
  }

  /** A message to each server that runs here, answered from its own mailbox. Throws for the first that does not answer. */
  async ping(timeoutMs: number): Promise<string[]> {
    const names = this.list().map(({ name }) => name);
    await Promise.all(names.map((name) => this.#table.ping(name, timeoutMs)));
    return names;
  }

  stop(): Promise<void> {
    return this.applications.stop();
  }
}

/** What the release's trees start. */
interface Declared {
  /** By what a hand-over knows it by. */
  get(moveName: string): DeclaredServer | undefined;
  /** What the children of a simple_one_for_one supervisor are. */
  bySupervisor(name: string | undefined): DeclaredServer | undefined;
}

function declaredIn(applications: readonly Application[]): Declared {
  const servers = applications.flatMap(({ children }) => declaredServers(children));
  const byName = new Map(servers.map((server) => [moveNameOf(server), server]));
  const bySupervisor = new Map(servers.map((server) => [server.supervisor, server]));
  return {
    get: (name) => byName.get(name),
    bySupervisor: (name) => (name === undefined ? undefined : bySupervisor.get(name)),
  };
}

/** The reason of a failure, as the runbook prints it. */
export function reasonOf(error: unknown): string {
  if (error instanceof ExitError) return error.reason;
  if (error instanceof Error && 'reason' in error && typeof error.reason === 'string') return error.reason;
  return `{error, ${JSON.stringify(error instanceof Error ? error.message : String(error))}}`;
}
