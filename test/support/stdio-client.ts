/** The official client over `erlmcp stdio`, as a user's program starts it. */
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { onTestFinished } from 'vitest';
import { ROOT, type TestNode } from './test-node.ts';

export interface StdioClientOptions {
  /** Default `test` of version `1`. */
  name?: string;
  version?: string;
  /** Revision that it asks for. Default: the newest that the client knows. */
  protocolVersion?: string;
}

/** A client that has initialized; it is closed when the test is over. */
export async function stdioClient(
  { env }: TestNode,
  { name = 'test', version = '1', protocolVersion }: StdioClientOptions = {},
): Promise<Client> {
  const client = new Client({ name, version });
  const transport = new StdioClientTransport({
    command: join(ROOT, 'bin/erlmcp'),
    args: ['stdio'],
    env: env as Record<string, string>,
  });
  if (protocolVersion !== undefined) askFor(transport, protocolVersion);
  onTestFinished(() => client.close());
  await client.connect(transport);
  return client;
}

/** The client itself always asks for the newest revision. */
function askFor(transport: StdioClientTransport, protocolVersion: string): void {
  const send = transport.send.bind(transport);
  transport.send = (message: JSONRPCMessage) =>
    send(
      'method' in message && message.method === 'initialize'
        ? { ...message, params: { ...message.params, protocolVersion } }
        : message,
    );
}
