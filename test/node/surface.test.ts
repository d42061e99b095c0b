/** What a live node lets an upgrade take away from its clients, and whose packages it takes. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { buildVariant } from '../../examples/workspace/variants.ts';
import type { OperationResult } from '../../src/control/index.ts';
import { signPackage } from '../../src/release/signature.ts';
import { replaceIn } from '../support/edit-sources.ts';
import { call2026, SessionClient } from '../support/mcp.ts';
import { eventually, startNode, type TestNode } from '../support/test-node.ts';

vi.setConfig({ testTimeout: 180_000 });

const versionOf = async (node: TestNode): Promise<string> =>
  (await call2026<{ version: string }>(node.url, 'whoami')).version;

const TIGHT_LIMIT = 'text: z.string().max(5)';

/** 3.0.2: the tool `sleep` has another name, and a note may have five characters. */
const addNarrower = ({ home }: TestNode) =>
  buildVariant(
    {
      vsn: '3.0.2',
      edit: async (folder) => {
        await replaceIn(join(folder, 'system-tools.ts'), "'sleep'", "'nap'");
        await replaceIn(join(folder, 'note-tools.ts'), 'text: z.string()', TIGHT_LIMIT);
      },
    },
    join(home, 'packages'),
  );

const surfaceFindings = ({ findings }: OperationResult) =>
  findings
    .filter(({ name }) => name.startsWith('surface'))
    .map(({ name, status, value, message }) => [name, status, value, message ?? ''].join(' | '));

const NARROWER = [
  'tool note_add | S | input narrowed | text: maxLength none -> 5',
  'tool sleep | S | gone | ',
];
const narrower = (status: string) => [
  ...NARROWER.map((line) => `surface ${line.replace('| S |', `| ${status} |`)}`),
  `surface | ${status} | 2 | `,
];

describe('a release with a capability that is new', () => {
  it('names the sessions whose clients do not learn of it, and tells of no list that is as before', async () => {
    const node = await startNode();
    const edit = (folder: string) =>
      replaceIn(join(folder, 'workspace.ts'), 'logging: {},', 'logging: {}, experimental: { audit: {} },');
    await buildVariant({ vsn: '2.1.1', base: '2.1.0', edit }, join(node.home, 'packages'));
    const client = await SessionClient.open(node.url);
    const { messages, close } = await client.stream();
    expect((await node.script('upgrade.sh', '2.1.1')).code).toBe(0);
    const later = await SessionClient.open(node.url);
    const line = (id: string) => `Session ${id} learns of experimental only when`;
    await eventually('the line', () => node.log('upgrade').includes(line(client.id)));
    expect(node.log('upgrade')).not.toContain(line(later.id));
    expect((await node.script('downgrade.sh', '2.1.0')).code).toBe(0);
    expect(messages.filter(({ method }) => String(method).endsWith('list_changed'))).toEqual([]);
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    await eventually('the change', () =>
      messages.some(({ method }) => method === 'notifications/tools/list_changed'),
    );
    close();
  });
});

