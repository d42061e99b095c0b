/**
 * Puts a listening Unix socket in its place. Nobody but the owner can connect at any moment: the socket is bound in a new folder
 * of mode 0700, gets mode 0600 there, and only then is moved to its path, over a stale file but never over a live node.
 */
import { chmod, lstat, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { OperatorError, tuple } from '../errors/index.ts';

/** `sun_path` less its closing zero, in bytes. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
const PROBE_MS = 2000;

export async function listenPrivately(server: Server, path: string): Promise<void> {
  checkLength(path);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error) => refuse(path, error));
  await refuseIfTaken(path);
  // The folder's name is short, so that this path is no longer than the final one can be.
  const folder = await mkdtemp(`${dirname(path)}/.`).catch((error) => refuse(path, error));
  try {
    const birthplace = join(folder, 's');
    await listen(server, birthplace);
    await chmod(birthplace, 0o600);
    await rename(birthplace, path);
  } catch (error) {
    server.close();
    refuse(path, error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Which file is at a path, to tell it from one that another process has put there later. Undefined without one. */
export async function fileIdentity(path: string): Promise<string | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  return stats && `${stats.dev}:${stats.ino}`;
}

function checkLength(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return;
  throw new OperatorError(
    tuple('socket_path_too_long', path),
    `The path has ${bytes} bytes and this system allows ${MAX_PATH_BYTES}.`,
    'Give the node a home with a shorter path.',
  );
}

async function refuseIfTaken(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) return;
  if (!stats.isSocket()) {
    throw new OperatorError(
      tuple('not_a_socket', path),
      'Another kind of file is where the control socket belongs.',
      'Move it away and start again.',
    );
  }
  if (await answers(path)) {
    throw new OperatorError(
      tuple('already_running', path),
      'A node answers on this control socket.',
      'Stop it first with: erlmcpctl stop',
    );
  }
}

/** A process that is too busy to accept counts as alive: only a refusal says that nobody listens. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(PROBE_MS, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function refuse(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  throw new OperatorError(
    tuple('control_socket_failed', path),
    `The control socket can't be opened: ${reason}.`,
    'Check that the home folder can be written.',
    { cause },
  );
}
