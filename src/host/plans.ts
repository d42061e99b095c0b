/** What dry runs have found a node and a package to be, so that an upgrade can be held to it. The newest few are kept. */
import type { Database } from 'lmdb';

const KEPT = 20;

/** All that an upgrade depends on and that no write of a client changes. Digests are SHA-256 in hexadecimal. */
export interface PlanParts {
  /** The node: its host's name, its home, and the version of erlmcp. */
  node: string;
  /** The release that runs, and the digest of its manifest, which has those of its files. */
  running: string;
  runningDigest: string;
  target: string;
  targetDigest: string;
  /** Digest of each section of the configuration that an upgrade depends on. */
  config: Record<string, string>;
  /** Versions of the tables that the release to go to declares. */
  tables: Record<string, number>;
  /** Names of what pre-flight has found. */
  checks: string[];
}

export interface Plan {
  id: string;
  /** In ms since 1970. */
  at: number;
  parts: PlanParts;
}

export class Plans {
  readonly #plans: Database<Plan, string>;

  constructor(plans: Database<Plan, string>) {
    this.#plans = plans;
  }

  find(id: string): Plan | undefined {
    return this.#plans.get(id);
  }

  /** The newest first. */
  list(): Plan[] {
    return [...this.#plans.getRange()].map(({ value }) => value).sort((a, b) => b.at - a.at);
  }

  /** On disk when the promise resolves. */
  async keep(plan: Plan): Promise<void> {
    await this.#plans.transaction(() => {
      void this.#plans.put(plan.id, plan);
      for (const { id } of this.list().slice(KEPT)) void this.#plans.remove(id);
    });
    await this.#plans.flushed;
  }
}
