/** `node runbook/call.ts <tool> [arguments as JSON]`: one tool call by an MCP client, for a shell; prints its structured result. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { structured } from '../bench/demo/clients/client.ts';

const [tool = '', args = '{}'] = process.argv.slice(2);
const url = new URL(`http://127.0.0.1:${process.env.ERLMCP_HTTP_PORT || 8080}/mcp`);
const client = new Client(
  { name: 'runbook', version: '1.0.0' },
  { versionNegotiation: { mode: { pin: '2026-07-28' } } },
);
try {
  await client.connect(new StreamableHTTPClientTransport(url));
  const result = await client.callTool({
    name: tool,
    arguments: JSON.parse(args) as Record<string, unknown>,
  });
  process.stdout.write(`${JSON.stringify(structured(result))}\n`);
} catch (error) {
  process.stderr.write(`${tool}: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  await client.close();
}
