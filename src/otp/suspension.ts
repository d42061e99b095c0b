/**
 * Brings a table to rest and back.
 *
 *     running ── suspend ──► draining ── nobody works ──► suspended ── resume ──► running
 *                               └── deadline, resume ──► running
 *
 * draining (stage 1): messages from outside wait; those of servers at work are delivered, so that calls between servers end.
 * suspended (stage 2): nothing is delivered; each server's `suspended` hook has run.
 */
import { ExitError, exitOf, exitTuple, printAtom } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ServerProcess } from './server-process.ts';

export type Stage = 'running' | 'draining' | 'suspended';

export interface SuspendOptions {
  /** For both stages together, in ms. */
  readonly deadlineMs: number;
}

/** Something that can be at work besides servers: a supervisor. */
export interface Worker {
  readonly name: string;
  readonly busy: boolean;
}

export interface SuspendedWorld {
  servers(): Iterable<ServerProcess>;
  supervisors(): Iterable<Worker>;
  /** The process waits for the answer of a call. */
  isWaiting(pid: Pid): boolean;
  /** Processes may work from now on. */
  resumed(): void;
}

const isAlive = (server: ServerProcess): boolean => !server.is('moved') && !server.is('ended');

const runHook = (server: ServerProcess): Promise<void> =>
  server.runSuspendedHook().catch((error: unknown) => {
    const message = `its suspended hook failed (${exitOf(error).message}); all servers go on.`;
    throw exitTuple('suspend_failed', server.name, message, error);
  });

export class Suspension {
  readonly #world: SuspendedWorld;
  /** Set here only. A plain member: each message asks for it. */
  stage: Stage = 'running';
  #rested: (() => void) | undefined;
  #abort: ((error: ExitError) => void) | undefined;

  constructor(world: SuspendedWorld) {
    this.#world = world;
  }

  /** New processes start suspended, until `resume`. */
  startSuspended(): void {
    if (this.stage === 'running') this.stage = 'suspended';
  }

  async suspend({ deadlineMs }: SuspendOptions): Promise<void> {
    if (this.stage !== 'running') {
      throw new ExitError(
        'already_suspended',
        'already_suspended: the servers are suspended; resume them first.',
      );
    }
    this.stage = 'draining';
    const aborted = new Promise<never>((_, reject) => {
      this.#abort = reject;
    });
    const timer = setTimeout(() => this.#abort?.(this.#busyError(deadlineMs)), deadlineMs);
    try {
      await Promise.race([this.#comeToRest(), aborted]);
      await Promise.race([this.#runHooks(), aborted]);
    } catch (error) {
      void this.resume();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#abort = undefined;
    }
  }

  /** Lets every held server go on. Resolves when their `resumed` hooks are done; a suspension under way rejects. */
  async resume(): Promise<void> {
    this.#abort?.(new ExitError('suspend_aborted', 'suspend_aborted: the servers were resumed meanwhile.'));
    this.#rested = undefined;
    this.stage = 'running';
    this.#world.resumed();
    const released: Promise<void>[] = [];
    for (const server of this.#world.servers()) {
      if (server.held) released.push(server.release());
      else server.wake();
    }
    await Promise.all(released);
  }

  /** A callback has settled: perhaps the last one. */
  check(): void {
    if (this.#rested === undefined || this.#isAtWork()) return;
    this.#rested();
    this.#rested = undefined;
  }

  /** The stage changes in the very step in which the last work ends, so that none can begin in between. */
  #comeToRest(): Promise<void> {
    const rested = new Promise<void>((resolve) => {
      this.#rested = () => {
        this.#holdAll();
        resolve();
      };
    });
    this.check();
    return rested;
  }

  #holdAll(): void {
    this.stage = 'suspended';
    for (const server of this.#world.servers()) if (isAlive(server)) server.hold();
  }

  async #runHooks(): Promise<void> {
    const servers = [...this.#world.servers()].filter(({ held }) => held);
    await Promise.all(servers.map(runHook));
  }

  #isAtWork(): boolean {
    for (const server of this.#world.servers()) if (server.hasWork) return true;
    for (const supervisor of this.#world.supervisors()) if (supervisor.busy) return true;
    return false;
  }

  /** Names the cause, not its victims: a server that waits for another's answer is named only if all do. */
  #busyError(deadlineMs: number): ExitError {
    const servers = [...this.#world.servers()].filter(({ busy }) => busy);
    const cause = servers.find(({ pid }) => !this.#world.isWaiting(pid)) ?? servers[0];
    const supervisor = [...this.#world.supervisors()].find(({ busy }) => busy);
    const reason = `{server_busy, ${printAtom(cause?.name ?? supervisor?.name ?? 'undefined')}}`;
    const task = cause?.task === undefined ? '' : ` with '${cause.task}'`;
    return new ExitError(
      reason,
      `${reason}: still at work${task} after ${deadlineMs} ms; all servers go on.`,
    );
  }
}
