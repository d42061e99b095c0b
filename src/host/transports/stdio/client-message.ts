/** What a bridge passes on from its client, as far as the transport has to know it. */

import { LinkViolation } from '../../../wire/bridge-link.ts';
import type { OneWayMessage, RequestMessage } from '../../gateway.ts';

export type ClientMessage =
  | { kind: 'request'; message: RequestMessage; sessionless: boolean }
  | { kind: 'cancel'; message: OneWayMessage; sessionless: boolean; cancels: string | number }
  | { kind: 'other'; message: OneWayMessage; sessionless: boolean };

const VERSION_CLAIM = 'io.modelcontextprotocol/protocolVersion';
/** The first revision without sessions; revisions are dates, in order as text. */
const FIRST_SESSIONLESS = '2026-07-28';

/** @throws LinkViolation where a bridge would not have passed it on. */
export function parseClientMessage(raw: Buffer): ClientMessage {
  const message = parse(raw);
  const { method, params } = message;
  const sessionless = isSessionless(params?._meta);
  if (typeof method !== 'string') return { kind: 'other', message: message as OneWayMessage, sessionless };
  if (message.id !== undefined) return { kind: 'request', message: message as RequestMessage, sessionless };
  const cancels = method === 'notifications/cancelled' ? params?.requestId : undefined;
  if (typeof cancels === 'string' || typeof cancels === 'number')
    return { kind: 'cancel', message: message as OneWayMessage, sessionless, cancels };
  return { kind: 'other', message: message as OneWayMessage, sessionless };
}

interface Loose {
  id?: unknown;
  method?: unknown;
  params?: { _meta?: unknown; requestId?: unknown };
}

function parse(raw: Buffer): Loose {
  try {
    const value: unknown = JSON.parse(raw.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new LinkViolation('a message that is not JSON', { cause });
  }
  throw new LinkViolation('a message that is no object');
}

function isSessionless(meta: unknown): boolean {
  const claim = (meta as Record<string, unknown> | undefined)?.[VERSION_CLAIM];
  return typeof claim === 'string' && claim >= FIRST_SESSIONLESS;
}
