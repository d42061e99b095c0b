/** Clients of the official SDK v2 in the 2026-07-28 era, each with an open `subscriptions/listen` stream, over HTTP and stdio. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { CLIENT_INFO, type DemoClient, newSeen, type Seen, structured } from './client.ts';
import type { StdioCommand } from './fleet.ts';
import { watchedFetch } from './watched-fetch.ts';

type V2Transport = StreamableHTTPClientTransport | StdioClientTransport;

async function connect(
  name: string,
  seen: Seen,
  transport: V2Transport,
  isClosing: { now: boolean },
): Promise<DemoClient> {
  const client = new Client(CLIENT_INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  client.setNotificationHandler('notifications/tools/list_changed', async () => {
    seen.listChanged++;
    // As an MCP host does; from here on the client checks results against the new schemas.
    await client.listTools().catch((error: unknown) => {
      if (!isClosing.now) seen.lost ??= `tools/list after list_changed: ${String(error)}`;
    });
  });
  client.onclose = () => {
    if (!isClosing.now) seen.lost ??= 'the transport closed';
  };
  await client.connect(transport);
  await client.listTools();
  const subscription = await client.listen({ toolsListChanged: true });
  seen.streamsOpened = 1;
  void subscription.closed.then(() => {
    if (!isClosing.now) seen.streamsDropped++;
  });
  return {
    name,
    seen,
    call: async (tool, args, timeout) =>
      structured(await client.callTool({ name: tool, arguments: args }, { timeout })),
    close: async () => {
      isClosing.now = true;
      await subscription.close();
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

export const connectStdio = (name: string, command: StdioCommand): Promise<DemoClient> =>
  connect(name, newSeen(), new StdioClientTransport(command), { now: false });
