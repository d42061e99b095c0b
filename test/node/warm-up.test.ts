import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import { replaceIn } from '../support/edit-sources.ts';
import { SessionClient } from '../support/mcp.ts';
import { eventually, startNode, type TestNode } from '../support/test-node.ts';

const VSN = '3.0.2';

/** Tools that say they only read, most of them falsely; `probes` tells what has become of them. */
const PROBES = `
import { setTimeout as delay } from 'node:timers/promises';
import type { McpServer } from '@modelcontextprotocol/server';
import { call, cast, type ToolExample } from 'erlmcp';
import { processes } from 'erlmcp/otp';
import { z } from 'zod';
import { notes } from './notes.ts';
import { toolError, toolResult } from './results.ts';

const seen = { tally: 0, eras: [] as string[], late: [] as string[] };

const write = () => notes.put({ id: 'warm', text: 'written by the warm-up', tags: [], priority: 0 });
const outcome = async (action: () => Promise<unknown>) => {
  try { await action(); return 'done'; } catch (error) { return String(error); }
};

export function registerProbes(server: McpServer): void {
  const probe = (name: string, handler: (context: any) => unknown, annotations = { readOnlyHint: true }) =>
    server.registerTool(name, { inputSchema: z.looseObject({}), annotations }, ((_input: unknown, context: unknown) => handler(context)) as never);
  probe('tally', ({ sessionId }) => {
    seen.tally++;
    const era = sessionId === undefined ? 'none' : 'session';
    if (!seen.eras.includes(era)) seen.eras.push(era);
    return toolResult({});
  });
  probe('probes', () => toolResult({ ...seen }));
  probe('writes', async () => { await write(); return toolResult({}); });
  probe('counts', async () => toolResult((await call('counter', ['increment'])) as never));
  probe('casts', async () => { cast('counter', ['increment'] as never); return toolError('nobody to cast to'); });
  probe('counts_outright', async () => toolResult((await processes.call('counter', ['increment'])) as never));
  probe('refuses', () => toolError('nothing\\n  to see'));
  probe('unmarked', () => { seen.late.push('unmarked was called'); return toolResult({}); }, {} as never);
  probe('lingers', async () => {
    await delay(2500);
    seen.late.push(await outcome(write), await outcome(() => call('counter', ['increment'])));
    return toolResult({});
  });
}

export const examples: ToolExample[] = [
  ...['tally', 'writes', 'counts', 'casts', 'counts_outright', 'refuses', 'unmarked', 'lingers', 'absent'].map((tool) => ({ tool })),
  { tool: 'tally', arguments: () => undefined },
  { tool: 'tally', arguments: () => { throw new Error('no such thing to ask for'); } },
];
`;

async function edit(folder: string): Promise<void> {
  await writeFile(join(folder, 'probes.ts'), PROBES);
  const workspace = join(folder, 'workspace.ts');
  await replaceIn(workspace, './examples.ts', './probes.ts');
  await replaceIn(
    workspace,
    'import { VSN }',
    "import { registerProbes } from './probes.ts';\nimport { VSN }",
  );
  await replaceIn(
    workspace,
    '  registerSystemTools(server);',
    '  registerSystemTools(server);\n  registerProbes(server);',
  );
}

const addVariant = ({ home }: TestNode, change: (folder: string) => Promise<void>) =>
  buildVariant({ vsn: VSN, edit: change }, join(home, 'packages'));

interface Probes {
  tally: number;
  eras: string[];
  late: string[];
}

const problemsIn = (log: string): string[] =>
  [...log.matchAll(/\[WARN\] Example of (.+?) component=/g)].map(([, text]) => text ?? '');

describe('the warm-up of a new runner', () => {
  it('calls examples of read-only tools, which reach no server and no row; those that fail are named', async () => {
    const node = await startNode();
    await addVariant(node, edit);
    const client = await SessionClient.open(node.url);
    await client.call('counter_increment');
    await client.call('note_add', { text: 'one' });

    const upgrade = await node.script('upgrade.sh', VSN);
    expect(upgrade.code, upgrade.stderr).toBe(0);
    expect(problemsIn(node.log('upgrade'))).toEqual([
      'writes is not used: what runs here may read tables, and not write them',
      expect.stringMatching(/^counts is not used: .*counter/),
      'casts is not used: nobody to cast to',
      expect.stringMatching(/^counts_outright is not used: .*counter/),
      'refuses is not used: nothing to see',
      'unmarked is not used: the tool is not annotated with readOnlyHint: true',
      expect.stringMatching(/^lingers is not used: .*no answer .* in 1000 ms/),
      'absent is not used: there is no tool of this name',
      'tally is not used: no such thing to ask for',
    ]);

    const late = await eventually('the end of what outlived its time', async () => {
      const probes = await client.call<Probes>('probes');
      return probes.late.length > 1 ? probes : undefined;
    });
    expect(late.late[0]).toContain('may read tables');
    expect(late.late[1]).toContain('counter');
    expect(late.late).toHaveLength(2);
    expect(late.tally).toBeGreaterThan(10);
    expect(late.eras.sort()).toEqual(['none', 'session']);
    expect((await client.call<{ notes: unknown[] }>('note_list')).notes).toHaveLength(1);
    expect(await client.call('counter_increment')).toEqual({ count: 2 });
    const metrics = JSON.stringify(await node.ctlJson('metrics'));
    expect(metrics).toContain('counter_increment');
    expect(metrics).not.toContain('tally');
  });

  it('uses every example of the reference release, where there is a note to ask for', async () => {
    const node = await startNode();
    const client = await SessionClient.open(node.url);
    await client.call('note_add', { text: 'one' });
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    expect(problemsIn(node.log('upgrade'))).toEqual([]);
    expect(node.log('upgrade')).toMatch(/\[INFO\] Warm-up done requests=\d{3,} examples=4/);
  });

  it('is where a release fails whose example ends its process; the old one serves on', async () => {
    const node = await startNode();
    await addVariant(node, async (folder) => {
      const file = join(folder, 'examples.ts');
      expect(await readFile(file, 'utf8')).toContain('whoami');
      await appendFile(
        file,
        '\n(examples as ToolExample[]).push({ tool: "whoami", arguments: () => process.exit(7) });\n',
      );
    });
    const upgrade = await node.script('upgrade.sh', VSN);
    expect(upgrade.code).toBe(1);
    expect(node.log('upgrade')).toContain('[ERROR] Upgrade failed at phase: load_modules');
    const client = await SessionClient.open(node.url);
    expect(await client.call('whoami')).toMatchObject({ version: '2.1.0' });
  });
});
