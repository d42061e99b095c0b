/** `erlmcp_upgrade_smoke_test`: every item is really exercised on the live node; the first that fails ends it. */
import { tuple } from '../errors/index.ts';
import { messageOf, reasonOf, refuse } from './failure.ts';
import type { Finding, Probe, UpgradeDeps } from './types.ts';

const CALL_MS = 5_000;

/** Runs all checks against the active runner, and returns what each found. */
export async function runSmokeTest(version: string, deps: UpgradeDeps): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const probe of [...releaseProbes(version, deps), ...deps.postFlight])
    findings.push(await attempt(probe));
  return findings;
}

function releaseProbes(version: string, deps: UpgradeDeps): Probe[] {
  const active = () => {
    const runner = deps.fleet.active;
    if (runner) return runner;
    throw refuse(tuple('no_active_runner', version), 'No runner serves.', 'See log/error.log.');
  };
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
    { name: 'applications', run: async () => active().declaration.applications.join(', ') },
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

async function attempt(probe: Probe): Promise<Finding> {
  const limit = probe.limit ?? null;
  try {
    return { name: probe.name, status: 'passed', value: (await probe.run()) ?? null, limit };
  } catch (error) {
    return {
      name: probe.name,
      status: 'failed',
      value: null,
      limit,
      message: `${reasonOf(error)}: ${messageOf(error)}`,
    };
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
