/** `pre_flight_checks`: proves on the live data that the switch can work. Nothing of the node is changed. */
import { UPGRADE_PHASES } from '../../control/index.ts';
import { printTerm, tuple } from '../../errors/index.ts';
import {
  checkRunsHere,
  type InstalledRelease,
  isSignatureRefusal,
  type Manifest,
  planPath,
} from '../../release/index.ts';
import type { LensReport } from '../../wire/index.ts';
import { messageOf, reasonOf, refuse } from '../failure.ts';
import { checkSurface } from '../surface/check-surface.ts';
import { tableTargets, tableVersions } from '../table-targets.ts';
import type { Probe, Run, UpgradeDeps } from '../types.ts';
import { checkProgress } from './check-progress.ts';
import { checkRebuiltRelease } from './rebuilt-release.ts';

export async function preFlightChecks(run: Run, deps: UpgradeDeps): Promise<void> {
  run.warm = warmRunner(run, deps);
  run.running = await deps.releases.get(run.from);
  run.target = run.warm ? await deps.releases.get(run.version) : await obtain(run, deps);
  const installed = run.warm ? [] : await deps.releases.manifests();
  planPath(run.running.manifest, run.target.manifest, {}, installed);
  run.findings.push({
    name: 'upgrade_path',
    status: 'passed',
    value: `${run.from} -> ${run.version}`,
    limit: null,
  });
  if (run.warm) {
    await checkWayBack(run, run.target);
    // One that is parked can not be asked, and does not have to be: it served.
    if (deps.fleet.surfaceOf(run.warm)) await checkSurface(run, run.warm, deps);
  } else await checkRows(run, run.target, installed, deps);
  // A watch that runs goes on comparing with what it began with.
  if (run.kind !== 'dry_run') deps.freezeBaseline(run.from);
}

/** The runner of the version before, kept for the way back. */
const warmRunner = (run: Run, { fleet }: UpgradeDeps) =>
  run.direction === 'up'
    ? undefined
    : [...fleet.runners].find(
        (runner) => runner.vsn === run.version && (runner.state === 'parked' || runner.state === 'lingering'),
      );

/**
 * Back to a version that is kept warm: its lenses were checked on every row before it was left, and every write since
 * then has proved that it can be read by it. So there is nothing to scan, and the way back takes milliseconds.
 */
async function checkWayBack(run: Run, target: InstalledRelease): Promise<void> {
  const { failures } = await run.old.call('keepWayBack', { targets: tableTargets(target) }, remaining(run));
  const [first] = failures;
  if (first && !run.force) throw lensFailure(first.table, first.key, first.reason);
  run.findings.push({
    name: 'way_back',
    status: first ? 'warning' : 'passed',
    value: `${failures.length} rows that ${run.version} can not see`,
    limit: 0,
  });
}

async function checkRows(
  run: Run,
  target: InstalledRelease,
  installed: readonly Manifest[],
  deps: UpgradeDeps,
): Promise<void> {
  for (const probe of deps.preFlight) await check(probe, run);
  await run.old.call('trackWrites', { on: true }, remaining(run));
  const reports = await lensCheck(run, target, deps);
  const rows = Object.fromEntries(
    reports.map((report) => [report.table, Object.keys(report.versions).map(Number)]),
  );
  if (run.running) planPath(run.running.manifest, target.manifest, rows, installed);
}

export const remaining = (run: Run): number => Math.max(1, run.deadline - performance.now());

