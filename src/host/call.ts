/** A request in flight: which client waits for it, and which runner has it. */
import type { Exchange, InFlight, RequestMessage } from './gateway.ts';
import type { LiveSession } from './live-session.ts';
import type { RunnerProcess } from './runner-process.ts';

export interface Call extends InFlight {
  readonly request: number;
  readonly session: LiveSession | undefined;
  readonly message: RequestMessage;
  readonly raw: Buffer;
  readonly exchange: Exchange;
  /** `performance.now()` when the request came. */
  readonly startedAt: number;
  /** The tool of a `tools/call`, else the method: what the request is measured as. */
  readonly name: string;
  /** Where it is now; undefined while it is held because no runner can take it. */
  runner: RunnerProcess | undefined;
  channel: number;
  /** It was run before, by a runner that ended. */
  rerun: boolean;
  /** A `subscriptions/listen` that was established anew: its acknowledgement is not for the client again. */
  swallowNext: boolean;
}

export const LISTEN = 'subscriptions/listen';

export function nameOf(message: RequestMessage): string {
  if (message.method !== 'tools/call') return message.method;
  const tool = message.params?.name;
  return typeof tool === 'string' ? tool : message.method;
}
