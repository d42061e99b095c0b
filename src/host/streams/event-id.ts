/**
 * Ids of SSE events: which stream, which event, and for the stream of a POST which requests it answers, so that a client
 * that comes back to a node that died with its requests can be told so, without anything having been written when they came.
 *
 *     <tag>.<stream>.<request ids>-<event>      numbers in base 36; ids: Base64url of a JSON array, empty for a GET stream
 *
 * The tag is a keyed hash of the session and the rest: an id is valid in the session that it was given to and nowhere else.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type RequestId = string | number;

export interface EventId {
  stream: number;
  event: number;
  /** Empty: a GET stream, or request ids too long to be carried along. */
  requests: RequestId[];
  /** Of a POST's stream. */
  post: boolean;
  /** What the ids of this stream's events begin with. */
  prefix: string;
}

/** Longer ones are left out: ids travel in headers. */
const MAX_REQUESTS_CHARS = 256;
const TAG_CHARS = 16;
const FORM = /^([\w-]{16})\.([pg])([0-9a-z]+)\.([\w-]*)-([0-9a-z]+)$/;

/** @param requests undefined for a GET stream */
export function eventIdPrefix(
  secret: Buffer,
  session: string,
  stream: number,
  requests: readonly RequestId[] | undefined,
): string {
  const ids = requests === undefined ? '' : Buffer.from(JSON.stringify(requests)).toString('base64url');
  const carried = ids.length > MAX_REQUESTS_CHARS ? '' : ids;
  const name = `${requests === undefined ? 'g' : 'p'}${stream.toString(36)}.${carried}`;
  return `${tagOf(secret, session, name)}.${name}-`;
}

/** undefined: not an id that this node gave to this session. */
export function parseEventId(secret: Buffer, session: string, id: string): EventId | undefined {
  const parts = FORM.exec(id);
  if (parts === null) return undefined;
  const [, tag, kind, stream, ids, event] = parts as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const name = `${kind}${stream}.${ids}`;
  if (!timingSafeEqual(Buffer.from(tag), Buffer.from(tagOf(secret, session, name)))) return undefined;
  return {
    stream: Number.parseInt(stream, 36),
    event: Number.parseInt(event, 36),
    requests: ids === '' ? [] : (JSON.parse(Buffer.from(ids, 'base64url').toString()) as RequestId[]),
    post: kind === 'p',
    prefix: `${tag}.${name}-`,
  };
}

function tagOf(secret: Buffer, session: string, name: string): string {
  return createHmac('sha256', secret).update(`${session}\n${name}`).digest('base64url').slice(0, TAG_CHARS);
}
