/**
 * Tells when the handler of a tool call is over. The SDK sends no answer for a cancelled request while its handler runs
 * on, so no message says so: the handler itself has to be wrapped, where the SDK keeps it.
 */
import { McpServer, type Server } from '@modelcontextprotocol/server';

type Handler = (request: unknown, context: { mcpReq: { id: string | number } }) => unknown;

export type Product = McpServer | Server;

export const serverOf = (product: Product): Server =>
  product instanceof McpServer ? product.server : product;

export function onCallEnd(product: Product, ended: (id: string | number) => void): void {
  const handlers = (serverOf(product) as unknown as { _requestHandlers?: Map<string, Handler> })
    ._requestHandlers;
  const handler = handlers?.get('tools/call');
  if (!handlers || !handler) return;
  handlers.set('tools/call', async (request, context) => {
    try {
      return await handler(request, context);
    } finally {
      ended(context.mcpReq.id);
    }
  });
}
