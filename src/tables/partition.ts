import { Catalogue } from './catalogue.ts';
import { Environment, type EnvironmentOptions } from './environment.ts';
import type { Storage } from './types.ts';
import { WayBack } from './way-back.ts';

/** One storage of a store: its environment, and the records that are kept in it beside the tables. */
export interface Partition {
  readonly storage: Storage;
  readonly environment: Environment;
  readonly catalogue: Catalogue;
  readonly wayBack: WayBack;
}

const WAY_BACK = '$way_back';

export async function openPartition(storage: Storage, options: EnvironmentOptions): Promise<Partition> {
  const environment = new Environment(options);
  const catalogue = await Catalogue.open(environment, storage);
  const wayBack = new WayBack(await environment.openRecords<string>(WAY_BACK));
  return { storage, environment, catalogue, wayBack };
}