describe('a release that takes something away from clients', () => {
  it('is refused before anything has changed, let pass by name, and can be left again', async () => {
    const node = await startNode();
    await addNarrower(node);
    const client = await SessionClient.open(node.url);
    const { pid } = await client.call<{ pid: number }>('whoami');

    const refused = await node.script('upgrade.sh', '3.0.2', '--force');
    expect(refused.code).toBe(1);
    expect(refused.stderr.split('\n')[0]).toBe(
      'erlmcpctl: {surface_broken, ["tool note_add input narrowed", "tool sleep gone"]}: What clients of 2.1.0 use would fail in 3.0.2: ' +
        'tool note_add input narrowed (text: maxLength none -> 5), tool sleep gone. Keep it in the release, or let it pass with --allow-breaking.',
    );
    expect(node.log('upgrade')).toContain('Upgrade failed at phase: pre_flight_checks');
    expect(await client.call('whoami')).toEqual({ version: '2.1.0', pid });
    expect(node.runners()).toEqual([pid]);

    const dry = await node.ctlJson<OperationResult>('upgrade', '3.0.2', '--dry-run');
    expect([dry.outcome, dry.error?.exit_code]).toEqual(['failed', 1]);
    expect(surfaceFindings(dry).filter((line) => !line.includes('output changed'))).toEqual(
      narrower('failed'),
    );
    expect(dry.findings.some(({ name }) => name === 'lens notes')).toBe(true);

    const passed = await node.ctlJson<OperationResult>('upgrade', '3.0.2', '--allow-breaking');
    expect(passed.outcome).toBe('completed');
    expect(surfaceFindings(passed).filter((line) => !line.includes('output changed'))).toEqual(
      narrower('warning'),
    );
    expect(node.log('upgrade')).toContain(
      '[WARN] Clients lose something in 3.0.2: tool note_add input narrowed',
    );
    expect(await versionOf(node)).toBe('3.0.2');

    // What 3.0.2 has in addition is lost on the way back, which is never barred.
    const back = await node.ctlJson<OperationResult>('downgrade', '2.1.0');
    expect(back.outcome).toBe('completed');
    expect(surfaceFindings(back)).toContain('surface tool nap | warning | gone | ');
    expect(await client.call('whoami')).toEqual({ version: '2.1.0', pid });
  });

  it('is not one that only adds: nothing to look at in the reference release', async () => {
    const node = await startNode();
    const { outcome, findings } = await node.ctlJson<OperationResult>('upgrade', '3.0.0');
    expect(outcome).toBe('completed');
    const surface = findings.filter(({ name }) => name.startsWith('surface'));
    expect(surface).toContainEqual({ name: 'surface', status: 'passed', value: 0, limit: 0 });
    expect(surface.every(({ status }) => status === 'passed')).toBe(true);
  });

  it('whose server can not be asked is refused, and leaves no process behind', async () => {
    const node = await startNode();
    const edit = (folder: string) =>
      replaceIn(
        join(folder, 'system-tools.ts'),
        'export function registerSystemTools(server: McpServer): void {',
        "export function registerSystemTools(server: McpServer): void {\n  if (process.env.ERLMCP_HOME) throw new Error('no licence');",
      );
    await buildVariant({ vsn: '3.0.3', edit }, join(node.home, 'packages'));
    const before = node.runners();
    const refused = await node.script('upgrade.sh', '3.0.3');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('{surface_not_read, "3.0.3", "no licence"}');
    expect([node.runners(), await versionOf(node)]).toEqual([before, '2.1.0']);
  });
});

const pemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'spki' }) as string;

async function signIn({ home }: TestNode, vsn: string, key: KeyObject): Promise<void> {
  const path = join(home, `packages/erlmcp-${vsn}.tar.gz`);
  writeFileSync(`${path}.sig`, await signPackage(readFileSync(path), key));
}

describe('a node that takes signed packages alone', () => {
  it('refuses what is not signed by its key, whatever is forced, and goes back to what it had before', async () => {
    const node = await startNode();
    const [ours, theirs] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
    const configuration = { release: { trusted_keys: [pemOf(ours.publicKey)] } };
    await node.erlmcp('stop');
    writeFileSync(join(node.home, 'erlmcp.json'), JSON.stringify(configuration));
    // What is installed runs, although nobody has signed it.
    await node.start();

    const unsigned = await node.script('upgrade.sh', '3.0.0', '--force', '--allow-breaking');
    expect([unsigned.code, unsigned.stderr]).toEqual([
      1,
      expect.stringContaining('{signature_missing, "3.0.0"}: '),
    ]);
    await signIn(node, '3.0.0', theirs.privateKey);
    const foreign = await node.script('upgrade.sh', '3.0.0', '--force');
    expect([foreign.code, foreign.stderr]).toEqual([
      1,
      expect.stringContaining('{signature_invalid, "3.0.0"}: '),
    ]);
    const installed = await node.ctlJson<{ vsn: string }[]>('releases');
    expect(installed.map(({ vsn }) => vsn)).toEqual(['2.1.0']);

    await signIn(node, '3.0.0', ours.privateKey);
    const signed = await node.ctlJson<OperationResult>('upgrade', '3.0.0', '--dry-run');
    const value = expect.stringMatching(/^key [0-9a-f]{16}$/);
    expect(signed.findings).toContainEqual({
      name: 'package_signature',
      status: 'passed',
      value,
      limit: null,
    });
    expect((await node.script('upgrade.sh', '3.0.0')).code).toBe(0);
    expect(await versionOf(node)).toBe('3.0.0');

    // Its runner is not warm any more, and its package is still unsigned.
    await node.ctl('upgrade', '--accept');
    await node.erlmcp('stop');
    await node.start();
    const back = await node.ctlJson<OperationResult>('downgrade', '2.1.0');
    expect(back.outcome).toBe('completed');
    expect(back.findings).toContainEqual({
      name: 'package_signature',
      status: 'skipped',
      value: '2.1.0 is installed',
      limit: null,
    });
    expect(await versionOf(node)).toBe('2.1.0');
  });
});
