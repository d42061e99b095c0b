import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REQUIREMENTS, type Requirement } from '../requirements.ts';
import { citationErrors, citations, citationsIn } from '../tools/citations.ts';
import { missingRequirements, requirementsOf } from '../tools/runbook.ts';

const TESTS = fileURLToPath(new URL('..', import.meta.url));
const SCRIPT = fileURLToPath(new URL('../tools/extract-requirements.ts', import.meta.url));
const RUNBOOK = fileURLToPath(new URL('../../../shared/seed/upgrade-runbook.md', import.meta.url));

describe('requirements', () => {
  it('are each cited by the test they name, or wait for a later issue', () => {
    expect(citationErrors(REQUIREMENTS, citations(TESTS))).toEqual([]);
  });

  it('have no text twice in one kind', () => {
    const keys = Object.values(REQUIREMENTS).map(({ kind, text }) => `${kind} ${text}`);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it.runIf(existsSync(RUNBOOK))('hold everything that the runbook asks for', () => {
    const found = requirementsOf(readFileSync(RUNBOOK, 'utf8'));
    expect(found.length).toBeGreaterThan(100);
    expect(missingRequirements(found, REQUIREMENTS)).toEqual([]);
  });
});

describe('the check of citations', () => {
  const list = (requirement: Requirement): Record<string, Requirement> => ({ 'log.started': requirement });
  const log: Requirement = { kind: 'log', text: '[INFO] Started' };
  const cited = citationsIn('a.test.ts', "  expect(log).toContain(cites('log.started'));");

  it.each([
    ['an uncited one', log, [], 'log.started: no test is named and none cites it'],
    ['a cited one that names no test', log, cited, 'log.started: no test is named (a.test.ts cites it)'],
    [
      'a test that does not cite it',
      { ...log, test: 'b.test.ts' },
      cited,
      'log.started: b.test.ts does not cite it',
    ],
    ['a stale letter', { ...log, issue: 'C' as const }, cited, 'remove the letter'],
    [
      'two marks',
      { ...log, issue: 'C' as const, test: 'a.test.ts' },
      cited,
      'one of test, issue and by is enough',
    ],
  ])('fails on %s', (_case, requirement, citations, complaint) => {
    expect(citationErrors(list(requirement), citations)).toEqual([expect.stringContaining(complaint)]);
  });

  it('fails on an id that no requirement has', () => {
    const unknown = citationsIn('a.test.ts', "run(cites('log.started')); run(cites('log.ended'));");
    expect(citationErrors(list({ ...log, test: 'a.test.ts' }), unknown)).toEqual([
      'a.test.ts: cites log.ended, which no requirement has',
    ]);
  });

  it('fails on a citation whose text is thrown away', () => {
    const idle = citationsIn('a.test.ts', "  cites('log.started');\n");
    expect(citationErrors(list({ ...log, test: 'a.test.ts' }), idle)).toEqual([
      'a.test.ts: cites log.started and does nothing with its text',
    ]);
  });

  it('passes one that is cited, one that waits and one that is done by a person', () => {
    expect(citationErrors(list({ ...log, test: 'a.test.ts' }), cited)).toEqual([]);
    expect(citationErrors(list({ ...log, issue: 'C' }), [])).toEqual([]);
    expect(citationErrors(list({ ...log, by: 'operator' }), [])).toEqual([]);
  });
});

describe('extract-requirements', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'erlmcp-runbook-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const extract = (runbook: string): { status: number | null; stderr: string } => {
    const path = join(folder, 'runbook.md');
    writeFileSync(path, runbook);
    return spawnSync(process.execPath, [SCRIPT, path], { encoding: 'utf8', timeout: 20_000 });
  };

  it.each([
    ['command', '```bash\nerlmcpctl levitate\n```', 'command `erlmcpctl levitate`'],
    ['option', '```bash\n./scripts/upgrade.sh 3.0.0 --sideways\n```', 'option `--sideways`'],
    ['log line', '```\n[WARN] Gravity lost\n```', 'log `[WARN] Gravity lost`'],
    ['check', '```\n☐ Gravity intact\n```', 'check `Gravity intact`'],
    ['threshold', '- **Minimum Gravity**: 9.81', 'threshold `Minimum Gravity: 9.81`'],
    ['step', '### Scenario 1: Planned Upgrade (Normal Flow)\n1. Jump', 'step `Scenario 1. Jump`'],
    ['inline command', '3. Look: `erlmcpctl levitate`', 'command `erlmcpctl levitate`'],
  ])('fails on a %s that the list lacks', (_kind, runbook, complaint) => {
    const { status, stderr } = extract(`# Runbook\n\n${runbook}\n`);
    expect(stderr).toContain(`requires ${complaint}`);
    expect(status).toBe(1);
  });

  it('passes a runbook whose requirements are all listed', () => {
    expect(extract('```bash\nerlmcpctl status\n```\n')).toMatchObject({ status: 0, stderr: '' });
  });
});
