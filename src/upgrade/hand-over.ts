/**
 * Hands the servers of one runner to another. Until `resume` the states stand where they were; each step leaves either
 * the giving or the taking runner able to go on.
 */
import { tuple } from '../errors/index.ts';
import type { Fleet, RunnerProcess } from '../host/index.ts';
import { refuse } from './failure.ts';
import { Resumption } from './resumption.ts';
import type { HandedOver } from './types.ts';

/** Gives the states to the taking runner, which holds them suspended. A runner that had these servers before gets them back. */
export async function give(
  taking: RunnerProcess,
  { servers, applications }: HandedOver,
  hadServers: boolean,
  deadlineMs: number,
): Promise<void> {
  if (hadServers) await taking.call('takeBack', { adopt: servers, applications }, deadlineMs);
  else await taking.call('start', { adopt: servers, applications }, deadlineMs);
}

/**
 * The flip: from here on the taking runner serves. The giving one, if it still lives, forwards what is meant for its servers.
 * Resolves when the servers run; the sessions with open streams follow in `followed`.
 */
export async function flip(
  fleet: Fleet,
  giving: RunnerProcess | undefined,
  taking: RunnerProcess,
  deadlineMs: number,
  resumption = new Resumption(),
): Promise<{ followed: Promise<void> }> {
  // Requests that were given to it would never be answered, and the states would be void.
  if (taking.state === 'ended')
    throw refuse(
      tuple('runner_ended', taking.vsn),
      `The runner of ${taking.vsn} has ended.`,
      'See log/console.log.',
    );
  if (giving?.holdsServers && giving.state !== 'ended') {
    const names = taking.declaration.servers.map(({ name }) => name);
    await giving.call('markMoved', { names }, deadlineMs).catch((error: Error) => {
      // Whether it has let go of its servers is not known: it must neither serve nor pass on what is meant for them.
      giving.kill(`it did not hand its servers over: ${error.message}`);
      throw error;
    });
    giving.holdsServers = false;
  }
  taking.holdsServers = true;
  const followed = fleet.activate(taking);
  if (giving && giving.state !== 'ended') giving.state = 'lingering';
  await resumption.of(taking, deadlineMs);
  return { followed };
}
