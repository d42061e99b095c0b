/**
 * The applications of a release in its runner. What an application is outlives an upgrade: one that has ended is handed over as
 * ended, and starts again only at an operator's word, in whichever runner has it then.
 */
import {
  Applications,
  type ApplicationsStartOptions,
  ExitError,
  type OtpApplication,
  type ProcessTable,
  type ServerSnapshot,
} from '../otp/index.ts';
import type { ApplicationView, HandedApplication } from '../wire/index.ts';
import type { Application } from './application.ts';

/** As OTP's default for an application's top supervisor in practice: a server that fails at once is given up soon. */
const INTENSITY = { intensity: 3, periodMs: 5_000 };

/** Servers that take longer to end are killed, so that whoever restarts an application is answered. */
const END_MS = 1_500;

export interface ApplicationEnds {
  /** One without which the runner is not to go on; the others have stopped. */
  fatal(application: string, message: string): void;
  /** The others go on. */
  single(application: string, message: string): void;
}

type Left = NonNullable<ApplicationsStartOptions['stopped']>;
type Adopted = ReadonlyMap<string, ServerSnapshot>;

export const topSupervisorOf = (application: string): string => `${application}_sup`;

/** @throws ExitError where one needs another that is not there, or they need each other */
export const checkStartOrder = (applications: readonly Application[]): unknown =>
  new Applications(applications.map(asOtp));

const asOtp = ({ name, vsn, applications, type, children }: Application): OtpApplication => ({
  name,
  vsn,
  applications,
  type,
  supervisor: { name: topSupervisorOf(name), children, ...INTENSITY },
});

export class ReleaseApplications {
  readonly #table: ProcessTable;
  readonly #declared: readonly Application[];
  readonly #running: Applications;

  constructor(table: ProcessTable, declared: readonly Application[], ends: ApplicationEnds) {
    this.#table = table;
    this.#declared = declared;
    this.#running = new Applications(declared.map(asOtp), {
      table,
      onPermanentExit: (name, _reason, { message }) => ends.fatal(name, message),
      onExit: (name, _reason, { message }) => ends.single(name, message),
    });
  }

  /** @param handed what they were in the runner before; one that it did not have is started */
  start(adopted: Adopted | undefined, handed: readonly HandedApplication[]): Promise<void> {
    const taken = adopted === undefined ? {} : { adopted, suspended: true };
    return this.#running.start({ ...taken, stopped: endedOf(handed) });
  }

  /**
   * Makes them what they are in the runner that gives its servers back: one that has ended there is stopped, one that was started
   * there is started suspended, with the servers of `adopted`.
   */
  async follow(adopted: Adopted, handed: readonly HandedApplication[]): Promise<void> {
    const left = endedOf(handed);
    const known = new Set(handed.map(({ name }) => name));
    for (const { name, state, reason, message } of this.#running.which()) {
      if (state === 'started' && left.has(name)) await this.#running.stopOne(name);
      // The other release does not have it: it stays as it is.
      else if (state !== 'started' && !known.has(name)) left.set(name, asLeft(state, reason, message));
    }
    await this.#running.start({ adopted, suspended: true, stopped: left });
  }

  /** For the runner that takes over. */
  handOver(): HandedApplication[] {
    return this.#running.which().map(({ name, state, reason = null, message = null }) => ({
      name,
      state,
      reason,
      message,
    }));
  }

  views(): ApplicationView[] {
    const states = new Map(this.#running.which().map((info) => [info.name, info]));
    return this.#declared.map(({ name, vsn, type, tables, mcp }) => {
      const { state = 'loaded', reason, message, startedAt } = states.get(name) ?? {};
      return {
        name,
        vsn,
        state: state === 'started' && this.#table.stage !== 'running' ? 'suspended' : state,
        type,
        processes: this.#processesOf(name).length,
        tables: tables.length,
        mcp: mcp !== undefined,
        reason: message ?? reason ?? null,
        since: startedAt ?? null,
      };
    });
  }

  /** Stops it if it runs, and starts it, from `init`. @returns the pid of its top supervisor. Rejects as `Applications.restart`. */
  async restart(name: string): Promise<string> {
    const timer = setTimeout(() => {
      // Its start may take longer than its end.
      if (this.#running.which().some((info) => info.name === name && info.state === 'stopping'))
        this.#killServersOf(name);
    }, END_MS);
    try {
      await this.#running.restart(name);
    } finally {
      clearTimeout(timer);
    }
    return this.#table.whereis(topSupervisorOf(name)) ?? '';
  }

  stop(): Promise<void> {
    return this.#running.stop();
  }

  #killServersOf(name: string): void {
    for (const { kind, pid } of this.#processesOf(name))
      if (kind === 'worker' && pid !== undefined) this.#table.signals.exit(pid, 'kill', 'outside');
  }

  /** Its top supervisor and all below that live here. */
  #processesOf(name: string) {
    const rows = this.#table.tree();
    const top = rows.findIndex((row) => row.depth === 0 && row.name === topSupervisorOf(name));
    if (top < 0) return [];
    const next = rows.findIndex((row, at) => at > top && row.depth === 0);
    return rows
      .slice(top, next < 0 ? undefined : next)
      .filter(({ pid, status }) => pid !== undefined && status !== 'moved');
  }
}

const asLeft = (state: string, reason?: string | null, message?: string | null) => ({
  state: state === 'failed' ? ('failed' as const) : ('stopped' as const),
  error: reason == null ? undefined : new ExitError(reason, message ?? reason),
});

const endedOf = (
  handed: readonly HandedApplication[],
): Map<string, Left extends ReadonlyMap<string, infer V> ? V : never> =>
  new Map(
    handed
      .filter(({ state }) => state === 'failed' || state === 'stopped')
      .map(({ name, state, reason, message }) => [name, asLeft(state, reason, message)]),
  );
