/**
 * One line of the control socket in, one answer out. Params and results are held to the schemas here and nowhere else;
 * nothing that a caller sends makes this throw.
 */
import type { z } from 'zod';
import {
  type ErrorMessage,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  METHODS,
  type MethodName,
  OPERATOR_ERROR,
  PARSE_ERROR,
  type RequestId,
  type ServerMessage,
} from '../control/index.ts';
import { OperatorError, printTerm, type Term, tuple } from '../errors/index.ts';
import type { ControlContext, ControlHandlers, ControlLog } from './control-handlers.ts';

const USAGE = 64;

/** Resolves with nothing for a notification, which JSON-RPC leaves without an answer. */
export async function dispatch(
  line: Buffer,
  handlers: ControlHandlers,
  context: ControlContext,
  log: ControlLog,
): Promise<ServerMessage | undefined> {
  const message = parse(line);
  if (message === undefined) {
    return failure(null, PARSE_ERROR, 'The line is not JSON.', tuple('bad_message', 'json'));
  }
  if (!isCall(message)) {
    return failure(
      null,
      INVALID_REQUEST,
      'The line is not a JSON-RPC 2.0 request.',
      tuple('bad_message', 'request'),
    );
  }
  if (message.id === undefined) return undefined;
  if (message.expires !== undefined && Date.now() > message.expires)
    return expired(message.id, message.method);
  return answer(message.id, message.method, message.params ?? {}, handlers, context, log);
}

async function answer(
  id: RequestId,
  method: string,
  params: unknown,
  handlers: ControlHandlers,
  context: ControlContext,
  log: ControlLog,
): Promise<ServerMessage> {
  if (!isMethod(method)) {
    const sentence = `This node has no method ${JSON.stringify(method)}.`;
    return failure(id, METHOD_NOT_FOUND, sentence, tuple('unknown_method', method));
  }
  const checked = METHODS[method].params.safeParse(params);
  if (!checked.success) {
    const sentence = `The params of ${method} are not valid: ${firstIssue(checked.error)}.`;
    return failure(id, INVALID_PARAMS, sentence, tuple('bad_params', method));
  }
  try {
    // The schema of `method` has just accepted these params; the compiler can't follow the pair through the union.
    const handle = handlers[method] as (params: unknown, context: ControlContext) => unknown;
    return { jsonrpc: '2.0', id, result: checkResult(method, await handle(checked.data, context)) };
  } catch (error) {
    return handlerFailure(id, method, error, log);
  }
}

function checkResult(method: MethodName, result: unknown): unknown {
  const checked = METHODS[method].result.safeParse(result);
  if (checked.success) return checked.data;
  throw new Error(`the result of ${method} does not fit its schema: ${firstIssue(checked.error)}`);
}

function handlerFailure(id: RequestId, method: string, error: unknown, log: ControlLog): ErrorMessage {
  if (error instanceof OperatorError) {
    const data = { term: error.reason, remedy: error.remedy, exit_code: error.exitCode };
    return { jsonrpc: '2.0', id, error: { code: OPERATOR_ERROR, message: error.sentence, data } };
  }
  log(`control method ${method} failed`, error);
  const cause = error instanceof Error ? error.message : String(error);
  const data = {
    term: printTerm(tuple('internal_error', method)),
    remedy: "Look for the cause in the node's log/error.log.",
    exit_code: 1,
  };
  return {
    jsonrpc: '2.0',
    id,
    error: { code: INTERNAL_ERROR, message: `The node failed at ${method}: ${cause}.`, data },
  };
}

/** The caller's own mistake. */
export function failure(id: RequestId | null, code: number, message: string, term: Term): ErrorMessage {
  const remedy = 'Use the erlmcpctl of the version that the node runs.';
  const data = { term: printTerm(term), remedy, exit_code: USAGE };
  return { jsonrpc: '2.0', id, error: { code, message, data } };
}

/** Who asked waits no more: what changes something would be a surprise now. */
const expired = (id: RequestId, method: string): ErrorMessage =>
  overload(id, 'The request was read too late, and was not carried out.', tuple('expired', method));

/** A limit of the server's is reached; nothing was run. */
export function overload(id: RequestId | null, message: string, term: Term): ErrorMessage {
  const data = { term: printTerm(term), remedy: 'Try again shortly.', exit_code: 1 };
  return { jsonrpc: '2.0', id, error: { code: OPERATOR_ERROR, message, data } };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(line));
  } catch {
    return undefined;
  }
}

/** The id that an answer to this line has to carry. */
export function idOf(line: Buffer): RequestId | null {
  const message = parse(line);
  return isCall(message) ? (message.id ?? null) : null;
}

interface Call {
  id?: RequestId;
  method: string;
  params?: unknown;
  expires?: number;
}

function isCall(value: unknown): value is Call {
  if (typeof value !== 'object' || value === null) return false;
  const { jsonrpc, id, method, expires } = value as Record<string, unknown>;
  const idFits = id === undefined || typeof id === 'string' || typeof id === 'number';
  const expiresFits = expires === undefined || typeof expires === 'number';
  return jsonrpc === '2.0' && idFits && expiresFits && typeof method === 'string';
}

const isMethod = (name: string): name is MethodName => Object.hasOwn(METHODS, name);

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'no reason given';
  return issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message;
}
