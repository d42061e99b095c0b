/** POST: a message of a client, checked in the order of the specification's ladder, and routed. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OneWayMessage, RequestMessage } from '../../gateway.ts';
import { routeBatch } from './batch.ts';
import { classify } from './classify.ts';
import type { HttpContext } from './context.ts';
import { metaOf, PROTOCOL_VERSION_KEY } from './envelope.ts';
import { InitializeExchange, ModernExchange, SessionExchange } from './exchanges.ts';
import { isJsonType, takesBoth } from './media-types.ts';
import { readBody } from './read-body.ts';
import {
  ALREADY_INITIALIZED,
  batchTooLong,
  bodyTooLarge,
  INITIALIZE_IN_BATCH,
  INVALID_JSON,
  INVALID_UTF8,
  isRefusal,
  MODERN_REVISIONS,
  POST_NOT_ACCEPTABLE,
  type Refusal,
  revisionUnsupported,
  tooBusy,
  UNSUPPORTED_MEDIA_TYPE,
} from './refusals.ts';
import { refuse, refuseAndClose, refuseUnread, writeEmpty } from './respond.ts';
import { findSession, header } from './session-header.ts';
import { checkStandardHeaders } from './standard-headers.ts';

/** A POST whose body has been read. */
interface Post {
  readonly context: HttpContext;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly raw: Buffer;
}

/** @param awaitsContinue the client holds the body back until it is asked for it (`Expect: 100-continue`) */
export function handlePost(
  context: HttpContext,
  req: IncomingMessage,
  res: ServerResponse,
  awaitsContinue: boolean,
): void {
  const refused = checkTypes(req);
  const limit = context.limits.bodyBytes;
  const tooLarge = (): void => refuseAndClose(context.counters, req, res, bodyTooLarge(limit));
  if (refused) refuseUnread(context.counters, req, res, refused);
  else if (Number(req.headers['content-length'] ?? 0) > limit) tooLarge();
  else {
    if (awaitsContinue) res.writeContinue();
    readBody(req, limit, (raw) => handleBody({ context, req, res, raw }), tooLarge);
  }
}

function checkTypes({ headers }: IncomingMessage): Refusal | undefined {
  if (!takesBoth(headers.accept)) return POST_NOT_ACCEPTABLE;
  return isJsonType(headers['content-type']) ? undefined : UNSUPPORTED_MEDIA_TYPE;
}

function handleBody(post: Post): void {
  const { res, raw } = post;
  const { counters } = post.context;
  const body = parse(raw);
  if (isRefusal(body)) refuse(counters, res, body);
  else {
    const refused = route(post, body.value);
    if (refused) refuse(counters, res, refused, requestIdIn(body.value));
  }
}

function parse(raw: Buffer): { value: unknown } | Refusal {
  // Decoding would replace what is no UTF-8, and the runner is handed the bytes.
  if (!isUtf8(raw)) return INVALID_UTF8;
  try {
    return { value: JSON.parse(raw.toString()) };
  } catch {
    return INVALID_JSON;
  }
}

/** @returns why not */
function route(post: Post, body: unknown): Refusal | undefined {
  const { req } = post;
  const kind = classify(body, header(req, 'mcp-protocol-version'), header(req, 'mcp-method'));
  switch (kind) {
    case 'session_request':
      return routeRequest(post, body as RequestMessage);
    case 'session_one_way':
      return routeOneWay(post, body as OneWayMessage);
    case 'session_batch':
      return routeMessages(post, body as (RequestMessage | OneWayMessage)[]);
    case 'initialize':
      return routeInitialize(post, body as RequestMessage);
    case 'modern_request':
      return routeModernRequest(post, body as RequestMessage);
    case 'modern_notification':
      return routeModernNotification(post, body as OneWayMessage);
    default:
      return kind;
  }
}

function routeRequest({ context, req, res, raw }: Post, message: RequestMessage): Refusal | undefined {
  const { gateway } = context;
  const session = findSession(gateway, req);
  if (isRefusal(session)) return session;
  if (!gateway.accepting) return tooBusy();
  context.counters.requests++;
  gateway.request(session, message, raw, new SessionExchange(context, res, session, message));
  return undefined;
}

/** Never refused for want of room: an answer of the client may be what the requests in flight wait for. */
function routeOneWay({ context, req, res, raw }: Post, message: OneWayMessage): Refusal | undefined {
  const session = findSession(context.gateway, req);
  if (isRefusal(session)) return session;
  context.counters.notifications++;
  if (concernsSomething(message)) context.gateway.oneWay(session, message, raw);
  writeEmpty(res, 202);
  return undefined;
}

/** An error without an id answers no request of the server. */
const concernsSomething = (message: OneWayMessage): boolean =>
  message.method !== undefined || (message.id as unknown) !== undefined;

function routeMessages(
  { context, req, res }: Post,
  messages: (RequestMessage | OneWayMessage)[],
): Refusal | undefined {
  const limit = context.limits.batchMessages;
  if (messages.length > limit) return batchTooLong(limit);
  if (messages.some(({ method }) => method === 'initialize')) return INITIALIZE_IN_BATCH;
  const session = findSession(context.gateway, req);
  if (isRefusal(session)) return session;
  if (!context.gateway.accepting) return tooBusy();
  routeBatch(context, res, session, messages);
  return undefined;
}

function routeInitialize({ context, req, res, raw }: Post, message: RequestMessage): Refusal | undefined {
  const { gateway } = context;
  if (header(req, 'mcp-session-id') !== undefined) {
    const known = findSession(gateway, req);
    return isRefusal(known) ? known : ALREADY_INITIALIZED;
  }
  if (!gateway.accepting) return tooBusy();
  const session = gateway.openSession('http');
  context.counters.requests++;
  gateway.request(session, message, raw, new InitializeExchange(context, res, session, message));
  return undefined;
}

function routeModernRequest({ context, req, res, raw }: Post, message: RequestMessage): Refusal | undefined {
  const version = header(req, 'mcp-protocol-version');
  const refused =
    checkRevision(message, version) ??
    checkStandardHeaders(message, version, header(req, 'mcp-method'), header(req, 'mcp-name'));
  if (refused) return refused;
  if (!context.gateway.accepting) return tooBusy();
  context.counters.requests++;
  new ModernExchange(context, res, message).route(raw);
  return undefined;
}

function routeModernNotification(
  { context, req, res, raw }: Post,
  message: OneWayMessage,
): Refusal | undefined {
  const refused = checkRevision(message, header(req, 'mcp-protocol-version'));
  if (refused) return refused;
  context.counters.notifications++;
  // Without a session a request id says nothing about whose request is meant. Clients cancel by closing the response.
  if (message.method !== 'notifications/cancelled') context.gateway.oneWay(undefined, message, raw);
  writeEmpty(res, 202);
  return undefined;
}

function checkRevision(message: object, version: string | undefined): Refusal | undefined {
  const claimed = metaOf(message)?.[PROTOCOL_VERSION_KEY] ?? version;
  return MODERN_REVISIONS.includes(claimed as string) ? undefined : revisionUnsupported(String(claimed));
}

/** Answers carry the id of the request that they refuse wherever it can be read. */
function requestIdIn(body: unknown): string | number | null {
  if (typeof body !== 'object' || body === null) return null;
  const { id, method } = body as { id?: unknown; method?: unknown };
  if (typeof method !== 'string') return null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
