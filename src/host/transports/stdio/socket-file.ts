/** The file of the Unix socket: only this node's user may open it; a stale one is replaced, a living one never. */
import { lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { OperatorError, tuple } from '../../../errors/index.ts';
import { requireSocketPath } from '../../../errors/socket-path.ts';

const PROBE_MS = 2_000;

/** @throws OperatorError where the socket can not be had. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  requireSocketPath(path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await clearStale(path);
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: Error): void => reject(unusable(path, cause));
    server.once('error', failed);
    // The file is made by `listen` itself, at once: it never exists with other rights.
    const umask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', failed);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

async function clearStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isSocket())
    throw new OperatorError(
      tuple('not_a_socket', path),
      `${path} is in the way: it is no socket.`,
      'Move it away, then start the node again.',
    );
  if (await answers(path))
    throw new OperatorError(
      tuple('socket_in_use', path),
      `Another process listens on ${path}.`,
      'Stop the node that runs on this home first, or choose another ERLMCP_HOME.',
    );
  unlinkSync(path);
}

/** True where a process listens; one that does not answer in time may still be one. */
async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
      socket.setTimeout(PROBE_MS, () => resolve(true));
    });
  } finally {
    socket.destroy();
  }
}

function unusable(path: string, cause: Error): OperatorError {
  const code = (cause as NodeJS.ErrnoException).code ?? cause.message;
  return new OperatorError(
    tuple('socket_unusable', path, code),
    `The socket ${path} can not be opened.`,
    'Make sure that its folder exists and can be written, then start the node again.',
    { cause },
  );
}
