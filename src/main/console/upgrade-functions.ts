/** `erlmcp_upgrade_coordinator`, `erlmcp_upgrade_monitor` and `erlmcp_upgrade_smoke_test`, as the runbook calls them. */
import {
  atom,
  type Call,
  type ConsoleFunction,
  list,
  literal,
  map,
  OK,
  type Term,
  text,
  toTerm,
  tuple,
  UNDEFINED,
} from '../../admin/console/index.ts';
import type { Finding, HealthResult, UpgradeStatus } from '../../control/index.ts';
import { tuple as errorTuple, OperatorError } from '../../errors/index.ts';
import type { ConsoleSources } from './sources.ts';

export function upgradeFunctions({ control }: ConsoleSources): ConsoleFunction[] {
  return [
    {
      module: 'erlmcp_upgrade_coordinator',
      name: 'get_upgrade_status',
      args: [],
      summary: 'what an upgrade does, or did last',
      run: async (_args, { context }) => tuple(OK, statusTerm(await control.get_upgrade_status({}, context))),
    },
    {
      module: 'erlmcp_upgrade_monitor',
      name: 'get_system_health',
      args: [],
      summary: 'named checks with their values and limits, and a score',
      run: async (_args, { context }) => healthTerm(await control.get_system_health({}, context)),
    },
    ...['run_post_upgrade_checks', 'run_post_downgrade_checks'].map((name) => ({
      module: 'erlmcp_upgrade_smoke_test',
      name,
      args: [],
      summary: `exercises the node as the end of ${name.includes('downgrade') ? 'a downgrade' : 'an upgrade'} does, and tells each check`,
      run: (_args: readonly Term[], { context }: Call) => smokeTest(control, context),
    })),
  ];
}

async function smokeTest(control: ConsoleSources['control'], context: Call['context']): Promise<Term> {
  const { release: version } = await control.version({}, context);
  const { operation } = await control.upgrade({ version, verify_only: true }, context);
  const { findings, error } = await control.upgrade_follow({ operation }, context);
  if (findings.length === 0 && error !== null)
    throw new OperatorError(errorTuple('not_verified', error.term), error.message, error.remedy);
  return findingsTerm(findings);
}

function statusTerm(status: UpgradeStatus): Term {
  const { error_reason: reason } = status;
  return map([
    [atom('status'), atom(status.status)],
    [atom('current_version'), text(status.current_version)],
    [atom('target_version'), toTerm(status.target_version)],
    [atom('phases_completed'), list(status.phases_completed.map(({ phase }) => atom(phase)))],
    [atom('phases_total'), status.phases_total],
    [atom('start_time'), toTerm(status.start_time)],
    [atom('error_reason'), reason === null ? UNDEFINED : (literal(reason) ?? text(reason))],
  ]);
}

const healthTerm = ({ status, score, checks, timestamp }: HealthResult): Term =>
  map([
    [atom('status'), atom(status)],
    [atom('score'), toTerm(score)],
    [atom('checks'), list(checks.map(checkTerm))],
    [atom('timestamp'), text(timestamp)],
  ]);

const checkTerm = ({ name, status, value, limit, message }: HealthResult['checks'][number]): Term =>
  map([
    [atom('name'), atom(name)],
    [atom('status'), atom(status)],
    [atom('value'), toTerm(value)],
    [atom('limit'), toTerm(limit)],
    ...(message === undefined ? [] : [[atom('message'), text(message)] as const]),
  ]);

/** `{ok, [{version, passed, "2.1.0"}, …]}`, or `{error, [{Name, failed, Reason}, …]}` with those that failed. */
function findingsTerm(findings: readonly Finding[]): Term {
  const failed = findings.filter(({ status }) => status === 'failed');
  return failed.length === 0
    ? tuple(OK, list(findings.map((finding) => findingTerm(finding, finding.value))))
    : tuple(atom('error'), list(failed.map((finding) => findingTerm(finding, finding.message ?? null))));
}

const findingTerm = ({ name, status }: Finding, value: Finding['value']): Term =>
  tuple(atom(name), atom(status), toTerm(value));
