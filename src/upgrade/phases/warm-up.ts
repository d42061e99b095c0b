/** The part of `load_modules` that makes the new runner as fast as the old one before clients come to it. */
import type { RunnerProcess } from '../../host/index.ts';
import type { ExampleReport } from '../../wire/index.ts';
import type { Run, UpgradeDeps } from '../types.ts';
import { remaining } from './pre-flight-checks.ts';

/** Enough for the request path to be compiled; a second or less on a small machine. */
const WARM_ROUNDS = 200;

/** An example that does not work makes the upgrade no worse than a release without examples: it is named, and does not end it. */
export async function warmUp(run: Run, next: RunnerProcess, { log }: UpgradeDeps): Promise<void> {
  const { requests, examples } = await next.call('warm', { rounds: WARM_ROUNDS }, remaining(run));
  const failed = examples.filter(({ problem }) => problem !== undefined);
  log.info('Warm-up done', { requests, examples: examples.length });
  for (const { tool, problem } of failed) log.warn(`Example of ${tool} is not used: ${problem}`);
  run.findings.push({
    name: 'warm_up',
    status: failed.length > 0 ? 'warning' : 'passed',
    value: `${requests} requests, ${examples.length - failed.length} of ${examples.length} examples`,
    limit: null,
    ...(failed.length > 0 ? { message: failed.map(said).join('; ') } : {}),
  });
}

const said = ({ tool, problem }: ExampleReport): string => `example of ${tool}: ${problem}`;
