/** The node's transports by name: what each is doing, and how it is opened again with its sessions kept. */
import type { Transport } from '../control/index.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import type { Sessions, TransportName } from '../host/index.ts';
import type { HttpTransport } from '../host/transports/http/index.ts';
import type { StdioTransport } from '../host/transports/stdio/index.ts';
import type { Registry } from './registry.ts';

type State = Transport['state'];

interface Opened {
  state: State;
  since: Date;
}

export class Transports {
  readonly #http: HttpTransport;
  readonly #stdio: StdioTransport;
  readonly #sessions: Sessions;
  readonly #registry: Registry;
  readonly #opened: Record<TransportName, Opened> = {
    http: { state: 'open', since: new Date() },
    stdio: { state: 'open', since: new Date() },
  };

  constructor(http: HttpTransport, stdio: StdioTransport, sessions: Sessions, registry: Registry) {
    this.#http = http;
    this.#stdio = stdio;
    this.#sessions = sessions;
    this.#registry = registry;
    registry.set('transport', 'http', 'host', process.pid);
    registry.set('transport', 'stdio', 'host', process.pid);
  }

  get mcpUrl(): string {
    return this.#http.address.url;
  }

  list(): Transport[] {
    return [this.#describe('http'), this.#describe('stdio')];
  }

  #describe(name: TransportName): Transport {
    const { state, since } = this.#opened[name];
    const http = name === 'http';
    const { host, port } = this.#http.address;
    const address = http ? `${host}:${port}` : this.#stdio.address;
    return {
      name,
      state,
      address: state === 'open' ? address : null,
      connections: http ? this.#http.connections : this.#stdio.connections(),
      sessions: this.#sessionsOf(name),
      since: since.toISOString(),
    };
  }

  /** Sessions in use; those at rest are records and belong to no transport's connections. */
  #sessionsOf(name: TransportName): number {
    let count = 0;
    for (const session of this.#sessions.live()) if (session.transport === name) count++;
    return count;
  }

  async restart(name: TransportName): Promise<{ transport: Transport; sessions_kept: number }> {
    const opened = this.#opened[name];
    if (opened.state === 'opening')
      throw new OperatorError(
        tuple('restarting', name),
        `${name} is being opened already.`,
        'Wait a moment and look with: erlmcpctl transports',
      );
    opened.state = 'opening';
    this.#registry.unset('transport', name, 'host');
    try {
      await (name === 'http' ? this.#http.restart() : this.#stdio.restart());
      opened.state = 'open';
      opened.since = new Date();
      this.#registry.set('transport', name, 'host', process.pid);
    } catch (error) {
      opened.state = 'failed';
      throw error;
    }
    return { transport: this.#describe(name), sessions_kept: this.#sessionsOf(name) };
  }

  get allOpen(): boolean {
    return Object.values(this.#opened).every(({ state }) => state === 'open');
  }

  async close(graceMs: number): Promise<void> {
    for (const opened of Object.values(this.#opened)) opened.state = 'closing';
    await Promise.all([this.#http.close(graceMs), this.#stdio.close()]);
    for (const opened of Object.values(this.#opened)) opened.state = 'closed';
  }
}
