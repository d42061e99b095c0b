import type { IncomingMessage } from 'node:http';
import type { Gateway, Session } from '../../gateway.ts';
import {
  type Refusal,
  SESSION_REQUIRED,
  SESSION_REVISIONS,
  SESSION_UNKNOWN,
  versionUnsupported,
} from './refusals.ts';

type Name = 'mcp-session-id' | 'mcp-protocol-version' | 'mcp-method' | 'mcp-name' | 'last-event-id';

/** Given twice, a header is one value with a comma in it (`joinDuplicateHeaders`), which none of these can be. */
export const header = (req: IncomingMessage, name: Name): string | undefined =>
  req.headers[name] as string | undefined;

/** The session that a request names, or why it can't be served in one. */
export function findSession(gateway: Gateway, req: IncomingMessage): Session | Refusal {
  const id = header(req, 'mcp-session-id');
  if (!id) return SESSION_REQUIRED;
  const session = gateway.findSession(id);
  if (session === undefined) return SESSION_UNKNOWN;
  const version = header(req, 'mcp-protocol-version');
  if (version !== undefined && !SESSION_REVISIONS.includes(version)) return versionUnsupported(version);
  return session;
}
