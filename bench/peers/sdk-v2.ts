/** SDK v2 as its documentation serves Node: a handler for both eras, stateless. */
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { serve } from './serve.ts';
import { TOOL, VERSION, whoami } from './tool.ts';

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'sdk-v2', version: VERSION });
  server.registerTool(TOOL, { outputSchema: z.object({ version: z.string(), pid: z.number() }) }, whoami);
  return server;
});

const nodeHandler = toNodeHandler(handler);
// The adapter's own type of a request lacks the `undefined` that exactOptionalPropertyTypes asks for.
serve((request, response) => void nodeHandler(request as Parameters<typeof nodeHandler>[0], response));
