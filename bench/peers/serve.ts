import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on a free port of the loopback, prints it as the first line for the parent, and ends with the parent's pipe. */
export function serve(listener: RequestListener): void {
  const server = createServer(listener).listen(0, '127.0.0.1', () => {
    console.log((server.address() as AddressInfo).port);
  });
  process.stdin.resume().once('end', () => process.exit(0));
}
