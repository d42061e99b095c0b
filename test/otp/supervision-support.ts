/** Workers that note what happens to them, for the tests of supervisors. */
import { genServer, type ProcessTable, reply, stop } from '../../src/otp/index.ts';
import { eventually } from './support.ts';

export type WorkerCalls = { ping: () => string; args: () => unknown; run: () => unknown };

/** What a worker does on the call `run`, in its own process. */
export type Job = () => unknown;

/** Notes its start and end in `log`, and ends with the reason that it is cast. */
export const worker = (
  name: string,
  log: string[] = [],
  init: (args: unknown) => unknown = () => null,
  job: Job = () => null,
) =>
  genServer<unknown, WorkerCalls, { end: (reason: string) => void }, unknown>({
    name,
    version: 1,
    init: async (args) => {
      log.push(`start ${name}`);
      await init(args);
      return { args };
    },
    handleCall: async ([what], _from, state) => {
      if (what === 'ping') return reply('pong', state);
      return reply(what === 'run' ? await job() : (state as { args: unknown }).args, state);
    },
    handleCast: ([, reason], state) => stop(reason, state),
    terminate: (reason) => void log.push(`end ${name} ${reason}`),
  });

export const children = (names: readonly string[], log: string[]) =>
  names.map((id) => ({ id, start: worker(id, log) }));

/** Nothing of the table is at work. */
export const isAtRest = (table: ProcessTable): boolean =>
  table.list().every(({ status, mailboxLength }) => status === 'waiting' && mailboxLength === 0);

/** Ends a worker and waits until its supervisors have dealt with it. */
export async function crash(table: ProcessTable, address: string, reason = 'oops'): Promise<void> {
  const before = table.whereis(address);
  table.cast(address, ['end', reason]);
  await eventually(() => table.whereis(address) !== before && isAtRest(table), `the end of ${address}`);
}
