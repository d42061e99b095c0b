/** What a supervisor is to keep running. Data only, as in OTP. */
import { ExitError, printAtom } from './exit-error.ts';
import type { AnyServer } from './gen-server.ts';

/** permanent: restarted always. transient: restarted after a failure. temporary: never, and forgotten once it has ended. */
export type Restart = 'permanent' | 'transient' | 'temporary';

export interface ChildSpec {
  /** Unique within the supervisor. */
  readonly id: string;
  readonly start: AnyServer | SupervisorSpec;
  /** Registered name; default: that of `start`. */
  readonly name?: string;
  /** For the server's `init`. */
  readonly args?: unknown;
  /** Default: permanent. */
  readonly restart?: Restart;
  /** How long it may take to end, in ms; default 5000, and `Infinity` for supervisors, whose children have limits of their own. */
  readonly shutdown?: number | 'brutal_kill';
}

export interface SupervisorSpec {
  readonly kind: 'supervisor';
  /** Registered name. */
  readonly name: string;
  /** Only a child that ends is restarted. The default, and the only strategy so far. */
  readonly strategy?: 'one_for_one';
  readonly children: readonly ChildSpec[];
  /** More restarts than this within `periodMs` end the supervisor. Default 1, as in OTP. */
  readonly intensity?: number;
  /** Default 5000, as in OTP. */
  readonly periodMs?: number;
}

/** Defines a supervisor: the root's (`new Supervisor(...)`), or a child's `start`. @throws ExitError `{duplicate_child_id, Id}` */
export function supervisor(spec: Omit<SupervisorSpec, 'kind'>): SupervisorSpec {
  const ids = spec.children.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice === undefined) return { ...spec, kind: 'supervisor' };
  const reason = `{duplicate_child_id, ${printAtom(twice)}}`;
  throw new ExitError(reason, `${reason}: two children of ${spec.name} have this id; rename one.`);
}

export const nameOfChild = ({ name, start }: ChildSpec): string => name ?? start.name;
