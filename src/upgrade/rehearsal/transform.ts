/** The servers' states: read from those that go on, and made to what the next release has of them. What goes wrong names the server. */
import { setTimeout as pause } from 'node:timers/promises';
import { atom, type OperatorError, tuple } from '../../errors/index.ts';
import type { RunnerProcess } from '../../host/index.ts';
import { CallError, type CopiedStates, type RehearsedServer } from '../../wire/index.ts';
import { messageOf, reasonOf, refuse } from '../failure.ts';

const LOOK_MS = 1_000;
const MEND = 'Mend its lens or codeChange, and build the release anew.';

/**
 * Each server is asked in its turn, for at most `timeoutMs`.
 * @throws OperatorError `{transformation_failed, Name, Why}` for a state that can not be handed over by any version
 */
export async function readStates(serving: RunnerProcess, timeoutMs: number): Promise<CopiedStates> {
  const copied = await serving.call('copyStates', { timeoutMs }, timeoutMs + LOOK_MS);
  const [unfit] = copied.unfit;
  if (unfit) throw failed(unfit.name, `it does not survive a structured clone: ${unfit.why}`);
  return copied;
}

/** @throws as the phase `transform_state`; of a server that hangs, with its name */
export async function transformStates(
  next: RunnerProcess,
  { servers, applications }: CopiedStates,
  deadlineMs: number,
): Promise<RehearsedServer[]> {
  const begun = performance.now();
  await next.call('start', { adopt: servers, applications }, deadlineMs).catch(async (error: unknown) => {
    throw await explained(
      error,
      next,
      servers.map(({ name }) => name),
    );
  });
  const had = servers.filter(({ state }) => state !== undefined).map(({ name }) => name);
  const left = Math.max(1, deadlineMs - (performance.now() - begun));
  const checked = (await next.call('checkStates', { had }, left)).servers;
  const bad = checked.find(({ problem }) => problem !== null);
  if (bad) throw failed(bad.name, bad.problem ?? '');
  return checked;
}

const failed = (name: string, why: string): OperatorError =>
  refuse(
    tuple('transformation_failed', atom(name), why),
    `The state of ${name} can not be handed over: ${why}.`,
    MEND,
  );

async function explained(error: unknown, next: RunnerProcess, names: readonly string[]): Promise<Error> {
  const reason = reasonOf(error);
  if (error instanceof CallError && reason.startsWith('{transformation_failed')) return error;
  const ended = await endOf(next, error);
  if (ended !== undefined) return failedAll(names, `its runner has ended: ${ended}`);
  if (reason !== '{timeout, start}')
    return new CallError({ reason: `{transformation_failed, ${reason}}`, message: messageOf(error) });
  const { processes } = await next.call('processes', { memory: false }, LOOK_MS);
  const hanging = processes.filter(({ kind, current }) => kind === 'server' && current !== null);
  const hung = hanging.map(({ name, pid }) => name ?? pid);
  return failedAll(hung.length > 0 ? hung : names, messageOf(error));
}

/** A connection breaks a moment before its runner is known to have ended. */
function endOf(runner: RunnerProcess, error: unknown): Promise<string | undefined> {
  if (error instanceof CallError && runner.state !== 'ended') return Promise.resolve(undefined);
  return Promise.race([runner.ended, pause(LOOK_MS, undefined, { ref: false })]);
}

const failedAll = (names: readonly string[], why: string): OperatorError =>
  refuse(
    tuple('transformation_failed', names.map(atom), why),
    `The states of ${names.join(', ')} were being transformed: ${why}.`,
    MEND,
  );
