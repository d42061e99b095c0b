/** A node's stdio side in this process, over a home of its own, which can be restarted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type StdioLimits,
  type StdioTransport,
  startStdio,
} from '../../../src/host/transports/stdio/index.ts';
import { BridgeProcess } from './bridge-process.ts';
import { FakeGateway, FakeStore } from './fake-gateway.ts';

export class TestHost {
  readonly home = mkdtempSync(join(tmpdir(), 'stdio-'));
  readonly path = join(this.home, 'run', 'stdio.sock');
  readonly store = new FakeStore();
  readonly lines: string[] = [];
  upgrading = false;
  gateway = new FakeGateway(this.store);
  transport: StdioTransport | undefined;
  readonly #bridges: BridgeProcess[] = [];
  readonly #limits: Partial<StdioLimits>;

  constructor(limits: Partial<StdioLimits> = {}) {
    this.#limits = limits;
  }

  /** @param initializeError what each `initialize` is answered with. */
  async start(initializeError?: { code: number; message: string }): Promise<void> {
    this.gateway = new FakeGateway(this.store);
    this.gateway.initializeError = initializeError;
    const line = (level: string) => (message: string, fields?: Record<string, unknown>) => {
      this.lines.push(`[${level}] ${message}`);
      if (level === 'ERROR') throw new Error(message, { cause: fields?.error });
    };
    this.transport = await startStdio({
      gateway: this.gateway,
      path: this.path,
      log: { info: line('INFO'), warn: line('WARN'), error: line('ERROR') },
      upgrading: () => this.upgrading,
      limits: this.#limits,
    });
  }

  /** The node goes down, as at the end of its process: what it had in memory is gone. */
  async stop(): Promise<void> {
    await this.transport?.close();
    this.transport = undefined;
  }

  bridge(env: Record<string, string> = {}): BridgeProcess {
    const bridge = new BridgeProcess({ ERLMCP_HOME: this.home, ...env });
    this.#bridges.push(bridge);
    return bridge;
  }

  async end(): Promise<void> {
    await Promise.all(this.#bridges.map((bridge) => bridge.kill()));
    await this.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}
