/** What a supervisor needs of its children, be they static or dynamic. Each call comes when the one before it has settled. */
import { ExitError, printAtom } from './exit-error.ts';
import type { Pid } from './pid.ts';
import type { ServerSnapshot } from './ports.ts';
import type { Adopted, ChildHost, SupervisedChild } from './supervised-child.ts';

export interface GroupHost extends ChildHost {
  readonly name: string;
  /** The supervisor ends: nothing is to be started any more. */
  readonly ending: boolean;
}

export interface GroupStart {
  readonly adopted: Adopted | undefined;
  readonly suspended: boolean;
}

export interface ChildGroup {
  /** In start order. */
  list(): SupervisedChild[];
  has(child: SupervisedChild): boolean;
  findByPid(pid: Pid): SupervisedChild | undefined;
  /** Rejects with `{failed_to_start_child, Id, Reason}`; those that run by then run on. */
  startAll(start: GroupStart): Promise<void>;
  /** It has ended and is not restarted. */
  ended(child: SupervisedChild): void;
  /** Restarts it with those that its end concerns. @returns the child that could not be started */
  restart(child: SupervisedChild): Promise<SupervisedChild | undefined>;
  terminateAll(): Promise<void>;
  startChild(what: unknown): Promise<Pid>;
  restartChild(id: string): Promise<Pid>;
  terminateChild(id: string): Promise<void>;
  deleteChild(id: string): void;
  /** Names under which the table finds those who could take a server back: of servers, or of the supervisor. */
  adoptableNames(): string[];
  /** The server of the snapshot belongs here. */
  takes(snapshot: ServerSnapshot): boolean;
  /** Starts such a server from its snapshot, suspended. */
  adopt(snapshot: ServerSnapshot): Promise<void>;
  /** Lets go of shells whose servers exist nowhere any more. */
  dropShells(): void;
}

export const failedToStart = (id: string, cause: ExitError): ExitError => {
  const reason = `{failed_to_start_child, ${printAtom(id)}, ${cause.reason}}`;
  return new ExitError(reason, `${reason}: ${cause.message}`, { cause });
};

export const stoppedWhileStarting = (name: string): ExitError =>
  new ExitError('shutdown', `${name} was stopped while it started.`);

export const refusal = (reason: string, sentence: string): ExitError =>
  new ExitError(reason, `${reason}: ${sentence}`);
