/** The node's processes of the operating system: the host, and each runner that has not ended, parked ones too. */
import type { RunnerProcess } from '../../host/index.ts';
import type { ProcessShare } from '../../observability/metrics/index.ts';
import { type ProcessDetails, processDetails } from '../../observability/process-details.ts';
import type { NodeParts } from '../node-parts.ts';

export interface NodeProcess extends ProcessShare, ProcessDetails {
  where: string;
  pid: number;
  since: Date;
  runner: RunnerProcess | undefined;
}

export async function nodeProcesses({ fleet, metrics, startedAt }: NodeParts): Promise<NodeProcess[]> {
  const shares = await metrics.processes();
  const host = { where: 'host', pid: process.pid, since: startedAt, runner: undefined };
  const runners = [...fleet.runners].map((runner) => ({
    where: runner.where,
    pid: runner.pid,
    since: new Date(runner.startedAt),
    runner,
  }));
  const measured = [host, ...runners].map(async (found) => {
    const share = shares.get(found.pid);
    // One that has ended, or started, since.
    return share === undefined ? [] : [{ ...found, ...share, ...(await processDetails(found.pid)) }];
  });
  return (await Promise.all(measured)).flat();
}
