/**
 * JSON-RPC 2.0 as it is spoken on the control socket: one message a line, UTF-8. Blank lines mean nothing.
 * Free of zod, so that erlmcpctl can load it cheaply.
 */

/** Longest request in bytes, its line feed not counted. */
export const MAX_REQUEST_BYTES = 1024 * 1024;

/** Longest answer that a client takes: a node's answers are lists, and may be longer than any request. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** An operator's error: refused or failed for the reason in `data.term`. */
export const OPERATOR_ERROR = 1;

export type RequestId = string | number;

/** What stands beside each error: the cause as an Erlang term, the next step, the exit code of erlmcpctl. */
export interface ErrorData {
  term: string;
  remedy: string;
  exit_code: number;
}

export interface ErrorBody {
  code: number;
  message: string;
  data: ErrorData;
}

export interface RequestMessage {
  jsonrpc: '2.0';
  id: RequestId;
  method: string;
  params: Readonly<Record<string, unknown>>;
  /** Beside JSON-RPC: in ms since 1970. Nobody waits for the answer after that, and a request that is read later is not carried out. */
  expires?: number;
}

export interface NotificationMessage {
  jsonrpc: '2.0';
  method: string;
  params: Readonly<Record<string, unknown>>;
}

export interface ResultMessage {
  jsonrpc: '2.0';
  id: RequestId;
  result: unknown;
}

/** The id is null where the request could not be read. */
export interface ErrorMessage {
  jsonrpc: '2.0';
  id: RequestId | null;
  error: ErrorBody;
}

export type ServerMessage = NotificationMessage | ResultMessage | ErrorMessage;

export const encodeLine = (message: RequestMessage | ServerMessage): string => `${JSON.stringify(message)}\n`;
