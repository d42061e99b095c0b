/**
 * What an operator sees of a process table and does with it, in host and runner alike. Looking changes nothing: a server
 * that does not answer has at most one question of ours in its mailbox.
 */
import type { ProcessInfo, ProcessTable, TreeRow } from '../otp/index.ts';
import type { ProcessView, ResumedProcesses, ServerView, SupervisorView } from '../wire/index.ts';
import { type ForcedResume, restartProcess, resumeAll } from './process-repair.ts';

export class ProcessViews {
  readonly #table: ProcessTable;
  readonly #force: boolean;
  /** By pid: questions that are not answered yet. */
  readonly #pings = new Map<string, Promise<void>>();

  /** @param force ends a process that takes long; not where only its `terminate` lets go of what it owns */
  constructor(table: ProcessTable, force = true) {
    this.#table = table;
    this.#force = force;
  }

  processes(memory: boolean): ProcessView[] {
    return this.#table.list({ memory }).map(processView);
  }

  /** In tree order. */
  supervisors(): SupervisorView[] {
    return this.#table.tree().map(supervisorView);
  }

  /** Asks each server for a sign of life, all at once. */
  servers(timeoutMs: number): Promise<ServerView[]> {
    const servers = this.#table.list().filter(({ kind }) => kind === 'server');
    return Promise.all(
      servers.map(async (info) => ({
        ...processView(info),
        answerMs: await this.#answerMs(info, timeoutMs),
      })),
    );
  }

  /** @returns the new pid. Rejects with an `ExitError`: `{noproc, Name}`, `{not_supervised, Name}`, `{temporary, Name}`. */
  restart(address: string): Promise<string> {
    return restartProcess(this.#table, address, this.#force);
  }

  resumeAll(how: ForcedResume): Promise<ResumedProcesses> {
    return resumeAll(this.#table, how);
  }

  async #answerMs({ pid, status }: ProcessInfo, timeoutMs: number): Promise<number | null> {
    if (status === 'moved' || (status === 'suspended' && this.#table.stage !== 'running')) return null;
    const started = performance.now();
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => late.resolve('late'), timeoutMs);
    const answer = await Promise.race([this.#ping(pid), late.promise]).catch(() => 'late');
    clearTimeout(timer);
    return answer === 'late' ? null : performance.now() - started;
  }

  #ping(pid: string): Promise<void> {
    const asked = this.#pings.get(pid);
    if (asked) return asked;
    const ping = this.#table.ping(pid, Number.POSITIVE_INFINITY).finally(() => this.#pings.delete(pid));
    this.#pings.set(pid, ping);
    return ping;
  }
}

/** A process without a name has its pid in place of one. */
const nameOf = (name: string | undefined, pid: string | undefined): string | null =>
  name === undefined || name === pid ? null : name;

const processView = (info: ProcessInfo): ProcessView => ({
  pid: info.pid,
  name: nameOf(info.name, info.pid),
  kind: info.kind,
  status: info.status,
  mailbox: info.mailboxLength,
  handled: info.handled,
  memoryBytes: info.memoryBytes ?? null,
  current: info.current ?? null,
  startedAt: info.startedAt,
  version: info.version ?? null,
  supervisor: info.supervisor ?? null,
});

const supervisorView = (row: TreeRow): SupervisorView => ({
  id: row.id,
  name: nameOf(row.name, row.pid),
  pid: row.pid ?? null,
  depth: row.depth,
  kind: row.kind,
  restart: row.restart ?? null,
  status: row.status,
  strategy: row.strategy ?? null,
  restarts: row.restarts ?? null,
  intensity: row.intensity ?? null,
  periodMs: row.periodMs ?? null,
});
