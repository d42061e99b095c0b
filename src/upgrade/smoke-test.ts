/** `erlmcp_upgrade_smoke_test`: every item is really exercised on the live node, all at the same time, each within a limit. */
import { tuple } from '../errors/index.ts';
import type { RunnerProcess } from '../host/index.ts';
import { messageOf, reasonOf, refuse } from './failure.ts';
import type { Finding, Probe, UpgradeDeps } from './types.ts';

const CALL_MS = 5_000;
/** A busy machine must not take back a sound upgrade. */
const CHECK_MS = 15_000;

export interface SmokeTestOptions {
  /** Applications that had ended before the operation: an upgrade leaves them so, and warns. */
  readonly ended?: readonly string[];
  /** Limit of each check in ms; default 15,000. */
  readonly checkMs?: number;
}

/** Runs all checks against the active runner, and returns what each found. */
export function runSmokeTest(
  version: string,
  deps: UpgradeDeps,
  { ended = [], checkMs = CHECK_MS }: SmokeTestOptions = {},
): Promise<Finding[]> {
  const active = () => {
    const runner = deps.fleet.active;
    if (runner) return runner;
    throw refuse(tuple('no_active_runner', version), 'No runner serves.', 'See log/error.log.');
  };
  return runProbes([...releaseProbes(version, active, ended), ...deps.postFlight], checkMs);
}

export const runProbes = (probes: readonly Probe[], checkMs: number): Promise<Finding[]> =>
  Promise.all(probes.map((probe) => attempt(probe, checkMs)));

/** What the release alone answers for. @param active the runner of which it is asked */
export function releaseProbes(
  version: string,
  active: () => RunnerProcess,
  ended: readonly string[],
): Probe[] {
  return [
    {
      name: 'version',
      limit: version,
      run: async () => {
        const runner = active();
        if (runner.vsn === version) return runner.vsn;
        throw refuse(
          tuple('version_mismatch', runner.vsn, version),
          `The active runner is ${runner.vsn}.`,
          'Roll back.',
        );
      },
    },
    { name: 'applications', limit: 'all started', run: () => applicationsStarted(active(), ended) },
    {
      name: 'gen_servers',
      run: async () =>
        (await active().call('pingServers', { timeoutMs: CALL_MS }, CALL_MS * 2)).servers.join(', '),
    },
    {
      name: 'tables',
      run: async () => (await active().call('probeTables', {}, CALL_MS)).tables.join(', '),
    },
  ];
}

async function applicationsStarted(runner: RunnerProcess, ended: readonly string[]): Promise<string> {
  const { applications } = await runner.call('applications', {}, CALL_MS);
  const missing = applications.find(({ name, state }) => state !== 'started' && !ended.includes(name));
  if (missing) {
    const why = missing.reason === null ? '' : `: ${missing.reason}`;
    throw refuse(
      tuple('application_not_started', missing.name),
      `The application ${missing.name} is ${missing.state}${why.replace(/\.?$/, '.')}`,
      `Start it with: erlmcpctl restart ${missing.name}`,
    );
  }
  return applications
    .map(({ name, state }) => (state === 'started' ? name : `${name} (${state}, as before)`))
    .join(', ');
}

async function attempt(probe: Probe, checkMs: number): Promise<Finding> {
  const limit = probe.limit ?? null;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(refuse(tuple('timeout', probe.name), `No answer within ${checkMs} ms.`, 'Try again.')),
    checkMs,
  );
  try {
    const found = (await Promise.race([probe.run(), late.promise])) ?? null;
    if (found !== null && typeof found === 'object') return { name: probe.name, limit, ...found };
    return { name: probe.name, status: 'passed', value: found, limit };
  } catch (error) {
    return {
      name: probe.name,
      status: 'failed',
      value: null,
      limit,
      message: `${reasonOf(error)}: ${messageOf(error)}`,
    };
  } finally {
    clearTimeout(timer);
  }
}

/** The smoke test's failures as one error. */
export function assertPassed(findings: readonly Finding[]): void {
  const failed = findings.filter(({ status }) => status === 'failed');
  if (failed.length === 0) return;
  const [first] = failed;
  throw refuse(
    tuple(
      'verification_failed',
      failed.map(({ name }) => name),
    ),
    `The smoke test failed: ${first?.name}: ${first?.message}.`,
    'See log/upgrade.log for each item.',
  );
}
