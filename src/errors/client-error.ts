/**
 * The registry of our own errors to MCP clients. Codes lie outside of -32768…-32000, which JSON-RPC and MCP reserve;
 * a code is never reused. `docs/errors.md` lists each, and a test compares the two.
 */
export const CLIENT_ERRORS = {
  runner_lost: {
    code: 1001,
    message: 'The server process that held this request ended before it answered.',
    outcome: 'unknown',
  },
  runner_unavailable: {
    code: 1002,
    message: 'No server process is ready to take this request; try again shortly.',
    outcome: 'not_run',
  },
  node_unreachable: {
    code: 1003,
    message: 'The erlmcp node can not be reached.',
    outcome: 'not_run',
  },
  node_lost: {
    code: 1004,
    message: 'The connection to the erlmcp node broke after this request was sent.',
    outcome: 'unknown',
  },
  session_lost: {
    code: 1005,
    message: 'The session of this connection has ended; initialize again.',
    outcome: 'not_run',
  },
  too_busy: {
    code: 1006,
    message: 'Too many requests are in flight on this node; try again shortly.',
    outcome: 'not_run',
  },
  linger_exceeded: {
    code: 1007,
    message: 'This call outlived the time that a call may take on the version before the upgrade.',
    outcome: 'unknown',
  },
} as const satisfies Record<string, { code: number; message: string; outcome: 'not_run' | 'unknown' }>;

export type ClientErrorName = keyof typeof CLIENT_ERRORS;

export interface ClientErrorBody {
  code: number;
  message: string;
  data: { code: ClientErrorName; outcome: 'not_run' | 'unknown' };
}

/** The `error` member of a JSON-RPC response. `detail` is appended to the message. */
export function clientError(name: ClientErrorName, detail?: string): ClientErrorBody {
  const { code, message, outcome } = CLIENT_ERRORS[name];
  return { code, message: detail ? `${message} ${detail}` : message, data: { code: name, outcome } };
}
