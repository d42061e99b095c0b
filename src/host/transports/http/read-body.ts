/** Reads a body into one buffer, up to a limit; a body that breaks off calls nobody back. */
import type { IncomingMessage } from 'node:http';

export function readBody(
  req: IncomingMessage,
  limit: number,
  onBody: (body: Buffer) => void,
  onTooLarge: () => void,
): void {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let size = 0;
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) {
      req.removeAllListeners('data');
      req.removeAllListeners('end');
      onTooLarge();
    } else if (first === undefined) first = chunk;
    else if (more === undefined) more = [first, chunk];
    else more.push(chunk);
  });
  req.on('end', () => onBody(more === undefined ? (first ?? EMPTY) : Buffer.concat(more, size)));
}

const EMPTY = Buffer.alloc(0);
