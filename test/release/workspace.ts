/** One version of the reference release, running in this process: its tables, its servers, and an official client. */
import { Client } from '@modelcontextprotocol/client';
import { InMemoryTransport, McpServer } from '@modelcontextprotocol/server';
import { onTestFinished } from 'vitest';
import { Supervisor } from '../../src/otp/index.ts';
import type { Application } from '../../src/runner/application.ts';
import { openStore } from '../../src/tables/index.ts';
import { tempFolder } from './fixtures.ts';

export interface Running {
  client: Client;
  /** The structured result of a tool; checks that the text is the same JSON. */
  tool(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

export async function run(application: Application): Promise<Running> {
  const store = await openStore({ dir: await tempFolder() });
  onTestFinished(() => store.close());
  await store.attach(application.tables, application.appup?.tables ?? {});
  const supervisor = new Supervisor({ name: 'workspace_sup', children: application.children });
  await supervisor.start();
  onTestFinished(() => supervisor.stop());
  const client = await connect(application);
  const tool: Running['tool'] = async (name, args = {}) => {
    const { structuredContent, content, isError } = await client.callTool({ name, arguments: args });
    const [first] = content;
    if (first?.type !== 'text') throw new Error(`${name} gave no text`);
    if (isError) throw new Error(first.text);
    if (JSON.stringify(structuredContent) !== first.text) throw new Error(`${name}: text is not the result`);
    return structuredContent as Record<string, unknown>;
  };
  return { client, tool };
}

async function connect({ mcp }: Application): Promise<Client> {
  const server = await mcp?.({ era: 'legacy' });
  if (!(server instanceof McpServer)) throw new Error('the application makes no McpServer');
  const client = new Client({ name: 'test', version: '1' });
  const [here, there] = InMemoryTransport.createLinkedPair();
  await server.connect(there);
  await client.connect(here);
  onTestFinished(() => client.close());
  return client;
}
