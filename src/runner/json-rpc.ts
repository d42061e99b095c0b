/** JSON-RPC messages as the channels see them: parsed once by the runner, trusted inside. */
import type { JSONRPCMessage } from '@modelcontextprotocol/server';

export interface Incoming {
  jsonrpc: '2.0';
  id?: string | number;
  method?: string;
  params?: Record<string, unknown> & { _meta?: Record<string, unknown> };
  result?: unknown;
  error?: unknown;
}

export interface Outgoing {
  jsonrpc: '2.0';
  id?: string | number;
  method?: string;
  params?: Record<string, unknown> & { _meta?: Record<string, unknown> };
  result?: Record<string, unknown> & { _meta?: Record<string, unknown> };
  error?: { code: number; message: string; data?: unknown };
}

export const asOutgoing = (message: JSONRPCMessage): Outgoing => message as unknown as Outgoing;
export const asMessage = (message: Incoming): JSONRPCMessage => message as unknown as JSONRPCMessage;
export const parse = (json: Buffer): Incoming => JSON.parse(json.toString('utf8')) as Incoming;
export const isAnswer = (message: Outgoing): boolean => message.method === undefined;
