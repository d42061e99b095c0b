/** `erlmcp release build <source> [--out DIR] [--sign KEY]`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { OperatorError, tuple } from '../errors/index.ts';
import { buildRelease } from '../release/build/index.ts';
import { homeOf, pathsOf } from './home.ts';

export async function release(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { out: { type: 'string' }, sign: { type: 'string' } },
  });
  const [verb, source, ...more] = positionals;
  if (verb !== 'build' || source === undefined || more.length > 0)
    throw new OperatorError(
      tuple('usage', 'release'),
      'What is to be built is missing.',
      'Use: erlmcp release build <source> [--out DIR] [--sign KEY]',
      { exitCode: 64 },
    );
  const out = resolve(values.out ?? pathsOf(homeOf(process.env)).packages);
  const built = await buildRelease(resolve(source), { out, sign: values.sign });
  process.stdout.write(`${built.path}\n${built.sha256}\n`);
  if (values.sign !== undefined) process.stdout.write(`${built.path}.sig\n`);
  return 0;
}
