/**
 * SDK v2 as its documentation serves sessions, a server and a transport each, on `PORT`, with the tools that the load of the upgrade bench
 * calls; what these keep is in memory. Told to end, it stops listening, answers what is in flight, and closes its streams.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { TOOL, VERSION, whoami } from './tool.ts';

const REST_MS = 10;
/** pm2 kills what has not ended after the 1.6 s that are its default. */
const GRACE_MS = 1_000;

const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
const notes: { id: string; text: string }[] = [];
let count = 0;
let inFlight = 0;

const result = <T extends Record<string, unknown>>(structuredContent: T) => ({
  structuredContent,
  content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }],
});

function makeServer(): McpServer {
  const server = new McpServer({ name: 'sdk-v2', version: VERSION });
  const Note = z.object({ id: z.string(), text: z.string() });
  server.registerTool(TOOL, { outputSchema: z.object({ version: z.string(), pid: z.number() }) }, whoami);
  server.registerTool(
    'counter_increment',
    { inputSchema: z.object({}), outputSchema: z.object({ count: z.number() }) },
    () => {
      count++;
      return result({ count });
    },
  );
  server.registerTool(
    'note_add',
    { inputSchema: z.object({ text: z.string() }), outputSchema: z.object({ id: z.string() }) },
    ({ text }) => {
      const id = randomUUID();
      notes.push({ id, text });
      return result({ id });
    },
  );
  server.registerTool(
    'note_list',
    { inputSchema: z.object({ limit: z.int() }), outputSchema: z.object({ notes: z.array(Note) }) },
    ({ limit }) => result({ notes: notes.slice(-limit) }),
  );
  return server;
}

async function open(): Promise<NodeStreamableHTTPServerTransport> {
  const transport = new NodeStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: true,
    onsessioninitialized: (id) => {
      sessions.set(id, transport);
    },
  });
  // The SDK's own type of a transport lacks the `undefined` that exactOptionalPropertyTypes asks for.
  await makeServer().connect(transport as unknown as Parameters<McpServer['connect']>[0]);
  return transport;
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = request.headers['mcp-session-id'];
  const known = typeof id === 'string' ? sessions.get(id) : undefined;
  if (id !== undefined && known === undefined) {
    const error = { code: -32001, message: 'Session not found' };
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error }));
    return;
  }
  if (request.method === 'POST') {
    inFlight++;
    response.once('close', () => inFlight--);
  }
  await (known ?? (await open())).handleRequest(request as never, response as never);
}

const server = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy());
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'));

function end(): void {
  server.close();
  const ends = Date.now() + GRACE_MS;
  setInterval(() => {
    if (inFlight === 0 || Date.now() > ends) process.exit(0);
  }, REST_MS);
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, end);
