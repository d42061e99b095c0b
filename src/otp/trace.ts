/** What a process tells while `sys.trace` is on. The listener belongs to the process of this table and does not move with it. */
import type { Envelope } from './envelope.ts';
import { reportDropped } from './report.ts';

/** in: a message is taken from the mailbox. out: a call is answered by what its handler returns. state: the state after a message, where it is another. */
export type TraceEvent = { readonly pid: string; readonly name: string } & (
  | { readonly type: 'in'; readonly kind: Envelope['kind']; readonly message: unknown }
  | { readonly type: 'out'; readonly reply: unknown }
  | { readonly type: 'state'; readonly state: unknown }
);

export type TraceListener = (event: TraceEvent) => void;

/** Calls a listener; one that throws is given up, and the process goes on. @returns the listener for the next event */
export function tell(listener: TraceListener, event: TraceEvent): TraceListener | undefined {
  try {
    listener(event);
    return listener;
  } catch (error) {
    reportDropped(`the trace listener of ${event.name} failed and was taken off`, error);
    return undefined;
  }
}
