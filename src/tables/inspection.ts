import type { Environment } from './environment.ts';
import { LensChain } from './lens-chain.ts';
import type { Partition } from './partition.ts';
import { DAMAGED } from './row-codec.ts';
import type { RowTable } from './row-table.ts';
import { readRows, scanRows } from './scan.ts';
import { TableError } from './table-error.ts';
import type { AnyTable, Chain, RowSchema, TableKey } from './types.ts';
import { type LensProgress, type LensReport, LensVerifier } from './verify-lens.ts';

/** Looks at stored tables, by name or handle, attached or not; changes nothing. */
export interface VerifyOptions {
  readonly table: AnyTable | string;
  /** Default: the chain that the store has for the table. */
  readonly chain?: Chain | undefined;
  /** Default: that of the handle, else the newest of the chain. */
  readonly version?: number | undefined;
  /** Of `version`. Default: that of the handle. */
  readonly schema?: RowSchema | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: LensProgress) => void) | undefined;
}

export interface VerifyRowsOptions {
  /** Default: all. */
  readonly tables?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: { table: string; rows: number; total: number }) => void) | undefined;
}

export interface RowsReport {
  readonly table: string;
  readonly rows: number;
  /** Rows by the version that wrote them; damaged ones are not among them. */
  readonly versions: Readonly<Record<number, number>>;
  /** Rows that fail their checksum, of which `keys` are the first, and those that are counted and can't be found any more. */
  readonly damaged: number;
  readonly keys: readonly TableKey[];
}

/** Damaged rows that are named, per table. */
const MAX_NAMED = 100;

/** Pages of the table can't be read: the rows on them are lost, those of other tables are not. */
function ifDamaged(error: unknown): TableError {
  if (error instanceof TableError && error.code === 'damaged') return error;
  throw error;
}

interface Located {
  readonly name: string;
  readonly key: string;
  readonly environment: Environment;
  readonly rows: RowTable;
}

export class Inspection {
  readonly #partitions: readonly Partition[];
  readonly #chains: ReadonlyMap<string, LensChain>;

  constructor(partitions: readonly Partition[], chains: ReadonlyMap<string, LensChain>) {
    this.#partitions = partitions;
    this.#chains = chains;
  }

  async verifyLens(options: VerifyOptions): Promise<LensReport> {
    const { verifier, located } = await this.#verifier(options);
    const { signal, onProgress } = options;
    const total = located.rows.count();
    const onChunk = onProgress && (() => onProgress({ rows: verifier.rows, total }));
    await scanRows(located.environment, located.rows, verifier.verify.bind(verifier), {
      signal,
      onChunk,
      considerate: true,
    });
    return verifier.report();
  }

  async verifyKeys(options: VerifyOptions, keys: readonly TableKey[]): Promise<LensReport> {
    const { verifier, located } = await this.#verifier(options);
    const visit = (key: TableKey, row: unknown, version: number): void => {
      if (row !== undefined) verifier.verify(key, row, version);
    };
    const { signal, onProgress } = options;
    const onChunk = onProgress && (() => onProgress({ rows: verifier.rows, total: keys.length }));
    await readRows(located.environment, located.rows, keys, visit, { signal, onChunk });
    return verifier.report();
  }

  async verifyRows({ tables, signal, onProgress }: VerifyRowsOptions): Promise<RowsReport[]> {
    const names =
      tables ?? this.#partitions.flatMap(({ catalogue }) => catalogue.list().map(({ name }) => name));
    const reports: RowsReport[] = [];
    for (const table of names) reports.push(await this.#verifyTable(table, { signal, onProgress }));
    return reports;
  }

  async #verifyTable(table: string, { signal, onProgress }: VerifyRowsOptions): Promise<RowsReport> {
    const { environment, rows } = await this.#locate(table);
    const versions: Record<number, number> = {};
    const report = { table, rows: 0, versions, damaged: 0, keys: [] as TableKey[] };
    const visit = (key: TableKey, row: unknown, version: number): void => {
      report.rows++;
      if (row !== DAMAGED) {
        versions[version] = (versions[version] ?? 0) + 1;
        return;
      }
      report.damaged++;
      if (report.keys.length < MAX_NAMED) report.keys.push(key);
    };
    let total = 0;
    const scan = async (): Promise<void> => {
      total = rows.count();
      const onChunk = onProgress && (() => onProgress({ table, rows: report.rows, total }));
      await scanRows(environment, rows, visit, { signal, onChunk });
    };
    const before = environment.stats().lastTransaction;
    const fault = await scan().catch(ifDamaged);
    // Where others have written meanwhile the numbers need not agree.
    const lost = environment.stats().lastTransaction === before ? total - report.rows : 0;
    report.damaged += Math.max(fault ? 1 : 0, lost);
    return report;
  }

  async rowsPerVersion(table: AnyTable | string, signal?: AbortSignal): Promise<Record<number, number>> {
    const { environment, rows } = await this.#locate(table);
    const counts = new Map<number, number>();
    const visit = (_key: TableKey, _row: unknown, version: number): void => {
      counts.set(version, (counts.get(version) ?? 0) + 1);
    };
    await scanRows(environment, rows, visit, { headerOnly: true, signal });
    return Object.fromEntries(counts);
  }

  async count(table: AnyTable | string): Promise<number> {
    return (await this.#locate(table)).rows.count();
  }

  async keys(
    name: string,
    { after, limit }: { after?: TableKey | undefined; limit: number },
  ): Promise<TableKey[]> {
    const { rows } = await this.#locate(name);
    const keys: TableKey[] = [];
    const from = after === undefined ? {} : { start: after, afterStart: true };
    rows.walk({ ...from, limit, headerOnly: true }, (key) => keys.push(key));
    return keys;
  }

  async #verifier(options: VerifyOptions): Promise<{ verifier: LensVerifier; located: Located }> {
    const located = await this.#locate(options.table);
    const handle = typeof options.table === 'string' ? undefined : options.table;
    const chain = this.#chainFor(located, options.chain, handle);
    const version = options.version ?? handle?.version ?? chain.newest;
    const schema = options.schema ?? (version === handle?.version ? handle.schema : undefined);
    return { verifier: new LensVerifier({ table: located.name, version, chain, schema }), located };
  }

  #chainFor(table: Located, chain: Chain | undefined, handle: AnyTable | undefined): LensChain {
    if (chain !== undefined) return new LensChain(table, chain);
    const known = this.#chains.get(table.name);
    if (known !== undefined) return known;
    if (handle !== undefined) return new LensChain(table, [{ version: handle.version }]);
    throw new TableError('bad_chain', 'no chain of lenses is known for it', { table: table.name });
  }

  async #locate(table: AnyTable | string): Promise<Located> {
    const name = typeof table === 'string' ? table : table.name;
    for (const partition of this.#partitions) {
      const { environment, catalogue } = partition;
      environment.refresh();
      const entry = catalogue.find(name);
      if (entry !== undefined) return { ...entry, environment, rows: await partition.rowsOf(name) };
    }
    throw new TableError('bad_table', 'the store has no such table', { table: name });
  }
}
