/**
 * Builds the packages that the tests of whole nodes use, once for a run: both reference releases, and 3.0.1 which fails in
 * `transform_state`. Tests find the folder with `inject('packages')`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildReference, buildVariant } from '../../examples/workspace/variants.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    packages: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'erlmcp-packages-'));
  await buildReference('2.1.0', folder);
  await buildReference('3.0.0', folder);
  await buildVariant({ vsn: '3.0.1', fault: { phase: 'transform_state', kind: 'throw' } }, folder);
  project.provide('packages', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
