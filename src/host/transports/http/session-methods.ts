/** GET and DELETE: the operations on a session, which only the 2025 revisions have. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from '../../gateway.ts';
import { namesModern } from './classify.ts';
import type { HttpContext } from './context.ts';
import { takesEvents } from './media-types.ts';
import {
  EVENT_ID_UNKNOWN,
  GET_NOT_ACCEPTABLE,
  INTERNAL_ERROR,
  isRefusal,
  POST_ONLY,
  type Refusal,
  STREAM_OVER,
} from './refusals.ts';
import { refuse, refuseUnread, writeEmpty } from './respond.ts';
import { findSession, header } from './session-header.ts';

/** Opens a stream of the session's messages, or goes on with the one that `Last-Event-ID` is of. */
export function handleGet(context: HttpContext, req: IncomingMessage, res: ServerResponse): void {
  const refused = openStream(context, req, res);
  if (refused) refuseUnread(context.counters, req, res, refused);
}

function openStream(context: HttpContext, req: IncomingMessage, res: ServerResponse): Refusal | undefined {
  const session = sessionOf(context, req);
  if (isRefusal(session)) return session;
  if (!takesEvents(req.headers.accept)) return GET_NOT_ACCEPTABLE;
  const lastEventId = header(req, 'last-event-id');
  if (!lastEventId) {
    context.streams.openStandalone(session, res);
    return undefined;
  }
  const id = context.eventLog.parseId(session.id, lastEventId);
  if (id === undefined) return EVENT_ID_UNKNOWN;
  const outcome = context.streams.resume(session, id, res);
  if (outcome === 'resumed') return undefined;
  return outcome === 'over' ? STREAM_OVER : EVENT_ID_UNKNOWN;
}

/** Ends the session; answered when that is durable. */
export function handleDelete(context: HttpContext, req: IncomingMessage, res: ServerResponse): void {
  const session = sessionOf(context, req);
  if (isRefusal(session)) {
    refuseUnread(context.counters, req, res, session);
    return;
  }
  endSession(context, session).then(
    () => writeEmpty(res, 200),
    (error: unknown) => {
      context.log.error(`Session ${session.id} could not be ended: ${String(error)}`);
      refuse(context.counters, res, INTERNAL_ERROR);
    },
  );
}

async function endSession(context: HttpContext, session: Session): Promise<void> {
  await context.gateway.endSession(session, 'ended by its client');
  await context.eventLog.forget(session.id);
}

/**
 * Who names no session may be of revision 2026-07-28, or a client that only looks what is here: there is no such method for
 * them. Who names a revision with sessions has forgotten the header.
 */
function sessionOf(context: HttpContext, req: IncomingMessage): Session | Refusal {
  const version = header(req, 'mcp-protocol-version');
  if (namesModern(version)) return POST_ONLY;
  if (version === undefined && !header(req, 'mcp-session-id')) return POST_ONLY;
  return findSession(context.gateway, req);
}