/** The target's release: from its package, verified, or (on the way back) as it is installed. */
async function obtain(run: Run, deps: UpgradeDeps): Promise<InstalledRelease> {
  const packages = await deps.releases.packages();
  const known = await deps.releases.list();
  if (!packages.includes(run.version) && known.includes(run.version)) return deps.releases.get(run.version);
  // Refused before anything of it is put into the home.
  const inspected = await inspect(run, known.includes(run.version), deps);
  if (inspected === undefined) return deps.releases.get(run.version);
  const { manifest, signedBy } = inspected;
  checkRunsHere(manifest);
  if (run.running) planPath(run.running.manifest, manifest, {}, await deps.releases.manifests());
  await checkRebuiltRelease(run, manifest, deps);
  const inUse = [...deps.fleet.runners].map((runner) => runner.vsn);
  await deps.releases.install(run.version, { inUse });
  run.findings.push({
    name: 'package_checksum',
    status: 'passed',
    value: `erlmcp-${run.version}.tar.gz`,
    limit: null,
  });
  run.findings.push({
    name: 'package_signature',
    status: signedBy === undefined ? 'skipped' : 'passed',
    value: signedBy === undefined ? 'release.trusted_keys names none' : `key ${signedBy}`,
    limit: null,
  });
  return deps.releases.get(run.version);
}

/** undefined: on the way back to what is installed its package, which lacks a signature that counts, is left alone. */
async function inspect(run: Run, installed: boolean, { releases }: UpgradeDeps) {
  try {
    return await releases.inspect(run.version);
  } catch (error) {
    if (run.direction === 'up' || !installed || !isSignatureRefusal(error)) throw error;
    run.findings.push({
      name: 'package_signature',
      status: 'skipped',
      value: `${run.version} is installed`,
      limit: null,
    });
    return undefined;
  }
}

/** `--force` goes on over a failed check of the machine, and says so. */
async function check(probe: Probe, run: Run): Promise<void> {
  const limit = probe.limit ?? null;
  try {
    const found = (await probe.run()) ?? null;
    const judged =
      found !== null && typeof found === 'object' ? found : { status: 'passed' as const, value: found };
    run.findings.push({ name: probe.name, limit, ...judged });
  } catch (error) {
    const message = `${reasonOf(error)}: ${messageOf(error)}`;
    run.findings.push({
      name: probe.name,
      status: run.force ? 'skipped' : 'failed',
      value: null,
      limit,
      message,
    });
    if (!run.force) throw error;
  }
}

/** Every row through its lens and back, in a process of its own that ends afterwards. */
async function lensCheck(run: Run, target: InstalledRelease, deps: UpgradeDeps): Promise<LensReport[]> {
  const checker = await deps.fleet.spawn(target.vsn, 'check', run.signal);
  checker.onProgress = checkProgress(run, {
    log: deps.log,
    tell: (message) => tellRunning(run, deps, message),
  });
  try {
    const broken = await checkSurface(run, checker, deps);
    // A dry run goes on, and tells of the rows too.
    if (broken && run.kind !== 'dry_run') throw broken;
    const call = checker.call('verifyLenses', { targets: tableVersions(target) }, remaining(run));
    const { reports } = await call;
    for (const report of reports) judge(report, run);
    if (broken) throw broken;
    return reports;
  } finally {
    run.progress = undefined;
    checker.kill('its check is done');
    await checker.ended;
  }
}

const tellRunning = (run: Run, { events }: UpgradeDeps, message: string): void =>
  events.tell({
    operation: run.operation,
    phase: 'pre_flight_checks',
    state: 'running',
    completed: run.phases.length,
    total: UPGRADE_PHASES.length,
    message,
  });

function judge(report: LensReport, run: Run): void {
  const [first] = report.failures;
  const losses = report.losses.map(
    ({ table, field, rows, firstKey }) =>
      `a rollback would lose ${table}.${field} (${rows} of ${report.rows} rows, first: ${firstKey})`,
  );
  run.findings.push({
    name: `lens ${report.table}`,
    status: first ? 'failed' : losses.length > 0 ? 'warning' : 'passed',
    value: `${report.rows} rows`,
    limit: null,
    ...(losses.length > 0 ? { message: losses.join('; ') } : {}),
  });
  if (first && !(run.direction === 'down' && run.force))
    throw lensFailure(first.table, first.key, first.reason);
}

export const lensFailure = (table: string, key: string, reason: string) =>
  refuse(
    tuple('ets_migration_failed', tuple(table, key, reason)),
    `Row ${printTerm(key)} of table ${table} can not be seen by the version to go to.`,
    'Mend the row or the lens, build the release anew, and try again; nothing was changed.',
  );
