/**
 * Names and who has them. A name belongs to one process at a time. Listeners are told of a name once this table serves it,
 * so a process that starts suspended is announced when it resumes, and a moved one is neither unregistered nor exited. One without a
 * name has its pid in place of it, and is not announced.
 */
import { type ExitError, exitTuple } from './exit-error.ts';
import type { HostedProcess } from './hosted-process.ts';
import { byAge, type Pid } from './pid.ts';
import {
  type InfoOptions,
  infoOf,
  type ProcessChange,
  type ProcessInfo,
  type ProcessKind,
  type SupervisorProcess,
} from './process-info.ts';
import { Registrations } from './registrations.ts';
import { reportDropped } from './report.ts';
import type { ServerProcess } from './server-process.ts';

type Named = Pick<HostedProcess, 'name' | 'pid'>;

export class ProcessRegistry {
  readonly servers = new Map<string, ServerProcess>();
  readonly supervisors = new Map<string, SupervisorProcess>();
  readonly registrations = new Registrations();
  readonly #serversByPid = new Map<string, ServerProcess>();
  #lastName: string | undefined;
  #lastFound: ServerProcess | undefined;
  readonly #announced = new Set<Pid>();
  readonly #listeners = new Set<(change: ProcessChange) => void>();

  list(options?: InfoOptions): ProcessInfo[] {
    const supervisors = Array.from(this.supervisors.values(), (supervisor) => supervisor.info());
    const servers = Array.from(this.servers.values(), (server) => infoOf(server, options));
    return [...supervisors, ...servers].sort((a, b) => byAge(a.pid, b.pid));
  }

  info(address: string, options?: InfoOptions): ProcessInfo | undefined {
    const server = this.find(address);
    return server ? infoOf(server, options) : this.findSupervisor(address)?.info();
  }

  /** As `find` for a name; the last one is found again without a look into the map. */
  findNamed(name: string): ServerProcess | undefined {
    if (name === this.#lastName) return this.#lastFound;
    this.#lastFound = this.servers.get(name);
    this.#lastName = this.#lastFound === undefined ? undefined : name;
    return this.#lastFound;
  }

  /** The server of a name, a pid, or a key of a registry (`{via, …}`); the shell of one that has moved, too. */
  find(address: string): ServerProcess | undefined {
    return (
      this.findNamed(address) ??
      this.#serversByPid.get(address) ??
      this.#serversByPid.get(this.registrations.resolve(address) ?? '')
    );
  }

  findSupervisor(address: string): SupervisorProcess | undefined {
    const named = this.supervisors.get(address);
    return named ?? [...this.supervisors.values()].find(({ pid }) => pid === address);
  }

  whereis(address: string): Pid | undefined {
    return this.find(address)?.pid ?? this.findSupervisor(address)?.pid;
  }

  /** Here is only its shell, or nothing. */
  isElsewhere(address: string): boolean {
    return this.find(address)?.is('moved') ?? this.findSupervisor(address) === undefined;
  }

  /** @throws ExitError `{already_started, Name}` */
  assertFree(name: string): void {
    if (this.whereis(name) === undefined) return;
    throw exitTuple('already_started', name, 'a process of that name exists; stop it or take another name.');
  }

  /** @throws ExitError `{noproc, Name}` */
  requireServer(name: string): ServerProcess {
    const process = this.find(name);
    if (process) return process;
    throw noproc(name);
  }

  addServer(process: ServerProcess, announce: boolean): void {
    this.servers.set(process.name, process);
    this.#serversByPid.set(process.pid, process);
    if (announce) this.#announce(process, 'server');
  }

  addSupervisor(supervisor: SupervisorProcess, announce: boolean): void {
    this.supervisors.set(supervisor.name, supervisor);
    if (announce) this.#announce(supervisor, 'supervisor');
  }

  /** Announces all that is not announced yet. */
  announceAll(): void {
    for (const supervisor of this.supervisors.values()) this.#announce(supervisor, 'supervisor');
    for (const server of this.servers.values()) if (!server.is('moved')) this.#announce(server, 'server');
  }

  remove(process: Named, kind: ProcessKind, error: ExitError): void {
    const { name, pid } = process;
    (kind === 'server' ? this.servers : this.supervisors).delete(name);
    this.#lastName = this.#lastFound = undefined;
    this.#serversByPid.delete(pid);
    if (this.#announced.delete(pid)) this.#emit({ type: 'unregistered', name, pid, kind });
    this.#emit({ type: 'exited', name, pid, kind, reason: error.reason, error });
  }

  /** Drops a shell: nothing ended. */
  forget({ name, pid }: Named): void {
    this.servers.delete(name);
    this.#lastName = this.#lastFound = undefined;
    this.#serversByPid.delete(pid);
  }

  markMoved({ name, pid }: Named): void {
    this.#announced.delete(pid);
    this.#emit({ type: 'moved', name, pid, kind: 'server' });
  }

  onChange(listener: (change: ProcessChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #announce({ name, pid }: Named, kind: ProcessKind): void {
    if (name === pid || this.#announced.has(pid)) return;
    this.#announced.add(pid);
    this.#emit({ type: 'registered', name, pid, kind });
  }

  #emit(change: ProcessChange): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        reportDropped(`a listener of onChange failed at ${change.type} ${change.name}`, error);
      }
    }
  }
}

export const noproc = (name: string): ExitError =>
  exitTuple('noproc', name, 'no process of that name is running; start it, or check the name.');
