/**
 * Names and who has them. A name belongs to one process at a time. Listeners are told of a name once this table serves it,
 * so a process that starts suspended is announced when it resumes, and a moved one is neither unregistered nor exited.
 */
import { type ExitError, exitTuple } from './exit-error.ts';
import type { HostedProcess } from './hosted-process.ts';
import type { Pid } from './pid.ts';
import {
  infoOf,
  type ProcessChange,
  type ProcessInfo,
  type ProcessKind,
  type SupervisorProcess,
} from './process-info.ts';
import type { ServerProcess } from './server-process.ts';

type Named = Pick<HostedProcess, 'name' | 'pid'>;

const serialOf = ({ pid }: ProcessInfo): number => Number(pid.split('.')[1]);

export class ProcessRegistry {
  readonly servers = new Map<string, ServerProcess>();
  readonly supervisors = new Map<string, SupervisorProcess>();
  readonly #announced = new Set<Pid>();
  readonly #listeners = new Set<(change: ProcessChange) => void>();

  list(): ProcessInfo[] {
    const supervisors = Array.from(this.supervisors.values(), (supervisor) => supervisor.info());
    const servers = Array.from(this.servers.values(), infoOf);
    return [...supervisors, ...servers].sort((a, b) => serialOf(a) - serialOf(b));
  }

  info(name: string): ProcessInfo | undefined {
    const server = this.servers.get(name);
    return server ? infoOf(server) : this.supervisors.get(name)?.info();
  }

  whereis(name: string): Pid | undefined {
    return this.servers.get(name)?.pid ?? this.supervisors.get(name)?.pid;
  }

  /** @throws ExitError `{already_started, Name}` */
  assertFree(name: string): void {
    if (this.whereis(name) === undefined) return;
    throw exitTuple('already_started', name, 'a process of that name exists; stop it or take another name.');
  }

  /** @throws ExitError `{noproc, Name}` */
  requireServer(name: string): ServerProcess {
    const process = this.servers.get(name);
    if (process) return process;
    throw noproc(name);
  }

  addServer(process: ServerProcess, announce: boolean): void {
    this.servers.set(process.name, process);
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
    if (this.#announced.delete(pid)) this.#emit({ type: 'unregistered', name, pid, kind });
    this.#emit({ type: 'exited', name, pid, kind, reason: error.reason, error });
  }

  /** Drops a shell: nothing ended. */
  forget({ name }: Named): void {
    this.servers.delete(name);
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
    if (this.#announced.has(pid)) return;
    this.#announced.add(pid);
    this.#emit({ type: 'registered', name, pid, kind });
  }

  #emit(change: ProcessChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

export const noproc = (name: string): ExitError =>
  exitTuple('noproc', name, 'no process of that name is running; start it, or check the name.');
