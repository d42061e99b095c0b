/** A release like 2.1.0 with a second application, `audit`, which has the `ram` table `trail` of version 3 and type `set`. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { replaceIn } from './edit-sources.ts';
import type { TestNode } from './test-node.ts';

export const AUDIT_VERSION = '2.2.0';

const APPLICATION = `
import { defineApplication, defineAppup, table } from 'erlmcp';

const trail = table<{ id: string }, string>({ name: 'trail', version: 3, key: 'id', storage: 'ram', type: 'set' });
const appup = defineAppup({ application: 'audit', tables: { trail: [{ version: 3 }] } });

export default defineApplication({ name: 'audit', vsn: '1.0.0', tables: [trail], appup });
`;
const APPUPS = `
import { defineAppup } from 'erlmcp';
import workspace from './workspace-appup.ts';

export default [workspace, defineAppup({ application: 'audit', tables: { trail: [{ version: 3 }] } })];
`;

async function edit(folder: string): Promise<void> {
  const at = (file: string): string => join(folder, file);
  await writeFile(at('audit.ts'), APPLICATION);
  await writeFile(at('workspace-appup.ts'), await readFile(at('appup.ts')));
  await writeFile(at('appup.ts'), APPUPS);
  await replaceIn(at('workspace.ts'), "'./appup.ts'", "'./workspace-appup.ts'");
  await replaceIn(at('erlmcp.release.json'), '"workspace.ts"', '"workspace.ts", "audit.ts"');
}

/** Puts its package into the node's home. */
export async function addAuditRelease({ home }: TestNode): Promise<void> {
  await buildVariant({ vsn: AUDIT_VERSION, base: '2.1.0', edit }, join(home, 'packages'));
}
