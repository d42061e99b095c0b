import type { Envelope } from './envelope.ts';
import type { Pid } from './pid.ts';

/** What the table's other parts know a process by. */
export interface HostedProcess {
  readonly pid: Pid;
  /** Registered name; the pid of a process that has none. */
  readonly name: string;
  post(envelope: Envelope): void;
}
