import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpContext } from './context.ts';
import { handlePost } from './post.ts';
import { METHOD_NOT_ALLOWED, NOT_FOUND, type Refusal } from './refusals.ts';
import { refuseUnread } from './respond.ts';
import { handleDelete, handleGet } from './session-methods.ts';

const PATH = '/mcp';

/** The HTTP half of the ladder: path, host, origin, method. */
export function handleRequest(
  context: HttpContext,
  req: IncomingMessage,
  res: ServerResponse,
  awaitsContinue: boolean,
): void {
  const refused = checkTarget(context, req);
  if (refused) refuseUnread(context.counters, req, res, refused);
  else if (req.method === 'POST') handlePost(context, req, res, awaitsContinue);
  else if (req.method === 'GET') handleGet(context, req, res);
  else if (req.method === 'DELETE') handleDelete(context, req, res);
  else refuseUnread(context.counters, req, res, METHOD_NOT_ALLOWED);
}

function checkTarget(context: HttpContext, { url, headers }: IncomingMessage): Refusal | undefined {
  if (url !== PATH && url?.startsWith(`${PATH}?`) !== true) return NOT_FOUND;
  return context.guard.check(headers.host, headers.origin);
}
