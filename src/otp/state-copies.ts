/**
 * Copies of what servers are now, while all of them go on: each is read in its turn, between two messages. States alone: no message,
 * timer, monitor or link comes along, so that whoever takes the copies up is heard by nobody.
 */
import { ExitError } from './exit-error.ts';
import { withOrigin } from './hand-over.ts';
import type { ServerSnapshot } from './ports.ts';
import type { SupervisorProcess } from './process-info.ts';
import type { ServerProcess } from './server-process.ts';

export interface StateCopies {
  readonly snapshots: ServerSnapshot[];
  /** Servers that did not come to it in time, and what they are at. */
  readonly busy: { readonly name: string; readonly task: string | undefined }[];
  /** Servers whose state does not survive a structured clone, and why. */
  readonly unfit: { readonly name: string; readonly why: string }[];
}

export async function copyStates(
  servers: ReadonlyMap<string, ServerProcess>,
  supervisors: ReadonlyMap<string, SupervisorProcess>,
  ask: (server: ServerProcess) => Promise<unknown>,
): Promise<StateCopies> {
  const copies: StateCopies = { snapshots: [], busy: [], unfit: [] };
  const living = [...servers.values()].filter((server) => !server.is('moved'));
  await Promise.all(
    living.map(async (server) => {
      const { name } = server;
      try {
        const state = cloned(await ask(server));
        copies.snapshots.push(withOrigin(stateAlone(server, state), servers, supervisors));
      } catch (error) {
        if (error instanceof NotCloned) copies.unfit.push({ name, why: error.message });
        else if (isLate(error)) copies.busy.push({ name, task: server.task });
        // One that ended meanwhile is not there to be handed over.
        else if (!server.is('ended')) throw error;
      }
    }),
  );
  return copies;
}

const stateAlone = ({ name, pid, server }: ServerProcess, state: unknown): ServerSnapshot => ({
  name,
  pid,
  version: server.version,
  state,
  mailbox: [],
  timers: [],
  monitors: [],
  deferred: [],
});

class NotCloned extends Error {}

/** At once, before a handler that changes its state in place goes on. */
function cloned(state: unknown): unknown {
  try {
    return structuredClone(state);
  } catch (error) {
    throw new NotCloned(error instanceof Error ? error.message : String(error));
  }
}

const isLate = (error: unknown): boolean => error instanceof ExitError && error.reason.startsWith('{timeout');
