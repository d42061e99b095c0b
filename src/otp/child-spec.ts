/** What a supervisor is to keep running. Data only, as in OTP. */
import type { AnyServer } from './gen-server.ts';

/** permanent: restarted always. transient: restarted after a failure. temporary: never, and forgotten once it has ended. */
export type Restart = 'permanent' | 'transient' | 'temporary';

/**
 * What the end of a child that is restarted does to its siblings.
 * one_for_one: nothing. one_for_all: all are ended, in reverse order, and all start again. rest_for_one: so are those after it.
 */
export type Strategy = 'one_for_one' | 'one_for_all' | 'rest_for_one';

/** How a child is kept. */
export interface ChildOptions {
  /** Default: permanent. */
  readonly restart?: Restart;
  /** How long it may take to end, in ms; default 5000, and `Infinity` for supervisors, whose children have limits of their own. */
  readonly shutdown?: number | 'brutal_kill';
  /** How long it may take to start, in ms; it is killed then, and its start fails with `timeout`. Default `Infinity`. */
  readonly timeout?: number;
}

export interface ChildSpec extends ChildOptions {
  /** Unique within the supervisor. */
  readonly id: string;
  readonly start: AnyServer | SupervisorSpec;
  /** Registered name; default: that of `start`. */
  readonly name?: string;
  /** For the server's `init`. */
  readonly args?: unknown;
}

/** What all children of a simple_one_for_one supervisor are: servers, each started with arguments of its own. */
export interface ChildTemplate extends ChildOptions {
  readonly start: AnyServer;
}

interface SupervisorFlags {
  readonly kind: 'supervisor';
  /** Registered name. */
  readonly name: string;
  /** More restarts than this within `periodMs` end the supervisor. Default 1, as in OTP. */
  readonly intensity?: number;
  /** Default 5000, as in OTP. */
  readonly periodMs?: number;
}

export interface StaticSupervisorSpec extends SupervisorFlags {
  /** Default: one_for_one. */
  readonly strategy?: Strategy;
  readonly children: readonly ChildSpec[];
}

/** Starts without children; each comes by `startChild(supervisor, args)` and is known by its pid. All end at once. */
export interface DynamicSupervisorSpec extends SupervisorFlags {
  readonly strategy: 'simple_one_for_one';
  readonly child: ChildTemplate;
}

export type SupervisorSpec = StaticSupervisorSpec | DynamicSupervisorSpec;

/** As an author writes it. */
export type SupervisorDefinition = Omit<StaticSupervisorSpec, 'kind'> | Omit<DynamicSupervisorSpec, 'kind'>;

export const isDynamic = (spec: SupervisorSpec): spec is DynamicSupervisorSpec =>
  spec.strategy === 'simple_one_for_one';

export const nameOfChild = ({ name, start }: Pick<ChildSpec, 'name' | 'start'>): string => name ?? start.name;

export const restartOf = ({ restart }: ChildOptions): Restart => restart ?? 'permanent';
