/** What the core itself says in place of a runner: errors for calls that no runner answers, and notices after a switch. */
import { type ClientErrorName, clientError } from '../errors/index.ts';
import type { Call } from './call.ts';

/** Methods that by the specification change nothing. */
export const READ_ONLY_METHODS = new Set([
  'ping',
  'server/discover',
  'tools/list',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
]);

const SUBSCRIPTION_ID = 'io.modelcontextprotocol/subscriptionId';

export const resourceUpdated = (uri: unknown, subscription: string | number): Buffer =>
  Buffer.from(
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/resources/updated',
      params: { uri, _meta: { [SUBSCRIPTION_ID]: subscription } },
    }),
  );

export function errorJson(call: Call, name: ClientErrorName, detail?: string): Buffer {
  return Buffer.from(
    JSON.stringify({ jsonrpc: '2.0', id: call.message.id, error: clientError(name, detail) }),
  );
}
