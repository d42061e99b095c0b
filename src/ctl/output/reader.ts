/**
 * Notices that the reader of a pipe has gone though nothing is written: a log that is followed may be silent for hours. Node.js can't
 * ask the kernel for that, and GNU tail does: one that has nothing to write ends by SIGPIPE when its reader goes. It shares our output,
 * and ends with us. Where tail is another one, the next write notices.
 */
import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

const watched = new WeakSet<AbortController>();

export function watchReader(stream: { fd?: number }, gone: AbortController): void {
  const { fd } = stream;
  if (watched.has(gone) || fd === undefined || !fstatSync(fd).isFIFO()) return;
  watched.add(gone);
  const sentry = spawn('tail', ['-f', `--pid=${process.pid}`, '/dev/null'], {
    stdio: ['ignore', fd, 'ignore'],
  });
  sentry.unref();
  sentry.on('error', () => {});
  sentry.on('exit', (_, signal) => {
    if (signal === 'SIGPIPE') gone.abort();
  });
  process.once('exit', () => sentry.kill());
}
