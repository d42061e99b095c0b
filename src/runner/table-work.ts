/**
 * Work on whole tables, in a runner that does nothing else: reading every row, settling, restoring. Whatever happens to this
 * process, the tables are whole: all that it changes it changes in transactions, and the last of a restore changes over all at once.
 */
import { printKey, type Replacement, type TableStore, verifyBackup } from '../tables/index.ts';
import type { CopiedTable, RowsReport, SettleReport, TableProgress } from '../wire/index.ts';

/** Progress is told so often at the most, in ms. */
const TELL_MS = 200;

export class TableWork {
  readonly #store: TableStore;
  readonly #tell: (progress: TableProgress) => void;
  #told = 0;
  #copied: Replacement[] = [];

  constructor(store: TableStore, tell: (progress: TableProgress) => void) {
    this.#store = store;
    this.#tell = tell;
  }

  async verifyRows(tables: readonly string[] | undefined): Promise<RowsReport[]> {
    const reports = await this.#store.verifyRows({ tables, onProgress: this.progress });
    return reports.map((report) => ({
      ...report,
      versions: { ...report.versions },
      keys: report.keys.map(printKey),
    }));
  }

  /** @throws `backup_damaged` */
  verifyBackup(dir: string, tables: readonly string[] | undefined): Promise<Record<string, number>> {
    return verifyBackup(dir, { tables });
  }

  settle(): Promise<SettleReport[]> {
    return this.#store.maintenance.settle({
      onProgress: ({ table, looked, total }) => this.progress({ table, rows: looked, total }),
    });
  }

  /** @throws `bad_table`, `restore_failed`, `backup_damaged`; nothing is in anybody's way then */
  async copyFromBackup(dir: string, tables: readonly string[]): Promise<CopiedTable[]> {
    this.#copied = await this.#store.maintenance.copyFromBackup(dir, { tables, onProgress: this.progress });
    return this.#copied.map(({ entry, rows, place }) => ({ table: entry.name, rows, place }));
  }

  /** What `copyFromBackup` has copied takes its place. The result: where the replaced rows stand, by table. */
  async changeOver(): Promise<Record<string, string>> {
    const copied = this.#copied;
    this.#copied = [];
    const replaced = await this.#store.maintenance.changeOver(copied);
    return Object.fromEntries(copied.map(({ entry }, index) => [entry.name, replaced[index]!]));
  }

  dropPlaces(places: readonly string[]): Promise<void> {
    return this.#store.maintenance.dropPlaces(places);
  }

  /** To the host, a few times a second. */
  readonly progress = (progress: TableProgress): void => {
    const now = performance.now();
    if (now - this.#told < TELL_MS) return;
    this.#told = now;
    this.#tell(progress);
  };
}
