/**
 * The reference releases with a state of sessions: `preference` in two versions, and tools that read and write it. A tool call
 * waits, before it writes, for as long as the file `hold-write` stands in the node's home; what has become of it is in `written`.
 */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { replaceIn } from './edit-sources.ts';
import { makeHome, type TestNode } from './test-node.ts';

const STATE = {
  '2.1.0': `version: 1, schema: z.object({ order: z.string() }), init: () => ({ order: 'newest' })`,
  '3.0.0': `version: 2, schema: z.object({ order: z.string(), limit: z.int() }), init: () => ({ order: 'newest', limit: 20 })`,
};

const CHAIN = {
  '2.1.0': '[{ version: 1 }]',
  '3.0.0':
    '[{ version: 1 }, { version: 2, lens: lens<{ session: string; order: string }, { session: string; order: string; limit: number }>()(add("limit", 20)) }]',
};

const module = (vsn: keyof typeof STATE): string => `
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { McpServer } from '@modelcontextprotocol/server';
import { session } from 'erlmcp';
import { z } from 'zod';
import { toolResult } from './results.ts';

export const preference = session.state({ name: 'preference', ${STATE[vsn]} });

const inHome = (file: string) => join(process.env.ERLMCP_HOME ?? '', file);

export function registerPreferenceTools(server: McpServer): void {
  server.registerTool('preference_get', { inputSchema: z.object({}), annotations: { readOnlyHint: true } }, (_input, context) =>
    toolResult({ ...preference.get(context), session: session.idOf(context) ?? null }));
  server.registerTool('preference_set', { inputSchema: z.looseObject({}) }, async (change, context) =>
    toolResult(await preference.update(context, (before) => ({ ...before, ...change }))));
  server.registerTool('preference_set_late', { inputSchema: z.looseObject({}) }, async (change, context) => {
    writeFileSync(inHome('held-write'), '');
    while (existsSync(inHome('hold-write'))) await delay(10);
    const outcome = await preference.update(context, (before) => ({ ...before, ...change })).then(
      () => 'written', (error) => String(error.code ?? error));
    writeFileSync(inHome('written'), outcome);
    return toolResult({ outcome });
  });
}
`;

async function edit(folder: string, vsn: keyof typeof STATE): Promise<void> {
  await writeFile(join(folder, 'preference.ts'), module(vsn));
  const workspace = join(folder, 'workspace.ts');
  await replaceIn(workspace, 'tables: [notes]', 'tables: [notes, preference]');
  await replaceIn(
    workspace,
    'import { VSN }',
    "import { preference, registerPreferenceTools } from './preference.ts';\nimport { VSN }",
  );
  await replaceIn(
    workspace,
    '  registerSystemTools(server);',
    '  registerSystemTools(server);\n  registerPreferenceTools(server);',
  );
  const appup = join(folder, 'appup.ts');
  await replaceIn(appup, 'import { defineAppup }', 'import { add, defineAppup, lens }');
  const text = await readFile(appup, 'utf8');
  await writeFile(appup, text.replace('notes: [', `'session.preference': ${CHAIN[vsn]},\n    notes: [`));
}

let folder: Promise<string> | undefined;

async function build(): Promise<string> {
  const built = await mkdtemp(join(tmpdir(), 'erlmcp-session-release-'));
  for (const vsn of ['2.1.0', '3.0.0'] as const)
    await buildVariant({ vsn, base: vsn, edit: (sources) => edit(sources, vsn) }, built);
  return built;
}

afterAll(async () => {
  const built = await folder;
  if (built !== undefined) await rm(built, { recursive: true, force: true });
});

/** A running node of the first of them, which can be upgraded to the second; it is gone when the test is over. */
export async function startSessionNode(config: Record<string, unknown> = {}): Promise<TestNode> {
  const node = await makeHome({ packages: [], config });
  onTestFinished(() => node.remove());
  folder ??= build();
  for (const vsn of ['2.1.0', '3.0.0'])
    for (const suffix of ['', '.sha256']) {
      const file = `erlmcp-${vsn}.tar.gz${suffix}`;
      await copyFile(join(await folder, file), join(node.home, 'packages', file));
    }
  await node.start('--release', '2.1.0');
  return node;
}
