/** Clients of the official SDK v1, the 2025 era: over HTTP, with the GET stream that they open by themselves, and over stdio. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { CLIENT_INFO, type DemoClient, newSeen, type Seen, structured } from './client.ts';
import type { StdioCommand } from './fleet.ts';
import { watchedFetch } from './watched-fetch.ts';

type V1Transport = StreamableHTTPClientTransport | StdioClientTransport;

async function connect(
  name: string,
  seen: Seen,
  transport: V1Transport,
  isClosing: { now: boolean },
): Promise<DemoClient> {
  const client = new Client(CLIENT_INFO);
  client.setNotificationHandler(ToolListChangedNotificationSchema, async () => {
    seen.listChanged++;
    // As an MCP host does; from here on the client checks results against the new schemas.
    await client.listTools().catch((error: unknown) => {
      if (!isClosing.now) seen.lost ??= `tools/list after list_changed: ${String(error)}`;
    });
  });
  client.onclose = () => {
    if (!isClosing.now) seen.lost ??= 'the transport closed';
  };
  // The SDK's own type of `sessionId` lacks the `undefined` that exactOptionalPropertyTypes asks for.
  await client.connect(transport as Parameters<Client['connect']>[0]);
  await client.listTools();
  return {
    name,
    seen,
    call: async (tool, args, timeout) =>
      structured(await client.callTool({ name: tool, arguments: args }, undefined, { timeout })),
    close: async () => {
      isClosing.now = true;
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
      await client.close();
    },
  };
}

export function connectHttp(name: string, url: URL): Promise<DemoClient> {
  const [seen, isClosing] = [newSeen(), { now: false }];
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: watchedFetch(seen, () => isClosing.now),
  });
  return connect(name, seen, transport, isClosing);
}

export async function connectStdio(name: string, command: StdioCommand): Promise<DemoClient> {
  const seen = newSeen();
  const client = await connect(name, seen, new StdioClientTransport(command), { now: false });
  // Over stdio the pipe is the stream.
  seen.streamsOpened = 1;
  return client;
}
