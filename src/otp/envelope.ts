/** What travels between processes. Everything here survives a structured clone, so that it can travel between OS processes. */
import type { Pid } from './pid.ts';

/** Who waits for the answer of a call. It may be kept in a server's state and be answered later, from any table. */
export interface From {
  /** The process table of the caller. */
  readonly origin: string;
  /** The call, within that table. */
  readonly ref: number;
}

/** Where a message comes from: a tool call or a timer (`'outside'`), or a server that was at work when it sent it. */
export type Origin = 'outside' | Pid;

/** One message in a mailbox. */
export interface Envelope {
  /** `system` messages are answered by the process itself, in their turn; its callbacks do not see them. */
  readonly kind: 'call' | 'cast' | 'info' | 'system';
  readonly body: unknown;
  readonly origin: Origin;
  /** Of a call or a system message. */
  readonly from: From | undefined;
}

/** The answer of a call. An error crosses as its reason and message. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** `call increment`: an envelope in a word or two, for lists of processes. */
export function describeEnvelope({ kind, body }: Envelope): string {
  const tag = Array.isArray(body) ? body[0] : body;
  return typeof tag === 'string' ? `${kind} ${tag}` : kind;
}

/** As it is taken in from another table, also from a wire format that knows no `undefined`. */
export const fromOutside = ({ kind, body, from }: Envelope): Envelope => ({
  kind,
  body,
  origin: 'outside',
  from: from ?? undefined,
});
