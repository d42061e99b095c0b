import { CATALOGUE, Catalogue } from './catalogue.ts';
import { CurrentRows } from './current-rows.ts';
import { Environment, type EnvironmentOptions } from './environment.ts';
import { IndexCatalogue } from './index-catalogue.ts';
import { IndexEntries } from './index-entries.ts';
import type { RowTable } from './row-table.ts';
import { Stamp } from './stamp.ts';
import { checkFormat } from './store-format.ts';
import { TableError } from './table-error.ts';
import type { Storage } from './types.ts';
import { WayBack } from './way-back.ts';

const WAY_BACK = '$way_back';
const INDEXES = '$indexes';
/** To give back an environment that can't be used. */
const CLOSE_MS = 10_000;
const INDEX_ENTRIES = '$index_entries';
/** Of the store itself. */
const OWN = [WAY_BACK, INDEXES, INDEX_ENTRIES, CATALOGUE];

/** One storage of a store: its environment, and the records that are kept in it beside the tables. */
export class Partition {
  readonly storage: Storage;
  readonly environment: Environment;
  readonly catalogue: Catalogue;
  readonly wayBack: WayBack;
  readonly indexes: IndexCatalogue;
  readonly #stamp: Stamp;
  readonly #tables = new Map<string, CurrentRows>();
  #seen: number | undefined;
  /** Told of a table whose rows were replaced by others. */
  onReplaced: (table: string) => void = () => {};

  private constructor(parts: PartitionParts) {
    this.storage = parts.storage;
    this.environment = parts.environment;
    this.catalogue = parts.catalogue;
    this.wayBack = parts.wayBack;
    this.indexes = parts.indexes;
    this.#stamp = parts.stamp;
    this.#seen = this.#stamp.read();
    this.environment.onSnapshot = (writing) => this.#follow(writing);
  }

  static async open(storage: Storage, options: EnvironmentOptions): Promise<Partition> {
    const environment = new Environment(options);
    const opened = openParts(storage, environment).catch(async (error: unknown) => {
      await environment.close(CLOSE_MS);
      throw error;
    });
    return new Partition(await opened);
  }

  /** A table's rows, wherever they are put; made if they are not there yet. */
  async rowsOf(name: string): Promise<RowTable> {
    const known = this.#tables.get(name);
    if (known) return known;
    const place = this.catalogue.placeOf(name);
    const rows = new CurrentRows(place, await this.environment.openRows(place));
    const entry = this.catalogue.find(name);
    if (entry) rows.belongTo({ table: name, key: entry.key });
    this.#tables.set(name, rows);
    return rows;
  }

  /** Makes sure that this process can go over to rows that are about to take a table's place. */
  async prepare(places: readonly string[]): Promise<void> {
    for (const place of places) await this.environment.openRows(place);
  }

  /** A restore has put other rows in the place of some tables: those that this process uses go over to them. */
  #follow(writing: boolean): void {
    const stamp = this.#stamp.read();
    if (stamp === this.#seen) return;
    let complete = true;
    for (const [name, rows] of this.#tables) {
      const place = this.catalogue.placeOf(name);
      if (place === rows.place) continue;
      const opened = this.environment.openedRows(place);
      if (opened !== undefined) {
        rows.move(place, opened);
        this.onReplaced(name);
      } else if (!writing) complete = this.#open(place);
      else
        throw new TableError('replaced', 'it was restored from a backup just now; try again', {
          table: name,
        });
    }
    if (complete) this.#seen = stamp;
  }

  /** For a process that was not told before, such as one that was parked: it goes over once they are open. */
  #open(place: string): false {
    void this.environment.openRows(place).then(
      () => this.#follow(false),
      () => undefined,
    );
    return false;
  }
}

interface PartitionParts {
  readonly storage: Storage;
  readonly environment: Environment;
  readonly stamp: Stamp;
  readonly catalogue: Catalogue;
  readonly wayBack: WayBack;
  readonly indexes: IndexCatalogue;
}

/** Once it is known that this code can read what is there, and that nothing is gone. */
async function openParts(storage: Storage, environment: Environment): Promise<PartitionParts> {
  const names = environment.names();
  // They are made before the first table, so that one which lacks beside a table is damage: a bit of its name has changed.
  if ([...names].some((name) => !OWN.includes(name)) && !OWN.every((name) => names.has(name)))
    throw environment.namesDamaged();
  const records = await environment.openRecords<never>(INDEXES);
  await checkFormat(environment, records);
  const stamp = new Stamp(records);
  const entries = new IndexEntries(await environment.openRecords<number>(INDEX_ENTRIES));
  const catalogue = await Catalogue.open(environment, storage, stamp);
  if (!isWhole(environment, catalogue)) throw environment.namesDamaged();
  const wayBack = new WayBack(await environment.openRecords<string>(WAY_BACK));
  return {
    storage,
    environment,
    stamp,
    catalogue,
    wayBack,
    indexes: new IndexCatalogue(records, entries, stamp),
  };
}

/** A table is entered after its rows were made, so that an entry without rows is damage. In one snapshot: others may write. */
function isWhole(environment: Environment, catalogue: Catalogue): boolean {
  environment.refresh();
  const names = environment.names();
  return catalogue.list().every(({ name }) => names.has(catalogue.placeOf(name)));
}
