/** Takes the place of results.ts of 3.0.0. */
import type { CallToolResult } from '@modelcontextprotocol/server';
import { strikeIfArmed } from './armed.ts';

export function toolResult(value: Record<string, unknown>): CallToolResult {
  strikeIfArmed();
  return { structuredContent: value, content: [{ type: 'text', text: JSON.stringify(value) }] };
}

export const toolError = (message: string): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: message }],
});
