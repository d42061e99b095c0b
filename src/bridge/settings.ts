import type { ClientWriter } from './client-writer.ts';

export interface BridgeSettings {
  home: string;
  path: string;
  /** How long the node may be away until the bridge answers for it, in ms. */
  offlineMs: number;
  /** Limit of one line of the client, in bytes. */
  maxLineBytes: number;
  /** Bytes of the client's messages that are kept for the host. */
  maxHeldBytes: number;
}

/** The client's side, and a line for whoever reads the log of the MCP client. */
export interface BridgeSurroundings {
  client: ClientWriter;
  say(text: string): void;
  /** Stops, or goes on, reading what the client sends. */
  readClient(reading: boolean): void;
}
