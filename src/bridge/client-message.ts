/** What the client sends, checked as far as the bridge has to know it; the bytes go on untouched. */

export type RequestId = string | number;

export interface ClientMessage {
  readonly raw: Buffer;
  readonly bytes: number;
  readonly kind: 'request' | 'notification' | 'response';
  /** Of a request or a response. */
  readonly id: RequestId | undefined;
  /** Of a request or a notification; empty for a response. */
  readonly method: string;
  /** It claims a revision without sessions (2026-07-28 or later) for itself. */
  readonly sessionless: boolean;
  /** The request that this notification cancels. */
  readonly cancels: RequestId | undefined;
}

/** What is wrong with a line; answered to the client as a JSON-RPC error. */
export class BadMessage extends Error {
  override readonly name = 'BadMessage';
  readonly code: number;
  readonly id: RequestId | null;

  constructor(code: number, message: string, id: RequestId | null = null) {
    super(message);
    this.code = code;
    this.id = id;
  }
}

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;

const VERSION_CLAIM = 'io.modelcontextprotocol/protocolVersion';
/** The first revision without sessions; revisions are dates, in order as text. */
const FIRST_SESSIONLESS = '2026-07-28';

/** Members that are looked at of any object of a message. */
type Json = Record<string, unknown> & { _meta?: unknown; requestId?: unknown };

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is RequestId => typeof value === 'string' || Number.isSafeInteger(value);

/** @throws BadMessage where the line is not one JSON-RPC message. */
export function parseClientMessage(raw: Buffer): ClientMessage {
  const value = parseJson(raw);
  if (Array.isArray(value))
    throw new BadMessage(INVALID_REQUEST, 'Invalid Request: batches are not supported');
  if (!isObject(value)) throw new BadMessage(INVALID_REQUEST, 'Invalid Request: a JSON object is expected');
  return classify(raw, value);
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadMessage(PARSE_ERROR, `Parse error: ${reason}`);
  }
}

function classify(raw: Buffer, value: Json): ClientMessage {
  const { jsonrpc, id, method, params } = value;
  const isRequest = typeof method === 'string' && id !== undefined;
  const refuse = (reason: string): never => {
    // An answer to what may be an answer would be taken for one to a request of the client's own.
    throw new BadMessage(INVALID_REQUEST, `Invalid Request: ${reason}`, isRequest && isId(id) ? id : null);
  };
  if (jsonrpc !== '2.0') return refuse('"jsonrpc" has to be "2.0"');
  if (id !== undefined && !isId(id)) return refuse('"id" has to be a string or an integer');
  const base = { raw, bytes: raw.length, id, sessionless: false, cancels: undefined };
  if (method === undefined) {
    const answers = id !== undefined && ('result' in value || 'error' in value);
    return answers ? { ...base, kind: 'response', method: '' } : refuse('"method" is missing');
  }
  if (typeof method !== 'string') return refuse('"method" has to be a string');
  if (params !== undefined && !isObject(params)) return refuse('"params" has to be an object');
  const kind = isRequest ? 'request' : 'notification';
  return { ...base, kind, method, sessionless: isSessionless(params), cancels: cancelled(method, params) };
}

function isSessionless(params: Json | undefined): boolean {
  const meta = params?._meta;
  const claim = isObject(meta) ? meta[VERSION_CLAIM] : undefined;
  return typeof claim === 'string' && claim >= FIRST_SESSIONLESS;
}

function cancelled(method: string, params: Json | undefined): RequestId | undefined {
  const id = method === 'notifications/cancelled' ? params?.requestId : undefined;
  return isId(id) ? id : undefined;
}

/** Opens a connection without any other effect: sent again where the connection broke before its answer. */
export const opensConnection = (message: ClientMessage): boolean =>
  message.kind === 'request' && (message.method === 'initialize' || message.method === 'server/discover');

export const opensSession = (message: ClientMessage): boolean =>
  message.kind === 'request' && message.method === 'initialize' && !message.sessionless;

/** States a fact that still holds after a node restart: sent again unless the host is known to have it. */
export const statesFact = (message: ClientMessage): boolean =>
  message.method === 'notifications/initialized' || message.method === 'notifications/roots/list_changed';

const ID = String.raw`"id"\s*:\s*(-?\d{1,15}|"(?:[^"\\]|\\.)*")`;
const HEAD = new RegExp(String.raw`^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?(?:${ID}\s*,\s*)?"method"\s*:`);
const TAIL = new RegExp(String.raw`[,{]\s*${ID}\s*(?:,\s*"jsonrpc"\s*:\s*"2\.0"\s*)?\}$`);

/**
 * The id of a request over the limit, from the two ends of its line: the member before "method" at the start, or the
 * last one of the outermost object. Undefined where it can't be told, or the line may be no request.
 */
export function oversizedRequestId(head: string, tail: string): RequestId | undefined {
  const start = HEAD.exec(head);
  const id = start && (start[1] ?? TAIL.exec(tail)?.[1]);
  return id ? (JSON.parse(id) as RequestId) : undefined;
}
