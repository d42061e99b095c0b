/** The last resort for errors of listeners, which belong to no process: a warning of Node's, with the stack, and life goes on. */
import { exitOf } from './exit-error.ts';

export function reportDropped(what: string, error: unknown): void {
  const detail = error instanceof Error && error.stack !== undefined ? error.stack : String(error);
  process.emitWarning(`${what}: ${exitOf(error).message}`, { type: 'ErlmcpWarning', detail });
}
