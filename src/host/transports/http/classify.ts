/**
 * The ladder that a POST's message climbs: its shape, its era, its envelope. The body decides the era; the
 * `MCP-Protocol-Version` header is only checked against it. A message that fails on several rungs is answered by the first.
 *
 * Written here rather than taken from the SDK (`classifyInboundRequest`), which costs 5 to 11 µs a message and 200 ms of
 * start-up; a property test holds the two together.
 */
import { envelopeIssue, hasClaim, metaOf, missingKeys, PROTOCOL_VERSION_KEY } from './envelope.ts';
import { isObject, type JsonObject, shapeOf } from './json-rpc-shape.ts';
import {
  EMPTY_BATCH,
  envelopeInvalid,
  envelopeMissing,
  FIRST_MODERN_REVISION,
  headerMismatch,
  INVALID_IN_BATCH,
  INVALID_MESSAGE,
  MODERN_IN_BATCH,
  type Refusal,
} from './refusals.ts';

/** `session_…`: a message of a revision with sessions; `modern_…`: of one without. */
export type Route =
  | 'initialize'
  | 'session_request'
  | 'session_one_way'
  | 'session_batch'
  | 'modern_request'
  | 'modern_notification'
  | Refusal;

/** As the SDK has it: revisions are dates and sort as strings, and a later one than we know is still of the modern kind. */
export const namesModern = (version: string | undefined): version is string =>
  version !== undefined && version >= FIRST_MODERN_REVISION;

export function classify(
  body: unknown,
  versionHeader: string | undefined,
  methodHeader: string | undefined,
): Route {
  if (Array.isArray(body)) return classifyBatch(body);
  switch (shapeOf(body)) {
    case 'request':
      return classifyRequest(body as JsonObject, versionHeader, methodHeader);
    case 'notification':
      return classifyNotification(body as JsonObject, versionHeader, methodHeader);
    case 'response':
      return 'session_one_way';
    default:
      return INVALID_MESSAGE;
  }
}

function classifyBatch(batch: readonly unknown[]): Route {
  if (batch.length === 0) return EMPTY_BATCH;
  for (const message of batch) {
    if (claimsLoosely(message)) return MODERN_IN_BATCH;
    if (shapeOf(message) === undefined) return INVALID_IN_BATCH;
  }
  return 'session_batch';
}

/** Before the shape is known. */
function claimsLoosely(message: unknown): boolean {
  if (!isObject(message) || !isObject(message.params)) return false;
  const meta = message.params._meta;
  return isObject(meta) && hasClaim(meta);
}

function classifyRequest(
  message: JsonObject,
  version: string | undefined,
  methodHeader: string | undefined,
): Route {
  const meta = metaOf(message);
  if (message.method === 'initialize' && !claimsValidly(meta)) {
    return namesModern(version)
      ? headerMismatch(version, 'an initialize request was sent with a modern MCP-Protocol-Version header')
      : 'initialize';
  }
  if (hasClaim(meta)) {
    const issue = envelopeIssue(meta);
    if (issue) return envelopeInvalid(issue);
    return (
      versionMismatch(meta, version) ??
      methodMismatch(message.method as string, methodHeader) ??
      'modern_request'
    );
  }
  if (!namesModern(version)) return 'session_request';
  return envelopeMissing(version, meta === undefined ? ['_meta'] : missingKeys(meta));
}

/** Only a whole and modern claim makes an `initialize` anything but the handshake of the older revisions. */
function claimsValidly(meta: JsonObject | undefined): boolean {
  if (!hasClaim(meta)) return false;
  const version = meta[PROTOCOL_VERSION_KEY];
  return typeof version === 'string' && namesModern(version) && envelopeIssue(meta) === undefined;
}

function classifyNotification(
  message: JsonObject,
  version: string | undefined,
  methodHeader: string | undefined,
): Route {
  const meta = metaOf(message);
  const method = message.method as string;
  if (hasClaim(meta)) {
    const claimed = meta[PROTOCOL_VERSION_KEY];
    if (typeof claimed !== 'string') {
      return envelopeInvalid({ key: PROTOCOL_VERSION_KEY, problem: 'expected string' });
    }
    const mismatch = versionMismatch(meta, version);
    if (mismatch) return mismatch;
    return (namesModern(claimed) ? methodMismatch(method, methodHeader) : undefined) ?? 'modern_notification';
  }
  if (!namesModern(version)) return 'session_one_way';
  return methodMismatch(method, methodHeader) ?? 'modern_notification';
}

function versionMismatch(meta: JsonObject, header: string | undefined): Refusal | undefined {
  const claimed = meta[PROTOCOL_VERSION_KEY];
  if (header === undefined || header === claimed) return undefined;
  return headerMismatch(
    header,
    `the body names protocol version ${claimed} but the MCP-Protocol-Version header names ${header}`,
  );
}

function methodMismatch(method: string, header: string | undefined): Refusal | undefined {
  if (header === undefined || header === method) return undefined;
  return headerMismatch(header, `the body names method ${method} but the Mcp-Method header names ${header}`);
}
