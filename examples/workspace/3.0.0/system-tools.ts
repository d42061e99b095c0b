import { setTimeout as delay } from 'node:timers/promises';
import type { McpServer } from '@modelcontextprotocol/server';
import { call } from 'erlmcp';
import { z } from 'zod';
import { counter } from './counter.ts';
import { toolResult } from './results.ts';
import { VSN } from './version.ts';

const MAX_SLEEP_MS = 3_600_000;

export function registerSystemTools(server: McpServer): void {
  server.registerTool(
    'counter_increment',
    {
      description: 'Adds one to the counter and returns it.',
      inputSchema: z.object({}),
      outputSchema: z.looseObject({ count: z.number() }),
      annotations: {
        readOnlyHint: false,
        destructiveHint: false,
        idempotentHint: false,
        openWorldHint: false,
      },
    },
    async () => toolResult(await call(counter, ['increment'])),
  );
  server.registerTool(
    'sleep',
    {
      // Not annotated as read-only: a client that loses its runner then sees what any unannotated call gets, outcome unknown.
      description: 'Answers after a number of milliseconds; a cancelled call ends at once.',
      inputSchema: z.object({ ms: z.int().min(0).max(MAX_SLEEP_MS) }),
      outputSchema: z.looseObject({ ms: z.number() }),
    },
    async ({ ms }, { mcpReq }) => {
      await delay(ms, undefined, { signal: mcpReq.signal });
      return toolResult({ ms });
    },
  );
  server.registerTool(
    'whoami',
    {
      description: 'Returns the version and the process id of the runner that answers.',
      inputSchema: z.object({}),
      outputSchema: z.looseObject({ version: z.string(), pid: z.number() }),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    () => toolResult({ version: VSN, pid: process.pid }),
  );
}
