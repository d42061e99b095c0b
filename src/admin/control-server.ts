/**
 * Serves the control API on a Unix socket that only the node's owner can open. It decides nothing: handlers do,
 * and they go on when their caller or this server has gone.
 */
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeLine } from '../control/index.ts';
import { tuple } from '../errors/index.ts';
import { type ConnectionLimits, ControlConnection } from './control-connection.ts';
import { overload } from './control-dispatch.ts';
import type { ControlHandlers, ControlLog } from './control-handlers.ts';
import { fileIdentity, listenPrivately } from './control-socket.ts';

export interface ControlServerLimits extends ConnectionLimits {
  maxConnections: number;
  /** How long `close` waits for calls in flight. */
  closeMs: number;
}

const LIMITS: ControlServerLimits = {
  maxConnections: 64,
  maxCallsInFlight: 32,
  maxUnreadBytes: 8 * 1024 * 1024,
  idleMs: 600_000,
  closeMs: 1000,
};

export interface ControlServerOptions {
  socketPath: string;
  handlers: ControlHandlers;
  log?: ControlLog;
  limits?: Partial<ControlServerLimits>;
}

export interface ControlServer {
  readonly socketPath: string;
  /** Idempotent. Resolves when no connection is left and the socket's file is gone. */
  close(): Promise<void>;
}

/** Resolves when the socket can be connected to. Throws OperatorError: taken, not a socket, path too long, not writable. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { socketPath, handlers } = options;
  const limits = { ...LIMITS, ...options.limits };
  const log = options.log ?? (() => {});
  const connections = new Set<ControlConnection>();

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (connections.size >= limits.maxConnections) return turnAway(socket, limits.maxConnections);
    const connection = new ControlConnection(socket, handlers, limits, log);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  });
  await listenPrivately(server, socketPath);
  server.on('error', (error) => log('the control socket failed', error));

  const identity = await fileIdentity(socketPath);
  let closing: Promise<void> | undefined;
  return {
    socketPath,
    close: () => {
      closing ??= closeAll(server, connections, limits.closeMs).then(() => removeOwn(socketPath, identity));
      return closing;
    },
  };
}

function turnAway(socket: Socket, limit: number): void {
  socket.on('error', () => {});
  const sentence = `The node serves at most ${limit} control connections at a time.`;
  const message = overload(null, sentence, tuple('too_many_connections', limit));
  socket.end(encodeLine(message), () => socket.destroy());
}

async function closeAll(server: Server, connections: Set<ControlConnection>, closeMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const connection of connections) connection.shutDown();
  const force = setTimeout(() => {
    for (const connection of connections) connection.destroy();
  }, closeMs);
  await closed;
  clearTimeout(force);
}

/** A successor may already have put its own socket at this path. */
async function removeOwn(path: string, identity: string | undefined): Promise<void> {
  if (identity !== undefined && (await fileIdentity(path)) === identity) await rm(path, { force: true });
}
