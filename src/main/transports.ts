/** The node's transports by name: what each is doing, and how it is opened again with its sessions kept. */
import type { Transport } from '../control/index.ts';
import { OperatorError, tuple } from '../errors/index.ts';
import type { TransportName } from '../host/index.ts';
import type { OwnedParts } from './owned-parts.ts';

type State = Transport['state'];

interface Opened {
  state: State;
  since: Date;
}

export class Transports {
  readonly #node: OwnedParts;
  readonly #opened: Record<TransportName, Opened> = {
    http: { state: 'closed', since: new Date() },
    stdio: { state: 'closed', since: new Date() },
  };

  constructor(node: OwnedParts) {
    this.#node = node;
  }

  get mcpUrl(): string {
    return this.#node.http.address.url;
  }

  /** The transport's process has opened it. */
  opened(name: TransportName): void {
    this.#opened[name] = { state: 'open', since: new Date() };
    this.#node.registry.set('transport', name, 'host', process.pid);
  }

  closing(name: TransportName): void {
    this.#opened[name].state = 'closing';
    this.#node.registry.unset('transport', name, 'host');
  }

  closed(name: TransportName): void {
    this.#opened[name].state = 'closed';
  }

  list(): Transport[] {
    return [this.#describe('http'), this.#describe('stdio')];
  }

  #describe(name: TransportName): Transport {
    const { state, since } = this.#opened[name];
    const { http, stdio } = this.#node;
    const open = state === 'open';
    const connections = name === 'http' ? http?.connections : stdio?.connections();
    const address = name === 'http' ? `${http?.address.host}:${http?.address.port}` : stdio?.address;
    return {
      name,
      state,
      address: open ? (address ?? null) : null,
      connections: open ? (connections ?? 0) : 0,
      sessions: this.#sessionsOf(name),
      since: since.toISOString(),
    };
  }

  /** Sessions in use; those at rest are records and belong to no transport's connections. */
  #sessionsOf(name: TransportName): number {
    let count = 0;
    for (const session of this.#node.sessions.live()) if (session.transport === name) count++;
    return count;
  }

  /** Opens a transport again on its address; its sessions are kept. One that has failed is opened too. */
  async restart(name: TransportName): Promise<{ transport: Transport; sessions_kept: number }> {
    const opened = this.#opened[name];
    if (opened.state === 'opening')
      throw new OperatorError(
        tuple('restarting', name),
        `${name} is being opened already.`,
        'Wait a moment and look with: erlmcpctl transports',
      );
    opened.state = 'opening';
    this.#node.registry.unset('transport', name, 'host');
    try {
      await this.#node[name].restart();
    } catch (error) {
      opened.state = 'failed';
      throw error;
    }
    this.opened(name);
    return { transport: this.#describe(name), sessions_kept: this.#sessionsOf(name) };
  }

  get allOpen(): boolean {
    return Object.values(this.#opened).every(({ state }) => state === 'open');
  }
}
