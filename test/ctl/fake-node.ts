/** `node fake-node.ts <home> [blocked]`: a node with fake answers that ends on `stop`; blocked, its event loop stands still. */
import { join } from 'node:path';
import { startControlServer } from '../../src/admin/control-server.ts';
import { fakeHandlers, status } from './samples.ts';

const server = await startControlServer({
  socketPath: join(process.argv[2]!, 'run', 'erlmcp.sock'),
  handlers: fakeHandlers({
    status: () => ({ ...status, node: { ...status.node, pid: process.pid } }),
    stop: () => {
      setImmediate(() => void server.close());
      return { pid: process.pid, deadline_s: 10 };
    },
  }),
});
console.log('ready');
if (process.argv[3] === 'blocked') {
  // Only when the line above is out.
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 100);
}
