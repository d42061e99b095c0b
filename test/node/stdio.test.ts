import { join } from 'node:path';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as TransportV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cites } from '../requirements.ts';
import { eventually, ROOT, startNode, type TestNode } from '../support/test-node.ts';

const INFO = { name: 'test', version: '1' };
const launch = (node: TestNode) => ({
  command: join(ROOT, 'bin/erlmcp'),
  args: ['stdio'],
  env: node.env as Record<string, string>,
});

async function connectV1(node: TestNode): Promise<ClientV1> {
  const client = new ClientV1(INFO);
  await client.connect(new TransportV1(launch(node)));
  onTestFinished(() => client.close());
  return client;
}

const version = async (client: Pick<ClientV1, 'callTool'>): Promise<unknown> =>
  (await client.callTool({ name: 'whoami', arguments: {} })).structuredContent;

describe('a stdio client', () => {
  it('of either SDK line lists and calls, over an upgrade', async () => {
    const node = await startNode();
    const old = await connectV1(node);
    const modern = new ClientV2(INFO);
    await modern.connect(new TransportV2(launch(node)));
    onTestFinished(() => modern.close());
    expect((await old.listTools()).tools).toHaveLength(6);
    expect((await modern.listTools()).tools).toHaveLength(6);
    await node.script('upgrade.sh', '3.0.0');
    expect(await version(old)).toMatchObject({ version: '3.0.0' });
    expect((await modern.callTool({ name: 'whoami', arguments: {} })).structuredContent).toMatchObject({
      version: '3.0.0',
    });
  });

  it('keeps its session when the node is killed and started again', async () => {
    const node = await startNode();
    const client = await connectV1(node);
    await version(client);
    await node.crash();
    await node.start();
    expect(await version(client)).toMatchObject({ version: '2.1.0' });
    expect((await node.ctlJson<{ sessions: { total: number } }>('status')).sessions.total).toBe(1);
  });

  it('is told when the node has been down for too long, and where it was looked for', async () => {
    const node = await startNode({ config: { timeouts: { stdio_offline_s: 1 } } });
    const client = await connectV1(node);
    await version(client);
    await node.erlmcp('stop');
    await expect(version(client)).rejects.toThrow(node.home);
    await node.start();
    expect(await version(client)).toMatchObject({ version: '2.1.0' });
  });
});

describe(`${cites('scenario.4')}`, () => {
  it('a bridge whose socket breaks comes back, and the log says so', async () => {
    const node = await startNode();
    const client = await connectV1(node);
    await version(client);
    const upgrading = node.script('upgrade.sh', '3.0.0');
    await eventually(
      'the upgrade',
      async () => (await node.ctlJson<{ phase: string | null }>('status')).phase !== null,
    );
    expect((await node.ctl('restart', 'stdio')).code).toBe(0);
    expect((await upgrading).code).toBe(0);
    expect(await version(client)).toMatchObject({ version: '3.0.0' });
    const log = node.log('erlmcp');
    expect(log).toContain(cites('log.transport_disconnected'));
    expect(log.indexOf(cites('log.transport_reconnecting'))).toBeGreaterThan(
      log.indexOf(cites('log.transport_disconnected')),
    );
  });
});
