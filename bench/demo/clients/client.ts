/** What the demo needs of a client, whichever SDK and transport it is made of. */

export interface Seen {
  /** `notifications/tools/list_changed` so far. */
  listChanged: number;
  /** Streams for the server's own messages: opened so far, and ended without our doing. */
  streamsOpened: number;
  streamsDropped: number;
  /** Why the session is gone, the first reason; undefined while it stands. */
  lost: string | undefined;
}

export interface DemoClient {
  readonly name: string;
  readonly seen: Seen;
  /** One `tools/call`, never retried: its structured result, or an error. */
  call: (tool: string, args: Record<string, unknown>, timeoutMs: number) => Promise<Record<string, unknown>>;
  close: () => Promise<void>;
}

export const CLIENT_INFO = { name: 'erlmcp-demo', version: '1.0.0' };

export const newSeen = (): Seen => ({ listChanged: 0, streamsOpened: 0, streamsDropped: 0, lost: undefined });

/** The structured part of a result as either SDK returns it. */
export function structured(result: Record<string, unknown>): Record<string, unknown> {
  if (result.isError) throw new Error(`tool error: ${JSON.stringify(result.content)}`);
  const value = result.structuredContent;
  if (typeof value !== 'object' || value === null)
    throw new Error(`no structured result: ${JSON.stringify(result)}`);
  return value as Record<string, unknown>;
}
