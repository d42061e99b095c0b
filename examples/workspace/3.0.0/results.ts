import type { CallToolResult } from '@modelcontextprotocol/server';

/** A tool's result: structured, and the same JSON as text for clients that read only that. */
export const toolResult = (value: Record<string, unknown>): CallToolResult => ({
  structuredContent: value,
  content: [{ type: 'text', text: JSON.stringify(value) }],
});

export const toolError = (message: string): CallToolResult => ({
  isError: true,
  content: [{ type: 'text', text: message }],
});
