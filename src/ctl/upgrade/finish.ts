/** Says how an operation ended, and gives its exit code. */
import type { Finding, OperationResult } from '../../control/types.ts';
import { EXIT } from '../exit-codes.ts';
import { failureLine } from '../failure.ts';
import { printable } from '../output/format.ts';
import type { Terminal } from '../output/terminal.ts';
import { outcomeSentence, watchSentence } from '../output/upgrade-text.ts';
import { FINDING_COLUMNS } from './finding-columns.ts';

export function exitCodeOf({ outcome, error, watch }: OperationResult): number {
  if (outcome === 'emergency') return EXIT.emergency;
  if (outcome !== 'completed' && outcome !== 'unchanged') return error?.exit_code || EXIT.failed;
  return !watch.active && watch.ended === 'rolled_back' ? EXIT.failed : EXIT.ok;
}

export async function printEnd(result: OperationResult, terminal: Terminal): Promise<void> {
  const findings = shownFindings(result);
  if (findings.length > 0) terminal.print(`\n${await findingsTable(findings, terminal)}\n`);
  if (result.error) terminal.printError(`erlmcpctl: ${failureLine(result.error)}`);
  if (result.emergency || result.outcome === 'emergency') printEmergency(result, terminal);
  const good = exitCodeOf(result) === EXIT.ok;
  terminal.print(terminal.style(good ? 'green' : 'red', outcomeSentence(result)));
  if (result.kind === 'dry_run' && result.plan !== undefined) printPlan(result.plan, result, terminal);
  if (result.kind === 'upgrade' && result.outcome === 'completed') printWatch(result, terminal);
}

/** All where findings are what was asked for; otherwise those that someone has to look at. */
function shownFindings({ kind, findings }: OperationResult): readonly Finding[] {
  if (kind === 'dry_run' || kind === 'verify_only') return findings;
  return findings.filter(({ status }) => status === 'failed' || status === 'warning');
}

async function findingsTable(findings: readonly Finding[], terminal: Terminal): Promise<string> {
  const { table } = await import('../output/table.ts');
  return table(terminal, findings, FINDING_COLUMNS);
}

function printPlan(plan: string, { target_version }: OperationResult, terminal: Terminal): void {
  terminal.print(`Plan: ${plan}`);
  terminal.print(`  Carry it out with:  scripts/upgrade.sh ${target_version} --plan=${plan}`);
}

function printWatch({ watch, from_version }: OperationResult, terminal: Terminal): void {
  terminal.print(`Watch: ${watchSentence(watch)}.`);
  if (!watch.active) return;
  terminal.print('  See it with:     erlmcpctl status');
  terminal.print('  End it with:     erlmcpctl upgrade --accept');
  terminal.print(`  Go back with:    scripts/downgrade.sh ${from_version}`);
}

function printEmergency({ emergency }: OperationResult, terminal: Terminal): void {
  terminal.printError(terminal.style('red', 'emergency'));
  terminal.printError('Backups:');
  for (const path of emergency?.backups ?? []) terminal.printError(`  ${printable(path)}`);
  terminal.printError('Contacts:');
  for (const { role, contact } of emergency?.contacts ?? []) {
    terminal.printError(`  ${printable(role)}: ${printable(contact)}`);
  }
}
