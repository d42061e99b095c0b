/**
 * Every way in which this transport says no, with its HTTP status and JSON-RPC code. `docs/http.md` lists them all,
 * and a test sends each. Messages that clients are known to look for are those of the official SDK.
 */
import { clientError } from '../../../errors/index.ts';
import type { EnvelopeIssue } from './envelope.ts';

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  /** Name, value, name, value… */
  readonly headers?: readonly string[];
}

export const isRefusal = (value: object): value is Refusal => 'status' in value;

/** Revisions with sessions, as the SDK's `initialize` negotiates them. */
export const SESSION_REVISIONS: readonly string[] = [
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];
/** Revisions without sessions. */
export const MODERN_REVISIONS: readonly string[] = ['2026-07-28'];
export const FIRST_MODERN_REVISION = '2026-07-28';

const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;
const PARSE_ERROR = -32700;
/** The SDK's code for what HTTP refuses before any message is read. */
const REFUSED = -32000;
const SESSION_NOT_FOUND = -32001;
const HEADER_MISMATCH = -32020;
const UNSUPPORTED_VERSION = -32022;

const refusal = (status: number, code: number, message: string, headers?: readonly string[]): Refusal =>
  headers ? { status, code, message, headers } : { status, code, message };

export const NOT_FOUND = refusal(404, REFUSED, 'Not found: MCP is served at /mcp');
export const foreignHost = (name: string | undefined): Refusal =>
  refusal(403, REFUSED, name ? `Invalid Host: ${name}` : 'Missing Host header');
export const foreignOrigin = (origin: string): Refusal => refusal(403, REFUSED, `Invalid Origin: ${origin}`);
export const METHOD_NOT_ALLOWED = refusal(405, REFUSED, 'Method not allowed.', [
  'Allow',
  'GET, POST, DELETE',
]);
export const POST_ONLY = refusal(405, REFUSED, 'Method not allowed: without a session there is only POST.', [
  'Allow',
  'POST',
]);
export const STREAM_OVER = refusal(
  405,
  REFUSED,
  'Method not allowed: the stream of this event id has ended, and all of it was delivered.',
  ['Allow', 'POST, DELETE'],
);
export const POST_NOT_ACCEPTABLE = refusal(
  406,
  REFUSED,
  'Not Acceptable: Client must accept both application/json and text/event-stream',
);
export const GET_NOT_ACCEPTABLE = refusal(
  406,
  REFUSED,
  'Not Acceptable: Client must accept text/event-stream',
);
export const UNSUPPORTED_MEDIA_TYPE = refusal(
  415,
  REFUSED,
  'Unsupported Media Type: Content-Type must be application/json',
);
export const bodyTooLarge = (limit: number): Refusal =>
  refusal(413, REFUSED, `Payload Too Large: Request body must not exceed ${limit} bytes`);
export const INVALID_JSON = refusal(400, PARSE_ERROR, 'Parse error: Invalid JSON');
export const INVALID_UTF8 = refusal(400, PARSE_ERROR, 'Parse error: the body is not valid UTF-8');
export const INVALID_MESSAGE = refusal(
  400,
  INVALID_REQUEST,
  'Bad Request: the request body is not a valid JSON-RPC message',
);
export const EMPTY_BATCH = refusal(400, INVALID_REQUEST, 'Bad Request: empty JSON-RPC batch');
export const MODERN_IN_BATCH = refusal(
  400,
  INVALID_REQUEST,
  'Bad Request: JSON-RPC batches may not contain requests for protocol revision 2026-07-28 or later',
);
export const INVALID_IN_BATCH = refusal(
  400,
  INVALID_REQUEST,
  'Bad Request: JSON-RPC batch contains an invalid message',
);
export const batchTooLong = (limit: number): Refusal =>
  refusal(400, INVALID_REQUEST, `Invalid Request: Batch must not exceed ${limit} messages`);
export const INITIALIZE_IN_BATCH = refusal(
  400,
  INVALID_REQUEST,
  'Invalid Request: Only one initialization request is allowed',
);
export const ALREADY_INITIALIZED = refusal(
  400,
  INVALID_REQUEST,
  'Invalid Request: Server already initialized',
);
export const SESSION_REQUIRED = refusal(400, REFUSED, 'Bad Request: Mcp-Session-Id header is required');
export const SESSION_UNKNOWN = refusal(404, SESSION_NOT_FOUND, 'Session not found');
export const EVENT_ID_UNKNOWN = refusal(
  400,
  REFUSED,
  'Bad Request: no event of this session has this Last-Event-ID',
);
export const versionUnsupported = (version: string): Refusal =>
  refusal(
    400,
    REFUSED,
    `Bad Request: Unsupported protocol version: ${version} (supported versions: ${SESSION_REVISIONS.join(', ')})`,
  );
export const INTERNAL_ERROR = refusal(500, -32603, 'Internal server error');

export function tooBusy(): Refusal {
  return { status: 503, ...clientError('too_busy'), headers: ['Retry-After', '1'] };
}

export const headerMismatch = (header: string, body: string): Refusal => ({
  ...refusal(400, HEADER_MISMATCH, `Bad Request: the request headers and body disagree: ${body}`),
  data: { mismatch: { header, body } },
});

export const envelopeInvalid = (issue: EnvelopeIssue): Refusal => ({
  ...refusal(
    400,
    INVALID_PARAMS,
    `Invalid _meta envelope for protocol revision 2026-07-28: ${issue.key}: ${issue.problem}`,
  ),
  data: { envelope: issue },
});

export const envelopeMissing = (version: string, missing: readonly string[]): Refusal => ({
  ...refusal(
    400,
    INVALID_PARAMS,
    `Invalid params: the MCP-Protocol-Version header names protocol revision ${version}, but the request is missing the required per-request envelope key(s): ${missing.join(', ')}`,
  ),
  data: { envelope: { missing } },
});

export const revisionUnsupported = (requested: string): Refusal => ({
  ...refusal(400, UNSUPPORTED_VERSION, `Unsupported protocol version: ${requested}`),
  data: { supported: MODERN_REVISIONS, requested },
});
