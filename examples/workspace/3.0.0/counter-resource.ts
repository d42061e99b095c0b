import type { McpServer } from '@modelcontextprotocol/server';
import { call } from 'erlmcp';
import { counter } from './counter.ts';

const HISTORY_URI = 'counter://history';

export function registerCounterResource(server: McpServer): void {
  server.registerResource('counter-history', HISTORY_URI, { mimeType: 'application/json' }, async () => ({
    contents: [
      {
        uri: HISTORY_URI,
        mimeType: 'application/json',
        text: JSON.stringify(await call(counter, ['history'])),
      },
    ],
  }));
}
