import { differingFields, structuredEqual } from './equal.ts';
import type { RowFailure } from './failure-list.ts';
import type { LensChain } from './lens-chain.ts';
import { checkRow } from './row-check.ts';
import { DAMAGED } from './row-codec.ts';
import { reasonOf } from './table-error.ts';
import type { RowSchema, TableKey } from './types.ts';

/**
 * Puts rows through their lenses to the target version and back. A row that can't be had as the target version is a
 * failure; one that comes back changed is a loss, told by field: what a rollback of a row that the newer version
 * has rewritten would lose. Rows newer than the target are only seen through `down`, which loses nothing: they stay as they are.
 */
export interface LensTarget {
  readonly table: string;
  readonly version: number;
  readonly chain: LensChain;
  readonly schema: RowSchema | undefined;
}

export interface LensLoss {
  readonly table: string;
  readonly field: string;
  readonly rows: number;
  readonly firstKey: TableKey;
}

export interface LensReport {
  readonly rows: number;
  /** Rows per version that wrote them; 0 counts damaged ones. */
  readonly versions: Readonly<Record<number, number>>;
  /** Exact, where `failures` is cut off. */
  readonly failed: number;
  readonly failures: readonly RowFailure[];
  readonly losses: readonly LensLoss[];
}

export interface LensProgress {
  readonly rows: number;
  /** Rows in the table as the scan began. */
  readonly total: number;
}

const MAX_FAILURES = 100;

export class LensVerifier {
  readonly #target: LensTarget;
  readonly #versions = new Map<number, number>();
  readonly #failures: RowFailure[] = [];
  readonly #losses = new Map<string, { rows: number; firstKey: TableKey }>();
  #rows = 0;
  #failed = 0;

  constructor(target: LensTarget) {
    this.#target = target;
  }

  get rows(): number {
    return this.#rows;
  }

  /** @param row as stored */
  verify(key: TableKey, row: unknown, version: number): void {
    this.#rows++;
    this.#versions.set(version, (this.#versions.get(version) ?? 0) + 1);
    const fault = this.#faultOf(key, row, version);
    if (fault === undefined) return;
    this.#failed++;
    if (this.#failures.length < MAX_FAILURES) {
      this.#failures.push({ table: this.#target.table, key, reason: fault });
    }
  }

  report(): LensReport {
    const { table } = this.#target;
    return {
      rows: this.#rows,
      versions: Object.fromEntries(this.#versions),
      failed: this.#failed,
      failures: this.#failures,
      losses: [...this.#losses].map(([field, loss]) => ({ table, field, ...loss })),
    };
  }

  #faultOf(key: TableKey, row: unknown, version: number): string | undefined {
    const { chain, schema, version: target } = this.#target;
    if (row === DAMAGED) return 'the stored row fails its checksum';
    if (version === target) return undefined;
    if (!chain.has(version)) return `no lens leads from version ${version}`;
    if (chain.isNewer(version, target)) return checkRow(chain, row as object, version, target, schema);
    return this.#thereAndBack(key, row as object, version);
  }

  #thereAndBack(key: TableKey, row: object, version: number): string | undefined {
    const { chain, schema, version: target } = this.#target;
    let seen: object;
    try {
      seen = chain.view(row, version, target);
      if (schema !== undefined) seen = schema.parse(seen) as object;
    } catch (fault) {
      return reasonOf(fault);
    }
    try {
      const back = chain.view(seen, target, version);
      if (!structuredEqual(row, back)) for (const field of differingFields(row, back)) this.#lose(key, field);
      return undefined;
    } catch (fault) {
      return `the way back fails: ${reasonOf(fault)}`;
    }
  }

  #lose(key: TableKey, field: string): void {
    const loss = this.#losses.get(field);
    if (loss === undefined) this.#losses.set(field, { rows: 1, firstKey: key });
    else loss.rows++;
  }
}
