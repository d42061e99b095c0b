/** The Streamable HTTP transport: a listener that can be replaced, and streams and sessions that outlive it. */
import type { Server } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { SseConnections } from '../../streams/sse-connections.ts';
import { StreamRegistry } from '../../streams/stream-registry.ts';
import { TransportCounters } from '../counters.ts';
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
  readonly counters: TransportCounters;
  /**
   * Closes the listener and opens it again on the same port. Resumable streams are closed, for their clients to resume;
   * requests in flight and streams of 2026-07-28, which can't be resumed, end on the connections that they have. A connection
   * of the old listener takes one more request, so that no request is lost to it.
   */
  restart(): Promise<void>;
  /** Stops: streams are closed, requests in flight are waited for until the deadline, then every connection is cut. */
  close(deadlineMs?: number): Promise<void>;
}

/** How often a transport that stops looks for connections that have become idle. */
const DRAIN_CHECK_MS = 50;

/** @throws OperatorError if the address can't be listened on */
export async function startHttp(options: HttpOptions): Promise<HttpTransport> {
  const context = createContext(options);
  const sockets = new Set<Socket>();
  const { counters } = context;
  let server = track(await listen(context, options.host, options.port), sockets, counters);
  const { port } = server.address() as AddressInfo;
  const { host } = options;
  /** Those that listen no more but still have connections. */
  const retired = new Map<Server, Promise<void>>();

  const retire = (old: Server): void => {
    const ended = stopListening(old).then(() => void retired.delete(old));
    retired.set(old, ended);
  };

  return {
    address: { host, port, url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/mcp` },
    get connections() {
      return sockets.size;
    },
    get streams() {
      return context.connections.size;
    },
    counters,
    async restart() {
      retire(server);
      context.streams.disconnectAll();
      server = track(await listen(context, host, port), sockets, counters);
    },
    async close(deadlineMs = 5_000) {
      retire(server);
      context.streams.close();
      context.connections.close();
      const drain = setInterval(() => {
        for (const old of retired.keys()) old.closeIdleConnections();
      }, DRAIN_CHECK_MS);
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, deadlineMs);
      await Promise.all(retired.values());
      clearInterval(drain);
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
    counters: options.counters ?? new TransportCounters(),
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

function track(server: Server, sockets: Set<Socket>, counters: TransportCounters): Server {
  return server.on('connection', (socket: Socket) => {
    counters.connected(socket);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

/**
 * Stops listening, and resolves when the last connection has ended. `close` of an HTTP server would at once close the idle
 * ones, on which a client may be sending just now; `listen` has the next answer on each say that it is the last.
 */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    NetServer.prototype.close.call(server, () => {
      // Ends the timer of the HTTP server too.
      server.close();
      resolve();
    });
  });
}
