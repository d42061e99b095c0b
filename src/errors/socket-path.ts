import { OperatorError } from './operator-error.ts';
import { tuple } from './term.ts';

/** Bytes that the path of a Unix socket may have (sun_path without its final zero). */
const PATH_LIMIT = process.platform === 'darwin' ? 103 : 107;

/** @throws OperatorError where the system can not have a socket at this path. */
export function requireSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= PATH_LIMIT) return;
  throw new OperatorError(
    tuple('socket_path_too_long', path, bytes, PATH_LIMIT),
    `The socket ${path} needs ${bytes} bytes, a socket's path may have ${PATH_LIMIT} on this system.`,
    'Choose an ERLMCP_HOME with a shorter path.',
  );
}
