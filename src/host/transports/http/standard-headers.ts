/**
 * The headers in which a request of revision 2026-07-28 repeats parts of its body, for the machines between client and node.
 * They must be there and say the same; else somebody in between was told another story than the server.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http (Request Metadata)
 */
import { isUtf8 } from 'node:buffer';
import type { RequestMessage } from '../../gateway.ts';
import { headerMismatch, type Refusal } from './refusals.ts';

/** Where the value that `Mcp-Name` repeats stands in `params`. */
function nameField(method: string): 'name' | 'uri' | 'taskId' | undefined {
  switch (method) {
    case 'tools/call':
    case 'prompts/get':
      return 'name';
    case 'resources/read':
      return 'uri';
    case 'tasks/get':
    case 'tasks/update':
    case 'tasks/cancel':
      return 'taskId';
    default:
      return undefined;
  }
}

/** That `version` and `method`, where given, agree with the body has been checked before. */
export function checkStandardHeaders(
  message: RequestMessage,
  version: string | undefined,
  method: string | undefined,
  name: string | undefined,
): Refusal | undefined {
  if (version === undefined) return missing('MCP-Protocol-Version');
  if (method === undefined) return missing('Mcp-Method');
  const field = nameField(message.method);
  if (field === undefined) return undefined;
  const value = message.params?.[field];
  if (name === undefined) return typeof value === 'string' ? missing('Mcp-Name') : undefined;
  const decoded = decodeHeaderValue(name);
  if (decoded === undefined) return headerMismatch(name, 'the Mcp-Name header is not valid Base64 of UTF-8');
  if (typeof value !== 'string' || decoded === value) return undefined;
  return headerMismatch(
    name,
    `the body has params.${field} ${JSON.stringify(value)}, the Mcp-Name header has another`,
  );
}

const missing = (header: string): Refusal =>
  headerMismatch('(missing)', `the required ${header} header is absent`);

const PREFIX = '=?base64?';
const SUFFIX = '?=';
const CANONICAL_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A header's value as the client meant it; undefined if its Base64 form is broken. */
export function decodeHeaderValue(value: string): string | undefined {
  if (!value.startsWith(PREFIX) || !value.endsWith(SUFFIX)) return value;
  const base64 = value.slice(PREFIX.length, -SUFFIX.length);
  if (!CANONICAL_BASE64.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return isUtf8(bytes) ? bytes.toString() : undefined;
}
