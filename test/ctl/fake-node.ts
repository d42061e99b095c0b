/** `node fake-node.ts <home>`: a node with fake answers that ends on `stop`. */
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
