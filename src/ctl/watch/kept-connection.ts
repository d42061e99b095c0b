/** A connection that is kept from one request to the next, and made again once it was lost or did not answer. */
import type { MethodName, ParamsOf, ResultOf } from '../../control/methods.ts';
import { ControlClient } from '../client.ts';
import { RemoteError } from '../failure.ts';

export class KeptConnection {
  readonly #home: string;
  #client: ControlClient | undefined;

  constructor(home: string) {
    this.#home = home;
  }

  /** Throws as ControlClient does; the next request starts afresh. */
  async request<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    withinMs: number,
  ): Promise<ResultOf<M>> {
    const deadline = performance.now() + withinMs;
    const left = (): number => Math.max(deadline - performance.now(), 1);
    if (this.#client?.isLost) this.close();
    this.#client ??= await ControlClient.connect(this.#home, left());
    try {
      return await this.#client.request(method, params, left());
    } catch (error) {
      if (!(error instanceof RemoteError)) this.close();
      throw error;
    }
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }
}
