/**
 * The requirements of the operations runbook as data: each of its literals is exercised by the test file that it names
 * (relative to `test/`), or waits for the issue whose letter it has, or is done by a person and needs no program.
 * The list of letters only shrinks: `test/repository/requirements.test.ts` fails on an uncited entry and on a stale letter.
 */
import { COLUMN_REQUIREMENTS } from './column-requirements.ts';

export type RequirementKind =
  | 'command'
  | 'column'
  | 'option'
  | 'log'
  | 'file'
  | 'format'
  | 'phase'
  | 'check'
  | 'threshold'
  | 'scenario'
  | 'workflow'
  | 'step'
  | 'decision'
  | 'rule'
  | 'error'
  | 'console'
  | 'contact'
  | 'escalation';

/** C tables and their repair, D drain and the whole checklist, E judgement. */
export type LaterIssue = 'C' | 'D' | 'E';

export interface Requirement {
  kind: RequirementKind;
  text: string;
  test?: string;
  issue?: LaterIssue;
  by?: 'operator';
}

export const REQUIREMENTS = {
  ...COLUMN_REQUIREMENTS,
  'command.status': { kind: 'command', text: 'erlmcpctl status', test: 'node/operations.test.ts' },
  'command.health': { kind: 'command', text: 'erlmcpctl health', test: 'node/operations.test.ts' },
  'command.version': { kind: 'command', text: 'erlmcpctl version', test: 'node/operations.test.ts' },
  'command.uptime': { kind: 'command', text: 'erlmcpctl uptime', test: 'node/operations.test.ts' },
  'command.metrics': { kind: 'command', text: 'erlmcpctl metrics', test: 'node/operations.test.ts' },
  'command.transports': { kind: 'command', text: 'erlmcpctl transports', test: 'node/operations.test.ts' },
  'command.registry': { kind: 'command', text: 'erlmcpctl registry', test: 'node/operations.test.ts' },
  'command.upgrade': { kind: 'command', text: './scripts/upgrade.sh 3.0.0', test: 'node/upgrade.test.ts' },
  'command.downgrade': {
    kind: 'command',
    text: './scripts/downgrade.sh 2.1.0',
    test: 'node/upgrade.test.ts',
  },
  'command.downgrade_force': {
    kind: 'command',
    text: './scripts/downgrade.sh 2.1.0 --force',
    test: 'node/failed-upgrade.test.ts',
  },
  'option.force': { kind: 'option', text: '--force', test: 'node/failed-upgrade.test.ts' },
  'command.tail_log': { kind: 'command', text: 'tail -f log/erlmcp.log', test: 'node/operations.test.ts' },
  'command.grep_errors': {
    kind: 'command',
    text: 'grep ERROR log/erlmcp.log | tail -50',
    test: 'node/failed-upgrade.test.ts',
  },
  'command.sha256sum': {
    kind: 'command',
    text: 'sha256sum erlmcp-3.0.0.tar.gz',
    test: 'node/operations.test.ts',
  },
  'format.checksum': {
    kind: 'format',
    text: '<digest>  erlmcp-3.0.0.tar.gz',
    test: 'node/operations.test.ts',
  },
  'command.processes': { kind: 'command', text: 'erlmcpctl processes', test: 'node/process-views.test.ts' },
  'command.supervisors': {
    kind: 'command',
    text: 'erlmcpctl supervisors',
    test: 'node/process-views.test.ts',
  },
  'command.gen_servers': {
    kind: 'command',
    text: 'erlmcpctl gen_servers',
    test: 'node/process-views.test.ts',
  },
  'command.queues': { kind: 'command', text: 'erlmcpctl queues', test: 'node/process-views-queues.test.ts' },
  'command.ets_tables': { kind: 'command', text: 'erlmcpctl ets_tables', test: 'node/table-views.test.ts' },
  'command.mnesia_status': {
    kind: 'command',
    text: 'erlmcpctl mnesia_status',
    test: 'node/table-views.test.ts',
  },
  'command.resources': { kind: 'command', text: 'erlmcpctl resources', test: 'node/machine-views.test.ts' },
  'command.transport_stats': {
    kind: 'command',
    text: 'erlmcpctl transport_stats',
    test: 'node/transport-stats-views.test.ts',
  },
  'command.applications': {
    kind: 'command',
    text: 'erlmcpctl applications',
    test: 'node/process-views-applications.test.ts',
  },
  'command.memory': { kind: 'command', text: 'erlmcpctl memory', test: 'node/machine-views.test.ts' },
  'command.resume_supervisors': {
    kind: 'command',
    text: 'erlmcpctl resume_supervisors',
    test: 'node/process-views-resume.test.ts',
  },
  'file.erlmcp': { kind: 'file', text: 'log/erlmcp.log', test: 'node/operations.test.ts' },
  'file.upgrade': { kind: 'file', text: 'log/upgrade.log', test: 'node/operations.test.ts' },
  'file.error': { kind: 'file', text: 'log/error.log', test: 'node/operations.test.ts' },
  'file.console': { kind: 'file', text: 'log/console.log', test: 'node/operations.test.ts' },
  'log.upgrade_started': {
    kind: 'log',
    text: '[INFO] Upgrade to 3.0.0 started',
    test: 'node/upgrade.test.ts',
  },
  'log.pre_flight_passed': {
    kind: 'log',
    text: '[INFO] Pre-flight checks passed',
    test: 'node/upgrade.test.ts',
  },
  'log.upgrade_completed': {
    kind: 'log',
    text: '[INFO] Upgrade completed successfully',
    test: 'node/upgrade.test.ts',
  },
  'log.verification_passed': {
    kind: 'log',
    text: '[INFO] Verification passed',
    test: 'node/upgrade.test.ts',
  },
  'log.upgrade_failed': {
    kind: 'log',
    text: '[ERROR] Upgrade failed at phase: transform_state',
    test: 'node/failed-upgrade.test.ts',
  },
  'log.reason': {
    kind: 'log',
    text: '[ERROR] Reason: {transformation_failed, ...}',
    test: 'node/failed-upgrade.test.ts',
  },
  'log.automatic_rollback': {
    kind: 'log',
    text: '[WARN] Initiating automatic rollback',
    test: 'node/failed-upgrade.test.ts',
  },
  'log.transport_disconnected': {
    kind: 'log',
    text: '[WARN] Transport stdio disconnected during upgrade',
    test: 'node/stdio.test.ts',
  },
  'log.transport_reconnecting': {
    kind: 'log',
    text: '[INFO] Re-establishing transport connection',
    test: 'node/stdio.test.ts',
  },
  'phase.pre_flight_checks': { kind: 'phase', text: 'pre_flight_checks', test: 'node/upgrade.test.ts' },
  'phase.backup_state': { kind: 'phase', text: 'backup_state', test: 'node/upgrade.test.ts' },
  'phase.load_modules': { kind: 'phase', text: 'load_modules', test: 'node/upgrade.test.ts' },
  'phase.suspend_supervisors': { kind: 'phase', text: 'suspend_supervisors', test: 'node/upgrade.test.ts' },
  'phase.transform_state': { kind: 'phase', text: 'transform_state', test: 'node/upgrade.test.ts' },
  'phase.migrate_data': { kind: 'phase', text: 'migrate_data', test: 'node/upgrade.test.ts' },
  'phase.resume_supervisors': { kind: 'phase', text: 'resume_supervisors', test: 'node/upgrade.test.ts' },
  'phase.post_flight_checks': { kind: 'phase', text: 'post_flight_checks', test: 'node/upgrade.test.ts' },
  'check.applications_started': {
    kind: 'check',
    text: 'All applications started',
    test: 'node/smoke-test.test.ts',
  },
  'check.supervisors_running': {
    kind: 'check',
    text: 'All supervisors running',
    test: 'node/smoke-test.test.ts',
  },
  'check.gen_servers_reachable': {
    kind: 'check',
    text: 'All gen_servers reachable',
    test: 'node/smoke-test.test.ts',
  },
  'check.ets_tables_intact': { kind: 'check', text: 'ETS tables intact', test: 'node/smoke-test.test.ts' },
  'check.mnesia_consistent': {
    kind: 'check',
    text: 'Mnesia consistent (if used)',
    test: 'node/smoke-test.test.ts',
  },
  'check.registry_functional': {
    kind: 'check',
    text: 'Registry functional',
    test: 'node/smoke-test.test.ts',
  },
  'check.transports_operational': {
    kind: 'check',
    text: 'Transports operational',
    test: 'node/smoke-test.test.ts',
  },
  'check.version_correct': {
    kind: 'check',
    text: 'Version correct (3.0.0)',
    test: 'node/smoke-test.test.ts',
  },
  'check.no_error_spikes': {
    kind: 'check',
    text: 'No error spikes in logs',
    test: 'node/smoke-test.test.ts',
  },
  'check.performance': {
    kind: 'check',
    text: 'Performance within 10% of baseline',
    test: 'node/smoke-test.test.ts',
  },
  'threshold.runtime': {
    kind: 'threshold',
    text: 'Minimum Erlang/OTP: 28.0',
    test: 'ctl/launcher.test.ts',
  },
  'threshold.disk': {
    kind: 'threshold',
    text: 'Minimum Disk Space: 100MB free',
    test: 'node/failed-upgrade.test.ts',
  },
  'threshold.memory_free': {
    kind: 'threshold',
    text: 'Minimum Memory: 512MB free',
    test: 'node/failed-upgrade.test.ts',
  },
  'threshold.network': {
    kind: 'threshold',
    text: 'Network: Local node connectivity',
    test: 'node/failed-upgrade.test.ts',
  },
  'threshold.cpu': { kind: 'threshold', text: 'CPU usage: Should be < 80%', issue: 'E' },
  'threshold.memory': { kind: 'threshold', text: 'Memory: Should be < 90%', issue: 'E' },
  'threshold.throughput': {
    kind: 'threshold',
    text: 'Throughput: Should be within 10% of baseline',
    issue: 'E',
  },
  'threshold.degradation_low': {
    kind: 'threshold',
    text: 'Degradation < 10% -> Monitor, no action',
    issue: 'E',
  },
  'threshold.degradation_medium': {
    kind: 'threshold',
    text: 'Degradation 10-50% -> Investigate, consider rollback',
    issue: 'E',
  },
  'threshold.degradation_high': {
    kind: 'threshold',
    text: 'Degradation > 50% -> Immediate rollback',
    issue: 'E',
  },
  'threshold.twice_as_slow': {
    kind: 'threshold',
    text: 'Rollback if > 2x performance degradation',
    issue: 'E',
  },
  'threshold.scenario_1_time': { kind: 'threshold', text: 'Scenario 1. 5-10 minutes', by: 'operator' },
  'threshold.scenario_2_time': { kind: 'threshold', text: 'Scenario 2. 2-5 minutes', by: 'operator' },
  'threshold.scenario_3_time': { kind: 'threshold', text: 'Scenario 3. 10 minutes', by: 'operator' },
  'threshold.scenario_4_time': { kind: 'threshold', text: 'Scenario 4. 5 minutes', by: 'operator' },
  'threshold.scenario_5_time': { kind: 'threshold', text: 'Scenario 5. 5-15 minutes', by: 'operator' },
  'scenario.1': {
    kind: 'scenario',
    text: 'Scenario 1: Planned Upgrade (Normal Flow)',
    test: 'node/upgrade.test.ts',
  },
  'scenario.1.1': {
    kind: 'step',
    text: 'Scenario 1. Pre-flight checks',
    test: 'node/failed-upgrade.test.ts',
  },
  'scenario.1.2': { kind: 'step', text: 'Scenario 1. Execute upgrade', test: 'node/upgrade.test.ts' },
  'scenario.1.3': { kind: 'step', text: 'Scenario 1. Verify functionality', test: 'node/upgrade.test.ts' },
  'scenario.1.4': { kind: 'step', text: 'Scenario 1. Monitor for 1 hour', test: 'node/upgrade.test.ts' },
  'rule.rollback_plan': { kind: 'rule', text: 'Downgrade to v2.1.0', test: 'node/upgrade.test.ts' },
  'scenario.2': {
    kind: 'scenario',
    text: 'Scenario 2: Upgrade Failure Mid-Process',
    test: 'node/failed-upgrade.test.ts',
  },
  'scenario.2.1': { kind: 'step', text: 'Scenario 2. Check error logs', test: 'node/failed-upgrade.test.ts' },
  'scenario.2.2': {
    kind: 'step',
    text: 'Scenario 2. Identify failure reason',
    test: 'node/failed-upgrade.test.ts',
  },
  'scenario.2.3': { kind: 'step', text: 'Scenario 2. Execute rollback', test: 'node/failed-upgrade.test.ts' },
  'scenario.2.4': {
    kind: 'step',
    text: 'Scenario 2. Verify system recovery',
    test: 'node/failed-upgrade.test.ts',
  },
  'scenario.2.5': { kind: 'step', text: 'Scenario 2. Investigate root cause', by: 'operator' },
  'scenario.2.6': {
    kind: 'step',
    text: 'Scenario 2. Reattempt upgrade after fix',
    test: 'node/failed-upgrade.test.ts',
  },
  'rule.automatic_rollback': {
    kind: 'rule',
    text: 'Automatic rollback on critical failures',
    test: 'node/failed-upgrade.test.ts',
  },
  'scenario.3': { kind: 'scenario', text: 'Scenario 3: Post-Upgrade Performance Degradation', issue: 'E' },
  'scenario.3.1': { kind: 'step', text: 'Scenario 3. Monitor metrics for 5 minutes', issue: 'E' },
  'scenario.3.2': { kind: 'step', text: 'Scenario 3. If no improvement, rollback', issue: 'E' },
  'scenario.3.3': {
    kind: 'step',
    text: 'Scenario 3. Collect diagnostic data',
    test: 'node/machine-views.test.ts',
  },
  'scenario.3.4': { kind: 'step', text: 'Scenario 3. Report issue to engineering', by: 'operator' },
  'scenario.4': {
    kind: 'scenario',
    text: 'Scenario 4: Connection Drops During Upgrade',
    test: 'node/stdio.test.ts',
  },
  'scenario.4.1': {
    kind: 'step',
    text: 'Scenario 4. Check transport status',
    test: 'node/operations.test.ts',
  },
  'scenario.4.2': {
    kind: 'step',
    text: 'Scenario 4. Verify supervisor resume completed',
    test: 'node/operations.test.ts',
  },
  'scenario.4.3': {
    kind: 'step',
    text: 'Scenario 4. Restart failed transports',
    test: 'node/operations.test.ts',
  },
  'scenario.4.4': {
    kind: 'step',
    text: 'Scenario 4. If critical issue, rollback',
    test: 'node/failed-upgrade.test.ts',
  },
  'rule.drain': { kind: 'rule', text: 'Use graceful drain before upgrade', test: 'node/drain.test.ts' },
  'scenario.5': {
    kind: 'scenario',
    text: 'Scenario 5: ETS Table Corruption',
    test: 'node/table-tasks.test.ts',
  },
  'scenario.5.1': {
    kind: 'step',
    text: 'Scenario 5. Identify corrupted table from logs',
    test: 'node/table-tasks.test.ts',
  },
  'scenario.5.2': {
    kind: 'step',
    text: 'Scenario 5. Check table integrity',
    test: 'node/table-tasks.test.ts',
  },
  'scenario.5.3': {
    kind: 'step',
    text: 'Scenario 5. Restore from backup if available',
    test: 'node/table-tasks.test.ts',
  },
  'scenario.5.4': {
    kind: 'step',
    text: 'Scenario 5. If no backup, rollback immediately',
    test: 'node/table-tasks.test.ts',
  },
  'scenario.5.5': { kind: 'step', text: 'Scenario 5. Escalate to database team', by: 'operator' },
  'error.ets_migration_failed': {
    kind: 'error',
    text: 'ets_migration_failed',
    test: 'node/table-tasks.test.ts',
  },
  'workflow.1': {
    kind: 'workflow',
    text: 'Workflow 1: Upgrade Hangs',
    test: 'node/process-views-resume.test.ts',
  },
  'workflow.1.1': {
    kind: 'step',
    text: 'Workflow 1. Check Process Status',
    test: 'node/process-views-resume.test.ts',
  },
  'workflow.1.2': {
    kind: 'step',
    text: 'Workflow 1. Check Message Queues',
    test: 'node/process-views-resume.test.ts',
  },
  'workflow.1.3': {
    kind: 'step',
    text: 'Workflow 1. If supervisor suspended but not resuming',
    test: 'node/process-views-resume.test.ts',
  },
  'workflow.1.4': {
    kind: 'step',
    text: 'Workflow 1. Escalate if unresolved after 5 minutes',
    by: 'operator',
  },
  'workflow.2': { kind: 'workflow', text: 'Workflow 2: Verification Failures', issue: 'D' },
  'workflow.2.1': {
    kind: 'step',
    text: 'Workflow 2. Run Detailed Verification',
    test: 'node/smoke-test.test.ts',
  },
  'workflow.2.2': {
    kind: 'step',
    text: 'Workflow 2. Check Specific Failures',
    test: 'node/process-views-applications.test.ts',
  },
  'workflow.2.3': { kind: 'step', text: 'Workflow 2. Address Each Failure', issue: 'D' },
  'workflow.2.4': {
    kind: 'step',
    text: 'Workflow 2. Restart missing applications',
    test: 'node/process-views-applications.test.ts',
  },
  'workflow.2.5': {
    kind: 'step',
    text: 'Workflow 2. Restore missing ETS tables',
    test: 'node/table-tasks.test.ts',
  },
  'workflow.2.6': {
    kind: 'step',
    text: 'Workflow 2. Rollback if critical issues',
    test: 'node/failed-upgrade.test.ts',
  },
  'workflow.3': { kind: 'workflow', text: 'Workflow 3: Performance Issues', issue: 'E' },
  'workflow.3.1': { kind: 'step', text: 'Workflow 3. Collect Metrics', test: 'node/machine-views.test.ts' },
  'workflow.3.2': { kind: 'step', text: 'Workflow 3. Compare to Baseline', issue: 'E' },
  'workflow.3.3': { kind: 'step', text: 'Workflow 3. Decision Matrix', issue: 'E' },
  'decision.pre_flight_yes': {
    kind: 'decision',
    text: 'Pre-flight checks pass? Yes → Proceed with upgrade',
    test: 'node/failed-upgrade.test.ts',
  },
  'decision.pre_flight_no': {
    kind: 'decision',
    text: 'Pre-flight checks pass? No → Fix issues or postpone',
    test: 'node/failed-upgrade.test.ts',
  },
  'decision.completes_yes': {
    kind: 'decision',
    text: 'Upgrade completes? Yes → Run verification',
    test: 'node/upgrade.test.ts',
  },
  'decision.completes_no': {
    kind: 'decision',
    text: 'Upgrade completes? No → Automatic rollback → Investigate',
    test: 'node/failed-upgrade.test.ts',
  },
  'decision.verification_yes': {
    kind: 'decision',
    text: 'Verification passes? Yes → Monitor for 1 hour',
    test: 'node/upgrade.test.ts',
  },
  'decision.verification_no': {
    kind: 'decision',
    text: 'Verification passes? No → Rollback → Investigate',
    test: 'node/failed-upgrade.test.ts',
  },
  'decision.monitoring_yes': {
    kind: 'decision',
    text: 'Post-monitoring OK? Yes → Upgrade complete',
    test: 'node/upgrade.test.ts',
  },
  'decision.monitoring_no': {
    kind: 'decision',
    text: 'Post-monitoring OK? No → Rollback → Investigate',
    issue: 'E',
  },
  'decision.fix_yes': {
    kind: 'decision',
    text: 'Can fix within 5 minutes? Yes → Fix and continue',
    by: 'operator',
  },
  'decision.fix_no': { kind: 'decision', text: 'Can fix within 5 minutes? No → Rollback', by: 'operator' },
  'decision.integrity_yes': {
    kind: 'decision',
    text: 'Data integrity at risk? Yes → Immediate rollback',
    test: 'node/failed-upgrade.test.ts',
  },
  'decision.integrity_no': {
    kind: 'decision',
    text: 'Data integrity at risk? No → Graceful rollback',
    test: 'node/failed-upgrade.test.ts',
  },
  'decision.rollback_yes': {
    kind: 'decision',
    text: 'Rollback successful? Yes → Investigate and re-attempt',
    test: 'node/failed-upgrade.test.ts',
  },
  'decision.rollback_no': {
    kind: 'decision',
    text: 'Rollback successful? No → Emergency procedures',
    test: 'ctl/upgrade.test.ts',
  },
  'console.connect': {
    kind: 'console',
    text: 'erl -name inspector@127.0.0.1 -setcookie erlmcp -remsh erlmcp@127.0.0.1',
    test: 'node/console.test.ts',
  },
  'console.upgrade_status': {
    kind: 'console',
    text: '{ok, Status} = erlmcp_upgrade_coordinator:get_upgrade_status().',
    test: 'node/console.test.ts',
  },
  'console.system_health': {
    kind: 'console',
    text: 'Health = erlmcp_upgrade_monitor:get_system_health().',
    test: 'node/console.test.ts',
  },
  'console.smoke_test': {
    kind: 'console',
    text: 'erlmcp_upgrade_smoke_test:run_post_upgrade_checks().',
    test: 'node/console.test.ts',
  },
  'console.table_info': { kind: 'console', text: 'ets:info(Table)', test: 'node/table-tasks.test.ts' },
  'console.registry_info': {
    kind: 'console',
    text: 'ets:info(erlmcp_registry).',
    test: 'node/console.test.ts',
  },
  'console.registry_list': {
    kind: 'console',
    text: 'ets:tab2list(erlmcp_registry).',
    test: 'node/console.test.ts',
  },
  'contact.primary': {
    kind: 'contact',
    text: 'On-Call (Primary): +1-555-0101',
    test: 'node/contacts.test.ts',
  },
  'contact.secondary': {
    kind: 'contact',
    text: 'On-Call (Secondary): +1-555-0102',
    test: 'node/contacts.test.ts',
  },
  'contact.manager': {
    kind: 'contact',
    text: 'Escalation Manager: +1-555-0103',
    test: 'node/contacts.test.ts',
  },
  'contact.chat': {
    kind: 'contact',
    text: 'Emergency Chat: #erlmcp-emergency',
    test: 'node/contacts.test.ts',
  },
  'escalation.s1': {
    kind: 'escalation',
    text: 'S1 - Critical | 5 minutes | On-Call → Eng Lead → CTO',
    test: 'node/contacts.test.ts',
  },
  'escalation.s2': {
    kind: 'escalation',
    text: 'S2 - High | 15 minutes | On-Call → Eng Lead',
    test: 'node/contacts.test.ts',
  },
  'escalation.s3': {
    kind: 'escalation',
    text: 'S3 - Medium | 1 hour | On-Call',
    test: 'node/contacts.test.ts',
  },
  'escalation.s4': {
    kind: 'escalation',
    text: 'S4 - Low | Next business day | Standard support',
    test: 'node/contacts.test.ts',
  },
} as const satisfies Record<string, Requirement>;

export type RequirementId = keyof typeof REQUIREMENTS;

/** For tests: the literal text of a requirement, which the test then runs, looks for or compares. */
export const cites = (id: RequirementId): string => REQUIREMENTS[id].text;

/** What docs/RUNBOOK.md lacks, and the issue that adds it, with the block that executes it. The list only shrinks. */
export const RUNBOOK_WAITS: readonly { issue: LaterIssue; text: string }[] = [
  { issue: 'E', text: 'taken back by the watch' },
];
