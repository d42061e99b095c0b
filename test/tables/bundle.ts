/** Fixtures that are started often are bundled once, which makes them quick to start. */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';
import { afterAll } from 'vitest';
import { fixture } from './helpers.ts';

/** Path of the bundle, which lies in the project's folder, where `lmdb` is found; gone after the test file. For `beforeAll`. */
export async function bundleFixture(name: string): Promise<string> {
  const outfile = fixture(`../../../node_modules/.cache/erlmcp-test/${name}-${process.pid}.mjs`);
  await build({
    entryPoints: [fixture(name)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['lmdb', 'msgpackr', 'zod'],
    logLevel: 'error',
  });
  bundles.push(outfile);
  return outfile;
}

const bundles: string[] = [];
afterAll(() => {
  for (const file of bundles.splice(0)) rmSync(file, { force: true });
});
