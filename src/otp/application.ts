/** What an application of a process table is: a supervision tree with a name, a version and the applications that it needs. */
import type { SupervisorDefinition } from './child-spec.ts';
import { supervisor } from './define-supervisor.ts';
import { ExitError, printAtom } from './exit-error.ts';

/**
 * What its end does, when its top supervisor gives up. permanent: all other applications are stopped too. transient: so they are
 * unless the reason is a normal one (`normal`, `shutdown`). temporary: nothing; the reason is kept.
 */
export type ApplicationType = 'permanent' | 'transient' | 'temporary';

export interface OtpApplication {
  readonly name: string;
  readonly vsn: string;
  /** Names of applications that run before this one starts, and until it has stopped. */
  readonly applications?: readonly string[];
  /** Default: permanent. */
  readonly type?: ApplicationType;
  readonly supervisor: SupervisorDefinition;
  /** Before its tree starts. An error fails the application. `suspended`: it takes over from another table, and does not run yet. */
  readonly start?: (context: { readonly suspended: boolean }) => void | Promise<void>;
  /** After its tree has ended, by whatever cause. */
  readonly stop?: () => void | Promise<void>;
}

const TYPES: readonly unknown[] = ['permanent', 'transient', 'temporary'];

/** Checks an application's specification. @throws ExitError `{bad_application, Name}`, or as `supervisor` does */
export function defineOtpApplication(spec: OtpApplication): OtpApplication {
  const { name, vsn, type = 'permanent', applications = [] } = spec;
  const bad = (sentence: string): never => {
    const reason = `{bad_application, ${printAtom(String(name))}}`;
    throw new ExitError(reason, `${reason}: ${sentence}`);
  };
  if (typeof name !== 'string' || name === '') bad('an application needs a name.');
  if (typeof vsn !== 'string' || vsn === '') bad('vsn must be its version, such as "3.0.0".');
  if (!TYPES.includes(type)) bad(`its type must be one of ${TYPES.join(', ')}.`);
  if (applications.includes(name)) bad('it can not need itself.');
  supervisor(spec.supervisor);
  return Object.freeze({ ...spec });
}
