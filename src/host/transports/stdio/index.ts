/** What the composition root and the control API have of the stdio transport. */
import type { TransportCounters } from '../counters.ts';
import { type StdioOptions, StdioServer } from './server.ts';

export type { StdioLimits, StdioOptions } from './server.ts';

export interface StdioTransport {
  /** Bridges that are connected now. */
  connections(): number;
  /** Sessions of stdio clients that are live, those of bridges on their way back included. */
  sessions(): number;
  /** Path of the Unix socket. */
  readonly address: string;
  readonly counters: TransportCounters;
  /** Cuts all connections and removes the socket. Sessions stay, as records. */
  close(): Promise<void>;
  /** Closes and opens the socket again; bridges come back by themselves, with all that was in flight. */
  restart(): Promise<void>;
}

/** @throws OperatorError where the socket can not be had. */
export async function startStdio(options: StdioOptions): Promise<StdioTransport> {
  const server = new StdioServer(options);
  await server.open();
  return {
    connections: () => server.connections(),
    sessions: () => server.sessions(),
    address: server.address,
    counters: server.counters,
    close: () => server.close(),
    restart: async () => {
      await server.shut();
      await server.open();
    },
  };
}
