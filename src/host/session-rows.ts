/**
 * Removes what ended sessions have left in the tables: of a session that ends now at once, by each runner that may have written it;
 * of all others (the host or a runner died meanwhile, a backup was restored) when a runner begins to serve, and from time to time.
 * A session that has ended never comes back, so that nothing is removed that is still wanted.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { SESSION_TABLES } from '../release/session-tables.ts';
import type { TableStore } from '../tables/index.ts';
import type { Fleet } from './fleet.ts';
import type { Log } from './log.ts';
import type { Sessions } from './sessions.ts';

const FORGET_MS = 10_000;
/** Keys that are looked at in one go, about a millisecond's work. */
const PAGE = 500;
/** Between pages, so that a sweep takes no more than a fifth of the host's time. */
const PAUSE_MS = 5;

export class SessionRows {
  readonly #tables: Pick<TableStore, 'tables' | 'keys'>;
  readonly #sessions: Pick<Sessions, 'has'>;
  readonly #fleet: Pick<Fleet, 'runners' | 'active'>;
  readonly #log: Log;
  #sweeping = false;

  constructor(
    tables: Pick<TableStore, 'tables' | 'keys'>,
    sessions: Pick<Sessions, 'has'>,
    fleet: Pick<Fleet, 'runners' | 'active'>,
    log: Log,
  ) {
    this.#tables = tables;
    this.#sessions = sessions;
    this.#fleet = fleet;
    this.#log = log;
  }

  /** A session has ended, and its channels are closed. A runner that can not do this now leaves it to the next sweep. */
  forget(id: string): void {
    for (const runner of this.#fleet.runners)
      if (runner.state === 'serving' || runner.state === 'lingering')
        runner.call('forgetSessions', { ids: [id] }, FORGET_MS).catch(() => undefined);
  }

  /** Looks at every row, unless that is being done already; ends when no runner is active, and begins anew with the next. */
  async sweep(): Promise<void> {
    if (this.#sweeping) return;
    this.#sweeping = true;
    try {
      for (const { name } of this.#tables.tables())
        if (name.startsWith(SESSION_TABLES)) await this.#sweepTable(name);
    } catch (error) {
      this.#log.warn(`States of ended sessions could not be removed: ${(error as Error).message}`);
    } finally {
      this.#sweeping = false;
    }
  }

  async #sweepTable(name: string): Promise<void> {
    let page: string[] = [];
    do {
      const { active } = this.#fleet;
      if (active === undefined) return;
      page = (await this.#tables.keys(name, { after: page.at(-1), limit: PAGE })) as string[];
      const ids = page.filter((id) => !this.#sessions.has(id));
      if (ids.length > 0) await active.call('forgetSessions', { ids }, FORGET_MS);
      await delay(PAUSE_MS);
    } while (page.length === PAGE);
  }
}
