import { McpServer } from '@modelcontextprotocol/server';
import { defineApplication } from 'erlmcp';
import appup from './appup.ts';
import { counter } from './counter.ts';
import { registerCounterResource } from './counter-resource.ts';
import { examples } from './examples.ts';
import { registerNoteResources } from './note-resources.ts';
import { registerNoteTools } from './note-tools.ts';
import { notes } from './notes.ts';
import { registerSystemTools } from './system-tools.ts';
import { VSN } from './version.ts';

export default defineApplication({
  name: 'workspace',
  vsn: VSN,
  tables: [notes],
  children: [{ id: 'counter', start: counter }],
  mcp: createServer,
  examples,
  appup,
});

/** One instance per session of a 2025 revision, and one for all requests of 2026-07-28: it keeps nothing that the node does not replay. */
function createServer(): McpServer {
  const server = new McpServer(
    { name: 'erlmcp', version: VSN },
    {
      capabilities: {
        tools: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
      },
    },
  );
  registerNoteResources(server);
  registerCounterResource(server);
  registerNoteTools(server);
  registerSystemTools(server);
  return server;
}
