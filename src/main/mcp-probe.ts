/** A real MCP client of the node's own transports, for the smoke test: initializes, lists the tools, and leaves. */
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const DEADLINE_MS = 5_000;
const REVISION = '2025-11-25';
const ACCEPT = 'application/json, text/event-stream';

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: REVISION,
    capabilities: {},
    clientInfo: { name: 'erlmcp-smoke-test', version: '1' },
  },
};
const listTools = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };

interface Answer {
  id?: number;
  result?: { tools?: unknown[]; serverInfo?: { version?: string } };
  error?: { message: string };
}

/** @returns how many tools the server lists */
export async function probeHttp(url: string): Promise<string> {
  const headers = { 'content-type': 'application/json', accept: ACCEPT };
  const post = async (message: unknown, session?: string): Promise<Response> =>
    await fetch(url, {
      method: 'POST',
      headers:
        session === undefined
          ? headers
          : { ...headers, 'mcp-session-id': session, 'mcp-protocol-version': REVISION },
      body: JSON.stringify(message),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  const opened = await post(initialize);
  require(await readAnswer(opened), 'initialize');
  const session = opened.headers.get('mcp-session-id') ?? '';
  try {
    return describe(require(await readAnswer(await post(listTools, session)), 'tools/list'));
  } finally {
    await fetch(url, {
      method: 'DELETE',
      headers: { 'mcp-session-id': session },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text}`);
  const sse = response.headers.get('content-type')?.startsWith('text/event-stream');
  return JSON.parse(sse ? (/^data: (.+)$/m.exec(text)?.[1] ?? '{}') : text) as Answer;
}

/** Launches `erlmcp stdio` as an MCP client does. */
export async function probeStdio(home: string): Promise<string> {
  const entry = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './erlmcp.ts' : './erlmcp.js', import.meta.url),
  );
  const child = spawn(process.execPath, [...process.execArgv, entry, 'stdio'], {
    env: { ...process.env, ERLMCP_HOME: home },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  yieldToClients(child.pid);
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  try {
    child.stdin.write(`${JSON.stringify(initialize)}\n`);
    for await (const line of createInterface({ input: child.stdout })) {
      const answer = JSON.parse(line) as Answer;
      if (answer.id === 1) {
        require(answer, 'initialize');
        child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
        child.stdin.write(`${JSON.stringify(listTools)}\n`);
      } else if (answer.id === 2) return describe(require(answer, 'tools/list'));
    }
    throw new Error(`erlmcp stdio gave no answer within ${DEADLINE_MS} ms`);
  } finally {
    clearTimeout(timer);
    child.stdin.end();
  }
}

/** To start a program takes a processor for a tenth of a second: right after a switch the clients need it more. */
function yieldToClients(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}

function require(answer: Answer, method: string): NonNullable<Answer['result']> {
  if (answer.result) return answer.result;
  throw new Error(`${method} was answered with an error: ${answer.error?.message}`);
}

const describe = (result: NonNullable<Answer['result']>): string => `${result.tools?.length ?? 0} tools`;
