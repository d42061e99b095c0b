import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OperatorError, tuple } from '../../errors/index.ts';
import { isLoopback } from '../../host/config/index.ts';
import { isOwnHost } from './host-header.ts';

/**
 * What orchestrators and Prometheus read: `/health/live`, `/health/ready`, `/metrics`. It changes nothing, and answers within
 * a deadline, for the one who asks takes silence for death.
 */

/** True or `ok`: 200; else 503. The other members are shown. */
export type Probe = boolean | { ok: boolean; [detail: string]: unknown };

export interface AdminHttpOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  live(): Probe | Promise<Probe>;
  ready(): Probe | Promise<Probe>;
  metricsText(): string | Promise<string>;
  log: { error(message: string, fields?: Record<string, unknown>): void };
  /** `Host` names that are accepted besides those of this machine. */
  allowedHosts?: readonly string[];
  /** Default 5,000. */
  deadlineMs?: number;
}

export interface AdminHttp {
  readonly port: number;
  close(): Promise<void>;
}

interface Reply {
  status: number;
  type: string;
  body: string;
  allow?: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
/** The exposition format of Prometheus. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const DEADLINE_MS = 5_000;
/** Connections that are still busy when the server closes are cut after this. */
const CLOSE_MS = 1_000;

/** @throws {OperatorError} `{eaddrinuse, 9090}` and the like */
export async function startAdminHttp(options: AdminHttpOptions): Promise<AdminHttp> {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 5_000 });
  server.on('request', (request, response) => void answer(request, response, options));
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    port,
    close: () => {
      closing ??= close(server);
      return closing;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminHttpOptions,
): Promise<void> {
  const reply = await decide(request, options);
  response.writeHead(reply.status, {
    'content-type': reply.type,
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-store',
    ...(reply.allow === undefined ? {} : { allow: reply.allow }),
  });
  response.end(request.method === 'HEAD' ? undefined : reply.body);
}

async function decide(request: IncomingMessage, options: AdminHttpOptions): Promise<Reply> {
  const { host, allowedHosts = [] } = options;
  if (!isOwnHost(request.headers.host, { allowed: allowedHosts, anyAddress: !isLoopback(host) })) {
    return refusal(403, 'The Host header names no host of this node.');
  }
  const path = request.url?.split('?')[0];
  const route = ROUTES.get(path ?? '');
  if (!route) return refusal(404, 'There is /health/live, /health/ready and /metrics.');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { ...refusal(405, 'Only GET and HEAD are answered.'), allow: 'GET, HEAD' };
  }
  try {
    return await withDeadline(route(options), options.deadlineMs ?? DEADLINE_MS);
  } catch (error) {
    options.log.error('The admin port could not answer', { path, error });
    return refusal(503, 'The node could not answer; see log/error.log.');
  }
}

const ROUTES: ReadonlyMap<string, (options: AdminHttpOptions) => Promise<Reply>> = new Map([
  ['/health/live', async ({ live }) => probeReply(await live())],
  ['/health/ready', async ({ ready }) => probeReply(await ready())],
  ['/metrics', async ({ metricsText }) => ({ status: 200, type: METRICS_TYPE, body: await metricsText() })],
]);

function probeReply(probe: Probe): Reply {
  const body = typeof probe === 'boolean' ? { ok: probe } : probe;
  return { status: body.ok ? 200 : 503, type: JSON_TYPE, body: `${JSON.stringify(body)}\n` };
}

function refusal(status: number, error: string): Reply {
  return { status, type: JSON_TYPE, body: `${JSON.stringify({ ok: false, error })}\n` };
}

async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function listen(server: Server, { host, port }: AdminHttpOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port }, resolve);
  try {
    await promise;
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port);
  } finally {
    server.off('error', reject);
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): OperatorError {
  const code = (error.code ?? 'listen_failed').toLowerCase();
  const remedy =
    'Set another "admin": {"port": ...} in erlmcp.json, or ERLMCP_ADMIN_PORT; 0 takes a free one.';
  switch (code) {
    case 'eaddrinuse':
      return new OperatorError(
        tuple(code, port),
        `Another process has the admin port ${port} on ${host}.`,
        `Stop it, or another node of yours. ${remedy}`,
        { cause: error },
      );
    case 'eacces':
      return new OperatorError(tuple(code, port), `This user may not open the admin port ${port}.`, remedy, {
        cause: error,
      });
    default:
      return new OperatorError(
        tuple(code, port, host),
        `The admin port can't be opened on ${host}: ${error.message}.`,
        `Set "bind" to an address of this machine. ${remedy}`,
        { cause: error },
      );
  }
}

/** Idle connections close at once, busy ones get their answer first. */
async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  await promise;
  clearTimeout(timer);
}
