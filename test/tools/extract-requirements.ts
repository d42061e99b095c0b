/**
 * `node test/tools/extract-requirements.ts [runbook]`: exits 1 and names what the runbook requires and `test/requirements.ts`
 * lacks. Without an argument it reads `../shared/seed/upgrade-runbook.md` beside the project; where that is absent
 * (a clone elsewhere) it says so and exits 0, but a runbook that is named must exist.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { REQUIREMENTS } from '../requirements.ts';
import { missingRequirements, requirementsOf } from './runbook.ts';

const named = process.argv[2];
const path = named ?? fileURLToPath(new URL('../../../shared/seed/upgrade-runbook.md', import.meta.url));
if (named === undefined && !existsSync(path)) {
  console.log(`No runbook at ${path}: nothing to compare.`);
} else {
  const found = requirementsOf(readFileSync(path, 'utf8'));
  const missing = missingRequirements(found, REQUIREMENTS);
  for (const { kind, text, line } of missing)
    console.error(`${path}:${line} requires ${kind} \`${text}\`: not in test/requirements.ts`);
  if (missing.length === 0) console.log(`Runbook: ${found.length} mentions, all in test/requirements.ts.`);
  process.exitCode = missing.length === 0 ? 0 : 1;
}
