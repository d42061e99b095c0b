/** Connections to a node's HTTP port that do nothing; they end with the test. */
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { TestNode } from './test-node.ts';

/** @returns how to end them */
export async function holdConnections(node: TestNode, count: number): Promise<() => void> {
  const sockets = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(node.httpPort, '127.0.0.1', () => resolve(socket));
          socket.on('error', reject);
        }),
    ),
  );
  const end = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(end);
  return end;
}
