/** A listening `node:http` server with limits on what a client may hold up. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { OperatorError, tuple } from '../../../errors/index.ts';
import type { HttpContext } from './context.ts';
import { handleRequest } from './handle-request.ts';

/** Of a request's head, in bytes; more is answered 431 by Node. */
const MAX_HEAD_BYTES = 16 * 1024;
/** How often Node looks for connections that are over their time. */
const CHECK_MS = 1_000;

export async function listen(context: HttpContext, host: string, port: number): Promise<Server> {
  const { limits } = context;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.idleTimeoutMs,
      connectionsCheckingInterval: CHECK_MS,
      // A second Host, Content-Type… must not be overlooked.
      joinDuplicateHeaders: true,
    },
    (req, res) => handle(req, res, false),
  );
  const handle = (req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean): void => {
    // Of a listener that was replaced: the client is to open a new connection.
    if (!server.listening) res.shouldKeepAlive = false;
    handleRequest(context, req, res, awaitsContinue);
  };
  server.on('checkContinue', (req, res) => handle(req, res, true));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', (error) => context.log.error(`HTTP listener: ${error.message}`));
  return server;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): OperatorError {
  const code = error.code ?? 'unknown';
  const term = tuple(code.toLowerCase(), port);
  const options = { cause: error };
  switch (code) {
    case 'EADDRINUSE':
      return new OperatorError(
        term,
        `Another process listens on ${host}:${port}.`,
        'Stop it, or set ERLMCP_HTTP_PORT to a free port.',
        options,
      );
    case 'EACCES':
      return new OperatorError(
        term,
        `This user may not listen on port ${port}.`,
        'Set ERLMCP_HTTP_PORT to a port above 1023.',
        options,
      );
    case 'EADDRNOTAVAIL':
      return new OperatorError(
        term,
        `This machine has no address ${host}.`,
        'Correct the bind address in erlmcp.json.',
        options,
      );
    default:
      return new OperatorError(
        term,
        `Listening on ${host}:${port} failed: ${error.message}.`,
        'Check the bind address and port in erlmcp.json.',
        options,
      );
  }
}
