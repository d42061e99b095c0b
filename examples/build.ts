/** `npm run releases`: builds the reference packages into `$ERLMCP_HOME/packages`, and a faulty 3.0.1 on demand. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { OperatorError, tuple } from '../src/errors/index.ts';
import type { BuiltRelease } from '../src/release/build/index.ts';
import {
  buildReference,
  buildVariant,
  FAULT_VERSION,
  parseFault,
  REFERENCE_VERSIONS,
} from './workspace/variants.ts';

const HELP = `Usage: npm run releases -- [--fault=<phase>:<kind>]

Builds the reference release 2.1.0 and 3.0.0 into $ERLMCP_HOME/packages (ERLMCP_HOME: current folder unless set).
  --fault=<phase>:<throw|exit|hang|oom|slow>   also builds 3.0.1: 3.0.0 with a fault that strikes in that phase
`;

async function main(): Promise<void> {
  const { fault: faultText, help } = readOptions();
  if (help) {
    process.stdout.write(HELP);
    return;
  }
  const fault = faultText === undefined ? undefined : parseFault(faultText);
  const out = join(resolve(process.env.ERLMCP_HOME || '.'), 'packages');
  for (const vsn of REFERENCE_VERSIONS) report(await buildReference(vsn, out));
  if (fault === undefined) return;
  report(await buildVariant({ vsn: FAULT_VERSION, fault }, out));
  process.stdout.write(
    `  ${FAULT_VERSION} fails in ${fault.phase} (${fault.kind})${fault.note ? `: ${fault.note}` : ''}\n`,
  );
}

function readOptions(): { fault?: string; help?: boolean } {
  try {
    return parseArgs({ options: { fault: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
      .values;
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError(tuple('bad_arguments'), what, 'See --help.', { cause, exitCode: 64 });
  }
}

const report = ({ path, sha256 }: BuiltRelease): boolean => process.stdout.write(`${sha256}  ${path}\n`);

try {
  await main();
} catch (error) {
  if (!(error instanceof OperatorError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
