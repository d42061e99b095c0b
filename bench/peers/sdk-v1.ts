/** SDK v1 as its own examples serve sessions, a server and a transport each, but on bare `node:http`, its fastest setting. */
import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';
import { serve } from './serve.ts';
import { TOOL, VERSION, whoami } from './tool.ts';

const sessions = new Map<string, StreamableHTTPServerTransport>();

async function open(): Promise<StreamableHTTPServerTransport> {
  const server = new McpServer({ name: 'sdk-v1', version: VERSION });
  server.registerTool(TOOL, { outputSchema: { version: z.string(), pid: z.number() } }, whoami);
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: true,
    onsessioninitialized: (id) => {
      sessions.set(id, transport);
    },
  });
  // The SDK's own type of `sessionId` lacks the `undefined` that exactOptionalPropertyTypes asks for.
  await server.connect(transport as Parameters<McpServer['connect']>[0]);
  return transport;
}

serve(async (request, response) => {
  const id = request.headers['mcp-session-id'];
  const transport = (typeof id === 'string' && sessions.get(id)) || (await open());
  await transport.handleRequest(request, response);
});
