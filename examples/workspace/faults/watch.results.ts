/** Takes the place of results.ts of 3.0.0. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { strike } from './strike.ts';

/** Many times what a call takes, and little enough for fifty calls a second to be answered. */
const SLOW_CALL_MS = 15;

export function toolResult(value: Record<string, unknown>): CallToolResult {
  strike(SLOW_CALL_MS);
  return { structuredContent: value, content: [{ type: 'text', text: JSON.stringify(value) }] };
}

export const toolError = (message: string): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: message }],
});
