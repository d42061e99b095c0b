/** The Streamable HTTP transport: a listener that can be replaced, and streams and sessions that outlive it. */
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { SseConnections } from '../../streams/sse-connections.ts';
import { StreamRegistry } from '../../streams/stream-registry.ts';
import type { HttpContext } from './context.ts';
import { HostGuard } from './host-guard.ts';
import { listen } from './listener.ts';
import { HTTP_LIMITS, type HttpOptions } from './options.ts';

export interface HttpTransport {
  readonly address: { readonly host: string; readonly port: number; readonly url: string };
  /** Open connections, with or without a request. */
  readonly connections: number;
  /** Open event streams. */
  readonly streams: number;
  /**
   * Closes the listener and opens it again on the same port. Resumable streams are closed, for their clients to resume;
   * requests in flight and streams of 2026-07-28, which can't be resumed, end on the connections that they have.
   */
  restart(): Promise<void>;
  /** Stops: streams are closed, requests in flight are waited for until the deadline, then every connection is cut. */
  close(deadlineMs?: number): Promise<void>;
}

/** How often connections of a closed listener are looked through for idle ones. */
const DRAIN_CHECK_MS = 50;

/** @throws OperatorError if the address can't be listened on */
export async function startHttp(options: HttpOptions): Promise<HttpTransport> {
  const context = createContext(options);
  const sockets = new Set<Socket>();
  let server = track(await listen(context, options.host, options.port), sockets);
  const { port } = server.address() as AddressInfo;
  const { host } = options;
  const drains = new Set<Promise<void>>();

  const retire = (): void => {
    const drain = drained(server);
    drains.add(drain);
    drain.then(() => drains.delete(drain));
  };

  return {
    address: { host, port, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp` },
    get connections() {
      return sockets.size;
    },
    get streams() {
      return context.connections.size;
    },
    async restart() {
      retire();
      context.streams.disconnectAll();
      server = track(await listen(context, host, port), sockets);
    },
    async close(deadlineMs = 5_000) {
      retire();
      context.streams.close();
      context.connections.close();
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, deadlineMs);
      await Promise.all(drains);
      clearTimeout(cut);
      // A server counts as closed a moment before the last of its sockets says so.
      sockets.clear();
      await context.eventLog.flushed();
    },
  };
}

function createContext(options: HttpOptions): HttpContext {
  const { gateway, log, eventLog, keepAliveMs } = options;
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const connections = new SseConnections({
    bufferBytes: limits.streamBufferBytes,
    keepAliveMs,
    onSlowReader: (unread) =>
      log.warn(`A client left ${unread} bytes of its event stream unread; its connection was closed`),
  });
  const { retryMs, resumeGraceMs, streamsPerSession } = limits;
  return {
    gateway,
    guard: new HostGuard(options.host, options.allowedHosts ?? [], options.allowedOrigins ?? []),
    limits,
    log,
    eventLog,
    connections,
    streams: new StreamRegistry({
      gateway,
      log: eventLog,
      connections,
      retryMs,
      resumeGraceMs,
      streamsPerSession,
    }),
  };
}

function track(server: Server, sockets: Set<Socket>): Server {
  return server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

/** Stops listening, and resolves when the last connection has ended; those that become idle are closed. */
function drained(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MS);
    server.close(() => {
      clearInterval(timer);
      resolve();
    });
  });
}
