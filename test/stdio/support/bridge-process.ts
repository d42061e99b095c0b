/** A real bridge process and a client of the test's own, which sends lines and sees every line that comes back. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from './wait.ts';

export const BRIDGE_MAIN = fileURLToPath(new URL('./bridge-main.ts', import.meta.url));

export interface Received {
  jsonrpc: string;
  id?: string | number | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown> & { content?: { text: string }[] };
  error?: { code: number; message: string; data?: { code: string; outcome: string } };
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  },
};

export const INITIALIZED = { jsonrpc: '2.0', method: 'notifications/initialized' };

/** The envelope of revision 2026-07-28. */
export const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

export class BridgeProcess {
  readonly child: ChildProcessWithoutNullStreams;
  readonly received: Received[] = [];
  /** What came that is no JSON: there must be none. */
  readonly garbage: string[] = [];
  stderr = '';
  readonly exit: Promise<number | NodeJS.Signals | null>;
  #rest = '';

  constructor(env: Record<string, string>) {
    this.child = spawn(process.execPath, [BRIDGE_MAIN], { env: { ...process.env, ...env } });
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.child.stdin.on('error', () => {});
    this.exit = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(code ?? signal)));
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      try {
        this.received.push(JSON.parse(line) as Received);
      } catch {
        this.garbage.push(line);
      }
    }
  }

  write(text: string): void {
    this.child.stdin.write(text);
  }

  send(...messages: object[]): void {
    this.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  }

  call(id: string | number, name: string, args: object, meta?: object): void {
    const params = { name, arguments: args, ...(meta ? { _meta: meta } : {}) };
    this.send({ jsonrpc: '2.0', id, method: 'tools/call', params });
  }

  find(id: string | number): Received | undefined {
    return this.received.find((message) => message.id === id && message.method === undefined);
  }

  answer(id: string | number): Promise<Received> {
    return until(`the answer to ${id}; stderr: ${this.stderr}`, () => this.find(id));
  }

  /** How many answers came for this request. */
  answers(id: string | number): number {
    return this.received.filter((message) => message.id === id && message.method === undefined).length;
  }

  async initialize(): Promise<void> {
    this.send(INITIALIZE);
    const { result } = await this.answer('init');
    if (!result) throw new Error('initialize failed');
    this.send(INITIALIZED);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exit;
  }
}
