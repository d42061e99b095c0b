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
  /**
   * `system` messages (of `sys`) are answered by the process itself, in their turn, and `signal`s (links, exits) work at once,
   * or when a suspended process goes on; its callbacks see neither.
   */
  readonly kind: 'call' | 'cast' | 'info' | 'system' | 'signal';
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

/** Without what only this table knows of a call. */
export const plainFrom = ({ origin, ref }: From): From => ({ origin, ref });

/** As it leaves for another table. */
export const toOutside = ({ kind, body, origin, from }: Envelope): Envelope => ({
  kind,
  body,
  origin,
  from: from && plainFrom(from),
});

/** As it is taken in from another table, also from a wire format that knows no `undefined`. */
export const fromOutside = ({ kind, body, from }: Envelope): Envelope => ({
  kind,
  body,
  origin: 'outside',
  from: from ?? undefined,
});
